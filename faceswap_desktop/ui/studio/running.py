"""From the button to the jobs: what has to be asked before, and where to go for what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.consent.sheet import may_use
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.studio.cloud_words import money_text
from faceswap_desktop.ui.studio.fewer_faces import keep_largest
from faceswap_desktop.ui.studio.plan import WISH_OF_NEED, Sorted, Wish
from faceswap_desktop.ui.studio.preflight import Preflight
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.services.offers import Offer

_SECTIONS: Final = {
    Wish.ACCOUNT: "accounts",
    Wish.CREDITS: "accounts",
    Wish.HOSTING: "hosting",
    Wish.WEBHOOK: "webhook",
    Wish.BUDGET: "budget",
}
"""Sections of the settings."""


class Running(QObject):
    """Hands over what stands on the page, after asking what has to be asked. A second press does nothing.

    Attributes:
        started: Jobs are being handed over, or no more.
    """

    started = Signal(bool)

    def __init__(
        self, context: AppContext, tasks: Tasks, preflight: Preflight, stack: QUndoStack, window: QWidget
    ) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._preflight = preflight
        self._stack = stack
        self._window = window

    def run(self) -> None:
        """Run all that stands."""
        self._tasks.start(self._submit(), key="run")

    def go(self, wish: Wish) -> None:
        """Go where something can be set up, or do it otherwise."""
        if wish in _SECTIONS:
            self._context.navigator.go("settings", _SECTIONS[wish])
        elif wish is Wish.TERMS:
            self._tasks.start(self._agree_to_terms(), key="terms")
        elif wish is Wish.HERE:
            local = next((one for one in self._context.offers.all() if one.info.is_local), None)
            if local is not None:
                self._tasks.start(self._context.settings.update("swap", provider=local.info.id))
        elif wish is Wish.FEWER:
            plan = self._preflight.plan
            keep_largest(self._context.studio, self._stack, plan.refused, plan.most_faces)

    # Inside

    @property
    def _offer(self) -> Offer | None:
        return self._context.offers.of(self._context.current_settings.swap.provider)

    async def _submit(self) -> None:
        # From a command the page may not have been shown yet: what stands counts, not what was seen of it.
        recipes = await self._preflight.recipes()
        refused = list(self._preflight.sensitive().values())
        if not recipes and refused:
            self._post(" ".join(refused), "")
            return
        if not recipes:
            self._context.notifications.info(self.tr("Pair a face, or change an age, first."), key="run")
            return
        swap = self.tr("Remember and swap")
        if not await may_use(self._context, self._window, recipes, swap):
            return
        more = " ".join(refused)
        if (offer := self._offer) is not None and not offer.info.is_local:
            found = Sorted.of(recipes, [await self._context.spending.outlook(recipe) for recipe in recipes])
            if not await self._may_go(found, offer):
                return
            more = f"{more} {await self._more_words(found, offer)}".strip()
            recipes = list(found.recipes)
        self.started.emit(True)
        try:
            jobs = await self._context.swapping.submit(recipes)
        finally:
            self.started.emit(False)
        self._say_started(len(jobs), more)

    async def _may_go(self, found: Sorted, offer: Offer) -> bool:
        """Say what cannot be, ask what has to be asked; True if all of it is settled."""
        if not found.taken:
            self._post(found.refusals[0], "")
            return False
        for need in found.needs:
            wish = WISH_OF_NEED[need.kind]
            if wish is Wish.TERMS:
                if not await self._agree_to_terms():
                    return False
                continue
            self._post(text_of(need.message), text_of(need.hint), wish)
            return False
        return await self._may_spend(found.recipes, offer)

    async def _may_spend(self, recipes: Sequence[Recipe], offer: Offer) -> bool:
        question = await self._context.spending.question(recipes)
        if question is None:
            return True
        money = " + ".join(money_text(credits, offer.info.unit) for credits in question.credits.values())
        if self._context.current_settings.sandbox.is_on:
            text = self.tr("The sandbox is on: nothing is really spent.")
        elif question.is_estimate:
            text = self.tr(
                "An estimate by the prices in the settings; what {provider} really charges may be more or less."
            ).format(provider=offer.info.title)
        else:
            text = ""
        return await confirm(
            self._window,
            self.tr("Spend about {money} at {provider}?").format(money=money, provider=offer.info.title),
            text,
            self.tr("Spend about {money}").format(money=money),
        )

    async def _agree_to_terms(self) -> bool:
        offer = self._offer
        terms = self._context.accounts.terms(offer.info.id) if offer is not None else None
        if offer is None or terms is None:
            return True
        title = self.tr("{provider} asks this of you").format(provider=offer.info.title)
        if not await confirm(self._window, title, text_of(terms), self.tr("I agree")):
            return False
        await self._context.accounts.accept_terms(offer.info.id)
        return True

    def _post(self, words: str, hint: str, wish: Wish | None = None) -> None:
        button = self.tr("Set up…") if wish is not None else ""
        action = (lambda: self.go(wish)) if wish is not None else None
        self._context.notifications.post(Notice(words, Tone.WARNING, hint, button, action, key="run"))

    async def _more_words(self, found: Sorted, offer: Offer) -> str:
        """Say what has to be known beside that jobs were started; empty for nothing."""
        words = ""
        if not await self._context.spending.may_spend(offer.info.id, found.credits or 0.0):
            words = self.tr("What goes beyond the monthly cap waits until you raise it.")
        if found.refusals:
            words = f"{words} {self.tr('Left out: {why}').format(why=found.refusals[0])}".strip()
        return words

    def _say_started(self, count: int, more: str) -> None:
        words = self.tr("1 job started.") if count == 1 else self.tr("{n} jobs started.").format(n=count)
        words = f"{words} {more}".strip()
        self._context.notifications.withdraw("run")
        self._context.notifications.info(
            words,
            button=self.tr("Show in Gallery"),
            action=lambda: self._context.navigator.go("gallery"),
            key="jobs",
        )
