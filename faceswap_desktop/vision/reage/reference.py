"""What stays the same of a person throughout a video, so that no frame has to find it anew."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HairTone:
    """Tones of one head's hair against its skin (see ``vision.skin.to_tone``), light taken out.

    Hue follows brightness, as the shade between strands is more colourful than a shine.

    Attributes:
        mean: Brightness and two hues.
        slope: By how much the hues change with brightness.
        spread: Standard deviations around that.
        sure: How surely there is hair at all, 0 to 1.
        crowned: How surely the crown is hair and no hat, 0 to 1.
    """

    mean: tuple[float, float, float]
    slope: tuple[float, float]
    spread: tuple[float, float, float]
    sure: float
    crowned: float


@dataclass(frozen=True, slots=True)
class AgeReference:
    """What stays the same of a person, measured in good frames of a video. Plain numbers, so it can be sent anywhere.

    Attributes:
        hair: The hair; None where there is none, or none was found in these frames.
        softness: How much softer the pictures are than their pixels could show, in octaves.
    """

    hair: HairTone | None
    softness: float
