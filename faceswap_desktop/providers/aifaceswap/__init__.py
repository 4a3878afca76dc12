"""aifaceswap.io: swaps one or several faces of a picture; results come by webhook."""

from __future__ import annotations

from faceswap_desktop.providers.aifaceswap.provider import AifaceswapProvider
from faceswap_desktop.providers.aifaceswap.webhook import parse_delivery

__all__ = ["AifaceswapProvider", "parse_delivery"]
