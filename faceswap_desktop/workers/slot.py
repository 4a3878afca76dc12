"""One place where a worker process stands: it is started when it is needed and replaced when it fails.

A thread per process starts it, reads what it says and notices its end; all decisions are made on the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from faceswap_desktop.domain.errors import Cancelled
from faceswap_desktop.domain.messages import message
from faceswap_desktop.workers.errors import WorkerBug, worker_error
from faceswap_desktop.workers.process import worker_main
from faceswap_desktop.workers.shared import BlockNames, remove_blocks_of
from faceswap_desktop.workers.wire import (
    Bug,
    Done,
    FromWorker,
    OutOfMemory,
    Quit,
    Raised,
    Received,
    Run,
    Stop,
    ToWorker,
    Trouble,
    Update,
    Updated,
    WorkerSetup,
    read_message,
    write_message,
)

logger = logging.getLogger(__name__)

STOP_PATIENCE_S: Final = 2.0
"""How long a task may take to notice that it should stop before its process is ended."""

START_PATIENCE_S: Final = 60.0
"""Allowed on top of a task's limit while its process starts."""

_CONTEXT: Final = multiprocessing.get_context("spawn")


@dataclass(eq=False, slots=True)
class Ticket:
    """A task on its way through the pool.

    Attributes:
        number: Unique within the pool.
        task: Name of the task.
        request: What it is given.
        limit_s: Longest silence, in seconds.
        retries: How often it is tried again after a crash, a hang or running out of memory.
        future: Gets the reply.
        on_update: Called on the loop's thread for each update.
        key: A newer waiting task with this key takes its place; None for none.
        trouble: What went wrong last time.
        left: Set when no worker is busy with it any more.
    """

    number: int
    task: str
    request: object
    limit_s: float
    retries: int
    future: asyncio.Future[Any]
    on_update: Callable[[Update], None] | None = None
    key: str | None = None
    trouble: Trouble = Trouble.CRASH
    left: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class _Life:
    """One process of a slot, from start to end."""

    process: SpawnProcess | None = None
    connection: Connection | None = None
    pid: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


class Slot:
    """Runs one task at a time in a process of its own. Used on the loop's thread only."""

    def __init__(
        self,
        name: str,
        setup: WorkerSetup,
        *,
        on_free: Callable[[], None],
        on_trouble: Callable[[Ticket, Trouble], None],
    ) -> None:
        self.name = name
        self.ticket: Ticket | None = None
        self._setup = setup
        self._on_free = on_free
        self._on_trouble = on_trouble
        self._loop = asyncio.get_running_loop()
        self._life: _Life | None = None
        self._lives: set[_Life] = set()
        self._deadline = 0.0
        self._watch: asyncio.Handle | None = None
        self._watch_at = 0.0
        self._trouble = Trouble.CRASH
        self._is_closed = False

    @property
    def has_process(self) -> bool:
        """Whether a process stands ready or is on its way."""
        return self._life is not None

    @property
    def pid(self) -> int:
        """The process's id; 0 where none has started."""
        return self._life.pid if self._life is not None else 0

    def begin(self, ticket: Ticket) -> None:
        """Run a task; the slot must be free."""
        self.ticket = ticket
        self._trouble = Trouble.CRASH
        if self._life is None:
            self._start()
            self._expect_sign_within(ticket.limit_s + START_PATIENCE_S)
        elif self._life.connection is not None:
            self._hand_over()
        else:
            self._expect_sign_within(ticket.limit_s + START_PATIENCE_S)

    def stop(self) -> None:
        """Make the running task stop: at its next update, or by ending its process after a short while."""
        if self.ticket is None:
            return
        self._say(Stop(self.ticket.number))
        self._expect_sign_within(STOP_PATIENCE_S)

    def rest(self) -> bool:
        """Let an idle process go, with the memory that it takes; the next task starts another one.

        Returns:
            Whether none is left: a busy one stays.
        """
        if self.ticket is None and self._life is not None and self._life.connection is not None:
            self._say(Quit())
            # What it still says is nobody's; it stays among those whose end is waited for.
            self._life = None
        return self._life is None

    def close(self) -> list[threading.Event]:
        """Ask the process to leave; what is returned is set when its processes have ended."""
        self._is_closed = True
        self._cancel_watch()
        ticket, self.ticket = self.ticket, None
        if ticket is not None and not ticket.future.done():
            ticket.future.set_exception(Cancelled(message("The program is closing.")))
        if ticket is not None:
            ticket.left.set()
            self._kill()
        else:
            self._say(Quit())
        return [life.ended for life in self._lives]

    def kill_all(self) -> None:
        """End every process of this slot at once."""
        for life in self._lives:
            if life.process is not None:
                life.process.kill()

    # ------------------------------------------------------------------------------------------------- watching

    def _expect_sign_within(self, seconds: float) -> None:
        self._deadline = self._loop.time() + seconds
        # When it looks is kept here: the handles of the window's loop cannot tell.
        if self._watch is None or self._watch_at > self._deadline:
            self._cancel_watch()
            self._look_at_deadline()

    def _look(self) -> None:
        self._watch = None
        if self.ticket is None:
            return
        if self._loop.time() < self._deadline:
            self._look_at_deadline()
            return
        self._trouble = Trouble.HANG
        self._kill()

    def _look_at_deadline(self) -> None:
        self._watch_at = self._deadline
        self._watch = self._loop.call_at(self._deadline, self._look)

    def _cancel_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    # -------------------------------------------------------------------------------------------------- process

    def _start(self) -> None:
        life = _Life()
        self._life = life
        self._lives.add(life)
        threading.Thread(target=self._live, args=(life,), name=f"worker {self.name}", daemon=True).start()

    def _kill(self) -> None:
        if self._life is not None and self._life.process is not None:
            self._life.process.kill()

    def _hand_over(self) -> None:
        ticket = self.ticket
        if ticket is None:
            return
        self._expect_sign_within(ticket.limit_s)
        self._say(Run(ticket.number, ticket.task, ticket.request))

    def _say(self, said: ToWorker) -> None:
        if self._life is None or self._life.connection is None:
            return
        try:
            self._life.connection.send_bytes(write_message(said))
        except OSError:
            # It has just died; the reading thread is about to say so.
            logger.debug("worker %s did not take %s", self.name, type(said).__name__)

    # ------------------------------------------------------------------------------------ the process's own thread

    def _live(self, life: _Life) -> None:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=worker_main, args=(theirs, self._setup), name=self.name, daemon=True)
        exit_code: int | None = None
        try:
            try:
                process.start()
            finally:
                theirs.close()
            life.process = process
            life.pid = process.pid or 0
            self._tell(self._started, life, ours)
            self._read(life, ours)
            wait([process.sentinel], STOP_PATIENCE_S)
            process.kill()
            process.join()
            exit_code = process.exitcode
            remove_blocks_of(BlockNames(self._setup.window_pid, life.pid))
        except Exception:
            logger.exception("worker %s could not be started", self.name)
        finally:
            ours.close()
            life.ended.set()
            self._tell(self._lost, life, exit_code)

    def _read(self, life: _Life, connection: Connection) -> None:
        while True:
            try:
                data = connection.recv_bytes()
            except (EOFError, OSError):
                return
            try:
                said = read_message(data)
            except Exception:
                logger.exception("worker %s said something that cannot be read", self.name)
                return
            self._tell(self._heard, life, said)

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            logger.debug("worker %s spoke after the loop had ended", self.name)

    # --------------------------------------------------------------------------------------- back on the loop

    def _started(self, life: _Life, connection: Connection) -> None:
        if life is not self._life:
            return
        life.connection = connection
        if self._is_closed:
            self._say(Quit())
            return
        ticket = self.ticket
        if ticket is not None and ticket.future.cancelled():
            self._free()
        else:
            self._hand_over()

    def _heard(self, life: _Life, said: FromWorker) -> None:
        ticket = self.ticket
        if life is not self._life or ticket is None or said.number != ticket.number:
            return
        match said:
            case Updated(_, update):
                if ticket.future.cancelled():
                    return
                self._expect_sign_within(ticket.limit_s)
                if ticket.on_update is not None:
                    self._pass_on(ticket.on_update, update)
                return
            case OutOfMemory():
                # What is left of it is not to be relied on.
                self._trouble = Trouble.MEMORY
                self._kill()
                return
            case Done(_, reply):
                if not ticket.future.done():
                    ticket.future.set_result(reply)
            case Raised(_, error):
                if not ticket.future.done():
                    ticket.future.set_exception(error)
            case Bug(_, text):
                logger.error("task %s failed in worker %s\n%s", ticket.task, self.name, text)
                if not ticket.future.done():
                    ticket.future.set_exception(WorkerBug(ticket.task, text))
        self._say(Received())
        self._free()

    def _pass_on(self, on_update: Callable[[Update], None], update: Update) -> None:
        try:
            on_update(update)
        except Exception:
            logger.exception("an update of worker %s could not be shown", self.name)

    def _lost(self, life: _Life, exit_code: int | None) -> None:
        self._lives.discard(life)
        if life is not self._life:
            return
        self._life = None
        ticket = self.ticket
        if ticket is None or self._is_closed:
            return
        self._cancel_watch()
        if ticket.future.done():
            self._free()
            return
        ticket.trouble = self._trouble
        logger.warning(
            "worker %s ended (%s, exit code %s) at task %s", self.name, ticket.trouble, exit_code, ticket.task
        )
        self._on_trouble(ticket, ticket.trouble)
        if ticket.retries > 0:
            ticket.retries -= 1
            self.begin(ticket)
            return
        ticket.future.set_exception(worker_error(ticket.trouble, ticket.limit_s, self._setup.memory_mb))
        self._free()

    def _free(self) -> None:
        self._cancel_watch()
        ticket, self.ticket = self.ticket, None
        if ticket is not None:
            ticket.left.set()
        self._on_free()
