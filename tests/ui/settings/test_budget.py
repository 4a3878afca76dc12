"""Prices and budget: numbers that are taken at once, what was spent, and the way back."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.storage.charges import Booking
from faceswap_desktop.storage.ledger import Along, Ledger
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.widgets.numbers import DecimalField
from tests.ui.conftest import until
from tests.ui.settings.parts import button, label, opened, part, stored
from tests.unit.services.conftest import a_recipe

PRICES = {
    "akool": ("swap_image", "swap_video", "reage_image", "reage_video", "live"),
    "aifaceswap": ("swap", "extract_face", "multi_swap"),
    "aigs": ("swap",),
}


async def test_every_price_can_be_changed_and_goes_back(window: MainWindow, context: AppContext) -> None:
    await opened(window, "budget")
    for provider, keys in PRICES.items():
        usual = getattr(context.settings.current.providers, provider).prices
        reset = button(window, f"prices-{provider}-reset")
        assert set(keys) == set(type(usual).__dataclass_fields__), "each price has its field"
        assert not reset.isEnabled()
        for number, key in enumerate(keys):
            field = part(window, DecimalField, f"price-{provider}-{key.replace('_', '-')}")
            assert field.value() == getattr(usual, key)
            field.setValue(2.25 + number)
        await until(lambda provider=provider, keys=keys: set_prices(context, provider, keys))  # type: ignore[misc]
        await until(reset.isEnabled)
        reset.click()
        await until(lambda provider=provider, usual=usual: prices_of(context, provider) == usual)  # type: ignore[misc]
        await until(lambda reset=reset: not reset.isEnabled())  # type: ignore[misc]


def prices_of(context: AppContext, provider: str) -> object:
    return getattr(context.settings.current.providers, provider).prices


def set_prices(context: AppContext, provider: str, keys: tuple[str, ...]) -> bool:
    return [getattr(prices_of(context, provider), key) for key in keys] == [2.25 + one for one in range(len(keys))]


async def test_figures_are_written_as_people_write_them(window: MainWindow) -> None:
    await opened(window, "budget")
    field = part(window, DecimalField, "price-akool-swap-image")
    assert field.text() == "4 credits"
    field.setValue(2.5)
    assert field.text() == "2.5 credits"
    field.setValue(0)
    assert field.text() == "0 credits"
    assert part(window, DecimalField, "price-aifaceswap-swap").text() == "2 points"


@pytest.mark.parametrize("typed", ["-5", "abc", "nan", ""])
async def test_what_is_no_number_does_not_get_in(window: MainWindow, context: AppContext, typed: str) -> None:
    await opened(window, "budget")
    field = part(window, DecimalField, "settings-monthly-cap")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, typed)
    field.clearFocus()
    assert context.settings.current.budget.monthly_cap >= 0
    assert field.value() == context.settings.current.budget.monthly_cap
    assert field.buttonSymbols() is not QAbstractSpinBox.ButtonSymbols.NoButtons


async def test_the_cap_and_the_threshold_are_stored_and_0_is_said_in_words(
    window: MainWindow, context: AppContext
) -> None:
    await opened(window, "budget")
    cap, ask = (part(window, DecimalField, f"settings-{one}") for one in ("monthly-cap", "confirm-above"))
    assert cap.text() == "No limit"
    cap.setValue(100)
    ask.setValue(0)
    assert ask.text() == "Always ask"
    await until(lambda: context.settings.current.budget.monthly_cap == 100)
    await until(lambda: context.settings.current.budget.confirm_above == 0)
    await until(lambda: "monthly_cap = 100" in stored(context))


async def test_what_was_spent_this_month(window: MainWindow, context: AppContext, program: Program) -> None:
    await opened(window, "budget")
    await until(lambda: label(window, "budget-akool-total") == "0 credits spent this month")
    [job] = await program.queue.add([replace(a_recipe(), provider="akool")])
    booking = Booking(job.id, "swap", 1, "akool", 8.5, is_estimate=True, is_confirmed=True, at=time.time())
    await Ledger(program.database).transition(
        job.id, {JobState.QUEUED}, JobState.PREPARING, along=Along(booking=booking)
    )
    window.show_page("settings", "accounts")
    window.show_page("settings", "budget")
    await until(lambda: label(window, "budget-akool-total") == "8.5 credits spent this month")
    await context.settings.update("budget", monthly_cap=1000.0)
    await until(lambda: label(window, "budget-akool-total") == "8.5 of 1,000 credits spent this month")
    assert label(window, "budget-aifaceswap-total") == "0 of 1,000 points spent this month"
