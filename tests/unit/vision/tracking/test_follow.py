"""Faces followed from frame to frame: the right one, from where it comes into view to where it leaves."""

import numpy as np
import pytest

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.tracking.findings import Findings, Tracklet, enlarged
from faceswap_desktop.vision.tracking.follow import MAX_FOLLOWED
from tests.clips import (
    Actor,
    Place,
    Scene,
    away,
    cover,
    crossing,
    line,
    no_faces,
    one_person,
    rolling,
    still,
    swaying,
    two_people,
)
from tests.unit.vision.sample_faces import sample_face
from tests.unit.vision.tracking.drawn import Drawn, drawn, followed, true_mesh


def _error(one: Tracklet, made: Drawn, person: str) -> float:
    """Return the largest mean distance of a tracklet's points from the truth, in shares of the face."""
    worst = 0.0
    for place, points in enumerate(one.points):
        truth = true_mesh(person, made.truth[one.first + place][person])
        worst = max(worst, float(np.hypot(*(points[:, :2] - truth).T).mean() / np.ptp(truth[:, 1])))
    return worst


def _similar(one: Tracklet, other: Tracklet) -> float:
    return float(one.embeddings[0] @ other.embeddings[0])


@pytest.mark.parametrize(
    "scene",
    [
        one_person(0.5, "hopper", swaying(Place(0.5, 0.5, 0.5), 0.15, 0.7)),
        one_person(0.5, "hopper", rolling(Place(0.5, 0.5, 0.5), 300)),
        one_person(0.5, "hopper", line(Place(0.5, 0.5, 0.25), Place(0.5, 0.5, 0.8), 0.5)),
    ],
    ids=["swaying", "rolling", "coming nearer"],
)
def test_a_moving_face_is_followed(scene: Scene) -> None:
    made = drawn([scene])
    (one,) = followed(made.frames).tracklets

    assert one.frames == FrameRange(0, 15)
    assert _error(one, made, "hopper") < 0.05
    assert one.values["flag"].min() > 0.9


def test_two_people_are_two() -> None:
    made = drawn([two_people(0.5)])
    first, second = followed(made.frames).tracklets

    assert first.frames == second.frames == FrameRange(0, 15)
    left, right = sorted((first, second), key=lambda one: float(one.points[0, 1, 0]))
    assert _error(left, made, "collins") < 0.05
    assert _error(right, made, "hopper") < 0.05
    assert _similar(first, second) < 0.3


def test_who_passes_before_another_takes_nobody_along() -> None:
    made = drawn([crossing(1.6)])
    found = followed(made.frames)

    long = [one for one in found.tracklets if len(one.points) > 8]
    before, behind, again = sorted(long, key=lambda one: -len(one.points))
    assert before.frames == FrameRange(0, 48)
    assert _error(before, made, "hopper") < 0.06
    assert _similar(behind, again) > 0.6
    assert _similar(before, again) < 0.3
    for one in (behind, again):
        seen = [frame for frame in range(one.first, one.end) if not 16 <= frame <= 32]
        assert seen
        for frame in seen:
            truth = true_mesh("collins", made.truth[frame]["collins"])
            shift = one.points[frame - one.first, :468, :2].mean(axis=0) - truth[:468].mean(axis=0)
            assert np.hypot(*shift) < 12


def test_a_cut_ends_every_track() -> None:
    made = drawn([one_person(0.4, "collins", still()), one_person(0.4, "hopper", still())])
    found = followed(made.frames)

    assert found.cuts == (12,)
    assert [one.frames for one in found.tracklets] == [FrameRange(0, 12), FrameRange(12, 24)]
    assert _similar(*found.tracklets) < 0.3


def test_a_new_face_is_followed_back_to_where_it_comes_into_view() -> None:
    made = drawn([one_person(1.0, "hopper", line(Place(-0.3, 0.5, 0.5), Place(0.5, 0.5, 0.5), 1.0))])
    (one,) = followed(made.frames).tracklets

    # Half of it is in view at frame 11; the detector looks at frames 0, 10, 20.
    assert one.first <= 14
    assert one.end == 30


def test_at_the_end_of_a_chunk_is_looked_once_more() -> None:
    # In frame 17 the face is all there; nobody would look before frame 20, which is another chunk's.
    made = drawn([one_person(1.0, "hopper", line(Place(-0.3, 0.5, 0.5), Place(0.5, 0.5, 0.5), 0.6))])
    found = followed(made.frames, FrameRange(0, 18))

    assert [one.end for one in found.tracklets] == [18]
    assert found.tracklets[0].first < 12


def test_a_chunk_begins_with_a_look() -> None:
    made = drawn([two_people(0.6)])
    found = followed(made.frames, FrameRange(7, 15))

    assert found.frames == FrameRange(7, 15)
    assert [one.frames for one in found.tracklets] == [FrameRange(7, 15)] * 2


def test_what_covers_a_face_is_no_face() -> None:
    made = drawn([one_person(1.0, "collins", still(), cover(0.3, 0.6, Place(0.5, 0.5, 0.62)))])
    found = followed(made.frames)

    covered = range(10, 17)
    assert not [one for one in found.tracklets for frame in covered if frame in one.frames]
    assert {one.frames for one in found.tracklets} == {FrameRange(0, 9), FrameRange(18, 30)}


def test_who_leaves_is_no_longer_there() -> None:
    made = drawn([Scene(1.0, (Actor("collins", away(still(), 0.4, 0.7)),))])
    found = followed(made.frames)

    assert [one.frames for one in found.tracklets] == [FrameRange(0, 12), FrameRange(21, 30)]


def test_a_landscape_has_no_faces() -> None:
    found = followed(drawn([no_faces(0.5)]).frames)

    assert found.tracklets == ()
    assert found.size == (480, 270)


def test_frames_that_cannot_be_read_are_noted_and_passed() -> None:
    frames: list[Picture | None] = [*drawn([one_person(0.7, "hopper", swaying(Place(), 0.05))]).frames]
    frames[5] = frames[6] = None
    found = followed(frames)

    assert found.unreadable == (5, 6)
    (one,) = found.tracklets
    assert one.frames == FrameRange(0, 21)
    assert np.flatnonzero(one.values["flag"] == 0).tolist() == [5, 6]


def test_long_damage_ends_a_track() -> None:
    frames: list[Picture | None] = [*drawn([one_person(1.0, "hopper", still())]).frames]
    frames[5:22] = [None] * 17
    found = followed(frames)

    assert [one.frames for one in found.tracklets] == [FrameRange(0, 5), FrameRange(22, 30)]


def test_nothing_but_damage() -> None:
    found = followed([None] * 4)

    assert found.unreadable == (0, 1, 2, 3)
    assert found.tracklets == ()


def test_the_largest_of_a_crowd_are_followed() -> None:
    crowd = _crowd(8, 6)
    found = followed([crowd, crowd])

    assert found.is_crowded
    assert len(found.tracklets) == MAX_FOLLOWED


def _crowd(columns: int, rows: int) -> Picture:
    face = sample_face("eileen_collins.png")
    tile = face.picture[20:220, 120:320][::2, ::2]
    return np.ascontiguousarray(np.tile(tile, (rows, columns, 1)))


def test_what_was_found_in_reduced_frames_is_enlarged() -> None:
    found = followed(drawn([one_person(0.1, "hopper", still())]).frames)
    large = enlarged(found, Size(960, 540))

    assert large.size == (960, 540)
    assert np.allclose(large.tracklets[0].points, found.tracklets[0].points * 2)
    assert np.allclose(large.tracklets[0].values["eyes"], found.tracklets[0].values["eyes"] * 2)
    assert enlarged(found, Size(480, 270)).tracklets == found.tracklets


def test_the_same_frames_give_the_same_bytes() -> None:
    frames = drawn([two_people(0.4)]).frames

    def packed() -> bytes:
        return Findings.pack(followed(frames))

    assert packed() == packed()
