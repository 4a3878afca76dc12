"""Fetches media by address, as the services do: from this computer only, for this is a sandbox."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

MOST_BYTES: Final = 1 << 30
_PIECE_BYTES: Final = 262_144
_LIMIT_S: Final = 120.0
_DATA_URI: Final = re.compile(r"data:image/[a-z+.-]+;base64,", re.IGNORECASE)


class FetchFailed(Exception):
    """Nothing came from an address, or nothing may be fetched from there."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came in; equal contents lie at equal places.

    Attributes:
        path: Where it lies.
        digest: SHA-256, hexadecimal.
        size_bytes: Its length.
    """

    path: Path
    digest: str
    size_bytes: int


def is_web_address(text: object) -> bool:
    """Say whether this is an http(s) address."""
    if not isinstance(text, str):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    """Say whether an address is on this computer."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Fetcher:
    """Brings media into a folder."""

    def __init__(self, folder: Path, session: aiohttp.ClientSession) -> None:
        self._folder = folder
        self._session = session
        folder.mkdir(parents=True, exist_ok=True)

    async def fetch(self, address: str) -> Fetched:
        """Fetch one file.

        Raises:
            FetchFailed: It is elsewhere than on this computer, not there, too large or empty.
        """
        if not is_web_address(address) or not is_loopback(address):
            raise FetchFailed("only addresses on this computer are fetched by the sandbox")
        part = self._folder / f".{secrets.token_hex(8)}"
        digest, size = hashlib.sha256(), 0
        try:
            timeout = aiohttp.ClientTimeout(total=_LIMIT_S)
            async with self._session.get(address, allow_redirects=False, timeout=timeout) as reply:
                if reply.status != 200:
                    raise FetchFailed(f"status {reply.status}")
                with part.open("wb") as stream:
                    async for piece in reply.content.iter_chunked(_PIECE_BYTES):
                        size += len(piece)
                        if size > MOST_BYTES:
                            raise FetchFailed("too large")
                        digest.update(piece)
                        stream.write(piece)
            return self._kept(part, digest.hexdigest(), size)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FetchFailed(type(error).__name__) from error
        finally:
            part.unlink(missing_ok=True)

    def keep(self, contents: bytes) -> Fetched:
        """Keep a file that came within a request.

        Raises:
            FetchFailed: It is empty.
        """
        part = self._folder / f".{secrets.token_hex(8)}"
        try:
            part.write_bytes(contents)
            return self._kept(part, hashlib.sha256(contents).hexdigest(), len(contents))
        finally:
            part.unlink(missing_ok=True)

    def keep_base64(self, text: str, *, takes_data_uri: bool) -> Fetched:
        """Keep a picture that came as base64.

        Raises:
            FetchFailed: It is not base64, empty, or has a prefix that is not taken.
        """
        bare = _DATA_URI.sub("", text, count=1) if takes_data_uri else text
        try:
            contents = base64.b64decode(bare, validate=True)
        except (binascii.Error, ValueError) as error:
            raise FetchFailed("not base64") from error
        return self.keep(contents)

    def _kept(self, part: Path, digest: str, size: int) -> Fetched:
        if not size:
            raise FetchFailed("empty")
        path = self._folder / digest
        part.replace(path)
        return Fetched(path, digest, size)
