"""The main job on the page, with real workers and the sample pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.ui.canvas.drag import mime_of_sources
from faceswap_desktop.ui.pages.studio import StudioPage
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, HOPPER, Shown, by_hand


@pytest.fixture(scope="module")
def two_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a picture with both sample persons side by side."""
    left, right = QImage(str(COLLINS)).convertToFormat(QImage.Format.Format_RGB32), QImage(str(HOPPER))
    both = QImage(left.width() + right.width(), max(left.height(), right.height()), QImage.Format.Format_RGB32)
    both.fill(0)
    painter = QPainter(both)
    painter.drawImage(0, 0, left)
    painter.drawImage(left.width(), 0, right)
    painter.end()
    path = tmp_path_factory.mktemp("pictures") / "both.png"
    assert both.save(str(path))
    return path


def preview_of(shown: Shown) -> int:
    """Return how many faces of a preview lie on the canvas; the label is a patch too."""
    maker = shown.page.stage.preview
    if maker.shown is None or maker.is_busy:
        return 0
    return len(maker.shown.patches) - maker.shown.wish.label.is_on


async def test_from_a_picture_to_a_result_by_keyboard_alone(working: Shown, qtbot: QtBot) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(HOPPER)
    await working.with_sources(COLLINS)
    canvas = page.panel.canvas
    before = canvas.grab().toImage()
    assert canvas.hasFocus(), "what was opened has the keyboard"
    canvas.focusNextPrevChild(True)
    assert canvas.focused_face == 0
    await by_hand(lambda: qtbot.keyClick(canvas, Qt.Key.Key_1))
    assert [page.sources.name_of(source) for source in studio.board.pairings.values()] == ["eileen_collins"]
    await until(lambda: preview_of(working) == 1, 30)
    assert canvas.grab().toImage() != before
    face = QAccessible.queryAccessibleInterface(canvas).child(0)
    assert face.text(QAccessible.Text.Name).endswith("becomes eileen_collins")
    spoken = page.faces_model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == face.text(QAccessible.Text.Name)
    # Hold to compare.
    with_preview = canvas.grab().toImage()
    await by_hand(lambda: qtbot.keyPress(canvas, Qt.Key.Key_C))
    assert canvas.grab().toImage() != with_preview
    await by_hand(lambda: qtbot.keyRelease(canvas, Qt.Key.Key_C))
    assert canvas.grab().toImage() == with_preview
    # Before it runs.
    await until(lambda: page.preflight.plan.faces == 1)
    assert page.inspector.card.button.text() == "Swap 1 face"
    assert page.preflight.plan.name == "grace_hopper as eileen_collins"
    # Two presses are one job.
    working.window.table.trigger("studio.run")
    working.window.table.trigger("studio.run")
    await until(lambda: working.window.notifications.history, 10)
    assert working.window.notifications.history[-1].text == "1 job started."
    jobs = await working.program.queue.all()
    assert len(jobs) == 1
    done = await working.program.swapping.wait([jobs[0].id])
    assert done[0].state is JobState.SUCCEEDED
    # Back again.
    stack = page.undo_stack
    assert stack is not None
    stack.undo()
    assert not studio.board.pairings
    await until(lambda: page.stage.preview.shown is None)
    assert "becomes" not in QAccessible.queryAccessibleInterface(canvas).child(0).text(QAccessible.Text.Name)


async def test_drag_click_swap_and_clear(working: Shown, two_faces: Path, qtbot: QtBot) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(two_faces)
    await working.with_sources(COLLINS, HOPPER)
    canvas = page.panel.canvas
    collins, hopper = (face.id for face in page.shelf_model.faces)
    drop(canvas.viewport(), mime_of_sources([hopper]), place_of(working, 0))
    assert list(studio.board.pairings.values()) == [hopper]
    # Click the source face, then the face …
    await click_shelf(working, qtbot, 0)
    assert armed(working) == collins
    await by_hand(lambda: qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place_of(working, 1)))
    assert armed(working) is None
    assert [studio.board.source_of(target) for target in page.pairing.current_targets()] == [hopper, collins]
    page.gestures.swap(0, 1)
    assert [studio.board.source_of(target) for target in page.pairing.current_targets()] == [collins, hopper]
    # … and the other way round.
    await by_hand(lambda: qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place_of(working, 0)))
    assert canvas.chosen_face == 0
    page.shelf.view.clearSelection()
    await click_shelf(working, qtbot, 1)
    assert [studio.board.source_of(target) for target in page.pairing.current_targets()] == [hopper, hopper]
    canvas.setFocus()
    canvas.focus_face(1)
    await by_hand(lambda: qtbot.keyClick(canvas, Qt.Key.Key_Delete))
    assert [studio.board.source_of(target) for target in page.pairing.current_targets()] == [hopper, None]
    stack = page.undo_stack
    assert stack is not None
    texts = [stack.text(step) for step in range(stack.count())]
    assert texts[-5:] == [
        "pair face 1 with grace_hopper",
        "pair face 2 with eileen_collins",
        "swap faces 1 and 2",
        "pair face 1 with grace_hopper",
        "clear face 2",
    ]
    while stack.undoText() in texts[-5:]:
        stack.undo()
    assert not studio.board.pairings


async def test_one_person_on_the_main_face_of_every_picture_and_on_every_like_face(
    working: Shown, two_faces: Path
) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(two_faces, COLLINS, HOPPER)
    await working.with_sources(COLLINS)
    menu = page.menus.face_menu(0)
    words = [action.text() for action in menu.actions()]
    menu.deleteLater()
    assert "The main face of every picture (3) becomes" in words
    assert "Every face that looks like this one (2) becomes" in words
    page.shelf.select(page.shelf_model.faces[0].id)
    working.window.table.trigger("studio.pair-main")
    assert len(studio.board.pairings) == 3
    stack = page.undo_stack
    assert stack is not None
    assert stack.undoText() == "pair 3 faces with eileen_collins"
    await until(lambda: page.preflight.plan.faces == 3)
    assert page.inspector.card.button.text() == "Swap 3 faces in 3 pictures"
    stack.undo()
    page.panel.canvas.focus_face(0)
    working.window.table.trigger("studio.pair-like")
    assert len(studio.board.pairings) == 2


async def test_closing_a_picture_is_undone_at_its_place(working: Shown, two_faces: Path) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(COLLINS, two_faces, HOPPER)
    studio.show(str(two_faces))
    await until(lambda: len(page.panel.canvas.canvas.faces) == 2, 20)
    order = [picture.key for picture in studio.pictures]
    working.window.table.trigger("studio.close-picture")
    assert [picture.name for picture in studio.pictures] == ["eileen_collins.png", "grace_hopper.jpg"]
    stack = page.undo_stack
    assert stack is not None
    stack.undo()
    assert [picture.key for picture in studio.pictures] == order
    assert studio.current is not None
    assert studio.current.key == str(two_faces)
    await until(lambda: all(picture.status is PictureStatus.READY for picture in studio.pictures), 30)


async def test_a_broken_file_says_why_and_the_others_stay(working: Shown, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(HOPPER.read_bytes()[:900])
    await working.opened(HOPPER, broken)
    page = working.page
    working.program.studio.show(str(broken))
    await until(lambda: not page.panel.is_canvas_shown)
    row = page.pictures_model.index(1)
    assert "broken.jpg" in row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "damaged" in row.data(Qt.ItemDataRole.ToolTipRole)
    close = page.findChild(QPushButton, "picture-close")
    assert close is not None
    close.click()
    assert [picture.name for picture in working.program.studio.pictures] == ["grace_hopper.jpg"]
    await until(lambda: page.panel.is_canvas_shown)


async def test_photos_put_together_carry_their_pairings_and_come_apart_by_undo(working: Shown, two_faces: Path) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(two_faces)
    await working.with_sources(COLLINS, HOPPER)
    collins, hopper = page.shelf_model.faces
    page.gestures.pair_number(0, 1)
    page.library.put_together([collins, hopper])
    await until(lambda: len(page.shelf_model.faces) == 1, 30)
    assert list(studio.board.pairings.values()) == [collins.id]
    notice = working.window.notifications.history[-1]
    assert "may not show the same person" in notice.text
    stack = page.undo_stack
    assert stack is not None
    stack.undo()
    await until(lambda: len(page.shelf_model.faces) == 2)
    assert list(studio.board.pairings.values()) == [hopper.id]


async def test_a_deleted_source_face_takes_its_pairing_along_and_undo_brings_both_back(working: Shown) -> None:
    page = working.page
    await working.opened(HOPPER)
    await working.with_sources(COLLINS)
    page.gestures.pair_number(0, 0)
    await until(lambda: page.preflight.plan.faces == 1)
    page.library.delete(list(page.shelf_model.faces))
    await until(lambda: page.preflight.plan.faces == 0 and not page.shelf_model.faces)
    assert page.faces_model.faces[0].badge is None
    stack = page.undo_stack
    assert stack is not None
    stack.undo()
    await until(lambda: page.preflight.plan.faces == 1)
    assert page.faces_model.faces[0].badge is not None


async def test_pixels_from_the_clipboard_become_a_file_that_stays(working: Shown) -> None:
    mime = QMimeData()
    mime.setImageData(QImage(str(HOPPER)))
    assert working.window.receive_mime(mime)
    await until(lambda: working.page.panel.is_canvas_shown, 30)
    current = working.program.studio.current
    assert current is not None
    assert Path(current.path).parent == working.page.context.home.root / "pasted"
    assert QImage(current.path).size() == QImage(str(HOPPER)).size()
    await until(lambda: working.program.studio.pictures[0].status is PictureStatus.READY, 30)
    working.window.receive_mime(mime)
    await asyncio.sleep(0.2)
    assert len(working.program.studio.pictures) == 1


async def test_newest_options_win_and_the_preview_follows(working: Shown) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(HOPPER)
    await working.with_sources(COLLINS)
    page.gestures.pair_number(0, 0)
    await until(lambda: preview_of(working) == 1, 30)
    for blend in (0.9, 0.5, 0.1, 0.0):
        studio.set_options(SwapOptions(blend=blend))
        await asyncio.sleep(0.03)
    maker = page.stage.preview
    await until(lambda: maker.shown is not None and not maker.is_busy and maker.shown.wish.options.blend == 0.0, 30)


def armed(shown: Shown) -> str | None:
    """Return the source face that waits for a face."""
    return shown.page.pairing.armed


def place_of(shown: Shown, face: int) -> QPoint:
    """Return where a face is in the canvas's viewport."""
    item = shown.page.panel.canvas.canvas.face(face)
    assert item is not None
    return shown.page.panel.canvas.mapFromScene(item.rect.center())


async def click_shelf(shown: Shown, qtbot: QtBot, row: int) -> None:
    """Click a source face."""
    view = shown.page.shelf.view
    place = view.visualRect(shown.page.shelf_model.index(row)).center()
    await by_hand(lambda: qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place))


def drop(view: QWidget, mime: QMimeData, place: QPoint) -> None:
    """Drag over a widget and drop."""
    action, left, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(place, action, mime, left, held),
        QDragMoveEvent(place, action, mime, left, held),
        QDropEvent(QPointF(place), action, mime, left, held),
    ):
        QApplication.sendEvent(view, event)
        assert event.isAccepted()


async def test_a_page_that_nobody_has_seen_runs_all_that_stands(working: Shown) -> None:
    page, studio = working.page, working.program.studio
    await working.with_sources(HOPPER)
    await working.opened(COLLINS)
    page.gestures.pair_number(0, 0)
    assert studio.current is not None
    assert studio.current.media is not None
    studio.set_ages({TargetFaceRef(studio.current.media.id, 0): 10})
    unseen = StudioPage(page.context)
    unseen.running.run()
    await until(lambda: not unseen.tasks.is_running("run"), 20)
    [job] = await working.program.queue.all()
    assert [len(job.recipe.pairings), len(job.recipe.ages)] == [1, 1]
    await unseen.close_page()
    unseen.deleteLater()
    await working.program.swapping.wait([job.id])
