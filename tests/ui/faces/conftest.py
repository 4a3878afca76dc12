"""The Faces page in the window, with workers that look at real photos."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notice, Notifications
from faceswap_desktop.ui.pages.faces import FacesPage
from tests.ui.conftest import activate, rest, until

_NONE = Qt.KeyboardModifier.NoModifier
COLLINS = resource_path("samples", "eileen_collins.png")
HOPPER = resource_path("samples", "grace_hopper.jpg")


@dataclass
class Shown:
    """The page, the window it is in, and the program behind it."""

    page: FacesPage
    window: MainWindow
    program: Program
    notifications: Notifications
    folder: Path

    @property
    def names(self) -> list[str]:
        """The names on the cards, in order."""
        return [face.name for face in self.page.model.faces]

    @property
    def notice(self) -> Notice:
        """What was said last."""
        return self.notifications.history[-1]

    @property
    def said(self) -> str:
        """The words of what was said last; empty if nothing was."""
        return self.notifications.history[-1].text if self.notifications.history else ""

    async def filled(self) -> None:
        """Add both sample photos."""
        await self.program.library.add_photos([COLLINS, HOPPER])
        await until(lambda: self.names == ["eileen_collins", "grace_hopper"])

    async def copy_of(self, photo: Path, name: str) -> Path:
        """Return a copy of a photo under another name, a mirrored one: another photo of the same person."""
        path = self.folder / name
        await asyncio.to_thread(_mirror, photo, path)
        return path

    def choose(self, *names: str) -> None:
        """Choose cards by name."""
        selection = self.page.cards.selectionModel()
        selection.clear()
        for name in names:
            index = self.page.model.index(self.names.index(name))
            selection.select(index, selection.SelectionFlag.Select)

    def face(self, name: str) -> SourceFace:
        """Return a face by name."""
        return next(face for face in self.page.model.faces if face.name == name)

    async def do(self, action: str) -> None:
        """Trigger an action and wait until it is over."""
        assert self.window.table.action(action).isEnabled(), f"{action} is disabled"
        self.window.table.trigger(action)
        await until(lambda: action not in self.window.table._running, 30)


def _mirror(photo: Path, path: Path) -> None:
    from PIL import Image, ImageOps

    with Image.open(photo) as picture:
        ImageOps.mirror(picture.convert("RGB")).save(path)


async def drop(window: MainWindow, *paths: Path) -> None:
    """Drag files over the window and let them fall, as another program's drag arrives."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, buttons = QPointF(640, 400), Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, mime, buttons, _NONE)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(place, Qt.DropAction.CopyAction, mime, buttons, _NONE))


async def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    """Press a key on a widget as a person does: outside of any coroutine, and through shortcuts."""
    await activate(widget)
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def run() -> None:
        QTest.keyClick(widget, key, modifiers)
        done.set_result(None)

    loop.call_soon(run)
    await done


@pytest.fixture
async def empty(window: MainWindow, program: Program, notifications: Notifications, tmp_path: Path) -> Shown:
    """Return the page, shown and empty, without workers."""
    window.show_page("faces")
    page = window.current_page
    assert isinstance(page, FacesPage)
    folder = tmp_path / "photos"
    folder.mkdir()
    await activate(window)
    await rest(window)
    return Shown(page, window, program, notifications, folder)


@pytest.fixture
async def shown(empty: Shown) -> Shown:
    """Return the page on a program whose workers run."""
    await empty.program.pool.start(warm=False)
    return empty
