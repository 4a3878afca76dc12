"""Previews and recipes: what is refused, and in which words."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import Cancelled, InputRefused, UsageError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.recipe import OutputOptions, SwapOptions
from tests.unit.services.conftest import COLLINS, HOPPER


async def test_a_recipe_names_everything_and_refuses_what_is_not_there(working: Program) -> None:
    media, faces = await working.detection.detect(COLLINS)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    make = working.swapping.make_recipe
    recipe = await make(media, faces, {0: hopper.id}, SwapOptions(blend=0.5), consent_note="she agreed")
    assert recipe.provider == "on-device"
    assert recipe.pairings[0].source.photos == (hopper.photos[0].id,)
    assert recipe.pairings[0].target.five_points == faces[0].five_points
    assert recipe.consent_note == "she agreed"
    assert working.swapping.planned_name(recipe) == "eileen_collins as grace_hopper"
    quote = await working.swapping.quote(recipe)
    assert not quote.leaves_computer
    assert recipe.bystanders == ()
    other = replace(faces[0], index=1, box=BoundingBox(1, 2, 30, 40))
    assert (await make(media, [*faces, other], {0: hopper.id}, SwapOptions())).bystanders == (other.box,)
    assert (await make(media, [*faces, other], {0: hopper.id}, SwapOptions(), ages={1: 5})).bystanders == ()

    with pytest.raises(UsageError, match=r"No face of eileen_collins\.png is paired"):
        await make(media, faces, {}, SwapOptions())
    with pytest.raises(UsageError, match="no face 7"):
        await make(media, faces, {7: hopper.id}, SwapOptions())
    with pytest.raises(UsageError, match="no provider called nobody") as caught:
        await make(media, faces, {0: hopper.id}, SwapOptions(), provider="nobody")
    assert caught.value.hint is not None
    assert "on-device" in caught.value.hint.text()
    with pytest.raises(InputRefused) as gone:
        await make(media, faces, {0: SourceFaceId("gone")}, SwapOptions())
    assert gone.value.kind == "source-missing"
    with pytest.raises(UsageError):
        working.swapping.planned_name(replace(recipe, output=OutputOptions(name_template="{what}")))


async def test_previews(working: Program, tmp_path: Path) -> None:
    target = tmp_path / "target.png"
    await asyncio.to_thread(shutil.copyfile, COLLINS, target)
    media, faces = await working.detection.detect(target)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    preview = working.swapping.preview
    shown = await preview(media, faces, {0: hopper.id, 9: hopper.id}, SwapOptions())
    [patch, label] = shown.patches
    assert len(patch.rgb) == patch.width * patch.height * 3
    box = faces[0].box
    assert patch.left < (box.left + box.right) / 2 < patch.left + patch.width
    assert label.top > box.bottom, "the visible label lies below"
    assert (await preview(media, faces, {}, SwapOptions())).patches == ()
    assert (await preview(media, faces, {0: SourceFaceId("gone")}, SwapOptions())).patches == ()

    asked = [asyncio.create_task(preview(media, faces, {0: hopper.id}, SwapOptions(blend=n / 10))) for n in range(4)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(one, Cancelled) for one in outcomes), "a newer wish takes the place of one that waits"
    assert not isinstance(outcomes[-1], BaseException)

    target.unlink()
    with pytest.raises(InputRefused):
        await preview(media, faces, {0: hopper.id}, SwapOptions(blend=0.9))
    shutil.rmtree(Path(hopper.photos[0].crop_path).parent)
    with pytest.raises(InputRefused) as caught:
        await preview(media, faces, {0: hopper.id}, SwapOptions())
    assert caught.value.kind == "source-missing"


async def test_running_again_writes_to_no_place_that_was_named_then(working: Program, tmp_path: Path) -> None:
    media, faces = await working.detection.detect(COLLINS)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    assert await working.queue.start()
    wanted = tmp_path / "here.png"
    recipe = await working.swapping.make_recipe(
        media, faces, {0: hopper.id}, SwapOptions(), output=OutputOptions(requested_path=str(wanted))
    )
    [first] = await working.swapping.submit([recipe])
    [first] = await working.swapping.wait([first.id])
    assert first.state is JobState.SUCCEEDED
    stamp = wanted.stat().st_mtime_ns
    [again] = await working.swapping.run_again(recipe, SwapOptions(blend=0.5))
    assert again.recipe.options == SwapOptions(blend=0.5)
    [again] = await working.swapping.wait([again.id])
    assert again.state is JobState.SUCCEEDED
    assert wanted.stat().st_mtime_ns == stamp
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["here.png"]


async def test_originals_that_changed_or_went_fail_in_words(working: Program, tmp_path: Path) -> None:
    target = tmp_path / "target.png"
    await asyncio.to_thread(shutil.copyfile, COLLINS, target)
    media, faces = await working.detection.detect(target)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    recipe = await working.swapping.make_recipe(media, faces, {0: hopper.id}, SwapOptions())
    assert await working.queue.start()
    await asyncio.to_thread(shutil.copyfile, HOPPER, target)
    [changed] = await working.swapping.submit([recipe])
    [changed] = await working.swapping.wait([changed.id])
    target.unlink()
    [gone] = await working.swapping.submit([recipe])
    [gone] = await working.swapping.wait([gone.id])
    for job, words in ((changed, "has changed since it was opened"), (gone, "was not found")):
        assert job.state is JobState.FAILED
        assert job.failure is not None
        assert words in job.failure.message.text()
        assert job.failure.hint is not None
