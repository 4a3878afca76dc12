"""AKOOL's live sessions: created, changed and closed. Their channel's other end is in the page that joins it."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from faceswap_desktop.sandbox.agora import make_token
from faceswap_desktop.sandbox.akool_keys import Caller, KeyRing, refusal
from faceswap_desktop.sandbox.books import digest_of
from faceswap_desktop.sandbox.fetching import is_web_address
from faceswap_desktop.sandbox.matching import points_from
from faceswap_desktop.sandbox.world import Answer, Handler, Refused, World, json_body

_SERVICE: Final = "akool"
FRONT_USER: Final = "1"
ALGORITHM_USER: Final = "3"


@dataclass
class Session:
    """One live session; it costs until it is closed.

    Attributes:
        id: What it is called.
        caller: Who pays.
        started_at, closed_at: Seconds since the epoch; 0.0 while it is open.
        minutes: How many were charged.
        changes: How often another face was put in.
    """

    id: str
    caller: Caller
    started_at: float
    closed_at: float = 0.0
    minutes: int = 1
    changes: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it costs."""
        return not self.closed_at


class Live:
    """Answers ``live/create``, ``live/update`` and ``live/close``."""

    def __init__(self, world: World, keys: KeyRing) -> None:
        self._world = world
        self._keys = keys
        self._sessions: dict[str, Session] = {}
        self._app_id = secrets.token_hex(16)
        self._certificate = secrets.token_hex(16)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the endpoints."""
        return {"live/create": self._create, "live/update": self._update, "live/close": self._close}

    def to_json(self) -> list[dict[str, Any]]:
        """Return all sessions, the witness of what was left open; whoever asks sees what they cost by now."""
        self.charge()
        names = ("id", "started_at", "closed_at", "minutes", "changes")
        return [{name: getattr(one, name) for name in names} for one in self._sessions.values()]

    def charge(self) -> None:
        """Take what open sessions cost: each minute when it begins."""
        for session in self._sessions.values():
            if session.is_open:
                self._charge(session, time.time())

    def _charge(self, session: Session, now: float) -> None:
        minutes = max(1, math.ceil((now - session.started_at) / 60))
        self._world.books.credits[_SERVICE] -= (minutes - session.minutes) * self._world.providers.akool.prices.live
        session.minutes = max(session.minutes, minutes)

    async def _create(self, request: web.Request) -> Answer:
        caller = self._keys.caller(request, "live/create")
        body = await json_body(request) or {}
        _check_sources(body)
        price = self._world.providers.akool.prices.live
        if self._world.books.left(_SERVICE, caller.kind) < price:
            return refusal(1104)
        now = time.time()
        session_id = secrets.token_hex(12)
        self._sessions[session_id] = Session(session_id, caller, now)
        self._world.books.charge(_SERVICE, "live/create", digest_of(body), session_id, price)
        stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now)) + f"{int(now * 1000) % 1000:03d}"
        channel = f"{stamp}_{secrets.randbelow(9000) + 1000}"
        has_way_in = not self._world.faults.takes(_SERVICE, "no-way-in", "live/create")
        token = make_token(self._app_id, self._certificate, channel, FRONT_USER, now) if has_way_in else ""
        return Answer(
            {
                "code": 1000,
                "msg": "OK",
                "data": {
                    "_id": session_id,
                    "faceswap_status": 1,
                    "front_user_id": FRONT_USER,
                    "algorithm_user_id": ALGORITHM_USER,
                    "front_rtc_token": token,
                    "channel_id": channel,
                    # Empty, as in the service's own sample: it has to be read from the token.
                    "app_id": "",
                },
            }
        )

    async def _update(self, request: web.Request) -> Answer:
        self._keys.caller(request, "live/update")
        body = await json_body(request) or {}
        _check_sources(body)
        session = self._sessions.get(str(body.get("_id", "")))
        if session is None or not session.is_open:
            return refusal(1014)
        session.changes += 1
        return _ok()

    async def _close(self, request: web.Request) -> Answer:
        self._keys.caller(request, "live/close")
        body = await json_body(request) or {}
        if not body.get("_id"):
            return refusal(1003)
        session = self._sessions.get(str(body["_id"]))
        if session is None:
            return refusal(1014)
        if session.is_open:
            session.closed_at = time.time()
            self._charge(session, session.closed_at)
        return _ok()


def _check_sources(body: Mapping[str, Any]) -> None:
    sources = body.get("sourceImage")
    if not isinstance(sources, list) or len(sources) != 1 or not isinstance(sources[0], dict):
        raise Refused(refusal(1003))
    try:
        points_from(sources[0].get("opts"))
    except ValueError as error:
        raise Refused(refusal(1003)) from error
    if not is_web_address(sources[0].get("path")):
        raise Refused(refusal(1003))


def _ok() -> Answer:
    return Answer({"code": 1000, "msg": "OK"})
