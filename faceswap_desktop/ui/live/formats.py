"""Which of a camera's formats comes nearest to a wish. Knows no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.live import MOST_SIDE, Resolution

_LEAST_SIDE: Final = 16
_MOST_RATE: Final = 60.0
_SMALLER: Final = 2.0
"""A picture that is smaller than wished is that much worse than one that is larger by as much."""
_SLOW: Final = 2.0
"""Half the rate is as bad as a picture twice as wide."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One of a camera's formats.

    Attributes:
        width, height: Pixels.
        per_second: Most frames per second.
        is_jpeg: Each frame has to be unpacked.
        number: Its place in the camera's own list.
    """

    width: int
    height: int
    per_second: float
    is_jpeg: bool = False
    number: int = 0


def resolutions(offers: Iterable[Offer]) -> tuple[Resolution, ...]:
    """Return what can be chosen, largest first: each size once, with the highest rate at which it comes."""
    rates: dict[tuple[int, int], float] = {}
    for offer in offers:
        if min(offer.width, offer.height) >= _LEAST_SIDE and max(offer.width, offer.height) <= MOST_SIDE:
            size = (offer.width, offer.height)
            rates[size] = max(rates.get(size, 0.0), min(_MOST_RATE, offer.per_second))
    ordered = sorted(rates, key=lambda size: (size[0] * size[1], size[0]), reverse=True)
    return tuple(Resolution(width, height, round(rates[width, height], 2)) for width, height in ordered)


def nearest(offers: Sequence[Offer], wish: Resolution) -> Offer | None:
    """Return the format that comes nearest to a wish; None where none can be used.

    Size counts first, then that it is fast enough, then that it need not be unpacked; rather faster than wished than
    slower, and then as little as possible.
    """
    usable = [offer for offer in offers if min(offer.width, offer.height) >= _LEAST_SIDE and offer.per_second > 0]

    def cost(offer: Offer) -> tuple[float, bool, float, int]:
        missing = max(0.0, 1 - offer.per_second / wish.per_second)
        # Some cameras say 29.97, others 30.
        slow = _SLOW * missing if missing > 0.02 else 0.0
        spare = max(0.0, offer.per_second - wish.per_second)
        far = _far(offer.width, wish.width) + _far(offer.height, wish.height)
        return round(far + slow, 4), offer.is_jpeg, spare, offer.number

    return min(usable, key=cost, default=None)


def _far(given: int, wished: int) -> float:
    share = given / wished - 1
    return share if share >= 0 else -_SMALLER * share
