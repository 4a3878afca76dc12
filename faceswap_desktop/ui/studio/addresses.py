"""Addresses at which open pictures and videos lie on the internet already, as the user pasted them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.media import Media, MediaId
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.studio.cloud_words import sentences
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.services.pasted import PastedUrls


@dataclass(frozen=True)
class Address:
    """What is known of one address.

    Attributes:
        url: As it was pasted.
        is_checking: It is being looked at.
        problem: Why it cannot be used; empty for nothing.
        doubt: What could not be made sure of; empty for nothing.
    """

    url: str
    is_checking: bool = False
    problem: str = ""
    doubt: str = ""

    @property
    def is_good(self) -> bool:
        """Whether a provider can be sent there."""
        return not self.is_checking and not self.problem


class Addresses(QObject):
    """Keeps addresses until the program ends: they may open what they lead to, so they are written nowhere.

    Attributes:
        changed: Another address, or something became known of one.
    """

    changed = Signal()

    def __init__(self, pasted: PastedUrls, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pasted = pasted
        self._tasks = tasks
        self._addresses: dict[MediaId, Address] = {}

    @property
    def all(self) -> Mapping[MediaId, Address]:
        """Every address by its media."""
        return MappingProxyType(self._addresses)

    def url_of(self, media: MediaId) -> str:
        """Return where a media lies, looked at and found good; empty for nowhere."""
        known = self._addresses.get(media)
        return known.url if known is not None and known.is_good else ""

    def put(self, media: Media, url: str) -> None:
        """Look at an address, and take it if the very media lies there; an empty one is forgotten."""
        url = url.strip()
        self._tasks.cancel(f"address-{media.id}")
        if not url:
            if self._addresses.pop(media.id, None) is not None:
                self.changed.emit()
            return
        self._addresses[media.id] = Address(url, is_checking=True)
        self.changed.emit()
        self._tasks.start(self._check(media, url), key=f"address-{media.id}", replace=True)

    async def _check(self, media: Media, url: str) -> None:
        found = Address(url)
        try:
            found = replace(found, doubt=text_of(await self._pasted.check_pasted_url(url, media)))
        except FaceSwapError as error:
            found = replace(found, problem=sentences(error.message, error.hint))
        known = self._addresses.get(media.id)
        if known is not None and known.url == url:
            self._addresses[media.id] = found
            self.changed.emit()
