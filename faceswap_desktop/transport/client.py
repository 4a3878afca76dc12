"""The way to one service: calls, uploads and downloads."""

from __future__ import annotations

from collections.abc import Callable

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.transport.calls import ApiCall, ApiReply, Downloaded, DownloadRules


class ApiClient:
    """The way to one service."""

    def __init__(self, provider_id: str, base_url: Callable[[], str]) -> None:
        raise NotImplementedError

    async def call(self, call: ApiCall) -> ApiReply:
        """Make one call."""
        raise NotImplementedError

    async def put_file(self, url: str, path: str, media_type: str, on_bytes: ByteProgress | None = None) -> None:
        """Upload a file."""
        raise NotImplementedError

    async def download(
        self, url: str, path: str, rules: DownloadRules, on_bytes: ByteProgress | None = None
    ) -> Downloaded:
        """Download a file."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close connections."""
        raise NotImplementedError
