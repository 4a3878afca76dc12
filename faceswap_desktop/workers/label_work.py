"""The visible label of a job: drawn for its media, in a corner that covers no face."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import LabelOptions, Recipe
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.label import Boxes, DrawnLabel, Spot, boxes_of, corner_for, draw_label, label_notes, lay_on
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.media.picture import Picture
from faceswap_desktop.media.video.label import FrameLabel
from faceswap_desktop.vision.tracking.slices import TrackRun
from faceswap_desktop.workers.track_files import LINKED, kept_chunks, read_slice, tracks_missing, write_track_file

_EVERY: Final = 8
"""Frames that share one box of a face: all of its places in them together."""
_FILE: Final = "boxes.npz"
_ALL: Final = FrameRange(0, 2**31)


def picture_label(
    options: LabelOptions, size: Size, changes: Changes, boxes: Boxes
) -> tuple[DrawnLabel, Spot] | tuple[None, None]:
    """Draw the label of a picture and say where it lies; twice None where it has none, or no room for one."""
    label = draw_label(options, size, changes) if options.is_on else None
    return (None, None) if label is None else (label, corner_for(size, label, boxes, options.corner))


def labelled_picture(
    picture: Picture, options: LabelOptions, changes: Changes, boxes: Boxes
) -> tuple[Picture, tuple[str, ...]]:
    """Return a picture with its label, and what is worth saying of it.

    Args:
        picture: Pixels that can be written to are; others are copied.
        options: How it looks, and whether there is one.
        changes: What was done.
        boxes: Of all faces.
    """
    if not options.is_on:
        return picture, ()
    label, spot = picture_label(options, picture.size, changes, boxes)
    notes = label_notes(label, spot)
    if label is None or spot is None:
        return picture, notes
    pixels = picture.pixels if picture.pixels.flags.writeable else picture.pixels.copy()
    alpha = None if picture.alpha is None else picture.alpha.copy()
    lay_on(pixels, alpha, label, spot, picture.icc_profile)
    return replace(picture, pixels=pixels, alpha=alpha), notes


def recipe_boxes(recipe: Recipe) -> Boxes:
    """Return the boxes of all faces that a recipe knows of."""
    return boxes_of([*(target.box for target in recipe.targets), *recipe.bystanders])


def video_label(recipe: Recipe, files: VideoFiles, size: Size | None = None) -> FrameLabel | None:
    """Draw the label of a video and choose its corner, once for all of its frames.

    The corner depends on the recipe and the tracks alone, so every chunk has the same, wherever and whenever it is
    rendered. All faces that were followed count, also of those who stay as they are.

    Args:
        recipe: What is done; its trim says which faces are seen.
        files: Of the recipe's media.
        size: Of the upright frames that are labelled; None for the media's.

    Returns:
        None where the recipe has no label, or the video no room for one.

    Raises:
        StorageError: The tracks are not there (kind ``tracks-missing``).
    """
    if not recipe.label.is_on:
        return None
    own = recipe.media.size
    size = size or own
    label = draw_label(recipe.label, size, Changes.of(recipe))
    if label is None:
        return None
    boxes = followed_boxes(files, recipe.trim or _ALL)
    boxes = boxes * np.array([size.width / own.width, size.height / own.height] * 2, np.float32)
    return FrameLabel(label, corner_for(size, label, boxes, recipe.label.corner))


def video_label_so_far(recipe: Recipe, files: VideoFiles, size: Size | None = None) -> FrameLabel | None:
    """Like ``video_label``; where nobody was followed yet, the corner keeps away from the targets' best places."""
    try:
        return video_label(recipe, files, size)
    except StorageError as error:
        if error.kind != "tracks-missing":
            raise
    own = recipe.media.size
    size = size or own
    boxes = recipe_boxes(recipe) * np.array([size.width / own.width, size.height / own.height] * 2, np.float32)
    label, spot = picture_label(recipe.label, size, Changes.of(recipe), boxes)
    return None if label is None or spot is None else FrameLabel(label, spot)


def video_notes(recipe: Recipe, files: VideoFiles) -> tuple[str, ...]:
    """Say what became of a video's label where that is another thing than was wanted; English."""
    if not recipe.label.is_on:
        return ()
    found = video_label_so_far(recipe, files)
    return label_notes(None, None) if found is None else label_notes(found.label, found.spot)


def followed_boxes(files: VideoFiles, frames: FrameRange) -> Boxes:
    """Return where faces are in some frames of a video: for each face one box for a few frames.

    It is worked out once per video and kept beside the tracks.

    Raises:
        StorageError: The tracks are not there (kind ``tracks-missing``).
    """
    chunks = kept_chunks(files, LINKED, _ALL)
    if not chunks:
        raise tracks_missing()
    digest = hashlib.sha256()
    for _, path in chunks:
        try:
            state = path.stat()
        except OSError as error:
            raise tracks_missing() from error
        digest.update(f"{path.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    kept = Path(files.tracks) / _FILE
    known = _read(kept, digest.hexdigest())
    if known is None:
        rows = [row for covered, _ in chunks for run in read_slice(files, covered).runs for row in _rows_of(run)]
        known = np.array(rows, np.float32).reshape(-1, 6)
        data = io.BytesIO()
        np.savez(data, of=np.frombuffer(digest.digest(), np.uint8), rows=known)
        # It is only kept for speed.
        with suppress(StorageError):
            write_track_file(kept, data.getvalue())
    first, end = known[:, 0], known[:, 1]
    return known[(first < frames.end) & (end > frames.first), 2:]


def _rows_of(run: TrackRun) -> list[list[float]]:
    """Return first and end frame and the box, for a few frames each."""
    rows = []
    for start in range(0, len(run.frames), _EVERY):
        points = run.points[start : start + _EVERY, :, :2]
        box = [*points.min(axis=(0, 1)), *points.max(axis=(0, 1))]
        first = run.frames.first + start
        rows.append([float(first), float(first + len(points)), *(float(side) for side in box)])
    return rows


def _read(path: Path, digest: str) -> NDArray[np.float32] | None:
    try:
        with np.load(path, allow_pickle=False) as data:
            is_same = data["of"].tobytes().hex() == digest
            rows: NDArray[np.float32] = data["rows"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    return rows if is_same and rows.ndim == 2 and rows.shape[1:] == (6,) else None
