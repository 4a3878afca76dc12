"""Runs jobs at AKOOL: swaps of v4 and v3, and reage, of pictures and videos."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from faceswap_desktop.domain.cloud import Delivery, Fit, Need, NeedKind, RemoteAccount
from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable, UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import AkoolApi, AkoolSettings
from faceswap_desktop.domain.work import FetchedFile, Handle, StepPlan, WorkContext
from faceswap_desktop.providers.akool.access import CLIENT_ID, Access
from faceswap_desktop.providers.akool.account import AkoolAccount
from faceswap_desktop.providers.akool.api import AkoolCalls
from faceswap_desktop.providers.akool.codes import ID
from faceswap_desktop.providers.akool.money import REAGE, SWAP, Charges, Reading, price, sent_seconds, years_of
from faceswap_desktop.providers.akool.polling import Pace, Poller
from faceswap_desktop.providers.akool.preparing import Preparation, reporter
from faceswap_desktop.providers.akool.replies import JobStatus, ResultRow, Results
from faceswap_desktop.providers.akool.requests import request_from_text
from faceswap_desktop.providers.akool.sessions import AkoolLive
from faceswap_desktop.providers.akool.waiting import Waiting
from faceswap_desktop.providers.facts import ProviderFacts, facts_of
from faceswap_desktop.providers.fitting import Placement, fit, take_result
from faceswap_desktop.providers.protocol import CancelOutcome, Capability, ProviderInfo, Quote
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.calls import DownloadRules, Expected

_DAY_S: Final = 86_400.0
_CANCEL_LIMIT_S: Final = 20.0
_SECONDS_PER_PICTURE: Final = 20.0
_SECONDS_PER_VIDEO: Final = 60.0
_SECONDS_PER_SECOND: Final = 5.0
"""Guesses: AKOOL says nothing but that it can take three hours."""


class AkoolProvider:
    """See ``providers.protocol.Provider``.

    Args:
        tools: What cloud providers are given.
        pace: How often jobs are asked after.

    Attributes:
        info: Who this is and what it can do.
        live: Its live sessions.
    """

    def __init__(self, tools: CloudTools, *, pace: Pace | None = None) -> None:
        self._tools = tools
        self._facts = facts_of(ID)
        client = tools.client(ID, lambda: self._settings.base_url)
        old_detector = tools.client(ID, lambda: self._settings.detect_url)
        self._client = client
        self._access = Access(client, tools.secret)
        self._calls = AkoolCalls(client, old_detector, self._access)
        self._charges = Charges(self._calls.quota_info)
        self._preparation = Preparation(self._calls, tools, self._facts)
        self._poller = Poller(self._look, pace)
        self._waiting = Waiting(self._poller, tools.mailbox)
        self._account = AkoolAccount(self._calls, tools, self._facts)
        self.info = ProviderInfo(
            id=ID,
            title=self._facts.title,
            capabilities=(
                Capability.DETECT
                | Capability.SWAP_IMAGE
                | Capability.SWAP_VIDEO
                | Capability.MULTI_FACE
                | Capability.ENHANCE
                | Capability.REAGE_IMAGE
                | Capability.REAGE_VIDEO
                | Capability.LIVE
                | Capability.DELETE_REMOTE
                | Capability.CREDITS
            ),
            limits=message(
                "Pictures, and videos of up to {seconds} seconds; up to {faces} faces at once. Ages from {years} years "
                "younger to {years} years older.",
                seconds=round(self._facts.video.max_seconds) if self._facts.video is not None else 0,
                faces=self._facts.most_faces,
                years=self._facts.reage_years,
            ),
            max_concurrent_jobs=self._facts.max_concurrent_jobs,
            max_starting=self._facts.max_starting,
            is_local=False,
            is_generative=True,
            reage_range=(-self._facts.reage_years, self._facts.reage_years),
            unit="credits",
            kept_days=self._facts.kept_days,
            most_faces=self._facts.most_faces,
        )
        self.live: Final = AkoolLive(self.info, self._calls, self._access, tools, self._facts)

    @property
    def _settings(self) -> AkoolSettings:
        return self._tools.settings().providers.akool

    # --------------------------------------------------------------------------------------------- before anything runs

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        """Return the calls: one for all swaps, then one per different number of years."""
        names = [*([SWAP] if recipe.pairings else []), *(f"{REAGE}{years}" for years in years_of(recipe))]
        prices = self._settings.prices
        return tuple(StepPlan(name, True, price(name, recipe, prices, self._facts)) for name in names)

    async def quote(self, recipe: Recipe) -> Quote:
        """Say what it will about take and cost, by the table of prices, and where files go."""
        steps = self.steps(recipe)
        each = _SECONDS_PER_PICTURE
        if recipe.is_video:
            each = _SECONDS_PER_VIDEO + _SECONDS_PER_SECOND * sent_seconds(recipe, self._facts)
        sources = {pairing.source.id for pairing in recipe.pairings}
        return Quote(
            seconds=each * len(steps),
            credits=sum(step.credits or 0.0 for step in steps),
            leaves_computer=bool(sources) or not recipe.target_url,
            files_leaving=len(sources) + (0 if recipe.target_url else 1),
            room_bytes=_room(recipe),
            destinations=self._destinations(recipe),
        )

    def _destinations(self, recipe: Recipe) -> tuple[str, ...]:
        settings = self._settings
        hosts = [urlsplit(settings.base_url).hostname or ""]
        if settings.legacy_detector:
            hosts.append(urlsplit(settings.detect_url).hostname or "")
        if self._needs_hosting(recipe):
            hosts.append(self._tools.hosting.destination)
        return tuple(dict.fromkeys(host for host in hosts if host))

    def _needs_hosting(self, recipe: Recipe) -> bool:
        return not recipe.target_url or (self._settings.legacy_detector and bool(recipe.pairings))

    def keeps_work(self, recipe: Recipe) -> bool:
        """Say no: the work is AKOOL's."""
        del recipe
        return False

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        """Return the room for the copy that is sent and the result; pictures need little."""
        del scratch_folder
        return _room(recipe)

    @property
    def account(self) -> RemoteAccount:
        """What can be asked beside jobs."""
        return self._account

    def fit(self, recipe: Recipe) -> Fit:
        """Say how a recipe agrees with AKOOL's limits."""
        found = fit(recipe, self._narrowed(recipe))
        if not self.steps(recipe):
            text = message("Nothing is to be done: no face is paired, and no age changes.")
            return replace(found, refusals=(*found.refusals, text))
        return found

    def _narrowed(self, recipe: Recipe) -> ProviderFacts:
        if self._settings.api is AkoolApi.V4_PRO and recipe.pairings:
            return replace(self._facts, most_faces=1, video=None)
        return self._facts

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        """Say what has to be set up: an account, and a place from which AKOOL can fetch the media."""
        found: list[Need] = []
        if not await self._access.is_set_up():
            text = message("AKOOL needs a key.")
            found.append(Need(NeedKind.ACCOUNT, text, message("Put it in under Settings → Accounts.")))
        if self._needs_hosting(recipe) and not self._tools.hosting.is_set_up:
            text = message("AKOOL fetches media from the internet, and no place for them is set up.")
            hint = message("Set up a bucket in Settings → Hosting, or give the address at which the very file lies.")
            found.append(Need(NeedKind.HOSTING, text, hint))
        return tuple(found)

    # ------------------------------------------------------------------------------------------------- while it runs

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        """Make copies, host them, and have AKOOL find the faces. Costs nothing.

        Raises:
            InputRefused: AKOOL does not see a face.
            ProviderError: AKOOL or the hosting cannot be reached, or refuses.
        """
        return await self._preparation.prepare(context)

    async def submit(self, context: WorkContext) -> Handle:
        """Make the paid call.

        Raises:
            ProviderUnavailable: Kind ``unconfirmed``: it was sent, and nobody knows what became of it; another kind:
                it was not taken.
            ProviderRejected: AKOOL refused.
        """
        prepared = context.prepared
        request = request_from_text(prepared["request"])
        webhook_url = await self._webhook_url(context)
        before = await self._charges.before()
        try:
            created = await self._calls.create(request, webhook_url)
        except ProviderUnavailable as error:
            if error.kind != "unconfirmed":
                raise
            raise await self._unconfirmed(error, before) from error
        self._charges.submitted(created.id, before)
        return self._handle(
            created.id,
            job_id=created.job_id,
            request_id=created.request_id,
            placement=prepared["placement"],
            webhook="1" if webhook_url else "",
            trx_id=prepared.get("trx_id", ""),
            detect_seconds=prepared.get("detect_seconds", ""),
        )

    async def _unconfirmed(self, error: ProviderUnavailable, before: Reading | None) -> ProviderUnavailable:
        """Add to the error what the credits say of it."""
        change = await self._charges.lost(before)
        if change is None:
            return error
        hint = (
            message("{credits} credits were taken meanwhile, so it seems to be there.", credits=f"{change:g}")
            if change > 0
            else message("No credits were taken so far.")
        )
        return ProviderUnavailable(error.message, hint, kind=error.kind, provider_id=ID, request_id=error.request_id)

    def _handle(self, remote_id: str, *, created_at: float | None = None, **values: str) -> Handle:
        # Until listbyids tells, the seven days begin now.
        start = time.time() if created_at is None else created_at
        return Handle(ID, {"id": remote_id, "remote_id": remote_id}).with_values(
            created_at=f"{start:.3f}",
            expires_at=f"{start + self._facts.kept_days * _DAY_S:.3f}",
            **{name: value for name, value in values.items() if value},
        )

    async def _webhook_url(self, context: WorkContext) -> str:
        """Return an address for the result, where that is wished and what comes there could be checked."""
        mailbox = self._tools.mailbox
        if not self._settings.webhook or mailbox.why_closed is not None or not await self._tools.secret(CLIENT_ID):
            return ""
        try:
            return await mailbox.address(context.job, context.step.name, ID)
        except ProviderRejected:
            # It is asked after anyway.
            return ""

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        """Wait for the result, together with all other jobs.

        Raises:
            ProviderRejected: AKOOL could not make it, or no longer knows it.
            ProviderUnavailable: AKOOL has not answered for a while.
        """
        if handle.values.get("result_url"):
            return handle
        remote_id = handle.values["id"]
        context.report(0.0, "queue")

        def on_row(row: ResultRow) -> None:
            context.report(row.progress or 0.0, "queue" if row.status is JobStatus.QUEUED else "process")

        try:
            row = await self._waiting.wait(
                remote_id,
                context,
                on_row,
                is_long=context.recipe.is_video,
                has_webhook=bool(handle.values.get("webhook")),
            )
        except ProviderRejected:
            await self._charges.after(remote_id)
            raise
        charged = await self._charges.after(remote_id)
        values = {"result_url": row.url}
        if row.created_at:
            values["created_at"] = f"{row.created_at:.3f}"
            values["expires_at"] = f"{row.created_at + self._facts.kept_days * _DAY_S:.3f}"
        if charged is not None:
            values["charged"] = f"{charged:g}"
        return handle.with_values(**values)

    async def _look(self, ids: Sequence[str]) -> Results:
        """Ask after jobs; AKOOL's times are moved to this computer's clock, whichever of the two is wrong."""
        results = await self._calls.listbyids(ids)
        now = time.time()
        offset = now - results.server_time if results.server_time else 0.0
        rows = {
            one: replace(row, created_at=min(row.created_at + offset, now)) if row.created_at else row
            for one, row in results.rows.items()
        }
        return replace(results, rows=rows)

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        """Download the result, look at it, and put it back into the whole picture if a part was sent.

        Raises:
            ProviderUnavailable: It cannot be reached; trying again may help.
            ProviderRejected: Kind ``expired``: it is gone.
            InputRefused: It is damaged, or not what was asked for.
        """
        values = handle.values
        expected = Expected.VIDEO if context.recipe.is_video else Expected.PICTURE
        path = str(Path(context.scratch_folder) / "download")
        context.report(0.0, "download")
        try:
            done = await self._client.download(
                values["result_url"], path, DownloadRules(expected), reporter(context, "download")
            )
        except ProviderRejected as error:
            if error.kind != "gone":
                raise
            raise _gone(handle, error) from error
        placement = Placement.from_text(values.get("placement") or context.prepared["placement"])
        took = max(0.0, time.time() - float(values.get("created_at") or time.time()))
        faces = len(context.recipe.targets)
        return await take_result(context, self._tools, placement, done.path, faces=faces, seconds=took)

    def receive(self, delivery: Delivery) -> Handle:
        """Return the handle of the job that a delivery speaks of.

        Raises:
            ProviderRejected: It speaks of none.
        """
        remote_id, url = delivery.values.get("_id"), delivery.values.get("url")
        if not isinstance(remote_id, str) or not remote_id:
            raise ProviderRejected(message("What was delivered speaks of no job."), kind="bad-answer", provider_id=ID)
        is_done = delivery.values.get("status") == JobStatus.DONE and isinstance(url, str)
        return self._handle(
            remote_id, created_at=delivery.received_at, result_url=str(url) if is_done else "", webhook="1"
        )

    def watchable(self, job: JobId) -> float:
        """Return that nothing can be watched before it is whole."""
        del job
        return 0.0

    async def watch(self, job: JobId) -> str:
        """Refuse: results come whole.

        Raises:
            UsageError: Always.
        """
        del job
        raise UsageError(message("AKOOL's results can be watched once they are here."), kind="not-supported")

    async def cancel(self, handle: Handle) -> CancelOutcome:
        """Tell AKOOL that nobody wants the job any more, and the user that it may cost all the same."""
        self._charges.forget(handle.values.get("id", ""))
        job_id = handle.values.get("job_id", "")
        if handle.values.get("result_url") or not job_id:
            return CancelOutcome(message("AKOOL could not be told to stop. The job may be charged."))
        try:
            async with asyncio.timeout(_CANCEL_LIMIT_S):
                await self._calls.job_del([job_id])
        except (ProviderError, TimeoutError) as error:
            why = error.message.text() if isinstance(error, ProviderError) else "it did not answer in time"
            return CancelOutcome(
                message("AKOOL could not be told to stop ({why}). The job may go on there and be charged.", why=why)
            )
        return CancelOutcome(message("AKOOL was told to stop. It may charge for the job all the same."))


def _room(recipe: Recipe) -> int:
    return 2 * recipe.media.fingerprint.size_bytes if recipe.is_video else 0


def _gone(handle: Handle, error: ProviderRejected) -> ProviderError:
    if handle.expires_at and time.time() >= handle.expires_at:
        return ProviderRejected(
            message("The result is gone: AKOOL keeps results for seven days."),
            message("Run it again."),
            kind="expired",
            provider_id=ID,
            request_id=error.request_id,
        )
    return ProviderUnavailable(
        message("The result cannot be fetched at the moment, though AKOOL says that it is there."),
        message("It is tried again; AKOOL keeps it for seven days."),
        kind="server-error",
        provider_id=ID,
        request_id=error.request_id,
    )
