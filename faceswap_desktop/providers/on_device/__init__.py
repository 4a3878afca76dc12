"""The provider that needs nothing but this computer."""

from __future__ import annotations

from faceswap_desktop.providers.on_device.provider import OnDeviceProvider

__all__ = ["OnDeviceProvider"]
