"""How a provider is asked: which of its calls, by which addresses, with files or with their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from faceswap_desktop.domain.settings import AkoolApi
from faceswap_desktop.services.entries import base_address_problem
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.settings.text_row import TextRow
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import Choice, Switch

if TYPE_CHECKING:
    from faceswap_desktop.providers.protocol import ProviderInfo


class AccountOptions(Disclosure):
    """The settings of one provider, closed at first: nobody has to touch them."""

    def __init__(self, section: SettingsSection, provider: ProviderInfo, parent: QWidget) -> None:
        super().__init__(
            QCoreApplication.translate("AccountOptions", "How {owner} is asked").format(owner=provider.title),
            f"options-{provider.id}",
            parent,
        )
        self._section, self._provider, self._where = section, provider, f"providers.{provider.id}"
        if provider.id == "akool":
            self._add_akool()
        else:
            self._add_send_urls()
        self._add_addresses()

    def _add_akool(self) -> None:
        api = Choice(
            self.tr("Face swap of AKOOL"),
            "settings-akool-api",
            [
                (AkoolApi.V4_PLUS, self.tr("Version 4 Plus")),
                (AkoolApi.V4_PRO, self.tr("Version 4 Pro")),
                (AkoolApi.V3, self.tr("Version 3")),
            ],
            self,
        )
        webhook = Switch(self.tr("Have results announced to a webhook too"), "settings-akool-webhook", self)
        detector = Switch(self.tr("Ask the older detector for faces"), "settings-akool-legacy-detector", self)
        self._section.bind(api, self._where, "api")
        self._section.bind(webhook, self._where, "webhook")
        self._section.bind(detector, self._where, "legacy_detector")
        hint = self.tr(
            "Plus is what AKOOL recommends, for pictures and videos. Pro is for pictures only. Version 3 is the oldest."
        )
        self.column.addWidget(self._section.row(self.tr("Face swap"), api, hint))
        words = self.tr(
            "They are known of at once then; without it AKOOL is asked every few seconds. Needs the client id beside "
            "the key, and what is set up under Webhook."
        )
        self.column.addWidget(self._section.noted(webhook, words))
        self.column.addWidget(detector)

    def _add_send_urls(self) -> None:
        switch = Switch(
            self.tr("Send addresses of pictures to {owner} instead of files").format(owner=self._provider.title),
            f"settings-{self._provider.id}-send-urls",
            self,
        )
        self._section.bind(switch, self._where, "send_urls")
        hint = self.tr("Files need nothing to be set up. Addresses need a bucket, see Hosting.")
        self.column.addWidget(self._section.noted(switch, hint))

    def _add_addresses(self) -> None:
        owner = self._provider.title
        rows = [("base_url", self.tr("Address"), self.tr("Address of {owner}").format(owner=owner))]
        if self._provider.id == "akool":
            rows.append(("detect_url", self.tr("Address of the older detector"), ""))
        for key, label, spoken in rows:
            self.column.addWidget(
                TextRow(
                    self._section,
                    label,
                    f"settings-{self._provider.id}-{key.replace('_', '-')}",
                    self._where,
                    key,
                    check=base_address_problem,
                    accessible_name=spoken,
                )
            )
        reset = LinkButton(self.tr("Back to the defaults"), f"options-{self._provider.id}-reset", self)
        reset.setAccessibleName(self.tr("Ask {owner} by the defaults").format(owner=owner))
        reset.clicked.connect(lambda: self._section.tasks.start(self._reset(), key=f"reset-{self._provider.id}"))
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(reset)
        self.column.addLayout(line)
        self._section.follow(lambda settings: reset.setEnabled(self._differs()))

    def _differs(self) -> bool:
        now = getattr(self._section.context.current_settings.providers, self._provider.id)
        return any(getattr(now, key) != value for key, value in self._defaults().items())

    def _defaults(self) -> dict[str, object]:
        """Return what is set here as it is at first; the prices have a place of their own."""
        made = type(getattr(self._section.context.current_settings.providers, self._provider.id))()
        return {key: getattr(made, key) for key in type(made).__dataclass_fields__ if key != "prices"}

    async def _reset(self) -> None:
        await self._section.context.settings.update(self._where, **self._defaults())
