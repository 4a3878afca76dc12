"""What all services on the internet share: the way there, keys, hosting, mailboxes; and the sandbox in their place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import AddressesChanged, Event, Noticed, SettingsChanged
from faceswap_desktop.domain.job import Hold, JobId
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.providers import delivery_parsers
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.services.hosting import BucketHosting
from faceswap_desktop.services.mailbox import JobMailbox
from faceswap_desktop.services.pasted import PastedUrls
from faceswap_desktop.services.sandbox_process import NOWHERE, SandboxAddresses, SandboxProcess, with_sandbox
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.hosted import HostedStore
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.storage.secrets import Secrets
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.workers.copy_requests import ConvertedFile, ConvertResult
from faceswap_desktop.workers.pool import Lane, WorkerPool

logger = logging.getLogger(__name__)

SANDBOX_KEY: Final = "sandbox-key-for-everyone"
"""Every key is taken there; the user's own never go to it. As long as a key of AES, which AKOOL's deliveries need."""


class Cloud:
    """Connects providers with the network.

    Attributes:
        hosting: Where media lie for those who fetch them.
        mailbox: Where results are delivered.
        pasted: Looks at addresses that the user pastes in the place of hosting.
        tools: What providers are given.
    """

    def __init__(
        self, settings: SettingsService, secrets: Secrets, database: Database, pool: WorkerPool, bus: EventBus
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._bus = bus
        self._clients: list[ApiClient] = []
        self._sandbox = SandboxProcess(on_notice=self._on_sandbox_notice)
        self._sandbox_problem: Message | None = None
        self._switching: asyncio.Task[None] | None = None
        self._releasing: set[asyncio.Task[object]] = set()
        self._listening: asyncio.Task[None] | None = None
        self._pool = pool
        self._queue: JobQueue | None = None
        self.hosting = BucketHosting(self.settings, self.secret, self.client, HostedStore(database))
        self.mailbox = JobMailbox(
            self.settings, self.secret, self.client, MailStore(database), delivery_parsers(self.secret)
        )
        self.pasted = PastedUrls(self.settings, self.client)
        self.tools = CloudTools(
            pool, self.settings, self.secret, self.hosting, self.mailbox, AnswerStore(database), self.client
        )
        self._unsubscribe = bus.subscribe(self._on_event)

    @property
    def sandbox(self) -> SandboxAddresses | None:
        """Where the sandbox can be reached; None while it is off or not yet there."""
        return self._sandbox.addresses if self._settings.current.sandbox.is_on else None

    @property
    def sandbox_problem(self) -> Message | None:
        """Why the sandbox is not there although its switch is on; None while it is there, or starts."""
        return self._sandbox_problem if self._settings.current.sandbox.is_on and not self._sandbox.addresses else None

    def settings(self) -> Settings:
        """Return the settings as providers see them: with the sandbox's addresses while its switch is on.

        Until it is there they get addresses at which nobody answers, so that nothing goes to a real service meanwhile.
        """
        current = self._settings.current
        return with_sandbox(current, self._sandbox.addresses or NOWHERE) if current.sandbox.is_on else current

    async def secret(self, name: str) -> str | None:
        """Return a secret, or None. The sandbox gets none of the user's."""
        if self._settings.current.sandbox.is_on:
            return SANDBOX_KEY
        return await self._secrets.get(name)

    def client(self, provider_id: str, base_url: Callable[[], str]) -> ApiClient:
        """Make the way to one service; it is closed with the program."""
        made = ApiClient(provider_id, base_url)
        self._clients.append(made)
        return made

    def follow(self, queue: JobQueue) -> None:
        """Hand what is delivered to the jobs that wait for it."""
        self._queue = queue
        self.mailbox.on_delivery = queue.settle
        queue.on_take_over = self.take_over

    def start(self) -> None:
        """Start the sandbox, in the background, if its switch is on; and listen for deliveries that jobs wait for."""
        if self._settings.current.sandbox.is_on:
            self._begin_switch()
        self._begin_listening()

    async def take_over(self) -> None:
        """Get ready to run the jobs of another process that has ended: what its sandbox had in hand starts over."""
        if self._queue is not None and self._settings.current.sandbox.is_on:
            await self._queue.begin_anew(time.time())
        self.start()

    async def ready(self) -> None:
        """Wait until the sandbox is there, if its switch is on; or until it has failed."""
        if self._switching is not None:
            await asyncio.wait({self._switching})

    async def convert(self, path: str, wanted: str) -> str:
        """Write a result once more beside itself, in the format of another path's extension, and return where.

        Raises:
            FaceSwapError: It cannot be written in that format, or the disk is full.
        """
        target = str(Path(path).with_name("converted" + Path(wanted).suffix.lower()))
        settings = self._settings.current
        request = ConvertResult(path, target, settings.media.max_megapixels * 1_000_000, settings.output)
        done: ConvertedFile = await self._pool.run("convert_result", request, lane=Lane.JOBS)
        return done.path

    async def tidy(self) -> None:
        """Remove what is still hosted for jobs that are over."""
        with contextlib.suppress(FaceSwapError):
            await self.hosting.sweep()

    async def on_end(self, job: JobId) -> None:
        """Take back what was hosted for a job that is over, and forget its addresses."""
        await self.mailbox.close(job)
        await self.hosting.release(job)

    async def close(self) -> None:
        """Stop listening, end the sandbox, close connections."""
        self._unsubscribe()
        tasks = [task for task in (self._switching, self._listening, *self._releasing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.mailbox.stop()
        await self._sandbox.stop()
        await asyncio.gather(*(one.close() for one in self._clients), return_exceptions=True)

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, SettingsChanged):
            return
        if event.old.sandbox != event.new.sandbox:
            if self._queue is not None:
                # At once: no job may ask after its work at the other place.
                self._queue.recall()
            if event.new.sandbox.is_on:
                self._warn_of_deliveries(event.old)
            self._begin_switch()
        elif event.old.webhook != event.new.webhook:
            self._begin_listening()
        for hold, is_changed in (
            (Hold.HOSTING, event.old.hosting != event.new.hosting),
            (Hold.WEBHOOK, event.old.webhook != event.new.webhook),
            (Hold.BUDGET, event.old.budget != event.new.budget),
        ):
            if is_changed:
                self._let_go_on(hold)

    def _warn_of_deliveries(self, old: Settings) -> None:
        """Say what may be lost while the sandbox's results are listened for in the place of those of real services."""
        is_kept = bool(old.webhook.relay_url) and not old.webhook.public_url
        count = len(self.mailbox.waiting_jobs)
        if count and not is_kept:
            text = message(
                "Jobs that wait for a delivery: {count}. What services deliver while the sandbox is on is lost.",
                count=count,
            )
            self._bus.publish(Noticed(text, message("Switch the sandbox off until they are done."), is_error=True))

    def _let_go_on(self, hold: Hold) -> None:
        """Let jobs look again whether what they waited for is there; those for whom it is not wait on."""
        if self._queue is not None:
            self._in_background(self._queue.release(hold))

    def _in_background(self, work: Coroutine[Any, Any, object]) -> None:
        task: asyncio.Task[object] = asyncio.get_running_loop().create_task(work, name="jobs let go")
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    def _on_sandbox_notice(self, notice: Message) -> None:
        if self._sandbox.addresses is None:
            self._sandbox_problem = notice
        elif self._queue is not None:
            self._in_background(self._queue.begin_anew(time.time()))
        self._bus.publish(Noticed(notice, is_error=True))
        self._bus.publish(AddressesChanged())

    def _begin_switch(self) -> None:
        self._sandbox_problem = None
        if self._switching is not None:
            self._switching.cancel()
        self._switching = asyncio.get_running_loop().create_task(self._switch(), name="sandbox switch")

    def _begin_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        self._listening = asyncio.get_running_loop().create_task(self._listen(), name="deliveries")

    async def _listen(self) -> None:
        try:
            await self.mailbox.start()
        except FaceSwapError as error:
            self._bus.publish(Noticed(error.message, error.hint, is_error=True))

    async def _switch(self) -> None:
        is_on, began = self._settings.current.sandbox.is_on, time.time()
        try:
            await (self._sandbox.start() if is_on else self._sandbox.stop())
        except FaceSwapError as error:
            self._sandbox_problem = error.message
            self._bus.publish(Noticed(error.message, error.hint, is_error=True))
            self._bus.publish(AddressesChanged())
            return
        if self._queue is not None:
            if is_on:
                await self._queue.begin_anew(began)
            # What waited for the network finds it now, or waits for the real services again.
            await self._queue.release(Hold.NETWORK)
            await self._queue.release(Hold.SANDBOX)
            self._bus.publish(AddressesChanged())
        # Deliveries come another way now.
        self._begin_listening()
