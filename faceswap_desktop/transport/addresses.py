"""Which addresses may be reached. Those on this computer or a private network are not, unless the user set them.

Two rules work together:

* The form is checked first (``check_form``): http or https, no user name, no odd characters.
* The numbers are checked after the name was looked up (``public_numbers``), and the connection goes to the very numbers
  that were checked, so that a name cannot mean something else a moment later.

Behind a proxy the proxy looks names up; then only numbers and local names in the address itself can be checked
(``check_literal``).
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.media.refusals import shown_line

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a name up: host and port in, numbers out; raises ``socket.gaierror``."""

_LONGEST_URL: Final = 8192
_LONGEST_SHOWN: Final = 100
_ODD: Final = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")
_LOCAL_ENDINGS: Final = (
    ".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home", ".corp", ".private", ".home.arpa"
)  # fmt: skip
_REFUSED_V4: Final = (
    # Between an internet provider and its customers (RFC 6598); neither private nor global to ``ipaddress``.
    ipaddress.IPv4Network("100.64.0.0/10"),
    # IETF protocol assignments, only some of which are private to ``ipaddress``; a cloud has its metadata there.
    ipaddress.IPv4Network("192.0.0.0/24"),
)
_REFUSED_V6: Final = tuple(
    ipaddress.IPv6Network(one)
    for one in (
        "::/96",  # IPv4-compatible, deprecated
        "64:ff9b:1::/48",  # NAT64 of a local network
        "2001::/32",  # Teredo: the IPv4 address in it is anybody's word
        "2002::/16",  # 6to4, deprecated
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing inside one network
        "fec0::/10",  # site-local, deprecated
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: IpAddress) -> bool:
    """Say whether an address is one of the internet's, and neither of this computer nor of a network around it.

    IPv4 addresses inside IPv6 ones (mapped, NAT64) are taken for themselves.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(address in network for network in _REFUSED_V6):
            return False
    elif any(address in network for network in _REFUSED_V4):
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def literal_address(host: str) -> IpAddress | None:
    """Return the address that a host name is, also in the forms that browsers take (``0x7f.1``, ``2130706433``)."""
    bare = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    if not bare.isascii() or not bare or not (bare[0].isdigit()):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except OSError:
        return None


def is_local_name(host: str) -> bool:
    """Say whether a host is evidently of this computer or a network around it: by its number or the kind of its name.

    Names without a dot and those under ``.local``, ``.lan`` and the like exist in local networks only.
    """
    address = literal_address(host)
    if address is not None:
        return not is_public(address)
    name = host.rstrip(".").lower()
    return "." not in name or name.endswith(_LOCAL_ENDINGS)


def is_this_computer(host: str) -> bool:
    """Say whether a host is evidently this computer."""
    address = literal_address(host)
    if address is not None:
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return address.is_loopback or address.is_unspecified
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def check_form(url: str, provider_id: str = "") -> SplitResult:
    """Check an address by its form alone.

    Returns:
        Its parts; ``hostname`` is never empty.

    Raises:
        ProviderRejected: Kind ``address``: it is no web address, carries a user name, or has odd characters.
    """
    if len(url) > _LONGEST_URL or _ODD.search(url):
        raise no_address(url, provider_id)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise no_address(url, provider_id) from None
    # What is written in percents in a host means one thing here and another to a proxy.
    if parts.scheme.lower() not in {"http", "https"} or not host or ("%" in host and ":" not in host):
        raise no_address(url, provider_id)
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise _refused(
            message("The address at “{host}” carries a user name, and such addresses are refused.", host=shown(host)),
            provider_id,
        )
    return parts


def check_literal(host: str, provider_id: str = "") -> None:
    """Refuse a host that is evidently local; for connections whose names are looked up by a proxy.

    Raises:
        ProviderRejected: Kind ``address``.
    """
    if is_local_name(host):
        raise local_address(host, provider_id)


async def check_public(url: str, provider_id: str = "", resolve: Resolver | None = None) -> None:
    """Check an address that somebody gave: its form, and that its name means the internet.

    For addresses that others will fetch (pasted ones, hosting, webhooks). What this program fetches itself is checked
    again when it connects.

    Raises:
        ProviderRejected: Kind ``address``.
        ProviderUnavailable: Kind ``offline``: the name cannot be looked up.
    """
    parts = check_form(url, provider_id)
    host = parts.hostname or ""
    check_literal(host, provider_id)
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    try:
        await public_numbers(host, port, resolve or look_up, provider_id)
    except (OSError, UnicodeError):
        raise name_not_found(host, provider_id) from None


async def public_numbers(host: str, port: int, resolve: Resolver, provider_id: str = "") -> Sequence[str]:
    """Look a host up and return its numbers, all of them checked.

    Raises:
        ProviderRejected: Kind ``address``: one of them is not public.
        OSError: It cannot be looked up (``socket.gaierror``).
    """
    numbers = await resolve(host, port)
    for number in numbers:
        address = literal_address(number)
        if address is None or not is_public(address):
            raise local_address(host, provider_id)
    return numbers


async def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system for the numbers of a host, in its order of preference.

    Raises:
        OSError: There are none (``socket.gaierror``).
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = dict.fromkeys(str(address[0]) for *_, address in found)
    if not numbers:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return list(numbers)


def no_address(url: str, provider_id: str = "") -> ProviderRejected:
    """Return the error for what is no web address."""
    return _refused(message("“{url}” is not a web address.", url=shown_url(url)), provider_id)


def local_address(host: str, provider_id: str = "") -> ProviderRejected:
    """Return the error for an address on this computer or a private network."""
    return _refused(
        message(
            "“{host}” is an address on this computer or a private network, and such addresses are refused.",
            host=shown(host),
        ),
        provider_id,
    )


def name_not_found(host: str, provider_id: str = "", request_id: str = "") -> ProviderUnavailable:
    """Return the error for a name that cannot be looked up."""
    return ProviderUnavailable(
        message("The address of “{host}” could not be found.", host=shown(host)),
        message("Check that this computer is online."),
        kind="offline",
        provider_id=provider_id,
        request_id=request_id,
    )


def shown_url(url: str) -> str:
    """Return an address as it may be shown: without user name, query and fragment, on one line, cut."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    bare = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/]*@", r"\1//…@", bare)
    return shown(bare)


def shown(text: str) -> str:
    """Return a foreign text on one line, without control characters, cut to a hundred of them."""
    line = shown_line(text[: _LONGEST_SHOWN + 1])
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "…"


def _refused(text: Message, provider_id: str) -> ProviderRejected:
    return ProviderRejected(
        text,
        message("Use an address that begins with https:// and can be reached from the internet."),
        kind="address",
        provider_id=provider_id,
    )
