"""People keep their numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.live.acquaintances import Acquaintances

Vector = NDArray[np.float32]


def person(number: int) -> Vector:
    vector = np.zeros(128, np.float32)
    vector[number] = 1.0
    return vector


def like(vector: Vector, cosine: float, aside: int = 120) -> Vector:
    return np.asarray(cosine * vector + np.sqrt(1 - cosine**2) * person(aside), dtype=np.float32)


def test_a_face_is_known_again_when_it_is_like_enough() -> None:
    people = Acquaintances()
    people.meet(1, person(0), 0.5)
    people.meet(2, person(1), 0.5)
    assert people.who(like(person(0), 0.5)) == 1
    assert people.who(like(person(1), 0.4)) == 2
    assert people.who(like(person(0), 0.25)) is None
    assert people.who(person(2)) is None


def test_nobody_is_in_two_places() -> None:
    people = Acquaintances()
    people.meet(1, person(0), 0.5)
    assert people.who(like(person(0), 0.6), others=[1]) is None


def test_numbers_are_the_lowest_that_nobody_has() -> None:
    people = Acquaintances()
    assert people.free_number() == 1
    people.introduce({1: person(0), 3: person(1)})
    assert people.free_number() == 2
    assert people.free_number(taken=[2]) == 4


def test_who_has_a_part_is_known_from_the_start() -> None:
    people = Acquaintances()
    people.introduce({4: person(7)})
    assert people.who(like(person(7), 0.6)) == 4
    vector = people.embedding(4)
    assert vector is not None
    assert np.allclose(vector, person(7))


def test_a_person_is_known_from_several_sides() -> None:
    people = Acquaintances()
    people.meet(1, person(0), 0.9)
    people.meet(1, like(person(0), 0.5, aside=50), 0.8)
    assert people.who(like(person(50), 0.7)) == 1
    vector = people.embedding(1)
    assert vector is not None
    assert abs(float(np.linalg.norm(vector)) - 1.0) < 1e-5


def test_a_better_picture_takes_the_place_of_a_worse_one() -> None:
    people = Acquaintances()
    people.meet(1, like(person(0), 0.95), 0.2)
    people.meet(1, person(0), 0.9)
    assert people.likeness(1, person(0)) == 1.0
    people.meet(1, like(person(0), 0.9), 0.1)
    assert people.likeness(1, person(0)) == 1.0


def test_a_crowd_is_forgotten_but_those_who_have_a_part() -> None:
    people = Acquaintances()
    people.introduce({1: person(0)})
    for number in range(2, 90):
        people.meet(number, person(number), 0.5)
    assert people.embedding(1) is not None
    assert people.embedding(2) is None
    assert people.embedding(89) is not None
    assert people.likeness(2, person(2)) is None
