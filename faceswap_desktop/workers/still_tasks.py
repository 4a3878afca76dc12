"""A task that writes frames of a video as pictures, for services that look at pictures only."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import kept_reader
from faceswap_desktop.workers.still_requests import Still, WriteStills

_QUALITY: Final = 92


def write_stills(request: WriteStills, context: TaskContext) -> tuple[Still, ...]:
    """Write frames as JPEG, upright and without metadata.

    Raises:
        InputRefused: The video is missing, has changed, or a frame cannot be read.
        StorageError: The pictures cannot be written.
    """
    facts = request.media.video
    assert facts is not None
    reader = kept_reader(request.media, request.files, context.threads)
    done: list[Still] = []
    for number, frame in reader.frames(request.numbers):
        context.check_stopped()
        if frame is None:
            raise InputRefused(message("Frame {number} of the video cannot be read.", number=number), kind="unreadable")
        pixels = upright_rgb(frame, facts.rotation, request.max_edge, threads=context.threads)
        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, "JPEG", quality=_QUALITY, subsampling=0)
        path = Path(f"{request.target_path}-{number}.jpg")
        write_atomically(path, encoded.getvalue())
        height, width = pixels.shape[:2]
        done.append(Still(number, str(path), width, height, encoded.tell()))
        context.report(len(done) / len(request.numbers), "copy")
    return tuple(done)


TASKS: Final[dict[str, Task]] = {"write_stills": write_stills}
