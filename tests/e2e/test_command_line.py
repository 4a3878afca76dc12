"""The command line, as a person or a script uses it."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.e2e.program import COLLINS, HOPPER, end, job_states, run, start, wait_for


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a home with spaces & 漢字"


def test_detect_prints_one_object(home: Path) -> None:
    ended = run(home, "detect", COLLINS, "--json")
    assert ended.code == 0
    assert ended.json["media"] == {"kind": "image", "width": 512, "height": 512}
    [face] = ended.json["faces"]
    assert face["index"] == 0
    assert set(face["box"]) == {"left", "top", "right", "bottom"}
    assert 0.7 <= face["score"] <= 1
    assert len(face["five_points"]) == 5
    assert len(face["landmarks"]) == 478
    assert all(len(point) == 2 for point in face["landmarks"])
    assert abs(face["yaw_degrees"]) < 15
    assert face["grade"]["level"] in {"good", "fair"}


def test_swap_both_ways_and_show_the_jobs(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "out put.png"
    ended = run(
        home, "swap", "--target", HOPPER, "--source", COLLINS, "--output", output, "--consent", "both agreed", "--json"
    )
    assert ended.code == 0, ended.err
    made = ended.json
    assert set(made) >= {"job", "state", "output", "provider", "faces", "seconds", "charge", "error"}
    assert (made["state"], made["provider"], made["faces"], made["error"]) == ("succeeded", "on-device", 1, None)
    assert made["output"] == str(output)
    with Image.open(output) as picture, Image.open(HOPPER) as original:
        assert picture.format == "PNG"
        assert picture.size == original.size
        assert picture.convert("RGB").tobytes() != original.convert("RGB").tobytes()
    assert "100%" in ended.err
    shown = run(home, "jobs", "show", made["job"], "--json").json
    assert shown["recipe"]["consent_note"] == "both agreed"
    assert shown["recipe"]["label"]["is_on"]
    bare = tmp_path / "bare.png"
    again = run(home, "swap", "--target", HOPPER, "--pair", f"all={COLLINS}", "--no-label", "--output", bare)
    assert again.code == 0
    with Image.open(bare) as without, Image.open(output) as with_label, Image.open(HOPPER) as original:
        box = ImageChops.difference(without.convert("RGB"), with_label.convert("RGB")).getbbox()
        assert box is not None
        assert box[1] > original.height * 0.8
        assert without.convert("RGB").crop(box).tobytes() == original.convert("RGB").crop(box).tobytes()
    assert len(run(home, "jobs", "list", "--json").json["jobs"]) == 2


def test_equal_recipes_give_equal_pixels(home: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.png", tmp_path / "2.png"
    for output in (first, second):
        assert (
            run(home, "swap", "--target", COLLINS, "--source", HOPPER, "--output", output, "--consent", "hers").code
            == 0
        )
    with Image.open(first) as one, Image.open(second) as other:
        assert one.tobytes() == other.tobytes()


def test_nothing_is_overwritten(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "mine.png"
    output.write_bytes(b"precious")
    ended = run(home, "swap", "--target", HOPPER, "--source", COLLINS, "--output", output)
    assert ended.code == 3
    assert "ever overwritten" in ended.err
    assert output.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("swap",), 2, "--target"),
        (("swap", "--target", HOPPER), 2, "--source"),
        (("swap", "--target", HOPPER, "--source", COLLINS, "--blend", "1.5"), 2, "blend"),
        (("swap", "--target", HOPPER, "--source", COLLINS, "--provider", "nobody"), 2, "nobody"),
        (("swap", "--target", HOPPER, "--source", COLLINS, "--output", "x.xyz"), 2, "extension"),
        (("swap", "--target", HOPPER, "--pair", f"7={COLLINS}"), 2, "no face 7"),
        (("jobs", "show", "nothere"), 2, "nothere"),
        (("jobs", "cancel"), 2, "which job"),
        (("detect", HOPPER, "--set", "no.such=1"), 2, "no.such"),
        (("detect", "not there.png"), 3, "not there.png"),
        (("detect", HOPPER.parent), 3, "folder"),
        (("swap", "--target", "not there.png", "--source", COLLINS), 3, "not there.png"),
    ],
)
def test_refusals_say_why_and_exit_as_promised(home: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    ended = run(home, *arguments)
    assert ended.code == code, ended.err
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_a_picture_without_faces_is_refused(home: Path, tmp_path: Path) -> None:
    picture = tmp_path / "sky.png"
    Image.linear_gradient("L").convert("RGB").save(picture)
    for arguments in (("detect", picture), ("swap", "--target", picture, "--source", COLLINS)):
        ended = run(home, *arguments)
        assert ended.code == 3
        assert "No face was found" in ended.err
    assert json.loads(run(home, "detect", picture, "--json").out)["faces"] == []
    assert run(home, "swap", "--target", COLLINS, "--source", picture).code == 3


def test_jobs_are_cancelled_retried_and_deleted(home: Path) -> None:
    job = run(home, "swap", "--target", HOPPER, "--source", COLLINS, "--consent", "hers", "--no-wait", "--json").json[
        "job"
    ]
    assert run(home, "jobs", "pause", job).code == 0
    assert run(home, "jobs", "delete", job).code == 2
    assert run(home, "jobs", "cancel", job, "--json").json["jobs"][0]["state"] == "cancelled"
    assert run(home, "jobs", "retry", job, "--json").json["jobs"][0]["state"] == "queued"
    assert run(home, "jobs", "resume").code == 0
    assert job_states(home) == ["succeeded"]
    assert run(home, "jobs", "delete", job, "--json").json == {"deleted": [job]}
    assert run(home, "jobs", "--json").json == {"jobs": []}


def test_interrupting_cancels(home: Path) -> None:
    process = start(home, "swap", "--target", HOPPER, "--source", COLLINS, "--consent", "hers", "--json")
    wait_for(lambda: job_states(home), "the job being committed")
    assert end(process, signal.SIGINT) in {0, 130}
    assert job_states(home)[0] in {"cancelled", "succeeded"}


def test_another_command_line_hands_its_job_to_the_window(home: Path) -> None:
    window = start(home)
    try:
        wait_for((home / "faceswap.sqlite3").exists, "the window opening its database")
        ended = run(home, "swap", "--target", HOPPER, "--source", COLLINS, "--consent", "hers", "--json")
        assert ended.code == 0, ended.err
        assert ended.json["state"] == "succeeded"
        second = run(home, QT_QPA_PLATFORM="offscreen")
        assert second.code == 0
        assert window.poll() is None
    finally:
        assert end(window) == 0


def test_providers_and_doctor(home: Path) -> None:
    [provider] = [one for one in run(home, "providers", "--json").json["providers"] if one["id"] == "on-device"]
    assert {"detect", "swap_image", "multi_face"} <= set(provider["capabilities"])
    doctor = run(home, "doctor", "--json")
    assert doctor.code == 0
    assert doctor.json["ok"] is True
    assert any(check["name"] == "keyring" and not check["is_ok"] for check in doctor.json["checks"])


def test_a_newer_database_is_refused_and_untouched(home: Path) -> None:
    import sqlite3

    run(home, "jobs")
    database = home / "faceswap.sqlite3"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 999000")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = database.read_bytes()
    ended = run(home, "jobs")
    assert ended.code == 3
    assert "newer" in ended.err
    assert database.read_bytes() == before


def test_a_damaged_settings_file_is_kept_aside_and_said(home: Path) -> None:
    run(home, "jobs")
    (home / "settings.toml").write_text("this is [not toml", encoding="utf-8")
    ended = run(home, "jobs")
    assert ended.code == 0
    assert "settings" in ended.err
    assert list(home.glob("settings.toml.damaged-*"))
