"""``relay``: takes what services deliver, on a server, keeps it, and hands it on to the program at home."""

from __future__ import annotations

import argparse
import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from faceswap_desktop.cli.arguments import plain_path, some_text
from faceswap_desktop.cli.console import Console
from faceswap_desktop.domain.errors import ExitCode, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.paths import Home

HELP = "on a server: take what services deliver, keep it for 7 days, and hand it on to the program at home"
TOKEN_VARIABLE: Final = "FACESWAP_RELAY_TOKEN"  # noqa: S105 - its name
DEFAULT_PORT: Final = 8788
_LONGEST_TOKEN: Final = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--host",
        type=some_text,
        default="127.0.0.1",
        help="address to listen on (default: %(default)s, for a web server in front that speaks https)",
    )
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="port to listen on, 0 for any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--token-file",
        type=plain_path,
        metavar="FILE",
        help=f"file that holds the token of the listeners, at least 16 characters; else {TOKEN_VARIABLE} is read",
    )
    parser.add_argument(
        "--folder", type=plain_path, metavar="DIR", help="where deliveries are kept (default: relay in the home folder)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object once it listens")


async def run_alone(home: Home, options: argparse.Namespace, console: Console) -> ExitCode:
    """Serve until a signal comes.

    Raises:
        UsageError: There is no token, or the address cannot be listened on.
        StorageError: The folder cannot be used.
    """
    token = await asyncio.to_thread(_token, options.token_file)
    folder: Path = options.folder or home.root / "relay"
    # A signal is how it is meant to end.
    with suppress(asyncio.CancelledError):
        await _serve(token, folder, options, console)
    return ExitCode.DONE


async def _serve(token: str, folder: Path, options: argparse.Namespace, console: Console) -> None:
    from faceswap_desktop.transport.relay_server import RelayServer
    from faceswap_desktop.transport.relay_store import RelayStore

    await asyncio.to_thread(_make, folder)
    store = await RelayStore.open(folder)
    try:
        server = RelayServer(store, token, host=options.host, port=options.port)
        await server.start()
        try:
            address = f"http://{options.host if ':' not in options.host else f'[{options.host}]'}:{server.port}"
            console.result(
                {"address": address, "folder": str(folder)},
                f"Listening at {address}; deliveries are kept in {folder}. Ctrl+C ends it.",
            )
            await asyncio.Event().wait()
        finally:
            await server.stop()
    finally:
        await store.close()


def _token(file: Path | None) -> str:
    if file is None:
        return os.environ.get(TOKEN_VARIABLE, "").strip()
    with mapped_errors(file), file.open("rb") as opened:
        raw = opened.read(_LONGEST_TOKEN + 1)
    try:
        return raw.decode("ascii").strip()
    except UnicodeDecodeError:
        raise UsageError(message("The file of the token holds something else than letters and digits.")) from None


def _make(folder: Path) -> None:
    with mapped_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"it must be a number from 0 to 65535, not {text!r}")
    return int(text)
