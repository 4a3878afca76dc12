"""Whether something is live, on this computer or at a service, and the panic key: one for the whole window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.live import PanicPicture

if TYPE_CHECKING:
    from faceswap_desktop.domain.live_cloud import CloudLiveState
    from faceswap_desktop.services.cloud_live import CloudLive
    from faceswap_desktop.services.live import Live
    from faceswap_desktop.services.live_state import LiveState
    from faceswap_desktop.services.settings import SettingsService


class PanicTaker(Protocol):
    """Something that shows the panic picture: the page of a session at a service."""

    def set_panic(self, picture: PanicPicture | None) -> None:
        """Show it from now on; None for the swapped picture again."""
        ...


class LiveDesk(QObject):
    """Knows what runs; says so when that changes, and not with every picture.

    Attributes:
        changed: Something began or ended: a session, panic, a recording.
    """

    changed = Signal()

    def __init__(self, live: Live, cloud: CloudLive, settings: SettingsService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._cloud = cloud
        self._settings = settings
        self._leg: PanicTaker | None = None
        self._leg_panic: PanicPicture | None = None
        self._leg_records = False
        self._known = self._now
        self._leave = (live.follow(self._on_live), cloud.follow(self._on_cloud))

    @property
    def is_here(self) -> bool:
        """Whether a session runs on this computer."""
        return self._live.state.is_on

    @property
    def is_there(self) -> bool:
        """Whether a session runs at a service, and costs."""
        return self._cloud.state.phase != "off"

    @property
    def is_on(self) -> bool:
        """Whether anything runs."""
        return self.is_here or self.is_there

    @property
    def records(self) -> bool:
        """Whether something is recorded."""
        return self._live.state.recording is not None or self._leg_records

    @property
    def panic(self) -> PanicPicture | None:
        """What everybody sees since the panic key was pressed; None where it was not."""
        return self._leg_panic if self.is_there else self._live.state.panic

    def set_leg(self, leg: PanicTaker | None) -> None:
        """Know the page through which a session at a service goes; None when it has gone."""
        self._leg = leg
        self._leg_panic = None
        self._leg_records = False
        self._tell()

    def set_leg_records(self, *, records: bool) -> None:
        """Know whether that page records."""
        self._leg_records = records
        self._tell()

    def press_panic(self) -> None:
        """Show what the settings say instead of the picture, at once; the swapped picture again the next time."""
        if not self.is_on:
            return
        if self.is_there:
            self._set_leg_panic(None if self._leg_panic is not None else self._settings.current.live.panic)
        else:
            self._live.press_panic()
        self._tell()

    def set_panic(self, picture: PanicPicture | None) -> None:
        """Show this instead of the picture, at once; None for the swapped picture."""
        if self.is_there:
            self._set_leg_panic(picture)
        else:
            self._live.set_panic(picture)
        self._tell()

    def close(self) -> None:
        """Hear nothing more."""
        for leave in self._leave:
            leave()

    @property
    def _now(self) -> tuple[bool, bool, PanicPicture | None, bool]:
        return (self.is_here, self.is_there, self.panic, self.records)

    def _set_leg_panic(self, picture: PanicPicture | None) -> None:
        self._leg_panic = picture
        if self._leg is not None:
            self._leg.set_panic(picture)

    def _on_live(self, _state: LiveState) -> None:
        self._tell()

    def _on_cloud(self, _state: CloudLiveState) -> None:
        self._tell()

    def _tell(self) -> None:
        if not self.is_there and self._leg is None:
            self._leg_panic = None
        if self._now != self._known:
            self._known = self._now
            self.changed.emit()
