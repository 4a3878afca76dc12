"""What can be done in the large view of a result, as lines in the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.canvas.compare_view import CompareMode
from faceswap_desktop.ui.gallery.viewer import ResultViewer

VIEWER_ACTIONS: Final = (
    *("back", "next", "previous", "zoom-in", "zoom-out", "zoom-fit", "zoom-actual"),
    *("compare-slider", "compare-lens", "compare-blink"),
)
"""Those that need the large view, without ``results.``."""

VIDEO_ACTIONS: Final = ("play", "step", "step-back")
"""Those that need a video in it."""


def viewer_specs(viewer: ResultViewer, set_mode: Callable[[CompareMode], object]) -> list[ActionSpec]:
    """Make the specs for comparing, playing and zooming."""
    compare, video = viewer.compare, viewer.video
    modes = (
        (CompareMode.SLIDER, _tr("Compare with a slider"), "1", "compare"),
        (CompareMode.LENS, _tr("Compare with a lens"), "2", "lens"),
        (CompareMode.BLINK, _tr("Compare by blinking"), "3", "blink"),
    )
    playing = (
        ("play", _tr("Play or pause"), video.toggle, "Space", "play"),
        ("step", _tr("Next frame"), partial(video.player.step, 1), ".", "step-forward"),
        ("step-back", _tr("Previous frame"), partial(video.player.step, -1), ",", "step-back"),
    )
    zooming = (
        ("in", _tr("Zoom in"), compare.zoom_in, "+; =; Ctrl++; Ctrl+=", "zoom-in"),
        ("out", _tr("Zoom out"), compare.zoom_out, "-; Ctrl+-", "zoom-out"),
        ("fit", _tr("Fit the picture"), compare.fit, "F; Ctrl+0", "fit"),
        ("actual", _tr("Actual size"), compare.actual_size, "Z; Ctrl+Alt+0", "actual-size"),
    )
    return [
        *[
            ActionSpec(
                id=f"results.compare-{mode}",
                text=text,
                run=partial(set_mode, mode),
                shortcut=key,
                menu=Menu.VIEW,
                group=5,
                icon=icon_name,
            )
            for mode, text, key, icon_name in modes
        ],
        *[
            ActionSpec(
                id=f"results.{one}",
                text=text,
                run=run,
                shortcut=keys,
                menu=Menu.PLAYBACK,
                icon=icon_name,
                is_enabled=False,
            )
            for one, text, run, keys, icon_name in playing
        ],
        *[
            ActionSpec(id=f"results.zoom-{one}", text=text, run=run, shortcut=keys, menu=Menu.VIEW, icon=icon_name)
            for one, text, run, keys, icon_name in zooming
        ],
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Gallery", text)
