"""Who is in front of the camera, one under the other; whoever is chosen here gets the next source face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.live import LivePart
from faceswap_desktop.ui.live.person_chip import PersonChip
from faceswap_desktop.ui.live.words import part_words
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import SectionHeader
from faceswap_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from faceswap_desktop.services.live_state import LiveState
    from faceswap_desktop.ui.studio.sources import Sources

_MOST: Final = 8
"""So many people have a row; the rest keep what they have and are reached in the picture."""


class PeopleSection(QWidget):
    """Rows for everyone and for each person, and what can be done with the one that is chosen.

    Attributes:
        chosen_changed: Another row was chosen (number; 0 for everyone).
        sources_dropped: Source faces were dropped on a row (number, ids).
        leave_wanted: A face is to be left as it is (number).
        as_everyone_wanted: A person is to have no part of their own any more (number).
        menu_wanted: A menu is asked for (number, place on the screen).
        person_focused: The keyboard came to a row (number).
    """

    chosen_changed = Signal(int)
    sources_dropped = Signal(int, object)
    leave_wanted = Signal(int)
    as_everyone_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)
    person_focused = Signal(int)

    def __init__(self, sources: Sources, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live-people")
        self._sources = sources
        self._chips: dict[int, PersonChip] = {}
        self._portraits: dict[int, bytes] = {}
        self._chosen: int | None = None
        self._reason = ""
        self._parts: dict[int, LivePart] = {}
        self._header = SectionHeader(self.tr("People"), self)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(HALF)
        self._hint = PlainLabel("", "small", self, wraps=True)
        self._hint.setObjectName("live-people-hint")
        self._leave = LinkButton(self.tr("Leave as is"), "live-leave", self)
        self._reset = LinkButton(self.tr("As everyone"), "live-as-everyone", self)
        self._leave.clicked.connect(lambda: self._emit(self.leave_wanted))
        self._reset.clicked.connect(lambda: self._emit(self.as_everyone_wanted))
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self._leave)
        buttons.addWidget(self._reset)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self._header)
        column.addLayout(self._rows)
        column.addWidget(self._hint)
        column.addLayout(buttons)
        self._chip(0)

    @property
    def chosen(self) -> int | None:
        """On whom the next source face goes: a person's number, 0 for everyone; None where nobody chose."""
        return self._chosen

    @property
    def focused(self) -> int | None:
        """On whose row the keyboard stands; None where it is elsewhere."""
        return next((number for number, chip in self._chips.items() if chip.hasFocus()), None)

    def set_reason(self, reason: str) -> None:
        """Say why people are not told apart; nothing where they are."""
        self._reason = reason

    def choose(self, number: int | None) -> None:
        """Choose without telling anybody."""
        self._chosen = number
        for one, chip in self._chips.items():
            chip.setChecked(one == number)
        self._refresh_buttons()

    def show_state(self, state: LiveState) -> None:
        """Show who is there and what is done to them."""
        here = {person.number for person in state.people}
        wanted = sorted(here | set(state.parts))[:_MOST]
        for number in [one for one in self._chips if one and one not in wanted]:
            self._remove(number)
        self._parts = dict(state.parts)
        self._show_part(0, state.everyone, is_here=True, is_own=True)
        for number in wanted:
            own = state.parts.get(number)
            self._show_part(number, own or state.everyone, is_here=number in here, is_own=own is not None)
            self._show_portrait(number, state.portraits.get(number))
        words = self._reason or self._words(len(here), is_running=state.phase == "running")
        self._hint.setText(words)
        self._hint.setVisible(bool(self._hint.text()))
        self._refresh_buttons()

    # Inside

    def _words(self, count: int, *, is_running: bool) -> str:
        if not is_running:
            return self.tr("People stand here, with a number each, once the camera runs.")
        if not count:
            return self.tr("Nobody is seen. Move into the light.")
        return ""

    def _emit(self, wanted: SignalInstance) -> None:
        if self._chosen:
            wanted.emit(self._chosen)

    def _refresh_buttons(self) -> None:
        has_chosen = bool(self._chosen)
        own = self._parts.get(self._chosen or 0)
        is_left = own is not None and own.source is None and not own.years
        self._leave.setEnabled(has_chosen and not is_left)
        self._reset.setEnabled(has_chosen and own is not None)
        why = "" if has_chosen else self.tr("Choose a person first")
        self._leave.setToolTip(why or self.tr("Their face stays their own (Delete)"))
        self._reset.setToolTip(why or self.tr("No part of their own any more"))

    def _show_part(self, number: int, part: LivePart, *, is_here: bool, is_own: bool) -> None:
        chip = self._chip(number)
        source = self._sources.badge(part.source)
        words = part_words(part, source.name if source is not None else "")
        if not is_own and (part.source is not None or part.years):
            words = self.tr("as everyone: {part}").format(part=words)
        chip.show_part(words, source.picture if source is not None else QPixmap(), is_here=is_here)

    def _show_portrait(self, number: int, data: bytes | None) -> None:
        if data is not None and self._portraits.get(number) != data:
            self._portraits[number] = data
            portrait = QPixmap()
            portrait.loadFromData(data, "JPEG")
            self._chip(number).show_portrait(portrait)

    def _chip(self, number: int) -> PersonChip:
        if number not in self._chips:
            chip = PersonChip(number, self)
            chip.clicked.connect(lambda: self._on_clicked(number))
            chip.sources_dropped.connect(self.sources_dropped)
            chip.cleared.connect(self.leave_wanted)
            chip.menu_wanted.connect(self.menu_wanted)
            chip.focused.connect(self.person_focused)
            chip.step_wanted.connect(lambda by: self._step(number, by))
            place = sum(one < number for one in self._chips)
            self._chips[number] = chip
            self._rows.insertWidget(place, chip)
            # The layout would do so a turn later only.
            chip.show()
            self._put_in_tab_order()
            chip.setChecked(number == self._chosen)
        return self._chips[number]

    def _remove(self, number: int) -> None:
        chip = self._chips.pop(number)
        self._portraits.pop(number, None)
        if chip.hasFocus():
            self._chips[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self._rows.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        if self._chosen == number:
            self.choose(None)
            self.chosen_changed.emit(0)

    def _put_in_tab_order(self) -> None:
        chips = [self._chips[number] for number in sorted(self._chips)]
        for before, after in zip(chips, [*chips[1:], self._leave], strict=True):
            QWidget.setTabOrder(before, after)

    def _on_clicked(self, number: int) -> None:
        # A second click on the one that is chosen lets it go.
        self.choose(None if self._chosen == number else number)
        self.chosen_changed.emit(self._chosen or 0)

    def _step(self, number: int, by: int) -> None:
        numbers = sorted(self._chips)
        after = numbers[(numbers.index(number) + by) % len(numbers)]
        self._chips[after].setFocus(Qt.FocusReason.TabFocusReason)
