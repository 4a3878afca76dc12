"""Live by a new user on a real screen, with the keyboard alone: on goes the face, panic, a recording, the Gallery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jeepney", reason="D-Bus is on Linux only")

from tests.clips import Place, Sound, make_clip, one_person, swaying
from tests.e2e import desktop as screen
from tests.e2e.desktop import Desktop, wait_until
from tests.e2e.program import HOPPER, LIMIT_S, job_states
from tests.e2e.test_live import frames
from tests.e2e.test_real_window import TITLE, answer_dialog, faceswap, rows, say_it_is_me

pytestmark = [
    pytest.mark.real_window,
    pytest.mark.skipif(bool(screen.missing()), reason=screen.missing() or "all is there"),
]

SETTINGS = """[live]
camera = "{clip}"
camera_kind = "file"
width = 320
height = 240
per_second = 12
panic = "black"
"""


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """Start a screen of the test's own."""
    with screen.desktop(tmp_path) as made:
        yield made


def test_a_new_user_goes_live_panics_records_and_finds_the_recording(desktop: Desktop, tmp_path: Path) -> None:
    scene = one_person(2.0, "collins", swaying(Place(0.5, 0.5, 0.6), width=0.05, period=2.0))
    clip = make_clip(tmp_path / "camera.mp4", [scene], size=(320, 240), rate=12, sound=(Sound(),)).path
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text(SETTINGS.format(clip=clip), encoding="utf-8")
    with faceswap(desktop, home) as (program, reader):
        window = desktop.window_of(program, TITLE)
        reader.find("^Drop a picture or a video here")
        desktop.press("ctrl+k")
        reader.find("^What do you want to do", "text")
        desktop.write("add source")
        desktop.press("Return")
        answer_dialog(desktop, window, reader, HOPPER)
        reader.find("^Source 1,")

        desktop.press("ctrl+2")
        reader.find("^Start$", "button")
        desktop.press("1")
        say_it_is_me(desktop, reader)
        reader.find("^Everyone.*becomes")
        desktop.press("ctrl+Return")
        reader.find("pictures per second")
        reader.find("^Person 1")

        desktop.press("r")
        wait_until(lambda: recorded_bytes(home) > 20_000, "the recording growing")
        # From another page.
        desktop.press("ctrl+3")
        desktop.press("F12")
        reader.find("^Others see black")
        before = recorded_bytes(home)
        wait_until(lambda: recorded_bytes(home) > before, "black being recorded")
        desktop.press("ctrl+2")
        reader.find("^Stop$", "button")
        desktop.press("ctrl+Return")
        wait_until(lambda: job_states(home) == ["succeeded"], "the recording becoming a result")
        desktop.press("ctrl+3")
        reader.find("^Live", "list item")
        [(made,)] = rows(home, "SELECT path FROM result_details")
        program.terminate()
        assert program.wait(LIMIT_S) == 0
    recorded = [
        float(np.mean(frame)) for frame in frames(next(one for one in (Path(made), home / made) if one.is_file()))
    ]
    assert max(recorded) > 40, "somebody is seen"
    assert recorded[-1] < 8, "black at the end"


def recorded_bytes(home: Path) -> int:
    return sum(one.stat().st_size for one in (home / "takes").glob("*/recording.*"))
