"""``kill -9`` in the middle of jobs at services: nothing is lost, nothing is paid twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceswap_desktop.domain.job import JobState
from tests.e2e import program
from tests.e2e.clouds import AIGS, AKOOL_SWAP, AKOOL_VIDEO, KINDS, ONE_FACE, TWO_FACES, House, Kind
from tests.e2e.relays import Relay, relay_at
from tests.unit.sandbox.conftest import Box

UNCONFIRMED = 6


@pytest.fixture
def relay(tmp_path: Path, keys: None) -> Iterator[Relay]:
    with relay_at(tmp_path / "relay") as one:
        yield one


@pytest.fixture
def house(tmp_path: Path, box: Box, relay: Relay) -> House:
    """A home whose results are kept by a relay while the program is not there."""
    return House.make(tmp_path, box, relay=relay.channel)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_job_killed_again_and_again_is_made_and_paid_once(house: House, kind: Kind) -> None:
    house.die_at("preparing", *house.order(kind))
    assert house.paid() == {}
    for state in ("running", "fetching", "finishing"):
        house.die_at(state, "jobs", "resume")
    ended = house.resume()
    assert ended.code == 0, ended.err
    [job] = ended.json["jobs"]
    assert (job["state"], job["charge"]) == ("succeeded", kind.credits)
    assert house.paid() == kind.paid
    assert [str(path) for path in house.results()] == [job["output"]]
    house.check_result(kind, job["output"])
    house.check_nothing_left()


@pytest.mark.parametrize(
    ("kind", "endpoint"),
    [(AKOOL_SWAP, "detect_faces"), (AKOOL_SWAP, "results"), (AKOOL_VIDEO, "results"), (AIGS, "results")],
    ids=str,
)
def test_a_kill_while_something_free_is_asked_or_half_a_file_is_here(house: House, kind: Kind, endpoint: str) -> None:
    house.box.faults(**{kind.provider: [f"silence@{endpoint}:1"]})
    process = program.start(house.home, *house.order(kind))
    program.wait_for(lambda: not house.box.state()["faults"][kind.provider], "what is not answered")
    assert house.states() == ["fetching" if endpoint == "results" else "preparing"]
    program.end(process, signal.SIGKILL)
    ended = house.resume()
    assert ended.code == 0, ended.err
    assert house.paid() == kind.paid
    house.check_result(kind, ended.json["jobs"][0]["output"])
    house.check_nothing_left()


def kill_in_the_send(house: House, kind: Kind) -> None:
    """Order something, and kill the program when its first paid call has done its work and is not answered."""
    endpoint = kind.endpoints[0]
    house.box.faults(**{kind.provider: [f"silence@{endpoint}"]})
    process = program.start(house.home, *house.order(kind))
    program.wait_for(lambda: house.paid() == {f"{kind.provider}/{endpoint}": 1}, "the paid call")
    program.end(process, signal.SIGKILL)
    house.box.faults(all=[])
    assert house.states() == ["submitting"]


@pytest.mark.parametrize("kind", [AKOOL_SWAP, AKOOL_VIDEO, TWO_FACES, AIGS], ids=str)
def test_a_kill_between_the_send_and_the_answer_is_said_and_not_sent_again(house: House, kind: Kind) -> None:
    kill_in_the_send(house, kind)
    first, job = f"{kind.provider}/{kind.endpoints[0]}", {}
    for _ in range(2 if kind is AKOOL_SWAP else 1):
        ended = house.resume()
        assert ended.code == UNCONFIRMED, ended.err
        [job] = ended.json["jobs"]
        assert (job["state"], job["output"]) == ("unconfirmed", None)
        assert job["charge"] > 0
        assert "may have been charged" in job["error"]["message"]
        assert all(word in job["error"]["hint"] for word in ("your account", "again", "dismiss"))
        assert house.paid() == {first: 1}

    assert house.run("jobs", "retry", job["job"], "--yes").code == 0
    ended = house.resume()
    assert ended.code == 0, ended.err
    assert house.paid() == {**kind.paid, first: 2}
    [job] = ended.json["jobs"]
    # What may have been charged the first time stays in the book.
    assert job["charge"] > kind.credits
    house.check_result(kind, job["output"])
    house.check_nothing_left()


async def test_a_delivery_that_comes_later_settles_it(house: House) -> None:
    await asyncio.to_thread(kill_in_the_send, house, ONE_FACE)
    async with house.program() as running:
        [job] = await running.queue.all()
        async with asyncio.timeout(program.LIMIT_S):
            while (job := await running.queue.job(job.id) or job).state is not JobState.SUCCEEDED:
                assert job.state is not JobState.FAILED, job.failure
                await asyncio.sleep(0.05)
        assert house.paid() == ONE_FACE.paid
        charge = await running.spending.of_job(job.id)
        assert charge is not None
        assert charge.credits == ONE_FACE.credits
        [result] = house.results()
        house.check_result(ONE_FACE, result)
        await asyncio.to_thread(house.check_nothing_left)


def test_what_is_dismissed_is_over(house: House) -> None:
    house.die_at("submitting", *house.order(AKOOL_SWAP))
    assert house.resume().code == UNCONFIRMED
    [row] = house.rows()
    assert house.run("jobs", "dismiss", row["id"]).code == 0
    assert house.states() == ["dismissed"]
    assert house.resume().code == 0
    # It was never sent: only the service knows that.
    assert house.paid() == {}
    house.check_nothing_left()
