"""A recipe: everything that is needed to make a result again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from faceswap_desktop.domain.faces import FivePoints, PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.video import FrameRange, TrackPart

RECIPE_VERSION = 3

MOST_YEARS: Final = 30
"""Reage goes from minus so many years to plus so many."""


@dataclass(frozen=True, slots=True)
class SwapOptions:
    """How a source face is put in. Every field has a default that suits most pictures.

    Attributes:
        blend: Share of the swapped face, 0 (untouched target) to 1 (swapped in full).
        keep_mouth: Keep the target's teeth and mouth interior, so that speech and smiles stay.
        keep_eyes: Keep the target's eyeballs, so that the gaze stays.
        colour_match: How far the source takes on the target's colour and light, 0 to 1.
        edge_softness: Width of the feathered edge, 0 (tight) to 1 (wide).
    """

    blend: float = 1.0
    keep_mouth: bool = True
    keep_eyes: bool = True
    colour_match: float = 1.0
    edge_softness: float = 0.5

    def __post_init__(self) -> None:
        for name in ("blend", "colour_match", "edge_softness"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} must be between 0 and 1, not {value}")


class OutputFormat(StrEnum):
    """In what a picture is written. ``SAME`` follows the original as far as its format is written."""

    SAME = "same"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    TIFF = "tiff"
    AVIF = "avif"


class LabelCorner(StrEnum):
    """Where the visible label stands. ``AUTO``: in a corner that covers no face."""

    AUTO = "auto"
    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class LabelSize(StrEnum):
    """How large the visible label is, against the picture."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class LabelStyle(StrEnum):
    """Light letters on a dark plate, dark letters on a light one, or letters with an outline."""

    DARK_PLATE = "dark-plate"
    LIGHT_PLATE = "light-plate"
    OUTLINE = "outline"


class LabelWording(StrEnum):
    """``SHORT``: that AI changed it. ``FULL``: also what was changed."""

    SHORT = "short"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """The visible label that says that faces were changed.

    Attributes:
        is_on: Whether it is burnt into pictures and videos.
        wording, corner, size, style: How it looks.
        language: Code of the language it is written in, for example ``de``; empty for the system's.
    """

    is_on: bool = True
    wording: LabelWording = LabelWording.SHORT
    corner: LabelCorner = LabelCorner.AUTO
    size: LabelSize = LabelSize.SMALL
    style: LabelStyle = LabelStyle.DARK_PLATE
    language: str = ""


NO_LABEL: Final = LabelOptions(is_on=False)


class VideoCodec(StrEnum):
    """With what a video's picture is encoded."""

    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"
    VP9 = "vp9"
    PRORES = "prores"


class VideoContainer(StrEnum):
    """In what a video is packed. ``SAME`` follows the original as far as the codec allows."""

    SAME = "same"
    MP4 = "mp4"
    MOV = "mov"
    MKV = "mkv"
    WEBM = "webm"


class VideoQuality(StrEnum):
    """How much of the picture the encoder may lose."""

    SMALL = "small"
    GOOD = "good"
    HIGH = "high"
    LOSSLESS = "lossless"


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How the result is written.

    Attributes:
        format: See ``OutputFormat``.
        quality: For JPEG, WebP and AVIF, 1 to 100; JPEG and AVIF are always written 4:4:4.
        lossless_webp: Write WebP without loss.
        keep_gps: Keep the place where the photo was taken in the result's EXIF.
        name_template: File name without extension; places: ``{name}`` (original's), ``{source}``
            (source faces), ``{date}``, ``{time}``, ``{n}``.
        requested_path: Where the command line or "save as" wants a copy; empty for none.
        video_codec: For videos.
        video_container: For videos.
        video_quality: For videos; ProRes and lossless take a lot of room.
    """

    format: OutputFormat = OutputFormat.SAME
    quality: int = 95
    lossless_webp: bool = False
    keep_gps: bool = False
    name_template: str = "{name} as {source}"
    requested_path: str = ""
    video_codec: VideoCodec = VideoCodec.H264
    video_container: VideoContainer = VideoContainer.SAME
    video_quality: VideoQuality = VideoQuality.HIGH


@dataclass(frozen=True, slots=True)
class TargetFace:
    """A target face as the recipe remembers it, so that it is found again without detecting anew.

    Attributes:
        index: Its number in a picture; in a video its identity's.
        box: Where it is; in a video in the identity's best frame.
        five_points: Likewise.
        frame: The identity's best frame; 0 in a picture.
        parts: Where the identity is followed, as it was paired, so that later merging and splitting does not change
            a job; empty in a picture.
        name: What the user calls the identity.
    """

    index: int
    box: BoundingBox
    five_points: FivePoints
    frame: int = 0
    parts: tuple[TrackPart, ...] = ()
    name: str = ""

    def track_at(self, frame: int) -> int | None:
        """Return the track that follows this face in a frame of a video, or None."""
        return next((part.track for part in self.parts if frame in part.frames), None)


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A source face as the recipe remembers it: the very photos, in order."""

    id: SourceFaceId
    name: str
    photos: tuple[PhotoId, ...]


@dataclass(frozen=True, slots=True)
class FacePairing:
    """This source face replaces this target face."""

    target: TargetFace
    source: SourceRef


@dataclass(frozen=True, slots=True)
class FaceAge:
    """This target face becomes older (positive) or younger (negative), after the swap where it is paired too."""

    target: TargetFace
    years: int

    def __post_init__(self) -> None:
        if not -MOST_YEARS <= self.years <= MOST_YEARS:
            raise ValueError(f"years must be between -{MOST_YEARS} and {MOST_YEARS}, not {self.years}")


@dataclass(frozen=True, slots=True)
class LiveTake:
    """Where a recording or a snapshot of a live picture comes from; there is no original of it on any disk.

    Attributes:
        camera: Name of the camera, for people.
        service: Id of the provider that changed the faces; empty for this computer.
        began_at: Seconds since the epoch.
    """

    camera: str
    service: str = ""
    began_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a job does. Two equal recipes give equal pixels on one machine, before encoding.

    Attributes:
        provider: Who does it.
        media: What is edited.
        pairings: Who becomes whom.
        options: How source faces are put in.
        output: How the result is written.
        consent_note: What the user says of the consent of the source faces.
        ages: Who becomes how much older or younger; a face can be paired, reaged, or both.
        trim: Only these frames of a video; None for all.
        enhance: Have the provider sharpen and clean the swapped faces, where it can.
        target_url: Where the very media lies on the internet, for providers that fetch it; empty to host a copy.
        in_sandbox: It was ordered in the sandbox, and never goes to a real service.
        label: The visible label; what the program makes has the settings'.
        bystanders: Faces of a picture that were found and stay as they are: providers that take one face only, or the
            largest, have to know of them. Empty for none, and for videos.
        take: Where the media was filmed live, by this program: its faces are changed already, and all that is left to
            do is to finish the file. None for everything else.
        version: Layout of the recipe's JSON.
    """

    provider: str
    media: Media
    pairings: tuple[FacePairing, ...]
    options: SwapOptions = field(default_factory=SwapOptions)
    output: OutputOptions = field(default_factory=OutputOptions)
    consent_note: str = ""
    ages: tuple[FaceAge, ...] = ()
    trim: FrameRange | None = None
    enhance: bool = False
    target_url: str = ""
    bystanders: tuple[BoundingBox, ...] = ()
    in_sandbox: bool = False
    label: LabelOptions = NO_LABEL
    take: LiveTake | None = None
    version: int = RECIPE_VERSION

    @property
    def is_video(self) -> bool:
        """Whether the media is a video."""
        return self.media.kind is MediaKind.VIDEO

    @property
    def can_be_made_again(self) -> bool:
        """Whether what it was made from outlives the result: a live picture is over when it is over."""
        return self.take is None

    @property
    def maker(self) -> str:
        """Id of the provider that changes the faces: of a live picture not always the one that finishes it."""
        return self.take.service if self.take is not None and self.take.service else self.provider

    @property
    def cast(self) -> str:
        """Say who is put in, for names and cards: the source faces, or the years where only the age changes."""
        if self.pairings:
            return ", ".join(dict.fromkeys(pairing.source.name for pairing in self.pairings))
        years = sorted({one.years for one in self.ages})
        return ", ".join(f"{abs(one)} years {'older' if one > 0 else 'younger'}" for one in years)

    @property
    def name_template(self) -> str:
        """The template for the result's name; where only ages change nobody is "as" somebody."""
        template = self.output.name_template
        return template if self.pairings else template.replace(" as {source}", ", {source}")

    @property
    def targets(self) -> tuple[TargetFace, ...]:
        """Every face that is changed, once, by number."""
        paired = {one.target.index: one.target for one in self.pairings}
        found = paired | {one.target.index: one.target for one in self.ages}
        return tuple(found[index] for index in sorted(found))

    def age_of(self, index: int) -> int:
        """Return by how many years a face is changed; 0 for not at all."""
        return next((one.years for one in self.ages if one.target.index == index), 0)

    def pairing_of(self, index: int) -> FacePairing | None:
        """Return the pairing of a face, or None."""
        return next((one for one in self.pairings if one.target.index == index), None)

    def with_options(self, **changes: Any) -> Recipe:
        """Return the same recipe with some swap options changed ("change one thing and run again")."""
        return replace(self, options=replace(self.options, **changes))
