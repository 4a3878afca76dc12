"""A service on the internet that does what a test tells it, and a provider for it; the service outlives the program."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from faceswap_desktop.domain.clearance import ClearedMedia
from faceswap_desktop.domain.cloud import (
    AccountInfo,
    AccountStatus,
    Delivery,
    Fit,
    Need,
    NeedKind,
    RemoteAccount,
    RemoteFace,
)
from faceswap_desktop.domain.errors import FaceSwapError, ProviderRejected, ProviderUnavailable, UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FetchedFile, Handle, StepPlan, Transfer, WorkContext
from faceswap_desktop.providers.protocol import CancelOutcome, Capability, ProviderInfo, Quote
from tests.unit.jobs.support import CONTENT, make_recipe

ID = "cloudy"
SWAP, REAGE = StepPlan("swap", is_paid=True, credits=4.0), StepPlan("reage-20", is_paid=True, credits=2.0)
DETECT = StepPlan("detect")
RECIPE = make_recipe(ID)


def rejected(kind: str) -> ProviderRejected:
    return ProviderRejected(message("No: {kind}.", kind=kind), kind=kind, provider_id=ID)


def unavailable(kind: str = "offline", retry_after_s: float = 0.0) -> ProviderUnavailable:
    return ProviderUnavailable(message("Not now: {kind}.", kind=kind), kind=kind, retry_after_s=retry_after_s)


Meddling = Callable[[WorkContext], Awaitable[None]]


class Service:
    """What stands at the provider: who was charged for what, and what was made.

    Attributes:
        taken: Every call that was taken, as job and step, in order; the paid ones were charged.
        faults: Errors to raise, by method ("prepare", "submit", "run", "fetch"), first come first served.
        meddling: What happens in a method before anything else, by its name.
        after: What happens after a call was taken and before that is told.
        charged: What it says that a call took; None to say nothing.
    """

    def __init__(self, *plans: StepPlan, places: int = 3) -> None:
        self.plans = plans or (SWAP,)
        self.places = places
        self.taken: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self.faults: dict[str, list[FaceSwapError]] = {}
        self.meddling: dict[str, Meddling] = {}
        self.after: Meddling | None = None
        self.charged: float | None = None
        self.expires_at = ""
        self.fed: dict[str, tuple[str, ...]] = {}
        self.deleted: list[str] = []
        self.cancelled: list[str] = []
        self.seen: dict[str, tuple[str, Mapping[str, str]]] = {}

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.asked)

    async def ask(self, method: str, context: WorkContext) -> None:
        self.asked.append((method, context.step.name))
        self.seen[method] = (context.step.name, dict(context.prepared))
        if method in self.meddling:
            await self.meddling[method](context)
        if self.faults.get(method):
            raise self.faults[method].pop(0)


class Account:
    """The account at the service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.info = AccountInfo((), "https://cloudy.example")

    async def test(self) -> AccountStatus:
        return AccountStatus(True, message("Fine."))

    async def credits(self) -> float | None:
        return None

    @property
    def detect_credits(self) -> float:
        return 0.0

    async def detect(self, cleared: ClearedMedia) -> Sequence[RemoteFace]:
        raise UsageError(message("No."), kind="not-supported")

    async def delete_remote(self, handles: Sequence[Mapping[str, str]]) -> None:
        self._service.deleted += [handle["remote_id"] for handle in handles]


class CloudProvider:
    """A provider for the service, in one start of the program."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.info = ProviderInfo(ID, "Cloudy", Capability.SWAP_IMAGE, message("None."), service.places, False)
        self.needed: tuple[Need, ...] = ()

    @property
    def account(self) -> RemoteAccount | None:
        return Account(self.service)

    async def quote(self, recipe: Recipe) -> Quote:
        return Quote(1.0)

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        return self.service.plans

    def keeps_work(self, recipe: Recipe) -> bool:
        return False

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        return 0

    def fit(self, recipe: Recipe) -> Fit:
        return Fit()

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        return () if recipe.target_url else (Need(NeedKind.HOSTING, message("A place.")),)

    def watchable(self, job: JobId) -> float:
        return 0.0

    async def watch(self, job: JobId) -> str:
        raise AssertionError("nothing to watch")

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        await self.service.ask("prepare", context)
        context.report(0.5, "upload", transfer=Transfer(1, 2))
        return {"upload": f"{context.job}/{context.step.name}"}

    async def submit(self, context: WorkContext) -> Handle:
        await self.service.ask("submit", context)
        assert context.prepared == {"upload": f"{context.job}/{context.step.name}"}
        self.service.taken.append((context.job, context.step.name))
        self.service.fed[context.step.name] = tuple(handle.values["result_url"] for handle in context.earlier.values())
        if self.service.after is not None:
            await self.service.after(context)
        return Handle(ID, {"remote_id": f"{context.job}-{context.step.name}"})

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        await self.service.ask("run", context)
        assert handle.values["remote_id"] == f"{context.job}-{context.step.name}"
        known = {"result_url": f"https://cloudy.example/{context.step.name}.jpg", "expires_at": self.service.expires_at}
        if self.service.charged is not None:
            known["charged"] = str(self.service.charged)
        return handle.with_values(**known)

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        await self.service.ask("fetch", context)
        last = self.service.plans[-1].name
        assert handle.values["result_url"] == f"https://cloudy.example/{last}.jpg"
        path = Path(context.scratch_folder) / "result.jpg"
        path.write_bytes(CONTENT)
        return FetchedFile(str(path), 10, 10, "JPEG", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), 1, None, 1.0)

    def receive(self, delivery: Delivery) -> Handle:
        if "task_id" not in delivery.values:
            raise rejected("bad-answer")
        return Handle(ID, {"remote_id": str(delivery.values["task_id"])})

    async def cancel(self, handle: Handle) -> CancelOutcome:
        self.service.cancelled.append(handle.values["remote_id"])
        return CancelOutcome(message("It may be charged all the same."))
