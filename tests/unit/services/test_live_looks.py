"""Pictures of a live session are looked at now and then; the card stands while something is seen."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from faceswap_desktop.domain.errors import WorkerError
from faceswap_desktop.domain.live_cloud import MediaLeg
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.services.live_looks import LOOK_EVERY_S, NOT_LOOKED_AT, SEEN, LiveLooks
from faceswap_desktop.storage.paths import Home
from tests.live_legs import HandClock, ScriptedLeg
from tests.scripted_looks import REFUSED
from tests.unit.services.conftest import until
from tests.unit.services.live_scene import a_scene


def a_jpeg(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(stream, "JPEG")
    return stream.getvalue()


GREY, MAGENTA = a_jpeg((90, 90, 90)), a_jpeg(REFUSED)


class Looked:
    """Stands for the worker: sees something in what is magenta."""

    def __init__(self, folder: Path) -> None:
        self.leg = ScriptedLeg()
        self.told: list[Message | None] = []
        self.is_broken = False
        self.count = 0
        leg: MediaLeg = self.leg
        self.looks = LiveLooks(leg, self._look, folder, self.told.append, HandClock().clock)

    async def _look(self, path: str) -> bool:
        self.count += 1
        if self.is_broken:
            raise WorkerError(message("A worker crashed."))
        return Path(path).read_bytes() == MAGENTA


@pytest.fixture
def looked(tmp_path: Path) -> Looked:
    return Looked(tmp_path)


@pytest.mark.parametrize("where", ["shown", "camera"])
async def test_the_card_stands_while_something_is_seen_on_either_side(looked: Looked, where: str) -> None:
    looked.leg.shown = looked.leg.camera = GREY
    await looked.looks.look_once()
    assert looked.leg.cards == []
    setattr(looked.leg, where, MAGENTA)
    for _ in range(2):
        await looked.looks.look_once()
    assert (looked.leg.cards, looked.told) == ([SEEN], [SEEN])
    setattr(looked.leg, where, GREY)
    await looked.looks.look_once()
    assert looked.leg.cards == [SEEN], "one look is not enough"
    await looked.looks.look_once()
    assert (looked.leg.cards, looked.told) == ([SEEN, None], [SEEN, None])


async def test_a_hit_in_between_begins_anew(looked: Looked) -> None:
    for picture in (MAGENTA, GREY, MAGENTA, GREY):
        looked.leg.shown = picture
        await looked.looks.look_once()
    assert looked.leg.cards == [SEEN]
    await looked.looks.look_once()
    assert looked.leg.cards == [SEEN, None]


async def test_where_nothing_is_shown_nothing_is_said(looked: Looked) -> None:
    for _ in range(5):
        await looked.looks.look_once()
    assert (looked.count, looked.leg.cards) == (0, [])


async def test_what_cannot_be_looked_at_is_not_shown_for_long(looked: Looked) -> None:
    looked.leg.shown = GREY
    looked.is_broken = True
    for _ in range(2):
        await looked.looks.look_once()
    assert looked.leg.cards == [], "a worker may crash once"
    await looked.looks.look_once()
    assert looked.leg.cards == [NOT_LOOKED_AT]
    looked.is_broken = False
    for _ in range(2):
        await looked.looks.look_once()
    assert looked.leg.cards == [NOT_LOOKED_AT, None]


async def test_a_session_is_looked_at_by_a_worker(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real worker, but for scripted scores; while a session runs."""
    from faceswap_desktop import compose
    from faceswap_desktop.workers.pool import WorkerPool

    scripted = partial(WorkerPool, task_modules=("tests.scripted_looks",))
    monkeypatch.setattr(compose, "WorkerPool", scripted)
    async with a_scene(home, monkeypatch) as scene:
        await scene.program.pool.start(warm=False)
        scene.leg.shown, scene.leg.camera = GREY, MAGENTA
        await scene.start()
        await until(lambda: scene.hand.waits_for(LOOK_EVERY_S))
        scene.hand.go(LOOK_EVERY_S)
        await until(lambda: scene.leg.cards == [SEEN], 60)
        assert scene.live.state.refused == SEEN
        scene.leg.camera = GREY
        for _ in range(2):
            await until(lambda: scene.hand.waits_for(LOOK_EVERY_S), 60)
            scene.hand.go(LOOK_EVERY_S)
        await until(lambda: scene.live.state.refused is None, 60)
        assert scene.live.state.phase == "running"
        await scene.live.stop()
        assert not list(home.scratch_folder.glob("live-*")), "no picture stays"
