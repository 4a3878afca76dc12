"""The visible label."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from faceswap_desktop.domain.errors import Cancelled
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.label_words import (
    corner_choices,
    language_choices,
    law_words,
    size_choices,
    style_choices,
    switch_words,
    wording_choices,
)
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.widgets.forms import Choice, Switch

# Results of this size are shown, at half of it: the label is as large against them as it will be.
_SAMPLE_WIDTH, _SAMPLE_HEIGHT = 960, 400
_SHOWN_WIDTH = 480


class LabelSection(SettingsSection):
    """Whether results say that AI changed them, and how that looks, with a sample that the workers draw."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        switch = Switch(switch_words(), "settings-label", self)
        self.bind(switch, "label", "is_on")
        self.add_card(self.noted(switch, law_words()))
        self._sample = QLabel(self)
        self._sample.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sample.setMinimumHeight(_SHOWN_WIDTH * _SAMPLE_HEIGHT // _SAMPLE_WIDTH)
        name(self._sample, "settings-label-sample", self.tr("What the label looks like"))
        self.add_card(self._sample)
        wording = Choice(self.tr("What it says"), "settings-label-wording", wording_choices(), self)
        languages = language_choices(context.labelling.languages())
        language = Choice(self.tr("Language"), "settings-label-language", languages, self)
        corner = Choice(self.tr("Corner"), "settings-label-corner", corner_choices(), self)
        size = Choice(self.tr("Size"), "settings-label-size", size_choices(), self)
        style = Choice(self.tr("Style"), "settings-label-style", style_choices(), self)
        rows = (
            (wording, "wording", self.tr("What it says"), ""),
            (
                language,
                "language",
                self.tr("Language"),
                self.tr("A system's language that has no words here gets English."),
            ),
            (corner, "corner", self.tr("Corner"), self.tr("A corner with a face in it is left for another one.")),
            (size, "size", self.tr("Size"), ""),
            (style, "style", self.tr("Style"), ""),
        )
        for control, key, _, _ in rows:
            self.bind(control, "label", key)
        self.add_card(*(self.row(words, control, hint) for control, _, words, hint in rows))
        self.end()
        self._is_shown = False
        self.follow(self._on_label)

    def shown(self) -> None:
        """Draw the sample when it comes into sight."""
        self._is_shown = True
        self._on_label(self.context.settings.current)

    def _on_label(self, _settings: Settings) -> None:
        if self._is_shown:
            self.tasks.start(self._draw(), key="label-sample", replace=True)

    async def _draw(self) -> None:
        label = self.context.settings.current.label
        try:
            sample = await self.context.labelling.sample(label, _SAMPLE_WIDTH, _SAMPLE_HEIGHT)
        except Cancelled:
            return
        image = QImage(
            sample.rgb, sample.width, sample.height, sample.width * 3, QImage.Format.Format_RGB888
        ).scaledToWidth(round(_SHOWN_WIDTH * self.devicePixelRatioF()), Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._sample.setPixmap(QPixmap.fromImage(image))
        self._sample.setAccessibleDescription(sample.text)
        self._sample.setEnabled(label.is_on)
