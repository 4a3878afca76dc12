"""Progress of one thing: words, a thin bar, and a button to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel


class ProgressRow(QWidget):
    """What is being done, how far it is, and cancel.

    Attributes:
        cancelled: The user wants it stopped.
    """

    cancelled = Signal()

    def __init__(self, object_name: str, parent: QWidget | None = None, *, can_cancel: bool = True) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self._text = ElidedLabel("", None, self)
        self._detail = ElidedLabel("", "small", self)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        name(self._bar, f"{object_name}-bar", self.tr("Progress"))
        self._cancel = IconButton("close", self.tr("Cancel"), f"{object_name}-cancel", self, colour=IconColour.MUTED)
        self._cancel.setVisible(can_cancel)
        self._cancel.clicked.connect(self.cancelled)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(HALF)
        grid.addWidget(self._text, 0, 0)
        grid.addWidget(self._bar, 1, 0)
        grid.addWidget(self._detail, 2, 0)
        grid.addWidget(self._cancel, 0, 1, 3, 1)
        grid.setColumnStretch(0, 1)

    def set_progress(self, fraction: float | None, text: str, detail: str = "") -> None:
        """Show how far it is.

        Args:
            fraction: 0 to 1; None where it cannot be told (the bar stays empty: nothing moves for its own sake).
            text: What is being done.
            detail: Speed, time left; its line is kept free even when empty.
        """
        self._bar.setValue(round(min(max(fraction or 0.0, 0.0), 1.0) * 1000))
        self._bar.setAccessibleName(text)
        self._text.setText(text)
        self._detail.setText(detail)
