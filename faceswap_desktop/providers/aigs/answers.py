"""Reads what ai-gs answers. Nothing in an answer is believed before its type was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.providers.aigs.codes import ID, error_of, rate_limited, refusal_of, unconfirmed
from faceswap_desktop.transport.calls import ApiReply

TOO_MANY: Final = 429
SERVER_FAULT: Final = 500
REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Swapped:
    """A swap that is done.

    Attributes:
        result_url: Where the result lies for seven days.
        task_id: What ai-gs calls it; empty if it did not say.
        server_time: When, by its clock, in seconds since the epoch; 0.0 if it did not say.
    """

    result_url: str
    task_id: str
    server_time: float


def read_swap(reply: ApiReply) -> Swapped:
    """Return what a swap came to.

    Raises:
        ProviderRejected: It refused in its own words.
        ProviderUnavailable: It was asked too often (``rate-limited``), or nobody can tell (``unconfirmed``).
    """
    body = reply.json if isinstance(reply.json, dict) else {}
    task_id = text_of(body, "task_id")
    if text_of(body, "code") == "success":
        url = text_of(body, "image_url")
        if not url.startswith(("https://", "http://")):
            # It was paid for, and where the result lies is not said.
            raise unconfirmed(task_id or reply.request_id)
        return Swapped(url, task_id, reply.server_time)
    raise refused(reply)


def refused(reply: ApiReply) -> ProviderError:
    """Return the error that an answer other than success stands for, after something that can cost was sent."""
    body = reply.json if isinstance(reply.json, dict) else {}
    detail = text_of(body, "detail")
    request_id = text_of(body, "task_id") or reply.request_id
    code = "false" if body.get("code") is False else text_of(body, "code")
    known = refusal_of(code, detail)
    if known is not None:
        return error_of(known, detail, request_id)
    if reply.status == TOO_MANY:
        return rate_limited(request_id)
    if not code or not 400 <= reply.status < SERVER_FAULT:
        return unconfirmed(request_id)
    return ProviderRejected(
        message("ai-gs refused ({code}): {detail}", code=foreign(code), detail=foreign(detail) or "–"),
        kind="account" if reply.status in REFUSED else "failed",
        provider_id=ID,
        request_id=request_id,
    )


def text_of(body: dict[str, Any], name: str) -> str:
    """Return a field that has to be a text; empty if it is missing or something else."""
    value = body.get(name)
    return value if isinstance(value, str) else ""
