"""What tasks are given and what they reply: frozen values without arrays, so that the window's process stays light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from faceswap_desktop.domain.clearance import ClearedMedia, ClearedRecipe
from faceswap_desktop.domain.faces import DetectedFace, FivePoints, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, OutputOptions, Recipe, SwapOptions
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.workers.shared import SharedPixels
from faceswap_desktop.workers.wire import Update

__all__ = [
    "AgeRequest",
    "BuildAtlas",
    "BuiltAtlas",
    "CheckpointState",
    "CodecState",
    "DisplayReady",
    "ExamineSource",
    "ExaminedSource",
    "KeepSourcePhoto",
    "KeptPhoto",
    "MadeThumbnail",
    "MakeThumbnail",
    "OpenPicture",
    "OpenedPicture",
    "PairingRequest",
    "PreviewPatch",
    "PreviewReply",
    "RenderPreview",
    "SaveCopy",
    "SelfTest",
    "SelfTestReport",
    "SwapToFile",
    "SwappedFile",
    "Update",
    "WrittenCopy",
]

DEFAULT_MAX_PIXELS: Final = 200_000_000
"""For files of our own, which were let in before."""

DISPLAY_LIMIT_PX: Final = 40_000_000
"""Larger pictures are shown scaled down."""


@dataclass(frozen=True, slots=True)
class OpenPicture:
    """Decode a picture, make it ready for the screen and find its faces. Replied to with ``OpenedPicture``.

    Attributes:
        path: The user's file.
        max_pixels: Larger pictures are refused.
        want_display: Send the pixels too.
        display_limit_px: Larger pictures are sent scaled down.
        with_embeddings: Tell identities as well.
        detect: Find faces; False where they are known already.
    """

    path: str
    max_pixels: int
    want_display: bool = True
    display_limit_px: int = DISPLAY_LIMIT_PX
    with_embeddings: bool = True
    detect: bool = True


@dataclass(frozen=True, slots=True)
class DisplayReady:
    """Payload of ``open_picture``'s first update: what can be shown before the faces are found.

    Attributes:
        media: What was opened.
        display: Upright sRGB pixels, 3 channels; None where they were not asked for.
        display_scale: Displayed pixels per pixel of the picture, at most 1.
    """

    media: Media
    display: SharedPixels | None
    display_scale: float


@dataclass(frozen=True, slots=True)
class OpenedPicture:
    """A picture and its faces.

    Attributes:
        media: What was opened.
        faces: Largest first; None where they were not looked for.
        display: Upright sRGB pixels, 3 channels; None where they were not asked for, or sent with an update before.
        display_scale: Displayed pixels per pixel of the picture, at most 1.
    """

    media: Media
    faces: tuple[DetectedFace, ...] | None
    display: SharedPixels | None = None
    display_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class ExamineSource:
    """Look at a photo that may become a source. Replied to with ``ExaminedSource``; writes nothing.

    Attributes:
        path: The photo.
        max_pixels: Larger pictures are refused.
        face_index: Only this face; None for all.
    """

    path: str
    max_pixels: int
    face_index: int | None = None


@dataclass(frozen=True, slots=True)
class ExaminedSource:
    """The faces of a source photo, largest first, graded; at least one."""

    media: Media
    faces: tuple[DetectedFace, ...]


@dataclass(frozen=True, slots=True)
class KeepSourcePhoto:
    """Cut a face out of a photo and write it into the library. Replied to with ``KeptPhoto``.

    Attributes:
        path: The user's photo.
        max_pixels: Larger pictures are refused.
        face_index: Which of its faces, as ``examine_source`` numbered them; None for the largest.
        crop_path: PNG to write: upright, sRGB.
        thumbnail_path: Square PNG to write, 192 px.
    """

    path: str
    max_pixels: int
    face_index: int | None
    crop_path: str
    thumbnail_path: str


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A crop in the library: its face in the crop's own pixels, and the crop's size."""

    face: DetectedFace
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class BuildAtlas:
    """Merge a person's crops into an atlas; one that exists is used again. Replied to with ``BuiltAtlas``."""

    crop_paths: tuple[str, ...]
    atlas_path: str


@dataclass(frozen=True, slots=True)
class BuiltAtlas:
    """Share of each photo in the atlas; they add up to 1."""

    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """A target face, by its index in its media, and the files of the source face that replaces it."""

    face_index: int
    box: BoundingBox
    five_points: FivePoints
    crop_paths: tuple[str, ...]
    atlas_path: str


@dataclass(frozen=True, slots=True)
class AgeRequest:
    """A target face, by its index in its media, and by how many years it becomes older or younger."""

    face_index: int
    box: BoundingBox
    five_points: FivePoints
    years: int


@dataclass(frozen=True, slots=True)
class RenderPreview:
    """Swap and change ages for the screen, swaps first. Replied to with ``PreviewReply``.

    Attributes:
        cleared: The picture.
        max_pixels: Larger pictures are refused.
        pairings: Who becomes whom.
        options: How source faces are put in.
        ages: Who becomes how much older or younger.
        label: The visible label; it is shown as the result will have it.
        faces: Boxes of all faces of the picture, which the label does not cover.
    """

    cleared: ClearedMedia
    max_pixels: int
    pairings: tuple[PairingRequest, ...]
    options: SwapOptions
    ages: tuple[AgeRequest, ...] = ()
    label: LabelOptions = NO_LABEL
    faces: tuple[BoundingBox, ...] = ()

    @property
    def path(self) -> str:
        """Where the picture lies."""
        return self.cleared.media.path


@dataclass(frozen=True, slots=True)
class PreviewPatch:
    """A changed rectangle of the upright picture, in its own pixels; ``rgb`` is sRGB, tightly packed."""

    left: int
    top: int
    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True)
class PreviewReply:
    """Changed rectangles in the order of painting, and the faces that could not be changed, with the reason."""

    patches: tuple[PreviewPatch, ...]
    skipped: tuple[tuple[int, Message], ...] = ()


@dataclass(frozen=True, slots=True)
class SwapToFile:
    """Do what a recipe says and write the result. Replied to with ``SwappedFile``.

    Attributes:
        cleared: What to do.
        sources: Files of each source face in the recipe.
        scratch_path: Where to write, without extension; the format adds its own.
        max_pixels: Larger pictures are refused.
    """

    cleared: ClearedRecipe
    sources: Mapping[SourceFaceId, SourceFiles]
    scratch_path: str
    max_pixels: int

    @property
    def recipe(self) -> Recipe:
        """What to do."""
        return self.cleared.recipe


@dataclass(frozen=True, slots=True)
class SwappedFile:
    """A finished result, still in the scratch folder.

    Attributes:
        path: The file.
        width, height: Pixels.
        format: ``JPEG``, ``PNG``, ``WEBP``, ``TIFF`` or ``AVIF``.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        faces: How many faces were changed.
        similarity: Mean cosine between the faces in the result and their source faces; None where it cannot be told.
        seconds: How long it took.
        notes: Worth saying, English.
        timings: Seconds per step, for benchmarks.
    """

    path: str
    width: int
    height: int
    format: str
    size_bytes: int
    sha256: str
    faces: int
    similarity: float | None
    seconds: float
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MakeThumbnail:
    """Write a small sRGB picture of a picture or video. Replied to with ``MadeThumbnail``.

    Its longer edge is ``edge`` pixels. The extension of ``thumbnail_path`` says the format: ``.png`` or ``.jpg``.
    """

    path: str
    thumbnail_path: str
    edge: int
    max_pixels: int = DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class MadeThumbnail:
    """Size of the thumbnail in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SaveCopy:
    """Write a result somewhere else, in the format of the extension. Replied to with ``WrittenCopy``.

    The copy never replaces a file: where ``to_path`` is taken, it is refused.
    """

    result_path: str
    to_path: str
    output: OutputOptions
    max_pixels: int = DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class WrittenCopy:
    """Where the copy lies and how large it is."""

    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Try the checkpoints and codecs of this computer. Replied to with ``SelfTestReport``."""


class CheckpointState(NamedTuple):
    """A checkpoint, whether it is whole and runs, and what is wrong if not."""

    name: str
    is_fine: bool
    detail: str


class CodecState(NamedTuple):
    """A picture format, or a codec of videos, and what can be done with it here."""

    format: str
    can_read: bool
    can_write: bool


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """What ``doctor`` tells of the workers."""

    checkpoints: tuple[CheckpointState, ...]
    codecs: tuple[CodecState, ...]
    video_codecs: tuple[CodecState, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
