"""A key: pasted, kept, replaced, forgotten, and never shown again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.settings.text_row import WIDTH, WideField
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.forms import FormRow
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel

if TYPE_CHECKING:
    from faceswap_desktop.domain.errors import FaceSwapError

LONGEST_KEY: Final = 4096
_ROOM: Final = 2 * LONGEST_KEY
"""A key that is too long has to be refused in words and not cut in silence."""

Keep = Callable[[str], Awaitable[object]]
"""Keeps a key; an empty one is forgotten."""


class _Field(WideField):
    """Shows dots.

    Attributes:
        given_up: Esc was pressed.
    """

    given_up = Signal()

    def sizeHint(self) -> QSize:
        """Leave the width to the row: a button stands beside it."""
        return self.minimumSizeHint()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(_ROOM)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Esc; Return belongs to the field and presses no button of a dialog."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            return
        super().keyPressEvent(event)


class _Controls(QWidget):
    """As wide as the other fields of a card where there is room."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(max(WIDTH, hint.width()), hint.height())


class SecretRow(QWidget):
    """One key of an account, a bucket or a relay.

    Attributes:
        changed: A key was kept or forgotten; whoever knows what is kept calls ``set_kept`` then.
    """

    changed = Signal()

    def __init__(
        self, tasks: Tasks, title: str, whose: str, object_name: str, keep: Keep, parent: QWidget, *, hint: str = ""
    ) -> None:
        """Make one that does not know yet whether a key is kept.

        Args:
            tasks: Run what takes time.
            title: What it is, for example "API key".
            whose: With the owner, for screen readers and questions: "API key of AKOOL".
            object_name: For tests; the parts get ``-field``, ``-keep``, ``-cancel``, ``-replace``, ``-forget``.
            keep: Keeps or forgets it.
            parent: The owner.
            hint: Where to find it.
        """
        super().__init__(parent)
        self._tasks, self._keep, self._whose, self._id = tasks, keep, whose, object_name
        self._is_kept: bool | None = None
        self._is_replacing = False
        self._was_forgotten = False
        self.setObjectName(object_name)
        self._field = _Field(self)
        name(self._field, f"{object_name}-field", whose)
        self._kept = QWidget(self)
        self._mark = IconLabel("lock", 16, IconColour.MUTED, self._kept)
        self._words = PlainLabel("", "muted", self._kept)
        self._words.setObjectName(f"{object_name}-where")
        self._buttons: dict[str, Button] = {}
        for part, words, spoken in (
            ("keep", self.tr("Keep"), self.tr("Keep: {what}")),
            ("cancel", self.tr("Cancel"), self.tr("Leave as it is: {what}")),
            ("replace", self.tr("Replace"), self.tr("Replace: {what}")),
            ("forget", self.tr("Forget…"), self.tr("Forget: {what}")),
        ):
            button = self._buttons[part] = Button(words, f"{object_name}-{part}", self)
            button.setAccessibleName(spoken.format(what=whose))
        row = FormRow(title, self._controls(), hint, self)
        self._problem = PlainLabel("", "danger", self, wraps=True)
        self._problem.setObjectName(f"{object_name}-problem")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(row)
        column.addWidget(self._problem)
        self._field.textEdited.connect(self._on_edited)
        self._field.returnPressed.connect(self._on_keep)
        self._field.given_up.connect(self._on_cancel)
        self._buttons["keep"].clicked.connect(self._on_keep)
        self._buttons["cancel"].clicked.connect(self._on_cancel)
        self._buttons["replace"].clicked.connect(self._on_replace)
        self._buttons["forget"].clicked.connect(lambda: tasks.start(self._forget(), key=f"{object_name}-forget"))
        self._show()

    @property
    def is_kept(self) -> bool:
        """Whether a key is kept, as it was said last."""
        return bool(self._is_kept)

    @property
    def problem(self) -> str:
        """What is wrong; empty for nothing."""
        return self._problem.text()

    def set_kept(self, is_kept: bool, *, is_lasting: bool) -> None:
        """Say whether a key is kept, and whether in the system's keyring or for this session only."""
        self._is_kept = is_kept
        self._words.setText(self.tr("In the keyring") if is_lasting else self.tr("Kept for this session"))
        if is_kept and self._was_forgotten:
            self._say(self.tr("It comes from an environment variable as well. Take it away there, and start again."))
        self._was_forgotten = False
        self._show()

    def _controls(self) -> QWidget:
        controls = _Controls(self)
        line = QHBoxLayout(controls)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        inner = QHBoxLayout(self._kept)
        inner.setContentsMargins(0, 0, GRID, 0)
        inner.setSpacing(GRID)
        inner.addStretch(1)
        inner.addWidget(self._mark)
        inner.addWidget(self._words)
        line.addWidget(self._kept, 1)
        line.addWidget(self._field, 1)
        for button in self._buttons.values():
            line.addWidget(button)
        return controls

    def _show(self) -> None:
        is_open = not self._is_kept or self._is_replacing
        for widget in (self._kept, self._buttons["replace"], self._buttons["forget"]):
            widget.setVisible(not is_open)
        self._field.setVisible(is_open)
        self._field.setEnabled(self._is_kept is not None)
        self._field.setPlaceholderText(self.tr("Paste it here") if self._is_kept is not None else "…")
        self._buttons["keep"].setVisible(is_open)
        self._buttons["keep"].setEnabled(bool(self._field.text().strip()))
        self._buttons["cancel"].setVisible(is_open and self._is_replacing)
        self._problem.setVisible(bool(self.problem))

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if problem:
            announce(self._field, problem, is_urgent=True)

    def _on_edited(self) -> None:
        self._say("")
        self._buttons["keep"].setEnabled(bool(self._field.text().strip()))

    def _on_replace(self) -> None:
        self._is_replacing = True
        self._say("")
        self._show()
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_cancel(self) -> None:
        # Not ``clear``, after which undo would bring it back.
        self._field.setText("")
        had_keyboard = self._is_replacing
        self._is_replacing = False
        self._say("")
        self._show()
        if had_keyboard:
            self._buttons["replace"].setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_keep(self) -> None:
        text = self._field.text().strip()
        if not text:
            return
        if len(text) > LONGEST_KEY:
            self._say(self.tr("This is longer than any key. Copy the key alone."))
            return
        self._tasks.start(self._keep_it(text), key=f"{self._id}-keep", on_error=self._on_error)

    async def _keep_it(self, text: str) -> None:
        await self._keep(text)
        self._field.setText("")
        self._is_replacing = False
        self._is_kept = True
        self._show()
        self._buttons["replace"].setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.tr("{what} is kept.").format(what=self._whose))
        self.changed.emit()

    async def _forget(self) -> None:
        title = self.tr("Forget this: {what}?").format(what=self._whose)
        text = self.tr("It is removed from this computer. Where it was made it stays valid until you delete it there.")
        if not await confirm(self, title, text, self.tr("Forget"), is_dangerous=True):
            return
        await self._keep("")
        self._is_kept = False
        self._was_forgotten = True
        self._show()
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _on_error(self, error: FaceSwapError) -> None:
        self._say(f"{text_of(error.message)} {text_of(error.hint)}".strip())
