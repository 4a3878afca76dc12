"""What tasks that make copies for services, and look at what comes back, are given and reply. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass, field

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Fingerprint, Media
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles


@dataclass(frozen=True, slots=True)
class MakeCopy:
    """Make a copy of a picture that a service will take. Replied to with ``CopiedPicture``. Task ``make_copy``.

    The copy is upright, in sRGB and without metadata: no EXIF, no place, no names, no comments.

    Attributes:
        path: The original.
        target_path: Where to write, without extension; the format adds its own. What is there is replaced.
        max_edge: Longest side of the copy in pixels; larger ones are scaled down.
        max_bytes: Longest file. JPEG's quality goes down to 80 for it, then the picture is scaled down.
        formats: What the service takes, out of ``JPEG``, ``PNG`` and ``WEBP``; JPEG or PNG has to be among them.
        crop: Only this part of the upright original, in its pixels; None for all of it.
        min_edge: Shortest side of the copy in pixels; smaller ones are enlarged.
        enlarge: Copy's pixels per original pixel that are wanted where there is room; 1 to leave the size as it is.
        max_pixels: Larger originals are refused.
        fingerprint: The original has to be the file that it was then; None to take what is there.
    """

    path: str
    target_path: str
    max_edge: int
    max_bytes: int
    formats: tuple[str, ...] = ("JPEG", "PNG")
    crop: BoundingBox | None = None
    min_edge: int = 1
    enlarge: float = 1.0
    max_pixels: int = 200_000_000
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class CopiedPicture:
    """A picture that was written.

    Attributes:
        path: With its extension.
        format: ``JPEG``, ``PNG`` or ``WEBP``.
        width, height: Pixels.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        left, top, crop_width, crop_height: What part of the upright original it shows, in whole pixels of that.
        scale: Copy's pixels per original pixel.
        is_original: It has the original's own pixels: nothing was scaled, nor lost by encoding anew.
    """

    path: str
    format: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    left: int
    top: int
    crop_width: int
    crop_height: int
    scale: float
    is_original: bool = False


@dataclass(frozen=True, slots=True)
class MakeVideoCopy:
    """Make a copy of a video that a service will take. Replied to with ``CopiedVideo``. Task ``make_video_copy``.

    The copy is H.264 with AAC in MP4, upright, 8 bits, without metadata, subtitles, chapters and further tracks. The
    picture is not encoded anew where the original has all that already and is cut at key frames only.

    Attributes:
        media: The original.
        files: Where its index is, or is put.
        target_path: Where to write, without extension. What is there is replaced.
        max_edge: Longest side of the copy in pixels; larger ones are scaled down.
        max_bytes: Longest file.
        max_seconds: Longest copy; what is longer is cut at its end.
        frames: Only these frames; None for all.
        min_edge: Shortest side of the copy in pixels; smaller ones are enlarged.
    """

    media: Media
    files: VideoFiles
    target_path: str
    max_edge: int
    max_bytes: int
    max_seconds: float
    frames: FrameRange | None = None
    min_edge: int = 1


@dataclass(frozen=True, slots=True)
class CopiedVideo:
    """A video that was written.

    Attributes:
        path: With its extension, ``.mp4``.
        width, height: Pixels, upright.
        seconds: How long it is.
        frames: How many frames it has.
        frames_per_second: Mean rate.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        first_frame: Which frame of the original is its first.
        start_s: When that is shown in the original, in seconds.
        scale: Copy's pixels per original pixel.
        was_encoded: The picture was encoded anew.
    """

    path: str
    width: int
    height: int
    seconds: float
    frames: int
    frames_per_second: float
    size_bytes: int
    sha256: str
    first_frame: int
    start_s: float
    scale: float
    was_encoded: bool


@dataclass(frozen=True, slots=True)
class InspectResult:
    """Decode a downloaded result from its beginning to its end. Replied to with ``InspectedFile``.

    Task ``inspect_result``. What cannot be decoded, or is cut short, is refused.
    """

    path: str
    max_pixels: int


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """What a downloaded file is.

    Attributes:
        width, height: Pixels, upright.
        format: Name out of ``media.formats``, for example ``JPEG`` or ``MP4``.
        extension: The usual one, with its dot.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        seconds: How long a video is; 0.0 for a picture.
        frames: Of a video; 1 for a picture.
    """

    width: int
    height: int
    format: str
    extension: str
    size_bytes: int
    sha256: str
    seconds: float = 0.0
    frames: int = 1

    @property
    def is_video(self) -> bool:
        """Whether it moves."""
        return self.seconds > 0.0


@dataclass(frozen=True, slots=True)
class PasteBack:
    """Put the result of a copy back into the whole picture. Replied to with ``CopiedPicture``. Task ``paste_back``.

    The picture keeps the original's size, colour space and (as far as ``output`` says) EXIF; outside of what is put in
    its pixels stay as they are.

    Attributes:
        original_path: The whole picture.
        result_path: What became of the copy; its size may differ from the copy's, its proportions may not.
        crop: What part of the original the copy shows, in pixels of the upright original.
        target_path: Where to write, without extension. What is there is replaced.
        parts: Only these parts of the original change; empty for all of ``crop``.
        output: How it is written.
        max_pixels: Larger pictures are refused.
    """

    original_path: str
    result_path: str
    crop: BoundingBox
    target_path: str
    parts: tuple[BoundingBox, ...] = ()
    output: OutputOptions = field(default_factory=OutputOptions)
    max_pixels: int = 200_000_000


@dataclass(frozen=True, slots=True)
class ConvertResult:
    """Write a result in the format of another extension. Replied to with ``ConvertedFile``. Task ``convert_result``.

    Pictures become JPEG (95, 4:4:4), PNG or WebP; videos are packed into MP4, MOV or MKV without being encoded anew.

    Attributes:
        source_path: The result; it stays.
        target_path: With its extension. What is there is replaced.
        max_pixels: Larger pictures are refused.
        output: Quality of pictures.
    """

    source_path: str
    target_path: str
    max_pixels: int
    output: OutputOptions = field(default_factory=OutputOptions)


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """A converted result: pixels, format (as ``Media.format``), length and hexadecimal digest."""

    path: str
    format: str
    width: int
    height: int
    size_bytes: int
    sha256: str
