"""A line of text of the settings that is looked at before it is taken: an address, a name, a folder."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.widgets.forms import FormRow
from faceswap_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from faceswap_desktop.domain.messages import Message

WIDTH: Final = 320
_LEAST_WIDTH: Final = 120
_LONGEST: Final = 2000

Check = Callable[[str], "Message | None"]
"""Returns the sentence that says why a text will not do; None where it will."""


class WideField(QLineEdit):
    """As wide as the other fields of a card where there is room, and narrower in a narrow window."""

    def sizeHint(self) -> QSize:
        """Wish for the width of all fields."""
        return QSize(WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Be content with less."""
        return QSize(_LEAST_WIDTH, super().minimumSizeHint().height())


class TextRow(FormRow):
    """Words and a field; below it, while the field holds what will not do, the sentence that says why."""

    def __init__(
        self,
        section: SettingsSection,
        label: str,
        object_name: str,
        where: str,
        key: str,
        *,
        check: Check | None = None,
        accessible_name: str = "",
        placeholder: str = "",
        hint: str = "",
    ) -> None:
        """Make one that follows the settings.

        Args:
            section: Whose it is.
            label: What it is.
            object_name: For tests.
            where: The section of the settings, for example ``hosting.s3``.
            key: The value in it.
            check: Looks at what was typed; None to take everything.
            accessible_name: What a screen reader says, where the label alone does not tell what is meant.
            placeholder: An example, shown while the field is empty.
            hint: What it means.
        """
        self.field = WideField()
        name(self.field, object_name, accessible_name or label)
        self.field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.field.setMaximumWidth(WIDTH)
        self.field.setMaxLength(_LONGEST)
        self.field.setPlaceholderText(placeholder)
        super().__init__(label, self.field, hint, section)
        self._hint_text = hint
        self._problem = PlainLabel("", "danger", self, wraps=True)
        self._problem.setObjectName(f"{object_name}-problem")
        self._problem.hide()
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._problem)
        self._section, self._where, self._key, self._check = section, where, key, check
        self._value: Callable[[Settings], str] = attrgetter(f"{where}.{key}")
        self.field.editingFinished.connect(self._on_finished)
        self.field.textEdited.connect(lambda: self._say(""))
        section.follow(self._show)

    @property
    def problem(self) -> str:
        """Why what stands in the field was not taken; empty where it was."""
        return self._problem.text()

    def _show_now(self) -> None:
        if not self.problem:
            self.field.setText(self._value(self._section.context.current_settings))

    def _show(self, settings: Settings) -> None:
        if not self.field.isModified() and not self.problem:
            self.field.setText(self._value(settings))

    def _on_finished(self) -> None:
        if not self.field.isModified():
            # Somebody else may have changed the setting while the keyboard was here.
            self._show_now()
            return
        text = self.field.text().strip()
        problem = self._check(text) if self._check is not None else None
        if problem is not None:
            self._say(self.tr("{problem} The setting stays as it was.").format(problem=text_of(problem)))
            return
        self._say("")
        self.field.setText(text)
        if text != self._value(self._section.context.current_settings):
            self._section.change(self._where, self._key, text)

    def _say(self, problem: str) -> None:
        if problem == self.problem:
            return
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.field.setAccessibleDescription(problem or self._hint_text)
        if problem:
            announce(self.field, problem, is_urgent=True)
