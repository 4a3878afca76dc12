"""Frames in, frames out: the right face on the right person, and nothing else changed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.embed import embed
from faceswap_desktop.vision.layout import with_rim
from faceswap_desktop.vision.live.acquaintances import Acquaintances
from faceswap_desktop.vision.live.change import Wish
from faceswap_desktop.vision.live.stage import Play, Role
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from tests import clips
from tests.unit.vision.live.acted import Frame, Rgb, new_stage, play, role, sheet
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face

ALONE = clips.one_person(0.3, "collins", clips.swaying(clips.Place(0.5, 0.5, 0.5), 0.05))


def inside(frame: Frame, grown: int = 6) -> Rgb:
    """Mark where faces are, with a little room."""
    mask = np.zeros(frame.before.shape[:2], np.uint8)
    for one in frame.scene.people:
        rimmed = with_rim(one.face.points)[:, :2]
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(rimmed).astype(np.int32)), 1)
    return cv2.dilate(mask, np.ones((2 * grown + 1, 2 * grown + 1), np.uint8)).astype(np.uint8)


def likeness(pixels: Rgb, mesh: Mesh, file: str) -> float:
    face = sample_face(file)
    known = embed(face.picture, five_points_of(face.mesh))
    return float(embed(pixels, five_points_of(mesh)) @ known)


def test_a_face_is_changed_and_nothing_around_it() -> None:
    last: Frame | None = None
    for frame in play(ALONE, Play(role("hopper"))):
        last = frame
        [one] = frame.scene.people
        assert one.is_changed
        outside = inside(frame) == 0
        assert np.array_equal(frame.before[outside], frame.after[outside])
        away = np.abs(frame.before.astype(int) - frame.after)[~outside]
        assert away.mean() > 5.0
    assert last is not None
    mesh = Mesh(last.scene.people[0].face.points, 1.0)
    assert likeness(last.after, mesh, HOPPER) > 0.45
    assert likeness(last.after, mesh, HOPPER) > likeness(last.after, mesh, COLLINS) + 0.2


def test_nobody_is_changed_whom_nothing_is_to_be_done_to() -> None:
    for frame in play(ALONE, Play()):
        assert np.array_equal(frame.before, frame.after)
        assert not frame.scene.people[0].is_changed
        assert not frame.scene.is_missing


def test_each_of_two_keeps_their_own_face_when_they_change_places() -> None:
    numbers: dict[str, int] = {}
    cast: dict[int, Role] = {}
    met_again = 0
    # Who has which number is known from the first frame on; the roles are filled in then.
    for frame in play(clips.crossing(1.6, 0.4), Play(Role(), cast)):
        if frame.number == 0:
            numbers = frame.numbers()
            assert sorted(numbers.values()) == [1, 2]
            cast.update({numbers["collins"]: role("hopper"), numbers["hopper"]: role("collins")})
            continue
        if 18 <= frame.number <= 30:
            continue  # one before the other: nobody can say whose place it is
        assert all(numbers[person] == number for person, number in frame.numbers().items())
        if frame.number < 44 or len(frame.scene.people) < 2:
            continue
        met_again += 1
        for one in frame.scene.people:
            mine = frame.who(one)
            mesh = Mesh(one.face.points, 1.0)
            them, me = (HOPPER, COLLINS) if mine == "collins" else (COLLINS, HOPPER)
            assert likeness(frame.after, mesh, them) > likeness(frame.after, mesh, me)
    assert met_again >= 2


def test_a_person_who_was_away_has_their_number_back_even_on_another_stage() -> None:
    people = Acquaintances()
    both = clips.Scene(
        1.2,
        (
            clips.Actor("collins", clips.still(clips.Place(0.28, 0.5, 0.4))),
            clips.Actor("hopper", clips.away(clips.still(clips.Place(0.72, 0.5, 0.4)), 0.2, 0.8)),
        ),
    )
    frames = list(play(both, Play(), stage=new_stage(people)))
    first, last = frames[0].numbers(), frames[-1].numbers()
    assert len(first) == 2
    assert any(len(frame.numbers()) == 1 for frame in frames)
    assert last == first
    # What the window was told is all that an engine that is started anew knows.
    known = {number: people.embedding(number) for number in first.values()}
    again = Acquaintances()
    again.introduce({number: vector for number, vector in known.items() if vector is not None})
    short = clips.Scene(0.1, both.actors)
    assert next(play(short, Play(), stage=new_stage(again))).numbers() == first


def test_what_is_to_be_done_can_change_with_every_frame() -> None:
    options = SwapOptions(blend=0.3)

    def cast(now: float) -> Play:
        return Play(role("hopper")) if now < 0.1 else Play(Role(Wish(sheet("hopper"), 0, options)))

    frames = list(play(ALONE, cast))
    changes = [float(np.abs(frame.before.astype(int) - frame.after).mean()) for frame in frames]
    assert changes[-1] < 0.5 * changes[2]


def test_a_lower_resolution_leaves_the_background_sharp() -> None:
    [*_, full] = play(ALONE, Play(role("hopper")))
    [*_, half] = play(ALONE, Play(role("hopper")), scale=0.5)
    outside = inside(half) == 0
    assert np.array_equal(half.before[outside], half.after[outside])
    assert half.scene.scale == 0.5
    assert full.scene.scale == 1.0
    assert np.abs(full.after.astype(int) - half.after).mean() < 2.0


def test_a_very_large_face_is_worked_on_smaller() -> None:
    near = clips.one_person(0.1, "hopper", clips.still(clips.Place(0.5, 0.5, 0.85)))
    [*_, last] = play(near, Play(role("collins")), size=(800, 600))
    assert 0.5 < last.scene.scale < 0.95
    assert last.scene.people[0].is_changed


@pytest.mark.parametrize("years", [25, -25])
def test_a_face_is_made_older_or_younger(years: int) -> None:
    [*_, last] = play(ALONE, Play(Role(Wish(None, years))))
    change = np.abs(last.before.astype(int) - last.after).sum(axis=2)
    assert last.scene.people[0].is_changed
    assert (change > 12).mean() > 0.02
    assert np.array_equal(last.before[:10, :60], last.after[:10, :60])


def test_a_face_that_is_found_later_fades_in_and_one_that_is_lost_is_missed() -> None:
    path = clips.away(clips.still(clips.Place(0.5, 0.5, 0.5)), 0.4, 0.7)
    seen = list(play(clips.one_person(1.0, "collins", path), Play(role("hopper"))))
    by_change = [float(np.abs(frame.before.astype(int) - frame.after).mean()) for frame in seen]
    assert by_change[0] > 0.8 * by_change[5]  # the first frame is changed in full
    assert not seen[5].scene.is_missing
    assert all(frame.scene.is_missing for frame in seen[13:20])
    assert not seen[-1].scene.is_missing


def test_a_person_who_has_left_is_not_missed_while_somebody_is_there() -> None:
    leaving = clips.Scene(
        2.0,
        (
            clips.Actor("collins", clips.still(clips.Place(0.3, 0.5, 0.4))),
            clips.Actor("hopper", clips.line(clips.Place(0.72, 0.5, 0.4), clips.Place(1.4, 0.5, 0.4), 1.0)),
        ),
    )
    *_, last = play(leaving, Play(role("hopper")))
    assert len(last.scene.people) == 1
    assert not last.scene.is_missing


def test_another_scene_is_told_and_its_faces_are_changed_at_once() -> None:
    stage = new_stage()
    for _ in play(
        clips.one_person(0.2, "collins", clips.still(clips.Place(0.3, 0.5, 0.5))), Play(role("hopper")), stage=stage
    ):
        pass
    other = clips.Scene(0.2, (clips.Actor("hopper", clips.still(clips.Place(0.7, 0.5, 0.5))),), (), 2)
    frame = next(play(other, Play(role("collins")), stage=stage, first=6))
    assert frame.scene.is_jump
    [one] = frame.scene.people
    assert frame.who(one) == "hopper"
    assert one.is_changed
    assert one.face.number == 2


def test_somebody_whose_part_is_not_ready_is_bare() -> None:
    [*_, last] = play(ALONE, Play(Role(is_unready=True)))
    assert last.scene.is_bare
    assert not last.scene.people[0].is_changed


def test_while_everybodys_part_is_not_ready_who_is_not_found_is_bare_too() -> None:
    for frame in play(clips.no_faces(0.1), Play(Role(is_unready=True))):
        assert frame.scene.is_bare
    for frame in play(clips.no_faces(0.1), Play(roles={1: Role(is_unready=True)})):
        assert not frame.scene.is_bare, "one who is not there hides nobody"


def test_an_empty_picture_is_left_as_it_is() -> None:
    for frame in play(clips.no_faces(0.2), Play(role("hopper"))):
        assert np.array_equal(frame.before, frame.after)
        assert frame.scene.people == ()
        assert frame.scene.is_missing
