"""The way to one service: calls, uploads and downloads."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.transport.addresses import Resolver
from faceswap_desktop.transport.call_log import silence_libraries
from faceswap_desktop.transport.calls import ApiCall, ApiReply, Downloaded, DownloadRules
from faceswap_desktop.transport.pace import Pace
from faceswap_desktop.transport.retries import RetryRule

if TYPE_CHECKING:
    from faceswap_desktop.transport.exchange import Exchange


class ApiClient:
    """The way to one service. Nothing is loaded or connected before its first use.

    At most ten connections are in use at once: six for calls, four for files, so that short calls never wait for long
    files. Certificates and proxies are the system's. Redirects are followed by downloads only.
    """

    def __init__(
        self,
        provider_id: str,
        base_url: Callable[[], str],
        *,
        pace: Pace | None = None,
        retries: RetryRule | None = None,
        resolve: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make it ready.

        Args:
            provider_id: Goes into errors.
            base_url: Returns the base address; asked anew at each call. If its host is evidently on this computer or in
                a private network (by number, ``localhost``, a name without a dot, ``.local`` and the like), all that
                this client does may reach such addresses; else only that host itself may turn out to be one.
            pace: Keeps calls apart; share one among all clients of a service.
            retries: How often and how soon free calls are made again.
            resolve: Looks names up in the place of the system; for tests.
            ssl_context: Trusts other certificates than the system; for tests.
            sleep: Waits between tries; for tests.
        """
        self._provider_id = provider_id
        self._base_url = base_url
        self._pace = pace
        self._retries = retries or RetryRule()
        self._resolve = resolve
        self._ssl_context = ssl_context
        self._sleep = sleep
        self._opened: Exchange | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def call(
        self, call: ApiCall, on_bytes: ByteProgress | None = None, on_wait: Callable[[float], None] | None = None
    ) -> ApiReply:
        """Make one call.

        A **free** call is made up to five times: again after 408, 425, 429, 5xx (but 501, 505, 511), time-outs and
        broken connections, with growing waits, or those that ``Retry-After`` asks for. When the last try fails as well,
        an answer of 408 or 5xx that is JSON is returned, so that the provider can read its words; everything else is
        raised. Other answers are returned as they are, but for redirects and web pages that say that all is well.

        A **paid** call goes over a connection of its own, made for it. It is made again only while nothing of the
        request itself was sent: the name was not found, nobody answered, the proxy refused, the secure connection
        could not be made. Once the first byte of it may have gone,

        * 429 raises ``rate-limited``;
        * any other answer that is JSON is returned, whatever its status: the provider reads its words and decides;
        * everything else raises ``unconfirmed``: a cut, a time-out, and any answer that is not JSON (5xx, 408, web
          pages, redirects, answers over ``JSON_LIMIT``). Over HTTP/2 that would hold for streams that are reset or
          refused too; paid calls use HTTP/1.1, which has none.
        * 407, of a proxy, raises ``proxy``: it never passed the proxy.

        Args:
            call: What to call.
            on_bytes: Told how much of the body has gone.
            on_wait: Told how many seconds it is until the next try, before each.

        Returns:
            The answer; with any status that is not told apart above, also 4xx.

        Raises:
            ProviderUnavailable: ``offline``, ``timeout``, ``proxy``, ``captive-portal``, ``rate-limited``,
                ``server-error``, ``unconfirmed``; the last only for paid calls.
            ProviderRejected: ``address`` (it points to this computer or a private network, or is no web address),
                ``account`` (a header cannot be sent), ``bad-answer``.
            InputRefused: A file of the body cannot be read.
        """
        return await (await self._open()).call(call, on_bytes, on_wait)

    async def put_file(
        self,
        url: str,
        path: str,
        media_type: str,
        on_bytes: ByteProgress | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        """Upload a file with PUT, from the disk, starting over when it breaks off. Nothing but the file is sent along.

        Raises:
            ProviderUnavailable: As for a free call.
            ProviderRejected: Kind ``hosting``: the place refuses it (values ``status`` and ``code``); ``address``.
            InputRefused: The file cannot be read, or changed meanwhile.
        """
        from faceswap_desktop.transport.uploads import put_file

        await put_file(await self._open(), url, path, media_type, on_bytes, on_wait)

    async def download(
        self,
        url: str,
        path: str,
        rules: DownloadRules,
        on_bytes: ByteProgress | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> Downloaded:
        """Download a file; what came before, also before this start of the program, is not fetched again.

        It grows at ``path + ".part"`` with what is known of it beside it (``path + ".part.json"``), and gets the name
        ``path`` with the extension of what it is when it is whole. Nothing that the server says goes into the name.

        Args:
            url: Where it is.
            path: Where to, without extension; its folder exists.
            rules: What it may be.
            on_bytes: Told how much has come.
            on_wait: Told how many seconds it is until the next try, before each.

        Raises:
            ProviderUnavailable: As for a free call; what has come stays for the next time.
            ProviderRejected: Kind ``gone`` (403, 404 or 410, in the value ``status``), ``bad-answer`` (empty, too
                large, of the wrong kind, a web page), ``address``.
            StorageError: It cannot be written: ``disk-full`` and others.
        """
        from faceswap_desktop.transport.downloads import download

        return await download(await self._open(), url, path, rules, on_bytes, on_wait)

    async def close(self) -> None:
        """Close all connections, also those in use. May be called more than once; the client is of no use after it."""
        self._is_closed = True
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.http.aclose()

    async def _open(self) -> Exchange:
        async with self._opening:
            if self._is_closed:
                raise RuntimeError("this client is closed")
            if self._opened is None:
                # The libraries take long to load and certificates to read; the window must not wait for them.
                self._opened = await asyncio.to_thread(self._load)
            return self._opened

    def _load(self) -> Exchange:
        from faceswap_desktop.transport.connections import open_http
        from faceswap_desktop.transport.exchange import Exchange

        silence_libraries()
        http = open_http(self._provider_id, self._resolve, self._ssl_context)
        return Exchange(self._provider_id, self._base_url, http, self._retries, self._pace, self._sleep)
