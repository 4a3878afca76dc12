"""A result as somebody else gets it: whole, tampered with, stripped of everything; and what was not made here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import COLLINS, HOPPER, run
from tests.signed_files import flip, resave


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_from_a_swap_to_what_can_be_told_of_its_copies(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "party.jpg"
    ended = run(home, "swap", "--target", HOPPER, "--source", COLLINS, "--output", output, "--consent", "mine")
    assert ended.code == 0, ended.err

    whole = run(home, "verify", output, "--json")
    assert whole.code == 0, whole.err
    told = whole.json
    assert (told["validity"], told["made_here"], told["label"], told["problems"]) == ("valid", True, "yes", [])
    assert told["digital_source_type"] == "compositeCapture", "no network made these pixels"
    assert any("Face swapped" in action["description"] for action in told["credentials"]["actions"])
    assert told["credentials"]["ingredients"][0]["relationship"] == "parentOf"
    assert told["result"]
    assert told["credentials"]["title"] == "Result"
    content = output.read_bytes().lower()
    assert [name for name in (b"hopper", b"eileen", b"collins", b"party", b"mine") if name in content] == []
    said = run(home, "verify", output).out
    assert said.startswith("Valid. Made here, and not changed since it was signed.")
    assert "not who signed it" in " ".join(said.split())
    assert "- Opened the target" in said

    flipped = run(home, "verify", flip(output, tmp_path / "flipped.jpg"), "--json")
    assert flipped.code == 3
    assert (flipped.json["validity"], flipped.json["made_here_by"]) == ("tampered", "likeness")

    stripped = run(home, "verify", resave(output, tmp_path / "copy.jpg"), "--json")
    assert stripped.code == 0
    assert (stripped.json["validity"], stripped.json["credentials"]) == ("none", None)
    assert (stripped.json["made_here"], stripped.json["result"]) == (True, told["result"])

    for foreign in (HOPPER, COLLINS):
        ended = run(home, "verify", foreign, "--json")
        assert ended.code == 0
        assert (ended.json["validity"], ended.json["made_here"], ended.json["result"]) == ("none", False, None)

    # On another computer: valid, and no more than that.
    elsewhere = run(tmp_path / "elsewhere", "verify", output, "--json")
    assert elsewhere.code == 0
    assert (elsewhere.json["validity"], elsewhere.json["made_here"]) == ("valid", False)


def test_what_cannot_be_verified_is_refused_in_words(home: Path, tmp_path: Path) -> None:
    missing = run(home, "verify", tmp_path / "gone.jpg", "--json")
    assert missing.code == 3
    assert missing.json["error"]["kind"] == "missing"
    assert run(home, "verify", tmp_path).code == 3
    (tmp_path / "empty.jpg").touch()
    assert "is empty" in run(home, "verify", tmp_path / "empty.jpg").err
    assert run(home, "verify").code == 2
