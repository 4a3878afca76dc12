"""The user's account at aifaceswap: a key. Nothing can be asked of it without paying."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from faceswap_desktop.domain.clearance import ClearedMedia
from faceswap_desktop.domain.cloud import AccountField, AccountInfo, AccountStatus, RemoteFace
from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.aifaceswap.api import SECRET, Picture, no_key_set
from faceswap_desktop.providers.aifaceswap.extraction import Extraction
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.copy_requests import CopiedPicture, MakeCopy


class AifaceswapAccount:
    """What can be asked beside jobs.

    Args:
        tools: What cloud providers are given.
        extraction: Has faces found.
        facts: What is known of the service.
    """

    def __init__(self, tools: CloudTools, extraction: Extraction, facts: ProviderFacts) -> None:
        self._tools = tools
        self._extraction = extraction
        self._facts = facts
        self.info = AccountInfo(
            alternatives=(
                (AccountField(SECRET, message("API key"), message("On the page “API Management” of aifaceswap.")),),
            ),
            key_page=facts.key_page,
        )

    async def test(self) -> AccountStatus:
        """Say that nothing can be said: every documented call costs points, so none is made."""
        if not await self._tools.secret(SECRET):
            return AccountStatus(False, no_key_set().message, hint=no_key_set().hint, is_checked=False)
        return AccountStatus(
            True,
            message("The key is kept; aifaceswap offers no way to test it without paying."),
            is_checked=False,
        )

    async def credits(self) -> None:
        """Return None: it does not tell what is left."""
        return

    @property
    def detect_credits(self) -> float:
        """Return the points that finding faces costs, unless the same picture was asked about before."""
        return self._tools.settings().providers.aifaceswap.prices.extract_face

    async def detect(self, cleared: ClearedMedia) -> Sequence[RemoteFace]:
        """Have the faces of a picture found; costs points, unless the same picture was asked about before.

        The file itself is sent, as a copy within the limits and without metadata. Nothing has to be hosted.

        Returns:
            Boxes in pixels of the upright picture, numbered as aifaceswap numbers them.

        Raises:
            InputRefused: The picture cannot be read, or it found no face.
            ProviderRejected, ProviderUnavailable: As ``AifaceswapApi.extract_face``.
        """
        limits = self._facts.target
        folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="faceswap-")
        try:
            request = MakeCopy(
                path=cleared.media.path,
                target_path=str(Path(folder.name) / "target"),
                max_edge=limits.max_edge,
                max_bytes=limits.max_bytes,
                formats=limits.formats,
                min_edge=limits.min_edge,
                max_pixels=self._tools.settings().media.max_megapixels * 1_000_000,
            )
            copied: CopiedPicture = await self._tools.pool.run("make_copy", request)
            kind = f"image/{copied.format.lower()}"
            found = await self._extraction.find(Picture(cleared.made(copied.path), kind), copied.sha256)
        finally:
            await asyncio.to_thread(folder.cleanup)
        if not found.boxes:
            raise InputRefused(
                message("aifaceswap found no face in {name}.", name=Path(cleared.media.path).name),
                message("Choose a picture in which the face is larger and from the front."),
                kind="no-face",
            )
        return [
            RemoteFace(
                index,
                BoundingBox(*(side / copied.scale for side in (box.left, box.top, box.right, box.bottom))),
            )
            for index, box in enumerate(found.boxes)
        ]

    async def delete_remote(self, handles: Sequence[Mapping[str, str]]) -> None:
        """Refuse: no way to delete is documented.

        Raises:
            UsageError: Always.
        """
        del handles
        raise UsageError(message("aifaceswap offers no way to delete results."), kind="not-supported")
