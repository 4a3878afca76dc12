"""Tasks around sensitive content: look at pictures and videos, show what was refused without showing it, and crop."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.colour import Pixels, to_display
from faceswap_desktop.media.encode import plan_format, write_picture
from faceswap_desktop.media.exif import clean_exif
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.naming import safe_stem
from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.refusals import replaced
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.poster import frame_near
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.workers.frame_looks import LOOK_EDGE, FrameLooks, sighting_in
from faceswap_desktop.workers.look_requests import (
    BlurPicture,
    Blurred,
    CroppedPicture,
    CropPicture,
    LookAtFrames,
    LookAtPicture,
    LookAtVideo,
    Looked,
)
from faceswap_desktop.workers.picture_looks import sightings_in
from faceswap_desktop.workers.pictures import open_kept
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of, kept_reader
from faceswap_desktop.workers.scene_frames import SceneFrames
from faceswap_desktop.workers.source_tasks import opaque
from faceswap_desktop.workers.track_files import read_findings

AVERAGES: Final = 10
"""So many averages across and down are left of a blurred picture: nobody can be made out, nor what they do."""
_BLURRED_FROM: Final = 480
_LEAST_CROP: Final = 16
"""Pixels; a smaller part is a slip of the hand."""


def look_at_picture(request: LookAtPicture, context: TaskContext) -> Looked:
    """Look at a picture and at the people in it.

    Raises:
        InputRefused: It cannot be opened, or is not the one that was meant (kind ``changed``).
    """
    set_threads(context.threads)
    _check_digest(request)
    picture, _ = open_kept(request.path, max_pixels=request.max_pixels)
    # What is seen is remembered under that digest, so it has to be of this very content, before and after.
    _check_digest(request)
    context.report(0.5, "look")
    return Looked(sightings_in(picture))


def look_at_video(request: LookAtVideo, context: TaskContext) -> Looked:
    """Look at a chunk of a video: twice a second, and at the first frame of every scene.

    What the analysis has seen is used again. Where it has not been there, cuts are looked for here.

    Raises:
        InputRefused: The video is gone, has changed, or cannot be read.
        StorageError: Its index was not there and cannot be written.
        Cancelled: Nobody waits any more.
    """
    kept = read_findings(request.files, request.frames)
    if kept is not None and kept.sightings is not None:
        return Looked(kept.sightings)
    set_threads(context.threads)
    check_same(request.media.path, request.media.fingerprint)
    index = index_of(request.media, request.files)
    frames = FrameRange(request.frames.first, min(request.frames.end, len(index)))
    looks = FrameLooks(index.times, frames)
    for done, (image, begins_scene) in enumerate(SceneFrames(request.media, index, frames, LOOK_EDGE).frames()):
        looks.add(image, begins_scene=begins_scene)
        context.report(done / len(frames), "look")
    return Looked(tuple(looks.sightings))


def look_at_frames(request: LookAtFrames, context: TaskContext) -> Looked:
    """Look at single frames of a video; one that cannot be decoded shows nothing.

    Raises:
        InputRefused: The video is gone, has changed, or can no longer be read.
        StorageError: Its index was not there and cannot be written.
    """
    set_threads(context.threads)
    facts = request.media.video
    assert facts is not None
    reader = kept_reader(request.media, request.files, context.threads)
    times, seen = reader.index.times, []
    for number, frame in reader.frames(sorted({number for number in request.numbers if 0 <= number < len(times)})):
        context.check_stopped()
        if frame is not None:
            seen.append(sighting_in(upright_rgb(frame, facts.rotation, LOOK_EDGE), number, times))
    return Looked(tuple(one for one in seen if one is not None))


def blur_picture(request: BlurPicture, context: TaskContext) -> Blurred:
    """Make a picture, or a frame of a video, so blurred that nothing of it can be made out.

    Raises:
        InputRefused: It cannot be opened.
    """
    set_threads(context.threads)
    if kind_of(request.path) is MediaKind.VIDEO:
        pixels = frame_near(request.path, request.seconds, _BLURRED_FROM, max_pixels=request.max_pixels)
    else:
        picture, _ = open_kept(request.path, max_pixels=request.max_pixels)
        few = _averages(opaque(picture))
        pixels = to_display(few, picture.icc_profile)
        return _enlarged(pixels, picture.size, request.edge)
    return _enlarged(_averages(pixels), Size(pixels.shape[1], pixels.shape[0]), request.edge)


def crop_picture(request: CropPicture, context: TaskContext) -> CroppedPicture:
    """Write a part of a picture as a picture of its own, beside others and never over one.

    Raises:
        InputRefused: The picture cannot be opened.
        UsageError: The part is empty or hardly there (kind ``crop``).
        StorageError: The folder is full, read-only or forbidden.
    """
    set_threads(context.threads)
    picture = open_upright(request.path, max_pixels=request.max_pixels)
    context.report(0.5, "write")
    part = _part(picture, request.box)
    output = OutputOptions()
    plan = plan_format(output, source_format=part.format, size=part.size, is_transparent=part.alpha is not None)
    if plan.format != part.format:
        output = replace(output, format=OutputFormat.PNG)
    # A name without an extension: the format adds its own.
    name = f"{safe_stem(Path(request.path).stem)} (part)"
    written = write_picture(part, Path(request.folder) / name, output=output, source_format=part.format)
    return CroppedPicture(str(written.path), written.width, written.height)


# ------------------------------------------------------------------------------------------------------ small things


def _check_digest(request: LookAtPicture) -> None:
    if request.digest and fingerprint(request.path).quick_digest != request.digest:
        raise replaced(request.path)


def _averages(pixels: Pixels) -> Pixels:
    """Return at most ten times ten averages of a picture, in its proportions."""
    height, width = pixels.shape[:2]
    scale = min(1.0, AVERAGES / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _enlarged(few: Pixels, size: Size, edge: int) -> Blurred:
    scale = edge / max(size)
    width, height = max(1, round(size.width * scale)), max(1, round(size.height * scale))
    image = Image.fromarray(few).resize((width, height), Image.Resampling.BICUBIC)
    return Blurred(width, height, image.tobytes())


def _part(picture: Picture, box: BoundingBox) -> Picture:
    inside = box.clipped(picture.size)
    left, top = math.floor(inside.left), math.floor(inside.top)
    right, bottom = math.ceil(inside.right), math.ceil(inside.bottom)
    if min(right - left, bottom - top) < min(_LEAST_CROP, *picture.size):
        raise UsageError(
            message("The part is too small: {width} × {height} pixels.", width=right - left, height=bottom - top),
            message("Choose a larger one."),
            kind="crop",
        )
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha[top:bottom, left:right])
    exif = clean_exif(picture.exif, Size(right - left, bottom - top)) if picture.exif else b""
    pixels = np.ascontiguousarray(picture.pixels[top:bottom, left:right])
    return replace(picture, pixels=pixels, alpha=alpha, exif=exif)


TASKS: Final[dict[str, Task]] = {
    "look_at_picture": look_at_picture,
    "look_at_video": look_at_video,
    "look_at_frames": look_at_frames,
    "blur_picture": blur_picture,
    "crop_picture": crop_picture,
}
