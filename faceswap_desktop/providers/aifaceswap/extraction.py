"""``extract_face``: paid for once per picture, and kept."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.providers.aifaceswap.answers import ID, boxes_from_text, boxes_to_text
from faceswap_desktop.providers.aifaceswap.api import AifaceswapApi, Picture
from faceswap_desktop.providers.tools import CloudTools

logger = logging.getLogger(__name__)

CALL: Final = "extract_face"


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of a picture.

    Attributes:
        boxes: In pixels of what was sent, in the order of the answer.
        charged: Points that were taken for it now; None if that was not said.
    """

    boxes: tuple[BoundingBox, ...]
    charged: float | None


class Extraction:
    """Has faces found, once for the same bytes.

    Args:
        tools: What cloud providers are given.
        api: Makes the calls.
    """

    def __init__(self, tools: CloudTools, api: AifaceswapApi) -> None:
        self._tools = tools
        self._api = api

    async def kept(self, sha256: str) -> Faces | None:
        """Return what was paid for before; None for nothing."""
        answer = await self._tools.answers.get(ID, CALL, self._key(sha256))
        boxes = boxes_from_text(answer.get("faces", "")) if answer is not None else None
        return Faces(boxes, 0.0) if boxes is not None else None

    async def find(self, picture: Picture, sha256: str) -> Faces:
        """Return the faces of a picture; costs points unless it was asked before.

        Args:
            picture: What is sent.
            sha256: Digest of its bytes.

        Raises:
            ProviderRejected, ProviderUnavailable: As ``AifaceswapApi.extract_face``.
        """
        if (before := await self.kept(sha256)) is not None:
            return before
        found = await self._api.extract_face(picture)
        try:
            await self._tools.answers.put(ID, CALL, self._key(sha256), {"faces": boxes_to_text(found.boxes)})
        except StorageError as error:
            # It was paid for; the job has the answer whether it can be kept for others or not.
            logger.warning("an answer could not be kept: %s", error.kind)
        return Faces(found.boxes, found.points)

    def _key(self, sha256: str) -> str:
        # Another address is another detector, with an order of its own: the sandbox's answers are not the service's.
        base_url = self._tools.settings().providers.aifaceswap.base_url
        return hashlib.sha256(f"{base_url}\n{sha256}".encode()).hexdigest()
