"""The pool of worker processes: one for what the user waits for, some for jobs.

The window's process never imports what the workers import; it only knows tasks by name and requests as plain values.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.workers.errors import WorkerBug, trouble_notice
from faceswap_desktop.workers.machine import this_machine, threads_for_jobs
from faceswap_desktop.workers.shared import remove_blocks_of_dead_windows
from faceswap_desktop.workers.slot import Slot, Ticket
from faceswap_desktop.workers.wire import Trouble, Update, WorkerSetup

logger = logging.getLogger(__name__)

TASK_MODULES: Final = ("faceswap_desktop.workers.tasks",)
PLAYER_MODULES: Final = ("faceswap_desktop.workers.player",)
"""What a player can do: it loads a decoder only, no checkpoints."""
LIVE_MODULES: Final = ("faceswap_desktop.workers.live_tasks",)
LIVE_SLOTS: Final = 4
"""A camera that is a file, the engine, a recording and a virtual camera run at once."""
CLOSE_PATIENCE_S: Final = 2.0
WARM: Final = "warm"
"""The task that loads what others need."""


class Lane(StrEnum):
    """For whom a task runs."""

    INTERACTIVE = "interactive"
    PLAYER = "player"
    """Frames and sound of videos for the screen: playing never waits behind previews."""
    JOBS = "jobs"
    LIVE = "live"
    """Tasks that run as long as a live session does, each in a process of its own."""


class WorkerPool:
    """Runs tasks in worker processes. Used on one loop's thread.

    Args:
        home_cache: Cache folder of the home; tasks write temporary files into ``scratch`` in it.
        job_slots: How many jobs' tasks run at once (see ``worker_count_for``).
        memory_mb: Most memory of one worker, MiB; 0 for no limit.
        task_limit_s: Longest silence of a task, seconds, where ``run`` is not told another.
        on_notice: Told when a worker had to be replaced.
        task_modules: Where tasks are looked up, each a module with a ``TASKS`` mapping.
    """

    def __init__(
        self,
        home_cache: Path,
        *,
        job_slots: int,
        memory_mb: int,
        task_limit_s: float,
        on_notice: Callable[[Message], None] | None = None,
        task_modules: tuple[str, ...] = TASK_MODULES,
    ) -> None:
        self.job_slots = max(1, job_slots)
        self._scratch = home_cache / "scratch"
        self._memory_mb = memory_mb
        self._task_limit_s = task_limit_s
        self._on_notice = on_notice
        self._task_modules = task_modules
        self._waiting: dict[Lane, deque[Ticket]] = {lane: deque() for lane in Lane}
        self._slots: dict[Lane, list[Slot]] = {lane: [] for lane in Lane}
        self._numbers = count()
        self._is_open = False

    async def start(self, *, warm: bool = True) -> None:
        """Make the pool ready; with ``warm`` the interactive worker starts at once and loads what it needs."""
        await asyncio.to_thread(self._clean)
        machine = await asyncio.to_thread(this_machine)
        threads = {
            Lane.INTERACTIVE: machine.cores,
            Lane.PLAYER: machine.cores,
            Lane.JOBS: threads_for_jobs(machine, self.job_slots),
            Lane.LIVE: machine.cores,
        }
        sizes = {Lane.INTERACTIVE: 1, Lane.PLAYER: 1, Lane.JOBS: self.job_slots, Lane.LIVE: LIVE_SLOTS}
        light = {Lane.PLAYER: PLAYER_MODULES, Lane.LIVE: LIVE_MODULES} if self._task_modules == TASK_MODULES else {}
        for lane in Lane:
            setup = WorkerSetup(
                task_modules=light.get(lane, self._task_modules),
                threads=threads[lane],
                memory_mb=self._memory_mb,
                window_pid=os.getpid(),
                scratch_folder=str(self._scratch),
                stands_back=lane is Lane.JOBS,
            )
            self._slots[lane] = [self._make_slot(lane, index, setup) for index in range(sizes[lane])]
        self._is_open = True
        if warm:
            self.warm(Lane.INTERACTIVE)

    def warm(self, lane: Lane) -> None:
        """Let a worker of a lane start and load what it needs, in the background.

        Saves about a second of the first task; does nothing where a worker stands ready or the pool is closed.
        """
        if not self._is_open or any(slot.has_process for slot in self._slots[lane]):
            return
        ticket = self._make_ticket(WARM, lane.value, self._task_limit_s, retries=1)
        ticket.future.add_done_callback(self._warmed)
        # Ahead of what waits: that would only load the same.
        self._waiting[lane].appendleft(ticket)
        self._pump(lane)

    def rest(self, lane: Lane) -> bool:
        """Let the idle workers of a lane go, with the memory that they take.

        Returns:
            Whether none is left: busy ones stay.
        """
        # Every one is asked, whatever the others say.
        gone = [slot.rest() for slot in self._slots[lane]]
        return all(gone)

    async def close(self) -> None:
        """End all workers. What waits or runs raises ``Cancelled``."""
        self._is_open = False
        for waiting in self._waiting.values():
            while waiting:
                self._refuse(waiting.popleft(), message("The program is closing."))
        slots = [slot for lane in self._slots.values() for slot in lane]
        endings = [ended for slot in slots for ended in slot.close()]
        deadline = asyncio.get_running_loop().time() + CLOSE_PATIENCE_S
        for ended in endings:
            left = deadline - asyncio.get_running_loop().time()
            if not await asyncio.to_thread(ended.wait, max(0.0, left)):
                for slot in slots:
                    slot.kill_all()
                await asyncio.to_thread(ended.wait, CLOSE_PATIENCE_S)

    async def run(
        self,
        task: str,
        request: object = None,
        *,
        lane: Lane = Lane.INTERACTIVE,
        limit_s: float | None = None,
        on_update: Callable[[Update], None] | None = None,
        key: str | None = None,
        retries: int = 1,
        until_stopped: bool = False,
    ) -> Any:
        """Run a task and return its reply.

        Cancelling this call drops a waiting task and stops a running one.

        Args:
            task: Name in a ``TASKS`` mapping.
            request: What the task takes.
            lane: Which workers may run it.
            limit_s: Longest silence in seconds; the pool's own where None.
            on_update: Called on the loop's thread for every update.
            key: A newer call with the same key takes the place of one that still waits.
            retries: How often it is tried again after its worker crashed, hung or ran out of memory.
            until_stopped: Cancelled, wait until the worker has let go of it (two seconds at most), so that nobody
                writes any more into what the caller is about to remove.

        Raises:
            FaceSwapError: What the task raised.
            Cancelled: A newer call with the same key came, or the pool closed.
            WorkerError: The worker crashed, hung or ran out of memory each time.
            WorkerBug: The task raised anything else.
        """
        if not self._is_open:
            raise Cancelled(message("The program is closing."))
        ticket = self._make_ticket(task, request, self._task_limit_s if limit_s is None else limit_s, retries)
        ticket.on_update, ticket.key = on_update, key
        waiting = self._waiting[lane]
        if key is not None:
            for other in [other for other in waiting if other.key == key]:
                waiting.remove(other)
                self._refuse(other, message("A newer request took its place."))
        waiting.append(ticket)
        self._pump(lane)
        try:
            return await ticket.future
        except asyncio.CancelledError:
            if self._abandon(lane, ticket) and until_stopped:
                await ticket.left.wait()
            raise

    def worker_pids(self) -> list[int]:
        """Return the ids of the processes that run now, for diagnostics and tests."""
        return [slot.pid for slots in self._slots.values() for slot in slots if slot.pid]

    # ------------------------------------------------------------------------------------------------- insides

    def _clean(self) -> None:
        self._scratch.mkdir(parents=True, exist_ok=True)
        remove_blocks_of_dead_windows()

    def _make_slot(self, lane: Lane, index: int, setup: WorkerSetup) -> Slot:
        return Slot(
            f"{lane.value} {index}",
            setup,
            on_free=lambda: self._pump(lane),
            on_trouble=self._note_trouble,
        )

    def _make_ticket(self, task: str, request: object, limit_s: float, retries: int) -> Ticket:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        return Ticket(next(self._numbers), task, request, limit_s, retries, future)

    def _pump(self, lane: Lane) -> None:
        waiting = self._waiting[lane]
        while waiting and self._is_open:
            free = [slot for slot in self._slots[lane] if slot.ticket is None]
            if not free:
                return
            # A process that stands ready comes first; then one that is just getting ready; then one to be started.
            ready = [slot for slot in free if slot.has_process]
            warming = sum(slot.ticket is not None and slot.ticket.task == WARM for slot in self._slots[lane])
            if not ready and len(waiting) <= warming:
                return
            # Those who came first wait for what gets ready: a process that starts only now is ready later still.
            index = 0 if ready else warming
            ticket = waiting[index]
            del waiting[index]
            (ready or free)[0].begin(ticket)

    def _abandon(self, lane: Lane, ticket: Ticket) -> bool:
        """Drop a waiting task or stop a running one; say whether a worker is still busy with it."""
        if ticket in self._waiting[lane]:
            self._waiting[lane].remove(ticket)
            return False
        for slot in self._slots[lane]:
            if slot.ticket is ticket:
                slot.stop()
                return True
        return False

    def _refuse(self, ticket: Ticket, why: Message) -> None:
        if not ticket.future.done():
            ticket.future.set_exception(Cancelled(why))

    def _note_trouble(self, ticket: Ticket, trouble: Trouble) -> None:
        del ticket
        if self._on_notice is not None:
            self._on_notice(trouble_notice(trouble))

    def _warmed(self, future: asyncio.Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None or isinstance(error, (Cancelled, WorkerBug)):
            return
        logger.error("a worker could not be made ready: %s", error)
        if isinstance(error, FaceSwapError) and self._on_notice is not None:
            self._on_notice(error.message)
