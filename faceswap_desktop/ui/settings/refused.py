"""What is looked at before anything is made, and what was refused lately."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QDateTime, QLocale, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.sensitive import RefusedMedia, Role
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.blurred import BlurredPictures, BlurredView
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.refusal_words import is_of_video, times_words, title_words
from faceswap_desktop.ui.texts import plain_tip
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_MOST = 8
_PICTURE = QSize(56, 40)


class RefusedPart(QObject):
    """A sentence on the check, and a row for each file that was refused lately.

    Attributes:
        parts: What the card is made of.
        rows: The rows that are shown, newest first.
    """

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._blurred = BlurredPictures(context.refusals, tasks, self)
        self._blurred.arrived.connect(self._show_pictures)
        self.rows: list[RefusedRow] = []
        says = PlainLabel(
            self.tr(
                "Before anything is made or sent, pictures, source faces and videos (two frames a second and every "
                "scene) are looked at for nudity, and results again while they are made. That happens on this computer "
                "only, nothing about it is sent anywhere, and it cannot be turned off."
            ),
            "muted",
            parent,
            wraps=True,
        )
        says.setObjectName("privacy-check")
        self._list = QFrame(parent)
        name(self._list, "refused-list", self.tr("What was refused lately"))
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(HALF)
        self._none = PlainLabel(self.tr("Nothing was refused so far."), "small", parent)
        self._list.hide()
        self.parts: tuple[QWidget, ...] = (says, self._none, self._list)

    def reload(self) -> None:
        """Read the list anew."""
        self._tasks.start(self._load(), key="refused-list")

    async def _load(self) -> None:
        self._fill(_one_per_file(await self._context.refusals.newest(10 * _MOST))[:_MOST])

    def _fill(self, refused: Sequence[RefusedMedia]) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RefusedRow(one, number, self._list) for number, one in enumerate(refused)]
        for row in self.rows:
            row.forget.clicked.connect(partial(self._forget, row.refused))
            self._column.addWidget(row)
            row.show()
        self._none.setVisible(not self.rows)
        self._list.setVisible(bool(self.rows))
        self._show_pictures()

    def _forget(self, refused: RefusedMedia, _checked: bool = False) -> None:
        self._tasks.start(self._forgotten(refused), key="forget-refused")

    async def _forgotten(self, refused: RefusedMedia) -> None:
        place = next((number for number, row in enumerate(self.rows) if row.refused == refused), 0)
        await self._context.refusals.forget([refused.path])
        await self._load()
        if self.rows:
            # The keyboard goes on with the next one.
            self.rows[min(place, len(self.rows) - 1)].forget.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_pictures(self) -> None:
        for row in self.rows:
            worst = max(row.refused.sightings, key=lambda one: one.score)
            row.view.set_picture(self._blurred.get(row.refused.path, worst.seconds))


class RefusedRow(QFrame):
    """One file: blurred, what it is called, when it was refused, and a button that takes it off the list.

    Attributes:
        refused: Which.
        view: Its picture.
        forget: The button.
    """

    def __init__(self, refused: RefusedMedia, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.refused = refused
        self.view = BlurredView(_PICTURE, f"refused-picture-{number}", self.tr("What was refused, blurred"), self)
        words, more = title_words(refused), self._details()
        name(self, f"refused-{number}", words, more)
        title = ElidedLabel(words, None, self, mode=Qt.TextElideMode.ElideMiddle)
        details = ElidedLabel(more, "small", self)
        set_role(details, "small")
        if refused.role is not Role.SOURCE:
            self.setToolTip(plain_tip(refused.path))
        self.forget = Button(self.tr("Forget"), f"refused-forget-{number}", self)
        self.forget.setAccessibleName(self.tr("Forget that {name} was refused").format(name=refused.name))
        self.forget.setToolTip(self.tr("Takes it off this list. It is refused as before when it is used again."))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(details)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, HALF, 0, HALF)
        row.setSpacing(PAD - HALF)
        row.addWidget(self.view)
        row.addLayout(column, 1)
        row.addSpacing(GRID)
        row.addWidget(self.forget)

    def _details(self) -> str:
        when = QDateTime.fromSecsSinceEpoch(round(self.refused.at or time.time()))
        day = QLocale().toString(when, QLocale.FormatType.ShortFormat)
        if not is_of_video(self.refused.sightings):
            return day
        return self.tr("{day} · at {times}").format(day=day, times=times_words(self.refused.sightings))


def _one_per_file(refused: Sequence[RefusedMedia]) -> list[RefusedMedia]:
    """Return the newest refusal of each file."""
    found: dict[str, RefusedMedia] = {}
    for one in refused:
        found.setdefault(one.path, one)
    return list(found.values())
