"""Where the picture on the canvas lies on the internet already, for providers that fetch it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from faceswap_desktop.domain.media import Media
from faceswap_desktop.services.offers import Control
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.addresses import Address, Addresses
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_LONGEST = 4096


class AddressSection(Disclosure):
    """A field for an address; what was put in is looked at before it is used."""

    def __init__(self, context: AppContext, addresses: Addresses, parent: QWidget | None = None) -> None:
        super().__init__("", "address", parent)
        self._context = context
        self._addresses = addresses
        self._shown: Address | None = None
        self.set_title(self.tr("Web address"))
        self._explanation = PlainLabel("", "small", self, wraps=True)
        self.field = QLineEdit(self)
        name(self.field, "address-field", self.tr("Address of the picture or video"))
        self.field.setMaxLength(_LONGEST)
        self.field.setPlaceholderText("https://…")
        self.field.editingFinished.connect(self._on_edited)
        self._paste = IconButton("paste", self.tr("Paste an address"), "address-paste", self)
        self._paste.clicked.connect(self.paste)
        self._remove = IconButton("close", self.tr("Forget the address"), "address-remove", self)
        self._remove.clicked.connect(self._on_remove)
        self._state = PlainLabel("", "small", self, wraps=True)
        name(self._state, "address-state", self.tr("What is known of the address"))
        self._cannot = Greyed(self.field, self._paste)
        row = QHBoxLayout()
        row.setSpacing(HALF)
        row.addWidget(self.field, 1)
        row.addWidget(self._paste)
        row.addWidget(self._remove)
        self.column.addWidget(self._explanation)
        self.column.addLayout(row)
        self.column.addWidget(self._state)
        addresses.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known of the address of the picture on the canvas."""
        media = self._media
        offer = self._context.offers.of(self._context.current_settings.swap.provider)
        reason = text_of(offer.lacks.get(Control.TARGET_URL)) if offer is not None else ""
        if not reason and media is None:
            reason = self.tr("Open a picture or video first.")
        self._cannot.set_reason(reason)
        title = offer.info.title if offer is not None else ""
        words = self.tr(
            "If this very file is on the internet already, {provider} can fetch it there instead of getting a copy."
        )
        self._explanation.setText(reason or words.format(provider=title))
        known = self._addresses.all.get(media.id) if media is not None else None
        if not self.field.hasFocus() or known != self._shown:
            self.field.setText(known.url if known is not None else "")
            # Where it leads says more than its end.
            self.field.setCursorPosition(0)
        if known != self._shown and known is not None and not known.is_checking:
            announce(self, self._state_words(known))
        self._shown = known
        self._remove.setVisible(known is not None)
        self._show_state(known, is_used=not reason)

    def paste(self) -> None:
        """Take the address in the clipboard; without one the field waits for it."""
        self.set_open(True)
        text = QApplication.clipboard().text().strip()
        if self._cannot:
            self._context.notifications.info(self._cannot.reason, key="address")
        elif self._media is not None and text.lower().startswith(("https://", "http://")):
            self._addresses.put(self._media, text[:_LONGEST])
        else:
            self.field.setFocus()
            self._context.notifications.info(
                self.tr("There is no web address in the clipboard. Copy one, or type it into the field."), key="address"
            )

    # Inside

    @property
    def _media(self) -> Media | None:
        current = self._context.studio.current
        return current.media if current is not None and current.status is PictureStatus.READY else None

    def _on_edited(self) -> None:
        media, text = self._media, self.field.text().strip()
        known = self._addresses.all.get(media.id) if media is not None else None
        # The field loses the keyboard after Return, and tells both.
        if media is not None and not self._cannot and text != (known.url if known is not None else ""):
            self._addresses.put(media, text)

    def _on_remove(self) -> None:
        if self._media is not None:
            self._addresses.put(self._media, "")
            self.field.setFocus()

    def _show_state(self, known: Address | None, *, is_used: bool) -> None:
        self._state.setVisible(known is not None)
        if known is None:
            self.set_summary(self.tr("None"))
            return
        self._state.setText(self._state_words(known))
        if known.is_checking:
            set_role(self._state, "small")
            self.set_summary(self.tr("Looking…"))
        elif known.problem:
            set_role(self._state, "danger")
            self.set_summary(self.tr("Cannot be used"))
        else:
            set_role(self._state, "warning" if known.doubt else "success")
            self.set_summary(self.tr("Used") if is_used else self.tr("Not used"))

    def _state_words(self, known: Address) -> str:
        if known.is_checking:
            return self.tr("Looking at it…")
        return known.problem or known.doubt or self.tr("The file is there. It need not be uploaded.")
