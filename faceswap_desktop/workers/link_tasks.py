"""Tasks that make tracks of what was found in a video's chunks, tell who is who, and read the tracks again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from faceswap_desktop.domain.video import FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.storage.analyses import analysis_from_parts, analysis_to_parts
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.tracking.coding import DamagedError, pack_record, unpack_record
from faceswap_desktop.vision.tracking.compose import AROUND, Composed, compose
from faceswap_desktop.vision.tracking.findings import Findings
from faceswap_desktop.vision.tracking.follow import MAX_FOLLOWED
from faceswap_desktop.vision.tracking.hard import HardFrames
from faceswap_desktop.vision.tracking.link import Linker, Track
from faceswap_desktop.vision.tracking.people import (
    BestPicture,
    detected_face,
    group_mean,
    identified,
    look_alikes,
    to_identities,
)
from faceswap_desktop.vision.tracking.slices import TrackedMesh, TrackSlice
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.read_tasks import index_of
from faceswap_desktop.workers.track_files import (
    FOUND,
    LINKED,
    chunk_file,
    kept_chunks,
    read_bytes,
    read_findings,
    read_slice,
    remove_leftovers,
    summary_file,
    tracks_missing,
    write_track_file,
)
from faceswap_desktop.workers.video_requests import (
    BestFace,
    BestFaceOf,
    FacesOfFrames,
    FacesOfFramesReply,
    LinkTracks,
    TrackedFace,
)

_JOINING_SHARE: Final = 0.3


def link_tracks(request: LinkTracks, context: TaskContext) -> VideoAnalysis:
    """Join the chunks' tracks, smooth them, and tell who is who.

    Raises:
        StorageError: A chunk was not analysed or its file is damaged (kind ``tracks-missing``); the disk is full.
        InputRefused: The video's index has to be made anew, and that cannot be done.
        Cancelled: Nobody waits any more.
    """
    kept = _kept_summary(request.files, request.chunks)
    if kept is not None:
        return kept
    remove_leftovers(request.files)
    return _Linking(request, context).done()


class _Linking:
    """Goes through the chunks twice: who is whose, then the tracks themselves. Keeps a few chunks at a time."""

    def __init__(self, request: LinkTracks, context: TaskContext) -> None:
        self._files, self._chunks = request.files, request.chunks
        self._context = context
        self._times = index_of(request.media, request.files).times
        self._owners: list[list[Track]] = []
        self._best: dict[int, BestPicture] = {}
        self._hard = HardFrames()

    def done(self) -> VideoAnalysis:
        linker = self._joined()
        tracks = linker.finish()
        self._write_slices(tracks)
        analysis = self._analysis(linker, tracks, self._times)
        write_track_file(summary_file(self._files), _packed_summary(analysis, self._chunks))
        return analysis

    def _joined(self) -> Linker:
        linker = Linker(self._times)
        for number, frames in enumerate(self._chunks):
            self._owners.append(linker.add(self._findings(frames)))
            self._context.report(_JOINING_SHARE * number / len(self._chunks), "join tracks")
        return linker

    def _findings(self, frames: FrameRange) -> Findings:
        found = read_findings(self._files, frames)
        if found is None:
            # Whatever is left of it is in the way of its being made again.
            chunk_file(self._files, FOUND, frames).unlink(missing_ok=True)
            raise tracks_missing()
        return found

    def _write_slices(self, tracks: Sequence[Track]) -> None:
        references = {one.number: colours for one in tracks if (colours := one.reference()) is not None}
        for number, (frames, around) in enumerate(self._windows()):
            made, parts = compose(frames, around, references)
            write_track_file(chunk_file(self._files, LINKED, frames), made.pack())
            self._hard.add(parts)
            for part in parts:
                self._note_best(part)
            share = _JOINING_SHARE + (1 - _JOINING_SHARE) * (number + 1) / len(self._chunks)
            self._context.report(share, "smooth tracks")

    def _windows(self) -> Iterator[tuple[FrameRange, list[tuple[Findings, list[Track]]]]]:
        """Yield each chunk with the findings in and around it."""
        loaded: dict[int, Findings] = {}
        first, end = 0, 0
        for frames in self._chunks:
            while end < len(self._chunks) and self._chunks[end].first < frames.end + AROUND:
                loaded[end] = self._findings(self._chunks[end])
                end += 1
            while self._chunks[first].end <= frames.first - AROUND:
                del loaded[first]
                first += 1
            yield frames, [(loaded[number], self._owners[number]) for number in range(first, end)]

    def _note_best(self, part: Composed) -> None:
        place = int(part.run.quality.argmax())
        quality, known = float(part.run.quality[place]), self._best.get(part.run.track)
        if known is None or quality > known.quality:
            face = part.run.at(part.run.frames.first + place)
            # A copy, so that the whole chunk is not kept for it.
            face = replace(face, points=face.points.copy())
            self._best[part.run.track] = BestPicture(quality, face, float(part.values["score"][place]))

    def _analysis(self, linker: Linker, tracks: Sequence[Track], times: FrameTimes) -> VideoAnalysis:
        groups = [group for group in identified(tracks, times) if any(one.number in self._best for one in group)]
        for group in groups:
            self._hard.add_unlike(group, group_mean(group))
        identities = to_identities(groups, self._best, linker.checkpoint)
        notes = []
        if linker.is_crowded:
            notes.append(f"Some frames show more than {MAX_FOLLOWED} faces; only the largest are followed.")
        return VideoAnalysis(
            frames=len(times),
            identities=identities,
            cuts=tuple(linker.cuts),
            look_alikes=look_alikes(identities),
            hard_frames=self._hard.chosen(groups),
            unreadable=linker.unreadable,
            notes=tuple(notes),
        )


def faces_of_frames(request: FacesOfFrames, context: TaskContext) -> FacesOfFramesReply:
    """Tell where faces are in some frames, as far as that is known.

    Raises:
        StorageError: What is kept cannot be read.
    """
    del context
    linked = kept_chunks(request.files, LINKED, request.frames) if summary_file(request.files).exists() else []
    faces: dict[int, tuple[TrackedFace, ...]] = {}
    for frames, _ in linked:
        common = frames.common(request.frames)
        if common is not None:
            faces |= _faces(read_slice(request.files, common))
    if not linked:
        for frames, _ in kept_chunks(request.files, FOUND, request.frames):
            found, common = read_findings(request.files, frames), frames.common(request.frames)
            if found is not None and common is not None:
                faces |= {frame: _found_faces(found, frame) for frame in range(common.first, common.end)}
    return FacesOfFramesReply(faces)


def _faces(made: TrackSlice) -> dict[int, tuple[TrackedFace, ...]]:
    return {
        frame: tuple(
            TrackedFace(face.track, detected_face(face, index=0, score=face.score)) for face in made.faces(frame)
        )
        for frame in range(made.frames.first, made.frames.end)
    }


def _found_faces(found: Findings, frame: int) -> tuple[TrackedFace, ...]:
    faces = []
    for number, one in enumerate(found.tracklets):
        if frame in one.frames:
            place = frame - one.first
            values = {name: float(array[place]) for name, array in one.values.items()}
            points: Floats = one.points[place]
            mesh = TrackedMesh(number, frame, points, values["flag"], values["yaw"], values["pitch"], 0.0, False)
            faces.append(TrackedFace(number, detected_face(mesh, index=0, score=values["score"])))
    return tuple(faces)


def best_face_of(request: BestFaceOf, context: TaskContext) -> BestFace:
    """Look for the best picture of some parts of tracks.

    Raises:
        StorageError: What is kept cannot be read, or has nothing of these tracks (kind ``tracks-missing``).
    """
    best: tuple[float, TrackedMesh] | None = None
    for track, wanted in request.parts:
        for frames, _ in kept_chunks(request.files, LINKED, wanted):
            context.check_stopped()
            common = frames.common(wanted)
            runs = read_slice(request.files, common).of_tracks((track,)).runs if common is not None else ()
            for run in runs:
                place = int(run.quality.argmax())
                if best is None or float(run.quality[place]) > best[0]:
                    best = (float(run.quality[place]), run.at(run.frames.first + place))
    if best is None:
        raise tracks_missing()
    return BestFace(best[1].frame, detected_face(best[1], index=0, score=best[1].score))


def _packed_summary(analysis: VideoAnalysis, chunks: Sequence[FrameRange]) -> bytes:
    summary, faces = analysis_to_parts(analysis)
    header = {"analysis": summary, "chunks": [[one.first, one.end] for one in chunks]}
    return pack_record(header, {"faces": np.frombuffer(faces, np.uint8)})


def _kept_summary(files: VideoFiles, chunks: Sequence[FrameRange]) -> VideoAnalysis | None:
    """Return what was linked before, if all of it is there and whole."""
    data = read_bytes(summary_file(files))
    if data is None:
        return None
    try:
        header, arrays = unpack_record(data)
        if header["chunks"] != [[one.first, one.end] for one in chunks]:
            return None
        for frames in chunks:
            _check_whole(read_bytes(chunk_file(files, LINKED, frames)))
        return analysis_from_parts(header["analysis"], arrays["faces"].tobytes())
    except (DamagedError, KeyError, TypeError):
        return None


def _check_whole(data: bytes | None) -> dict[str, Any]:
    if data is None:
        raise DamagedError("not there")
    return unpack_record(data)[0]
