"""What people do with jobs that a service on the internet does: what they wait for, cost, and left there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from faceswap_desktop.domain.cloud import Charge, Delivery
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Hold, Job, JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs.calls import SIGNED_LATER
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.jobs.sandboxed import begin_anew, recall
from faceswap_desktop.jobs.unconfirmed import dismiss, send_again
from faceswap_desktop.storage.job_rows import TransitionRefused
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.remote import RemoteResult


class RemoteQueue:
    """That part of the queue; works in any process."""

    def __init__(self, ledger: Ledger, runner: JobRunner, bus: EventBus) -> None:
        self._ledger = ledger
        self._runner = runner
        self._bus = bus

    async def release(self, hold: Hold, provider: str | None = None) -> list[Job]:
        """Let all jobs go on that wait for one thing, because it is there now: a key, credits, a place for files.

        Args:
            hold: What they wait for.
            provider: Only this one's; None for all.

        Returns:
            The jobs that go on.
        """
        # Should it not be there after all, that is worth another word.
        self._runner.tools.ask_anew()
        freed = await self._ledger.holds.release(hold, provider)
        for job in freed:
            self._bus.publish(JobChanged(job))
        if freed:
            await self._go()
        return freed

    async def sign_later(self, job_ids: Iterable[JobId]) -> None:
        """Have results that wait for their signer put into the library, marked but not signed; others wait on."""
        for job_id in job_ids:
            with somebody_was_quicker():
                self._bus.publish(JobChanged(await self._ledger.holds.sign_later(job_id, SIGNED_LATER)))
        await self._go()

    def recall(self) -> None:
        """Have jobs wait whose services are at another place from now on: the sandbox was switched on or off."""
        recall(self._runner.courses.values())

    async def begin_anew(self, before: float) -> None:
        """Have jobs of the sandbox start over that were begun before a moment: there is another one now.

        Raises:
            StorageError: The ledger cannot be read.
        """
        await begin_anew(before, self._runner)

    async def send_again(self, job_ids: Iterable[JobId]) -> None:
        """Send the calls of unconfirmed jobs once more; others stay as they are."""
        for job_id in job_ids:
            with somebody_was_quicker():
                await send_again(job_id, self._runner.tools)
        await self._go()

    async def dismiss(self, job_ids: Iterable[JobId]) -> None:
        """End unconfirmed jobs for good; others stay as they are."""
        for job_id in job_ids:
            with somebody_was_quicker():
                await dismiss(job_id, self._runner.tools)
        await self._go()

    async def settle(self, delivery: Delivery) -> bool:
        """Let an unconfirmed job go on with what its provider delivered for it.

        Returns:
            Whether there was such a job; else the delivery is for one that waits for it, or for nobody.

        Raises:
            ProviderRejected: The delivery speaks of no call.
        """
        with somebody_was_quicker():
            if await self._runner.settle(delivery):
                await self._go()
                return True
        return False

    async def charge_of(self, job_id: JobId) -> Charge | None:
        """Return what a job cost so far; None if nothing was sent that costs."""
        return await self._ledger.charges.charge_of(job_id)

    async def remote_results(self, job_id: JobId) -> list[RemoteResult]:
        """Return what a job's calls made at its provider, and whether it is still there."""
        return await self._ledger.remote.of_job(job_id)

    async def still_there(self) -> list[RemoteResult]:
        """Return everything that providers should still have, also of jobs whose results are deleted here."""
        return await self._ledger.remote.there()

    async def delete_remote(self, job_ids: Iterable[JobId]) -> int:
        """Delete at their providers what jobs made there; the results here stay.

        Returns:
            How many results were deleted there.

        Raises:
            UsageError: A job is not over (kind ``not-over``), or its provider cannot delete (kind ``not-supported``).
            ProviderError: A provider cannot be reached, or refuses.
        """
        there: dict[str, list[RemoteResult]] = {}
        for job_id in job_ids:
            job = await self._ledger.get(job_id)
            if job is not None and not job.state.is_final:
                raise UsageError(message("Job {job} is not over yet.", job=job_id), kind="not-over")
            if job is not None and job.recipe.in_sandbox != self._runner.is_for_sandbox(job.recipe.provider):
                raise UsageError(
                    message("Job {job} is of the sandbox, or of a real service while the sandbox is on.", job=job_id),
                    message("Turn the switch of the sandbox in the settings first."),
                    kind="elsewhere",
                )
            for result in await self._ledger.remote.of_job(job_id):
                if result.is_there():
                    there.setdefault(result.provider, []).append(result)
        for provider_id, results in there.items():
            provider = self._runner.provider(provider_id)
            account = provider.account if provider is not None else None
            if account is None:
                raise UsageError(
                    message("Nothing can be deleted at {provider}.", provider=provider_id), kind="not-supported"
                )
            await account.delete_remote([result.values for result in results])
            await self._ledger.remote.mark_deleted(results)
        return sum(len(results) for results in there.values())

    async def _go(self) -> None:
        """Have whoever runs the jobs look into the ledger."""
        raise NotImplementedError


@contextlib.contextmanager
def somebody_was_quicker() -> Iterator[None]:
    """Let a wish pass that came to nothing between reading and writing: pressed twice, or in two programs."""
    try:
        yield
    except TransitionRefused:
        pass
    except UsageError as error:
        if error.kind != "no-such-job":
            raise
