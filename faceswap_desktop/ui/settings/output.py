"""Output."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from faceswap_desktop.domain.recipe import OutputFormat
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_folder
from faceswap_desktop.ui.files import show_in_folder
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.video_words import (
    codec_choices,
    codec_words,
    container_choices,
    quality_choices,
    quality_words,
)
from faceswap_desktop.ui.widgets.buttons import Button, LinkButton
from faceswap_desktop.ui.widgets.forms import Choice, FormRow, Switch
from faceswap_desktop.ui.widgets.labels import ElidedLabel
from faceswap_desktop.ui.widgets.values import ValueSlider

_PLACES = ("name", "source", "date", "time", "n")


class OutputSection(SettingsSection):
    """Format, names and place of results, of pictures and videos."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self._format_card()
        self._video_card()
        self._name_card()
        self._folder_card()
        self.end()

    def _format_card(self) -> None:
        formats = Choice(
            self.tr("Format"),
            "settings-format",
            [
                (OutputFormat.SAME, self.tr("As the original")),
                (OutputFormat.JPEG, "JPEG"),
                (OutputFormat.PNG, "PNG"),
                (OutputFormat.WEBP, "WebP"),
                (OutputFormat.TIFF, "TIFF"),
                (OutputFormat.AVIF, "AVIF"),
            ],
            self,
        )
        quality = ValueSlider(self.tr("Quality of JPEG, WebP and AVIF"), "settings-quality", 1, 100, 95, self)
        lossless = Switch(self.tr("Write WebP without loss"), "settings-lossless", self)
        self.bind(formats, "output", "format")
        self.bind(quality, "output", "quality")
        self.bind(lossless, "output", "lossless_webp")
        hint = self.tr("As the original: BMP and GIF become PNG, HEIC becomes JPEG.")
        self.add_card(self.row(self.tr("Format of pictures"), formats, hint), quality, lossless)

    def _video_card(self) -> None:
        codec = Choice(self.tr("Codec of videos"), "settings-codec", codec_choices(), self)
        quality = Choice(self.tr("Quality of videos"), "settings-video-quality", quality_choices(), self)
        container = Choice(self.tr("File type of videos"), "settings-container", container_choices(), self)
        self.bind(codec, "output", "video_codec")
        self.bind(quality, "output", "video_quality")
        self.bind(container, "output", "video_container")
        codec_row = self.row(self.tr("Codec of videos"), codec, " ")
        quality_row = self.row(self.tr("Quality of videos"), quality, " ")
        hint = self.tr("As the original, as far as the codec allows. Sound is kept as it is.")
        self.add_card(codec_row, quality_row, self.row(self.tr("File type of videos"), container, hint))
        self.follow(lambda settings: codec_row.set_hint(codec_words(settings.output.video_codec)))
        self.follow(lambda settings: quality_row.set_hint(quality_words(settings.output)))

    def _name_card(self) -> None:
        self._template = QLineEdit(self)
        name(self._template, "settings-name-template", self.tr("Name of results"))
        self._template.setFixedWidth(280)
        self._template.setMaxLength(160)
        self._template.editingFinished.connect(self._on_template)
        self._template.textEdited.connect(self._show_example)
        self._name_row: FormRow = self.row(self.tr("Name of results"), self._template, " ")
        self.add_card(self._name_row)
        self.follow(self._show_template)

    def _folder_card(self) -> None:
        self._folder = ElidedLabel("", "muted", self)
        choose = Button(self.tr("Choose…"), "settings-folder-choose", self)
        show = Button(self.tr("Show"), "settings-folder-show", self)
        self._default_folder = LinkButton(self.tr("Use the standard folder"), "settings-folder-default", self)
        choose.clicked.connect(lambda: self.tasks.start(self._choose_folder(), key="folder"))
        show.clicked.connect(lambda: self.tasks.start(show_in_folder(self._results_folder())))
        self._default_folder.clicked.connect(lambda: self.change("storage", "library_folder", ""))
        buttons = QWidget(self)
        line = QHBoxLayout(buttons)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        for button in (self._default_folder, show, choose):
            line.addWidget(button)
        row = self.row(self.tr("Folder of results"), buttons)
        self.add_card(row, self._folder)
        self.follow(self._show_folder)

    def _results_folder(self) -> Path:
        return self.context.home.results_folder_for(self.context.settings.current.storage.library_folder)

    async def _choose_folder(self) -> None:
        folder = await ask_for_folder(self.window(), self.context.window_state, self.tr("Folder of results"))
        if folder is not None:
            await self.context.settings.update("storage", library_folder=str(folder))

    def _show_folder(self, settings: Settings) -> None:
        self._folder.setText(str(self._results_folder()))
        self._default_folder.setVisible(bool(settings.storage.library_folder))

    def _show_template(self, settings: Settings) -> None:
        if not self._template.hasFocus():
            self._template.setText(settings.output.name_template)
        self._show_example(self._template.text())

    def _on_template(self) -> None:
        text = " ".join(self._template.text().split())
        if _example(text):
            self.change("output", "name_template", text)
        else:
            self._template.setText(self.context.settings.current.output.name_template)
            self._show_example(self._template.text())

    def _show_example(self, text: str) -> None:
        example = _example(text)
        if example:
            words = self.tr("For example: {example}").format(example=example)
        else:
            words = self.tr("Places you can use: {places}").format(places=", ".join(f"{{{one}}}" for one in _PLACES))
        self._name_row.set_hint(words)


def _example(template: str) -> str:
    """Return what a name would look like; empty if the template will not do."""
    values = {
        "name": "Holiday",
        "source": "Grace",
        "date": time.strftime("%Y-%m-%d"),
        "time": time.strftime("%H-%M-%S"),
        "n": "1",
    }
    try:
        return template.format(**values).strip()
    except (KeyError, ValueError, IndexError, AttributeError):
        return ""
