from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from faceswap_desktop.cli.arguments import moment, years
from faceswap_desktop.cli.console import Console, clock
from faceswap_desktop.cli.targets import Target, faces_named, trim_of
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.events import JobProgressed
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.domain.work import FrameProgress
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.indexing import build_index
from tests.numbered import write_numbered


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("12.5", 12.5),
        ("90", 90.0),
        (".5", 0.5),
        ("7,25", 7.25),
        ("1:02.5", 62.5),
        ("90:00", 5400.0),
        ("1:02:03.004", 3723.004),
        (" 5 ", 5.0),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert moment(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "-1", "x", "1:", ":5", "1:60", "1:60:00", "1:2:3:4", "nan", "inf", "1e3", "1.2.3"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="seconds or h:mm:ss"):
        moment(text)


def test_years() -> None:
    assert [years(text) for text in ("30", "-30", "+5", "1")] == [30, -30, 5, 1]
    for text in ("0", "31", "-31", "2.5", "", "old"):
        with pytest.raises(argparse.ArgumentTypeError, match="between -30 and 30"):
            years(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (600, "10 min"), (5000, "83 min"), (9000, "2 h 30 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def media(kind: MediaKind) -> Media:
    return Media(MediaId("m"), "/films/a.mp4", kind, Size(640, 360), "MP4", Fingerprint(1, 1, "0"))


def video(times: FrameTimes) -> Target:
    return Target(media(MediaKind.VIDEO), (), VideoAnalysis(len(times)), times)


def index_of(folder: Path, times: list[float]) -> VideoIndex:
    path = write_numbered(folder / "a.mkv", len(times), times=times)
    return build_index(path, size=(192, 96), pixel_format="yuv420p")


@pytest.mark.parametrize(
    ("time_in", "time_out", "expected"),
    [
        (None, None, None),
        (0.0, None, (0, 50)),
        (1.0, None, (25, 50)),
        (1.01, None, (25, 50)),  # the frame that is on the screen then
        (None, 1.0, (0, 25)),
        (None, 1.01, (0, 26)),
        (0.5, 1.5, (12, 38)),
        (None, 99.0, (0, 50)),
        (1.99, 2.0, (49, 50)),
    ],
)
def test_parts_of_a_video(
    tmp_path: Path, time_in: float | None, time_out: float | None, expected: tuple[int, int] | None
) -> None:
    target = video(index_of(tmp_path, [number / 25 for number in range(50)]).times)
    found = trim_of(target, time_in, time_out)
    assert found == (None if expected is None else FrameRange(*expected))


def test_times_count_from_the_first_frame(tmp_path: Path) -> None:
    times = index_of(tmp_path, [5 + number / 25 for number in range(10)]).times
    assert times.of(0) == pytest.approx(5.0)
    assert trim_of(video(times), 0.2, None) == FrameRange(5, 10)
    assert video(times).seconds_at(5) == pytest.approx(0.2)


def test_uneven_times(tmp_path: Path) -> None:
    target = video(index_of(tmp_path, [0.0, 0.1, 0.2, 3.0, 3.1]).times)
    assert trim_of(target, 1.0, 3.05) == FrameRange(2, 4)
    assert trim_of(target, None, 2.0) == FrameRange(0, 3)


@pytest.mark.parametrize(("time_in", "time_out"), [(2.0, 1.0), (1.0, 1.0), (2.0, None), (50.0, None), (None, 0.0)])
def test_parts_without_a_frame(tmp_path: Path, time_in: float | None, time_out: float | None) -> None:
    target = video(index_of(tmp_path, [number / 25 for number in range(50)]).times)
    with pytest.raises(UsageError, match="No frame of the video"):
        trim_of(target, time_in, time_out)


def test_pictures_have_no_parts() -> None:
    target = Target(media(MediaKind.IMAGE), ())
    assert trim_of(target, None, None) is None
    with pytest.raises(UsageError, match="for videos"):
        trim_of(target, 1.0, None)


def test_progress_of_a_video_tells_frames_and_speed(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(is_json=False)
    job = Job(JobId("j"), Recipe("on-device", media(MediaKind.VIDEO), ()), JobState.RUNNING)
    console.watch([job])
    console.on_event(JobProgressed(job.id, 0.3, "render", 65.0, FrameProgress(1150, 4000, 31.25, in_hand=50)))
    console.on_event(JobProgressed(job.id, 0.35, "render", 60.0, FrameProgress(1400, 4000, 31.0)))
    console.on_event(JobProgressed(job.id, 0.9, "join"))
    assert capsys.readouterr().err.splitlines() == [
        "a.mp4:  30% render, 1,200 of 4,000 frames, 31.2 per second, 65 s left",
        "a.mp4:  90% join",
    ]


@pytest.mark.parametrize(("count", "hint"), [(1, "It has one, number 0."), (3, "It has 3, numbered from 0.")])
def test_a_face_that_is_not_there(count: int, hint: str) -> None:
    corner = Point(1, 1)
    faces = tuple(
        DetectedFace(number, BoundingBox(0, 0, 10, 10), 0.9, (corner, corner, corner, corner, corner))
        for number in range(count)
    )
    with pytest.raises(UsageError, match="no face 9") as caught:
        faces_named("9", Target(media(MediaKind.VIDEO), faces))
    assert caught.value.hint is not None
    assert caught.value.hint.text() == hint
