from __future__ import annotations

from pathlib import Path

import pytest

from faceswap_desktop.cli.arguments import clock_time, moment, plain_path
from faceswap_desktop.cli.job_words import job_line, job_text
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.video import FrameRange, VideoFacts

CORNER = Point(1, 1)
FACE = TargetFace(0, BoundingBox(0, 0, 10, 10), (CORNER, CORNER, CORNER, CORNER, CORNER), name="Ann")
FACTS = VideoFacts(10.0, 250, 25.0, "h264", "yuv420p", 8, 640, 360)
FILM = Media(MediaId("m"), "/films/a.mp4", MediaKind.VIDEO, Size(640, 360), "MP4", Fingerprint(1, 1, "0"), video=FACTS)
RECIPE = Recipe(
    "on-device",
    FILM,
    (FacePairing(FACE, SourceRef(SourceFaceId("s"), "Grace", (PhotoId("p"),))),),
    ages=(FaceAge(FACE, -5),),
    trim=FrameRange(25, 50),
)


def test_a_job_in_words() -> None:
    job = Job(JobId("j"), RECIPE, JobState.RUNNING, step="render", created_at=1e9, started_at=1e9)
    said = job_text(job, {"error": None, "output": None}, is_anyone_running=True).splitlines()
    assert "Target:   /films/a.mp4" in said
    assert "Swap:     person 0 (Ann) becomes Grace" in said
    assert "Age:      person 0 (Ann), 5 years younger" in said
    assert "Part:     0:01.0 to 0:02.0, 25 frames" in said
    assert "Output:   container as the original, h264, quality high" in said
    assert {"State:    running", "Step:     render", "Attempt:  1"} <= set(said)
    assert not any(line.startswith(("Ended", "Result", "Why")) for line in said)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.QUEUED])
def test_a_job_that_nobody_runs(state: JobState) -> None:
    job = Job(JobId("j"), RECIPE, state)
    is_interrupted = state is JobState.RUNNING
    said = (
        job_line(job, is_anyone_running=False),
        job_text(job, {"error": None, "output": None}, is_anyone_running=False),
    )
    assert all(("interrupted: `jobs resume` takes it up" in one) is is_interrupted for one in said)
    assert "interrupted" not in job_line(job, is_anyone_running=True)


@pytest.mark.parametrize(("seconds", "text"), [(1.2, "0:01.2"), (59.96, "1:00.0"), (3723.4, "1:02:03.4")])
def test_times_are_written_as_they_are_read(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text
    assert moment(text) == pytest.approx(seconds, abs=0.05)


def test_paths_without_dots(tmp_path: Path) -> None:
    deep = tmp_path / "far" / "deep"
    deep.mkdir(parents=True)
    assert plain_path(f"{deep}/../x.mp4") == tmp_path / "far" / "x.mp4"
    (tmp_path / "link").symlink_to(deep)
    assert plain_path(f"{tmp_path}/link/x.mp4") == tmp_path / "link" / "x.mp4"
    # The folder above the link is another one than the folder above what it leads to.
    assert plain_path(f"{tmp_path}/link/../x.mp4").parent.samefile(tmp_path / "far")
