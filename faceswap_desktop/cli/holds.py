"""Why a job does not go on, in words for a terminal, and what helps."""

from __future__ import annotations

import time
from typing import Final

from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.domain.job import Failure, Hold, Job, JobState
from faceswap_desktop.domain.messages import Message, message

HOLDS_OF_PROVIDERS: Final = frozenset(
    {
        Hold.ACCOUNT,
        Hold.CREDITS,
        Hold.BUDGET,
        Hold.HOSTING,
        Hold.WEBHOOK,
        Hold.TERMS,
        Hold.NETWORK,
        Hold.SANDBOX,
        Hold.SIGNER,
    }
)
"""Those for which somebody outside of the program is asked: a service, or who signs."""

WAITS_FOR: Final = {
    Hold.PAUSED: "paused",
    Hold.CONSENT: "waits for consent",
    Hold.ACCOUNT: "waits for a key that is taken",
    Hold.CREDITS: "waits for credits",
    Hold.BUDGET: "waits: the monthly cap is reached",
    Hold.HOSTING: "waits for a place for its files",
    Hold.WEBHOOK: "waits for an address at which results can be delivered",
    Hold.TERMS: "waits for the provider's terms to be accepted",
    Hold.NETWORK: "waits for the network",
    Hold.SANDBOX: "waits until the sandbox is switched over",
    Hold.DISK: "waits for room on the disk",
    Hold.SIGNER: "waits for the signer",
}
"""Each hold in a few words."""

_SENTENCES: Final = {
    Hold.CONSENT: (
        "consent",
        "Nobody has said yet who a source face of the job is and whether it may be used. The job waits.",
        'Say it in the window, or with `faceswap-desktop jobs resume ID --consent "…"`.',
    ),
    Hold.ACCOUNT: (
        "account",
        "{provider} does not take the key, or none is set. The job waits; nothing was lost.",
        "Set one with `faceswap-desktop accounts set {provider}`, then `faceswap-desktop jobs resume`.",
    ),
    Hold.CREDITS: (
        "credits",
        "No credits are left at {provider}. The job waits; nothing was lost.",
        "Get new ones there, then `faceswap-desktop jobs resume`.",
    ),
    Hold.BUDGET: (
        "budget",
        "The job would cost more at {provider} than the monthly cap leaves. It waits; nothing was lost.",
        "Raise budget.monthly_cap, or wait for the next month; then `faceswap-desktop jobs resume`.",
    ),
    Hold.HOSTING: (
        "hosting",
        "{provider} fetches media from the internet, and the place for them is not set up or refuses. The job waits.",
        "`faceswap-desktop hosting test` says what is wrong; then `faceswap-desktop jobs resume`.",
    ),
    Hold.WEBHOOK: (
        "webhook",
        "{provider} delivers results to an address of yours, and none can be reached. The job waits.",
        "`faceswap-desktop webhook test` says what is wrong; then `faceswap-desktop jobs resume`.",
    ),
    Hold.TERMS: (
        "terms",
        "The terms of {provider} were not accepted. The job waits.",
        "`faceswap-desktop accounts accept {provider}`, then `faceswap-desktop jobs resume`.",
    ),
    Hold.NETWORK: (
        "network",
        "{provider} cannot be reached. The job waits; nothing was lost.",
        "It is tried again by itself while the program runs; `faceswap-desktop jobs resume` tries now.",
    ),
    Hold.SANDBOX: (
        "sandbox",
        "The job is of the sandbox, which is off, or of a real service while the sandbox is on. It waits.",
        "Change sandbox.is_on (with --set, or in the settings), then `faceswap-desktop jobs resume`; or cancel it.",
    ),
    Hold.DISK: (
        "disk-full",
        "The job waits for room on the disk. Nothing was lost.",
        "Free some space, then `faceswap-desktop jobs resume`.",
    ),
    Hold.SIGNER: (
        "signer",
        "The result is made, and could not be signed. It waits; nothing was lost.",
        "It is tried again by itself while the program runs; `faceswap-desktop jobs resume` tries now.",
    ),
}


def trouble_of(job: Job, title: str) -> Failure | None:
    """Return why a job failed, is unconfirmed or waits, with what helps; None if nothing is wrong.

    The kind of a failure is its own, that of a job that waits is the hold's name (``disk-full`` for the disk).

    Args:
        job: The job.
        title: What people call its provider.
    """
    if job.state is JobState.UNCONFIRMED and job.failure is not None:
        return Failure(job.failure.kind, job.failure.message, choice(job), job.failure.exit_code)
    is_told = job.hold is Hold.SIGNER or job.state not in {JobState.FINISHING, JobState.QUEUED}
    if job.failure is not None and is_told:
        return job.failure
    if job.hold not in _SENTENCES or job.state.is_final:
        return None
    kind, sentence, hint = _SENTENCES[job.hold]
    said = message(sentence, provider=title)
    if job.hold is Hold.CONSENT and job.failure is not None:
        # The gate said who it is about, and whether nobody was asked, it is over or it was withdrawn.
        said = message("{why} The job waits.", why=job.failure.message.text())
    code = ExitCode.CONSENT if job.hold is Hold.CONSENT else ExitCode.PROVIDER
    return Failure(kind, said, message(hint, provider=job.recipe.provider), code)


def choice(job: Job) -> Message:
    """Say what can be done about a call of which nobody knows whether it arrived."""
    return message(
        "Look at your account there. `faceswap-desktop jobs retry {id} --yes` sends it again, which may be charged a"
        " second time; `faceswap-desktop jobs dismiss {id}` ends it.",
        id=job.id,
    )


def next_try(job: Job, now: float | None = None) -> float | None:
    """Return in how many seconds a job is tried again by itself; None if it does not wait for that."""
    left = job.retry_at - (time.time() if now is None else now)
    is_waiting = not job.state.is_final and job.hold in {None, Hold.NETWORK, Hold.SIGNER}
    return left if is_waiting and left > 0 else None
