"""The few questions that need an answer before anything happens."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import ask
from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

WIDTH = 440


class QuestionDialog(QDialog):
    """A title, a sentence, room for a field, and two buttons that say what they do."""

    def __init__(
        self, parent: QWidget, title: str, text: str, yes: str, *, no: str = "", is_dangerous: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(GAP, GAP, GAP, PAD)
        self.column.setSpacing(GRID)
        for words, role in ((title, "strong"), (text, "muted")):
            label = PlainLabel(words, None, self, wraps=True)
            set_role(label, "strong" if role == "strong" else "muted")
            label.setFixedWidth(WIDTH)
            label.setVisible(bool(words))
            self.column.addWidget(label)
        self.yes = Button(yes, "question-yes", self) if is_dangerous else PrimaryButton(yes, "question-yes", self)
        if is_dangerous:
            set_role(self.yes, "danger")
        self.no = Button(no or _tr("Cancel"), "question-no", self)
        self.yes.clicked.connect(self.accept)
        self.no.clicked.connect(self.reject)
        # Return must not destroy anything.
        self.yes.setDefault(not is_dangerous)
        self.no.setDefault(is_dangerous)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        self.column.addSpacing(PAD)
        self.column.addLayout(buttons)
        self.column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        if is_dangerous:
            self.no.setFocus(Qt.FocusReason.OtherFocusReason)


class TextDialog(QuestionDialog):
    """A question whose answer is a line of text."""

    def __init__(self, parent: QWidget, title: str, label: str, value: str, yes: str) -> None:
        super().__init__(parent, title, "", yes)
        self.field = QLineEdit(value, self)
        self.field.selectAll()
        self.field.setMaxLength(200)
        name(self.field, "question-text", label)
        self.field.setPlaceholderText(label)
        self.column.insertWidget(2, self.field)
        self.field.textChanged.connect(self._on_changed)
        self._on_changed(value)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_changed(self, text: str) -> None:
        self.yes.setEnabled(bool(text.strip()))


async def confirm(
    parent: QWidget, title: str, text: str, yes: str, *, no: str = "", is_dangerous: bool = False
) -> bool:
    """Ask whether to go on.

    Args:
        parent: A widget of the window.
        title: The question.
        text: What will happen.
        yes: What the button says, for example "Delete for good".
        no: What the other one says; empty for "Cancel".
        is_dangerous: It cannot be undone: Return means cancel.
    """
    dialog = QuestionDialog(parent.window(), title, text, yes, no=no, is_dangerous=is_dangerous)
    return await ask(dialog) == QDialog.DialogCode.Accepted


async def ask_for_text(parent: QWidget, title: str, label: str, value: str = "", yes: str = "") -> str | None:
    """Ask for a line of text, for example a name; None if the user thinks better of it."""
    dialog = TextDialog(parent.window(), title, label, value, yes or _tr("Save"))
    answer = [value]
    dialog.field.textChanged.connect(lambda text: answer.__setitem__(0, text))
    accepted = await ask(dialog) == QDialog.DialogCode.Accepted
    return answer[0].strip() if accepted else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Questions", text)
