"""The parts of the window that are for videos and ages, each by itself, in every theme; with pictures of one colour.

What is rendered changes whenever rendering gets better, so it is not in these pictures.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.events import JobProgressed
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.settings import Theme
from faceswap_desktop.domain.video import HardFrame, HardReason
from faceswap_desktop.domain.work import FrameProgress
from faceswap_desktop.services.reaging import FILMSTRIP_YEARS
from faceswap_desktop.ui.gallery.job_model import JobModel
from faceswap_desktop.ui.gallery.jobs_panel import JobsPanel
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.gallery import GalleryPage
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.studio.contact_sheet import ContactSheet
from faceswap_desktop.ui.studio.filmstrip import FilmPicture
from faceswap_desktop.ui.studio.sheet_frames import SheetMaker
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.ui.conftest import until
from tests.ui.studio.people import MEDIA, clip_media, person, put_clip, three_people, times
from tests.visual.conftest import Compare

THEMES: Final = (Theme.LIGHT, Theme.DARK, Theme.HIGH_CONTRAST)
PARTS: Final = ("people", "age", "contact-sheet", "video-jobs")


def one_colour(name: str, width: int = 160, height: int = 160) -> QPixmap:
    """Return a picture of one colour."""
    made = QPixmap(width, height)
    made.fill(QColor(name))
    return made


async def picture_of(widget: QWidget, compare: Compare, theme: ThemeManager, name: str) -> None:
    """Compare a part in every theme; without a caret, which blinks."""
    for shade in THEMES:
        theme.apply(shade.value, "reduced")
        if (focused := QApplication.focusWidget()) is not None:
            focused.clearFocus()
        before, same = widget.grab().toImage(), 0
        while same < 4:
            await asyncio.sleep(0.03)
            now = widget.grab().toImage()
            same, before = (same + 1 if now == before else 0), now
        compare(f"{name}-{shade.value}", before)


async def with_people(window: MainWindow, program: Program, folder: Path) -> StudioPage:
    """Return the Studio with a clip of three people, one of whom has a name and two of whom become older."""
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    named = replace(person(1, (0, 50), (100, 150)), name="Grace")
    analysis = three_people().changed(named).changed(replace(person(2, (150, 240)), is_hidden=True))
    portraits, colours = page.inspector.faces.portraits, ("#8a5a44", "#44638a", "#5a8a44")
    for identity, colour in zip(analysis.identities, colours, strict=True):
        key = (clip_media(folder).fingerprint.quick_digest, identity.best_frame, identity.best_face.box)
        portraits._kept[key] = one_colour(colour, 112, 112)
    put_clip(program.studio, folder / "clip.mp4", analysis)
    program.studio.set_ages({TargetFaceRef(MEDIA, 0): 12})
    await until(lambda: page.faces_model.rowCount() == 2)
    return page


async def settled(page: StudioPage) -> None:
    """End what the page does."""
    page.inspector.age.stop()
    await until(lambda: not page.preflight.is_due and not page.stage.preview.is_busy, 30)
    await page.tasks.close()


async def test_people_and_their_ages(
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    page = await with_people(window, program, tmp_path)
    age = page.inspector.age
    age.set_open(True)
    wish = age._wish()
    assert wish is not None
    age.film._kept[wish.key] = {
        years: FilmPicture(one_colour(f"#{150 - years:02x}7a6a"), 40.0 + years / 3) for years in (*FILMSTRIP_YEARS, 12)
    }
    age.refresh()
    await picture_of(page.inspector.faces, compare, theme, "people")
    await picture_of(age, compare, theme, "age")
    await settled(page)
    assert not differences, "\n".join(differences)


async def test_contact_sheet(
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    page = await with_people(window, program, tmp_path)
    reasons = tuple(HardReason)
    hard = tuple(HardFrame(10 + 20 * place, place % 2, reason, 0.9) for place, reason in enumerate(reasons))
    analysis = replace(three_people(), hard_frames=hard)
    points = (Point(1, 1), Point(2, 1), Point(1.5, 2), Point(1, 3), Point(2, 3))
    faces = [TargetFace(index, BoundingBox(0, 0, 4, 4), points) for index in (0, 1)]
    recipe = Recipe("on-device", clip_media(tmp_path / "clip.mp4"), (), ages=tuple(FaceAge(one, 9) for one in faces))
    maker = SheetMaker(program.videos, recipe, analysis, times())
    for place, one in enumerate(maker.frames):
        before, after = one_colour("#6a7a8a", 240, 180), one_colour("#8a7a6a", 240, 180)
        maker.frames[place] = replace(one, before=before, after=after, problem="Turned." if place == 2 else "")
    maker.frames[4] = replace(maker.frames[4], after=None)
    maker.frames[5] = replace(maker.frames[5], before=None, after=None)
    sheet = ContactSheet(maker, page.tasks, page)
    page.tasks.cancel("sheet")
    await until(lambda: not page.tasks.is_running("sheet"))
    sheet.show()
    sheet._refresh()
    await picture_of(sheet, compare, theme, "contact-sheet")
    sheet.close()
    await settled(page)
    assert not differences, "\n".join(differences)


async def test_jobs_of_videos(
    window: MainWindow, theme: ThemeManager, compare: Compare, differences: list[str], tmp_path: Path
) -> None:
    window.show_page("gallery")
    page = window.page("gallery")
    assert isinstance(page, GalleryPage)
    # The page looks first which jobs there are.
    await until(lambda: not page.tasks.is_running("jobs"))
    panel: JobsPanel = page.jobs_panel
    model: JobModel = page.jobs
    points = (Point(1, 1), Point(2, 1), Point(1.5, 2), Point(1, 3), Point(2, 3))
    source = SourceRef(SourceFaceId("grace"), "Grace", (PhotoId("p"),))
    pairing = FacePairing(TargetFace(0, BoundingBox(0, 0, 4, 4), points), source)
    recipe = Recipe("on-device", clip_media(tmp_path / "holiday.mp4"), (pairing,))
    aged = replace(recipe, pairings=(), ages=(FaceAge(pairing.target, 20),))
    running = Job(JobId("a"), recipe, state=JobState.RUNNING)
    paused = Job(JobId("b"), aged, hold=Hold.PAUSED)
    for job, done in ((running, 412), (paused, 1020)):
        model.put(job)
        model.set_progress(JobProgressed(job.id, done / 1250, "render", 59.0, FrameProgress(done, 1250, 14.25)))
        page._thumbnails._pixmaps["media", job.recipe.media.path] = one_colour("#44638a")
    model._live._pixmaps[running.id] = one_colour("#8a5a44", 160, 90)
    await picture_of(panel, compare, theme, "video-jobs")
    await page.tasks.close()
    assert not differences, "\n".join(differences)
