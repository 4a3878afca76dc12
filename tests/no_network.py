"""Sockets that reach this computer only. Processes that a test starts are not covered: they have their own sockets."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, Final

import pytest

NAMES: Final = frozenset({"localhost", "localhost.", "ip6-localhost", "", None})


class BlockedAddressError(AssertionError):
    """A test tried to reach, or to be reached from, somewhere else."""


def is_local(address: Any) -> bool:
    """Tell whether a socket address (tuple, path or bytes) stays on this computer."""
    if not isinstance(address, tuple):
        return True  # a Unix socket's path, or a netlink number
    host = address[0]
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in NAMES:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check(address: Any, verb: str) -> None:
    if not is_local(address):
        raise BlockedAddressError(f"a test must not {verb} {address!r}")


def block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets connect to, send to, look up and listen on loopback and Unix sockets only."""
    original = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto", "bind")}
    look_up = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> Any:
        _check(address, "connect to")
        return original["connect"](self, address)

    def connect_ex(self: socket.socket, address: Any) -> Any:
        _check(address, "connect to")
        return original["connect_ex"](self, address)

    def sendto(self: socket.socket, data: Any, *rest: Any) -> Any:
        _check(rest[-1], "send to")
        return original["sendto"](self, data, *rest)

    def bind(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not address[0]:
            raise BlockedAddressError("a test must not listen on every interface")
        _check(address, "listen on")
        return original["bind"](self, address)

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        _check((host,), "look up")
        return look_up(host, *rest, **options)

    for function in (connect, connect_ex, sendto, bind):
        monkeypatch.setattr(socket.socket, function.__name__, function)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
