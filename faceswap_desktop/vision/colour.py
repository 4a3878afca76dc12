"""Low-frequency light: smoothing over what is known, and giving one face the light of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LOWEST_GAIN: Final = 0.45
HIGHEST_GAIN: Final = 2.2
_CONTRAST: Final = 1.2
"""Warping and feathering take some of the detail's contrast away; so much is given back."""
_SUBDUED: Final = 0.5
_WHITE: Final = 250.0
_BLACK: Final = 5.0
_SIGMA_PX: Final = 2.5
"""Sigma in the pixels of the reduced picture; enough for a Gaussian, and cheap."""


def _reduced(image: Array, weight: Array, sigma: float) -> tuple[Array, Array]:
    factor = max(1.0, sigma / _SIGMA_PX)
    height, width = weight.shape
    size = (max(2, round(width / factor)), max(2, round(height / factor)))
    weighted = cv2.resize(image * weight[..., None], size, interpolation=cv2.INTER_AREA)
    return np.asarray(weighted, dtype=np.float32), np.asarray(
        cv2.resize(weight, size, interpolation=cv2.INTER_AREA), dtype=np.float32
    )


def smooth_known(image: Array, weight: Array, sigma: float) -> Array:
    """Blur a picture, looking only at what is known of it, and carry that on to where nothing is.

    Args:
        image: (h, w, 3) float32.
        weight: (h, w) float32, 0 unknown to 1 known.
        sigma: Of the Gaussian, in pixels.

    Returns:
        (h', w', 3) float32 at a reduced size that is enough for it; resize with ``INTER_LINEAR`` or ``INTER_CUBIC``.
        Far from anything known it takes on the mean of what is known (0 if there is nothing).
    """
    sums, known = _reduced(image, weight, sigma)
    local = min(sigma, _SIGMA_PX)
    total = np.zeros_like(sums)
    share = np.zeros_like(known)
    # Each wider Gaussian speaks only where the narrower ones saw next to nothing.
    for widening, trust in ((1.0, 1.0), (2.5, 0.03), (6.0, 0.001)):
        spread = (0, 0), local * widening
        total += trust * cv2.GaussianBlur(sums, *spread, borderType=cv2.BORDER_REFLECT)
        share += trust * cv2.GaussianBlur(known, *spread, borderType=cv2.BORDER_REFLECT)
    mean = sums.sum(axis=(0, 1)) / max(float(known.sum()), 1e-6)
    return np.asarray((total + 1e-5 * mean) / (share + 1e-5)[..., None], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """How one face must be changed to stand in the light of another, at reduced size.

    Attributes:
        given: (h', w', 3) float32, the source's low frequencies.
        wanted: (h', w', 3) float32, the target's.
    """

    given: Array
    wanted: Array


def find_light(target: Array, source: Array, weight: Array, sigma: float) -> Light:
    """Measure the low frequencies of two pictures laid over each other.

    Args:
        target: (h, w, 3) float32, 0 to 255.
        source: (h, w, 3) float32, laid over the target.
        weight: (h, w) where both are skin, 0 to 1.
        sigma: How fine the light is followed, in pixels.

    Returns:
        The light; the same for both where there is nothing known.
    """
    if float(weight.sum()) < 4.0:
        alone = smooth_known(source, np.ones_like(weight), sigma)
        return Light(alone, alone)
    return Light(smooth_known(source, weight, sigma), smooth_known(target, weight, sigma))


def relight(source: Array, light: Light, strength: float, ease: float = 0.0) -> Array:
    """Put a picture into another light.

    Brightness is multiplied, as light does; hue is shifted, as multiplying would blow up the noise of a weak channel.
    How colourful the detail is follows how colourful the skin is.

    Args:
        source: (h, w, 3) float32, 0 to 255.
        light: From ``find_light``.
        strength: 0 (as it was) to 1.
        ease: 0 to 1, how far detail is held back where much light is added, and kept off white and black. Small faces
            need all of it to be told apart; on large ones it looks harsh.

    Returns:
        (h, w, 3) float32, not clipped.
    """
    size = (source.shape[1], source.shape[0])
    wanted = light.given + (light.wanted - light.given) * np.float32(strength)
    bright_given, bright_wanted = luma(light.given), luma(wanted)
    gain = np.clip((bright_wanted + 4.0) / (bright_given + 4.0), LOWEST_GAIN, HIGHEST_GAIN)
    colour_given, colour_wanted = light.given - bright_given[..., None], wanted - bright_wanted[..., None]
    # One number for the whole face: a black-and-white picture takes no coloured lips.
    vivid = float(np.linalg.norm(colour_wanted)) / max(float(np.linalg.norm(colour_given * gain[..., None])), 1.0)
    vivid = min(vivid, 1.2)
    if ease:
        # A photo's highlights and shadows are compressed: detail does not grow with the light as fast as brightness.
        gain = gain ** np.float32(1.0 - _SUBDUED * ease * strength)
    gain = gain * np.float32(1.0 + (_CONTRAST - 1.0) * strength * (1.0 - ease))
    # out = wanted + gain * (grey detail + vivid * colour detail), gathered into one factor and two offsets.
    offset = wanted - gain[..., None] * (bright_given[..., None] + vivid * colour_given)
    factor = np.asarray(cv2.resize(gain, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    result = np.asarray(cv2.resize(offset, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    grey = luma(source) * factor * np.float32(1.0 - vivid) if abs(vivid - 1.0) > 0.01 else None
    factor *= np.float32(vivid)
    gained = cv2.merge([factor, factor, factor])
    cv2.add(result, cv2.multiply(gained, source, dst=gained), dst=result)
    if grey is not None:
        cv2.add(result, cv2.merge([grey, grey, grey]), dst=result)
    return result if not ease else _held_in(result, np.asarray(wanted, dtype=np.float32), ease * strength)


def _held_in(lit: Array, light: Array, share: float) -> Array:
    """Bend detail away from white and black: none of it is cut off, and little of it changes."""
    size = (lit.shape[1], lit.shape[0])
    base = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    detail = np.asarray(cv2.subtract(lit, base), dtype=np.float32)
    grey, bright = luma(detail), luma(base)
    room = np.where(grey > 0.0, _WHITE - bright, bright - _BLACK)
    bend = np.float32(share) * grey / np.maximum(room, 8.0)
    kept = np.asarray(1.0 / np.sqrt(1.0 + bend * bend), dtype=np.float32)
    cv2.multiply(detail, cv2.merge([kept, kept, kept]), dst=detail)
    return np.asarray(cv2.add(base, detail, dst=base), dtype=np.float32)


def luma(image: Array) -> Array:
    """Return Rec. 601 luma, (h, w) float32, of a float32 RGB picture."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def resize(image: Array, size: tuple[int, int]) -> Array:
    """Return a float32 picture at another size (width, height): area averages when shrunk, linear when enlarged."""
    if image.shape[1::-1] == size:
        return image
    shrinking = size[0] < image.shape[1]
    way = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.float32)
