"""Tasks that burn the visible label into what a service made, and that show what it looks like."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, Recipe, VideoCodec, VideoQuality
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.encode import write_picture
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.label import label_notes
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.video.chunkfile import write_chunk
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.label import FrameLabel
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.media.video.settings import EncodeSettings, encode_settings
from faceswap_desktop.media.video.source import source_picture
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.tracking.slices import TrackSlice
from faceswap_desktop.workers.chunk_work import ChunkWork, render_work
from faceswap_desktop.workers.join_tasks import join_chunks
from faceswap_desktop.workers.label_requests import DrawLabelSample, LabelFile, LabelledFile, LabelSample
from faceswap_desktop.workers.label_work import labelled_picture, picture_label, recipe_boxes, video_label_so_far
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import index_of
from faceswap_desktop.workers.render_requests import JoinChunks, chunk_path

_QUALITY: Final = 97
"""Of pictures: they were compressed once already."""
_CODECS: Final = {
    "h264": VideoCodec.H264,
    "hevc": VideoCodec.HEVC,
    "av1": VideoCodec.AV1,
    "vp9": VideoCodec.VP9,
    "prores": VideoCodec.PRORES,
}
_JOINED: Final = 0.9
# What the sample shows, from above to below: a light wall and a dark floor.
_LIGHT, _DARK = 232, 72


def label_file(request: LabelFile, context: TaskContext) -> LabelledFile:
    """Write a file once more with the label of its recipe.

    Raises:
        InputRefused: It cannot be read.
        StorageError: It cannot be written.
    """
    set_threads(context.threads)
    context.report(0.0, "label")
    if kind_of(request.path) is MediaKind.VIDEO:
        return _label_video(request, context)
    picture = open_upright(request.path, max_pixels=request.max_pixels)
    width, height = picture.size
    own = request.recipe.media.size
    boxes = recipe_boxes(request.recipe) * np.array([width / own.width, height / own.height] * 2, np.float32)
    finished, notes = labelled_picture(picture, request.recipe.label, Changes.of(request.recipe), boxes)
    if finished is picture:
        return LabelledFile("", notes=notes)
    return _written(finished, Path(request.target_path), notes)


def draw_label_sample(request: DrawLabelSample, context: TaskContext) -> LabelSample:
    """Draw what the label looks like, by what draws it in results."""
    del context
    shades = np.linspace(_LIGHT, _DARK, request.height)[:, None, None]
    pixels = np.broadcast_to(shades, (request.height, request.width, 3)).astype(np.uint8)
    picture = Picture(pixels)
    options, no_faces = replace(request.label, is_on=True), np.zeros((0, 4), np.float32)
    shown, _ = labelled_picture(picture, options, Changes(), no_faces)
    label, _ = picture_label(options, picture.size, Changes(), no_faces)
    return LabelSample(request.width, request.height, shown.pixels.tobytes(), "" if label is None else label.text)


# ------------------------------------------------------------------------------------------------------------ insides


def _written(picture: Picture, target: Path, notes: tuple[str, ...]) -> LabelledFile:
    known = {one.name: one for one in OutputFormat}
    output = OutputOptions(known.get(picture.format, OutputFormat.SAME), _QUALITY, keep_gps=True)
    for former in target.parent.glob(f"{target.name}.*"):
        with mapped_errors(former):
            former.unlink(missing_ok=True)
    # A name without a dot, so that the format's own extension is added.
    written = write_picture(picture, target, output=output, source_format=picture.format, numbered=False)
    return LabelledFile(
        str(written.path), written.width, written.height, written.format, written.size, written.sha256, notes
    )


def _label_video(request: LabelFile, context: TaskContext) -> LabelledFile:
    media = probe_video(request.path, max_pixels=request.max_pixels).media
    found = video_label_so_far(request.recipe, request.original, media.size)
    if found is None:
        return LabelledFile("", notes=label_notes(None, None))
    with _emptied(Path(request.work_folder)) as folder:
        files = VideoFiles(str(folder))
        index = index_of(media, files, lambda share: context.report(share * 0.1, "label"))
        # Nobody is changed in it any more.
        recipe = replace(request.recipe, media=media, pairings=(), ages=(), trim=None, output=_output_of(media))
        chunks = tuple(enumerate(index.times.chunks(FrameRange(0, len(index)))))
        colour = media.video.colour if media.video is not None else None
        settings = encode_settings(recipe.output, source_picture(media.path, index, colour))
        with FrameReader(media.path, index, threads=context.threads) as reader:
            for number, frames in chunks:
                work = _work_of(recipe, index, settings, found, number, frames)
                done = render_work(work, reader.frames(frames), lambda *_: context.check_stopped())
                write_chunk(chunk_path(str(folder), number), done.packed)
                context.report(0.1 + (_JOINED - 0.1) * (number + 1) / len(chunks), "label")
        joined = join_chunks(JoinChunks(recipe, files, str(folder), chunks, request.target_path), context)
    notes = label_notes(found.label, found.spot)
    return LabelledFile(
        joined.path, joined.width, joined.height, joined.format, joined.size_bytes, joined.sha256, notes
    )


def _work_of(
    recipe: Recipe, index: VideoIndex, settings: EncodeSettings, label: FrameLabel, number: int, frames: FrameRange
) -> ChunkWork:
    return ChunkWork(
        number=number,
        frames=frames,
        around=frames,
        pts=tuple(int(time) for time in index.pts[frames.first : frames.end]),
        frames_per_second=index.frames_per_second,
        total_frames=len(index),
        cuts=(),
        rotation=recipe.media.video.rotation if recipe.media.video is not None else 0,
        recipe=recipe,
        settings=settings,
        tracks=TrackSlice(frames).pack(),
        sources={},
        label=label,
    )


def _output_of(media: Media) -> OutputOptions:
    """Return how a video is written once more: as it came, without losing what can be seen."""
    facts = media.video
    codec = _CODECS.get(facts.codec if facts is not None else "", VideoCodec.H264)
    if codec is VideoCodec.VP9 and facts is not None and facts.colour.is_hdr:
        codec = VideoCodec.AV1
    return OutputOptions(keep_gps=True, video_codec=codec, video_quality=VideoQuality.HIGH)


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """Give an empty folder that is removed afterwards; what a killed worker left in it goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    with mapped_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


TASKS: Final[dict[str, Task]] = {"label_file": label_file, "draw_label_sample": draw_label_sample}
