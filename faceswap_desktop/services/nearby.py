"""Whether a provider is on this computer or in this network: a sandbox, or a server of the user's own."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.transport.addresses import is_local_name


def nearby_base(settings: Settings) -> str:
    """Return the base address of a provider that is nearby, and so may fetch from and deliver to nearby addresses.

    Returns:
        The first such address; empty where all providers are on the internet.
    """
    providers = settings.providers
    for base in (providers.akool.base_url, providers.aifaceswap.base_url, providers.aigs.base_url):
        with suppress(ValueError):
            host = urlsplit(base).hostname
            if host and is_local_name(host):
                return base
    return ""
