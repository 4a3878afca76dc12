"""The sheet that asks who source faces are: by keyboard alone, for several people, cancelled, with a document."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton, QRadioButton

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis, Standing
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.ui.consent.sheet import ConsentSheet, ask_who
from faceswap_desktop.ui.consent.words import day_text, end_of_day, plain_day
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.widgets.labels import PlainLabel
from tests.ui.conftest import activate, until
from tests.ui.consent.people import add_person, the_sheet

DAY_S = 86_400


def key(which: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClick(widget, which, modifiers)


def field(sheet: ConsentSheet, name: str, place: int = 0) -> QLineEdit:
    found = sheet.parts[place].findChild(QLineEdit, name)
    assert found is not None
    return found


def choose(sheet: ConsentSheet, basis: Basis, place: int = 0) -> None:
    found = sheet.parts[place].findChild(QRadioButton, f"consent-{basis.value}")
    assert found is not None
    found.click()


@pytest.fixture
def asked(context: AppContext, window: MainWindow) -> Callable[..., asyncio.Task[bool]]:
    def start(*faces: SourceFace) -> asyncio.Task[bool]:
        return asyncio.get_running_loop().create_task(ask_who(context, window, faces, "Remember and swap"))

    return start


async def test_everything_by_keyboard_alone(program: Program, asked: Callable[..., asyncio.Task[bool]]) -> None:
    face = await add_person(program, "grace")
    answer = asked(face)
    sheet = await the_sheet()
    await activate(sheet)
    assert not sheet.yes.isEnabled(), "nothing is chosen for the user"
    await until(lambda: isinstance(QApplication.focusWidget(), QRadioButton))
    key(Qt.Key.Key_Space)
    key(Qt.Key.Key_Down)
    await until(sheet.yes.isEnabled)
    key(Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is field(sheet, "consent-who")
    QTest.keyClicks(field(sheet, "consent-who"), "Rear Admiral Hopper")
    key(Qt.Key.Key_Return)
    assert await answer
    [given] = await program.consents.all()
    assert (given.basis, given.who, given.photos) == (
        Basis.AGREED,
        "Rear Admiral Hopper",
        frozenset({face.photos[0].id}),
    )


async def test_everything_has_a_name_for_screen_readers(
    program: Program, asked: Callable[..., asyncio.Task[bool]]
) -> None:
    answer = asked(await add_person(program, "grace"))
    sheet = await the_sheet()
    assert sheet.accessibleName() == "Who is this?"
    names = [one.accessibleName() for one in sheet.findChildren(QRadioButton)]
    assert names[:2] == ["Grace: Me", "Grace: Someone who agreed"]
    assert all(one.accessibleName() for one in sheet.findChildren(QLineEdit))
    sheet.reject()
    assert not await answer


async def test_cancelling_changes_nothing(program: Program, asked: Callable[..., asyncio.Task[bool]]) -> None:
    answer = asked(await add_person(program, "grace"))
    sheet = await the_sheet()
    choose(sheet, Basis.MYSELF)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not await answer
    assert await program.consents.all() == []


async def test_several_people_on_one_sheet(program: Program, asked: Callable[..., asyncio.Task[bool]]) -> None:
    people = [await add_person(program, "grace"), await add_person(program, "eileen")]
    answer = asked(*people)
    sheet = await the_sheet()
    assert sheet.windowTitle() == "Who are these 2 people?"
    choose(sheet, Basis.LICENSED)
    assert not sheet.yes.isEnabled()
    choose(sheet, Basis.SYNTHETIC, 1)
    field(sheet, "consent-note", 1).setText("drawn")
    sheet.yes.click()
    assert await answer
    assert {one.face: (one.basis, one.note) for one in await program.consents.all()} == {
        "grace": (Basis.LICENSED, ""),
        "eileen": (Basis.SYNTHETIC, "drawn"),
    }


async def test_an_end_that_is_over_or_no_day_is_said(
    program: Program, asked: Callable[..., asyncio.Task[bool]]
) -> None:
    answer = asked(await add_person(program, "grace"))
    sheet = await the_sheet()
    choose(sheet, Basis.MYSELF)
    until_field = field(sheet, "consent-until")
    for wrong, words in (("soon", "“soon” is no day."), ("1999-12-31", "That day is over already.")):
        until_field.setText(wrong)
        assert not sheet.yes.isEnabled()
        assert words in " ".join(part.trouble() for part in sheet.parts)
    until_field.setText(plain_day(time.time() + 40 * DAY_S))
    assert sheet.yes.isEnabled()
    sheet.yes.click()
    assert await answer
    [given] = await program.consents.all()
    assert given.until == end_of_day(plain_day(given.until))
    assert 39 * DAY_S < given.until - time.time() < 42 * DAY_S


async def test_a_document_that_is_not_taken_leaves_the_sheet_open(
    program: Program, asked: Callable[..., asyncio.Task[bool]], tmp_path: Path
) -> None:
    answer = asked(await add_person(program, "grace"))
    sheet = await the_sheet()
    choose(sheet, Basis.AGREED)
    bad, good = tmp_path / "yes.exe", tmp_path / "yes.txt"
    bad.write_bytes(b"MZ")
    good.write_text("yes")
    sheet.parts[0].set_document(str(bad))
    sheet.yes.click()
    trouble = sheet.findChild(PlainLabel, "consent-trouble")
    assert trouble is not None
    await until(lambda: "yes.exe" in trouble.text())
    assert sheet.isVisible()
    assert await program.consents.all() == []
    sheet.parts[0].set_document(str(good))
    sheet.yes.click()
    assert await answer
    [given] = await program.consents.all()
    assert Path(given.document).read_text() == "yes"


async def test_what_is_over_is_said_and_filled_in(program: Program, asked: Callable[..., asyncio.Task[bool]]) -> None:
    face = await add_person(program, "grace", photos=2)
    soon = time.time() + 0.3
    await program.consents.give([face], ConsentAnswer(Basis.AGREED, "Grace Hopper", soon, "on the phone"))
    await until(lambda: time.time() > soon)
    assert (await program.consents.standing_of(face)).standing is Standing.EXPIRED
    answer = asked(face)
    sheet = await the_sheet()
    assert field(sheet, "consent-note").text() == "on the phone"
    assert field(sheet, "consent-until").text() == ""
    assert field(sheet, "consent-until").placeholderText() == f"was until {plain_day(soon)}"
    said = " ".join(one.text() for one in sheet.parts[0].findChildren(PlainLabel))
    assert f"The consent was over on {day_text(soon)}. Say until when it holds now." in said
    assert not sheet.yes.isEnabled(), "an end does not become none by itself"
    no_end = sheet.parts[0].findChild(QCheckBox, "consent-no-end")
    assert no_end is not None
    no_end.click()
    assert sheet.yes.isEnabled()
    no_end.click()
    assert not sheet.yes.isEnabled()
    field(sheet, "consent-until").setText(plain_day(time.time() + 40 * DAY_S))
    sheet.yes.click()
    assert await answer
    known = await program.consents.standing_of(face)
    assert known.standing is Standing.GIVEN
    assert known.current is not None
    assert known.current.until > time.time()


async def test_what_was_withdrawn_has_to_be_said_anew(
    program: Program, asked: Callable[..., asyncio.Task[bool]], tmp_path: Path
) -> None:
    face = await add_person(program, "grace")
    paper = tmp_path / "yes.txt"
    paper.write_text("yes")
    await program.consents.give([face], ConsentAnswer(Basis.AGREED, "Grace Hopper", 0.0, "on the phone", str(paper)))
    await program.withdrawals.withdraw(await program.withdrawals.plan(face.id), delete=False)
    answer = asked(face)
    sheet = await the_sheet()
    await activate(sheet)
    said = " ".join(one.text() for one in sheet.parts[0].findChildren(PlainLabel))
    assert f"You withdrew the consent on {day_text(time.time())}." in said
    assert field(sheet, "consent-who").text() == "Grace Hopper"
    assert field(sheet, "consent-note").text() == ""
    assert not any(one.isChecked() for one in sheet.findChildren(QRadioButton))
    assert not sheet.yes.isEnabled()
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert (await program.consents.standing_of(face)).standing is Standing.WITHDRAWN
    choose(sheet, Basis.AGREED)
    sheet.yes.click()
    assert await answer
    [now, _before] = (await program.consents.standing_of(face)).consents
    assert (now.note, now.document) == ("", "")


async def test_arrow_keys_choose(program: Program, asked: Callable[..., asyncio.Task[bool]]) -> None:
    answer = asked(await add_person(program, "grace"))
    sheet = await the_sheet()
    await activate(sheet)
    await until(lambda: isinstance(QApplication.focusWidget(), QRadioButton))
    buttons = sheet.findChildren(QRadioButton)
    assert QApplication.focusWidget() is buttons[0]
    for which, chosen in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Up, 1)):
        key(which)
        assert [one.isChecked() for one in buttons] == [place == chosen for place in range(len(buttons))]
        assert QApplication.focusWidget() is buttons[chosen]
    sheet.reject()
    assert not await answer


async def test_enter_adds_a_document(program: Program, asked: Callable[..., asyncio.Task[bool]]) -> None:
    answer = asked(await add_person(program, "grace"))
    sheet = await the_sheet()
    await activate(sheet)
    choose(sheet, Basis.MYSELF)
    add = sheet.parts[0].findChild(QPushButton, "consent-document")
    assert add is not None
    add.setFocus()
    wanted: list[bool] = []
    sheet.parts[0].document_wanted.disconnect()
    sheet.parts[0].document_wanted.connect(lambda: wanted.append(True))
    key(Qt.Key.Key_Return)
    assert wanted
    assert sheet.isVisible(), "Enter does what has the focus"
    field(sheet, "consent-note").setFocus()
    key(Qt.Key.Key_Return)
    assert await answer, "elsewhere it remembers"
