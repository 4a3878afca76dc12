"""Tasks that write into files where they come from, read it, and know results again."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.media.atomic_file import storage_error
from faceswap_desktop.media.colour import Pixels, to_display
from faceswap_desktop.media.encode import flatten_on_white
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.media.probe import probe
from faceswap_desktop.media.refusals import refuse_os_error
from faceswap_desktop.media.video.poster import frame_near
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.provenance.recognise import FRAMES, Box, marks_of, match
from faceswap_desktop.provenance.xmp import (
    Damaged,
    Marks,
    Unmarkable,
    read_marks,
    sidecar_packet,
    write_marks,
)
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.workers.mark_requests import (
    FileMarks,
    FingerprintResult,
    MarkedFile,
    MarkFile,
    ReadMarks,
    Recognised,
    RecogniseFile,
)
from faceswap_desktop.workers.process import Task, TaskContext

_BLOCK: Final = 2**20
_EDGE: Final = 1280
"""Longer sides are scaled down before pictures are compared."""


def mark_file(request: MarkFile, context: TaskContext) -> MarkedFile:
    """Write a marked copy of a finished file; where the file can hold no marks, a plain copy and an ``.xmp`` file.

    Raises:
        InputRefused: The file is missing, empty, or cannot be read.
        StorageError: The copy cannot be written.
    """
    marks = Marks(request.source_type.uri, request.tool, request.disclosure)
    open_regular(request.path).close()
    try:
        try:
            return MarkedFile(request.out_path, write_marks(request.path, request.out_path, marks))
        except (Damaged, Unmarkable):
            context.check_stopped()
            return _with_sidecar(request, marks)
    except OSError as error:
        raise storage_error(request.out_path, error) from error


def read_file_marks(request: ReadMarks, context: TaskContext) -> FileMarks:
    """Read what a file says of itself.

    Raises:
        InputRefused: The file is missing, empty, or cannot be read.
    """
    del context
    open_regular(request.path).close()
    try:
        found = read_marks(request.path)
    except OSError as error:
        raise refuse_os_error(request.path, error) from error
    return FileMarks(found.source_type, found.tool)


def fingerprint_result(request: FingerprintResult, context: TaskContext) -> bytes:
    """Describe a result so that copies of it are known again; empty where it cannot be told from its original.

    Raises:
        InputRefused: The result or the original cannot be opened.
    """
    limit = request.max_pixels
    if kind_of(request.result_path) is not MediaKind.VIDEO:
        width, height = probe(request.original_path, max_pixels=limit).size
        boxes: list[Box] = [
            (box.left / width, box.top / height, box.right / width, box.bottom / height) for box in request.boxes
        ]
        return marks_of([_picture(request.result_path, limit)], [_picture(request.original_path, limit)], boxes)
    end = request.end_s or _length(request.original_path, limit)
    results = _frames(request.result_path, 0.0, _length(request.result_path, limit), limit, context)
    originals = _frames(request.original_path, request.start_s, end, limit, context)
    return marks_of(results, originals)


def recognise_file(request: RecogniseFile, context: TaskContext) -> Recognised | None:
    """Find the result of which a file is a copy.

    Raises:
        InputRefused: The file cannot be opened.
    """
    limit = request.max_pixels
    if kind_of(request.path) is MediaKind.VIDEO:
        seen = _frames(request.path, 0.0, _length(request.path, limit), limit, context)
    else:
        seen = [_picture(request.path, limit)]
    found = match(seen, [marks for _, marks in request.marks])
    return None if found is None else Recognised(request.marks[found.index][0], found.distance)


def _picture(path: str, max_pixels: int) -> Pixels:
    picture = open_upright(path, max_pixels=max_pixels)
    pixels = picture.pixels if picture.alpha is None else flatten_on_white(picture.pixels, picture.alpha)
    scale = _EDGE / max(pixels.shape[:2])
    if scale < 1.0:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(to_display(pixels, picture.icc_profile), dtype=np.uint8)


def _length(path: str, max_pixels: int) -> float:
    facts = probe_video(path, max_pixels=max_pixels).media.video
    return 0.0 if facts is None else facts.seconds


def _frames(path: str, start_s: float, end_s: float, max_pixels: int, context: TaskContext) -> list[Pixels]:
    """Return frames at the same shares of a part, whatever its rate and size."""
    found = []
    for number in range(FRAMES):
        context.report(number / FRAMES, "compare")
        seconds = start_s + (end_s - start_s) * (number + 0.5) / FRAMES
        found.append(frame_near(path, seconds, _EDGE, max_pixels=max_pixels))
    return found


def _with_sidecar(request: MarkFile, marks: Marks) -> MarkedFile:
    final = Path(request.out_path)
    temporary = final.parent / f".faceswap-{secrets.token_hex(8)}.part"
    try:
        with open_regular(request.path) as opened, temporary.open("xb") as stream:
            shutil.copyfileobj(opened, stream, _BLOCK)
            stream.flush()
            os.fsync(stream.fileno())
        size = temporary.stat().st_size
        temporary.replace(final)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    sidecar = final.with_suffix(".xmp")
    write_atomically(sidecar, sidecar_packet(marks))
    return MarkedFile(request.out_path, size, str(sidecar))


TASKS: Final[dict[str, Task]] = {
    "mark_file": mark_file,
    "read_marks": read_file_marks,
    "fingerprint_result": fingerprint_result,
    "recognise_file": recognise_file,
}
