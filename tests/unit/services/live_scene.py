"""A program whose AKOOL answers on loopback as it is told, with a live session at hand whose time is moved by hand."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.events import Event, Noticed
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live_cloud import CloudLiveState, Session
from faceswap_desktop.domain.sensitive import Verdict
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.providers import live_services
from faceswap_desktop.providers.akool.faces import FaceAt, FourPoints
from faceswap_desktop.providers.akool.sessions import AkoolLive
from faceswap_desktop.providers.protocol import LiveFace
from faceswap_desktop.services.cloud_live import CloudLive
from faceswap_desktop.services.library import CROP_NAME
from faceswap_desktop.services.live_run import TICK_S
from faceswap_desktop.services.session_closing import CLOSE_LIMIT_S
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.live_sessions import LiveSessionStore
from faceswap_desktop.storage.looks import LookStore
from faceswap_desktop.storage.paths import Home
from tests.agreeing import everyone_agrees
from tests.contract.akool_service import QUOTA, V3, AkoolService, Answer, Asked, says
from tests.contract.akool_tokens import a_token
from tests.live_legs import HandClock, ScriptedLeg
from tests.unit.services.conftest import COLLINS, HOPPER, until
from tests.unit.storage.builders import a_source_face

CREATE, UPDATE, CLOSE = f"{V3}/live/create", f"{V3}/live/update", f"{V3}/live/close"
OK: Final = says({"code": 1000, "msg": "OK"})
NOT_FOUND: Final = Answer(b"<html>nothing here</html>", 404, "text/html")
COLLINS_FACE, HOPPER_FACE = SourceFaceId("collins"), SourceFaceId("hopper")
PRICE: Final = 20.0


def opened(remote_id: str = "there-1", **changes: object) -> Answer:
    """Answer that a session is open."""
    data = {
        "_id": remote_id,
        "faceswap_status": 1,
        "front_user_id": "1",
        "algorithm_user_id": "3",
        "front_rtc_token": a_token(),
        "channel_id": f"channel-of-{remote_id}",
        "app_id": "",
    }
    return says({"code": 1000, "msg": "OK", "data": {**data, **changes}})


@dataclass
class Scene:
    """Everything that a test of live sessions needs.

    Attributes:
        credits: What the account has left; AKOOL says so.
    """

    program: Program
    akool: AkoolService
    live: CloudLive
    leg: ScriptedLeg
    hand: HandClock
    credits: float = 1000.0
    states: list[CloudLiveState] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _ticked_at: float = 0.0

    def another(self, hand: HandClock | None = None) -> CloudLive:
        """Return live sessions as another start of the program has them."""
        return _live_of(self.program, hand or self.hand)

    async def start(self, source: SourceFaceId = COLLINS_FACE, limit_minutes: int = 0) -> None:
        await self.live.start("akool", source, self.leg, limit_minutes)

    async def go(self, seconds: float, step: float = 10.0, *, closes_others: bool = False) -> None:
        """Let time pass while a session runs, in steps; or until it is over.

        Args:
            seconds: How long.
            step: Seconds at a time.
            closes_others: No time passes while another session is being closed, which happens in real time.
        """
        goal = self.hand.now + seconds

        def rests() -> bool:
            return self._rests() and not (closes_others and self.hand.waits_for(CLOSE_LIMIT_S))

        await until(rests)
        while self.hand.now < goal and self.live.state.phase != "off":
            self.hand.go(min(step, goal - self.hand.now))
            await until(rests)

    def _rests(self) -> bool:
        if self.live.state.phase == "off":
            return True
        # Not while it closes: that has limits of its own.
        return self._ticked_at == self.hand.now and self.hand.waits_for(TICK_S) and self.live.state.phase != "closing"

    async def over(self) -> CloudLiveState:
        """Wait until nothing runs any more."""
        await until(lambda: self.live.state.phase == "off")
        await self.live.stop()
        return self.live.state

    def calls(self, path: str) -> list[Any]:
        """Return the bodies of the calls that came to a path."""
        return [one.json for one in self.akool.on(path)]

    def rows(self) -> list[tuple[str, str, str]]:
        """Read id at AKOOL, state and reason of all sessions past the program, oldest first."""
        connection = sqlite3.connect(f"file:{self.program.home.database}?mode=ro", uri=True)
        try:
            return connection.execute(
                "SELECT remote_id, state, reason FROM live_sessions ORDER BY created_at, follows"
            ).fetchall()
        finally:
            connection.close()

    def booked(self) -> list[tuple[float, bool, bool]]:
        """Read credits of all bookings, whether they are estimates, and whether AKOOL has taken the call."""
        connection = sqlite3.connect(f"file:{self.program.home.database}?mode=ro", uri=True)
        try:
            found = connection.execute("SELECT credits, is_estimate, is_confirmed FROM charges ORDER BY at, job")
            return [(credits, bool(estimate), bool(confirmed)) for credits, estimate, confirmed in found]
        finally:
            connection.close()

    def notices(self) -> list[str]:
        """Return what the user was told."""
        return [one.message.text() for one in self.events if isinstance(one, Noticed)]

    async def sessions(self) -> list[Session]:
        """Return all sessions, newest first."""
        return await LiveSessionStore(self.program.database).newest()

    def note(self, state: CloudLiveState) -> None:
        self.states.append(state)
        self._ticked_at = self.hand.now


@asynccontextmanager
async def a_scene(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """Build the program with two people in its library; AKOOL opens a session and closes it."""
    monkeypatch.setattr(AkoolLive, "make_ready", _made_ready)
    monkeypatch.setenv("FACESWAP_AKOOL_API_KEY", "a-key")
    async with AkoolService().running() as akool:
        await asyncio.to_thread(home.create)
        home.settings_file.write_text(f'[providers.akool]\nbase_url = "{akool.url}"\n', encoding="utf-8")
        program = await everyone_agrees(await build(home))
        await _fill(program)
        hand = HandClock()
        scene = Scene(program, akool, _live_of(program, hand), ScriptedLeg(), hand)
        scene.live.follow(scene.note)
        program.bus.subscribe(scene.events.append)

        def left(_: Asked) -> Answer:
            return says({"code": 1000, "msg": "OK", "data": {"credit": scene.credits}})

        akool.will(QUOTA, left)
        akool.will(CREATE, opened())
        for path in (UPDATE, CLOSE):
            akool.will(path, OK)
        try:
            yield scene
        finally:
            await scene.live.close()
            await program.close()


def _live_of(program: Program, hand: HandClock) -> CloudLive:
    return CloudLive(
        program.home,
        program.database,
        live_services(program.providers),
        program.accounts,
        program.cloud,
        program.clearance,
        program.library,
        program.pool,
        program.settings,
        program.bus,
        program.awake,
        clock=hand.clock,
    )


async def _made_ready(_self: AkoolLive, cleared: Any, *_: Any) -> LiveFace:
    """Stand for the copy and the detector, which have tests of their own."""
    points = FourPoints.read("262,175:363,175:313,215:272,279", "opts")
    name = f"https://example.com/{cleared.source.id}.png"
    return LiveFace({"face": json.dumps(FaceAt(name, points, None, (0, 0), is_crop=True).to_json())})


async def _fill(program: Program) -> None:
    for name, picture in ((COLLINS_FACE, COLLINS), (HOPPER_FACE, HOPPER)):
        face = a_source_face(name)
        for photo in face.photos:
            crop = program.home.faces_folder / photo.id / CROP_NAME
            crop.parent.mkdir()
            shutil.copy(picture, crop)
            await LookStore(program.database).put(Verdict(fingerprint(str(crop)).quick_digest, ()))
        await SourceFaceStore(program.database).add(face)
