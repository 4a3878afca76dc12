"""The same recipe at two providers: sent to a second one, and compared side by side when both results are there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.gallery import is_rival
from faceswap_desktop.ui.actions import ActionSpec, ActionTable, Menu
from faceswap_desktop.ui.bridge import Tasks, ask
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.gallery.cloud_words import Who, credits_text, tr, who_is
from faceswap_desktop.ui.gallery.job_help import agree_to_terms
from faceswap_desktop.ui.gallery.send_dialog import Choice, SendDialog, outlook_words, why_not
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.ui.pages.gallery import GalleryPage


class Duels:
    """Sends recipes to second providers, and remembers which jobs belong together until both are done."""

    def __init__(self, page: GalleryPage, context: AppContext, tasks: Tasks, providers: Mapping[str, Who]) -> None:
        self._page = page
        self._context = context
        self._tasks = tasks
        self._providers = providers
        self._pairs: list[tuple[JobId, JobId]] = []
        context.signals.job_changed.connect(self._on_job)

    def specs(self) -> list[ActionSpec]:
        """Return the actions."""
        return [
            ActionSpec(
                id="results.send",
                text=tr("Send to another provider…"),
                run=self._send_shown,
                shortcut="Ctrl+Shift+P",
                menu=Menu.RESULT,
                group=2,
                icon="share",
                is_enabled=False,
                tip=tr("Have the same made by another provider, to compare the two"),
            ),
            ActionSpec(
                id="results.duel",
                text=tr("Compare side by side"),
                run=self._compare_shown,
                shortcut="D",
                menu=Menu.RESULT,
                group=2,
                icon="split",
                is_enabled=False,
                tip=tr("Compare what two providers made of the same"),
            ),
        ]

    def refresh(self, table: ActionTable) -> None:
        """Enable what applies to what is chosen."""
        viewer = self._page.viewer
        is_duel = self._page.is_viewing and viewer.rival is not None
        is_live = any(one is not None and not one.recipe.can_be_made_again for one in self._page.known_results())
        table.set_enabled("results.send", self._page.chosen_count() == 1 and not is_duel and not is_live)
        table.set_enabled("results.duel", is_duel or self._pair() is not None)
        words = tr("Compare with the original") if is_duel else tr("Compare side by side")
        table.set_text("results.duel", words)
        if self._page.is_viewing and not is_duel and viewer.rivals:
            words = f"{words}: {self._title(viewer.rivals[0].recipe)}"
        table.action("results.duel").setToolTip(f"{words} (D)")

    def _pair(self) -> tuple[JobResult, JobResult] | None:
        """Return which two would be compared: the older on the left."""
        viewer = self._page.viewer
        if self._page.is_viewing:
            if viewer.result is None or not viewer.rivals:
                return None
            return viewer.rivals[0], viewer.result
        if self._page.chosen_count() != 2:
            return None
        first, second = (self._page.results.result_at(row) for row in self._page.cards.chosen_rows())
        if first is None or second is None or not is_rival(first.recipe, second.recipe):
            return None
        return (first, second) if first.created_at <= second.created_at else (second, first)

    async def _send_shown(self) -> None:
        for result in (await self._page.chosen_results())[:1]:
            await self.send(result.recipe, result.job)

    def _compare_shown(self) -> None:
        if self._page.is_viewing and self._page.viewer.rival is not None:
            self._page.viewer.compare_with_rival(None)
        elif (pair := self._pair()) is not None:
            self.compare(*pair)

    async def send(self, recipe: Recipe, job: JobId) -> None:
        """Ask to whom a recipe is to be sent as well, and what that costs; and hand it over.

        Args:
            recipe: What was or is done already.
            job: By this job.
        """
        dialog = SendDialog(self._page.window(), await self._choices(recipe))
        chosen: list[str] = []
        dialog.chosen.connect(chosen.append)
        dialog.settings_wanted.connect(lambda: self._context.navigator.go("settings", "accounts"))
        await ask(dialog)
        if not chosen:
            return
        other = self._context.swapping.at(recipe, chosen[0])
        if not await self._is_agreed(other) or not await self._may_cost(other):
            return
        [made] = await self._context.swapping.submit([other])
        self._pairs.append((job, made.id))
        self._context.notifications.info(
            tr("Handed over: {provider}. Both results can be compared when they are there.").replace(
                "{provider}", self._title(other)
            ),
            key="jobs",
        )

    def compare(self, left: JobResult, right: JobResult) -> None:
        """Show two results side by side."""
        self._page.open_duel(left, right)

    async def _choices(self, recipe: Recipe) -> list[Choice]:
        found = []
        for offer in self._context.offers.all():
            if offer.info.id == recipe.provider:
                continue
            try:
                outlook = await self._context.spending.outlook(self._context.swapping.at(recipe, offer.info.id))
            except FaceSwapError as error:
                why = " ".join(filter(None, (text_of(error.message), text_of(error.hint))))
                found.append(Choice(offer.info.id, offer.info.title, why, can_run=False))
                continue
            reason = why_not(outlook)
            words = reason or outlook_words(outlook, offer.info.unit, offer.info.kept_days)
            needs = frozenset(one.kind for one in outlook.needs)
            found.append(Choice(offer.info.id, offer.info.title, words, not reason, needs))
        return found

    async def _is_agreed(self, recipe: Recipe) -> bool:
        if self._context.accounts.terms(recipe.provider) is None:
            return True
        return await agree_to_terms(self._context, self._page, recipe.provider, self._title(recipe))

    async def _may_cost(self, recipe: Recipe) -> bool:
        question = await self._context.spending.question([recipe])
        if question is None:
            return True
        unit = who_is(self._providers, recipe.provider).unit
        amount = credits_text(question.credits[recipe.provider], unit)
        words = tr("about {amount}").format(amount=amount) if question.is_estimate else amount
        title = (
            tr("Spend {amount} at {provider}?").replace("{amount}", words).replace("{provider}", self._title(recipe))
        )
        text = tr("That is more than you want to spend without being asked.")
        return await confirm(self._page, title, text, tr("Send"))

    def _title(self, recipe: Recipe) -> str:
        return who_is(self._providers, recipe.provider).title

    # ------------------------------------------------------------------------------------------------ both are there

    def _on_job(self, event: JobChanged) -> None:
        job = event.job
        pairs = [pair for pair in self._pairs if job.id in pair]
        if pairs and job.state in {JobState.FAILED, JobState.DISMISSED, JobState.CANCELLED}:
            return
        if pairs and job.state is JobState.SUCCEEDED:
            self._tasks.start(self._tell(pairs))

    async def _tell(self, pairs: list[tuple[JobId, JobId]]) -> None:
        for pair in pairs:
            first, second = [await self._context.gallery.result_of(job) for job in pair]
            if first is None or second is None or pair not in self._pairs:
                continue
            self._pairs.remove(pair)
            words = tr("Both results are there: {left} and {right}.")
            self._context.notifications.post(
                Notice(
                    words.replace("{left}", self._title(first.recipe)).replace("{right}", self._title(second.recipe)),
                    Tone.SUCCESS,
                    button=tr("Compare side by side"),
                    action=partial(self._start_open, first.id, second.id),
                    key="duel",
                    seconds=0.0,
                )
            )

    def _start_open(self, left: ResultId, right: ResultId) -> None:
        self._tasks.start(self._open(left, right))

    async def _open(self, left: ResultId, right: ResultId) -> None:
        found = await self._context.gallery.results([left, right])
        if len(found) == 2 and not any(one.deleted_at for one in found):
            self._context.navigator.go("gallery")
            self.compare(*found)
        else:
            self._context.notifications.info(tr("One of the two results was deleted meanwhile."), key="duel")
