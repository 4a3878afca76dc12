"""What the task that writes frames as pictures is given and replies. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.work import VideoFiles


@dataclass(frozen=True, slots=True)
class WriteStills:
    """Write frames of a video as JPEG. Replied to with a tuple of ``Still``. Task ``write_stills``.

    Attributes:
        media: The video.
        files: Where its index is, or is put.
        numbers: Which frames, ascending.
        target_path: Where to write; ``-<number>.jpg`` is added.
        max_edge: Longest side of the pictures in pixels.
    """

    media: Media
    files: VideoFiles
    numbers: tuple[int, ...]
    target_path: str
    max_edge: int


@dataclass(frozen=True, slots=True)
class Still:
    """A frame as a picture: its number, the file, and its pixels."""

    number: int
    path: str
    width: int
    height: int
    size_bytes: int
