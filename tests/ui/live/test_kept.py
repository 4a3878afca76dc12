"""What the page keeps from one start of the program to the next, and how it stays true to what is so now."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.live import LivePart
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.pages.live import LivePage
from tests.ui import content
from tests.ui.conftest import activate, until
from tests.ui.consent.people import add_person
from tests.ui.live.conftest import OnAir


@pytest.fixture
async def program(home: Home) -> AsyncIterator[Program]:
    """Return the composed program, in which nobody has agreed to anything."""
    built = await build(home)
    yield built
    await built.close()


def opened(window: MainWindow) -> LivePage:
    window.show_page("live")
    page = window.page("live")
    assert isinstance(page, LivePage)
    return page


def problem(page: LivePage) -> str:
    label = page.inspector.face.findChild(QWidget, "live-face-problem")
    assert label is not None
    return label.accessibleName() if label.isVisible() else ""


async def test_face_and_age_of_everyone_are_kept_and_put_on_again(window: MainWindow, program: Program) -> None:
    await program.start()
    face = await program.library.add_face(content.HOPPER, name="Grace")
    await program.consents.give_samples([face])
    await program.settings.update("live", face=face.id, years=7)
    page = opened(window)
    await until(lambda: program.live.state.everyone == LivePart(face.id, 7))
    assert problem(page) == ""
    page.casting.leave(0)
    await until(lambda: program.settings.current.live.face == "")
    assert program.settings.current.live.years == 0
    page.casting.give(0, face.id)
    page.casting.age(0, -3)
    await until(lambda: (program.settings.current.live.face, program.settings.current.live.years) == (face.id, -3))


async def test_a_face_without_consent_is_left_out_and_nobody_is_asked(window: MainWindow, program: Program) -> None:
    await program.start()
    face = await add_person(program, "grace")
    await program.settings.update("live", face=face.id, years=7)
    page = opened(window)
    await until(lambda: "may not be used now: choose a source face" in problem(page))
    assert program.live.state.everyone == LivePart()
    await until(lambda: program.settings.current.live.face == "")
    assert program.settings.current.live.years == 0


async def test_a_face_that_is_gone_is_left_out(window: MainWindow, program: Program) -> None:
    await program.settings.update("live", face="gone", years=0)
    page = opened(window)
    await until(lambda: problem(page) == "The source face of last time is gone: choose another one.")
    assert program.live.state.everyone == LivePart()


async def test_the_keyboard_acts_upon_the_person_it_stands_on(on_air: OnAir) -> None:
    page, people = on_air.page, on_air.page.inspector.people
    eileen, grace = await on_air.with_sources()
    await on_air.program.consents.give_samples([eileen, grace])
    await activate(on_air.window)
    everyone = people.findChild(QWidget, "live-person-0")
    assert everyone is not None
    everyone.setFocus(Qt.FocusReason.TabFocusReason)
    assert (people.chosen, people.focused) == (0, 0)
    # The row where the keyboard stands goes before the one that was chosen.
    page.shelf.put_number(0, 1)
    assert page.casting.part_of(1).source == eileen.id
    assert page.casting.part_of(0).source is None


async def test_nothing_is_cut_off_at_the_right(shown: OnAir) -> None:
    page = shown.page
    page.inspector.output.show_need("Install it with: " + "/a/very/long/folder" * 9 + "/python -m pip install it")
    page.inspector.output.set_open(True)
    page.inspector.camera.set_open(True)
    panel = page.inspector.findChild(QWidget, "live-inspector")
    assert panel is not None
    parts = (page.inspector.camera, page.inspector.provider, page.inspector.face, page.inspector.output)
    await until(lambda: all(part.width() >= part.minimumSizeHint().width() for part in parts))
    for part in parts:
        right = part.mapTo(panel, part.rect().topRight()).x()
        assert right < panel.width() - 8, part.objectName()


async def test_what_was_said_of_another_face_or_camera_goes(shown: OnAir) -> None:
    page, window = shown.page, shown.window
    withdrawn: list[str] = []
    page.context.notifications.detach()
    page.context.notifications.attach(Recorder(withdrawn))
    page.context.notifications.post(Notice("It was not found.", Tone.WARNING, key="live"))
    page.receive_files([content.COLLINS])
    await until(lambda: withdrawn == ["live"])
    assert window.current_page is page


class Recorder:
    """Notes what is taken back."""

    def __init__(self, withdrawn: list[str]) -> None:
        self._withdrawn = withdrawn

    def present(self, notice: Notice) -> None:
        """Show nothing."""

    def withdraw(self, key: str) -> None:
        """Note it."""
        self._withdrawn.append(key)
