"""Tasks that make results of takes: snapshots as pictures, recordings packed so that every player can seek in them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.encode import EXTENSIONS
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.video.containers import FORMATS
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.repacking import repack
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same
from faceswap_desktop.workers.take_requests import FinishedTake, FinishTake, WriteSnapshot

STEP: Final = "finish"
_LIVE_CODECS: Final = frozenset({"vp8"})
"""What browsers record into WebM and nobody else writes any more."""
_BLOCK: Final = 2**20
_LEAST_SHARE: Final = 0.98
"""Of a recording's length, which its result has to have."""
_PNG_LEVEL: Final = 1


def write_snapshot(request: WriteSnapshot, context: TaskContext) -> None:
    """Write pixels as PNG.

    Raises:
        InputRefused: The pixels are gone, or not as many as were told (kind ``unreadable``).
        StorageError: The picture cannot be written.
    """
    del context
    with open_regular(request.pixels_path) as stream:
        data = stream.read()
    if len(data) != request.width * request.height * 3:
        # The program ended while they were written.
        raise InputRefused(message("The snapshot is not whole."), kind="empty")
    pixels = np.frombuffer(data, np.uint8).reshape(request.height, request.width, 3)
    target = Path(request.picture_path)
    part = target.with_suffix(".part")
    with mapped_errors(target):
        Image.fromarray(pixels).save(part, "PNG", compress_level=_PNG_LEVEL)
        part.replace(target)


def finish_take(request: FinishTake, context: TaskContext) -> FinishedTake:
    """Pack a recording anew, or copy a picture, and see that it is whole.

    Raises:
        InputRefused: The take is gone, has changed, or cannot be read.
        StorageError: The file cannot be written, or (``disk-full``) has no room.
        UsageError: It holds what cannot be packed (kind ``container``).
    """
    media = request.recipe.media
    check_same(media.path, media.fingerprint)
    is_video = media.video is not None
    # What containers are called there is what they are called in recipes.
    name = request.recipe.output.video_container.name if is_video else media.format
    made = _packed(media, name, request.scratch_path, context) if is_video else _copied(media, request)
    context.report(1.0, STEP)
    with mapped_errors(made):
        size, digest = made.stat().st_size, _digest_of(made, context)
    return FinishedTake(str(made), media.size.width, media.size.height, name, size, digest, media.notes)


def _packed(media: Media, name: str, scratch_path: str, context: TaskContext) -> Path:
    target = Path(scratch_path + FORMATS[name].extension)
    with mapped_errors(target):
        repack(media.path, target, name, lambda share: context.report(share * 0.9, STEP), also=_LIVE_CODECS)
    probed = probe_video(target).media.video
    assert probed is not None
    assert media.video is not None
    if probed.seconds < media.video.seconds * _LEAST_SHARE - 1.0 or len(probed.audio) != len(media.video.audio):
        # Better said now than found out when the recording is gone.
        raise InputRefused(
            message("The recording could not be packed: something of it would be missing."), kind="unreadable"
        )
    return target


def _copied(media: Media, request: FinishTake) -> Path:
    target = Path(request.scratch_path + EXTENSIONS.get(media.format, Path(media.path).suffix))
    with mapped_errors(target), open_regular(media.path) as stream, target.open("wb") as copy:
        shutil.copyfileobj(stream, copy, _BLOCK)
    return target


def _digest_of(path: Path, context: TaskContext) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            context.check_stopped()
            digest.update(block)
    return digest.hexdigest()


TASKS: Final[dict[str, Task]] = {"write_snapshot": write_snapshot, "finish_take": finish_take}
