"""Who does the work, what can be chosen there, and how the account stands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.services.offers import Offer
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.account import Account
from faceswap_desktop.ui.studio.cloud_words import money_text
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import Choice, FormRow
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role


class ProviderSection(QWidget):
    """Shows and changes the provider and what is set of it; both are remembered.

    Attributes:
        account_wanted: The account is to be set up.
    """

    account_wanted = Signal()

    def __init__(self, context: AppContext, tasks: Tasks, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._account = account
        self.choice = Choice(self.tr("Provider"), "provider", [], self)
        self.choice.chosen.connect(lambda value: self._save("swap", provider=str(value)))
        self._row = FormRow(self.tr("Provider"), self.choice, parent=self)
        self._variant = Choice(self.tr("Quality"), "provider-variant", [], self)
        self._variant.chosen.connect(self._on_variant)
        self._variant_row = FormRow(self.tr("Quality"), self._variant, " ", self)
        self._preview = PlainLabel("", "small", self, wraps=True)
        name(self._preview, "provider-preview", self.tr("What the preview shows"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for widget in (self._row, self._make_account_row(), self._variant_row, self._preview):
            column.addWidget(widget)
        account.changed.connect(self._show_account)
        self.refresh()

    def refresh(self) -> None:
        """Show what the settings say."""
        settings = self._context.current_settings
        offers = self._context.offers.all()
        self.choice.set_values([(one.info.id, one.info.title) for one in offers])
        self.choice.set_value(settings.swap.provider)
        offer = self._account.offer
        limits = text_of(offer.info.limits) if offer is not None else ""
        is_elsewhere = offer is not None and not offer.info.is_local
        self.choice.setToolTip(limits)
        self.choice.setAccessibleDescription(limits)
        self._row.set_hint(limits if is_elsewhere else "")
        self._show_variants(offer)
        self._preview.setVisible(is_elsewhere)
        title = offer.info.title if offer is not None else ""
        words = self.tr("The preview is made on this computer. What {provider} makes of it looks different.")
        self._preview.setText(words.format(provider=title))
        self._show_account()

    # Inside

    def _make_account_row(self) -> QWidget:
        self._account_row = QWidget(self)
        self._account_words = PlainLabel("", "small", self._account_row, wraps=True)
        name(self._account_words, "provider-account", self.tr("Account"))
        self._account_button = LinkButton(self.tr("Set up…"), "provider-account-button", self._account_row)
        self._account_button.setAccessibleName(self.tr("Set up the account"))
        self._account_button.clicked.connect(self.account_wanted)
        row = QHBoxLayout(self._account_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._account_words, 1)
        row.addWidget(self._account_button, 0, Qt.AlignmentFlag.AlignVCenter)
        return self._account_row

    def _show_account(self) -> None:
        account, offer = self._account, self._account.offer
        words = ""
        if offer is None or not offer.has_account or account.is_sandbox:
            pass
        elif account.is_missing:
            words = self.tr("No account at {provider} yet.").format(provider=offer.info.title)
        elif account.credits is not None:
            words = self.tr("{money} left").format(money=money_text(account.credits, offer.info.unit))
        elif account.problem:
            words = account.problem
        set_role(self._account_words, "warning" if account.is_missing or account.problem else "small")
        self._account_words.setText(words)
        self._account_row.setVisible(bool(words))
        self._account_button.setVisible(account.is_missing or bool(account.problem))

    def _show_variants(self, offer: Offer | None) -> None:
        variants = offer.variants if offer is not None else None
        self._variant_row.setVisible(variants is not None)
        if variants is None:
            return
        chosen = variants.chosen(self._context.current_settings)
        self._variant.set_values([(one.value, text_of(one.title)) for one in variants.values])
        self._variant.set_value(chosen.value)
        self._variant_row.set_hint(text_of(chosen.hint))
        self._variant.setAccessibleDescription(text_of(chosen.hint))

    def _on_variant(self, value: object) -> None:
        offer = self._account.offer
        if offer is not None and offer.variants is not None:
            self._save(offer.variants.section, **{offer.variants.key: value})

    def _save(self, section: str, **changes: object) -> None:
        self._tasks.start(self._context.settings.update(section, **changes))
