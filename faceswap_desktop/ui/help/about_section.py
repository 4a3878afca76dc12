"""What this is."""

from __future__ import annotations

import platform

from PySide6.QtCore import QSize, qVersion
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from faceswap_desktop import __version__
from faceswap_desktop.ui.icons import APP_ICON, render_svg
from faceswap_desktop.ui.theme.tokens import PAD
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.sections import SectionColumn


class AboutSection(SectionColumn):
    """Name, version, licence, and what it runs on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("About"), parent)
        picture = QLabel(self)
        ratio = self.devicePixelRatio()
        edge = round(64 * ratio)
        pixmap = QPixmap.fromImage(render_svg(APP_ICON, "", QSize(edge, edge)))
        pixmap.setDevicePixelRatio(ratio)
        picture.setPixmap(pixmap)
        words = PlainLabel(self.tr("Faceswap Desktop {version}").format(version=__version__), "strong", self)
        self._versions = f"Python {platform.python_version()} · Qt {qVersion()} · {platform.platform(terse=True)}"
        runs_on = PlainLabel(self._versions, "muted", self, wraps=True)
        row = QHBoxLayout()
        row.setSpacing(PAD)
        row.addWidget(picture)
        row.addWidget(words, 1)
        self.column.addLayout(row)
        purpose = self.tr("Puts one face in the place of another, in pictures, on this computer.")
        licence = self.tr(
            "Free software under the Apache licence, version 2.0. What it builds on is listed under Licences."
        )
        for text in (purpose, licence):
            self.column.addWidget(PlainLabel(text, None, self, wraps=True))
        self.column.addWidget(runs_on)
        copy = Button(self.tr("Copy version"), "help-copy-version", self, icon_name="copy")
        copy.clicked.connect(self._copy)
        line = QHBoxLayout()
        line.addWidget(copy)
        line.addStretch(1)
        self.column.addLayout(line)
        self.column.addStretch(1)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"Faceswap Desktop {__version__} · {self._versions}")
