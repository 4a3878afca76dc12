"""Videos as values: frames by number, what a file holds, who appears in it and where.

Frames are numbered from 0 in the order in which they are shown. A frame's number is the place of its presentation time
among all of the picture track's, so it means the same frame to everybody, also where the frame rate varies.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, NewType

from faceswap_desktop.domain.faces import DetectedFace, Embedding

IdentityId = NewType("IdentityId", str)

CHUNK_SECONDS: Final = 2.0
"""How much of a video is analysed, rendered and, after a crash, done again at a time."""


@dataclass(frozen=True, slots=True, order=True)
class FrameRange:
    """Frames from ``first`` up to, but not with, ``end``."""

    first: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.end:
            raise ValueError(f"no range of frames: {self.first} to {self.end}")

    def __len__(self) -> int:
        return self.end - self.first

    def __contains__(self, frame: int) -> bool:
        return self.first <= frame < self.end

    def common(self, other: FrameRange) -> FrameRange | None:
        """Return the frames that are in both, or None."""
        first, end = max(self.first, other.first), min(self.end, other.end)
        return FrameRange(first, end) if first < end else None


@dataclass(frozen=True)
class FrameTimes:
    """When each frame is shown, in seconds from the file's own zero; ascending.

    Attributes:
        packed: float64 per frame, native order.
        end: When the last frame has been shown, in seconds.
    """

    packed: bytes
    end: float

    def __reduce__(self) -> tuple[type[FrameTimes], tuple[bytes, float]]:
        # What was computed from the bytes stays behind: views cannot cross process borders.
        return (FrameTimes, (self.packed, self.end))

    @cached_property
    def _seconds(self) -> memoryview[float]:
        return memoryview(self.packed).cast("d")

    def __len__(self) -> int:
        return len(self.packed) // 8

    def of(self, frame: int) -> float:
        """Return when a frame is shown; the end for the number behind the last one."""
        return self._seconds[frame] if frame < len(self) else self.end

    def frame_at(self, seconds: float) -> int:
        """Return the frame that is on the screen at a time; the first or last one outside."""
        return min(max(bisect.bisect_right(self._seconds, seconds + 1e-6) - 1, 0), max(len(self) - 1, 0))

    def chunks(self, frames: FrameRange, seconds: float = CHUNK_SECONDS) -> tuple[FrameRange, ...]:
        """Divide frames into chunks of about so many seconds, counted from the first of them.

        Every chunk has at least one frame; the last may be shorter. Equal arguments give equal chunks.
        """
        parts: list[FrameRange] = []
        first, origin = frames.first, self.of(frames.first) if len(frames) else 0.0
        while first < frames.end:
            border = origin + seconds * (len(parts) + 1) - 1e-6
            end = max(first + 1, min(frames.end, bisect.bisect_right(self._seconds, border)))
            parts.append(FrameRange(first, end))
            first = end
            # A picture that stands for minutes must not bring a row of chunks of one frame each after it.
            while self.of(first) > origin + seconds * (len(parts) + 1):
                origin += seconds
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class ColourTags:
    """How a video says its colours are to be read, by FFmpeg's names; empty where it says nothing."""

    range: str = ""
    primaries: str = ""
    transfer: str = ""
    matrix: str = ""

    @property
    def is_hdr(self) -> bool:
        """Whether it is high dynamic range (PQ or HLG)."""
        return self.transfer in {"smpte2084", "arib-std-b67"}


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One sound track."""

    codec: str
    channels: int
    sample_rate: int
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video's header says.

    Attributes:
        seconds: Length; from the header, so only nearly right until the index is there.
        frames: How many; an estimate until the index is there.
        frames_per_second: Mean rate; 0.0 where nothing can be told.
        is_variable: Whether the frame rate varies (known with the index).
        codec: FFmpeg's name of the picture track's codec: ``h264``, ``hevc``, ``vp9``, ``av1``, ``mpeg4``, ``gif`` …
        pixel_format: FFmpeg's name: ``yuv420p``, ``yuv420p10le`` …
        bits: Per sample.
        colour: How its colours are to be read.
        rotation: Degrees by which the coded picture has to be turned clockwise to stand upright: 0, 90, 180, 270.
        coded_width, coded_height: Pixels before that turn.
        audio: Sound tracks in order.
        subtitles: How many subtitle tracks.
        chapters: How many chapters.
        other_tracks: Attached pictures, data, timecode.
    """

    seconds: float
    frames: int
    frames_per_second: float
    codec: str
    pixel_format: str
    bits: int
    coded_width: int
    coded_height: int
    is_variable: bool = False
    colour: ColourTags = field(default_factory=ColourTags)
    rotation: int = 0
    audio: tuple[AudioTrack, ...] = ()
    subtitles: int = 0
    chapters: int = 0
    other_tracks: int = 0


@dataclass(frozen=True, slots=True, order=True)
class TrackPart:
    """A piece of a track: one face, followed from frame to frame. Tracks are numbered per video from 0."""

    frames: FrameRange
    track: int


@dataclass(frozen=True, slots=True)
class Identity:
    """One person in a video.

    Attributes:
        index: Its number, as ``detect`` prints it and pairings keep it; stays when others are merged or split.
        id: Never changes.
        parts: Where the face is followed, by first frame; those of one identity never overlap in time.
        frames: In how many frames the face is seen (gaps that were bridged count).
        best_frame: Frame with the best picture of the face.
        best_face: The face there, in pixels of the upright frame; its index is this identity's.
        embedding: Mean of the good embeddings; None where the face is too small to tell.
        name: What the user calls it; empty for none.
        is_hidden: The user does not want to see its lane.
    """

    index: int
    id: IdentityId
    parts: tuple[TrackPart, ...]
    frames: int
    best_frame: int
    best_face: DetectedFace
    embedding: Embedding | None = None
    name: str = ""
    is_hidden: bool = False

    @property
    def spans(self) -> tuple[FrameRange, ...]:
        """Where the person is seen; parts that follow each other directly are one span."""
        spans: list[FrameRange] = []
        for part in sorted(self.parts):
            if spans and part.frames.first <= spans[-1].end:
                spans[-1] = FrameRange(spans[-1].first, max(spans[-1].end, part.frames.end))
            else:
                spans.append(part.frames)
        return tuple(spans)

    def track_at(self, frame: int) -> int | None:
        """Return the track that follows this person in a frame, or None."""
        return next((part.track for part in self.parts if frame in part.frames), None)


class HardReason(StrEnum):
    """Why a swap may fail in a frame."""

    POSE = "pose"
    BLUR = "blur"
    SMALL = "small"
    DARK = "dark"
    UNLIKE = "unlike"
    TOUCHING = "touching"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class HardFrame:
    """A frame that deserves a look before a long run.

    Attributes:
        frame: Its number.
        identity: Number of the identity concerned.
        reason: What is hard about it.
        severity: 0 (harmless) to 1 (the swap will fade out).
    """

    frame: int
    identity: int
    reason: HardReason
    severity: float


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two identities, by number, that could be one person, or two who look alike."""

    first: int
    second: int
    similarity: float


@dataclass(frozen=True, slots=True)
class VideoAnalysis:
    """Who is in a video, over the whole clip.

    Attributes:
        frames: How many frames the video has.
        identities: Most seen first when they were found; edits keep their order.
        cuts: First frames of new scenes.
        look_alikes: Pairs worth a look.
        hard_frames: Hardest first, spread over the clip, at most a few per reason and identity.
        unreadable: Frames that could not be decoded.
        notes: Worth saying, English.
    """

    frames: int
    identities: tuple[Identity, ...] = ()
    cuts: tuple[int, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    hard_frames: tuple[HardFrame, ...] = ()
    unreadable: int = 0
    notes: tuple[str, ...] = ()

    def identity(self, index: int) -> Identity | None:
        """Return the identity with a number."""
        return next((one for one in self.identities if one.index == index), None)

    def identity_of(self, track: int, frame: int) -> Identity | None:
        """Return whose face a track shows in a frame."""
        return next((one for one in self.identities if one.track_at(frame) == track), None)

    def merged(self, indices: Iterable[int]) -> VideoAnalysis:
        """Make one identity of several; it keeps the number, name and id of the first one given.

        Where two of them are seen in the same frame, the earlier one given goes on; the other's part is cut short.

        Raises:
            ValueError: Fewer than two of the numbers exist.
        """
        found = [one for index in dict.fromkeys(indices) if (one := self.identity(index)) is not None]
        if len(found) < 2:
            raise ValueError("merging takes at least two identities")
        kept = found[0]
        parts = list(kept.parts)
        for other in found[1:]:
            parts += [piece for part in other.parts for piece in _without(part, parts)]
        best = max(found, key=lambda one: one.frames)
        one = replace(
            kept,
            parts=tuple(sorted(parts)),
            frames=sum(len(part.frames) for part in parts),
            best_frame=best.best_frame,
            best_face=replace(best.best_face, index=kept.index),
            embedding=best.embedding,
            name=kept.name or next((other.name for other in found if other.name), ""),
        )
        gone = {other.index for other in found[1:]}
        return replace(
            self,
            identities=tuple(
                one if each.index == kept.index else each for each in self.identities if each.index not in gone
            ),
            look_alikes=tuple(
                pair for pair in self.look_alikes if not {pair.first, pair.second} & (gone | {kept.index})
            ),
            hard_frames=tuple(
                replace(hard, identity=kept.index) if hard.identity in gone else hard for hard in self.hard_frames
            ),
        )

    def split(self, index: int, at_frame: int, second_best: tuple[int, DetectedFace]) -> VideoAnalysis:
        """Make two identities of one: from ``at_frame`` on it is somebody else, with a new number.

        Args:
            index: Which identity.
            at_frame: First frame of the new one.
            second_best: Best frame of the half that does not hold the best picture, and the face there.

        Raises:
            ValueError: There is no such identity, or one of the halves would be empty.
        """
        whole = self.identity(index)
        if whole is None:
            raise ValueError(f"there is no identity {index}")
        before = tuple(cut for part in whole.parts if (cut := _cut(part, FrameRange(0, at_frame))) is not None)
        after = tuple(cut for part in whole.parts if (cut := _cut(part, FrameRange(at_frame, self.frames))) is not None)
        if not before or not after:
            raise ValueError("one of the halves would be empty")
        number = self.next_index()
        own_best = (whole.best_frame, whole.best_face)
        first_best, last_best = (own_best, second_best) if whole.best_frame < at_frame else (second_best, own_best)
        first = replace(
            whole,
            parts=before,
            frames=sum(len(part.frames) for part in before),
            best_frame=first_best[0],
            best_face=replace(first_best[1], index=index),
        )
        last = replace(
            whole,
            index=number,
            id=IdentityId(f"{whole.id}/{number}"),
            parts=after,
            frames=sum(len(part.frames) for part in after),
            best_frame=last_best[0],
            best_face=replace(last_best[1], index=number),
            name="",
        )
        place = self.identities.index(whole)
        identities = (*self.identities[:place], first, last, *self.identities[place + 1 :])
        hard = tuple(
            replace(one, identity=number) if one.identity == index and one.frame >= at_frame else one
            for one in self.hard_frames
        )
        return replace(self, identities=identities, hard_frames=hard)

    def changed(self, identity: Identity) -> VideoAnalysis:
        """Return the same with one identity replaced by another of the same number (renamed, hidden)."""
        return replace(
            self, identities=tuple(identity if one.index == identity.index else one for one in self.identities)
        )

    def next_index(self) -> int:
        """Return a number that no identity has."""
        return max((one.index for one in self.identities), default=-1) + 1


def _cut(part: TrackPart, frames: FrameRange) -> TrackPart | None:
    common = part.frames.common(frames)
    return TrackPart(common, part.track) if common is not None else None


def _without(part: TrackPart, taken: Sequence[TrackPart]) -> list[TrackPart]:
    """Return what of a part is left outside the frames that others take."""
    pieces = [part.frames]
    for other in taken:
        left: list[FrameRange] = []
        for piece in pieces:
            common = piece.common(other.frames)
            if common is None:
                left.append(piece)
                continue
            left += [
                FrameRange(first, end)
                for first, end in ((piece.first, common.first), (common.end, piece.end))
                if first < end
            ]
        pieces = left
    return [TrackPart(piece, part.track) for piece in pieces]
