"""What is known of the user's account at the chosen provider."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.services.offers import Offer
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.texts import text_of

_KEPT_S: Final = 60.0
"""Looking at the page again within this time asks nobody."""


class Account(QObject):
    """Looks whether there is a key, and what is left of the credits; all of it beside everything else.

    Attributes:
        changed: Something became known, or another provider was chosen.
        is_missing: The provider wants a key and has none. False until that is known.
        credits: What is left; None where that is not told.
        problem: Why it is not known what is left; empty for nothing.
    """

    changed = Signal()

    def __init__(self, context: AppContext, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self.is_missing = False
        self.credits: float | None = None
        self.problem = ""
        self._of = ""
        self._asked_at = 0.0

    @property
    def offer(self) -> Offer | None:
        """The provider that is chosen; None if there is none of that name."""
        return self._context.offers.of(self._context.current_settings.swap.provider)

    @property
    def is_sandbox(self) -> bool:
        """Whether the sandbox stands in the place of all services: it takes every key."""
        return self._context.current_settings.sandbox.is_on

    def refresh(self, *, is_spent: bool = False) -> None:
        """Look again.

        Args:
            is_spent: Something was paid, so that what is left is asked for whenever that was done last.
        """
        offer = self.offer
        chosen = offer.info.id if offer is not None and offer.has_account and not self.is_sandbox else ""
        if chosen != self._of:
            self._of, self._asked_at = chosen, 0.0
            self.is_missing, self.credits, self.problem = False, None, ""
            self.changed.emit()
        if is_spent:
            self._asked_at = 0.0
        if chosen:
            self._tasks.start(self._look(chosen), key="account", replace=True)

    async def _look(self, provider: str) -> None:
        self.is_missing = not (await self._context.accounts.state(provider)).is_complete
        self.changed.emit()
        if self.is_missing:
            self.credits, self._asked_at = None, 0.0
        elif time.monotonic() - self._asked_at > _KEPT_S or not self._asked_at:
            self._asked_at = time.monotonic()
            try:
                self.credits = await self._context.accounts.credits(provider)
                self.problem = ""
            except FaceSwapError as error:
                self.credits, self.problem = None, text_of(error.message)
        self.changed.emit()
