"""Swaps one face of a picture at ai-gs. The call is synchronous: what it answers is the result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from faceswap_desktop.domain.cloud import Delivery, Fit, Need, NeedKind
from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable, UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FetchedFile, Handle, Transfer, WorkContext
from faceswap_desktop.providers.aigs.account import AigsAccount
from faceswap_desktop.providers.aigs.api import SECRET, AigsApi, Pictures, no_token_set
from faceswap_desktop.providers.aigs.codes import ID
from faceswap_desktop.providers.facts import facts_of
from faceswap_desktop.providers.fitting import Placement, fit, make_copies, take_result
from faceswap_desktop.providers.protocol import CancelOutcome, Capability, ProviderInfo, Quote, StepPlan
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.calls import DownloadRules, Expected
from faceswap_desktop.transport.pace import Pace

STEP: Final = "swap"

_SECONDS: Final = 8.0
"""A guess: two uploads and the swap; ai-gs says nothing."""
_LARGEST_RESULT: Final = 100_000_000
_DAY_S: Final = 86400.0


class AigsProvider:
    """Swaps at ai-gs.

    Args:
        tools: What cloud providers are given.
        pace: Keeps calls apart; one per second if None.
    """

    def __init__(self, tools: CloudTools, pace: Pace | None = None) -> None:
        self._tools = tools
        self._facts = facts_of(ID)
        self._api = AigsApi(tools, pace)
        self.account = AigsAccount(self._api, self._facts)
        self.info = ProviderInfo(
            id=ID,
            title=self._facts.title,
            capabilities=Capability.SWAP_IMAGE,
            limits=message(
                "Pictures, one face per job, from the front. Copies of up to {edge} pixels and {megabytes:.0f} MB are "
                "sent. For entertainment only; sensitive photos are refused.",
                edge=self._facts.target.max_edge,
                megabytes=self._facts.target.max_bytes / 1e6,
            ),
            max_concurrent_jobs=self._facts.max_concurrent_jobs,
            is_local=False,
            is_generative=True,
            unit="calls",
            kept_days=self._facts.kept_days,
            most_faces=self._facts.most_faces,
        )

    async def quote(self, recipe: Recipe) -> Quote:
        """Say what it costs: one call of the user's package."""
        settings = self._tools.settings().providers.aigs
        hosts = [urlsplit(settings.base_url).hostname or ""]
        if self._sends_urls(recipe):
            hosts.append(self._tools.hosting.destination)
        return Quote(
            _SECONDS,
            credits=settings.prices.swap,
            leaves_computer=True,
            files_leaving=1 if recipe.target_url else 2,
            destinations=tuple(dict.fromkeys(host for host in hosts if host)),
        )

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        """Return its one call."""
        del recipe
        return (StepPlan(STEP, is_paid=True, credits=self._tools.settings().providers.aigs.prices.swap),)

    def keeps_work(self, recipe: Recipe) -> bool:
        """Keep nothing: it is one short call."""
        del recipe
        return False

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        """Need little."""
        del recipe, scratch_folder
        return 0

    def fit(self, recipe: Recipe) -> Fit:
        """Say how a recipe agrees with the limits of ai-gs."""
        return fit(recipe, self._facts)

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        """Say what is missing: a token, agreement to its terms, a place for pictures where addresses are sent."""
        found = []
        if not await self._tools.secret(SECRET):
            error = no_token_set()
            found.append(Need(NeedKind.ACCOUNT, error.message, error.hint))
        info = self.account.info
        if f"{ID}:{info.terms_version}" not in self._tools.settings().providers.accepted_terms.split():
            assert info.terms is not None
            found.append(Need(NeedKind.TERMS, info.terms, message("Agree to this once before the first job.")))
        if self._sends_urls(recipe) and not self._tools.hosting.is_set_up:
            found.append(
                Need(
                    NeedKind.HOSTING,
                    message("ai-gs is to get addresses of pictures, and there is no place to put them."),
                    message("Set a bucket up under Settings → Hosting, or have the files themselves sent."),
                )
            )
        return tuple(found)

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        """Make copies within the limits, and host them where addresses are sent.

        Raises:
            UsageError: The recipe holds something that ai-gs cannot do.
            ProviderRejected: Something has to be set up first.
            InputRefused: A file is missing, has changed or cannot be read.
            StorageError, WorkerError: As ``make_copies``.
        """
        recipe = context.recipe
        for refusal in self.fit(recipe).refusals:
            raise UsageError(refusal, kind="not-supported")
        for need in await self.needs(recipe):
            raise ProviderRejected(need.message, need.hint, kind=need.kind.value, provider_id=ID)
        copies = await make_copies(context, self._tools, self._facts)
        source = copies.sources[recipe.pairings[0].source.id]
        prepared = {
            "source": source.path,
            "source_type": source.media_type,
            "target": copies.target.path if copies.target is not None else "",
            "target_type": copies.target.media_type if copies.target is not None else "",
            "urls": "yes" if self._sends_urls(recipe) else "",
            "placement": copies.placement.to_text(),
        }
        if prepared["urls"]:
            context.report(0.0, "upload")
            await self._hosted(context, prepared)
        return prepared

    async def submit(self, context: WorkContext) -> Handle:
        """Swap; the handle says where the result is.

        Raises:
            ProviderRejected: It refused; ``ContentRefused`` where it takes a picture for sensitive.
            ProviderUnavailable: It cannot be reached or is asked too often; ``unconfirmed`` where nobody can tell.
            InputRefused: A copy is gone.
        """
        prepared = context.prepared
        context.report(0.0, "process")
        if prepared["urls"]:
            pictures = await self._hosted(context, prepared)
        else:
            pictures = Pictures(context.cleared.made(prepared["source"]), context.cleared.made(prepared["target"]))
        started = time.time()
        done = await self._api.swap(pictures)
        # Its own clock counts for how long it keeps the result.
        created = done.server_time or time.time()
        return Handle(
            ID,
            {
                "result_url": done.result_url,
                "remote_id": done.task_id,
                "created_at": f"{created:.0f}",
                "expires_at": f"{created + self._facts.kept_days * _DAY_S:.0f}",
                "seconds": f"{time.time() - started:.3f}",
            },
        )

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        """Return at once: the answer was the result."""
        del context
        return handle

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        """Download the result, and put it back into the whole picture where a part was sent.

        Raises:
            ProviderUnavailable: It cannot be reached.
            ProviderRejected: Kind ``expired``: it is gone; ``address``: it lies where nothing may be fetched.
            InputRefused: It is no picture, or damaged.
            StorageError: There is no room.
        """

        def pass_on(done: int, total: int) -> None:
            context.report(done / total if total else 0.0, "download", transfer=Transfer(done, total))

        try:
            came = await self._api.client.download(
                handle.values["result_url"],
                str(Path(context.scratch_folder) / "download"),
                DownloadRules(Expected.PICTURE, _LARGEST_RESULT),
                pass_on,
            )
        except ProviderRejected as error:
            if error.kind != "gone":
                raise
            raise self._gone(handle) from error
        placement = Placement.from_text(context.prepared["placement"])
        seconds = float(handle.values.get("seconds") or 0.0)
        return await take_result(context, self._tools, placement, came.path, faces=1, seconds=seconds)

    def _gone(self, handle: Handle) -> ProviderError:
        request_id = handle.values.get("remote_id", "")
        if time.time() < handle.expires_at:
            # It was paid for, and other refusals than the end of its time pass: those of a proxy, of a store behind.
            return ProviderUnavailable(
                message("The result cannot be fetched at the moment, though ai-gs should still have it."),
                message("It is tried again; ai-gs keeps it for {days} days.", days=self.info.kept_days),
                kind="server-error",
                provider_id=ID,
                request_id=request_id,
            )
        return ProviderRejected(
            message("The result is no longer at ai-gs; it keeps results for {days} days.", days=self.info.kept_days),
            message("Run the job again; that is a new call."),
            kind="expired",
            provider_id=ID,
            request_id=request_id,
        )

    def receive(self, delivery: Delivery) -> Handle:
        """Refuse: it delivers nothing.

        Raises:
            ProviderRejected: Always.
        """
        del delivery
        raise ProviderRejected(message("ai-gs delivers nothing; it answers at once."), provider_id=ID)

    def watchable(self, job: JobId) -> float:
        """Return 0.0: pictures are not watched."""
        del job
        return 0.0

    async def watch(self, job: JobId) -> str:
        """Refuse: pictures are not watched.

        Raises:
            UsageError: Always.
        """
        raise UsageError(message("There is nothing to watch of job {job} yet.", job=job))

    async def cancel(self, handle: Handle) -> CancelOutcome:
        """Say that it cannot be taken back."""
        del handle
        return CancelOutcome(
            message("ai-gs cannot take a swap back. Its result is ignored; it may be charged all the same.")
        )

    def _sends_urls(self, recipe: Recipe) -> bool:
        # The two ways must not be mixed: with the target's address goes the source's.
        return self._tools.settings().providers.aigs.send_urls or bool(recipe.target_url)

    async def _hosted(self, context: WorkContext, prepared: Mapping[str, str]) -> Pictures:
        """Host what is not hosted yet; addresses are not kept, for they open what they lead to."""
        hosting, job = self._tools.hosting, context.job
        made = context.cleared.made
        source = await hosting.host(made(prepared["source"]), job, prepared["source_type"])
        if not prepared["target"]:
            return Pictures(source.url, context.recipe.target_url)
        target = await hosting.host(made(prepared["target"]), job, prepared["target_type"])
        return Pictures(source.url, target.url)
