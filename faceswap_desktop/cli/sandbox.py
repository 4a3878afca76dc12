"""``sandbox``: all services of the internet, on this computer, for trying and for tests."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from faceswap_desktop.cli.arguments import some_text
from faceswap_desktop.cli.console import Console
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, UsageError
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.messages import message

HELP = "serve AKOOL, aifaceswap and ai-gs on this computer, so that they can be tried without a key"

_PARENT_S: Final = 1.0
_FOLDER: Final = "faceswap-sandbox-"
_HOME_MARK: Final = "sandbox-home"
"""File in a home folder that belongs to sandboxes."""
_MOST_PORT: Final = 65_535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="listen there (default: any free port)")
    parser.add_argument(
        "--fault",
        action="append",
        type=some_text,
        default=[],
        metavar="NAME",
        help="what goes wrong: [service.]name[@endpoint][:count], for example rate-limit or akool.dropped-answer:1",
    )
    parser.add_argument(
        "--stay", action="store_true", help="go on until Ctrl+C, also when standard input or the parent process ends"
    )
    parser.add_argument("--json", action="store_true", help="changes nothing: the one line is JSON in any case")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Serve until told to end; the first line of standard output says where."""
    # Not before it is wanted: the other commands need no server.
    from faceswap_desktop.sandbox.engine import Parts
    from faceswap_desktop.sandbox.server import SandboxServer

    await _check_home(program)
    program.signing.is_resting = True
    parts = Parts(
        program.library,
        program.detection,
        program.videos,
        program.swapping,
        program.queue,
        program.gallery,
        program.consents,
    )
    try:
        server = SandboxServer(
            parts,
            program.home.cache_folder / "sandbox",
            faults=options.fault,
            providers=program.settings.current.providers,
        )
    except ValueError as error:
        raise UsageError(message("{text}.", text=str(error))) from error
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    await program.start()
    try:
        addresses = await server.start(options.port)
    except OSError as error:
        raise UsageError(
            message("Port {port} cannot be used: {reason}.", port=options.port, reason=error.strerror or str(error)),
            message("Leave --port away to take any free one."),
        ) from error
    watch = None
    if not options.stay:
        _watch_input(loop, ended)
        watch = loop.create_task(_watch_parent(os.getppid(), ended))
    try:
        console.result(addresses, json.dumps(addresses))
        console.say(f"The sandbox listens at {addresses['sandbox']}. Ctrl+C ends it.")
        await ended.wait()
    finally:
        if watch is not None:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
        await server.close()
    return ExitCode.DONE


async def _check_home(program: Program) -> None:
    """Refuse a home folder that is somebody's: its jobs would be run here, and not be signed.

    Raises:
        UsageError: Jobs or results are there that no sandbox made.
    """
    mark = program.home.root / _HOME_MARK
    if await asyncio.to_thread(mark.is_file):
        return
    if await program.queue.unfinished() or await program.gallery.find(GalleryQuery(include_deleted=True), 1):
        raise UsageError(
            message("This home folder holds somebody's jobs or results, and the sandbox needs one of its own."),
            message("Leave --home away, or name a new folder."),
        )
    await asyncio.to_thread(mark.touch)


@contextlib.contextmanager
def own_home() -> Iterator[str]:
    """Make a home folder for one sandbox and remove it at the end, with those of others that were killed."""
    _sweep()
    folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what sandboxes left that could not do so themselves: there are pictures of people in it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        number = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)) and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _watch_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """End when standard input does: whoever started the sandbox is gone, or wants it gone."""

    def read() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        # The loop may be closed already.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)

    # A daemon: a read of a terminal ends only when somebody types.
    threading.Thread(target=read, name="standard input", daemon=True).start()


async def _watch_parent(parent: int, ended: asyncio.Event) -> None:
    while os.getppid() == parent and psutil.pid_exists(parent):  # noqa: ASYNC110 - processes do not tell of their end
        await asyncio.sleep(_PARENT_S)
    ended.set()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= _MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to {_MOST_PORT}")
    return int(text)
