"""Live sessions at a service: each is in the ledger before it is asked for, and closed whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import (
    Cancelled,
    ConsentNeeded,
    FaceSwapError,
    ProviderError,
    StorageError,
    UsageError,
)
from faceswap_desktop.domain.events import ConsentChanged
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live_cloud import LegError, LegEvent, LegFigures, LegTrouble, SessionId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services import live_troubles as troubles
from faceswap_desktop.storage.charges import OverBudget
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.live_sessions import SessionMoved
from faceswap_desktop.storage.paths import Home
from tests.contract.akool_service import Answer, Asked, refused, says
from tests.contract.akool_tokens import APP_ID
from tests.unit.services.conftest import until
from tests.unit.services.live_scene import (
    CLOSE,
    COLLINS_FACE,
    CREATE,
    HOPPER_FACE,
    NOT_FOUND,
    OK,
    PRICE,
    UPDATE,
    Scene,
    a_scene,
    opened,
)


@pytest_asyncio.fixture
async def scene(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    async with a_scene(home, monkeypatch) as made:
        yield made


CLOSED = ("there-1", "closed")


# ------------------------------------------------------------------------------------------------------------ its life


async def test_a_session_from_start_to_stop(scene: Scene) -> None:
    seen: list[tuple[str, str, str]] = []

    def create(_: Asked) -> Answer:
        seen.extend(scene.rows())
        scene.credits -= PRICE
        return opened()

    scene.akool.will(CREATE, create)
    await scene.start()
    assert seen == [("", "creating", "")], "the row is on the disk before the call"
    assert scene.rows() == [("there-1", "open", "")]
    was_awake = scene.program.awake.is_wanted
    assert scene.booked() == [(PRICE, True, True)]
    [door] = scene.leg.doors
    assert not door.in_sandbox
    assert (door.app_id, door.channel, door.user_id, door.algorithm_user_id) == (APP_ID, "channel-of-there-1", 1, 3)
    assert door.token not in repr(scene.live.state) + repr(door)
    scene.leg.on_figures(LegFigures(shown_per_second=19.5))
    await scene.go(30)
    state = scene.live.state
    assert (state.phase, round(state.seconds), state.credits) == ("running", 30, PRICE)
    assert state.figures.shown_per_second == 19.5
    assert [one.phase for one in scene.states][:4] == ["opening", "joining", "waiting", "running"]

    await scene.live.stop()
    state = scene.live.state
    assert (state.phase, state.error) == ("off", None)
    assert scene.calls(CLOSE) == [{"_id": "there-1"}]
    assert scene.rows() == [(*CLOSED, "stopped")]
    assert scene.leg.calls == ["join", "leave"]
    # What the account lost is what it has cost.
    assert scene.booked() == [(PRICE, False, True)]
    [session] = await scene.sessions()
    assert (session.credits_before, session.credits_after) == (1000.0, 980.0)
    assert not scene.notices()
    assert (was_awake, scene.program.awake.is_wanted) == (True, False)
    await scene.live.stop()
    assert len(scene.calls(CLOSE)) == 1


async def test_two_starts_at_once_open_one(scene: Scene) -> None:
    outcomes = await asyncio.gather(scene.start(), scene.start(), return_exceptions=True)
    [refusal] = [one for one in outcomes if one is not None]
    assert isinstance(refusal, UsageError)
    assert refusal.kind == "running"
    assert len(scene.calls(CREATE)) == 1
    with pytest.raises(UsageError):
        await scene.another().start("akool", COLLINS_FACE, scene.leg)
    assert len(scene.calls(CREATE)) == 1


async def test_whoever_waits_for_the_start_may_go_away(scene: Scene) -> None:
    scene.leg.hangs.add("join")
    waiting = asyncio.create_task(scene.start())
    await until(lambda: scene.leg.calls)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await scene.over()
    assert scene.rows() == [(*CLOSED, "stopped")]


async def test_a_stop_while_it_is_asked_for_closes_what_is_opened(scene: Scene) -> None:
    stopping: list[asyncio.Task[None]] = []

    def create(_: Asked) -> Answer:
        stopping.append(asyncio.get_running_loop().create_task(scene.live.stop()))
        return opened()

    scene.akool.will(CREATE, create)
    with pytest.raises(Cancelled):
        await scene.start()
    await asyncio.gather(*stopping)
    assert scene.rows() == [(*CLOSED, "stopped")]
    assert "join" not in scene.leg.calls


@pytest.mark.parametrize("takes_page_away", [False, True])
async def test_a_stop_while_it_is_joined_is_no_error(scene: Scene, takes_page_away: bool) -> None:
    scene.leg.hangs.add("join")
    waiting = asyncio.create_task(scene.start())
    await until(lambda: scene.leg.calls)
    stopping = asyncio.create_task(scene.live.stop())
    if takes_page_away:
        await asyncio.sleep(0)
        scene.leg.hanging["join"].set_exception(LegError(LegTrouble.FAILED, "the page is gone"))
    with pytest.raises(Cancelled):
        await waiting
    await stopping
    assert (scene.live.state.phase, scene.live.state.error) == ("off", None)
    assert scene.rows() == [(*CLOSED, "stopped")]
    assert not scene.notices()


async def test_a_face_that_is_changed_while_it_is_stopped_is_no_error(scene: Scene) -> None:
    await scene.start()
    stopping: list[asyncio.Task[None]] = []

    def changed(_: Asked) -> Answer:
        stopping.append(asyncio.get_running_loop().create_task(scene.live.stop()))
        return NOT_FOUND

    scene.akool.will(UPDATE, changed)
    changing = asyncio.create_task(scene.live.change_face(HOPPER_FACE))
    with pytest.raises(Cancelled):
        await changing
    await asyncio.gather(*stopping)
    assert (scene.live.state.phase, scene.live.state.error) == ("off", None)


async def test_another_face(scene: Scene) -> None:
    with pytest.raises(UsageError):
        await scene.live.change_face(HOPPER_FACE)
    await scene.start()
    await scene.live.change_face(HOPPER_FACE)
    [asked] = scene.calls(UPDATE)
    assert (asked["_id"], asked["sourceImage"][0]["path"]) == ("there-1", "https://example.com/hopper.png")
    scene.akool.will(UPDATE, refused(1003))
    with pytest.raises(ProviderError):
        await scene.live.change_face(COLLINS_FACE)
    assert scene.live.state.phase == "running", "the face before stays"


async def test_a_session_that_akool_has_ended_is_over(scene: Scene) -> None:
    await scene.start()
    for path in (UPDATE, CLOSE):
        scene.akool.will(path, refused(1014))
    with pytest.raises(ProviderError):
        await scene.live.change_face(HOPPER_FACE)
    assert (await scene.over()).error == troubles.GONE
    assert scene.rows() == [(*CLOSED, "error")], "what it does not know is closed"


# -------------------------------------------------------------------------------------------------------------- before


@pytest.mark.parametrize(
    ("code", "kind"), [(1003, "input"), (1101, "account"), (1102, "account"), (1104, "credits"), (1005, "rate-limited")]
)
async def test_refused_in_words(scene: Scene, code: int, kind: str) -> None:
    scene.akool.will(CREATE, refused(code))
    with pytest.raises(ProviderError) as caught:
        await scene.start()
    assert caught.value.kind == kind
    assert caught.value.hint is not None, "what helps"
    assert (scene.rows(), scene.booked()) == ([("", "refused", "")], [])
    assert (await scene.over()).error == caught.value.message
    assert not scene.calls(CLOSE)
    # It can be tried again at once.
    scene.akool.will(CREATE, opened())
    await scene.start()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(None),
        Answer(b"<html>all is well</html>", 200, "text/html"),
        Answer(b"bad gateway", 502, "text/plain"),
        says({"code": 1000, "data": [1]}),
        says({"code": True}),
        refused(2001),
    ],
    ids=["cut", "html", "502", "no-object", "no-code", "server-error"],
)
async def test_of_a_lost_answer_it_is_said_when_it_was_and_what_was_taken(scene: Scene, answer: Answer) -> None:
    def create(_: Asked) -> Answer:
        scene.credits -= PRICE
        return answer

    scene.akool.will(CREATE, create)
    with pytest.raises(ProviderError) as caught:
        await scene.start()
    assert caught.value.kind == "unconfirmed"
    assert "2027-01-15 08:16:40" in caught.value.message.text()
    assert caught.value.hint is not None
    assert caught.value.hint.text().startswith("20 credits were taken meanwhile")
    assert len(scene.calls(CREATE)) == 1, "never sent again by itself"
    assert (scene.rows(), scene.booked()) == ([("", "unconfirmed", "")], [(PRICE, True, False)])
    [session] = await scene.live.open_sessions()
    await scene.live.dismiss(session.id)
    assert await scene.live.open_sessions() == []
    assert scene.booked() == [(PRICE, True, False)], "what may have been charged stays in the book"
    with pytest.raises(UsageError):
        await scene.live.dismiss(session.id)


@pytest.mark.parametrize(
    "change",
    [{"front_rtc_token": None}, {"front_rtc_token": "rubbish", "app_id": "rubbish"}, {"faceswap_status": 4}],
    ids=["no-token", "rubbish", "failed"],
)
async def test_a_session_without_a_way_in_is_closed_at_once(scene: Scene, change: dict[str, object]) -> None:
    scene.akool.will(CREATE, opened("there-1", **change))
    with pytest.raises(ProviderError) as caught:
        await scene.start()
    assert caught.value.kind == "bad-answer"
    assert scene.calls(CLOSE) == [{"_id": "there-1"}]
    assert scene.rows() == [(*CLOSED, "error")]
    assert "join" not in scene.leg.calls


async def test_nothing_is_asked_for_without_consent_or_a_key(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError):
        await scene.live.start("on-device", COLLINS_FACE, scene.leg)
    with pytest.raises(FaceSwapError):
        await scene.start(SourceFaceId("nobody"))
    monkeypatch.delenv("FACESWAP_AKOOL_API_KEY")
    with pytest.raises(ProviderError) as caught:
        await scene.start()
    assert caught.value.kind == "account"
    await withdraw(scene)
    with pytest.raises(ConsentNeeded):
        await scene.start()
    assert (scene.rows(), scene.akool.asked) == ([], [])


async def withdraw(scene: Scene) -> None:
    store = ConsentStore(scene.program.database)
    await store.withdraw([one.id for one in await store.of_face(COLLINS_FACE)], 1.7e9 + 1)
    scene.program.bus.publish(ConsentChanged((COLLINS_FACE,)))


async def test_consent_is_withdrawn_while_it_runs(scene: Scene) -> None:
    await scene.start()
    await withdraw(scene)
    state = await scene.over()
    assert state.error is not None
    assert "withdrawn" in state.error.text()
    assert scene.rows() == [(*CLOSED, "error")]


# ------------------------------------------------------------------------------------------------------------- joining


@pytest.mark.parametrize("trouble", list(LegTrouble))
async def test_a_channel_that_cannot_be_joined(scene: Scene, trouble: LegTrouble) -> None:
    scene.leg.fails["join"] = LegError(trouble, "<b>words of the page</b>")
    with pytest.raises(ProviderError) as caught:
        await scene.start()
    assert caught.value.kind == trouble.value
    assert caught.value.hint is not None
    assert scene.rows() == [(*CLOSED, "error")]
    assert scene.leg.calls[-1] == "leave"
    became = troubles.what_became_of(scene.live.state.session)
    assert became is not None
    assert became.text() == "The session is closed, and costs nothing any more."


@pytest.mark.parametrize("what", ["join", "picture"])
async def test_what_never_comes_is_waited_for_twenty_seconds(scene: Scene, what: str) -> None:
    scene.leg.gives_picture = False
    if what == "join":
        scene.leg.hangs.add("join")
    starting = asyncio.create_task(scene.start())
    await until(lambda: scene.live.state.phase == ("joining" if what == "join" else "waiting"))
    await until(lambda: scene.hand.waits_for(20.0))
    scene.hand.go(19.0)
    assert scene.rows() == [("there-1", "open", "")]
    scene.hand.go(1.0)
    with pytest.raises(ProviderError):
        await starting
    assert scene.rows() == [(*CLOSED, "error")]
    state = await scene.over()
    assert state.error is not None
    assert "20 seconds" in state.error.text()


# ------------------------------------------------------------------------------------------------------------- minutes


async def test_minutes_are_counted_and_the_limit_ends_it_before_another_begins(scene: Scene) -> None:
    await scene.start(limit_minutes=3)
    await scene.go(59)
    assert scene.booked() == [(PRICE, True, True)]
    await scene.go(60)
    assert scene.booked() == [(2 * PRICE, True, True)]
    assert scene.live.state.credits == 2 * PRICE
    await scene.go(50)
    await scene.go(20, step=1)
    state = await scene.over()
    assert 178 <= state.seconds < 180
    assert state.error is not None
    assert "3 minutes" in state.error.text()
    assert scene.rows() == [(*CLOSED, "limit")]
    assert scene.booked() == [(3 * PRICE, True, True)]


async def test_the_monthly_cap_refuses_and_ends(scene: Scene) -> None:
    await scene.program.settings.update("budget", monthly_cap=PRICE - 1)
    with pytest.raises(OverBudget) as caught:
        await scene.start()
    assert (scene.calls(CREATE), scene.rows(), scene.booked()) == ([], [], [])
    assert caught.value.hint is not None
    assert "waits" not in caught.value.hint.text()
    await scene.over()
    await scene.program.settings.update("budget", monthly_cap=2 * PRICE)
    await scene.start()
    await scene.go(110)
    await scene.go(20, step=1)
    state = await scene.over()
    assert state.error == troubles.CAP_REACHED
    assert state.seconds < 120
    assert (scene.rows(), scene.booked()) == ([(*CLOSED, "limit")], [(2 * PRICE, True, True)])


# ------------------------------------------------------------------------------------------------------------- renewal


async def test_another_session_takes_over_before_the_hour(scene: Scene) -> None:
    scene.akool.will(CREATE, opened(), opened("there-2"))
    await scene.start()
    await scene.go(3290, step=50)
    assert scene.leg.calls == ["join"]
    await scene.go(20)
    await until(lambda: scene.rows() == [(*CLOSED, "renewed"), ("there-2", "open", "")])
    assert scene.leg.calls == ["join", "hand_over"]
    assert scene.leg.doors[1].channel == "channel-of-there-2"
    assert scene.calls(CLOSE) == [{"_id": "there-1"}]
    state = scene.live.state
    assert state.session is not None
    assert (state.phase, state.session.remote_id) == ("running", "there-2")
    assert 3300 <= state.seconds <= 3320
    assert state.credits >= 56 * PRICE
    new, old = await scene.sessions()
    assert new.follows == old.id
    await scene.live.stop()
    assert scene.rows() == [(*CLOSED, "renewed"), ("there-2", "closed", "stopped")]


@pytest.mark.parametrize("what", ["refused", "not joined", "unconfirmed"])
async def test_where_none_takes_over_the_first_goes_on_until_its_hour(scene: Scene, what: str) -> None:
    second = {"refused": refused(1104), "not joined": opened("there-2"), "unconfirmed": Answer(None)}[what]
    scene.akool.will(CREATE, opened(), second)
    scene.leg.fails["hand_over"] = LegError(LegTrouble.NETWORK)
    await scene.start()
    scene.leg.on_event(LegEvent.TOKEN_OLD)
    await until(scene.notices)
    assert "could not take over" in scene.notices()[0]
    assert scene.live.state.phase == "running"
    rows = {
        "refused": ("", "refused", ""),
        "not joined": ("there-2", "closed", "error"),
        "unconfirmed": ("", "unconfirmed", ""),
    }
    await until(lambda: scene.rows() == [("there-1", "open", ""), rows[what]])
    await scene.go(3620, step=50, closes_others=True)
    assert (await scene.over()).error == troubles.HOUR_OVER
    assert scene.rows()[0] == (*CLOSED, "limit")
    assert ("there-1" in {one["_id"] for one in scene.calls(CLOSE)}) is True
    # Each might be one that cannot be closed.
    assert (len(scene.calls(CREATE)) == 2) is (what == "unconfirmed")


async def test_a_session_that_ends_before_its_hour_is_not_renewed(scene: Scene) -> None:
    await scene.start(limit_minutes=58)
    await scene.go(3500, step=50)
    assert scene.rows() == [(*CLOSED, "limit")]
    assert len(scene.calls(CREATE)) == 1


# ---------------------------------------------------------------------------------------------------- what may happen


async def test_a_network_that_comes_back(scene: Scene) -> None:
    scene.leg.fails["rejoin"] = LegError(LegTrouble.NETWORK)
    await scene.start()
    scene.leg.on_event(LegEvent.LOST)
    await scene.go(5, step=1)
    assert (scene.live.state.phase, scene.leg.calls) == ("lost", ["join"])
    await scene.go(25)
    assert scene.leg.calls.count("rejoin") >= 2
    assert scene.live.state.phase == "lost"
    del scene.leg.fails["rejoin"]
    await scene.go(15)
    await until(lambda: scene.live.state.phase == "running")
    await scene.go(60)
    assert scene.rows() == [("there-1", "open", "")]


@pytest.mark.parametrize(("event", "reason"), [(LegEvent.LOST, "network"), (LegEvent.PICTURE_LOST, "error")])
async def test_what_does_not_come_back_within_a_minute_ends_it(scene: Scene, event: LegEvent, reason: str) -> None:
    scene.leg.fails["rejoin"] = LegError(LegTrouble.NETWORK)
    await scene.start()
    scene.leg.on_event(event)
    await scene.go(59)
    assert scene.live.state.phase != "off"
    await scene.go(10)
    assert (await scene.over()).error is not None
    assert scene.rows() == [(*CLOSED, reason)]


async def test_a_page_that_ends(scene: Scene) -> None:
    await scene.start()
    scene.leg.on_event(LegEvent.ENDED)
    assert (await scene.over()).error == troubles.PAGE_GONE
    assert scene.rows() == [(*CLOSED, "error")]


@pytest.mark.parametrize("by", ["wall", "steady"])
async def test_a_computer_that_slept(scene: Scene, by: str) -> None:
    await scene.start()
    await scene.go(30)
    if by == "wall":
        scene.hand.asleep += 3600
        scene.hand.go(1)
    else:
        scene.hand.go(3600)
    assert (await scene.over()).error == troubles.SLEPT
    assert scene.rows() == [(*CLOSED, "sleep")]


async def test_somebody_who_follows_and_fails_keeps_nothing_open(
    scene: Scene, expect_log: Callable[[str], None]
) -> None:
    expect_log("somebody who follows live sessions failed")
    scene.live.follow(lambda _: 1 / 0)  # type: ignore[arg-type]
    await scene.start()
    await scene.live.stop()
    assert scene.rows() == [(*CLOSED, "stopped")]


# ------------------------------------------------------------------------------------------------------------- closing


@pytest.mark.parametrize(
    "answer", [NOT_FOUND, refused(1101), says({"code": "1000"})], ids=["html", "expired-token", "wrong-type"]
)
async def test_what_could_not_be_closed_is_tried_until_it_is(
    scene: Scene, expect_log: Callable[[str], None], answer: Answer
) -> None:
    expect_log("could not be closed")
    await scene.start()
    scene.akool.will(CLOSE, answer, answer, OK)
    await scene.live.stop()
    assert scene.rows() == [("there-1", "closing", "stopped")]
    assert [one.state for one in await scene.live.open_sessions()] == ["closing"]
    [told] = scene.notices()
    assert "could not be closed" in told
    # Nobody else needs to try as long as this program does.
    with pytest.raises(UsageError):
        await scene.another().start("akool", COLLINS_FACE, scene.leg)
    for wait in (2.0, 5.0):
        await until(lambda: scene.hand.waits_for(wait))  # noqa: B023
        scene.hand.go(wait)
    await until(lambda: scene.rows() == [(*CLOSED, "stopped")])
    await until(lambda: len(scene.notices()) == 2)
    assert "is closed now" in scene.notices()[1]
    assert len(scene.calls(CLOSE)) == 3
    await until(lambda: not scene.live.is_closing)
    await scene.another().tidy()


async def test_the_program_ends_while_a_session_runs(scene: Scene) -> None:
    await scene.start()
    await scene.live.close()
    assert scene.rows() == [(*CLOSED, "stopped")]


async def test_what_is_not_closed_at_the_end_is_closed_at_the_next_start(
    scene: Scene, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be closed")
    await scene.start()
    scene.akool.will(CLOSE, NOT_FOUND)
    await scene.live.close()
    assert scene.rows() == [("there-1", "closing", "stopped")]
    scene.akool.will(CLOSE, OK)
    later = scene.another()
    await later.tidy()
    assert scene.rows() == [(*CLOSED, "stopped")]
    await later.close()


async def test_the_next_start_closes_what_was_open_and_tells_what_it_cannot_know(scene: Scene) -> None:
    book = scene.live.book
    for remote_id in ("one", "two"):
        await book.opened(await book.begin("akool", PRICE, 0), remote_id)
    await book.begin("akool", PRICE, 0)
    scene.akool.will(CLOSE, refused(1014), OK)
    scene.credits -= PRICE
    await scene.live.tidy()
    assert sorted(scene.rows()) == [("", "unconfirmed", ""), ("one", "closed", "killed"), ("two", "closed", "killed")]
    [told] = scene.notices()
    assert "while it asked for a live session" in told
    assert [one.state for one in await scene.live.open_sessions()] == ["unconfirmed"]
    await scene.live.tidy()
    assert len(scene.calls(CLOSE)) == 2


async def test_what_another_program_has_in_hand_is_left_alone_until_that_is_gone(
    scene: Scene, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be closed")
    await scene.start()
    other = scene.another()
    await other.tidy()
    assert scene.calls(CLOSE) == []
    scene.akool.will(CLOSE, NOT_FOUND, OK)
    # It ends without having closed.
    await scene.live.close()
    await until(lambda: scene.hand.waits_for(30.0))
    scene.hand.go(30.0)
    await until(lambda: scene.rows() == [(*CLOSED, "stopped")])
    await other.close()


async def test_a_session_of_the_sandbox_is_closed_nowhere_else(scene: Scene, expect_log: Callable[[str], None]) -> None:
    expect_log("could not be closed")
    book, store = scene.live.book, scene.live.book.store
    session = await book.opened(await book.begin("akool", PRICE, 0), "in-the-sandbox")
    await store.move(session.id, {session.state}, session.state, in_sandbox=True)
    await scene.live.tidy()
    assert scene.calls(CLOSE) == []
    assert scene.rows() == [("in-the-sandbox", "closing", "killed")]
    assert not scene.notices(), "it costs nothing"
    await scene.live.dismiss(SessionId(session.id))


async def test_the_sandbox_is_switched_on_while_a_real_session_runs(
    scene: Scene, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be closed")
    await scene.start()
    await scene.program.settings.update("sandbox", is_on=True)
    assert (await scene.over()).error == troubles.SWITCHED
    # In the sandbox it would be unknown, which looks like closed.
    assert scene.rows() == [("there-1", "closing", "error")]
    assert scene.calls(CLOSE) == []
    assert "the sandbox is switched on" in scene.notices()[-1]
    await scene.program.settings.update("sandbox", is_on=False)
    await until(lambda: scene.hand.waits_for(2.0))
    scene.hand.go(2.0)
    await until(lambda: scene.rows() == [(*CLOSED, "error")])
    await scene.program.cloud.ready()


# ------------------------------------------------------------------------------------------------ a disk that is full


def full(*_: object, **__: object) -> None:
    raise StorageError(message("The disk is full."), kind="disk-full")


def moved(*_: object) -> None:
    raise SessionMoved


async def test_what_cannot_be_written_down_is_not_asked_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.live.book.store, "begin", full)
    with pytest.raises(StorageError):
        await scene.start()
    assert scene.calls(CREATE) == []


async def test_a_session_that_cannot_be_written_down_is_closed_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.live.book, "opened", full)
    with pytest.raises(StorageError):
        await scene.start()
    assert scene.calls(CLOSE) == [{"_id": "there-1"}]
    assert "join" not in scene.leg.calls


async def test_a_full_disk_keeps_no_session_open(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be written")
    await scene.start()
    with monkeypatch.context() as there_is_no_room:
        there_is_no_room.setattr(scene.live.book.store, "move", full)
        there_is_no_room.setattr(scene.live.book.store, "book", full)
        await scene.go(61)
        assert scene.live.state.phase == "running"
        await scene.live.stop()
    assert scene.calls(CLOSE) == [{"_id": "there-1"}]
    # It is only the row that stayed behind.
    assert scene.rows() == [("there-1", "open", "")]
    await scene.another().tidy()
    assert scene.rows() == [(*CLOSED, "killed")]


async def test_a_ledger_that_cannot_be_read_lets_nobody_wait(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be closed")
    scene.leg.hangs.add("join")
    starting = asyncio.create_task(scene.start())
    await until(lambda: scene.leg.calls)
    with monkeypatch.context() as nothing_works:
        nothing_works.setattr(scene.live.book.store, "get", full)
        nothing_works.setattr(scene.live.book, "closing", moved)
        await scene.live.stop()
    with pytest.raises(Cancelled):
        await starting
    assert scene.live.state.phase == "off"
