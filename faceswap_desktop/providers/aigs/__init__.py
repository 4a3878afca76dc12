"""ai-gs.cn: swaps one face of a picture, in one synchronous call."""

from __future__ import annotations

from faceswap_desktop.providers.aigs.provider import AigsProvider

__all__ = ["AigsProvider"]
