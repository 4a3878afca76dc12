"""What is refused, in every theme: its card for pictures and videos, the timeline, the crop tool, jobs, settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtGui import QImage

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.sensitive import RefusedMedia, Role, Sighting, Verdict
from faceswap_desktop.domain.sensitive_words import refused_video
from faceswap_desktop.jobs.failures import failure_of
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.looks import RefusalStore
from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.dialogs.crop import CropDialog
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.gallery import GalleryPage
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.settings.privacy import PrivacySection
from faceswap_desktop.ui.studio.refusal import StudioRefusal
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.ui.veil import veiled_pixmap
from tests.ui.canvas.pictures import plain_levels
from tests.ui.conftest import until
from tests.ui.gallery.conftest import a_recipe
from tests.ui.studio.people import FPS, clip_media, put_clip, three_people
from tests.visual.conftest import Compare
from tests.visual.test_video_parts import one_colour, picture_of, settled

PARTS: Final = ("refused-video", "refused-timeline", "refused-picture", "crop", "refused-job", "refused-settings")

COLLINS: Final = resource_path("samples", "eileen_collins.png")
SEEN: Final = tuple(Sighting(0.8, frame=round(one * FPS), seconds=one) for one in (2.0, 2.5, 4.0, 6.0, 6.5, 7.0, 9.0))


async def test_a_refused_video_in_the_studio(
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    path = tmp_path / "clip.mp4"
    page.stage._pixels._keep(str(path), plain_levels(Size(320, 180)))
    key = put_clip(program.studio, path, three_people())
    card = page.inspector.refusal
    page.inspector.refusal._blurred._kept[(str(path), 2.0)] = veiled_pixmap(one_colour("#a08068"))
    program.studio.update(key, verdict=Verdict("ab" * 32, SEEN))
    await until(card.isVisible)
    await until(lambda: page.video.timeline.view.clip is not None and page.video.timeline.view.clip.refused)
    await until(lambda: not page.preflight.is_due and not page.tasks.is_running("preflight"))
    await picture_of(page.inspector, compare, theme, "refused-video")
    await picture_of(page.video.timeline, compare, theme, "refused-timeline")
    picture = replace(program.studio.pictures[0], media=replace(clip_media(path), kind=MediaKind.IMAGE))
    card.show_refusal(StudioRefusal(picture, (Sighting(0.3, looks_young=True),)))
    await picture_of(card, compare, theme, "refused-picture")
    program.studio.update(key, verdict=None)
    await until(card.isHidden)
    await settled(page)
    assert not differences, "\n".join(differences)


async def test_the_crop_tool(window: MainWindow, theme: ThemeManager, compare: Compare, differences: list[str]) -> None:
    image = QImage(str(COLLINS)).convertToFormat(QImage.Format.Format_RGB32)
    levels = PictureLevels(Size(image.width(), image.height()), (image,))
    dialog = CropDialog(window, "Crop eileen_collins.png", levels, [BoundingBox(170, 80, 285, 210)])
    dialog.resize(720, 560)
    dialog.show()
    await picture_of(dialog, compare, theme, "crop")
    dialog.close()
    dialog.deleteLater()
    assert not differences, "\n".join(differences)


async def test_a_refused_job(
    window: MainWindow, theme: ThemeManager, compare: Compare, differences: list[str], tmp_path: Path
) -> None:
    window.show_page("gallery")
    page = window.page("gallery")
    assert isinstance(page, GalleryPage)
    await until(lambda: not page.tasks.is_running("jobs"))
    recipe = replace(a_recipe(), media=clip_media(tmp_path / "holiday.mp4"))
    page._thumbnails._pixmaps["media", recipe.media.path] = one_colour("#44638a")
    pictures = page.jobs_panel.troubles._pictures
    assert pictures is not None
    pictures._places[JobId("a")] = (recipe.media.path, 2.0)
    pictures._blurred._kept[(recipe.media.path, 2.0)] = one_colour("#44638a")
    failure = failure_of(refused_video("holiday.mp4", Role.TARGET, SEEN))
    page.jobs.put(Job(JobId("a"), recipe, state=JobState.FAILED, failure=failure))
    await until(lambda: page.jobs_panel.troubles.lines)
    await picture_of(page.jobs_panel, compare, theme, "refused-job")
    await page.tasks.close()
    assert not differences, "\n".join(differences)


async def test_what_was_refused_in_the_settings(
    window: MainWindow, program: Program, theme: ThemeManager, compare: Compare, differences: list[str]
) -> None:
    for number, name in enumerate(("beach.jpg", "clip with a long name that tells much.mp4")):
        seen = SEEN if number else (Sighting(0.9),)
        await RefusalStore(program.database).add(RefusedMedia(Role.TARGET, f"/gone/{name}", name, seen, 1.7e9))
    window.show_page("settings", "privacy")
    await until(lambda: window.findChild(PrivacySection) is not None)
    section = window.findChild(PrivacySection)
    assert isinstance(section, PrivacySection)
    await until(lambda: len(section.refused.rows) == 2)
    for row in section.refused.rows:
        section.refused._blurred._kept[(row.refused.path, 2.0 if row.refused.path.endswith("mp4") else 0.0)] = (
            one_colour("#8a5a44")
        )
    section.refused._show_pictures()
    around = section.refused.rows[0].parentWidget()
    card = around.parentWidget() if around is not None else None
    assert card is not None
    await picture_of(card, compare, theme, "refused-settings")
    page = window.page("settings")
    assert page is not None
    await page.tasks.close()
    assert not differences, "\n".join(differences)
