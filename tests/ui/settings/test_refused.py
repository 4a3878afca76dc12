"""What the settings say of the check, and the list of what was refused lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.sensitive import RefusedMedia, Role, Sighting, Verdict
from faceswap_desktop.storage.looks import LookStore, RefusalStore
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.settings.privacy import PrivacySection
from faceswap_desktop.ui.widgets.labels import PlainLabel
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, HOPPER, by_hand

VIDEO = (Sighting(0.8, frame=100, seconds=4.0), Sighting(0.9, frame=300, seconds=12.0))


async def refuse(program: Program, path: Path | str, *seen: Sighting, at: float, role: Role = Role.TARGET) -> None:
    """Write down that a file was refused."""
    await RefusalStore(program.database).add(RefusedMedia(role, str(path), Path(path).name, seen, at))


async def section(window: MainWindow) -> PrivacySection:
    """Show the section."""
    window.show_page("settings", "privacy")
    await until(lambda: window.findChild(PrivacySection) is not None)
    found = window.findChild(PrivacySection)
    assert isinstance(found, PrivacySection)
    page = window.current_page
    assert page is not None
    await until(lambda: not page.tasks._running)
    return found


async def test_it_says_what_is_looked_at_and_offers_no_switch(window: MainWindow) -> None:
    shown = await section(window)
    says = shown.findChild(PlainLabel, "privacy-check")
    assert isinstance(says, PlainLabel)
    assert "on this computer only" in says.text()
    assert "cannot be turned off" in says.text()
    assert shown.refused.rows == []
    switches = {one.objectName() for one in shown.findChildren(QAbstractButton)}
    assert not [name for name in switches if "check" in name or "sensitive" in name]


async def test_the_newest_are_listed_blurred_and_can_be_forgotten(window: MainWindow, program: Program) -> None:
    await program.pool.start(warm=False)
    await refuse(program, COLLINS, Sighting(0.9), at=1.7e9)
    await refuse(program, "/gone/clip.mp4", *VIDEO, at=1.7e9 + 60)
    await refuse(program, HOPPER, Sighting(0.7), at=1.7e9 + 120, role=Role.SOURCE)
    await LookStore(program.database).put(Verdict("kept", VIDEO))
    shown = await section(window)
    await until(lambda: len(shown.refused.rows) == 3)
    names = [row.accessibleName() for row in shown.refused.rows]
    assert names == [
        f"“{HOPPER.name}” was refused as a source face",
        "“clip.mp4” was refused",
        f"“{COLLINS.name}” was refused",
    ]
    assert shown.refused.rows[1].accessibleDescription().endswith("at 0:04, 0:12")
    await until(lambda: shown.refused.rows[2].view.picture is not None)
    assert shown.refused.rows[1].view.picture is None  # the file is gone; the words stay
    forget = shown.refused.rows[1].forget
    assert forget.accessibleName() == "Forget that clip.mp4 was refused"
    forget.setFocus(Qt.FocusReason.TabFocusReason)
    await by_hand(lambda: QTest.keyClick(forget, Qt.Key.Key_Space))
    await until(lambda: len(shown.refused.rows) == 2)
    assert [one.name for one in await program.refusals.newest()] == [HOPPER.name, COLLINS.name]
    await until(lambda: QApplication.focusWidget() is shown.refused.rows[1].forget)
    # Only the list forgets: the file is refused as before.
    assert await LookStore(program.database).get("kept") is not None


async def test_a_file_that_was_refused_often_is_listed_once(window: MainWindow, program: Program) -> None:
    for number in range(3):
        refused = RefusedMedia(Role.TARGET, str(COLLINS), COLLINS.name, (Sighting(0.9),), 1.7e9 + number, f"j{number}")
        await RefusalStore(program.database).add(refused)
    shown = await section(window)
    await until(lambda: len(shown.refused.rows) == 1)
