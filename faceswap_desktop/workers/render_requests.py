"""What tasks that change videos are given and what they reply: rendering, joining, reage. Like ``requests``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from faceswap_desktop.domain.clearance import ClearedMedia, ClearedRecipe
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import Recipe, SwapOptions, TargetFace
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import SourceFiles, VideoFiles
from faceswap_desktop.workers.shared import SharedPixels


@dataclass(frozen=True, slots=True)
class RenderFrames:
    """Decode frames and change the faces in them, for the screen. Replied to with ``RenderFramesReply``.

    Task ``render_frames``. Like ``read_frames``, with the swap and the ages in the frames.

    Attributes:
        cleared: The video.
        files: Its index has to be there; tracks are used where they are, else faces are looked for in the frame.
        numbers: Which frames, ascending.
        max_edge: Longest side of the frames as they are sent, in pixels.
        recipe: What to do; its trim is not looked at.
        sources: Files of each source face in the recipe.
    """

    cleared: ClearedMedia
    files: VideoFiles
    numbers: tuple[int, ...]
    max_edge: int
    recipe: Recipe
    sources: Mapping[SourceFaceId, SourceFiles]

    @property
    def media(self) -> Media:
        """The video."""
        return self.cleared.media


@dataclass(frozen=True, slots=True)
class RenderFramesReply:
    """Like ``ReadFramesReply``; ``skipped`` names faces that could not be done in these frames, with the reason."""

    numbers: tuple[int, ...]
    pixels: SharedPixels | None
    width: int
    height: int
    scale: float
    skipped: tuple[tuple[int, Message], ...] = ()


@dataclass(frozen=True, slots=True)
class RenderChunks:
    """Render some chunks that follow each other. Replied to with ``RenderedChunks``. Task ``render_chunks``.

    After each chunk an update carries its ``RenderedChunk``; within one, updates carry the number of frames done in it.

    Attributes:
        cleared: What to do.
        sources: Files of each source face in the recipe.
        files: The video's index and linked tracks have to be there.
        chunks: Number and frames of each.
        folder: Where the chunks' files go (``chunk_path``), each written whole or not at all.
        picture_path: JPEG of the last rendered frame, 480 px, replaced at most twice a second; empty for none.
        max_pixels: Larger frames are refused.
    """

    cleared: ClearedRecipe
    sources: Mapping[SourceFaceId, SourceFiles]
    files: VideoFiles
    chunks: tuple[tuple[int, FrameRange], ...]
    folder: str
    picture_path: str
    max_pixels: int

    @property
    def recipe(self) -> Recipe:
        """What to do."""
        return self.cleared.recipe

    def chunk_path(self, number: int) -> str:
        """Return where a chunk goes."""
        return chunk_path(self.folder, number)


def chunk_path(folder: str, number: int) -> str:
    """Return the name of a rendered chunk's file in a job's scratch folder."""
    return f"{folder}/chunk-{number:06d}.fsc"


@dataclass(frozen=True, slots=True)
class RenderedChunk:
    """One chunk.

    Attributes:
        number: Of the chunk.
        frames: How many frames it holds.
        size_bytes: Length of its file.
        faded: Frames in which a face that was asked for faded out (turned too far, covered).
        unreadable: Frames that could not be decoded and are left out.
        similarity: Mean cosine of result to source faces over a few frames; None where it cannot be told.
        timings: Seconds per stage: decode, swap, reage, encode, write.
    """

    number: int
    frames: int
    size_bytes: int
    faded: int = 0
    unreadable: int = 0
    similarity: float | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedChunks:
    """All chunks of the request."""

    chunks: tuple[RenderedChunk, ...]


@dataclass(frozen=True, slots=True)
class CheckChunks:
    """Tell which rendered chunks lie in a folder, whole and made by this recipe. Task ``check_chunks``.

    Replied to with ``RenderedChunks``; damaged files, and those of another recipe, are removed.
    """

    recipe: Recipe
    folder: str
    chunks: tuple[tuple[int, FrameRange], ...]


@dataclass(frozen=True, slots=True)
class RenderOnCluster:
    """Like ``RenderChunks``, for chunks in any order, on a Dask cluster. Task ``render_on_cluster``."""

    render: RenderChunks
    address: str
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""


@dataclass(frozen=True, slots=True)
class JoinChunks:
    """Join chunks, copy everything else from the original, and check the result. Replied to with ``JoinedVideo``.

    Task ``join_chunks``.

    Attributes:
        recipe: What was done; its trim says which part of the original goes along.
        files: The video's index.
        folder: Where the chunks are.
        chunks: Number and frames of each; they follow each other without a gap.
        scratch_path: Where to write, without extension; the container adds its own.
        is_whole: False for a piece of an unfinished job that somebody wants to look at: it holds these chunks only.
    """

    recipe: Recipe
    files: VideoFiles
    folder: str
    chunks: tuple[tuple[int, FrameRange], ...]
    scratch_path: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class JoinedVideo:
    """The finished file."""

    path: str
    width: int
    height: int
    format: str
    size_bytes: int
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanOutput:
    """Say what a result will be, before it is made. Replied to with ``OutputPlan``. Task ``plan_output``."""

    recipe: Recipe


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """What a video result will be.

    Attributes:
        format: ``MP4``, ``MOV``, ``MKV`` or ``WEBM``.
        extension: With its dot.
        dropped: What the container cannot carry, a sentence each; English.
        notes: What else is worth saying: cut sound at packet borders, added columns; English.
        bytes_per_second: About how much room a second takes, while rendering and in the result.
    """

    format: str
    extension: str
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bytes_per_second: float = 0.0


# ------------------------------------------------------------------------------------------------------- reage


@dataclass(frozen=True, slots=True)
class RenderFilmstrip:
    """Render one face at several ages. Replied to with ``FilmstripReply``. Task ``render_filmstrip``.

    An update after each picture carries a ``FilmstripPicture``.

    Attributes:
        cleared: The picture or video.
        max_pixels: Larger ones are refused.
        target: The face; in a video its frame is used.
        years: Which ages.
        edge: Side of the square pictures.
        source: Files of the source face that is put in first; None for none.
        options: How it is put in.
        files: Where a video's index is; None for the task to make one for itself.
    """

    cleared: ClearedMedia
    max_pixels: int
    target: TargetFace
    years: tuple[int, ...]
    edge: int
    source: SourceFiles | None = None
    options: SwapOptions = field(default_factory=SwapOptions)
    files: VideoFiles | None = None

    @property
    def path(self) -> str:
        """Where it lies."""
        return self.cleared.media.path


@dataclass(frozen=True, slots=True)
class FilmstripPicture:
    """One picture of the strip: sRGB, ``edge`` × ``edge`` × 3, packed; and the apparent age in years, or None."""

    years: int
    rgb: bytes
    apparent_age: float | None


@dataclass(frozen=True, slots=True)
class FilmstripReply:
    """All pictures in the order asked for."""

    pictures: tuple[FilmstripPicture, ...]
