"""The way by which deliveries come in: a receiver behind the user's public address, or a relay."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlencode, urlsplit

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.transport.addresses import check_form, is_this_computer
from faceswap_desktop.transport.relay_client import ADDRESSEE, RelayClient
from faceswap_desktop.transport.webhook import Receive, WebhookReceiver

logger = logging.getLogger(__name__)

RELAY_TOKEN: Final = "webhook.relay_token"  # noqa: S105 - its name


class _Way(NamedTuple):
    """How deliveries come: ``receiver`` at a port, or ``relay`` at an address."""

    kind: str
    port: int
    url: str


class Listening:
    """Listens in the way that the settings name, while somebody wants it.

    Args:
        settings: Returns the settings as they are now.
        secret: Returns a secret by its name.
        receive: Takes what comes.
    """

    def __init__(
        self, settings: Callable[[], Settings], secret: Callable[[str], Awaitable[str | None]], receive: Receive
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._receive = receive
        self._turn = asyncio.Lock()
        self._way: _Way | None = None
        self._receiver: WebhookReceiver | None = None
        self._relay: RelayClient | None = None
        self._is_storing = False

    @property
    def why_closed(self) -> Message | None:
        """Why nothing can be received; None if it can."""
        webhook = self._settings().webhook
        if not webhook.public_url and not webhook.relay_url:
            return message(
                "Results would be delivered to an address of yours, and neither an address nor a relay is set."
            )
        if _parts(webhook.public_url or webhook.relay_url) is None:
            return message("The address for deliveries has to look like https://example.com/name, without “?” and “#”.")
        return None

    @property
    def uses_relay(self) -> bool:
        """Whether deliveries come by a relay; a public address of the user's goes before it."""
        webhook = self._settings().webhook
        return bool(webhook.relay_url) and not webhook.public_url

    @property
    def port(self) -> int:
        """Port of this computer on which the receiver listens; the one that is set while there is none."""
        return self._receiver.port if self._receiver is not None else self._settings().webhook.port

    @property
    def is_on(self) -> bool:
        """Whether anything could come now."""
        if self._relay is not None:
            return self._relay.is_connected
        return self._receiver is not None

    @property
    def is_storing(self) -> bool:
        """Whether what comes while the program is closed is kept by the relay, as it said when it was last asked."""
        return self.uses_relay and self._is_storing

    @property
    def problem(self) -> Message | None:
        """Why there is no connection to the relay; None for nothing wrong."""
        return self._relay.problem if self._relay is not None else None

    def address(self, secret: str) -> str:
        """Return where a service delivers to the mailbox of a secret."""
        if self.uses_relay:
            return f"{self._settings().webhook.relay_url}?{urlencode({ADDRESSEE: secret})}"
        return f"{self.public_url}/{secret}"

    @property
    def public_url(self) -> str:
        """The public address without a slash at its end. One on this computer gets the port that was really taken."""
        webhook = self._settings().webhook
        parts = _parts(webhook.public_url)
        if parts is not None and webhook.port == 0 and self._receiver is not None:
            host = parts.hostname or ""
            if is_this_computer(host):
                parts = parts._replace(netloc=f"{host if ':' not in host else f'[{host}]'}:{self._receiver.port}")
        return parts.geturl().rstrip("/") if parts is not None else ""

    async def turn_on(self) -> None:
        """Listen in the way that the settings name now.

        Raises:
            ProviderRejected: Kind ``webhook``: nothing is set, or the port is taken.
        """
        if (why := self.why_closed) is not None:
            raise closed(why)
        webhook = self._settings().webhook
        way = _Way("relay", 0, webhook.relay_url) if self.uses_relay else _Way("receiver", webhook.port, "")
        async with self._turn:
            if way == self._way:
                return
            await self._stop()
            if way.kind == "relay":
                self._relay = RelayClient(way.url, self._receive, self._token, on_change=self._note)
                self._relay.start()
            else:
                receiver = WebhookReceiver(self._receive, way.port)
                await receiver.start()
                self._receiver = receiver
            self._way = way
            logger.info("deliveries are listened for by %s", way.kind)

    async def turn_off(self) -> None:
        """Stop listening."""
        async with self._turn:
            await self._stop()

    async def first_word(self, limit_s: float) -> bool:
        """Return whether deliveries can come, after asking the relay if there is one and it is not connected."""
        return await self._relay.first_word(limit_s) if self._relay is not None else self._receiver is not None

    async def _stop(self) -> None:
        self._way = None
        relay, self._relay = self._relay, None
        receiver, self._receiver = self._receiver, None
        if relay is not None:
            await relay.stop()
        if receiver is not None:
            await receiver.stop()

    async def _token(self) -> str | None:
        return await self._secret(RELAY_TOKEN)

    def _note(self) -> None:
        if self._relay is not None and self._relay.is_connected:
            self._is_storing = bool(self._relay.is_storing)


def closed(why: Message) -> ProviderRejected:
    """Say that nothing can be received, which holds a job."""
    return ProviderRejected(why, message("Set a public address or a relay under Settings → Webhook."), kind="webhook")


def _parts(url: str) -> SplitResult | None:
    try:
        check_form(url)
    except ProviderRejected:
        return None
    return None if "?" in url or "#" in url else urlsplit(url)
