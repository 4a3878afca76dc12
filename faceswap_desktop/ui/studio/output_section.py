"""How results are written, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions
from faceswap_desktop.services.offers import Control
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_folder
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.video_words import (
    codec_choices,
    codec_words,
    container_choices,
    output_summary,
    quality_choices,
    quality_words,
)
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.forms import Choice, FormRow, Switch
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.numbers import NumberField

_LOSSLESS: Final = frozenset({OutputFormat.PNG, OutputFormat.TIFF})


class OutputSection(Disclosure):
    """Changes the output settings; they hold for everything that is started from now on."""

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__("", "output", parent)
        self._context = context
        self._tasks = tasks
        self.set_title(self.tr("Output"))
        self._format = Choice(
            self.tr("Format"),
            "output-format",
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
        self._format.chosen.connect(lambda value: self._save(format=value))
        self._quality = NumberField(self.tr("Quality"), "output-quality", 1, 100, self)
        self._quality.setFixedWidth(88)
        self._quality.committed.connect(lambda value: self._save(quality=value))
        self._lossless = Switch(self.tr("WebP without loss"), "output-lossless", self)
        self._lossless.toggled_by_user.connect(lambda value: self._save(lossless_webp=value))
        self._gps = Switch(self.tr("Keep where it was taken"), "output-gps", self)
        self._gps.toggled_by_user.connect(lambda value: self._save(keep_gps=value))
        self._codec = Choice(self.tr("Codec"), "output-codec", codec_choices(), self)
        self._codec.chosen.connect(lambda value: self._save(video_codec=value))
        self._container = Choice(self.tr("File type"), "output-container", container_choices(), self)
        self._container.chosen.connect(lambda value: self._save(video_container=value))
        self._video_quality = Choice(self.tr("Quality"), "output-video-quality", quality_choices(), self)
        self._video_quality.chosen.connect(lambda value: self._save(video_quality=value))
        self._is_video = False
        self._template = QLineEdit(self)
        name(self._template, "output-name", self.tr("Name of the result"))
        self._template.setToolTip(self.tr("Places: {places}").format(places="{name} {source} {date} {time} {n}"))
        self._template.setAccessibleDescription(self._template.toolTip())
        self._template.editingFinished.connect(self._on_template)
        self._example = ElidedLabel("", "small", self)
        self._example.setObjectName("output-example")
        self._folder = ElidedLabel("", "small", self)
        self._folder.setObjectName("output-folder")
        self._reason = PlainLabel("", "small", self, wraps=True)
        self._reason.setObjectName("output-reason")
        self.column.addWidget(self._reason)
        self._fill()
        self._cannot = Greyed(
            self._format,
            self._quality,
            self._lossless,
            self._gps,
            self._codec,
            self._container,
            self._video_quality,
        )
        self.refresh()

    def set_video(self, is_video: bool) -> None:
        """Say whether a video is on the canvas: its own settings are shown then."""
        if is_video != self._is_video:
            self._is_video = is_video
            self.refresh()

    def refresh(self) -> None:
        """Show the settings as they are now."""
        output = self._output
        offer = self._context.offers.of(self._context.current_settings.swap.provider)
        reason = text_of(offer.lacks.get(Control.OUTPUT)) if offer is not None else ""
        self._cannot.set_reason(reason)
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))
        self._pictures.setVisible(not self._is_video)
        self._videos.setVisible(self._is_video)
        self._codec.set_value(output.video_codec)
        self._container.set_value(output.video_container)
        self._video_quality.set_value(output.video_quality)
        self._codec_row.set_hint(codec_words(output.video_codec))
        self._quality_row.set_hint(quality_words(output))
        self._format.set_value(output.format)
        self._quality.set_number(output.quality)
        is_lossless = output.format in _LOSSLESS or (output.format is OutputFormat.WEBP and output.lossless_webp)
        self._quality.setEnabled(not is_lossless and not self._cannot)
        self._lossless.setVisible(output.format is OutputFormat.WEBP)
        self._lossless.setChecked(output.lossless_webp)
        self._gps.setChecked(output.keep_gps)
        if not self._template.hasFocus():
            self._template.setText(output.name_template)
        self._folder.setText(str(self._folder_path))
        self._default_folder.setVisible(bool(self._context.current_settings.storage.library_folder))
        words = self._format.currentText()
        words = words if is_lossless else self.tr("{format}, {n}").format(format=words, n=output.quality)
        words = output_summary(output) if self._is_video else words
        self.set_summary(self.tr("As it comes") if reason else words)

    def show_example(self, text: str, *, is_wrong: bool = False) -> None:
        """Show what the next result will be called, or what is wrong with the template."""
        self._example.setText(text if is_wrong or not text else self.tr("“{name}”").format(name=text))

    @property
    def _output(self) -> OutputOptions:
        return self._context.current_settings.output

    @property
    def _folder_path(self) -> Path:
        return self._context.home.results_folder_for(self._context.current_settings.storage.library_folder)

    def _fill(self) -> None:
        self._codec_row = FormRow(self.tr("Codec"), self._codec, " ", self)
        self._quality_row = FormRow(self.tr("Quality"), self._video_quality, " ", self)
        self._pictures = _group(
            self,
            FormRow(self.tr("Format"), self._format, parent=self),
            FormRow(self.tr("Quality"), self._quality, parent=self),
            self._lossless,
        )
        self._videos = _group(
            self,
            self._codec_row,
            self._quality_row,
            FormRow(self.tr("File type"), self._container, parent=self),
        )
        for group in (self._pictures, self._videos, self._gps):
            self.column.addWidget(group)
        names = QVBoxLayout()
        names.setSpacing(HALF)
        names.addWidget(PlainLabel(self.tr("Name"), None, self))
        names.addWidget(self._template)
        names.addWidget(self._example)
        self.column.addLayout(names)
        change = Button(self.tr("Change…"), "output-folder-change", self)
        change.clicked.connect(lambda: self._tasks.start(self._change_folder(), key="output-folder"))
        self._default_folder = IconButton(
            "reset", self.tr("Use the default folder"), "output-folder-reset", self, colour=IconColour.MUTED
        )
        self._default_folder.clicked.connect(
            lambda: self._tasks.start(self._context.settings.update("storage", library_folder=""))
        )
        folders = QHBoxLayout()
        folders.setSpacing(HALF)
        folders.addWidget(PlainLabel(self.tr("Folder"), None, self), 1)
        folders.addWidget(self._default_folder)
        folders.addWidget(change)
        self.column.addLayout(folders)
        self.column.addWidget(self._folder)

    def _on_template(self) -> None:
        text = self._template.text().strip()
        if not text:
            self._template.setText(self._output.name_template)
        elif text != self._output.name_template:
            self._save(name_template=text)

    def _save(self, **changes: Any) -> None:
        self._tasks.start(self._context.settings.update("output", **changes))

    async def _change_folder(self) -> None:
        folder = await ask_for_folder(self, self._context.window_state, self.tr("Folder for results"))
        if folder is not None:
            await self._context.settings.update("storage", library_folder=str(folder))


def _group(parent: QWidget, *widgets: QWidget) -> QWidget:
    group = QWidget(parent)
    column = QVBoxLayout(group)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID)
    for widget in widgets:
        column.addWidget(widget)
    return group
