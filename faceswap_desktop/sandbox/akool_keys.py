"""AKOOL's keys and tokens, its codes, and how it refuses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from faceswap_desktop.sandbox.books import KeyKind, kind_of_key
from faceswap_desktop.sandbox.world import MARKUP, Answer, Refused

CODES: Final = {
    1000: "OK",
    1003: "Parameter error or Parameter can not be empty",
    1005: "Operation is too frequent",
    1006: "Your quota is not enough",
    1007: "The number of people who can have their faces changed cannot exceed 8",
    1014: "Resource does not exist",
    1016: "Face swapping error",
    1101: "Invalid authorization or The request token has expired",
    1102: "Authorization cannot be empty",
    1104: "Insufficient quota",
    1200: "The account has been banned",
}
DETECTORS: Final = frozenset({"detect_faces", "detect", "analyze_frames"})
_TOKEN_S: Final = 400 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        kind: What the key is.
        client_id: As AKOOL knows it; of somebody who has only ever shown a key, that key.
        secret: The client secret, which is the API key.
    """

    kind: KeyKind
    client_id: str
    secret: str


def refusal(code: int, endpoint: str = "", text: str = "") -> Answer:
    """Return a refusal in the envelope of the endpoint."""
    words = text or CODES[code]
    if endpoint == "analyze_frames":
        return Answer({"success": False, "error": words, "code": code}, 200, is_done=False)
    if endpoint in DETECTORS:
        return Answer({"error_code": code, "error_msg": words, "faces_obj": {}}, 200, is_done=False)
    return Answer({"code": code, "msg": words}, is_done=False)


def refuse_for_fault(name: str, endpoint: str) -> Answer:
    """Return the refusal that a fault stands for."""
    match name:
        case "rate-limit":
            return refusal(1005, endpoint)
        case "quota":
            return refusal(1104 if endpoint.startswith("live/") else 1006, endpoint)
        case "expired-token":
            return refusal(1101, endpoint)
        case "banned":
            return refusal(1200, endpoint)
        case _:
            return refusal(1016, endpoint, MARKUP)


class KeyRing:
    """Gives tokens for keys, and tells who calls."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._callers: dict[str, Caller] = {}
        self._client_ids: dict[str, str] = {}

    def token(self, client_id: str, secret: str) -> str:
        """Return a token for a client; a JSON Web Token, as the service's own."""
        now = int(time.time())
        head = _packed({"alg": "HS256", "typ": "JWT"})
        # The number makes every token another, also within one second.
        said = _packed({"id": secrets.token_hex(12), "iat": now, "exp": now + _TOKEN_S})
        signature = hmac.digest(self._secret, f"{head}.{said}".encode(), hashlib.sha256)
        token = f"{head}.{said}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
        self._callers[token] = Caller(kind_of_key(secret), client_id, secret)
        self._client_ids[secret] = client_id
        return token

    def caller(self, request: web.Request, endpoint: str) -> Caller:
        """Say who calls. A token counts before a key.

        Raises:
            Refused: Nobody that is known (1101), nobody at all (1102), or somebody who is banned (1200).
        """
        authorization = request.headers.get("Authorization", "")
        if authorization:
            scheme, _, token = authorization.partition(" ")
            caller = self._callers.get(token.strip()) if scheme.lower() == "bearer" else None
            if caller is None:
                raise Refused(refusal(1101, endpoint))
        else:
            key = request.headers.get("x-api-key", "")
            if not key:
                raise Refused(refusal(1102, endpoint))
            caller = Caller(kind_of_key(key), self._client_ids.get(key, key), key)
        if caller.kind is KeyKind.WRONG:
            raise Refused(refusal(1101, endpoint))
        if caller.kind is KeyKind.BANNED:
            raise Refused(refusal(1200, endpoint))
        return caller


def _packed(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
