import math
from pathlib import Path

import pytest

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.providers.on_device.rendering import Rate, Rendering, mean_similarity
from faceswap_desktop.providers.on_device.sentences import clock
from faceswap_desktop.providers.on_device.speeds import FEWEST_FRAMES, Speeds
from faceswap_desktop.workers.render_requests import RenderedChunk


def chunks(count: int, frames: int = 60) -> tuple[FrameRange, ...]:
    return tuple(FrameRange(number * frames, (number + 1) * frames) for number in range(count))


def done(number: int, frames: int = 60, similarity: float | None = None) -> RenderedChunk:
    return RenderedChunk(number, frames, 1000, similarity=similarity)


def test_blocks_do_not_reach_over_what_is_finished() -> None:
    rendering = Rendering(chunks(12), [done(2), done(9)])
    taken = []
    while rendering.has_missing:
        taken.append([number for number, _ in rendering.take_block(1)])
    assert taken == [[0, 1], [3, 4, 5, 6], [7, 8], [10, 11]]


def test_slow_chunks_make_short_blocks() -> None:
    """A picture's job waits for one block: where a chunk takes long, blocks are shorter."""
    rendering = Rendering(chunks(40))
    assert len(rendering.take_block(2)) == 4
    block = rendering.take_block(2)
    rendering.note_frames(block, 0, 100.0)
    rendering.note_frames(block, 12, 102.0)
    # 3 frames a second per worker: 20 seconds for a chunk.
    assert len(rendering.take_block(2)) == 1


def test_frames_in_unfinished_chunks_count_for_speed_but_not_as_done() -> None:
    rendering = Rendering(chunks(4), [done(0)])
    block = rendering.take_block(2)
    rendering.note_frames(block, 30, 10.0)
    assert (rendering.finished_frames, rendering.frames_rendered_here) == (60, 30)
    assert rendering.share == pytest.approx(90 / 240)
    rendering.note_finished(done(1), 12.0)
    assert (rendering.finished_frames, rendering.frames_rendered_here) == (120, 60)
    assert rendering.rate.per_second == pytest.approx(15.0)
    assert [number for number, _ in rendering.ready] == [0, 1]


def test_what_is_given_back_comes_first() -> None:
    rendering = Rendering(chunks(9))
    block = rendering.take_block(1)
    rendering.note_finished(done(0), 1.0)
    rendering.note_frames(block, 20, 1.5)
    rendering.give_back(block)
    assert rendering.share == pytest.approx(60 / 540)
    assert [number for number, _ in rendering.take_block(1)] == [1, 2, 3, 4]


def test_crashes_are_counted_per_chunk() -> None:
    rendering = Rendering(chunks(4))
    block = rendering.take_block(1)
    assert rendering.note_crash(block) is None
    rendering.note_finished(done(0), 1.0)
    assert rendering.note_crash(block) is None
    assert rendering.note_crash(block) == 1


def test_forgotten_chunks_are_missing_again() -> None:
    rendering = Rendering(chunks(3))
    block = rendering.take_all()
    for number, _ in block:
        rendering.note_finished(done(number), 1.0)
        rendering.note_finished(done(number), 1.0)
    assert rendering.finished_frames == 180
    rendering.forget([1, 2])
    assert rendering.finished_frames == 60
    rendering.give_back(block)
    assert [number for number, _ in rendering.take_all()] == [1, 2]


def test_rate_looks_at_the_last_ten_seconds() -> None:
    rate = Rate()
    assert rate.per_second == 0.0
    for second in range(31):
        rate.note(float(second), second * 10 if second <= 15 else 150 + (second - 15) * 2)
    assert rate.per_second == pytest.approx(2.0)


def test_similarity_is_weighed_by_frames() -> None:
    assert mean_similarity([done(0, 60, 0.6), done(1, 20, 0.2), done(2, 60)]) == pytest.approx(0.5)
    assert mean_similarity([done(0)]) is None


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (67.9, "1:07"), (3723, "1:02:03"), (-1, "0:00")])
def test_times_as_people_read_them(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_speeds_are_kept_and_the_last_ones_count_most(tmp_path: Path) -> None:
    path = tmp_path / "speeds.json"
    speeds = Speeds(path)
    assert speeds.factor() is None
    speeds.note(10.0, 100.0, FEWEST_FRAMES - 1)
    assert speeds.factor() is None
    speeds.note(10.0, 20.0, 100)
    assert Speeds(path).factor() == pytest.approx(2.0)
    for _ in range(20):
        speeds.note(10.0, 5.0, 100)
    kept = Speeds(path).factor()
    assert kept is not None
    assert math.isclose(kept, 0.5, rel_tol=0.01)


@pytest.mark.parametrize("content", ["", "{}", '{"video": {"factor": "x", "frames": 1}}', '{"video": {"factor": 1e9}}'])
def test_speeds_that_cannot_be_read_are_measured_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / "speeds.json"
    path.write_text(content)
    speeds = Speeds(path)
    assert speeds.factor() is None
    speeds.note(10.0, 20.0, 100)
    assert Speeds(path).factor() == pytest.approx(2.0)


def test_speeds_that_cannot_be_written_disturb_nobody(tmp_path: Path) -> None:
    speeds = Speeds(tmp_path / "missing" / "speeds.json")
    speeds.note(10.0, 20.0, 100)
    assert speeds.factor() == pytest.approx(2.0)
