"""Addresses at which services deliver results (``domain.cloud.Mailbox``).

The way in is the user's: a public address that leads to a port of this computer, or a relay that this program listens
to (``services.listening``). It is on only while a job waits. Whatever comes is handed to ``receive``, by either way.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import logging
import math
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.cloud import Delivery
from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable, UserError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.checks import CheckNotes, CheckReport, OnStep
from faceswap_desktop.services.listening import Listening, closed
from faceswap_desktop.services.webhook_trial import WebhookTrial
from faceswap_desktop.storage.mail import MailboxRow, MailStore
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.webhook import Intake

logger = logging.getLogger(__name__)

SECRET_BYTES: Final = 32
FIRST_WORD_S: Final = 30.0
"""How long a relay may take to say that it is there."""
_MOST_FIELDS: Final = 64
_KEPT_CLOSED_S: Final = 30 * 86400.0

Values = Mapping[str, str | int | float]
Parser = Callable[[dict[str, Any]], "Values | Awaitable[Values | None] | None"]
"""Checks what came for a provider and returns the documented fields; None for something genuine that is no result yet.

Raises:
    ProviderRejected, ValueError: It is forged, or not what the provider documents.
"""
OnDelivery = Callable[[Delivery], Awaitable[object]]


@dataclass(slots=True)
class _Box:
    job: JobId
    step: str
    provider: str
    is_full: bool
    is_closed: bool = False


class JobMailbox:
    """Mailboxes of jobs.

    Args:
        settings: Returns the settings as they are now.
        secret: Returns a secret by its name.
        client: Makes the way to an address, for the settings page's trial.
        store: Where mailboxes and what lies in them are kept.
        parsers: By the provider's id.

    Attributes:
        on_delivery: Told of each delivery once it is on the disk, and by ``start`` of those whose job still waits. The
            sender does not wait for it.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        secret: Callable[[str], Awaitable[str | None]],
        client: Callable[[str, Callable[[], str]], ApiClient],
        store: MailStore,
        parsers: Mapping[str, Parser],
    ) -> None:
        self._store = store
        self._parsers = parsers
        # By a digest of the secret: how long a look-up takes tells nothing about the secrets that there are.
        self._boxes: dict[bytes, _Box] = {}
        self._bells: defaultdict[tuple[JobId, str], set[asyncio.Event]] = defaultdict(set)
        self._telling: set[asyncio.Task[None]] = set()
        self._is_loaded = False
        self._loading = asyncio.Lock()
        self._listening = Listening(settings, secret, self.receive)
        self._trial = WebhookTrial(self._listening, settings, client)
        self.on_delivery: OnDelivery | None = None

    @property
    def why_closed(self) -> Message | None:
        """Why nothing can be received; None if it can."""
        return self._listening.why_closed

    @property
    def problem(self) -> Message | None:
        """Why nothing comes at the moment although jobs wait; None for nothing wrong."""
        return self._listening.problem

    @property
    def is_listening(self) -> bool:
        """Whether anything could come now."""
        return self._listening.is_on

    @property
    def waiting_jobs(self) -> tuple[JobId, ...]:
        """Jobs for which a service has yet to deliver."""
        return tuple(dict.fromkeys(box.job for box in self._boxes.values() if not box.is_full and not box.is_closed))

    def waiting_at(self, providers: Collection[str]) -> tuple[JobId, ...]:
        """Return the jobs for which one of these has yet to deliver: those who tell a result in no other way."""
        waiting = [box for box in self._boxes.values() if not box.is_full and not box.is_closed]
        return tuple(dict.fromkeys(box.job for box in waiting if box.provider in providers))

    @property
    def loses_when_closed(self) -> bool:
        """Whether what is delivered while the program is closed is lost, because no relay keeps it."""
        return not self._listening.is_storing

    # ------------------------------------------------------------------------------------------------- for the program

    async def start(self) -> None:
        """Listen again for what jobs waited for when the program ended, and tell of what had come by then.

        Raises:
            StorageError: The mailboxes cannot be read.
        """
        await self._load()
        await self._store.forget_closed(time.time() - _KEPT_CLOSED_S)
        for row in await self._store.all_open():
            if row.body is not None:
                self._tell(_delivery(row))
        await self.refresh()

    async def refresh(self) -> None:
        """Listen, or stop listening, as the settings and the jobs want it now. What stands in the way is in the log."""
        try:
            await self._listen()
        except ProviderRejected as error:
            logger.info("deliveries cannot be received: %s", error.message.template)

    async def stop(self) -> None:
        """Stop listening; mailboxes stay as they are for the next start."""
        await self._listening.turn_off()
        for task in list(self._telling):
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def test(self, on_step: OnStep | None = None) -> CheckReport:
        """Deliver something to our own address and see whether it arrives.

        Args:
            on_step: Told of each step as soon as it is done.
        """
        notes = CheckNotes(on_step)
        if (why := self.why_closed) is not None:
            notes.bad("settings", why)
            return notes.report()
        try:
            return await self._trial.run(notes, self._listening.turn_on)
        finally:
            await self.refresh()

    # ------------------------------------------------------------------------------------------------ for the providers

    async def address(self, job: JobId, step: str, provider: str) -> str:
        """Return the address of a call, with a secret of its own, and listen there. The same call has the same one.

        Raises:
            ProviderRejected: Kind ``webhook``: nothing can be received.
            ProviderUnavailable: The relay cannot be reached: nothing should be sent whose result it has to bring.
            StorageError: It could not be written down.
        """
        if (why := self.why_closed) is not None:
            raise closed(why)
        await self._load()
        row = await self._store.open(job, step, provider, secrets.token_urlsafe(SECRET_BYTES))
        self._add(row)
        await self._listen()
        if not await self._listening.first_word(FIRST_WORD_S):
            raise ProviderUnavailable(
                self.problem or message("The relay does not answer."),
                message("Nothing was sent. Look at the relay's address and token under Settings → Webhook."),
                kind="offline",
            )
        return self._listening.address(row.secret)

    async def wait(self, job: JobId, step: str) -> Delivery:
        """Return what was delivered, also before this start of the program; waits as long as it takes.

        Raises:
            ProviderRejected: Kind ``webhook``: nothing can be received any more, or the call never had an address.
        """
        await self._load()
        bell = asyncio.Event()
        self._bells[job, step].add(bell)
        try:
            while True:
                bell.clear()
                row = await self._store.of(job, step)
                if row is None:
                    raise closed(message("This call has no address at which its result could be delivered."))
                if row.body is not None:
                    return _delivery(row)
                self._add(await self._store.open(job, step, row.provider, row.secret) if row.closed_at else row)
                await self._listen()
                await bell.wait()
        finally:
            self._bells[job, step].discard(bell)
            if not self._bells[job, step]:
                del self._bells[job, step]

    async def peek(self, job: JobId, step: str) -> Delivery | None:
        """Return what was delivered, or None: for a call of which nobody knows whether it arrived.

        Raises:
            StorageError: The mailboxes cannot be read.
        """
        row = await self._store.of(job, step)
        return _delivery(row) if row is not None and row.body is not None else None

    async def close(self, job: JobId) -> None:
        """Forget a job's addresses; when no job waits any more, nobody listens.

        Raises:
            StorageError: It could not be written down.
        """
        await self._load()
        await self._store.close(job)
        for box in self._boxes.values():
            box.is_closed = box.is_closed or box.job == job
        await self.refresh()

    # -------------------------------------------------------------------------------------------------- for the way in

    async def receive(self, secret: str, body: dict[str, Any]) -> Intake:
        """Take what came to the address of a secret: check it, and have it on the disk before this returns.

        Raises:
            StorageError: It could not be kept; it should be delivered again.
        """
        digest = _digest(secret)
        if (of_trial := self._trial.take(digest, body)) is not None:
            return of_trial
        box = self._boxes.get(digest)
        if box is None:
            return Intake.UNKNOWN
        if box.is_full or box.is_closed:
            return Intake.KNOWN
        try:
            values = await self._checked(box.provider, body)
        except (ProviderRejected, UserError, ValueError, TypeError, KeyError) as error:
            # Its text could hold what came.
            logger.warning("a delivery for %s was refused: %s", box.provider, type(error).__name__)
            return Intake.REFUSED
        if values is None:
            return Intake.KNOWN
        before = await self._store.deliver(secret, json.dumps(values))
        if before is None or before.received_at:
            return Intake.KNOWN
        box.is_full = True
        for bell in self._bells.get((box.job, box.step), ()):
            bell.set()
        if (row := await self._store.of(box.job, box.step)) is not None and row.body is not None:
            self._tell(_delivery(row))
        return Intake.STORED

    async def _checked(self, provider: str, body: dict[str, Any]) -> dict[str, str | int | float] | None:
        found = self._parsers[provider](body)
        values = await found if inspect.isawaitable(found) else found
        if values is None:
            return None
        if len(values) > _MOST_FIELDS or not all(_is_plain(one) for item in values.items() for one in item):
            raise ValueError("a delivery has to be plain values")
        return dict(values)

    # --------------------------------------------------------------------------------------------------------- insides

    async def _load(self) -> None:
        async with self._loading:
            if not self._is_loaded:
                for row in await self._store.all_open():
                    self._add(row)
                self._is_loaded = True

    def _add(self, row: MailboxRow) -> None:
        box = self._boxes.setdefault(_digest(row.secret), _Box(row.job, row.step, row.provider, is_full=False))
        # Never back to empty: something may have come since the row was read.
        box.is_full = box.is_full or row.body is not None
        box.is_closed = False

    async def _listen(self) -> None:
        if self._trial.is_running or not all(box.is_closed for box in self._boxes.values()):
            await self._listening.turn_on()
        else:
            await self._listening.turn_off()

    def _tell(self, delivery: Delivery) -> None:
        if self.on_delivery is not None:
            task = asyncio.create_task(self._tell_now(self.on_delivery, delivery))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    @staticmethod
    async def _tell_now(on_delivery: OnDelivery, delivery: Delivery) -> None:
        try:
            await on_delivery(delivery)
        except Exception:
            # The delivery is on the disk; the next start tells of it again.
            logger.exception("a delivery could not be followed up")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _delivery(row: MailboxRow) -> Delivery:
    return Delivery(row.job, row.step, json.loads(row.body or "{}"), row.received_at)
