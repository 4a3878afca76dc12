"""Recipes and what they hold as plain JSON values, for the ledger and the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, fields
from typing import Any

from faceswap_desktop.domain.faces import FivePoints, PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import (
    RECIPE_VERSION,
    FaceAge,
    FacePairing,
    LabelCorner,
    LabelOptions,
    LabelSize,
    LabelStyle,
    LabelWording,
    LiveTake,
    OutputFormat,
    OutputOptions,
    Recipe,
    SourceRef,
    SwapOptions,
    TargetFace,
    VideoCodec,
    VideoContainer,
    VideoQuality,
)
from faceswap_desktop.domain.video import AudioTrack, ColourTags, FrameRange, TrackPart, VideoFacts


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
        "label": {item.name: getattr(recipe.label, item.name) for item in fields(LabelOptions)},
        "take": {item.name: getattr(recipe.take, item.name) for item in fields(LiveTake)} if recipe.take else None,
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
        # What was ordered before there were labels is marked like everything that is made now.
        label=label_from_json(data.get("label", {})),
        take=LiveTake(**data["take"]) if data.get("take") else None,
        version=RECIPE_VERSION,
    )


def output_from_json(data: dict[str, Any]) -> OutputOptions:
    """Read output options; what an older version did not write has its default.

    Raises:
        ValueError: A value is none of its kind's.
        TypeError: There is a name that no option has.
    """
    kinds = {
        "format": OutputFormat,
        "video_codec": VideoCodec,
        "video_container": VideoContainer,
        "video_quality": VideoQuality,
    }
    return OutputOptions(**_of_kinds(kinds, data))


def label_from_json(data: dict[str, Any]) -> LabelOptions:
    """Read a label; what is missing has its default.

    Raises:
        ValueError: A value is none of its kind's.
        TypeError: There is a name that no option has.
    """
    kinds = {"wording": LabelWording, "corner": LabelCorner, "size": LabelSize, "style": LabelStyle}
    return LabelOptions(**_of_kinds(kinds, data))


def _of_kinds(kinds: Mapping[str, Callable[[str], Any]], data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: kinds[name](value) if name in kinds else value for name, value in data.items()}


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
