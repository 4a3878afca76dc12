"""The card at the bottom of the inspector: what will happen, what to mind, and the primary button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.studio.cloud_card import CloudCard
from faceswap_desktop.ui.studio.cloud_words import money_text
from faceswap_desktop.ui.studio.plan import Plan, Wish
from faceswap_desktop.ui.texts import duration_text, percent_text, plain_tip, size_text
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import LinkButton, PrimaryButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel, fitting
from faceswap_desktop.ui.widgets.roles import set_role

_WARNINGS_HEIGHT = 52
_WARNING_LINES = 3


class PreflightCard(QFrame):
    """What will happen, what to mind, and the primary button.

    Only videos and services on the internet, which have more to say, change its height.

    Attributes:
        run_wanted: The button was pressed.
        sheet_wanted: The hardest frames are to be looked at first.
        wanted: Something is to be set up or done otherwise (``Wish``).
    """

    run_wanted = Signal()
    sheet_wanted = Signal()
    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warning_icon = QLabel(self)
        self._plan = Plan()
        set_role(self, "panel")
        name(self, "preflight", self.tr("Before it runs"))
        self._is_running = False
        self._had_focus = False
        self._words = self._more = ""
        self._warning_icon.setFixedSize(18, 18)
        self._warning = PlainLabel("", "small", self, wraps=True)
        self._warning.setAlignment(Qt.AlignmentFlag.AlignTop)
        name(self._warning, "preflight-warning", self.tr("Mind"))
        self._facts = ElidedLabel("", "small", self)
        name(self._facts, "preflight-facts", self.tr("What will happen"))
        self._video = ElidedLabel("", "small", self)
        name(self._video, "preflight-video", self.tr("What the video becomes"))
        self._where = ElidedLabel("", "small", self)
        name(self._where, "preflight-where", self.tr("What leaves this computer"))
        self.cloud = CloudCard(self)
        self.cloud.wanted.connect(self.wanted)
        self._ways = self._make_ways()
        self._sheet = LinkButton(self.tr("Look at the hardest frames first"), "preflight-sheet", self)
        self._sheet.clicked.connect(self.sheet_wanted)
        self.button = PrimaryButton(self.tr("Swap faces"), "run", self)
        self.button.clicked.connect(self.run_wanted)
        warning_row = QHBoxLayout()
        warning_row.setSpacing(HALF)
        warning_row.addWidget(self._warning_icon, 0, Qt.AlignmentFlag.AlignTop)
        warning_row.addWidget(self._warning, 1)
        holder = self._warnings = QWidget(self)
        holder.setFixedHeight(_WARNINGS_HEIGHT)
        holder.setLayout(warning_row)
        warning_row.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, GRID, PAD, PAD - HALF)
        column.setSpacing(HALF)
        column.addWidget(holder)
        column.addWidget(self._ways)
        for line_of_words in (self._facts, self._video, self._where):
            column.addWidget(line_of_words)
        column.addWidget(self.cloud)
        column.addWidget(self._sheet, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(HALF)
        column.addWidget(self.button)
        self._paint_icon()
        self.show_plan(self._plan)

    def show_plan(self, plan: Plan) -> None:
        """Show a plan."""
        self._plan = plan
        self._facts.setText(self._facts_words(plan))
        for label, words in ((self._video, self._video_words(plan)), (self._where, self._where_words(plan))):
            label.setText(words)
            label.setVisible(bool(plan.videos) and bool(words))
        set_role(self._where, "warning" if plan.cluster else "small")
        self._sheet.setVisible(plan.is_worth_a_look)
        self.cloud.show_plan(plan)
        self._show_ways(plan)
        # What cannot be done comes before what makes it worse.
        said = (*plan.refusals, *plan.warnings)
        more = len(said) - 1
        words = said[0] if said else ""
        self._more = self.tr("(and {n} more)").format(n=more) if more > 0 else ""
        self._words = words
        self._show_warning()
        self._warning.setToolTip(plain_tip("\n".join(said)))
        self._warning.setAccessibleDescription("\n".join(said))
        self._warning_icon.setVisible(bool(words))
        # Room is kept where nothing else moves either.
        self._warnings.setVisible(bool(words) or (plan.cloud is None and not plan.sensitive))
        self._paint_icon()
        self._refresh_button()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.StyleChange}:
            self._paint_icon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_warning()

    def _show_warning(self) -> None:
        """Show as much of the first warning as fits in whole lines, and how many more there are."""
        room = self.width() - 2 * PAD - self._warning_icon.width() - HALF
        self._warning.setText(fitting(self._words, self._more, self._warning.fontMetrics(), room, _WARNING_LINES))

    def set_running(self, is_running: bool) -> None:
        """Say that jobs are being handed over; the button waits."""
        if is_running:
            # Asked of the window, which may not be active again yet after a dialog.
            self._had_focus = self.window().focusWidget() is self.button
        self._is_running = is_running
        self._refresh_button()
        if not is_running and self._had_focus:
            # A button that is switched off hands the keyboard on; it gets it back.
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_ways(self) -> QWidget:
        """Make the ways out of what the provider refuses."""
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._fewer = LinkButton(self.tr("Largest faces only"), "preflight-fewer", holder)
        self._fewer.setToolTip(self.tr("Leave the smaller faces as they are, so that the provider takes it"))
        self._here = LinkButton(self.tr("Do it on this computer"), "preflight-here", holder)
        for button, wish in ((self._fewer, Wish.FEWER), (self._here, Wish.HERE)):
            button.clicked.connect(lambda _checked, wish=wish: self.wanted.emit(wish))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return holder

    def _show_ways(self, plan: Plan) -> None:
        self._fewer.setVisible(plan.has_too_many_faces)
        self._here.setVisible(plan.cloud is not None)
        self._ways.setVisible(bool(plan.refusals) and (plan.has_too_many_faces or plan.cloud is not None))

    def _paint_icon(self) -> None:
        shape, colour = ("error", IconColour.DANGER) if self._plan.refusals else ("warning", IconColour.WARNING)
        picture = icon(shape, colour).pixmap(QSize(18, 18), self.devicePixelRatio())
        self._warning_icon.setPixmap(picture)

    def _refresh_button(self) -> None:
        plan = self._plan
        if self._is_running:
            words = self.tr("Starting…")
        elif not plan.changes:
            words = self.tr("Swap faces")
        else:
            words = self._what_words(plan)
            count = len(plan.recipes)
            if count > 1:
                places = self.tr("{what} in {n} files") if plan.videos else self.tr("{what} in {n} pictures")
                words = places.format(what=words, n=count)
        self.button.set_words(words)
        self.button.setEnabled(plan.can_run and not self._is_running)
        why = self.cloud.obstacle_words(plan) or "\n".join(() if plan.recipes else (*plan.sensitive, *plan.refusals))
        self.button.setToolTip(plain_tip(why))
        self.button.setAccessibleDescription(why)

    def _what_words(self, plan: Plan) -> str:
        parts = []
        if plan.faces:
            parts.append(self.tr("Swap 1 face") if plan.faces == 1 else self.tr("Swap {n} faces").format(n=plan.faces))
        if plan.ages:
            words = self.tr("Change 1 age") if plan.ages == 1 else self.tr("Change {n} ages").format(n=plan.ages)
            parts.append(words[0].lower() + words[1:] if parts else words)
        return ", ".join(parts)

    def _facts_words(self, plan: Plan) -> str:
        if plan.sensitive and not plan.recipes:
            return self.tr("Nothing to run: it is refused.")
        if plan.refused and not plan.recipes:
            title = plan.cloud.title if plan.cloud is not None else self.tr("This computer")
            return self.tr("{provider} cannot do this as it is.").format(provider=title)
        if not plan.changes:
            if plan.looking is not None:
                share = percent_text(plan.looking)
                return self.tr("Ready when people are found: {share}").format(share=share)
            return self.tr("Looking for faces…") if plan.waiting else self.tr("Pair a face or change an age to begin.")
        time = self.tr("about {time}").format(time=duration_text(max(1.0, plan.seconds)))
        if plan.cloud is not None:
            # What it costs is never shortened away.
            cost = money_text(plan.credits, plan.cloud.unit) if plan.credits is not None else ""
            return f"{self.tr('{money} (estimate)').format(money=cost)} · {time}" if cost else _capital(time)
        parts = [time]
        if plan.videos:
            if len(plan.videos) == 1:
                parts.insert(0, plan.videos[0].length_words())
            if plan.room_bytes:
                parts.append(self.tr("needs {size}").format(size=size_text(plan.room_bytes)))
        else:
            parts.append(self._where_words(plan).lower())
        return _capital(" · ".join(parts))

    def _video_words(self, plan: Plan) -> str:
        if len(plan.videos) == 1:
            one = plan.videos[0]
            return f"{one.length_words()} · {one.becomes}" if plan.cloud is not None else one.becomes
        words = "; ".join(dict.fromkeys(one.becomes for one in plan.videos))
        return _capital(words) if words else ""

    def _where_words(self, plan: Plan) -> str:
        if plan.cluster:
            return self.tr("Frames leave this computer, to {address}").format(address=plan.cluster)
        people = plan.videos[0].people_words() if len(plan.videos) == 1 else ""
        if plan.cloud is not None:
            # Where files go is said below.
            return people
        where = self.tr("Nothing leaves this computer")
        return f"{people} · {where.lower()}" if people else where


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
