"""The computer stays awake while a job works, and not a moment longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.events import JobAdded, JobChanged, JobRemoved
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.storage.paths import Home
from tests.unit.services.conftest import a_recipe, until


def wants(program: Program) -> bool:
    # A function, so that mypy does not take the answer for settled.
    return program.awake.is_wanted


QUEUED = Job(JobId("1"), a_recipe())
RUNNING = replace(QUEUED, state=JobState.RUNNING)


@pytest.fixture
def _system_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    # wakepy's own switch for tests: a system that takes the wish.
    monkeypatch.setenv("WAKEPY_FAKE_SUCCESS", "yes")


@pytest.mark.usefixtures("_system_hears")
async def test_from_the_first_working_job_to_the_last(program: Program) -> None:
    bus, awake = program.bus, program.awake
    bus.publish(JobAdded(QUEUED))
    assert not wants(program), "a job that waits works not"
    bus.publish(JobChanged(RUNNING))
    assert wants(program)
    await until(lambda: awake.is_heard)
    bus.publish(JobChanged(replace(RUNNING, id=JobId("2"))))
    bus.publish(JobChanged(replace(RUNNING, state=JobState.SUCCEEDED)))
    assert wants(program)
    bus.publish(JobChanged(replace(RUNNING, id=JobId("2"), hold=Hold.DISK)))
    assert not wants(program)
    bus.publish(JobChanged(RUNNING))
    bus.publish(JobRemoved(RUNNING.id))
    assert not wants(program)


@pytest.mark.usefixtures("_system_hears")
async def test_the_setting_counts_at_once(program: Program) -> None:
    program.bus.publish(JobChanged(RUNNING))
    await program.settings.update("jobs", keep_awake=False)
    assert not wants(program)
    await program.settings.update("jobs", keep_awake=True)
    assert wants(program)
    for _ in range(5):
        await program.settings.update("jobs", keep_awake=False)
        await program.settings.update("jobs", keep_awake=True)
    assert wants(program)


@pytest.mark.usefixtures("_system_hears")
async def test_closing_lets_it_sleep(home: Home) -> None:
    program = await build(home)
    program.bus.publish(JobChanged(RUNNING))
    assert wants(program)
    await program.close()
    assert not wants(program)


async def test_a_system_that_hears_nothing_is_no_trouble(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("WAKEPY_FORCE_FAILURE", "yes")
    program.bus.publish(JobChanged(RUNNING))
    assert wants(program)
    program.bus.publish(JobChanged(replace(RUNNING, state=JobState.FAILED)))
    assert not wants(program)
    assert not program.awake.is_heard


@pytest.mark.usefixtures("_system_hears")
async def test_what_is_no_job_can_hold_it_too(program: Program) -> None:
    program.awake.hold("live")
    assert wants(program)
    program.bus.publish(JobChanged(RUNNING))
    program.bus.publish(JobRemoved(RUNNING.id))
    assert wants(program), "a job that ends does not let the computer sleep under a live session"
    program.awake.let_go("live")
    assert not wants(program)
