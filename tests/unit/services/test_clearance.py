"""The gate: consent and what was seen decide, and what was seen is not looked at twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop import compose
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis
from faceswap_desktop.domain.errors import ConsentNeeded, InputRefused, SensitiveContent
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe, SwapOptions
from faceswap_desktop.domain.sensitive import Role
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.pool import WorkerPool
from tests.clips import Clip, Place, cover, make_clip, one_person
from tests.scripted_looks import REFUSED
from tests.unit.services.conftest import COLLINS, HOPPER

JOB = JobId("job-1")


@pytest_asyncio.fixture
async def scripted(home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Program]:
    """The program, with scripted scores in the classifier's place."""
    monkeypatch.setattr(compose, "WorkerPool", partial(WorkerPool, task_modules=("tests.scripted_looks",)))
    program = await compose.build(home)
    await program.pool.start(warm=False)
    yield program
    await program.close()


def with_a_patch(path: Path, share: float = 0.6) -> Path:
    """Write the sample with a plain patch below the face, which the scripted scores take for what is refused."""
    with Image.open(COLLINS) as opened:
        pixels = np.asarray(opened.convert("RGB")).copy()
    height = pixels.shape[0]
    pixels[round(height * (1 - share)) :] = REFUSED
    Image.fromarray(pixels).save(path)
    return path


async def recipe_of(program: Program, target: Path = COLLINS) -> tuple[Recipe, SourceFace]:
    media, faces = await program.detection.detect(target)
    [hopper] = (await program.library.add_photos([HOPPER])).added
    # Where the face itself is hidden any will do: the gate looks at the whole picture.
    wanted = {faces[0].index: hopper.id}
    return await program.swapping.make_recipe(media, faces, wanted, SwapOptions()), hopper


async def test_consent_opens_the_gate_and_its_end_closes_it(scripted: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, hopper = await recipe_of(scripted)
    with pytest.raises(ConsentNeeded, match="Nobody has said yet who “grace_hopper” is") as caught:
        await scripted.clearance.recipe(recipe, JOB)
    assert caught.value.kind == "consent"
    assert caught.value.hint is not None
    assert "--consent" not in caught.value.hint.text(), "the window has a button for it"
    end, source = time.time() + 1000.0, scripted.library.source_ref(hopper)
    await scripted.consents.give([hopper], ConsentAnswer(Basis.AGREED, until=end))
    assert (await scripted.clearance.recipe(recipe, JOB)).recipe == recipe
    with monkeypatch.context() as later:
        later.setattr("time.time", lambda: end)
        with pytest.raises(ConsentNeeded, match="is over"):
            await scripted.clearance.recipe(recipe, JOB)
        with pytest.raises(ConsentNeeded, match="is over"):
            await scripted.clearance.source(source)
    assert (await scripted.clearance.source(source)).source == source


async def test_a_photo_that_was_added_to_a_person_needs_consent_too(scripted: Program) -> None:
    recipe, hopper = await recipe_of(scripted)
    await scripted.consents.give([hopper], ConsentAnswer(Basis.LICENSED))
    [collins] = (await scripted.library.add_photos([COLLINS])).added
    both = (await scripted.library.put_together([hopper.id, collins.id])).after[0]
    media, faces = await scripted.detection.detect(COLLINS)
    mixed = await scripted.swapping.make_recipe(media, faces, {0: both.id}, SwapOptions())
    with pytest.raises(ConsentNeeded):
        await scripted.clearance.recipe(mixed, JOB)
    await scripted.clearance.recipe(recipe, JOB)


async def test_a_target_is_refused_for_jobs_previews_and_detectors_and_that_is_written_down(
    scripted: Program, tmp_path: Path
) -> None:
    patched = with_a_patch(tmp_path / "beach.png", 0.45)
    recipe, hopper = await recipe_of(scripted, patched)
    await scripted.consents.give([hopper], ConsentAnswer(Basis.LICENSED))
    with pytest.raises(SensitiveContent, match=r"“beach\.png” is refused") as caught:
        await scripted.clearance.recipe(recipe, JOB)
    assert caught.value.sightings
    assert caught.value.hint is not None
    assert "Crop it" in caught.value.hint.text()
    [written] = await scripted.clearance.refusals_of(JOB)
    assert (written.role, written.path, written.name) == (Role.TARGET, str(patched), "beach.png")
    with pytest.raises(SensitiveContent):
        await scripted.clearance.media(recipe.media)
    media, faces = await scripted.detection.detect(patched)
    with pytest.raises(SensitiveContent):
        await scripted.swapping.preview(media, faces, {faces[0].index: hopper.id}, SwapOptions())
    assert len(await scripted.clearance.newest_refusals()) == 2, "once for the job, once for what was only looked at"


async def test_another_file_in_its_place_says_nothing_of_a_target(scripted: Program, tmp_path: Path) -> None:
    patched = with_a_patch(tmp_path / "beach.png", 0.45)
    refused = patched.read_bytes()
    recipe, hopper = await recipe_of(scripted, patched)
    await scripted.consents.give([hopper], ConsentAnswer(Basis.LICENSED))
    patched.write_bytes(COLLINS.read_bytes())
    with pytest.raises(InputRefused, match="has changed"):
        await scripted.clearance.recipe(recipe, JOB)
    patched.write_bytes(refused)
    with pytest.raises(SensitiveContent):
        await scripted.clearance.recipe(recipe, JOB)


async def test_previews_need_no_consent(scripted: Program) -> None:
    media, faces = await scripted.detection.detect(COLLINS)
    [hopper] = (await scripted.library.add_photos([HOPPER])).added
    shown = await scripted.swapping.preview(media, faces, {0: hopper.id}, SwapOptions())
    assert shown.patches


async def test_a_crop_that_was_exchanged_in_the_library_is_looked_at_anew(scripted: Program) -> None:
    recipe, hopper = await recipe_of(scripted)
    await scripted.consents.give([hopper], ConsentAnswer(Basis.LICENSED))
    await scripted.clearance.recipe(recipe, JOB)
    with_a_patch(Path(hopper.photos[0].crop_path))
    with pytest.raises(SensitiveContent, match="“grace_hopper” is refused"):
        await scripted.clearance.recipe(recipe, JOB)
    [written] = await scripted.clearance.refusals_of(JOB)
    assert written.role is Role.SOURCE


async def test_nothing_is_looked_at_twice_and_a_changed_file_is(
    scripted: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    run = scripted.pool.run

    async def counted(task: str, request: object, **options: Any) -> object:
        asked.append(task)
        return await run(task, request, **options)

    monkeypatch.setattr(scripted.pool, "run", counted)
    target = tmp_path / "one.png"
    await asyncio.to_thread(target.write_bytes, COLLINS.read_bytes())
    media, _ = await scripted.detection.detect(target)
    await asyncio.gather(*(scripted.clearance.media(media) for _ in range(5)))
    await scripted.clearance.media(media)
    assert asked.count("look_at_picture") == 1
    with_a_patch(target, 0.5)
    changed, _ = await scripted.detection.detect(target)
    with pytest.raises(SensitiveContent):
        await scripted.clearance.media(changed)
    assert asked.count("look_at_picture") == 2


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Four seconds, of which something is to be seen for half of one."""
    hidden = cover(2.0, 2.6, Place(0.5, 0.5, 3.0), REFUSED)
    return make_clip(
        tmp_path_factory.mktemp("clip") / "party.mp4", [one_person(4.0, "collins", None, hidden)], rate=10.0
    )


async def video_of(program: Program, clip: Clip) -> Media:
    index = await program.videos.index(await program.videos.probe(clip.path))
    return index.media


async def test_a_short_moment_in_a_video_is_found_and_a_trim_around_it_passes(scripted: Program, clip: Clip) -> None:
    media = await video_of(scripted, clip)
    verdict = await scripted.clearance.look(media)
    assert verdict.sightings
    assert all(1.9 <= one.seconds <= 2.7 for one in verdict.sightings)
    assert verdict.within(FrameRange(0, 18)) == ()
    analysis = await scripted.videos.analyse(media, lambda _: None)
    faces = [one.best_face for one in analysis.identities]
    recipe = await scripted.swapping.make_recipe(
        media, faces, {}, SwapOptions(), ages={faces[0].index: 10}, analysis=analysis
    )
    with pytest.raises(SensitiveContent, match="at 0:02"):
        await scripted.clearance.recipe(recipe, JOB)
    [written] = await scripted.clearance.refusals_of(JOB)
    assert written.sightings == verdict.sightings
    await scripted.clearance.recipe(replace(recipe, trim=FrameRange(0, 18)), JOB)
    with pytest.raises(SensitiveContent):
        await scripted.clearance.media(media, [22])
    await scripted.clearance.media(media, [0])


async def test_a_trimmed_job_alone_does_not_stand_for_the_whole(scripted: Program, clip: Clip) -> None:
    """Only the wanted part is looked through, and what comes of that is not taken for the whole video's verdict."""
    media = await video_of(scripted, clip)
    verdict = await scripted.clearance.look(media, FrameRange(0, 15))
    assert verdict.sightings == ()
    assert await scripted.clearance.known(media) is None
    assert (await scripted.clearance.look(media)).sightings


async def test_a_job_is_stopped_at_the_gate_in_the_program_itself(scripted: Program, tmp_path: Path) -> None:
    patched = with_a_patch(tmp_path / "beach.png", 0.45)
    recipe, hopper = await recipe_of(scripted, patched)
    await scripted.consents.give([hopper], ConsentAnswer(Basis.LICENSED))
    await scripted.queue.start()
    [job] = await scripted.swapping.submit([recipe])
    [ended] = await scripted.swapping.wait([job.id])
    assert ended.state is JobState.FAILED
    assert ended.failure is not None
    assert (ended.failure.kind, ended.failure.exit_code) == ("sensitive", 5)
    assert await scripted.clearance.refusals_of(job.id)


async def test_what_a_service_made_is_looked_at(scripted: Program, clip: Clip, tmp_path: Path) -> None:
    media, _ = await scripted.detection.detect(COLLINS)
    await scripted.clearance.result(media, str(COLLINS))
    with pytest.raises(SensitiveContent, match="result of “eileen_collins"):
        await scripted.clearance.result(media, str(with_a_patch(tmp_path / "made.png", 0.5)))
    video = await video_of(scripted, clip)
    folder = tmp_path / "scratch"
    folder.mkdir()
    made = folder / "result.mp4"
    await asyncio.to_thread(made.write_bytes, clip.path.read_bytes())
    with pytest.raises(SensitiveContent, match="0:02"):
        await scripted.clearance.result(video, str(made))
