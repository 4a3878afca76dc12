"""The swap's parts and promises: options, several faces, cut faces, pixels outside, equal results."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.layout import fill_region
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.swap import SwapPatch, apply, prepare, render, swap_face, swap_faces
from tests.unit.vision.sample_faces import COLLINS, HOPPER, Picture, found, sample_face, turned_view


def _change(result: Picture, picture: Picture) -> float:
    return float(np.abs(result.astype(float) - picture).mean())


def _swapped(options: SwapOptions) -> Picture:
    target, source = sample_face(HOPPER), sample_face(COLLINS)
    return swap_faces(target.picture, [(target.mesh, source.atlas)], options)


def test_pixels_outside_the_patch_are_identical() -> None:
    target, source = sample_face(HOPPER), sample_face(COLLINS)
    patch = swap_face(target.picture, target.mesh, source.atlas, SwapOptions())
    assert patch is not None

    result = apply(target.picture, [patch])

    height, width = patch.pixels.shape[:2]
    outside = np.ones(result.shape[:2], dtype=bool)
    outside[patch.top : patch.top + height, patch.left : patch.left + width] = False
    assert np.array_equal(result[outside], target.picture[outside])
    assert not np.array_equal(result, target.picture)
    # The patch is the face with a little around it, never the whole picture.
    assert height * width < 0.35 * result.shape[0] * result.shape[1]


def test_the_patch_leaves_its_own_border_alone() -> None:
    target, source = sample_face(COLLINS), sample_face(HOPPER)
    patch = swap_face(target.picture, target.mesh, source.atlas, SwapOptions(edge_softness=1.0))
    assert patch is not None
    height, width = patch.pixels.shape[:2]

    below = target.picture[patch.top : patch.top + height, patch.left : patch.left + width]

    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.array_equal(patch.pixels[edge], below[edge])


def test_apply_does_not_change_the_picture_it_is_given() -> None:
    picture = np.zeros((10, 10, 3), dtype=np.uint8)

    result = apply(picture, [SwapPatch(2, 3, np.full((4, 5, 3), 9, dtype=np.uint8))])

    assert picture.max() == 0
    assert (result == 9).sum() == 4 * 5 * 3
    assert result[3, 2, 0] == 9
    assert result[6, 6, 0] == 9


def test_equal_inputs_give_equal_pixels() -> None:
    assert np.array_equal(_swapped(SwapOptions()), _swapped(SwapOptions()))


def test_rendering_does_not_change_what_was_prepared() -> None:
    target, source = sample_face(HOPPER), sample_face(COLLINS)
    prepared = prepare(target.picture, target.mesh, source.atlas)
    assert prepared is not None
    fresh = render(prepared, SwapOptions())

    render(prepared, SwapOptions(blend=0.3, keep_eyes=False, keep_mouth=False, colour_match=0.2, edge_softness=1.0))

    assert np.array_equal(render(prepared, SwapOptions()).pixels, fresh.pixels)


def test_no_blend_is_the_target() -> None:
    target = sample_face(COLLINS)

    result = swap_faces(target.picture, [(target.mesh, sample_face(HOPPER).atlas)], SwapOptions(blend=0.0))

    assert np.array_equal(result, target.picture)


def test_blend_grows_evenly() -> None:
    target = sample_face(HOPPER).picture

    changes = [_change(_swapped(SwapOptions(blend=share)), target) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]

    steps = [after - before for before, after in pairwise(changes)]
    assert min(steps) > 0.0
    assert max(steps) < 1.6 * min(steps)


def test_colour_match_is_continuous_from_the_sources_colours_to_the_targets() -> None:
    target = sample_face(HOPPER)
    cheeks = fill_region(target.picture.shape[:2], target.mesh.points, "cheeks") > 127
    wanted = target.picture[cheeks].mean(axis=0)

    apart = [
        float(np.linalg.norm(_swapped(SwapOptions(colour_match=share))[cheeks].mean(axis=0) - wanted))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]

    steps = [before - after for before, after in pairwise(apart)]
    assert min(steps) > 0.0
    assert max(steps) < 2.5 * min(steps)
    assert apart[-1] < 0.35 * apart[0]


def test_edge_softness_is_continuous() -> None:
    results = [_swapped(SwapOptions(edge_softness=share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]

    for sharper, softer in pairwise(results):
        assert 0.0 < _change(softer, sharper) < 1.0


@pytest.mark.parametrize("option", ["keep_eyes", "keep_mouth"])
def test_keeping_eyes_or_mouth_changes_that_part_only(option: str) -> None:
    target, source = sample_face(COLLINS), sample_face(HOPPER)
    parts = ("eyes",) if option == "keep_eyes" else ("mouth",)

    kept, replaced = (
        swap_faces(target.picture, [(target.mesh, source.atlas)], replace(SwapOptions(), **{option: value}))
        for value in (True, False)
    )

    changed = np.abs(kept.astype(int) - replaced).max(axis=2) > 6
    part = fill_region(target.picture.shape[:2], target.mesh.points, *parts)
    near = cv2.dilate(part, np.ones((13, 13), np.uint8)) > 0
    assert changed[part > 127].mean() > 0.3
    assert changed[~near].sum() <= 0.02 * changed.sum()


def test_a_kept_mouth_shows_the_targets_teeth() -> None:
    target, source = sample_face(COLLINS), sample_face(HOPPER)  # she smiles, the source does not
    mouth = fill_region(target.picture.shape[:2], target.mesh.points, "mouth") > 200

    kept = swap_faces(target.picture, [(target.mesh, source.atlas)], SwapOptions())
    replaced = swap_faces(target.picture, [(target.mesh, source.atlas)], SwapOptions(keep_mouth=False))

    assert _change(kept[mouth], target.picture[mouth]) < 0.5 * _change(replaced[mouth], target.picture[mouth])


def test_two_faces_in_one_picture_get_their_own_sources() -> None:
    left, right = sample_face(COLLINS), sample_face(HOPPER)
    collage = np.full((620, 1030, 3), 120, dtype=np.uint8)
    collage[:512, :512] = left.picture
    collage[:600, 518:] = right.picture
    meshes = sorted((found(collage, number) for number in range(2)), key=lambda mesh: float(mesh.points[4, 0]))

    both = swap_faces(collage, [(meshes[0], right.atlas), (meshes[1], left.atlas)], SwapOptions())
    first = swap_faces(collage, [(meshes[0], right.atlas)], SwapOptions())

    assert np.array_equal(both[:, :515], first[:, :515])
    assert np.array_equal(first[:, 515:], collage[:, 515:])
    assert _change(both[:, 515:], collage[:, 515:]) > 0.5


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_face_cut_by_the_edge_is_swapped_as_far_as_it_is_seen(side: str) -> None:
    target, source = sample_face(HOPPER), sample_face(COLLINS)
    points = target.mesh.points
    middle_x, middle_y = int(points[4, 0]), int(points[152, 1])
    cuts: dict[str, tuple[slice, ...]] = {
        "left": np.s_[:, middle_x - 25 :],
        "right": np.s_[:, : middle_x + 25],
        "top": np.s_[int(points[151, 1]) :, :],
        "bottom": np.s_[: middle_y - 15, :],
    }
    cut = np.ascontiguousarray(target.picture[cuts[side]])

    result = swap_faces(cut, [(found(cut), source.atlas)], SwapOptions())

    assert result.shape == cut.shape
    assert _change(result, cut) > 1.0
    mesh = found(cut)
    cheeks = fill_region(cut.shape[:2], mesh.points, "cheeks") > 127
    assert np.linalg.norm(result[cheeks].mean(axis=0) - cut[cheeks].mean(axis=0)) < 45.0


def test_a_face_outside_the_picture_changes_nothing() -> None:
    target, source = sample_face(HOPPER), sample_face(COLLINS)
    away = Mesh(points=target.mesh.points + np.array([9000.0, 0.0, 0.0], dtype=np.float32), flag=1.0)

    assert prepare(target.picture, away, source.atlas) is None
    assert np.array_equal(swap_faces(target.picture, [(away, source.atlas)], SwapOptions()), target.picture)


def test_a_head_turned_too_far_fades_back_to_the_target() -> None:
    source = sample_face(HOPPER)
    shares = []
    for yaw in (0.0, 30.0, 55.0):
        view = turned_view(sample_face(COLLINS), yaw)
        found_faces = detect(view)
        mesh = fit_mesh(view, found_faces[0]) if found_faces else None
        assert mesh is not None
        prepared = prepare(view, mesh, source.atlas)
        assert prepared is not None
        shares.append(prepared.share)

    assert shares[0] == 1.0
    assert shares[1] == 1.0
    assert shares[2] < 0.9


def test_a_tiny_face_is_swapped() -> None:
    small = cv2.resize(sample_face(HOPPER).picture, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA)
    picture = np.asarray(small, dtype=np.uint8)
    points = sample_face(HOPPER).mesh.points * np.float32(0.2)

    result = swap_faces(picture, [(Mesh(points=points, flag=1.0), sample_face(COLLINS).atlas)], SwapOptions())

    assert _change(result, picture) > 0.3


def test_a_sharp_source_does_not_stand_out_of_a_blurred_picture() -> None:
    source = sample_face(HOPPER)
    large = cv2.resize(sample_face(COLLINS).picture, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    blurred = np.asarray(cv2.GaussianBlur(large, (0, 0), 3.0), dtype=np.uint8)
    mesh = found(blurred)

    result = swap_faces(blurred, [(mesh, source.atlas)], SwapOptions(keep_eyes=False, keep_mouth=False))

    def sharpness(picture: Picture) -> float:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        face = fill_region(picture.shape[:2], mesh.points, "eyes", "brows", "lips") > 127
        return float(np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F))[face], 95))

    assert sharpness(result) < 2.0 * sharpness(blurred)


def test_grain_of_the_picture_is_given_to_the_face() -> None:
    target, source = sample_face(HOPPER), sample_face(COLLINS)
    random = np.random.Generator(np.random.PCG64(7))
    noise = random.normal(0.0, 14.0, (*target.picture.shape[:2], 1))
    grainy = np.clip(np.rint(target.picture + noise), 0, 255).astype(np.uint8)
    cheeks = fill_region(grainy.shape[:2], target.mesh.points, "cheeks") > 127

    def grain(picture: Picture) -> float:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        return float((grey - cv2.GaussianBlur(grey, (0, 0), 1.0))[cheeks].std())

    plain = swap_faces(target.picture, [(target.mesh, source.atlas)], SwapOptions())
    result = swap_faces(grainy, [(target.mesh, source.atlas)], SwapOptions())

    assert grain(result) > 1.5 * grain(plain)
    assert grain(result) > 0.4 * grain(grainy)


def test_eyes_and_mouth_stay_as_far_open_as_they_are() -> None:
    target, source = sample_face(COLLINS), sample_face(HOPPER)
    prepared = prepare(target.picture, target.mesh, source.atlas)
    assert prepared is not None

    moves = (prepared.points - prepared.outline)[:, :2]

    for upper, lower in ((159, 145), (386, 374), (13, 14), (82, 87), (312, 317)):
        assert float(np.linalg.norm(moves[upper] - moves[lower])) < 0.05
    assert float(np.linalg.norm(moves, axis=1).mean()) > 0.5
