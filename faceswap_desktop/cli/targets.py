"""The file that a command works on: a picture with its faces, or a video with the people in it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from faceswap_desktop.cli.arguments import clock_time, plain_path
from faceswap_desktop.cli.console import Console, file_name
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.video import FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.media.kind import kind_of

_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Target:
    """What a command works on.

    Attributes:
        media: The picture or video.
        faces: Its faces, largest first; of a video the best picture of each person, most seen first.
        analysis: Of a video: who is where.
        times: Of a video: when its frames are shown.
    """

    media: Media
    faces: tuple[DetectedFace, ...]
    analysis: VideoAnalysis | None = None
    times: FrameTimes | None = None

    @property
    def is_video(self) -> bool:
        """Whether it is a video."""
        return self.media.kind is MediaKind.VIDEO

    def seconds_at(self, frame: int) -> float:
        """Return when a frame of a video is shown, counted from its first one."""
        return self.times.of(frame) - self.times.of(0) if self.times is not None else 0.0


async def open_target(program: Program, path: str, console: Console) -> Target:
    """Find the faces of a picture, or look through a video.

    How far that is, and what is worth saying of the file, goes to standard error.

    Raises:
        InputRefused: The file will not do.
    """
    path = str(plain_path(path))
    if kind_of(path) is not MediaKind.VIDEO:
        media, faces = await program.detection.detect(path)
        for note in media.notes:
            console.note(note)
        return Target(media, faces)
    index = await program.videos.index(await program.videos.probe(path))
    name = file_name(path)
    analysis = await program.videos.analyse(
        index.media, lambda share: console.progress(f"looking:{path}", name, share, "look through the video")
    )
    console.close()
    for note in (*index.media.notes, *index.notes, *analysis.notes):
        console.note(note)
    faces = tuple(identity.best_face for identity in analysis.identities)
    return Target(index.media, faces, analysis, index.times)


def no_face(target: Target) -> InputRefused:
    """Say that nobody was found."""
    return InputRefused(
        message("No face was found in “{name}”.", name=file_name(target.media.path)),
        message("Use a video in which a face is at least 24 pixels high and not covered.")
        if target.is_video
        else message("Use a picture in which a face is at least 24 pixels high and not covered."),
        kind="no-face",
    )


def faces_named(which: str, target: Target) -> list[int]:
    """Return the numbers of the faces that an argument names: one of them, or ``all``.

    Raises:
        UsageError: There is no such face.
    """
    if which == "all":
        return [face.index for face in target.faces]
    known = {str(face.index): face.index for face in target.faces}
    if which not in known:
        raise UsageError(
            message("There is no face {which} in the target.", which=which),
            message("It has one, number 0.")
            if len(known) == 1
            else message("It has {count}, numbered from 0.", count=len(known)),
        )
    return [known[which]]


def add_time_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--in`` and ``--out``."""
    from faceswap_desktop.cli.arguments import moment

    for name, text in (("in", "start"), ("out", "end")):
        parser.add_argument(
            f"--{name}",
            dest=f"time_{name}",
            metavar="TIME",
            type=moment,
            help=f"{text} of the part of a video that the result holds: seconds, or h:mm:ss.mmm",
        )


def trim_of(target: Target, time_in: float | None, time_out: float | None) -> FrameRange | None:
    """Return the frames between two times, counted from the first frame; None for all of them.

    The first one is the frame that is on the screen at ``time_in``; the last one is shown before ``time_out``.

    Raises:
        UsageError: The target is a picture, or no frame lies between them.
    """
    if time_in is None and time_out is None:
        return None
    if target.times is None:
        raise UsageError(message("--in and --out are for videos."), message("The target is a picture."))
    times, origin = target.times, target.times.of(0)
    length = times.end - origin
    first = 0 if time_in is None else times.frame_at(origin + time_in)
    end = len(times)
    if time_out is not None and time_out < length:
        last = times.frame_at(origin + time_out)
        end = last + 1 if times.of(last) < origin + time_out - _ROUNDING_S else last
    if first >= end or (time_in is not None and time_in >= length):
        raise UsageError(
            message("No frame of the video lies between --in and --out."),
            message("It is {seconds} s long; --in has to be before --out.", seconds=f"{length:.3f}"),
        )
    return FrameRange(first, end)


def people_lines(target: Target) -> Sequence[str]:
    """Describe the people in a video, a line each."""
    lines = []
    for identity in target.analysis.identities if target.analysis is not None else ():
        spans = ", ".join(
            f"{target.seconds_at(span.first):.2f}–{target.seconds_at(span.end):.2f} s" for span in identity.spans
        )
        box = identity.best_face.box
        name = f" {identity.name}" if identity.name else ""
        lines.append(
            f"  {identity.index}:{name} {identity.frames} frames, {spans},"
            f" best at {clock_time(target.seconds_at(identity.best_frame))}"
            f" around {(box.left + box.right) / 2:.0f},{(box.top + box.bottom) / 2:.0f},"
            f" {box.right - box.left:.0f} px wide"
        )
    return lines
