"""The timeline, light, dark and in high contrast: people with gaps, cuts, hard frames, points, two who look alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QScrollBar

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.settings import Theme
from faceswap_desktop.domain.video import FrameRange, HardFrame, HardReason, LookAlike, VideoAnalysis
from faceswap_desktop.services.studio import AnalysisStatus
from faceswap_desktop.ui.canvas.faces import Badge
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.ui.canvas.pictures import plain_levels
from tests.ui.conftest import until
from tests.ui.studio.people import FRAMES, MEDIA, person, put_clip
from tests.visual.conftest import Compare
from tests.visual.test_pages import at_rest, settle

THEMES: Final = (Theme.LIGHT, Theme.DARK, Theme.HIGH_CONTRAST)


def crowd() -> VideoAnalysis:
    """Return five people, one of them with many short spans."""
    return VideoAnalysis(
        FRAMES,
        (
            person(0, (0, 120), (160, 250)),
            person(1, (20, 250), name="Grace"),
            person(2, *((first, first + 6) for first in range(30, 240, 12))),
            person(3, (150, 240), name="A name that is too long for the place it has"),
            person(4, (5, 9)),
        ),
        cuts=(120, 160, 161, 162),
        look_alikes=(LookAlike(0, 3, 0.44),),
        hard_frames=(HardFrame(90, 1, HardReason.POSE, 0.9), HardFrame(230, 0, HardReason.BLUR, 0.4)),
    )


def thumbnail(frame: int) -> QPixmap:
    """Return a small picture that differs from frame to frame."""
    made = QPixmap(96, 54)
    made.fill(QColor(60 + frame // 2, 120, 200 - frame // 2))
    painter = QPainter(made)
    painter.fillRect(10 + frame % 60, 14, 20, 26, QColor(230, 200, 170))
    painter.end()
    return made


async def filled(window: MainWindow, program: Program, tmp_path: Path) -> StudioPage:
    """Put the crowd on the stage, at frame 75, with a part chosen and one of them paired."""
    window.show_page("studio")
    page, studio = window.page("studio"), program.studio
    assert isinstance(page, StudioPage)
    key = str((tmp_path / "clip.mp4").absolute())
    page.stage._pixels._keep(key, plain_levels(Size(320, 180)))
    put_clip(studio, tmp_path / "clip.mp4", crowd())
    await until(lambda: page.video.clip is not None and page.video.timeline.isVisible())
    studio.set_trim(key, FrameRange(15, 200))
    page.video.player.seek(75)
    timeline = page.video.timeline
    timeline.thumbnails._kept.update((frame, thumbnail(frame)) for frame in range(FRAMES))
    clip = timeline.view.clip
    await until(lambda: (clip := timeline.view.clip) is not None and clip.trim is not None)
    clip = timeline.view.clip
    assert clip is not None
    picture = QPixmap(32, 32)
    picture.fill(QColor(200, 40, 40))
    lanes = tuple(replace(one, badge=Badge("Ben", picture)) if one.index == 1 else one for one in clip.lanes)
    timeline.set_clip(replace(clip, lanes=lanes))
    timeline.lanes.lanes[0].chosen.emit(False)
    return page


async def picture_of(window: MainWindow, page: StudioPage) -> QImage:
    """Return a picture of what stands below the canvas."""
    whole = await at_rest(window)
    top = page.video.transport.mapTo(window, page.video.transport.rect().topLeft())
    end = page.video.timeline.mapTo(window, page.video.timeline.rect().bottomRight())
    return whole.copy(QRect(top, end))


async def in_light(window: MainWindow, page: StudioPage, theme: ThemeManager) -> QImage:
    """Return the same in the light theme, with the keyboard on the strip."""
    theme.apply(Theme.LIGHT.value, "reduced")
    await until(page.video.timeline.head.hasFocus)
    return await picture_of(window, page)


async def test_the_timeline(
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    page = await filled(window, program, tmp_path)
    for shade in THEMES:
        theme.apply(shade.value, "reduced")
        if (focused := QApplication.focusWidget()) is not None:
            focused.clearFocus()
        compare(f"timeline-{shade.value}", await picture_of(window, page))
    page.video.timeline.head.setFocus()
    compare("timeline-focused-light", await in_light(window, page, theme))
    page.video.timeline.head.clearFocus()
    theme.apply(Theme.HIGH_CONTRAST.value, "reduced")
    page.video.timeline.view.zoom(6.0, 200.0)
    key = program.studio.pictures[0].key
    program.studio.update(key, analysis_status=AnalysisStatus.RUNNING, analysis_fraction=0.43)
    bar = page.video.timeline.findChild(QScrollBar, "timeline-scroll")
    assert bar is not None
    await until(lambda: bar.isVisible() and page.video.timeline.analysis.isVisible())
    compare("timeline-zoomed-high-contrast", await picture_of(window, page))
    program.studio.update(key, analysis_status=AnalysisStatus.DONE)
    await settle(window)
    assert not differences, "\n".join(differences)
    assert TargetFaceRef(MEDIA, 1) not in program.studio.board.pairings
