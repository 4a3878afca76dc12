"""Keeps the engine of a live session going: one that crashes or hangs is started again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from faceswap_desktop.domain.errors import WorkerError
from faceswap_desktop.domain.live import LiveReport
from faceswap_desktop.domain.messages import message
from faceswap_desktop.workers.errors import WorkerBug
from faceswap_desktop.workers.live_boxes import BoxNames
from faceswap_desktop.workers.live_requests import RunEngine
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.wire import Update

logger = logging.getLogger(__name__)

SILENCE_S: Final = 15.0
"""An engine that says nothing for so long hangs: it is ended and started again."""
WELL_AFTER_S: Final = 60.0
"""One that ran for so long was well: what happens to it then is no sequel of earlier failures."""
MOST_FAILURES: Final = 3
"""It is started again so often in a row."""


class EngineKeeper:
    """Runs the engine of one session until that is cancelled.

    Args:
        pool: Where it runs.
        on_report: Called on the loop's thread for every picture that it has made.
        on_lost: Called when it is about to be started again. What the controls box holds is what it starts with.
    """

    def __init__(self, pool: WorkerPool, on_report: Callable[[LiveReport], None], on_lost: Callable[[], None]) -> None:
        self._pool = pool
        self._on_report, self._on_lost = on_report, on_lost

    async def keep(self, boxes: BoxNames) -> None:
        """Run the engine on these boxes.

        Raises:
            WorkerError: It failed again and again.
            FaceSwapError: It says that it cannot work.
        """
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._pool.run(
                    "live_engine",
                    RunEngine(boxes),
                    lane=Lane.LIVE,
                    limit_s=SILENCE_S,
                    on_update=self._heard,
                    retries=0,
                    until_stopped=True,
                )
                return
            except (WorkerError, WorkerBug) as error:
                failures = 1 if time.monotonic() - began > WELL_AFTER_S else failures + 1
                logger.warning("the engine of the live session failed (%d in a row): %s", failures, error)
                if failures > MOST_FAILURES:
                    raise _gave_up(error) from error
            self._on_lost()

    def _heard(self, update: Update) -> None:
        if isinstance(update.payload, LiveReport):
            self._on_report(update.payload)


def _gave_up(error: WorkerError | WorkerBug) -> WorkerError:
    if isinstance(error, WorkerError):
        return error
    return WorkerError(
        message("What changes the faces failed again and again."),
        message("Start again. `doctor` tries every part; the log has the details."),
    )
