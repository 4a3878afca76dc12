"""Tracks as bytes: small, exact, and never believed when they are damaged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.tracking.coding import DamagedError, decode_motion, encode_motion, pack_record
from faceswap_desktop.vision.tracking.findings import Findings
from faceswap_desktop.vision.tracking.slices import TrackRun, TrackSlice, joined_runs, make_run
from tests.unit.vision.tracking.drawn import cloud, direction, made_tracklet, spans


def _run(track: int, first: int, count: int, seed: int = 0, trembling: float = 0.2) -> TrackRun:
    random = np.random.default_rng(seed)
    walk = np.cumsum(random.normal(0, 2, (count, 1, 3)), axis=0)
    points = (cloud((200.0, 150.0), 180.0) + walk + random.normal(0, trembling, (count, 478, 3))).astype(np.float32)
    share = random.uniform(0, 1, count).astype(np.float32)
    return make_run(track, first, points, share, share * 90 - 45, share * -40, share, share > 0.5, quality=share)


def test_a_slice_survives_bit_by_bit() -> None:
    made = TrackSlice(FrameRange(90, 170), (_run(1, 90, 60), _run(3, 120, 50, 1)))
    data = made.pack()

    again = TrackSlice.unpack(data)
    assert again.pack() == data
    assert again.frames == made.frames
    for one, other in zip(again.runs, made.runs, strict=True):
        for name in ("points", "score", "yaw", "pitch", "covered", "bridged", "quality"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_rounding_is_finer_than_what_can_be_seen() -> None:
    points = np.repeat(cloud((200.3, 150.7), 300.0)[None], 5, axis=0)
    nothing = np.zeros(5, np.float32)

    kept = make_run(0, 0, points, nothing, nothing, nothing, nothing, nothing > 0)
    assert np.abs(kept.points - points)[..., :2].max() < 0.02


def test_a_face_takes_less_than_a_kilobyte_per_frame() -> None:
    # Smoothed tracks tremble by less than a thirtieth of a pixel.
    made = TrackSlice(FrameRange(0, 60), (_run(0, 0, 60, trembling=0.03),))

    assert len(made.pack()) / 60 < 1024


def test_part_of_a_slice_is_the_same_there() -> None:
    made = TrackSlice(FrameRange(0, 60), (_run(0, 0, 60), _run(1, 30, 10)))
    part = TrackSlice.unpack(made.within(FrameRange(35, 50)).pack())

    assert spans(part) == [(0, 35, 50), (1, 35, 40)]
    face, whole = part.face(0, 41), made.face(0, 41)
    assert face is not None
    assert whole is not None
    assert np.array_equal(face.points, whole.points)
    assert part.face(1, 45) is None
    assert [one.track for one in part.faces(36)] == [0, 1]
    assert part.of_tracks([1]).face(0, 41) is None


def test_neighbouring_slices_are_joined() -> None:
    whole = _run(4, 0, 40)
    slices = [TrackSlice(frames, tuple(filter(None, [whole.within(frames)]))) for frames in _halves()]

    joined = joined_runs(slices, FrameRange(5, 30))
    assert spans(joined) == [(4, 5, 30)]
    assert np.array_equal(joined.runs[0].points, whole.points[5:30])


def _halves() -> tuple[FrameRange, FrameRange]:
    return FrameRange(0, 20), FrameRange(20, 40)


def test_findings_survive_within_their_rounding() -> None:
    run = _run(0, 0, 30)
    one = made_tracklet(7, run.points, direction(5))
    found = Findings(FrameRange(7, 40), (640, 360), (one,), (9,), (11, 12), True, "sface")

    again = Findings.unpack(found.pack())
    assert (again.frames, again.size, again.cuts, again.unreadable) == (found.frames, (640, 360), (9,), (11, 12))
    assert again.is_crowded
    assert again.checkpoint == "sface"
    assert np.abs(again.tracklets[0].points - one.points)[..., :2].max() < 0.1
    assert np.array_equal(again.tracklets[0].embeddings, one.embeddings)
    assert np.abs(again.tracklets[0].colours.astype(int) - one.colours).max() < 4
    assert len(found.pack()) / 30 < 1100


@pytest.mark.parametrize("damage", ["cut", "byte", "empty", "other"])
def test_damage_is_noticed(damage: str) -> None:
    data = TrackSlice(FrameRange(0, 10), (_run(0, 0, 10),)).pack()
    broken = {
        "cut": data[:-1],
        "byte": data[:200] + bytes([data[200] ^ 1]) + data[201:],
        "empty": b"",
        "other": b"PNG" + data[3:],
    }[damage]

    with pytest.raises(DamagedError):
        TrackSlice.unpack(broken)
    with pytest.raises(DamagedError):
        Findings.unpack(broken)


def test_a_record_of_something_else_is_no_slice() -> None:
    data = pack_record({"frames": [0, 3]}, {})

    with pytest.raises(DamagedError):
        TrackSlice.unpack(data)
    with pytest.raises(DamagedError):
        Findings.unpack(data)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.sampled_from([3, 3000, 2_000_000]))
def test_motion_comes_back_exactly(seed: int, count: int, reach: int) -> None:
    whole = np.random.default_rng(seed).integers(-reach, reach, (count, 11, 3)).astype(np.int32)

    assert np.array_equal(decode_motion(encode_motion(whole)), whole)
