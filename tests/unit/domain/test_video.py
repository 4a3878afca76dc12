"""Frames by number, chunks of them, and what the user does to identities."""

from __future__ import annotations

import pickle
from array import array
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.video import (
    FrameRange,
    FrameTimes,
    HardFrame,
    HardReason,
    Identity,
    IdentityId,
    LookAlike,
    TrackPart,
    VideoAnalysis,
)

POINTS = (Point(1, 2), Point(3, 4), Point(5, 6), Point(7, 8), Point(9, 10))


def times_of(seconds: list[float], end: float | None = None) -> FrameTimes:
    return FrameTimes(array("d", seconds).tobytes(), seconds[-1] + 0.04 if end is None else end)


def a_face(index: int) -> DetectedFace:
    return DetectedFace(index, BoundingBox(0, 0, 10, 10), 0.9, POINTS)


def a_person(index: int, *spans: tuple[int, int], track: int | None = None, best: int | None = None) -> Identity:
    parts = tuple(
        TrackPart(FrameRange(*span), index * 10 + place if track is None else track) for place, span in enumerate(spans)
    )
    frames = sum(len(part.frames) for part in parts)
    return Identity(index, IdentityId(f"i{index}"), parts, frames, spans[0][0] if best is None else best, a_face(index))


def an_analysis(*identities: Identity) -> VideoAnalysis:
    return VideoAnalysis(100, identities)


steps = st.lists(st.floats(0.001, 5.0), min_size=1, max_size=200)


@given(steps, st.floats(0.1, 4.0))
def test_chunks_cover_every_frame_once_and_in_order(gaps: list[float], seconds: float) -> None:
    moments, now = [], 0.0
    for gap in gaps:
        moments.append(now)
        now += gap
    times = times_of(moments, now)
    whole = FrameRange(0, len(times))
    chunks = times.chunks(whole, seconds)
    assert [frame for chunk in chunks for frame in range(chunk.first, chunk.end)] == list(range(len(times)))
    for chunk in chunks:
        assert len(chunk) >= 1
        # A chunk is never longer than asked for, but for a single frame that stands longer.
        assert len(chunk) == 1 or times.of(chunk.end - 1) - times.of(chunk.first) <= seconds + 1e-6


def test_chunks_of_a_steady_clip_have_equal_length() -> None:
    times = times_of([number / 25 for number in range(175)])
    assert [len(chunk) for chunk in times.chunks(FrameRange(0, 175))] == [50, 50, 50, 25]
    assert [len(chunk) for chunk in times.chunks(FrameRange(30, 100))] == [50, 20]
    assert times.chunks(FrameRange(10, 10)) == ()


@pytest.mark.parametrize(("seconds", "frame"), [(-1.0, 0), (0.0, 0), (0.0399, 0), (0.04, 1), (0.95, 23), (99.0, 24)])
def test_the_frame_on_the_screen_at_a_time(seconds: float, frame: int) -> None:
    assert times_of([number / 25 for number in range(25)]).frame_at(seconds) == frame


def test_every_frame_is_found_at_its_own_time() -> None:
    times = times_of([0.0, 0.1, 0.15, 0.9, 0.901])
    assert [times.frame_at(times.of(frame)) for frame in range(len(times))] == [0, 1, 2, 3, 4]
    assert times.of(5) == times.end


def test_spans_join_what_follows_directly() -> None:
    assert a_person(0, (0, 10), (10, 20), (25, 30)).spans == (FrameRange(0, 20), FrameRange(25, 30))


def test_merging_keeps_the_first_and_never_shows_it_twice() -> None:
    first, second, third = a_person(0, (0, 10), (30, 40)), a_person(1, (5, 35), best=12), a_person(2, (90, 95))
    before = replace(
        an_analysis(first, second, third),
        look_alikes=(LookAlike(0, 1, 0.4), LookAlike(1, 2, 0.3)),
        hard_frames=(HardFrame(7, 1, HardReason.BLUR, 0.5),),
    )
    after = before.merged([0, 1])
    kept = after.identity(0)
    assert kept is not None
    assert (after.identity(1), kept.id, kept.frames) == (None, first.id, 40)
    assert kept.parts == (
        TrackPart(FrameRange(0, 10), 0),
        TrackPart(FrameRange(10, 30), 10),
        TrackPart(FrameRange(30, 40), 1),
    )
    # The better picture is that of whoever was seen longer, under the number that is kept.
    assert (kept.best_frame, kept.best_face.index) == (12, 0)
    assert (after.look_alikes, after.hard_frames) == ((), (HardFrame(7, 0, HardReason.BLUR, 0.5),))
    assert after.identity(2) == third


def test_merging_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        an_analysis(a_person(0, (0, 5))).merged([0, 7])


def test_splitting_gives_the_later_half_a_new_number() -> None:
    before = replace(
        an_analysis(a_person(0, (0, 20), (40, 60), best=50), a_person(4, (0, 9))),
        hard_frames=(HardFrame(5, 0, HardReason.POSE, 1.0), HardFrame(55, 0, HardReason.POSE, 1.0)),
    )
    after = before.split(0, 45, (3, a_face(0)))
    first, last = after.identity(0), after.identity(5)
    assert first is not None
    assert last is not None
    assert first.parts == (TrackPart(FrameRange(0, 20), 0), TrackPart(FrameRange(40, 45), 1))
    assert last.parts == (TrackPart(FrameRange(45, 60), 1),)
    assert (first.best_frame, last.best_frame, last.best_face.index) == (3, 50, 5)
    assert [one.identity for one in after.hard_frames] == [0, 5]
    assert [one.index for one in after.identities] == [0, 5, 4]
    # Who takes it back has what was there before, but for the pictures.
    assert [part.frames for part in after.merged([0, 5]).identities[0].parts] == [
        FrameRange(0, 20),
        FrameRange(40, 45),
        FrameRange(45, 60),
    ]


@pytest.mark.parametrize("at", [0, 20, 90])
def test_a_half_without_frames_is_refused(at: int) -> None:
    with pytest.raises(ValueError, match="empty"):
        an_analysis(a_person(0, (0, 20))).split(0, at, (3, a_face(0)))


def test_whose_track_it_is() -> None:
    analysis = an_analysis(a_person(0, (0, 10), track=3), a_person(1, (10, 20), track=3))
    found = [analysis.identity_of(3, frame) for frame in (9, 10, 20)]
    assert [one.index if one else None for one in found] == [0, 1, None]


def test_times_cross_process_borders_also_after_they_were_asked() -> None:
    times = times_of([0.0, 0.5, 1.0])
    assert times.frame_at(0.6) == 1
    copied = pickle.loads(pickle.dumps(times))
    assert copied == times
    assert copied.of(2) == 1.0
