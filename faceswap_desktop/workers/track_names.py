"""Where a video's tracks are kept, told by names only. Light: the window's process asks it too."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.domain.work import VideoFiles

FOUND: Final = "found"
"""What was found in a chunk, before linking."""
LINKED: Final = "linked"
"""The linked and smoothed tracks of a chunk."""
SUFFIX: Final = ".trk"


def chunk_file(files: VideoFiles, kind: str, frames: FrameRange) -> Path:
    """Return where what is known of a chunk lies."""
    return Path(files.tracks) / f"{kind}-{frames.first:08d}-{frames.end:08d}{SUFFIX}"


def summary_file(files: VideoFiles) -> Path:
    """Return where the linked tracks' summary lies; it is written last."""
    return Path(files.tracks) / f"summary{SUFFIX}"


def has_tracks(files: VideoFiles, times: FrameTimes) -> bool:
    """Say whether a video has been looked through and all that was found is still there, by its files' names.

    Whoever reads a file and finds it damaged removes it, so that this does not stay wrong.
    """
    try:
        there = {path.name for path in Path(files.tracks).iterdir()}
    except OSError:
        return False
    chunks = times.chunks(FrameRange(0, len(times)))
    needed = {chunk_file(files, kind, frames).name for kind in (FOUND, LINKED) for frames in chunks}
    return {summary_file(files).name, *needed} <= there
