"""Whom the chosen person becomes, and by how much older or younger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.delegates.shelf import cover_rect
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF, current_tokens
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.centred_slider import CentredSlider
from faceswap_desktop.ui.widgets.forms import SectionHeader
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.values import ValueSlider

if TYPE_CHECKING:
    from faceswap_desktop.providers.protocol import ProviderInfo
    from faceswap_desktop.ui.live.casting import Casting
    from faceswap_desktop.ui.studio.sources import Sources

_PORTRAIT: Final = 48


class FaceSection(QWidget):
    """Shows and changes the part of everyone, or of the person who is chosen.

    Attributes:
        leave_wanted: The face is to be left as it is.
        years_chosen: It is to be older or younger.
    """

    leave_wanted = Signal()
    years_chosen = Signal(int)

    def __init__(self, sources: Sources, casting: Casting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live-face")
        self._sources = sources
        self._casting = casting
        self._number = 0
        self._info: ProviderInfo | None = None
        self._header = SectionHeader("", self)
        self._remove = IconButton(
            "unpair", self.tr("Leave this face as it is"), "live-face-leave", self, colour=IconColour.MUTED
        )
        self._remove.clicked.connect(self.leave_wanted)
        self._header.add_widget(self._remove)
        self._portrait = _Portrait(self)
        self._name = ElidedLabel("", "strong", self)
        self._how = PlainLabel("", "small", self, wraps=True)
        name(self._name, "live-face-name", "")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._how)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._portrait, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._slider = self._make_slider()
        self._cannot = Greyed(self._slider, self._slider.slider())
        self._advice = PlainLabel("", "small", self, wraps=True)
        self._advice.setObjectName("live-age-advice")
        self._problem = PlainLabel("", "danger", self, wraps=True)
        name(self._problem, "live-face-problem", "")
        self._problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self._header)
        column.addLayout(row)
        column.addWidget(self._problem)
        column.addWidget(self._slider)
        column.addWidget(self._advice)
        self.refresh()

    def set_provider(self, info: ProviderInfo | None, why_no_age: str) -> None:
        """Mark what can be trusted of the ages; grey the slider where ages are not changed."""
        self._info = info
        slider = self._slider.slider()
        if info is not None and isinstance(slider, CentredSlider):
            low, high = info.reage_range
            slider.set_trusted((low + MOST_YEARS) / (2 * MOST_YEARS), (high + MOST_YEARS) / (2 * MOST_YEARS))
        self._cannot.set_reason(why_no_age)
        self.refresh()

    def show_person(self, number: int) -> None:
        """Show the part of a person; 0 for everyone."""
        if number != self._number:
            self._number = number
            self.show_problem(None)
        self.refresh()

    def show_problem(self, error: FaceSwapError | None) -> None:
        """Say why a source face is not put on; nothing for None."""
        words = ""
        if error is not None:
            words = f"{text_of(error.message)} {text_of(error.hint)}".strip()
        self.show_words(words)

    def show_words(self, words: str) -> None:
        """Say something about the source face that keeps it off; nothing for empty words."""
        if words:
            announce(self, words, is_urgent=True)
        self._problem.setText(words)
        self._problem.setAccessibleName(words)
        self._problem.setVisible(bool(words))

    def refresh(self) -> None:
        """Show what stands."""
        part = self._casting.part_of(self._number)
        badge = self._sources.badge(part.source)
        title = self.tr("Face of person {n}").format(n=self._number) if self._number else self.tr("Everyone's face")
        self._header.set_text(title)
        self._name.setText(badge.name if badge is not None else self.tr("No source face"))
        self._name.setAccessibleName(self._name.text())
        how = self.tr("Click or drag one from the shelf, or press its number.")
        self._how.setText(how if badge is None else self.tr("Click another one to change it."))
        self._portrait.show_picture(badge.picture if badge is not None else QPixmap())
        self._remove.setEnabled(part.source is not None or part.years != 0)
        # A slider that is being dragged has this value already; setting it would end its gesture.
        if round(self._slider.value()) != part.years:
            self._slider.set_value(part.years)
        self._show_advice(part.years)

    def _show_advice(self, years: int) -> None:
        info = self._info
        low, high = info.reage_range if info is not None else (-MOST_YEARS, MOST_YEARS)
        words = self._cannot.reason
        if not words and years:
            is_beyond = info is not None and not low <= years <= high
            words = text_of(info.reage_advice) if info is not None and is_beyond else ""
            words = words or self.tr("A stylised effect, not a forecast of how this person will look.")
        self._advice.setText(words)
        self._advice.setVisible(bool(words))

    def _make_slider(self) -> ValueSlider:
        slider = ValueSlider(
            self.tr("Age"), "live-years", -MOST_YEARS, MOST_YEARS, 0, self, suffix=self.tr(" years"), is_centred=True
        )
        slider.slider().setPageStep(5)
        slider.setToolTip(self.tr("Double-click the slider to leave the age as it is"))
        slider.changed.connect(lambda value: self.years_chosen.emit(round(value)))
        return slider


class _Portrait(QWidget):
    """The source face, round; a faint person where there is none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(_PORTRAIT, _PORTRAIT))
        self._picture = QPixmap()

    def show_picture(self, picture: QPixmap) -> None:
        """Show another one; null for none."""
        if picture.cacheKey() != self._picture.cacheKey():
            self._picture = picture
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the theme's colours."""
        painter, area = QPainter(self), QRectF(self.rect())
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        clip = QPainterPath()
        clip.addEllipse(area)
        painter.setClipPath(clip)
        tokens = current_tokens()
        painter.fillRect(area, QColor(tokens.border if tokens.name != "contrast" else tokens.pressed))
        if self._picture.isNull():
            painter.setClipping(False)
            icon("person", IconColour.MUTED).paint(painter, self.rect().adjusted(12, 12, -12, -12))
        else:
            painter.drawPixmap(area, self._picture, cover_rect(self._picture, area))
