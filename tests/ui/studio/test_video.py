"""Videos on the canvas with real workers: the frame that is wanted is the frame that is seen, and nothing is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QImage

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.services.openings import Openings
from faceswap_desktop.services.studio import AnalysisStatus, PictureStatus
from faceswap_desktop.services.videos import ShownFrame
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.studio import StudioPage
from tests.clips import Rgb, Sound, make_clip, no_faces, two_people
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, HOPPER, Shown

RATE = 30.0
BITS = 7
SIDE = 32


def numbered(frame: Rgb, now: float) -> Rgb:
    """Burn the number of the frame into its upper left corner, bit by bit."""
    marked = frame.copy()
    number = round(now * RATE)
    for bit in range(BITS):
        value = 255 if number >> bit & 1 else 0
        cv2.rectangle(marked, (bit * SIDE, 0), ((bit + 1) * SIDE - 1, SIDE - 1), (value,) * 3, -1)
    return np.asarray(marked, dtype=np.uint8)


@pytest.fixture(scope="module")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip without faces that counts its frames, with sound."""
    path = tmp_path_factory.mktemp("clips") / "counted.mp4"
    scene = no_faces(2.0)
    make_clip(path, [type(scene)(2.0, (), (numbered,), 1)], size=(320, 180), rate=RATE, sound=(Sound(440.0),))
    return path


@pytest.fixture(scope="module")
def people_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second with two people."""
    path = tmp_path_factory.mktemp("clips") / "two.mp4"
    make_clip(path, [two_people(0.6, 0.5)], size=(480, 270), rate=20.0)
    return path


@pytest.fixture
def without_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody look for people where there are none."""
    monkeypatch.setattr(Openings, "analyse", lambda self, key: None)


def number_seen(page: StudioPage) -> int:
    """Return the number that is burned into what the canvas shows."""
    picture = page.panel.canvas.canvas._picture
    assert picture is not None
    image: QImage = picture.levels.levels[0]
    across = image.width() / 320
    places = [(bit + 0.5) * SIDE * across for bit in range(BITS)]
    lit = [image.pixelColor(round(x), round(SIDE / 2 * across)).green() > 127 for x in places]
    return sum(1 << bit for bit, is_lit in enumerate(lit) if is_lit)


async def opened(shown: Shown, path: Path) -> StudioPage:
    """Open a video and wait until it can be played."""
    page, studio = shown.page, shown.program.studio
    page.incoming.open([path])
    await until(lambda: (video := page.video.clip) is not None and video.key == str(path), 60)
    await until(lambda: not page.video.player.is_busy, 30)
    assert studio.current is not None
    assert studio.current.status is PictureStatus.READY
    return page


async def analysed(shown: Shown) -> None:
    """Wait until it is known who is in the current video; workers of jobs are slow to start."""
    done = {AnalysisStatus.DONE, AnalysisStatus.FAILED}
    await until(lambda: (one := shown.program.studio.current) is not None and one.analysis_status in done, 120)


def players_tasks() -> list[str]:
    """Return what the player has under way."""
    return [repr(task) for task in asyncio.all_tasks() if "Player" in repr(task) or "PlayRun" in repr(task)]


@pytest.mark.usefixtures("without_analysis")
async def test_every_frame_that_is_wanted_is_the_frame_that_is_seen(working: Shown, plain_clip: Path) -> None:
    page = await opened(working, plain_clip)
    player = page.video.player
    assert number_seen(page) == 0
    for _ in range(5):
        working.window.table.trigger("playback.step")
        await until(lambda: not player.is_busy)
        assert number_seen(page) == player.state.frame
    for frame in (59, 0, 31, 30, 29, 58, 7):
        player.seek(frame)
        await until(lambda: not player.is_busy)
        assert number_seen(page) == frame == player.state.frame
    for frame in range(10, 50, 3):
        player.seek(frame)
    await until(lambda: not player.is_busy)
    assert number_seen(page) == 49

    working.program.studio.set_trim(str(plain_clip), FrameRange(10, 16))
    await until(lambda: page.video.chosen == FrameRange(10, 16))
    player.go_in()
    await until(lambda: not player.is_busy)
    player.play()
    await until(lambda: not player.state.is_playing, 30)
    await until(lambda: not player.is_busy)
    assert number_seen(page) == player.state.frame == 15


@pytest.mark.usefixtures("without_analysis")
async def test_playing_shows_frames_in_order_and_ends_at_rest(working: Shown, plain_clip: Path) -> None:
    page = await opened(working, plain_clip)
    player = page.video.player
    shown: list[tuple[int, int]] = []
    told = player.on_frame

    def watch(frame: ShownFrame, is_rendered: bool) -> None:
        told(frame, is_rendered)
        shown.append((frame.number, number_seen(page)))

    player.on_frame = watch
    player.play()
    await until(lambda: not player.state.is_playing, 30)
    await until(lambda: not player.is_busy)
    numbers = [number for number, _ in shown]
    assert all(number == seen for number, seen in shown)
    assert numbers[:-1] == sorted(set(numbers[:-1]))
    assert len(numbers) > 8
    assert player.state.frame == numbers[-1]
    await until(lambda: players_tasks() == [])

    player.play()
    await until(lambda: player.state.is_playing and player.state.frame in range(1, 30), 30)
    player.pause()
    from PySide6.QtMultimedia import QMediaDevices

    silent = [one for one in working.window.notifications.history if "silently" in one.text]
    assert len(silent) == (1 if QMediaDevices.defaultAudioOutput().isNull() else 0), "it is said once"
    await until(lambda: not player.is_busy)


@pytest.mark.usefixtures("without_analysis")
async def test_another_picture_in_the_middle_ends_it_and_the_way_back_finds_the_place(
    working: Shown, plain_clip: Path
) -> None:
    page = await opened(working, plain_clip)
    player = page.video.player
    player.seek(20)
    await until(lambda: not player.is_busy)
    player.play()
    await until(lambda: player.state.frame > 24, 30)
    left_at = player.state.frame
    await working.opened(COLLINS)
    await until(lambda: page.video.clip is None)
    assert not page.video.timeline.isVisible()
    await until(lambda: players_tasks() == [])
    working.program.studio.show(str(plain_clip))
    await until(lambda: page.video.clip is not None and not player.is_busy, 30)
    assert player.state.frame >= left_at
    assert number_seen(page) == player.state.frame


@pytest.mark.usefixtures("without_analysis")
async def test_a_page_that_is_left_and_a_window_that_closes_play_no_further(
    working: Shown, plain_clip: Path, window: MainWindow
) -> None:
    page = await opened(working, plain_clip)
    page.video.player.play()
    await until(lambda: page.video.player.state.frame > 2, 30)
    window.show_page("help")
    assert not page.video.player.state.is_playing
    window.show_page("studio")
    page.video.player.play()
    await until(lambda: page.video.player.state.is_playing)
    await page.video.close()
    assert players_tasks() == []
    assert page.video.player.media is None


@pytest.mark.usefixtures("without_analysis")
async def test_a_file_that_goes_away_while_it_plays_is_told(working: Shown, plain_clip: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(plain_clip.read_bytes())
    page = await opened(working, mine)
    mine.write_bytes(b"")
    page.video.player.seek(50)
    page.video.player.play()
    await until(lambda: not page.video.player.is_busy, 30)
    assert working.window.notifications.history


async def test_people_are_boxed_followed_paired_and_previewed(working: Shown, people_clip: Path) -> None:
    working.page.shelf.add_button.setFocus()
    page = await opened(working, people_clip)
    assert page.panel.canvas.hasFocus(), "the space bar plays, whatever had the keyboard before"
    await analysed(working)
    studio = working.program.studio
    assert studio.current is not None
    assert studio.current.analysis is not None, studio.current.analysis_error
    assert len(studio.current.analysis.identities) == 2
    await until(lambda: len(page.panel.canvas.canvas.faces) == 2, 20)
    assert len(page.video.timeline.lanes.lanes) == 2
    before = [item.rect for item in page.panel.canvas.canvas.faces]
    items = list(page.panel.canvas.canvas.faces)
    page.video.player.seek(6)
    await until(lambda: not page.video.player.is_busy)
    assert list(page.panel.canvas.canvas.faces) == items, "the boxes move, they are not made anew"
    assert [item.rect for item in items] != before
    assert items[0].shown.description().startswith("Person 1, ")

    await working.with_sources(HOPPER)
    page.gestures.pair_number(items[0].shown.index, 0)
    picture = page.panel.canvas.canvas._picture
    assert picture is not None
    await until(lambda: bool(picture.patches), 60)
    assert page.panel.bar.compare.isEnabled()
    assert page.video.preview.shown is not None
    assert page.video.preview.shown.frame == 6
    page.video.player.step(1)
    assert not page.video.preview.is_busy or page.video.preview.shown is None
    await until(lambda: page.video.preview.shown is not None and page.video.preview.shown.frame == 7, 60)

    page.video.toggle_preview()
    await until(lambda: page.video.player.state.is_rendered, 30)
    await until(lambda: page.video.player.state.frame > 8, 60)
    page.video.player.pause()
    await until(lambda: not page.video.player.is_busy and not page.video.preview.is_busy, 60)


@pytest.mark.usefixtures("without_analysis")
async def test_a_video_that_cannot_be_read_says_why(working: Shown, tmp_path: Path, plain_clip: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(plain_clip.read_bytes()[:200])
    working.page.incoming.open([broken])
    studio = working.program.studio
    await until(lambda: studio.current is not None and studio.current.status is PictureStatus.FAILED, 60)
    assert not working.page.panel.is_canvas_shown
    assert not working.page.video.timeline.isVisible()
