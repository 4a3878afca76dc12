"""The atlas: what it holds of one photo, and what several photos of one person add."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.atlas import Atlas, build_atlas, load_atlas
from faceswap_desktop.vision.figures import measure
from faceswap_desktop.vision.layout import plane_region
from faceswap_desktop.vision.swap import swap_faces
from tests.unit.vision.sample_faces import COLLINS, HOPPER, Picture, found, sample_face, turned_view


def _identity(atlas: Atlas, source: str, target: str) -> float:
    person, picture = sample_face(source), sample_face(target)
    result = swap_faces(picture.picture, [(picture.mesh, atlas)], SwapOptions())
    return measure(result, picture.picture, picture.mesh, person.picture, person.mesh).identity


@pytest.mark.parametrize(
    ("source", "target", "yaw"), [(COLLINS, HOPPER, 20.0), (COLLINS, HOPPER, 30.0), (HOPPER, COLLINS, 20.0)]
)
def test_two_three_quarter_photos_together_beat_each_alone(source: str, target: str, yaw: float) -> None:
    views = [turned_view(sample_face(source), degrees) for degrees in (-yaw, yaw)]
    photos = [(view, found(view)) for view in views]

    merged = _identity(build_atlas(photos), source, target)
    singles = [_identity(build_atlas([photo]), source, target) for photo in photos]

    assert merged > max(singles)


def test_a_merged_atlas_shows_both_sides() -> None:
    views = [turned_view(sample_face(COLLINS), degrees) for degrees in (-40.0, 40.0)]
    photos = [(view, found(view)) for view in views]
    truth = sample_face(COLLINS).atlas
    known = (truth.validity > 200) & (plane_region(truth.validity.shape[0], "cheeks", "sockets") > 127)

    def error(atlas: Atlas) -> float:
        blurred = [cv2.GaussianBlur(texture, (0, 0), 4.0).astype(float) for texture in (atlas.texture, truth.texture)]
        return float(np.abs(blurred[0] - blurred[1])[known].mean())

    merged = error(build_atlas(photos))

    assert merged < error(build_atlas(photos[:1]))
    assert merged < error(build_atlas(photos[1:]))


def test_the_photo_from_the_front_counts_most() -> None:
    views = [turned_view(sample_face(COLLINS), degrees) for degrees in (-35.0, 0.0, 35.0)]

    weights = build_atlas([(view, found(view)) for view in views]).weights

    assert sum(weights) == pytest.approx(1.0)
    assert weights[1] > weights[0]
    assert weights[1] > weights[2]


def test_a_small_blurred_photo_counts_less() -> None:
    picture = sample_face(HOPPER).picture
    small = cv2.resize(cv2.GaussianBlur(picture, (0, 0), 4.0), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    worse = np.asarray(small, dtype=np.uint8)

    weights = build_atlas([(picture, found(picture)), (worse, found(worse))]).weights

    assert weights[0] > 1.5 * weights[1]


def test_hair_over_the_forehead_is_left_out() -> None:
    atlas = sample_face(COLLINS).atlas
    size = atlas.validity.shape[0]
    forehead = plane_region(size, "forehead") > 127
    top = forehead & (np.arange(size)[:, None] < size * 0.2)

    assert atlas.validity[top].mean() < 100
    assert atlas.validity[plane_region(size, "cheeks") > 127].mean() > 240
    # What is made up there has the colour of skin, not of hair.
    skin = atlas.texture[plane_region(size, "cheeks") > 127].mean(axis=0)
    assert np.linalg.norm(atlas.texture[top].mean(axis=0) - skin) < 45.0


def test_the_hidden_half_of_a_turned_face_comes_from_the_other() -> None:
    view = turned_view(sample_face(COLLINS), 45.0)

    atlas = build_atlas([(view, found(view))])

    size = atlas.validity.shape[0]
    cheeks = plane_region(size, "cheeks") > 127
    for half in (np.s_[:, : size // 2], np.s_[:, size // 2 :]):
        assert atlas.validity[half][cheeks[half]].mean() > 150


def test_a_large_photo_gets_a_large_texture() -> None:
    picture = sample_face(HOPPER).picture[80:360, 120:420]
    large = np.asarray(cv2.resize(picture, None, fx=4.0, fy=4.0, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)

    atlas = build_atlas([(large, found(large))])

    assert atlas.texture.shape[0] > sample_face(HOPPER).atlas.texture.shape[0]
    assert atlas.texture.shape[0] <= 2048
    assert atlas.validity.shape == atlas.texture.shape[:2]


def test_equal_photos_give_an_equal_atlas() -> None:
    face = sample_face(HOPPER)

    again = build_atlas([(face.picture, face.mesh)])

    assert np.array_equal(again.texture, face.atlas.texture)
    assert np.array_equal(again.validity, face.atlas.validity)
    assert np.array_equal(again.proportions, face.atlas.proportions)


def test_an_atlas_is_the_same_after_saving(tmp_path: Path) -> None:
    atlas = sample_face(COLLINS).atlas
    file = tmp_path / "atlas.npz"

    atlas.save(file)
    loaded = load_atlas(file)

    assert np.array_equal(loaded.texture, atlas.texture)
    assert np.array_equal(loaded.validity, atlas.validity)
    assert np.array_equal(loaded.proportions, atlas.proportions)
    assert loaded.weights == atlas.weights
    assert loaded.detail == atlas.detail


def test_another_file_is_not_an_atlas(tmp_path: Path) -> None:
    file = tmp_path / "other.npz"
    with file.open("wb") as opened:
        np.savez(opened, something=np.zeros(3))

    with pytest.raises(ValueError, match="not an atlas"):
        load_atlas(file)


def test_an_atlas_of_an_older_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "older.npz"
    sample_face(COLLINS).atlas.save(file)
    with np.load(file) as saved:
        parts = dict(saved)
    parts["format"] = np.int32(int(parts["format"]) - 1)
    with file.open("wb") as opened:
        np.savez(opened, allow_pickle=False, **parts)

    with pytest.raises(ValueError, match="atlas format"):
        load_atlas(file)


def test_an_atlas_needs_a_photo() -> None:
    with pytest.raises(ValueError, match="at least one photo"):
        build_atlas([])


def test_proportions_do_not_hang_on_size_or_roll() -> None:
    picture: Picture = sample_face(HOPPER).picture
    matrix = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] * 0.4), 20.0, 0.8)
    rolled = np.asarray(cv2.warpAffine(picture, matrix, picture.shape[1::-1]), dtype=np.uint8)

    shape = build_atlas([(rolled, found(rolled))]).proportions

    apart = np.linalg.norm((shape - sample_face(HOPPER).atlas.proportions)[:, :2], axis=1)
    assert float(apart.mean()) < 0.03
