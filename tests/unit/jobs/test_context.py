"""How long work will still take, from what it tells of itself."""

from pathlib import Path

import pytest

from faceswap_desktop.domain.events import JobProgressed
from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.domain.work import FrameProgress
from faceswap_desktop.jobs.context import JobContext
from faceswap_desktop.jobs.events import EventBus
from tests.unit.jobs.support import make_recipe, no_sources


class Clock:
    """A clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("faceswap_desktop.jobs.context.time.monotonic", lambda: self.now)


class Told:
    """A context, and what it told last."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.clock = Clock(monkeypatch)
        self.notes = 0
        self.events: list[JobProgressed] = []
        bus = EventBus()
        bus.subscribe(lambda event: self.events.append(event) if isinstance(event, JobProgressed) else None)
        self.context = JobContext(
            Job(JobId("job"), make_recipe()), tmp_path, tmp_path, 1, no_sources, bus, self._on_got_on
        )

    async def _on_got_on(self) -> None:
        self.notes += 1

    def after(self, seconds: float, fraction: float, step: str = "render") -> float | None:
        self.clock.now += seconds
        self.context.report(fraction, step, FrameProgress(0, 10))
        return self.events[-1].seconds_left


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Told:
    return Told(monkeypatch, tmp_path)


def test_time_left_follows_from_what_was_done_in_this_step(told: Told) -> None:
    assert told.after(0.2, 0.3, "analyse") is None
    # Most of the work had been done before this start.
    assert told.after(0.2, 0.6) is None
    assert told.after(2.0, 0.61) == pytest.approx(78.0)


def test_time_left_forgets_how_fast_it_went_long_ago(told: Told) -> None:
    told.after(0.2, 0.0)
    for second in range(1, 11):
        told.after(1.0, second * 0.05)
    for second in range(1, 40):
        told.after(1.0, 0.5 + second * 0.01)
    assert told.after(1.0, 0.9) == pytest.approx(10.0, rel=0.1)


def test_nothing_is_guessed_where_nothing_gets_on(told: Told) -> None:
    told.after(0.2, 0.5)
    assert told.after(5.0, 0.5) is None


async def test_only_the_first_finished_piece_is_written_down(told: Told) -> None:
    await told.context.got_on()
    await told.context.got_on()
    assert told.notes == 1


def test_a_new_step_is_told_at_once_and_the_same_one_not_too_often(told: Told) -> None:
    for step, fraction in (("copy", 0.5), ("upload", 0.0), ("upload", 0.1), ("process", 0.0)):
        told.after(0.001, fraction, step)
    assert [(event.step, event.fraction) for event in told.events] == [("copy", 0.5), ("upload", 0.0), ("process", 0.0)]
