"""Signs calls: with an API key, or with a token that is got for client id and secret and kept in memory only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.akool.codes import EXPIRED_TOKEN, ID, OK, bad_answer, refusal
from faceswap_desktop.providers.akool.reading import BrokenAnswerError, mapping, text, whole
from faceswap_desktop.transport.calls import ApiCall, ApiReply
from faceswap_desktop.transport.client import ApiClient

API_KEY: Final = "akool.api_key"
CLIENT_ID: Final = "akool.client_id"
CLIENT_SECRET: Final = "akool.client_secret"  # noqa: S105 - a secret's name
TOKEN_PATH: Final = "/api/open/v3/getToken"  # noqa: S105 - an address
_LONGEST_TOKEN: Final = 8192

SecretGetter = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Grant:
    """What signs a call.

    Attributes:
        headers: ``x-api-key``, or ``Authorization``. Never both: with both AKOOL goes by the second.
        is_token: It was got for client id and secret, and can be got anew.
    """

    headers: Mapping[str, str] = field(repr=False)
    is_token: bool


class Access:
    """Signs the calls of one account.

    Args:
        client: The way to AKOOL.
        secret: Returns a secret by its name.
    """

    def __init__(self, client: ApiClient, secret: SecretGetter) -> None:
        self._client = client
        self._secret = secret
        self._lock = asyncio.Lock()
        self._pair = ("", "")
        self._token = ""

    async def is_set_up(self) -> bool:
        """Say whether there is a key, or client id and secret."""
        return bool(await self._secret(API_KEY)) or all(await self._client_pair())

    async def grant(self) -> Grant:
        """Return what signs a call; many callers at once get one token.

        Raises:
            ProviderRejected: Kind ``account``: nothing is set, or AKOOL does not take it.
            ProviderUnavailable: The token could not be got.
        """
        key = await self._secret(API_KEY)
        if key:
            return Grant({"x-api-key": key}, is_token=False)
        async with self._lock:
            pair = await self._client_pair()
            if not all(pair):
                raise ProviderRejected(
                    message("No key for AKOOL is set."),
                    message("Put it in under Settings → Accounts."),
                    kind="account",
                    provider_id=ID,
                )
            if not self._token or pair != self._pair:
                self._token = await self._new_token(*pair)
                self._pair = pair
            return _bearer(self._token)

    async def renewed(self, old: Grant) -> Grant | None:
        """Return another signature in the place of one that was refused (1101); None where there is no other.

        Of many callers with the same old token the first gets a new one, the others get that one too.

        Raises:
            ProviderRejected: Kind ``account``: AKOOL does not take client id and secret.
            ProviderUnavailable: The token could not be got.
        """
        if not old.is_token:
            # A key does not expire; it is another one only if the user has just put it in.
            new = await self.grant()
            return new if new.headers != old.headers else None
        async with self._lock:
            if self._token and _bearer(self._token) == old:
                self._token = ""
        return await self.grant()

    async def _client_pair(self) -> tuple[str, str]:
        return await self._secret(CLIENT_ID) or "", await self._secret(CLIENT_SECRET) or ""

    async def _new_token(self, client_id: str, client_secret: str) -> str:
        body = {"clientId": client_id, "clientSecret": client_secret}
        return read_token(await self._client.call(ApiCall("POST", TOKEN_PATH, json=body)))


def _bearer(token: str) -> Grant:
    return Grant({"Authorization": f"Bearer {token}"}, is_token=True)


def read_token(reply: ApiReply) -> str:
    """Return the token out of the answer of ``getToken``: at its top level, or in its ``data``.

    Raises:
        ProviderRejected: It was refused, or the answer is not as the texts have it.
        ProviderUnavailable: AKOOL is called too often.
    """
    try:
        body: Mapping[str, Any] = mapping(reply.json, "the answer")
        code = whole(body.get("code"), "code")
        if code != OK:
            raise refusal(code, body.get("msg", ""), request_id=reply.request_id)
        inner = body.get("data")
        value = body.get("token") or (inner.get("token") if isinstance(inner, Mapping) else None)
        token = text(value, "token")
    except BrokenAnswerError as error:
        if reply.status == 401:
            raise refusal(EXPIRED_TOKEN, request_id=reply.request_id) from error
        if reply.status in {408, 429} or reply.status >= 500:
            raise ProviderUnavailable(
                message("AKOOL gives no token at the moment."), kind="server-error", provider_id=ID
            ) from error
        raise bad_answer(str(error), reply.request_id) from error
    if not token or len(token) > _LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise bad_answer("token is no token", reply.request_id)
    return token
