"""Tasks that say what a video result will be, and that make it of rendered chunks."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import av

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.atomic_file import flush_folder, storage_error
from faceswap_desktop.media.video.check import ResultWrong, check_result, digest_of
from faceswap_desktop.media.video.chunkfile import ChunkDamaged, read_header
from faceswap_desktop.media.video.join import Joined, JoinWork, join
from faceswap_desktop.media.video.picture_row import ChunksDiffer
from faceswap_desktop.media.video.plan import bytes_per_second, plan_result
from faceswap_desktop.media.video.source import source_picture
from faceswap_desktop.workers.label_work import video_notes
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of
from faceswap_desktop.workers.render_requests import JoinChunks, JoinedVideo, OutputPlan, PlanOutput, chunk_path

_JOINED: Final = 0.8
_CHECKED: Final = 0.95
_LITTLE_ROOM: Final = 4 * 2**20


def plan_output(request: PlanOutput, context: TaskContext) -> OutputPlan:
    """Say what a result will be, before it is made.

    Raises:
        InputRefused: The original cannot be opened.
        UsageError: The container cannot hold the codec, or the codec cannot hold the picture.
    """
    del context
    recipe = request.recipe
    plan = plan_result(recipe.media, recipe.output)
    notes = (*plan.notes, *_cut_notes(recipe))
    return OutputPlan(
        plan.target.name,
        plan.target.extension,
        plan.dropped,
        notes,
        bytes_per_second(recipe.media, recipe.output, plan.sound_bytes),
    )


def join_chunks(request: JoinChunks, context: TaskContext) -> JoinedVideo:
    """Join chunks, copy everything else from the original, check the result, and only then give it its name.

    Raises:
        InputRefused: The original is missing or has changed.
        StorageError: It cannot be written; kind ``chunk-damaged`` where chunks have to be rendered anew, ``check``
            where the result is not what it has to be.
    """
    recipe = request.recipe
    context.report(0.0, "join")
    check_same(recipe.media.path, recipe.media.fingerprint)
    index = index_of(recipe.media, request.files)
    plan = plan_result(recipe.media, recipe.output)
    final = Path(f"{request.scratch_path}{plan.target.extension}")
    work = JoinWork(
        original=recipe.media.path,
        index=index,
        source=source_picture(recipe.media.path, index, recipe.media.video.colour if recipe.media.video else None),
        chunks=tuple(Path(chunk_path(request.folder, number)) for number, _ in request.chunks),
        frames=_range_of(request),
        target=plan.target,
        tracks=plan.tracks,
        keep_place=recipe.output.keep_gps,
        # The container is told by name, so the file needs no extension while it is not whole.
        path=final.with_name(f".{final.name}.part"),
    )
    try:
        with _as_sentences(final):
            joined = join(work, lambda share: context.report(share * _JOINED, "join"))
            context.report(_JOINED, "check")
            _check(work, joined, lambda: context.report(_JOINED, "check"))
            digest = digest_of(work.path, lambda: context.report(_CHECKED, "check"))
            size = work.path.stat().st_size
            _settle(work.path, final)
    finally:
        with suppress(OSError):
            work.path.unlink(missing_ok=True)
    width, height = _shown_size(work, joined)
    notes = (*plan.dropped, *_light_notes(work), *plan.notes, *joined.notes, *_missing_notes(request))
    if request.is_whole:
        notes += (*_cut_notes(recipe), *video_notes(recipe, request.files))
    return JoinedVideo(str(final), width, height, plan.target.name, size, digest, tuple(dict.fromkeys(notes)))


# ------------------------------------------------------------------------------------------------------ small things


def _range_of(request: JoinChunks) -> FrameRange:
    return FrameRange(request.chunks[0][1].first, request.chunks[-1][1].end)


def _cut_notes(recipe: Recipe) -> tuple[str, ...]:
    facts = recipe.media.video
    if recipe.trim is None or facts is None or not (facts.audio or facts.subtitles):
        return ()
    return ("Sound is cut at the borders of its packets, up to a few hundredths of a second outside of the picture.",)


def _missing_notes(request: JoinChunks) -> tuple[str, ...]:
    missing = 0
    for number, frames in request.chunks:
        with suppress(ChunkDamaged):
            missing += len(frames) - read_header(chunk_path(request.folder, number), verify=False).packets
    if not missing:
        return ()
    frames_are = "1 frame" if missing == 1 else f"{missing} frames"
    return (f"{frames_are} could not be decoded; the picture before stands longer instead.",)


def _light_notes(work: JoinWork) -> tuple[str, ...]:
    return tuple(f"{name}: what changes from frame to frame is lost." for name in work.source.dynamic_light)


def _shown_size(work: JoinWork, joined: Joined) -> tuple[int, int]:
    width, height = joined.size
    matrix = work.source.display_matrix
    # The matrix turns by a quarter where its diagonal is empty.
    turned = bool(matrix) and matrix[0] == 0 and matrix[4] == 0
    return (height, width) if turned else (width, height)


def _settle(path: Path, final: Path) -> None:
    """Make a finished file safe on the disk and give it its name."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    path.replace(final)
    flush_folder(final.parent)


def _check(work: JoinWork, joined: Joined, progress: Callable[[], None]) -> None:
    try:
        check_result(work, joined, progress)
    except InputRefused as error:
        # The result cannot be opened: on a full disk its end is missing.
        raise ResultWrong(str(error)) from error


@contextmanager
def _as_sentences(final: Path) -> Iterator[None]:
    """Turn what goes wrong while joining into errors with sentences."""
    try:
        yield
    except FaceSwapError:
        raise
    except ChunkDamaged as error:
        raise StorageError(
            message("A part of the rendered video is damaged or gone."),
            message("Resume the job; the part is rendered again."),
            kind="chunk-damaged",
        ) from error
    except (ChunksDiffer, ResultWrong) as error:
        _raise_if_full(final)
        raise _check_failed(str(error)) from error
    except (OSError, av.error.FFmpegError) as error:  # a few of FFmpeg's are ValueErrors instead
        _raise_if_full(final)
        if error.errno and error.errno in errno.errorcode and not isinstance(error, av.error.ArgumentError):
            raise storage_error(final, OSError(error.errno, os.strerror(error.errno))) from error
        raise _check_failed(str(error)) from error


def _raise_if_full(final: Path) -> None:
    with suppress(FileNotFoundError):
        if shutil.disk_usage(final.parent).free < _LITTLE_ROOM:
            raise storage_error(final, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def _check_failed(reason: str) -> StorageError:
    return StorageError(
        message("The video was put together, but it did not pass its check: {reason}.", reason=reason.rstrip(".")),
        message("Try again; if it happens again, choose another container or codec, and report it."),
        kind="check",
    )


TASKS: Final[dict[str, Task]] = {
    "plan_output": plan_output,
    "join_chunks": join_chunks,
}
