from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.checkpoints import set_threads, threads
from faceswap_desktop.vision.detect import detect
from tests.unit.vision.scenes import Person, landscape, middles, missed, pasted, rolled, shrunk

TWELVE_MEGAPIXELS = (4000, 3000)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Share tiles and faces out to two threads."""
    before = threads()
    set_threads(2)
    yield
    set_threads(before)


def _grid(size: tuple[int, int], columns: int, rows: int, margin: int = 10) -> list[tuple[int, int]]:
    width, height = size
    return [
        (margin + (width - margin) * column // columns, margin + (height - margin) * row // rows)
        for row in range(rows)
        for column in range(columns)
    ]


def test_each_sample_has_one_face_around_its_features(someone: Person) -> None:
    (face,) = detect(someone.image)
    left, top, right, bottom = face.box
    assert face.score > 0.9
    assert 0.6 < (right - left) / (bottom - top) < 1.0
    assert (face.five_points > [left, top]).all()
    assert (face.five_points < [right, bottom]).all()
    left_eye, right_eye, nose, left_mouth, right_mouth = face.five_points
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


@pytest.mark.parametrize("face_height", [24, 40, 80, 100, 160])
def test_small_faces_of_a_large_group_photo_are_found(collins: Person, hopper: Person, face_height: int) -> None:
    scene = landscape(*TWELVE_MEGAPIXELS, seed=face_height)
    corners = _grid(TWELVE_MEGAPIXELS, 4, 3)
    wanted = np.concatenate(
        [pasted(scene, collins, face_height, corners[::2]), pasted(scene, hopper, face_height, corners[1::2])]
    )
    found = detect(scene)
    assert missed(middles(found), wanted, face_height * 0.3) == 0
    assert len(found) == len(wanted)


def test_one_face_may_fill_a_large_photo(hopper: Person) -> None:
    left, top, right, bottom = hopper.detection.box.round().astype(int)
    close = cv2.resize(hopper.image[top:bottom, left:right], TWELVE_MEGAPIXELS[::-1], interpolation=cv2.INTER_CUBIC)
    (face,) = detect(close.astype(np.uint8))
    assert face.box[3] - face.box[1] > 0.75 * TWELVE_MEGAPIXELS[0]


def test_a_large_and_a_tiny_face_are_found_together(collins: Person, hopper: Person) -> None:
    scene = landscape(*TWELVE_MEGAPIXELS, seed=5)
    large = pasted(
        scene, Person(_enlarged(hopper.image, 4), _scaled(hopper, 4).detection, hopper.mesh), 850, [(100, 100)]
    )
    small = pasted(scene, collins, 26, [(3400, 1500)])
    found = detect(scene)
    assert len(found) == 2
    assert np.linalg.norm(middles(found) - np.concatenate([large, small]), axis=1).max() < 60


def _enlarged(image: Picture, factor: int) -> Picture:
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _scaled(someone: Person, factor: float) -> Person:
    detection = type(someone.detection)(
        someone.detection.box * np.float32(factor), someone.detection.score, someone.detection.five_points
    )
    return Person(someone.image, detection, someone.mesh)


@pytest.mark.usefixtures("two_threads")
def test_two_hundred_faces_are_found_and_no_more_are_given(collins: Person, hopper: Person) -> None:
    scene = np.full((3000, 4000, 3), 120, np.uint8)
    corners = _grid(TWELVE_MEGAPIXELS, 20, 11, margin=0)
    wanted = np.concatenate([pasted(scene, collins, 40, corners[::2]), pasted(scene, hopper, 60, corners[1::2])])
    assert len(wanted) == 220
    found = detect(scene, max_faces=1000)
    assert missed(middles(found), wanted, 15) == 0
    assert len(found) == 220
    limited = detect(scene)
    assert len(limited) == 200
    assert min(_height(one.box) for one in limited) >= min(_height(one.box) for one in found)


def _height(box: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    return float(box[3] - box[1])


@pytest.mark.parametrize("degrees", range(-150, 181, 30))
def test_a_face_is_found_at_every_roll_and_its_eyes_are_told_apart(someone: Person, degrees: int) -> None:
    picture, wanted = rolled(someone, degrees)
    found = detect(picture)
    near = np.linalg.norm(middles(found) - wanted, axis=1)
    face = found[int(near.argmin())]
    assert near.min() < 0.1 * _height(someone.detection.box)
    points = face.five_points
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    down = np.degrees(np.arctan2(*(mouth - eyes)[::-1])) - 90
    assert abs((down - degrees + 180) % 360 - 180) < 45


@pytest.mark.parametrize("share", [0.2, 0.35])
def test_a_face_cut_by_the_edge_is_found(someone: Person, share: float) -> None:
    left, top, right, bottom = someone.detection.box
    cuts = (
        someone.image[:, round(float(left + share * (right - left))) :],
        someone.image[:, : round(float(right - share * (right - left)))],
        someone.image[: round(float(bottom - share * (bottom - top)))],
    )
    for part in cuts:
        assert len(detect(np.ascontiguousarray(part))) == 1


def test_nothing_is_found_where_there_is_nothing() -> None:
    rng = np.random.default_rng(11)
    ramp = np.linspace(0, 255, 1600, dtype=np.uint8)
    board = (np.indices((900, 1200)).sum(axis=0) // 30 % 2 * 255).astype(np.uint8)
    scenes = [
        landscape(1600, 1200, seed=1),
        landscape(*TWELVE_MEGAPIXELS, seed=2),
        rng.integers(0, 256, (700, 900, 3), dtype=np.uint8),
        np.broadcast_to(ramp[None, :, None], (1000, 1600, 3)).copy(),
        np.broadcast_to(board[..., None], (900, 1200, 3)).copy(),
    ]
    assert [len(detect(scene)) for scene in scenes] == [0] * len(scenes)


def test_a_picture_whose_faces_are_painted_over_has_none(someone: Person) -> None:
    left, top, right, bottom = someone.detection.box.round().astype(int)
    picture = someone.image.copy()
    picture[top - 15 : bottom + 10, left - 10 : right + 10] = picture[top - 20, left - 20]
    assert detect(picture) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (2, 3), (33, 31), (641, 639), (20, 6000)])
def test_every_size_is_looked_at(size: tuple[int, int]) -> None:
    assert detect(np.full((*size, 3), 127, np.uint8)) == []


@pytest.mark.parametrize("size", [(500, 499), (511, 597), (333, 350)])
def test_boxes_are_in_pixels_of_odd_sized_pictures(hopper: Person, size: tuple[int, int]) -> None:
    width, height = size
    picture = cv2.resize(hopper.image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    (face,) = detect(picture)
    stretch = np.array([width / hopper.image.shape[1], height / hopper.image.shape[0]] * 2)
    assert np.abs(face.box - hopper.detection.box * stretch).max() < 0.06 * _height(face.box)


def test_a_large_copy_gives_the_same_face(someone: Person) -> None:
    (face,) = detect(_enlarged(someone.image, 7))
    assert np.abs(face.box / 7 - someone.detection.box).max() < 0.05 * _height(someone.detection.box)
    assert np.abs(face.five_points / 7 - someone.detection.five_points).max() < 0.06 * _height(someone.detection.box)


def test_faces_come_largest_first(collins: Person, hopper: Person) -> None:
    scene = np.full((700, 1400, 3), 90, np.uint8)
    pasted(scene, collins, 60, [(0, 0)])
    pasted(scene, hopper, 150, [(500, 0)])
    pasted(scene, collins, 100, [(950, 0)])
    heights = [_height(one.box) for one in detect(scene)]
    assert len(heights) == 3
    assert heights == sorted(heights, reverse=True)


@pytest.mark.usefixtures("two_threads")
def test_the_number_of_threads_changes_nothing(collins: Person) -> None:
    scene = landscape(1800, 1300, seed=8)
    pasted(scene, collins, 30, _grid((1800, 1300), 3, 3))
    shared = detect(scene)
    set_threads(1)
    alone = detect(scene)
    assert len(shared) == len(alone) == 9
    for one, other in zip(shared, alone, strict=True):
        assert np.array_equal(one.box, other.box)
        assert np.array_equal(one.five_points, other.five_points)


def test_a_stricter_score_leaves_uncertain_faces_out(someone: Person) -> None:
    small = shrunk(someone.image, 0.2)
    (face,) = detect(small)
    assert detect(small, min_score=min(0.99, face.score + 0.05)) == []
