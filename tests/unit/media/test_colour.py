"""Colours look the same wherever they go."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from faceswap_desktop.media.colour import convert_space, profile_space, to_display
from tests.unit.media import making, profiles


def test_spaces_of_profiles() -> None:
    assert profile_space(profiles.rgb_profile()) == "RGB"
    assert profile_space(profiles.grey_profile(2.2)) == "GRAY"
    assert profile_space(profiles.cmyk_profile()) == "CMYK"
    assert profile_space(b"") is profile_space(b"x" * 500) is None
    assert profile_space(profiles.rgb_profile()[:200]) is None


def test_without_a_profile_nothing_is_copied() -> None:
    pixels = making.pixels_of(making.sample())
    assert to_display(pixels, None) is pixels


def test_an_srgb_profile_changes_nothing_whatever_its_name() -> None:
    pixels = making.pixels_of(making.sample())
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert to_display(pixels, srgb) is pixels


def test_a_profile_that_claims_to_be_srgb_is_not_believed() -> None:
    pixels = making.pixels_of(making.sample())
    assert to_display(pixels, profiles.rgb_profile(name="sRGB IEC61966-2.1")) is not pixels


def test_wide_colours_are_shown_as_strongly_as_a_screen_can() -> None:
    shades = np.array([[[200, 50, 50], [128, 128, 128], [255, 255, 255], [0, 0, 0]]], np.uint8)
    shown = to_display(shades, profiles.rgb_profile()).astype(int)
    assert shown[0, 0, 0] > 205  # the same red needs larger numbers in a smaller space
    assert shown[0, 0, 1] < 45
    for place in (1, 2, 3):  # neutral stays neutral
        assert np.ptp(shown[0, place]) <= 1
    assert tuple(shown[0, 2]) == (255, 255, 255)


def test_there_and_back_again() -> None:
    grid = np.linspace(60, 200, 20).astype(np.uint8)
    pixels = np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(80, 100, 3)
    wide = convert_space(pixels, None, profiles.rgb_profile())
    assert np.abs(wide.astype(int) - pixels).max() > 5
    assert np.abs(convert_space(wide, profiles.rgb_profile(), None).astype(int) - pixels).max() <= 3


def test_between_two_profiles() -> None:
    pixels = making.pixels_of(making.sample())
    bright, dark = profiles.rgb_profile(gamma=1.8), profiles.rgb_profile(gamma=2.6)
    moved = convert_space(pixels, bright, dark).astype(float)
    expected = 255 * (pixels / 255) ** (1.8 / 2.6)
    assert np.abs(moved - expected).mean() < 1.5
    assert convert_space(pixels, bright, bright) is pixels


@pytest.mark.parametrize("profile", [b"rubbish", profiles.cmyk_profile()])
def test_a_profile_that_cannot_be_used_leaves_the_pixels(profile: bytes) -> None:
    pixels = making.pixels_of(making.sample())
    assert to_display(pixels, profile) is pixels


def test_empty_crops() -> None:
    nothing = np.zeros((0, 5, 3), np.uint8)
    assert to_display(nothing, profiles.rgb_profile()).shape == (0, 5, 3)


@pytest.mark.parametrize("size", [(96, 64), (1000, 700), (1, 5), (300_000, 2)])
def test_it_agrees_with_pillow(size: tuple[int, int]) -> None:
    image = making.sample(96, 64).resize(size)
    expected = ImageCms.profileToProfile(
        image,
        ImageCms.getOpenProfile(io.BytesIO(profiles.rgb_profile())),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert isinstance(expected, Image.Image)
    shown = to_display(making.pixels_of(image), profiles.rgb_profile())
    assert np.abs(shown.astype(int) - making.pixels_of(expected)).max() <= 2
