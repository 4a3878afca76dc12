"""Live on this computer by the command line: a file as camera, recorded, killed, broken off."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.services.live_checks import page_check
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.embed import embed
from tests.clips import Place, Sound, make_clip, one_person, swaying
from tests.e2e.clouds import House, switched_on
from tests.e2e.program import COLLINS, HOPPER, LIMIT_S, all_gone, children_of, job_states, run, start, wait_for
from tests.unit.sandbox.conftest import Box

SMALL = ("--set", "live.width=320", "--set", "live.height=240", "--set", "live.per_second=12")
CONSENT = ("--consent", "a sample that comes with the program")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a home"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "somebody é.mp4"
    scene = one_person(2.0, "collins", swaying(Place(0.5, 0.5, 0.6), width=0.05, period=2.0))
    return make_clip(path, [scene], size=(320, 240), rate=12, sound=(Sound(),)).path


def frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def likeness(picture: NDArray[np.uint8], to: Path) -> float:
    """Return how much the face of a picture is that of a photo, by the recognition checkpoint."""
    with Image.open(to) as opened:
        other = np.asarray(opened.convert("RGB"))
    first, second = (embed(one, detect(one)[0].five_points) for one in (picture, other))
    return float(np.dot(first.ravel(), second.ravel()))


def streams(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)["streams"]
    return {one["codec_type"]: one for one in said}


def test_a_video_as_camera_is_changed_recorded_and_signed(home: Path, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "live.mp4"
    ended = run(
        home, "live", "--source", HOPPER, "--camera", clip, "--record", output, "--seconds", "2", "--json",
        *SMALL, *CONSENT,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    made = ended.json
    assert made["output"] == str(output)
    assert made["error"] is None
    assert made["people"] == 1
    assert made["frames"] > 0
    assert made["delay_ms"] > 0
    assert made["delay_p95_ms"] >= made["delay_ms"]
    assert "pictures per second" in ended.err

    found = streams(output)
    assert (found["video"]["codec_name"], found["video"]["width"], found["video"]["height"]) == ("h264", 320, 240)
    assert found["audio"]["codec_name"] == "aac"
    recorded, original = list(frames(output)), next(frames(clip))
    changed = recorded[len(recorded) // 2]
    assert likeness(changed, HOPPER) > likeness(original, HOPPER) + 0.2
    assert likeness(changed, COLLINS) < likeness(original, COLLINS) - 0.2

    looked_at = run(home, "verify", output, "--json").json
    assert (looked_at["validity"], looked_at["label"], looked_at["signed_here"]) == ("valid", "yes", True)
    shown = run(home, "jobs", "show", made["job"], "--json").json
    assert shown["state"] == "succeeded"
    assert shown["recipe"]["label"]["is_on"]
    assert shown["recipe"]["take"]["camera"] == clip.name
    assert [one.name for one in (home / "takes").iterdir()] == []


def test_killed_while_it_records_the_recording_is_finished_at_the_next_start(home: Path, clip: Path) -> None:
    process = start(
        home, "live", "--source", HOPPER, "--camera", clip, "--record", home.parent / "lost.mkv", *SMALL, *CONSENT
    )
    wait_for(lambda: recorded_bytes(home) > 20_000, "recording")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=LIMIT_S)
    assert job_states(home) == []
    ended = run(home, "jobs", "resume", "--json")
    assert ended.code == 0, ended.err
    [job] = ended.json["jobs"]
    assert job["state"] == "succeeded"
    assert job["output"] == str(home.parent / "lost.mkv")
    assert sum(1 for _ in frames(home.parent / "lost.mkv")) > 3
    assert run(home, "jobs", "resume", "--json").json == {"jobs": []}


def recorded_bytes(home: Path) -> int:
    return sum(one.stat().st_size for one in (home / "takes").glob("*/recording.*")) if home.exists() else 0


def test_a_picture_as_camera_until_ctrl_c(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "still.mov"
    process = start(
        home, "live", "--source", HOPPER, "--camera", COLLINS, "--record", output, "--json", "--mirror", "--no-label",
        *SMALL, *CONSENT,
    )  # fmt: skip
    wait_for(lambda: recorded_bytes(home) > 20_000, "recording")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, err
    made = json.loads(out)
    assert made["output"] == str(output)
    assert made["error"] is None
    assert "audio" not in streams(output), "a picture brings no sound"
    shown = run(home, "jobs", "show", made["job"], "--json").json
    assert not shown["recipe"]["label"]["is_on"]


def test_ctrl_c_without_a_recording_is_a_cancellation(home: Path) -> None:
    process = start(home, "live", "--source", HOPPER, "--camera", COLLINS, "--json", *SMALL, *CONSENT)
    wait_for(lambda: any((home / "faces").glob("*/face.png")), "the source face")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130, err
    assert json.loads(out)


def test_ctrl_c_closes_a_session_at_a_service(house: House, box: Box) -> None:
    page = page_check()
    if not page.is_ok:
        pytest.skip(page.detail)
    before = len(box.state()["live"])
    process = start(
        house.home, "live", "--provider", "akool", "--source", HOPPER, "--camera", COLLINS, "--seconds", "60",
        "--json", "--yes", *CONSENT,
    )  # fmt: skip
    wait_for(lambda: len(box.state()["live"]) > before or process.poll() is not None, "the session")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130, err
    [session] = box.state()["live"][before:]
    assert session["closed_at"] > 0
    made = json.loads(out)
    assert (made["provider"], made["error"], made["job"]) == ("akool", None, None)
    assert "could not be closed" not in err


def test_a_session_in_the_sandbox_is_seen_recorded_and_closed(tmp_path: Path) -> None:
    page = page_check()
    if not page.is_ok:
        pytest.skip(page.detail)
    home, output = switched_on(tmp_path), tmp_path / "tried.webm"
    ended = run(
        home, "live", "--provider", "akool", "--source", HOPPER, "--camera", COLLINS, "--record", output,
        "--seconds", "3", "--json", "--yes", *CONSENT,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "sandbox" in ended.err
    assert ended.json["output"] == str(output)
    *_, last = frames(output)
    red, green, blue = last[230, 320]
    assert green > 150 > max(red, blue), "the plate that the sandbox paints"
    assert sessions(home) == [("closed", "stopped", 1)]


def test_killed_while_it_records_a_session_it_is_closed_and_the_recording_kept(house: House, box: Box) -> None:
    page = page_check()
    if not page.is_ok:
        pytest.skip(page.detail)
    before = len(box.state()["live"])
    process = start(
        house.home, "live", "--provider", "akool", "--source", HOPPER, "--camera", COLLINS, "--seconds", "60",
        "--record", house.folder / "lost.webm", "--json", "--yes", *CONSENT, module="tests.e2e.scripted_page",
    )  # fmt: skip
    wait_for(lambda: recorded_bytes(house.home) > 20_000 or process.poll() is not None, "recording")
    children = children_of(process)
    process.send_signal(signal.SIGKILL)
    _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == -signal.SIGKILL, err
    assert all_gone(children), "the page goes with the program"
    assert [one["closed_at"] for one in box.state()["live"][before:]] == [0.0]
    ended = run(house.home, "jobs", "resume", "--json")
    assert ended.code == 0, ended.err
    [session] = box.state()["live"][before:]
    assert session["closed_at"] > session["started_at"]
    assert sessions(house.home) == [("closed", "killed", 0)]
    assert [job["output"] for job in ended.json["jobs"]] == [str(house.folder / "lost.webm")]
    assert sum(1 for _ in frames(house.folder / "lost.webm")) > 3


def sessions(home: Path) -> list[tuple[str, str, int]]:
    connection = sqlite3.connect(f"file:{home / 'faceswap.sqlite3'}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT state, reason, in_sandbox FROM live_sessions ORDER BY created_at").fetchall()
    finally:
        connection.close()


def test_what_cannot_be(home: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("this is no video")
    live = ("live", "--source", HOPPER, *SMALL, "--json")
    assert_refused(run(home, *live, "--camera", COLLINS), 5, "consent", "--consent")
    assert_refused(run(home, *live, "--camera", "no such camera"), 3, "no-camera", "camera")
    assert_refused(run(home, *live, "--camera", text, *CONSENT), 3, "camera-unreadable", "text.mp4")


def assert_refused(ended: Any, code: int, kind: str, words: str) -> None:
    assert ended.code == code, ended.err
    assert ended.json["error"]["kind"] == kind
    assert words in ended.err
