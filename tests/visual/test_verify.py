"""The Verify page: the first step, a signed file with its story, and one that was changed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from faceswap_desktop.compose import Program
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.verify import VerifyPage
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.signed_files import flip, sign
from tests.ui.conftest import until
from tests.visual.conftest import Compare
from tests.visual.test_pages import picture_of, settle

PARTS: Final = ("verify-empty", "verify-valid", "verify-changed")


async def test_the_verify_page(
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    await program.pool.start(warm=False)
    window.show_page("verify")
    await picture_of(window, compare, theme, "verify-empty")
    page = window.page("verify")
    assert isinstance(page, VerifyPage)
    first, second = tmp_path / "first.jpg", tmp_path / "party.jpg"
    await sign(program, first)
    await sign(program, second, path=first, original=first, what="Age changed by +10 years", provider="AKOOL")
    # The last byte of the picture: certificates are not always of one length, and what is seen shall be the same.
    changed = flip(second, tmp_path / "changed.jpg", 1 - 2.5 / second.stat().st_size)
    for name, files in (("valid", [second]), ("changed", [changed, second, first])):
        window.show_page("verify", files)
        await until(lambda: page.report is not None and not page.tasks.is_running("picture"))
        await picture_of(window, compare, theme, f"verify-{name}")
    await settle(window)
    assert not differences, "\n".join(differences)
