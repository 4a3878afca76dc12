"""Short clips made from the two sample pictures, with the truth about where each face is in every frame.

A clip is a row of scenes; in a scene, actors (the faces of the sample pictures, cut out with hair and shoulders) follow
paths over a drawn background. ``make_clip`` writes it with PyAV; subtitles are added by the ``ffmpeg`` program, without
touching the picture. Frames are given upright: a clip with a rotation holds them turned.

    clip = make_clip(tmp_path / "two.mp4", [two_people(1.0)], sound=(Sound(440.0), Sound(660.0, language="deu")))
    clip.truth[12]["collins"]   # (2, 3): from pixels of eileen_collins.png to pixels of the upright frame 12
"""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.resources import resource_path

Rgb = NDArray[np.uint8]
Matrix = NDArray[np.float64]

os.environ.setdefault("SVT_LOG", "1")  # else the AV1 encoder tells its life on standard error

TICK: Final = Fraction(1, 90_000)
"""Time base of the picture track."""


# ------------------------------------------------------------------------------------------------------------- actors


@dataclass(frozen=True)
class Person:
    """A sample picture and the detector's box of the face in it: middle and height in pixels."""

    file: str
    middle: tuple[float, float]
    height: float


PEOPLE: Final = {
    "collins": Person("eileen_collins.png", (223.2, 119.5), 113.9),
    "hopper": Person("grace_hopper.jpg", (267.7, 226.3), 212.5),
}


class Place(NamedTuple):
    """Where a face is: its middle in shares of the frame's width and height, its height in shares of the frame's.

    ``roll`` leans the head clockwise, in degrees.
    """

    x: float = 0.5
    y: float = 0.5
    height: float = 0.5
    roll: float = 0.0


Path_ = Callable[[float], Place | None]
"""From seconds since the scene began to the place of a face; None where it is not in the picture."""

Effect = Callable[[Rgb, float], Rgb]
"""Changes a frame; told the seconds since the scene began."""


@dataclass(frozen=True)
class Actor:
    """A face that follows a path.

    Attributes:
        person: A key of ``PEOPLE``.
        path: Where it is.
        reach: Half the size of the cut-out in heights of the face; 0 for the whole picture.
        key: Its name in the truth; the person's where empty.
    """

    person: str
    path: Path_
    reach: float = 1.15
    key: str = ""

    @property
    def name(self) -> str:
        return self.key or self.person


@dataclass(frozen=True)
class Scene:
    """What is seen for some seconds. Later actors pass before earlier ones."""

    seconds: float
    actors: tuple[Actor, ...] = ()
    effects: tuple[Effect, ...] = ()
    background: int = 0


def still(place: Place = Place()) -> Path_:  # noqa: B008 - frozen
    """Stay in one place."""
    return lambda _seconds: place


def line(start: Place, end: Place, seconds: float) -> Path_:
    """Go from one place to another at an even pace, and stay there."""

    def at(now: float) -> Place:
        share = min(1.0, now / seconds)
        return Place(*(a + (b - a) * share for a, b in zip(start, end, strict=True)))

    return at


def rolling(place: Place = Place(), degrees_per_second: float = 90.0) -> Path_:  # noqa: B008 - frozen
    """Turn in the picture plane."""
    return lambda now: place._replace(roll=place.roll + degrees_per_second * now)


def swaying(place: Place = Place(), width: float = 0.15, period: float = 1.0) -> Path_:  # noqa: B008 - frozen
    """Swing to the left and right, leaning with it."""

    def at(now: float) -> Place:
        swing = float(np.sin(2 * np.pi * now / period))
        return place._replace(x=place.x + width * swing, roll=place.roll + 12 * swing)

    return at


def away(path: Path_, start: float, end: float) -> Path_:
    """Follow a path, but be out of the picture from ``start`` to ``end`` seconds."""
    return lambda now: None if start <= now < end else path(now)


# ------------------------------------------------------------------------------------------------------------- effects


def dark(gain: float = 0.12, start: float = 0.0, end: float = 1e9) -> Effect:
    """Take most of the light away for some time."""
    table = np.round(np.arange(256) * gain).astype(np.uint8)
    return lambda frame, now: cv2.LUT(frame, table).astype(np.uint8, copy=False) if start <= now < end else frame


def flash(at: float, seconds: float = 0.05) -> Effect:
    """A flash: nearly white for a moment."""

    def change(frame: Rgb, now: float) -> Rgb:
        return (frame // 5 + 200).astype(np.uint8) if at <= now < at + seconds else frame

    return change


def blurred(share: float = 0.02, start: float = 0.0, end: float = 1e9) -> Effect:
    """Blur by a share of the frame's height for some time."""

    def change(frame: Rgb, now: float) -> Rgb:
        if not start <= now < end:
            return frame
        return np.asarray(cv2.GaussianBlur(frame, (0, 0), share * frame.shape[0]), dtype=np.uint8)

    return change


def bar(start: float, end: float, width: float = 0.12, colour: tuple[int, int, int] = (30, 90, 40)) -> Effect:
    """Let an upright bar pass over the picture from left to right between two times; width in shares of the frame's."""

    def change(frame: Rgb, now: float) -> Rgb:
        if not start <= now < end:
            return frame
        frame, columns = frame.copy(), frame.shape[1]
        left = int((-width + (1 + width) * (now - start) / (end - start)) * columns)
        frame[:, max(0, left) : max(0, left + int(width * columns))] = colour
        return frame

    return change


def cover(start: float, end: float, place: Place, colour: tuple[int, int, int] = (40, 60, 120)) -> Effect:
    """Lay a plain disc over a place for some time; its height is that of the place."""

    def change(frame: Rgb, now: float) -> Rgb:
        if not start <= now < end:
            return frame
        height, width = frame.shape[:2]
        middle = round(place.x * width), round(place.y * height)
        return np.asarray(
            cv2.circle(frame.copy(), middle, round(place.height * height / 2), colour, -1), dtype=np.uint8
        )

    return change


# -------------------------------------------------------------------------------------------------------------- scenes


def one_person(seconds: float = 1.0, person: str = "collins", path: Path_ | None = None, *effects: Effect) -> Scene:
    """One face, swaying unless a path is given."""
    return Scene(seconds, (Actor(person, swaying() if path is None else path),), effects)


def two_people(seconds: float = 1.0, height: float = 0.4, *effects: Effect) -> Scene:
    """Two faces side by side, swaying a little."""
    return Scene(
        seconds,
        (
            Actor("collins", swaying(Place(0.28, 0.5, height), 0.03)),
            Actor("hopper", swaying(Place(0.72, 0.5, height), 0.03, 1.3)),
        ),
        effects,
    )


def crossing(seconds: float = 2.0, height: float = 0.35) -> Scene:
    """Two faces that pass each other, one before the other."""
    left, right = Place(0.2, 0.5, height), Place(0.8, 0.5, height)
    return Scene(seconds, (Actor("collins", line(left, right, seconds)), Actor("hopper", line(right, left, seconds))))


def no_faces(seconds: float = 1.0, background: int = 1) -> Scene:
    """A background that nobody stands before."""
    return Scene(seconds, (), (), background)


# ---------------------------------------------------------------------------------------------------------- the picture


@cache
def _picture(person: str) -> Rgb:
    with Image.open(resource_path("samples", PEOPLE[person].file)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


@cache
def _cut_out(person: str, reach: float) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Return colours and alpha, (height, width, 4) float32 premultiplied, and where it lies in the sample."""
    picture, who = _picture(person), PEOPLE[person]
    height, width = picture.shape[:2]
    if not reach:
        alpha = np.ones((height, width), np.float32)
        left, top, right, bottom = 0, 0, width, height
    else:
        half = reach * who.height
        left, top = max(0, int(who.middle[0] - half)), max(0, int(who.middle[1] - half))
        right, bottom = min(width, int(who.middle[0] + half)), min(height, int(who.middle[1] + 1.15 * half))
        ys, xs = np.mgrid[top:bottom, left:right].astype(np.float32) + 0.5
        away_from = np.hypot((xs - who.middle[0]) / (0.8 * half), (ys - who.middle[1] - 0.1 * half) / half)
        alpha = np.clip((1.0 - away_from) * 8, 0, 1)
    colours = picture[top:bottom, left:right].astype(np.float32) * alpha[..., None]
    return np.dstack([colours, alpha]).astype(np.float32), (left, top)


@cache
def _background(size: tuple[int, int], number: int) -> Rgb:
    """A soft landscape of gradients and blocks; another for every number."""
    width, height = size
    random = np.random.default_rng(number + 7)
    coarse = random.integers(40, 210, (5, 8, 3)).astype(np.uint8)
    soft = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(random.integers(0, 24, (height // 3 + 1, width // 3 + 1, 3)).astype(np.uint8), size)
    frame = cv2.add(soft, grain).astype(np.uint8)
    frame.setflags(write=False)
    return frame


def placement(person: str, place: Place, size: tuple[int, int]) -> Matrix:
    """Return the matrix (2, 3) from pixels of the sample to pixels of a frame; both counted from the corner."""
    who = PEOPLE[person]
    scale = place.height * size[1] / who.height
    angle = np.radians(place.roll)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = np.array([place.x * size[0], place.y * size[1]]) - linear @ np.array(who.middle)
    return np.column_stack([linear, shift])


def draw_frame(scene: Scene, now: float, size: tuple[int, int]) -> tuple[Rgb, dict[str, Matrix]]:
    """Draw one upright frame of a scene, ``now`` seconds after it began; return it and where each face is."""
    frame: Rgb = _background(size, scene.background).copy()
    truth: dict[str, Matrix] = {}
    for actor in scene.actors:
        place = actor.path(now)
        if place is None:
            continue
        matrix = placement(actor.person, place, size)
        truth[actor.name] = matrix
        _lay_over(frame, actor, matrix)
    for effect in scene.effects:
        frame = effect(frame, now)
    return np.ascontiguousarray(frame), truth


def _lay_over(frame: Rgb, actor: Actor, matrix: Matrix) -> None:
    layer, (left, top) = _cut_out(actor.person, actor.reach)
    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ np.array([left, top])
    corners = np.array([[0, 0], [layer.shape[1], 0], [0, layer.shape[0]], layer.shape[1::-1]])
    placed = corners @ shifted[:, :2].T + shifted[:, 2]
    low = np.maximum(np.floor(placed.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(placed.max(axis=0)).astype(int), [frame.shape[1], frame.shape[0]])
    if (high <= low).any():
        return
    # OpenCV counts from the middle of the first pixel.
    shifted[:, 2] += shifted[:, :2] @ np.array([0.5, 0.5]) - 0.5 - low
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    flags = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA
    size = int(high[0] - low[0]), int(high[1] - low[1])
    if scale < 0.5:
        # Sampling alone would alias.
        step = int(1 / scale)
        layer = np.asarray(cv2.blur(layer, (step, step)), dtype=np.float32)
    warped = cv2.warpAffine(layer, shifted, size, flags=flags & 1)
    part = frame[low[1] : high[1], low[0] : high[0]]
    part[:] = np.clip(part * (1 - warped[..., 3:]) + warped[..., :3] + 0.5, 0, 255).astype(np.uint8)


# ------------------------------------------------------------------------------------------------------------ the file


@dataclass(frozen=True)
class Sound:
    """A sound track: a sine."""

    hertz: float = 440.0
    codec: str = "aac"
    channels: int = 2
    rate: int = 48_000
    language: str = "eng"
    title: str = ""


@dataclass(frozen=True)
class Clip:
    """What was written.

    Attributes:
        path: The file.
        size: Width and height of the upright frames.
        times: When each frame is shown, in seconds.
        truth: Per frame, where each face is: from pixels of the sample to pixels of the upright frame.
        cuts: First frames of later scenes.
    """

    path: Path
    size: tuple[int, int]
    times: tuple[float, ...]
    truth: tuple[Mapping[str, Matrix], ...]
    cuts: tuple[int, ...] = ()

    @property
    def frames(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Coding:
    """How the picture track is written.

    Attributes:
        codec: FFmpeg's name of the encoder.
        pixel_format: FFmpeg's name.
        options: For the encoder; a quick x264 where empty.
        matrix: ``bt709``, ``bt470bg`` or ``smpte170m``: how the colours are turned into YUV, and what the file says.
        full_range: Whether luma uses 0 to 255.
        key_every: Frames between key frames; 0 leaves it to the encoder.
    """

    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    matrix: str = "bt709"
    full_range: bool = False
    key_every: int = 0


_QUICK: Final[dict[str, dict[str, str]]] = {
    "libx264": {"preset": "ultrafast", "crf": "20", "threads": "1"},
    "libx265": {"preset": "ultrafast", "crf": "20", "x265-params": "log-level=none:pools=1:frame-threads=1"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "0", "threads": "1"},
    "libsvtav1": {"preset": "12", "crf": "30"},
    "mpeg4": {"qscale": "3"},
}
_MATRICES: Final = {"bt709": (1, "ITU709"), "bt470bg": (5, "ITU601"), "smpte170m": (6, "ITU601")}


def even_times(seconds: float, rate: float = 30.0) -> tuple[float, ...]:
    """Return the times of frames at an even rate."""
    return tuple(number / rate for number in range(max(1, round(seconds * rate))))


def uneven_times(seconds: float, rate: float = 30.0) -> tuple[float, ...]:
    """Return times with a variable rate: every third frame is late, and in the middle some are left out."""
    count = max(1, round(seconds * rate))
    middle = range(count // 2, count // 2 + 4)
    return tuple((n + (0.4 if n % 3 == 1 else 0.0)) / rate for n in range(count) if n not in middle)


def make_clip(
    path: Path,
    scenes: Sequence[Scene],
    *,
    size: tuple[int, int] = (640, 360),
    rate: float = 30.0,
    times: Sequence[float] | None = None,
    coding: Coding = Coding(),
    sound: Sequence[Sound] = (),
    subtitles: Sequence[tuple[float, float, str]] = (),
    subtitle_tracks: int = 1,
    chapters: Sequence[tuple[float, float, str]] = (),
    rotation: int = 0,
    metadata: Mapping[str, str] | None = None,
) -> Clip:
    """Write a clip; the container follows from the name's extension (.mp4 .mov .mkv .webm .avi .gif .webp).

    Args:
        path: Where to; replaced if it is there.
        scenes: One after the other.
        size: Width and height of the upright frames.
        rate: Frames per second.
        times: When each frame is shown, instead of an even rate; ascending from 0. The last one lasts ``1 / rate``.
        coding: How the picture is written; not used for GIF and WebP.
        sound: Sound tracks.
        subtitles: Start, end and text of each line.
        subtitle_tracks: In how many tracks they are written.
        chapters: Start, end and title of each.
        rotation: Degrees by which the coded picture has to be turned clockwise to stand upright: 0, 90, 180, 270;
            MP4 and MOV only.
        metadata: Of the container.
    """
    seconds = sum(scene.seconds for scene in scenes)
    shown = tuple(even_times(seconds, rate) if times is None else times)
    drawing = _Drawing(scenes, size, shown)
    if path.suffix in {".gif", ".webp"}:
        _write_animation(path, drawing, rate)
    else:
        bare = path.with_name(f"bare-{path.name}") if subtitles else path
        writer = _Writer(bare, size, rate, replace(coding), tuple(sound), rotation)
        writer.write(drawing, seconds, chapters, metadata or {})
        if bare != path:
            _add_subtitles(bare, path, subtitles, subtitle_tracks)
            bare.unlink()
        if rotation:
            _turn(path, rotation)
    return Clip(path, size, shown, tuple(drawing.truth), drawing.cuts)


class _Drawing:
    """Draws frame after frame, and keeps the truth."""

    def __init__(self, scenes: Sequence[Scene], size: tuple[int, int], times: Sequence[float]) -> None:
        self.scenes, self.size, self.times = tuple(scenes), size, times
        self.truth: list[dict[str, Matrix]] = []
        self._borders = np.concatenate([[0.0], np.cumsum([scene.seconds for scene in scenes])])
        numbers = [self._scene_at(now) for now in times]
        self.cuts = tuple(number + 1 for number, (one, two) in enumerate(pairwise(numbers)) if one != two)

    def _scene_at(self, now: float) -> int:
        return min(int(np.searchsorted(self._borders, now + 1e-9, side="right")) - 1, len(self.scenes) - 1)

    def frames(self) -> Iterator[tuple[float, Rgb]]:
        self.truth.clear()
        for now in self.times:
            number = self._scene_at(now)
            frame, truth = draw_frame(self.scenes[number], now - float(self._borders[number]), self.size)
            self.truth.append(truth)
            yield now, frame


class _Writer:
    def __init__(
        self, path: Path, size: tuple[int, int], rate: float, coding: Coding, sound: tuple[Sound, ...], rotation: int
    ) -> None:
        self._path, self._size, self._rate, self._coding = path, size, rate, coding
        self._sound, self._rotation = sound, rotation

    def write(
        self,
        drawing: _Drawing,
        seconds: float,
        chapters: Sequence[tuple[float, float, str]],
        metadata: Mapping[str, str],
    ) -> None:
        with av.open(str(self._path), "w") as container:
            container.metadata.update(metadata)
            if chapters:
                container.set_chapters([_chapter(number, *chapter) for number, chapter in enumerate(chapters)])
            video: Any = self._video_stream(container)
            sounds = [(_sound_stream(container, one), one) for one in self._sound]
            waiting = [_sound_frames(one, seconds) for one in self._sound]
            for now, frame in drawing.frames():
                for packet in video.encode(self._coded(frame, now)):
                    container.mux(packet)
                for (stream, _), frames in zip(sounds, waiting, strict=True):
                    _encode_sound(container, stream, frames, now)
            for packet in video.encode():
                container.mux(packet)
            for (stream, _), frames in zip(sounds, waiting, strict=True):
                _encode_sound(container, stream, frames, None)
                for packet in stream.encode():
                    container.mux(packet)

    def _video_stream(self, container: Any) -> Any:
        coding = self._coding
        width, height = self._size if self._rotation % 180 == 0 else self._size[::-1]
        rate = Fraction(self._rate).limit_denominator(1001)
        options = {**_QUICK.get(coding.codec, {}), **coding.options}
        stream = container.add_stream(coding.codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, coding.pixel_format
        if coding.codec != "mpeg4":  # its times have at most 16 bits
            stream.time_base = stream.codec_context.time_base = TICK
        if coding.key_every:
            stream.codec_context.gop_size = coding.key_every
        tags = stream.codec_context
        number = _MATRICES[coding.matrix][0]
        tags.colorspace = tags.color_primaries = number
        tags.color_trc = 1 if number == 1 else 6
        tags.color_range = 2 if coding.full_range else 1
        tags.thread_count = 1
        return stream

    def _coded(self, frame: Rgb, now: float) -> Any:
        turned = np.ascontiguousarray(np.rot90(frame, self._rotation // 90))  # against the clock
        coded = av.VideoFrame.from_ndarray(turned, "rgb24").reformat(
            format=self._coding.pixel_format,
            dst_colorspace=_MATRICES[self._coding.matrix][1],
            dst_color_range="JPEG" if self._coding.full_range else "MPEG",
        )
        base = Fraction(1, round(self._rate)) if self._coding.codec == "mpeg4" else TICK
        coded.pts, coded.time_base = round(now / base), base
        return coded


def _chapter(number: int, start: float, end: float, title: str) -> Any:
    base = Fraction(1, 1000)
    return {
        "id": number,
        "start": round(start / base),
        "end": round(end / base),
        "time_base": base,
        "metadata": {"title": title},
    }


def _sound_stream(container: Any, sound: Sound) -> Any:
    stream = container.add_stream(sound.codec, rate=sound.rate)
    stream.codec_context.layout = "stereo" if sound.channels == 2 else "mono"
    stream.metadata["language"] = sound.language
    if sound.title:
        stream.metadata["title"] = sound.title
    return stream


def _sound_frames(sound: Sound, seconds: float, block: int = 960) -> Iterator[tuple[float, Any]]:
    total = round(seconds * sound.rate)
    for start in range(0, total, block):
        at = np.arange(start, min(start + block, total)) / sound.rate
        wave = np.round(8000 * np.sin(2 * np.pi * sound.hertz * at)).astype(np.int16)
        interleaved = np.repeat(wave, sound.channels)[None]
        frame = av.AudioFrame.from_ndarray(interleaved, "s16", "stereo" if sound.channels == 2 else "mono")
        frame.sample_rate, frame.pts, frame.time_base = sound.rate, start, Fraction(1, sound.rate)
        yield start / sound.rate, frame


def _encode_sound(container: Any, stream: Any, frames: Iterator[tuple[float, Any]], until: float | None) -> None:
    for at, frame in frames:
        for packet in stream.encode(frame):
            container.mux(packet)
        if until is not None and at >= until:
            return


def _write_animation(path: Path, drawing: _Drawing, rate: float) -> None:
    pictures = [Image.fromarray(frame) for _, frame in drawing.frames()]
    times = [*drawing.times, drawing.times[-1] + 1 / rate]
    lengths = [round(1000 * (two - one)) for one, two in pairwise(times)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=lengths, loop=0)


def _add_subtitles(bare: Path, path: Path, subtitles: Sequence[tuple[float, float, str]], tracks: int) -> None:
    """Add subtitles by the ``ffmpeg`` program; packets of picture and sound are copied."""
    blocks = [f"{n + 1}\n{_stamp(a)} --> {_stamp(b)}\n{words}\n" for n, (a, b, words) in enumerate(subtitles)]
    text = bare.with_suffix(".srt")
    text.write_text("\n".join(blocks), encoding="utf-8")
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(bare), *["-i", str(text)] * tracks]
    command += ["-map", "0:v", "-map", "0:a?", *(part for n in range(tracks) for part in ("-map", str(n + 1)))]
    codec = {".mp4": "mov_text", ".mov": "mov_text", ".webm": "webvtt"}.get(path.suffix, "srt")
    command += ["-c", "copy", "-c:s", codec, "-metadata:s:s", "language=eng", "-map_metadata", "0"]
    if path.suffix in {".mp4", ".mov"}:
        command += ["-video_track_timescale", str(TICK.denominator)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=60)
    text.unlink()


def _turn(path: Path, degrees: int) -> None:
    """Write the turn into an MP4's or MOV's picture track, clockwise."""
    data = bytearray(path.read_bytes())
    moov = data.rindex(b"moov")
    while True:
        header = data.index(b"tkhd", moov) + 4
        matrix = header + (52 if data[header] == 1 else 40)
        if any(data[matrix + 36 : matrix + 44]):  # width and height: sound has none
            break
        moov = header
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    one = 1 << 16
    values = (cos * one, sin * one, 0, -sin * one, cos * one, 0, 0, 0, 1 << 30)
    data[matrix : matrix + 36] = struct.pack(">9i", *values)
    path.write_bytes(data)


def _stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"
