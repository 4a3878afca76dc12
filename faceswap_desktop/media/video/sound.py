"""The sound of a video at any place, as 16-bit stereo."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from faceswap_desktop.media.video.opening import only, open_container, packets_of, translated

Samples = NDArray[np.int16]

_LEAD_SECONDS: Final = 0.3
"""Decoders need some packets before the one that is wanted until they are right."""
_NEAR_SECONDS: Final = 2.0
"""So far ahead is rather decoded in passing than jumped to."""
_GAP_SECONDS: Final = 0.03
"""Times that are off by less are rounded ones: the samples follow each other."""


class SoundReader:
    """Decodes one sound track; reading on from where the last read ended costs no seek.

    Args:
        path: The video.
        track: Number of the sound track, from 0. One that is not there, or cannot be decoded, is silent.
        rate: Samples per second wanted.

    Raises:
        InputRefused: As ``opening.open_container``.
    """

    def __init__(self, path: str | os.PathLike[str], track: int = 0, rate: int = 48_000) -> None:
        self.rate = rate
        self._path = path
        self._number = track
        self._open()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._container.close()

    def read(self, start_s: float, seconds: float) -> bytes:
        """Return signed 16-bit stereo, interleaved, exactly ``round(seconds * rate)`` samples per channel.

        Args:
            start_s: From when on, in seconds from the file's own zero; may be negative.
            seconds: How much.

        Raises:
            InputRefused: The file can no longer be read.
        """
        first, count = round(start_s * self.rate), max(0, round(seconds * self.rate))
        wanted = np.zeros((count, 2), np.int16)
        if self._track is not None and count:
            try:
                if not self._from <= first <= self._end + _NEAR_SECONDS * self.rate and not self._is_after_end(first):
                    self._jump(self._track, start_s)
                while self._end < first + count and not self._is_over:
                    self._decode(self._track, first)
            except OSError as error:
                raise translated(self._path, error) from error
            for start, samples in self._pieces:
                _lay(wanted, samples, start - first)
        return wanted.tobytes()

    # ------------------------------------------------------------------------------------------------- insides

    def _open(self) -> None:
        self._container, _ = open_container(self._path)
        tracks = self._container.streams.audio
        known = self._number < len(tracks) and tracks[self._number].codec_context is not None
        self._track = tracks[self._number] if known else None
        if self._track is not None:
            only(self._container, self._track)
            # Before a track's beginning there is silence.
            self._begin(self._track, -(2**62))

    def _begin(self, track: AudioStream, held_from: int) -> None:
        self._packets: Iterator[Packet[AudioStream]] = packets_of(self._container, track)
        self._resampler = self._new_resampler(track)
        self._pieces: deque[tuple[int, Samples]] = deque()
        self._from = held_from
        """From this sample on everything is known, up to ``_end``."""
        self._end = 0
        self._is_placed = self._is_over = False

    def _new_resampler(self, track: AudioStream) -> AudioResampler:
        # FFmpeg would lower one channel by 3 dB when it makes two of it.
        return AudioResampler("s16", "mono" if track.codec_context.channels == 1 else "stereo", self.rate)

    def _is_after_end(self, first: int) -> bool:
        return self._is_over and first >= self._from

    def _jump(self, track: AudioStream, start_s: float) -> None:
        unit = track.time_base
        assert unit is not None
        place = int((start_s - _LEAD_SECONDS) / unit)
        try:
            if place > (track.start_time or 0):
                self._container.seek(place, stream=track)
                self._begin(track, round(start_s * self.rate))
                return
        except av.error.FFmpegError:
            pass  # then from the beginning
        self._container.close()
        self._open()

    def _decode(self, track: AudioStream, first: int) -> None:
        packet = next(self._packets, None)
        self._is_over = packet is None
        try:
            frames = track.decode(packet)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return  # a broken packet is silence
        for frame in frames:
            self._take(self._converted(frame))
        if packet is None:
            self._take(self._converted(None))
        while self._pieces and self._pieces[0][0] + len(self._pieces[0][1]) <= first:
            start, samples = self._pieces.popleft()
            self._from = max(self._from, start + len(samples))

    def _converted(self, frame: AudioFrame | None) -> list[AudioFrame]:
        try:
            return self._resampler.resample(frame)
        except (ValueError, av.error.FFmpegError):
            # The track changed its rate or layout in the middle.
            self._resampler = AudioResampler("s16", "stereo", self.rate)
            return self._resampler.resample(frame) if frame is not None else []

    def _take(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            channels = frame.layout.nb_channels
            samples = frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, channels).repeat(2 // channels, 1)
            start = self._end
            if frame.pts is not None and frame.time_base is not None:
                said = round(frame.pts * frame.time_base * self.rate)
                if not self._is_placed or abs(said - self._end) > _GAP_SECONDS * self.rate:
                    start = said
            self._is_placed = True
            self._pieces.append((start, samples))
            self._end = start + len(samples)


def _lay(wanted: Samples, samples: Samples, at: int) -> None:
    """Write samples into others from a place on, which may lie outside."""
    start, end = max(0, at), min(len(wanted), at + len(samples))
    if start < end:
        wanted[start:end] = samples[start - at : end - at]
