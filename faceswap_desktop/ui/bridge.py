"""Where Qt meets asyncio: dialogs to wait for, tasks with an owner, events as signals."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog

from faceswap_desktop.domain import events
from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.ui.failures import report_bug

if TYPE_CHECKING:
    from faceswap_desktop.domain.job import JobId
    from faceswap_desktop.jobs.events import EventBus
    from faceswap_desktop.ui.notifications import Notifications


async def ask(dialog: QDialog) -> int:
    """Show a modal dialog and wait for its result, without a nested event loop.

    Returns:
        ``QDialog.DialogCode.Accepted`` or ``Rejected`` as an int. The dialog is deleted afterwards:
        read what it holds through values it keeps, not through its widgets.
    """
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_finished(result: int) -> None:
        if not future.done():
            future.set_result(result)

    dialog.finished.connect(on_finished)
    dialog.open()
    try:
        return await future
    finally:
        dialog.close()
        dialog.deleteLater()


class Tasks:
    """Owns the tasks of one widget, page or window; when the owner goes, they are cancelled.

    An exception of a task is shown once: an error of ours as a strip, anything else as a bug.
    """

    def __init__(self, owner: QObject | None, notifications: Notifications) -> None:
        self._notifications = notifications
        self._running: set[asyncio.Task[Any]] = set()
        self._keyed: dict[str, asyncio.Task[Any]] = {}
        if owner is not None:
            owner.destroyed.connect(partial(_cancel_all, self._running))

    def start(
        self,
        work: Coroutine[Any, Any, Any],
        *,
        key: str = "",
        replace: bool = False,
        on_error: Callable[[FaceSwapError], None] | None = None,
        on_done: Callable[[], None] | None = None,
    ) -> None:
        """Run a coroutine.

        Args:
            work: What to run.
            key: While a task with this key runs, a second one is not started, so that a second click
                does nothing; empty for any number at once.
            replace: With a key: the running task is cancelled and the new one started.
            on_error: Told of an error of ours instead of a strip.
            on_done: Called when it is over, however it ended.
        """
        running = self._keyed.get(key) if key else None
        if running is not None and not running.done():
            if not replace:
                work.close()
                return
            running.cancel()
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        if key:
            self._keyed[key] = task
        task.add_done_callback(partial(self._on_done, key, on_error, on_done))

    def is_running(self, key: str) -> bool:
        """Say whether a task with this key runs."""
        task = self._keyed.get(key)
        return task is not None and not task.done()

    def cancel(self, key: str) -> None:
        """Cancel the task with this key, if it runs."""
        if (task := self._keyed.get(key)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Cancel everything and wait until it is over."""
        tasks = list(self._running)
        _cancel_all(self._running)
        if tasks:
            await asyncio.wait(tasks)

    def _on_done(
        self,
        key: str,
        on_error: Callable[[FaceSwapError], None] | None,
        on_done: Callable[[], None] | None,
        task: asyncio.Task[Any],
    ) -> None:
        self._running.discard(task)
        if key and self._keyed.get(key) is task:
            del self._keyed[key]
        if on_done is not None:
            on_done()
        if task.cancelled() or (error := task.exception()) is None or isinstance(error, Cancelled):
            return
        if isinstance(error, FaceSwapError):
            (on_error or self._notifications.error)(error)
        else:
            report_bug(error)


def _cancel_all(tasks: set[asyncio.Task[Any]], _owner: object = None) -> None:
    for task in list(tasks):
        if not task.get_loop().is_closed():
            task.cancel()


class EngineSignals(QObject):
    """Events of the program as Qt signals, at least one turn of the event loop later, in order.

    The turn in between is what makes it safe for a slot to open a dialog: no coroutine that published
    the event is on the stack. Each signal carries the event itself; ``happened`` carries every event.

    Hundreds of events at once, as of hundreds of jobs, are told in slices, so that the window answers in between; of
    the progress of one job only the newest is told.
    """

    happened = Signal(object)
    job_added = Signal(object)
    job_changed = Signal(object)
    job_progressed = Signal(object)
    job_removed = Signal(object)
    result_added = Signal(object)
    results_changed = Signal(object)
    source_faces_changed = Signal(object)
    consent_changed = Signal(object)
    studio_changed = Signal(object)
    settings_changed = Signal(object)
    all_jobs_done = Signal(object)
    noticed = Signal(object)
    _arrived = Signal()

    def __init__(self, bus: EventBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._signals = {kind: getattr(self, name) for kind, name in _SIGNAL_OF.items()}
        self._waiting: deque[object] = deque()
        self._newest: dict[JobId, events.JobProgressed] = {}
        self._is_due = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        # Behind what else the loop has to do; a queued call would be carried out before that.
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(0)
        self._rest.timeout.connect(self._deliver)
        self._unsubscribe = bus.subscribe(self._take)

    def close(self) -> None:
        """Hear nothing more."""
        self._unsubscribe()
        self._rest.stop()
        self._waiting.clear()
        self._newest.clear()

    def _take(self, event: object) -> None:
        self._waiting.append(event)
        if isinstance(event, events.JobProgressed):
            self._newest[event.job] = event
        if not self._is_due:
            self._is_due = True
            self._arrived.emit()

    def _deliver(self) -> None:
        self._is_due = False
        end = time.perf_counter() + _SLICE_S
        if len(self._waiting) > 1:
            # Also for a slot that opens a loop of its own, as some dialogs do.
            self._is_due = True
            self._rest.start()
        while self._waiting:
            self._tell(self._waiting.popleft())
            if time.perf_counter() >= end:
                break
        if not self._waiting:
            self._is_due = False
            self._rest.stop()

    def _tell(self, event: object) -> None:
        if isinstance(event, events.JobProgressed):
            if self._newest.get(event.job) is not event:
                return
            del self._newest[event.job]
        signal = self._signals.get(type(event))
        if signal is not None:
            signal.emit(event)
        self.happened.emit(event)


_SLICE_S: Final = 0.004
"""So long at most events are told in one turn of the loop; what they change is painted in the same 16 ms."""

_SIGNAL_OF: Final[dict[type, str]] = {
    events.JobAdded: "job_added",
    events.JobChanged: "job_changed",
    events.JobProgressed: "job_progressed",
    events.JobRemoved: "job_removed",
    events.ResultAdded: "result_added",
    events.ResultsChanged: "results_changed",
    events.SourceFacesChanged: "source_faces_changed",
    events.ConsentChanged: "consent_changed",
    events.StudioChanged: "studio_changed",
    events.SettingsChanged: "settings_changed",
    events.AllJobsDone: "all_jobs_done",
    events.Noticed: "noticed",
}
