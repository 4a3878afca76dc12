"""Money: what jobs cost, what may be spent, and what was spent this month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.jobs.calls import payee_of
from faceswap_desktop.providers.protocol import Provider, Quote
from faceswap_desktop.services.offers import Outlook
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.charges import Charges

Known = dict[tuple[str, str, float], float | None]
"""What calls cost last time, by who is paid, the call's name and its estimate."""


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked before several jobs are handed over.

    Attributes:
        credits: What they will cost together, by provider.
        is_estimate: Some of it comes from the table of prices.
    """

    credits: dict[str, float]
    is_estimate: bool = True


class Spending:
    """Watches over the user's credits."""

    def __init__(self, charges: Charges, providers: Sequence[Provider], settings: SettingsService) -> None:
        self._charges = charges
        self._providers = {provider.info.id: provider for provider in providers}
        self._settings = settings

    async def month_total(self, provider_id: str) -> float:
        """Return what a provider has cost since the first of this month, in its own unit."""
        return await self._charges.month_total(provider_id)

    async def of_job(self, job: JobId) -> Charge | None:
        """Return what a job has cost so far; None for nothing."""
        return await self._charges.charge_of(job)

    async def may_spend(self, provider_id: str, credits: float) -> bool:
        """Say whether the monthly cap leaves room for so much more."""
        cap = self._settings.current.budget.monthly_cap
        return cap <= 0 or credits <= 0 or await self.month_total(provider_id) + credits <= cap

    async def outlook(self, recipe: Recipe) -> Outlook:
        """Say what a recipe will take and what stands in its way. Asks no service.

        Raises:
            UsageError: There is no such provider.
        """
        provider = self._providers.get(recipe.provider)
        if provider is None:
            raise UsageError(message("There is no provider called {provider}.", provider=recipe.provider))
        quote = await self._quote(provider, recipe, {})
        credits = quote.credits or 0.0
        return Outlook(
            quote,
            provider.fit(recipe),
            await provider.needs(recipe),
            exceeds_budget=not await self.may_spend(recipe.provider, credits),
            asks_first=self.asks_first(credits),
            month_total=await self.month_total(recipe.provider) if quote.credits is not None else 0.0,
        )

    def asks_first(self, credits: float) -> bool:
        """Say whether so much is more than the user wants to spend without being asked."""
        return credits > 0 and credits > self._settings.current.budget.confirm_above

    async def question(self, recipes: Sequence[Recipe]) -> Question | None:
        """Return what has to be asked before recipes are handed over together; None for nothing."""
        totals: dict[str, float] = {}
        known: Known = {}
        for recipe in recipes:
            quote = await self._quote(self._providers[recipe.provider], recipe, known)
            if quote.credits:
                totals[recipe.provider] = totals.get(recipe.provider, 0.0) + quote.credits
        return Question(totals) if any(self.asks_first(one) for one in totals.values()) else None

    async def _quote(self, provider: Provider, recipe: Recipe, known: Known) -> Quote:
        """Return a provider's quote, its estimate corrected by what such calls turned out to cost."""
        quote = await provider.quote(recipe)
        if quote.credits is None:
            return quote
        payee = payee_of(replace(recipe, in_sandbox=self._settings.current.sandbox.is_on))
        difference = 0.0
        for step in provider.steps(recipe):
            if step.is_paid and step.credits is not None:
                key = (payee, step.name, step.credits)
                if key not in known:
                    known[key] = await self._charges.last_charged(*key)
                charged = known[key]
                difference += 0.0 if charged is None else charged - step.credits
        return replace(quote, credits=max(quote.credits + difference, 0.0))
