import numpy as np
import pytest

from faceswap_desktop.vision.detect import Detection, detect
from faceswap_desktop.vision.mesh import Mesh, fit_mesh, fit_mesh_again, five_points_of
from faceswap_desktop.vision.topology import CONTOURS, LEFT_IRIS, RIGHT_IRIS, mirrored_indices
from tests.unit.vision.scenes import Person, landscape, rolled, shrunk


def eyes_px(mesh: Mesh) -> float:
    return float(np.linalg.norm(mesh.points[LEFT_IRIS, :2] - mesh.points[RIGHT_IRIS, :2]))


def error(mesh: Mesh, wanted: Mesh) -> float:
    """Mean distance of the points, in distances of the eyes."""
    return float(np.linalg.norm(mesh.points[:, :2] - wanted.points[:, :2], axis=1).mean()) / eyes_px(wanted)


def test_the_mesh_lies_on_the_face(someone: Person) -> None:
    mesh = someone.mesh
    assert mesh.points.shape == (478, 3)
    assert mesh.points.dtype == np.float32
    assert mesh.flag > 0.99
    left, top, right, bottom = someone.detection.box
    middle = mesh.points[:, :2].mean(axis=0)
    assert left < middle[0] < right
    assert top < middle[1] < bottom
    distance = np.linalg.norm(five_points_of(mesh) - someone.detection.five_points, axis=1)
    assert distance.max() < 0.2 * eyes_px(mesh)


def test_irises_lie_between_the_corners_of_their_own_eye(someone: Person) -> None:
    for iris, outline in ((RIGHT_IRIS, "right_eye"), (LEFT_IRIS, "left_eye")):
        contour = someone.mesh.points[CONTOURS[outline], :2]
        assert (someone.mesh.points[iris, :2] > contour.min(axis=0)).all()
        assert (someone.mesh.points[iris, :2] < contour.max(axis=0)).all()


def test_the_nose_is_nearer_than_the_ears(someone: Person) -> None:
    depths = someone.mesh.points[:, 2]
    assert depths[4] < depths[[33, 263]].mean() < depths[[234, 454]].mean()
    nose_to_ears = (depths[[234, 454]].mean() - depths[4]) / np.linalg.norm(
        np.diff(someone.mesh.points[[234, 454], :2], axis=0)
    )
    assert 0.5 < nose_to_ears < 0.9


def test_a_mirrored_photo_gives_the_mirrored_mesh(someone: Person) -> None:
    flipped = np.ascontiguousarray(someone.image[:, ::-1])
    (detection,) = detect(flipped)
    mesh = fit_mesh(flipped, detection)
    assert mesh is not None
    points = mesh.points[mirrored_indices()].copy()
    points[:, 0] = flipped.shape[1] - points[:, 0]
    assert error(Mesh(points, mesh.flag), someone.mesh) < 0.03


@pytest.mark.parametrize("degrees", [-120, -90, -45, -30, 30, 60, 90, 135, 180])
def test_a_rolled_face_gives_the_rolled_mesh(someone: Person, degrees: int) -> None:
    picture, middle = rolled(someone, degrees)
    found = min(detect(picture), key=lambda one: float(np.linalg.norm((one.box[:2] + one.box[2:]) / 2 - middle[0])))
    mesh = fit_mesh(picture, found)
    assert mesh is not None
    box = someone.detection.box
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    wanted = someone.mesh.points.copy()
    wanted[:, :2] = (wanted[:, :2] - (box[:2] + box[2:]) / 2) @ matrix.T + middle[0]
    assert error(mesh, Mesh(wanted, 1.0)) < 0.04


@pytest.mark.parametrize(("factor", "tolerance"), [(0.5, 0.03), (0.25, 0.06)])
def test_a_shrunk_face_gives_the_shrunk_mesh(someone: Person, factor: float, tolerance: float) -> None:
    small = shrunk(someone.image, factor)
    (detection,) = detect(small)
    mesh = fit_mesh(small, detection)
    assert mesh is not None
    assert error(mesh, Mesh(someone.mesh.points * np.float32(factor), 1.0)) < tolerance


def test_a_face_cut_by_the_edge_keeps_the_part_that_shows(someone: Person) -> None:
    left, _, right, _ = someone.detection.box
    start = round(float(left + 0.25 * (right - left)))
    part = np.ascontiguousarray(someone.image[:, start:])
    (detection,) = detect(part)
    mesh = fit_mesh(part, detection)
    assert mesh is not None
    wanted = someone.mesh.points - np.array([start, 0, 0], np.float32)
    shows = wanted[:, 0] > 0.1 * float(right - left)
    distance = np.linalg.norm((mesh.points - wanted)[shows, :2], axis=1)
    assert distance.mean() < 0.06 * eyes_px(someone.mesh)


def test_fitting_again_stays_where_it_was(someone: Person) -> None:
    again = fit_mesh_again(someone.image, someone.mesh)
    assert again is not None
    assert error(again, someone.mesh) < 0.015


def test_where_there_is_no_face_there_is_no_mesh(someone: Person) -> None:
    scene = landscape(600, 600, seed=4)
    assert fit_mesh(scene, someone.detection) is None
    beside = Detection(np.array([0, 400, 80, 500], np.float32), 0.9, someone.detection.five_points)
    assert fit_mesh(someone.image, beside) is None


def test_squares_far_off_the_face_end_in_no_mesh_not_in_an_error(someone: Person) -> None:
    # The fine network stops with an index out of range in some of these places.
    left, top, right, bottom = someone.detection.box
    width, height = right - left, bottom - top
    fitted = []
    for across in np.linspace(-1.5, 1.5, 7):
        for down in np.linspace(-1.5, 1.5, 7):
            away = Mesh(someone.mesh.points + np.array([across * width, down * height, 0], np.float32), 1.0)
            again = fit_mesh_again(someone.image, away)
            fitted.append(again is not None)
    assert fitted[24]
    assert not all(fitted)


@pytest.mark.parametrize("shift", [(-0.18, 0.12), (0.15, -0.1), (0.1, 0.15)])
def test_a_box_beside_the_mark_is_mended(someone: Person, shift: tuple[float, float]) -> None:
    left, top, right, bottom = someone.detection.box
    offset = np.array(shift * 2, np.float32) * np.array([right - left, bottom - top] * 2)
    mesh = fit_mesh(someone.image, Detection(someone.detection.box + offset, 0.9, someone.detection.five_points))
    assert mesh is not None
    assert error(mesh, someone.mesh) < 0.02


def test_a_box_without_extent_has_no_mesh() -> None:
    nothing = Detection(np.array([5, 5, 5.5, 5.5], np.float32), 0.9, np.full((5, 2), 5, np.float32))
    assert fit_mesh(np.zeros((10, 10, 3), np.uint8), nothing) is None
