"""Small parts of the swap, each by itself."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from faceswap_desktop.vision.blend import blend_bands
from faceswap_desktop.vision.colour import find_light, relight, smooth_known
from faceswap_desktop.vision.cover import look_for_cover
from faceswap_desktop.vision.detail import DetailMatch, apply_detail
from faceswap_desktop.vision.layout import LAYOUT, MIRROR, TRIANGLES, with_rim
from faceswap_desktop.vision.mask import feather_width, yaw_share
from faceswap_desktop.vision.proportions import AMOUNT, canonical, nudge, similarity_3d
from faceswap_desktop.vision.warp import make_map, map_coordinates, plane_map, sample
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face


def _plane(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    face = sample_face(name)
    points = with_rim(face.mesh.points)
    return np.rint(sample(face.picture, plane_map(points[:, :2] - 0.5, 256))).clip(0, 255).astype(np.uint8)


def test_no_triangle_of_the_layout_is_folded_over() -> None:
    corners = LAYOUT[TRIANGLES].astype(float)
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]

    assert np.all(areas[:880] < 0)
    assert len(set(np.sign(areas[880:]))) == 1


def test_the_layout_is_symmetric() -> None:
    flipped = LAYOUT[:468] * (-1.0, 1.0) + (1.0, 0.0)

    assert np.allclose(flipped, LAYOUT[:468][MIRROR], atol=1e-6)
    assert np.array_equal(MIRROR[MIRROR], np.arange(468))


def test_a_map_onto_itself_is_the_identity() -> None:
    points = LAYOUT * 200.0
    flat = np.zeros(len(points))

    made = make_map(points, flat, points, (200, 200), 200).coordinates

    x, y = np.meshgrid(np.arange(200), np.arange(200))
    inside = made[..., 0] > 0
    assert inside.mean() > 0.5
    apart = np.hypot(made[..., 0] - x, made[..., 1] - y)[inside]
    # Edges are drawn up to a pixel too wide; there a place is drawn to the triangle's edge.
    assert np.percentile(apart, 90) < 0.4
    assert apart.max() < 3.0


def test_slivers_do_not_reach_beyond_their_corners() -> None:
    points = LAYOUT * 100.0
    points[TRIANGLES[5]] = points[TRIANGLES[5]][0] + np.array([[0.0, 0.0], [0.01, 0.0], [30.0, 0.02]])
    ids = np.full((100, 100), 5, dtype=np.int32)

    made = map_coordinates(ids, points, LAYOUT)

    low, high = LAYOUT[TRIANGLES[5]].min(axis=0), LAYOUT[TRIANGLES[5]].max(axis=0)
    assert np.all(made >= low - 1e-5)
    assert np.all(made <= high + 1e-5)


def test_similarity_in_space_is_found_again() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    points = random.normal(size=(40, 3))
    turn = cv2.Rodrigues(np.array([0.2, -0.5, 0.1]))[0]
    moved = 2.5 * points @ turn.T + np.array([3.0, -1.0, 8.0])

    scale, rotation, shift = similarity_3d(points, moved)

    assert scale == pytest.approx(2.5)
    assert np.allclose(rotation, turn)
    assert np.allclose(shift, [3.0, -1.0, 8.0])


def test_a_face_is_not_nudged_towards_itself() -> None:
    mesh = sample_face(HOPPER).mesh.points[:468]

    moved = nudge(mesh, canonical(mesh))

    assert np.linalg.norm((moved - mesh)[:, :2], axis=1).max() < 0.2


def test_the_nudge_grows_with_its_amount_and_is_limited() -> None:
    mesh = sample_face(HOPPER).mesh.points[:468]
    shape = canonical(sample_face(COLLINS).mesh.points)
    width = float(np.linalg.norm(mesh[454] - mesh[234]))

    lengths = [
        float(np.linalg.norm((nudge(mesh, shape, amount) - mesh)[:, :2], axis=1).mean())
        for amount in (0.0, 0.3, AMOUNT)
    ]
    extreme = nudge(mesh, (shape * np.float32(1.0) + np.sin(shape * 9.0)).astype(np.float32), 1.0)

    assert lengths[0] == pytest.approx(0.0, abs=1e-4)
    assert lengths[0] < lengths[1] < lengths[2]
    assert np.linalg.norm((extreme - mesh)[:, :2], axis=1).max() <= 0.1 * width + 1e-3


def test_smoothing_looks_only_at_what_is_known() -> None:
    image = np.full((60, 80, 3), 50.0, dtype=np.float32)
    image[:, 40:] = 250.0
    weight = np.zeros((60, 80), dtype=np.float32)
    weight[:, :40] = 1.0

    smooth = smooth_known(image, weight, 6.0)

    assert np.allclose(smooth, 50.0, atol=0.5)


def test_relighting_gives_the_targets_colour_by_degrees() -> None:
    source = np.full((50, 50, 3), (200.0, 150.0, 120.0), dtype=np.float32)
    target = np.full((50, 50, 3), (90.0, 80.0, 100.0), dtype=np.float32)
    light = find_light(target, source, np.ones((50, 50), dtype=np.float32), 8.0)

    assert np.allclose(relight(source, light, 1.0), target, atol=1.0)
    assert np.allclose(relight(source, light, 0.0), source, atol=1.0)
    assert np.allclose(relight(source, light, 0.5), (source + target) / 2.0, atol=1.5)


def test_without_common_skin_the_light_stays() -> None:
    source = np.full((30, 30, 3), 180.0, dtype=np.float32)

    light = find_light(source * 0.2, source, np.zeros((30, 30), dtype=np.float32), 5.0)

    assert np.allclose(relight(source, light, 1.0), source, atol=0.5)


def test_blending_by_bands_is_soft_where_the_change_is_coarse_and_exact_inside() -> None:
    difference = np.full((128, 128, 3), 40.0, dtype=np.float32)
    mask = np.zeros((128, 128), dtype=np.float32)
    mask[:, 64:] = 1.0

    change = blend_bands(difference, mask)

    assert np.allclose(change[:, 120:], 40.0, atol=0.5)
    assert np.allclose(change[:, :8], 0.0, atol=0.5)
    assert np.abs(np.diff(change[64, :, 0])).max() < 5.0


@pytest.mark.parametrize("shape", [(8, 8), (9, 31), (17, 64), (251, 133)])
def test_blending_takes_any_size(shape: tuple[int, int]) -> None:
    difference = np.ones((*shape, 3), dtype=np.float32)

    assert np.allclose(blend_bands(difference, np.ones(shape, dtype=np.float32)), 1.0, atol=1e-4)


def test_grain_stays_where_it_is_in_the_picture() -> None:
    flat = np.full((40, 60, 3), 128.0, dtype=np.float32)
    match = DetailMatch(fine_grain=5.0, coarse_grain=3.0)

    whole = apply_detail(flat, match, (500, 300))
    part = apply_detail(flat[10:, 20:], match, (520, 310))

    assert np.array_equal(whole[10:, 20:], part)
    assert 4.0 < float(whole.std()) < 8.0


def test_the_yaw_share_falls_smoothly_and_alike_to_both_sides() -> None:
    shares = [yaw_share(degrees) for degrees in range(0, 91, 3)]

    assert shares[0] == 1.0
    assert shares[-1] == 0.0
    assert all(after <= before for before, after in pairwise(shares))
    assert yaw_share(-40.0) == yaw_share(40.0)


def test_the_feather_grows_with_softness_and_face() -> None:
    assert 0.0 < feather_width(200.0, 0.0) < feather_width(200.0, 0.5) < feather_width(200.0, 1.0)
    assert feather_width(400.0, 0.5) == pytest.approx(2.0 * feather_width(200.0, 0.5))


def test_a_fringe_is_cover_and_cheeks_are_not() -> None:
    covered = look_for_cover(_plane(COLLINS), np.ones((256, 256), dtype=np.float32)).covered

    assert covered[38:48, 110:146].mean() > 0.6
    assert covered[130:160, 60:80].mean() < 0.1
    assert covered[130:160, 176:196].mean() < 0.1


def test_glasses_are_found_where_there_are_some() -> None:
    seen = np.ones((256, 256), dtype=np.float32)

    with_glasses = look_for_cover(_plane(HOPPER), seen).frame
    without = look_for_cover(_plane(COLLINS), seen).frame

    assert with_glasses is not None
    assert with_glasses.mean() > 0.01
    assert without is None
