"""A recipe: everything that is needed to make a result again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from faceswap_desktop.domain.faces import FivePoints, PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind

RECIPE_VERSION = 1


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
    """

    format: OutputFormat = OutputFormat.SAME
    quality: int = 95
    lossless_webp: bool = False
    keep_gps: bool = False
    name_template: str = "{name} as {source}"
    requested_path: str = ""


@dataclass(frozen=True, slots=True)
class TargetFace:
    """A target face as the recipe remembers it, so that it is found again without detecting anew."""

    index: int
    box: BoundingBox
    five_points: FivePoints


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
class Recipe:
    """All that a job does. Two equal recipes give equal pixels on one machine, before encoding."""

    provider: str
    media: Media
    pairings: tuple[FacePairing, ...]
    options: SwapOptions = field(default_factory=SwapOptions)
    output: OutputOptions = field(default_factory=OutputOptions)
    consent_note: str = ""
    version: int = RECIPE_VERSION

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
                "target": {
                    "index": pairing.target.index,
                    "box": box_to_json(pairing.target.box),
                    "five_points": [list(point) for point in pairing.target.five_points],
                },
                "source": {
                    "id": pairing.source.id,
                    "name": pairing.source.name,
                    "photos": list(pairing.source.photos),
                },
            }
            for pairing in recipe.pairings
        ],
        "options": {item.name: getattr(recipe.options, item.name) for item in fields(SwapOptions)},
        "output": {item.name: getattr(recipe.output, item.name) for item in fields(OutputOptions)},
        "consent_note": recipe.consent_note,
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
                TargetFace(
                    item["target"]["index"],
                    box_from_json(item["target"]["box"]),
                    five_points_from_json(item["target"]["five_points"]),
                ),
                SourceRef(
                    SourceFaceId(item["source"]["id"]),
                    item["source"]["name"],
                    tuple(PhotoId(photo) for photo in item["source"]["photos"]),
                ),
            )
            for item in data["pairings"]
        ),
        options=SwapOptions(**data["options"]),
        output=OutputOptions(**{**data["output"], "format": OutputFormat(data["output"]["format"])}),
        consent_note=data["consent_note"],
        version=data["version"],
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
        "fingerprint": [
            media.fingerprint.size_bytes,
            media.fingerprint.modified_ns,
            media.fingerprint.quick_digest,
        ],
        "notes": list(media.notes),
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
    )
