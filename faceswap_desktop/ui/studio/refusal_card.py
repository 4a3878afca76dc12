"""The card above the one with the button: what is refused of the current picture, why, and what helps."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.blurred import BlurredPictures, BlurredView
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.refusal_words import moment_words, way_out_words, why_words
from faceswap_desktop.ui.studio.refusal import StudioRefusal
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import Button, LinkButton
from faceswap_desktop.ui.widgets.flow import FlowLayout
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_MOST_CHIPS: Final = 5
_VIEW: Final = QSize(72, 72)


class RefusalCard(QFrame):
    """Shown while the current picture, or what is chosen of the current video, is refused.

    Attributes:
        crop_wanted: A part of the picture is to be used.
        other_wanted: Another picture is to be chosen.
        part_wanted: These frames of the video are to be used (``FrameRange``).
        moment_wanted: Go to this frame, which is blurred.
    """

    crop_wanted = Signal()
    other_wanted = Signal()
    part_wanted = Signal(object)
    moment_wanted = Signal(int)

    def __init__(self, blurred: BlurredPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "refusal", self.tr("What is refused"))
        self._blurred = blurred
        self._refusal: StudioRefusal | None = None
        blurred.arrived.connect(self._show_picture)
        self._view = BlurredView(_VIEW, "refusal-picture", self.tr("What is refused, blurred"), self)
        self._title = PlainLabel("", "strong", self, wraps=True)
        self._why = PlainLabel("", None, self, wraps=True)
        self._help = PlainLabel("", "small", self, wraps=True)
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(IconLabel("error", 18, IconColour.DANGER, self), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        beside = QVBoxLayout()
        beside.setSpacing(HALF)
        beside.addWidget(self._why)
        beside.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(PAD)
        middle.addWidget(self._view, 0, Qt.AlignmentFlag.AlignTop)
        middle.addLayout(beside, 1)
        self._chips = _Flow("refusal-moments", self.tr("When"), self)
        self._ways = _Flow("refusal-ways", self.tr("What helps"), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD - HALF, PAD, PAD - HALF)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addLayout(middle)
        column.addWidget(self._chips)
        column.addWidget(self._help)
        column.addWidget(self._ways)
        self.hide()

    @property
    def refusal(self) -> StudioRefusal | None:
        """What it shows."""
        return self._refusal

    def show_refusal(self, refusal: StudioRefusal | None) -> None:
        """Show why something is refused; None where nothing is."""
        before, self._refusal = self._refusal, refusal
        if refusal is None:
            self.hide()
            return
        if before is None or _looks(before) != _looks(refusal):
            self._fill(refusal)
        self._show_picture()
        self.show()
        if before is None or before.picture.key != refusal.picture.key:
            announce(self, f"{self._title.text()} {self._why.text()}", is_urgent=True)

    def _fill(self, refusal: StudioRefusal) -> None:
        is_video = refusal.picture.is_video
        title = self.tr("This video is refused as it is") if is_video else self.tr("This picture is refused")
        self._title.setText(title)
        self._why.setText(why_words(refusal.sightings))
        self._help.setText(way_out_words(is_video=is_video))
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{self._why.text()} {self._help.text()}")
        self._chips.clear()
        for number, moment in enumerate(refusal.moments[:_MOST_CHIPS]):
            words = moment_words(moment)
            chip = LinkButton(words, f"refusal-moment-{number}", self._chips)
            chip.setAccessibleName(self.tr("Refused at {time}").format(time=words))
            chip.setToolTip(self.tr("Go there; the picture is blurred"))
            chip.clicked.connect(partial(self._go, moment[0].frame))
            self._chips.add(chip)
        if len(refusal.moments) > _MOST_CHIPS:
            more = self.tr("and {n} more").format(n=len(refusal.moments) - _MOST_CHIPS)
            self._chips.add(PlainLabel(more, "small", self._chips))
        self._chips.setVisible(bool(refusal.moments))
        self._ways.clear()
        for number, part in enumerate(refusal.parts):
            use = Button(self.tr("Use {part}").format(part=part.words), f"refusal-part-{number}", self._ways)
            use.setAccessibleDescription(self.tr("Sets the in and out points around what is refused"))
            use.clicked.connect(partial(self._use, part.frames))
            self._ways.add(use)
        if not is_video:
            crop = Button(self.tr("Crop…"), "refusal-crop", self._ways)
            crop.clicked.connect(self.crop_wanted)
            self._ways.add(crop)
        other = Button(self.tr("Choose another…"), "refusal-other", self._ways)
        other.setAccessibleName(self.tr("Choose another video") if is_video else self.tr("Choose another picture"))
        other.clicked.connect(self.other_wanted)
        self._ways.add(other)

    def _go(self, frame: int, _checked: bool = False) -> None:
        self.moment_wanted.emit(frame)

    def _use(self, frames: object, _checked: bool = False) -> None:
        self.part_wanted.emit(frames)

    def _show_picture(self) -> None:
        if self._refusal is not None:
            picture = self._refusal.picture
            seconds = self._refusal.worst.seconds if picture.is_video else 0.0
            self._view.set_picture(self._blurred.get(picture.path, seconds))


class _Flow(QWidget):
    """Small widgets side by side, on as many lines as they need."""

    def __init__(self, object_name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        name(self, object_name, title)
        self._layout = FlowLayout(self, gap=HALF)

    def add(self, widget: QWidget) -> None:
        """Put one at the end."""
        self._layout.addWidget(widget)
        widget.show()

    def clear(self) -> None:
        """Take all away."""
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()


def _looks(refusal: StudioRefusal) -> tuple[object, ...]:
    return (refusal.picture.key, refusal.sightings, refusal.parts)
