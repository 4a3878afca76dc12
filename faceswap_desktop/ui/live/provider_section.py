"""Who swaps while the camera runs: this computer, or a service by the minute; and what the service does not do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.services.offers import Control, Offer
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.studio.cloud_words import money_text
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.widgets.forms import Choice, FormRow
from faceswap_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext

_CHOICE_WIDTH = 176


class ProviderSection(QWidget):
    """Shows and changes the provider of live sessions; it is remembered."""

    def __init__(
        self, context: AppContext, tasks: Tasks, price: Callable[[str], float], parent: QWidget | None = None
    ) -> None:
        """Make it.

        Args:
            context: Of the window.
            tasks: Of the page.
            price: Returns what a provider takes per minute, in its own unit.
            parent: The owner.
        """
        super().__init__(parent)
        self.setObjectName("live-provider-section")
        self._context = context
        self._price = price
        self.choice = Choice(self.tr("Provider"), "live-provider", [], self)
        self.choice.setFixedWidth(_CHOICE_WIDTH)
        self.choice.chosen.connect(
            lambda value: tasks.start(context.settings.update("live", provider=str(value)), key="live-provider")
        )
        self._hint = PlainLabel("", "small", self, wraps=True)
        name(self._hint, "live-provider-hint", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(FormRow(self.tr("Provider"), self.choice, parent=self))
        column.addWidget(self._hint)
        self.refresh()

    @property
    def offer(self) -> Offer | None:
        """The provider that is chosen, this computer where it is not known; None where nobody can."""
        there = self._offers
        wanted = self._context.current_settings.live.provider
        return next((one for one in there if one.info.id == wanted), there[0] if there else None)

    @property
    def hint(self) -> str:
        """What it says of the provider."""
        return self._hint.text()

    def refresh(self) -> None:
        """Show what the settings say."""
        self.choice.set_values(
            [
                (one.info.id, self.tr("On this computer") if one.info.is_local else self._title(one))
                for one in self._offers
            ]
        )
        offer = self.offer
        if offer is None:
            return
        self.choice.set_value(offer.info.id)
        words = self.tr("Free. Nothing leaves this computer.")
        if not offer.info.is_local:
            money = money_text(self._price(offer.info.id), offer.info.unit)
            words = self.tr(
                "About {money} per minute. Your camera and microphone are sent there. It changes the main face only, "
                "without ages and options, and the picture cannot become a virtual camera."
            ).format(money=money)
        self._hint.setText(words)
        self._hint.setAccessibleName(words)
        self.choice.setAccessibleDescription(words)

    def set_locked(self, *, is_locked: bool) -> None:
        """Let the provider be changed only while nothing runs."""
        self.choice.setEnabled(not is_locked)
        self.choice.setToolTip(self.tr("Stop first, then choose another one") if is_locked else "")

    @property
    def _offers(self) -> list[Offer]:
        return [one for one in self._context.offers.all() if one.info.is_local or Control.LIVE not in one.lacks]

    def _title(self, offer: Offer) -> str:
        return self.tr("{provider} Live").format(provider=offer.info.title)
