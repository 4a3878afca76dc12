"""The sheet that asks who source faces are, and how the Faces page shows it, light and dark."""

from __future__ import annotations

import asyncio
from typing import Final

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis
from faceswap_desktop.domain.settings import Theme
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.ui.consent.sheet import ConsentSheet
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.ui.consent.people import add_person
from tests.visual.conftest import Compare

THEMES: Final = (Theme.LIGHT, Theme.DARK)
FAR: Final = 4_000_000_000.0


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
