"""Swaps one or several faces of a picture at aifaceswap. The result is announced by a webhook, and by nothing else."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from faceswap_desktop.domain.cloud import Delivery, Fit, Need, NeedKind
from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable, UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FetchedFile, Handle, Transfer, WorkContext
from faceswap_desktop.providers.aifaceswap.account import AifaceswapAccount
from faceswap_desktop.providers.aifaceswap.answers import ID, Accepted, boxes_from_text, boxes_to_text
from faceswap_desktop.providers.aifaceswap.api import SECRET, AifaceswapApi, Picture, no_key_set
from faceswap_desktop.providers.aifaceswap.extraction import CALL, Extraction
from faceswap_desktop.providers.aifaceswap.matching import matched
from faceswap_desktop.providers.aifaceswap.webhook import DONE, parse_delivery
from faceswap_desktop.providers.facts import facts_of
from faceswap_desktop.providers.fitting import Copies, Placement, fit, make_copies, take_result
from faceswap_desktop.providers.protocol import CancelOutcome, Capability, ProviderInfo, Quote, StepPlan
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.calls import DownloadRules, Expected

SINGLE: Final = "faceswap"
EXTRACT: Final = CALL
MULTIPLE: Final = "multi_faceswap"

_SECONDS_PER_CALL: Final = 8.0
"""A guess: the uploads, and about three seconds that others report for the swap."""
_LARGEST_RESULT: Final = 100_000_000
_SURELY_KEPT_S: Final = 86400.0
"""So long after its order nobody deletes a result, as long as nothing else is said."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What ``prepare`` returned, read again.

    Attributes:
        target: Path and media type of the copy that is edited; no path where it lies on the internet.
        sources: Path and media type per pairing.
        index: Per pairing, the place of its face in the answer of ``extract_face``.
        sends_urls: Addresses are sent.
    """

    target: tuple[str, str]
    sources: tuple[tuple[str, str], ...]
    index: tuple[int, ...]
    sends_urls: bool

    @classmethod
    def of(cls, values: Mapping[str, str]) -> _Prepared:
        target_path, target_type = json.loads(values["target"])
        sources = tuple((path, kind) for path, kind in json.loads(values["sources"]))
        return cls((target_path, target_type), sources, tuple(json.loads(values["index"])), bool(values["urls"]))


class AifaceswapProvider:
    """Swaps at aifaceswap.

    Args:
        tools: What cloud providers are given.
    """

    def __init__(self, tools: CloudTools) -> None:
        self._tools = tools
        self._facts = facts_of(ID)
        self._api = AifaceswapApi(tools)
        self._extraction = Extraction(tools, self._api)
        self.account = AifaceswapAccount(tools, self._extraction, self._facts)
        self.info = ProviderInfo(
            id=ID,
            title=self._facts.title,
            capabilities=Capability.SWAP_IMAGE | Capability.MULTI_FACE | Capability.DETECT,
            limits=message(
                "Pictures, any number of faces. Copies of up to {edge} pixels are sent. Results come by webhook only: "
                "a public address or a relay has to be set up.",
                edge=self._facts.target.max_edge,
            ),
            max_concurrent_jobs=self._facts.max_concurrent_jobs,
            is_local=False,
            is_generative=True,
            unit="points",
            kept_days=self._facts.kept_days,
            most_faces=self._facts.most_faces,
            delivers_only=True,
        )

    async def quote(self, recipe: Recipe) -> Quote:
        """Say what it costs, by its own list of prices."""
        steps = self.steps(recipe)
        hosts = [urlsplit(self._tools.settings().providers.aifaceswap.base_url).hostname or ""]
        if self._sends_urls(recipe):
            hosts.append(self._tools.hosting.destination)
        sources = {pairing.source.id for pairing in recipe.pairings}
        return Quote(
            _SECONDS_PER_CALL * len(steps),
            credits=sum(step.credits or 0.0 for step in steps),
            leaves_computer=True,
            files_leaving=len(sources) + (0 if recipe.target_url else 1),
            destinations=tuple(dict.fromkeys(host for host in hosts if host)),
        )

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        """Return one call where the only face of a picture is swapped; else its faces are found first, for points."""
        prices = self._tools.settings().providers.aifaceswap.prices
        if len(recipe.pairings) == 1 and not recipe.bystanders:
            return (StepPlan(SINGLE, is_paid=True, credits=prices.swap),)
        return (
            StepPlan(EXTRACT, is_paid=True, credits=prices.extract_face),
            StepPlan(MULTIPLE, is_paid=True, credits=prices.multi_swap),
        )

    def keeps_work(self, recipe: Recipe) -> bool:
        """Keep nothing: they are short calls."""
        del recipe
        return False

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        """Need little."""
        del recipe, scratch_folder
        return 0

    def fit(self, recipe: Recipe) -> Fit:
        """Say how a recipe agrees with the limits of aifaceswap."""
        return fit(recipe, self._facts)

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        """Say what is missing: a key, an address for results, a place for pictures where addresses are sent."""
        found = []
        if not await self._tools.secret(SECRET):
            error = no_key_set()
            found.append(Need(NeedKind.ACCOUNT, error.message, error.hint))
        if (why := self._tools.mailbox.why_closed) is not None:
            found.append(
                Need(
                    NeedKind.WEBHOOK,
                    why,
                    message("aifaceswap delivers results by webhook only. Set an address or a relay up in Settings."),
                )
            )
        if self._sends_urls(recipe) and not self._tools.hosting.is_set_up:
            found.append(
                Need(
                    NeedKind.HOSTING,
                    message("aifaceswap is to get addresses of pictures, and there is no place to put them."),
                    message("Set a bucket up under Settings → Hosting, or have the files themselves sent."),
                )
            )
        return tuple(found)

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        """Make copies, host them where addresses are sent, and find the faces again that were extracted.

        Raises:
            UsageError: The recipe holds something that aifaceswap cannot do.
            ProviderRejected: Something has to be set up first; kind ``no-face`` where it did not see a face.
            InputRefused: A file is missing, has changed or cannot be read.
            StorageError, WorkerError: As ``make_copies``.
        """
        recipe = context.recipe
        for refusal in self.fit(recipe).refusals:
            raise UsageError(refusal, kind="not-supported")
        for need in await self.needs(recipe):
            raise ProviderRejected(need.message, need.hint, kind=need.kind.value, provider_id=ID)
        copies = await make_copies(context, self._tools, self._facts)
        target = copies.target
        sources = [copies.sources[pairing.source.id] for pairing in recipe.pairings]
        prepared = {
            "target": json.dumps([target.path, target.media_type] if target is not None else ["", ""]),
            "target_digest": target.sha256 if target is not None else _digest_of_address(recipe),
            "sources": json.dumps([[one.path, one.media_type] for one in sources]),
            "index": json.dumps(_index(context, copies) if context.step.name == MULTIPLE else []),
            "urls": "yes" if self._sends_urls(recipe) else "",
            "placement": copies.placement.to_text(),
        }
        if prepared["urls"]:
            context.report(0.0, "upload")
            await self._pictures(context, _Prepared.of(prepared))
        return prepared

    async def submit(self, context: WorkContext) -> Handle:
        """Make one call; faces that were extracted before are not paid for again.

        Raises:
            ProviderRejected: It refused; kind ``account``, ``credits`` or ``failed``; or no webhook can be received.
            ProviderUnavailable: It cannot be reached or is asked too often; ``unconfirmed`` where nobody can tell.
        """
        prepared, step = _Prepared.of(context.prepared), context.step.name
        context.report(0.0, "detect" if step == EXTRACT else "process")
        target, sources = await self._pictures(context, prepared)
        if step == EXTRACT:
            found = await self._extraction.find(target, context.prepared["target_digest"])
            return _charged(Handle(ID, {"faces": boxes_to_text(found.boxes)}), found.charged)
        webhook = await self._tools.mailbox.address(context.job, step, ID)
        started = time.time()
        if step == MULTIPLE:
            accepted = await self._api.multi_faceswap(target, sources, prepared.index, webhook)
        else:
            accepted = await self._api.faceswap(target, sources[0], webhook)
        return _handle_of(accepted, started)

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        """Wait for the delivery; extracted faces are there already.

        Raises:
            ProviderRejected: It could not do it (``failed``), or what was delivered is of another task.
        """
        if context.step.name == EXTRACT or handle.values.get("result_url"):
            return handle
        context.report(0.0, "deliver")
        delivery = await self._tools.mailbox.wait(context.job, context.step.name)
        values = parse_delivery(delivery.values)
        task_id = handle.values.get("remote_id", "")
        if values["task_id"] != task_id:
            raise ProviderRejected(
                message("A result was delivered to this job's address that belongs to another task."),
                message("It was not used. Ask aifaceswap for the result of task {task}.", task=task_id),
                kind="bad-answer",
                provider_id=ID,
                request_id=task_id,
            )
        if values["success"] != DONE:
            raise ProviderRejected(
                message("aifaceswap could not swap the faces of this picture; it does not say why."),
                message("Try a photo in which the faces are larger and from the front. Points may have been taken."),
                kind="failed",
                provider_id=ID,
                request_id=task_id,
            )
        return handle.with_values(result_url=str(values["result_image"]))

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        """Download the result, and put it back into the whole picture where a smaller copy was sent.

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
            raise _gone(handle) from error
        placement = Placement.from_text(context.prepared["placement"])
        started = float(handle.values.get("submitted_at") or 0.0)
        seconds = max(0.0, time.time() - started) if started else 0.0
        faces = len(context.recipe.pairings)
        return await take_result(context, self._tools, placement, came.path, faces=faces, seconds=seconds)

    def receive(self, delivery: Delivery) -> Handle:
        """Return the handle of the swap that a delivery speaks of; ``run`` then finds the same delivery.

        Raises:
            ProviderRejected: It is not as documented, or speaks of a call that delivers nothing.
        """
        if delivery.step not in {SINGLE, MULTIPLE}:
            raise ProviderRejected(
                message("aifaceswap delivers nothing for this call."), kind="bad-answer", provider_id=ID
            )
        task_id = str(parse_delivery(delivery.values)["task_id"])
        return Handle(ID, {"remote_id": task_id, "submitted_at": f"{delivery.received_at:.0f}"})

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
            message("aifaceswap cannot take a swap back. Its result is ignored; it may be charged all the same.")
        )

    def _sends_urls(self, recipe: Recipe) -> bool:
        # Files and addresses in one request are not documented: with the target's address go the sources'.
        return self._tools.settings().providers.aifaceswap.send_urls or bool(recipe.target_url)

    async def _pictures(self, context: WorkContext, prepared: _Prepared) -> tuple[Picture, list[Picture]]:
        """Return what is sent, hosted where it has to be; addresses are not kept, for they open what they lead to."""
        if not prepared.sends_urls:
            made = context.cleared.made
            target, kind = prepared.target
            return Picture(made(target), kind), [Picture(made(path), kind) for path, kind in prepared.sources]
        hosting, job = self._tools.hosting, context.job
        hosted: dict[str, Picture] = {}
        for path, kind in dict.fromkeys((prepared.target, *prepared.sources)):
            if path:
                hosted[path] = Picture(url=(await hosting.host(context.cleared.made(path), job, kind)).url)
        # Without a path it lies on the internet already.
        hosted[""] = Picture(url=context.recipe.target_url)
        return hosted[prepared.target[0]], [hosted[path] for path, _ in prepared.sources]


def _gone(handle: Handle) -> ProviderError:
    request_id = handle.values.get("remote_id", "")
    if time.time() < float(handle.values.get("submitted_at") or 0.0) + _SURELY_KEPT_S:
        # It was paid for, and it can be told before it is there.
        return ProviderUnavailable(
            message("The result cannot be fetched at the moment, though aifaceswap says that it is there."),
            message("It is tried again for a day; aifaceswap does not say how long it keeps results."),
            kind="server-error",
            provider_id=ID,
            request_id=request_id,
        )
    return ProviderRejected(
        message("The result is no longer at aifaceswap, which does not say how long it keeps results."),
        message("Run the job again; that costs points again."),
        kind="expired",
        provider_id=ID,
        request_id=request_id,
    )


def _index(context: WorkContext, copies: Copies) -> list[int]:
    """Return the places of the recipe's faces in the answer of ``extract_face``."""
    recipe = context.recipe
    found = boxes_from_text(context.earlier[EXTRACT].values["faces"])
    if found is None:
        raise ProviderRejected(message("The faces that aifaceswap found are lost."), kind="failed", provider_id=ID)
    places = matched([copies.to_copy(pairing.target.box) for pairing in recipe.pairings], found)
    for pairing, place in zip(recipe.pairings, places, strict=True):
        if place is None:
            raise ProviderRejected(
                message(
                    "aifaceswap did not see face {number}, so it cannot be told to change it.",
                    number=pairing.target.index + 1,
                ),
                message("Leave that face out, or choose another provider. The faces that it found are kept."),
                kind="no-face",
                provider_id=ID,
            )
    return [place for place in places if place is not None]


def _handle_of(accepted: Accepted, started: float) -> Handle:
    handle = Handle(ID, {"remote_id": accepted.task_id, "submitted_at": f"{started:.0f}"})
    return _charged(handle, accepted.points)


def _charged(handle: Handle, points: float | None) -> Handle:
    return handle.with_values(charged=f"{points:g}") if points is not None else handle


def _digest_of_address(recipe: Recipe) -> str:
    # The user says that the very media lies there; both together tell it from others.
    return hashlib.sha256(f"{recipe.target_url}\n{recipe.media.fingerprint.quick_digest}".encode()).hexdigest()
