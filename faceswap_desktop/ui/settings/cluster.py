"""Where videos are rendered by other computers: the address of a Dask cluster, and its TLS files."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.settings.file_row import FileRow
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.forms import FormRow

_WIDTH: Final = 280
_LONGEST: Final = 400


class ClusterFields(QWidget):
    """The address, and below it the files that a ``tls://`` address needs."""

    def __init__(self, section: SettingsSection) -> None:
        super().__init__(section)
        self._section = section
        self._address = QLineEdit(self)
        name(self._address, "settings-cluster", self.tr("Cluster for videos"))
        self._address.setFixedWidth(_WIDTH)
        self._address.setMaxLength(_LONGEST)
        self._address.setPlaceholderText("tcp://192.168.0.2:8786")
        self._address.editingFinished.connect(self._on_address)
        hint = self.tr(
            "Empty: videos are rendered on this computer. With the address of a Dask scheduler their frames, and the "
            "source faces, leave this computer, to there. Use a cluster that you trust."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        column.addWidget(FormRow(self.tr("Cluster for videos"), self._address, hint, self))
        self._files: dict[str, FileRow] = {}
        for key, words in (
            ("tls_ca", self.tr("Certificate authority")),
            ("tls_certificate", self.tr("Certificate")),
            ("tls_key", self.tr("Key")),
        ):
            row = self._files[key] = FileRow(section, "cluster", key, words, self)
            column.addWidget(row)
        section.follow(self._show)

    def _show(self, settings: Settings) -> None:
        cluster = settings.cluster
        if not self._address.hasFocus():
            self._address.setText(cluster.address)
        for key, row in self._files.items():
            row.show_path(getattr(cluster, key))
            row.setVisible(cluster.address.startswith("tls:") or bool(getattr(cluster, key)))

    def _on_address(self) -> None:
        text = self._address.text().strip()
        if text != self._section.context.settings.current.cluster.address:
            self._section.change("cluster", "address", text)
