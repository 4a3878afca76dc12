"""The one call of ai-gs, as its page for developers has it.

Its words and ours: ``image`` (目标图) is the new face (our source face), ``template`` (模板图) the picture that is
**edited** (our target). The token stands in the address, so the address never reaches a log.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.clearance import ClearedFile
from faceswap_desktop.domain.cloud import AccountStatus
from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.aigs.answers import SERVER_FAULT, Swapped, read_swap, refused, text_of
from faceswap_desktop.providers.aigs.codes import ID, ONE_SECOND
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.calls import ApiCall, ApiReply
from faceswap_desktop.transport.files import in_base64
from faceswap_desktop.transport.pace import Pace

SECRET: Final = "aigs.token"  # noqa: S105 - its name

READ_LIMIT_S: Final = 120.0
"""The result comes in the same reply; it says nothing of how long that takes."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The two pictures of a swap, both as files that passed the gate or both by their addresses."""

    source: ClearedFile | str
    target: ClearedFile | str


class AigsApi:
    """Makes the calls, one per second.

    Args:
        tools: What cloud providers are given.
        pace: Keeps the calls apart; one per second if None.
    """

    def __init__(self, tools: CloudTools, pace: Pace | None = None) -> None:
        self._secret = tools.secret
        self._pace = pace or Pace(ONE_SECOND)
        self.client = tools.client(ID, lambda: tools.settings().providers.aigs.base_url)

    async def swap(self, pictures: Pictures) -> Swapped:
        """Swap a face; returns when the result is there.

        Raises:
            InputRefused: A file is gone.
            ProviderRejected: It refused, in its own words; kinds as in ``codes``.
            ProviderUnavailable: It cannot be reached, or is asked too often; ``unconfirmed`` where nobody can tell.
        """
        body = {
            **await _field("image_url", "image_base64", pictures.source),
            **await _field("template_url", "template_base64", pictures.target),
        }
        return read_swap(await self._post(body, is_paid=True))

    async def test(self) -> AccountStatus:
        """Say whether the token is refused, by a request without pictures: that one is refused before it costs.

        Raises:
            ProviderRejected: It answered something that nobody foresaw.
            ProviderUnavailable: It cannot be reached, or is asked too often.
        """
        reply = await self._post({}, is_paid=False)
        code = text_of(reply.json, "code") if isinstance(reply.json, dict) else ""
        if code in {"no_token", "invalid_api_key"}:
            error = refused(reply)
            return AccountStatus(False, error.message, hint=error.hint)
        if code == "used_up":
            return AccountStatus(True, message("ai-gs knows the token, but its package is used up."), 0.0)
        if code == "invalid_post":
            return AccountStatus(
                True,
                message(
                    "ai-gs did not refuse the token. More cannot be told without paying: it does not say what is left."
                ),
            )
        error = refused(reply)
        if error.kind != "unconfirmed":
            raise error
        # Nothing was at stake.
        if reply.status >= SERVER_FAULT:
            raise ProviderUnavailable(
                message("ai-gs has a fault of its own at the moment ({status}).", status=reply.status),
                message("Try again later."),
                kind="server-error",
                provider_id=ID,
                request_id=reply.request_id,
            )
        raise ProviderRejected(
            message("ai-gs answered something that nobody foresaw ({status}).", status=reply.status),
            message("Check its address under Settings → Accounts, and try again later."),
            kind="bad-answer",
            provider_id=ID,
            request_id=reply.request_id,
        )

    async def _post(self, body: dict[str, Any], *, is_paid: bool) -> ApiReply:
        token = await self._secret(SECRET)
        if not token:
            raise no_token_set()
        await self._pace.turn()
        return await self.client.call(
            ApiCall(
                "POST",
                "/faceswap",
                secret_query={"token": token},
                json=body,
                headers={"Accept": "application/json"},
                is_paid=is_paid,
                read_timeout_s=READ_LIMIT_S,
            )
        )


def no_token_set() -> ProviderRejected:
    """Say that no token is set."""
    return ProviderRejected(
        message("No token for ai-gs is set."),
        message("Enter it under Settings → Accounts."),
        kind="account",
        provider_id=ID,
    )


async def _field(url: str, base64: str, picture: ClearedFile | str) -> dict[str, str]:
    if isinstance(picture, str):
        return {url: picture}
    # Bare: whether it takes data URIs is not said.
    return {base64: await asyncio.to_thread(in_base64, picture)}
