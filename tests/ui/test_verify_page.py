"""Verify: opened by menu, palette, card and drop; what it shows; by keyboard alone; texts that mean harm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QWidget,
)

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.pages.gallery import GalleryPage
from faceswap_desktop.ui.pages.verify import VerifyPage
from faceswap_desktop.ui.studio.disclosure import Disclosure
from tests.signed_files import HOPPER, flip, sign
from tests.ui.conftest import activate, until
from tests.unit.services.conftest import add_result

ODD = "<img src='x'><b>party & co</b>.jpg"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file without credentials whose name looks like markup, as far as names of files may."""
    path = tmp_path / ODD.replace("/", "")
    path.write_bytes(HOPPER.read_bytes())
    return path


def page_of(window: MainWindow) -> VerifyPage:
    page = window.page("verify")
    assert isinstance(page, VerifyPage)
    return page


async def report_on(window: MainWindow, *paths: Path) -> VerifyPage:
    window.show_page("verify", list(paths))
    page = page_of(window)
    await until(lambda: page.report is not None)
    return page


def texts(widget: QWidget) -> list[str]:
    """Return what labels say, without the marks at which long words may go on in the next line."""
    return [label.text().replace("\u200b", "") for label in widget.findChildren(QLabel)]


def button(page: QWidget, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def dropped(paths: Sequence[Path]) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop_on(window: MainWindow, mime: QMimeData) -> bool:
    at, action = window.stack.mapTo(window, QPoint(200, 200)), Qt.DropAction.CopyAction
    button, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at, action, mime, button, modifiers)
    QApplication.sendEvent(window, entered)
    if entered.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(at), action, mime, button, modifiers))
    return entered.isAccepted()


async def test_an_empty_page_teaches_the_first_step_and_takes_any_file(
    window: MainWindow, program: Program, file: Path
) -> None:
    await program.pool.start(warm=False)
    window.table.trigger("go.verify")
    page = page_of(window)
    assert window.current_page is page
    assert QApplication.focusWidget() is button(page, "verify-open"), "one press of Enter opens a file"
    assert any("Drop a picture or video here" in text for text in texts(page))
    assert drop_on(window, dropped([file]))
    await until(lambda: page.report is not None)
    shown = texts(page)
    assert "No credentials" in shown
    assert "That a file has none says nothing about whether it is real." in shown
    assert "Nothing says so" in shown
    assert not drop_on(window, QMimeData()), "what is no file is refused"


async def test_a_file_is_opened_from_the_menu_by_key_and_from_the_palette(
    window: MainWindow, program: Program, file: Path
) -> None:
    await program.pool.start(warm=False)
    window.show_page("gallery")
    window.open_palette()
    palette = window.findChild(QLineEdit, "palette-query")
    assert isinstance(palette, QLineEdit)
    palette.setText("verify a file")
    QTest.keyClick(palette, Qt.Key.Key_Return)
    await until(lambda: window.findChild(QFileDialog))
    dialog = window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit([str(file)])
    dialog.done(QFileDialog.DialogCode.Accepted)
    await until(lambda: window.current_page is page_of(window))
    await until(lambda: page_of(window).report is not None)
    # While the page is shown, opening files by the menu is for it.
    window.receive_files([HOPPER])
    await until(lambda: page_of(window).report is not None)
    assert page_of(window).report.file.name == HOPPER.name  # type: ignore[union-attr]
    window.show_page("gallery")
    await activate(window)
    QTest.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page is page_of(window)


async def test_the_story_of_a_signed_file(window: MainWindow, program: Program, tmp_path: Path) -> None:
    await program.pool.start(warm=False)
    first, second = tmp_path / "first.jpg", tmp_path / "second.jpg"
    await sign(program, first)
    await sign(program, second, path=first, original=first, what="Age changed by +10 years", provider="AKOOL")
    page = await report_on(window, second)
    shown = texts(page)
    assert "Valid" in shown
    assert "Made here, and not changed since it was signed." in shown
    assert "Age changed by +10 years by AKOOL, an online service" in shown
    assert "Partly made by a trained network (AI)" in shown
    origin = next(one for one in page.findChildren(Disclosure) if one.objectName().endswith("-origin"))
    inside = next(label for label in origin.findChildren(QLabel) if label.text() == "Face swapped on this computer")
    assert not inside.isVisible(), "what it was made from is folded"
    head = origin.findChild(QAbstractButton)
    assert isinstance(head, QAbstractButton)
    head.setFocus()
    QTest.keyClick(head, Qt.Key.Key_Space)
    assert inside.isVisible()
    technical = page.findChild(Disclosure, "verify-technical")
    assert isinstance(technical, Disclosure)
    technical.set_open(True)
    assert str(second) in texts(technical)
    page.copy_report()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("second.jpg (JPEG, ")
    assert "Valid. Made here, and not changed since it was signed." in copied
    assert "    - Face swapped on this computer · With Faceswap Desktop" in copied
    assert "Status codes: " in copied


async def test_a_changed_file_is_told_in_shape_word_and_colour(
    window: MainWindow, program: Program, tmp_path: Path
) -> None:
    await program.pool.start(warm=False)
    await sign(program, tmp_path / "party.jpg")
    page = await report_on(window, flip(tmp_path / "party.jpg", tmp_path / "changed.jpg"))
    word = page.findChild(QLabel, "verify-validity")
    assert isinstance(word, QLabel)
    assert (word.text(), word.property("role")) == ("Changed", "danger")
    assert "The file was changed after it was signed." in texts(page)


async def test_the_first_of_several_files_is_shown_and_the_others_are_one_key_away(
    window: MainWindow, program: Program, tmp_path: Path, file: Path
) -> None:
    await program.pool.start(warm=False)
    gone = tmp_path / "gone.jpg"
    page = await report_on(window, file, gone, file)
    listed = page.findChild(QListWidget, "verify-files")
    assert isinstance(listed, QListWidget)
    assert listed.isVisible()
    assert [listed.item(row).text() for row in range(listed.count())] == [f"{file.name} · No credentials", "gone.jpg"]
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_Down)
    await until(lambda: "“gone.jpg” was not found." in texts(page))
    assert listed.item(1).text() == "gone.jpg · “gone.jpg” was not found."
    assert listed.hasFocus(), "the list keeps the keyboard"
    gone.write_bytes(HOPPER.read_bytes())
    button(page, "verify-again").click()
    await until(lambda: page.report is not None)
    window.show_page("verify", file)
    await until(lambda: page.report is not None)
    assert not listed.isVisible(), "one file needs no list"


async def test_looking_can_be_stopped_and_taken_up_again(window: MainWindow, program: Program, file: Path) -> None:
    await program.pool.start(warm=False)
    window.show_page("verify", file)
    page = page_of(window)
    bar = page.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert bar.isVisible()
    assert bar.accessibleName() == f"Looking into {file.name} …"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert "Stopped before the end" in texts(page)
    assert QApplication.focusWidget() is button(page, "verify-again")
    await until(lambda: not page.tasks.is_running("look"))
    assert page.report is None
    assert not bar.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F5)
    await until(lambda: page.report is not None)


async def test_texts_from_outside_stay_plain(window: MainWindow, program: Program, tmp_path: Path) -> None:
    await program.pool.start(warm=False)
    path = tmp_path / "<h1>party<br>.jpg"
    await sign(program, path, title="<h1>title</h1>", what="<a href='http://x'>click</a>")
    page = await report_on(window, path, HOPPER)
    labels = page.findChildren(QLabel)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels if label.text())
    assert any("<a href='http://x'>click</a> on this computer" in text for text in texts(page))
    listed = page.findChild(QListWidget, "verify-files")
    assert isinstance(listed, QListWidget)
    assert "<h1>" not in listed.item(0).toolTip()
    assert "&lt;h1&gt;" in listed.item(0).toolTip()


async def test_everything_is_named_and_reached_by_tab(window: MainWindow, program: Program, tmp_path: Path) -> None:
    await program.pool.start(warm=False)
    await sign(program, tmp_path / "party.jpg")
    page = await report_on(window, tmp_path / "party.jpg", HOPPER)
    wanted = {
        one
        for one in page.findChildren(QWidget)
        if isinstance(one, QAbstractButton | QListWidget | QScrollArea) and one.isVisible() and one.isEnabled()
    }
    for control in wanted:
        interface = QAccessible.queryAccessibleInterface(control)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name), control.objectName()
    window.focus_page()
    reached = set()
    for _ in range(40):
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert {one.objectName() for one in wanted - reached} == set()
    steps = [one for one in page.findChildren(QWidget) if one.objectName().startswith("verify-story-")]
    assert any("Face swapped on this computer · With Faceswap Desktop" in one.accessibleName() for one in steps)


@pytest.mark.parametrize("width", [720, 1280])
async def test_nothing_has_to_be_scrolled_sideways(
    window: MainWindow, program: Program, tmp_path: Path, width: int
) -> None:
    await program.pool.start(warm=False)
    long = tmp_path / ("a_name_without_any_spaces_" * 7 + ".jpg")
    first = tmp_path / "first.jpg"
    await sign(program, first)
    await sign(program, long, path=first, original=first, title="t" * 150, what="W" * 180)
    window.resize(width, 700)
    page = await report_on(window, long)
    for disclosure in page.findChildren(Disclosure):
        disclosure.set_open(True)
    await asyncio.sleep(0)
    inside = page.view.widget()
    assert inside is not None
    await until(lambda: inside.width() == page.view.viewport().width())
    assert inside.minimumSizeHint().width() <= page.view.viewport().width()
    assert window.width() == width, "the page does not make the window wider"


async def signed_result(program: Program) -> JobResult:
    """Put a result into the gallery that was signed; its file is."""
    result = await add_result(program, "party")
    copy = await sign(program, Path(result.path).with_name("with credentials.jpg"), path=Path(result.path))
    mark = ResultMark(has_label=True, signer=SignerKind.INSTALLATION, signed_at=1.7e9)
    return await add_result(
        program, "signed", path=copy.path, size_bytes=copy.size_bytes, digest=copy.sha256, mark=mark
    )


async def test_from_the_gallery_to_its_origin_and_back(
    window: MainWindow, program: Program, notifications: Notifications
) -> None:
    await program.pool.start(warm=False)
    result = await signed_result(program)
    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    await until(lambda: len(gallery.results.ids) == 2)
    gallery.cards.setCurrentIndex(gallery.results.index(gallery.results.row_of(result.id)))
    gallery.cards.setFocus()
    await until(lambda: window.table.is_available("results.verify"))
    window.table.trigger("results.verify")
    await until(lambda: window.current_page is page_of(window) and page_of(window).report is not None)
    page = page_of(window)
    assert "Yes: it is “signed”, byte for byte" in texts(page)
    assert QApplication.focusWidget() is button(page, "verify-show")
    QTest.keyClick(button(page, "verify-show"), Qt.Key.Key_Space)
    await until(lambda: window.current_page is gallery and gallery.viewer.result is not None)
    assert gallery.viewer.result is not None
    assert gallery.viewer.result.id == result.id
    facts = texts(gallery.viewer)
    assert any(text.startswith("Valid when signed, ") for text in facts)
    assert "Visible label" in facts
    # Deleted meanwhile: it is told instead of shown.
    window.show_page("verify")
    await program.gallery.delete([result.id])
    await program.gallery.expire(everything=True)
    page.show_result()
    await until(lambda: any("not in the Gallery any more" in notice.text for notice in notifications.history))


async def test_a_file_dropped_on_the_gallery_is_asked_where_it_comes_from(
    window: MainWindow, program: Program, file: Path
) -> None:
    await program.pool.start(warm=False)
    window.show_page("gallery")
    gallery = window.page("gallery")
    assert isinstance(gallery, GalleryPage)
    assert gallery.drop_hint(dropped([file])) == "Drop to see where it comes from"
    assert gallery.drop_hint(QMimeData()) == ""
    assert drop_on(window, dropped([file]))
    await until(lambda: window.current_page is page_of(window) and page_of(window).report is not None)
