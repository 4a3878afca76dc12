"""What tasks that mark results, and know them again, are given and what they reply. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.workers.requests import DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class MarkFile:
    """Write into a copy of a finished file where it comes from. Replied to with ``MarkedFile``. Task ``mark_file``.

    The picture and the sound stay as they are, byte for byte. What the file says of itself already is kept, but for
    what is said here. To be done before the file is signed: it breaks credentials that are in the file.

    Attributes:
        path: The finished file: JPEG, PNG, WebP, TIFF, AVIF, MP4, MOV, MKV or WebM.
        out_path: The marked copy; what lies there is replaced when the copy is whole. Another file than ``path``.
        source_type: How it was made.
        tool: The program and its version, for example ``Faceswap Desktop 0.4.0``.
        disclosure: A sentence for people, where the file has no description yet; empty for none.
    """

    path: str
    out_path: str
    source_type: SourceType
    tool: str
    disclosure: str = ""


@dataclass(frozen=True, slots=True)
class MarkedFile:
    """A file that says where it comes from.

    Attributes:
        path: The copy; without marks where ``sidecar`` is told.
        size_bytes: Its length.
        sidecar: An ``.xmp`` file beside the copy, because the file itself can hold no marks; empty where it can.
    """

    path: str
    size_bytes: int
    sidecar: str = ""


@dataclass(frozen=True, slots=True)
class ReadMarks:
    """Read what a file says of itself in XMP (or Matroska tags). Replied to with ``FileMarks``. Task ``read_marks``."""

    path: str


@dataclass(frozen=True, slots=True)
class FileMarks:
    """What a file says of itself; foreign text, one line each, empty where it does not tell.

    Attributes:
        source_type: The digital source type as it stands there, usually an address (``SourceType.uri``).
        tool: The program that made it.
    """

    source_type: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True)
class FingerprintResult:
    """Measure how a result looks, to know copies of it that say nothing of themselves any more.

    Replied to with ``bytes`` for ``ResultMark.marks``; empty where the result cannot be told from its original.
    Task ``fingerprint_result``.

    Attributes:
        result_path: The result, with its label, as it is handed out.
        original_path: What it was made from.
        boxes: The changed faces, in pixels of the upright original; empty for "look where it differs" (videos).
        start_s, end_s: The part of the original video that the result shows; ``end_s`` 0.0 for up to its end.
        max_pixels: Larger pictures are refused.
    """

    result_path: str
    original_path: str
    boxes: tuple[BoundingBox, ...] = ()
    start_s: float = 0.0
    end_s: float = 0.0
    max_pixels: int = DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class RecogniseFile:
    """Find the result of which a file is a copy. Replied to with ``Recognised`` or None. Task ``recognise_file``.

    Attributes:
        path: Any picture or video.
        marks: Id and ``ResultMark.marks`` of every result that has some.
        max_pixels: Larger pictures are refused.
    """

    path: str
    marks: tuple[tuple[str, bytes], ...]
    max_pixels: int = DEFAULT_MAX_PIXELS


@dataclass(frozen=True, slots=True)
class Recognised:
    """Of which result a file is a copy.

    Attributes:
        result: Its id.
        distance: 0.0 for the same picture; what is taken for a copy has less than 1.0.
    """

    result: str
    distance: float
