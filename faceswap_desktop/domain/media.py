"""Target media: the pictures and videos that are edited; originals stay where they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.video import VideoFacts

MediaId = NewType("MediaId", str)


class MediaKind(StrEnum):
    """What sort of file it is."""

    IMAGE = "image"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How an original is known again without reading all of it.

    Attributes:
        size_bytes: Length of the file.
        modified_ns: Time of the last change.
        quick_digest: SHA-256, hexadecimal, over the length and the first, middle and last 64 KiB.
    """

    size_bytes: int
    modified_ns: int
    quick_digest: str


@dataclass(frozen=True, slots=True)
class Media:
    """One target media.

    Attributes:
        id: Derived from the path and the fingerprint.
        path: Where the user's original lies; it is only ever read.
        kind: Picture or video.
        size: Pixels of the upright picture.
        format: Name of the container as the decoder calls it: ``JPEG``, ``PNG``, ``HEIF`` …; of
            videos ``MP4``, ``MOV``, ``MKV``, ``WEBM``, ``AVI``, ``GIF``, ``WEBP``.
        fingerprint: To notice when the original changed.
        notes: Nothing that stops the work, but worth saying, as plain English
            ("Only the first of 12 frames is used.").
        video: What a video's header says; None for pictures.
    """

    id: MediaId
    path: str
    kind: MediaKind
    size: Size
    format: str
    fingerprint: Fingerprint
    notes: tuple[str, ...] = ()
    video: VideoFacts | None = None
