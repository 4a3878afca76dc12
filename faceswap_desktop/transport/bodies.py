"""What is sent: bodies that are read from the disk while they go, never whole in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO, Final, Self
from urllib.parse import urlencode

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.refusals import refuse_os_error, replaced
from faceswap_desktop.transport.calls import ApiCall, FilePart

BLOCK_BYTES: Final = 2**20
_REPORT_EVERY_S: Final = 0.1
_LONG_TEXT: Final = 2**18


class ByteMeter:
    """Tells how many bytes went or came, about ten times a second and at the end."""

    def __init__(self, on_bytes: ByteProgress | None, total: int = 0) -> None:
        self._on_bytes = on_bytes
        self._next = 0.0
        self.total = total

    def report(self, done: int, *, is_last: bool = False) -> None:
        """Tell it, unless it was told a moment ago."""
        if self._on_bytes is None:
            return
        now = time.monotonic()
        if is_last or now >= self._next:
            self._next = now + _REPORT_EVERY_S
            self._on_bytes(done, self.total)


class Body:
    """A body of known length that can be sent more than once. Used as a context; files are open while it lasts."""

    def __init__(self, parts: Sequence[bytes | str], media_type: str, on_bytes: ByteProgress | None = None) -> None:
        """Make a body.

        Args:
            parts: Bytes, and paths of files.
            media_type: Of the whole.
            on_bytes: Told while it is sent.
        """
        self.media_type = media_type
        self.length = 0
        self._parts = parts
        self._on_bytes = on_bytes
        self._open: dict[str, tuple[BinaryIO, int]] = {}
        self._reading: asyncio.Future[bytes] | None = None

    async def __aenter__(self) -> Self:
        """Open the files.

        Raises:
            InputRefused: One cannot be read.
        """
        paths = [part for part in self._parts if isinstance(part, str)]
        self._open = await asyncio.to_thread(_opened, paths) if paths else {}
        self.length = sum(self._open[part][1] if isinstance(part, str) else len(part) for part in self._parts)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wait_for_reader()
        for stream, _ in self._open.values():
            stream.close()
        self._open = {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield it in blocks, from the start each time.

        Raises:
            InputRefused: A file has changed or cannot be read any more.
        """
        await self._wait_for_reader()
        meter, done = ByteMeter(self._on_bytes, self.length), 0
        for part in self._parts:
            async for block in self._blocks(part):
                yield block
                done += len(block)
                meter.report(done, is_last=done == self.length)

    async def _blocks(self, part: bytes | str) -> AsyncIterator[bytes]:
        if isinstance(part, bytes):
            for start in range(0, len(part), BLOCK_BYTES):
                yield part[start : start + BLOCK_BYTES]
            return
        stream, left = self._open[part]
        loop = asyncio.get_running_loop()
        stream.seek(0)
        while left:
            # The next block is read while this one is sent.
            self._reading = self._reading or loop.run_in_executor(None, stream.read, min(left, BLOCK_BYTES))
            try:
                block = await self._reading
            except OSError as error:
                raise refuse_os_error(part, error) from error
            finally:
                self._reading = None
            left -= len(block)
            if not block:
                raise replaced(part)
            if left:
                self._reading = loop.run_in_executor(None, stream.read, min(left, BLOCK_BYTES))
            yield block

    async def _wait_for_reader(self) -> None:
        # A thread that still reads needs the file open.
        reading, self._reading = self._reading, None
        if reading is not None:
            with contextlib.suppress(OSError):
                await asyncio.shield(reading)


def body_of(call: ApiCall, on_bytes: ByteProgress | None = None) -> Body | None:
    """Return the body of a call, or None if it has none."""
    if call.files:
        return multipart(call.form, call.files, on_bytes)
    if call.form:
        text = urlencode(dict(call.form), doseq=True)
        return Body([text.encode()], "application/x-www-form-urlencoded", on_bytes)
    if call.json is not None:
        return Body(json_parts(call.json), "application/json", on_bytes)
    return None


def json_parts(value: Any) -> list[bytes]:
    """Return a value as JSON, in pieces: long texts of an object (pictures in base64) are not copied in one go."""
    if not isinstance(value, Mapping) or not any(_is_long(one) for one in value.values()):
        return [json.dumps(value, allow_nan=False).encode()]
    parts: list[bytes] = []
    for name, one in value.items():
        parts.append(f"{',' if parts else '{'}{json.dumps(name)}:".encode())
        if _is_long(one):
            pieces = (one[start : start + _LONG_TEXT] for start in range(0, len(one), _LONG_TEXT))
            parts += [b'"', *(json.dumps(piece)[1:-1].encode() for piece in pieces), b'"']
        else:
            parts.append(json.dumps(one, allow_nan=False).encode())
    return [*parts, b"}"]


def multipart(
    form: Mapping[str, str | tuple[str, ...]], files: Sequence[FilePart], on_bytes: ByteProgress | None = None
) -> Body:
    """Return a multipart body (RFC 7578), names quoted as browsers do it."""
    boundary = secrets.token_hex(16)
    parts: list[bytes | str] = []
    for name, values in form.items():
        for value in (values,) if isinstance(values, str) else values:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
            parts.append(f"{head}{value}\r\n".encode())
    for file in files:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(file.name)}"; '
            f'filename="{_quoted(file.file_name)}"\r\nContent-Type: {file.media_type}\r\n\r\n'
        )
        parts += [head.encode(), file.file.path, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return Body(parts, f"multipart/form-data; boundary={boundary}", on_bytes)


def _is_long(value: object) -> bool:
    # Only in plain ASCII can a text be cut anywhere.
    return isinstance(value, str) and len(value) > _LONG_TEXT and value.isascii()


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _opened(paths: Sequence[str]) -> dict[str, tuple[BinaryIO, int]]:
    opened: dict[str, tuple[BinaryIO, int]] = {}
    try:
        for path in dict.fromkeys(paths):
            try:
                stream = open_regular(path)
                opened[path] = (stream, os.fstat(stream.fileno()).st_size)
            except (OSError, ValueError) as error:
                raise refuse_os_error(path, error) from error
    except InputRefused:
        for stream, _ in opened.values():
            stream.close()
        raise
    return opened
