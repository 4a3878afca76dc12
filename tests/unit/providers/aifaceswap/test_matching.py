from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.providers.aifaceswap.matching import LEAST_OVERLAP, matched

A, B, C = BoundingBox(0, 0, 100, 100), BoundingBox(200, 0, 300, 100), BoundingBox(400, 0, 500, 100)


def moved(box: BoundingBox, by: float) -> BoundingBox:
    return BoundingBox(box.left + by, box.top + by, box.right + by, box.bottom + by)


def test_places_are_those_of_the_answer_whatever_its_order() -> None:
    assert matched([A, B], [moved(C, 5), moved(B, -7), moved(A, 3)]) == (2, 1)
    assert matched([C, A], [moved(A, 3), moved(B, 3), moved(C, 3)]) == (2, 0)


def test_a_face_that_was_not_seen_has_no_place() -> None:
    assert matched([A, B], [moved(B, 4)]) == (None, 0)
    assert matched([A], []) == (None,)
    assert matched([], [A]) == ()
    # Half a width and half a height further: an overlap of one seventh.
    assert matched([A], [moved(A, 50)]) == (None,)


def test_neighbours_do_not_take_each_others_place() -> None:
    left, right = BoundingBox(0, 0, 100, 100), BoundingBox(40, 0, 140, 100)
    assert matched([left, right], [moved(right, 2), moved(left, -2)]) == (1, 0)
    # Only one of two was seen: it goes to the one that it covers better.
    assert matched([left, right], [moved(right, 2)]) == (None, 0)


boxes = st.builds(
    lambda left, top, width, height: BoundingBox(left, top, left + width, top + height),
    st.integers(0, 100), st.integers(0, 100), st.integers(1, 80), st.integers(1, 80),
)  # fmt: skip


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_no_place_is_given_twice_nor_without_overlap(wanted: list[BoundingBox], found: list[BoundingBox]) -> None:
    places = matched(wanted, found)
    given_away = [place for place in places if place is not None]
    assert len(places) == len(wanted)
    assert len(set(given_away)) == len(given_away)
    for box, place in zip(wanted, places, strict=True):
        if place is not None:
            assert box.overlap(found[place]) >= LEAST_OVERLAP
        else:
            # Whoever overlaps enough went to somebody else.
            assert all(at in given_away for at, other in enumerate(found) if box.overlap(other) >= LEAST_OVERLAP)
