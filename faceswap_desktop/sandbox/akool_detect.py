"""AKOOL's three detectors."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any, Final

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.sandbox.engine import Seen, WorkFailed
from faceswap_desktop.sandbox.fetching import FetchFailed, is_web_address
from faceswap_desktop.sandbox.matching import (
    CropOf,
    crop_around,
    look_alike,
    region_of,
    six_points,
    string_of,
    within,
)
from faceswap_desktop.sandbox.world import Answer, World

MOST_FRAMES: Final = 100
_FRAMES: Final = 5


def _failed(text: str, status: int = 400) -> Answer:
    return Answer({"error_code": 1, "error_msg": text, "faces_obj": {}}, status, is_done=False)


async def detect_faces(world: World, body: dict[str, Any] | None) -> Answer:
    """Answer ``detect_faces``: a picture or video by its address, or a picture within the request."""
    body = body or {}
    for name in ("single_face", "return_face_url"):
        if not isinstance(body.get(name, False), bool):
            return _failed(f"Invalid {name}")
    count = body.get("num_frames", _FRAMES)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_FRAMES:
        return _failed("Invalid num_frames")
    seen = await _opened(world, body)
    if isinstance(seen, Answer):
        return seen
    try:
        frames = await _frames(world, seen, count)
        by_frame: dict[str, Any] = {}
        for frame, faces in frames.items():
            kept = faces[:1] if body.get("single_face") else faces
            by_frame[str(frame)] = await _described(world, seen, frame, kept, hosts=bool(body.get("return_face_url")))
    except WorkFailed:
        return _failed("Failed to process media", 500)
    if world.faults.takes("akool", "no-face", "detect_faces") or not any(frames.values()):
        return _failed("No faces detected")
    return Answer({"error_code": 0, "error_msg": "SUCCESS", "faces_obj": by_frame})


async def detect(world: World, body: dict[str, Any] | None, seconds: float, trace: str) -> Answer:
    """Answer the older ``/detect``: pictures only, five points, no crops."""
    body = body or {}
    if not isinstance(body.get("single_face"), bool):
        return _older_failed("single_face is required")
    seen = await _opened(world, {"url": body.get("image_url"), "img": body.get("img")})
    if isinstance(seen, Answer):
        return _older_failed(str(seen.body["error_msg"]))
    if seen.is_video:
        return _older_failed("Media type detection failed")
    faces = seen.faces[:1] if body["single_face"] else seen.faces
    if not faces or world.faults.takes("akool", "no-face", "detect"):
        return _older_failed("No faces detected")
    points = []
    for face in faces:
        left_eye, right_eye, nose, _, left_mouth, _ = six_points(face)
        points.append([left_eye, right_eye, nose, left_mouth, [0, 0], [0, 0]])
    return Answer(
        {
            "error_code": 0,
            "error_msg": "SUCCESS",
            "landmarks": points,
            "landmarks_str": [string_of(one) for one in points],
            "region": [region_of(face, seen.media.size) for face in faces],
            "seconds": seconds,
            "trx_id": trace,
        }
    )


async def analyze_frames(world: World, body: dict[str, Any] | None) -> Answer:
    """Answer ``analyze_frames``: several pictures, the same people merged."""
    body = body or {}
    addresses, times = body.get("frame_urls"), body.get("timestamps")
    if not isinstance(addresses, list) or not addresses:
        return _frames_failed("frame_urls is required and must not be empty", 400)
    if times is None:
        times = [float(number) for number in range(len(addresses))]
    if not isinstance(times, list) or len(times) != len(addresses):
        return _frames_failed("timestamps must be as many as frame_urls", 400)
    people: list[_Person] = []
    for number, address in enumerate(addresses):
        try:
            seen = await world.look_at(address)
        except WorkFailed as error:
            text = "Failed to download image from URL" if "download" in str(error) else "Failed to process frames"
            return _frames_failed(text, 400)
        if seen.is_video:
            return _frames_failed("Failed to process frames", 500)
        for face in sorted(seen.faces, key=lambda one: one.box.left):
            known = look_alike(face, [person.face for person in people])
            if known is None:
                person = _Person(face, await hosted_crop(world, seen, 0, face))
                people.append(person)
            else:
                person = next(one for one in people if one.face is known)
            person.seen.append((float(times[number]), number, _corners(seen, face)))
    return Answer(
        {
            "success": True,
            "frame_count": len(addresses),
            "persons": [person.to_json(index) for index, person in enumerate(people)],
        }
    )


async def hosted_crop(world: World, seen: Seen, frame: int, face: DetectedFace) -> str:
    """Cut a face out, put it on the shelf and return its address."""
    box = crop_around(face, seen.media.size)
    [contents] = await world.engine.crops(seen, frame, [box])
    return _shelved(world, seen, frame, face, box, contents)


class _Person:
    def __init__(self, face: DetectedFace, address: str) -> None:
        self.face = face
        self.address = address
        self.seen: list[tuple[float, int, list[int]]] = []

    def to_json(self, index: int) -> dict[str, Any]:
        times = [time for time, _, _ in self.seen]
        return {
            "person_id": f"person_{index}",
            "index": index,
            "face_url": self.address,
            "bbox": self.seen[0][2],
            "confidence": round(self.face.score, 4),
            "appearances": [{"timestamp": time, "frame_idx": number, "bbox": box} for time, number, box in self.seen],
            "first_seen": min(times),
            "last_seen": max(times),
        }


async def _opened(world: World, body: dict[str, Any]) -> Seen | Answer:
    address, inline = body.get("url"), body.get("img")
    if not address and not inline:
        return _failed("Either 'url' or 'img' parameter must be provided")
    if address and not is_web_address(address):
        return _failed("Invalid URL format")
    try:
        if address:
            fetched = await world.fetcher.fetch(str(address))
        else:
            fetched = world.fetcher.keep_base64(str(inline), takes_data_uri=True)
    except FetchFailed:
        return _failed("Failed to download media from URL" if address else "Failed to process media")
    try:
        seen = await world.look(fetched)
    except WorkFailed:
        return _failed("Media type detection failed")
    return _failed("Media type detection failed") if inline and not address and seen.is_video else seen


async def _frames(world: World, seen: Seen, count: int) -> dict[int, Sequence[DetectedFace]]:
    if seen.times is None:
        return {0: seen.faces}
    length = len(seen.times)
    picked = sorted({round(place * (length - 1) / max(1, count - 1)) for place in range(min(count, length))})
    return dict(await world.engine.faces_at(seen, picked))


async def _described(
    world: World, seen: Seen, frame: int, faces: Sequence[DetectedFace], *, hosts: bool
) -> dict[str, Any]:
    points = [six_points(face) for face in faces]
    told: dict[str, Any] = {
        "landmarks": points,
        "landmarks_str": [string_of(one) for one in points],
        "region": [region_of(face, seen.media.size) for face in faces],
        "removed": [],
        "frame_time": None if seen.times is None else round(seen.times.of(frame) - seen.times.of(0), 3),
        "crop_region": None,
        "crop_landmarks": None,
        "face_urls": None,
    }
    if hosts:
        boxes = [crop_around(face, seen.media.size) for face in faces]
        contents = await world.engine.crops(seen, frame, boxes)
        told["crop_region"] = [[int(box.left), int(box.top), int(box.width), int(box.height)] for box in boxes]
        told["crop_landmarks"] = [
            string_of(one, int(box.left), int(box.top)) for one, box in zip(points, boxes, strict=True)
        ]
        told["face_urls"] = [
            _shelved(world, seen, frame, face, box, one) for face, box, one in zip(faces, boxes, contents, strict=True)
        ]
    return told


def _shelved(world: World, seen: Seen, frame: int, face: DetectedFace, box: BoundingBox, contents: bytes) -> str:
    kept = world.fetcher.keep(contents)
    world.crops[kept.digest] = CropOf(seen.digest, frame, int(box.left), int(box.top), face.box)
    path = kept.path.with_suffix(".jpg")
    if not path.exists():
        shutil.copyfile(kept.path, path)
    address = world.shelf.url(world.shelf.reserve("crops", "face.jpg", path))
    world.crop_addresses.add(address)
    return address


def _corners(seen: Seen, face: DetectedFace) -> list[int]:
    box = within(face.box, seen.media.size)
    return [int(box.left), int(box.top), int(box.right), int(box.bottom)]


def _older_failed(text: str) -> Answer:
    return Answer(
        {"error_code": 1, "error_msg": text, "landmarks": [], "landmarks_str": [], "region": []}, is_done=False
    )


def _frames_failed(text: str, status: int) -> Answer:
    return Answer({"success": False, "error": text}, status, is_done=False)
