"""The visible label: drawn once per picture size, put where it covers no face, and blended in sRGB.

What is drawn is a value, not a font and a place: so it can go to another computer with the work of a chunk, and looks
the same there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.provenance import NO_ROOM_FOR_LABEL
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions, LabelSize, LabelStyle
from faceswap_desktop.media.colour import convert_space, to_display
from faceswap_desktop.media.label_texts import Changes, closest_language, label_texts
from faceswap_desktop.resources import resource_path

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Boxes = NDArray[np.float32]
"""(n, 4): left, top, right, bottom of faces in pixels of the upright picture."""

LETTERS: Final = {LabelSize.SMALL: 0.02, LabelSize.MEDIUM: 0.03, LabelSize.LARGE: 0.045}
"""Size of the letters against the picture: the root of its area, at most twice its shorter side."""
LEAST_LETTERS_PX: Final = 10
"""Smaller letters cannot be read."""
LEAST_MARK_PX: Final = 8
"""Two capitals can still be told a little smaller."""
_FONTS: Final = {
    "ja": "NotoSansCJKjp-label.otf",
    "ko": "NotoSansCJKkr-label.otf",
    "zh": "NotoSansCJKsc-label.otf",
    "zh-Hant": "NotoSansCJKtc-label.otf",
}
_LATIN: Final = "Inter-SemiBold.otf"
_SHRUNK: Final = 0.7
"""The long wording becomes so much smaller, at most, before a shorter one takes its place."""
# In sizes of the letters.
_PAD_X, _PAD_Y, _ROUND, _EDGE, _STROKE = 0.55, 0.42, 0.32, 0.6, 0.1
_FINER: Final = 4
"""The plate's corners are drawn so many times larger, then averaged."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours of a style in sRGB: letters, plate or outline, and how much of the picture the plate hides."""

    letters: int
    plate: int
    cover: float


_LOOKS: Final = {
    LabelStyle.DARK_PLATE: _Look(255, 14, 0.74),
    LabelStyle.LIGHT_PLATE: _Look(14, 255, 0.82),
    LabelStyle.OUTLINE: _Look(255, 0, 0.0),
}


@dataclass(frozen=True, slots=True)
class DrawnLabel:
    """A label ready to be laid on; plain bytes, so that it can be pickled.

    Attributes:
        width, height: Pixels.
        edge: How far it stays away from the picture's edges, where there is room.
        letters: Size of the letters, in pixels.
        text: What it says.
        grey: uint8, height × width: its colour, the same in red, green and blue.
        cover: uint8, height × width: how much of the picture it hides, 0 to 255.
        is_shortened: There was no room for the wording that was wanted.
    """

    width: int
    height: int
    edge: int
    letters: int
    text: str
    grey: bytes
    cover: bytes
    is_shortened: bool = False

    @property
    def colours(self) -> Floats:
        """Its colour, (height, width, 1) float32, 0 to 255."""
        return np.frombuffer(self.grey, np.uint8).reshape(self.height, self.width, 1).astype(np.float32)

    @property
    def shares(self) -> Floats:
        """How much of the picture it hides, (height, width, 1) float32, 0 to 1."""
        return np.frombuffer(self.cover, np.uint8).reshape(self.height, self.width, 1) * np.float32(1 / 255)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a label lies.

    Attributes:
        left, top: Its first column and row.
        corner: Which corner of the picture; never ``AUTO``.
        is_moved: Another corner was chosen, in which it would have covered a face.
        covers_face: There is a face in every corner.
    """

    left: int
    top: int
    corner: LabelCorner
    is_moved: bool = False
    covers_face: bool = False


_CORNERS: Final = (
    LabelCorner.BOTTOM_RIGHT,
    LabelCorner.BOTTOM_LEFT,
    LabelCorner.TOP_RIGHT,
    LabelCorner.TOP_LEFT,
)
"""In this order they are tried."""


@lru_cache(16)
def draw_label(options: LabelOptions, size: Size, changes: Changes) -> DrawnLabel | None:
    """Draw the label for pictures of a size.

    Args:
        options: How it looks; an empty language is English.
        size: Of the upright picture.
        changes: What was done, for the long wording.

    Returns:
        The label, never larger than the picture; None where the picture is too small for anything that can be read.
    """
    language = closest_language(options.language)
    look = _LOOKS[options.style]
    base = min((size.width * size.height) ** 0.5, 2.0 * min(size))
    wanted = max(LEAST_LETTERS_PX, round(base * LETTERS[options.size]))
    texts = label_texts(options.wording, language, changes)
    for place, text in enumerate(texts):
        is_mark = place == len(texts) - 1
        is_long = place == 0 and len(texts) > 2
        least = LEAST_MARK_PX if is_mark else max(LEAST_LETTERS_PX, round(wanted * _SHRUNK)) if is_long else 0
        for letters in range(wanted, max(least, LEAST_MARK_PX if is_mark else LEAST_LETTERS_PX) - 1, -1):
            plan = _planned(text, texts[-1], letters, language)
            if plan.width <= size.width and plan.height <= size.height:
                return _drawn(plan, look, is_shortened=place > 0)
    return None


def boxes_of(faces: Sequence[BoundingBox]) -> Boxes:
    """Return boxes as ``corner_for`` takes them."""
    return np.array([(box.left, box.top, box.right, box.bottom) for box in faces], np.float32).reshape(-1, 4)


def corner_for(size: Size, label: DrawnLabel, boxes: Boxes, wanted: LabelCorner) -> Spot:
    """Choose where a label lies.

    ``AUTO`` gives the first corner that covers no face, the bottom right before the others. A corner that was chosen
    is obeyed as long as that covers no face; then, and only then, another one is taken. Where there is a face in every
    corner, as little as can be is covered.

    Args:
        size: Of the upright picture.
        label: What is laid on.
        boxes: Of all faces; of a video, of all times.
        wanted: What the user chose.
    """
    order = [wanted] if wanted is not LabelCorner.AUTO else []
    order += [corner for corner in _CORNERS if corner is not wanted]
    places = [spot_in(corner, size, label) for corner in order]
    covered = [_covered(place, label, boxes) for place in places]
    best = int(np.argmin(covered))
    left, top = places[best].left, places[best].top
    is_moved = wanted is not LabelCorner.AUTO and best > 0
    return Spot(left, top, order[best], is_moved, covered[best] > 0.0)


def spot_in(corner: LabelCorner, size: Size, label: DrawnLabel) -> Spot:
    """Return where a label lies in a corner."""
    room_x, room_y = size.width - label.width, size.height - label.height
    edge_x, edge_y = min(label.edge, room_x // 2), min(label.edge, room_y // 2)
    is_left = corner in {LabelCorner.TOP_LEFT, LabelCorner.BOTTOM_LEFT}
    is_top = corner in {LabelCorner.TOP_LEFT, LabelCorner.TOP_RIGHT}
    return Spot(edge_x if is_left else room_x - edge_x, edge_y if is_top else room_y - edge_y, corner)


def laid_over(pixels: Pixels, label: DrawnLabel, icc_profile: bytes | None = None) -> Pixels:
    """Return a piece of a picture with the label over it; where the label is empty, nothing changes.

    It is mixed in sRGB, as it is seen, whatever the picture's own space is.

    Args:
        pixels: uint8 (label.height, label.width, 3) in the profile's space.
        label: What is laid on.
        icc_profile: RGB profile of the picture; None for sRGB.
    """
    seen = to_display(np.ascontiguousarray(pixels), icc_profile)
    mixed = np.rint(seen + (label.colours - seen) * label.shares).astype(np.uint8)
    return np.where(label.shares > 0, convert_space(mixed, None, icc_profile), pixels)


def lay_on(pixels: Pixels, alpha: Pixels | None, label: DrawnLabel, spot: Spot, icc_profile: bytes | None) -> None:
    """Lay a label on a whole picture, in place. Transparent places become as opaque as the label is.

    Args:
        pixels: uint8 (H, W, 3), writeable.
        alpha: uint8 (H, W), writeable; None where the picture is opaque.
        label: What is laid on.
        spot: Where.
        icc_profile: RGB profile of the picture; None for sRGB.
    """
    rows, columns = slice(spot.top, spot.top + label.height), slice(spot.left, spot.left + label.width)
    part = pixels[rows, columns]
    if alpha is None:
        part[:] = laid_over(part, label, icc_profile)
        return
    seen = to_display(np.ascontiguousarray(part), icc_profile).astype(np.float32)
    below = alpha[rows, columns, None] * np.float32(1 / 255)
    shares = label.shares
    together = shares + below * (1 - shares)
    share = np.divide(shares, together, out=np.zeros_like(shares), where=together > 0)
    mixed = np.rint(seen + (label.colours - seen) * share).astype(np.uint8)
    part[:] = np.where(shares > 0, convert_space(mixed, None, icc_profile), part)
    alpha[rows, columns] = np.rint(together[..., 0] * 255).astype(np.uint8)


def label_notes(label: DrawnLabel | None, spot: Spot | None) -> tuple[str, ...]:
    """Say what became of the label where that is another thing than was wanted; English."""
    if label is None or spot is None:
        return (NO_ROOM_FOR_LABEL,)
    notes = []
    if label.is_shortened:
        notes.append(f"The visible label says “{label.text}” only, because there is no room for more.")
    if spot.is_moved:
        notes.append(f"The visible label is at the {spot.corner.replace('-', ' ')}, where it covers less of a face.")
    elif spot.covers_face:
        notes.append("The visible label covers a part of a face, because there is a face in every corner.")
    return tuple(notes)


# ------------------------------------------------------------------------------------------------------------ drawing


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the letters lie on a label."""

    text: str
    font: Any
    letters: int
    width: int
    height: int
    x: int
    y: int


def _planned(text: str, capitals: str, letters: int, language: str) -> _Plan:
    font = _font(_FONTS.get(language, _LATIN), letters)
    left, _, right, _ = font.getbbox(text, anchor="ls")
    # Capitals are what stands in the middle; what hangs below or towers above them has room beside.
    _, top, _, bottom = font.getbbox(capitals, anchor="ls")
    pad_x, pad_y = round(letters * _PAD_X), max(2, round(letters * _PAD_Y))
    width, height = int(np.ceil(right - left)) + 2 * pad_x, int(np.ceil(bottom - top)) + 2 * pad_y
    return _Plan(text, font, letters, width, height, round(pad_x - left), round(pad_y - top))


def _drawn(plan: _Plan, look: _Look, *, is_shortened: bool) -> DrawnLabel:
    text = _mask(plan, 0)
    behind = _mask(plan, max(1, round(plan.letters * _STROKE))) if look.cover == 0.0 else look.cover * _plate(plan)
    cover = text + behind * (1 - text)
    grey = (look.letters * text + look.plate * behind * (1 - text)) / np.maximum(cover, 1e-6)
    return DrawnLabel(
        plan.width,
        plan.height,
        max(1, round(plan.letters * _EDGE)),
        plan.letters,
        plan.text,
        np.rint(np.clip(grey, 0, 255)).astype(np.uint8).tobytes(),
        np.rint(cover * 255).astype(np.uint8).tobytes(),
        is_shortened,
    )


def _mask(plan: _Plan, stroke: int) -> Floats:
    image = Image.new("L", (plan.width, plan.height))
    ImageDraw.Draw(image).text((plan.x, plan.y), plan.text, 255, plan.font, anchor="ls", stroke_width=stroke)
    return np.asarray(image, np.float32) / np.float32(255)


def _plate(plan: _Plan) -> Floats:
    image = Image.new("L", (plan.width * _FINER, plan.height * _FINER))
    box = (0, 0, image.width - 1, image.height - 1)
    ImageDraw.Draw(image).rounded_rectangle(box, round(plan.letters * _ROUND * _FINER), fill=255)
    return np.asarray(image.resize((plan.width, plan.height), Image.Resampling.BOX), np.float32) / np.float32(255)


@lru_cache(32)
def _font(name: str, letters: int) -> ImageFont.FreeTypeFont:
    # The basic layout is there in every build of Pillow, and none of these scripts needs more.
    path = str(resource_path("fonts", name))
    return ImageFont.truetype(path, letters, layout_engine=ImageFont.Layout.BASIC)


def _covered(place: Spot, label: DrawnLabel, boxes: Boxes) -> float:
    right, bottom = place.left + label.width, place.top + label.height
    width = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], place.left)
    height = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], place.top)
    return float((np.maximum(width, 0.0) * np.maximum(height, 0.0)).sum())
