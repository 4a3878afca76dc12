"""Who can run jobs. Every provider is listed here by hand, so that type checker and bundler see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.settings import ClusterSettings
from faceswap_desktop.providers import aifaceswap, akool
from faceswap_desktop.providers.aifaceswap import AifaceswapProvider
from faceswap_desktop.providers.aifaceswap.answers import ID as AIFACESWAP
from faceswap_desktop.providers.aigs import AigsProvider
from faceswap_desktop.providers.akool import AkoolProvider
from faceswap_desktop.providers.akool.codes import ID as AKOOL
from faceswap_desktop.providers.on_device import OnDeviceProvider
from faceswap_desktop.providers.protocol import LiveService, Provider
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.pool import WorkerPool

GetSecret = Callable[[str], Awaitable[str | None]]


def build_providers(
    pool: WorkerPool,
    cloud: CloudTools,
    *,
    cluster: Callable[[], ClusterSettings] = ClusterSettings,
    speeds_file: Path | None = None,
) -> tuple[Provider, ...]:
    """Return every provider, in the order in which they are offered.

    Args:
        pool: The workers of this computer.
        cloud: What providers on the internet are given.
        cluster: Returns the settings of the cluster that renders videos.
        speeds_file: Where it is kept how fast this computer is.
    """
    return (
        OnDeviceProvider(pool, cluster=cluster, speeds_file=speeds_file),
        AkoolProvider(cloud),
        AifaceswapProvider(cloud),
        AigsProvider(cloud),
    )


def live_services(providers: Iterable[Provider]) -> tuple[LiveService, ...]:
    """Return the live sessions of those providers that have them."""
    return tuple(one.live for one in providers if isinstance(one, AkoolProvider))


def delivery_parsers(secret: GetSecret) -> Mapping[str, Callable[[dict[str, Any]], Any]]:
    """Return what checks and reads deliveries to webhooks, by provider.

    Args:
        secret: Returns a secret by its name, or None.
    """
    return {
        AIFACESWAP: aifaceswap.parse_delivery,
        AKOOL: lambda body: akool.parse_delivery(body, secret),
    }
