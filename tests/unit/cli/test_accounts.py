"""Keys, what is left, and trials of hosting and webhook, from the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from faceswap_desktop.services.sandbox_process import SandboxProcess
from tests.unit.cli.conftest import KEYS, House, run
from tests.unit.sandbox.conftest import LIMIT_S, ROOT, until

SECRET = "a-key-that-nobody-may-see"


def test_a_key_comes_from_standard_input_and_is_shown_nowhere(house: House) -> None:
    ended = house.run("accounts", "set", "akool", "--json", typed=f"{SECRET}\n")
    # There is no keyring here, so it cannot be kept, and nothing else keeps it.
    assert (ended.code, ended.json["is_kept"]) == (4, False)
    assert "until the program ends" in ended.err
    assert "FACESWAP_AKOOL_API_KEY" in house.run("accounts", "set", "akool", typed=f"{SECRET}\n").out
    assert SECRET not in ended.out + ended.err
    for file in house.home.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("set", "akool"), "", "No key for akool.api_key"),
        (("set", "akool"), "\n", "No key for akool.api_key"),
        (("set", "akool"), "x" * 9000, "is no key"),
        (("set", "akool"), "schlüssel\n", "characters that no key has"),
        (("set", "akool", "--field", "aigs.token"), "x\n", "no key called aigs.token"),
        (("set", "s3", "--field", "akool.api_key"), "x\n", "no key called akool.api_key"),
        (("set", "s3"), "only-one\n", "No key for s3.secret_access_key"),
        (("set", "nobody"), "x\n", "no accounts at “nobody”"),
        (("set",), "x\n", "Say which provider"),
        (("test", "on-device"), "", "no accounts at “on-device”"),
        (("credits", "nobody"), "", "no accounts at “nobody”"),
    ],
)
def test_what_is_said_wrong(house: House, arguments: tuple[str, ...], typed: str, words: str) -> None:
    ended = house.run("accounts", *arguments, typed=typed)
    assert ended.code == 2
    assert words in ended.err


def test_keys_of_the_environment_are_listed_and_cannot_be_forgotten(house: House) -> None:
    listed = house.run("accounts", "--json").json
    assert {one["id"]: one["is_set"] for one in listed["accounts"]} == {"akool": True, "aifaceswap": True, "aigs": True}
    assert listed["others"] == {"s3": True, "webhook": False}
    assert "sandbox-key" not in house.run("accounts").out
    forgotten = house.run("accounts", "forget", "aigs", "--json")
    assert forgotten.json == {"provider": "aigs", "is_set": True}
    assert "in the environment stays" in forgotten.err
    assert house.run("accounts", "forget", "webhook", "--json").json == {"provider": "webhook", "is_set": False}


def test_what_is_left_and_what_it_says_of_a_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = house.run("accounts", "test", "akool", "--json")
    assert (tested.code, tested.json["is_valid"]) == (0, True)
    left = house.run("accounts", "credits", "akool", "--json")
    assert (left.code, left.json["credits"], left.json["unit"]) == (0, tested.json["credits"], "credits")
    assert house.run("accounts", "credits", "aigs", "--json").json["credits"] is None
    monkeypatch.setenv("FACESWAP_AKOOL_API_KEY", "banned-key")
    assert house.run("accounts", "credits", "akool").code == 4
    monkeypatch.delenv("FACESWAP_AKOOL_API_KEY")
    ended = house.run("accounts", "credits", "akool")
    assert ended.code == 4
    assert "No key is set for AKOOL" in ended.err


def test_terms_are_shown_and_kept_without_what_was_set_for_the_command(house: House) -> None:
    file = house.home / "settings.toml"
    file.write_text("", encoding="utf-8")
    ended = house.run("accounts", "accept", "aigs", "--set", "budget.monthly_cap=7", "--json")
    assert (ended.code, ended.json) == (0, {"provider": "aigs", "accepted": True})
    assert "entertainment only" in ended.err
    kept = file.read_text(encoding="utf-8")
    assert "aigs:" in kept
    assert "monthly_cap" not in kept


def test_providers_say_what_they_cannot_do_and_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACESWAP_AIGS_TOKEN")
    monkeypatch.setenv("FACESWAP_AKOOL_API_KEY", "wrong")
    found = {one["id"]: one for one in house.run("providers", "--json").json["providers"]}
    assert list(found) == ["on-device", "akool", "aifaceswap", "aigs"]
    assert [one["has_key"] for one in found.values()] == [None, True, True, False]
    assert "does not take the key" in found["akool"]["error"]
    assert found["aigs"]["lacks"]["video"] == "ai-gs changes pictures only."
    assert (found["akool"]["kept_days"], found["akool"]["most_faces"], found["akool"]["unit"]) == (7, 8, "credits")
    text = house.run("providers").out
    assert "not several-faces: ai-gs changes one face at a time." in text
    assert "accounts set aigs" in text


def test_the_bucket_and_the_address_are_tried_step_by_step(house: House) -> None:
    hosting = house.run("hosting", "test", "--json")
    assert (hosting.code, hosting.json["is_ok"]) == (0, True)
    assert [step["name"] for step in hosting.json["steps"]] == ["upload", "outside", "fetch", "delete"]
    webhook = house.run("webhook", "--json")
    assert (webhook.code, webhook.json["is_ok"]) == (0, True), webhook.err
    for command, setting in (("hosting", "hosting.s3.bucket="), ("webhook", "webhook.public_url=")):
        ended = house.run(command, "test", "--set", setting, "--json")
        assert (ended.code, ended.json["is_ok"]) == (4, False)
        assert [step["name"] for step in ended.json["steps"]] == ["settings"]
        assert "not ok:" in ended.err


def test_a_service_looks_for_faces(house: House) -> None:
    found = house.run("detect", house.picture("two"), "--provider", "akool", "--json")
    assert found.code == 0, found.err
    faces = found.json["faces"]
    assert [face["index"] for face in faces] == [0, 1]
    assert all(set(face["box"]) == {"left", "top", "right", "bottom"} for face in faces)
    before = house.paid("aifaceswap")
    refused = house.run("detect", house.picture("two"), "--provider", "aifaceswap", "--max-credits", "1")
    assert refused.code == 2
    assert "This costs about 2 points at aifaceswap, and --max-credits is 1." in refused.err
    assert house.paid("aifaceswap") == before
    refused = house.run("detect", house.picture("two"), "--provider", "aigs")
    assert refused.code == 2
    assert "ai-gs cannot detect faces" in refused.err


def test_the_switch_needs_no_key_and_leaves_no_process(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    ended = run("accounts", "test", "akool", "--set", "sandbox.is_on=true", "--json", home=tmp_path / "home")
    assert (ended.code, ended.json["is_valid"], ended.json["credits"]) == (0, True, 1000.0), ended.err
    assert "nothing is charged" in ended.err
    assert set(psutil.Process().children(recursive=True)) <= before
    assert not (tmp_path / "home" / "settings.toml").exists(), "the switch was for this command only"


def test_a_sandbox_that_does_not_start_is_no_reason_to_ask_the_real_services(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SandboxProcess.__init__, "__kwdefaults__", {"python": str(house.home / "nothing")})
    before = house.box.state()["calls"]
    ended = house.swap("--set", "sandbox.is_on=true", "--json")
    assert (ended.code, ended.json["error"]["kind"]) == (4, "sandbox")
    assert "The sandbox could not be started" in ended.err
    assert "nothing was sent" in ended.err
    assert house.box.state()["calls"] == before
    assert house.run("jobs", "--json").json == {"jobs": []}


@pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals")
def test_ctrl_c_ends_the_question_for_a_key(tmp_path: Path) -> None:
    terminal, their_end = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "faceswap_desktop", "accounts", "set", "akool", "--home", str(tmp_path / "home")],
        cwd=ROOT,
        stdin=their_end,
        stdout=subprocess.PIPE,
        stderr=their_end,
        start_new_session=True,
    )
    os.close(their_end)
    said = b""
    while b"akool.api_key: " not in said:
        said += os.read(terminal, 4096)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    os.close(terminal)
    assert process.returncode == 130


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_job_at_the_sandbox_and_the_sandbox(house: House) -> None:
    """With the switch on: the job is cancelled, and no process is left."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "faceswap_desktop", "--home", str(house.home), "--set", "sandbox.is_on=true",
            "swap", "--consent", "hers",
            "--target", str(house.picture("one")), "--source", str(house.picture("hopper")),
            "--provider", "akool",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name not in KEYS},
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    while "upload" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    children = psutil.Process(process.pid).children(recursive=True)
    assert any("sandbox" in child.cmdline() for child in children)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    until(lambda: not psutil.wait_procs(children, timeout=0.1)[1])
    assert [job["state"] for job in house.run("jobs", "--json").json["jobs"]] == ["cancelled"]
