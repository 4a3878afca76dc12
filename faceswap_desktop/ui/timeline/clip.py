"""What the timeline shows of a video: times, points, cuts, and who is seen where. Plain values, made once a change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.video import FrameRange, FrameTimes, HardReason, Identity, VideoAnalysis
from faceswap_desktop.ui.canvas.faces import Badge
from faceswap_desktop.ui.studio.identities import person_name
from faceswap_desktop.ui.texts import clock_text


@dataclass(frozen=True, slots=True)
class HardMark:
    """A frame of a lane that is hard to swap."""

    frame: int
    seconds: float
    words: str


@dataclass(frozen=True)
class LaneState:
    """Where one person is seen.

    Attributes:
        index: The identity's number.
        name: What it is called.
        spans: The frames.
        starts, ends: The same in seconds.
        hard: Frames that are hard to swap, ascending.
        best_frame: Where the best picture of it is.
        badge: Whom it becomes; None while it stays as it is.
        description: What a screen reader says of it.
    """

    index: int
    name: str
    spans: tuple[FrameRange, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    hard: tuple[HardMark, ...]
    best_frame: int
    badge: Badge | None
    description: str

    def span_at(self, seconds: float) -> int | None:
        """Return the place of the span at a time, or None in a gap."""
        place = bisect_right(self.starts, seconds) - 1
        return place if place >= 0 and seconds < self.ends[place] else None


@dataclass(frozen=True)
class ClipState:
    """One video.

    Attributes:
        key: The open video.
        times: When each frame is shown.
        trim: What is chosen of it; None for all.
        cuts: First seconds of new scenes, ascending.
        lanes: Who is in it and not hidden.
        size: Width and height of a frame, for the thumbnails.
        refused: When something is refused as sensitive, in seconds from the beginning; ascending.
    """

    key: str
    times: FrameTimes
    trim: FrameRange | None = None
    cuts: tuple[float, ...] = ()
    lanes: tuple[LaneState, ...] = ()
    size: tuple[int, int] = (16, 9)
    marks: tuple[int, ...] = field(default=(), repr=False)
    refused: tuple[tuple[float, float], ...] = ()

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return len(self.times)

    @property
    def length(self) -> float:
        """How long it is, from the first frame's time on, in seconds."""
        return max(self.times.end - self.start, 1e-3)

    @property
    def start(self) -> float:
        """When its first frame is shown, in seconds of the file."""
        return self.times.of(0) if len(self.times) else 0.0

    def seconds(self, frame: int) -> float:
        """Return when a frame is shown, from the beginning of the video."""
        return self.times.of(frame) - self.start

    def frame_at(self, seconds: float) -> int:
        """Return the frame at a time from the beginning of the video."""
        return self.times.frame_at(seconds + self.start)

    @property
    def chosen(self) -> FrameRange:
        """The frames between the points."""
        return self.trim if self.trim is not None else FrameRange(0, self.frames)

    def is_refused_at(self, seconds: float) -> bool:
        """Say whether a time lies where something is refused."""
        return any(first <= seconds <= last for first, last in self.refused)

    def lane(self, index: int) -> LaneState | None:
        """Return the lane of an identity."""
        return next((lane for lane in self.lanes if lane.index == index), None)


def clip_state(
    key: str,
    times: FrameTimes,
    size: tuple[int, int],
    trim: FrameRange | None,
    analysis: VideoAnalysis | None,
    badges: Mapping[int, Badge | None],
    refused: tuple[tuple[float, float], ...] = (),
) -> ClipState:
    """Put together what the timeline shows.

    Args:
        key: The open video.
        times: When each frame is shown.
        size: Width and height of a frame.
        trim: What is chosen; None for all.
        analysis: Who is in it; None while that is not known.
        badges: Whom each identity becomes.
        refused: When something is refused.
    """
    plain = ClipState(key, times, trim, size=size, refused=refused)
    if analysis is None or not len(times):
        return plain
    shown = [one for one in analysis.identities if not one.is_hidden]
    lanes = tuple(_lane(plain, analysis, one, badges.get(one.index)) for one in shown)
    borders = {frame for one in shown for span in one.spans for frame in (span.first, span.end) if frame < len(times)}
    return ClipState(
        key,
        times,
        trim,
        tuple(plain.seconds(cut) for cut in analysis.cuts),
        lanes,
        size,
        tuple(sorted({0, len(times) - 1, *analysis.cuts, *borders})),
        refused,
    )


def _lane(clip: ClipState, analysis: VideoAnalysis, identity: Identity, badge: Badge | None) -> LaneState:
    hard = sorted(
        one for one in ((hard.frame, hard.reason) for hard in analysis.hard_frames if hard.identity == identity.index)
    )
    marks = tuple(HardMark(frame, clip.seconds(frame), reason_words(reason)) for frame, reason in hard)
    spans = identity.spans
    name = person_name(identity)
    return LaneState(
        identity.index,
        name,
        spans,
        tuple(clip.seconds(span.first) for span in spans),
        tuple(clip.seconds(span.end) for span in spans),
        marks,
        identity.best_frame,
        badge,
        _description(clip, name, spans, badge),
    )


def _description(clip: ClipState, name: str, spans: tuple[FrameRange, ...], badge: Badge | None) -> str:
    translate = QCoreApplication.translate
    places = [f"{clock_text(clip.seconds(span.first))}–{clock_text(clip.seconds(span.end))}" for span in spans[:3]]
    if len(spans) > len(places):
        places.append(translate("Timeline", "and {n} more times").format(n=len(spans) - len(places)))
    becomes = (
        translate("Timeline", "paired with {name}").format(name=badge.name)
        if badge is not None
        else translate("Timeline", "stays as it is")
    )
    return ", ".join([name, *places, becomes])


def reason_words(reason: HardReason) -> str:
    """Say why a frame is hard to swap, in words."""
    translate = QCoreApplication.translate
    return {
        HardReason.POSE: translate("Timeline", "turned far away"),
        HardReason.BLUR: translate("Timeline", "blurred"),
        HardReason.SMALL: translate("Timeline", "very small"),
        HardReason.DARK: translate("Timeline", "dark"),
        HardReason.UNLIKE: translate("Timeline", "unlike the rest"),
        HardReason.TOUCHING: translate("Timeline", "touching another face"),
        HardReason.COVERED: translate("Timeline", "covered"),
    }[reason]


def gap_words(clip: ClipState, lane: LaneState, seconds: float) -> str:
    """Say where a gap of a lane lies, and why the person is not followed there where that can be told."""
    translate = QCoreApplication.translate
    place = bisect_right(lane.ends, seconds)
    first = lane.ends[place - 1] if place > 0 else 0.0
    last = lane.starts[place] if place < len(lane.starts) else clip.length
    words = translate("Timeline", "{name} is not seen from {first} to {last}").format(
        name=lane.name, first=exact_text(first), last=exact_text(last)
    )
    reason = ""
    if place > 0:
        before = [mark for mark in lane.hard if first - 0.5 <= mark.seconds < first]
        if any(abs(cut - first) < 0.1 for cut in clip.cuts):
            reason = translate("Timeline", "the scene changes")
        elif before:
            reason = translate("Timeline", "before that the face is {reason}").format(reason=before[-1].words)
    return f"{words}: {reason}" if reason else words


def exact_text(seconds: float) -> str:
    """Return a time as h:mm:ss.mmm, without hours where there are none."""
    thousandths = max(0, round(seconds * 1000))
    whole, rest = divmod(thousandths, 1000)
    return f"{clock_text(whole)}.{rest:03d}"
