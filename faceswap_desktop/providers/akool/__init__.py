"""AKOOL: face swap v4 and v3, reage, detection, and the calls of its live sessions."""

from faceswap_desktop.providers.akool.provider import AkoolProvider
from faceswap_desktop.providers.akool.webhook import parse_delivery

__all__ = ["AkoolProvider", "parse_delivery"]
