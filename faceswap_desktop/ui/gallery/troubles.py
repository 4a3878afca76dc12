"""What keeps jobs from going on, put together by provider, in words and with what helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.ui.gallery.cloud_words import Who, next_try_words, tr
from faceswap_desktop.ui.gallery.refused import has_times, is_refused
from faceswap_desktop.ui.texts import text_of


class Help(StrEnum):
    """What can be done about a trouble."""

    ACCOUNTS = "accounts"
    ACCOUNT_PAGE = "account-page"
    BUDGET = "budget"
    HOSTING = "hosting"
    WEBHOOK = "webhook"
    TERMS = "terms"
    SANDBOX = "sandbox"
    TRY_NOW = "try-now"
    SEND_AGAIN = "send-again"
    DISMISS = "dismiss"
    STUDIO = "studio"
    PART = "part"
    CONSENT = "consent"
    CREDENTIALS = "credentials"
    SIGN_LATER = "sign-later"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Jobs of one provider that wait for the same; or one job in which something is refused.

    Attributes:
        hold: For what; None for calls of which nobody knows whether they arrived.
        provider: Its id.
        jobs: Which, in the order of the list.
        is_refusal: Something in its one job is refused as sensitive.
    """

    hold: Hold | None
    provider: str
    jobs: tuple[Job, ...]
    is_refusal: bool = False

    @property
    def key(self) -> str:
        """Tells it from the others."""
        if self.is_refusal:
            return f"refused {self.jobs[0].id}"
        return f"{self.hold or 'unconfirmed'} {self.provider}"

    @property
    def helps(self) -> tuple[Help, ...]:
        """What can be done, the likeliest first."""
        if self.is_refusal:
            if not self.jobs[0].recipe.can_be_made_again:
                return ()
            return (Help.STUDIO, Help.PART) if has_times(self.jobs[0]) else (Help.STUDIO,)
        return _HELPS[self.hold]


_HELPS: Final[dict[Hold | None, tuple[Help, ...]]] = {
    None: (Help.SEND_AGAIN, Help.DISMISS),
    Hold.CONSENT: (Help.CONSENT,),
    Hold.ACCOUNT: (Help.ACCOUNTS, Help.TRY_NOW),
    Hold.CREDITS: (Help.ACCOUNT_PAGE, Help.TRY_NOW),
    Hold.BUDGET: (Help.BUDGET, Help.TRY_NOW),
    Hold.HOSTING: (Help.HOSTING, Help.TRY_NOW),
    Hold.WEBHOOK: (Help.WEBHOOK, Help.TRY_NOW),
    Hold.TERMS: (Help.TERMS,),
    Hold.NETWORK: (Help.TRY_NOW,),
    Hold.SANDBOX: (Help.SANDBOX,),
    Hold.SIGNER: (Help.TRY_NOW, Help.SIGN_LATER, Help.CREDENTIALS),
}
"""In the order in which they are shown."""


def troubles_of(jobs: Iterable[Job]) -> list[Trouble]:
    """Put jobs together that wait for the same at the same provider; pauses and the like are no trouble.

    What is refused stands by itself, job by job.
    """
    found: dict[str, Trouble] = {}
    for job in jobs:
        if is_refused(job):
            refusal = Trouble(None, job.recipe.provider, (job,), is_refusal=True)
            found[refusal.key] = refusal
            continue
        hold = None if job.state is JobState.UNCONFIRMED else job.hold
        is_one = job.state is JobState.UNCONFIRMED or (hold in _HELPS and hold is not None and not job.cancel_requested)
        if not is_one or job.state.is_final:
            continue
        trouble = Trouble(hold, job.recipe.provider, (job,))
        known = found.get(trouble.key)
        found[trouble.key] = replace(known, jobs=(*known.jobs, job)) if known is not None else trouble
    order = list(_HELPS)
    return sorted(found.values(), key=lambda one: (order.index(one.hold), one.is_refusal))


def trouble_words(trouble: Trouble, who: Who) -> str:
    """Say what is the matter with some jobs, and when they are tried again by themselves."""
    if trouble.is_refusal:
        failure = trouble.jobs[0].failure
        return " ".join(filter(None, (text_of(failure.message), text_of(failure.hint)))) if failure is not None else ""
    if trouble.hold is None:
        return _unconfirmed_words(trouble, who)
    if trouble.hold is Hold.SIGNER:
        return _signer_words(trouble)
    if trouble.hold is Hold.CONSENT:
        return _consent_words(trouble)
    count = len(trouble.jobs)
    jobs = tr("1 job waits") if count == 1 else tr("{n} jobs wait").format(n=count)
    in_sandbox = trouble.jobs[0].recipe.in_sandbox
    why = {
        Hold.ACCOUNT: tr("{provider} has no key that it takes."),
        Hold.CREDITS: tr("the account at {provider} has too little left."),
        Hold.BUDGET: tr("this month's cap for {provider} does not leave enough."),
        Hold.HOSTING: tr("{provider} fetches files from an address, and there is no place for them yet."),
        Hold.WEBHOOK: tr("{provider} delivers results to an address, and there is none yet."),
        Hold.TERMS: tr("{provider} wants its terms to be accepted first."),
        Hold.NETWORK: tr("{provider} cannot be reached.") if not who.is_local else tr("the network is away."),
        Hold.SANDBOX: tr("ordered in the sandbox, and the sandbox is off.")
        if in_sandbox
        else tr("the sandbox is on and stands in for {provider}."),
    }[trouble.hold]
    words = tr("{jobs}: {why}").format(jobs=jobs, why=why.replace("{provider}", who.title))
    tries = [next_try_words(job) for job in sorted(trouble.jobs, key=lambda job: job.retry_at) if job.retry_at]
    return f"{words} {_sentence(tries[0])}" if tries and tries[0] else words


def help_words(help_: Help) -> str:
    """Return what a button says."""
    return {
        Help.ACCOUNTS: tr("Open accounts"),
        Help.ACCOUNT_PAGE: tr("Open account page"),
        Help.BUDGET: tr("Change the cap"),
        Help.HOSTING: tr("Set up hosting"),
        Help.WEBHOOK: tr("Set up deliveries"),
        Help.TERMS: tr("Read the terms…"),
        Help.SANDBOX: tr("Go to the sandbox"),
        Help.TRY_NOW: tr("Try now"),
        Help.SEND_AGAIN: tr("Send again…"),
        Help.DISMISS: tr("Dismiss…"),
        Help.STUDIO: tr("Open in the Studio"),
        Help.PART: tr("Choose another part"),
        Help.CONSENT: tr("Say who this is…"),
        Help.CREDENTIALS: tr("Content Credentials settings"),
        Help.SIGN_LATER: tr("Sign later"),
    }[help_]


def _consent_words(trouble: Trouble) -> str:
    count = len(trouble.jobs)
    jobs = tr("1 job waits.") if count == 1 else tr("{n} jobs wait.").format(n=count)
    # The gate told why: not asked, over or withdrawn. The same person is named once.
    why = list(dict.fromkeys(text_of(job.failure.message) for job in trouble.jobs if job.failure is not None))
    return " ".join((jobs, *(why or [tr("Nobody has said yet whether a source face may be used.")])))


def _signer_words(trouble: Trouble) -> str:
    count = len(trouble.jobs)
    made = (
        tr("1 result is made and waits to be signed.")
        if count == 1
        else tr("{n} results are made and wait to be signed.")
    )
    why = [text_of(job.failure.message) for job in trouble.jobs if job.failure is not None]
    tries = [next_try_words(job) for job in sorted(trouble.jobs, key=lambda job: job.retry_at) if job.retry_at]
    parts = (made.replace("{n}", str(count)), *why[:1], _sentence(tries[0]) if tries and tries[0] else "")
    return " ".join(part for part in parts if part)


def _unconfirmed_words(trouble: Trouble, who: Who) -> str:
    first = trouble.jobs[0].failure
    if len(trouble.jobs) == 1 and first is not None:
        return " ".join(filter(None, (text_of(first.message), text_of(first.hint))))
    if len(trouble.jobs) == 1:
        return tr("It cannot be told whether 1 job arrived at {provider}; it may have been charged.").replace(
            "{provider}", who.title
        )
    words = tr("It cannot be told whether {n} jobs arrived at {provider}; they may have been charged.")
    return words.replace("{n}", str(len(trouble.jobs))).replace("{provider}", who.title)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
