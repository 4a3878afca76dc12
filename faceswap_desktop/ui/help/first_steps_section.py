"""The first steps: a photo, a video, an age, a camera."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.forms import SectionHeader, card
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.sections import SectionColumn


class FirstStepsSection(SectionColumn):
    """Numbered sentences, a card for each thing that can be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("First steps"), parent)
        self._add(
            self.tr("Swap a face in a photo"),
            self.tr("Drop photos of the faces you want to put in onto the shelf at the left."),
            self.tr("Drop the photo onto the middle. Every face in it gets a box."),
            self.tr("Drag a source face onto a box, or click one and then the other."),
            self.tr("Press the button at the lower right. The result is in the Gallery."),
        )
        self._add(
            self.tr("Swap faces in a video"),
            self.tr("Drop the video onto the middle. It is looked through for people once; watch it meanwhile."),
            self.tr(
                "Everybody who was found has a card at the right and a lane below the video. Drag a source face onto "
                "one of them: the person is changed wherever it is seen. Whoever is not paired stays as it is."
            ),
            self.tr(
                "If one person has two cards, merge them; if two persons share one, go to the frame where it changes "
                "and split it. Both are in the menu of the card."
            ),
            self.tr("To render only a part, press I at its first frame and O at its last."),
            self.tr("Look at the hardest frames first (menu Jobs): they show whether a long run is worth it."),
            self.tr(
                "Run. In the Gallery it can be paused, and what is finished can be watched. After a pause, or when the "
                "program was closed, it goes on where it was."
            ),
        )
        self._add(
            self.tr("Make somebody older or younger"),
            self.tr("Choose a face or a person and open Age at the right."),
            self.tr("Click one of the pictures, or move the slider. It works alone and on top of a swap."),
            self.tr(
                "It is a stylised effect made on this computer, not a forecast. Beyond the slider's marks it looks "
                "like make-up."
            ),
        )
        self._add(
            self.tr("Swap your face while the camera runs"),
            self.tr(
                "Open Live, choose the camera and a source face, and press Start. A video or a picture will do too."
            ),
            self.tr("Several people can have different faces: click a person, then the source face."),
            self.tr(
                "Press F12 whenever others must not see the picture: at once they see what Output says. Press it again "
                "to go on."
            ),
            self.tr(
                "Under Output the picture becomes a camera for other programs. Record and Snapshot put it into the "
                "Gallery."
            ),
        )
        self.column.addStretch(1)

    def _add(self, title: str, *steps: str) -> None:
        frame, column = card(self)
        column.setSpacing(GRID)
        column.addWidget(SectionHeader(title, frame))
        for number, step in enumerate(steps, start=1):
            column.addWidget(PlainLabel(f"{number}.  {step}", None, frame, wraps=True))
        self.column.addWidget(frame)
