"""What the stage of the Live page says: in the picture's place while there is none, and upon it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING

from faceswap_desktop.domain.live import CaptureEvent, CaptureNote, Shown
from faceswap_desktop.services import live_words
from faceswap_desktop.services.live_troubles import what_became_of
from faceswap_desktop.ui.live.words import bare_face_words, tr
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceswap_desktop.domain.faces import SourceFaceId
    from faceswap_desktop.domain.live_cloud import CloudLiveState
    from faceswap_desktop.services.live_state import LiveState


class Way(Flag):
    """What can be done about it, as buttons."""

    NONE = 0
    FILE = auto()
    RETRY = auto()


@dataclass(frozen=True, slots=True)
class StageNote:
    """What stands in the picture's place.

    Attributes:
        icon: Name of an icon.
        title: One sentence.
        hint: What helps.
        ways: Which buttons there are.
    """

    icon: str
    title: str
    hint: str = ""
    ways: Way = Way.NONE


def note_of(state: LiveState, *, has_camera: bool) -> StageNote | None:
    """Return what stands in the picture's place; None where the picture is there.

    Args:
        state: Of the session on this computer.
        has_camera: Whether there is something that gives pictures.
    """
    trouble = state.trouble
    if state.phase == "off":
        if state.error is not None:
            title, hint = text_of(state.error.message), text_of(state.error.hint)
            return StageNote("warning", title, hint, Way.RETRY | Way.FILE)
        if not has_camera:
            return StageNote(
                "live",
                tr("No camera is connected"),
                tr("Plug in a camera: it is found by itself. Or use a video or a picture instead."),
                Way.FILE,
            )
        return StageNote(
            "live",
            tr("Press Start to see yourself swapped"),
            tr(
                "Choose a source face on the shelf first, or while it runs. Only you see the picture, until you record "
                "it or hand it to other programs."
            ),
            Way.FILE,
        )
    if trouble is not None and trouble.event is CaptureEvent.FAILED:
        return StageNote("warning", trouble_words(trouble), trouble_help(trouble), Way.RETRY | Way.FILE)
    if state.phase == "starting":
        if trouble is not None and trouble.event is CaptureEvent.LOST:
            return StageNote("live", trouble_words(trouble), trouble_help(trouble), Way.FILE)
        return StageNote("live", tr("Starting…"), tr("The first picture takes a few seconds."))
    return None


def words_upon(state: LiveState, name_of: Callable[[SourceFaceId], str]) -> str:
    """Return what is said upon the running picture; empty for nothing.

    The gravest comes first: what keeps others from seeing the picture, then what keeps faces from being changed.
    """
    trouble = state.trouble
    if state.phase != "running" or state.panic is not None:
        return ""
    if trouble is not None and trouble.event is not CaptureEvent.STARTED:
        return f"{trouble_words(trouble)} {trouble_help(trouble)}".strip()
    if state.shown in {Shown.REFUSED, Shown.STALLED}:
        return text_of(state.why) or tr("Others see a card until the picture is back.")
    if state.is_frozen:
        return tr("Frozen: this picture stands for everybody.")
    return _words_of_faces(state, name_of) or (text_of(trouble.text) if trouble is not None else "")


def _words_of_faces(state: LiveState, name_of: Callable[[SourceFaceId], str]) -> str:
    if state.failed:
        source, why = state.failed[0]
        return tr("{name} cannot be used. {why}").format(name=name_of(source), why=text_of(why))
    if state.loading:
        return tr("{name} is being made ready…").format(name=name_of(state.loading[0]))
    if not state.people:
        return tr("Nobody is seen. Move into the light.")
    if not any(part.source or part.years for part in (state.everyone, *state.parts.values())):
        return bare_face_words(state) or tr("Choose a source face on the shelf: click it, or drag it onto a person.")
    return ""


def trouble_words(note: CaptureNote) -> str:
    """Say what is the matter with camera or microphone."""
    if note.text is not None:
        return text_of(note.text)
    return text_of(live_words.what(note.trouble)) if note.trouble is not None else tr("The camera gives no picture.")


def trouble_help(note: CaptureNote) -> str:
    """Say what helps; empty for nothing."""
    return text_of(live_words.what_helps(note.trouble)) if note.trouble is not None else ""


def cloud_note(state: CloudLiveState, provider: str) -> StageNote | None:
    """Return what stands in the page's place of a session at a service; None where the page is shown."""
    match state.phase:
        case "opening":
            return StageNote("cloud", tr("Opening a session at {provider}…").format(provider=provider))
        case "closing":
            words = tr("Closing the session at {provider}…").format(provider=provider)
            return StageNote("cloud", words, tr("It costs nothing any more once that is confirmed."))
        case "off" if state.error is not None:
            became = what_became_of(state.session)
            return StageNote("warning", text_of(state.error), text_of(became) if became is not None else "", Way.RETRY)
        case "off":
            words = tr("Press Start to go live at {provider}").format(provider=provider)
            hint = tr("What it costs is asked about first: nothing is sent, and nothing is spent, before you agree.")
            return StageNote("cloud", words, hint, Way.FILE)
        case _:
            return None


def cloud_words_upon(state: CloudLiveState, provider: str, *, is_frozen: bool) -> str:
    """Return what is said upon the page of a session at a service; empty for nothing."""
    if state.refused is not None:
        return text_of(state.refused)
    words = {
        "joining": tr("Joining… Your camera is sent to {provider} from now on."),
        "waiting": tr("Waiting for the swapped picture from {provider}…"),
        "lost": tr("The connection to {provider} is lost. It is being made again; the session goes on and costs."),
    }.get(state.phase, "")
    return words.format(provider=provider) or (tr("Frozen: this picture stands for everybody.") if is_frozen else "")
