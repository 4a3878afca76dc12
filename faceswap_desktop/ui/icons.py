"""Line icons from SVG files, in the colour that the theme wants at the moment of painting."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.theme.tokens import Tokens, current_tokens

APP_ICON = "faceswap-desktop"


class IconColour(StrEnum):
    """Which token an icon takes; disabled icons are always ``disabled``."""

    TEXT = "text"
    MUTED = "muted"
    ACCENT = "accent_text"
    ON_ACCENT = "on_accent"
    DANGER = "danger"
    WARNING = "warning"
    SUCCESS = "success"


class TintedIconEngine(QIconEngine):
    """Paints one SVG file in the colour of a token; a change of theme needs nothing but a repaint."""

    def __init__(self, name: str, colour: IconColour, checked: IconColour) -> None:
        super().__init__()
        self._name = name
        self._colour = colour
        self._checked = checked

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint into a rectangle of logical pixels."""
        ratio = painter.device().devicePixelRatio()
        size = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
        painter.drawPixmap(rect, self.pixmap(size, mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Render at a size in device pixels."""
        hexadecimal = self._hexadecimal(current_tokens(), mode, state)
        key = f"icon:{self._name}:{hexadecimal}:{size.width()}x{size.height()}"
        pixmap = QPixmap()
        if not QPixmapCache.find(key, pixmap):
            pixmap = QPixmap.fromImage(render_svg(self._name, hexadecimal, size))
            QPixmapCache.insert(key, pixmap)
        return pixmap

    def clone(self) -> QIconEngine:
        """Return another engine that paints the same."""
        return TintedIconEngine(self._name, self._colour, self._checked)

    def key(self) -> str:
        """Return the name under which Qt knows this kind of engine."""
        return "tinted"

    def isNull(self) -> bool:
        """Say that there is something to paint."""
        return False

    def actualSize(self, size: QSize, _mode: QIcon.Mode, _state: QIcon.State) -> QSize:
        """Return the size asked for: lines fit any."""
        return size

    def _hexadecimal(self, tokens: Tokens, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode is QIcon.Mode.Disabled:
            return tokens.disabled
        colour = self._checked if state is QIcon.State.On else self._colour
        return str(getattr(tokens, colour.value))


def icon(name: str, colour: IconColour = IconColour.TEXT, *, checked: IconColour | None = None) -> QIcon:
    """Return an icon by the name of its file in ``resources/icons``.

    Args:
        name: File name without ``.svg``.
        colour: The token it takes.
        checked: The token it takes while its button is on; the same if None.

    Raises:
        FileNotFoundError: There is no such icon.
    """
    _svg_text(name)
    return QIcon(TintedIconEngine(name, colour, checked or colour))


def app_icon() -> QIcon:
    """Return the program's own icon, for the window and its notifications."""
    shown = QIcon()
    for edge in (16, 32, 64, 256):
        shown.addPixmap(QPixmap.fromImage(render_svg(APP_ICON, "", QSize(edge, edge))))
    return shown


def render_svg(name: str, colour: str, size: QSize) -> QImage:
    """Paint an icon's file with ``currentColor`` as ``colour`` (``#rrggbb``), centred and undistorted."""
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    if size.isEmpty():
        return image
    renderer = QSvgRenderer(QByteArray(_svg_text(name).replace("currentColor", colour).encode()))
    edge = min(size.width(), size.height())
    corner = QPoint((size.width() - edge) // 2, (size.height() - edge) // 2)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(QRect(corner, QSize(edge, edge))))
    painter.end()
    return image


@lru_cache(maxsize=256)
def _svg_text(name: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
