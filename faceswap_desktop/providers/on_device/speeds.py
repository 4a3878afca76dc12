"""How long videos take on this computer: a guess by what is to be done, put right by what finished jobs took."""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.recipe import Recipe

# Seconds of one core, measured on a computer of 2023 with H.264 at 720p; only their proportions matter once a job has
# been measured here.
_INDEX_PER_FRAME_S: Final = 0.0002
_ANALYSE_PER_FRAME_S: Final = 0.010
_ANALYSE_PER_MEGAPIXEL_S: Final = 0.008
_RENDER_PER_FRAME_S: Final = 0.010
_RENDER_PER_MEGAPIXEL_S: Final = 0.025
_RENDER_PER_SWAP_S: Final = 0.025
_RENDER_PER_AGE_S: Final = 0.030
_JOIN_PER_FRAME_S: Final = 0.0005

FEWEST_FRAMES: Final = 24
"""Shorter work says more of starting workers than of rendering."""
_SHARE_OF_LAST: Final = 0.4
_WORST: Final = 50.0


@dataclass(frozen=True, slots=True)
class Costs:
    """Expected seconds of each part of the work on a video: of one core for analysing and rendering."""

    index: float
    analyse: float
    render: float
    join: float

    @property
    def total(self) -> float:
        """All parts together."""
        return self.index + self.analyse + self.render + self.join


def costs_of(recipe: Recipe, *, all_frames: int, frames: int) -> Costs:
    """Return what a recipe is expected to cost, before anything was measured.

    Args:
        recipe: What is to be done.
        all_frames: How many frames the video has; all of them are analysed.
        frames: How many are rendered.
    """
    megapixels = recipe.media.size.width * recipe.media.size.height / 1e6
    render = (
        _RENDER_PER_FRAME_S
        + _RENDER_PER_MEGAPIXEL_S * megapixels
        + _RENDER_PER_SWAP_S * len(recipe.pairings)
        + _RENDER_PER_AGE_S * len(recipe.ages)
    )
    return Costs(
        index=_INDEX_PER_FRAME_S * all_frames,
        analyse=(_ANALYSE_PER_FRAME_S + _ANALYSE_PER_MEGAPIXEL_S * megapixels) * all_frames,
        render=render * frames,
        join=_JOIN_PER_FRAME_S * frames,
    )


class Speeds:
    """What finished jobs took, as a factor on what was expected; kept in a small file.

    Args:
        path: JSON; None to forget when the program ends. Can be deleted at any time: estimates are guesses again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._factor: float | None = None
        self._frames = 0
        self._is_read = False

    def factor(self) -> float | None:
        """Return by how much rendering took longer than expected, lately; None where nothing was measured yet."""
        with self._lock:
            self._read()
            return self._factor

    def note(self, expected_s: float, took_s: float, frames: int) -> None:
        """Remember a finished job; the last ones count most. What cannot be written is measured again next time.

        Args:
            expected_s: Seconds of one core that its frames were expected to take.
            took_s: Seconds of one core that they took.
            frames: How many.
        """
        if frames < FEWEST_FRAMES or expected_s <= 0 or took_s <= 0:
            return
        with self._lock:
            self._read()
            seen = min(max(took_s / expected_s, 1 / _WORST), _WORST)
            share = _SHARE_OF_LAST
            # A mean of ratios: twice as slow and twice as fast weigh the same.
            self._factor = seen if self._factor is None else self._factor ** (1 - share) * seen**share
            self._frames += frames
            self._write()

    def _read(self) -> None:
        if self._is_read or self._path is None:
            return
        self._is_read = True
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(self._path.read_text(encoding="utf-8"))["video"]
            factor, frames = float(data["factor"]), int(data["frames"])
            if math.isfinite(factor) and 1 / _WORST <= factor <= _WORST:
                self._factor, self._frames = factor, frames

    def _write(self) -> None:
        if self._path is None:
            return
        text = json.dumps({"video": {"factor": self._factor, "frames": self._frames}})
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)
