"""The relay and its listener, over real sockets; and a relay that speaks exactly as smee.io's server does."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from faceswap_desktop.domain.errors import StorageError, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.transport.relay_client import EVENT_LIMIT, Backoff, RelayClient
from faceswap_desktop.transport.relay_server import RelayServer
from faceswap_desktop.transport.relay_store import FILE_NAME, KEPT_S, RelayStore
from faceswap_desktop.transport.webhook import BODY_LIMIT, Intake

TOKEN = "a-token-of-the-test's-own"
QUICK = Backoff(0.001, 0.01)


class Inbox:
    """Takes what a listener hands on."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.errors: list[Exception] = []

    async def receive(self, secret: str, body: dict[str, Any]) -> Intake:
        if self.errors:
            raise self.errors.pop(0)
        self.came.put_nowait((secret, body))
        return Intake.STORED

    async def take(self, count: int) -> list[dict[str, Any]]:
        return [(await self.came.get())[1] for _ in range(count)]


class Relay:
    """A relay that can be ended and started again at the same address."""

    def __init__(self, folder: Path, clock: Callable[[], float] | None, most: int, ping_s: float) -> None:
        self._folder, self._clock, self._most, self._ping_s = folder, clock, most, ping_s
        self.server: RelayServer | None = None
        self.port = 0

    async def start(self) -> None:
        options: dict[str, Any] = {"most_deliveries": self._most}
        if self._clock is not None:
            options["clock"] = self._clock
        self.store = await RelayStore.open(self._folder, **options)
        self.server = RelayServer(self.store, TOKEN, port=self.port, ping_s=self._ping_s)
        await self.server.start()
        self.port = self.server.port

    async def stop(self) -> None:
        if self.server is not None:
            await self.server.stop()
            await self.store.close()
            self.server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/channel-1"


@pytest_asyncio.fixture
async def make_relay(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Relay]]]:
    made: list[Relay] = []

    async def make(clock: Callable[[], float] | None = None, most: int = 100, ping_s: float = 25.0) -> Relay:
        made.append(Relay(tmp_path, clock, most, ping_s))
        await made[-1].start()
        return made[-1]

    yield make
    for one in made:
        await one.stop()


@pytest_asyncio.fixture
async def relay(make_relay: Callable[..., Awaitable[Relay]]) -> Relay:
    return await make_relay()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=60) as one:
        yield one


@pytest_asyncio.fixture
async def listen() -> AsyncIterator[Callable[..., RelayClient]]:
    clients: list[RelayClient] = []

    def start(url: str, inbox: Inbox, token: str | None = TOKEN) -> RelayClient:
        async def get_token() -> str | None:
            return token

        clients.append(RelayClient(url, inbox.receive, get_token, backoff=QUICK))
        clients[-1].start()
        return clients[-1]

    yield start
    for one in clients:
        await one.stop()


@asynccontextmanager
async def events(
    client: httpx.AsyncClient, url: str, last: str = "", **headers: str
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """What a listener sees, event by event, as the standard words it."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {TOKEN}", **headers}
    if last:
        headers["Last-Event-ID"] = last

    async def split(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
        fields: dict[str, str] = {}
        async with aclosing(response.aiter_lines()) as lines:  # type: ignore[type-var]
            async for line in lines:
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                else:
                    yield fields
                    fields = {}

    async with client.stream("GET", url, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["x-faceswap-relay"] == "1"
        found = split(response)
        async with aclosing(found):  # type: ignore[type-var]
            ready = await anext(found)
            assert ready["event"] == "ready"
            assert json.loads(ready["data"]) == {"stores_days": 7}
            assert "id" not in ready
            yield found


# ------------------------------------------------------------------------------------------------------------ the relay


async def opened(client: httpx.AsyncClient, url: str) -> None:
    async with events(client, url):
        pass


async def test_deliveries_are_kept_and_handed_on_in_order(relay: Relay, client: httpx.AsyncClient) -> None:
    await opened(client, relay.url)
    for number in range(3):
        assert (await client.post(f"{relay.url}?to=secret-{number}", json={"n": number})).status_code == 200
    async with events(client, relay.url) as found:
        seen = [await anext(found) for _ in range(3)]
        payloads = [json.loads(one["data"]) for one in seen]
        assert [one["body"] for one in payloads] == [{"n": 0}, {"n": 1}, {"n": 2}]
        assert [one["query"] for one in payloads] == [{"to": f"secret-{n}"} for n in range(3)]
        assert all(one["timestamp"] > 1.7e12 for one in payloads)
        ids = [int(one["id"]) for one in seen]
        assert ids == sorted(set(ids))
        # And then what comes while the line stands.
        assert (await client.post(relay.url, json={"n": 3})).status_code == 200
        assert json.loads((await anext(found))["data"])["body"] == {"n": 3}
    async with events(client, relay.url, last=seen[1]["id"]) as found:
        assert [json.loads((await anext(found))["data"])["body"] for _ in range(2)] == [{"n": 2}, {"n": 3}]


async def test_all_listeners_get_everything_and_channels_are_apart(relay: Relay, client: httpx.AsyncClient) -> None:
    other = relay.url.replace("channel-1", "channel-2")
    async with events(client, relay.url) as one, events(client, relay.url) as two, events(client, other) as three:
        await client.post(relay.url, json={"for": 1})
        await client.post(other, json={"for": 2})
        assert json.loads((await anext(one))["data"])["body"] == {"for": 1}
        assert json.loads((await anext(two))["data"])["body"] == {"for": 1}
        assert json.loads((await anext(three))["data"])["body"] == {"for": 2}


async def test_a_restart_loses_nothing_and_counts_on(relay: Relay, client: httpx.AsyncClient) -> None:
    await opened(client, relay.url)
    await client.post(relay.url, json={"n": 0})
    await relay.stop()
    await relay.start()
    await client.post(relay.url, json={"n": 1})
    async with events(client, relay.url) as found:
        first, second = await anext(found), await anext(found)
    assert [json.loads(one["data"])["body"]["n"] for one in (first, second)] == [0, 1]
    assert int(second["id"]) > int(first["id"])


async def test_another_relay_s_last_number_means_everything(relay: Relay, client: httpx.AsyncClient) -> None:
    await opened(client, relay.url)
    await client.post(relay.url, json={"n": 0})
    for last in ("999999", "-1", "a", "1.5", "²", "9" * 40):
        headers = {b"Authorization": f"Bearer {TOKEN}".encode(), b"Last-Event-ID": last.encode()}
        async with client.stream("GET", relay.url, headers=headers) as response:
            text = ""
            async for chunk in response.aiter_text():
                text += chunk
                if '{"n":0}' in text:
                    break


async def test_a_silent_line_is_kept_alive(
    make_relay: Callable[..., Awaitable[Relay]], client: httpx.AsyncClient
) -> None:
    relay = await make_relay(ping_s=0.01)
    async with events(client, relay.url) as found:
        pings = [await anext(found) for _ in range(3)]
    assert pings == [{"event": "ping", "data": "{}"}] * 3


async def test_only_the_newest_are_kept(make_relay: Callable[..., Awaitable[Relay]], client: httpx.AsyncClient) -> None:
    relay = await make_relay(most=3)
    await opened(client, relay.url)
    for number in range(5):
        await client.post(relay.url, json={"n": number})
    async with events(client, relay.url) as found:
        assert [json.loads((await anext(found))["data"])["body"]["n"] for _ in range(3)] == [2, 3, 4]


async def test_what_is_older_than_seven_days_is_gone(
    make_relay: Callable[..., Awaitable[Relay]], client: httpx.AsyncClient, tmp_path: Path
) -> None:
    now = [1000.0]
    relay = await make_relay(clock=lambda: now[0])
    await opened(client, relay.url)
    await client.post(relay.url, json={"n": 0})
    now[0] += KEPT_S + 1
    await client.post(relay.url, json={"n": 1})
    async with events(client, relay.url) as found:
        assert json.loads((await anext(found))["data"])["body"] == {"n": 1}
    await relay.stop()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    assert connection.execute("SELECT count(*) FROM deliveries").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
async def test_listeners_need_the_token(relay: Relay, client: httpx.AsyncClient, given: str) -> None:
    assert (await client.get(relay.url, headers={"Authorization": given})).status_code == 401
    assert (await client.get(f"{relay.url}?token=wrong")).status_code == 401
    # Nobody has made the channel in that way.
    assert (await client.post(relay.url, json={})).status_code == 404


async def test_the_token_may_stand_in_the_query(relay: Relay, client: httpx.AsyncClient) -> None:
    async with client.stream("GET", relay.url, params={"token": TOKEN}) as response:
        assert response.status_code == 200


@pytest.mark.parametrize("token", ["", "short", "x" * 15])
async def test_no_relay_without_a_token(tmp_path: Path, token: str) -> None:
    store = await RelayStore.open(tmp_path)
    try:
        with pytest.raises(UsageError):
            RelayServer(store, token)
    finally:
        await store.close()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"x", b'{"a": Infinity}', b"\xff"])
async def test_what_is_no_json_object_is_refused(relay: Relay, client: httpx.AsyncClient, body: bytes) -> None:
    await opened(client, relay.url)
    assert (await client.post(relay.url, content=body)).status_code == 400


async def test_what_is_too_large_or_nowhere(relay: Relay, client: httpx.AsyncClient) -> None:
    await opened(client, relay.url)
    assert (await client.post(relay.url, json={"a": "b" * BODY_LIMIT})).status_code == 413
    assert (await client.post(f"{relay.url}-unheard-of", json={})).status_code == 404
    assert (await client.post(relay.url.replace("channel-1", "a%20b"), json={})).status_code == 404
    assert (await client.post(relay.url.replace("channel-1", ""), json={})).status_code == 404
    assert (await client.put(relay.url, json={})).status_code == 405


async def test_a_body_that_does_not_come(relay: Relay, tmp_path: Path) -> None:
    server = RelayServer(relay.store, TOKEN, read_limit_s=0.05)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST /channel-1 HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n{")
    assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await writer.wait_closed()
    await server.stop()


async def test_a_port_that_is_taken_is_said(relay: Relay) -> None:
    server = RelayServer(relay.store, TOKEN, port=relay.port)
    with pytest.raises(UsageError) as refused:
        await server.start()
    assert str(relay.port) in refused.value.message.text()


# --------------------------------------------------------------------------------------------------------- the listener


async def test_the_listener_gets_what_is_delivered(
    relay: Relay, client: httpx.AsyncClient, listen: Callable[..., RelayClient]
) -> None:
    inbox = Inbox()
    listener = listen(relay.url, inbox)
    assert await listener.first_word(60)
    assert listener.is_storing is True
    assert listener.problem is None
    await client.post(f"{relay.url}?to=secret", json={"text": "zwölf 名 \u2028 \n"})
    assert await inbox.came.get() == ("secret", {"text": "zwölf 名 \u2028 \n"})


async def test_what_came_while_it_was_away_comes_once(
    relay: Relay, client: httpx.AsyncClient, listen: Callable[..., RelayClient]
) -> None:
    inbox = Inbox()
    listener = listen(relay.url, inbox)
    assert await listener.first_word(60)
    await client.post(f"{relay.url}?to=s", json={"n": 0})
    assert await inbox.take(1) == [{"n": 0}]
    await relay.stop()
    store = await RelayStore.open(relay._folder)
    await store.add("channel-1", json.dumps({"body": {"n": 1}, "query": {"to": "s"}}))
    await store.close()
    await relay.start()
    await client.post(f"{relay.url}?to=s", json={"n": 2})
    assert await inbox.take(2) == [{"n": 1}, {"n": 2}]
    assert inbox.came.empty()


async def test_what_cannot_be_kept_is_tried_again_and_nothing_overtakes_it(
    relay: Relay,
    client: httpx.AsyncClient,
    listen: Callable[..., RelayClient],
    expect_log: Callable[[str], None],
) -> None:
    expect_log("could not be kept: disk-full$")
    inbox = Inbox()
    inbox.errors = [StorageError(message("Full."), kind="disk-full") for _ in range(5)]
    assert await listen(relay.url, inbox).first_word(60)
    for number in range(2):
        await client.post(f"{relay.url}?to=s", json={"n": number})
    assert await inbox.take(2) == [{"n": 0}, {"n": 1}]


async def test_a_delivery_that_breaks_the_program_does_not_stop_the_others(
    relay: Relay,
    client: httpx.AsyncClient,
    listen: Callable[..., RelayClient],
    expect_log: Callable[[str], None],
) -> None:
    expect_log("could not be taken: ZeroDivisionError$")
    inbox = Inbox()
    inbox.errors = [ZeroDivisionError("secret") for _ in range(3)]
    assert await listen(relay.url, inbox).first_word(60)
    for number in range(2):
        await client.post(f"{relay.url}?to=s", json={"n": number})
    assert await inbox.take(1) == [{"n": 1}]


@pytest.mark.parametrize(
    "payload", ['"a"', "{}", '{"body": {}}', '{"body": [], "query": {"to": "s"}}', "x", "{" * 9000]
)
async def test_what_makes_no_sense_is_passed_over(
    relay: Relay, client: httpx.AsyncClient, listen: Callable[..., RelayClient], payload: str
) -> None:
    inbox = Inbox()
    assert await listen(relay.url, inbox).first_word(60)
    await relay.store.add("channel-1", payload)
    await client.post(f"{relay.url}?to=s", json={"n": 1})
    assert await inbox.take(1) == [{"n": 1}]


@pytest.mark.parametrize("token", [None, "", "wrong", "wröng", "wrong\r\nX-Other: 1"])
async def test_a_wrong_token_is_said(relay: Relay, listen: Callable[..., RelayClient], token: str | None) -> None:
    listener = listen(relay.url, Inbox(), token)
    assert not await listener.first_word(60)
    assert listener.problem is not None
    assert "token" in listener.problem.text()


async def test_a_relay_that_is_not_there_is_said(listen: Callable[..., RelayClient]) -> None:
    listener = listen("http://127.0.0.1:9/channel-1", Inbox())
    assert not await listener.first_word(60)
    assert listener.problem is not None
    assert "127.0.0.1" in listener.problem.text()


# ------------------------------------------------------------------------------------------------ relays of other kinds


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    runners: list[web.AppRunner] = []

    async def start(**handlers: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        for method, handler in handlers.items():
            app.router.add_route(method, "/{channel}", handler)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}/channel-1"

    yield start
    for runner in runners:
        await runner.cleanup()


class Smee:
    """smee.io's own manner: numbers from 0 on every connection, also for ``ready`` and ``ping``; headers flat."""

    def __init__(self) -> None:
        self.lines: list[asyncio.Queue[dict[str, Any] | None]] = []
        self.accepts: list[str] = []
        self.heard = asyncio.Event()

    async def get(self, request: web.Request) -> web.StreamResponse:
        self.accepts.append(request.headers.get("Accept", ""))
        if request.headers.get("Accept") != "text/event-stream":
            return web.Response(text="<html>", content_type="text/html")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "x-no-compression": "1"}
        )
        await response.prepare(request)
        numbers = itertools.count()
        line: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.lines.append(line)
        self.heard.set()
        await response.write(f"id: {next(numbers)}\nevent: ready\ndata: {{}}\n\n".encode())
        await response.write(f"id: {next(numbers)}\nevent: ping\ndata: {{}}\n\n".encode())
        while (payload := await line.get()) is not None:
            await response.write(f"id: {next(numbers)}\ndata: {json.dumps(payload)}\n\n".encode())
        return response

    async def post(self, request: web.Request) -> web.StreamResponse:
        payload = {**request.headers, "body": await request.json(), "query": dict(request.query), "timestamp": 1}
        for line in self.lines:
            line.put_nowait(payload)
        return web.Response()


async def test_smee_is_understood(
    serve: Callable[..., Awaitable[str]], client: httpx.AsyncClient, listen: Callable[..., RelayClient]
) -> None:
    smee, inbox = Smee(), Inbox()
    url = await serve(GET=smee.get, POST=smee.post)
    listener = listen(url, inbox, None)
    assert await listener.first_word(60)
    assert listener.is_storing is False
    await client.post(f"{url}?to=secret", json={"n": 0})
    assert await inbox.came.get() == ("secret", {"n": 0})
    # The line ends; the listener takes it up again, where smee counts from 0 once more.
    smee.heard.clear()
    smee.lines.pop().put_nowait(None)
    await smee.heard.wait()
    await client.post(f"{url}?to=secret", json={"n": 1})
    assert await inbox.take(1) == [{"n": 1}]
    assert set(smee.accepts) == {"text/event-stream"}
    smee.lines.pop().put_nowait(None)


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (403, {}, "refuses the token"),
        (404, {}, "no such channel"),
        (302, {"Location": "http://127.0.0.1:9/other"}, "has moved"),
        (500, {}, "HTTP 500"),
        (200, {"Content-Type": "text/html"}, "is no relay"),
        (200, {"Content-Type": "text/event-stream"}, "ended the connection"),
    ],
)
async def test_what_is_no_relay_is_said(
    serve: Callable[..., Awaitable[str]],
    listen: Callable[..., RelayClient],
    status: int,
    headers: dict[str, str],
    words: str,
) -> None:
    async def get(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    listener = listen(await serve(GET=get), Inbox(), None)
    assert not await listener.first_word(60)
    assert listener.problem is not None
    assert words in listener.problem.text()


@pytest.mark.parametrize(
    ("media_type", "ident"),
    [
        ("text/event-stream", "é"),
        ("text/event-stream", "a\x01b"),
        ("text/event-stream", "9" * 100_000),
        ("text/event-stream; charset=rot13", "1"),
        ("text/event-stream; charset=utf-16", "1"),
    ],
)
@pytest.mark.allow_logs
async def test_whatever_a_relay_sends_it_is_listened_to_again(
    serve: Callable[..., Awaitable[str]], listen: Callable[..., RelayClient], media_type: str, ident: str
) -> None:
    connections = 0

    async def get(request: web.Request) -> web.StreamResponse:
        nonlocal connections
        connections += 1
        is_odd = connections <= 3
        headers = {"Content-Type": media_type if is_odd else "text/event-stream", "X-Faceswap-Relay": "1"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        event = json.dumps({"body": {"success": True}, "query": {"to": "somebody"}})
        if is_odd:
            await response.write(f"id: {ident}\nevent: ready\ndata: {{}}\n\n".encode())
        else:
            await response.write(f"data: {event}\n\n".encode())
        return response

    inbox = Inbox()
    listen(await serve(GET=get), inbox, None)
    async with asyncio.timeout(60):
        assert await inbox.take(1) == [{"success": True}]


async def test_an_event_without_an_end_is_broken_off(
    serve: Callable[..., Awaitable[str]], listen: Callable[..., RelayClient]
) -> None:
    async def get(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(2 * EVENT_LIMIT // 1024):
            await response.write(b"data: " + b"x" * 1017 + b"\n")
        return response

    listener = listen(await serve(GET=get), Inbox(), None)
    assert not await listener.first_word(60)
    assert listener.problem is not None
    assert "too long" in listener.problem.text()


async def test_many_events_are_not_one_long_one(
    relay: Relay, client: httpx.AsyncClient, listen: Callable[..., RelayClient]
) -> None:
    await opened(client, relay.url)
    big = "x" * (BODY_LIMIT - 100)
    for number in range(12):
        assert (await client.post(f"{relay.url}?to=s", json={"n": number, "big": big})).status_code == 200
    inbox = Inbox()
    listen(relay.url, inbox)
    assert [one["n"] for one in await inbox.take(12)] == list(range(12))
