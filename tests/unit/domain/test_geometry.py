"""Boxes and landmarks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point, Size

places = st.floats(-500, 500, width=32)


def boxes() -> st.SearchStrategy[BoundingBox]:
    side = st.floats(1, 300, width=32)
    return st.builds(lambda x, y, w, h: BoundingBox(x, y, x + w, y + h), places, places, side, side)


@given(boxes(), boxes())
def test_overlap_is_symmetrical_and_a_share(one: BoundingBox, other: BoundingBox) -> None:
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert 0 <= one.overlap(other) <= 1 + 1e-9


@given(boxes())
def test_a_box_covers_itself(box: BoundingBox) -> None:
    assert box.overlap(box) == pytest.approx(1)


@given(boxes())
def test_a_clipped_box_lies_inside(box: BoundingBox) -> None:
    clipped = box.clipped(Size(100, 80))
    assert 0 <= clipped.left <= clipped.right <= 100
    assert 0 <= clipped.top <= clipped.bottom <= 80


@given(st.lists(st.tuples(places, places), max_size=20))
def test_landmarks_come_back(points: list[tuple[float, float]]) -> None:
    landmarks = Landmarks.from_points(points)
    assert len(landmarks) == len(points)
    assert list(landmarks) == [Point(x, y) for x, y in points]


def test_the_right_edge_is_outside() -> None:
    box = BoundingBox(0, 0, 10, 10)
    assert box.contains(Point(0, 0))
    assert not box.contains(Point(10, 5))
