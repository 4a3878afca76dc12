"""Who can run jobs. Every provider is listed here by hand, so that type checker and bundler see it."""

from __future__ import annotations

from faceswap_desktop.providers.on_device import OnDeviceProvider
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.workers.pool import WorkerPool


def build_providers(pool: WorkerPool) -> tuple[Provider, ...]:
    """Return every provider, in the order in which they are offered."""
    return (OnDeviceProvider(pool),)
