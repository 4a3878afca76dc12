"""The sheet before a session at a service: what it costs, what is sent, and when it ends by itself."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QWidget

from faceswap_desktop.ui.bridge import ask
from faceswap_desktop.ui.dialogs.questions import WIDTH, QuestionDialog
from faceswap_desktop.ui.live.words import tr
from faceswap_desktop.ui.studio.cloud_words import hosts_text, money_text
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.forms import FormRow
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.numbers import NumberField

_MOST_MINUTES = 1_440


@dataclass(frozen=True, slots=True)
class StartOffer:
    """What is asked about.

    Attributes:
        provider: Its name.
        unit: Of its account.
        price: Per minute, in that unit.
        hosts: Who gets the source face.
        credits: What the account has; None where that is not known.
        limit_minutes: What the settings say; 0 for no limit.
        is_sandbox: The sandbox stands in the service's place: nothing is spent.
    """

    provider: str
    unit: str
    price: float
    hosts: tuple[str, ...]
    credits: float | None
    limit_minutes: int
    is_sandbox: bool


class StartSheet(QuestionDialog):
    """Asks once for each session; cancelling opens nothing and costs nothing."""

    def __init__(self, parent: QWidget, offer: StartOffer) -> None:
        price = money_text(offer.price, offer.unit)
        title = tr("Go live at {provider} for about {price} per minute?").format(provider=offer.provider, price=price)
        super().__init__(parent, title, _what_leaves(offer), tr("Start"))
        self.setObjectName("live-start-sheet")
        self._offer = offer
        self.limit = NumberField(
            tr("End after"),
            "live-start-limit",
            0,
            _MOST_MINUTES,
            self,
            suffix=tr(" minutes"),
            zero_text=tr("No limit"),
            step=5,
        )
        self.limit.set_number(offer.limit_minutes)
        self.limit.valueChanged.connect(self._show)
        row = FormRow(tr("End after"), self.limit, parent=self)
        row.setFixedWidth(WIDTH)
        self._words = PlainLabel("", "small", self, wraps=True)
        self._words.setObjectName("live-start-words")
        self._words.setFixedWidth(WIDTH)
        self.column.insertSpacing(2, GRID)
        self.column.insertWidget(3, row)
        self.column.insertWidget(4, self._words)
        self._show()

    def _show(self) -> None:
        offer, minutes = self._offer, self.limit.value()
        words = []
        if offer.is_sandbox:
            words.append(tr("Nothing is really spent."))
        if minutes:
            most = money_text(round(minutes * offer.price, 1), offer.unit)
            words.append(tr("At most about {money}.").format(money=most))
        else:
            words.append(tr("It goes on, and costs, until you press Stop."))
        if offer.credits is not None:
            left = money_text(offer.credits, offer.unit)
            enough = tr("The account has {money}.").format(money=left)
            if offer.price > 0:
                enough = tr("The account has {money}: enough for about {n} minutes.").format(
                    money=left, n=int(offer.credits // offer.price)
                )
            words.append(enough)
        words.append(tr("An estimate by the prices in the settings."))
        self._words.setText(" ".join(words))
        self._words.setAccessibleName(self._words.text())


def _what_leaves(offer: StartOffer) -> str:
    if offer.is_sandbox:
        return tr(
            "The sandbox is on: {provider} is played by this computer. Your camera, your microphone and the source "
            "face stay here, and the picture that comes back has the word “Sandbox” on it."
        ).format(provider=offer.provider)
    return tr(
        "From now until you press Stop, your camera and your microphone are sent to {provider} through Agora, "
        "whose network carries them. The source face is sent to {hosts}."
    ).format(provider=offer.provider, hosts=hosts_text(offer.hosts))


async def ask_to_start(parent: QWidget, offer: StartOffer) -> int | None:
    """Ask; returns after how many minutes it is to end (0 for never), or None if the user thinks better of it."""
    sheet = StartSheet(parent.window(), offer)
    chosen = [offer.limit_minutes]
    sheet.limit.valueChanged.connect(lambda minutes: chosen.__setitem__(0, minutes))
    return chosen[0] if await ask(sheet) == QDialog.DialogCode.Accepted else None
