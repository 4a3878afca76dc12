"""Videos on the command line, as a person or a script uses it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.clips import Sound, make_clip, no_faces, two_people
from tests.e2e.program import COLLINS, HOPPER, run
from tests.numbered import write_numbered


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a home")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "two people é 漢.mp4"
    return make_clip(path, [two_people(1.0)], size=(480, 270), rate=12, sound=(Sound(),)).path


def streams(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)["streams"]
    return {one["codec_type"]: one for one in said}


def test_detect_lists_the_people(home: Path, clip: Path) -> None:
    ended = run(home, "detect", clip, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["media"] == {
        "kind": "video", "width": 480, "height": 270, "seconds": 1.0, "frames_per_second": 12.0, "frames": 12,
    }  # fmt: skip
    assert [one["index"] for one in ended.json["identities"]] == [0, 1]
    for one in ended.json["identities"]:
        assert one["frames"] == 12
        assert one["spans"] == [{"start": 0.0, "end": 1.0, "first_frame": 0, "end_frame": 12}]
        assert 0 <= one["best_time"] < 1
        assert set(one["box"]) == {"left", "top", "right", "bottom"}
    assert [face["index"] for face in ended.json["faces"]] == [0, 1]
    assert [face["box"] for face in ended.json["faces"]] == [one["box"] for one in ended.json["identities"]]
    assert "100% look through the video" in ended.err
    again = run(home, "detect", clip)
    assert again.code == 0
    assert "12 frames, 1.00 s, 12 frames per second, 2 people" in again.out
    assert "0: 12 frames, 0.00–1.00 s" in again.out
    assert " px wide" in again.out


def test_swap_a_part_into_another_container(home: Path, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "result.mkv"
    ended = run(home, "swap", "--consent", "both agreed",
                "--target", clip, "--pair", f"1={COLLINS}", "--pair", f"0={HOPPER}", "--age", "1=20",
                "--in", "0.25", "--out", "0:00.75", "--output", output, "--json")  # fmt: skip
    assert ended.code == 0, ended.err
    assert (ended.json["state"], ended.json["faces"], ended.json["output"]) == ("succeeded", 2, str(output))
    assert "6 frames to MKV" in ended.err
    made = streams(output)
    assert (made["video"]["codec_name"], made["video"]["nb_read_frames"]) == ("h264", "6")
    assert made["audio"]["codec_name"] == "aac"
    said = run(home, "jobs", "show", ended.json["job"]).out
    assert "Part:     0:00.2 to 0:00.8, 6 frames" in said
    assert f"Result:   {output}" in said
    shown = run(home, "jobs", "show", ended.json["job"], "--json").json
    assert shown["recipe"]["trim"] == [3, 9]
    assert [(age["target"]["index"], age["years"]) for age in shown["recipe"]["ages"]] == [(1, 20)]


def test_reage_a_video_to_webm(home: Path, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "result.webm"
    ended = run(home, "reage", "--target", clip, "--years", "-10", "--face", "all", "--out", "0.4", "--output", output)
    assert ended.code == 0, ended.err
    assert ended.out.strip() == str(output)
    assert "WEBM cannot carry it" in ended.err
    assert streams(output)["video"]["nb_read_frames"] == "5"
    assert streams(output)["video"]["codec_name"] == "vp9"


def test_reage_a_photo(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "older.png"
    ended = run(home, "reage", "--target", COLLINS, "--years", "30", "--output", output, "--json")
    assert ended.code == 0, ended.err
    assert (ended.json["state"], ended.json["faces"]) == ("succeeded", 1)
    assert "does better" in ended.err  # beyond the range in which it looks right
    with Image.open(output) as made, Image.open(COLLINS) as original:
        assert made.size == original.size
        assert made.convert("RGB").tobytes() != original.convert("RGB").tobytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("swap", "--target", "CLIP", "--pair", f"7={COLLINS}"), 2, "no face 7"),
        (("swap", "--target", "CLIP", "--source", COLLINS, "--output", "x.png"), 2, ".mp4, .mov, .mkv or .webm"),
        (("swap", "--target", COLLINS, "--source", HOPPER, "--output", "x.mp4"), 2, ".webp, .tif or .avif"),
        (("swap", "--target", "CLIP", "--source", COLLINS, "--age", "0=31"), 2, "between -30 and 30"),
        (("swap", "--target", "CLIP", "--source", COLLINS, "--age", "20"), 2, "FACE=YEARS"),
    ],
)
def test_refusals(home: Path, clip: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    ended = run(home, *(clip if one == "CLIP" else one for one in arguments))
    assert ended.code == code, ended.err
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_bad_videos_are_refused_with_a_sentence(home: Path, tmp_path: Path) -> None:
    whole = write_numbered(tmp_path / "whole.mp4", 10).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:-400])
    ended = run(home, "detect", tmp_path / "cut.mp4")
    assert (ended.code, ended.out) == (3, "")
    assert "“cut.mp4” is damaged or incomplete" in ended.err
    empty = make_clip(tmp_path / "empty.mp4", [no_faces(0.3)], size=(320, 180)).path
    said = run(home, "detect", empty, "--json")
    assert (said.code, said.json["identities"]) == (3, [])
    assert "No face was found in “empty.mp4”" in said.err
