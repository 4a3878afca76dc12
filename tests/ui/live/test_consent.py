"""A face of whom nobody has said who it is: the sheet of jobs is asked first, and nothing is put on without it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QRadioButton

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.consent import Basis
from faceswap_desktop.storage.paths import Home
from tests.ui.conftest import until
from tests.ui.consent.people import add_person, the_sheet
from tests.ui.live.conftest import PATIENCE_S, OnAir


@pytest.fixture
async def program(home: Home) -> AsyncIterator[Program]:
    """Return the composed program, in which nobody has agreed to anything."""
    built = await build(home)
    yield built
    await built.close()


async def test_it_is_asked_before_and_the_face_put_on_after(on_air: OnAir) -> None:
    page, live = on_air.page, on_air.program.live
    face = await add_person(on_air.program, "grace")
    page.sources.reload()
    await until(lambda: len(page.shelf.model.faces) == 1)
    page.shelf.put(0, face.id)
    sheet = await the_sheet()
    assert live.state.everyone.source is None
    sheet.reject()
    await until(lambda: not page.tasks.is_running("cast"))
    assert live.state.everyone.source is None
    assert page.casting.part_of(0).source is None, "what was refused is not waited for"
    page.shelf.put(0, face.id)
    sheet = await the_sheet()
    choice = sheet.parts[0].findChild(QRadioButton, f"consent-{Basis.AGREED.value}")
    assert choice is not None
    choice.click()
    sheet.parts[0].who.setText("Rear Admiral Hopper")
    await until(sheet.yes.isEnabled)
    sheet.yes.click()
    await until(lambda: live.state.everyone.source == face.id, PATIENCE_S)
