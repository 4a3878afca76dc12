"""One chunk of a video to be rendered, as plain values: enough for another process, or another computer.

``WorkMaker`` makes them, ``render_work`` does one and returns the bytes of the chunk's file. It is a pure function:
equal works give equal bytes, wherever the frames are decoded, and whichever chunks were rendered before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import SourceFiles, VideoFiles
from faceswap_desktop.media.video.chunkfile import Chunk, pack, recipe_digest
from faceswap_desktop.media.video.encode import ChunkEncoder
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.packet_run import Frame, PacketRun, decode_run, read_packets
from faceswap_desktop.media.video.settings import EncodeSettings, encode_settings
from faceswap_desktop.media.video.source import source_picture
from faceswap_desktop.vision.tracking.slices import TrackSlice
from faceswap_desktop.workers.face_changes import MARGIN_FRAMES, FaceChanges, FaceSource, decode_halo
from faceswap_desktop.workers.render_requests import RenderedChunk
from faceswap_desktop.workers.source_tasks import person_of
from faceswap_desktop.workers.track_files import read_slice

OnFrame = Callable[[int, Frame], None]
"""Told each finished frame's number and the frame as it goes to the encoder; it may be looked at until it returns."""


@dataclass(frozen=True, slots=True)
class ChunkWork:
    """All that rendering one chunk needs; plain values and bytes, so that it can be pickled.

    Attributes:
        number: Of the chunk.
        frames: Its frames.
        around: Frames that have to be decoded for them: a few more on both sides.
        pts: When each frame of the chunk is shown, in units of the settings' time base.
        frames_per_second: Mean rate.
        total_frames: Of the whole video.
        cuts: First frames of new scenes, at least those near the chunk.
        rotation: Degrees by which coded frames have to be turned clockwise to stand upright.
        recipe: What to do.
        settings: How it is encoded; the same for every chunk of a job.
        tracks: A packed ``TrackSlice`` of the frames and some around them.
        sources: Each source face of the recipe.
        packets: What decodes to the frames; None where they are handed in.
    """

    number: int
    frames: FrameRange
    around: FrameRange
    pts: tuple[int, ...]
    frames_per_second: float
    total_frames: int
    cuts: tuple[int, ...]
    rotation: int
    recipe: Recipe
    settings: EncodeSettings
    tracks: bytes
    sources: Mapping[SourceFaceId, FaceSource]
    packets: PacketRun | None = None


class RenderedWork(NamedTuple):
    """A chunk's file as bytes (``write_chunk`` writes it), and what there is to say about it.

    ``info`` is what the file says of itself; ``chunk`` adds how long each stage took.
    """

    packed: bytes
    chunk: RenderedChunk
    info: Mapping[str, Any]


@dataclass(slots=True)
class _Timings:
    """Seconds per stage."""

    laps: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def start(self) -> None:
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = self.laps.get(stage, 0.0) + now - self._last
        self._last = now


def render_work(
    work: ChunkWork, frames: Iterable[tuple[int, Frame | None]] | None = None, on_frame: OnFrame | None = None
) -> RenderedWork:
    """Render a chunk.

    Args:
        work: What to do.
        frames: Every frame of ``work.around``, in order, with None for those that cannot be decoded; None to decode
            the packets that the work carries.
        on_frame: Told about each finished frame; what it raises ends the work.

    Raises:
        InputRefused: The encoder cannot do this size or format (kind ``encoder``).
        ValueError: There are neither frames nor packets, or a part of the work is damaged.
    """
    if frames is None:
        if work.packets is None:
            raise ValueError("neither frames nor packets")
        frames = decode_run(work.packets, work.around)
    timings = _Timings()
    encoder = ChunkEncoder(work.settings)
    changes = FaceChanges(
        work.recipe,
        TrackSlice.unpack(work.tracks),
        work.sources,
        frames=work.frames,
        total_frames=work.total_frames,
        cuts=work.cuts,
        frames_per_second=work.frames_per_second,
        rotation=work.rotation,
        settings=work.settings,
    )
    timings.lap("open")
    done = 0
    source = iter(frames)
    is_over = False
    while not is_over:
        timings.start()
        found = next(source, None)
        timings.lap("decode")
        is_over = found is None
        finished = changes.finish() if found is None else changes.take(*found)
        timings.lap("swap")
        for number, frame in finished:
            encoder.encode(frame, work.pts[number - work.frames.first])
            timings.lap("encode")
            done += 1
            if on_frame is not None:
                on_frame(number, frame)
                timings.lap("show")
    encoded = encoder.finish()
    timings.lap("encode")
    laps = timings.laps
    laps["reage"] = changes.reage_seconds
    laps["swap"] = max(0.0, laps.get("swap", 0.0) - changes.reage_seconds)
    info: dict[str, Any] = {
        "faded": changes.faded,
        "unreadable": len(work.frames) - done,
        "similarity": changes.similarity,
    }
    packed = pack(Chunk(work.number, work.frames, recipe_digest(work.recipe), encoded, info))
    return RenderedWork(packed, rendered_chunk(work.number, done, len(packed), info, laps), info)


def rendered_chunk(
    number: int, packets: int, size_bytes: int, info: Mapping[str, Any], timings: Mapping[str, float]
) -> RenderedChunk:
    """Put together what is said of a chunk, from what its file says."""
    return RenderedChunk(
        number=number,
        frames=packets,
        size_bytes=size_bytes,
        faded=int(info.get("faded", 0)),
        unreadable=int(info.get("unreadable", 0)),
        similarity=info.get("similarity"),
        timings=dict(timings),
    )


class WorkMaker:
    """Makes the works of one video job; reads what all of them share once."""

    def __init__(
        self, recipe: Recipe, sources: Mapping[SourceFaceId, SourceFiles], files: VideoFiles, index: VideoIndex
    ) -> None:
        """Read source faces and how the video is to be encoded.

        Raises:
            InputRefused: The original cannot be read, or a source face is gone.
            StorageError: The cache of a source face cannot be written.
        """
        self._recipe, self._files, self._index = recipe, files, index
        facts = recipe.media.video
        self._rotation = facts.rotation if facts is not None else 0
        colour = facts.colour if facts is not None else None
        self.settings: Final = encode_settings(recipe.output, source_picture(recipe.media.path, index, colour))
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
        index = self._index
        total, rate = len(index), index.frames_per_second
        around = _grown(frames, decode_halo(rate), total)
        spoken_of = _grown(frames, decode_halo(rate) + MARGIN_FRAMES, total)
        wanted = {part.track for target in self._recipe.targets for part in target.parts}
        tracks = read_slice(self._files, spoken_of).of_tracks(wanted)
        return ChunkWork(
            number=number,
            frames=frames,
            around=around,
            pts=tuple(int(time) for time in index.pts[frames.first : frames.end]),
            frames_per_second=rate,
            total_frames=total,
            cuts=(),
            rotation=self._rotation,
            recipe=self._recipe,
            settings=self.settings,
            tracks=tracks.pack(),
            sources=self._sources,
            packets=read_packets(self._recipe.media.path, index, around) if with_packets else None,
        )


def _grown(frames: FrameRange, by: int, total: int) -> FrameRange:
    return FrameRange(max(0, frames.first - by), min(total, frames.end + by))


__all__ = [
    "ChunkWork",
    "FaceSource",
    "OnFrame",
    "RenderedWork",
    "WorkMaker",
    "render_work",
    "rendered_chunk",
]
