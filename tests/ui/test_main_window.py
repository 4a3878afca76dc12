"""The window and every page in it: names, keys, drops, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.pages import PAGES, PageEntry
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.window_state import WindowState
from tests.ui.conftest import until

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractSlider, QAbstractItemView, QPlainTextEdit)


def controls(page: QWidget) -> Iterator[QWidget]:
    for widget in page.findChildren(QWidget):
        if isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar) and not is_part_of_control(widget):
            yield widget


def is_part_of_control(widget: QWidget) -> bool:
    """Say whether Qt made it inside a control: a spin box's field, a combo box's list, a field's button."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QComboBox | QAbstractSpinBox | QLineEdit):
        above = above.parentWidget()
    return above is not None or widget.objectName().startswith("qt_")


def in_tab_order(page: QWidget) -> set[QWidget]:
    found: set[QWidget] = set()
    widget = page.nextInFocusChain()
    while widget is not None and widget is not page:
        found.add(widget)
        widget = widget.nextInFocusChain()
    return found


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.id)
async def test_a_page_keeps_the_contract(window: MainWindow, entry: PageEntry) -> None:
    window.show_page(entry.id)
    page = window.current_page
    assert isinstance(page, Page)
    assert (page.id, page.icon) == (entry.id, entry.icon)
    assert page.title == entry.title
    for control in controls(page):
        words = f"{type(control).__name__} {control.objectName()!r}"
        assert control.objectName(), f"{words} in {page.id} has no object name"
        assert control.accessibleName(), f"{words} in {page.id} has no accessible name"
        if control.isVisibleTo(page) and control.isEnabled() and control.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, f"Tab does not reach {words} in {page.id}"
            assert control in in_tab_order(page), f"Tab does not reach {words} in {page.id}"


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.id)
async def test_a_page_can_be_shown_again(window: MainWindow, entry: PageEntry) -> None:
    other = next(one.id for one in PAGES if one.id != entry.id)
    for _ in range(2):
        window.show_page(entry.id)
        window.show_page(other)
    window.show_page(entry.id)
    window.focus_page()
    assert window.current_page is not None
    assert window.focusWidget() is not None
    assert window.windowTitle().startswith(entry.shown_title())


async def test_the_rail_and_the_keys_lead_to_the_places(window: MainWindow, qtbot: QtBot) -> None:
    for entry in PAGES:
        window.table.trigger(f"go.{entry.id}")
        assert window.current_page is window.page(entry.id)
        if entry.in_rail:
            assert window.rail.button(entry.id).isChecked()
    assert not any(window.rail.button(entry.id).isChecked() for entry in PAGES if entry.in_rail), "help has no button"
    window.rail.button("live").click()
    assert window.current_page is window.page("live")
    assert [entry.shortcut for entry in PAGES if entry.in_rail] == [f"Ctrl+{number}" for number in range(1, 6)]


async def test_arrow_keys_move_in_the_rail(window: MainWindow, qtbot: QtBot) -> None:
    button = window.rail.button("live")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Down)
    assert window.focusWidget() is window.rail.button("gallery")
    qtbot.keyClick(window.rail.button("gallery"), Qt.Key.Key_Space)
    assert window.current_page is window.page("gallery")
    qtbot.keyClick(window.rail.button("gallery"), Qt.Key.Key_Up)
    qtbot.keyClick(window.rail.button("live"), Qt.Key.Key_Up)
    qtbot.keyClick(window.rail.button("studio"), Qt.Key.Key_Up)
    assert window.focusWidget() is window.rail.button("settings")


async def test_a_screen_reader_finds_the_places(window: MainWindow) -> None:
    rail = QAccessible.queryAccessibleInterface(window.rail)
    names = {rail.child(number).text(QAccessible.Text.Name) for number in range(rail.childCount())}
    assert {entry.shown_title() for entry in PAGES if entry.in_rail} <= names


class _Wants(Page):
    id, title, icon = "wants", "Wants", "picture"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.dropped: list[str] = []
        self.opened: list[Path] = []

    def drop_hint(self, mime: QMimeData) -> str:
        return "Drop to open" if mime.hasUrls() else ""

    def receive_drop(self, mime: QMimeData) -> None:
        self.dropped += [url.toLocalFile() for url in mime.urls()]

    def receive_files(self, paths: object) -> bool:
        self.opened += list(paths)  # type: ignore[call-overload]
        return True


class _Breaks(Page):
    id, title, icon = "breaks", "Breaks", "warning"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        raise ZeroDivisionError("a page with a bug")


@pytest.fixture
def small(context: AppContext, notifications: Notifications, qtbot: QtBot) -> Iterator[MainWindow]:
    entries = (
        PageEntry("wants", "Wants", "picture", lambda: _Wants, "Ctrl+1"),
        PageEntry("breaks", "Breaks", "warning", lambda: _Breaks, "Ctrl+2"),
    )
    window = MainWindow(notifications, context.window_state, entries)
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    window.take_context(context)
    yield window
    notifications.detach()


def mime_of(*paths: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


async def test_a_drop_says_what_it_will_do_and_does_it(small: MainWindow) -> None:
    mime, place = mime_of("/pictures/ä 漢.png"), QPoint(400, 300)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(small, enter)
    assert enter.isAccepted()
    assert small.overlay.isVisible()
    assert small.overlay.accessibleName() == "Drop to open"
    drop = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(small, drop)
    assert drop.isAccepted()
    assert not small.overlay.isVisible()
    page = small.page("wants")
    assert isinstance(page, _Wants)
    assert page.dropped == ["/pictures/ä 漢.png"]


async def test_what_the_page_does_not_want_is_refused(small: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("words")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(small, enter)
    assert not enter.isAccepted()
    assert not small.overlay.isVisible()


async def test_dragging_away_takes_the_overlay_with_it(small: MainWindow) -> None:
    mime = mime_of("/a.png")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(small, enter)
    QApplication.sendEvent(small, QDragLeaveEvent())
    assert not small.overlay.isVisible()


async def test_paste_goes_the_way_of_a_drop(small: MainWindow, notifications: Notifications) -> None:
    QApplication.clipboard().setMimeData(mime_of("/b.png"))
    small.table.trigger("edit.paste")
    page = small.page("wants")
    assert isinstance(page, _Wants)
    assert page.dropped == ["/b.png"]
    QApplication.clipboard().setText("words")
    small.table.trigger("edit.paste")
    assert "nothing on the clipboard" in notifications.history[-1].text


async def test_a_page_with_a_bug_leaves_the_others_alone(small: MainWindow, caplog: pytest.LogCaptureFixture) -> None:
    small.show_page("breaks")
    assert "a page with a bug" in caplog.text
    assert small.current_page is None
    assert small.rail.button("breaks").isChecked()
    small.show_page("wants")
    assert small.current_page is small.page("wants")


async def test_files_go_to_the_first_page_where_the_shown_one_does_not_take_them(
    small: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    small.show_page("breaks")
    small.receive_files([Path("/c.png")])
    page = small.page("wants")
    assert isinstance(page, _Wants)
    assert page.opened == [Path("/c.png")]
    assert small.current_page is page


async def test_it_is_found_again_as_it_was_left(
    context: AppContext, notifications: Notifications, window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(760, 560)
    window.show_page("settings")
    with qtbot.waitSignal(window.closed):
        window.close()
    state = WindowState(context.home.window_state_file)
    assert state.page == "settings"
    again = MainWindow(Notifications(), state)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (760, 560)


async def test_a_damaged_state_file_is_no_obstacle(context: AppContext, qtbot: QtBot) -> None:
    context.home.window_state_file.write_bytes(b"\x00\xff[window\ngeometry=@ByteArray(nonsense)\n")
    window = MainWindow(Notifications(), WindowState(context.home.window_state_file))
    qtbot.addWidget(window)
    window.show()
    assert window.isVisible()


async def test_jobs_are_summed_up_at_the_foot(window: MainWindow, context: AppContext) -> None:
    from dataclasses import replace

    from faceswap_desktop.domain.events import JobAdded, JobChanged, JobProgressed
    from faceswap_desktop.domain.geometry import Size
    from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
    from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
    from faceswap_desktop.domain.recipe import Recipe

    media = Media(MediaId("m"), "/m.png", MediaKind.IMAGE, Size(8, 8), "PNG", Fingerprint(1, 1, "x"))
    one = Job(JobId("1"), Recipe("on-device", media, ()))
    two = Job(JobId("2"), Recipe("on-device", media, ()), JobState.RUNNING)
    bus = context.settings._bus
    assert not window.jobs_summary.isVisible()
    for event in (JobAdded(one), JobAdded(two), JobProgressed(two.id, 0.5, "swap", 4.0)):
        bus.publish(event)
    await until(lambda: window.jobs_summary.fraction == 0.25)
    assert window.jobs_summary.isVisible()
    assert window.jobs_summary.text() == "2 jobs · 25 %"
    assert window.jobs_summary.accessibleName() == "2 jobs · 25 %"
    held = replace(two, state=JobState.FINISHING, hold=Hold.SIGNER)
    bus.publish(JobChanged(held))
    await until(lambda: window.jobs_summary.text() == "2 jobs · waiting")
    bus.publish(JobChanged(replace(one, state=JobState.CANCELLED)))
    await until(lambda: window.jobs_summary.text() == "1 job · on hold")
    bus.publish(JobAdded(one))
    bus.publish(JobChanged(replace(two, state=JobState.SUCCEEDED)))
    await until(lambda: window.jobs_summary.text() == "1 job · waiting")
    window.jobs_summary.click()
    assert window.current_page is window.page("gallery")
    bus.publish(JobChanged(replace(one, state=JobState.CANCELLED)))
    await until(lambda: not window.jobs_summary.isVisible())
