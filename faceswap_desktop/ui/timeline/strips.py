"""Quiet strips of the timeline: how far the search for people is, and who could be one person."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from faceswap_desktop.domain.video import LookAlike
from faceswap_desktop.services.studio import AnalysisStatus, StudioPicture
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.studio.identities import person_name
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import BAR_HEIGHT, GRID, PAD
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, IconLabel
from faceswap_desktop.ui.widgets.roles import set_role

_BAR_WIDTH = 96


class AnalysisStrip(QFrame):
    """Who looks through the video, how far, and a button to pause it, go on or try again.

    Attributes:
        pause_wanted, resume_wanted: The button was pressed.
    """

    pause_wanted = Signal()
    resume_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "analysis-strip", self.tr("People in this video"))
        self._status = AnalysisStatus.NONE
        self._icon = IconLabel("warning", 16, IconColour.WARNING, self)
        self._words = ElidedLabel("", "muted", self)
        self._words.setObjectName("analysis-words")
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH)
        name(self._bar, "analysis-progress", self.tr("Looking for people"))
        self._button = LinkButton(self.tr("Pause"), "analysis-button", self)
        self._button.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(PAD, 0, GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self._bar)
        row.addWidget(self._button)
        self.setFixedHeight(BAR_HEIGHT)

    def show_picture(self, picture: StudioPicture | None) -> None:
        """Show how far the search is; nothing once it is done and found somebody."""
        status = picture.analysis_status if picture is not None else AnalysisStatus.NONE
        self._status = status
        if picture is None or status is AnalysisStatus.NONE:
            self.hide()
            return
        people = len(picture.analysis.identities) if picture.analysis is not None else None
        is_found = status is AnalysisStatus.DONE and bool(people)
        self._words.setText(self._say(picture, people))
        self._bar.setValue(round(picture.analysis_fraction * 1000))
        self._bar.setVisible(status in {AnalysisStatus.RUNNING, AnalysisStatus.PAUSED})
        self._icon.setVisible(status is AnalysisStatus.FAILED)
        self._button.setVisible(status is not AnalysisStatus.DONE)
        words = {AnalysisStatus.PAUSED: self.tr("Go on"), AnalysisStatus.FAILED: self.tr("Try again")}
        self._button.setText(words.get(status, self.tr("Pause")))
        self._button.setAccessibleName(self._button.text())
        self.setVisible(not is_found)

    def _say(self, picture: StudioPicture, people: int | None) -> str:
        percent = int(picture.analysis_fraction * 100)
        so_far = ""
        if people:
            so_far = self.tr("1 person so far") if people == 1 else self.tr("{n} people so far").format(n=people)
        match picture.analysis_status:
            case AnalysisStatus.RUNNING:
                words = self.tr("Looking for people: {n} %").format(n=percent)
            case AnalysisStatus.PAUSED:
                words = self.tr("Looking for people is paused at {n} %").format(n=percent)
            case AnalysisStatus.FAILED:
                return text_of(picture.analysis_error) or self.tr("Looking for people has failed.")
            case _:
                return self.tr("Nobody was found in this video. Very small or covered faces may be missed.")
        return f"{words} · {so_far}" if so_far else words

    def _on_clicked(self) -> None:
        if self._status is AnalysisStatus.RUNNING:
            self.pause_wanted.emit()
        else:
            self.resume_wanted.emit()


class LookAlikeStrip(QFrame):
    """Asks of two lanes whether they are one person.

    Attributes:
        merge_wanted: They are one (their identities' numbers).
        apart_wanted: They are two.
    """

    merge_wanted = Signal(list)
    apart_wanted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "look-alike-strip", self.tr("People who look alike"))
        self._pair: LookAlike | None = None
        self._words = ElidedLabel("", None, self)
        self._words.setObjectName("look-alike-words")
        merge = LinkButton(self.tr("Merge"), "look-alike-merge", self)
        apart = LinkButton(self.tr("Keep apart"), "look-alike-apart", self)
        merge.clicked.connect(self._on_merge)
        apart.clicked.connect(self._on_apart)
        row = QHBoxLayout(self)
        row.setContentsMargins(PAD, 0, GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("help", 16, IconColour.MUTED, self), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        row.addWidget(merge)
        row.addWidget(apart)
        self.setFixedHeight(BAR_HEIGHT)
        self.hide()

    def show_pair(self, picture: StudioPicture | None, pair: LookAlike | None) -> None:
        """Ask about two; None asks nothing."""
        analysis = picture.analysis if picture is not None else None
        self._pair = pair
        if analysis is not None and pair is not None:
            people = [analysis.identity(index) for index in (pair.first, pair.second)]
            names = [person_name(one) if one is not None else "" for one in people]
            self._words.setText(self.tr("{a} and {b} may be one person.").format(a=names[0], b=names[1]))
        self.setVisible(analysis is not None and pair is not None)

    def _on_merge(self) -> None:
        if self._pair is not None:
            self.merge_wanted.emit([self._pair.first, self._pair.second])

    def _on_apart(self) -> None:
        if self._pair is not None:
            self.apart_wanted.emit(self._pair.first, self._pair.second)
