"""Lines below the jobs that say what keeps them from going on, each with the buttons that help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.blurred import BlurredView
from faceswap_desktop.ui.gallery.cloud_words import Who, tr, who_is
from faceswap_desktop.ui.gallery.job_model import JobModel
from faceswap_desktop.ui.gallery.refused import RefusedPictures
from faceswap_desktop.ui.gallery.troubles import Help, Trouble, help_words, trouble_words, troubles_of
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.texts import plain_tip
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel, fitting

_MOST_LINES: Final = 3
_MOST_WORD_LINES: Final = 2
_ICON: Final = 20
_PICTURE: Final = QSize(56, 40)
_MORE: Final = 24


class _Words(PlainLabel):
    """At most two lines; all of it is in the tool tip then."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", None, parent, wraps=True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.whole = ""

    def set_words(self, words: str) -> None:
        """Say something else."""
        self.whole = words
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = fitting(self.whole, "", self.fontMetrics(), self.width(), _MOST_WORD_LINES)
        self.setText(shown)
        self.setToolTip(plain_tip(self.whole) if shown != self.whole else "")


class TroubleLine(QFrame):
    """One trouble.

    Attributes:
        wanted: What the user wants done (``Help``).
    """

    wanted = Signal(object)

    def __init__(self, trouble: Trouble, who: Who, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._who = who
        self.trouble = trouble
        self._view: BlurredView | None = None
        picture: QWidget
        if trouble.is_refusal:
            picture = self._view = BlurredView(_PICTURE, "trouble-picture", tr("What is refused, blurred"), self)
        else:
            grave = trouble.hold is None
            picture = IconLabel("warning" if grave else "info", _ICON, self._colour(trouble), self)
        self._words = _Words(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, HALF, GRID, HALF)
        row.setSpacing(GRID)
        row.addWidget(picture)
        row.addWidget(self._words, 1)
        self.buttons: dict[Help, Button] = {}
        for one in trouble.helps:
            button = Button(help_words(one), f"trouble-{one}-{trouble.provider}", self)
            button.clicked.connect(lambda _checked=False, one=one: self.wanted.emit(one))
            self.buttons[one] = button
            row.addWidget(button)
        self.setObjectName(f"trouble-{trouble.key.replace(' ', '-')}")
        self.show_trouble(trouble)

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.whole

    def show_trouble(self, trouble: Trouble) -> None:
        """Say it anew: other jobs, another time."""
        self.trouble = trouble
        words = trouble_words(trouble, self._who)
        if words != self._words.whole:
            self._words.set_words(words)
            self.setAccessibleName(words)
            for one, button in self.buttons.items():
                # Whoever hears "Try now" alone would not know what.
                button.setAccessibleName(help_words(one).removesuffix("…"))
                button.setAccessibleDescription(words)

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show, blurred, what is refused; other troubles have no picture."""
        if self._view is not None:
            self._view.set_picture(picture)

    @staticmethod
    def _colour(trouble: Trouble) -> IconColour:
        return IconColour.WARNING if trouble.hold is None else IconColour.MUTED


class TroublesBar(QFrame):
    """The lines; hidden while there is nothing to say.

    Attributes:
        wanted: What the user wants done about which trouble (``Trouble``, ``Help``).
        height_changed: Lines came, went, or say something else.
    """

    wanted = Signal(object, object)
    height_changed = Signal()

    def __init__(self, model: JobModel, providers: Mapping[str, Who], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "job-troubles", self.tr("What keeps jobs from going on"))
        self._model = model
        self._providers = providers
        self._lines: dict[str, TroubleLine] = {}
        self._rest = 0
        self._pictures: RefusedPictures | None = None
        self._more = PlainLabel("", "muted", self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(HALF)
        self._column.addWidget(self._more)
        # Hundreds of jobs may be held at once; they are counted once.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._refresh)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._soon.start)
        model.dataChanged.connect(lambda _first, _last, roles: None if roles else self._soon.start())
        model.ticked.connect(self._soon.start)
        self._more.hide()
        self.hide()

    def set_pictures(self, pictures: RefusedPictures) -> None:
        """Say where blurred pictures of what is refused come from."""
        self._pictures = pictures
        pictures.arrived.connect(self._show_pictures)

    def _show_pictures(self) -> None:
        if self._pictures is not None:
            for line in self._lines.values():
                if line.trouble.is_refusal:
                    line.show_picture(self._pictures.get(line.trouble.jobs[0]))

    @property
    def lines(self) -> Sequence[TroubleLine]:
        """What is shown, from above."""
        return list(self._lines.values())

    def _refresh(self) -> None:
        found = troubles_of(self._model.jobs)
        shown, rest = found[:_MOST_LINES], found[_MOST_LINES:]
        keys = [one.key for one in shown]
        for key in [key for key in self._lines if key not in keys]:
            self._drop(self._lines.pop(key))
        for place, trouble in enumerate(shown):
            line = self._lines.get(trouble.key)
            if line is None:
                line = self._make(trouble)
            else:
                line.show_trouble(trouble)
            if self._column.indexOf(line) != place:
                self._column.insertWidget(place, line)
        self._lines = {key: self._lines[key] for key in keys}
        self._rest = sum(len(one.jobs) for one in rest)
        self._show_pictures()
        self.setVisible(bool(found))
        self.height_changed.emit()

    def take_room(self, pixels: int, width: int) -> int:
        """Show as many lines as fit, at least one, and say how many jobs the others are of.

        Args:
            pixels: How high this may be.
            width: How wide it is.

        Returns:
            How many pixels it takes.
        """
        lines, used, hidden = self.lines, 0, self._rest
        for place, line in enumerate(lines):
            height = max(line.heightForWidth(width), line.minimumSizeHint().height()) + HALF
            is_last = place == len(lines) - 1 and not self._rest
            fits = place == 0 or (hidden == self._rest and used + height + (0 if is_last else _MORE) <= pixels)
            line.setVisible(fits)
            used += height if fits else 0
            hidden += 0 if fits else len(line.trouble.jobs)
        words = (
            tr("1 more job waits for something else.") if hidden == 1 else tr("{n} more jobs wait for other things.")
        )
        self._more.setText(words.format(n=hidden) if hidden else "")
        self._more.setVisible(bool(hidden))
        return used + (_MORE if hidden else 0) + (GRID if lines else 0)

    def _make(self, trouble: Trouble) -> TroubleLine:
        line = TroubleLine(trouble, who_is(self._providers, trouble.provider), self)
        line.wanted.connect(lambda one, line=line: self.wanted.emit(line.trouble, one))
        self._lines[trouble.key] = line
        announce(self, line.text, is_urgent=trouble.hold is None)
        return line

    def _drop(self, line: TroubleLine) -> None:
        had_focus = line.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._column.removeWidget(line)
        line.hide()
        line.deleteLater()
        if had_focus:
            # The keyboard must not fall into nothing.
            self.focusNextChild()
