"""The Live page on real workers, with a picture as camera: a session from the first click to the gallery."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.live import PanicPicture, Shown
from faceswap_desktop.services.live import Live
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.live import LivePage
from tests.ui import content
from tests.ui.conftest import activate, until
from tests.ui.live.conftest import PATIENCE_S, OnAir
from tests.ui.studio.conftest import by_hand


def button(parent: QWidget, name: str) -> QAbstractButton:
    found = parent.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def press(page: QWidget, key: Qt.Key, *, is_released: bool = False) -> None:
    kind = QKeyEvent.Type.KeyRelease if is_released else QKeyEvent.Type.KeyPress
    QApplication.sendEvent(page, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))


# Functions, so that mypy does not take the answers for settled.


def compares(page: LivePage) -> bool:
    return page.stage.view.compares


def armed(page: LivePage) -> SourceFaceId | None:
    return page.shelf.armed


def panic_of(live: Live) -> PanicPicture | None:
    return live.state.panic


def shown_by(live: Live) -> Shown:
    return live.state.shown


def is_frozen(live: Live) -> bool:
    return live.state.is_frozen


def is_live_in_rail(window: MainWindow) -> bool:
    return window.rail.button("live").accessibleName() == "Live, running"


async def test_from_the_first_click_to_the_gallery(on_air: OnAir) -> None:
    page, window, program = on_air.page, on_air.window, on_air.program
    live, table = program.live, window.table
    eileen, grace = await on_air.with_sources()
    assert page.stage.note.title == "No camera is connected"
    assert not button(page, "live-panic").isEnabled()
    # A click on the shelf is enough while nobody else is there.
    page.shelf.panel.view.face_chosen.emit(grace.id)
    await until(lambda: live.state.everyone.source == grace.id)
    await on_air.started(content.COLLINS)
    assert is_live_in_rail(window)
    assert window.live_summary.text() == "Live"
    assert page.inspector.foot.run.text() == "Stop"
    await until(lambda: any(one.is_changed for one in live.state.people), PATIENCE_S)
    name = page.inspector.face.findChild(QWidget, "live-face-name")
    assert name is not None
    assert name.accessibleName() == "Grace"
    await until(lambda: live.state.figures.delay_ms is not None, PATIENCE_S)
    assert "behind the camera" in page.stage.status.text

    # Another face while it runs, by its number.
    press(page, Qt.Key.Key_1)
    await until(lambda: live.state.everyone.source == eileen.id)

    # A snapshot stands in the gallery.
    await until(lambda: table.action("live.snapshot").isEnabled(), PATIENCE_S)
    table.trigger("live.snapshot")
    await until(lambda: any("snapshot" in one.text for one in window.notifications.history), PATIENCE_S)
    [job] = await program.queue.all()
    await program.swapping.wait([job.id])
    assert len(await program.gallery.find(GalleryQuery())) == 1

    # Compare is for this window only, and as long as it is held.
    press(page, Qt.Key.Key_C)
    assert compares(page)
    press(page, Qt.Key.Key_C, is_released=True)
    assert not compares(page)
    assert shown_by(live) is Shown.SWAPPED

    table.trigger("live.freeze")
    assert is_frozen(live)
    await until(lambda: page.stage.upon.text.startswith("Frozen"))
    table.trigger("live.freeze")
    assert not is_frozen(live)
    before = live.state.is_mirrored
    table.trigger("live.mirror")
    assert live.state.is_mirrored is not before
    await until(lambda: program.settings.current.live.is_mirrored is not before)

    # The panic key, from another page, at once.
    window.show_page("gallery")
    assert live.state.is_on, "leaving the page stops nothing"
    assert is_live_in_rail(window)
    await activate(window)
    await by_hand(lambda: QTest.keyClick(window, Qt.Key.Key_F12))
    assert panic_of(live) is PanicPicture.CARD
    assert shown_by(live) is Shown.CARD, "others see the card when the key has been pressed, and not later"
    assert window.live_summary.text() == "Others see a card · F12"
    window.live_summary.click()
    assert window.current_page is page
    assert page.stage.banner.isVisible()
    assert page.stage.banner.text == "Others see a card."
    button(page, "live-panic-end").click()
    assert panic_of(live) is None
    assert not page.stage.banner.isVisible()

    table.trigger("live.run")
    await until(lambda: not live.state.is_on, PATIENCE_S)
    assert not is_live_in_rail(window)
    assert not window.live_summary.isVisible()
    await until(lambda: page.stage.note.title == "Press Start to see yourself swapped")
    assert on_air.picture is None


async def test_two_people_and_a_recording(on_air: OnAir, tmp_path: Path) -> None:
    page, window, program = on_air.page, on_air.window, on_air.program
    live, people = program.live, page.inspector.people
    eileen, grace = await on_air.with_sources()
    await on_air.started(content.two_officers(tmp_path / "two officers.png"))
    await until(lambda: len(live.state.people) == 2, PATIENCE_S)
    await until(lambda: all(one.embedding is not None for one in live.state.people), PATIENCE_S)
    assert page.stage.upon.text.startswith("Choose a source face")
    one, two = sorted(live.state.people, key=lambda person: person.box.left)

    # With two people the face waits for the one who is meant.
    page.shelf.panel.view.face_chosen.emit(eileen.id)
    assert armed(page) == eileen.id
    page.stage.view.person_clicked.emit(one.number)
    assert armed(page) is None
    await until(lambda: set(live.state.parts) == {one.number})
    # Dropped on the other.
    page.stage.view.sources_dropped.emit(two.number, [grace.id])
    await until(
        lambda: (
            {number: part.source for number, part in live.state.parts.items()}
            == {
                one.number: eileen.id,
                two.number: grace.id,
            }
        )
    )

    # Whoever is chosen gets the age; then their face is left as it is, then as everyone's.
    page.stage.view.person_clicked.emit(two.number)
    assert people.chosen == two.number
    page.inspector.face.years_chosen.emit(7)
    await until(lambda: live.state.parts[two.number].years == 7)
    button(people, "live-leave").click()
    await until(lambda: live.state.parts[two.number].source is None)
    button(people, "live-as-everyone").click()
    assert set(live.state.parts) == {one.number}

    # A recording is asked about before the window closes.
    window.table.trigger("live.record")
    await until(lambda: live.state.recording is not None and live.state.recording.frames > 2, PATIENCE_S)
    assert page.stage.status.recording_text
    window.close()
    await until(lambda: bool(questions(window)))
    [question] = questions(window)
    assert question.windowTitle() == "Close while it is recorded?"
    # The panic key works upon a question too.
    await activate(question)
    await by_hand(lambda: QTest.keyClick(question.windowHandle(), Qt.Key.Key_F12))
    assert panic_of(live) is PanicPicture.CARD
    question.reject()
    await until(lambda: not questions(window))
    assert window.isVisible()
    window.table.trigger("live.record")
    await until(lambda: any("recording" in said.text for said in window.notifications.history), PATIENCE_S)
    await until(lambda: live.state.recording is None)
    assert not window.table.action("live.record").isChecked()
    await program.swapping.wait([job.id for job in await program.queue.all()])


def questions(window: MainWindow) -> list[QuestionDialog]:
    return [one for one in window.findChildren(QuestionDialog) if one.isVisible()]


async def test_a_camera_that_is_no_picture_says_so(on_air: OnAir, tmp_path: Path) -> None:
    broken = tmp_path / "holiday.jpg"
    broken.write_bytes(b"not a picture")
    page = on_air.page
    page.receive_files([broken])
    await until(lambda: page.cameras.camera is not None)
    on_air.window.table.trigger("live.run")
    await until(page.stage.note.retry.isVisible, PATIENCE_S)
    await until(lambda: not on_air.program.live.state.is_on, PATIENCE_S)
    assert "holiday.jpg" in page.stage.note.title
    assert page.stage.note.file.isVisible()
    assert page.inspector.foot.run.text() == "Start"


async def test_a_frame_goes_on_to_the_studio_and_a_withdrawn_face_goes_to_the_card(on_air: OnAir) -> None:
    page, window, program = on_air.page, on_air.window, on_air.program
    [_, grace] = await on_air.with_sources()
    page.shelf.put(0, grace.id)
    await until(lambda: program.live.state.everyone.source == grace.id)
    await on_air.started(content.COLLINS)
    window.table.trigger("live.to-studio")
    await until(lambda: [one.status for one in program.studio.pictures] == [PictureStatus.READY], PATIENCE_S)
    assert window.current_page is window.page("studio")
    assert program.live.state.is_on
    window.show_page("live")
    await program.library.delete([grace.id])
    await until(lambda: program.live.state.everyone.source is None, PATIENCE_S)
    assert panic_of(program.live) is PanicPicture.CARD, "not the bare face in the changed one's place"
    assert page.stage.banner.isVisible()
