"""Consent on the Faces page: how each face stands, changing it, the ledger, and withdrawing it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QListWidget, QPushButton, QWidget

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis, Standing
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.ui.consent.withdrawal_dialog import WithdrawalDialog
from faceswap_desktop.ui.faces.face_model import FaceRole
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.faces import FacesPage
from faceswap_desktop.ui.widgets.buttons import LINK_INSET, LinkButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from tests.ui.conftest import activate, until
from tests.ui.consent.people import add_person, add_result, the_sheet


async def page_with(window: MainWindow, program: Program, *people: SourceFace) -> FacesPage:
    window.show_page("faces")
    page = window.page("faces")
    assert isinstance(page, FacesPage)
    await until(lambda: len(page.model.faces) == len(people))
    await until(lambda: all(page.model.consent_of(face.id) for face in people))
    page.cards.setCurrentIndex(page.model.index(0))
    await until(lambda: len(page.chosen()) == 1)
    return page


async def the_dialog() -> WithdrawalDialog:
    def shown() -> list[WithdrawalDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, WithdrawalDialog) and one.isVisible()]

    await until(shown)
    return shown()[0]


async def test_each_face_shows_how_it_stands(program: Program, window: MainWindow) -> None:
    grace, eileen = await add_person(program, "grace"), await add_person(program, "eileen")
    await program.consents.give([eileen], ConsentAnswer(Basis.AGREED, "Eileen Collins", 4e9, "by post"))
    page = await page_with(window, program, grace, eileen)
    rows = {face.id: page.model.index(row) for row, face in enumerate(page.model.faces)}
    assert rows[grace.id].data(FaceRole.STANDING) == Standing.MISSING
    assert rows[eileen.id].data(FaceRole.STANDING) == Standing.GIVEN
    assert rows[grace.id].data(Qt.ItemDataRole.AccessibleTextRole) == "Grace, 1 photo, Good, Not asked yet"
    page.cards.setCurrentIndex(rows[eileen.id])
    await until(lambda: "Eileen Collins" in page.details.consent.accessibleName())
    said = page.details.consent.accessibleName()
    assert said.startswith("Consent: May be used. Who: Eileen Collins. Why: The person agreed. Said: ")
    assert "Note: by post" in said


async def test_a_consent_is_changed_and_keeps_its_document(
    program: Program, window: MainWindow, tmp_path: Path
) -> None:
    face = await add_person(program, "grace")
    document = tmp_path / "signed.txt"
    document.write_text("yes")
    await program.consents.give([face], ConsentAnswer(Basis.AGREED, "Grace Hopper", document=str(document)))
    page = await page_with(window, program, face)
    assert window.table.action("faces.consent").text() == "Change consent…"
    link = page.details.consent.findChild(LinkButton, "consent-open-document")
    assert link is not None
    value = next(one for one in page.details.consent.findChildren(PlainLabel) if one.text() == "signed.txt")

    def left_of(widget: QWidget) -> int:
        return widget.mapTo(page, QPoint(0, 0)).x()

    await until(lambda: left_of(link) + LINK_INSET == left_of(value))
    change = page.details.findChild(QPushButton, "details-faces.consent")
    assert change is not None
    await activate(window)
    change.setFocus()
    QTest.keyClick(change, Qt.Key.Key_Space)
    sheet = await the_sheet()
    assert window.focusWidget() is not change, "a button that cannot be pressed has no keyboard"
    sheet.parts[0].who.setText("Rear Admiral Hopper")
    sheet.yes.click()
    await until(lambda: "Rear Admiral Hopper" in page.details.consent.accessibleName())
    await until(lambda: window.focusWidget() is change)
    current = (await program.consents.standing_of(face)).current
    assert current is not None
    assert current.document_name == "signed.txt"
    assert Path(current.document).read_text() == "yes"


async def test_withdrawing_lists_asks_and_tells(program: Program, window: MainWindow) -> None:
    grace, eileen = await add_person(program, "grace"), await add_person(program, "eileen")
    await program.consents.give([grace, eileen], ConsentAnswer(Basis.AGREED))
    made = [await add_result(program, grace, name) for name in ("one", "two")]
    other = await add_result(program, eileen, "three")
    deletion = await program.gallery.delete([made[0].id])
    window.notifications.info("Deleted 1 result.", button="Undo", action=lambda: None, key="deleted")
    page = await page_with(window, program, grace, eileen)
    page.cards.setCurrentIndex(page.model.index(page.model.row_of(grace.id)))
    await until(lambda: page.chosen()[0].id == grace.id)
    window.table.trigger("faces.withdraw")
    dialog = await the_dialog()
    lines = dialog.findChild(QListWidget, "withdraw-list")
    assert lines is not None
    assert {lines.item(row).text().splitlines()[0] for row in range(lines.count())} == {"one", "two"}
    assert "2 results" in dialog.accessibleDescription()
    assert dialog.results.isChecked()
    assert dialog.face.isChecked()
    assert dialog.yes.text() == "Withdraw and delete for good"
    assert not dialog.yes.isDefault(), "Return must not delete"
    dialog.yes.click()
    said = dialog.findChild(PlainLabel, "withdraw-report")
    assert said is not None
    await until(lambda: "The face is gone" in said.text())
    assert "Deleted for good: 2 results here." in said.text()
    assert dialog.no.text() == "Close"
    dialog.no.click()
    await until(lambda: [face.name for face in page.model.faces] == ["Eileen"])
    assert not any(Path(one.path).exists() for one in made)
    assert Path(other.path).is_file()
    await until(lambda: not page.undo_stack.canUndo())
    await until(lambda: window.focusWidget() is page.cards)
    # What is gone for good is not offered back.
    await until(lambda: window.strip.notice is None)
    with pytest.raises(UsageError, match="deleted for good"):
        await program.gallery.bring_back(deletion)


async def test_thinking_better_of_it_changes_nothing(program: Program, window: MainWindow) -> None:
    face = await add_person(program, "grace")
    await program.consents.give([face], ConsentAnswer(Basis.MYSELF))
    made = await add_result(program, face, "one")
    await page_with(window, program, face)
    window.table.trigger("faces.withdraw")
    dialog = await the_dialog()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: window.table.is_available("faces.withdraw"))
    assert (await program.consents.standing_of(face)).standing is Standing.GIVEN
    assert Path(made.path).is_file()


@pytest.mark.parametrize("suffix", ["html", "csv"])
async def test_the_ledger_is_exported(program: Program, window: MainWindow, tmp_path: Path, suffix: str) -> None:
    face = await add_person(program, "grace")
    await add_result(program, face, "one")
    await page_with(window, program, face)
    target = tmp_path / f"ledger.{suffix}"
    window.table.trigger("faces.ledger")

    def asked() -> list[QFileDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog) and one.isVisible()]

    await until(asked)
    asked()[0].filesSelected.emit([str(target)])
    asked()[0].accept()
    await until(target.is_file)
    assert "one" in target.read_text("utf-8-sig")
