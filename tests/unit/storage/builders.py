"""Values to store, with everything filled in, so that nothing is lost unnoticed."""

from __future__ import annotations

import struct
from typing import Any

from faceswap_desktop.domain.faces import (
    DetectedFace,
    Embedding,
    Finding,
    FindingKind,
    Grade,
    GradeLevel,
    PhotoId,
    SourceFace,
    SourceFaceId,
    SourcePhoto,
)
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point, Size
from faceswap_desktop.domain.job import Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import (
    FacePairing,
    LabelOptions,
    OutputFormat,
    OutputOptions,
    Recipe,
    SourceRef,
    SwapOptions,
    TargetFace,
)

POINTS = (Point(1.5, 2.0), Point(3.0, 2.0), Point(2.0, 3.0), Point(1.5, 4.0), Point(3.0, 4.0))

JOURNEY = (
    JobState.QUEUED,
    JobState.PREPARING,
    JobState.SUBMITTING,
    JobState.RUNNING,
    JobState.FETCHING,
    JobState.FINISHING,
)
"""The states of a job on its way, in order."""


def a_recipe(
    path: str = "/pictures/group.jpg",
    *,
    sources: tuple[tuple[str, str], ...] = (("s1", "Ada"),),
    provider: str = "on-device",
) -> Recipe:
    media = Media(
        MediaId("m1"),
        path,
        MediaKind.IMAGE,
        Size(4000, 3000),
        "JPEG",
        Fingerprint(123, 456_789, "ab" * 32),
        ("A note.",),
    )
    pairings = tuple(
        FacePairing(
            TargetFace(place, BoundingBox(10.5, 20.0, 110.0, 140.25), POINTS),
            SourceRef(SourceFaceId(source), name, (PhotoId(f"{source}-p1"), PhotoId(f"{source}-p2"))),
        )
        for place, (source, name) in enumerate(sources)
    )
    return Recipe(
        provider,
        media,
        pairings,
        SwapOptions(0.9, False, True, 0.25, 0.75),
        OutputOptions(OutputFormat.WEBP, 80, True, True, "{name} {n}", "/elsewhere/out.webp"),
        "asked in person",
        # What was ordered before there were labels gets one.
        label=LabelOptions(),
    )


def a_job(job_id: str = "j1", **fields: Any) -> Job:
    return Job(**{"id": JobId(job_id), "recipe": a_recipe(), "created_at": 1000.0, **fields})


def a_result(result_id: str = "r1", job: str = "j1", **fields: Any) -> JobResult:
    given: dict[str, Any] = {
        "path": f"/results/{result_id}.jpg",
        "recipe": a_recipe(),
        "width": 4000,
        "height": 3000,
        "size_bytes": 987_654,
        "created_at": 2000.5,
        "seconds": 0.75,
        "faces": 1,
        "similarity": 0.71,
        "digest": "cd" * 32,
        "title": f"Result {result_id}",
        "is_favourite": False,
        "notes": ("Only the first frame is used.",),
    }
    return JobResult(id=ResultId(result_id), job=JobId(job), **{**given, **fields})


def a_grade() -> Grade:
    finding = Finding(
        FindingKind.YAW,
        GradeLevel.POOR,
        41.5,
        message("The face is turned by {degrees}°.", degrees=41.5),
        message("Choose a photo that faces the camera."),
    )
    return Grade((finding,), 41.5, -3.0, 2.5, 12.25, 88.0)


def an_embedding(seed: float = 0.5) -> Embedding:
    return Embedding(struct.pack("128f", *(seed + place / 128 for place in range(128))), "sface_2021dec")


def a_source_face(face_id: str = "s1", **fields: Any) -> SourceFace:
    photos = (
        SourcePhoto(
            PhotoId(f"{face_id}-p1"), f"/faces/{face_id}-p1/face.png", "me.jpg", Grade(eye_distance_px=120.0), 0.75
        ),
        SourcePhoto(PhotoId(f"{face_id}-p2"), f"/faces/{face_id}-p2/face.png", "名前.png", a_grade(), 0.25),
    )
    given: dict[str, Any] = {
        "name": "Ada",
        "photos": photos,
        "revision": 3,
        "thumbnail_path": f"/faces/{face_id}-p1/thumbnail.png",
        "embedding": an_embedding(),
        "created_at": 500.0,
    }
    return SourceFace(id=SourceFaceId(face_id), **{**given, **fields})


def a_detected_face(index: int = 0, **fields: Any) -> DetectedFace:
    given: dict[str, Any] = {
        "box": BoundingBox(10.5, 20.25, 110.0, 140.75),
        "score": 0.93,
        "five_points": POINTS,
        "landmarks": Landmarks.from_points((place * 1.25, place * 0.5) for place in range(478)),
        "depths": struct.pack("478f", *(place / 10 for place in range(478))),
        "embedding": an_embedding(),
        "grade": a_grade(),
        "yaw_degrees": -12.5,
    }
    return DetectedFace(index=index, **{**given, **fields})
