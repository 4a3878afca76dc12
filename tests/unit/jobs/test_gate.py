"""Jobs at the gate: they wait for consent, fail for sensitive content, and are looked up again before each call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.errors import ConsentNeeded, ExitCode, FaceSwapError, SensitiveContent
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.work import FetchedFile, WorkContext
from faceswap_desktop.jobs.tools import Hooks
from tests.clearing import cleared
from tests.unit.jobs.cloud import REAGE, RECIPE, SWAP, CloudProvider, Service
from tests.unit.jobs.support import ScriptedProvider, make_recipe, open_world

SEEN = (Sighting(0.9, frame=12, seconds=0.5),)


def no_consent() -> ConsentNeeded:
    return ConsentNeeded(message("Who is this?"), message("Say it."))


def sensitive() -> SensitiveContent:
    return SensitiveContent(message("Refused."), message("Crop it."), sightings=SEEN)


class Gate:
    """Lets jobs through until it is told what to say."""

    def __init__(self, *answers: FaceSwapError | None) -> None:
        self.answers = list(answers)
        self.trouble: FaceSwapError | None = None
        self.asked: list[JobId] = []

    async def clear(self, recipe: Recipe, job: JobId) -> ClearedRecipe:
        self.asked.append(job)
        trouble = self.answers.pop(0) if self.answers else self.trouble
        if trouble is not None:
            raise trouble
        return cleared(recipe)


async def test_a_job_waits_for_consent_and_goes_on_when_it_is_given(tmp_path: Path) -> None:
    gate, provider = Gate(), ScriptedProvider()
    gate.trouble = no_consent()
    world = await open_world(tmp_path, provider, clear=gate.clear)
    job = await world.add()
    held = await world.holds(job, Hold.CONSENT)
    assert held.state is JobState.QUEUED
    assert held.attempt == 0, "nothing was done, so it does not count as a try"
    assert provider.asked == []
    assert [event.message.text() for event in world.events if isinstance(event, Noticed)] == ["Who is this?"]
    assert held.failure is not None
    assert held.failure.message.text() == "Who is this?", "why it waits is kept with it"
    gate.trouble = None
    [freed] = await world.ledger.holds.release(Hold.CONSENT)
    assert freed.failure is None
    world.runner.wake()
    assert (await world.becomes(job, JobState.SUCCEEDED)).result is not None
    await world.close()


@pytest.mark.parametrize("is_cloud", [False, True])
async def test_what_is_refused_is_neither_prepared_nor_sent(tmp_path: Path, is_cloud: bool) -> None:
    service, scripted, gate = Service(), ScriptedProvider(), Gate()
    gate.trouble = sensitive()
    world = await open_world(tmp_path, CloudProvider(service) if is_cloud else scripted, clear=gate.clear)
    job = await world.add(RECIPE if is_cloud else make_recipe())
    failed = await world.becomes(job, JobState.FAILED)
    assert failed.failure is not None
    assert (failed.failure.kind, failed.failure.exit_code) == ("sensitive", ExitCode.CONSENT)
    assert service.asked == []
    assert scripted.asked == []
    assert world.scratch_files() == []
    await world.close()


async def test_consent_that_ends_while_a_copy_is_made_is_seen_before_anything_is_sent(tmp_path: Path) -> None:
    service, gate = Service(), Gate()

    async def end_consent(context: WorkContext) -> None:
        gate.trouble = no_consent()

    service.meddling["prepare"] = end_consent
    world = await open_world(tmp_path, CloudProvider(service), clear=gate.clear)
    job = await world.add(RECIPE)
    held = await world.holds(job, Hold.CONSENT)
    assert held.state is JobState.QUEUED
    assert service.count("prepare") == 1
    assert service.taken == []
    await world.close()


async def test_a_later_call_is_looked_up_again_and_what_was_paid_stays(tmp_path: Path) -> None:
    service, gate = Service(SWAP, REAGE), Gate()

    async def end_consent(context: WorkContext) -> None:
        if context.step.name == SWAP.name:
            gate.trouble = no_consent()

    service.meddling["run"] = end_consent
    world = await open_world(tmp_path, CloudProvider(service), clear=gate.clear)
    job = await world.add(RECIPE)
    await world.holds(job, Hold.CONSENT)
    assert [step for _, step in service.taken] == [SWAP.name]
    gate.trouble = None
    await world.ledger.holds.release(Hold.CONSENT)
    world.runner.wake()
    await world.becomes(job, JobState.SUCCEEDED)
    assert [step for _, step in service.taken] == [SWAP.name, REAGE.name], "the paid swap was not sent again"
    await world.close()


async def test_a_job_taken_up_after_a_restart_passes_the_gate_again(tmp_path: Path) -> None:
    """Its consent is withdrawn while the program is closed."""
    service, gate, reached = Service(), Gate(), asyncio.Event()

    async def wait(context: WorkContext) -> None:
        reached.set()
        await asyncio.Event().wait()

    service.meddling["prepare"] = wait
    first = await open_world(tmp_path, CloudProvider(service), clear=gate.clear)
    job = await first.add(RECIPE)
    await reached.wait()
    await first.close()
    service.meddling.clear()
    withdrawn = Gate()
    withdrawn.trouble = no_consent()
    second = await open_world(tmp_path, CloudProvider(service), clear=withdrawn.clear)
    await second.holds(job, Hold.CONSENT)
    assert withdrawn.asked == [job]
    assert service.taken == []
    await second.close()


async def test_what_is_seen_while_the_work_goes_on_ends_it_and_is_told(tmp_path: Path) -> None:
    told: list[tuple[JobId, tuple[Sighting, ...]]] = []

    async def refused(job: Job, error: SensitiveContent) -> None:
        told.append((job.id, error.sightings))

    async def see(context: WorkContext) -> None:
        raise sensitive()

    world = await open_world(tmp_path, ScriptedProvider(see), hooks=Hooks(refused=refused))
    job = await world.add()
    failed = await world.becomes(job, JobState.FAILED)
    assert failed.failure is not None
    assert failed.failure.kind == "sensitive"
    assert told == [(job, SEEN)]
    assert not world.home.results_folder.is_dir() or world.result_files() == []
    await world.close()


@pytest.mark.allow_logs
async def test_nobody_gets_a_pass_for_another_recipe(tmp_path: Path) -> None:
    """A gate that mixes jobs up is a bug, and nothing is done on its word."""

    async def mixed_up(recipe: Recipe, job: JobId) -> ClearedRecipe:
        return cleared(make_recipe(name="other.png"))

    provider = ScriptedProvider()
    world = await open_world(tmp_path, provider, clear=mixed_up)
    job = await world.add()
    failed = await world.becomes(job, JobState.FAILED)
    assert failed.failure is not None
    assert failed.failure.kind == "bug"
    assert provider.asked == []
    await world.close()


@pytest.mark.parametrize("touch", [lambda context: context.cleared], ids=["cleared"])
async def test_without_a_pass_there_is_nothing_to_carry_out(
    tmp_path: Path, touch: Callable[[WorkContext], object]
) -> None:
    """A provider that is only asked for its result has no pass, and cannot render, host or send with it."""
    service, gate = Service(), Gate()
    met: list[Exception] = []

    async def try_it(context: WorkContext) -> None:
        try:
            touch(context)
        except RuntimeError as error:
            met.append(error)

    reached = asyncio.Event()

    async def wait(context: WorkContext) -> None:
        reached.set()
        await asyncio.Event().wait()

    service.meddling["run"] = wait
    first = await open_world(tmp_path, CloudProvider(service), clear=gate.clear)
    job = await first.add(RECIPE)
    await reached.wait()
    await first.close()
    service.meddling["run"] = try_it
    second = await open_world(tmp_path, CloudProvider(service), clear=gate.clear)
    await second.becomes(job, JobState.SUCCEEDED)
    assert len(met) == 1
    await second.close()


async def test_what_a_service_made_is_looked_at_before_it_is_kept(tmp_path: Path) -> None:
    """An address that was pasted can lead to something else than the gate has seen."""
    service, looked, told = Service(), list[str](), list[JobId]()

    async def look(job: Job, file: FetchedFile) -> None:
        looked.append(Path(file.path).name)
        raise sensitive()

    async def refused(job: Job, error: SensitiveContent) -> None:
        told.append(job.id)

    world = await open_world(tmp_path, CloudProvider(service), hooks=Hooks(look=look, refused=refused))
    job = await world.add(RECIPE)
    failed = await world.becomes(job, JobState.FAILED)
    assert failed.failure is not None
    assert (failed.failure.kind, failed.failure.exit_code) == ("sensitive", ExitCode.CONSENT)
    assert (looked, told) == (["result.jpg"], [job])
    assert not world.home.results_folder.is_dir() or world.result_files() == []
    await world.close()
