"""Listens to a relay: deliveries come as server-sent events, in smee.io's manner.

An event's data is ``{"body": …, "query": {"to": <secret>}, "timestamp": …}`` and the sender's headers. A relay of ours
keeps deliveries and numbers them; smee.io keeps nothing, and counts anew on every connection.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.transport.relay_server import RELAY_HEADER
from faceswap_desktop.transport.webhook import BODY_LIMIT, Receive, json_object

if TYPE_CHECKING:
    import httpx
    from httpx_sse import ServerSentEvent

logger = logging.getLogger(__name__)

ADDRESSEE: Final = "to"
"""Of the query: behind a relay's one fixed path, it tells the mailboxes apart."""
EVENT_LIMIT: Final = 4 * BODY_LIMIT
"""Bytes of one event: a body and the sender's headers, escaped."""
_SILENCE_S: Final = 100.0
"""Relays send a ping every 25 to 30 s; a line that is silent for longer is dead."""
_CONNECT_S: Final = 20.0
_MOST_TRIES: Final = 3
_LONGEST_ID: Final = 128
_NO_EVENTS: Final = "What answers at the relay's address is no relay: it sends no events."


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before another try: doubled each time, and shaken so that many do not come at once."""

    first_s: float = 0.5
    most_s: float = 60.0

    def wait_s(self, failures: int) -> float:
        """Return the wait after so many failures in a row, from 1 on."""
        return min(self.most_s, self.first_s * 2.0 ** min(failures - 1, 16)) * random.uniform(0.5, 1.0)


class RelayClient:
    """One connection to a relay's channel, taken up again whenever it breaks.

    Args:
        url: Of the channel.
        receive: Takes what came; a delivery that it cannot keep is handed to it again until it can.
        token: Returns the relay's token, or None.
        backoff: Between tries.
        on_change: Told when ``is_connected`` or ``problem`` changes.
    """

    def __init__(
        self,
        url: str,
        receive: Receive,
        token: Callable[[], Awaitable[str | None]],
        *,
        backoff: Backoff | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._url = url
        self._receive = receive
        self._token = token
        self._backoff = backoff or Backoff()
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._tried = asyncio.Event()
        self._hurry = asyncio.Event()
        self._last_id = ""
        self._failures = 0
        self._problem: Message | None = None
        self._is_storing: bool | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the relay has said that it hands on from now."""
        return self._ready.is_set()

    @property
    def is_storing(self) -> bool | None:
        """Whether the relay keeps deliveries for those who are away; None before the first connection."""
        return self._is_storing

    @property
    def problem(self) -> Message | None:
        """Why there is no connection; None while there is one, and before the first try."""
        return self._problem

    def start(self) -> None:
        """Begin to listen."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="relay")

    async def stop(self) -> None:
        """Hang up."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._ready.clear()

    async def first_word(self, limit_s: float) -> bool:
        """Return whether there is a connection; if there is none, try at once and wait for what comes of it."""
        if self.is_connected:
            return True
        self._tried.clear()
        self._hurry.set()
        ready, tried = (asyncio.ensure_future(one.wait()) for one in (self._ready, self._tried))
        try:
            await asyncio.wait({ready, tried}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            tried.cancel()
        return self.is_connected

    async def _listen(self) -> None:
        async with await _make_client() as client:
            while True:
                self._hurry.clear()
                try:
                    problem = await self._one_connection(client)
                except Exception as error:  # noqa: BLE001 - jobs wait: nothing that a relay sends may end the listening
                    logger.warning("what the relay sent cannot be read: %s", type(error).__name__)
                    problem = message(_NO_EVENTS)
                self._failures += 1
                self._set(problem)
                self._tried.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._backoff.wait_s(self._failures)):
                        await self._hurry.wait()

    async def _one_connection(self, client: httpx.AsyncClient) -> Message:
        """Hand on events until the connection ends; returns why it did."""
        import httpx
        from httpx_sse import SSEError

        try:
            async with client.stream("GET", self._url, headers=await self._headers()) as response:
                if response.status_code != httpx.codes.OK:
                    return _refusal(response.status_code)
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    return message("The relay sends its events compressed, although they were not asked for so.")
                self._is_storing = RELAY_HEADER in response.headers
                async with aclosing(_events(response)) as events:
                    async for event in events:
                        await self._on_event(event)
            return message("The relay has ended the connection.")
        except _UnsendableError:
            return message("The relay's token holds characters that no token has.")
        except SSEError:
            return message(_NO_EVENTS)
        except _TooLongError:
            return message("The relay sends an event that is too long.")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return message("The relay's address is none.")
        except httpx.HTTPError as error:
            from faceswap_desktop.transport.failures import unreachable

            return unreachable(error, httpx.URL(self._url).host, "", "").message

    async def _headers(self) -> dict[str, str]:
        # smee.io compares the first one letter by letter.
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", "Accept-Encoding": "identity"}
        token = (await self._token() or "").strip()
        if not (token.isascii() and token.isprintable()):
            raise _UnsendableError
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        return headers

    async def _on_event(self, event: ServerSentEvent) -> None:
        if not self._ready.is_set():
            self._failures = 0
            self._set(None)
        if event.event == "message":
            await self._hand_on(event.data)
        # A delivery that was not kept before the line broke is asked for again: its number comes last.
        if self._is_storing and 0 < len(event.id) <= _LONGEST_ID and event.id.isascii() and event.id.isprintable():
            self._last_id = event.id

    async def _hand_on(self, data: str) -> None:
        found = json_object(data.encode("utf-8", "surrogateescape")) or {}
        query, body = found.get("query"), found.get("body")
        secret = query.get(ADDRESSEE) if isinstance(query, dict) else None
        if not isinstance(secret, str) or not isinstance(body, dict):
            logger.info("the relay handed on something that is not for us")
            return
        for attempt in itertools.count(1):
            try:
                what = await self._receive(secret, body)
            except StorageError as error:
                logger.warning("a delivery could not be kept: %s", error.kind)
            except Exception as error:  # noqa: BLE001 - the deliveries behind it must not wait for ever
                logger.warning("a delivery could not be taken: %s", type(error).__name__)
                if attempt >= _MOST_TRIES:
                    return
            else:
                logger.info("a delivery came by the relay: %s", what.value)
                return
            await asyncio.sleep(self._backoff.wait_s(attempt))

    def _set(self, problem: Message | None) -> None:
        was = (self._ready.is_set(), self._problem)
        self._problem = problem
        if problem is None:
            self._ready.set()
        else:
            self._ready.clear()
        if self._on_change is not None and was != (self._ready.is_set(), problem):
            self._on_change()


class _UnsendableError(Exception):
    """The token cannot stand in a header."""


class _TooLongError(Exception):
    """An event goes on and on."""


async def _events(response: httpx.Response) -> AsyncGenerator[ServerSentEvent, None]:
    import httpx
    from httpx_sse import EventSource

    class Bounded(httpx.AsyncByteStream):
        """The bytes as they come, as long as a blank line ends every event in time."""

        def __init__(self, stream: httpx.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            pending = b""
            length = 0
            async for chunk in self._stream:
                plain = (pending + chunk).replace(b"\r\n", b"\n")
                end = plain.rfind(b"\n\n")
                length = len(plain) - end if end >= 0 else length + len(chunk)
                pending = plain[-2:]
                if length > EVENT_LIMIT:
                    raise _TooLongError
                yield chunk

    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    response.stream = Bounded(stream)
    async with aclosing(EventSource(response).aiter_sse()) as events:
        async for event in events:
            yield event


async def _make_client() -> httpx.AsyncClient:
    def make() -> httpx.AsyncClient:
        import ssl

        import httpx
        import truststore

        return httpx.AsyncClient(
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=httpx.Timeout(_CONNECT_S, read=_SILENCE_S),
            # A redirect would take the token to wherever it points.
            follow_redirects=False,
        )

    return await asyncio.to_thread(make)


def _refusal(status: int) -> Message:
    if status in {401, 403}:
        return message("The relay refuses the token (HTTP {status}).", status=status)
    if status == 404:
        return message("The relay has no such channel (HTTP 404).")
    if 300 <= status < 400:
        return message("The relay has moved (HTTP {status}): set its new address.", status=status)
    return message("The relay refuses to hand on deliveries (HTTP {status}).", status=status)
