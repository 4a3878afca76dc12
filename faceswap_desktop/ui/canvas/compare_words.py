"""What a comparison of two pictures says aloud."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QCoreApplication


class CompareMode(StrEnum):
    """How the two pictures are shown."""

    SLIDER = "slider"
    LENS = "lens"
    BLINK = "blink"


def describe(mode: CompareMode, divider: float, sides: tuple[str, str] | None, *, is_alone: bool) -> str:
    """Say what is seen and which keys do what.

    Args:
        mode: How the two are shown.
        divider: Where the divider stands, 0 to 1.
        sides: What stands on the left and on the right; None for an original and its result.
        is_alone: There is only the right one.
    """
    if is_alone:
        return _tr("The result is shown alone.")
    left, right = sides or (_tr("the original"), _tr("the result"))
    if mode is CompareMode.SLIDER:
        text = _tr("Divider at {percent} %. Left of it {left}, right of it {right}. Arrow keys move it.")
        return text.format(percent=round(divider * 100), left=left, right=right)
    if mode is CompareMode.LENS:
        if sides is None:
            return _tr("A lens shows original and result side by side. Arrow keys move it.")
        return _tr("A lens shows {left} and {right} side by side. Arrow keys move it.").format(left=left, right=right)
    if sides is None:
        return _tr("Hold the space bar to see the original.")
    return _tr("You see {right}. Hold the space bar to see {left}.").format(left=left, right=right)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CompareView", text)
