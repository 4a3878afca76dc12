"""What the network does wrong, as errors with a sentence."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final

import httpx

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.transport.addresses import name_not_found, shown

_PROXY_LOGIN: Final = 407


def unreachable(error: Exception, host: str, provider_id: str, request_id: str) -> ProviderError:
    """Return what a failed connection means. Nothing of the library's own words is kept: they can hold headers."""
    causes = _causes(error)
    if any(isinstance(one, socket.gaierror | UnicodeError) for one in causes):
        return name_not_found(host, provider_id, request_id)
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return _unavailable(
            message("The certificate of “{host}” could not be verified, so nothing was sent there.", host=shown(host)),
            message(
                "Check the date and time of this computer. In a hotel or an office, open a web page first: the "
                "network may want a login."
            ),
            "offline",
            provider_id,
            request_id,
        )
    if isinstance(error, httpx.ProxyError):
        found = re.match(r"(\d{3})\b", str(error))
        status = int(found[1]) if found else 0
        if status == _PROXY_LOGIN:
            return proxy_login(provider_id, request_id)
        return _unavailable(
            message(
                "The proxy of this network did not connect to “{host}” ({status}).", host=shown(host), status=status
            ),
            message("Check the proxy in the system's network settings."),
            "proxy",
            provider_id,
            request_id,
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return _unavailable(
            message("“{host}” did not answer in time.", host=shown(host)),
            message("Check that this computer is online. The service may also be down: try again later."),
            "timeout",
            provider_id,
            request_id,
        )
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return _unavailable(
            message("“{host}” took too long to answer.", host=shown(host)),
            message("Try again later."),
            "timeout",
            provider_id,
            request_id,
        )
    if isinstance(error, httpx.ConnectError):
        return _unavailable(
            message("“{host}” could not be reached.", host=shown(host)),
            message("Check that this computer is online. The service may also be down: try again later."),
            "offline",
            provider_id,
            request_id,
        )
    return _unavailable(
        message("The connection to “{host}” broke off.", host=shown(host)),
        message("Check that this computer is online, and try again."),
        "offline",
        provider_id,
        request_id,
    )


def will_stay(error: Exception) -> bool:
    """Say whether a failed connection will fail again: the proxy wants a login, or a certificate is not trusted."""
    if isinstance(error, httpx.ProxyError):
        return str(error).startswith(str(_PROXY_LOGIN))
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(error))


def unsendable(host: str, provider_id: str) -> ProviderRejected:
    """Return the error for a request that cannot be written down, such as a key with a line break in it."""
    return ProviderRejected(
        message("The request to “{host}” could not be made: a key holds characters that no key has.", host=shown(host)),
        message("Copy the key once more from the service's page, and paste it in Settings → Accounts."),
        kind="account",
        provider_id=provider_id,
    )


def proxy_login(provider_id: str, request_id: str) -> ProviderUnavailable:
    """Return the error for a proxy that wants a login (407)."""
    return _unavailable(
        message("The proxy of this network wants a login."),
        message("Set the proxy with its user name and password in the system's network settings, and start again."),
        "proxy",
        provider_id,
        request_id,
    )


def proxy_unknown(scheme: str, provider_id: str) -> ProviderUnavailable:
    """Return the error for a proxy of a kind that cannot be used."""
    return _unavailable(
        message("A proxy of the kind “{scheme}” is set on this computer and cannot be used.", scheme=shown(scheme)),
        message("Set an HTTP proxy in the system's network settings, or none."),
        "proxy",
        provider_id,
        "",
    )


def captive_portal(host: str, provider_id: str, request_id: str) -> ProviderUnavailable:
    """Return the error for a web page in the place of an answer."""
    return _unavailable(
        message("A web page came in the place of an answer of “{host}”.", host=shown(host)),
        message("The network may want a login: open any web page in a browser, then try again."),
        "captive-portal",
        provider_id,
        request_id,
    )


def unconfirmed(host: str, provider_id: str, request_id: str) -> ProviderUnavailable:
    """Return the error for a paid call that was sent and whose fate is unknown."""
    return _unavailable(
        message("The request reached “{host}”, or may have, but no answer came that can be read.", host=shown(host)),
        message("It may have been charged. Look at your credits before you send it again."),
        "unconfirmed",
        provider_id,
        request_id,
    )


def rate_limited(host: str, provider_id: str, request_id: str, retry_after_s: float) -> ProviderUnavailable:
    """Return the error for a service that wants fewer calls."""
    return ProviderUnavailable(
        message("“{host}” takes no more requests for the moment.", host=shown(host)),
        message("Nothing was charged; it is tried again later."),
        kind="rate-limited",
        provider_id=provider_id,
        request_id=request_id,
        retry_after_s=retry_after_s,
    )


def server_error(
    host: str, status: int, provider_id: str, request_id: str, retry_after_s: float = 0.0
) -> ProviderUnavailable:
    """Return the error for a service that is out of order."""
    return ProviderUnavailable(
        message("“{host}” has trouble at the moment ({status}).", host=shown(host), status=status),
        message("Try again later."),
        kind="server-error",
        provider_id=provider_id,
        request_id=request_id,
        retry_after_s=retry_after_s,
    )


def bad_answer(text: Message, provider_id: str, request_id: str, hint: Message | None = None) -> ProviderRejected:
    """Return the error for an answer that cannot be used."""
    return ProviderRejected(text, hint, kind="bad-answer", provider_id=provider_id, request_id=request_id)


def _unavailable(text: Message, hint: Message, kind: str, provider_id: str, request_id: str) -> ProviderUnavailable:
    return ProviderUnavailable(text, hint, kind=kind, provider_id=provider_id, request_id=request_id)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found
