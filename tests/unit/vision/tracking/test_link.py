"""Tracklets joined over chunk borders and short gaps; people told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from faceswap_desktop.domain.video import FrameRange, HardReason
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.tracking.compose import Composed, compose
from faceswap_desktop.vision.tracking.findings import Findings, Tracklet
from faceswap_desktop.vision.tracking.hard import MOST, HardFrames
from faceswap_desktop.vision.tracking.link import Linker, Track
from faceswap_desktop.vision.tracking.people import BestPicture, identified, look_alikes, to_identities
from faceswap_desktop.vision.tracking.slices import TrackSlice
from tests.unit.vision.sample_faces import sample_face, turned_view
from tests.unit.vision.tracking.drawn import cloud, direction, followed, made_tracklet, spans, times


@dataclass
class Linked:
    tracks: list[Track]
    slices: list[TrackSlice]
    parts: list[Composed]
    groups: list[list[Track]]

    @property
    def people(self) -> list[list[int]]:
        return [[one.number for one in group] for group in self.groups]


def _linked(chunks: Sequence[Findings]) -> Linked:
    end = chunks[-1].frames.end
    linker = Linker(times(end))
    owners = [(chunk, linker.add(chunk)) for chunk in chunks]
    tracks = linker.finish()
    references = {one.number: colours for one in tracks if (colours := one.reference()) is not None}
    made = [compose(chunk.frames, owners, references) for chunk in chunks]
    slices = [one for one, _ in made]
    return Linked(tracks, slices, [part for _, parts in made for part in parts], identified(tracks, times(end)))


def _chunk(first: int, end: int, *tracklets: Tracklet, cuts: tuple[int, ...] = ()) -> Findings:
    return Findings(FrameRange(first, end), (640, 360), tracklets, cuts)


def _walk(first: int, end: int, *, x: float = 100.0, speed: float = 2.0, side: float = 100.0) -> Floats:
    return np.stack([cloud((x + speed * frame, 150.0), side) for frame in range(first, end)])


def _face(first: int, end: int, person: int | None = 0, *, x: float = 100.0, score: float = 0.93) -> Tracklet:
    return made_tracklet(first, _walk(first, end, x=x), None if person is None else direction(person), score=score)


def test_a_track_goes_on_over_chunk_borders() -> None:
    made = _linked([_chunk(0, 20, _face(0, 20)), _chunk(20, 40, _face(20, 40)), _chunk(40, 50, _face(40, 50))])

    assert [one.frames for one in made.tracks] == [FrameRange(0, 50)]
    assert [spans(one) for one in made.slices] == [[(0, 0, 20)], [(0, 20, 40)], [(0, 40, 50)]]


def test_chunks_change_nothing() -> None:
    whole = _linked([_chunk(0, 60, _face(0, 60))])
    parts = _linked([_chunk(a, a + 6, _face(a, a + 6)) for a in range(0, 60, 6)])

    joined = np.concatenate([one.runs[0].points for one in parts.slices])
    assert np.abs(joined - whole.slices[0].runs[0].points).max() < 0.15  # two roundings
    assert parts.people == whole.people


@pytest.mark.parametrize("gap", [1, 5, 9])
def test_a_short_gap_is_bridged(gap: int) -> None:
    made = _linked([_chunk(0, 40, _face(0, 15), _face(15 + gap, 40))])

    (run,) = made.slices[0].runs
    assert run.frames == FrameRange(0, 40)
    assert np.flatnonzero(run.bridged).tolist() == list(range(15, 15 + gap))
    middles = (run.points[:, :468, 0].min(axis=1) + run.points[:, :468, 0].max(axis=1)) / 2
    assert np.abs(middles - (100 + 2.0 * np.arange(40))).max() < 0.5
    assert made.tracks[0].seen == 40 - gap


def test_a_gap_over_a_chunk_border_is_bridged() -> None:
    made = _linked([_chunk(0, 20, _face(0, 18)), _chunk(20, 40, _face(22, 40))])

    assert [spans(one) for one in made.slices] == [[(0, 0, 20)], [(0, 20, 40)]]
    assert [np.flatnonzero(one.runs[0].bridged).tolist() for one in made.slices] == [[18, 19], [0, 1]]


def test_a_long_gap_is_none() -> None:
    made = _linked([_chunk(0, 60, _face(0, 15), _face(26, 60))])

    assert [one.frames for one in made.tracks] == [FrameRange(0, 15), FrameRange(26, 60)]
    assert made.people == [[0, 1]]


def test_nothing_is_bridged_over_a_cut() -> None:
    made = _linked([_chunk(0, 40, _face(0, 20), _face(20, 40), cuts=(20,))])

    assert [one.frames for one in made.tracks] == [FrameRange(0, 20), FrameRange(20, 40)]
    assert made.people == [[0, 1]]


def test_another_person_in_the_same_place_is_another_track() -> None:
    made = _linked([_chunk(0, 40, _face(0, 20, 0), _face(20, 40, 1))])

    assert len(made.tracks) == 2
    assert len(made.people) == 2


def test_each_goes_on_with_the_own_one_where_two_are_near() -> None:
    chunks = [
        _chunk(0, 20, _face(0, 20, 0, x=100), _face(0, 20, 1, x=150)),
        _chunk(20, 40, _face(20, 40, 1, x=150), _face(20, 40, 0, x=100)),
    ]
    made = _linked(chunks)

    assert [one.frames for one in made.tracks] == [FrameRange(0, 40)] * 2
    assert [int(one.total.argmax()) for one in made.tracks] == [0, 1]


@pytest.mark.parametrize(
    ("tracklet", "is_believed"),
    [
        (_face(5, 7, None, score=0.75), False),
        (_face(5, 9, None, score=0.75), False),
        (_face(5, 7, 3, score=0.93), True),
        (_face(5, 12, None, score=0.75), True),
    ],
    ids=["brief and doubtful", "less brief", "brief but sure", "lasting"],
)
def test_brief_doubtful_faces_are_dropped(tracklet: Tracklet, is_believed: bool) -> None:
    made = _linked([_chunk(0, 40, _face(0, 40, x=400), tracklet)])

    assert len(made.tracks) == 1 + is_believed
    assert len(made.slices[0].runs) == 1 + is_believed


def test_one_frame_is_a_clip_too() -> None:
    made = _linked([_chunk(0, 1, _face(0, 1, score=0.8))])

    assert spans(made.slices[0]) == [(0, 0, 1)]


def test_two_in_one_frame_are_never_one_person() -> None:
    made = _linked([_chunk(0, 30, _face(0, 30, 0, x=100), _face(0, 30, 0, x=400))])

    assert made.people == [[0], [1]]


def test_can_not_links_hold_for_the_whole_group() -> None:
    # 0 and 2 are seen together; 1 resembles both.
    lean = made_tracklet(15, _walk(15, 30, x=100), direction(0, towards=1, share=0.6))
    second = made_tracklet(40, _walk(40, 60, x=50), direction(0, towards=1, share=0.7))
    other = made_tracklet(42, _walk(42, 60, x=400), direction(0, towards=1, share=0.8))
    made = _linked([_chunk(0, 60, lean, second, other, cuts=(35,))])

    assert sorted(len(group) for group in made.people) == [1, 2]
    assert not any({1, 2} <= set(group) for group in made.people)


def test_the_most_seen_person_comes_first() -> None:
    made = _linked([_chunk(0, 80, _face(0, 20, 1), _face(25, 80, 2, x=300))])

    assert made.people == [[1], [0]]


def test_a_face_too_small_to_tell_goes_on_where_it_was() -> None:
    made = _linked([_chunk(0, 80, _face(0, 20, None), _face(40, 80, None), _face(40, 80, None, x=500))])

    assert made.people == [[0, 1], [2]]


def test_hard_frames_are_few_spread_and_of_every_kind() -> None:
    long = _face(0, 600)
    long.values["yaw"][100:110] = 55.0
    long.values["sharpness"][200:210] = 0.05
    long.values["light"][300:310] = 25.0
    long.values["eyes"][400:410] = 9.0
    long.colours[500:510, ::2] = (20, 20, 250)
    made = _linked([_chunk(0, 600, long)])
    hard = HardFrames()
    hard.add(made.parts)
    chosen = hard.chosen(made.groups)

    expected = {
        HardReason.POSE: range(98, 112),
        HardReason.BLUR: range(200, 210),
        HardReason.DARK: range(300, 310),
        HardReason.SMALL: range(400, 410),
        HardReason.COVERED: range(500, 510),
    }
    assert {one.reason for one in chosen} == set(expected)
    assert all(one.frame in expected[one.reason] for one in chosen)
    assert all(0 < one.severity <= 1 for one in chosen)
    assert [one.severity for one in chosen] == sorted((one.severity for one in chosen), reverse=True)


def test_hard_frames_are_at_most_a_dozen() -> None:
    blurred = [_face(0, 120, number, x=200.0 * number) for number in range(9)]
    for one in blurred:
        one.values["sharpness"][:] = 0.02
        one.values["light"][:] = 20.0
    hard = HardFrames()
    made = _linked([_chunk(0, 120, *blurred)])
    hard.add(made.parts)

    chosen = hard.chosen(made.groups)
    assert len(chosen) == MOST
    assert {one.identity for one in chosen} == set(range(9))


def test_touching_faces_and_unlike_pictures_are_hard() -> None:
    one = _face(0, 60, 0)
    other = made_tracklet(0, np.stack([cloud((600.0 - 6 * frame, 150.0)) for frame in range(60)]), direction(1))
    strange = made_tracklet(60, _walk(60, 70), direction(0, towards=7, share=0.3))
    strange.embeddings[0] = direction(0, towards=7, share=0.95)
    made = _linked([_chunk(0, 60, one, other), _chunk(60, 70, strange)])
    hard = HardFrames()
    hard.add(made.parts)
    for group in made.groups:
        hard.add_unlike(group, direction(0))

    reasons = {(found.reason, found.frame >= 40) for found in hard.chosen(made.groups)}
    assert (HardReason.TOUCHING, True) in reasons
    assert (HardReason.TOUCHING, False) not in reasons
    assert HardReason.UNLIKE in {found.reason for found in hard.chosen(made.groups)}


def test_what_covers_a_face_is_told_from_other_frames() -> None:
    one = _face(0, 120)
    one.colours[:] = (160, 120, 100)
    one.colours[50:60, :12] = (30, 60, 30)
    # Another light is no cover.
    one.colours[90:100] = (80, 60, 50)
    made = _linked([_chunk(0, 120, one)])

    covered = made.slices[0].runs[0].covered
    assert covered[50:60].min() > 0.3
    assert np.delete(covered, np.arange(50, 60)).max() < 0.05


def test_people_who_look_alike_are_pointed_out() -> None:
    one, twin = _face(0, 30, 0, x=100), made_tracklet(0, _walk(0, 30, x=400), direction(1, towards=0, share=0.5))
    stranger = made_tracklet(0, _walk(0, 30, x=700), direction(2, towards=0, share=0.1))
    made = _linked([_chunk(0, 30, one, twin, stranger)])
    pictures = {part.run.track: BestPicture(0.5, part.run.at(part.run.frames.first), 0.9) for part in made.parts}
    identities = to_identities(made.groups, pictures, "sface_2021dec")

    assert [identity.index for identity in identities] == [0, 1, 2]
    (pair,) = look_alikes(identities)
    assert (pair.first, pair.second) == (0, 1)
    assert pair.similarity == pytest.approx(0.5, abs=0.01)


def test_a_head_that_turns_is_hard_but_not_covered() -> None:
    face = sample_face("eileen_collins.png")
    frames = [turned_view(face, 50 * np.sin(2 * np.pi * number / 30)) for number in range(30)]
    made = _linked([followed(frames)])
    hard = HardFrames()
    hard.add(made.parts)

    (run,) = made.slices[0].runs
    assert run.frames == FrameRange(0, 30)
    assert run.yaw[7] > 30
    assert run.yaw[22] < -25
    assert run.covered.max() < 0.12
    assert {one.reason for one in hard.chosen(made.groups)} == {HardReason.POSE}
