"""The one place that tells the user what happened: quiet strips, never boxes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from faceswap_desktop.domain.errors import FaceSwapError
    from faceswap_desktop.domain.messages import Message

_KEPT_IN_HISTORY: Final = 100


class Tone(StrEnum):
    """How serious a notice is. ``INFO`` and ``SUCCESS`` go away by themselves."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """One strip.

    Attributes:
        text: What happened, one sentence, plain text.
        tone: How serious it is.
        hint: What helps; empty for nothing.
        button: What the button says; empty for none.
        action: What the button does.
        key: A notice with the same key replaces this one; empty for none.
        seconds: After how many seconds it goes; None for the tone's own.
    """

    text: str
    tone: Tone = Tone.INFO
    hint: str = ""
    button: str = ""
    action: Callable[[], object] | None = None
    key: str = ""
    seconds: float | None = None


class Presenter(Protocol):
    """Shows notices; the window's strip."""

    def present(self, notice: Notice) -> None:
        """Show a notice, or put it behind the one that stands."""

    def withdraw(self, key: str) -> None:
        """Take back whatever has this key."""


class Notifications(QObject):
    """Takes notices from everywhere on the window's thread and hands them to the window.

    What comes before there is a window waits for it.

    Attributes:
        posted: A notice was posted (``Notice``); for the list of recent messages.
    """

    posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history: deque[Notice] = deque(maxlen=_KEPT_IN_HISTORY)
        self._presenter: Presenter | None = None
        self._waiting: list[Notice] = []

    def attach(self, presenter: Presenter) -> None:
        """Show what waited, and from now on everything at once."""
        self._presenter = presenter
        waiting, self._waiting = self._waiting, []
        for notice in waiting:
            presenter.present(notice)

    def detach(self) -> None:
        """The window is going; what comes from now on is kept in the history only."""
        self._presenter = None

    def post(self, notice: Notice) -> None:
        """Show a notice."""
        self.history.append(notice)
        if self._presenter is not None:
            self._presenter.present(notice)
        else:
            self._waiting.append(notice)
        self.posted.emit(notice)

    def info(self, text: str, *, button: str = "", action: Callable[[], object] | None = None, key: str = "") -> None:
        """Say something that goes away by itself, for example with a button "Undo"."""
        self.post(Notice(text, Tone.INFO, button=button, action=action, key=key))

    def success(
        self, text: str, *, button: str = "", action: Callable[[], object] | None = None, key: str = ""
    ) -> None:
        """Say that something the user waited for is done."""
        self.post(Notice(text, Tone.SUCCESS, button=button, action=action, key=key))

    def error(
        self, error: FaceSwapError, *, button: str = "", action: Callable[[], object] | None = None, key: str = ""
    ) -> None:
        """Show an error of ours as its sentence and hint; a cancelled one is not an error and is not shown."""
        from faceswap_desktop.domain.errors import Cancelled

        if isinstance(error, Cancelled):
            return
        self.message(error.message, error.hint, tone=Tone.ERROR, button=button, action=action, key=key)

    def message(
        self,
        message: Message,
        hint: Message | None = None,
        *,
        tone: Tone = Tone.INFO,
        button: str = "",
        action: Callable[[], object] | None = None,
        key: str = "",
    ) -> None:
        """Show a message from below the window in the user's language."""
        from faceswap_desktop.ui.texts import text_of

        self.post(Notice(text_of(message), tone, text_of(hint), button, action, key))

    def withdraw(self, key: str) -> None:
        """Take back notices with this key: what they said holds no longer."""
        self._waiting = [notice for notice in self._waiting if notice.key != key]
        if self._presenter is not None:
            self._presenter.withdraw(key)
