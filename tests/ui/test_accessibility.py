"""The window with something in it, as a screen reader, the Tab key and somebody who wants no motion find it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QScrollBar,
    QWidget,
)

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.settings import Motion
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.widgets.card_grid import CardGrid
from tests.ui import content
from tests.ui.conftest import until

SECTIONS: Final = {
    "settings": (
        "appearance",
        "output",
        "accounts",
        "budget",
        "hosting",
        "webhook",
        "sandbox",
        "jobs",
        "storage",
        "privacy",
        "advanced",
    ),
    "help": ("first-steps", "shortcuts", "licences", "troubles", "messages", "about"),
}
PLACES: Final = [
    *((page, "") for page in ("studio", "gallery", "faces", "live", "verify")),
    *((page, section) for page, sections in SECTIONS.items() for section in sections),
]
BUTTONS: Final = {
    QAccessible.Role.PushButton,
    QAccessible.Role.CheckBox,
    QAccessible.Role.RadioButton,
    QAccessible.Role.ButtonMenu,
}
CONTROLS: Final = (
    QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractSlider, QAbstractItemView, QGraphicsView,
)  # fmt: skip
MOST_STOPS: Final = 150
"""No page has so many places for the keyboard; more presses of Tab mean that it goes round in a part of it."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a home that has something in it."""
    folder = tmp_path_factory.mktemp("filled")
    content.fill(folder / "home", content.two_officers(folder / "two officers.png"))
    return folder


@pytest.fixture
def home(tmp_path: Path, filled: Path) -> Home:
    """Return a copy of that home."""
    shutil.copytree(filled / "home", tmp_path / "home")
    return Home(tmp_path / "home")


@asynccontextmanager
async def filled_in(window: MainWindow, program: Program) -> AsyncIterator[None]:
    """Fill the window with its pictures, people and results, and bring it to rest at the end.

    Not a fixture: pytest-qt lets events pass after a test, when no loop runs that could take them.
    """
    await program.start()
    await program.studio.restore()
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    await until(lambda: all(one.status is PictureStatus.READY for one in program.studio.pictures), 60)
    await until(lambda: len(page.panel.canvas.canvas.faces) == 2, 30)
    await until(lambda: len(page.shelf_model.faces) == 2, 30)
    await until(lambda: page.stage.preview.shown is not None and not page.stage.preview.is_busy, 30)
    window.activateWindow()
    await until(window.isActiveWindow)
    yield
    await until(lambda: not page.preflight.is_due and not page.stage.preview.is_busy, 30)
    for entry in window.entries:
        if (built := window.page(entry.id)) is not None:
            await built.tasks.close()
    await at_rest(window)


async def at_rest(window: MainWindow) -> None:
    """Wait until the window has looked the same for a while."""
    before, same = QImage(), 0
    for _ in range(200):
        await asyncio.sleep(0.03)
        now = window.grab().toImage()
        same = same + 1 if now == before else 0
        before = now
        if same == 4:
            return
    raise AssertionError("the window never comes to rest")


async def show(window: MainWindow, place: tuple[str, str]) -> QWidget:
    """Show a page, and the section of it that is meant; of cards the first is chosen, so that its details show."""
    window.show_page(place[0], place[1] or None)
    page = window.current_page
    assert page is not None
    await at_rest(window)
    for grid in page.findChildren(CardGrid):
        grid.selectionModel().select(grid.model().index(0, 0), grid.selectionModel().SelectionFlag.ClearAndSelect)
        await at_rest(window)
    return page


def everything(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Yield what a screen reader can read, from here down; what does not show is left out."""
    if not interface.isValid() or interface.state().invisible:
        return
    yield interface
    for number in range(interface.childCount()):
        yield from everything(interface.child(number))


def name_of(interface: QAccessibleInterface) -> str:
    return interface.text(QAccessible.Text.Name)


def described(interface: QAccessibleInterface) -> str:
    return f"{interface.role().name} {interface.object().objectName()!r}"


async def test_all_that_takes_the_keyboard_has_a_name_of_its_own(window: MainWindow, program: Program) -> None:
    nameless: list[str] = []
    alike: list[str] = []
    async with filled_in(window, program):
        for place in PLACES:
            found = list(everything(QAccessible.queryAccessibleInterface(await show(window, place))))
            assert len(found) > 3, f"a screen reader finds nothing on {place}"
            taking = [interface for interface in found if interface.state().focusable]
            nameless += [f"{place}: {described(one)}" for one in taking if not name_of(one).strip()]
            buttons = [(one.role(), name_of(one)) for one in found if one.role() in BUTTONS]
            alike += [f"{place}: {role.name} {name!r}" for role, name in buttons if buttons.count((role, name)) > 1]
    assert not nameless, "\n".join(nameless)
    assert not alike, "\n".join(alike)


async def test_faces_are_read_with_their_number_place_and_whom_they_become(
    window: MainWindow, program: Program
) -> None:
    async with filled_in(window, program):
        page = await show(window, ("studio", ""))
        names = [name_of(one) for one in everything(QAccessible.queryAccessibleInterface(page))]
    assert next(name for name in names if name.startswith("Face 1 of 2")).endswith("becomes Grace")
    assert next(name for name in names if name.startswith("Face 2 of 2")).endswith("stays as it is")
    assert any(name.startswith("Source 1, Grace") for name in names), names
    assert any(name.startswith("Source 2, Eileen") for name in names), names


async def test_tab_reaches_everything_and_is_seen(window: MainWindow, program: Program) -> None:
    missed: list[str] = []
    unseen: list[str] = []
    async with filled_in(window, program):
        for place in PLACES:
            page = await show(window, place)
            window.focus_page()
            await until(window.focusWidget)
            wanted = {one for one in page.findChildren(QWidget) if takes_tab(one) and is_seen(one, page)}
            reached, dark = walk_with_tab(window)
            missed += sorted(f"{place}: {words(one)}" for one in wanted - reached)
            unseen += [f"{place}: {words(one)}" for one in dark]
    assert not missed, "Tab does not reach\n" + "\n".join(missed)
    assert not unseen, "nothing shows that the keyboard is at\n" + "\n".join(unseen)


async def test_without_motion_nothing_moves(window: MainWindow, context: AppContext) -> None:
    assert context.theme.motion_ms == 0, "the tests run without motion"
    context.theme.apply("light", "full")
    assert context.theme.motion_ms > 0
    await context.settings.update("appearance", motion=Motion.REDUCED)
    context.theme.apply("light", context.settings.current.appearance.motion)
    assert context.theme.motion_ms == 0


def walk_with_tab(window: MainWindow) -> tuple[set[QWidget], list[QWidget]]:
    """Press Tab until the keyboard is where it began.

    Returns:
        All widgets where it stood, and those of them that did not show it.
    """
    reached: set[QWidget] = set()
    dark: list[QWidget] = []
    for _ in range(MOST_STOPS):
        focused = window.focusWidget()
        if focused in reached and not isinstance(focused, QGraphicsView):
            return reached, dark
        reached.add(focused)
        area = QRect(focused.mapTo(window, QPoint(0, 0)), focused.size()).adjusted(-4, -4, 4, 4) & window.rect()
        with_keyboard = window.grab(area).toImage()
        press_tab(focused)
        QApplication.sendPostedEvents()
        if window.focusWidget() is focused:
            continue
        # Where Tab scrolled, places cannot be compared; the widget was painted elsewhere then.
        moved = QRect(focused.mapTo(window, QPoint(0, 0)), focused.size()).adjusted(-4, -4, 4, 4) & window.rect()
        if moved == area and differing(with_keyboard, window.grab(area).toImage()) < ring(focused):
            dark.append(focused)
    raise AssertionError("Tab never comes back to where it began")


def takes_tab(widget: QWidget) -> bool:
    return isinstance(widget, CONTROLS) and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def is_seen(widget: QWidget, page: QWidget) -> bool:
    if isinstance(widget, QScrollBar) or not widget.isEnabled() or not widget.isVisibleTo(page):
        return False
    # What Qt makes inside a control: a spin box's field, a combo box's list.
    parent = widget.parentWidget()
    return not isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit) and widget.focusProxy() is None


def press_tab(widget: QWidget) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "\t")
    QApplication.sendEvent(widget, event)


def differing(one: QImage, other: QImage) -> int:
    """Count the pixels that differ."""
    before, after = (pixels(image) for image in (one, other))
    assert before.shape == after.shape
    return int((before != after).sum())


def pixels(image: QImage) -> npt.NDArray[np.uint32]:
    """Return a picture as rows of 32-bit pixels."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.bytesPerLine() // 4)


def ring(widget: QWidget) -> int:
    """Return how many pixels have to change at least: half of the outline of a small control."""
    return min(widget.width(), 32) + min(widget.height(), 32)


def words(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r} ({widget.accessibleName()!r})"
