# SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later
"""Hands pictures from standard input to a virtual camera, until standard input ends.

A program of its own, started by the path of this file: ``pyvirtualcam`` is under the GPL, so it shares no process with
the rest, and this file alone, which imports nothing else of ours, may be used under the GPL as well.

    python __main__.py WIDTH HEIGHT PER_SECOND < pictures

Standard input: RGB pictures, one after the other, ``HEIGHT`` × ``WIDTH`` × 3 bytes each. Standard output: one line,
``device NAME`` as soon as other programs can see the camera, or ``error WORD TEXT``. Words: ``package``
(``pyvirtualcam`` is not installed), ``driver`` (there is no virtual camera on this computer), ``busy`` (another program
feeds it), ``permission`` (it may not be opened), ``failed`` (anything else; the text says what).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

_LOOPBACKS = Path("/sys/devices/virtual/video4linux")
_DRIVER = ("no v4l2 loopback device found", "device not found", "is not installed", "does not exist")
_BUSY = ("busy", "already in use", "could not be started", "couldn't start stream", "multiple cameras")
_PERMISSION = ("permission",)


def main(arguments: list[str]) -> int:
    """Feed the camera; returns 0 once standard input has ended, 1 where it cannot be fed."""
    width, height, per_second = int(arguments[0]), int(arguments[1]), float(arguments[2])
    # What libraries print must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    try:
        import numpy as np
        import pyvirtualcam
    except ImportError as error:
        return _refuse(answers, "package", error)
    try:
        camera = pyvirtualcam.Camera(width=width, height=height, fps=per_second, fmt=pyvirtualcam.PixelFormat.RGB)
    except Exception as error:  # noqa: BLE001 - it raises what its backends raise
        return _refuse(answers, word_for(str(error)), error)
    with camera:
        print("device", camera.device, file=answers, flush=True)
        while (picture := _next(sys.stdin.buffer, width * height * 3)) is not None:
            camera.send(np.frombuffer(picture, np.uint8).reshape(height, width, 3))
    return 0


def word_for(text: str) -> str:
    """Return the word for what ``pyvirtualcam`` said; it has no kinds of errors."""
    said = text.lower()
    if any(one in said for one in _PERMISSION):
        return "permission"
    if any(one in said for one in _BUSY):
        return "busy"
    if any(one in said for one in _DRIVER):
        # On Linux one that another program feeds is not found either.
        has_one = _LOOPBACKS.is_dir() and any(one.name.startswith("video") for one in _LOOPBACKS.iterdir())
        return "busy" if has_one and "loopback" in said else "driver"
    return "failed"


def _next(stream: BinaryIO, length: int) -> bytearray | None:
    """Read one picture; None where there is no whole one any more."""
    picture = bytearray(length)
    view, got = memoryview(picture), 0
    while got < length:
        count = stream.readinto(view[got:])  # type: ignore[attr-defined]
        if not count:
            return None
        got += count
    return picture


def _refuse(answers: Any, word: str, error: Exception) -> int:
    print("error", word, " ".join(str(error).split()), file=answers, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
