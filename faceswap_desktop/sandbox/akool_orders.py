"""What AKOOL is asked to make: read strictly, then made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.sandbox.akool_keys import refusal
from faceswap_desktop.sandbox.engine import Seen, SourceAt, WorkFailed
from faceswap_desktop.sandbox.fetching import FetchFailed, is_web_address
from faceswap_desktop.sandbox.matching import (
    box_from,
    face_at_points,
    face_in_box,
    look_alike,
    points_from,
)
from faceswap_desktop.sandbox.world import Refused, World

MOST_FACES: Final = 8
MOST_PRO: Final = 50
MOST_YEARS: Final = 30
_STYLES: Final = ("realistic", "beautify", "lossless")
_SIMILAR_SIZE: Final = 0.25
"""From this share of the largest face's area on, another one makes a picture that holds more than one face."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face is: a picture's address with points or a box in that very picture; neither for its only face."""

    address: str
    points: tuple[Point, ...] = ()
    box: BoundingBox | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made.

    Attributes:
        media: Address of the picture or video that is changed.
        wants_video: It has to be a video (True), a picture (False), or may be either (None).
        pairs: Who is put in where; None for the largest face, or the person seen most.
        aged: Whose age changes.
        years: By how many years.
        webhook: Where the end is told; empty for nowhere.
    """

    media: str
    wants_video: bool | None
    pairs: tuple[tuple[Place, Place | None], ...] = ()
    aged: tuple[Place, ...] = ()
    years: int = 0
    webhook: str = ""


def read_order(endpoint: str, body: Mapping[str, Any] | None, is_crop: Callable[[str], bool]) -> Order:
    """Read what an endpoint is asked for.

    Args:
        endpoint: Its last part.
        body: What was sent; None where that was no JSON object.
        is_crop: Says whether an address is that of a crop which a detector of ours hosts.

    Raises:
        Refused: Something is missing or of the wrong kind (1003), or there are too many faces (1007).
    """
    if body is None:
        raise Refused(refusal(1003))
    webhook = body.get("webhookUrl") or ""
    if not isinstance(webhook, str) or (webhook and not is_web_address(webhook)):
        raise _wrong("webhookUrl")
    match endpoint:
        case "specifyimage" | "specifyvideo":
            return _read_v3(endpoint, body, webhook)
        case "imgreage" | "vidreage":
            return _read_reage(endpoint, body, webhook)
        case "faceswapByImage":
            return _read_pro(body, webhook)
        case _:
            return _read_plus(body, webhook, is_crop)


async def make(world: World, order: Order, seen: Seen) -> Path:
    """Make what was ordered and return its file.

    Raises:
        WorkFailed: It cannot be made.
    """
    if order.wants_video is not None and order.wants_video != seen.is_video:
        raise WorkFailed("the media is not of the kind that this endpoint takes")
    if not seen.faces:
        raise WorkFailed("no face detected")
    sources: dict[int, SourceAt] = {}
    for source, target in order.pairs:
        face = seen.faces[0] if target is None else await _target(world, seen, target)
        if face.index in sources:
            raise WorkFailed("two entries mean the same face")
        sources[face.index] = await _source(world, source)
    ages: dict[int, int] = {}
    for place in order.aged:
        ages[(await _target(world, seen, place)).index] = order.years
    return await world.engine.make(seen, sources, ages)


# ------------------------------------------------------------------------------------------------------------- reading


def _read_v3(endpoint: str, body: Mapping[str, Any], webhook: str) -> Order:
    is_video = endpoint == "specifyvideo"
    targets, sources = _places(body, "targetImage"), _places(body, "sourceImage")
    if len(targets) != len(sources):
        raise _wrong("sourceImage")
    enhance = body.get("face_enhance", 0)
    if isinstance(enhance, bool) or enhance not in {0, 1}:
        raise _wrong("face_enhance")
    media = _address(body, "modifyVideo" if is_video else "modifyImage")
    return Order(media, is_video, tuple(zip(sources, targets, strict=True)), webhook=webhook)


def _read_reage(endpoint: str, body: Mapping[str, Any], webhook: str) -> Order:
    is_video = endpoint == "vidreage"
    years = body.get("face_reage")
    if not isinstance(years, int) or isinstance(years, bool) or not -MOST_YEARS <= years <= MOST_YEARS:
        raise _wrong("face_reage")
    media = _address(body, "modifyVideo" if is_video else "modifyImage")
    return Order(media, is_video, aged=_places(body, "targetImage"), years=years, webhook=webhook)


def _read_pro(body: Mapping[str, Any], webhook: str) -> Order:
    for name in ("face_enhance", "single_face_mode"):
        _flag(body, name)
    if body.get("model_name", "akool_faceswap_image_hq") != "akool_faceswap_image_hq":
        raise _wrong("model_name")
    targets = _places(body, "targetImage", most=MOST_PRO)
    sources = _places(body, "sourceImage", most=MOST_PRO)
    if len(targets) != len(sources):
        raise _wrong("sourceImage")
    if len(targets) > 1 and not all(place.points for place in (*targets, *sources)):
        raise _wrong("opts")
    if len(targets) == 1 and (_flag(body, "single_face_mode") or not targets[0].points):
        return Order(targets[0].address, False, ((sources[0], None),), webhook=webhook)
    return Order(targets[0].address, False, tuple(zip(sources, targets, strict=True)), webhook=webhook)


def _read_plus(body: Mapping[str, Any], webhook: str, is_crop: Callable[[str], bool]) -> Order:
    source, target = _address(body, "source_url"), _address(body, "target_url")
    _flag(body, "face_enhance")
    if body.get("model_style", "realistic") not in _STYLES:
        raise _wrong("model_style")
    if _flag(body, "single_face_mode"):
        return Order(target, None, ((Place(source), None),), webhook=webhook)
    mapping = body.get("face_mapping")
    if not isinstance(mapping, list) or not mapping:
        raise _wrong("face_mapping")
    if len(mapping) > MOST_FACES:
        raise Refused(refusal(1007))
    # Crops speak for themselves; in whole pictures it has to be said where the face is.
    wholes = {address for address in (source, target) if not is_crop(address)}
    pairs = []
    for entry in mapping:
        if not isinstance(entry, dict):
            raise _wrong("face_mapping")
        from_face = _mapped(entry.get("source_face_info"), "", wholes)
        pairs.append((from_face, _mapped(entry.get("target_face_info"), target, wholes)))
    return Order(target, None, tuple(pairs), webhook=webhook)


def _mapped(info: object, default: str, wholes: Set[str]) -> Place:
    if not isinstance(info, dict):
        raise _wrong("face_mapping")
    address = info.get("face_url") or default
    if not is_web_address(address):
        raise _wrong("face_url")
    box = None
    if info.get("bbox") is not None:
        try:
            box = box_from(info["bbox"])
        except ValueError as error:
            raise _wrong("bbox") from error
    elif address in wholes:
        raise _wrong("bbox")
    return Place(str(address), box=box)


def _places(body: Mapping[str, Any], name: str, most: int = MOST_FACES) -> tuple[Place, ...]:
    items = body.get(name)
    if not isinstance(items, list) or not items:
        raise _wrong(name)
    if len(items) > most:
        raise Refused(refusal(1007))
    made = []
    for item in items:
        if not isinstance(item, dict) or not is_web_address(item.get("path")):
            raise _wrong(f"{name}.path")
        try:
            points = points_from(item["opts"]) if item.get("opts") else ()
        except ValueError as error:
            raise _wrong(f"{name}.opts") from error
        made.append(Place(item["path"], points))
    return tuple(made)


def _address(body: Mapping[str, Any], name: str) -> str:
    if not is_web_address(body.get(name)):
        raise _wrong(name)
    return str(body[name])


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(name)
    return value


def _wrong(name: str) -> Refused:
    return Refused(refusal(1003, text=f"Parameter error or Parameter can not be empty: {name}"))


# -------------------------------------------------------------------------------------------------------------- making


async def _source(world: World, place: Place) -> SourceAt:
    seen = await world.look_at(place.address)
    if seen.is_video:
        raise WorkFailed("a source is a picture")
    if not seen.faces:
        raise WorkFailed("no face detected in a source picture")
    return SourceAt(Path(seen.media.path), _meant(place, seen.faces, is_source=True).index)


async def _target(world: World, seen: Seen, place: Place) -> DetectedFace:
    """Return which face of the media a place means."""
    try:
        fetched = await world.fetcher.fetch(place.address)
    except FetchFailed as error:
        raise WorkFailed(f"download failed: {error}") from error
    if fetched.digest == seen.digest:
        return _meant(place, seen.faces)
    crop = world.crops.get(fetched.digest)
    if crop is not None and crop.digest == seen.digest:
        faces: Sequence[DetectedFace] = seen.faces
        if seen.is_video:
            faces = (await world.engine.faces_at(seen, [crop.frame]))[crop.frame]
        moved = tuple(Point(point.x + crop.left, point.y + crop.top) for point in place.points)
        return _meant(Place(place.address, moved, None if moved else crop.box), faces)
    shown = await world.look(fetched)
    if not shown.faces:
        raise WorkFailed("no face detected in a target picture")
    alike = look_alike(_meant(place, shown.faces), seen.faces)
    if alike is None:
        raise WorkFailed("a face of targetImage is not in the media")
    return alike


def _meant(place: Place, faces: Sequence[DetectedFace], *, is_source: bool = False) -> DetectedFace:
    if place.points:
        found = face_at_points(place.points, faces)
    elif place.box is not None:
        found = face_in_box(place.box, faces)
    else:
        found = faces[0]
        areas = [face.box.width * face.box.height for face in faces]
        if is_source and len(areas) > 1 and areas[1] > _SIMILAR_SIZE * areas[0]:
            raise WorkFailed("a source picture holds more than one face")
    if found is None:
        raise WorkFailed("no face at the given points: they belong to another picture")
    return found


def price_of(world: World, endpoint: str, seen: Seen | None) -> float:
    """Return what a call costs."""
    prices = world.providers.akool.prices
    tens = max(1, -(-int(seen.seconds * 1000) // 10_000)) if seen is not None and seen.is_video else 0
    if endpoint in {"imgreage", "vidreage"}:
        return prices.reage_video * tens if tens else prices.reage_image
    return prices.swap_video * tens if tens else prices.swap_image
