"""What a worker can do, by name. This module and what it imports are loaded in worker processes only."""

from __future__ import annotations

import io
import platform
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

import av
import cv2
import numpy as np
import onnxruntime as ort
import pi_heif
import PIL
from PIL import Image

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.media.atomic_file import storage_error, write_new_file
from faceswap_desktop.media.colour import Pixels, to_display
from faceswap_desktop.media.encode import WRITABLE, flatten_on_white, write_picture
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.formats import (
    PICTURE_FORMATS,
    VIDEO_FORMATS,
    format_of_extension,
    video_format_of_extension,
    video_format_title,
)
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.probe import probe
from faceswap_desktop.media.sniff import HEAD_BYTES, video_format
from faceswap_desktop.media.thumbnails import thumbnail, thumbnail_of_pixels
from faceswap_desktop.media.video.poster import poster
from faceswap_desktop.media.video.trial import CODECS, try_codec
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.vision.analyse import analyse
from faceswap_desktop.vision.checkpoints import session, set_threads, verify_all
from faceswap_desktop.workers import (
    analysis_tasks,
    cluster,
    copy_tasks,
    join_tasks,
    label_tasks,
    look_tasks,
    mark_tasks,
    read_tasks,
    reage_tasks,
    render_tasks,
    sign_tasks,
    source_tasks,
    still_tasks,
    swap_tasks,
    take_tasks,
    verify_tasks,
)
from faceswap_desktop.workers.pictures import open_kept
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.requests import (
    CheckpointState,
    CodecState,
    DisplayReady,
    MadeThumbnail,
    MakeThumbnail,
    OpenedPicture,
    OpenPicture,
    SaveCopy,
    SelfTest,
    SelfTestReport,
    WrittenCopy,
)

WARM_CHECKPOINTS: Final = ("yunet_2023mar", "face_mesh_478", "sface_2021dec", "open_nsfw")


def warm(request: object, context: TaskContext) -> None:
    """Load what the first real task will need."""
    set_threads(context.threads)
    for name in WARM_CHECKPOINTS:
        session(name)
    analyse(np.zeros((64, 64, 3), np.uint8))
    if request == "jobs":
        # Every job ends with signing; loading what signs takes some tenths of a second.
        from faceswap_desktop.provenance import sdk

        sdk.make_context(b"", b"")


def ping(request: object, context: TaskContext) -> object:
    """Return what was sent."""
    del context
    return request


def open_picture(request: OpenPicture, context: TaskContext) -> OpenedPicture:
    """Decode a picture for the screen and find its faces; pixels are sent as soon as they are there.

    Raises:
        InputRefused: It cannot be opened.
    """
    set_threads(context.threads)
    picture, _ = open_kept(request.path, max_pixels=request.max_pixels)
    media = source_tasks.media_of(request.path, picture)
    display, scale = None, 1.0
    if request.want_display:
        shown, scale = _for_screen(picture, request.display_limit_px)
        display = context.share(shown.data.cast("B"), shown.shape[1], shown.shape[0], 3)
    if not request.detect:
        return OpenedPicture(media, None, display, scale)
    context.report(0.5, "find faces", DisplayReady(media, display, scale))
    faces = analyse(source_tasks.opaque(picture), with_embeddings=request.with_embeddings)
    return OpenedPicture(media, tuple(faces), None, scale)


def make_thumbnail(request: MakeThumbnail, context: TaskContext) -> MadeThumbnail:
    """Write a small picture of a picture, or of a video's first frame on which something can be seen.

    Raises:
        InputRefused: It cannot be opened.
        StorageError: The thumbnail cannot be written.
    """
    set_threads(context.threads)
    if kind_of(request.path) is MediaKind.VIDEO:
        encoded = thumbnail_of_pixels(
            poster(request.path, request.edge, max_pixels=request.max_pixels), (request.edge, request.edge)
        )
    else:
        encoded = thumbnail(request.path, (request.edge, request.edge), max_pixels=request.max_pixels)
    encoded = source_tasks.as_format(encoded, request.thumbnail_path)
    target = Path(request.thumbnail_path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(target, error) from error
    write_atomically(target, encoded)
    with Image.open(io.BytesIO(encoded)) as image:
        return MadeThumbnail(*image.size)


def save_copy(request: SaveCopy, context: TaskContext) -> WrittenCopy:
    """Write a result somewhere else: byte by byte where the format stays, else encoded anew (pictures only).

    Raises:
        InputRefused: The result is gone or damaged.
        UsageError: The extension is none that can be written.
        StorageError: The place is taken, full, read-only or forbidden.
    """
    target = Path(request.to_path)
    if kind_of(request.result_path) is MediaKind.VIDEO:
        return _save_video(request.result_path, target)
    wanted = format_of_extension(target.suffix)
    if wanted is None or wanted.name not in WRITABLE:
        raise UsageError(
            message("“{name}” has no extension that can be written.", name=target.name),
            message("Write .jpg, .png, .webp, .tif or .avif."),
            kind="format",
        )
    media = probe(request.result_path, max_pixels=request.max_pixels)
    if media.format == wanted.name:
        copied = write_new_file(target, lambda stream: _copy(request.result_path, stream), numbered=False)
        return WrittenCopy(str(copied.path), copied.size_bytes)
    set_threads(context.threads)
    picture = open_upright(request.result_path, max_pixels=request.max_pixels)
    context.report(0.5, "write")
    # The result was made with or without the place, as the user chose then.
    output = replace(request.output, format=WRITABLE[wanted.name], keep_gps=True)
    written = write_picture(picture, target, output=output, source_format=picture.format, numbered=False)
    return WrittenCopy(str(written.path), written.size)


def self_test(request: SelfTest, context: TaskContext) -> SelfTestReport:
    """Check and run the checkpoints, and read and write a small picture or video of each format."""
    del request
    set_threads(context.threads)
    videos = tuple(CodecState(name, *try_codec(*codec)) for name, codec in CODECS.items())
    return SelfTestReport(_tested_checkpoints(), _tested_codecs(context.scratch_folder), videos, _versions())


# ------------------------------------------------------------------------------------------------------ small things


def _for_screen(picture: Picture, limit_px: int) -> tuple[Pixels, float]:
    width, height = picture.size
    scale = min(1.0, (limit_px / (width * height)) ** 0.5)
    pixels, alpha = picture.pixels, picture.alpha
    if scale < 1.0:
        size = (max(1, int(width * scale)), max(1, int(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        if alpha is not None:
            alpha = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        scale = size[0] / width
    if alpha is not None:
        pixels = flatten_on_white(pixels, alpha)
    return np.ascontiguousarray(to_display(pixels, picture.icc_profile)), scale


def _save_video(source: str, target: Path) -> WrittenCopy:
    with open_regular(source) as stream:
        name = video_format(stream.read(HEAD_BYTES))
    wanted = video_format_of_extension(target.suffix)
    if wanted is None or wanted.name != name:
        own = next((item.extensions[0] for item in VIDEO_FORMATS if item.name == name), Path(source).suffix)
        raise UsageError(
            message(
                "The result is a {format} video, and “{name}” would make it another.",
                format=video_format_title(name),
                name=target.name,
            ),
            message("Write {extension}, or run the job again with another output format.", extension=own),
            kind="format",
        )
    copied = write_new_file(target, lambda stream: _copy(source, stream), numbered=False)
    return WrittenCopy(str(copied.path), copied.size_bytes)


def _copy(source: str, stream: BinaryIO) -> None:
    with open_regular(source) as opened:
        shutil.copyfileobj(opened, stream, 2**20)


def _tested_checkpoints() -> tuple[CheckpointState, ...]:
    states = []
    for report in verify_all():
        detail = "" if report.problem is None else report.problem.text()
        if report.problem is None and report.name.endswith(".onnx"):
            try:
                inputs = session(report.name.removesuffix(".onnx")).get_inputs()
                detail = ", ".join(f"{item.name} {item.shape}" for item in inputs)
            except FaceSwapError as error:
                states.append(CheckpointState(report.name, False, str(error)))
                continue
        states.append(CheckpointState(report.name, report.problem is None, detail))
    return tuple(states)


def _tested_codecs(scratch: Path) -> tuple[CodecState, ...]:
    folder = scratch / "self-test"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return tuple(
            CodecState(
                item.name, _can_read(item.name, folder / f"read{item.extensions[0]}"), _can_write(item.name, folder)
            )
            for item in PICTURE_FORMATS
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _can_read(name: str, path: Path) -> bool:
    """Let another encoder write a picture, and read it."""
    if name == "HEIF":
        # Nothing here can write one, but the library tells whether it has a decoder.
        return bool(pi_heif.libheif_info().get("decoders"))
    try:
        Image.new("RGB", (16, 16), (200, 100, 50)).save(path, format=name)
        return tuple(open_upright(path).size) == (16, 16)
    except (FaceSwapError, OSError, KeyError, ValueError):
        return False


def _can_write(name: str, folder: Path) -> bool:
    if name not in WRITABLE:
        return False
    try:
        picture = Picture(np.full((16, 16, 3), 90, np.uint8))
        written = write_picture(
            picture, folder / "write", output=OutputOptions(format=WRITABLE[name]), source_format="PNG"
        )
        return tuple(open_upright(written.path).size) == (16, 16)
    except (FaceSwapError, OSError):
        return False


def _versions() -> Mapping[str, str]:
    return {
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "OpenCV": cv2.__version__,
        "onnxruntime": ort.__version__,
        "Pillow": PIL.__version__,
        "PyAV": av.__version__,
        "libheif": str(pi_heif.libheif_info().get("libheif", "")),
    }


TASKS: Final[dict[str, Task]] = {
    "warm": warm,
    "ping": ping,
    "open_picture": open_picture,
    "make_thumbnail": make_thumbnail,
    "save_copy": save_copy,
    "self_test": self_test,
    **read_tasks.TASKS,
    **join_tasks.TASKS,
    **label_tasks.TASKS,
    **mark_tasks.TASKS,
    **look_tasks.TASKS,
    **render_tasks.TASKS,
    **sign_tasks.TASKS,
    **cluster.TASKS,
    **copy_tasks.TASKS,
    **analysis_tasks.TASKS,
    **reage_tasks.TASKS,
    **source_tasks.TASKS,
    **still_tasks.TASKS,
    **swap_tasks.TASKS,
    **take_tasks.TASKS,
    **verify_tasks.TASKS,
}
