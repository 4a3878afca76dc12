"""The inspector at the right: faces, options, provider, output, what will happen, and the button that does it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QUndoStack
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceswap_desktop.domain.events import StudioPart
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.item_models.face_list import FaceListModel
from faceswap_desktop.ui.studio.age_section import AgeSection
from faceswap_desktop.ui.studio.faces_section import FacesSection
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.studio.options_section import OptionsSection
from faceswap_desktop.ui.studio.output_section import OutputSection
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.portraits import Portraits
from faceswap_desktop.ui.studio.preflight import Plan
from faceswap_desktop.ui.texts import duration_text, percent_text, plain_tip, size_text, text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD, PANEL_WIDTH
from faceswap_desktop.ui.widgets.buttons import LinkButton, PrimaryButton
from faceswap_desktop.ui.widgets.forms import Choice, FormRow, line
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel, fitting
from faceswap_desktop.ui.widgets.panels import SidePanel
from faceswap_desktop.ui.widgets.roles import set_role

_WARNINGS_HEIGHT = 52
_WARNING_LINES = 3


class Inspector(QFrame):
    """Everything about the swap that is not the picture itself.

    Attributes:
        run_wanted: The primary button was pressed.
        sheet_wanted: The hardest frames are to be looked at first.
    """

    run_wanted = Signal()
    sheet_wanted = Signal()

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        stack: QUndoStack,
        faces: FaceListModel,
        pairing: Pairing,
        identities: Identities,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        self.setMinimumWidth(PANEL_WIDTH)
        self._context = context
        self._tasks = tasks
        portraits = Portraits(context.videos, tasks, self)
        self.faces = FacesSection(faces, context.studio, identities, portraits, self)
        self.options = OptionsSection(context, tasks, stack, self)
        self.age = AgeSection(context, tasks, stack, pairing, self)
        self.faces.current_changed.connect(self.age.set_face)
        self.output = OutputSection(context, tasks, self)
        self.provider = Choice(self.tr("Provider"), "provider", [], self)
        self.provider.chosen.connect(self._on_provider)
        panel = SidePanel(self.tr("Inspector"), "inspector", self)
        panel.column.setSpacing(GRID)
        for number, part in enumerate(
            (self.faces, self.age, self.options, FormRow(self.tr("Provider"), self.provider, parent=self), self.output)
        ):
            if number:
                panel.add(line(self))
            panel.add(part)
        panel.end()
        self.card = PreflightCard(self)
        self.card.run_wanted.connect(self.run_wanted)
        self.card.sheet_wanted.connect(self.sheet_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(panel, 1)
        column.addWidget(line(self))
        column.addWidget(self.card)
        self.refresh_settings()

    def follow(self, part: StudioPart) -> None:
        """Show what changed in the Studio."""
        match part:
            case StudioPart.OPTIONS:
                self.options.refresh()
            case StudioPart.ANALYSIS:
                self.faces.refresh_progress()
                return
            case _:
                self.faces.refresh()
                current = self._context.studio.current
                self.output.set_video(current is not None and current.is_video)
        self.age.refresh()

    def refresh_settings(self) -> None:
        """Show provider and output as the settings have them."""
        providers = self._context.swapping.providers
        self.provider.set_values([(one.info.id, one.info.title) for one in providers])
        self.provider.set_value(self._context.current_settings.swap.provider)
        chosen = next((one for one in providers if one.info.id == self.provider.value()), None)
        self.provider.setToolTip(text_of(chosen.info.limits) if chosen is not None else "")
        self.output.refresh()
        self.age.refresh()

    def show_plan(self, plan: Plan) -> None:
        """Show what would happen."""
        self.card.show_plan(plan)
        self.output.show_example(plan.name_problem or plan.name, is_wrong=bool(plan.name_problem))

    def _on_provider(self, provider: object) -> None:
        self._tasks.start(self._context.settings.update("swap", provider=str(provider)))


class PreflightCard(QFrame):
    """What will happen, what to mind, and the primary button. Only a video, which has more to say, changes its height.

    Attributes:
        run_wanted: The button was pressed.
        sheet_wanted: The hardest frames are to be looked at first.
    """

    run_wanted = Signal()
    sheet_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warning_icon = QLabel(self)
        set_role(self, "panel")
        name(self, "preflight", self.tr("Before it runs"))
        self._is_running = False
        self._had_focus = False
        self._plan = Plan()
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
        self._sheet = LinkButton(self.tr("Look at the hardest frames first"), "preflight-sheet", self)
        self._sheet.clicked.connect(self.sheet_wanted)
        self.button = PrimaryButton(self.tr("Swap faces"), "run", self)
        self.button.clicked.connect(self.run_wanted)
        warning_row = QHBoxLayout()
        warning_row.setSpacing(HALF)
        warning_row.addWidget(self._warning_icon, 0, Qt.AlignmentFlag.AlignTop)
        warning_row.addWidget(self._warning, 1)
        holder = QWidget(self)
        holder.setFixedHeight(_WARNINGS_HEIGHT)
        holder.setLayout(warning_row)
        warning_row.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, GRID, PAD, PAD - HALF)
        column.setSpacing(HALF)
        column.addWidget(holder)
        for line_of_words in (self._facts, self._video, self._where):
            column.addWidget(line_of_words)
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
            label.setVisible(bool(plan.videos))
        set_role(self._where, "warning" if plan.cluster else "small")
        self._sheet.setVisible(plan.is_worth_a_look)
        more = len(plan.warnings) - 1
        words = plan.warnings[0] if plan.warnings else ""
        self._more = self.tr("(and {n} more)").format(n=more) if more > 0 else ""
        self._words = words
        self._show_warning()
        self._warning.setToolTip(plain_tip("\n".join(plan.warnings)))
        self._warning.setAccessibleDescription("\n".join(plan.warnings))
        self._warning_icon.setVisible(bool(words))
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
            self._had_focus = self.button.hasFocus()
        self._is_running = is_running
        self._refresh_button()
        if not is_running and self._had_focus:
            # A button that is switched off hands the keyboard on; it gets it back.
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _paint_icon(self) -> None:
        picture = icon("warning", IconColour.WARNING).pixmap(QSize(18, 18), self.devicePixelRatio())
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
        self.button.setEnabled(bool(plan.changes) and not self._is_running)

    def _what_words(self, plan: Plan) -> str:
        parts = []
        if plan.faces:
            parts.append(self.tr("Swap 1 face") if plan.faces == 1 else self.tr("Swap {n} faces").format(n=plan.faces))
        if plan.ages:
            words = self.tr("Change 1 age") if plan.ages == 1 else self.tr("Change {n} ages").format(n=plan.ages)
            parts.append(words[0].lower() + words[1:] if parts else words)
        return ", ".join(parts)

    def _facts_words(self, plan: Plan) -> str:
        if not plan.changes:
            if plan.looking is not None:
                share = percent_text(plan.looking)
                return self.tr("Ready when people are found: {share}").format(share=share)
            return self.tr("Looking for faces…") if plan.waiting else self.tr("Pair a face or change an age to begin.")
        parts = [self.tr("about {time}").format(time=duration_text(max(1.0, plan.seconds)))]
        if plan.credits is not None:
            parts.append(self.tr("{n} credits").format(n=f"{plan.credits:g}"))
        if plan.videos:
            if len(plan.videos) == 1:
                parts.insert(0, plan.videos[0].length_words())
            if plan.room_bytes:
                parts.append(self.tr("needs {size}").format(size=size_text(plan.room_bytes)))
        else:
            parts.append(self._where_words(plan).lower())
        words = " · ".join(parts)
        return words[0].upper() + words[1:]

    def _video_words(self, plan: Plan) -> str:
        if len(plan.videos) == 1:
            return plan.videos[0].becomes
        return "; ".join(dict.fromkeys(one.becomes for one in plan.videos))

    def _where_words(self, plan: Plan) -> str:
        if plan.cluster:
            return self.tr("Frames leave this computer, to {address}").format(address=plan.cluster)
        if plan.files_leaving:
            return self.tr("{n} files leave this computer").format(n=plan.files_leaving)
        where = self.tr("Nothing leaves this computer")
        people = plan.videos[0].people_words() if len(plan.videos) == 1 else ""
        return f"{people} · {where.lower()}" if people else where
