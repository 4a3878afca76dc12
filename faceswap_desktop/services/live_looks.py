"""Looks for sensitive content while a live session at a service runs: now and then, at camera and swapped picture."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.live_cloud import MediaLeg
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.services.live_clock import LiveClock

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0
_TAKE_LIMIT_S: Final = 5.0
"""So long the page may take to give a picture."""
_CLEAN_LOOKS: Final = 2
"""So many looks without a hit, one after the other, bring the picture back."""
_MOST_FAILURES: Final = 3
"""After so many looks that failed one after the other nobody can say that all is well, so the card stands."""

SEEN: Final = message("The picture seems to show nudity. It comes back when it does not any more.")
NOT_LOOKED_AT: Final = message("The picture cannot be checked for nudity at the moment. It comes back when it can.")

LookAt = Callable[[str], Awaitable[bool]]
"""Given the path of a JPEG, says whether something sensitive is seen in it; ``FaceSwapError`` where it cannot."""


class LiveLooks:
    """Puts the card in the place of the picture while something sensitive is seen.

    Args:
        leg: Gives the pictures, and shows the card.
        look: Looks at one.
        folder: For the pictures; it exists.
        on_change: Told why the card stands, or None when the picture is back.
        clock: For the waits.
    """

    def __init__(
        self,
        leg: MediaLeg,
        look: LookAt,
        folder: Path,
        on_change: Callable[[Message | None], None],
        clock: LiveClock,
    ) -> None:
        self._leg = leg
        self._look = look
        self._file = folder / "look.jpg"
        self._on_change = on_change
        self._clock = clock
        self._why: Message | None = None
        self._clean = 0
        self._failures = 0

    async def run(self) -> None:
        """Look, until it is cancelled. Never more than one look at once: what comes meanwhile is passed over."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look_once()

    async def look_once(self) -> None:
        """Look at the swapped picture and at the camera's, and do what follows from it."""
        try:
            seen = await self._seen()
        except (FaceSwapError, OSError, TimeoutError) as error:
            logger.info("a live picture could not be looked at: %s", error)
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                self._refuse(NOT_LOOKED_AT)
            return
        if seen is None:
            # Nothing is shown, so nothing has to be said of it.
            return
        self._failures = 0
        if seen:
            self._refuse(SEEN)
            return
        self._clean += 1
        if self._why is not None and self._clean >= _CLEAN_LOOKS:
            self._why = None
            self._leg.set_refused(False)
            self._on_change(None)

    async def _seen(self) -> bool | None:
        """Return whether something was seen; None where there was no picture."""
        seen: bool | None = None
        for take in (self._leg.picture, self._leg.camera_picture):
            picture = await self._clock.within(take(), _TAKE_LIMIT_S)
            if not picture:
                continue
            await asyncio.to_thread(self._file.write_bytes, picture)
            if await self._look(str(self._file)):
                return True
            seen = False
        return seen

    def _refuse(self, why: Message) -> None:
        self._clean = 0
        if self._why == why:
            return
        self._why = why
        self._leg.set_refused(True, why)
        self._on_change(why)
