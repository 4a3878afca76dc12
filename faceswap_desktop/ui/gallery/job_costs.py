"""What the jobs in sight cost: asked for when a row is painted, and again when its job has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import Job, JobId

if TYPE_CHECKING:
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext


@dataclass(frozen=True, slots=True)
class JobCost:
    """What a job costs.

    Attributes:
        charge: How much.
        is_booked: It was handed over; else this is what it will about cost.
    """

    charge: Charge
    is_booked: bool


class JobCosts(QObject):
    """Keeps what jobs cost; one question after the other, and only for rows that somebody sees.

    Attributes:
        arrived: Id of a job whose cost is known now.
    """

    arrived = Signal(str)

    def __init__(self, context: AppContext, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._known: dict[JobId, JobCost | None] = {}
        self._wanted: dict[JobId, Job] = {}

    def get(self, job: Job) -> JobCost | None:
        """Return what a job costs, if that is known already; else it is asked for."""
        if job.id not in self._known:
            self._known[job.id] = None
            self._want(job)
        return self._known[job.id]

    def renew(self, job: Job) -> None:
        """Ask again for a job that has changed, if anybody ever asked; what was known stays until then."""
        if job.id in self._known:
            self._want(job)

    def forget(self, job_id: JobId) -> None:
        """Keep nothing of a job that is gone."""
        self._known.pop(job_id, None)
        self._wanted.pop(job_id, None)

    def _want(self, job: Job) -> None:
        self._wanted[job.id] = job
        # One that runs takes this one along.
        self._tasks.start(self._ask(), key="job-costs")

    async def _ask(self) -> None:
        while self._wanted:
            job_id, job = next(iter(self._wanted.items()))
            del self._wanted[job_id]
            cost = await self._cost_of(job)
            if job_id in self._known and cost != self._known[job_id]:
                self._known[job_id] = cost
                self.arrived.emit(job_id)

    async def _cost_of(self, job: Job) -> JobCost | None:
        try:
            charge = await self._context.spending.of_job(job.id)
            if charge is not None:
                return JobCost(charge, is_booked=True)
            if job.state.is_final:
                return None
            quote = await self._context.swapping.quote(job.recipe)
        except (FaceSwapError, KeyError):
            # A provider that is not there any more, or a ledger that cannot be read just now: the row says nothing.
            return None
        return JobCost(Charge(quote.credits, is_estimate=True), is_booked=False) if quote.credits else None
