"""What is done about jobs that do not go on: settings opened, terms read, calls sent again or dismissed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.consent.sheet import may_use
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.files import open_page
from faceswap_desktop.ui.gallery.cloud_words import Who, charge_words, tr, who_is
from faceswap_desktop.ui.gallery.refused import without_refused
from faceswap_desktop.ui.gallery.troubles import Help, Trouble
from faceswap_desktop.ui.texts import text_of

_SECTIONS: Final = {
    Help.ACCOUNTS: "accounts",
    Help.BUDGET: "budget",
    Help.HOSTING: "hosting",
    Help.WEBHOOK: "webhook",
    Help.SANDBOX: "sandbox",
    Help.CREDENTIALS: "credentials",
}
"""Where in the settings."""


class JobHelp:
    """Does what helps."""

    def __init__(self, context: AppContext, tasks: Tasks, providers: Mapping[str, Who], parent: QWidget) -> None:
        self._context = context
        self._tasks = tasks
        self._providers = providers
        self._parent = parent

    def do(self, trouble: Trouble, wanted: Help) -> None:
        """Do what the user chose about a trouble."""
        if (section := _SECTIONS.get(wanted)) is not None:
            self._context.navigator.go("settings", section)
            return
        match wanted:
            case Help.ACCOUNT_PAGE:
                self._tasks.start(self._open_account_page(trouble.provider))
            case Help.TERMS:
                title = who_is(self._providers, trouble.provider).title
                terms = agree_to_terms(self._context, self._parent, trouble.provider, title)
                self._tasks.start(terms, key="terms")
            case Help.TRY_NOW if trouble.hold is not None:
                self._tasks.start(self._context.queue.release(trouble.hold, trouble.provider), key="try-now")
            case Help.STUDIO:
                self._context.navigator.go("studio", trouble.jobs[0].recipe)
            case Help.PART:
                self._tasks.start(self._choose_part(trouble.jobs[0]), key="part")
            case Help.SIGN_LATER:
                wanted_jobs = [job.id for job in trouble.jobs]
                self._tasks.start(self._context.queue.sign_later(wanted_jobs), key="sign-later")
            case Help.SEND_AGAIN:
                self._tasks.start(self.send_again(trouble.jobs), key="unconfirmed")
            case Help.CONSENT:
                self._tasks.start(self.ask_who(trouble.jobs), key="consent")
            case Help.DISMISS:
                self._tasks.start(self.dismiss(trouble.jobs), key="unconfirmed")

    async def ask_who(self, jobs: Sequence[Job]) -> None:
        """Ask who the source faces of jobs are; the jobs then go on."""
        recipes = [job.recipe for job in jobs]
        if await may_use(self._context, self._parent, recipes, tr("Remember and go on")):
            # Also where it was said elsewhere meanwhile.
            await self._context.queue.release(Hold.CONSENT)

    async def send_again(self, jobs: Sequence[Job]) -> None:
        """Ask whether unconfirmed jobs are to be sent once more, and do it."""
        ids = [job.id for job in jobs if job.state is JobState.UNCONFIRMED]
        if not ids:
            return
        title = tr("Send it again?") if len(ids) == 1 else tr("Send {n} jobs again?").format(n=len(ids))
        words = [
            tr("If what was sent did arrive, it is paid for twice, and you get the result of the second try only."),
            tr("Look at your account at {provider} first: it shows what was charged.").replace(
                "{provider}", self._titles(jobs)
            ),
            *([await self._cost_words(jobs[0])] if len(ids) == 1 else []),
        ]
        if await confirm(self._parent, title, " ".join(filter(None, words)), tr("Send again"), is_dangerous=True):
            await self._context.queue.send_again(ids)

    async def dismiss(self, jobs: Sequence[Job]) -> None:
        """Ask whether unconfirmed jobs are to be given up, and do it."""
        ids = [job.id for job in jobs if job.state is JobState.UNCONFIRMED]
        if not ids:
            return
        title = tr("Dismiss it?") if len(ids) == 1 else tr("Dismiss {n} jobs?").format(n=len(ids))
        text = tr(
            "The program stops waiting for it. If {provider} did do the work, its result is not fetched, "
            "and what it charged stays charged."
        ).replace("{provider}", self._titles(jobs))
        if await confirm(self._parent, title, text, tr("Dismiss"), is_dangerous=True):
            await self._context.queue.dismiss(ids)

    async def may_cancel(self, jobs: Sequence[Job]) -> bool:
        """Ask before work is cancelled that a provider has taken, and may charge; anything else needs no question."""
        taken = [job for job in jobs if self._is_taken(job)]
        if not taken:
            return True
        count = len(jobs)
        title = tr("Cancel this job?") if count == 1 else tr("Cancel {n} jobs?").format(n=count)
        at = tr("{provider} has the work already.") if len(taken) == count else tr("{provider} has some of it already.")
        text = " ".join(
            (
                at.replace("{provider}", self._titles(taken)),
                tr(
                    "It is told to stop where it can be told. What it has charged, or still charges, may not come back."
                ),
            )
        )
        return await confirm(
            self._parent, title, text, tr("Cancel job") if count == 1 else tr("Cancel jobs"), no=_keep()
        )

    async def _choose_part(self, job: Job) -> None:
        recipe = await without_refused(self._context, job)
        if recipe is None:
            words = tr("Nowhere in this video is there a second or more without it.")
            self._context.notifications.info(words, key="part")
        self._context.navigator.go("studio", recipe or job.recipe)

    async def _open_account_page(self, provider: str) -> None:
        open_page(self._context.accounts.info(provider).key_page)

    async def _cost_words(self, job: Job) -> str:
        charge = await self._context.queue.charge_of(job.id)
        if charge is None:
            return ""
        unit = who_is(self._providers, job.recipe.provider).unit
        return tr("One try costs {amount}.").format(amount=charge_words(charge, unit, is_over=False))

    def _is_taken(self, job: Job) -> bool:
        remote = not who_is(self._providers, job.recipe.provider).is_local
        return remote and job.state in {JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING}

    def _titles(self, jobs: Sequence[Job]) -> str:
        return ", ".join(dict.fromkeys(who_is(self._providers, job.recipe.provider).title for job in jobs))


async def agree_to_terms(context: AppContext, parent: QWidget, provider: str, title: str) -> bool:
    """Have the user read and accept what a provider demands of its users, once; jobs that wait for it go on.

    Args:
        context: Of the window.
        parent: A widget of the window.
        provider: Its id.
        title: What people call it.

    Returns:
        Whether it is accepted now.
    """
    terms = context.accounts.terms(provider)
    question = tr("{provider} asks this of you").replace("{provider}", title)
    if terms is not None and not await confirm(parent, question, text_of(terms), tr("I agree")):
        return False
    await context.accounts.accept_terms(provider)
    return True


def _keep() -> str:
    return tr("Keep it running")
