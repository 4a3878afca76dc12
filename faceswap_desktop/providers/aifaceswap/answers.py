"""Reads what aifaceswap answers. Nothing in an answer is believed before its type was looked at.

Success is ``code == 200`` in the body. What else can stand there is not documented, so refusals are told apart by the
numbers that HTTP has for them, and by words about points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.transport.calls import ApiReply

ID: Final = "aifaceswap"

SUCCESS: Final = 200
NO_KEY: Final = frozenset({401, 403})
PAYMENT: Final = 402
TOO_MANY: Final = 429
SERVER_FAULTS: Final = range(500, 600)
BUSY_S: Final = 10.0
"""How long it is left alone where it says that it is asked too often; it does not say how long it wants."""
MOST_FACES: Final = 1000
"""More boxes than that are no answer."""
MOST_PIXELS: Final = 1_000_000
"""Neither are coordinates beyond that."""

LARGEST: Final = 1e15
LONGEST_ID: Final = 200

_MONEY: Final = re.compile(r"\b(credits?|points?|balance|recharge|top[ -]?up)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A swap that was taken on.

    Attributes:
        task_id: What aifaceswap calls it.
        points: What it took; None if it did not say.
    """

    task_id: str
    points: float | None


@dataclass(frozen=True, slots=True)
class Extracted:
    """The faces of a picture.

    Attributes:
        boxes: In pixels of the picture that was sent, in the order of the answer: their places are what
            ``multi_faceswap`` calls ``index``.
        points: What it took; None if it did not say.
    """

    boxes: tuple[BoundingBox, ...]
    points: float | None


def read_accepted(reply: ApiReply) -> Accepted:
    """Return what a swap was taken on as.

    Raises:
        ProviderRejected: It refused.
        ProviderUnavailable: It was asked too often (``rate-limited``), or nobody can tell (``unconfirmed``).
    """
    data = _data_of(reply)
    task_id = data.get("task_id")
    if not isinstance(task_id, str) or not 0 < len(task_id) <= LONGEST_ID or not task_id.isprintable():
        # What is delivered could never be told to be of this swap.
        raise unconfirmed(reply.request_id)
    return Accepted(task_id, points_of(data))


def read_extracted(reply: ApiReply) -> Extracted:
    """Return the faces that were found.

    Raises:
        ProviderRejected, ProviderUnavailable: As ``read_accepted``.
    """
    data = _data_of(reply)
    boxes = boxes_of(data.get("faces"))
    if boxes is None:
        raise unconfirmed(reply.request_id)
    return Extracted(boxes, points_of(data))


def boxes_of(value: Any) -> tuple[BoundingBox, ...] | None:
    """Read a list of ``[x1, y1, x2, y2]``; None if it is anything else.

    That they are corners, and not a corner and a size, can be seen from the vendor's sample only: as sizes its third
    box makes no sense.
    """
    if not isinstance(value, list) or len(value) > MOST_FACES:
        return None
    boxes = []
    for one in value:
        if not isinstance(one, list) or len(one) != 4 or not all(_is_coordinate(number) for number in one):
            return None
        boxes.append(BoundingBox(*(float(number) for number in one)))
    return tuple(boxes)


def boxes_to_text(boxes: Sequence[BoundingBox]) -> str:
    """Write boxes as a handle and the cache of answers keep them."""
    return json.dumps([[box.left, box.top, box.right, box.bottom] for box in boxes])


def boxes_from_text(text: str) -> tuple[BoundingBox, ...] | None:
    """Read what ``boxes_to_text`` wrote; None if it is anything else."""
    try:
        return boxes_of(json.loads(text))
    except ValueError:
        return None


def points_of(data: dict[str, Any]) -> float | None:
    """Return what a call took; None if that is not said, or no number that makes sense."""
    points = data.get("points")
    return float(points) if _is_number(points) and 0 <= points < MOST_PIXELS else None


def unconfirmed(request_id: str) -> ProviderUnavailable:
    """Say that something was sent and the answer cannot be understood."""
    return ProviderUnavailable(
        message("The answer of aifaceswap cannot be understood. It cannot be told whether points were taken."),
        message("Look into your account at aifaceswap before you send it again."),
        kind="unconfirmed",
        provider_id=ID,
        request_id=request_id,
    )


def no_key(request_id: str = "") -> ProviderRejected:
    """Say that the key is refused."""
    return ProviderRejected(
        message("aifaceswap refuses your key."),
        message("Check it under Settings → Accounts. Its interface is open to members with points only."),
        kind="account",
        provider_id=ID,
        request_id=request_id,
    )


def _data_of(reply: ApiReply) -> dict[str, Any]:
    body = reply.json
    if not isinstance(body, dict):
        raise _by_status(reply)
    code, data = body.get("code"), body.get("data")
    if code == SUCCESS and _is_number(code) and reply.status < 300:
        if not isinstance(data, dict):
            raise unconfirmed(reply.request_id)
        return data
    raise _refused(reply, code, body.get("message"))


def _by_status(reply: ApiReply) -> ProviderError:
    # Not its own words, except where the status alone says that nothing was done.
    if reply.status in NO_KEY:
        return no_key(reply.request_id)
    return _too_many(reply) if reply.status == TOO_MANY else unconfirmed(reply.request_id)


def _refused(reply: ApiReply, code: Any, words: Any) -> ProviderError:
    number = int(code) if _is_number(code) else reply.status
    said = words if isinstance(words, str) else ""
    numbers = {reply.status, number}
    if TOO_MANY in numbers:
        return _too_many(reply)
    if PAYMENT in numbers or _MONEY.search(said):
        return ProviderRejected(
            message("aifaceswap refused for want of points: {words}", words=foreign(said) or "–"),
            message("Buy points at aifaceswap; the jobs that wait then go on."),
            kind="credits",
            provider_id=ID,
            request_id=reply.request_id,
        )
    if numbers & NO_KEY:
        return no_key(reply.request_id)
    # Its own words, or the refusal of an address that is not there; but a fault of its own may have come after it was
    # paid, and so may an answer that says neither success nor what was wrong.
    if any(number in SERVER_FAULTS for number in numbers) or numbers == {SUCCESS}:
        return unconfirmed(reply.request_id)
    return ProviderRejected(
        message("aifaceswap refused ({code}): {words}", code=number, words=foreign(said) or "–"),
        kind="failed",
        provider_id=ID,
        request_id=reply.request_id,
    )


def _too_many(reply: ApiReply) -> ProviderUnavailable:
    return ProviderUnavailable(
        message("aifaceswap is asked too often at the moment."),
        message("It is tried again by itself."),
        kind="rate-limited",
        provider_id=ID,
        request_id=reply.request_id,
        retry_after_s=BUSY_S,
    )


def _is_number(value: Any) -> TypeGuard[int | float]:
    # JSON's true and false are numbers to Python; the comparison drops what is not a number, infinite or absurd.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _is_coordinate(value: Any) -> TypeGuard[int | float]:
    return _is_number(value) and -MOST_PIXELS < value < MOST_PIXELS
