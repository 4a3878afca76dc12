"""The label on what services made: once, whoever is killed meanwhile; its language; and who has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, Recipe, SwapOptions
from faceswap_desktop.domain.work import FetchedFile
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.services.label_language import settled, system_language
from faceswap_desktop.services.labelling import untouched
from tests.unit.services.conftest import COLLINS, HOPPER


async def recipe_of(program: Program, label: LabelOptions | None = None) -> Recipe:
    media, faces = await program.detection.detect(str(HOPPER))
    source: SourceFaceId = (await program.library.add_face(COLLINS)).id
    return await program.swapping.make_recipe(media, faces, {0: source}, SwapOptions(), label=label)


def job_of(recipe: Recipe) -> Job:
    return Job(JobId("one"), recipe, JobState.FETCHING)


def fetched(folder: Path) -> FetchedFile:
    folder.mkdir(exist_ok=True)
    path = folder / "result.jpg"
    with Image.open(HOPPER) as image:
        image.save(path, quality=95)
        return FetchedFile(str(path), *image.size, "JPEG", path.stat().st_size, "", 1, None, 1.0, ("Said before.",))


async def test_fetched_file_gets_its_label_and_stays_as_it_is(working: Program, tmp_path: Path) -> None:
    job = job_of(await recipe_of(working))
    assert job.recipe.label.is_on
    file = fetched(tmp_path / "scratch")
    before = Path(file.path).read_bytes()
    made = await working.labelling.mark(job, file)
    assert Path(made.path).name == "labelled-result.jpg"
    assert Path(file.path).read_bytes() == before
    assert untouched(made.path) == file.path
    assert untouched(file.path) == file.path
    assert made.notes == file.notes
    assert (made.size_bytes, made.faces, made.seconds) == (Path(made.path).stat().st_size, 1, 1.0)
    assert (open_upright(made.path).pixels != open_upright(file.path).pixels).any()
    # The program was killed, and all of it is done once more; or the labelled file comes back.
    content = Path(made.path).read_bytes()
    Path(made.path).write_bytes(content[:100])
    assert await working.labelling.mark(job, file) == made
    assert await working.labelling.mark(job, made) == made
    assert Path(made.path).read_bytes() == content
    assert {path.name for path in Path(made.path).parent.iterdir()} == {"result.jpg", "labelled-result.jpg"}


async def test_without_a_label_the_services_own_bytes_stay(working: Program, tmp_path: Path) -> None:
    job = job_of(await recipe_of(working, NO_LABEL))
    assert not job.recipe.label.is_on
    file = fetched(tmp_path / "scratch")
    assert await working.labelling.mark(job, file) == file
    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["result.jpg"]


async def test_recipe_has_the_settings_label_in_a_language_that_is_settled(
    working: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.setenv("LC_ALL", "fr_CA.UTF-8")
    assert (await recipe_of(working)).label == LabelOptions(language="fr")
    await working.settings.update("label", language="ko")
    recipe = await recipe_of(working)
    assert recipe.label.language == "ko"
    # Run again, it keeps its own.
    await working.settings.update("label", is_on=False)
    [again] = await working.swapping.run_all_again([recipe])
    assert again.recipe.label == recipe.label
    await working.queue.cancel([again.id])


async def test_preview_has_one_patch_more(working: Program) -> None:
    media, faces = await working.detection.detect(str(HOPPER))
    source = (await working.library.add_face(COLLINS)).id
    shown = await working.swapping.preview(media, faces, {0: source}, SwapOptions())
    bare = await working.swapping.preview(media, faces, {0: source}, SwapOptions(), label=NO_LABEL)
    assert shown.patches[:-1] == bare.patches
    label = shown.patches[-1]
    assert label.top > media.size.height / 2
    face = faces[0].box
    assert label.left >= face.right or label.top >= face.bottom


async def test_sample_shows_the_label_even_while_it_is_off(working: Program) -> None:
    off = replace(LabelOptions(language="sv"), is_on=False)
    sample = await working.labelling.sample(off, 320, 200)
    assert sample.text == "Redigerad med AI"
    rows = np.frombuffer(sample.rgb, np.uint8).reshape(200, 320, 3)
    assert (rows != rows[:, :1]).any()


def test_nothing_said_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    if system_language() == "en":
        assert settled(LabelOptions()).language == "en"
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    assert settled(LabelOptions()).language == "zh-Hant"
    assert settled(LabelOptions(language="pt-BR")).language == "pt"
