"""Videos in the Gallery: while they are made, as cards, and large."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QComboBox

from faceswap_desktop.domain.events import JobChanged, JobProgressed
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.job import Hold, Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.media import Media, MediaId
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.video import FrameRange, TrackPart
from faceswap_desktop.domain.work import FrameProgress
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.ui.gallery.job_model import JobRole
from faceswap_desktop.ui.gallery.job_row import ROW_HEIGHT, TALL_HEIGHT
from faceswap_desktop.ui.gallery.video_viewer import WatchDialog
from faceswap_desktop.ui.gallery.words import (
    Standing,
    ages_words,
    card_words,
    describe_result,
    job_state_text,
    job_title,
    length_text,
    result_facts,
)
from faceswap_desktop.ui.widgets.labels import PlainLabel
from tests.clips import dark, make_clip, one_person
from tests.ui.conftest import until
from tests.ui.gallery.conftest import Shown, press
from tests.ui.studio.people import clip_media

POINTS = (Point(1, 1), Point(2, 1), Point(1.5, 2), Point(1, 3), Point(2, 3))


def target(index: int, name: str = "") -> TargetFace:
    """Return a person of a video."""
    parts = (TrackPart(FrameRange(0, 250), index),)
    return TargetFace(index, BoundingBox(0, 0, 4, 4), POINTS, frame=3, parts=parts, name=name)


def video_recipe(media: Media | None = None, **changes: object) -> Recipe:
    """Return a recipe that puts Grace onto the first person of a clip."""
    source = SourceRef(SourceFaceId("grace"), "Grace", (PhotoId("p"),))
    made = Recipe("on-device", media or clip_media(Path("/v/holiday.mp4")), (FacePairing(target(0), source),))
    return replace(made, **changes)  # type: ignore[arg-type]


def a_result(recipe: Recipe, path: str = "/r/holiday as Grace.mp4") -> JobResult:
    """Return what became of a recipe."""
    return JobResult(
        ResultId("r"), JobId("j"), path, recipe, 320, 180, 2_400_000, 1.7e9, 63.0, 1, 0.61, title="holiday"
    )


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return an original of a second and something that could be its result from the fifth frame on."""
    folder = tmp_path_factory.mktemp("clips")
    original, result = folder / "original.mp4", folder / "result.mp4"
    make_clip(original, [one_person(1.0)], size=(320, 180), rate=20.0)
    make_clip(result, [one_person(0.75, "collins", None, dark(0.3))], size=(320, 180), rate=20.0)
    return original, result


async def running(shown: Shown, recipe: Recipe) -> Job:
    """Commit a job and let it run, without working on it."""
    ledger = Ledger(shown.program.database)
    [job] = await shown.program.queue.add([recipe])
    for step in (JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING):
        job = await ledger.transition(job.id, {job.state}, step)
        shown.program.bus.publish(JobChanged(job))
    await until(lambda: [one.state for one in shown.page.jobs.jobs if one.id == job.id] == [JobState.RUNNING])
    return job


# ------------------------------------------------------------------------------------------------------------ in words


def test_what_is_made_and_how_far_it_is() -> None:
    job = Job(JobId("j"), video_recipe(), state=JobState.RUNNING)
    assert job_title(job) == "holiday.mp4 as Grace"
    frames = FrameProgress(412, 1250, 14.25)
    assert job_state_text(job, Standing("render", 0.4, 59.0, frames)) == (
        "Rendering · 412 of 1,250 frames · 14.2 a second · 59 s left"
    )
    assert job_state_text(job, Standing("render", 0.4, None, FrameProgress(0, 1250))) == "Rendering · 0 of 1,250 frames"
    paused = replace(job, state=JobState.QUEUED, hold=Hold.PAUSED)
    assert job_state_text(paused, Standing("render", 0.4, None, frames)) == "Paused · 412 of 1,250 frames are done"
    assert job_state_text(job, Standing("analyse", 0.1)) == "Looking for people · 10 %"
    assert job_state_text(job, Standing("join", 0.98)) == "Putting the file together · 98 %"


def test_ages_in_words() -> None:
    ages = (FaceAge(target(0), 20), FaceAge(target(1, "Eileen"), -1))
    only = video_recipe(pairings=(), ages=ages)
    assert job_title(Job(JobId("j"), only)) == "holiday.mp4, 1 year younger, 20 years older"
    assert ages_words(only) == "Person 1: 20 years older, Eileen: 1 year younger"
    both = video_recipe(ages=ages)
    assert job_title(Job(JobId("j"), both)) == "holiday.mp4 as Grace, 1 year younger, 20 years older"
    facts = dict(result_facts(a_result(only)))
    assert facts["Ages"] == ages_words(only)
    assert not {"Source", "Likeness", "Blend"} & set(facts), "nobody was put in"


def test_a_videos_card_and_details() -> None:
    result = a_result(video_recipe(ages=(FaceAge(target(1), 5),)))
    assert card_words(result) == "10.0 s · MP4 · 2 faces"
    assert "video" in describe_result(result)
    trimmed = dict(result_facts(a_result(video_recipe(trim=FrameRange(50, 175)))))
    assert trimmed["Length"] == "5.0 s, 125 frames"
    assert trimmed["Part"] == "0:02–0:07"
    assert trimmed["Picture"] == "H.264, high"
    assert trimmed["File"].startswith("MP4, ")
    assert (length_text(12.42), length_text(60), length_text(3723)) == ("12.4 s", "1:00", "1:02:03")


# ---------------------------------------------------------------------------------------------------- while it is made


async def test_a_running_video_shows_its_last_frame_and_how_far_it_is(shown: Shown, tmp_path: Path) -> None:
    hints = [label.text() for label in shown.page.findChildren(PlainLabel)]
    assert not [words for words in hints if words.startswith("Results appear here")]
    job = await running(shown, video_recipe())
    assert "Results appear here when they are done." in [one.text() for one in shown.page.findChildren(PlainLabel)]
    index = shown.page.jobs.index(0)
    view = shown.page.jobs_panel.view
    assert view.sizeHintForIndex(index).height() == TALL_HEIGHT
    assert view.height() >= TALL_HEIGHT

    def write(colour: str) -> str:
        image = QImage(48, 27, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        assert image.save(str(tmp_path / "last.jpg"))
        return str(tmp_path / "last.jpg")

    def colour() -> tuple[int, int, int]:
        pixmap = index.data(JobRole.THUMBNAIL)
        if not isinstance(pixmap, QPixmap):
            return (0, 0, 0)
        seen = pixmap.toImage().pixelColor(10, 10)
        return (seen.red(), seen.green(), seen.blue())

    frames = FrameProgress(100, 250, 12.5, await asyncio.to_thread(write, "red"))
    shown.program.bus.publish(JobProgressed(job.id, 0.4, "render", 12.0, frames))
    await until(lambda: colour()[0] > 200 and colour()[2] < 60)
    assert "100 of 250 frames · 12.5 a second" in index.data(JobRole.STATE_TEXT)
    await asyncio.to_thread(write, "blue")
    shown.program.bus.publish(JobProgressed(job.id, 0.6, "render", 8.0, replace(frames, done=150)))
    await until(lambda: colour()[2] > 200)
    assert "150 of 250 frames" in index.data(JobRole.STATE_TEXT)
    # Over: the row is small again.
    ended = await Ledger(shown.program.database).transition(job.id, {JobState.RUNNING}, JobState.CANCELLED)
    shown.program.bus.publish(JobChanged(ended))
    await until(lambda: view.sizeHintForIndex(index).height() == ROW_HEIGHT)


async def test_what_is_not_finished_cannot_be_watched_yet(shown: Shown) -> None:
    assert not shown.window.table.action("jobs.watch").isEnabled()
    await running(shown, video_recipe())
    assert shown.window.table.action("jobs.watch").isEnabled()
    await shown.do("jobs.watch")
    assert shown.notifications.history[-1].text.startswith("Nothing of this video is finished yet.")
    await running(shown, video_recipe())
    assert not shown.window.table.action("jobs.watch").isEnabled(), "which of the two is meant cannot be told"
    shown.choose_jobs(shown.page.jobs.jobs[0])
    assert shown.window.table.action("jobs.watch").isEnabled()


async def test_what_is_finished_plays_in_a_dialog(working: Shown, clips: tuple[Path, Path]) -> None:
    original, part = clips
    media = await working.program.videos.probe(original)
    dialog = WatchDialog(working.page.context, working.page.tasks, "original.mp4 as Grace", working.window)
    await dialog.show_video(part, video_recipe(media, trim=FrameRange(5, 20)))
    player = dialog.video.player
    assert player.state.is_playing
    await until(lambda: not player.state.is_playing, 20)
    assert player.state.frame == 14
    await press(dialog, Qt.Key.Key_Comma)
    assert player.state.frame == 13
    await until(lambda: not player.is_busy, 10)
    dialog.close()
    await until(lambda: player.media is None)
    await dialog.video.close_player()


# -------------------------------------------------------------------------------------------------------------- results


async def put_result(shown: Shown, clips: tuple[Path, Path], original: Path | None = None) -> None:
    """Put the clip's result into the Gallery."""
    media = await shown.program.videos.probe(clips[0])
    if original is not None:
        media = replace(media, path=str(original), id=MediaId("gone"))
    recipe = video_recipe(media, trim=FrameRange(5, 20))
    await shown.add("holiday", suffix=".mp4", path=str(clips[1]), recipe=recipe)
    await shown.fresh(1)


async def test_a_video_is_compared_with_the_same_frame_of_its_original(
    working: Shown, clips: tuple[Path, Path]
) -> None:
    shown, viewer = working, working.page.viewer
    await put_result(shown, clips)
    shown.choose(0)
    await shown.do("results.open")
    await until(lambda: viewer.compare._before is not None and viewer.compare._after is not None, 30)
    assert viewer.video.isVisible()
    assert viewer.video.bar.slider.maximum() == 14
    asked: list[list[int]] = []
    frames = shown.program.videos.frames

    async def noted(media: Media, numbers: list[int], *, max_edge: int) -> object:
        asked.append([-1 if media.path == str(clips[1]) else number for number in numbers])
        return await frames(media, numbers, max_edge=max_edge)

    shown.program.videos.frames = noted  # type: ignore[method-assign,assignment]
    viewer.compare.zoom_in()
    zoom = viewer.compare.zoom
    for key in (Qt.Key.Key_Period, Qt.Key.Key_Period, Qt.Key.Key_Period, Qt.Key.Key_Comma):
        await press(shown.window, key)
    assert viewer.video.player.state.frame == 2
    await until(lambda: viewer.compare._before is not None and [7] in asked, 20)
    assert viewer.compare.zoom == zoom, "the eye stays where it is"
    # While it plays the result is seen alone.
    await press(shown.window, Qt.Key.Key_Space)
    await until(lambda: viewer.video.player.state.is_playing)
    await until(lambda: viewer.video.player.state.frame > 4, 20)
    assert viewer.compare._before is None
    await press(shown.window, Qt.Key.Key_Escape)
    assert not viewer.video.player.state.is_playing, "nothing plays where nobody looks"
    await until(lambda: not viewer.video.player.is_busy and not shown.page.tasks.is_running("viewer-before"), 20)


async def test_two_videos_of_the_same_are_compared_frame_by_frame(working: Shown, clips: tuple[Path, Path]) -> None:
    shown, viewer = working, working.page.viewer
    await put_result(shown, clips)
    [here] = await shown.program.gallery.results(shown.page.results.ids)
    there = replace(here, recipe=replace(here.recipe, provider="akool"))
    await shown.add("there", suffix=".mp4", path=here.path, recipe=there.recipe)
    await shown.fresh(2)
    shown.choose(0, 1)
    shown.window.table.trigger("results.duel")
    await until(lambda: viewer.compare._before is not None and viewer.compare._after is not None)
    assert viewer.compare.notice == ""
    asked: list[list[int]] = []
    frames = shown.program.videos.frames

    async def noted(media: Media, numbers: list[int], *, max_edge: int) -> object:
        if media.path == here.path:
            asked.append(list(numbers))
        return await frames(media, numbers, max_edge=max_edge)

    shown.program.videos.frames = noted  # type: ignore[method-assign,assignment]
    await press(shown.window, Qt.Key.Key_Period)
    # The trim counts in the original only; two results begin together.
    await until(lambda: viewer.compare._before is not None and [1] in asked)
    await until(lambda: not viewer.video.player.is_busy and not shown.page.tasks.is_running("viewer-before"))


async def test_without_its_original_the_result_is_shown_alone(
    working: Shown, clips: tuple[Path, Path], tmp_path: Path
) -> None:
    viewer = working.page.viewer
    await put_result(working, clips, tmp_path / "gone.mp4")
    working.choose(0)
    await working.do("results.open")
    await until(lambda: viewer.compare._after is not None, 30)
    assert viewer.compare.notice == "The original cannot be opened any more; the result is shown alone."
    await until(lambda: not viewer.video.player.is_busy)


async def test_a_video_is_copied_as_a_file(working: Shown, clips: tuple[Path, Path]) -> None:
    await put_result(working, clips)
    working.choose(0)
    await working.do("results.copy")
    mime = QGuiApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in mime.urls()] == [str(clips[1])]
    assert not mime.hasImage()
    assert working.notifications.history[-1].text == "Copied the file."


async def test_change_and_run_again_takes_the_recipe_to_the_studio(working: Shown, clips: tuple[Path, Path]) -> None:
    await put_result(working, clips)
    working.choose(0)
    await working.do("results.change")
    [(page, payload)] = working.went
    assert page == "studio"
    assert isinstance(payload, Recipe)
    assert payload.trim == FrameRange(5, 20)


def has_titles(shown: Shown, wanted: list[str]) -> bool:
    """Say whether these cards are there, in order."""
    return shown.titles == wanted


async def test_pictures_and_videos_are_told_apart(shown: Shown) -> None:
    await shown.add("photo")
    await shown.add("clip", suffix=".mp4", recipe=video_recipe())
    await shown.add("web", suffix=".webm", recipe=video_recipe())
    await shown.fresh(3)
    kinds = shown.page.filter_bar.findChild(QComboBox, "gallery-format")
    assert isinstance(kinds, QComboBox)
    for words, wanted in (("Videos", ["web", "clip"]), ("Pictures", ["photo"]), ("WebM", ["web"]), ("PNG", [])):
        kinds.setCurrentText(words)
        await until(partial(has_titles, shown, wanted))
