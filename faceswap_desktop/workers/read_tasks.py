"""Tasks that look into videos and listen to them. What is imported here is light: decoders, no checkpoints."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

import numpy as np
from av.video.frame import VideoFrame

from faceswap_desktop.domain.media import Fingerprint, Media
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media import refusals
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.media.video.index import DamagedIndex, VideoIndex, load_index
from faceswap_desktop.media.video.indexing import build_index
from faceswap_desktop.media.video.pixels import fitted, upright_rgb
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.media.video.sound import SoundReader
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.video_requests import (
    IndexedVideo,
    IndexVideo,
    OpenedVideo,
    OpenVideo,
    ReadFrames,
    ReadFramesReply,
    ReadSound,
    ReadSoundReply,
)

KEPT_READERS: Final = 2
KEPT_FRAME_BYTES: Final = 96 * 2**20
"""Decoded frames that one reader keeps, so that stepping back is as quick as stepping on."""
_MOST_KEPT_FRAMES: Final = 32
_SEARCHED_BACK: Final = 8
"""So many frames before one that cannot be decoded are tried in its place."""


def open_video(request: OpenVideo, context: TaskContext) -> OpenedVideo:
    """Read a video's header and decode its first frame; takes no longer for a longer video.

    Raises:
        InputRefused: See ``media.video.probing.probe_video``.
    """
    probed = probe_video(request.path, max_pixels=request.max_pixels)
    facts = probed.media.video
    assert facts is not None
    if not request.max_edge:
        return OpenedVideo(probed.media, None, 1.0)
    pixels = upright_rgb(probed.first, facts.rotation, request.max_edge, threads=context.threads)
    height, width = pixels.shape[:2]
    shared = context.share(pixels.data.cast("B"), width, height, 3)
    return OpenedVideo(probed.media, shared, width / probed.media.size.width)


def index_video(request: IndexVideo, context: TaskContext) -> IndexedVideo:
    """Number a video's frames by reading its packets; an index that is there is only read.

    Raises:
        InputRefused: The file is missing, has changed, or cannot be read.
        StorageError: The index cannot be written.
    """
    index = index_of(request.media, request.files, lambda share: context.report(share, "read the video"))
    facts, times = request.media.video, index.times
    assert facts is not None
    exact = replace(
        facts,
        seconds=times.end - times.of(0),
        frames=len(index),
        frames_per_second=index.frames_per_second,
        is_variable=index.is_variable,
    )
    keys = tuple(int(key) for key in index.key_frames if key >= 0)
    return IndexedVideo(replace(request.media, video=exact), times, keys, index.notes)


def index_of(media: Media, files: VideoFiles, report: Callable[[float], None] = lambda _: None) -> VideoIndex:
    """Load a video's index, or make and write it where it is not there or not whole.

    Raises:
        InputRefused: The file is missing, has changed, or cannot be read.
        StorageError: The index cannot be written.
    """
    try:
        return load_index(files.index)
    except DamagedIndex:
        pass
    check_same(media.path, media.fingerprint)
    facts = media.video
    assert facts is not None
    index = build_index(
        media.path, size=(facts.coded_width, facts.coded_height), pixel_format=facts.pixel_format, report=report
    )
    with mapped_errors(Path(files.folder)):
        Path(files.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(Path(files.index), index.to_bytes())
    return index


def check_same(path: str, known: Fingerprint) -> None:
    """Refuse a file that is gone or no longer the one that was opened; its time alone does not count.

    Raises:
        InputRefused: Kind ``missing`` or ``changed``.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        raise refusals.refuse_os_error(path, error) from error
    if (status.st_size, status.st_mtime_ns) == (known.size_bytes, known.modified_ns):
        return
    now = fingerprint(path)
    if (now.size_bytes, now.quick_digest) != (known.size_bytes, known.quick_digest):
        raise refusals.replaced(path)


def read_frames(request: ReadFrames, context: TaskContext) -> ReadFramesReply:
    """Decode frames for the screen; the decoder stays where it is for the next call.

    Raises:
        InputRefused: The file is gone, has changed, or can no longer be read.
    """
    facts = request.media.video
    assert facts is not None
    reader = kept_reader(request.media, request.files, context.threads)
    coded = fitted(facts.coded_width, facts.coded_height, request.max_edge)
    width, height = coded[::-1] if facts.rotation in {90, 270} else coded
    scale = width / request.media.size.width
    if not request.numbers:
        return ReadFramesReply((), None, width, height, scale)
    stack = np.zeros((len(request.numbers), height, width, 3), np.uint8)
    unreadable: list[int] = []
    for place, (number, frame) in enumerate(reader.frames(request.numbers)):
        context.check_stopped()
        if frame is not None:
            stack[place] = upright_rgb(frame, facts.rotation, request.max_edge, threads=context.threads)
        elif place:
            stack[place] = stack[place - 1]
        unreadable += [number] if frame is None else []
    if unreadable and unreadable[0] == request.numbers[0]:
        before = _readable_before(reader, request.numbers[0])
        if before is not None:
            pixels = upright_rgb(before, facts.rotation, request.max_edge, threads=context.threads)
            for place in range(_run_length(unreadable, request.numbers)):
                stack[place] = pixels
    shared = context.share(stack.data.cast("B"), width, height * len(stack), 3)
    return ReadFramesReply(request.numbers, shared, width, height, scale, tuple(unreadable))


def _readable_before(reader: FrameReader, number: int) -> VideoFrame | None:
    for earlier in range(number - 1, max(-1, number - 1 - _SEARCHED_BACK), -1):
        frame = reader.frame(earlier)
        if frame is not None:
            return frame
    return None


def _run_length(unreadable: Sequence[int], numbers: Sequence[int]) -> int:
    """Return with how many unreadable ones the numbers begin."""
    return next((at for at, number in enumerate(numbers) if number not in unreadable), len(numbers))


def read_sound(request: ReadSound, context: TaskContext) -> ReadSoundReply:
    """Decode sound; the decoder stays where it is for the next call.

    Raises:
        InputRefused: The file is gone or cannot be read.
    """
    del context
    try:
        status = Path(request.path).stat()
    except (OSError, ValueError) as error:
        raise refusals.refuse_os_error(request.path, error) from error
    key = (request.path, status.st_size, status.st_mtime_ns, request.track, request.rate)
    reader = _sounds.get(key, lambda: SoundReader(request.path, request.track, request.rate))
    return ReadSoundReply(reader.read(request.start_s, request.seconds))


# ------------------------------------------------------------------------------------- what is kept between calls


class _Closeable(Protocol):
    def close(self) -> None: ...


_T = TypeVar("_T", bound=_Closeable)


class Kept(Generic[_T]):
    """The last few things that were opened, the latest last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: OrderedDict[Hashable, _T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what is kept under a key, made first if need be; the oldest is closed where there are too many."""
        if key not in self._items:
            while len(self._items) >= self._most:
                self._items.popitem(last=False)[1].close()
            self._items[key] = make()
        self._items.move_to_end(key)
        return self._items[key]

    def forget(self) -> None:
        """Close everything."""
        while self._items:
            self._items.popitem()[1].close()


_readers: Kept[FrameReader] = Kept(KEPT_READERS)
_sounds: Kept[SoundReader] = Kept(KEPT_READERS)


def forget_kept() -> None:
    """Close the files that are kept open between calls."""
    _readers.forget()
    _sounds.forget()


def kept_reader(media: Media, files: VideoFiles, threads: int) -> FrameReader:
    """Return a video's reader, which stands where it was left.

    Raises:
        InputRefused: The file is gone, has changed, or cannot be read.
        StorageError: Its index was not there and cannot be written.
    """
    check_same(media.path, media.fingerprint)

    def make() -> FrameReader:
        index = index_of(media, files)
        bytes_of_frame = max(1, index.width * index.height * 2)
        kept = max(1, min(_MOST_KEPT_FRAMES, KEPT_FRAME_BYTES // bytes_of_frame))
        return FrameReader(media.path, index, threads=threads, keep_back=kept)

    return _readers.get((media.id, files.index, threads), make)


TASKS: Final[dict[str, Task]] = {
    "open_video": open_video,
    "index_video": index_video,
    "read_frames": read_frames,
    "read_sound": read_sound,
}
