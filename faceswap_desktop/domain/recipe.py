"""A recipe: everything that is needed to make a result again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from faceswap_desktop.domain.faces import FivePoints, PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.video import AudioTrack, ColourTags, FrameRange, TrackPart, VideoFacts

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
    """In what a picture is written. ``SAME`` follows the original: PNG stays PNG, lossy becomes JPEG."""

    SAME = "same"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


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
        quality: For JPEG and WebP, 1 to 100; JPEG is always written 4:4:4.
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
        bystanders: Faces of a picture that were found and stay as they are: providers that take one face only, or the
            largest, have to know of them. Empty for none, and for videos.
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
    version: int = RECIPE_VERSION

    @property
    def is_video(self) -> bool:
        """Whether the media is a video."""
        return self.media.kind is MediaKind.VIDEO

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


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """Turn a recipe into plain JSON values."""
    return {
        "version": recipe.version,
        "provider": recipe.provider,
        "media": media_to_json(recipe.media),
        "pairings": [
            {
                "target": target_to_json(pairing.target),
                "source": {"id": pairing.source.id, "name": pairing.source.name, "photos": [*pairing.source.photos]},
            }
            for pairing in recipe.pairings
        ],
        "options": {item.name: getattr(recipe.options, item.name) for item in fields(SwapOptions)},
        "output": {item.name: getattr(recipe.output, item.name) for item in fields(OutputOptions)},
        "consent_note": recipe.consent_note,
        "ages": [{"target": target_to_json(age.target), "years": age.years} for age in recipe.ages],
        "trim": [recipe.trim.first, recipe.trim.end] if recipe.trim is not None else None,
        "enhance": recipe.enhance,
        "target_url": recipe.target_url,
        "bystanders": [box_to_json(box) for box in recipe.bystanders],
        "in_sandbox": recipe.in_sandbox,
    }


def recipe_from_json(data: dict[str, Any]) -> Recipe:
    """Read what ``recipe_to_json`` wrote.

    Raises:
        ValueError: The recipe is of a newer version, or a value is out of range.
        KeyError: Something is missing.
    """
    if data["version"] > RECIPE_VERSION:
        raise ValueError(f"recipe version {data['version']} is newer than {RECIPE_VERSION}")
    return Recipe(
        provider=data["provider"],
        media=media_from_json(data["media"]),
        pairings=tuple(
            FacePairing(
                target_from_json(item["target"]),
                SourceRef(
                    SourceFaceId(item["source"]["id"]),
                    item["source"]["name"],
                    tuple(PhotoId(photo) for photo in item["source"]["photos"]),
                ),
            )
            for item in data["pairings"]
        ),
        options=SwapOptions(**data["options"]),
        output=output_from_json(data["output"]),
        consent_note=data["consent_note"],
        # Version 1 knew pictures and swaps only.
        ages=tuple(FaceAge(target_from_json(item["target"]), item["years"]) for item in data.get("ages", ())),
        trim=FrameRange(*data["trim"]) if data.get("trim") else None,
        enhance=data.get("enhance", False),
        target_url=data.get("target_url", ""),
        bystanders=tuple(box_from_json(box) for box in data.get("bystanders", ())),
        in_sandbox=data.get("in_sandbox", False),
        version=RECIPE_VERSION,
    )


def output_from_json(data: dict[str, Any]) -> OutputOptions:
    """Read output options; what an older version did not write has its default.

    Raises:
        ValueError: A value is none of its kind's.
        TypeError: There is a name that no option has.
    """
    kinds: dict[str, Callable[[str], Any]] = {
        "format": OutputFormat,
        "video_codec": VideoCodec,
        "video_container": VideoContainer,
        "video_quality": VideoQuality,
    }
    values: dict[str, Any] = {name: kinds[name](value) if name in kinds else value for name, value in data.items()}
    return OutputOptions(**values)


def target_to_json(target: TargetFace) -> dict[str, Any]:
    """Write a target face."""
    return {
        "index": target.index,
        "box": box_to_json(target.box),
        "five_points": [list(point) for point in target.five_points],
        "frame": target.frame,
        "parts": [[part.frames.first, part.frames.end, part.track] for part in target.parts],
        "name": target.name,
    }


def target_from_json(data: dict[str, Any]) -> TargetFace:
    """Read a target face."""
    return TargetFace(
        data["index"],
        box_from_json(data["box"]),
        five_points_from_json(data["five_points"]),
        frame=data.get("frame", 0),
        parts=tuple(TrackPart(FrameRange(first, end), track) for first, end, track in data.get("parts", ())),
        name=data.get("name", ""),
    )


def box_to_json(box: BoundingBox) -> dict[str, float]:
    """Write a box as the command line prints it."""
    return {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}


def box_from_json(data: dict[str, float]) -> BoundingBox:
    """Read a box."""
    return BoundingBox(data["left"], data["top"], data["right"], data["bottom"])


def five_points_from_json(data: list[list[float]]) -> FivePoints:
    """Read five points.

    Raises:
        ValueError: There are not five.
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = (Point(x, y) for x, y in data)
    return (left_eye, right_eye, nose, left_mouth, right_mouth)


def media_to_json(media: Media) -> dict[str, Any]:
    """Write a media as JSON values."""
    return {
        "id": media.id,
        "path": media.path,
        "kind": media.kind.value,
        "size": [media.size.width, media.size.height],
        "format": media.format,
        "fingerprint": [*astuple(media.fingerprint)],
        "notes": list(media.notes),
        "video": video_to_json(media.video) if media.video is not None else None,
    }


def media_from_json(data: dict[str, Any]) -> Media:
    """Read a media."""
    return Media(
        id=MediaId(data["id"]),
        path=data["path"],
        kind=MediaKind(data["kind"]),
        size=Size(*data["size"]),
        format=data["format"],
        fingerprint=Fingerprint(*data["fingerprint"]),
        notes=tuple(data["notes"]),
        video=video_from_json(data["video"]) if data.get("video") else None,
    )


def video_to_json(facts: VideoFacts) -> dict[str, Any]:
    """Write what a video's header says."""
    return asdict(facts)


def video_from_json(data: dict[str, Any]) -> VideoFacts:
    """Read what ``video_to_json`` wrote."""
    colour = ColourTags(**data["colour"])
    return VideoFacts(**{**data, "colour": colour, "audio": tuple(AudioTrack(**track) for track in data["audio"])})
