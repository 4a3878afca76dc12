"""Clips analysed by the tasks themselves, without processes around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.video import CHUNK_SECONDS, FrameRange, FrameTimes, VideoAnalysis
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.vision.tracking.slices import TrackSlice
from faceswap_desktop.workers.analysis_tasks import analyse_chunk
from faceswap_desktop.workers.link_tasks import link_tracks
from faceswap_desktop.workers.read_tasks import index_of
from faceswap_desktop.workers.track_files import read_slice
from faceswap_desktop.workers.video_requests import AnalyseChunk, AnalysedChunk, LinkTracks
from tests.unit.workers.people import MAX_PIXELS, Listener


@dataclass
class Case:
    """A clip, and where what is known of it goes."""

    media: Media
    files: VideoFiles
    times: FrameTimes
    chunks: tuple[FrameRange, ...]
    listener: Listener

    @property
    def whole(self) -> FrameRange:
        return FrameRange(0, len(self.times))

    def analyse(self, numbers: Sequence[int] | None = None) -> list[AnalysedChunk]:
        wanted = range(len(self.chunks)) if numbers is None else numbers
        context = self.listener.context
        return [
            analyse_chunk(AnalyseChunk(self.media, self.files, number, self.chunks[number]), context)
            for number in wanted
        ]

    def link(self) -> VideoAnalysis:
        return link_tracks(LinkTracks(self.media, self.files, self.chunks), self.listener.context)

    def done(self) -> VideoAnalysis:
        self.analyse()
        return self.link()

    def tracks(self) -> TrackSlice:
        return read_slice(self.files, self.whole)

    def names(self) -> list[str]:
        return sorted(path.name for path in Path(self.files.tracks).iterdir())


def case(path: Path, folder: Path, seconds: float = CHUNK_SECONDS) -> Case:
    media = probe_video(str(path), max_pixels=MAX_PIXELS).media
    files = VideoFiles.of(str(folder / "videos"), media)
    times = index_of(media, files).times
    return Case(media, files, times, times.chunks(FrameRange(0, len(times)), seconds), Listener(folder))
