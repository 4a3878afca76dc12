"""What people see of refusals: what was refused lately, blurred pictures of it, and parts that are cut out instead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.sensitive import RefusedMedia, Verdict
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.looks import RefusalStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.look_requests import BlurPicture, Blurred, CroppedPicture, CropPicture
from faceswap_desktop.workers.pool import Lane, WorkerPool

BLURRED_EDGE_PX = 160


@dataclass(frozen=True, slots=True)
class BlurredPicture:
    """A picture in which nothing can be made out.

    Attributes:
        width, height: Pixels.
        rgb: sRGB, ``width`` × ``height`` × 3, packed.
    """

    width: int
    height: int
    rgb: bytes


class Refusals:
    """Shows what was refused, and cuts parts out of pictures. Nothing of it leaves this computer."""

    def __init__(
        self, home: Home, clearance: Clearance, store: RefusalStore, pool: WorkerPool, settings: SettingsService
    ) -> None:
        self._home = home
        self._clearance = clearance
        self._store = store
        self._pool = pool
        self._settings = settings

    async def of_job(self, job: JobId) -> list[RefusedMedia]:
        """Return what was refused of a job."""
        return await self._clearance.refusals_of(job)

    async def known(self, media: Media) -> Verdict | None:
        """Return what was seen in a media, without looking; None if nobody has looked yet."""
        return await self._clearance.known(media)

    async def newest(self, limit: int = 20) -> list[RefusedMedia]:
        """Return what was refused lately, newest first."""
        return await self._clearance.newest_refusals(limit)

    async def forget(self, paths: Iterable[str]) -> None:
        """Take files off the list; they are refused as before when they are used again.

        Raises:
            StorageError: It could not be written.
        """
        await self._store.forget_paths(paths)

    async def blurred(self, path: str, seconds: float = 0.0, edge: int = BLURRED_EDGE_PX) -> BlurredPicture:
        """Return a picture, or a moment of a video, so blurred that nothing can be made out.

        Args:
            path: The picture or video.
            seconds: When in a video.
            edge: Longest side of what is returned, in pixels.

        Raises:
            InputRefused: The file is gone or cannot be read.
        """
        request = BlurPicture(path, seconds, edge, self._max_pixels)
        reply: Blurred = await self._pool.run("blur_picture", request, lane=Lane.INTERACTIVE)
        return BlurredPicture(reply.width, reply.height, reply.rgb)

    async def crop(self, media: Media, box: BoundingBox) -> str:
        """Write a part of a picture as a picture of its own, never over another file.

        Args:
            media: The picture.
            box: The part, in pixels of the upright picture.

        Returns:
            Where the part lies: in a folder of ours, named after the original.

        Raises:
            InputRefused: The picture is gone or cannot be read.
            UsageError: The part is empty or hardly there.
            StorageError: It cannot be written.
        """
        folder = self._home.parts_folder
        await asyncio.to_thread(_make_folder, folder)
        request = CropPicture(media.path, box, str(folder), self._max_pixels)
        reply: CroppedPicture = await self._pool.run("crop_picture", request, lane=Lane.INTERACTIVE)
        return reply.path

    @property
    def _max_pixels(self) -> int:
        return self._settings.current.media.max_megapixels * 1_000_000


def _make_folder(folder: Path) -> None:
    with mapped_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
