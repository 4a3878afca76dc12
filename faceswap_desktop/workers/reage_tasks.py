"""Tasks that show a face at other ages."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.colour import to_display
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.age import estimate_age
from faceswap_desktop.vision.reage.face import prepare_reage, render_reage
from faceswap_desktop.vision.reage.surface import face_size
from faceswap_desktop.vision.swap import SwapPatch, swap_face
from faceswap_desktop.workers.frame_looks import ShownFrames
from faceswap_desktop.workers.pictures import open_kept
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import kept_reader
from faceswap_desktop.workers.render_requests import FilmstripPicture, FilmstripReply, RenderFilmstrip
from faceswap_desktop.workers.source_tasks import person_of
from faceswap_desktop.workers.swap_tasks import find_again

_FACE_PX: Final = 320.0
"""Larger faces are shrunk to this before anything is done to them: the pictures of the strip are small."""
_ROOM: Final = (2.3, 2.0, 2.3, 2.8)
"""What is worked on around the middle of the face, left, up, right and down, in widths of the face."""
_SHOWN: Final = 2.3
"""Side of the square that is shown, in widths of the face."""
_UP: Final = 0.14
"""Its middle lies so much above the face's, as hair does."""


class _Scene(NamedTuple):
    """The surroundings of one face, and how they look on the screen."""

    pixels: Picture
    mesh: Mesh
    width: float
    icc_profile: bytes | None


def render_filmstrip(request: RenderFilmstrip, context: TaskContext) -> FilmstripReply:
    """Render one face of a picture, or of a frame of a video, at several ages; each is sent as soon as it is there.

    Raises:
        InputRefused: The file cannot be opened, its frame cannot be decoded, or the face is not found again.
        SensitiveContent: The frame of a video is refused.
    """
    set_threads(context.threads)
    context.report(0.0, "open")
    scene = _scene(request, context)
    if request.source is not None:
        person = person_of(request.source.crop_paths, request.source.atlas_path)
        patch = swap_face(scene.pixels, scene.mesh, person.in_space(scene.icc_profile), request.options)
        if patch is not None:
            _lay(scene.pixels, patch)
    prepared = prepare_reage(scene.pixels, scene.mesh)
    if prepared is None:
        raise _no_face(request)
    pictures: list[FilmstripPicture] = []
    for number, years in enumerate(request.years):
        pixels = scene.pixels.copy()
        _lay(pixels, render_reage(prepared, years))
        shown = to_display(pixels, scene.icc_profile)
        rgb = _square(shown, scene, request.edge).tobytes()
        pictures.append(FilmstripPicture(years, rgb, estimate_age(shown, scene.mesh)))
        context.report((number + 1) / len(request.years), "reage", pictures[-1])
    return FilmstripReply(tuple(pictures))


def _scene(request: RenderFilmstrip, context: TaskContext) -> _Scene:
    if kind_of(request.path) is MediaKind.VIDEO:
        pixels, icc_profile = _frame(request, context), None
    else:
        picture, _ = open_kept(request.path, max_pixels=request.max_pixels)
        pixels, icc_profile = picture.pixels, picture.icc_profile
    mesh = find_again(pixels, request.target.box, request.target.five_points)
    if mesh is None:
        raise _no_face(request)
    width = face_size(mesh.points)
    x, y = (float(value) for value in mesh.points[[10, 152, 234, 454], :2].mean(axis=0))
    left, top, right, bottom = (
        round(at + sign * room * width) for at, sign, room in zip((x, y, x, y), (-1, -1, 1, 1), _ROOM, strict=True)
    )
    left, top = max(0, left), max(0, top)
    part = pixels[top : max(top + 1, bottom), left : max(left + 1, right)]
    points = mesh.points - np.array([left, top, 0.0], np.float32)
    factor = min(1.0, _FACE_PX / max(width, 1.0))
    if factor < 1.0:
        size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
        points = points * np.array([size[0] / part.shape[1], size[1] / part.shape[0], factor], np.float32)
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    points = points.astype(np.float32)
    return _Scene(part.copy(), Mesh(points, mesh.flag), width * factor, icc_profile)


def _frame(request: RenderFilmstrip, context: TaskContext) -> Picture:
    """Decode the target's frame; the index is made here where nobody has made it yet."""
    media = probe_video(request.path, max_pixels=request.max_pixels).media
    files = request.files or VideoFiles.of(str(context.scratch_folder), media)
    reader = kept_reader(media, files, context.threads)
    frame = reader.frame(min(request.target.frame, len(reader.index) - 1))
    if frame is None or media.video is None:
        raise InputRefused(
            message(
                "Frame {number} of “{name}” is damaged.", number=request.target.frame, name=shown_name(request.path)
            ),
            message("Choose another frame."),
            kind="unreadable",
        )
    pixels = upright_rgb(frame, media.video.rotation, threads=context.threads)
    ShownFrames(media, reader.index.times).check(pixels, min(request.target.frame, len(reader.index) - 1))
    return pixels


def _no_face(request: RenderFilmstrip) -> InputRefused:
    return InputRefused(
        message(
            "Face {number} of “{name}” could not be followed: it is too small or covered.",
            number=request.target.index + 1,
            name=shown_name(request.path),
        ),
        message("Choose another face, or another frame."),
        kind="no-face",
    )


def _lay(canvas: Picture, patch: SwapPatch) -> None:
    height, width = patch.pixels.shape[:2]
    canvas[patch.top : patch.top + height, patch.left : patch.left + width] = patch.pixels


def _square(pixels: Picture, scene: _Scene, edge: int) -> Picture:
    """Cut a square around head and hair, shifted into the picture; what still lies outside repeats its edge."""
    side = max(2, round(_SHOWN * scene.width))
    x, y = (float(value) for value in scene.mesh.points[[10, 152, 234, 454], :2].mean(axis=0))
    height, width = pixels.shape[:2]
    left = _shifted(round(x - side / 2), side, width)
    top = _shifted(round(y - _UP * scene.width - side / 2), side, height)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    cut = pixels[rows[:, None], columns[None, :]]
    way = cv2.INTER_AREA if side > edge else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(cut, (edge, edge), interpolation=way), dtype=np.uint8)


def _shifted(start: int, side: int, length: int) -> int:
    """Return where a square of ``side`` starts so that it lies inside ``length``, or around it where it is larger."""
    if side > length:
        return (length - side) // 2
    return min(max(start, 0), length - side)


TASKS: Final[dict[str, Task]] = {"render_filmstrip": render_filmstrip}
