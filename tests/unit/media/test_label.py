"""The visible label: legible on everything, never over a face where that can be, never larger than the picture."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFont

from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions, LabelSize, LabelStyle, LabelWording
from faceswap_desktop.media.colour import to_display
from faceswap_desktop.media.label import (
    LEAST_MARK_PX,
    DrawnLabel,
    Spot,
    boxes_of,
    corner_for,
    draw_label,
    label_notes,
    laid_over,
    lay_on,
    spot_in,
)
from faceswap_desktop.media.label_texts import Changes, closest_language, label_texts, languages
from faceswap_desktop.resources import resource_path
from tests.unit.media.profiles import rgb_profile

Pixels = NDArray[np.uint8]
HD = Size(1280, 720)
BOTH = Changes(is_swapped=True, is_reaged=True)
NO_FACES = boxes_of([])


def drawn(of: Size = HD, /, **options: object) -> DrawnLabel:
    label = draw_label(LabelOptions(**options), of, BOTH)  # type: ignore[arg-type]
    assert label is not None
    return label


def luminance(grey: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the relative luminance of grey sRGB values, as WCAG 2 has it."""
    value = grey / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: float, other: float) -> float:
    high, low = sorted((float(luminance(np.array(one))), float(luminance(np.array(other)))), reverse=True)
    return (high + 0.05) / (low + 0.05)


# ------------------------------------------------------------------------------------------------------------- words


def test_every_language_has_every_word_and_its_font_every_glyph() -> None:
    fonts = {"ja": "jp", "ko": "kr", "zh": "sc", "zh-Hant": "tc"}
    for language in languages():
        forms = fonts.get(language)
        name = f"NotoSansCJK{forms}-label.otf" if forms else "Inter-SemiBold.otf"
        font = ImageFont.truetype(str(resource_path("fonts", name)), 40)
        missing = bytes(font.getmask("\U0010fffe"))
        for swapped, aged in ((True, False), (False, True), (True, True)):
            texts = label_texts(LabelWording.FULL, language, Changes(swapped, aged))
            assert len(texts) == 3
            for letter in set("".join(texts)) - {" "}:
                assert bytes(font.getmask(letter)) != missing, (language, letter)


def test_full_wording_says_what_was_changed() -> None:
    texts = {
        label_texts(LabelWording.FULL, "en", changes)[0]
        for changes in (Changes(True, False), Changes(False, True), Changes(True, True))
    }
    assert texts == {
        "AI-edited: face swapped",
        "AI-edited: age changed",
        "AI-edited: face swapped, age changed",
    }
    assert label_texts(LabelWording.SHORT, "de", BOTH) == ("Mit KI bearbeitet", "KI")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("de_AT.UTF-8", "de"),
        ("de@euro", "de"),
        ("zh-TW", "zh-Hant"),
        ("zh_Hant_HK", "zh-Hant"),
        ("zh_CN.GB18030", "zh"),
        ("no", "nb"),
        ("nn_NO", "nb"),
        ("pt-BR", "pt"),
        ("ar_EG", "en"),
        ("", "en"),
        ("C.UTF-8", "en"),
    ],
)
def test_languages_are_told_by_their_locale(code: str, language: str) -> None:
    assert closest_language(code) == language


# ----------------------------------------------------------------------------------------------------------- legible


@pytest.mark.parametrize("style", LabelStyle)
@pytest.mark.parametrize("ground", [0, 60, 128, 190, 255])
def test_letters_stand_out_from_what_is_around_them(style: LabelStyle, ground: int) -> None:
    label = drawn(style=style, size=LabelSize.LARGE)
    shown = laid_over(np.full((label.height, label.width, 3), ground, np.uint8), label)[..., 0].astype(float)
    solid = label.shares[..., 0] > 0.999
    look = label.colours[..., 0]
    letters = solid & (look > 250) if style is not LabelStyle.LIGHT_PLATE else solid & (look < 18)
    # What the letters' edges lie against: the plate, or the outline.
    beside = np.zeros_like(letters)
    for down, right in product((-3, 0, 3), repeat=2):
        beside |= np.roll(letters, (down, right), (0, 1))
    around = shown[beside & ~letters]
    assert letters.sum() > 100
    own = float(np.median(shown[letters]))
    # Of the pixels beside, those that are mixed with letters least.
    plain = float(np.percentile(around, 10 if own > 128 else 90))
    assert contrast(own, plain) >= 4.5


@pytest.mark.parametrize("language", languages())
def test_every_language_is_drawn_in_every_style_and_size(language: str) -> None:
    seen = set()
    for style, size, wording in product(LabelStyle, LabelSize, LabelWording):
        label = drawn(style=style, size=size, wording=wording, language=language)
        assert label.width <= HD.width
        assert label.height <= HD.height / 4
        assert label.letters >= 10
        # Nothing is cut off at the plate's edge: letters end before it.
        cover = label.shares[..., 0]
        inside = cover > 0.9
        assert inside.any()
        assert not inside[0].any()
        assert not inside[-1].any()
        seen.add((label.width, label.grey))
    assert len(seen) == len(LabelStyle) * len(LabelSize) * len(LabelWording)


def test_letters_grow_with_the_picture() -> None:
    letters = [drawn(Size(width, width * 9 // 16)).letters for width in (640, 1280, 1920, 3840)]
    assert letters == sorted(set(letters))
    assert drawn(Size(1080, 1920)).letters == drawn(Size(1920, 1080)).letters


@given(width=st.integers(1, 400), height=st.integers(1, 400), language=st.sampled_from(languages()))
def test_label_is_never_larger_than_the_picture(width: int, height: int, language: str) -> None:
    size = Size(width, height)
    label = draw_label(LabelOptions(language=language, wording=LabelWording.FULL), size, BOTH)
    if label is None:
        # Not even two capitals have room.
        assert width < 26 or height < 14
        assert label_notes(None, None)
        return
    assert label.letters >= LEAST_MARK_PX
    for corner in LabelCorner:
        spot = corner_for(size, label, NO_FACES, corner)
        assert 0 <= spot.left <= width - label.width
        assert 0 <= spot.top <= height - label.height


def test_little_room_gets_the_shorter_words() -> None:
    full = LabelOptions(wording=LabelWording.FULL)
    texts = {}
    for width in (20, 64, 600):
        label = draw_label(full, Size(width, 300), BOTH)
        assert label is not None
        texts[width] = label.text
    assert texts == {20: "AI", 64: "AI-edited", 600: "AI-edited: face swapped, age changed"}
    short = draw_label(full, Size(64, 64), BOTH)
    assert short is not None
    assert short.is_shortened
    assert "“AI-edited” only" in label_notes(short, spot_in(LabelCorner.TOP_LEFT, Size(64, 64), short))[0]


def test_panorama_gets_letters_that_suit_its_shorter_side() -> None:
    label = drawn(Size(12_000, 600))
    assert 20 <= label.letters <= 60
    assert label.height < 100


# ------------------------------------------------------------------------------------------------------------ corners


def test_bottom_right_is_preferred() -> None:
    label = drawn()
    spot = corner_for(HD, label, NO_FACES, LabelCorner.AUTO)
    assert spot.corner is LabelCorner.BOTTOM_RIGHT
    assert (spot.left + label.width + label.edge, spot.top + label.height + label.edge) == HD


FACES = st.lists(
    st.tuples(st.integers(0, 1200), st.integers(0, 640), st.integers(10, 500), st.integers(10, 500)), max_size=12
)


@given(faces=FACES, wanted=st.sampled_from(LabelCorner), size=st.sampled_from(LabelSize))
def test_no_face_is_covered_while_a_corner_is_free(
    faces: list[tuple[int, int, int, int]], wanted: LabelCorner, size: LabelSize
) -> None:
    label = drawn(size=size)
    boxes = [BoundingBox(x, y, x + width, y + height) for x, y, width, height in faces]

    def hidden(spot: Spot) -> float:
        own = BoundingBox(spot.left, spot.top, spot.left + label.width, spot.top + label.height)
        return sum(own.overlap(box) for box in boxes)

    spot = corner_for(HD, label, boxes_of(boxes), wanted)
    free = [
        corner for corner in LabelCorner if corner is not LabelCorner.AUTO and not hidden(spot_in(corner, HD, label))
    ]
    if free:
        assert spot.corner in free
        assert not spot.covers_face
    else:
        assert spot.covers_face
    if wanted in free:
        assert spot.corner is wanted
        assert not spot.is_moved
        assert label_notes(label, spot) == ()
    elif wanted is not LabelCorner.AUTO and free:
        assert spot.is_moved
        assert len(label_notes(label, spot)) == 1


def test_where_all_corners_have_faces_the_least_is_covered() -> None:
    label = drawn()
    wide = BoundingBox(0, 0, 1280, 700 - label.edge)
    spot = corner_for(HD, label, boxes_of([wide]), LabelCorner.AUTO)
    assert spot.corner is LabelCorner.BOTTOM_RIGHT
    assert spot.covers_face
    assert "every corner" in label_notes(label, spot)[0]


# ------------------------------------------------------------------------------------------------------------ laid on


def test_what_lies_outside_of_it_stays_as_it_is(tmp_path: object) -> None:
    del tmp_path
    before = np.random.default_rng(1).integers(0, 256, (720, 1280, 3)).astype(np.uint8)
    after, label = before.copy(), drawn()
    spot = corner_for(HD, label, NO_FACES, LabelCorner.AUTO)
    lay_on(after, None, label, spot, None)
    differs = (before != after).any(axis=2)
    rows, columns = np.nonzero(differs)
    assert rows.min() >= spot.top
    assert rows.max() < spot.top + label.height
    assert columns.min() >= spot.left
    assert columns.max() < spot.left + label.width
    # The rounded corners of the plate show the picture.
    assert not differs[spot.top, spot.left]


def test_letters_have_no_coloured_fringes() -> None:
    label = drawn()
    shown = laid_over(np.full((label.height, label.width, 3), 90, np.uint8), label)
    assert (shown == shown[..., :1]).all()


def test_it_looks_the_same_in_other_colour_spaces() -> None:
    profile = rgb_profile(gamma=1.8)
    label = drawn()
    ground = np.full((label.height, label.width, 3), 150, np.uint8)
    plain = laid_over(to_display(ground, profile), label)
    there = to_display(laid_over(ground, label, profile), profile)
    assert np.abs(plain.astype(int) - there).max() <= 6
    assert np.abs(laid_over(ground, label, profile).astype(int) - laid_over(ground, label)).max() > 6


def test_it_can_be_read_where_the_picture_is_transparent() -> None:
    label = drawn()
    pixels = np.full((720, 1280, 3), 255, np.uint8)
    alpha = np.zeros((720, 1280), np.uint8)
    spot = corner_for(HD, label, NO_FACES, LabelCorner.AUTO)
    lay_on(pixels, alpha, label, spot, None)
    rows, columns = slice(spot.top, spot.top + label.height), slice(spot.left, spot.left + label.width)
    assert np.array_equal(alpha[rows, columns], np.rint(label.shares[..., 0] * 255).astype(np.uint8))
    assert alpha.sum() == alpha[rows, columns].sum()
    on_white = Image.new("RGB", HD, (255, 255, 255))
    on_white.paste(Image.fromarray(pixels), mask=Image.fromarray(alpha))
    opaque = laid_over(np.full((label.height, label.width, 3), 255, np.uint8), label)
    assert np.abs(np.asarray(on_white)[rows, columns].astype(int) - opaque).max() <= 2
