"""Tasks that change the faces of a video: chunk by chunk to files, and frame by frame for the screen."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import SourceFiles, VideoFiles
from faceswap_desktop.media import refusals
from faceswap_desktop.media.video.chunkfile import ChunkDamaged, read_header, recipe_digest, write_chunk
from faceswap_desktop.media.video.packet_run import Frame
from faceswap_desktop.media.video.pixels import fitted, upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.workers.chunk_work import render_work, rendered_chunk
from faceswap_desktop.workers.find_targets import find_targets
from faceswap_desktop.workers.frame_looks import ShownFrames
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of, kept_reader
from faceswap_desktop.workers.render_requests import (
    CheckChunks,
    RenderChunks,
    RenderedChunk,
    RenderedChunks,
    RenderFrames,
    RenderFramesReply,
    chunk_path,
)
from faceswap_desktop.workers.work_maker import WorkMaker

_PICTURE_EDGE: Final = 480
_PICTURE_EVERY_S: Final = 0.5
_PICTURE_QUALITY: Final = 85
_TOLD_EVERY_S: Final = 0.1


def render_chunks(request: RenderChunks, context: TaskContext) -> RenderedChunks:
    """Render some chunks and write each to its file; see ``RenderChunks`` for what the updates carry.

    Raises:
        InputRefused: The original is missing or has changed, a source face is gone, the frames are too large, or the
            encoder cannot do them.
        SensitiveContent: A rendered frame is refused.
        StorageError: A chunk cannot be written, or the tracks are not there (kind ``tracks-missing``).
    """
    set_threads(context.threads)
    recipe = request.recipe
    check_same(recipe.media.path, recipe.media.fingerprint)
    _check_size(request)
    index = index_of(recipe.media, request.files)
    reader = kept_reader(recipe.media, request.files, context.threads)
    maker = WorkMaker(recipe, request.sources, request.files, index, reader)
    done: list[RenderedChunk] = []
    for number, frames in request.chunks:
        context.report(len(done) / len(request.chunks), "render")
        work = maker.make(number, frames)
        teller = _Teller(request, context, len(done), work.rotation)
        rendered = render_work(work, reader.frames(work.around), teller.tell)
        check_same(recipe.media.path, recipe.media.fingerprint)
        started = time.perf_counter()
        write_chunk(request.chunk_path(number), rendered.packed)
        timings = {**rendered.chunk.timings, "write": time.perf_counter() - started}
        chunk = rendered_chunk(number, rendered.chunk.frames, len(rendered.packed), rendered.info, timings)
        done.append(chunk)
        context.report(len(done) / len(request.chunks), "render", chunk)
    return RenderedChunks(tuple(done))


def check_chunks(request: CheckChunks, context: TaskContext) -> RenderedChunks:
    """Tell which chunks lie in a folder, whole and made by this recipe; others of the same names are removed."""
    digest = recipe_digest(request.recipe)
    found: list[RenderedChunk] = []
    for place, (number, frames) in enumerate(request.chunks):
        context.report(place / len(request.chunks), "check what is there")
        path = Path(chunk_path(request.folder, number))
        if not path.exists():
            continue
        try:
            header = read_header(path)
        except ChunkDamaged:
            header = None
        if header is None or (header.number, header.frames, header.recipe) != (number, frames, digest):
            with suppress(OSError):
                path.unlink()
            continue
        found.append(rendered_chunk(number, header.packets, path.stat().st_size, header.info, {}))
    return RenderedChunks(tuple(found))


def render_frames(request: RenderFrames, context: TaskContext) -> RenderFramesReply:
    """Decode frames and change the faces in them, as the finished video will have them.

    Where the tracks are not there yet, faces are looked for in each frame by itself.

    Raises:
        InputRefused: The file is gone or has changed, or a source face is gone.
        SensitiveContent: One of the frames is refused.
        StorageError: A cache cannot be written.
    """
    set_threads(context.threads)
    media = request.media
    facts = media.video
    assert facts is not None
    reader = kept_reader(media, request.files, context.threads)
    coded = fitted(facts.coded_width, facts.coded_height, request.max_edge)
    width, height = coded[::-1] if facts.rotation in {90, 270} else coded
    scale = width / media.size.width
    if not request.numbers:
        return RenderFramesReply((), None, width, height, scale)
    maker = _maker_of(request, reader)
    stack = np.zeros((len(request.numbers), height, width, 3), np.uint8)
    skipped: list[tuple[int, Message]] = []
    shown = ShownFrames(media, reader.index.times)
    for place, (number, frame, left_out) in enumerate(_changed(request, maker, reader)):
        context.check_stopped()
        skipped += [item for item in left_out if item not in skipped]
        if frame is not None:
            stack[place] = upright_rgb(frame, facts.rotation, request.max_edge, threads=context.threads)
            shown.check(stack[place], number)
        elif place:
            stack[place] = stack[place - 1]
    shared = context.share(stack.data.cast("B"), width, height * len(stack), 3)
    return RenderFramesReply(request.numbers, shared, width, height, scale, tuple(skipped))


def _maker_of(request: RenderFrames, reader: FrameReader) -> WorkMaker:
    """Return what makes this recipe's works; kept, as frames are asked for again and again."""
    key = (request.recipe, request.files, dict(request.sources))
    for known_reader, known, maker in _makers:
        if known_reader is reader and known == key:
            return maker
    maker = WorkMaker(request.recipe, request.sources, request.files, index_of(request.media, request.files), reader)
    _makers[:] = [(reader, key, maker)]
    return maker


_makers: list[tuple[FrameReader, tuple[Recipe, VideoFiles, dict[SourceFaceId, SourceFiles]], WorkMaker]] = []


def _changed(
    request: RenderFrames, maker: WorkMaker, reader: FrameReader
) -> Iterator[tuple[int, Frame | None, list[tuple[int, Message]]]]:
    if any(target.parts for target in request.recipe.targets):
        try:
            for number, frame, changes in maker.changed(request.numbers):
                yield number, frame, [(face, _left_as_it_is(face)) for at, face in changes.unseen if at == number]
            return
        except StorageError as error:
            if error.kind != "tracks-missing":
                raise
    for number in request.numbers:
        frame = reader.frame(number)
        if frame is None:
            yield number, None, []
            continue
        found = find_targets(request.recipe, reader, number, frame, maker.rotation)
        _, done, changes = next(maker.changed((number,), (found.recipe, found.tracks)))
        left_out = [(face, _not_found(face)) for face in found.missing]
        yield number, done, left_out + [(face, _left_as_it_is(face)) for _, face in changes.unseen]


def _left_as_it_is(face: int) -> Message:
    return message("Face {number} is turned too far or covered here, and stays as it is.", number=face + 1)


def _not_found(face: int) -> Message:
    return message("Face {number} was not found in this frame.", number=face + 1)


def _check_size(request: RenderChunks) -> None:
    media = request.recipe.media
    if media.size.width * media.size.height > request.max_pixels:
        raise refusals.too_large(media.path, media.size.width, media.size.height, request.max_pixels)


class _Teller:
    """Tells how many frames of a chunk are done, and writes a picture of the last one now and then."""

    def __init__(self, request: RenderChunks, context: TaskContext, chunks_done: int, rotation: int) -> None:
        self._request, self._context, self._rotation = request, context, rotation
        self._chunks_done = chunks_done
        self._frames = len(request.chunks[chunks_done][1])
        self._done = 0
        self._told = 0.0

    def tell(self, number: int, frame: Frame) -> None:
        """Tell that a frame is done."""
        del number
        self._done += 1
        now = time.monotonic()
        if now - self._told < _TOLD_EVERY_S and self._done < self._frames:
            self._context.check_stopped()
            return
        self._told = now
        share = (self._chunks_done + self._done / self._frames) / len(self._request.chunks)
        self._context.report(share, "render", self._done)
        path = self._request.picture_path
        if path and now - _last_picture.get(path, 0.0) >= _PICTURE_EVERY_S:
            _last_picture.clear()
            _last_picture[path] = now
            write_picture(Path(path), frame, self._rotation)


_last_picture: dict[str, float] = {}
"""When the picture of the job at hand was written last; kept from request to request."""


def write_picture(path: Path, frame: Frame, rotation: int) -> None:
    """Replace a small JPEG; one that cannot be written is no reason to stop."""
    pixels = upright_rgb(frame, rotation, _PICTURE_EDGE)
    is_made, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _PICTURE_QUALITY]
    )
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with suppress(OSError):
        try:
            if is_made:
                scratch.write_bytes(np.asarray(encoded).tobytes())
                scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)


TASKS: Final[dict[str, Task]] = {
    "render_chunks": render_chunks,
    "check_chunks": check_chunks,
    "render_frames": render_frames,
}
