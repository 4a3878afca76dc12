"""Servers on loopback, and a small internet of names and numbers that lead to them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore
import pytest
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def web_server(handler: Handler, door: socket.socket | None = None) -> AsyncIterator[str]:
    """Answer every request with one handler, at a door of ``closed_door`` or a new one; gives the base address."""
    app = web.Application(client_max_size=2**28)
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0) if door is None else web.SockSite(runner, door)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def raw_server(handler: RawHandler, **options: Any) -> AsyncIterator[int]:
    """Answer every connection with one handler; gives the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            # asyncio calls a cancelled handler an unhandled error.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(answer, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        left = list(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """Read one HTTP/1.1 request: its first line, its headers in lower case, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return first, headers, await reader.readexactly(int(headers.get("content-length", "0")))


def scripted(*answers: bytes) -> tuple[RawHandler, list[str]]:
    """Return a handler that gives each connection the next answer and hangs up, and the list of what was asked."""
    asked: list[str] = []
    rest = list(answers)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, _, _ = await read_request(reader)
        asked.append(first)
        writer.write(rest.pop(0) if len(rest) > 1 else rest[0])
        await writer.drain()

    return handler, asked


def http(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """Return an answer as bytes; ``length`` says how long it claims to be."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextlib.contextmanager
def closed_door() -> Iterator[tuple[socket.socket, str]]:
    """Give a socket on which nobody listens yet, and its base address; connections to it are refused."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield one, f"http://127.0.0.1:{one.getsockname()[1]}"


@dataclass
class Internet:
    """Names with their numbers, and machines at those numbers, which are servers on loopback.

    Attributes:
        names: Numbers of each name; a list of lists is what the name means one time after the other.
        machines: Ports on loopback of public numbers.
        connected: Numbers that were connected to.
        looked_up: Names that were looked up.
    """

    names: dict[str, list[str]] = field(default_factory=dict)
    machines: dict[str, int] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Look a name up."""
        self.looked_up.append(host)
        if host in self.names:
            return self.names[host]
        if host.replace(".", "").isdigit() or ":" in host:
            return [host]
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lead connections to public numbers to the servers that stand for them."""
        original = httpcore.AnyIOBackend.connect_tcp
        internet = self

        async def connect_tcp(self: Any, host: str, port: int, *rest: Any, **options: Any) -> Any:
            internet.connected.append(host)
            if host in internet.machines:
                host, port = "127.0.0.1", internet.machines[host]
            elif host != "127.0.0.1":
                raise httpcore.ConnectError("nobody there")
            return await original(self, host, port, *rest, **options)

        monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)


PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "8.8.8.8"
