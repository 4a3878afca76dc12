"""What the Live page says in several places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.live import LivePart, PanicPicture, Resolution, Shown, WhenLost

if TYPE_CHECKING:
    from faceswap_desktop.services.live_state import LiveState

PANIC_KEY = "F12"


def tr(text: str) -> str:
    """Translate a text of the Live page."""
    return QCoreApplication.translate("Live", text)


def part_words(part: LivePart, source: str) -> str:
    """Say what is done to a face: "becomes Grace, +5 years", "10 years older", "stays as it is"."""
    # The window needs the rest of this before it is painted.
    from faceswap_desktop.ui.item_models.face_list import signed_years, years_words

    if source and part.years:
        return tr("becomes {name}, {years}").format(name=source, years=signed_years(part.years))
    if source:
        return tr("becomes {name}").format(name=source)
    return years_words(part.years) if part.years else tr("stays as it is")


def panic_choices() -> list[tuple[PanicPicture, str]]:
    """Name what the panic key can show."""
    return [
        (PanicPicture.CARD, tr("A card")),
        (PanicPicture.BLACK, tr("Black")),
        (PanicPicture.CAMERA, tr("The bare camera")),
    ]


def lost_choices() -> list[tuple[WhenLost, str]]:
    """Name what can be shown while a face cannot be found."""
    return [
        (WhenLost.AS_IS, tr("The camera's picture")),
        (WhenLost.HOLD, tr("The last swapped picture")),
        (WhenLost.CARD, tr("A card")),
    ]


def panic_words(panic: PanicPicture) -> str:
    """Say what others see while the panic key is on."""
    return {
        PanicPicture.CARD: tr("Others see a card."),
        PanicPicture.BLACK: tr("Others see black."),
        PanicPicture.CAMERA: tr("Others see your camera, unswapped."),
    }[panic]


def bare_face_words(state: LiveState) -> str:
    """Say that the user's own face leaves the window; empty where it does not, or the user wished it so.

    That is so where nobody has a part: neither a source face nor another age.
    """
    if any(part.source or part.years for part in (state.everyone, *state.parts.values())):
        return ""
    if state.phase != "running" or state.panic is not None or state.shown not in {Shown.SWAPPED, Shown.CAMERA}:
        return ""
    if state.recording is not None:
        return tr("Your own face is recorded: choose a source face.")
    if state.virtual_camera:
        return tr("Other programs show your own face: choose a source face.")
    return ""


def panic_hint() -> str:
    """Say how it ends."""
    return tr("Press {key} to show the swapped picture again.").format(key=PANIC_KEY)


def resolution_words(resolution: Resolution) -> str:
    """Return "1280 × 720 · 30 fps"."""
    # Cameras say 29.97 where they mean 30.
    rate = f"{resolution.per_second:.3g}"
    return tr("{width} × {height} · {rate} fps").format(width=resolution.width, height=resolution.height, rate=rate)
