"""The sandbox as a process of its own: started for the switch in the settings, watched, and ended with the program."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import Settings, WebhookSettings

logger = logging.getLogger(__name__)

START_LIMIT_S: Final = 60.0
"""A cold start on a busy machine; a healthy one takes a second or two."""

_END_LIMIT_S: Final = 10.0
_MOST_CRASHES: Final = 3
_CRASHES_WITHIN_S: Final = 60.0
_HOST: Final = "127.0.0.1"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SandboxAddresses:
    """Where the sandbox's services are.

    Attributes:
        sandbox: The server itself: ``/sandbox/state``, ``/sandbox/faults``, ``/sandbox/credits``.
        akool, akool_detect, aifaceswap, aigs: Base addresses, in the place of the services' own.
        s3: Endpoint of its bucket.
        bucket: The bucket's name.
    """

    sandbox: str
    akool: str
    akool_detect: str
    aifaceswap: str
    aigs: str
    s3: str
    bucket: str


_NOBODY: Final = f"http://{_HOST}:1"
NOWHERE: Final = SandboxAddresses(_NOBODY, _NOBODY, _NOBODY, _NOBODY, _NOBODY, _NOBODY, "sandbox")
"""Nobody answers there: for the time in which the sandbox is wanted and not yet there."""


def with_sandbox(settings: Settings, addresses: SandboxAddresses) -> Settings:
    """Return settings in which every service is the sandbox's, and results are delivered to this computer."""
    providers = settings.providers
    return replace(
        settings,
        providers=replace(
            providers,
            akool=replace(providers.akool, base_url=addresses.akool, detect_url=addresses.akool_detect),
            aifaceswap=replace(providers.aifaceswap, base_url=addresses.aifaceswap),
            aigs=replace(providers.aigs, base_url=addresses.aigs),
        ),
        hosting=replace(
            settings.hosting,
            s3=replace(
                settings.hosting.s3,
                endpoint_url=addresses.s3,
                bucket=addresses.bucket,
                region="us-east-1",
                path_style=True,
            ),
        ),
        # Any free port: the address gets the one that is taken.
        webhook=WebhookSettings(f"http://{_HOST}", 0, ""),
    )


class SandboxProcess:
    """Starts the sandbox, knows where it is, and starts it again should it end by itself.

    Attributes:
        addresses: Where it is; None while it is not there.
    """

    def __init__(self, on_notice: Callable[[Message], None], *, python: str = sys.executable) -> None:
        """Prepare.

        Args:
            on_notice: Told when it ended by itself.
            python: The interpreter, or the program itself where it is frozen.
        """
        self.addresses: SandboxAddresses | None = None
        self._on_notice = on_notice
        self._python = python
        self._turn = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._port = 0

    async def start(self) -> None:
        """Start it if it is not there; returns when it listens.

        Raises:
            ProviderUnavailable: It could not be started.
        """
        async with self._turn:
            if self._watch is not None and not self._watch.done():
                return
            running = await self._started()
            self._watch = asyncio.get_running_loop().create_task(self._watched(running), name="sandbox")

    async def stop(self) -> None:
        """End it; what it kept goes with it."""
        async with self._turn:
            if self._watch is not None:
                self._watch.cancel()
                await asyncio.gather(self._watch, return_exceptions=True)
                self._watch = None
            self.addresses = None
            if self._process is not None:
                process, self._process = self._process, None
                await asyncio.to_thread(_end, process)

    # Processes are started and awaited in threads: not every loop that the window can have knows of child processes.

    async def _started(self) -> Running:
        loop = asyncio.get_running_loop()
        starting = loop.create_task(asyncio.to_thread(_start, _command(self._python, self._port), loop))
        try:
            running = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The thread cannot be stopped: what it starts is ended as soon as it is there.
            with contextlib.suppress(ProviderUnavailable):
                await asyncio.shield(asyncio.to_thread(_end, (await starting).process))
            raise
        self._process = running.process
        try:
            line = await asyncio.wait_for(asyncio.shield(running.first_line), START_LIMIT_S)
            self.addresses = _addresses_in(line)
        except (TimeoutError, ValueError, asyncio.CancelledError) as error:
            self._process = None
            # Whoever gave up waiting must not leave a process behind.
            await asyncio.shield(asyncio.to_thread(_end, running.process))
            if isinstance(error, asyncio.CancelledError):
                raise
            raise _failed(running) from error
        self._port = int(self.addresses.sandbox.rpartition(":")[2])
        return running

    async def _watched(self, running: Running) -> None:
        crashes: collections.deque[float] = collections.deque(maxlen=_MOST_CRASHES)
        while True:
            code = await asyncio.shield(running.ended)
            self.addresses, self._process = None, None
            logger.info("The sandbox ended with code %s: %s", code, running.last_words)
            crashes.append(time.monotonic())
            if len(crashes) == _MOST_CRASHES and crashes[-1] - crashes[0] < _CRASHES_WITHIN_S:
                self._on_notice(message("The sandbox ended again and again. It is not started any more."))
                return
            try:
                running = await self._started()
            except ProviderUnavailable:
                # Somebody else may have the port by now.
                self._port = 0
                try:
                    running = await self._started()
                except ProviderUnavailable as error:
                    self._on_notice(error.message)
                    return
            self._on_notice(message("The sandbox had ended and was started again. What it was working on is lost."))


class Running:
    """A process that was started.

    Attributes:
        process: It.
        first_line: What it writes to standard output first; empty where it ended before.
        ended: Its exit code, once it has one.
        words: What it wrote to standard error last.
    """

    def __init__(self, process: subprocess.Popen[str], loop: asyncio.AbstractEventLoop) -> None:
        self.process = process
        self.first_line: asyncio.Future[str] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self.words: collections.deque[str] = collections.deque(maxlen=8)

    @property
    def last_words(self) -> str:
        """What it wrote to standard error last."""
        return " ".join(line.strip() for line in self.words)[-500:]

    def follow(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read what it writes, and wait for its end."""
        for name, work in (("output", self._read_output), ("errors", self._read_errors)):
            threading.Thread(target=work, args=(loop,), name=f"sandbox {name}", daemon=True).start()

    def _read_output(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError, OSError), self.process.stdout as stream:
            _settle(loop, self.first_line, stream.readline())
            while stream.read(4096):
                pass
        _settle(loop, self.first_line, "")
        code = self.process.wait()
        _close_input(self.process)
        _settle(loop, self.ended, code)

    def _read_errors(self, _loop: asyncio.AbstractEventLoop) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(ValueError, OSError), self.process.stderr as stream:
            for line in stream:
                self.words.append(line)


def _settle(loop: asyncio.AbstractEventLoop, future: asyncio.Future[_T], value: _T) -> None:
    def settle() -> None:
        if not future.done():
            future.set_result(value)

    # The loop may be closed by now: then nobody waits.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(settle)


def _command(python: str, port: int) -> list[str]:
    # A frozen program is its own interpreter and has no -m.
    module = [] if getattr(sys, "frozen", False) else ["-m", "faceswap_desktop"]
    return [python, *module, "sandbox", *(["--port", str(port)] if port else [])]


def _start(command: list[str], loop: asyncio.AbstractEventLoop) -> Running:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            # None of the user's keys, and not the user's home folder.
            env={name: value for name, value in os.environ.items() if not name.startswith("FACESWAP_")},
            # Ctrl+C in a terminal is for the program, which ends its sandbox itself.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise ProviderUnavailable(
            message("The sandbox could not be started: {reason}.", reason=reason), kind="sandbox"
        ) from error
    running = Running(process, loop)
    running.follow(loop)
    return running


def _end(process: subprocess.Popen[str]) -> None:
    """Close its standard input, by which it knows that it is to end; one that does not is ended."""
    _close_input(process)
    for ask in (None, process.terminate, process.kill):
        if ask is not None:
            ask()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_LIMIT_S)
            return


def _close_input(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(OSError, ValueError):
        if process.stdin is not None:
            process.stdin.close()


def _addresses_in(line: str) -> SandboxAddresses:
    said = json.loads(line)
    if not isinstance(said, dict):
        raise ValueError("not an object")  # noqa: TRY004 - whatever is wrong with the line is one thing
    try:
        return SandboxAddresses(**{name: str(said[name]) for name in SandboxAddresses.__dataclass_fields__})
    except KeyError as error:
        raise ValueError(f"it does not say {error}") from error


def _failed(running: Running) -> ProviderUnavailable:
    return ProviderUnavailable(
        message("The sandbox could not be started: {reason}.", reason=running.last_words or "it said nothing"),
        message("The log has the details. Switch it off and on to try again."),
        kind="sandbox",
    )


__all__ = ["NOWHERE", "SandboxAddresses", "SandboxProcess", "with_sandbox"]
