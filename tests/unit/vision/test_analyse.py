from collections.abc import Iterator

import numpy as np
import pytest

from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, GradeLevel
from faceswap_desktop.vision import embed
from faceswap_desktop.vision.analyse import analyse, face_detection, face_mesh
from faceswap_desktop.vision.checkpoints import set_threads, threads
from faceswap_desktop.vision.mesh import fit_mesh, five_points_of
from tests.unit.vision.scenes import Person, landscape, pasted, rolled, shrunk


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Share tiles and faces out to two threads."""
    before = threads()
    set_threads(2)
    yield
    set_threads(before)


@pytest.fixture(scope="session")
def group(collins: Person, hopper: Person) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Five people: Hopper large, Collins twice, Hopper small, Collins tiny."""
    scene = landscape(1600, 900, seed=6)
    pasted(scene, hopper, 180, [(20, 20)])
    pasted(scene, collins, 110, [(500, 20)])
    pasted(scene, collins, 80, [(1050, 20)])
    pasted(scene, hopper, 50, [(1430, 500)])
    pasted(scene, collins, 20, [(1100, 700)])
    return scene


def test_a_face_is_known_in_full(someone: Person) -> None:
    (face,) = analyse(someone.image)
    assert face.index == 0
    assert face.landmarks is not None
    assert len(face.landmarks) == 478
    assert len(face.depths) == 478 * 4
    assert face.embedding is not None
    assert face.embedding.checkpoint == embed.CHECKPOINT
    assert len(face.embedding.packed) == 128 * 4
    assert face.grade.level is not GradeLevel.POOR
    assert face.yaw_degrees == face.grade.yaw_degrees
    inside = [face.box.contains(point) for point in face.five_points]
    assert all(inside)


def test_mesh_and_detection_come_back_whole(someone: Person) -> None:
    (face,) = analyse(someone.image, with_embeddings=False)
    mesh, detection = face_mesh(face), face_detection(face)
    assert mesh is not None
    assert np.array_equal(mesh.points, someone.mesh.points)
    assert np.array_equal(detection.box, someone.detection.box)
    assert np.array_equal(detection.five_points, five_points_of(someone.mesh))
    assert detection.score == someone.detection.score


@pytest.mark.usefixtures("two_threads")
def test_a_group_is_numbered_largest_first_and_people_are_known_again(
    group: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> None:
    faces = analyse(group)
    assert [face.index for face in faces] == list(range(5))
    assert [face.box.area for face in faces] == sorted((face.box.area for face in faces), reverse=True)
    large_hopper, collins, other_collins, small_hopper, tiny = faces
    assert large_hopper.embedding
    assert collins.embedding
    assert other_collins.embedding
    assert small_hopper.embedding
    assert collins.embedding.similarity(other_collins.embedding) > 0.8
    assert large_hopper.embedding.similarity(small_hopper.embedding) > 0.7
    assert collins.embedding.similarity(large_hopper.embedding) < SAME_PERSON_SIMILARITY
    assert tiny.embedding is None
    assert tiny.landmarks is not None
    assert tiny.grade.level is GradeLevel.POOR


def test_a_remembered_face_is_fitted_again_in_the_same_place(someone: Person) -> None:
    picture, _ = rolled(someone, 30)
    face = analyse(picture, with_embeddings=False)[0]
    first, again = face_mesh(face), fit_mesh(picture, face_detection(face))
    assert first is not None
    assert again is not None
    assert np.linalg.norm((again.points - first.points)[:, :2], axis=1).mean() < 0.025 * face.grade.eye_distance_px


def test_one_person_is_known_again_at_any_roll(collins: Person) -> None:
    (upright,) = analyse(collins.image)
    assert upright.embedding
    for degrees in (-90, -45, -15, 30, 135):
        embedding = analyse(rolled(collins, degrees)[0])[0].embedding
        assert embedding
        assert embedding.similarity(upright.embedding) > 0.9


def test_embeddings_are_left_out_when_not_asked_for(someone: Person) -> None:
    (face,) = analyse(someone.image, with_embeddings=False)
    assert face.embedding is None
    assert face.landmarks is not None


def test_only_the_largest_are_given(group: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    faces = analyse(group, with_embeddings=False, max_faces=2)
    assert [face.index for face in faces] == [0, 1]
    assert faces[0].box.height > faces[1].box.height > 90


def test_pictures_without_faces_have_none() -> None:
    noise = np.random.default_rng(9).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    for picture in (noise, landscape(1000, 700, seed=3), np.zeros((1, 1, 3), np.uint8)):
        assert analyse(picture) == []


def test_a_picture_of_a_few_pixels_has_no_face(someone: Person) -> None:
    assert analyse(shrunk(someone.image, 0.02)) == []
