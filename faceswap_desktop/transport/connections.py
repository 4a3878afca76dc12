"""Connections: who may be connected to, over which proxy, and over connections that are how old.

Imports httpx, so it is imported lazily: ``ApiClient`` does it on its first use, in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
import time
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpcore
import httpx
import truststore

from faceswap_desktop.transport.addresses import (
    Resolver,
    check_form,
    check_literal,
    is_this_computer,
    look_up,
    public_numbers,
)
from faceswap_desktop.transport.failures import proxy_unknown

MOST_CONNECTIONS: Final = 10
CONNECT_TIMEOUT_S: Final = 10.0
WRITE_TIMEOUT_S: Final = 30.0
POOL_TIMEOUT_S: Final = 60.0
_KEPT_S: Final = 20.0
"""How long an idle connection is kept; servers commonly close theirs after 30 to 75 s."""
_NEXT_NUMBER_S: Final = 0.25
"""How long one address of a host is tried before the next is tried beside it (RFC 8305 §8)."""
_PROXIES_KEPT_S: Final = 30.0
_READ_BYTES: Final = 2**18
"""As much as asyncio takes from a socket at once."""

LOCAL_ALLOWED: Final = "faceswap.local_allowed"
"""Key of a request's extensions: it may go to this computer or a private network."""
FRESH: Final = "faceswap.fresh"
"""Key of a request's extensions: it goes over a connection of its own, HTTP/1.1, made for it and closed after it.

A kept connection may have died without a word; then it cannot be told whether the request arrived."""


class _WideStream(httpcore.AsyncNetworkStream):
    """Takes all that has come in one read; httpcore asks for 64 KiB at a time, which makes downloads much slower."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max(max_bytes, _READ_BYTES), timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _WideStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Looks names up itself, checks the numbers, and connects to those very numbers."""

    def __init__(self, provider_id: str, resolve: Resolver, *, local_allowed: bool) -> None:
        self._provider_id = provider_id
        self._resolve = resolve
        self._local_allowed = local_allowed
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host.

        Raises:
            ProviderRejected: Kind ``address``.
            httpx.ConnectError, httpx.ConnectTimeout: It cannot be reached.
        """
        try:
            async with asyncio.timeout(timeout):
                numbers = await self._numbers(host, port)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("looking the name up") from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("looking the name up") from error
        return _WideStream(await self._first(numbers, port, timeout, local_address, list(socket_options or ())))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _numbers(self, host: str, port: int) -> Sequence[str]:
        if self._local_allowed:
            return await self._resolve(host, port)
        return await public_numbers(host, port, self._resolve, self._provider_id)

    async def _first(
        self, numbers: Sequence[str], port: int, timeout: float | None, local: str | None, options: list[Any]
    ) -> httpcore.AsyncNetworkStream:
        """Return the first connection that is made, trying the numbers one after the other without long waits."""
        if len(numbers) == 1:
            return await self._inner.connect_tcp(numbers[0], port, timeout, local, options)
        waiting = list(numbers)
        running: set[asyncio.Task[httpcore.AsyncNetworkStream]] = set()
        error: BaseException = httpcore.ConnectError("no address")
        try:
            while waiting or running:
                if waiting:
                    attempt = self._inner.connect_tcp(waiting.pop(0), port, timeout, local, options)
                    running.add(asyncio.ensure_future(attempt))
                pause = _NEXT_NUMBER_S if waiting else None
                done, running = await asyncio.wait(running, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                made = [one for one in done if one.exception() is None]
                if made:
                    running |= set(made[1:])
                    return made[0].result()
                error = next((one.exception() for one in done), None) or error
            raise error
        finally:
            await _give_up(running)


async def _give_up(attempts: set[asyncio.Task[httpcore.AsyncNetworkStream]]) -> None:
    for one in attempts:
        one.cancel()
    for one in attempts:
        with contextlib.suppress(asyncio.CancelledError, httpcore.NetworkError, httpcore.TimeoutException):
            await (await one).aclose()


class _DirectTransport(httpx.AsyncHTTPTransport):
    """Connects without a proxy, through a backend of ours."""

    def __init__(self, ssl_context: ssl.SSLContext, backend: GuardedBackend, *, fresh: bool) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=0 if fresh else MOST_CONNECTIONS,
            keepalive_expiry=_KEPT_S,
            http1=True,
            http2=not fresh,
            network_backend=backend,
        )


@dataclass(slots=True)
class Proxies:
    """The proxies that the system or the environment sets (``HTTPS_PROXY``, ``NO_PROXY`` and their like)."""

    _known: dict[tuple[str, str], tuple[float, str | None]] = field(default_factory=dict)

    async def find(self, scheme: str, host: str) -> str | None:
        """Return the proxy's address for a host, or None for a direct connection.

        What is on this computer is never asked for through a proxy.
        """
        if is_this_computer(host):
            return None
        key, now = (scheme, host), time.monotonic()
        if key in self._known and self._known[key][0] > now:
            return self._known[key][1]
        # On Windows and macOS the system is asked, which can take a while.
        found = await asyncio.to_thread(_proxy_of, scheme, host)
        self._known[key] = (now + _PROXIES_KEPT_S, found)
        return found


def _proxy_of(scheme: str, host: str) -> str | None:
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class GuardedTransport(httpx.AsyncBaseTransport):
    """Checks each request's address and picks the way that it goes."""

    def __init__(self, provider_id: str, ssl_context: ssl.SSLContext, resolve: Resolver | None = None) -> None:
        self._provider_id = provider_id
        self._ssl_context = ssl_context
        self._resolve = resolve or look_up
        self._proxies = Proxies()
        self._ways: dict[tuple[str, bool], httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            ProviderRejected: Kind ``address``.
            ProviderUnavailable: Kind ``proxy``: a proxy of an unknown kind is set.
            httpx.TransportError: It could not be sent, or the answer did not come.
        """
        check_form(str(request.url), self._provider_id)
        host = request.url.raw_host.decode("ascii", "replace")
        local_allowed = bool(request.extensions.get(LOCAL_ALLOWED))
        if not local_allowed:
            check_literal(host, self._provider_id)
        proxy = await self._proxies.find(request.url.scheme, host)
        way = self._way(proxy, local_allowed, fresh=bool(request.extensions.get(FRESH)))
        return await way.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        ways = list(self._ways.values())
        self._ways.clear()
        for way in ways:
            await way.aclose()

    def _way(self, proxy: str | None, local_allowed: bool, *, fresh: bool) -> httpx.AsyncBaseTransport:
        # A connection to a local address is never in a pool that is not allowed to have one.
        name = proxy or ("direct, also local" if local_allowed else "direct")
        if (name, fresh) not in self._ways:
            if proxy is None:
                backend = GuardedBackend(self._provider_id, self._resolve, local_allowed=local_allowed)
                self._ways[name, fresh] = _DirectTransport(self._ssl_context, backend, fresh=fresh)
            else:
                self._ways[name, fresh] = self._through(proxy, fresh=fresh)
        return self._ways[name, fresh]

    def _through(self, proxy: str, *, fresh: bool) -> httpx.AsyncBaseTransport:
        scheme = proxy.partition("://")[0].lower()
        if scheme not in {"http", "https"}:
            raise proxy_unknown(scheme, self._provider_id)
        try:
            address = httpx.Proxy(proxy, ssl_context=self._ssl_context if scheme == "https" else None)
        except (httpx.InvalidURL, ValueError):
            raise proxy_unknown(scheme, self._provider_id) from None
        return httpx.AsyncHTTPTransport(
            verify=self._ssl_context,
            trust_env=False,
            http2=not fresh,
            proxy=address,
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=0 if fresh else MOST_CONNECTIONS,
                keepalive_expiry=_KEPT_S,
            ),
        )


def system_certificates() -> ssl.SSLContext:
    """Return a context that trusts what the system trusts.

    On Windows and macOS the system is asked for each connection. Elsewhere its certificates are a file, and reading it
    for each connection, as truststore does, would hold the event loop up for 20 ms each time.
    """
    if sys.platform not in {"win32", "darwin"}:
        context = ssl.create_default_context()
        if context.cert_store_stats()["x509_ca"]:
            return context
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def open_http(
    provider_id: str, resolve: Resolver | None = None, ssl_context: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """Make a client for one service: it follows no redirects, keeps no cookies and reads no ``.netrc``.

    Loads certificates, so it is called in a thread.
    """
    context = ssl_context or system_certificates()
    return httpx.AsyncClient(
        transport=GuardedTransport(provider_id, context, resolve),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )
