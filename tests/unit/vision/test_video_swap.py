"""Swapping in a video's frames: which frames have a say in one, and what passes over a face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.detail import DetailMatch
from faceswap_desktop.vision.placing import Placed
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.vision.swap import swap_faces
from faceswap_desktop.vision.video_swap import (
    Look,
    change_by,
    cover_share,
    face_share,
    face_template,
    halo_of,
    is_compared,
    is_looked_at,
    lay,
    look_at,
    look_step,
    looks_around,
    mixed,
    mixed_around,
)
from tests.followed import atlas_of, mesh_of, picture

RUN = FrameRange(3, 60)


@pytest.mark.parametrize(("rate", "step"), [(10.0, 1), (25.0, 2), (30.0, 2), (60.0, 4), (120.0, 8)])
def test_looks_are_taken_fifteen_times_a_second(rate: float, step: int) -> None:
    assert look_step(rate) == step
    assert halo_of(rate) == 2 * step - 1


@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_a_frame_hears_as_many_before_it_as_after_it(step: int) -> None:
    for frame in range(RUN.first + 2 * step, RUN.end - 2 * step):
        weights = dict(looks_around(frame, RUN, step))
        assert sum(weights.values()) == pytest.approx(1.0)
        assert all(is_looked_at(one, RUN, step) for one in weights)
        assert max(abs(one - frame) for one in weights) < 2 * step
        assert sum(one * weight for one, weight in weights.items()) == pytest.approx(frame, abs=1e-6)


def test_a_run_shorter_than_a_step_looks_at_its_first_frame() -> None:
    run = FrameRange(9, 11)
    assert [looks_around(frame, run, 8) for frame in (9, 10)] == [((9, 1.0),)] * 2
    for frame in range(RUN.first, RUN.end):
        assert all(one in RUN for one, _ in looks_around(frame, RUN, 4))


def a_look(value: float, glasses: float = 0.0) -> Look:
    plane = np.full((128, 128), value, np.float32)
    return Look(plane, plane * 0.5, glasses, DetailMatch(blur_sigma=value, fine_grain=2.0 * value))


def test_looks_are_averaged_and_missing_ones_left_out() -> None:
    both = mixed([(a_look(0.2), 0.25), (a_look(0.6, 1.0), 0.75)])
    assert both.detail is not None
    assert both.detail.blur_sigma == pytest.approx(0.5)
    assert both.detail.fine_grain == pytest.approx(1.0)
    assert both.glasses == pytest.approx(0.75)
    assert both.frame.mean() == pytest.approx(0.25)
    assert both.covered.mean() == pytest.approx(0.75), "cover counts one and a half times"
    around = mixed_around(12, RUN, 2, {10: a_look(0.4), 14: a_look(0.8)})
    assert around is not None
    assert around.detail is not None
    assert around.detail.blur_sigma == pytest.approx(0.6), "frame 12 itself could not be decoded"
    assert mixed_around(12, RUN, 2, {}) is None


def test_detail_is_compared_in_every_other_look() -> None:
    """Then every frame still hears of one: the hat over the looks becomes a line between two of them."""
    for frame in range(RUN.first, RUN.end):
        looks = [one for one, _ in looks_around(frame, RUN, 2)]
        assert any(is_compared(one, RUN, 2) for one in looks) or frame >= RUN.end - 4
    silent = Look(a_look(0.1).covered, a_look(0.1).frame, 0.0, None)
    detail = mixed([(a_look(0.2), 0.25), (silent, 0.5), (a_look(0.6), 0.25)]).detail
    assert detail is not None
    assert detail.blur_sigma == pytest.approx(0.4)
    assert mixed([(silent, 1.0)]).detail == DetailMatch()


def test_a_face_that_is_mostly_covered_is_not_swapped() -> None:
    shares = [cover_share(covered) for covered in np.linspace(0, 1, 101)]
    assert shares[0] == shares[40] == 1.0
    assert shares[75] == shares[100] == 0.0
    assert 0 < max(np.diff(shares) * -1) < 0.06


# ------------------------------------------------------------------------------------------------------- with pictures


def placed(person: str, source: str, image: NDArray[np.uint8] | None = None) -> Placed:
    found = lay(picture(person) if image is None else image, mesh_of(person).points, Sheet(atlas_of(source), True))
    assert found is not None
    return found


def changed(
    person: str, source: str, image: NDArray[np.uint8] | None = None, share: float = 1.0
) -> NDArray[np.float32]:
    laid = placed(person, source, image)
    yaw = head_pose(mesh_of(person)).yaw_degrees
    origin = laid.left, laid.top
    return change_by(laid, look_at(laid), SwapOptions(), yaw_degrees=yaw, share=share, grain_origin=origin)


@pytest.mark.parametrize(("person", "source"), [("collins", "hopper"), ("hopper", "collins")])
def test_the_cheaper_steps_give_nearly_the_pictures_result(person: str, source: str) -> None:
    laid, change = placed(person, source), changed(person, source)
    photo = swap_faces(picture(person), [(mesh_of(person), atlas_of(source))], SwapOptions())
    height, width = change.shape[:2]
    part = photo[laid.top : laid.top + height, laid.left : laid.left + width].astype(np.float32)
    assert np.abs(laid.region + change - part).mean() < 2.5
    assert np.abs(change).mean() > 8.0
    assert ((laid.region + change >= 0) & (laid.region + change <= 255)).all()
    corners = change[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert not corners.any(), "exactly nothing outside the face"
    assert not changed(person, source, share=0.0).any()


@pytest.mark.parametrize("colour", [(40, 60, 120), (30, 90, 40)])
def test_a_cup_before_the_mouth_is_no_face(colour: tuple[int, int, int]) -> None:
    image, points = picture("collins").copy(), mesh_of("collins").points
    mouth = points[[13, 14], :2].mean(axis=0)
    radius = 0.17 * float(np.ptp(points[:468, 0]))
    disc = (
        cv2.circle(np.zeros(image.shape[:2], np.uint8), np.rint(mouth).astype(int).tolist(), round(radius), 1, -1) > 0
    )
    image[disc] = colour
    laid = placed("collins", "hopper", image)
    change = np.abs(changed("collins", "hopper", image)).mean(axis=2)
    height, width = change.shape
    region = slice(laid.top, laid.top + height), slice(laid.left, laid.left + width)
    inner = cv2.erode(disc.astype(np.uint8), np.ones((7, 7), np.uint8))[region] > 0
    free = np.abs(changed("collins", "hopper")).mean(axis=2)
    assert change[inner].mean() < 0.1 * free[inner].mean()
    far = cv2.dilate(disc.astype(np.uint8), np.ones((61, 61), np.uint8))[region] == 0
    assert change[far].mean() == pytest.approx(free[far].mean(), rel=0.35), "and the rest is swapped as before"


@pytest.mark.parametrize(("person", "source"), [("collins", "hopper"), ("hopper", "collins")])
def test_a_face_out_of_focus_stays_out_of_focus(person: str, source: str) -> None:
    height = float(np.ptp(mesh_of(person).points[:468, 1]))
    blurs = []
    for sigma in (0.0, 0.013 * height, 0.026 * height):
        image = cv2.GaussianBlur(picture(person), (0, 0), sigma).astype(np.uint8) if sigma else picture(person)
        detail = look_at(placed(person, source, image)).detail
        assert detail is not None
        blurs.append(detail.blur_sigma / height)
    assert blurs[0] == 0.0
    assert blurs[1] == pytest.approx(0.013, rel=0.6)
    assert blurs[2] == pytest.approx(0.026, rel=0.6)


@pytest.mark.parametrize("person", ["collins", "hopper"])
def test_a_guessed_place_is_told_from_a_face(person: str) -> None:
    laid = placed(person, "collins")
    template = face_template(laid.region, laid.own)
    assert float(template @ template) == pytest.approx(1.0, abs=1e-3)
    image = picture(person)
    dark = (image * 0.12).astype(np.uint8)
    soft = cv2.GaussianBlur(image, (0, 0), 0.04 * float(np.ptp(mesh_of(person).points[:468, 1]))).astype(np.uint8)
    assert [face_share(placed(person, "collins", one), template) for one in (image, dark, soft)] == [1.0, 1.0, 1.0]
    noise = np.random.default_rng(5).integers(0, 255, (9, 9, 3)).astype(np.uint8)
    empty = cv2.resize(noise, image.shape[1::-1], interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    assert face_share(placed(person, "collins", empty), template) < 0.3
