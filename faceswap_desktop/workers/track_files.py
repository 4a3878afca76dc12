"""The files in which a video's tracks are kept: named after their frames, there whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.vision.tracking.coding import DamagedError
from faceswap_desktop.vision.tracking.findings import Findings
from faceswap_desktop.vision.tracking.slices import TrackSlice, joined_runs
from faceswap_desktop.workers.track_names import FOUND, LINKED, SUFFIX, chunk_file, summary_file

__all__ = [
    "FOUND",
    "LINKED",
    "chunk_file",
    "kept_chunks",
    "read_bytes",
    "read_findings",
    "read_slice",
    "remove_damaged",
    "remove_leftovers",
    "summary_file",
    "tracks_missing",
    "write_track_file",
]

_NAME: Final = re.compile(r"^(found|linked)-(\d{8,})-(\d{8,})\.trk$")
_KEPT_SLICES: Final = 4
"""Unpacked chunks kept in memory: neighbours, for playing over a border."""


def write_track_file(path: Path, data: bytes) -> None:
    """Write a file of the tracks' folder, whole or not at all.

    Raises:
        StorageError: The disk is full, read-only or forbidden.
    """
    with mapped_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)


def read_bytes(path: Path) -> bytes | None:
    """Return a file's content, or None where it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(message("What was found in this video cannot be read: {reason}", reason=str(error))) from (
            error
        )


def read_findings(files: VideoFiles, frames: FrameRange) -> Findings | None:
    """Read what was found in a chunk; None where it is not there or not whole."""
    data = read_bytes(chunk_file(files, FOUND, frames))
    if data is None:
        return None
    try:
        found = Findings.unpack(data)
    except DamagedError:
        return None
    return found if found.frames.first == frames.first and found.frames.end <= frames.end else None


def kept_chunks(files: VideoFiles, kind: str, frames: FrameRange) -> list[tuple[FrameRange, Path]]:
    """Return the kept files of a kind that speak of some of the frames, in order."""
    return sorted(_named(files, kind, frames))


def _named(files: VideoFiles, kind: str, frames: FrameRange) -> Iterator[tuple[FrameRange, Path]]:
    with suppress(FileNotFoundError):
        for path in Path(files.tracks).iterdir():
            match = _NAME.match(path.name)
            if match is None or match[1] != kind or int(match[2]) > int(match[3]):
                continue
            covered = FrameRange(int(match[2]), int(match[3]))
            if covered.common(frames) is not None:
                yield covered, path


def remove_leftovers(files: VideoFiles) -> None:
    """Remove what a killed worker left half written. Only while nobody else writes there."""
    with suppress(OSError):
        for path in Path(files.tracks).glob(f".*{SUFFIX}.*"):
            with suppress(OSError):
                path.unlink()


def read_slice(files: VideoFiles, frames: FrameRange) -> TrackSlice:
    """Return the linked, smoothed tracks of some frames.

    Memory grows with the number of frames asked for only.

    Args:
        files: The video's; its tracks have to be linked (``link_tracks``).
        frames: Which; frames behind the end of the video have no faces.

    Raises:
        StorageError: They are not there, or damaged (kind ``tracks-missing``).
    """
    kept = kept_chunks(files, LINKED, frames)
    if not kept:
        raise tracks_missing()
    return joined_runs([_slice_in(path) for _, path in kept], frames)


def _slice_in(path: Path) -> TrackSlice:
    try:
        return _unpacked(path, path.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise tracks_missing() from error
    except DamagedError as error:
        remove_damaged(path)
        raise tracks_missing() from error


def remove_damaged(path: Path) -> None:
    """Remove a damaged file, so that it is seen to be missing and is made again."""
    with suppress(OSError):
        path.unlink()


@lru_cache(_KEPT_SLICES)
def _unpacked(path: Path, modified_ns: int) -> TrackSlice:
    del modified_ns
    return TrackSlice.unpack(path.read_bytes())


def tracks_missing() -> StorageError:
    """Say that what was found before is gone or damaged; it can be made again."""
    return StorageError(
        message("What was found in this video is no longer there."),
        message("Open the video again, so that its faces are looked for anew."),
        kind="tracks-missing",
    )
