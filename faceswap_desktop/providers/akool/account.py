"""The user's account at AKOOL, and what can be asked beside jobs."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.clearance import ClearedMedia
from faceswap_desktop.domain.cloud import AccountField, AccountInfo, AccountStatus, RemoteFace
from faceswap_desktop.domain.errors import InputRefused, ProviderRejected
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.providers.akool.access import API_KEY, CLIENT_ID, CLIENT_SECRET
from faceswap_desktop.providers.akool.api import MOST_FRAMES, AkoolCalls, Media
from faceswap_desktop.providers.akool.codes import CodeKind
from faceswap_desktop.providers.akool.faces import Detection
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.files import in_base64
from faceswap_desktop.workers.copy_requests import CopiedPicture, CopiedVideo, MakeCopy, MakeVideoCopy
from faceswap_desktop.workers.pool import Lane
from faceswap_desktop.workers.video_requests import OpenedVideo, OpenVideo

_CHECK_WITH_WEBHOOK: Final = message("Also needed, beside a key, to check results that AKOOL delivers to a webhook.")


def account_info(facts: ProviderFacts) -> AccountInfo:
    """Return what AKOOL wants to know of its user: an API key, or a client id and its secret."""
    return AccountInfo(
        alternatives=(
            (
                AccountField(
                    API_KEY,
                    message("API key"),
                    message("On AKOOL's website under API. It was called client secret before."),
                ),
            ),
            (
                AccountField(CLIENT_ID, message("Client id"), _CHECK_WITH_WEBHOOK),
                AccountField(
                    CLIENT_SECRET, message("Client secret"), message("On AKOOL's website, beside the client id.")
                ),
            ),
        ),
        key_page=facts.key_page,
    )


class AkoolAccount:
    """See ``domain.cloud.RemoteAccount``."""

    def __init__(self, calls: AkoolCalls, tools: CloudTools, facts: ProviderFacts) -> None:
        self.info = account_info(facts)
        self._calls = calls
        self._tools = tools
        self._facts = facts

    async def test(self) -> AccountStatus:
        """Ask for the credits, which says whether the key is taken.

        Raises:
            ProviderUnavailable: AKOOL cannot be reached.
        """
        try:
            left = await self._calls.quota_info()
        except ProviderRejected as error:
            if error.kind not in {CodeKind.ACCOUNT, CodeKind.CREDITS}:
                raise
            return AccountStatus(error.kind == CodeKind.CREDITS, error.message, hint=error.hint)
        text = message("AKOOL takes the key. {credits} credits are left.", credits=_number(left))
        return AccountStatus(is_valid=True, message=text, credits=left)

    async def credits(self) -> float:
        """Return the credits that are left.

        Raises:
            ProviderError: AKOOL cannot be reached, or refuses the key.
        """
        return await self._calls.quota_info()

    @property
    def detect_credits(self) -> float:
        """Return 0.0: its detector is free."""
        return 0.0

    async def detect(self, cleared: ClearedMedia) -> Sequence[RemoteFace]:
        """Have AKOOL look for faces in a picture, or in 24 frames of a video; a copy without metadata is sent.

        Returns:
            Faces by frame, in pixels of the upright file.

        Raises:
            InputRefused: The file cannot be read, or AKOOL sees no face.
            ProviderError: AKOOL or (for videos) the hosting cannot be reached, or refuses.
        """
        folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="faceswap-detect-")
        try:
            try:
                found, left, top, scale = await self._detect_picture(cleared, folder.name)
            except InputRefused as error:
                if error.kind != "not-a-picture":
                    raise
                found, left, top, scale = await self._detect_video(cleared, folder.name)
        finally:
            await asyncio.to_thread(folder.cleanup)
        if not found.sightings:
            raise InputRefused(message("AKOOL sees no face."), kind="no-face")
        return [
            RemoteFace(
                index,
                BoundingBox(
                    one.box.left / scale + left,
                    one.box.top / scale + top,
                    one.box.right / scale + left,
                    one.box.bottom / scale + top,
                ),
                tuple(type(point)(point.x / scale + left, point.y / scale + top) for point in one.points),
                one.seconds,
                one.frame,
            )
            for index, one in enumerate(found.sightings)
        ]

    async def delete_remote(self, handles: Sequence[Mapping[str, str]]) -> None:
        """Delete results at AKOOL for good.

        Raises:
            ProviderError: AKOOL cannot be reached, or refuses.
        """
        ids = [values["id"] for values in handles if values.get("id")]
        if ids:
            await self._calls.delbyids(ids)

    async def _detect_picture(self, cleared: ClearedMedia, folder: str) -> tuple[Detection, float, float, float]:
        settings, limits = self._tools.settings(), self._facts.target
        request = MakeCopy(
            path=cleared.media.path,
            target_path=str(Path(folder) / "copy"),
            max_edge=limits.max_edge,
            max_bytes=limits.max_bytes,
            formats=("JPEG",),
            max_pixels=settings.media.max_megapixels * 1_000_000,
        )
        copied: CopiedPicture = await self._tools.pool.run("make_copy", request)
        data = await asyncio.to_thread(in_base64, cleared.made(copied.path))
        if settings.providers.akool.legacy_detector:
            found = await self._calls.detect(Media(base64=f"data:image/jpeg;base64,{data}"), single_face=False)
        else:
            found = await self._calls.detect_faces(Media(base64=data), single_face=False, return_face_url=False)
        return found, copied.left, copied.top, copied.scale

    async def _detect_video(self, cleared: ClearedMedia, folder: str) -> tuple[Detection, float, float, float]:
        settings, limits = self._tools.settings(), self._facts.video
        assert limits is not None
        pool, hosting = self._tools.pool, self._tools.hosting
        opened: OpenedVideo = await pool.run(
            "open_video", OpenVideo(cleared.media.path, settings.media.max_megapixels * 1_000_000, max_edge=0)
        )
        request = MakeVideoCopy(
            media=opened.media,
            files=VideoFiles(str(Path(folder) / "index")),
            target_path=str(Path(folder) / "copy"),
            max_edge=limits.max_edge,
            max_bytes=limits.max_bytes,
            max_seconds=limits.max_seconds,
        )
        copied: CopiedVideo = await pool.run("make_video_copy", request, lane=Lane.JOBS)
        job = JobId(f"detect-{uuid.uuid4().hex}")
        try:
            url = (await hosting.host(cleared.made(copied.path), job, "video/mp4")).url
            found = await self._calls.detect_faces(
                Media(url=url), single_face=False, return_face_url=False, num_frames=MOST_FRAMES
            )
        finally:
            await hosting.release(job)
        return found, 0.0, 0.0, copied.scale


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
