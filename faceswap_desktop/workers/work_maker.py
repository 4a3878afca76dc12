"""Makes the works of one video job, chunk by chunk; what all of them share is read once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.recipe import Recipe, TargetFace
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import SourceFiles, VideoFiles
from faceswap_desktop.media.video.chunkfile import recipe_digest
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.label import FrameLabel
from faceswap_desktop.media.video.packet_run import Frame, read_packets
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.media.video.settings import EncodeSettings, encode_settings
from faceswap_desktop.media.video.source import source_picture
from faceswap_desktop.vision.reage.face import age_reference
from faceswap_desktop.vision.reage.reference import AgeReference
from faceswap_desktop.vision.tracking.slices import TrackSlice
from faceswap_desktop.vision.video_swap import face_template
from faceswap_desktop.workers.chunk_work import ChunkWork
from faceswap_desktop.workers.face_changes import MARGIN_FRAMES, FaceChanges, FaceSource, decode_halo
from faceswap_desktop.workers.frame_looks import rendered_to_look_at
from faceswap_desktop.workers.label_work import video_label, video_label_so_far
from faceswap_desktop.workers.source_tasks import person_of
from faceswap_desktop.workers.track_files import (
    FOUND,
    kept_chunks,
    read_findings,
    read_slice,
    remove_damaged,
    tracks_missing,
)

_MEASURED: Final = (1, 3, 5, 7)
"""Eighths of a person's frames at which, besides the best one, is measured what stays the same."""
_KEPT_REFERENCES: Final = 32
_references: OrderedDict[tuple[str, int], AgeReference | None] = OrderedDict()


class WorkMaker:
    """Makes the works of one video job.

    Attributes:
        settings: How every chunk is encoded.
        rotation: Degrees by which coded frames have to be turned clockwise to stand upright.
    """

    def __init__(
        self,
        recipe: Recipe,
        sources: Mapping[SourceFaceId, SourceFiles],
        files: VideoFiles,
        index: VideoIndex,
        reader: FrameReader,
    ) -> None:
        """Read source faces and how the video is to be encoded.

        Args:
            recipe: What to do.
            sources: Files of each source face of the recipe.
            files: The video's; its tracks have to be linked by the time a work is made.
            index: Of the video.
            reader: Of the video.

        Raises:
            InputRefused: The original cannot be read, or a source face is gone.
            StorageError: The cache of a source face cannot be written.
        """
        self._looks: dict[int, bytes | None] = {}
        self._label: FrameLabel | None = None
        self._has_label = False
        self._recipe, self._files, self._index, self._reader = recipe, files, index, reader
        facts = recipe.media.video
        self.rotation: Final = facts.rotation if facts is not None else 0
        colour = facts.colour if facts is not None else None
        self.settings: Final[EncodeSettings] = encode_settings(
            recipe.output, source_picture(recipe.media.path, index, colour)
        )
        people = {face: person_of(kept.crop_paths, kept.atlas_path) for face, kept in sources.items()}
        self._sources = {face: FaceSource(person.atlas.to_bytes(), person.embedding) for face, person in people.items()}

    def make(self, number: int, frames: FrameRange, *, with_packets: bool = False) -> ChunkWork:
        """Make the work of one chunk.

        Args:
            number: Of the chunk.
            frames: Its frames.
            with_packets: Read the packets too, so that the work can be done where the file is not.

        Raises:
            StorageError: The tracks are not there (kind ``tracks-missing``).
            InputRefused: The original cannot be read.
        """
        work = self._whole(number, frames)
        if not with_packets:
            return work
        return replace(work, packets=read_packets(self._recipe.media.path, self._index, work.around))

    def changed(
        self, numbers: Sequence[int], found: tuple[Recipe, TrackSlice] | None = None
    ) -> Iterator[tuple[int, Frame | None, FaceChanges]]:
        """Decode single frames and change the faces in them.

        Args:
            numbers: Ascending.
            found: Where the faces were found in just these frames, and the recipe with that for its tracks; None to
                read the linked tracks.

        Yields:
            Every number with its frame, None where it cannot be decoded, and what changed it.

        Raises:
            StorageError: The tracks are not there (kind ``tracks-missing``).
            InputRefused: The original cannot be read.
        """
        for frames in _runs_of(numbers):
            if found is None:
                work = self._whole(0, frames)
            else:
                # What is known of these frames only is neither faded in nor out.
                work = self._work(0, frames, *found, tuple(range(frames.first, frames.end + 1)))
                work = replace(work, label=video_label_so_far(self._recipe, self._files))
            yield from self._done(work)

    # ----------------------------------------------------------------------------------------------------- insides

    def _done(self, work: ChunkWork) -> Iterator[tuple[int, Frame | None, FaceChanges]]:
        changes = work.changes()
        found: dict[int, Frame] = {}
        for number, frame in self._reader.frames(work.around):
            found.update(changes.take(number, frame))
        found.update(changes.finish())
        for number in range(work.frames.first, work.frames.end):
            yield number, found.get(number), changes

    def _whole(self, number: int, frames: FrameRange) -> ChunkWork:
        work = self._plain(number, frames, self._recipe)
        templates = self._templates(TrackSlice.unpack(work.tracks))
        return replace(work, ages=self._ages(), templates=templates, label=self._drawn_label())

    def _drawn_label(self) -> FrameLabel | None:
        if not self._has_label:
            self._label, self._has_label = video_label(self._recipe, self._files), True
        return self._label

    def _plain(self, number: int, frames: FrameRange, recipe: Recipe) -> ChunkWork:
        spoken_of = _grown(frames, decode_halo(self._index.frames_per_second) + MARGIN_FRAMES, len(self._index))
        wanted = {part.track for target in self._recipe.targets for part in target.parts}
        tracks = read_slice(self._files, spoken_of)
        cuts = {*self._cuts(spoken_of), *_handovers(tracks)}
        return self._work(number, frames, recipe, tracks.of_tracks(wanted), tuple(sorted(cuts)))

    def _work(
        self, number: int, frames: FrameRange, recipe: Recipe, tracks: TrackSlice, cuts: tuple[int, ...]
    ) -> ChunkWork:
        index = self._index
        rate = index.frames_per_second
        return ChunkWork(
            number=number,
            frames=frames,
            around=_grown(frames, decode_halo(rate), len(index)),
            pts=tuple(int(time) for time in index.pts[frames.first : frames.end]),
            frames_per_second=rate,
            total_frames=len(index),
            cuts=cuts,
            rotation=self.rotation,
            recipe=recipe,
            settings=self.settings,
            tracks=tracks.pack(),
            sources=self._sources,
            looks=rendered_to_look_at(index.times, frames, cuts),
        )

    def _cuts(self, frames: FrameRange) -> tuple[int, ...]:
        """Return the cuts among some frames, and the one right behind them."""
        cuts: list[int] = []
        for kept, path in kept_chunks(self._files, FOUND, FrameRange(frames.first, frames.end + 1)):
            found = read_findings(self._files, kept)
            if found is None:
                remove_damaged(path)
                raise tracks_missing()
            cuts += [cut for cut in found.cuts if frames.first <= cut <= frames.end]
        return tuple(sorted(cuts))

    # ------------------------------------------------------------------------------------- what is known of a person

    def _templates(self, tracks: TrackSlice) -> dict[int, bytes]:
        """Return what the people look like whom nobody saw in some of these frames."""
        unseen = {run.track for run in tracks.runs if run.bridged.any()}
        found: dict[int, bytes] = {}
        for target in self._recipe.targets:
            if not any(part.track in unseen for part in target.parts):
                continue
            if target.index not in self._looks:
                self._looks[target.index] = self._template(target)
            template = self._looks[target.index]
            if template is not None:
                found[target.index] = template
        return found

    def _template(self, target: TargetFace) -> bytes | None:
        track, number = target.track_at(target.frame), target.frame
        face = None
        if track is not None:
            face = read_slice(self._files, FrameRange(number, number + 1)).face(track, number)
        frame = self._reader.frame(number) if face is not None else None
        if face is None or frame is None:
            return None
        half = np.array([0.5, 0.5, 0.0], np.float32)
        return face_template(upright_rgb(frame, self.rotation), face.points - half).tobytes()

    def _ages(self) -> dict[int, AgeReference]:
        """Return what stays the same of the people whose ages are changed, measured in a few of their frames."""
        digest = recipe_digest(self._recipe)
        found: dict[int, AgeReference] = {}
        for age in self._recipe.ages:
            key = (digest, age.target.index)
            if key not in _references:
                _references[key] = self._measured(age.target)
                while len(_references) > _KEPT_REFERENCES:
                    _references.popitem(last=False)
            reference = _references[key]
            if reference is not None and age.years:
                found[age.target.index] = reference
        return found

    def _measured(self, target: TargetFace) -> AgeReference | None:
        swapped = replace(self._recipe, ages=())
        seen = []
        for number in _spread(target):
            work = self._plain(0, FrameRange(number, number + 1), swapped)
            track = target.track_at(number)
            face = None if track is None else TrackSlice.unpack(work.tracks).face(track, number)
            frame = next(self._done(work))[1]
            if face is not None and frame is not None:
                seen.append((upright_rgb(frame, self.rotation), face.mesh))
        return age_reference(seen)


def _spread(target: TargetFace) -> list[int]:
    """Return the best frame of a target and some spread over all of its frames, ascending."""
    numbers = {target.frame} if target.track_at(target.frame) is not None else set()
    total = sum(len(part.frames) for part in target.parts)
    for eighth in _MEASURED:
        left = total * eighth // 8
        for part in target.parts:
            if left < len(part.frames):
                numbers.add(part.frames.first + left)
                break
            left -= len(part.frames)
    return sorted(numbers)


def _handovers(tracks: TrackSlice) -> set[int]:
    """Return frames at which one face ends and another begins: a cut that was not told, or a face taken up anew."""
    return {run.frames.end for run in tracks.runs} & {run.frames.first for run in tracks.runs}


def _runs_of(numbers: Sequence[int]) -> Iterator[FrameRange]:
    """Put numbers that follow each other together."""
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield FrameRange(numbers[start], numbers[place - 1] + 1)
            start = place


def _grown(frames: FrameRange, by: int, total: int) -> FrameRange:
    return FrameRange(max(0, frames.first - by), min(total, frames.end + by))
