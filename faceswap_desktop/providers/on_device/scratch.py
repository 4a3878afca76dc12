"""One video that is being worked on, and the small files in its job's scratch folder."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.video import FrameTimes
from faceswap_desktop.domain.work import SourceFiles, VideoFiles, WorkContext
from faceswap_desktop.providers.on_device.rendering import Block, Rendering
from faceswap_desktop.providers.on_device.speeds import Costs

_WORKED: Final = "seconds-worked"


@dataclass
class VideoRun:
    """One job that is being worked on, or was interrupted in this start of the program.

    Attributes:
        context: What the provider was given.
        files: What is known of the original.
        times: When each of its frames is shown.
        costs: What was expected of the work.
        rendering: How far it is.
        sources: Files of the source faces.
        began: When this run began, ``time.monotonic``.
        worked_before_s: How long earlier runs took.
        notes: Something is being written down; waited for at the end.
        with_picture: The block whose worker keeps the picture of the last frame.
    """

    context: WorkContext
    files: VideoFiles
    times: FrameTimes
    costs: Costs
    rendering: Rendering
    sources: Mapping[SourceFaceId, SourceFiles]
    began: float
    worked_before_s: float
    notes: set[asyncio.Task[None]] = field(default_factory=set)
    with_picture: Block | None = None

    @property
    def folder(self) -> Path:
        """The job's scratch folder."""
        return Path(self.context.scratch_folder)

    @property
    def worked_s(self) -> float:
        """How long the job has been worked on, seconds."""
        return self.worked_before_s + time.monotonic() - self.began


def remove_file(path: Path) -> None:
    """Remove a file if that can be done."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def size_of_chunks(folder: Path) -> int:
    """Return how much lies there already."""
    size = 0
    with contextlib.suppress(OSError):
        for path in folder.glob("chunk-*"):
            with contextlib.suppress(OSError):
                size += path.stat().st_size
    return size


def seconds_in(folder: Path) -> float:
    """Return how long the job was worked on before, as far as that is known."""
    with contextlib.suppress(OSError, ValueError):
        return max(0.0, float((folder / _WORKED).read_text(encoding="ascii")))
    return 0.0


def write_seconds(folder: Path, seconds: float) -> None:
    """Write down how long the job was worked on, for the next run; of no use on a full disk, and no harm."""
    with contextlib.suppress(OSError):
        (folder / _WORKED).write_text(f"{seconds:.1f}", encoding="ascii")
