"""How refusals are written for scripts."""

from __future__ import annotations

import json

import pytest

from faceswap_desktop.cli.console import Console, error_to_json
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.sensitive import Role, Sighting
from faceswap_desktop.domain.sensitive_words import refused_picture, refused_video

SEEN = (Sighting(0.9, frame=25, seconds=1.0), Sighting(0.9, frame=300, seconds=12.04))


def test_a_refused_video_has_its_times_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    Console(is_json=True).error(refused_video("a.mp4", Role.TARGET, SEEN))
    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert (error["kind"], error["times"]) == ("sensitive", [1.0, 12.04])
    assert "at 0:01, 0:12" in said.err


def test_a_refused_picture_and_other_errors_have_none(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (refused_picture("a.png", Role.TARGET, (Sighting(0.9),)), InputRefused(message("Gone."))):
        Console(is_json=True).error(error)
        assert "times" not in json.loads(capsys.readouterr().out)["error"]


def test_a_sentence_without_times_gets_none_whatever_was_seen() -> None:
    assert "times" not in error_to_json("sensitive", message("Refused."), None, SEEN)
