"""The sheet that asks who source faces are, and how the Faces page shows it, light and dark."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import Theme
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.services.withdrawal import WithdrawalReport
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.ui.consent.sheet import ConsentSheet
from faceswap_desktop.ui.consent.withdrawal_dialog import WithdrawalDialog
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.faces import FacesPage
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.ui.conftest import until
from tests.ui.consent.conftest import program as silent_program
from tests.ui.consent.people import add_person, add_result
from tests.visual.conftest import Compare

THEMES: Final = (Theme.LIGHT, Theme.DARK)
PARTS: Final = (
    "consent-sheet-one",
    "consent-sheet-two",
    "consent-faces",
    "consent-withdrawal-asks",
    "consent-withdrawal-tells",
)
FAR: Final = 4_000_000_000.0
LONG_AGO: Final = 1_700_000_000.0

program = silent_program


async def settled() -> None:
    """Let what was just shown be laid out and painted."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_sheet(
    program: Program, context: AppContext, window: MainWindow, theme: ThemeManager, compare: Compare
) -> None:
    grace, eileen = await add_person(program, "grace"), await add_person(program, "eileen")
    await program.consents.give([eileen], ConsentAnswer(Basis.AGREED, "Eileen Collins", FAR, "by post"))
    known = await program.consents.standings([grace, eileen])
    for name, faces in (("one", [grace]), ("two", [grace, eileen])):
        sheet = ConsentSheet(context, window, faces, known, "Remember and swap")
        sheet.show()
        for shade in THEMES:
            theme.apply(shade.value, "reduced")
            sheet.no.setFocus()
            await settled()
            compare(f"consent-sheet-{name}-{shade.value}", sheet.grab().toImage())
        sheet.close()
        sheet.deleteLater()


async def test_the_faces_page_and_withdrawing(
    program: Program, context: AppContext, window: MainWindow, theme: ThemeManager, compare: Compare
) -> None:
    people = [await add_person(program, "grace"), await add_person(program, "eileen")]
    await program.consents.give([people[1]], ConsentAnswer(Basis.AGREED, "Eileen Collins", FAR, "by post"))
    # Given on another day each day.
    record = (await program.consents.all())[0]
    await ConsentStore(program.database).change(replace(record, given_at=LONG_AGO))
    window.show_page("faces")
    page = window.page("faces")
    assert isinstance(page, FacesPage)
    await until(lambda: len(page.model.faces) == len(people))
    page.cards.setCurrentIndex(page.model.index(page.model.row_of(people[1].id)))
    await until(lambda: "by post" in page.details.consent.accessibleName())
    for shade in THEMES:
        theme.apply(shade.value, "reduced")
        await settled()
        compare(f"consent-faces-{shade.value}", window.grab().toImage())
    for name in ("one", "two"):
        await add_result(program, people[1], name)
    plan = await program.withdrawals.plan(people[1].id)
    report = WithdrawalReport(2, 1, 1, True, (message("A copy outside the library was left: “/home/me/copy.jpg”."),))
    for name in ("asks", "tells"):
        # Folders of the test have another name each time.
        shown = replace(plan, results=tuple(replace(one, path=f"/results/{one.title}.jpg") for one in plan.results))
        dialog = WithdrawalDialog(context, window, replace(shown, copies=("/home/me/copy.jpg",)))
        if name == "tells":
            dialog.show_report(report)
        dialog.show()
        for shade in THEMES:
            theme.apply(shade.value, "reduced")
            dialog.no.setFocus()
            await settled()
            compare(f"consent-withdrawal-{name}-{shade.value}", dialog.grab().toImage())
        dialog.close()
        dialog.deleteLater()
