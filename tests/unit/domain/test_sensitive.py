"""What is refused as sensitive, when videos are looked at, and how a refusal is said."""

from __future__ import annotations

import pickle
from array import array
from itertools import pairwise

import pytest

from faceswap_desktop.domain.errors import ExitCode, SensitiveContent
from faceswap_desktop.domain.sensitive import (
    NUDITY_BAR,
    YOUNG_BAR,
    Role,
    Sighting,
    Verdict,
    clean_spans,
    frames_to_look_at,
    is_over,
)
from faceswap_desktop.domain.sensitive_words import clock, refused_picture, refused_video, times_of
from faceswap_desktop.domain.video import FrameRange, FrameTimes


def _times(*seconds: float) -> FrameTimes:
    return FrameTimes(array("d", seconds).tobytes(), seconds[-1] + 0.04)


def _even(count: int, rate: float = 30.0, start: float = 0.0) -> FrameTimes:
    return _times(*(start + number / rate for number in range(count)))


def test_the_bar_is_lower_for_the_young() -> None:
    assert is_over(NUDITY_BAR, looks_young=False)
    assert not is_over(NUDITY_BAR - 0.01, looks_young=False)
    assert is_over(YOUNG_BAR, looks_young=True)
    assert not is_over(YOUNG_BAR - 0.01, looks_young=True)


# ------------------------------------------------------------------------------------------------- when it is looked at


def test_a_video_is_looked_at_twice_a_second() -> None:
    assert frames_to_look_at(_even(60), FrameRange(0, 60)) == (0, 15, 30, 45)


@pytest.mark.parametrize("rate", [23.976, 24.0, 25.0, 29.97, 50.0, 59.94, 119.88])
@pytest.mark.parametrize("start", [0.0, 1.4, 3600.033])
def test_no_half_second_is_left_out(rate: float, start: float) -> None:
    times = _even(round(rate * 4), rate, start)
    found = frames_to_look_at(times, FrameRange(0, len(times)))

    assert len(found) == 8
    assert all(times.of(b) - times.of(a) <= 0.5 + 1.001 / rate for a, b in pairwise(found))


def test_it_does_not_matter_how_a_video_is_divided() -> None:
    times = _even(200, 29.97, 0.7)
    whole = frames_to_look_at(times, FrameRange(0, 200))
    for border in range(1, 200):
        parts = frames_to_look_at(times, FrameRange(0, border)) + frames_to_look_at(times, FrameRange(border, 200))
        assert parts == whole


def test_each_of_few_long_frames_is_looked_at() -> None:
    assert frames_to_look_at(_times(0.0, 2.0, 2.1, 7.0), FrameRange(0, 4)) == (0, 1, 3)


def test_an_offset_looks_between() -> None:
    plain = frames_to_look_at(_even(60, 20.0), FrameRange(0, 60))
    between = frames_to_look_at(_even(60, 20.0), FrameRange(0, 60), offset_s=0.25)

    assert plain == (0, 10, 20, 30, 40, 50)
    assert between == (0, 5, 15, 25, 35, 45, 55)


def test_frames_behind_the_end_are_left_out() -> None:
    assert frames_to_look_at(_even(10), FrameRange(0, 400)) == (0,)


# -------------------------------------------------------------------------------------------------- what remains clean


def test_clean_spans_keep_clear_of_what_was_seen() -> None:
    seen = (Sighting(0.9, frame=50), Sighting(0.9, frame=55))

    assert clean_spans(200, seen, 10) == (FrameRange(66, 200), FrameRange(0, 40))
    assert clean_spans(200, (), 10) == (FrameRange(0, 200),)
    assert clean_spans(12, (Sighting(0.9, frame=5),), 10) == ()


def test_a_verdict_speaks_of_some_frames() -> None:
    verdict = Verdict("d", (Sighting(0.9, frame=5), Sighting(0.8, frame=50)))

    assert verdict.within(None) == verdict.sightings
    assert verdict.within(FrameRange(0, 50)) == verdict.sightings[:1]
    assert verdict.within(FrameRange(10, 50)) == ()


# ------------------------------------------------------------------------------------------------------ how it is said


def test_times_are_written_as_people_read_them() -> None:
    assert [clock(seconds) for seconds in (0, 9.99, 61, 3600, 36_061)] == [
        "0:00",
        "0:09",
        "1:01",
        "1:00:00",
        "10:01:01",
    ]
    seen = [Sighting(0.9, frame=n, seconds=seconds) for n, seconds in enumerate((65.5, 12.0, 12.5))]
    assert times_of(seen) == "0:12, 1:05"
    assert times_of([Sighting(0.9, frame=n, seconds=n) for n in range(9)]) == "0:00, 0:01, 0:02, 0:03, 0:04, 0:05 …"


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("is_young", [False, True])
def test_a_refusal_says_what_where_why_and_what_helps(role: Role, is_young: bool) -> None:
    seen = (Sighting(0.9, is_young, 360, 12.0),)
    of_picture, of_video = refused_picture("party.jpg", role, seen), refused_video("party.mp4", role, seen)

    assert "“party.jpg”" in str(of_picture)
    assert "“party.mp4”" in str(of_video)
    assert "0:12" in str(of_video)
    for error in (of_picture, of_video):
        assert error.hint is not None
        assert "sent" in error.hint.text()
        assert "can be wrong" in error.hint.text()
        assert error.kind == "sensitive"
        assert error.exit_code is ExitCode.CONSENT
        assert error.sightings == seen


def test_a_refused_source_may_be_cropped() -> None:
    hint = refused_picture("a.jpg", Role.SOURCE, (Sighting(0.9),)).hint
    assert hint is not None
    assert hint.text().startswith("Choose another picture, or crop it so that only the face is left.")


def test_a_refusal_crosses_processes_whole() -> None:
    error = refused_video("a.mp4", Role.TARGET, (Sighting(0.7, False, 3, 0.1),))
    back = pickle.loads(pickle.dumps(error))

    assert isinstance(back, SensitiveContent)
    assert (str(back), back.hint, back.kind, back.sightings) == (str(error), error.hint, error.kind, error.sightings)
