"""Scripted scores in the classifier's place, and the workers' tasks with them.

The one seam of the check for sensitive content is ``vision.sensitive.score``. In a test's own process it is replaced
with ``monkeypatch.setattr(sensitive, "score", scripted)``; workers get ``task_modules=("tests.scripted_looks",)``,
which replaces it in them. What is scored is marked by a plain colour, which survives any coding: as much of a view as
is magenta is over the bar, as much as is cyan is over the bar for the young only.
"""

from __future__ import annotations

import multiprocessing

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision import sensitive
from faceswap_desktop.workers import tasks

Rgb = NDArray[np.uint8]

REFUSED = (230, 30, 230)
"""A view a third of which has this colour is over the bar."""
DOUBTFUL = (30, 230, 230)
"""A view a third of which has this colour is over the bar for the young."""
SHARE = 1 / 3
OVER, BETWEEN, HARMLESS = 0.9, 0.4, 0.01
_NEAR = 60


def scripted(picture: Rgb) -> float:
    """Score a view by its colours."""
    if _share(picture, REFUSED) >= SHARE:
        return OVER
    return BETWEEN if _share(picture, DOUBTFUL) >= SHARE else HARMLESS


def _share(picture: Rgb, colour: tuple[int, int, int]) -> float:
    away = np.abs(picture.astype(np.int16) - np.array(colour, np.int16)).max(axis=2)
    return float((away <= _NEAR).mean())


if multiprocessing.parent_process() is not None:
    # In a worker, which tests started with this module for its tasks.
    setattr(sensitive, "score", scripted)  # noqa: B010 - a plain assignment to a function would be an error to mypy

TASKS = tasks.TASKS
