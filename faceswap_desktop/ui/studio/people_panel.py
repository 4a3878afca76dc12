"""What stands around the list of people in a video: how far the search is, look-alikes, and who is hidden."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from faceswap_desktop.domain.video import LookAlike
from faceswap_desktop.services.openings import AnalysisStatus
from faceswap_desktop.services.studio import StudioPicture
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.texts import percent_text, text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import Button, IconButton, LinkButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role


class AnalysisRow(QWidget):
    """How far a video has been looked through, with a button that stops it or goes on.

    Attributes:
        pause_wanted, resume_wanted: The button was pressed.
    """

    pause_wanted = Signal()
    resume_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self._words = PlainLabel("", "small", self, wraps=True)
        self._words.setObjectName("analysis-words")
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        name(self._bar, "analysis-bar", self.tr("Looking for people"))
        self._button = IconButton("pause", self.tr("Pause"), "analysis-pause", self, colour=IconColour.MUTED)
        self._button.setIconSize(QSize(16, 16))
        self._button.clicked.connect(self._on_button)
        left = QVBoxLayout()
        left.setSpacing(HALF)
        left.addWidget(self._words)
        left.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addLayout(left, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)

    def show_status(self, picture: StudioPicture) -> None:
        """Say how far a video is; the row hides when it is done."""
        status = picture.analysis_status
        share = percent_text(picture.analysis_fraction)
        # Who is in it may be known from another time, while the tracks are made anew behind it.
        is_known = picture.analysis is not None
        self._is_running = status is AnalysisStatus.RUNNING
        match status:
            case AnalysisStatus.RUNNING if is_known:
                words = self.tr("Getting the frames ready: {share}").format(share=share)
            case AnalysisStatus.RUNNING:
                words = self.tr("Looking for people: {share}").format(share=share)
            case AnalysisStatus.PAUSED:
                words = self.tr("Paused at {share}").format(share=share)
            case AnalysisStatus.FAILED:
                words = text_of(picture.analysis_error)
            case AnalysisStatus.NONE:
                words = self.tr("Opening the video…")
            case _:
                words = ""
        self._words.setText(words)
        self._bar.setValue(round(picture.analysis_fraction * 1000))
        self._bar.setVisible(status in {AnalysisStatus.RUNNING, AnalysisStatus.PAUSED})
        can_go_on = status in {AnalysisStatus.PAUSED, AnalysisStatus.FAILED}
        self._button.setVisible(self._is_running or can_go_on)
        if self._is_running:
            self._button.set_words("pause", self.tr("Pause the search"))
        else:
            again = status is AnalysisStatus.FAILED
            self._button.set_words("retry" if again else "play", self.tr("Try again") if again else self.tr("Go on"))
        self.setVisible(picture.is_video and status is not AnalysisStatus.DONE)

    def _on_button(self) -> None:
        if self._is_running:
            self.pause_wanted.emit()
        else:
            self.resume_wanted.emit()


class LookAlikeCard(QFrame):
    """Asks whether two are one person."""

    def __init__(self, identities: Identities, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        name(self, "look-alikes", self.tr("Look-alikes"))
        self._identities = identities
        self._pair: LookAlike | None = None
        self._words = PlainLabel("", "small", self, wraps=True)
        merge = Button(self.tr("Merge"), "look-alikes-merge", self)
        apart = Button(self.tr("Keep apart"), "look-alikes-apart", self)
        merge.clicked.connect(self._on_merge)
        apart.clicked.connect(self._on_apart)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(merge)
        buttons.addWidget(apart)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self._words)
        column.addLayout(buttons)
        self.refresh()

    def refresh(self) -> None:
        """Show the pair that is most alike, or nothing."""
        self._pair = self._identities.look_alike()
        self.setVisible(self._pair is not None)
        if self._pair is not None:
            first, second = (self._identities.name_of(one) for one in (self._pair.first, self._pair.second))
            self._words.setText(self.tr("{a} and {b} look alike. One person?").format(a=first, b=second))
            self.setAccessibleDescription(self._words.text())

    def _on_merge(self) -> None:
        if self._pair is not None:
            analysis = self._identities.analysis
            pair = [self._pair.first, self._pair.second]
            seen = {one.index: one.frames for one in analysis.identities} if analysis is not None else {}
            self._identities.merge(sorted(pair, key=lambda index: (-seen.get(index, 0), index)))

    def _on_apart(self) -> None:
        if self._pair is not None:
            self._identities.keep_apart(self._pair.first, self._pair.second)


class HiddenButton(LinkButton):
    """Opens a menu of those who are hidden; not there while nobody is."""

    def __init__(self, identities: Identities, parent: QWidget | None = None) -> None:
        super().__init__("", "people-hidden", parent)
        self._identities = identities
        self.clicked.connect(self._on_clicked)
        self.refresh()

    def refresh(self) -> None:
        """Say how many are hidden."""
        analysis = self._identities.analysis
        count = sum(one.is_hidden for one in analysis.identities) if analysis is not None else 0
        words = self.tr("Show hidden ({n})").format(n=count)
        self.setText(words)
        self.setAccessibleName(words)
        self.setVisible(count > 0)

    def _on_clicked(self) -> None:
        # popup, never exec: no event loop within the one that runs.
        self._identities.hidden_menu().popup(self.mapToGlobal(QPoint(0, self.height())))
