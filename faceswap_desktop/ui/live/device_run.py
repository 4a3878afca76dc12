"""What cameras and microphones have in common while they run: permission, troubles, being lost and found again."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final, Protocol

from PySide6.QtCore import QObject, QTimer

from faceswap_desktop.domain.live import CaptureEvent, CaptureNote, CaptureTrouble
from faceswap_desktop.domain.messages import Message

FIRST_SIGN_MS: Final = 8_000
"""Slow cameras need three seconds; after so long another program holds it, or its cover is shut."""
SILENCE_MS: Final = 5_000
RETRY_MS: Final = 2_000


class DeviceSystem(Protocol):
    """The devices of one sort that a computer has."""

    def ids(self) -> list[str]:
        """Return which are connected, the default one first."""
        ...

    def may_use(self) -> bool | None:
        """Whether the system lets this program use them; None where the user has not been asked yet."""
        ...

    def ask(self, on_answer: Callable[[bool], None]) -> None:
        """Let the system ask the user."""
        ...

    def follow(self, on_changed: Callable[[], None]) -> Callable[[], None]:
        """Tell when devices come or go; call what is returned to end it."""
        ...


class Phase(Enum):
    """How far a device is. ``LOST``: it was there, and is looked for."""

    OFF = auto()
    STARTING = auto()
    RUNNING = auto()
    LOST = auto()


class DeviceRun(QObject):
    """One device, from start to stop.

    Before its first sign of life every trouble ends it (``FAILED``); later it is ``LOST``, looked for every two seconds
    and whenever a device comes, and it is told when it runs again. A permission that is taken away ends it.

    Args:
        system: The devices of its sort.
        wanted: Its id; empty for the default one.
        denied: The trouble of having no permission.
    """

    def __init__(self, system: DeviceSystem, wanted: str, denied: CaptureTrouble, parent: QObject | None) -> None:
        super().__init__(parent)
        self._devices = system
        self._wanted = wanted
        self._denied = denied
        self._phase = Phase.OFF
        self._id = wanted
        self._is_open = False
        self._trouble: CaptureTrouble | None = None
        self._on_note: Callable[[CaptureNote], None] = lambda _: None
        self._unfollow: Callable[[], None] = lambda: None
        self._watchdog = self._timer(self._on_silence)
        self._retry = self._timer(self._open)

    # ------------------------------------------------------------------------------------------- what a sort does

    def open_device(self, device_id: str) -> CaptureTrouble | None:
        """Open it; return why that cannot be done."""
        raise NotImplementedError

    def close_device(self) -> None:
        """Give it free; called once for each ``open_device``, also where that failed."""
        raise NotImplementedError

    def absence(self, others: list[str]) -> CaptureTrouble:
        """Return the trouble of not being there."""
        raise NotImplementedError

    def silence(self) -> CaptureTrouble:
        """Return the trouble of being there and giving nothing."""
        raise NotImplementedError

    def sentence(self, event: CaptureEvent, trouble: CaptureTrouble) -> Message:
        """Return what people are told."""
        raise NotImplementedError

    # -------------------------------------------------------------------------------------------------- in between

    @property
    def phase(self) -> Phase:
        """How far it is."""
        return self._phase

    @property
    def device_id(self) -> str:
        """Which it is, once that is settled."""
        return self._id

    def begin(self, on_note: Callable[[CaptureNote], None]) -> None:
        """Ask for permission and open it; nothing is told before this returns.

        Raises:
            ValueError: It runs.
        """
        if self._phase is not Phase.OFF:
            raise ValueError("this device runs already")
        self._phase, self._id, self._trouble, self._on_note = Phase.STARTING, self._wanted, None, on_note
        self._unfollow = self._devices.follow(self._on_devices)
        QTimer.singleShot(0, self, self._ask)

    def leave(self) -> None:
        """Give it free for good; nothing is told any more."""
        self._phase = Phase.OFF
        unfollow, self._unfollow = self._unfollow, lambda: None
        unfollow()
        self._close()

    def note_sign(self) -> None:
        """It gave something: look again after a while whether it still does."""
        self._watchdog.start(SILENCE_MS)

    def note_running(self, note: CaptureNote) -> None:
        """Say that it runs."""
        self._phase, self._trouble = Phase.RUNNING, None
        self._on_note(note)

    def lose(self, trouble: CaptureTrouble) -> None:
        """Look for it from now on where it once was there, else give up."""
        if self._phase is Phase.OFF:
            return
        if self._phase is Phase.STARTING or trouble is self._denied:
            self.leave()
            self._on_note(CaptureNote(CaptureEvent.FAILED, trouble, text=self.sentence(CaptureEvent.FAILED, trouble)))
            return
        self._close()
        self._phase = Phase.LOST
        self._retry.start(RETRY_MS)
        if trouble is not self._trouble:
            self._trouble = trouble
            self._on_note(CaptureNote(CaptureEvent.LOST, trouble, text=self.sentence(CaptureEvent.LOST, trouble)))

    # ----------------------------------------------------------------------------------------------------- insides

    def _ask(self) -> None:
        if self._phase is not Phase.STARTING:
            return
        may = self._devices.may_use()
        if may is None:
            self._devices.ask(self._on_answer)
        else:
            self._on_answer(may)

    def _on_answer(self, may: bool) -> None:
        # It may have been stopped while the user was asked.
        if self._phase is Phase.STARTING and not self._is_open:
            if may:
                self._open()
            else:
                self.lose(self._denied)

    def _open(self) -> None:
        if self._phase not in {Phase.STARTING, Phase.LOST} or self._is_open:
            return
        there = self._devices.ids()
        if not self._id and there:
            # The default one stays the same while it runs, whatever is plugged in meanwhile.
            self._id = there[0]
        if self._id not in there:
            self.lose(self.absence(there))
            return
        self._is_open = True
        self._watchdog.start(FIRST_SIGN_MS)
        trouble = self.open_device(self._id)
        if trouble is not None:
            self.lose(trouble)

    def _close(self) -> None:
        self._watchdog.stop()
        self._retry.stop()
        if self._is_open:
            self._is_open = False
            self.close_device()

    def _on_devices(self) -> None:
        there = self._devices.ids()
        if self._is_open and self._id not in there:
            self.lose(self.absence(there))
        elif self._phase is Phase.LOST and self._id in there:
            self._open()

    def _on_silence(self) -> None:
        there = self._devices.ids()
        self.lose(self.silence() if self._id in there else self.absence(there))

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer
