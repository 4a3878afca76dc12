"""The page of a session at a service, in real QtWebEngine: each group of scenarios in a process of its own.

The browser reads its flags once per process, and a process that has loaded it is a heavy one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import av
import numpy as np

from tests.ui.live.web_stage import FOLDER, write_film

ROOT: Final = FOLDER.parents[2]
_LIMIT_S: Final = 420


def _outcomes(group: str, folder: Path) -> dict[str, str]:
    """Run a group; returns what went wrong by scenario, empty where nothing did."""
    write_film(folder / "film.y4m")
    command = [sys.executable, str(FOLDER / "web_scenarios.py"), group, str(folder)]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=variables, cwd=folder, capture_output=True, encoding="utf-8", timeout=_LIMIT_S, check=False
    )
    lines = [line.removeprefix("OUTCOME ") for line in done.stdout.splitlines() if line.startswith("OUTCOME ")]
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Expect troubles" not in done.stderr, "a profile was gone before its page"
    return dict(json.loads(line) for line in lines)


def _assert_all_went_well(outcomes: dict[str, str], count: int) -> None:
    wrong = {name: text for name, text in outcomes.items() if text}
    assert not wrong, "\n\n".join(f"{name}\n{text}" for name, text in wrong.items())
    assert len(outcomes) == count, sorted(outcomes)


def test_the_channel(tmp_path: Path) -> None:
    _assert_all_went_well(_outcomes("channel", tmp_path), 15)


def test_what_everybody_sees(tmp_path: Path) -> None:
    _assert_all_went_well(_outcomes("seen", tmp_path), 13)
    _assert_recording_plays(tmp_path / "recording.webm")


def test_a_computer_without_camera_and_microphone(tmp_path: Path) -> None:
    _assert_all_went_well(_outcomes("bare", tmp_path), 3)


def _assert_recording_plays(path: Path) -> None:
    with av.open(str(path)) as recording:
        video, sound = recording.streams.video[0], recording.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name) == ("vp8", "opus")
        assert (video.width, video.height) == (640, 480)
    with av.open(str(path)) as recording:
        frames = list(recording.decode(video=0))
        times = [frame.time or 0.0 for frame in frames]
        assert times == sorted(times)
        first, last = (frames[index].to_ndarray(format="rgb24") for index in (0, -1))
        red, green, blue = first[60, 40]
        assert red > 150 > max(green, blue), "the swapped picture at the beginning"
        assert last.max() < 40, "black at the end"
    with av.open(str(path)) as recording:
        sound_frames = list(recording.decode(audio=0))
    heard = [frame.time or 0.0 for frame in sound_frames]
    loudness = [float(np.abs(frame.to_ndarray()).max()) for frame in sound_frames]
    assert max(loudness) > 0.01, "who is seen is heard"
    assert max(loudness[-25:]) < 0.002, "who is not seen is not heard: half a second at the end, in black"
    # How long they are, and at what a busy computer ends them, is not this test's matter; both are there, in order.
    assert times[-1] > 0.5
    assert heard == sorted(heard)
    assert heard[-1] > 0.5
