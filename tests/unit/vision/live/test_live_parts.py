"""Small parts of the engine: jumps, work aside, portraits."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.vision.live.acquaintances import Acquaintances
from faceswap_desktop.vision.live.aside import AtOnce, OnThread
from faceswap_desktop.vision.live.follow import LiveFollower, Seen
from faceswap_desktop.vision.live.glance import Glance
from faceswap_desktop.vision.live.jumps import Jumps
from faceswap_desktop.vision.live.portraits import EDGE_PX, Portraits, portrait
from tests import clips

SIZE = (320, 240)


def drawn(scene: clips.Scene, now: float, size: tuple[int, int] = SIZE) -> clips.Rgb:
    return clips.draw_frame(scene, now, size)[0]


def test_only_another_scene_or_size_is_a_jump() -> None:
    jumps = Jumps()
    moving = clips.two_people(2.0)
    assert jumps.add(drawn(moving, 0.0))
    assert not any(jumps.add(drawn(moving, number / 10)) for number in range(1, 8))
    darker = clips.two_people(2.0, 0.4, clips.dark(0.4))
    assert not jumps.add(drawn(darker, 0.7))
    assert jumps.add(drawn(clips.no_faces(1.0, 3), 0.0))
    assert jumps.add(drawn(clips.no_faces(1.0, 3), 0.0, (160, 120)))


def test_a_black_camera_is_no_row_of_jumps() -> None:
    jumps = Jumps()
    black = np.zeros((120, 160, 3), np.uint8)
    assert jumps.add(black)
    assert not jumps.add(black)


def test_work_aside_is_told_when_it_is_collected_and_in_order() -> None:
    aside = OnThread()
    told: list[int] = []
    go, done = threading.Event(), threading.Event()
    aside.do(lambda: go.wait(30.0), lambda _went: told.append(1))
    aside.do(done.set, lambda _none: told.append(2))
    aside.collect()
    assert told == []
    go.set()
    assert done.wait(30.0)
    while len(told) < 2:
        aside.collect()
    assert told == [1, 2]
    aside.close()


def test_what_goes_wrong_aside_is_raised_where_it_is_collected() -> None:
    aside = OnThread()
    done = threading.Event()

    def fail() -> None:
        done.set()
        raise ValueError("no")

    aside.do(fail, lambda _none: None)
    assert done.wait(30.0)

    def collect() -> None:
        while True:
            aside.collect()

    with pytest.raises(ValueError, match="no"):
        collect()
    aside.close()


def test_a_portrait_is_made_once_and_again_when_it_is_better() -> None:
    follower, portraits = LiveFollower(Acquaintances(), AtOnce()), Portraits(AtOnce())
    near = clips.one_person(1.0, "collins", clips.still(clips.Place(0.5, 0.5, 0.6)))
    soft = clips.one_person(1.0, "collins", clips.still(clips.Place(0.5, 0.5, 0.6)), clips.blurred(0.012))
    made = []
    for number, scene in enumerate([soft] * 3 + [near] * 5):
        image = drawn(scene, 0.0)
        seen = follower.add(image, 1.0 + 0.7 * number)
        portraits.offer(image, seen.faces[0], 1.0 + 0.7 * number)
        made.append(portraits.collect())
    assert [len(one) for one in made[:3]] == [1, 0, 0]
    [(number, jpeg)] = [one for each in made[3:] for one in each]
    assert number == 1
    with Image.open(io.BytesIO(jpeg)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (EDGE_PX, EDGE_PX))


def test_a_portrait_of_a_face_at_the_edge_has_no_hole() -> None:
    image = np.full((90, 120, 3), 200, np.uint8)
    with Image.open(io.BytesIO(portrait(image, (-20.0, -10.0, 30.0, 45.0)))) as opened:
        assert np.asarray(opened).min() > 180


def test_a_glance_sees_what_comes_before_a_face_and_not_its_motion() -> None:
    follower, glance = LiveFollower(Acquaintances(), AtOnce()), Glance()
    covered = clips.one_person(
        2.0,
        "collins",
        clips.swaying(clips.Place(0.5, 0.5, 0.6), 0.04),
        clips.cover(0.5, 1.0, clips.Place(0.5, 0.62, 0.3)),
    )
    noticed = []
    for number in range(24):
        image = drawn(covered, number / 30)
        seen = follower.add(image, 1.0 + number / 30)
        assert seen.faces
        points = seen.faces[0].points[:468] - np.array([0.5, 0.5, 0.0], np.float32)
        if glance.at(image, points):
            noticed.append(number)
    assert 15 in noticed  # the very frame in which it comes
    assert min(noticed) == 15


def test_a_blur_makes_nobody_a_stranger() -> None:
    people = Acquaintances()
    follower = LiveFollower(people, AtOnce())
    path = clips.away(clips.still(clips.Place(0.35, 0.5, 0.5)), 0.1, 0.2)
    sharp = clips.one_person(2.0, "hopper", path)
    blurred = clips.one_person(2.0, "hopper", path, clips.blurred(0.04, 0.2, 0.4))

    def look(number: int) -> Seen:
        scene, later = (sharp, 0) if number < 6 else (blurred, 90)
        return follower.add(drawn(scene, number / 30), 1.0 + (number + later) / 30)

    for number in range(24):
        assert all(face.number == 1 for face in look(number).faces if face.is_known)
    [face] = look(24).faces
    assert (face.number, face.is_known) == (1, True)
    assert people.free_number() == 2
