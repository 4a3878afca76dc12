import numpy as np
import pytest

from faceswap_desktop.vision.crop import cut, inverted, similarity, square_to_crop, transformed

TEMPLATE = np.array([[38, 52], [74, 51], [56, 72], [42, 92], [71, 92]], np.float32)


def test_a_whole_picture_cut_at_its_own_size_is_unchanged() -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(cut(image, square_to_crop((32, 32), 64, 0.0, 64), 64), image)


def test_a_quarter_turn_turns_pixels_exactly() -> None:
    image = np.random.default_rng(2).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    # The square's upper edge runs downwards, so the picture is seen turned against the clock.
    turned = cut(image, square_to_crop((24, 24), 48, np.pi / 2, 48), 48)
    assert np.abs(turned.astype(int) - np.rot90(image).astype(int)).max() <= 1


@pytest.mark.parametrize("factor", [2, 3, 10])
def test_shrinking_averages_and_does_not_shift(factor: int) -> None:
    side = 32
    small = np.random.default_rng(3).integers(0, 256, (side, side, 3), dtype=np.uint8)
    image = small.repeat(factor, axis=0).repeat(factor, axis=1)
    middle = side * factor / 2
    result = cut(image, square_to_crop((middle, middle), side * factor, 0.0, side), side)
    assert np.abs(result.astype(int) - small.astype(int)).max() <= 1


def test_fine_stripes_become_grey_not_a_pattern() -> None:
    image = np.zeros((400, 400, 3), np.uint8)
    image[:, ::2] = 255
    result = cut(image, square_to_crop((200, 200), 400, 0.0, 30), 30)
    assert result.min() > 100
    assert result.max() < 155


def test_beyond_the_edge_the_edge_repeats() -> None:
    image = np.full((20, 20, 3), 50, np.uint8)
    image[:, -1] = 200
    result = cut(image, square_to_crop((30, 10), 20, 0.0, 20), 20)
    assert (result == 200).all()


def test_a_place_far_outside_is_still_a_crop() -> None:
    image = np.full((5, 7, 3), 9, np.uint8)
    assert (cut(image, square_to_crop((-4000, 9000), 100, 0.7, 16), 16) == 9).all()


def test_similarity_finds_turn_scale_and_shift() -> None:
    scale, roll = 2.5, 0.8
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    moved = (TEMPLATE @ turn.T + np.array([310.0, -20.0])).astype(np.float32)
    matrix = similarity(moved, TEMPLATE)
    assert np.abs(transformed(moved, matrix) - TEMPLATE).max() < 1e-3
    assert np.abs(transformed(TEMPLATE, inverted(matrix)) - moved).max() < 1e-2


def test_similarity_does_not_mirror() -> None:
    matrix = similarity(TEMPLATE * np.array([-1, 1], np.float32), TEMPLATE)
    assert np.linalg.det(matrix[:, :2]) > 0


def test_points_in_one_place_cannot_be_cut() -> None:
    matrix = similarity(np.full((5, 2), 7, np.float32), TEMPLATE)
    with pytest.raises(np.linalg.LinAlgError):
        cut(np.zeros((10, 10, 3), np.uint8), matrix, 112)
