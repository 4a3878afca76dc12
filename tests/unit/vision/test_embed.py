import numpy as np
import pytest

from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.embed import embed
from faceswap_desktop.vision.mesh import fit_mesh, five_points_of
from tests.unit.vision.scenes import Person, blurred, darkened, rolled, shrunk


def _embedding(picture: Picture) -> Floats:
    mesh = fit_mesh(picture, detect(picture)[0])
    assert mesh is not None
    return embed(picture, five_points_of(mesh))


def test_an_embedding_has_unit_length(someone: Person) -> None:
    vector = embed(someone.image, someone.detection.five_points)
    assert vector.shape == (128,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_two_people_are_told_apart(collins: Person, hopper: Person) -> None:
    similarity = _embedding(collins.image) @ _embedding(hopper.image)
    assert similarity < SAME_PERSON_SIMILARITY - 0.1


def test_one_person_is_known_again_in_worse_pictures(someone: Person) -> None:
    reference = _embedding(someone.image)
    pictures = {
        "mirrored": np.ascontiguousarray(someone.image[:, ::-1]),
        "half the size": shrunk(someone.image, 0.5),
        "a quarter of the size": shrunk(someone.image, 0.25),
        "dark": darkened(someone.image, 0.4),
        "blurred": blurred(someone, 0.03),
        "rolled": rolled(someone, 30)[0],
        "on its side": rolled(someone, 90)[0],
    }
    similar = {name: float(_embedding(picture) @ reference) for name, picture in pictures.items()}
    assert min(similar.values()) > 2 * SAME_PERSON_SIMILARITY, similar
    assert similar["half the size"] > 0.9
    assert similar["rolled"] > 0.95


def test_points_in_one_place_are_refused(someone: Person) -> None:
    with pytest.raises(np.linalg.LinAlgError):
        embed(someone.image, np.full((5, 2), 40, np.float32))
