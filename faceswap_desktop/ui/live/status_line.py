"""The line under the live picture: how well it goes, what is recorded, what it costs. Its place is always there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from faceswap_desktop.domain.live import PanicPicture
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.live.words import resolution_words, tr
from faceswap_desktop.ui.studio.cloud_words import money_text
from faceswap_desktop.ui.texts import clock_text, percent_text, size_text
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.labels import ElidedLabel, IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from faceswap_desktop.domain.live_cloud import CloudLiveState
    from faceswap_desktop.services.live_state import LiveState

_HEIGHT: Final = 32
_FULL: Final = 0.995


class StatusLine(QFrame):
    """Figures at the left, the recording at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        self.setFixedHeight(_HEIGHT)
        name(self, "live-status", self.tr("How well it goes"))
        self._figures = ElidedLabel("", "small", self)
        name(self._figures, "live-figures", "")
        self._dot = IconLabel("record", 16, IconColour.DANGER, self)
        self._recording = PlainLabel("", "small", self)
        name(self._recording, "live-recording", "")
        self._recording.setMinimumWidth(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(PAD, 0, PAD, 0)
        row.setSpacing(HALF)
        row.addWidget(self._figures, 1)
        row.addSpacing(GRID)
        row.addWidget(self._dot)
        row.addWidget(self._recording)
        self._show_recording("")

    @property
    def text(self) -> str:
        """What it says at the left."""
        return self._figures.text()

    @property
    def recording_text(self) -> str:
        """What it says of the recording; empty while nothing is recorded."""
        return self._recording.text()

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as the smallest window needs."""
        return QSize(120, _HEIGHT)

    def show_live(self, state: LiveState) -> None:
        """Show how a session on this computer goes."""
        parts = _figures(state) if state.phase == "running" else []
        tip = _tip(state) if parts else ""
        self._say(" · ".join(parts), tip)
        recorded = state.recording
        words = ""
        if recorded is not None:
            words = f"{clock_text(recorded.seconds)} · {size_text(recorded.size_bytes)}"
        self._show_recording(words)

    def show_cloud(self, state: CloudLiveState, recording: str = "") -> None:
        """Show how a session at a service goes, and what it costs."""
        figures, parts = state.figures, []
        if state.phase not in {"off", "opening", "joining"}:
            spent = money_text(round(state.credits, 1), "credits")
            parts = [clock_text(state.seconds), tr("about {money}").format(money=spent)]
            if figures.shown_per_second:
                parts.append(tr("{n} pictures per second").format(n=round(figures.shown_per_second)))
            if figures.round_trip_ms is not None:
                parts.append(tr("round trip {n} ms").format(n=round(figures.round_trip_ms)))
        tip = ""
        if parts:
            tip = tr("Sent: {sent} per second, {up} kbit/s. Received: {down} kbit/s, {lost} lost.").format(
                sent=round(figures.sent_per_second),
                up=round(figures.sent_kbits),
                down=round(figures.received_kbits),
                lost=percent_text(figures.lost_share),
            )
        self._say(" · ".join(parts), tip)
        self._show_recording(recording)

    def _say(self, words: str, tip: str) -> None:
        if words != self._figures.text():
            self._figures.setText(words)
            self._figures.setAccessibleName(words)
        self.setToolTip(tip)
        self._figures.setAccessibleDescription(tip)

    def _show_recording(self, words: str) -> None:
        self._dot.setVisible(bool(words))
        if words != self._recording.text():
            self._recording.setText(words)
            said = tr("Recording: {so_far}").format(so_far=words) if words else ""
            self._recording.setAccessibleName(said)
            self._recording.setToolTip(said)
            self._recording.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _figures(state: LiveState) -> list[str]:
    figures = state.figures
    # While a card or nothing is shown there is no rate to tell.
    is_moving = state.panic in {None, PanicPicture.CAMERA} and not state.is_frozen
    parts = [tr("{n} pictures per second").format(n=round(figures.per_second))] if is_moving else []
    if figures.delay_ms is not None and is_moving:
        parts.append(tr("{n} ms behind the camera").format(n=round(figures.delay_ms)))
    if figures.scale < _FULL:
        parts.append(tr("faces at {share}").format(share=percent_text(figures.scale)))
    if state.virtual_camera:
        parts.append(tr("also in “{camera}”").format(camera=state.virtual_camera))
    return parts


def _tip(state: LiveState) -> str:
    figures = state.figures
    lines = [
        tr("The camera gives {size}; {n} pictures per second came in the last two seconds.").format(
            size=resolution_words(state.resolution), n=f"{figures.camera_per_second:.1f}"
        )
    ]
    if figures.delay_ms is not None and figures.delay_p95_ms is not None:
        lines.append(
            tr("From camera to screen: half of the pictures within {n} ms, 95 of 100 within {m} ms.").format(
                n=round(figures.delay_ms), m=round(figures.delay_p95_ms)
            )
        )
    if figures.scale < _FULL:
        lines.append(tr("Faces are worked on at a lower resolution, so that the picture keeps up."))
    return "\n".join(lines)
