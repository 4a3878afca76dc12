"""What is said about the work on a video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faceswap_desktop.domain.errors import InputRefused, StorageError, WorkerError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.workers.render_requests import JoinedVideo, RenderedChunk

PUT_BACK: Final = message(
    "What is finished is kept. Put the file back where it was, and try again to go on from there."
)
_KEPT: Final = message(
    "The rest that is finished is kept. Try again to go on from there, or leave this moment out with in and out points."
)
_MEGABYTE: Final = 1e6


def changed(recipe: Recipe, *, is_rendering: bool) -> InputRefused:
    """The original is another file now."""
    if is_rendering:
        return InputRefused(
            message("“{name}” was changed or replaced while it was rendered.", name=shown_name(recipe.media.path)),
            PUT_BACK,
            kind="changed",
        )
    return InputRefused(
        message("“{name}” has changed since its faces were found.", name=shown_name(recipe.media.path)),
        message("Put the original back and try again, or open it again and pair its faces anew."),
        kind="changed",
    )


def crashed_at(error: WorkerError, recipe: Recipe, seconds: float) -> WorkerError:
    """A worker crashed twice over the same two seconds of a video.

    Args:
        error: What happened the second time.
        recipe: What was done.
        seconds: Where in the video.
    """
    name, time = shown_name(recipe.media.path), clock(seconds)
    match error.kind:
        case "hang":
            said = message(
                "Rendering “{name}” at {time} took too long, twice: nothing was heard.", name=name, time=time
            )
        case "memory":
            said = message("Rendering “{name}” at {time} needs more memory than it may use.", name=name, time=time)
        case _:
            said = message("The worker stopped unexpectedly, twice, in “{name}” at {time}.", name=name, time=time)
    return WorkerError(said, _KEPT, kind=error.kind)


def no_room(recipe: Recipe, free_bytes: int) -> StorageError:
    """The disk has no room for the next chunk, or for the result."""
    return StorageError(
        message(
            "The disk is full: only {free} MB are left, too little to go on with “{name}”.",
            free=int(free_bytes / _MEGABYTE),
            name=shown_name(recipe.media.path),
        ),
        message("What is finished is kept. Make room; it goes on by itself."),
        kind="disk-full",
    )


def nothing_to_render(recipe: Recipe) -> InputRefused:
    """The chosen part lies outside the video."""
    return InputRefused(
        message("“{name}” has no frames between the in and out points.", name=shown_name(recipe.media.path)),
        message("Set the in and out points again."),
        kind="empty",
    )


def notes_of(joined: JoinedVideo, chunks: Sequence[RenderedChunk]) -> tuple[str, ...]:
    """Return what is worth saying of a result."""
    notes = list(joined.notes)
    if faded := sum(chunk.faded for chunk in chunks):
        frames = "1 frame" if faded == 1 else f"{faded} frames"
        notes.append(f"In {frames} a face is turned too far or covered, and the original face shows through.")
    return tuple(dict.fromkeys(notes))


def clock(seconds: float) -> str:
    """Return a time in a video as people read it: ``0:07``, ``1:02:03``."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
