"""The settings page's trial: something is delivered to our own public address, and we look whether it arrives."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from faceswap_desktop.domain.errors import ProviderError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.checks import CheckNotes, CheckReport
from faceswap_desktop.services.listening import Listening
from faceswap_desktop.services.nearby import nearby_base
from faceswap_desktop.transport.addresses import check_public
from faceswap_desktop.transport.calls import ApiCall
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.webhook import Intake

ARRIVAL_S: Final = 20.0
_FIRST_WORD_S: Final = 30.0
_FIELD: Final = "trial"


class WebhookTrial:
    """Tries out the way in.

    Args:
        listening: The way in; whoever calls has turned it on.
        settings: Returns the settings as they are now.
        client: Makes the way to an address.
    """

    def __init__(
        self,
        listening: Listening,
        settings: Callable[[], Settings],
        client: Callable[[str, Callable[[], str]], ApiClient],
    ) -> None:
        self._listening = listening
        self._settings = settings
        self._client = client
        self._arrivals: dict[bytes, asyncio.Event] = {}

    @property
    def is_running(self) -> bool:
        """Whether somebody waits for a trial to arrive."""
        return bool(self._arrivals)

    def take(self, digest: bytes, body: dict[str, Any]) -> Intake | None:
        """Take what came to the mailbox of a trial; None if it is no trial's."""
        arrived = self._arrivals.get(digest)
        if arrived is None:
            return None
        if body != {_FIELD: digest.hex()}:
            return Intake.REFUSED
        arrived.set()
        return Intake.STORED

    async def run(self, notes: CheckNotes, turn_on: Callable[[], Any]) -> CheckReport:
        """Deliver something to ourselves.

        Args:
            notes: Gets the steps.
            turn_on: Turns listening on; called once the trial's mailbox is there.
        """
        secret = secrets.token_urlsafe(32)
        digest = hashlib.sha256(secret.encode()).digest()
        arrived = self._arrivals[digest] = asyncio.Event()
        try:
            if await self._listen(notes, turn_on):
                await self._deliver(notes, secret, {_FIELD: digest.hex()}, arrived)
        finally:
            del self._arrivals[digest]
        return notes.report()

    async def _listen(self, notes: CheckNotes, turn_on: Callable[[], Any]) -> bool:
        try:
            await turn_on()
        except ProviderError as error:
            notes.bad("listen", error.message, error.hint)
            return False
        if not await self._listening.first_word(_FIRST_WORD_S):
            notes.bad(
                "listen",
                self._listening.problem or message("The relay does not answer."),
                message("Look at the relay's address and its token."),
            )
            return False
        notes.good("listen", self._words())
        return True

    def _words(self) -> Message:
        if not self._listening.uses_relay:
            return message("Deliveries are listened for on port {port}.", port=self._listening.port)
        if self._listening.is_storing:
            return message("The relay is connected. It keeps what is delivered while this program is closed.")
        return message("The relay is connected. What is delivered while this program is closed is lost.")

    async def _deliver(self, notes: CheckNotes, secret: str, body: dict[str, str], arrived: asyncio.Event) -> None:
        url = self._listening.address(secret)
        if not nearby_base(self._settings()):
            try:
                await check_public(url)
            except ProviderError as error:
                notes.bad(
                    "outside",
                    message("Services cannot deliver there: {reason}", reason=str(error.message)),
                    message("Set the address under which the internet reaches this computer."),
                )
        plain, _, _ = url.partition("?")
        query = {"to": secret} if self._listening.uses_relay else {}
        client = self._client("webhook", lambda: plain)
        try:
            # A path that holds the secret would stand in the log of calls; this one is worth nothing afterwards.
            reply = await client.call(ApiCall("POST", plain, secret_query=query, json=body))
        except ProviderError as error:
            notes.bad("deliver", error.message, error.hint)
            return
        finally:
            await client.close()
        if not 200 <= reply.status < 300:
            notes.bad(
                "deliver",
                message("The address answers, but not with our receiver (HTTP {status}).", status=reply.status),
                message(
                    "Look whether the tunnel or proxy leads to the port that is set here, and takes POST requests."
                ),
            )
            return
        notes.good("deliver", message("A delivery was sent to {host}.", host=urlsplit(url).hostname or ""))
        with suppress(TimeoutError):
            async with asyncio.timeout(ARRIVAL_S):
                await arrived.wait()
        if arrived.is_set():
            notes.good("arrive", message("It arrived."))
        else:
            notes.bad(
                "arrive",
                message("It was taken there, but did not arrive here in {seconds} seconds.", seconds=round(ARRIVAL_S)),
                message(
                    "Look whether the address leads to this computer, or whether the relay's channel is the right one."
                ),
            )
