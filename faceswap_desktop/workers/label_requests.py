"""What tasks that burn in or show the visible label are given and what they reply. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass

from faceswap_desktop.domain.recipe import LabelOptions, Recipe
from faceswap_desktop.domain.work import VideoFiles


@dataclass(frozen=True, slots=True)
class LabelFile:
    """Burn the label into a picture or video that a service made. Replied to with ``LabelledFile``.

    Task ``label_file``. The file itself stays as it is.

    Attributes:
        path: The file.
        target_path: Where to write, without extension; what lies there is replaced, whole or not at all.
        work_folder: For pieces of a video; it is emptied first and removed at the end.
        recipe: Of the job; its label is burnt in, away from its faces.
        original: What is known of the recipe's media, where that is a video.
        max_pixels: Larger ones are refused.
    """

    path: str
    target_path: str
    work_folder: str
    recipe: Recipe
    original: VideoFiles
    max_pixels: int


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """The file with its label.

    Attributes:
        path: Where it lies; empty where there was no room for a label, and nothing was written.
        width, height: Pixels.
        format: As in ``FetchedFile``.
        size_bytes: Length.
        sha256: Hexadecimal digest.
        notes: Worth saying, English.
    """

    path: str
    width: int = 0
    height: int = 0
    format: str = ""
    size_bytes: int = 0
    sha256: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawLabelSample:
    """Draw a label as results of a size would have it, on a plain picture, dark below. Task ``draw_label_sample``.

    Replied to with ``LabelSample``.

    Attributes:
        label: How it looks; drawn also where it is switched off.
        width, height: Pixels of the picture.
    """

    label: LabelOptions
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LabelSample:
    """The picture: sRGB, packed, ``width`` × ``height`` × 3; and what the label says."""

    width: int
    height: int
    rgb: bytes
    text: str
