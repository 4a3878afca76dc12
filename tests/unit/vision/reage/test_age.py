"""The estimate of apparent age: steady, honest about what it is not, and hard to fool by sharpening."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.age import estimate_age
from tests.unit.vision.reage.aged import Picture
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face


def sharpened(picture: Picture, sigma: float, amount: float) -> Picture:
    plain = picture.astype(np.float32)
    return np.clip(plain + amount * (plain - cv2.GaussianBlur(plain, (0, 0), sigma)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("name", "youngest", "oldest"), [(COLLINS, 28, 42), (HOPPER, 70, 80)])
def test_samples_look_about_as_old_as_people_say(name: str, youngest: float, oldest: float) -> None:
    picture, mesh, _ = sample_face(name)
    age = estimate_age(picture, mesh)
    assert age is not None
    assert youngest < age <= oldest
    by_detection = estimate_age(picture, detect(picture)[0])
    assert by_detection == pytest.approx(age, abs=1.0)


def test_contrast_and_recompression_move_it_little() -> None:
    picture, mesh, _ = sample_face(COLLINS)
    plain = estimate_age(picture, mesh)
    contrast = np.clip((picture.astype(np.float32) - 128) * 1.25 + 128, 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    again = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    assert estimate_age(contrast, mesh) == pytest.approx(plain, abs=4.0)
    assert estimate_age(again, mesh) == pytest.approx(plain, abs=4.0)


@pytest.mark.parametrize("sigma", [0.7, 1.0, 1.5, 2.5])
@pytest.mark.parametrize("amount", [0.5, 1.0, 2.0])
def test_sharpening_makes_nobody_ten_years_older(sigma: float, amount: float) -> None:
    picture, mesh, _ = sample_face(COLLINS)
    plain, sharp = estimate_age(picture, mesh), estimate_age(sharpened(picture, sigma, amount), mesh)
    assert plain is not None
    assert sharp is not None
    assert sharp - plain < 5.0


def test_nothing_to_read() -> None:
    picture, mesh, _ = sample_face(COLLINS)
    assert estimate_age(picture, Mesh(np.zeros_like(mesh.points), 1.0)) is None
    assert estimate_age(np.full_like(picture, 120), detect(picture)[0]) is None
