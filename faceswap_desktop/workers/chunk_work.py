"""One chunk of a video to be rendered, as plain values: enough for another process, or another computer.

``work_maker.WorkMaker`` makes them, ``render_work`` does one and returns the bytes of the chunk's file. It is a pure
function: equal works give equal bytes, wherever the frames are decoded, and whichever chunks were rendered before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.chunkfile import Chunk, pack, recipe_digest
from faceswap_desktop.media.video.encode import ChunkEncoder
from faceswap_desktop.media.video.label import FrameLabel
from faceswap_desktop.media.video.packet_run import Frame, PacketRun, decode_run
from faceswap_desktop.media.video.settings import EncodeSettings
from faceswap_desktop.vision.reage.reference import AgeReference
from faceswap_desktop.vision.tracking.slices import TrackSlice
from faceswap_desktop.workers.face_changes import FaceChanges, FaceSource
from faceswap_desktop.workers.frame_looks import check_rendered
from faceswap_desktop.workers.render_requests import RenderedChunk

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
        ages: By number of the target face, what stays the same of a person whose age is changed.
        templates: By number of the target face, ``face_template`` of it, float32; where nobody saw it for some frames.
        looks: Frames that are looked at once they are rendered, and their seconds.
        packets: What decodes to the frames; None where they are handed in.
        label: The visible label, drawn, and its corner; None for none.
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
    ages: Mapping[int, AgeReference] = field(default_factory=dict)
    templates: Mapping[int, bytes] = field(default_factory=dict)
    looks: Mapping[int, float] = field(default_factory=dict)
    packets: PacketRun | None = None
    label: FrameLabel | None = None

    def changes(self) -> FaceChanges:
        """Return what changes this chunk's frames.

        Raises:
            ValueError: A part of the work is damaged.
        """
        return FaceChanges(
            self.recipe,
            TrackSlice.unpack(self.tracks),
            self.sources,
            frames=self.frames,
            total_frames=self.total_frames,
            cuts=self.cuts,
            frames_per_second=self.frames_per_second,
            rotation=self.rotation,
            settings=self.settings,
            ages=self.ages,
            templates=self.templates,
            label=self.label,
        )


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
        SensitiveContent: A rendered frame is refused.
        ValueError: There are neither frames nor packets, or a part of the work is damaged.
    """
    if frames is None:
        if work.packets is None:
            raise ValueError("neither frames nor packets")
        frames = decode_run(work.packets, work.around)
    timings = _Timings()
    encoder = ChunkEncoder(work.settings)
    changes = work.changes()
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
            check_rendered(frame, number, work.rotation, work.recipe.media.path, work.looks)
            timings.lap("look")
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


__all__ = [
    "ChunkWork",
    "FaceSource",
    "OnFrame",
    "RenderedWork",
    "render_work",
    "rendered_chunk",
]
