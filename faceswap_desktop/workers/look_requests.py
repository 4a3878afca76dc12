"""What tasks that look for sensitive content are given and what they reply. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.workers.requests import DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class LookAtPicture:
    """Look at a whole picture, and at the people in it. Replied to with ``Looked``. Task ``look_at_picture``.

    Attributes:
        path: The picture.
        max_pixels: Larger pictures are refused.
        digest: Its quick digest: another file there is refused. Empty for whatever it is.
    """

    path: str
    max_pixels: int = DEFAULT_MAX_PIXELS
    digest: str = ""


@dataclass(frozen=True, slots=True)
class LookAtVideo:
    """Look at some frames of a video: twice a second, and the first of every scene. Replied to with ``Looked``.

    Task ``look_at_video``. What the analysis has seen in its chunk already is used again.

    Attributes:
        media: The video.
        files: Its index has to be there.
        frames: One of the video's chunks.
    """

    media: Media
    files: VideoFiles
    frames: FrameRange


@dataclass(frozen=True, slots=True)
class LookAtFrames:
    """Look at single frames of a video. Replied to with ``Looked``. Task ``look_at_frames``."""

    media: Media
    files: VideoFiles
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was over its bar, by frame; empty for nothing."""

    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True)
class BlurPicture:
    """Make a picture, or a frame of a video, so blurred that nothing can be made out. Replied to with ``Blurred``.

    Task ``blur_picture``. It is made from at most ten times ten averages.

    Attributes:
        path: The picture or video.
        seconds: When in a video; not looked at for pictures.
        edge: Longest side of what is sent, in pixels.
        max_pixels: Larger pictures are refused.
    """

    path: str
    seconds: float = 0.0
    edge: int = 160
    max_pixels: int = DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class Blurred:
    """sRGB, ``width`` × ``height`` × 3, packed."""

    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True)
class CropPicture:
    """Write a part of a picture as a picture of its own, never over another file. Replied to with ``CroppedPicture``.

    Task ``crop_picture``. Metadata are kept but for the place; the format stays where it is written, else PNG.

    Attributes:
        path: The picture.
        box: The part, in pixels of the upright picture.
        folder: Where to write; the name says whose part it is.
        max_pixels: Larger pictures are refused.
    """

    path: str
    box: BoundingBox
    folder: str
    max_pixels: int = DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class CroppedPicture:
    """Where the part lies."""

    path: str
    width: int
    height: int
