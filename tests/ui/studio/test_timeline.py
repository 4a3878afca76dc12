"""The timeline on the page: lanes, points, keys, undo, and what a screen reader says. Nobody decodes anything here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.video import FrameRange, HardFrame, HardReason, Identity, VideoAnalysis
from faceswap_desktop.services.playback import PlayerState
from faceswap_desktop.services.studio import AnalysisStatus, Studio
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.timeline.head import RULER_PX
from faceswap_desktop.ui.timeline.lane import Lane
from tests.ui.canvas.pictures import plain_levels
from tests.ui.conftest import until
from tests.ui.studio.conftest import HOPPER, Shown, by_hand
from tests.ui.studio.people import FRAMES, MEDIA, person, put_clip, three_people

CTRL, SHIFT, PLAIN = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


async def clip_on(shown: Shown, tmp_path: Path, analysis: VideoAnalysis | None) -> str:
    """Put a clip on the stage whose first frame is grey and whose others nobody decodes."""
    key = str((tmp_path / "clip.mp4").absolute())
    shown.page.stage._pixels._keep(key, plain_levels(Size(320, 180)))
    put_clip(shown.program.studio, tmp_path / "clip.mp4", analysis)
    await until(lambda: shown.page.video.clip is not None)
    await until(lambda: shown.page.video.timeline.isVisible() and shown.page.video.timeline.head.width() > 100)
    return key


def lane(page: StudioPage, index: int) -> Lane:
    """Return a person's lane."""
    return next(one for one in page.video.timeline.lanes.lanes if one.state.index == index)


def head_place(page: StudioPage, frame: int, y: int = RULER_PX // 2) -> QPoint:
    """Return where a frame lies in the head; in the ruler unless said."""
    view = page.video.timeline.view
    assert view.clip is not None
    return QPoint(round(view.scale.x_of(view.clip.seconds(frame) + 0.02)), y)


async def press(page: StudioPage, *keys: Qt.Key, held: Qt.KeyboardModifier = PLAIN) -> None:
    """Press keys where the keyboard stands."""
    for key in keys:
        await by_hand(partial(QTest.keyClick, QApplication.focusWidget() or page, key, held))


async def test_a_photo_has_no_timeline_and_a_video_has(shown: Shown, tmp_path: Path) -> None:
    video, studio = shown.page.video, shown.program.studio
    assert not video.timeline.isVisible()
    assert not shown.window.table.is_available("playback.play")
    key = await clip_on(shown, tmp_path, three_people())
    assert video.transport.isVisible()
    assert shown.window.table.is_available("playback.play")
    assert not shown.window.table.is_available("playback.mute"), "there is no sound in it"
    studio.close_picture(key)
    await until(lambda: not video.timeline.isVisible())
    assert video.player.media is None


async def test_every_person_has_a_lane_that_says_where_it_is(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people().changed(person(1, (0, 250), name="Grace")))
    lanes = shown.page.video.timeline.lanes.lanes
    assert [one.accessibleName() for one in lanes] == [
        "Person 1, 0:00–0:04, stays as it is",
        "Grace, 0:00–0:10, stays as it is",
        "Person 3, 0:06–0:09, stays as it is",
    ]
    interface = QAccessible.queryAccessibleInterface(lanes[0])
    assert interface.role() == QAccessible.Role.ListItem
    assert interface.parent().role() == QAccessible.Role.List
    assert interface.text(QAccessible.Text.Name) == lanes[0].accessibleName()


async def test_the_playhead_is_a_slider_that_says_the_time(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    shown.page.video.player.seek(77)
    interface = QAccessible.queryAccessibleInterface(shown.page.video.timeline.head)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Value) == "0:03.080, frame 78 of 250"


async def test_gaps_say_from_where_to_where_and_why(shown: Shown, tmp_path: Path) -> None:
    analysis = VideoAnalysis(
        FRAMES,
        (person(0, (0, 100), (150, 250)), person(1, (0, 60), (120, 250))),
        cuts=(100,),
        hard_frames=(HardFrame(55, 1, HardReason.BLUR, 0.8),),
    )
    await clip_on(shown, tmp_path, analysis)
    view, names = shown.page.video.timeline.view, shown.page.video.timeline.names_width

    def words(index: int, frame: int) -> str:
        return lane(shown.page, index).words_at(names + view.scale.x_of(frame / 25))

    assert words(0, 120) == "Person 1 is not seen from 0:04.000 to 0:06.000: the scene changes"
    assert words(1, 90) == "Person 2 is not seen from 0:02.400 to 0:04.800: before that the face is blurred"
    assert words(1, 20) == "Person 2 is seen from 0:00.000 to 0:02.400"
    assert words(1, 55) == "0:02.200: blurred, the swap may fade out here"
    assert lane(shown.page, 1).words_at(5) == "Person 2, 0:00–0:02, 0:04–0:10, stays as it is"


async def test_pressing_and_dragging_goes_to_the_frame(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    page, head, player = shown.page, shown.page.video.timeline.head, shown.page.video.player
    await by_hand(lambda: QTest.mousePress(head, Qt.MouseButton.LeftButton, pos=head_place(page, 60)))
    assert player.state.frame == pytest.approx(60, abs=1)
    await by_hand(lambda: QTest.mouseMove(head, head_place(page, 200)))
    await until(lambda: abs(player.state.frame - 200) <= 1)
    await by_hand(lambda: QTest.mouseRelease(head, Qt.MouseButton.LeftButton, pos=head_place(page, 200)))
    assert page.undo_stack is not None
    assert page.undo_stack.count() == 0


async def test_keys_step_jump_and_go_to_the_ends(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    page, player = shown.page, shown.page.video.player
    page.video.timeline.head.setFocus()
    went = []
    for key, held in (
        (Qt.Key.Key_Right, PLAIN),
        (Qt.Key.Key_Right, SHIFT),
        (Qt.Key.Key_Left, PLAIN),
        (Qt.Key.Key_End, PLAIN),
        (Qt.Key.Key_Left, SHIFT),
        (Qt.Key.Key_Home, PLAIN),
        (Qt.Key.Key_Period, PLAIN),
        (Qt.Key.Key_Comma, PLAIN),
        (Qt.Key.Key_BracketRight, PLAIN),
        (Qt.Key.Key_BracketRight, PLAIN),
        (Qt.Key.Key_BracketLeft, PLAIN),
    ):
        await press(page, key, held=held)
        went.append(player.state.frame)
    assert went == [1, 26, 25, 249, 224, 0, 1, 0, 120, 150, 120]


async def test_in_and_out_by_keys_are_steps_of_undo(shown: Shown, tmp_path: Path) -> None:
    key = await clip_on(shown, tmp_path, three_people())
    page, studio = shown.page, shown.program.studio
    page.video.timeline.head.setFocus()
    page.video.player.seek(50)
    await press(page, Qt.Key.Key_I)
    page.video.player.seek(99)
    await press(page, Qt.Key.Key_O)
    assert studio.trim_of(key) == FrameRange(50, 100)
    await until(lambda: page.video.timeline.view.clip is not None and page.video.timeline.view.clip.trim is not None)
    await press(page, Qt.Key.Key_I, held=SHIFT)
    assert page.video.player.state.frame == 50
    await press(page, Qt.Key.Key_O, held=SHIFT)
    assert page.video.player.state.frame == 99
    stack = page.undo_stack
    assert stack is not None
    stack.undo()
    assert studio.trim_of(key) == FrameRange(50, 250)
    stack.undo()
    assert studio.trim_of(key) is None
    stack.redo()
    stack.redo()
    await until(lambda: shown.window.table.is_available("playback.clear-points"))
    shown.window.table.trigger("playback.clear-points")
    assert studio.trim_of(key) is None
    assert stack.undoText() == "clear the in and out points"


async def test_dragging_a_handle_is_one_step(shown: Shown, tmp_path: Path) -> None:
    key = await clip_on(shown, tmp_path, three_people())
    page, head, studio = shown.page, shown.page.video.timeline.head, shown.program.studio
    y = RULER_PX + 20
    start = head_place(page, 0, y) - QPoint(5, 0)
    await by_hand(lambda: QTest.mousePress(head, Qt.MouseButton.LeftButton, pos=start))
    for frame in (20, 40, 60):
        await by_hand(partial(QTest.mouseMove, head, head_place(page, frame, y)))
    await until(lambda: (trim := studio.trim_of(key)) is not None and abs(trim.first - 60) <= 1)
    await by_hand(lambda: QTest.mouseRelease(head, Qt.MouseButton.LeftButton, pos=head_place(page, 60, y)))
    assert page.undo_stack is not None
    assert page.undo_stack.count() == 1
    assert page.video.player.state.frame == pytest.approx(60, abs=1)
    page.undo_stack.undo()
    assert studio.trim_of(key) is None


async def test_chosen_lanes_become_one_person_and_their_pairing_goes_along(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    page, studio = shown.page, shown.program.studio
    place = QPoint(40, 10)
    await by_hand(lambda: QTest.mouseClick(lane(page, 0), Qt.MouseButton.LeftButton, pos=place))
    await by_hand(lambda: QTest.mouseClick(lane(page, 2), Qt.MouseButton.LeftButton, CTRL, place))
    assert page.video.timeline.lanes.selected == [0, 2]
    lane(page, 2).setFocus()
    await press(page, Qt.Key.Key_M, held=CTRL)
    assert [one.index for one in _people(studio)] == [0, 1]
    await until(lambda: len(page.video.timeline.lanes.lanes) == 2)
    assert page.undo_stack is not None
    page.undo_stack.undo()
    await until(lambda: len(page.video.timeline.lanes.lanes) == 3)


async def test_keys_on_a_lane(shown: Shown, tmp_path: Path) -> None:
    analysis = VideoAnalysis(FRAMES, (person(0, (20, 60), (100, 140)), person(1, (0, 250))))
    await clip_on(shown, tmp_path, analysis)
    page, player = shown.page, shown.page.video.player
    lane(page, 0).setFocus()
    await press(page, Qt.Key.Key_Right, held=CTRL)
    assert player.state.frame == 20
    await press(page, Qt.Key.Key_Right, held=CTRL)
    assert player.state.frame == 100
    await press(page, Qt.Key.Key_Left, held=CTRL)
    assert player.state.frame == 20
    await press(page, Qt.Key.Key_Down)
    assert lane(page, 1).hasFocus()
    assert page.panel.canvas.focused_face == 1
    await press(page, Qt.Key.Key_H)
    await until(lambda: len(page.video.timeline.lanes.lanes) == 1)
    shown.window.table.trigger("playback.show-hidden")
    await until(lambda: len(page.video.timeline.lanes.lanes) == 2)


async def test_a_name_is_asked_for_by_f2_and_by_a_double_click(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    asked: list[int] = []
    shown.page.video.timeline.lanes.rename_wanted.disconnect(shown.page.identities.ask_for_name)
    shown.page.video.timeline.lanes.rename_wanted.connect(asked.append)
    lane(shown.page, 2).setFocus()
    await press(shown.page, Qt.Key.Key_F2)
    one = lane(shown.page, 1)
    await by_hand(lambda: QTest.mouseDClick(one, Qt.MouseButton.LeftButton, pos=QPoint(40, 10)))
    assert asked == [2, 1]


async def test_the_menu_of_a_lane_offers_what_can_be_done(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    menu = shown.page.video_gestures.lane_menu(0)
    words = [action.text() for action in menu.actions() if action.text()]
    for wanted in ("Rename…", "Hide", "Go to the best frame", "Next appearance", "Previous appearance"):
        assert wanted in words
    menu.deleteLater()


async def test_two_who_look_alike_are_asked_about(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    strip = shown.page.video.timeline.look_alike
    assert strip.isVisible()
    apart = strip.findChild(QPushButton, "look-alike-apart")
    assert apart is not None
    await by_hand(lambda: QTest.mouseClick(apart, Qt.MouseButton.LeftButton))
    await until(lambda: not strip.isVisible())
    assert len(_people(shown.program.studio)) == 3
    assert shown.page.undo_stack is not None
    shown.page.undo_stack.undo()
    await until(strip.isVisible)
    merge = strip.findChild(QPushButton, "look-alike-merge")
    assert merge is not None
    await by_hand(lambda: QTest.mouseClick(merge, Qt.MouseButton.LeftButton))
    await until(lambda: len(_people(shown.program.studio)) == 2)


async def test_how_far_the_search_for_people_is_stands_below(shown: Shown, tmp_path: Path) -> None:
    key = await clip_on(shown, tmp_path, None)
    strip, studio = shown.page.video.timeline.analysis, shown.program.studio
    studio.update(key, analysis_status=AnalysisStatus.RUNNING, analysis_fraction=0.43)
    await until(lambda: "43 %" in _words(strip.findChild, "analysis-words"))
    assert strip.isVisible()
    studio.update(key, analysis_status=AnalysisStatus.PAUSED)
    await until(lambda: _words(strip.findChild, "analysis-button") == "Go on")
    gone = InputRefused(message("The file is gone."), kind="missing")
    studio.update(key, analysis_status=AnalysisStatus.FAILED, analysis_error=gone.message)
    await until(lambda: _words(strip.findChild, "analysis-words") == "The file is gone.")
    assert _words(strip.findChild, "analysis-button") == "Try again"
    studio.update(key, analysis=three_people(), analysis_status=AnalysisStatus.DONE)
    await until(lambda: not strip.isVisible())


async def test_source_faces_are_dropped_on_lanes_and_chosen_by_numbers(working: Shown, tmp_path: Path) -> None:
    await clip_on(working, tmp_path, three_people())
    await working.with_sources(HOPPER)
    page, studio = working.page, working.program.studio
    source = working.page.sources.shelf[0].id
    mime = QMimeData()
    mime.setData("application/x-faceswap-source-faces", source.encode())
    drop = QDropEvent(QPointF(40, 10), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, PLAIN)
    await by_hand(lambda: lane(page, 2).dropEvent(drop))
    assert dict(studio.board.pairings) == {TargetFaceRef(MEDIA, 2): source}
    await until(lambda: lane(page, 2).state.badge is not None)
    lane(page, 1).setFocus()
    await press(page, Qt.Key.Key_1)
    assert TargetFaceRef(MEDIA, 1) in studio.board.pairings


async def test_the_space_bar_presses_the_button_that_has_the_keyboard(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    strip = shown.page.video.timeline.look_alike
    played: list[PlayerState] = []
    shown.page.video.player.on_state = played.append
    apart = strip.findChild(QPushButton, "look-alike-apart")
    assert apart is not None
    apart.setFocus()
    await press(shown.page, Qt.Key.Key_Space)
    await until(lambda: not strip.isVisible())
    assert played == []
    shown.page.video.timeline.head.setFocus()
    await press(shown.page, Qt.Key.Key_Space)
    assert [state.is_playing for state in played][:1] == [True]


async def test_zooming_shows_a_bar_and_every_picture_of_a_long_clip_stays_light(shown: Shown, tmp_path: Path) -> None:
    await clip_on(shown, tmp_path, three_people())
    timeline = shown.page.video.timeline
    timeline.view.zoom(8.0, 200.0)
    assert not timeline.view.scale.is_whole
    await until(timeline._bar.isVisible)
    timeline.view.set_frame(249)
    assert timeline.view.scale.first <= 249 / 25 <= timeline.view.scale.last
    timeline.view.show_all()
    await until(lambda: not timeline._bar.isVisible())


def _people(studio: Studio) -> tuple[Identity, ...]:
    current = studio.current
    assert current is not None
    assert current.analysis is not None
    return current.analysis.identities


def _words(find: Callable[..., object], name: str) -> str:
    from PySide6.QtWidgets import QWidget

    widget = find(QWidget, name)
    return str(widget.text()) if widget is not None else ""  # type: ignore[attr-defined]


async def test_actions_on_people_take_the_chosen_lane(shown: Shown, tmp_path: Path) -> None:
    analysis = VideoAnalysis(FRAMES, (person(0, (20, 60), (100, 140)), person(1, (0, 250))))
    await clip_on(shown, tmp_path, analysis)
    page, table = shown.page, shown.window.table
    table.trigger("playback.best")
    assert any("Choose one person first" in one.text for one in shown.window.notifications.history)
    lane(page, 0).chosen.emit(False)
    table.trigger("playback.best")
    assert page.video.player.state.frame == 20
    table.trigger("playback.appearance")
    assert page.video.player.state.frame == 100
    table.trigger("playback.appearance-back")
    assert page.video.player.state.frame == 20
    table.trigger("playback.hide")
    await until(lambda: len(page.video.timeline.lanes.lanes) == 1)
