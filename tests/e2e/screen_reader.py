"""What a screen reader reads of a running program: names, roles and places, over the accessibility bus (AT-SPI 2).

The mouse tests take their coordinates from here, so that nothing in the product has to be made for them, and what
they point at is what a person with a screen reader is told.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from jeepney import DBusAddress, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_BUS: Final = DBusAddress("/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus")
_ROOT: Final = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE: Final = "org.a11y.atspi.Accessible"
_COMPONENT: Final = "org.a11y.atspi.Component"
_OF_SCREEN: Final = 0
"""``ATSPI_COORD_TYPE_SCREEN``: places are counted from the screen's corner."""

_FOCUSED, _SHOWING = 12, 25
"""Bits of ``AtspiStateType``, both in its lower half."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing that a screen reader can read.

    Attributes:
        name: Its accessible name.
        role: The role's name, such as "push button".
        inside: The name of what it is in.
        x, y, width, height: Its place on the screen, in pixels.
        is_focused: Whether the keyboard is there.
    """

    name: str
    role: str
    inside: str
    x: int
    y: int
    width: int
    height: int
    is_focused: bool

    @property
    def centre(self) -> tuple[int, int]:
        """Its middle on the screen."""
        return self.x + self.width // 2, self.y + self.height // 2


def has_registry(bus_address: str) -> bool:
    """Tell whether the registry of an accessibility bus runs, without which programs do not answer."""
    with open_dbus_connection(bus_address) as connection:
        asked = new_method_call(_BUS, "NameHasOwner", "s", ("org.a11y.atspi.Registry",))
        return bool(connection.send_and_get_reply(asked).body[0])


class ScreenReader:
    """Reads the program with a process id."""

    def __init__(self, bus_address: str, pid: int, limit_s: float) -> None:
        self._connection: DBusConnection = open_dbus_connection(bus_address)
        self._pid = pid
        self._limit_s = limit_s
        self._owner = ""

    def close(self) -> None:
        """Leave the bus."""
        self._connection.close()

    def find(self, pattern: str, role: str = "", inside: str = "") -> Node:
        """Wait until something that shows has a name that matches, and return it.

        Args:
            pattern: Regular expression that the name has to match somewhere.
            role: What its role's name has to contain.
            inside: What the name of what it is in has to contain.

        Raises:
            AssertionError: It never came; the message lists what there is.
        """
        deadline = time.monotonic() + self._limit_s
        while True:
            for node in self.nodes():
                if re.search(pattern, node.name) and role in node.role and inside in node.inside:
                    return node
            if time.monotonic() > deadline:
                seen = "\n".join(f"{node.role}: {node.name}" for node in self.nodes())
                raise AssertionError(f"nothing is called {pattern!r}; there is\n{seen}")
            # Every question is answered by the window's own thread, which has better things to do.
            time.sleep(0.25)

    def has(self, pattern: str, role: str = "") -> bool:
        """Tell whether something that shows has a name that matches now."""
        return any(re.search(pattern, node.name) and role in node.role for node in self.nodes())

    def nodes(self) -> Iterator[Node]:
        """Yield everything that shows, from the window down; what vanishes meanwhile is left out."""
        waiting = [(_ROOT, "")]
        while waiting and self._find_owner():
            path, inside = waiting.pop(0)
            if path != _ROOT:
                node = self._node(path, inside)
                if node is None:
                    continue
                yield node
                inside = node.name or inside
            children = self._ask(path, _ACCESSIBLE, "GetChildren")
            waiting += [(child, inside) for owner, child in children or () if owner == self._owner]

    def _node(self, path: str, inside: str) -> Node | None:
        states = self._ask(path, _ACCESSIBLE, "GetState")
        if states is None or not states[0] >> _SHOWING & 1:
            return None
        name = self._send(Properties(self._address(path, _ACCESSIBLE)).get("Name"))
        role = self._ask(path, _ACCESSIBLE, "GetRoleName")
        place = self._ask(path, _COMPONENT, "GetExtents", "u", (_OF_SCREEN,))
        if name is None or role is None or place is None:
            return None
        x, y, width, height = place
        return Node(name[1], role, inside, x, y, width, height, bool(states[0] >> _FOCUSED & 1))

    def _find_owner(self) -> str:
        if not self._owner:
            for name in self._of_bus("ListNames") or ():
                if name.startswith(":") and self._of_bus("GetConnectionUnixProcessID", "s", (name,)) == self._pid:
                    self._owner = name
        return self._owner

    def _of_bus(self, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        return self._send(new_method_call(_BUS, method, signature, body))

    def _ask(
        self, path: str, interface: str, method: str, signature: str | None = None, body: tuple[Any, ...] = ()
    ) -> Any:
        return self._send(new_method_call(self._address(path, interface), method, signature, body))

    def _address(self, path: str, interface: str) -> DBusAddress:
        return DBusAddress(path, bus_name=self._owner, interface=interface)

    def _send(self, message: Any) -> Any:
        """Return the one value that every method called here answers with; None where there is no such thing."""
        reply = self._connection.send_and_get_reply(message, timeout=self._limit_s)
        if reply.header.message_type is MessageType.error:
            return None
        return reply.body[0]
