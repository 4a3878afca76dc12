"""How work at services on the internet is put into words: steps, bytes, what jobs wait for, what they cost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.domain.work import Transfer
from faceswap_desktop.services.offers import Offer
from faceswap_desktop.ui.texts import duration_text, size_text

_DAY_S: Final = 86_400
_KILO: Final = 1024
_UNITS: Final = ("kB", "MB", "GB")
_SUPPORT_IDS: Final = ("remote_id", "job_id", "trx_id", "request_id")
"""What of a call's values people name to a provider's support, in this order."""


_OWN_NAMES: Final = {("akool", "remote_id"): "_id", ("", "remote_id"): "task_id"}


def tr(text: str) -> str:
    """Translate a text of the Gallery."""
    return QCoreApplication.translate("Gallery", text)


@dataclass(frozen=True, slots=True)
class Who:
    """What the Gallery has to know of a provider.

    Attributes:
        title: What people call it.
        is_local: It works on this computer.
        unit: What it counts in; empty where nothing costs.
        can_delete: It deletes what it keeps when it is asked to.
        delivers_only: A result that nobody receives is lost.
    """

    title: str
    is_local: bool = True
    unit: str = ""
    can_delete: bool = False
    delivers_only: bool = False


NOBODY: Final = Who("")


def everybody(offers: Iterable[Offer]) -> dict[str, Who]:
    """Return what is known of each provider, by its id."""
    return {
        one.info.id: Who(one.info.title, one.info.is_local, one.info.unit, one.can_delete, one.info.delivers_only)
        for one in offers
    }


def who_is(known: Mapping[str, Who], provider: str) -> Who:
    """Return what is known of a provider; one that is not there any more is known by its id only."""
    return known.get(provider) or Who(provider)


def step_words(step: str, title: str, transfer: Transfer | None = None) -> str:
    """Say what is being done for a job at a provider; empty for a step that is none of theirs.

    Args:
        step: As ``WorkContext.report`` names it.
        title: The provider's.
        transfer: How many bytes have gone or come.
    """
    words = {
        "copy": tr("Making copies to send"),
        "upload": tr("Uploading"),
        "detect": tr("{provider} looks for faces"),
        "queue": tr("Waiting at {provider}"),
        "process": tr("{provider} is working"),
        "deliver": tr("Waiting for {provider} to deliver"),
        "download": tr("Downloading"),
    }.get(step, "")
    words = words.replace("{provider}", title)
    if words and transfer is not None and step in {"upload", "download"}:
        return f"{words} {transfer_text(transfer)}"
    return words


def state_words(state: JobState, title: str) -> str:
    """Say where a job at a provider stands before it has told of a step."""
    return {
        JobState.PREPARING: tr("Preparing"),
        JobState.SUBMITTING: tr("Sending to {provider}").replace("{provider}", title),
        JobState.RUNNING: tr("Waiting at {provider}").replace("{provider}", title),
        JobState.FETCHING: tr("Downloading"),
        JobState.FINISHING: tr("Writing the file"),
    }.get(state, tr("Working"))


def transfer_text(transfer: Transfer) -> str:
    """Return how many bytes have gone or come: "3.1 of 9.8 MB"; without the whole where that is not known."""
    if transfer.total <= 0:
        return size_text(transfer.done)
    power = next((power for power in (1, 2) if transfer.total < _KILO ** (power + 1)), 3)
    places = 0 if power == 1 else 1
    done, total = (
        QLocale().toString(float(one) / _KILO**power, "f", places) for one in (transfer.done, transfer.total)
    )
    return tr("{done} of {total} {unit}").format(done=done, total=total, unit=_UNITS[power - 1])


def hold_words(hold: Hold, title: str, *, in_sandbox: bool = False) -> str:
    """Say for what a job on hold waits.

    Args:
        hold: Why it does not go on.
        title: Its provider's.
        in_sandbox: It was ordered in the sandbox.
    """
    words = {
        Hold.PAUSED: tr("Paused"),
        Hold.CONSENT: tr("Waits for consent"),
        Hold.ACCOUNT: tr("Waits: {provider} has no key that it takes"),
        Hold.CREDITS: tr("Waits: the account at {provider} has too little left"),
        Hold.BUDGET: tr("Waits: it would exceed your monthly cap"),
        Hold.HOSTING: tr("Waits: {provider} needs a place from which it can fetch the files"),
        Hold.WEBHOOK: tr("Waits: {provider} needs an address to which it can deliver"),
        Hold.TERMS: tr("Waits: the terms of {provider} are not accepted yet"),
        Hold.NETWORK: tr("Waits for the network"),
        Hold.SANDBOX: tr("Waits: it is of the sandbox, which is off")
        if in_sandbox
        else tr("Waits: the sandbox stands in for {provider}"),
        Hold.SANDBOX: tr("Waits until the sandbox is switched over"),
        Hold.DISK: tr("Waits: the disk is full. It goes on by itself when there is room."),
        Hold.SIGNER: tr("Made, and waits to be signed"),
    }
    return words[hold].replace("{provider}", title)


def next_try_words(job: Job, now: float | None = None) -> str:
    """Return when a job is tried again by itself: "next try in 2 min"; empty where it is not."""
    left = job.retry_at - (time.time() if now is None else now)
    if not job.retry_at or job.state.is_final or job.hold not in {None, Hold.NETWORK, Hold.SIGNER}:
        return ""
    if left <= 0:
        return tr("next try now")
    if left < 60:
        return tr("next try in {time}").format(time=duration_text(max(1.0, left)))
    return tr("next try in {m} min").format(m=round(left / 60))


def credits_text(credits: float, unit: str) -> str:
    """Return an amount with its unit: "4 credits", "1 call"."""
    amount = QLocale().toString(credits, "f", _places(credits))
    one, many = {
        "credits": (tr("{n} credit"), tr("{n} credits")),
        "points": (tr("{n} point"), tr("{n} points")),
        "calls": (tr("{n} call"), tr("{n} calls")),
    }.get(unit, ("{n} " + unit, "{n} " + unit))
    return (one if credits == 1 else many).replace("{n}", amount).strip()


def charge_words(charge: Charge, unit: str, *, is_over: bool = True) -> str:
    """Say what a job has cost, or will: "4 credits charged", "about 4 credits".

    Args:
        charge: How much.
        unit: In what.
        is_over: The work was handed over; else it is what it will about cost.
    """
    amount = credits_text(charge.credits, unit)
    if not charge.is_estimate:
        return tr("{amount} charged").format(amount=amount)
    return (tr("about {amount}, estimated") if is_over else tr("about {amount}")).format(amount=amount)


def day_text(seconds: float) -> str:
    """Return a day as people say it: "28 Nov", with the year where it is another one."""
    date = QDateTime.fromSecsSinceEpoch(int(seconds)).date()
    is_this_year = date.year() == QDate.currentDate().year()
    return QLocale().toString(date, "d MMM" if is_this_year else "d MMM yyyy")


def left_text(seconds: float) -> str:
    """Return how much time is left, roughly: "6 days", "5 h", "12 min"."""
    if seconds >= 2 * _DAY_S:
        return tr("{n} days").format(n=int(seconds // _DAY_S))
    if seconds >= 2 * 3600:
        return tr("{n} h").format(n=int(seconds // 3600))
    return tr("{n} min").format(n=max(1, int(seconds // 60)))


def support_ids(provider: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a provider's support can find a call by, as pairs of its own name and a value; each value once.

    Args:
        provider: Its id.
        values: Of the call's handle.
    """
    found: dict[str, str] = {}
    for name in _SUPPORT_IDS:
        value = values.get(name, "")
        if value and value not in found:
            found[value] = _OWN_NAMES.get((provider, name), _OWN_NAMES.get(("", name), name))
    return [(name, value) for value, name in found.items()]


def _places(credits: float) -> int:
    return 0 if round(credits, 2) == round(credits) else 2 if round(credits, 2) != round(credits, 1) else 1
