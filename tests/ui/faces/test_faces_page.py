"""The Faces page: photos come in, are graded, named, put together, taken apart and deleted; all of it with undo."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QLineEdit
from pytestqt.modeltest import ModelTester

from faceswap_desktop.domain.faces import GradeLevel
from faceswap_desktop.ui.faces.face_model import FaceModel, FaceRole
from faceswap_desktop.ui.notifications import Tone
from tests.ui.conftest import until
from tests.ui.faces.conftest import COLLINS, HOPPER, Shown, drop, press

CONTROL = Qt.KeyboardModifier.ControlModifier


def button(shown: Shown, name: str) -> QAbstractButton:
    found = shown.window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def panel_words(shown: Shown) -> list[str]:
    """Return what the cards of the panel say to a screen reader."""
    frames = shown.page.details.findChildren(QFrame)
    return [one.accessibleName() for one in frames if one.objectName().startswith("photo-") and one.isVisible()]


async def test_an_empty_library_teaches_the_first_step(empty: Shown) -> None:
    await until(button(empty, "faces-add-first").isVisible)
    assert not empty.page.details.isVisible()
    assert not empty.page.search.isVisible()
    assert empty.page.first_focus() is button(empty, "faces-add-first")


async def test_dropped_photos_become_faces_and_are_chosen(shown: Shown) -> None:
    await drop(shown.window, COLLINS, HOPPER)
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper"], 60)
    await until(lambda: len(shown.page.chosen()) == 2)
    assert shown.page.details.isVisible()
    index = shown.page.model.index(0)
    assert index.data(FaceRole.THUMBNAIL).width() == 192
    words = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "eileen_collins, 1 photo, Good, May be used"
    cards = QAccessible.queryAccessibleInterface(shown.page.cards)
    assert cards.child(0).text(QAccessible.Text.Name) == words


async def test_what_will_not_do_is_said_in_words(shown: Shown) -> None:
    from PIL import Image

    blank = shown.folder / "wall.png"
    await asyncio.to_thread(Image.new("RGB", (300, 200), "grey").save, blank)
    await drop(shown.window, blank)
    await until(lambda: bool(shown.notifications.history), 60)
    assert shown.notice.text == "No face was found in “wall.png”."
    assert shown.notice.tone is Tone.WARNING
    assert shown.notice.hint
    broken = shown.folder / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 nothing")
    await drop(shown.window, blank, broken, COLLINS)
    await until(lambda: shown.names == ["eileen_collins"], 60)
    await until(lambda: shown.notice.text == "2 of 3 photos were refused.")
    assert "wall.png" in shown.notice.hint
    assert "broken.jpg" in shown.notice.hint


async def test_adding_many_shows_how_far_it_is_and_can_be_stopped(shown: Shown) -> None:
    photos = [await shown.copy_of(COLLINS, f"photo {number}.png") for number in range(3)]
    told: list[str] = []

    def stop_at_the_second(notice: object) -> None:
        text = getattr(notice, "text", "")
        told.append(text)
        if text.startswith("Looking at photo 2"):
            notice.action()  # type: ignore[attr-defined]

    shown.notifications.posted.connect(stop_at_the_second)
    assert shown.page.receive_files(photos)
    await until(lambda: shown.names == ["photo 0"], 60)
    await until(lambda: not shown.page.tasks._running)
    assert told == ["Looking at photo 1 of 3 …", "Looking at photo 2 of 3 …"]
    assert shown.names == ["photo 0"], "the same photo again is the same face, and the third was not looked at"


async def test_a_poor_photo_says_what_would_do(shown: Shown) -> None:
    from PIL import Image

    tiny = shown.folder / "tiny.png"
    with Image.open(COLLINS) as picture:
        picture.resize((110, 110)).save(tiny)
    await shown.program.library.add_photos([tiny])
    await until(lambda: shown.names == ["tiny"], 60)
    shown.choose("tiny")
    assert shown.face("tiny").grade.level is GradeLevel.POOR
    await until(lambda: len(panel_words(shown)) == 1)
    [words] = panel_words(shown)
    assert words.startswith("tiny.png: The face is small")
    assert "Use a larger or closer photo" in words


async def test_the_model_keeps_qts_contract(qtmodeltester: ModelTester, shown: Shown) -> None:
    await shown.filled()
    model = FaceModel()
    qtmodeltester.check(model)
    model.set_faces(shown.page.model.faces)
    model.search("grace")
    assert model.rowCount() == 1
    model.search("")
    model.set_faces(())


async def test_searching(shown: Shown) -> None:
    await shown.filled()
    shown.page.cards.setFocus()
    await press(shown.page.cards, Qt.Key.Key_G)
    assert shown.window.focusWidget() is shown.page.search
    await until(lambda: shown.names == ["grace_hopper"])
    shown.page.search.setText("nobody")
    await until(lambda: shown.names == [])
    assert shown.page.search.isVisible(), "what was typed can still be changed"
    await press(shown.page.search, Qt.Key.Key_Escape)
    await until(lambda: len(shown.names) == 2)


async def test_renaming_by_keys_and_undoing_it(shown: Shown) -> None:
    await shown.filled()
    shown.choose("grace_hopper")
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_F2)
    await until(lambda: shown.window.findChild(QLineEdit, "question-text") is not None)
    field = shown.window.findChild(QLineEdit, "question-text")
    assert field is not None
    field.setText("Grace")
    await press(field, Qt.Key.Key_Return)
    await until(lambda: shown.names == ["eileen_collins", "Grace"])
    assert [face.name for face in shown.page.chosen()] == ["Grace"]
    # The name is shown when the library has it; the change can be undone one turn of the loop later.
    await until(shown.page.undo_stack.canUndo)
    await until(lambda: QApplication.activeModalWidget() is None)
    await press(shown.window, Qt.Key.Key_Z, CONTROL)
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper"])


async def test_photos_of_one_person_are_put_together_and_taken_apart(shown: Shown) -> None:
    await shown.filled()
    await shown.program.library.add_photos([await shown.copy_of(HOPPER, "other side.png")])
    await until(lambda: len(shown.names) == 3, 30)
    shown.choose("grace_hopper", "other side")
    details = shown.window.findChild(QAbstractButton, "details-faces.together")
    assert details is not None
    assert details.isVisible()
    await shown.do("faces.together")
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper"])
    person = shown.face("grace_hopper")
    assert [photo.origin_name for photo in person.photos] == ["grace_hopper.jpg", "other side.png"]
    weights = [photo.weight for photo in person.photos]
    assert abs(sum(weights) - 1) < 1e-6
    assert min(weights) > 0.2, "both sides are seen"
    await until(lambda: len(panel_words(shown)) == 2)
    await shown.do("faces.apart")
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper", "other side"])
    await press(shown.window, Qt.Key.Key_Z, CONTROL)
    await until(lambda: len(shown.names) == 2)
    await press(shown.window, Qt.Key.Key_Z, CONTROL)
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper", "other side"])
    await press(shown.window, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper"])


async def test_different_people_are_put_together_only_after_a_question(shown: Shown) -> None:
    await shown.filled()
    shown.choose("eileen_collins", "grace_hopper")
    shown.window.table.trigger("faces.together")
    await until(lambda: shown.window.findChild(QAbstractButton, "question-no") is not None, 10)
    button(shown, "question-no").click()
    await until(lambda: shown.window.findChild(QAbstractButton, "question-no") is None)
    await asyncio.sleep(0.05)
    assert shown.names == ["eileen_collins", "grace_hopper"]
    await until(lambda: shown.window.table.action("faces.together").isEnabled())
    shown.window.table.trigger("faces.together")
    await until(lambda: shown.window.findChild(QAbstractButton, "question-yes") is not None)
    button(shown, "question-yes").click()
    await until(lambda: shown.names == ["eileen_collins"], 30)
    assert len(shown.face("eileen_collins").photos) == 2


async def test_a_photo_of_somebody_else_is_noticed_and_undone(shown: Shown) -> None:
    await shown.filled()
    await shown.page.gestures.take_photo_of(shown.face("eileen_collins").id, HOPPER)
    await until(lambda: len(shown.face("eileen_collins").photos) == 2)
    assert shown.notice.text == "grace_hopper.jpg does not look like eileen_collins."
    assert shown.notice.action is not None
    shown.notice.action()
    await until(lambda: len(shown.face("eileen_collins").photos) == 1)
    other = await shown.copy_of(COLLINS, "left.png")
    said = len(shown.notifications.history)
    await shown.page.gestures.take_photo_of(shown.face("eileen_collins").id, other)
    assert len(shown.notifications.history) == said


async def test_one_photo_is_taken_out_of_a_person(shown: Shown) -> None:
    await shown.filled()
    other = await shown.copy_of(HOPPER, "other side.png")
    await shown.page.gestures.take_photo_of(shown.face("grace_hopper").id, other)
    await until(lambda: len(shown.face("grace_hopper").photos) == 2)
    shown.choose("grace_hopper")
    first, second = shown.face("grace_hopper").photos
    assert button(shown, f"remove-photo-{first.id}").accessibleName() == "Take grace_hopper.jpg out"
    button(shown, f"remove-photo-{first.id}").click()
    await until(lambda: [photo.id for photo in shown.face("grace_hopper").photos] == [second.id], 30)
    assert Path(shown.face("grace_hopper").thumbnail_path).parent.name == second.id
    await press(shown.window, Qt.Key.Key_Z, CONTROL)
    await until(lambda: len(shown.face("grace_hopper").photos) == 2)


async def test_the_shelf(shown: Shown) -> None:
    await shown.filled()
    shown.choose("eileen_collins", "grace_hopper")
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_S)
    await until(lambda: not any(face.on_shelf for face in shown.page.model.faces))
    assert shown.window.table.action("faces.shelf").text() == "Put on the shelf"
    assert "not on the shelf" in shown.page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    await press(shown.window, Qt.Key.Key_Z, CONTROL)
    await until(lambda: all(face.on_shelf for face in shown.page.model.faces))


async def test_deleting_is_undone_by_the_strip_but_only_while_it_is_the_last_thing(shown: Shown) -> None:
    await shown.filled()
    shown.choose("grace_hopper")
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_Delete)
    await until(lambda: shown.names == ["eileen_collins"])
    assert (shown.notice.text, shown.notice.button) == ("Deleted grace_hopper.", "Undo")
    undo = shown.notice.action
    assert undo is not None
    undo()
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper"])
    undo()
    await asyncio.sleep(0.05)
    assert len(shown.names) == 2
    crops = [Path(photo.crop_path) for face in shown.page.model.faces for photo in face.photos]
    assert all(crop.is_file() for crop in crops)


async def test_undo_and_redo_in_quick_succession_keep_their_order(shown: Shown) -> None:
    await shown.filled()
    shown.choose("grace_hopper")
    await shown.do("faces.delete")
    await until(lambda: shown.names == ["eileen_collins"])
    stack = shown.page.undo_stack
    for _ in range(3):
        stack.undo()
        stack.redo()
    stack.undo()
    await until(lambda: not shown.page.tasks._running)
    await until(lambda: shown.names == ["eileen_collins", "grace_hopper"])
    assert [face.name for face in await shown.program.library.faces()] == shown.names


async def test_photos_can_be_pasted(shown: Shown) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(COLLINS))])
    QApplication.clipboard().setMimeData(mime)
    shown.window.table.trigger("edit.paste")
    await until(lambda: shown.names == ["eileen_collins"], 60)
    words = QMimeData()
    words.setText("words")
    assert shown.page.drop_hint(words) == ""


async def test_a_folder_gives_the_photos_in_it(shown: Shown) -> None:
    await shown.copy_of(COLLINS, "a.png")
    (shown.folder / "notes.txt").write_text("no picture")
    await drop(shown.window, shown.folder)
    await until(lambda: shown.names == ["a"], 60)
    empty = shown.folder / "empty"
    empty.mkdir()
    await drop(shown.window, empty)
    await until(lambda: shown.said == "There is no picture in this folder.")


async def test_only_what_applies_is_offered(shown: Shown) -> None:
    await shown.filled()

    def enabled(*names: str) -> list[bool]:
        return [shown.window.table.action(f"faces.{one}").isEnabled() for one in names]

    shown.choose()
    assert enabled("photo", "together", "apart", "rename", "shelf", "delete") == [False] * 6
    shown.choose("grace_hopper")
    assert enabled("photo", "together", "apart", "rename", "shelf", "delete") == [True, False, False, True, True, True]
    await press(shown.window, Qt.Key.Key_A, CONTROL)
    assert enabled("photo", "together", "apart", "rename", "shelf", "delete") == [
        False, True, False, False, True, True,
    ]  # fmt: skip
