from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.playing import VideoPlay
from tests.numbered import number_in, write_numbered


def played(play: VideoPlay) -> list[tuple[float, int]]:
    return [(seconds, number_in(upright_rgb(frame, 0))) for seconds, frame in play.frames()]


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.gif", "a.webp"])
def test_every_frame_comes_once_in_each_play(name: str, threads: int, tmp_path: Path) -> None:
    codec = "mpeg4" if name == "a.avi" else "libx264"
    play = VideoPlay(write_numbered(tmp_path / name, 20, codec=codec), 25.0, threads=threads)
    first, second = played(play), played(play)
    assert first == second
    assert [number for _, number in first] == list(range(20))
    assert [seconds for seconds, _ in first] == pytest.approx([number / 25 for number in range(20)], abs=0.002)


def test_times_are_those_of_the_file(tmp_path: Path) -> None:
    times = [0.5, 0.54, 0.7, 1.9]
    play = VideoPlay(write_numbered(tmp_path / "a.mkv", 4, times=times), 25.0)
    assert [seconds for seconds, _ in played(play)] == pytest.approx([0.0, 0.04, 0.2, 1.4], abs=0.002)
    assert play.first_s == pytest.approx(0.5, abs=0.002)


def test_a_time_far_off_is_not_believed(tmp_path: Path) -> None:
    play = VideoPlay(write_numbered(tmp_path / "a.mkv", 4, times=[0.0, 0.04, 4000.0, 4000.04]), 25.0)
    times = [seconds for seconds, _ in played(play)]
    assert all(0 < after - before < 0.1 for before, after in pairwise(times))


@pytest.mark.parametrize(("said", "step"), [(0.0, 0.04), (50.0, 0.02), (90_000.0, 0.04), (-1.0, 0.04)])
def test_a_strange_rate_is_replaced(said: float, step: float, tmp_path: Path) -> None:
    assert VideoPlay(tmp_path / "a.mp4", said).step_s == pytest.approx(step)


def test_hurrying_leaves_out_what_nothing_else_is_made_of(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 30, options={"preset": "medium", "bf": "3", "b-pyramid": "none"})
    play = VideoPlay(path, 25.0)
    play.is_hurried = True
    numbers = [number for _, number in played(play)]
    assert 5 < len(numbers) < 25
    assert numbers == sorted(numbers)


def test_it_can_be_left_in_the_middle(tmp_path: Path) -> None:
    play = VideoPlay(write_numbered(tmp_path / "a.mp4", 50), 25.0, threads=4)
    frames = play.frames()
    assert len(list(islice(frames, 3))) == 3
    frames.close()
    assert len(played(play)) == 50


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 3)
    play = VideoPlay(path, 25.0)
    assert len(played(play)) == 3
    path.unlink()
    with pytest.raises(InputRefused) as refused:
        played(play)
    assert refused.value.kind == "missing"
