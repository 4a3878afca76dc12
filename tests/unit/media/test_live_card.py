"""The card that is shown instead of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.media.live_card import draw_card

TEXT = "The picture is hidden. It comes back as soon as the camera shows nothing that is refused."


def bright(size: Size, title: str, text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(draw_card(title, text, size).max(axis=2) > 100)


@pytest.mark.parametrize("size", [Size(640, 480), Size(1920, 1080), Size(240, 320), Size(1080, 1920)])
def test_title_and_text_stand_in_the_middle_and_inside(size: Size) -> None:
    marked = bright(size, "Back in a moment", TEXT)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert len(rows)
    assert columns[0] > 0.05 * size.width
    assert columns[-1] < 0.95 * size.width
    assert abs((rows[0] + rows[-1]) / 2 - size.height / 2) < 0.06 * size.height
    assert abs((columns[0] + columns[-1]) / 2 - size.width / 2) < 0.03 * size.width


def test_without_words_it_is_calm_and_dark() -> None:
    card = draw_card("", "", Size(320, 240))
    assert card.shape == (240, 320, 3)
    assert card.max() < 60
    assert not card.flags.writeable


def test_other_words_make_another_card() -> None:
    size = Size(320, 240)
    assert not np.array_equal(draw_card("One", "", size), draw_card("Two", "", size))
    assert not np.array_equal(draw_card("One", "", size), draw_card("One", "More", size))


def test_too_many_words_end_with_dots_and_stay_inside() -> None:
    size = Size(320, 240)
    marked = bright(
        size, "A title that is much too long for a line of this picture, and for two of them " * 3, TEXT * 9
    )
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert 0 < rows[0] < rows[-1] < size.height - 1
    assert 0 < columns[0] < columns[-1] < size.width - 1


def test_letters_that_no_font_has_are_left_out() -> None:
    size = Size(320, 240)
    assert np.array_equal(draw_card("A\U0010fff0B", "", size), draw_card("AB", "", size))


def test_a_tiny_picture_has_its_card_too() -> None:
    assert draw_card("Back in a moment", TEXT, Size(16, 16)).shape == (16, 16, 3)
