"""One face at several ages, rendered on the spot: pictures come one by one and are kept while nothing changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import SwapOptions, TargetFace
from faceswap_desktop.services.reaging import FILMSTRIP_EDGE_PX, FILMSTRIP_YEARS, FilmstripPicture, Reaging
from faceswap_desktop.ui.bridge import Tasks

_WAIT_MS: Final = 300
"""After the last change: while a slider moves the preview comes first."""
_KEPT: Final = 24


@dataclass(frozen=True)
class FilmWish:
    """Whose ages are to be shown.

    Attributes:
        media, target: The face.
        source: Who is put in first, and its revision; None for nobody.
        options: How that is done.
        years: The age that is chosen; it is shown too.
    """

    media: Media
    target: TargetFace
    source: tuple[SourceFaceId, int] | None
    options: SwapOptions
    years: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Names the pictures: equal keys look the same."""
        options = self.options if self.source is not None else None
        where = (self.target.index, self.target.frame, self.target.box)
        return (self.media.id, self.media.fingerprint, where, self.source, options)

    @property
    def wanted(self) -> tuple[int, ...]:
        """Every age that is shown: as the face is, what is chosen, then the others, nearest first."""
        near = sorted(FILMSTRIP_YEARS, key=lambda years: (abs(years), years < 0))
        return tuple(dict.fromkeys((0, self.years, *near)))


@dataclass(frozen=True)
class FilmPicture:
    """A face at one age, and how old it looks then; None where that cannot be told."""

    picture: QPixmap
    apparent_age: float | None


class FilmstripMaker(QObject):
    """Renders the newest wish.

    Attributes:
        changed: Pictures came or went.
        failed: They cannot be made (``FaceSwapError``).
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, reaging: Reaging, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reaging = reaging
        self._tasks = tasks
        self._wish: FilmWish | None = None
        self._kept: OrderedDict[tuple[object, ...], dict[int, FilmPicture]] = OrderedDict()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._go)

    @property
    def pictures(self) -> Mapping[int, FilmPicture]:
        """What is there of the newest wish, by years."""
        return self._kept.get(self._wish.key, {}) if self._wish is not None else {}

    @property
    def is_due(self) -> bool:
        """Whether pictures are being made, or will be soon."""
        return self._timer.isActive() or self._tasks.is_running("filmstrip")

    def ask(self, wish: FilmWish | None) -> None:
        """Ask for the pictures of a face; None for none. What is being made for an older wish is given up."""
        if wish == self._wish:
            return
        is_other = wish is None or self._wish is None or wish.key != self._wish.key
        self._wish = wish
        self._timer.stop()
        self._tasks.cancel("filmstrip")
        if wish is not None and self._missing(wish):
            self._timer.start()
        if is_other:
            self.changed.emit()

    def stop(self) -> None:
        """Make none any more."""
        self._timer.stop()
        self._tasks.cancel("filmstrip")

    def _missing(self, wish: FilmWish) -> tuple[int, ...]:
        there = self._kept.get(wish.key, {})
        return tuple(years for years in wish.wanted if years not in there)

    def _go(self) -> None:
        if (wish := self._wish) is not None:
            self._tasks.start(self._render(wish), key="filmstrip", replace=True)

    async def _render(self, wish: FilmWish) -> None:
        def on_picture(picture: FilmstripPicture) -> None:
            self._keep(wish, picture)

        source = wish.source[0] if wish.source is not None else None
        missing = self._missing(wish)
        try:
            for picture in await self._reaging.filmstrip(
                wish.media, wish.target, source, wish.options, on_picture, years=missing
            ):
                self._keep(wish, picture)
        except FaceSwapError as error:
            if self._wish == wish:
                self.failed.emit(error)

    def _keep(self, wish: FilmWish, picture: FilmstripPicture) -> None:
        there = self._kept.setdefault(wish.key, {})
        self._kept.move_to_end(wish.key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        if picture.years in there:
            return
        edge = FILMSTRIP_EDGE_PX
        image = QImage(picture.rgb, edge, edge, edge * 3, QImage.Format.Format_RGB888)
        there[picture.years] = FilmPicture(QPixmap.fromImage(image), picture.apparent_age)
        if self._wish is not None and self._wish.key == wish.key:
            self.changed.emit()
