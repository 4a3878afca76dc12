"""A program of its own that shows files to drag away, as a file manager does: one row per file given.

It prints what letting go would do, each time that changes; a person sees that from the pointer.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

TITLE: Final = "Files to drag"
ROW: Final = (280, 60)
"""Width and height of a row, in pixels; the first begins at the window's corner."""
BEGINS: Final = "drag begins"
ACCEPTED: Final = Qt.DropAction.CopyAction.name
"""What it prints: at the start of a drag, and where what is below would take the file."""


class Row(QLabel):
    """A file's name that can be dragged."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self.setFixedSize(*ROW)
        self._path = path
        self._pressed: QPoint | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._pressed is None:
            return
        moved = (event.position().toPoint() - self._pressed).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._pressed = None
            drag = QDrag(self)
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(self._path))])
            drag.setMimeData(mime)
            drag.actionChanged.connect(lambda action: print(action.name, flush=True))
            print(BEGINS, flush=True)
            drag.exec(Qt.DropAction.CopyAction)


def main(paths: list[str]) -> int:
    """Show the files until the program is ended."""
    app = QApplication([])
    window = QWidget()
    window.setWindowTitle(TITLE)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for path in paths:
        column.addWidget(Row(Path(path)))
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
