"""The bar at the foot of the window: one quiet notice at a time, and how the jobs get on.

Its place is always there, so that nothing moves when something is said.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.theme.tokens import BAR_HEIGHT, GRID, PAD
from faceswap_desktop.ui.widgets.buttons import IconButton, LinkButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, IconLabel
from faceswap_desktop.ui.widgets.roles import set_role

_SECONDS: Final = {Tone.INFO: 8.0, Tone.SUCCESS: 8.0, Tone.WARNING: 0.0, Tone.ERROR: 0.0}
"""After how long a notice goes by itself; 0 for never."""

_MORE_WITH_BUTTON_S: Final = 8.0
"""A notice with a button stays longer: the button has to be reached."""

_ICONS: Final = {
    Tone.INFO: ("info", IconColour.MUTED),
    Tone.SUCCESS: ("success", IconColour.SUCCESS),
    Tone.WARNING: ("warning", IconColour.WARNING),
    Tone.ERROR: ("error", IconColour.DANGER),
}


class Strip(QFrame):
    """Shows notices one after the other: newest first, the graver staying behind the newer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "strip")
        name(self, "strip", self.tr("Messages"))
        self.setFixedHeight(BAR_HEIGHT)
        self._notices: list[Notice] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time_over)
        self._picture = IconLabel("info", 20, IconColour.MUTED, self)
        self._text = ElidedLabel("", None, self)
        self._text.setObjectName("strip-text")
        self._text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._hint = ElidedLabel("", "muted", self)
        self._hint.setObjectName("strip-hint")
        self._hint.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._count = ElidedLabel("", "small", self)
        self._count.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._button = LinkButton("", "strip-button", self)
        self._close = IconButton("close", self.tr("Dismiss message"), "strip-dismiss", self, colour=IconColour.MUTED)
        self._button.clicked.connect(self._on_button)
        self._close.clicked.connect(self.dismiss)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(PAD, 0, GRID, 0)
        self._row.setSpacing(GRID)
        self._row.addWidget(self._picture)
        self._row.addWidget(self._text)
        self._row.addWidget(self._hint)
        self._row.addWidget(self._button)
        self._row.addWidget(self._close)
        self._row.addWidget(self._count)
        self._row.addStretch(1)
        self._refresh()

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget at the right end, beside the notices."""
        self._row.addWidget(widget)

    @property
    def notice(self) -> Notice | None:
        """What is shown."""
        return self._notices[-1] if self._notices else None

    def present(self, notice: Notice) -> None:
        """Show a notice; what stood comes back when this one goes."""
        if notice.key:
            self._notices = [other for other in self._notices if other.key != notice.key]
        # What goes by itself has been seen; it does not come back.
        self._notices = [other for other in self._notices if not _lifetime(other)]
        self._notices.append(notice)
        self._refresh()
        spoken = f"{notice.text} {notice.hint}".strip()
        announce(self, spoken, is_urgent=notice.tone is Tone.ERROR)

    def withdraw(self, key: str) -> None:
        """Take back what has this key."""
        self._notices = [notice for notice in self._notices if notice.key != key]
        self._refresh()

    def dismiss(self) -> None:
        """Take away what is shown."""
        if self._notices:
            had_focus = self._button.hasFocus() or self._close.hasFocus()
            self._notices.pop()
            self._refresh()
            if had_focus and not self._notices:
                self.focusNextChild()

    def _on_button(self) -> None:
        notice = self.notice
        self.dismiss()
        if notice is not None and notice.action is not None:
            notice.action()

    def _on_time_over(self) -> None:
        # Nobody reads while pressing: keep what has the pointer or the keyboard.
        if self.underMouse() or self._button.hasFocus() or self._close.hasFocus():
            self._timer.start(2000)
            return
        self.dismiss()

    def _refresh(self) -> None:
        notice = self.notice
        for widget in (self._picture, self._text, self._close):
            widget.setVisible(notice is not None)
        self._hint.setVisible(notice is not None and bool(notice.hint))
        self._button.setVisible(notice is not None and bool(notice.button))
        waiting = len(self._notices) - 1
        self._count.setVisible(waiting > 0)
        self._timer.stop()
        if notice is None:
            self._hint.setText("")
            return
        picture, colour = _ICONS[notice.tone]
        self._picture.set_icon(picture, colour)
        self._text.setText(notice.text)
        self._hint.setText(notice.hint)
        self._button.setText(notice.button)
        self._button.setAccessibleName(notice.button)
        self._count.setText(self.tr("{n} more").format(n=waiting))
        if (seconds := _lifetime(notice)) > 0:
            self._timer.start(round(seconds * 1000))


def _lifetime(notice: Notice) -> float:
    if notice.seconds is not None:
        return notice.seconds
    seconds = _SECONDS[notice.tone]
    return seconds + _MORE_WITH_BUTTON_S if seconds and notice.button else seconds


__all__ = ["Strip"]
