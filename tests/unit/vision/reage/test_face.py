"""Reage as measured: older looks older and younger not older, it stays this person, and nothing else changes."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest

from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.reage.face import age_reference, prepare_reage, reage_face, render_reage
from faceswap_desktop.vision.swap import apply
from tests.unit.vision import scenes
from tests.unit.vision.reage.aged import YEARS, age_of, aged, box, chroma, identity_of, long_haired
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face

BOTH = (COLLINS, HOPPER)
_HOPPERS_EARS = (box(157, 190, 172, 255), box(358, 190, 370, 255))
_HOPPERS_HAT = (box(175, 100, 345, 135), box(200, 30, 330, 80))
_COLLINS_LOBE = box(172, 122, 179, 132)


@pytest.mark.parametrize("first", [0, -15])
def test_older_looks_older(first: int) -> None:
    """On Collins and on a younger-looking subject made from her; Hopper reads the end of the scale already."""
    ages = [age_of(COLLINS, years, first) for years in (0, 10, 20, 30)]
    assert ages == sorted(ages)
    assert min(np.diff(ages)) > 2.0
    assert ages[2] - ages[0] >= 10.0


@pytest.mark.parametrize("name", BOTH)
def test_younger_never_looks_older(name: str) -> None:
    plain = age_of(name, 0)
    assert all(age_of(name, years) <= plain for years in (-10, -15, -20))


def test_younger_looks_younger() -> None:
    assert age_of(COLLINS, 0) - age_of(COLLINS, -15) > 2.0


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("years", YEARS)
def test_it_stays_this_person(name: str, years: int) -> None:
    assert identity_of(name, years) >= 0.75


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("years", [-30, 30])
def test_only_head_and_hair_change(name: str, years: int) -> None:
    """Head: an ellipse around the mesh with room for hair; below the chin nothing but its soft edge."""
    picture, mesh, _ = sample_face(name)
    changed = (aged(name, years) != picture).any(axis=2)
    assert changed.any()
    points = mesh.points[:468, :2]
    width = float(np.linalg.norm(points[454] - points[234]))
    middle = points[[10, 152, 234, 454]].mean(axis=0)
    y, x = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]]
    head = ((x - middle[0]) / (1.0 * width)) ** 2 + ((y - middle[1] + 0.15 * width) / (1.15 * width)) ** 2 < 1.0
    head &= y < points[152, 1] + 0.12 * width
    assert not (changed & ~head).any()


@pytest.mark.parametrize("years", [-30, 30])
def test_the_picture_around_is_the_same_bit_for_bit(years: int) -> None:
    """Also within the rectangle that is returned: its corners show the background."""
    picture, mesh, _ = sample_face(COLLINS)
    patch = reage_face(picture, mesh, years)
    assert patch is not None
    height, width = patch.pixels.shape[:2]
    own = picture[patch.top : patch.top + height, patch.left : patch.left + width]
    for corner in (np.s_[:20, :20], np.s_[:20, -20:], np.s_[-12:, :20], np.s_[-12:, -20:]):
        assert (patch.pixels[corner] == own[corner]).all()


def test_hair_turns_grey_and_ears_and_hats_do_not() -> None:
    collins, hopper = sample_face(COLLINS).picture, sample_face(HOPPER).picture
    hair = box(170, 30, 285, 65)
    assert chroma(aged(COLLINS, 30), hair) < 0.35 * chroma(collins, hair)
    assert chroma(aged(COLLINS, 10), hair) > chroma(aged(COLLINS, 30), hair)
    assert chroma(aged(COLLINS, 30), _COLLINS_LOBE) > 0.85 * chroma(collins, _COLLINS_LOBE)
    for ear in _HOPPERS_EARS:
        assert chroma(aged(HOPPER, 30), ear) > 0.85 * chroma(hopper, ear)
    for hat in _HOPPERS_HAT:
        for years in (-30, 30):
            assert np.abs(aged(HOPPER, years)[hat].astype(int) - hopper[hat]).mean() < 0.5


def test_long_hair_turns_grey_to_its_ends() -> None:
    picture, mesh, strands, top, end = long_haired(COLLINS)
    patch = reage_face(picture, mesh, 30)
    assert patch is not None
    result = apply(picture, [patch])
    rows = np.arange(picture.shape[0])[:, None]
    for start, stop in ((0.0, 0.4), (0.4, 0.7), (0.7, 0.9), (0.9, 1.0)):
        band = strands & (rows > top + start * (end - top)) & (rows < top + stop * (end - top))
        assert chroma(result, band) < 0.4 * chroma(picture, band)
    # The suit between and below the strands keeps its orange.
    below = box(380, int(end) + 30, 460, int(end) + 90)
    assert (result[below] == picture[below]).all()


def test_grey_pictures_stay_grey() -> None:
    picture, mesh, _ = sample_face(COLLINS)
    grey = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.uint8)
    for years in (-30, 30):
        patch = reage_face(grey, mesh, years)
        assert patch is not None
        assert int((patch.pixels.max(axis=2) - patch.pixels.min(axis=2)).max()) <= 1


def test_equal_input_gives_equal_pixels_and_zero_years_none_else() -> None:
    picture, mesh, _ = sample_face(HOPPER)
    before = picture.copy()
    prepared = prepare_reage(picture, mesh)
    assert prepared is not None
    first, second = render_reage(prepared, 25), reage_face(picture, mesh, 25)
    assert second is not None
    assert (first.pixels == second.pixels).all()
    untouched = render_reage(prepared, 0)
    height, width = untouched.pixels.shape[:2]
    own = picture[untouched.top : untouched.top + height, untouched.left : untouched.left + width]
    assert (untouched.pixels == own).all()
    assert (picture == before).all()
    picture_to_paint_on = picture.copy()
    apart = prepare_reage(picture_to_paint_on, mesh)
    picture_to_paint_on[:] = 0
    assert apart is not None
    assert (render_reage(apart, 25).pixels == first.pixels).all()
    assert prepared.nbytes > untouched.pixels.nbytes
    with pytest.raises(ValueError, match="31"):
        render_reage(prepared, 31)


def test_without_hair_the_hair_stays() -> None:
    picture, mesh, _ = sample_face(COLLINS)
    patch = reage_face(picture, mesh, 30, hair=False)
    assert patch is not None
    hair = box(170, 20, 285, 60)
    assert (apply(picture, [patch])[hair] == picture[hair]).all()


def test_reference_goes_through_a_pickle_and_is_followed() -> None:
    picture, mesh, _ = sample_face(COLLINS)
    reference = age_reference([(picture, mesh), (picture, mesh)])
    assert reference is not None
    assert reference.hair is not None
    again = pickle.loads(pickle.dumps(reference))
    assert again == reference
    patch = reage_face(picture, mesh, 20, reference=again)
    plain = reage_face(picture, mesh, 20)
    assert patch is not None
    assert plain is not None
    # Measured in this very picture, it changes nothing that shows.
    assert np.abs(patch.pixels.astype(int) - plain.pixels).max() <= 2
    assert age_reference([]) is None
    outside = Mesh(mesh.points + np.float32(5000.0), 1.0)
    assert age_reference([(picture, outside)]) is None


def test_faces_outside_cut_small_and_turned() -> None:
    picture, mesh, _ = sample_face(COLLINS)
    assert reage_face(picture, Mesh(mesh.points - np.float32(5000.0), 1.0), 20) is None
    person = scenes.person(picture)
    cut = picture[100:200, 200:330]
    moved = Mesh((mesh.points - np.array([200, 100, 0], np.float32)).astype(np.float32), 1.0)
    tiny = cv2.resize(picture, None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA).astype(np.uint8)
    small = Mesh((mesh.points * np.float32(0.15)).astype(np.float32), 1.0)
    turned = scenes.turned(person, 30.0)
    found = fit_mesh(turned, detect(turned)[0])
    assert found is not None
    for image, place in ((cut, moved), (tiny, small), (turned, found)):
        for years in (-30, 30):
            patch = reage_face(image, place, years)
            assert patch is not None
            height, width = patch.pixels.shape[:2]
            assert patch.left >= 0
            assert patch.top >= 0
            assert patch.left + width <= image.shape[1]
            assert patch.top + height <= image.shape[0]
            own = image[patch.top : patch.top + height, patch.left : patch.left + width]
            assert (patch.pixels != own).any()


def test_very_large_faces_are_changed_small_and_keep_their_detail() -> None:
    """A face of 1100 px: it looks as the small one does, and what is outside is still the same bit for bit."""
    whole, whole_mesh, _ = sample_face(COLLINS)
    factor = 12.0
    corner = np.array([130, 0, 0], np.float32)
    picture = whole[:240, 130:330]
    mesh = Mesh(whole_mesh.points - corner, 1.0)
    large = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    grain = np.random.default_rng(1).normal(0.0, 6.0, large.shape[:2])[..., None]
    large = np.clip(large + grain, 0, 255).astype(np.uint8)
    prepared = prepare_reage(large, Mesh(mesh.points * np.float32(factor), 1.0))
    assert prepared is not None
    assert prepared.layers.surface.width <= 901.0
    patch, small_patch = render_reage(prepared, 20), reage_face(picture, mesh, 20)
    assert small_patch is not None
    result, small = apply(large, [patch]), apply(picture, [small_patch])
    shrunk = cv2.resize(result, (200, 240), interpolation=cv2.INTER_AREA).astype(np.float32)
    assert np.abs(shrunk - small).mean() < 0.35 * np.abs(picture.astype(np.float32) - small).mean()
    assert patch.pixels.shape[0] < 0.9 * large.shape[0]
    assert (result[-200:] == large[-200:]).all()
    forehead = box(900, 1140, 1060, 1260)
    fine = [
        np.abs(one.astype(np.float32) - cv2.GaussianBlur(one.astype(np.float32), (0, 0), 1.0))[forehead].mean()
        for one in (large, result)
    ]
    assert fine[1] > 0.9 * fine[0]
