"""Settings in force, and those in the file."""

from __future__ import annotations

from pathlib import Path

from faceswap_desktop.compose import build, load
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.storage.paths import Home


async def test_what_the_command_line_overrides_is_not_stored_with_something_else(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    program = await build(home, ["sandbox.is_on=true", "budget.monthly_cap=5", "providers.akool.prices.live=7"])
    try:
        settings = program.settings
        assert (settings.current.sandbox.is_on, settings.stored) == (True, Settings())
        await settings.update("providers", accepted_terms="aigs:1")
        await settings.update("budget", confirm_above=1.0)
        assert settings.current.budget.monthly_cap == 5
        stored, _ = load(home)
        assert stored == settings.stored
        assert (stored.providers.accepted_terms, stored.budget.confirm_above) == ("aigs:1", 1.0)
        assert not stored.sandbox.is_on
        assert (stored.budget.monthly_cap, stored.providers.akool.prices.live) == (0.0, 20.0)
        # Who changes the very setting means it.
        await settings.update("sandbox", is_on=True)
        assert load(home)[0].sandbox.is_on
        await settings.update("sandbox", is_on=False)
        assert not load(home)[0].sandbox.is_on
        assert not settings.current.sandbox.is_on
    finally:
        await program.close()
