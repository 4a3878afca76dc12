"""How another process on this home folder makes itself heard by the one that runs the jobs.

The runner listens on a socket (a named pipe on Windows) that only this user reaches; where it is, and the key that a
caller has to prove, stand in a file of the home folder that only this user may read. Messages are JSON, never pickles.

    {"kind": "jobs"}                    look into the ledger
    {"kind": "open", "files": […]}      open these files in the Studio
    {"kind": "show"}                    raise the window
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.storage.paths import Home

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES: Final = 2**20
RING_PATIENCE_S: Final = 3.0
_FOLDER_PREFIX: Final = "fsd-bell-"
_CLOSING: Final = "closing"


class Doorbell:
    """Listens for other processes; made by the process that holds the lease, on the loop's thread."""

    def __init__(self, home: Home, on_ring: Callable[[dict[str, Any]], None]) -> None:
        self._home = home
        self._on_ring = on_ring
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        self._folder = ""
        self._key = b""
        self._is_closing = False

    async def open(self) -> None:
        """Begin to listen; what a killed process left is cleared away.

        Raises:
            StorageError: The home folder cannot be written.
            OSError: No socket could be made.
        """
        self._is_closing = False
        await asyncio.to_thread(self._make)
        self._thread = threading.Thread(
            target=self._listen, args=(asyncio.get_running_loop(),), name="doorbell", daemon=True
        )
        self._thread.start()

    async def close(self) -> None:
        """Stop listening and take the file away."""
        if self._listener is None or self._thread is None:
            return
        self._is_closing = True
        # The thread waits for a caller; this is one.
        await asyncio.to_thread(ring, self._home, {"kind": _CLOSING})
        await asyncio.to_thread(self._thread.join, RING_PATIENCE_S)
        self._listener.close()
        self._listener = self._thread = None
        await asyncio.to_thread(self._clear)

    def _make(self) -> None:
        _clear_stale(self._home)
        self._key = secrets.token_bytes(32)
        if os.name == "nt":
            self._listener = Listener(family="AF_PIPE", authkey=self._key)
        else:
            # A path of the home folder can be too long for a socket. The folder is this user's alone (0700).
            self._folder = tempfile.mkdtemp(prefix=_FOLDER_PREFIX)
            self._listener = Listener(str(Path(self._folder) / "bell"), family="AF_UNIX", authkey=self._key)
        told = {"address": str(self._listener.address), "key": self._key.hex(), "pid": os.getpid()}
        # mkstemp's files are 0600, and so this one is from its first moment.
        self._home.bell_file.unlink(missing_ok=True)
        write_atomically(self._home.bell_file, json.dumps(told).encode())

    def _clear(self) -> None:
        self._home.bell_file.unlink(missing_ok=True)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._listener is not None
        while not self._is_closing:
            try:
                with self._listener.accept() as caller:
                    # Whoever connects and then says nothing must not keep others out.
                    if not caller.poll(RING_PATIENCE_S):
                        continue
                    said = json.loads(caller.recv_bytes(MAX_MESSAGE_BYTES))
                    caller.send_bytes(b"ok")
            except (AuthenticationError, EOFError, OSError, ValueError) as error:
                if not self._is_closing:
                    logger.info("a ring that could not be understood: %s", type(error).__name__)
                continue
            if isinstance(said, dict) and said.get("kind") != _CLOSING:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self._on_ring, said)


def ring(home: Home, message: dict[str, Any]) -> bool:
    """Tell the process that runs the jobs something; blocks for at most a few seconds.

    Returns:
        Whether somebody heard it.
    """
    heard: list[bool] = []
    caller = threading.Thread(target=lambda: heard.append(_call(home, message)), name="ring", daemon=True)
    caller.start()
    caller.join(RING_PATIENCE_S)
    return bool(heard and heard[0])


def _call(home: Home, message: dict[str, Any]) -> bool:
    told = _read(home)
    if told is None:
        return False
    try:
        with Client(told["address"], family=_family(), authkey=bytes.fromhex(told["key"])) as line:
            line.send_bytes(json.dumps(message).encode())
            return line.poll(RING_PATIENCE_S) and line.recv_bytes(16) == b"ok"
    except (AuthenticationError, EOFError, OSError, ValueError):
        return False


def _family() -> str:
    return "AF_PIPE" if os.name == "nt" else "AF_UNIX"


def _read(home: Home) -> dict[str, Any] | None:
    try:
        told = json.loads(home.bell_file.read_bytes())
    except (OSError, ValueError):
        return None
    is_whole = isinstance(told, dict) and isinstance(told.get("address"), str) and isinstance(told.get("key"), str)
    return told if is_whole else None


def _clear_stale(home: Home) -> None:
    told = _read(home)
    if told is None or os.name == "nt":
        return
    folder = Path(told["address"]).parent
    # Only what a doorbell made: the file could have been changed by hand.
    if folder.name.startswith(_FOLDER_PREFIX) and folder.parent == Path(tempfile.gettempdir()):
        shutil.rmtree(folder, ignore_errors=True)
