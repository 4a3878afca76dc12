"""What tasks that make results of takes are given and reply. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.recipe import Recipe


@dataclass(frozen=True, slots=True)
class WriteSnapshot:
    """Write pixels as a picture without loss. Task ``write_snapshot``, which replies nothing.

    Attributes:
        pixels_path: A file of RGB pixels, ``height`` × ``width`` × 3 bytes.
        width, height: Pixels.
        picture_path: The PNG; it is there whole or not at all.
    """

    pixels_path: str
    width: int
    height: int
    picture_path: str


@dataclass(frozen=True, slots=True)
class FinishTake:
    """Make the file of a take ready to be signed. Replied to with ``FinishedTake``. Task ``finish_take``.

    A recording is packed anew into the container of its recipe, nothing is encoded: it gets an index and its
    length. A picture is copied. Updates tell the share that is done.

    Attributes:
        cleared: What to do; its media is the take.
        scratch_path: Where to write, without extension; the format adds its own.
    """

    cleared: ClearedRecipe
    scratch_path: str

    @property
    def recipe(self) -> Recipe:
        """What to do."""
        return self.cleared.recipe


@dataclass(frozen=True, slots=True)
class FinishedTake:
    """A finished take, still in the scratch folder.

    Attributes:
        path: The file.
        width, height: Pixels.
        format: ``MP4``, ``MOV``, ``MKV``, ``WEBM``, ``PNG``, ``JPEG`` or ``WEBP``.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        notes: Worth saying, English.
    """

    path: str
    width: int
    height: int
    format: str
    size_bytes: int
    sha256: str
    notes: tuple[str, ...] = ()
