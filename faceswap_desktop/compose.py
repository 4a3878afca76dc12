"""Builds settings, storage, workers, providers, jobs and services, for the window and the command line. Knows no Qt."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
from collections.abc import Sequence
from dataclasses import dataclass

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.jobs.tools import Hooks
from faceswap_desktop.providers import build_providers, live_services
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.services.accounts import Accounts
from faceswap_desktop.services.awake import KeepAwake
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.cloud import Cloud
from faceswap_desktop.services.cloud_live import CloudLive
from faceswap_desktop.services.consent_ledger import ConsentLedger
from faceswap_desktop.services.consents import Consents
from faceswap_desktop.services.detection import Detection
from faceswap_desktop.services.diagnostics import Diagnostics
from faceswap_desktop.services.disk_usage import DiskUsage
from faceswap_desktop.services.erasing import Eraser
from faceswap_desktop.services.gallery import Gallery
from faceswap_desktop.services.identities import Identities
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
from faceswap_desktop.storage.analyses import AnalysisStore
from faceswap_desktop.storage.charges import Charges
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.detections import DetectionStore
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.failures import refuse_other_than_file
from faceswap_desktop.storage.held import HeldStore
from faceswap_desktop.storage.identities import IdentityStore
from faceswap_desktop.storage.lease import Lease
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.looks import LookStore, RefusalStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.presets import PresetStore
from faceswap_desktop.storage.result_marks import ResultMarks
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.storage.secrets import Secrets
from faceswap_desktop.storage.settings_file import load_settings, with_override
from faceswap_desktop.storage.workspace import WorkspaceStore
from faceswap_desktop.workers.machine import worker_count_for
from faceswap_desktop.workers.pool import WorkerPool

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """Everything below the window and the command line, built and connected."""

    home: Home
    bus: EventBus
    settings: SettingsService
    pool: WorkerPool
    providers: tuple[Provider, ...]
    queue: JobQueue
    library: Library
    detection: Detection
    swapping: Swapping
    studio: Studio
    videos: Videos
    reaging: Reaging
    gallery: Gallery
    presets: Presets
    disk_usage: DiskUsage
    diagnostics: Diagnostics
    accounts: Accounts
    offers: Offers
    spending: Spending
    cloud: Cloud
    awake: KeepAwake
    clearance: Clearance
    labelling: Labelling
    signing: Signing
    signing_trial: SigningTrial
    refusals: Refusals
    consents: Consents
    ledger_of_consent: ConsentLedger
    takes: Takes
    withdrawals: Withdrawals
    verification: Verification
    live: Live
    cloud_live: CloudLive
    database: Database
    notices: tuple[Message, ...]

    async def start(self) -> None:
        """Start the workers, take up unfinished jobs and tidy up. The window is on the screen already."""
        await self.pool.start()
        # Jobs of this computer do not wait for the sandbox.
        self.cloud.start()
        # Whoever runs the jobs: what is open costs.
        self.cloud_live.begin_tidying()
        runs_here = await self.queue.start()
        for notice in self.notices:
            self.bus.publish(Noticed(notice))
        if runs_here:
            # First: the source faces of their jobs are needed too.
            await self.takes.recover()
            needed = [
                photo
                for job in await self.queue.open_jobs()
                for pairing in job.recipe.pairings
                for photo in pairing.source.photos
            ]
            await self.library.purge(keep=needed)
            await self.gallery.mend()
            await self.gallery.expire()
            await self.disk_usage.trim()
            await self.cloud.tidy()

    async def close(self) -> None:
        """Stop in order: jobs are put back, the workspace is written, workers end, the database closes."""
        steps = (
            self.cloud_live.close,
            self.live.close,
            self.queue.stop,
            self.takes.close,
            self.studio.close,
            self.videos.close,
            self.gallery.close,
            self.cloud.close,
            self.signing.close,
            self.pool.close,
            # Nobody writes any more: what was not finished is anybody's to take up.
            self.takes.let_go,
            self.awake.close,
        )
        for step in (*steps, self.database.close):
            try:
                await step()
            except Exception:
                # One part that fails to close must not keep the others from closing.
                logger.exception("%s failed while closing", step.__qualname__)


def load(home: Home, overrides: Sequence[str] = ()) -> tuple[Settings, tuple[Message, ...]]:
    """Read the settings; what could not be read is said in the notices.

    Raises:
        UsageError: An override names no setting, or has a wrong value.
    """
    loaded = load_settings(home.settings_file)
    return _overridden(loaded.settings, overrides), loaded.notices


def _overridden(settings: Settings, overrides: Sequence[str]) -> Settings:
    for override in overrides:
        settings = with_override(settings, override)
    return settings


async def build(home: Home, overrides: Sequence[str] = (), *, is_window: bool = False) -> Program:
    """Build the program on one home folder.

    Args:
        home: Where settings, data and caches lie.
        overrides: ``section.key=value`` from the command line; they are not stored.
        is_window: Whether the window asks, so that others are told who runs the jobs.

    Raises:
        StorageError: The home folder or the database cannot be used.
        UsageError: An override is wrong.
    """
    await asyncio.to_thread(home.create)
    stored, notices = await asyncio.to_thread(load, home)
    settings = _overridden(stored, overrides)
    database = await Database.open(home.database)
    bus = EventBus()
    service = SettingsService(home.settings_file, settings, bus, stored=stored)
    pool = WorkerPool(
        home.cache_folder,
        job_slots=settings.jobs.workers or worker_count_for(),
        memory_mb=settings.media.worker_memory_mb,
        task_limit_s=settings.jobs.task_limit_s,
        on_notice=lambda notice: bus.publish(Noticed(notice)),
    )
    secrets = Secrets()
    cloud = Cloud(service, secrets, database, pool, bus)
    providers = build_providers(
        pool, cloud.tools, cluster=lambda: service.current.cluster, speeds_file=home.cache_folder / "speeds.json"
    )
    ledger = Ledger(database)
    results = ResultStore(database)
    library = Library(home, SourceFaceStore(database), pool, service, bus)
    clearance = Clearance(
        home, ConsentStore(database), LookStore(database), RefusalStore(database), pool, library, service
    )
    lease = Lease(home.lease_file, "window" if is_window else "command line")
    labelling = Labelling(home, pool, service)
    identities = Identities(IdentityStore(home, secrets), secrets, service, pool, bus)
    signing = Signing(identities, secrets, service, pool, providers, ConsentStore(database), results.marks)
    signing_trial = SigningTrial(home, identities, signing, service)

    async def on_end(job: JobId) -> None:
        await takes.on_end(job)
        await cloud.on_end(job)

    hooks = Hooks(
        look=lambda job, file: clearance.result(job.recipe.media, file.path),
        refused=lambda job, error: clearance.note_result(job.id, job.recipe.media, error.sightings),
        on_end=on_end,
        convert=cloud.convert,
        mark=labelling.mark,
        sign=signing.sign,
        delivered=cloud.mailbox.peek,
        sent_again=cloud.mailbox.close,
    )
    runner = JobRunner(
        ledger, results, providers, home, bus, lambda: service.current, library.source_files, clearance.recipe, hooks
    )
    queue = JobQueue(home, ledger, lease, runner, bus)
    takes = Takes(home, queue, pool, service, bus)
    cloud.follow(queue)
    identities.follow(queue.release)
    consents = Consents(home, ConsentStore(database), library, bus, queue.release)
    library.on_photo_added = consents.cover
    detection = Detection(DetectionStore(database), pool, service)
    videos = Videos(home, AnalysisStore(database), pool, library, service, clearance, LookStore(database))
    studio = Studio(detection, videos, WorkspaceStore(database), bus, clearance.look)

    async def media_in_use() -> list[Media]:
        return [job.recipe.media for job in await queue.unfinished()] + [
            picture.media for picture in studio.pictures if picture.media is not None
        ]

    awake = KeepAwake(bus, service)
    accounts = Accounts(providers, secrets, service, queue.release)
    held = HeldStore(home, database)
    eraser = Eraser(home, database, results, held, bus, media_in_use)
    return Program(
        home=home,
        bus=bus,
        settings=service,
        pool=pool,
        providers=providers,
        queue=queue,
        library=library,
        detection=detection,
        swapping=Swapping(library, queue, pool, providers, service, clearance),
        studio=studio,
        videos=videos,
        reaging=Reaging(home, library, pool, service, clearance),
        gallery=Gallery(home, results, held, pool, service, bus, signing),
        presets=Presets(PresetStore(database)),
        disk_usage=DiskUsage(home, service, media_in_use),
        diagnostics=Diagnostics(home, database, ledger, secrets, pool, providers, service, signing_trial),
        accounts=accounts,
        offers=Offers(providers),
        spending=Spending(Charges(database), providers, service),
        cloud=cloud,
        awake=awake,
        clearance=clearance,
        labelling=labelling,
        signing=signing,
        signing_trial=signing_trial,
        refusals=Refusals(home, clearance, RefusalStore(database), pool, service),
        consents=consents,
        ledger_of_consent=ConsentLedger(database),
        takes=takes,
        withdrawals=Withdrawals(database, library, queue, cloud, providers, eraser, bus, studio.forget_sources, takes),
        verification=Verification(pool, results, ResultMarks(database), service, identities.own_roots),
        live=Live(home, pool, library, clearance, service, bus, awake, takes),
        cloud_live=CloudLive(
            home,
            database,
            live_services(providers),
            accounts,
            cloud,
            clearance,
            library,
            pool,
            service,
            bus,
            awake,
            kind="window" if is_window else "command line",
        ),
        database=database,
        notices=notices,
    )


class _LogFile(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """A log that cannot be written any more, as on a full disk, disturbs nobody."""


def set_up_log(home: Home) -> None:
    """Write the program's log to a file that is turned over at 1 MB, two old ones kept.

    Without one the program works all the same.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handler: logging.Handler
    try:
        home.log_file.parent.mkdir(parents=True, exist_ok=True)
        refuse_other_than_file(home.log_file)
        handler = _LogFile(home.log_file, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    except (OSError, StorageError):
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)


__all__ = ["Program", "build", "load", "set_up_log"]
