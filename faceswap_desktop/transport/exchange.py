"""Sending, and what to make of what comes back. Imports httpx, so ``ApiClient`` imports it on its first use."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from faceswap_desktop import __version__
from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.domain.errors import ProviderError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.transport import failures
from faceswap_desktop.transport.addresses import check_form, is_local_name, no_address, shown
from faceswap_desktop.transport.bodies import Body, body_of
from faceswap_desktop.transport.call_log import HIDDEN_PATH, CallLog
from faceswap_desktop.transport.calls import ApiCall, ApiReply
from faceswap_desktop.transport.connections import (
    CONNECT_TIMEOUT_S,
    FRESH,
    LOCAL_ALLOWED,
    MOST_CONNECTIONS,
    POOL_TIMEOUT_S,
    WRITE_TIMEOUT_S,
)
from faceswap_desktop.transport.pace import Pace
from faceswap_desktop.transport.replies import is_web_page, new_request_id, read_reply, request_id_of
from faceswap_desktop.transport.retries import RETRIED, RetryRule, retry_after_s

OnWait = Callable[[float], None]
USER_AGENT: Final = f"FaceswapDesktop/{__version__}"
_TRANSFERS: Final = 4
"""Connections that uploads and downloads may take, so that short calls never wait for long files."""

_WHOLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_GENERATORS: Final = 10
"""Turns of the loop in which an answer that was left before its end is let go of."""


class TryAgain(Exception):
    """A free request failed in a way that may pass.

    Attributes:
        error: What to raise if it does not.
        asked_s: How long the service wants to be left alone; 0.0 if it did not say.
        reply: What to return instead of raising; None for nothing.
    """

    def __init__(self, error: ProviderError, asked_s: float = 0.0, reply: ApiReply | None = None) -> None:
        super().__init__(error.kind)
        self.error = error
        self.asked_s = asked_s
        self.reply = reply


class Sending:
    """How far a request got; httpcore tells it."""

    def __init__(self, answer_timeout_s: float | None = None) -> None:
        """Begin.

        Args:
            answer_timeout_s: How long the whole answer may take once all is sent; None for no limit.
        """
        self.was_sent = False
        self.headers_sent = False
        self.limit = asyncio.timeout(None)
        self._answer_timeout_s = answer_timeout_s

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note an event of httpcore's."""
        stage = event.partition(".")[2]
        if stage == "send_request_headers.started":
            # The request that asks a proxy for a connection does not count.
            self.was_sent = self.was_sent or info["request"].method != b"CONNECT"
        elif stage == "send_request_headers.complete":
            self.headers_sent = self.headers_sent or self.was_sent
        elif stage == "send_request_body.complete" and self.was_sent and self._answer_timeout_s is not None:
            self.limit.reschedule(asyncio.get_running_loop().time() + self._answer_timeout_s)


@dataclass
class Exchange:
    """The way to one service, open."""

    provider_id: str
    base_url: Callable[[], str]
    http: httpx.AsyncClient
    rule: RetryRule
    pace: Pace | None
    sleep: Callable[[float], Awaitable[None]]

    def __post_init__(self) -> None:
        self.transfers = asyncio.Semaphore(_TRANSFERS)
        self._calls = asyncio.Semaphore(MOST_CONNECTIONS - _TRANSFERS)

    # ----------------------------------------------------------------------------------------------------------- calls

    async def call(self, call: ApiCall, on_bytes: ByteProgress | None, on_wait: OnWait | None) -> ApiReply:
        """Make one call; see ``ApiClient.call``."""
        url = self.address(call.path, {**call.query, **call.secret_query})
        path = HIDDEN_PATH if _WHOLE.match(call.path) else url.path
        log = CallLog(call.method, url.host, path, new_request_id())
        body = body_of(call, on_bytes)

        async def once() -> ApiReply:
            async with self._calls:
                if self.pace is not None:
                    await self.pace.turn()
                return await self._call_once(call, url, body, log)

        try:
            async with body or contextlib.nullcontext():
                return await self.again_and_again(once, on_wait)
        finally:
            log.write()

    async def again_and_again(self, once: Callable[[], Awaitable[ApiReply]], on_wait: OnWait | None) -> ApiReply:
        """Do something until it works, as often and as soon as the rule says."""
        tries = 0
        while True:
            try:
                return await once()
            except TryAgain as failed:
                tries += 1
                wait_s = self.rule.wait_s(tries, failed.asked_s)
                if wait_s is None:
                    if failed.reply is not None:
                        return failed.reply
                    raise failed.error from None
            await self.wait(wait_s, on_wait)

    async def wait(self, seconds: float, on_wait: OnWait | None) -> None:
        """Wait before the next try, and tell it."""
        if on_wait is not None:
            on_wait(seconds)
        await self.sleep(seconds)

    async def _call_once(self, call: ApiCall, url: httpx.URL, body: Body | None, log: CallLog) -> ApiReply:
        headers = {"Accept": "application/json", "X-Request-Id": log.request_id, **call.headers}
        sending = Sending(call.read_timeout_s)
        log.tries += 1
        log.status = 0
        try:
            async with (
                sending.limit,
                self.open(
                    call.method, url, sending, log, headers, body, call.read_timeout_s, fresh=call.is_paid
                ) as got,
            ):
                reply, log.size_bytes = await read_reply(got, log.request_id)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            if call.is_paid and sending.was_sent:
                raise failures.unconfirmed(url.host, self.provider_id, log.request_id) from None
            raise self.broken(error, url.host, log.request_id) from None
        log.request_id = reply.request_id
        self._judge(call, url, got, reply)
        return reply

    def _judge(self, call: ApiCall, url: httpx.URL, response: httpx.Response, reply: ApiReply) -> None:
        """Raise what an answer means, if the provider itself need not read it."""
        where = (url.host, self.provider_id, reply.request_id)
        asked_s = retry_after_s(response.headers)
        if reply.status == 407:
            raise failures.proxy_login(self.provider_id, reply.request_id)
        if reply.status == 429:
            error = failures.rate_limited(*where, asked_s)
            raise error if call.is_paid else TryAgain(error, asked_s)
        if call.is_paid:
            if reply.json is None:
                raise failures.unconfirmed(*where)
            return
        if reply.status in RETRIED:
            error = failures.server_error(url.host, reply.status, self.provider_id, reply.request_id, asked_s)
            raise TryAgain(error, asked_s, reply if reply.json is not None else None)
        if response.is_redirect:
            if self._leads_away(url, response):
                raise failures.captive_portal(*where)
            text = message("“{host}” sent the program on to another address.", host=shown(url.host))
            raise failures.bad_answer(text, self.provider_id, reply.request_id)
        if reply.status == 511 or (is_web_page(reply) and reply.status < 400):
            raise failures.captive_portal(*where)

    def _leads_away(self, url: httpx.URL, response: httpx.Response) -> bool:
        try:
            return url.join(response.headers.get("location", "")).host != url.host
        except httpx.InvalidURL:
            return False

    def broken(self, error: Exception, host: str, request_id: str) -> Exception:
        """Return what to raise for a request whose answer did not come."""
        meaning = failures.unreachable(error, host, self.provider_id, request_id)
        return meaning if failures.will_stay(error) else TryAgain(meaning)

    # --------------------------------------------------------------------------------------------------------- sending

    @contextlib.asynccontextmanager
    async def open(
        self,
        method: str,
        url: httpx.URL,
        sending: Sending,
        log: CallLog,
        headers: Mapping[str, str],
        body: Body | None = None,
        read_timeout_s: float = 60.0,
        *,
        fresh: bool = False,
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and give its answer, unread. Leaving it before its end closes its connection.

        Raises:
            ProviderRejected: Kind ``address``, or ``account``: a header holds what no header can.
            httpx.HTTPError: As httpx raises it.
        """
        timeout = httpx.Timeout(
            connect=CONNECT_TIMEOUT_S, read=read_timeout_s, write=WRITE_TIMEOUT_S, pool=POOL_TIMEOUT_S
        )
        own = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
        if body is not None:
            own |= {"Content-Type": body.media_type, "Content-Length": str(body.length)}
        extensions = {"trace": sending.trace, LOCAL_ALLOWED: self._is_local_allowed(url), FRESH: fresh}
        try:
            request = self.http.build_request(
                method, url, headers=own, content=body, timeout=timeout, extensions=extensions
            )
        except UnicodeError:
            raise failures.unsendable(url.host, self.provider_id) from None
        try:
            response = await self.http.send(request, stream=True)
        except httpx.LocalProtocolError:
            if sending.headers_sent:
                raise
            raise failures.unsendable(url.host, self.provider_id) from None
        log.status = response.status_code
        log.request_id = request_id_of(response.headers, log.request_id)
        try:
            yield response
        finally:
            was_read = response.is_closed
            await response.aclose()
            if not was_read:
                # httpx's generators, one inside the other, are closed by the loop, one after the other.
                for _ in range(_GENERATORS):
                    await asyncio.sleep(0)

    def address(self, path: str, query: Mapping[str, str] | None = None) -> httpx.URL:
        """Return a call's address: the base address with ``path``, or ``path`` if it is a whole address already.

        Raises:
            ProviderRejected: Kind ``address``.
        """
        url = self.whole(path if _WHOLE.match(path) else f"{self.base_url().rstrip('/')}/{path.lstrip('/')}")
        return url.copy_merge_params(dict(query)) if query else url

    def whole(self, url: str) -> httpx.URL:
        """Return a whole address.

        Raises:
            ProviderRejected: Kind ``address``.
        """
        check_form(url, self.provider_id)
        try:
            return httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError):
            raise no_address(url, self.provider_id) from None

    def _is_local_allowed(self, url: httpx.URL) -> bool:
        # A base address that is evidently local is a sandbox's or a server's of the user's own: all its traffic may be
        # local. One that turns out to be when it is looked up may be reached itself, because the user has set it.
        try:
            base = httpx.URL(self.base_url()).host
        except httpx.InvalidURL:
            return False
        return bool(base) and (is_local_name(base) or url.host == base)
