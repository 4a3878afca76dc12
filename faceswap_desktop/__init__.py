"""Faceswap Desktop: swap faces in pictures, on this computer or with your own cloud accounts."""

from typing import Final

__version__: Final = "0.2.0"
