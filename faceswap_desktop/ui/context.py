"""What a page receives: the services, and what the window offers to all pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from faceswap_desktop.compose import Program
    from faceswap_desktop.domain.settings import Settings
    from faceswap_desktop.jobs.queue import JobQueue
    from faceswap_desktop.providers.protocol import Provider
    from faceswap_desktop.services.accounts import Accounts
    from faceswap_desktop.services.cloud import Cloud
    from faceswap_desktop.services.cloud_live import CloudLive
    from faceswap_desktop.services.consent_ledger import ConsentLedger
    from faceswap_desktop.services.consents import Consents
    from faceswap_desktop.services.detection import Detection
    from faceswap_desktop.services.diagnostics import Diagnostics
    from faceswap_desktop.services.disk_usage import DiskUsage
    from faceswap_desktop.services.gallery import Gallery
    from faceswap_desktop.services.labelling import Labelling
    from faceswap_desktop.services.library import Library
    from faceswap_desktop.services.live import Live
    from faceswap_desktop.services.offers import Offers
    from faceswap_desktop.services.presets import Presets
    from faceswap_desktop.services.reaging import Reaging
    from faceswap_desktop.services.refusals import Refusals
    from faceswap_desktop.services.settings import SettingsService
    from faceswap_desktop.services.signing import Signing
    from faceswap_desktop.services.signing_trial import SigningTrial
    from faceswap_desktop.services.spending import Spending
    from faceswap_desktop.services.studio import Studio
    from faceswap_desktop.services.swapping import Swapping
    from faceswap_desktop.services.takes import Takes
    from faceswap_desktop.services.verify import Verification
    from faceswap_desktop.services.videos import Videos
    from faceswap_desktop.services.withdrawal import Withdrawals
    from faceswap_desktop.storage.paths import Home
    from faceswap_desktop.ui.bridge import EngineSignals
    from faceswap_desktop.ui.live.desk import LiveDesk
    from faceswap_desktop.ui.notifications import Notifications
    from faceswap_desktop.ui.theme.manager import ThemeManager
    from faceswap_desktop.ui.window_state import WindowState


class Navigator(QObject):
    """Lets a page send the user to another page.

    Attributes:
        requested: Page id and what to show there (None for nothing in particular).
    """

    requested = Signal(str, object)

    def go(self, page_id: str, payload: object = None) -> None:
        """Show a page; its ``receive`` gets the payload, for example a recipe for the Studio."""
        self.requested.emit(page_id, payload)


@dataclass(frozen=True, slots=True)
class AppContext:
    """Services and the window's own helpers; every page gets the same one."""

    home: Home
    settings: SettingsService
    library: Library
    detection: Detection
    swapping: Swapping
    studio: Studio
    videos: Videos
    reaging: Reaging
    gallery: Gallery
    presets: Presets
    queue: JobQueue
    providers: tuple[Provider, ...]
    disk_usage: DiskUsage
    diagnostics: Diagnostics
    accounts: Accounts
    offers: Offers
    spending: Spending
    cloud: Cloud
    labelling: Labelling
    consents: Consents
    signing: Signing
    signing_trial: SigningTrial
    ledger_of_consent: ConsentLedger
    withdrawals: Withdrawals
    verification: Verification
    refusals: Refusals
    live: Live
    cloud_live: CloudLive
    takes: Takes
    signals: EngineSignals
    notifications: Notifications
    navigator: Navigator
    theme: ThemeManager
    window_state: WindowState
    live_desk: LiveDesk

    @classmethod
    def of(
        cls,
        program: Program,
        *,
        signals: EngineSignals,
        notifications: Notifications,
        navigator: Navigator,
        theme: ThemeManager,
        window_state: WindowState,
    ) -> AppContext:
        """Join the composed program and the window's helpers."""
        from faceswap_desktop.ui.live.desk import LiveDesk

        return cls(
            home=program.home,
            settings=program.settings,
            library=program.library,
            detection=program.detection,
            swapping=program.swapping,
            studio=program.studio,
            videos=program.videos,
            reaging=program.reaging,
            gallery=program.gallery,
            presets=program.presets,
            queue=program.queue,
            providers=program.providers,
            disk_usage=program.disk_usage,
            diagnostics=program.diagnostics,
            accounts=program.accounts,
            offers=program.offers,
            spending=program.spending,
            cloud=program.cloud,
            labelling=program.labelling,
            consents=program.consents,
            signing=program.signing,
            signing_trial=program.signing_trial,
            ledger_of_consent=program.ledger_of_consent,
            withdrawals=program.withdrawals,
            verification=program.verification,
            refusals=program.refusals,
            live=program.live,
            cloud_live=program.cloud_live,
            takes=program.takes,
            signals=signals,
            notifications=notifications,
            navigator=navigator,
            theme=theme,
            window_state=window_state,
            live_desk=LiveDesk(program.live, program.cloud_live, program.settings, signals),
        )

    @property
    def current_settings(self) -> Settings:
        """The settings in force."""
        return self.settings.current
