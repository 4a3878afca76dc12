"""A finished result looked at again before it is called one: frames, times, sound, and a picture that is not blank."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from faceswap_desktop.media.video.carry import Treatment, codec_name
from faceswap_desktop.media.video.join import Copied, Joined, JoinWork
from faceswap_desktop.media.video.opening import is_still, open_video_file
from faceswap_desktop.media.video.reader import FrameReader

_EXACT_S: Final = 1e-6
_ROUNDED_S: Final = 0.00051
_MOST_SHIFT_S: Final = 0.15
"""Matroska has no times before 0: what begins with a piece of a sound packet is moved by so much at most, together."""
_TELL_EVERY: Final = 1024
_BLOCK: Final = 16 * 2**20
_BLANK_STD: Final = 1.0
"""Levels of luma, of 255."""
_CLEARLY_NOT_BLANK_STD: Final = 6.0


class ResultWrong(Exception):
    """A result is not what it has to be; the text says what is wrong."""


def check_result(work: JoinWork, joined: Joined, progress: Callable[[], None] = lambda: None) -> None:
    """Compare a result with what went into it.

    Args:
        work: What was joined.
        joined: What was written.
        progress: Called now and then; may raise to stop.

    Raises:
        ResultWrong: It differs.
        InputRefused: It cannot be opened.
    """
    if not work.path.is_file() or work.path.stat().st_size == 0:
        raise ResultWrong("the file is empty")
    with open_video_file(work.path) as (container, _):
        if len(container.streams) <= joined.picture or container.streams[joined.picture].type != "video":
            raise ResultWrong("the picture track is missing")
        _check_tracks(work, container)
        found = _read_packets(container, joined, progress)
    _check_times(work, joined, found)
    _check_picture(work, joined)


def _read_packets(container: InputContainer, joined: Joined, progress: Callable[[], None]) -> list[float]:
    """Return the frames' times, ascending, and compare the sound on the way."""
    copies = {place: Copied() for place in joined.tracks}
    times: list[float] = []
    wanted = [container.streams[place] for place in (joined.picture, *copies) if place < len(container.streams)]
    for number, packet in enumerate(container.demux(*cast("Any", wanted))):
        if number % _TELL_EVERY == 0:
            progress()
        if not packet.size:
            continue
        if packet.stream.index == joined.picture:
            if packet.pts is not None:
                times.append(float(packet.pts * packet.time_base))
        else:
            copies[packet.stream.index].add(bytes(packet))
    for track, (place, copied) in enumerate(joined.tracks.items(), 1):
        _check_sound(track, copied, copies[place], codec_name(container.streams[place]))
    return sorted(times)


def _check_sound(number: int, wanted: Copied, found: Copied, codec: str) -> None:
    # Samples without compression are cut into packets anew by every container; AAC may lose its headers.
    if found.packets != wanted.packets and not codec.startswith("pcm_"):
        raise ResultWrong(f"sound track {number} has {found.packets} packets instead of {wanted.packets}")
    if wanted.has_headers:
        return
    if (found.size, found.digest.digest()) != (wanted.size, wanted.digest.digest()):
        raise ResultWrong(f"sound track {number} differs from the original's")


def _check_tracks(work: JoinWork, container: InputContainer) -> None:
    kept = [track for track in work.tracks if track.treatment in {Treatment.COPY, Treatment.TEXT}]
    for kind in ("audio", "subtitle"):
        wanted = sum(track.kind == kind for track in kept)
        found = sum(stream.type == kind for stream in container.streams)
        if found != wanted:
            raise ResultWrong(f"there are {found} {kind} tracks instead of {wanted}")


def _check_times(work: JoinWork, joined: Joined, found: list[float]) -> None:
    wanted = np.array(joined.seconds)
    if len(found) != len(wanted):
        raise ResultWrong(f"there are {len(found)} frames instead of {len(wanted)}")
    apart = np.array(found) - wanted
    shift = 0.0
    if not work.target.is_exact:
        shift = float(np.median(apart))
    allowed = _EXACT_S if work.target.is_exact else _ROUNDED_S * 2
    worst = float(np.abs(apart - shift).max())
    if worst > allowed or abs(shift) > _MOST_SHIFT_S:
        raise ResultWrong(f"frames are shown up to {max(worst, abs(shift)) * 1000:.1f} ms off")


def _check_picture(work: JoinWork, joined: Joined) -> None:
    """Decode a few frames; where all are blank, look whether the original's are too."""
    last = len(joined.seconds) - 1
    places = sorted({0, last // 2, last})
    spreads = list(_spreads(work.path, [joined.seconds[place] for place in places]))
    if len(spreads) < len(places):
        raise ResultWrong("its frames cannot be decoded")
    if max(spreads) > _BLANK_STD:
        return
    with FrameReader(work.original, work.index, threads=1) as reader:
        span = len(work.frames) - 1
        originals = [reader.frame(work.frames.first + share * span // 2) for share in range(3)]
    if any(frame is not None and _spread(frame) > _CLEARLY_NOT_BLANK_STD for frame in originals):
        raise ResultWrong("its picture is blank")


def _spreads(path: Path, seconds: list[float]) -> Iterator[float]:
    with open_video_file(path) as (container, _):
        track = next(one for one in container.streams.video if not is_still(one))
        for stream in container.streams:
            stream.discard = av.stream.Discard.default if stream.index == track.index else av.stream.Discard.all
        for wanted in seconds:
            frame = _frame_at(container, track, wanted)
            if frame is not None:
                yield _spread(frame)


def _frame_at(container: InputContainer, track: VideoStream, seconds: float) -> VideoFrame | None:
    assert track.time_base is not None
    container.seek(int(seconds / track.time_base), stream=track, backward=True)
    half = _MOST_SHIFT_S
    latest: VideoFrame | None = None
    try:
        for frame in container.decode(track):
            latest = frame
            if frame.pts is not None and frame.time >= seconds - half:
                break
    except av.FFmpegError:
        return None
    return latest


def _spread(frame: VideoFrame) -> float:
    plane = frame.planes[0]
    bits = max(component.bits for component in frame.format.components)
    kind = np.uint16 if bits > 8 else np.uint8
    samples = np.frombuffer(memoryview(plane), kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)
    return float(samples[: plane.height, : plane.width].std()) * 255.0 / ((1 << bits) - 1)


def digest_of(path: Path, progress: Callable[[], None] = lambda: None) -> str:
    """Return a file's SHA-256, hexadecimal; ``progress`` is called now and then and may raise to stop."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            progress()
            digest.update(block)
    return digest.hexdigest()
