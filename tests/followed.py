"""The truth about a clip's faces as rendering reads it: tracks without looking for a single face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, OutputOptions, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.video import FrameRange, TrackPart
from faceswap_desktop.domain.work import SourceFiles, VideoFiles
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.resources import resource_path
from faceswap_desktop.vision.atlas import Atlas, build_atlas
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.pose import head_pose
from faceswap_desktop.vision.tracking.slices import TrackRun, TrackSlice, make_run
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.read_tasks import index_of, index_video, open_video
from faceswap_desktop.workers.requests import KeepSourcePhoto
from faceswap_desktop.workers.source_tasks import keep_source_photo
from faceswap_desktop.workers.track_files import LINKED, chunk_file, write_track_file
from faceswap_desktop.workers.video_requests import IndexVideo, OpenVideo
from tests.clips import PEOPLE, Clip

MAX_PIXELS = 100_000_000
Floats = NDArray[np.float32]


@cache
def picture(person: str) -> NDArray[np.uint8]:
    """Return a sample picture."""
    with Image.open(resource_path("samples", PEOPLE[person].file)) as image:
        return np.array(image.convert("RGB"))


@cache
def mesh_of(person: str) -> Mesh:
    """Return the mesh of a sample picture's face."""
    mesh = fit_mesh(picture(person), detect(picture(person))[0])
    assert mesh is not None
    return mesh


@cache
def atlas_of(person: str) -> Atlas:
    """Return the atlas of a sample picture's face."""
    return build_atlas([(picture(person), mesh_of(person))])


def placed_mesh(person: str, matrix: NDArray[np.float64]) -> Floats:
    """Return the mesh of a sample face where a clip's truth puts it, (478, 3)."""
    points = mesh_of(person).points.astype(np.float64)
    flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    depth = points[:, 2] * np.hypot(matrix[0, 0], matrix[1, 0])
    return np.column_stack([flat, depth]).astype(np.float32)


def tracks_of(clip: Clip, *people: str, **values: Mapping[int, Any]) -> TrackSlice:
    """Return the tracks of some people of a clip, numbered as they are given; a cut ends a run.

    Args:
        clip: The clip.
        people: Whose faces.
        values: By name of a run's value (``yaw``, ``covered``, ``score``, ``bridged``), what it is in some frames.
    """
    runs = []
    for track, person in enumerate(people):
        frames = [number for number, truth in enumerate(clip.truth) if person in truth]
        starts = [n for n in frames if n - 1 not in frames or n in clip.cuts]
        for start in starts:
            end = start + 1
            while end in frames and end not in clip.cuts:
                end += 1
            runs.append(_run(track, person, clip, FrameRange(start, end), values))
    return TrackSlice(FrameRange(0, clip.frames), tuple(runs))


def _run(track: int, person: str, clip: Clip, frames: FrameRange, values: Mapping[str, Mapping[int, Any]]) -> TrackRun:
    numbers = range(frames.first, frames.end)
    points = np.stack([placed_mesh(person, clip.truth[number][person]) for number in numbers])
    yaw = [head_pose(Mesh(one, 1.0)).yaw_degrees for one in points]

    def row(name: str, usual: Any) -> Any:
        said = values.get(name, {})
        return np.array([said.get(number, usual[place]) for place, number in enumerate(numbers)])

    count = len(frames)
    return make_run(
        track,
        frames.first,
        points,
        row("score", np.ones(count, np.float32)).astype(np.float32),
        row("yaw", np.array(yaw, np.float32)).astype(np.float32),
        np.zeros(count, np.float32),
        row("covered", np.zeros(count, np.float32)).astype(np.float32),
        row("bridged", np.zeros(count, np.bool_)).astype(np.bool_),
    )


@dataclass(frozen=True)
class Followed:
    """A clip that is ready to be rendered, as if it had been analysed."""

    clip: Clip
    media: Media
    files: VideoFiles
    index: VideoIndex
    recipe: Recipe
    sources: Mapping[SourceFaceId, SourceFiles]

    def chunks(self, *borders: int) -> tuple[tuple[int, FrameRange], ...]:
        """Return numbered chunks that end at these frames and at the clip's end."""
        edges = [0, *borders, len(self.index)]
        return tuple((n, FrameRange(a, b)) for n, (a, b) in enumerate(pairwise(edges)))


def followed(
    clip: Clip,
    folder: Path,
    context: TaskContext,
    pairs: Mapping[str, str],
    *,
    tracks: TrackSlice | None = None,
    ages: Mapping[str, int] | None = None,
    output: OutputOptions | None = None,
) -> Followed:
    """Open a clip, write down where its faces are, and make a recipe.

    Args:
        clip: The clip.
        folder: Where the caches go.
        context: Of a task.
        pairs: By person of the clip, whose face they get.
        tracks: Where the faces are; the truth of the people in ``pairs`` and ``ages``, in that order, if not said.
        ages: By person, years.
        output: How it is encoded.
    """
    media = open_video(OpenVideo(str(clip.path), MAX_PIXELS, 0), context).media
    files = VideoFiles.of(str(folder / "videos"), media)
    media = index_video(IndexVideo(media, files), context).media
    people = list(dict.fromkeys([*pairs, *(ages or {})]))
    made = tracks_of(clip, *people) if tracks is None else tracks
    write_track_file(chunk_file(files, LINKED, made.frames), made.pack())
    targets = {
        person: TargetFace(
            number,
            BoundingBox(0, 0, 1, 1),
            (Point(0, 0), Point(1, 0), Point(0.5, 0.5), Point(0, 1), Point(1, 1)),
            frame=min((run.frames.first for run in made.runs if run.track == number), default=0),
            parts=tuple(TrackPart(run.frames, number) for run in made.runs if run.track == number),
        )
        for number, person in enumerate(people)
    }
    recipe = Recipe(
        "on-device",
        media,
        tuple(
            FacePairing(targets[person], SourceRef(SourceFaceId(source), source.title(), (PhotoId("p"),)))
            for person, source in pairs.items()
        ),
        output=output or OutputOptions(),
        ages=tuple(FaceAge(targets[person], years) for person, years in (ages or {}).items()),
    )
    sources = {SourceFaceId(source): _kept(source, folder, context) for source in set(pairs.values())}
    return Followed(clip, media, files, index_of(media, files), recipe, sources)


def _kept(person: str, folder: Path, context: TaskContext) -> SourceFiles:
    crop, place = folder / person / "face.png", folder / person
    if not crop.exists():
        path = str(resource_path("samples", PEOPLE[person].file))
        keep_source_photo(KeepSourcePhoto(path, MAX_PIXELS, None, str(crop), str(place / "thumbnail.png")), context)
    return SourceFiles((str(crop),), str(place / "atlas.npz"))


def with_tracks(one: Followed, tracks: TrackSlice) -> Followed:
    """Return the same with other tracks written down."""
    write_track_file(chunk_file(one.files, LINKED, tracks.frames), tracks.pack())
    return replace(one)
