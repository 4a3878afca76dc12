"""What the Studio says of a service on the internet, in every theme."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from faceswap_desktop.compose import Program
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.ui.conftest import until
from tests.ui.studio.cloud_parts import put_crowd
from tests.visual.conftest import Compare
from tests.visual.test_video_parts import picture_of, settled

PARTS: Final = ("cloud-provider", "cloud-card", "cloud-refused")


async def test_a_service_in_the_inspector(
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    await program.settings.update("swap", provider="akool")
    await program.settings.update("budget", monthly_cap=5.0)
    put_crowd(program.studio, tmp_path / "clip.mp4", 2)
    plan = page.preflight
    await until(lambda: plan.plan.cloud is not None and plan.plan.ages == 2 and page.inspector.account.is_missing)
    await until(lambda: not plan.is_due and not page.tasks.is_running("preflight"))
    await picture_of(page.inspector.provider, compare, theme, "cloud-provider")
    await picture_of(page.inspector.card, compare, theme, "cloud-card")
    put_crowd(program.studio, tmp_path / "clip.mp4", 9)
    await until(lambda: plan.plan.refusals)
    await picture_of(page.inspector.card, compare, theme, "cloud-refused")
    await settled(page)
    assert not differences, "\n".join(differences)
