"""What was said in the strip, to read again."""

from __future__ import annotations

from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.notifications import Notice, Notifications, Tone
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.sections import SectionColumn

_ICONS = {
    Tone.INFO: ("info", IconColour.MUTED),
    Tone.SUCCESS: ("success", IconColour.SUCCESS),
    Tone.WARNING: ("warning", IconColour.WARNING),
    Tone.ERROR: ("error", IconColour.DANGER),
}


class MessagesSection(SectionColumn):
    """The last hundred, newest first; they are kept until the program ends."""

    def __init__(self, notifications: Notifications, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Recent messages"), parent)
        self._list = QListWidget(self)
        self._list.setWordWrap(True)
        name(self._list, "help-messages", self.tr("Recent messages"))
        self._nothing = PlainLabel(self.tr("Nothing has been said since the program was started."), "muted", self)
        self.column.addWidget(self._nothing)
        self.column.addWidget(self._list, 1)
        self.column.addStretch(0)
        for notice in notifications.history:
            self._add(notice)
        notifications.posted.connect(self._add)
        self._list.setVisible(self._list.count() > 0)

    def _add(self, notice: Notice) -> None:
        picture, colour = _ICONS[notice.tone]
        item = QListWidgetItem(icon(picture, colour), f"{notice.text} {notice.hint}".strip())
        self._list.insertItem(0, item)
        self._list.setVisible(True)
        self._nothing.setVisible(False)
