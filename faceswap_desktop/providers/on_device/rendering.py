"""How far the chunks of one video are: what is missing, what is finished, how fast it goes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.workers.render_requests import RenderedChunk

MOST_CHUNKS_PER_BLOCK: Final = 4
"""A worker gets so many neighbours at once, so that decoding goes on where it stands."""
LONGEST_BLOCK_S: Final = 20.0
"""A block should be done in about so long: a picture's job waits for a worker no longer than that."""
MOST_CRASHES: Final = 2
RATE_WINDOW_S: Final = 10.0

Block = tuple[tuple[int, FrameRange], ...]
"""Chunks that follow each other: number and frames."""


@dataclass
class Rate:
    """How fast frames are finished, over the last ten seconds."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, now: float, frames: int) -> None:
        """Write down how many frames have been done by now (``time.monotonic``)."""
        self._seen.append((now, frames))
        while len(self._seen) > 2 and self._seen[1][0] <= now - RATE_WINDOW_S:
            self._seen.popleft()

    @property
    def per_second(self) -> float:
        """Frames per second; 0.0 while that cannot be told."""
        if len(self._seen) < 2:
            return 0.0
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return max(0.0, (last - first) / (ended - began)) if ended - began >= 0.5 else 0.0


class Rendering:
    """The chunks of one job.

    Args:
        chunks: Frames of every chunk of the result, in order; a chunk's number is its place.
        finished: Those that lie whole in the scratch folder already.
    """

    def __init__(self, chunks: Iterable[FrameRange], finished: Iterable[RenderedChunk] = ()) -> None:
        self.chunks = tuple(chunks)
        self.finished = {chunk.number: chunk for chunk in finished}
        self.rate = Rate()
        self._missing = deque(number for number in range(len(self.chunks)) if number not in self.finished)
        self._partial: dict[int, int] = {}
        self._crashes: Counter[int] = Counter()
        # Counted along: a video of three hours has 5400 chunks and tells of itself twenty times a second.
        self._total_frames = sum(len(frames) for frames in self.chunks)
        self._finished_frames = self._frames_before = sum(len(self.chunks[number]) for number in self.finished)

    @property
    def total_frames(self) -> int:
        """Frames of the whole result."""
        return self._total_frames

    @property
    def finished_frames(self) -> int:
        """Frames of finished chunks, also of those from before."""
        return self._finished_frames

    @property
    def frames_in_hand(self) -> int:
        """Frames that are rendered, of chunks that are not finished."""
        return sum(self._partial.values())

    @property
    def frames_rendered_here(self) -> int:
        """Frames finished since this value was made, those in unfinished chunks too."""
        return self.finished_frames - self._frames_before + self.frames_in_hand

    @property
    def share(self) -> float:
        """How much of the frames is done, 0 to 1, those in unfinished chunks too."""
        return (self.finished_frames + self.frames_in_hand) / max(1, self.total_frames)

    @property
    def has_missing(self) -> bool:
        """Whether there are chunks at which nobody works."""
        return bool(self._missing)

    @property
    def whole(self) -> Block:
        """All chunks."""
        return tuple(enumerate(self.chunks))

    @property
    def ready(self) -> Block:
        """The chunks that are finished without a gap from the first one on."""
        ready: list[tuple[int, FrameRange]] = []
        for number, frames in enumerate(self.chunks):
            if number not in self.finished:
                break
            ready.append((number, frames))
        return tuple(ready)

    def take_block(self, workers: int) -> Block:
        """Take the foremost missing chunks that follow each other; as many as one worker should do in one go."""
        most = self._most_per_block(workers)
        numbers = [self._missing.popleft()]
        while self._missing and len(numbers) < most and self._missing[0] == numbers[-1] + 1:
            numbers.append(self._missing.popleft())
        return tuple((number, self.chunks[number]) for number in numbers)

    def take_all(self) -> Block:
        """Take every missing chunk."""
        numbers, self._missing = list(self._missing), deque()
        return tuple((number, self.chunks[number]) for number in numbers)

    def give_back(self, block: Block) -> None:
        """Somebody has stopped working at a block: what is not finished of it is missing again."""
        unfinished = [number for number, _ in block if number not in self.finished]
        self._missing = deque(sorted({*self._missing, *unfinished}))
        for number in unfinished:
            self._partial.pop(number, None)

    def note_frames(self, block: Block, frames: int, now: float) -> None:
        """Write down how many frames of the block's first unfinished chunk are done."""
        number = self.current(block)
        if number is not None:
            self._partial[number] = min(max(0, frames), len(self.chunks[number]))
            self.rate.note(now, self.frames_rendered_here)

    def note_finished(self, chunk: RenderedChunk, now: float) -> None:
        """Write down a finished chunk."""
        self._partial.pop(chunk.number, None)
        if chunk.number not in self.finished:
            self._finished_frames += len(self.chunks[chunk.number])
        self.finished[chunk.number] = chunk
        self.rate.note(now, self.frames_rendered_here)

    def note_crash(self, block: Block) -> int | None:
        """Write down that a worker crashed over a block; return the chunk that did it too often, or None."""
        number = self.current(block)
        if number is None:
            return None
        self._crashes[number] += 1
        return number if self._crashes[number] >= MOST_CRASHES else None

    def unfinished(self, block: Block) -> Block:
        """Return the chunks of a block that are not finished."""
        return tuple(one for one in block if one[0] not in self.finished)

    def current(self, block: Block) -> int | None:
        """Return the first chunk of a block that is not finished."""
        return next((number for number, _ in self.unfinished(block)), None)

    def forget(self, numbers: Iterable[int]) -> None:
        """Some finished chunks are no longer to be trusted."""
        for number in numbers:
            if self.finished.pop(number, None) is not None:
                self._finished_frames -= len(self.chunks[number])

    def _most_per_block(self, workers: int) -> int:
        # Towards the end blocks get shorter, so that all workers are busy until it comes.
        shared = -(-len(self._missing) // max(1, workers))
        most = min(MOST_CHUNKS_PER_BLOCK, shared)
        per_worker = self.rate.per_second / max(1, workers)
        if per_worker > 0 and self._missing:
            seconds = len(self.chunks[self._missing[0]]) / per_worker
            most = min(most, int(LONGEST_BLOCK_S / max(seconds, 1e-6)))
        return max(1, most)


def mean_similarity(chunks: Iterable[RenderedChunk]) -> float | None:
    """Return the mean of chunks' similarities, each weighed by its frames; None where none could be told."""
    told = [(chunk.similarity, chunk.frames) for chunk in chunks if chunk.similarity is not None]
    frames = sum(count for _, count in told)
    return sum(similarity * count for similarity, count in told) / frames if frames else None
