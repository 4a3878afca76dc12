"""Jobs that failed because something in them is refused: which file, blurred, when, why, and what helps."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Job, JobState
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.sensitive import RefusedMedia, Role, Sighting, Verdict
from faceswap_desktop.domain.sensitive_words import refused_picture, refused_video
from faceswap_desktop.jobs.failures import failure_of
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.looks import LookStore, RefusalStore
from faceswap_desktop.ui.gallery.job_model import JobRole
from faceswap_desktop.ui.gallery.troubles import Help
from faceswap_desktop.ui.gallery.troubles_bar import TroubleLine
from tests.clips import make_clip, no_faces
from tests.ui.conftest import until
from tests.ui.gallery.conftest import COLLINS, Shown, a_recipe, press

FPS = 12.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "beach.mp4", [no_faces(6.0)], size=(64, 48), rate=FPS).path


async def refused_job(shown: Shown, recipe: Recipe, role: Role, *seen: Sighting) -> Job:
    """Commit a job that was refused, as the runner would leave it."""
    ledger, name = Ledger(shown.program.database), Path(recipe.media.path).name
    make = refused_video if recipe.is_video else refused_picture
    [job] = await shown.program.queue.add([recipe])
    await RefusalStore(shown.program.database).add(RefusedMedia(role, recipe.media.path, name, seen, 1.7e9, job.id))
    await LookStore(shown.program.database).put(Verdict(recipe.media.fingerprint.quick_digest, seen))
    job = await ledger.transition(job.id, {job.state}, JobState.PREPARING)
    failure = failure_of(make(name, role, seen))
    job = await ledger.transition(job.id, {job.state}, JobState.FAILED, failure=failure)
    shown.program.bus.publish(JobChanged(job))
    return job


async def line_of(shown: Shown) -> TroubleLine:
    """Wait for the line below the jobs."""
    await until(lambda: shown.page.jobs_panel.troubles.lines)
    return shown.page.jobs_panel.troubles.lines[0]


async def test_a_refused_picture_is_shown_blurred_with_a_way_to_the_studio(working: Shown) -> None:
    job = await refused_job(working, a_recipe(COLLINS), Role.TARGET, Sighting(0.9))
    line = await line_of(working)
    assert line.text.startswith(f"“{COLLINS.name}” is refused: it seems to show nudity.")
    assert "Nothing about it was sent anywhere." in line.text
    await until(lambda: line._view is not None and line._view.picture is not None)
    assert list(line.buttons) == [Help.STUDIO]
    button = line.buttons[Help.STUDIO]
    assert (button.accessibleName(), button.accessibleDescription()) == ("Open in the Studio", line.text)
    await press(button, Qt.Key.Key_Space)
    await until(lambda: working.went)
    assert working.went == [("studio", job.recipe)]


async def test_the_row_of_a_refused_job_is_blurred_too(working: Shown) -> None:
    job = await refused_job(working, a_recipe(COLLINS), Role.TARGET, Sighting(0.9))
    index = working.page.jobs.index(working.job_ids.index(job.id))
    await until(lambda: index.data(JobRole.THUMBNAIL) is not None)
    image = index.data(JobRole.THUMBNAIL).toImage()
    middle = image.height() // 2
    steps = [
        abs(image.pixelColor(x, middle).lightness() - image.pixelColor(x + 1, middle).lightness())
        for x in range(image.width() - 1)
    ]
    assert max(steps) < 25


async def test_a_refused_video_names_its_times_and_another_part_is_one_press(working: Shown, clip: Path) -> None:
    media = await working.program.videos.probe(clip)
    recipe = Recipe("on-device", media, a_recipe().pairings)
    seen = (Sighting(0.8, frame=round(1.0 * FPS), seconds=1.0), Sighting(0.9, frame=round(1.5 * FPS), seconds=1.5))
    await refused_job(working, recipe, Role.TARGET, *seen)
    line = await line_of(working)
    assert "at 0:01 it seems" in line.text
    assert list(line.buttons) == [Help.STUDIO, Help.PART]
    await until(lambda: line._view is not None and line._view.picture is not None)
    await press(line.buttons[Help.PART], Qt.Key.Key_Space)
    await until(lambda: working.went)
    page, payload = working.went[-1]
    assert page == "studio"
    assert isinstance(payload, Recipe)
    assert payload.trim is not None
    assert payload.trim.first > round(1.5 * FPS)
    assert not Verdict("", seen).within(payload.trim)
    assert len(payload.trim) > 2 * FPS


async def test_where_all_of_a_video_is_refused_that_is_said(working: Shown, clip: Path) -> None:
    media = await working.program.videos.probe(clip)
    recipe = Recipe("on-device", media, a_recipe().pairings)
    seen = tuple(Sighting(0.8, frame=round(half * FPS / 2), seconds=half / 2) for half in range(12))
    await refused_job(working, recipe, Role.TARGET, *seen)
    line = await line_of(working)
    await press(line.buttons[Help.PART], Qt.Key.Key_Space)
    await until(lambda: working.went)
    assert working.went[-1] == ("studio", recipe)
    assert "Nowhere in this video" in working.notifications.history[-1].text


async def test_the_line_goes_with_its_job(working: Shown) -> None:
    job = await refused_job(working, a_recipe(COLLINS), Role.TARGET, Sighting(0.9))
    await line_of(working)
    await working.program.queue.remove([job.id])
    await until(lambda: not working.page.jobs_panel.troubles.lines)
