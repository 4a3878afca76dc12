"""What recipes will cost, what stands in their way, and what providers do not offer."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.cloud import NeedKind
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.recipe import FaceAge, Recipe
from faceswap_desktop.services.offers import Control
from faceswap_desktop.storage.charges import Booking
from faceswap_desktop.storage.ledger import Along, Ledger
from tests.unit.services.conftest import a_recipe


def at(provider: str) -> Recipe:
    """Return a recipe for a provider, of a picture that is large enough for all."""
    recipe = a_recipe()
    return replace(recipe, provider=provider, media=replace(recipe.media, size=Size(800, 800)))


async def test_this_computer_costs_nothing_and_needs_nothing(program: Program) -> None:
    outlook = await program.spending.outlook(at("on-device"))
    assert outlook.can_run
    assert (outlook.quote.credits, outlook.asks_first, outlook.quote.leaves_computer) == (None, False, False)
    assert await program.spending.question([at("on-device")] * 500) is None


async def test_a_service_says_what_leaves_for_where_and_what_is_missing(program: Program) -> None:
    outlook = await program.spending.outlook(at("akool"))
    assert outlook.quote.credits == program.settings.current.providers.akool.prices.swap_image
    assert outlook.quote.leaves_computer
    assert outlook.quote.destinations
    assert NeedKind.ACCOUNT in {need.kind for need in outlook.needs}
    assert not outlook.can_run
    await program.accounts.set("akool", {"akool.api_key": "key"})
    outlook = await program.spending.outlook(at("akool"))
    assert NeedKind.ACCOUNT not in {need.kind for need in outlook.needs}


async def test_prices_are_the_users(program: Program) -> None:
    await program.settings.update("providers.akool.prices", swap_image=7.5)
    assert (await program.spending.outlook(at("akool"))).quote.credits == 7.5


async def test_the_cap_counts_what_was_spent(program: Program) -> None:
    await program.settings.update("budget", monthly_cap=10.0)
    assert not (await program.spending.outlook(at("akool"))).exceeds_budget
    [job] = await program.queue.add([at("akool")])
    booking = Booking(job.id, "swap", 1, "akool", 8.0, is_estimate=True, is_confirmed=True, at=time.time())
    await Ledger(program.database).transition(
        job.id, {JobState.QUEUED}, JobState.PREPARING, along=Along(booking=booking)
    )
    outlook = await program.spending.outlook(at("akool"))
    assert (outlook.exceeds_budget, outlook.month_total) == (True, 8.0)
    assert await program.spending.may_spend("aigs", 10.0), "each provider counts in its own unit"
    assert not await program.spending.may_spend("akool", 2.5)


async def test_an_estimate_is_corrected_by_what_was_charged(program: Program) -> None:
    [job] = await program.queue.add([at("akool")])
    ledger = Ledger(program.database)
    sent = Booking(job.id, "swap", 1, "akool", 4.0)
    await ledger.transition(job.id, {JobState.QUEUED}, JobState.PREPARING, along=Along(booking=sent))
    assert (await program.spending.outlook(at("akool"))).quote.credits == 4.0, "an estimate teaches nothing"
    charged = replace(sent, credits=6.5, is_estimate=False, is_confirmed=True)
    await ledger.transition(job.id, {JobState.PREPARING}, JobState.SUBMITTING, along=Along(booking=charged))
    assert (await program.spending.outlook(at("akool"))).quote.credits == 6.5
    question = await program.spending.question([at("akool")] * 4)
    assert question is not None
    assert question.credits == {"akool": 26.0}
    await program.settings.update("providers.akool.prices", swap_image=5.0)
    assert (await program.spending.outlook(at("akool"))).quote.credits == 5.0, "the user knows better by now"


async def test_several_jobs_are_asked_about_together(program: Program) -> None:
    await program.settings.update("budget", confirm_above=10.0)
    assert await program.spending.question([at("akool"), at("akool")]) is None
    question = await program.spending.question([at("akool")] * 3)
    assert question is not None
    assert question.credits == {"akool": 12.0}
    await program.settings.update("budget", confirm_above=0.0)
    assert await program.spending.question([at("akool")]) is not None, "0 asks before all that costs"


async def test_an_unknown_provider_is_a_usage_error(program: Program) -> None:
    with pytest.raises(UsageError, match="nobody"):
        await program.spending.outlook(at("nobody"))


async def test_every_control_is_offered_or_refused_in_words(program: Program) -> None:
    offers = {offer.info.id: offer for offer in program.offers.all()}
    assert set(offers) == {"on-device", "akool", "aifaceswap", "aigs"}
    assert Control.TARGET_URL in offers["on-device"].lacks
    assert Control.SWAP_OPTIONS not in offers["on-device"].lacks
    assert not offers["on-device"].has_account
    assert Control.AGE not in offers["akool"].lacks
    assert Control.VIDEO not in offers["akool"].lacks
    for provider in ("aifaceswap", "aigs"):
        assert {Control.AGE, Control.VIDEO, Control.SWAP_OPTIONS} <= set(offers[provider].lacks)
        assert offers[provider].info.title in offers[provider].lacks[Control.AGE].text()
    assert Control.SEVERAL_FACES in offers["aigs"].lacks
    assert program.offers.of("nobody") is None


async def test_what_cannot_be_mended_is_refused_before_anything_is_sent(program: Program) -> None:
    recipe = at("aigs")
    aged = replace(recipe, ages=(FaceAge(recipe.pairings[0].target, 10),))
    assert program.offers.fit(aged).refusals
    large = replace(recipe, media=replace(recipe.media, size=Size(4000, 3000)))
    fit = program.offers.fit(large)
    assert fit.mends
    assert not fit.refusals
