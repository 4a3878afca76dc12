"""Prices and budget."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import SectionHeader
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.numbers import DecimalField

if TYPE_CHECKING:
    from faceswap_desktop.providers.protocol import ProviderInfo

_MOST: Final = 1_000_000.0
_PRICES: Final = {
    "akool": (
        ("swap_image", str(QT_TRANSLATE_NOOP("Prices", "Face swap in a picture"))),
        ("swap_video", str(QT_TRANSLATE_NOOP("Prices", "Face swap in a video, each 10 seconds begun"))),
        ("reage_image", str(QT_TRANSLATE_NOOP("Prices", "Age in a picture"))),
        ("reage_video", str(QT_TRANSLATE_NOOP("Prices", "Age in a video, each 10 seconds begun"))),
        ("live", str(QT_TRANSLATE_NOOP("Prices", "Live, each minute"))),
    ),
    "aifaceswap": (
        ("swap", str(QT_TRANSLATE_NOOP("Prices", "Swap of one face"))),
        ("extract_face", str(QT_TRANSLATE_NOOP("Prices", "Finding the faces of a picture"))),
        ("multi_swap", str(QT_TRANSLATE_NOOP("Prices", "Swap of several faces"))),
    ),
    "aigs": (("swap", str(QT_TRANSLATE_NOOP("Prices", "Face swap in a picture"))),),
}
"""By provider: each price's key in the settings, and its words."""
_SOURCES: Final = {
    "akool": str(QT_TRANSLATE_NOOP("Prices", "AKOOL publishes no prices; these are what others report.")),
    "aifaceswap": str(QT_TRANSLATE_NOOP("Prices", "As aifaceswap's own texts have them.")),
    "aigs": str(QT_TRANSLATE_NOOP("Prices", "ai-gs publishes no prices; 1 stands for one call of your package.")),
}


class BudgetSection(SettingsSection):
    """What may be spent, what was spent, and the prices from which estimates are made."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self._providers = {one.id: one for one in context.accounts.providers if one.id in _PRICES}
        self._spent: dict[str, PlainLabel] = {}
        self._totals: dict[str, float] = {}
        self._is_stale = False
        self._budget_card()
        words = self.tr(
            "What a job will cost is an estimate from these prices. Where a provider says what it charged, that counts."
        )
        self.column.addWidget(PlainLabel(words, "muted", self, wraps=True))
        for provider in self._providers.values():
            self._price_card(provider)
        self.follow(lambda settings: self._show_totals())
        context.signals.job_changed.connect(self._on_job_changed)
        self.end()

    def shown(self) -> None:
        """Add up what was spent."""
        self._is_stale = True
        self.tasks.start(self._add_up(), key=self.id)

    def _budget_card(self) -> None:
        ask = DecimalField(
            self.tr("Ask before a job costs more than"), "settings-confirm-above", _MOST, self, step=5,
            zero_text=self.tr("Always ask"),
        )  # fmt: skip
        cap = DecimalField(
            self.tr("Spend in a month at most"), "settings-monthly-cap", _MOST, self, step=10,
            zero_text=self.tr("No limit"),
        )  # fmt: skip
        self.bind(ask, "budget", "confirm_above")
        self.bind(cap, "budget", "monthly_cap")
        unit = self.tr("In each provider's own unit. 0 to ask before every job that costs something.")
        held = self.tr(
            "At each provider, in its own unit. A job that would go beyond it waits until the next month, or until "
            "there is more here."
        )
        self.add_card(
            SectionHeader(self.tr("Budget"), self),
            self.row(self.tr("Ask before a job costs more than"), ask, unit),
            self.row(self.tr("Spend in a month at most"), cap, held),
        )

    def _price_card(self, provider: ProviderInfo) -> None:
        where = f"providers.{provider.id}.prices"
        spent = self._spent[provider.id] = PlainLabel("…", "small", self)
        spent.setObjectName(f"budget-{provider.id}-total")
        head = SectionHeader(provider.title, self)
        head.add_widget(spent)
        rows: list[QWidget] = []
        for key, words in _PRICES[provider.id]:
            label = QCoreApplication.translate("Prices", words)
            spoken = self.tr("{what} at {owner}").format(what=label, owner=provider.title)
            field = DecimalField(spoken, f"price-{provider.id}-{key.replace('_', '-')}", _MOST, self)
            field.setSuffix(f" {provider.unit}" if provider.unit else "")
            self.bind(field, where, key)
            rows.append(self.row(label, field))
        reset = LinkButton(self.tr("Back to the usual prices"), f"prices-{provider.id}-reset", self)
        reset.setAccessibleName(self.tr("Back to the usual prices of {owner}").format(owner=provider.title))
        reset.clicked.connect(
            lambda: self.tasks.start(self.context.settings.reset(where), key=f"reset-{provider.id}-prices")
        )
        self.follow(partial(self._show_reset, provider.id, reset))
        foot = self._foot(QCoreApplication.translate("Prices", _SOURCES[provider.id]), reset)
        self.add_card(head, *rows, foot)

    def _foot(self, words: str, reset: LinkButton) -> QWidget:
        foot = QWidget(self)
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(PlainLabel(words, "small", foot, wraps=True), 1)
        row.addWidget(reset)
        return foot

    @staticmethod
    def _show_reset(provider_id: str, reset: LinkButton, settings: Settings) -> None:
        prices = getattr(settings.providers, provider_id).prices
        reset.setEnabled(prices != type(prices)())

    def _on_job_changed(self) -> None:
        if self.isVisible():
            self.shown()

    async def _add_up(self) -> None:
        # What changes while this runs is looked at once more.
        while self._is_stale:
            self._is_stale = False
            for provider_id in self._providers:
                self._totals[provider_id] = await self.context.spending.month_total(provider_id)
            self._show_totals()

    def _show_totals(self) -> None:
        cap = self.context.current_settings.budget.monthly_cap
        for provider_id, total in self._totals.items():
            unit = self._providers[provider_id].unit
            words = (
                self.tr("{spent} of {cap} {unit} spent this month")
                if cap > 0
                else self.tr("{spent} {unit} spent this month")
            )
            self._spent[provider_id].setText(words.format(spent=_figure(total), cap=_figure(cap), unit=unit))


def _figure(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
