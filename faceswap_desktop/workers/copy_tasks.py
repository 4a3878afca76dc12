"""Tasks that make copies for services, and that look at, put back and convert what comes from them."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import av

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.media import refusals
from faceswap_desktop.media.atomic_file import flush_folder, storage_error
from faceswap_desktop.media.copies import CopyLimits
from faceswap_desktop.media.copies import make_copy as encode_copy
from faceswap_desktop.media.encode import EXTENSIONS, WRITABLE, plan_format, write_picture
from faceswap_desktop.media.formats import (
    PICTURE_FORMATS,
    VIDEO_FORMATS,
    format_of_extension,
    video_format_of_extension,
)
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.paste import pasted
from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.probe import probe
from faceswap_desktop.media.scaling import copy_scale
from faceswap_desktop.media.video.check import digest_of
from faceswap_desktop.media.video.copying import VideoCopyWork, copy_video, even, frames_within
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.repacking import repack
from faceswap_desktop.media.video.whole import look_through
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.workers.copy_requests import (
    ConvertedFile,
    ConvertResult,
    CopiedPicture,
    CopiedVideo,
    InspectedFile,
    InspectResult,
    MakeCopy,
    MakeVideoCopy,
    PasteBack,
)
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of

_PACKED: Final = {"MP4": "MP4", "MOV": "MOV", "MKV": "MKV"}
_OPENED: Final = 0.3
_WRITTEN: Final = 0.9


def make_copy(request: MakeCopy, context: TaskContext) -> CopiedPicture:
    """Copy a picture within a service's limits, without its metadata.

    Raises:
        InputRefused: It cannot be opened, has changed, or cannot be made short enough.
        StorageError: The copy cannot be written.
    """
    set_threads(context.threads)
    context.report(0.0, "copy")
    if request.fingerprint is not None:
        check_same(request.path, request.fingerprint)
    limits = CopyLimits(request.formats, request.min_edge, request.max_edge, request.max_bytes, request.enlarge)
    made = encode_copy(request.path, limits, crop=request.crop, max_pixels=request.max_pixels)
    context.report(_WRITTEN, "copy")
    target = Path(f"{request.target_path}{EXTENSIONS[made.format]}")
    _clear(request.target_path)
    write_atomically(target, made.data)
    return CopiedPicture(
        path=str(target),
        format=made.format,
        width=made.size.width,
        height=made.size.height,
        size_bytes=len(made.data),
        sha256=hashlib.sha256(made.data).hexdigest(),
        left=made.left,
        top=made.top,
        crop_width=made.part.width,
        crop_height=made.part.height,
        scale=made.size.width / made.part.width,
        is_original=made.is_original,
    )


def make_video_copy(request: MakeVideoCopy, context: TaskContext) -> CopiedVideo:
    """Copy a video within a service's limits, without its metadata.

    Raises:
        InputRefused: It cannot be opened, has changed, or cannot be made short enough.
        UsageError: None of the wanted frames exists (kind ``trim``).
        StorageError: The copy cannot be written.
    """
    context.report(0.0, "copy")
    check_same(request.media.path, request.media.fingerprint)
    index = index_of(request.media, request.files, lambda share: context.report(share * 0.1, "copy"))
    try:
        frames = frames_within(index, request.frames, request.max_seconds)
    except ValueError as error:
        raise UsageError(message("The chosen part lies outside of the video."), kind="trim") from error
    width, height = request.media.size
    scale = copy_scale(width, height, min_edge=request.min_edge, max_edge=request.max_edge)
    size = Size(*_even_sides(width * scale, height * scale, request.max_edge))
    final = Path(f"{request.target_path}.mp4")
    part = final.with_name(f".{final.name}.part")
    work = VideoCopyWork(request.media, index, frames, part, size, request.max_bytes, context.threads)
    with _finished(work.path, final):
        made = copy_video(work, lambda share: context.report(0.1 + share * 0.85, "copy"))
        digest = digest_of(work.path, lambda: context.report(0.95, "copy"))
        length = work.path.stat().st_size
    return CopiedVideo(
        path=str(final),
        width=made.size.width,
        height=made.size.height,
        seconds=work.seconds,
        frames=len(frames),
        frames_per_second=len(frames) / work.seconds if work.seconds > 0 else 0.0,
        size_bytes=length,
        sha256=digest,
        first_frame=frames.first,
        start_s=index.times.of(frames.first),
        scale=made.size.width / width,
        was_encoded=made.was_encoded,
    )


def inspect_result(request: InspectResult, context: TaskContext) -> InspectedFile:
    """Decode a downloaded file from its beginning to its end.

    Raises:
        InputRefused: It cannot be decoded, is cut short, or is too large.
    """
    set_threads(context.threads)
    context.report(0.0, "look")
    path = Path(request.path)
    if kind_of(path) is MediaKind.VIDEO:
        seen = look_through(
            request.path, max_pixels=request.max_pixels, progress=lambda share: context.report(share * _WRITTEN, "look")
        )
        extension = next((one.extensions[0] for one in VIDEO_FORMATS if one.name == seen.format), path.suffix)
        name, size, seconds, frames = seen.format, seen.size, seen.seconds, seen.frames
    else:
        picture = open_upright(request.path, max_pixels=request.max_pixels)
        extension = next((one.extensions[0] for one in PICTURE_FORMATS if one.name == picture.format), path.suffix)
        name, size, seconds, frames = picture.format, picture.size, 0.0, 1
    digest = digest_of(path, lambda: context.report(_WRITTEN, "look"))
    return InspectedFile(*size, name, extension, path.stat().st_size, digest, seconds, frames)


def paste_back(request: PasteBack, context: TaskContext) -> CopiedPicture:
    """Put a result back into the whole picture.

    Raises:
        InputRefused: The original or the result cannot be opened, or the result has another shape.
        StorageError: It cannot be written.
    """
    set_threads(context.threads)
    context.report(0.0, "put back")
    whole = open_upright(request.original_path, max_pixels=request.max_pixels)
    result = open_upright(request.result_path, max_pixels=request.max_pixels)
    crop = request.crop.clipped(whole.size)
    if crop != request.crop or crop.area < 1:
        raise refusals.replaced(request.original_path)
    context.report(_OPENED, "put back")
    changed = whole.with_pixels(pasted(whole, result, crop, request.parts))
    context.report(0.6, "put back")
    written = _write(changed, Path(request.target_path), request.output, whole.format)
    return CopiedPicture(
        path=written.path,
        format=written.format,
        width=written.width,
        height=written.height,
        size_bytes=written.size_bytes,
        sha256=written.sha256,
        left=0,
        top=0,
        crop_width=written.width,
        crop_height=written.height,
        scale=1.0,
    )


def convert_result(request: ConvertResult, context: TaskContext) -> ConvertedFile:
    """Write a result in the format of another extension.

    Raises:
        InputRefused: The result cannot be opened.
        UsageError: The extension is none that can be written, or cannot hold this result.
        StorageError: It cannot be written.
    """
    context.report(0.0, "convert")
    target = Path(request.target_path)
    if kind_of(request.source_path) is MediaKind.VIDEO:
        return _convert_video(request, target, context)
    set_threads(context.threads)
    wanted = format_of_extension(target.suffix)
    if wanted is None or wanted.name not in WRITABLE:
        raise _no_extension(target, ".jpg, .png, .webp, .tif, .avif")
    if probe(request.source_path, max_pixels=request.max_pixels).format == wanted.name:
        return _copied(request, target, context)
    picture = open_upright(request.source_path, max_pixels=request.max_pixels)
    output = replace(request.output, format=WRITABLE[wanted.name], keep_gps=True)
    return _write(picture, target, output, picture.format)


# ------------------------------------------------------------------------------------------------------ small things


def _convert_video(request: ConvertResult, target: Path, context: TaskContext) -> ConvertedFile:
    media = probe_video(request.source_path, max_pixels=request.max_pixels).media
    wanted = video_format_of_extension(target.suffix)
    if wanted is None or wanted.name not in _PACKED:
        raise _no_extension(target, ".mp4, .mov, .mkv")
    if media.format == wanted.name:
        return _copied(request, target, context)
    part = target.with_name(f".{target.name}.part")
    with _finished(part, target):
        repack(request.source_path, part, _PACKED[wanted.name], lambda share: context.report(share, "convert"))
        digest = digest_of(part, lambda: context.report(_WRITTEN, "convert"))
        length = part.stat().st_size
    return ConvertedFile(str(target), wanted.name, *media.size, length, digest)


def _copied(request: ConvertResult, target: Path, context: TaskContext) -> ConvertedFile:
    """Copy a result byte by byte."""
    part = target.with_name(f".{target.name}.part")
    with _finished(part, target):
        shutil.copyfile(request.source_path, part)
        digest = digest_of(part, lambda: context.report(_WRITTEN, "convert"))
        length = part.stat().st_size
    is_video = kind_of(target) is MediaKind.VIDEO
    media = (
        probe_video(str(target), max_pixels=request.max_pixels).media
        if is_video
        else probe(str(target), max_pixels=request.max_pixels)
    )
    return ConvertedFile(str(target), media.format, *media.size, length, digest)


def _write(picture: Picture, target: Path, output: OutputOptions, source_format: str) -> ConvertedFile:
    """Write a picture; what is there under its name is replaced."""
    plan = plan_format(output, source_format=source_format, size=picture.size, is_transparent=picture.alpha is not None)
    wanted = format_of_extension(target.suffix)
    final = target if wanted is not None and wanted.name == plan.format else Path(f"{target}{plan.extension}")
    with suppress(FileNotFoundError):
        final.unlink()
    written = write_picture(picture, final, output=output, source_format=source_format, numbered=False)
    return ConvertedFile(str(written.path), written.format, written.width, written.height, written.size, written.sha256)


@contextmanager
def _finished(part: Path, final: Path) -> Iterator[None]:
    """Let a file be written aside, and give it its name when that went well; its errors get sentences."""
    try:
        yield
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(final)
        flush_folder(final.parent)
    except FaceSwapError:
        raise
    except (OSError, av.error.FFmpegError) as error:  # a few of FFmpeg's are ValueErrors instead
        if isinstance(error, OSError) and error.errno is not None and error.errno in errno.errorcode:
            raise storage_error(final, OSError(error.errno, os.strerror(error.errno))) from error
        raise refusals.damaged(final) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _even_sides(width: float, height: float, most: int) -> tuple[int, int]:
    top = most - most % 2
    return min(top, even(width)), min(top, even(height))


def _clear(target_path: str) -> None:
    """Take away what an earlier copy of the same name left in another format."""
    for extension in EXTENSIONS.values():
        with suppress(OSError):
            Path(f"{target_path}{extension}").unlink(missing_ok=True)


def _no_extension(target: Path, usual: str) -> UsageError:
    return UsageError(
        message("“{name}” has no extension that can be written.", name=refusals.shown_name(target)),
        message("Write {extensions}.", extensions=usual),
        kind="format",
    )


TASKS: Final[dict[str, Task]] = {
    "make_copy": make_copy,
    "make_video_copy": make_video_copy,
    "inspect_result": inspect_result,
    "paste_back": paste_back,
    "convert_result": convert_result,
}
