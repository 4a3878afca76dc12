"""The inspector at the right: faces, options, provider, output, what will happen, and the button that does it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from faceswap_desktop.domain.events import StudioPart
from faceswap_desktop.ui.blurred import BlurredPictures
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.item_models.face_list import FaceListModel
from faceswap_desktop.ui.studio.account import Account
from faceswap_desktop.ui.studio.address_section import AddressSection
from faceswap_desktop.ui.studio.addresses import Addresses
from faceswap_desktop.ui.studio.age_section import AgeSection
from faceswap_desktop.ui.studio.faces_section import FacesSection
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.studio.label_section import LabelSection
from faceswap_desktop.ui.studio.options_section import OptionsSection
from faceswap_desktop.ui.studio.output_section import OutputSection
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.plan import Plan, Wish
from faceswap_desktop.ui.studio.portraits import Portraits
from faceswap_desktop.ui.studio.preflight_card import PreflightCard
from faceswap_desktop.ui.studio.provider_section import ProviderSection
from faceswap_desktop.ui.studio.refusal_card import RefusalCard
from faceswap_desktop.ui.theme.tokens import GRID, PANEL_WIDTH
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.panels import SidePanel
from faceswap_desktop.ui.widgets.roles import set_role


class Inspector(QFrame):
    """Everything about the swap that is not the picture itself.

    Attributes:
        run_wanted: The primary button was pressed.
        sheet_wanted: The hardest frames are to be looked at first.
        wanted: Something is to be set up or done otherwise (``Wish``).
    """

    run_wanted = Signal()
    sheet_wanted = Signal()
    wanted = Signal(object)

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        stack: QUndoStack,
        faces: FaceListModel,
        pairing: Pairing,
        identities: Identities,
        addresses: Addresses,
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
        self.label = LabelSection(context, tasks, self)
        self.account = Account(context, tasks, self)
        self.provider = ProviderSection(context, tasks, self.account, self)
        self.provider.account_wanted.connect(lambda: self.wanted.emit(Wish.ACCOUNT))
        self.address = AddressSection(context, addresses, self)
        panel = SidePanel(self.tr("Inspector"), "inspector", self)
        panel.column.setSpacing(GRID)
        parts = (self.faces, self.provider, self.age, self.options, self.address, self.output, self.label)
        for number, part in enumerate(parts):
            if number:
                panel.add(line(self))
            panel.add(part)
        panel.end()
        self.label.law_shown.connect(lambda: panel.show_whole(self.label))
        self.refusal = RefusalCard(BlurredPictures(context.refusals, tasks, self), self)
        self.card = PreflightCard(self)
        self.card.run_wanted.connect(self.run_wanted)
        self.card.sheet_wanted.connect(self.sheet_wanted)
        self.card.wanted.connect(self.wanted)
        self.account.changed.connect(lambda: self.card.cloud.set_credits(self.account.credits))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(panel, 1)
        column.addWidget(line(self))
        column.addWidget(self.refusal)
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
                self.address.refresh()
        self.age.refresh()

    def refresh_settings(self) -> None:
        """Show provider and output as the settings have them."""
        self.provider.refresh()
        self.address.refresh()
        self.options.refresh_provider()
        self.output.refresh()
        self.label.refresh()
        self.age.refresh()

    def show_plan(self, plan: Plan) -> None:
        """Show what would happen."""
        self.card.show_plan(plan)
        self.output.show_example(plan.name_problem or plan.name, is_wrong=bool(plan.name_problem))
