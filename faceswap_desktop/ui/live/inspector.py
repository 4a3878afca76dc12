"""The inspector of the Live page: camera, provider, people, face, options, output, and the foot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from faceswap_desktop.services.offers import Control
from faceswap_desktop.ui.live.camera_section import CameraSection
from faceswap_desktop.ui.live.face_section import FaceSection
from faceswap_desktop.ui.live.foot import LiveFoot
from faceswap_desktop.ui.live.options_section import OptionsSection
from faceswap_desktop.ui.live.output_section import OutputSection
from faceswap_desktop.ui.live.people_section import PeopleSection
from faceswap_desktop.ui.live.provider_section import ProviderSection
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, PANEL_WIDTH
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.panels import SidePanel
from faceswap_desktop.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from faceswap_desktop.services.live_state import LiveState
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.live.cameras import Cameras
    from faceswap_desktop.ui.live.casting import Casting
    from faceswap_desktop.ui.studio.sources import Sources


class LiveInspector(QFrame):
    """Everything about the session that is not the picture itself."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        cameras: Cameras,
        sources: Sources,
        casting: Casting,
        price: Callable[[str], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        self.setMinimumWidth(PANEL_WIDTH)
        self._context = context
        self.camera = CameraSection(cameras, self)
        self.provider = ProviderSection(context, tasks, price, self)
        self.people = PeopleSection(sources, self)
        self.face = FaceSection(sources, casting, self)
        self.options = OptionsSection(self)
        self.output = OutputSection(context, tasks, self)
        self.foot = LiveFoot(self)
        panel = SidePanel(self.tr("Inspector"), "live-inspector", self)
        panel.column.setSpacing(GRID)
        parts = (self.camera, self.provider, self.people, self.face, self.options, self.output)
        for number, part in enumerate(parts):
            if number:
                panel.add(line(self))
            panel.add(part)
        panel.end()
        self.output.label.law_shown.connect(lambda: panel.show_whole(self.output.label))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(panel, 1)
        column.addWidget(line(self))
        column.addWidget(self.foot)
        self.refresh_provider("")

    @property
    def is_local(self) -> bool:
        """Whether this computer is chosen."""
        offer = self.provider.offer
        return offer is None or offer.info.is_local

    def refresh_provider(self, need: str) -> None:
        """Show the provider, and grey what it does not do.

        Args:
            need: What the virtual camera of this computer needs; empty for nothing.
        """
        self.provider.refresh()
        offer = self.provider.offer
        if offer is None:
            return
        is_local = offer.info.is_local
        title = offer.info.title
        no_age = "" if is_local else self.tr("{provider} changes no ages while live.").format(provider=title)
        self.face.set_provider(offer.info, no_age)
        one_face = self.tr("{provider} changes the main face; people are not told apart.").format(provider=title)
        self.people.set_reason("" if is_local else one_face)
        self.options.set_reason("" if is_local else text_of(offer.lacks.get(Control.SWAP_OPTIONS)))
        if is_local:
            self.output.show_need(need)
        else:
            self.output.show_need(
                self.tr("The picture of {provider} exists in its page only.").format(provider=title),
                why_not_lost=self.tr("{provider} decides this by itself.").format(provider=title),
            )

    def show_state(self, state: LiveState) -> None:
        """Show what changed in the session on this computer."""
        self.people.show_state(state)
        self.face.refresh()
        self.options.show_state(state)
        self.output.show_state(state)
        self.camera.show_mirrored(is_mirrored=state.is_mirrored)
