"""The switch that puts the sandbox in the place of all services, in the real program."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.job import Hold, JobState
from tests.e2e import program
from tests.e2e.clouds import AIGS, AKOOL_SWAP, ONE_FACE, House, switched_on
from tests.e2e.test_cloud_faults import check_all_made, until_all
from tests.unit.sandbox.conftest import LIMIT_S, Box

ONE_OF_EACH = (AKOOL_SWAP, ONE_FACE, AIGS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return switched_on(tmp_path)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=LIMIT_S, trust_env=False) as one:
        yield one


def box_of(running: Program, client: httpx.Client) -> Box:
    """Return the way to the program's own sandbox."""
    where = running.cloud.sandbox
    assert where is not None
    return Box({name: getattr(where, name) for name in where.__dataclass_fields__}, client)


def process_of(house: House) -> psutil.Process:
    """Return the process that serves the sandbox."""
    port = int(house.box.where["sandbox"].rpartition(":")[2])
    [found] = [
        one
        for one in psutil.Process().children()
        if "sandbox" in one.cmdline()
        and port in {at.laddr.port for at in one.net_connections("tcp") if at.status == psutil.CONN_LISTEN}
    ]
    return found


async def test_without_a_key_or_a_cent_everything_goes(tmp_path: Path, home: Path, client: httpx.Client) -> None:
    async with House(home, tmp_path, Box({}, client)).program() as running:
        await running.cloud.ready()
        house = House(home, tmp_path, box_of(running, client))
        ids = await house.submit(running, *ONE_OF_EACH)
        await check_all_made(house, running, ids, ONE_OF_EACH)
        assert sum(house.paid().values()) == 3
        for kind in ONE_OF_EACH:
            assert await running.spending.month_total(kind.provider) == 0
        process = process_of(house)
    assert program.all_gone([process])


async def test_switched_off_its_jobs_wait_and_go_on_when_it_is_back(
    tmp_path: Path, home: Path, client: httpx.Client
) -> None:
    async with House(home, tmp_path, Box({}, client)).program() as running:
        await running.cloud.ready()
        house = House(home, tmp_path, box_of(running, client))
        house.box.faults(akool=["slow@detect_faces"])
        ids = await house.submit(running, AKOOL_SWAP)
        await until_all(running, ids, JobState.PREPARING)
        process = process_of(house)
        await running.settings.update("sandbox", is_on=False)
        [job] = await until_all(running, ids, Hold.SANDBOX)
        assert job.state is JobState.QUEUED
        await running.cloud.ready()
        assert running.cloud.sandbox is None
        assert await asyncio.to_thread(program.all_gone, [process])
        await running.settings.update("sandbox", is_on=True)
        await check_all_made(House(home, tmp_path, house.box), running, ids, [AKOOL_SWAP])


def test_it_ends_with_a_program_that_is_killed_and_the_job_goes_on(
    tmp_path: Path, home: Path, client: httpx.Client
) -> None:
    house = House(home, tmp_path, Box({}, client))
    process = program.start(home, *house.order(AKOOL_SWAP))
    program.wait_for(house.states, "the job being committed")
    children = program.children_of(process)
    assert [one for one in children if "sandbox" in one.cmdline()]
    program.end(process, signal.SIGKILL)
    assert house.states()[0] in {"queued", "preparing"}
    assert program.all_gone(children), "a process outlived the program"
    ended = house.resume()
    assert ended.code == 0, ended.err
    house.check_result(AKOOL_SWAP, ended.json["jobs"][0]["output"])
