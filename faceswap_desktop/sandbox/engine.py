"""The work itself: faces are found and changed by the program's own services, on this computer."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import DetectedFace, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.recipe import (
    NO_LABEL,
    OutputFormat,
    OutputOptions,
    SwapOptions,
    VideoCodec,
    VideoContainer,
)
from faceswap_desktop.domain.video import FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.services.consents import Consents
from faceswap_desktop.services.detection import Detection
from faceswap_desktop.services.gallery import Gallery
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.swapping import Swapping
from faceswap_desktop.services.videos import Videos

if TYPE_CHECKING:
    from PIL import Image

_OUTPUT: Final = OutputOptions(
    format=OutputFormat.JPEG, video_codec=VideoCodec.H264, video_container=VideoContainer.MP4
)
_MOST_EDGE_PX: Final = 4096
_CROP_QUALITY: Final = 95


class WorkFailed(Exception):
    """A picture or video could not be made; the text says why, as a service's support would."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The services that do the work."""

    library: Library
    detection: Detection
    videos: Videos
    swapping: Swapping
    queue: JobQueue
    gallery: Gallery
    consents: Consents


@dataclass(frozen=True, slots=True)
class Seen:
    """A media that was looked at.

    Attributes:
        digest: SHA-256 of the file.
        media: The media.
        faces: Its faces, largest first; of a video the best picture of each person, most seen first.
        analysis: Of a video: who is where.
        times: Of a video: when its frames are shown.
    """

    digest: str
    media: Media
    faces: tuple[DetectedFace, ...]
    analysis: VideoAnalysis | None = None
    times: FrameTimes | None = None

    @property
    def is_video(self) -> bool:
        """Whether it is a video."""
        return self.media.kind is MediaKind.VIDEO

    @property
    def seconds(self) -> float:
        """Length of a video; 0.0 for a picture."""
        return self.times.end - self.times.of(0) if self.times is not None and len(self.times) else 0.0


@dataclass(frozen=True, slots=True)
class SourceAt:
    """A face to put in: the file it is in, and its number there."""

    path: Path
    index: int


class Engine:
    """Finds faces, cuts them out, swaps and reages them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def look(self, path: Path, digest: str) -> Seen:
        """Find the faces of a picture, or look through a video.

        Raises:
            WorkFailed: It is neither, or damaged.
        """
        try:
            if kind_of(path) is not MediaKind.VIDEO:
                media, faces = await self._parts.detection.detect(path)
                return Seen(digest, media, faces)
            index = await self._parts.videos.index(await self._parts.videos.probe(path))
            analysis = await self._parts.videos.analyse(index.media, lambda _: None)
        except FaceSwapError as error:
            raise WorkFailed(str(error)) from error
        faces = tuple(identity.best_face for identity in analysis.identities)
        return Seen(digest, index.media, faces, analysis, index.times)

    async def faces_at(self, seen: Seen, frames: Sequence[int]) -> Mapping[int, tuple[DetectedFace, ...]]:
        """Return the faces of some frames of a video, numbered as its people, largest first."""
        found: dict[int, tuple[DetectedFace, ...]] = {}
        for frame in frames:
            faces = await self._parts.videos.faces_in(seen.media, FrameRange(frame, frame + 1), seen.analysis)
            found[frame] = tuple(sorted(faces.get(frame, ()), key=lambda face: -face.box.width * face.box.height))
        return found

    async def crops(self, seen: Seen, frame: int, boxes: Sequence[BoundingBox]) -> list[bytes]:
        """Cut parts out of a picture, or of a frame, pixel for pixel, and return them as JPEG.

        Raises:
            WorkFailed: The file is gone or damaged.
        """
        try:
            picture, scale = await self._pixels(seen, frame)
        except FaceSwapError as error:
            raise WorkFailed(str(error)) from error
        return await asyncio.to_thread(_cut, picture, scale, boxes)

    async def make(self, seen: Seen, sources: Mapping[int, SourceAt], ages: Mapping[int, int] | None = None) -> Path:
        """Put faces in, change ages, and return the result's file.

        Args:
            seen: The media.
            sources: Who is put in, by the number of the face.
            ages: Years to add, by the number of the face.

        Raises:
            WorkFailed: It could not be made.
        """
        try:
            paired: dict[int, SourceFaceId] = {}
            for index, source in sources.items():
                face = await self._parts.library.add_face(source.path, face_index=source.index, on_shelf=False)
                # Whoever sends something here was asked on the other side.
                await self._parts.consents.state_on_command_line("sandbox", [face])
                paired[index] = face.id
            recipe = await self._parts.swapping.make_recipe(
                seen.media,
                seen.faces,
                paired,
                SwapOptions(),
                ages=ages,
                analysis=seen.analysis,
                output=_OUTPUT,
                provider="on-device",
                # Services put none on; the program does, on what it fetches.
                label=NO_LABEL,
            )
            [job] = await self._parts.swapping.submit([recipe])
            try:
                ended = await self._parts.swapping.wait([job.id])
            except asyncio.CancelledError:
                await asyncio.shield(self._parts.queue.cancel([job.id]))
                raise
            if not ended or ended[0].state is not JobState.SUCCEEDED or ended[0].result is None:
                failure = ended[0].failure if ended else None
                raise WorkFailed(str(failure.message) if failure is not None else "the work was stopped")
            [result] = await self._parts.gallery.results([ended[0].result])
        except FaceSwapError as error:
            raise WorkFailed(str(error)) from error
        return Path(result.path)

    async def _pixels(self, seen: Seen, frame: int) -> tuple[Image.Image, float]:
        if not seen.is_video:
            shown = await self._parts.detection.display(seen.media.path)
            return _image(shown.pixels, shown.size, shown.stride), shown.scale
        [one] = await self._parts.videos.frames(seen.media, [frame], max_edge=_MOST_EDGE_PX)
        return _image(bytes(one.pixels), one.size, one.stride), one.scale


def _image(pixels: bytes | bytearray, size: tuple[int, int], stride: int) -> Image.Image:
    from PIL import Image

    return Image.frombuffer("RGB", (size[0], size[1]), bytes(pixels), "raw", "RGB", stride, 1)


def _cut(picture: Image.Image, scale: float, boxes: Sequence[BoundingBox]) -> list[bytes]:
    made = []
    for box in boxes:
        left, top, right, bottom = (round(edge) for edge in (box.left, box.top, box.right, box.bottom))
        where = (
            left * scale,
            top * scale,
            min(right * scale, picture.width),
            min(bottom * scale, picture.height),
        )
        part = picture.resize((right - left, bottom - top), box=where)
        stream = io.BytesIO()
        part.save(stream, "JPEG", quality=_CROP_QUALITY, subsampling=0)
        made.append(stream.getvalue())
    return made
