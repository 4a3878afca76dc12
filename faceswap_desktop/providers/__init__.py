"""Who can run jobs. Every provider is listed here by hand, so that type checker and bundler see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from faceswap_desktop.domain.settings import ClusterSettings
from faceswap_desktop.providers.on_device import OnDeviceProvider
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.workers.pool import WorkerPool


def build_providers(
    pool: WorkerPool, *, cluster: Callable[[], ClusterSettings] = ClusterSettings, speeds_file: Path | None = None
) -> tuple[Provider, ...]:
    """Return every provider, in the order in which they are offered.

    Args:
        pool: The workers of this computer.
        cluster: Returns the settings of the cluster that renders videos.
        speeds_file: Where it is kept how fast this computer is.
    """
    return (OnDeviceProvider(pool, cluster=cluster, speeds_file=speeds_file),)
