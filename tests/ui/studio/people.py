"""A video in the Studio, with people whom nobody looked for: for tests of what the window does with them."""

from __future__ import annotations

import array
from pathlib import Path

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.video import (
    FrameRange,
    FrameTimes,
    HardFrame,
    HardReason,
    Identity,
    IdentityId,
    LookAlike,
    TrackPart,
    VideoAnalysis,
    VideoFacts,
)
from faceswap_desktop.services.openings import AnalysisStatus, faces_of
from faceswap_desktop.services.studio import PictureStatus, Studio

FRAMES = 250
FPS = 25.0
MEDIA = MediaId("clip")


def face(index: int) -> DetectedFace:
    """Return a face somewhere."""
    left = 40.0 + 90 * index
    box = BoundingBox(left, 60.0, left + 60, 140.0)
    left_eye, right_eye, nose, left_mouth, right_mouth = (
        Point(left + x, 60.0 + y) for x, y in ((18, 30), (42, 30), (30, 45), (20, 60), (40, 60))
    )
    return DetectedFace(index, box, 0.95, (left_eye, right_eye, nose, left_mouth, right_mouth))


def person(index: int, *parts: tuple[int, int], name: str = "", is_hidden: bool = False) -> Identity:
    """Return somebody who is seen in these frames, each followed by a track of its own."""
    tracks = tuple(TrackPart(FrameRange(*part), 10 * index + place) for place, part in enumerate(parts))
    frames = sum(len(part.frames) for part in tracks)
    return Identity(
        index, IdentityId(f"who-{index}"), tracks, frames, parts[0][0], face(index), name=name, is_hidden=is_hidden
    )


def three_people() -> VideoAnalysis:
    """Return three persons, the first and the last of whom look alike, and two hard frames."""
    return VideoAnalysis(
        FRAMES,
        (person(0, (0, 120)), person(1, (0, 250)), person(2, (150, 240))),
        look_alikes=(LookAlike(0, 2, 0.44),),
        hard_frames=(HardFrame(90, 1, HardReason.POSE, 0.9), HardFrame(200, 2, HardReason.BLUR, 0.4)),
    )


def clip_media(path: Path, media: MediaId = MEDIA) -> Media:
    """Return a clip of ten seconds."""
    facts = VideoFacts(FRAMES / FPS, FRAMES, FPS, "h264", "yuv420p", 8, 320, 180)
    return Media(media, str(path), MediaKind.VIDEO, Size(320, 180), "MP4", Fingerprint(1000, 1, "ab" * 32), (), facts)


def times(frames: int = FRAMES) -> FrameTimes:
    """Return frames at an even pace."""
    return FrameTimes(array.array("d", (number / FPS for number in range(frames))).tobytes(), frames / FPS)


def put_clip(studio: Studio, path: Path, analysis: VideoAnalysis | None) -> str:
    """Let a clip stand in the Studio as if it had been opened and, where there is an analysis, looked through."""
    path.touch()
    (key,) = studio.open([path])
    studio._openings.drop(key)  # nobody is to look into an empty file
    studio.update(
        key,
        status=PictureStatus.READY,
        media=clip_media(path),
        times=times(),
        analysis=analysis,
        faces=faces_of(analysis),
        analysis_status=AnalysisStatus.DONE if analysis is not None else AnalysisStatus.RUNNING,
    )
    return key
