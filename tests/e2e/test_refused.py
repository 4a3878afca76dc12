"""Refused files on the command line: exit code 5, nothing written, nothing sent, and the times of videos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.clips import Place, cover, make_clip, one_person
from tests.e2e.clouds import House
from tests.e2e.program import COLLINS, HOPPER, Ended, run
from tests.scripted_looks import REFUSED

PROGRAM = "tests.e2e.scripted_program"
FROM_S, TO_S = 2.0, 2.6


def swap(home: Path, target: Path, *more: str | Path, source: Path = HOPPER) -> Ended:
    """Swap with the scripted classifier."""
    said = ("--consent", "both agreed")
    return run(home, "swap", *said, "--target", target, "--source", source, "--json", *more, module=PROGRAM)


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    """Return the sample with a patch below the face that is taken for what is refused."""
    with Image.open(COLLINS) as opened:
        pixels = np.asarray(opened.convert("RGB")).copy()
    pixels[round(pixels.shape[0] * 0.4) :] = REFUSED
    path = tmp_path / "beach.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hidden = cover(FROM_S, TO_S, Place(0.5, 0.5, 3.0), REFUSED)
    scene = one_person(4.0, "collins", None, hidden)
    return make_clip(tmp_path_factory.mktemp("clips") / "party.mp4", [scene], size=(320, 240), rate=10.0).path


def results_in(home: Path) -> list[Path]:
    """Return what lies in the library."""
    return [path for path in (home / "results").rglob("*") if path.is_file()]


def test_a_refused_source_is_told_and_nothing_is_made(tmp_path: Path, refused: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "result.png"
    ended = swap(home, COLLINS, "--output", output, source=refused)
    assert ended.code == 5, ended.err
    error = ended.json["error"]
    assert error["kind"] == "sensitive"
    assert "beach" in error["message"]
    assert "times" not in error
    assert not output.exists()
    assert results_in(home) == []


def test_a_refused_picture_ends_with_5_and_leaves_nothing(tmp_path: Path, refused: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "result.png"
    ended = swap(home, refused, "--output", output, source=HOPPER)
    assert ended.code == 5, ended.err
    error = ended.json["error"]
    assert error["kind"] == "sensitive"
    assert error["message"].startswith("“beach.png” is refused")
    assert "Nothing about it was sent anywhere." in error["hint"]
    assert "times" not in error
    assert "is refused" in ended.err
    assert not output.exists()
    assert results_in(home) == []


def test_nothing_of_a_refused_picture_is_sent(house: House, refused: Path) -> None:
    before = house.box.state()
    ended = swap(house.home, refused, "--provider", "akool", "--yes")
    assert ended.code == 5, ended.err
    assert ended.json["error"]["kind"] == "sensitive"
    after = house.box.state()
    # No call at all has arrived there, paid or not, and nothing lies in the bucket.
    assert after["calls"] == before["calls"]
    assert after["hosted"] == before["hosted"]
    assert house.paid() == {}


def test_a_refused_video_names_its_times_and_a_part_without_them_passes(tmp_path: Path, clip: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "part.mp4"
    ended = swap(home, clip, "--output", output)
    assert ended.code == 5, ended.err
    error = ended.json["error"]
    assert error["kind"] == "sensitive"
    assert error["times"]
    assert all(FROM_S <= one <= TO_S for one in error["times"])
    assert "0:02" in error["message"]
    assert not output.exists()
    shown = run(home, "jobs", "--json").json["jobs"]
    for job in shown:
        assert run(home, "jobs", "show", job["job"], "--json").json["error"]["times"] == error["times"]
    part = swap(home, clip, "--output", output, "--in", "0", "--out", "0:01.5")
    assert part.code == 0, part.err
    assert output.is_file()
