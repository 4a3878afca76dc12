"""Consent is withdrawn: what was made with a face is listed, and deleted here and at providers."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.consent import Basis, Consent
from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.events import ConsentChanged, Event, JobChanged, JobRemoved
from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.domain.job import Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.providers.protocol import Capability, Provider
from faceswap_desktop.services.cloud import Cloud
from faceswap_desktop.services.erasing import Eraser
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.takes import Takes
from faceswap_desktop.storage.consents import ConsentStore, new_id
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.footprints import Footprints
from faceswap_desktop.storage.hosted import HostedStore
from faceswap_desktop.storage.remote import RemoteResult
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.storage.takes import Take

_PATIENCE_S: Final = 60.0
"""So long is waited for jobs that were told to stop."""
_LOOK_AGAIN_S: Final = 1.0

OnProgress = Callable[[float], None]
"""Told how far it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class KeptThere:
    """What a provider still keeps of a face's results.

    Attributes:
        provider: Its id.
        title: What people call it.
        jobs: Whose results.
        can_delete: It deletes them when it is asked to.
        until: When it deletes the last of them by itself; 0.0 where that is not known.
    """

    provider: str
    title: str
    jobs: tuple[JobId, ...]
    can_delete: bool
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class WithdrawalPlan:
    """What withdrawing a consent concerns; other people's results are not in it.

    Attributes:
        face: Whose.
        results: Here, newest first, also those that were deleted and could be brought back.
        copies: Where copies of them went, as far as those are still there.
        jobs: Not over yet.
        kept: At providers.
        takes: Live recordings and snapshots that are not results yet.
    """

    face: SourceFace
    results: tuple[JobResult, ...] = ()
    copies: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    kept: tuple[KeptThere, ...] = ()
    takes: tuple[Take, ...] = ()

    @property
    def size_bytes(self) -> int:
        """What the results take on the disk."""
        return sum(result.size_bytes for result in self.results)


@dataclass(frozen=True, slots=True)
class WithdrawalReport:
    """What was done.

    Attributes:
        results: How many results were deleted here.
        remote: How many were deleted at providers.
        cancelled: How many jobs were stopped.
        face_is_gone: The face was deleted too.
        problems: What could not be done, and why.
    """

    results: int = 0
    remote: int = 0
    cancelled: int = 0
    face_is_gone: bool = False
    problems: tuple[Message, ...] = ()


class Withdrawals:
    """Lists and carries out what withdrawing a consent concerns."""

    def __init__(
        self,
        database: Database,
        library: Library,
        queue: JobQueue,
        cloud: Cloud,
        providers: Sequence[Provider],
        eraser: Eraser,
        bus: EventBus,
        forget_sources: Callable[[Iterable[SourceFaceId]], None],
        takes: Takes,
    ) -> None:
        self._takes = takes
        self._consents = ConsentStore(database)
        self._results = ResultStore(database)
        self._footprints = Footprints(database)
        self._hosted = HostedStore(database)
        self._library = library
        self._queue = queue
        self._cloud = cloud
        self._infos = {provider.info.id: provider.info for provider in providers}
        self._eraser = eraser
        self._bus = bus
        self._forget_sources = forget_sources

    async def plan(self, face_id: SourceFaceId) -> WithdrawalPlan:
        """List what withdrawing the consent for a face concerns.

        Raises:
            UsageError: There is no such source face (kind ``no-such-face``).
            StorageError: The library cannot be read.
        """
        face = await self._library.face(face_id)
        if face is None:
            raise UsageError(message("There is no source face with the id {id}.", id=face_id), kind="no-such-face")
        photos = {photo.id for photo in face.photos}
        ids = await self._footprints.results_with(face.id, photos)
        results = tuple(await self._results.get(ids))
        jobs = [await self._queue.job(job) for job in await self._footprints.jobs_with(face.id, photos)]
        noted = await self._results.marks.copies(ids)
        return WithdrawalPlan(
            face,
            results,
            tuple(await asyncio.to_thread(_copies_of, results, noted)),
            tuple(job for job in jobs if job is not None and not job.state.is_final),
            tuple(
                self._kept_of(
                    {result.job for result in results} | {job.id for job in jobs if job is not None},
                    await self._queue.still_there(),
                )
            ),
            tuple(await self._takes.with_face(face.id, photos)),
        )

    async def withdraw(
        self,
        plan: WithdrawalPlan,
        *,
        delete: bool,
        delete_face: bool = False,
        on_progress: OnProgress | None = None,
    ) -> WithdrawalReport:
        """Withdraw the consent: at once nothing more is made with the face; unfinished jobs are cancelled.

        Args:
            plan: What ``plan`` returned.
            delete: Delete its results for good, here and at the providers that can.
            delete_face: Delete the face too, and everything that was measured and made of it.
            on_progress: Told how far it is.

        Raises:
            StorageError: That it is withdrawn could not be written; then nothing has changed.
        """
        tell = on_progress or (lambda _: None)
        face, problems = plan.face, list[Message]()
        photos = {photo.id for photo in face.photos}
        withdrawn = await self._consents.withdraw_photos(photos, time.time())
        if not delete_face and not withdrawn and not await self._consents.of_photos(photos):
            # Nobody was asked; all the same it is not to be used from now on.
            await self._note_refusal(face)
        self._bus.publish(ConsentChanged((face.id,)))
        tell(0.05)
        cancelled = await self._stop(plan.jobs, problems)
        tell(0.2)
        remote = count = 0
        if delete:
            # Asked anew: a job may have ended with a result in between.
            now = await self.plan(face.id)
            remote, left = await self._delete_there(now.kept, problems)
            tell(0.4)
            share = max(1, len(now.results))
            erased = await self._eraser.erase_results(now.results, lambda done: tell(0.4 + 0.4 * done / share))
            count, problems = len(erased.results), problems + erased.problems
            if count and count == len(now.results):
                told = await self._consents.of_photos(photos)
                await self._consents.note_deletion([one.id for one in told if one.withdrawn_at], time.time())
            problems += [
                message("A copy outside the library was left as it is: “{path}”.", path=path) for path in now.copies
            ]
            # Before their jobs: with those goes what says that they were given up.
            problems += [
                message("A live recording could not be deleted yet; it is when the program starts again.")
                for _ in await self._takes.erase(now.takes)
            ]
            await self._forget_jobs(face, problems, keep=left)
        tell(0.8)
        is_gone = False
        if delete_face:
            problems += await self._eraser.erase_face(face)
            self._forget_sources([face.id])
            is_gone = True
        if delete or delete_face:
            problems += await self._eraser.clean_up()
        tell(1.0)
        return WithdrawalReport(count, remote, cancelled, is_gone, tuple(problems))

    async def _stop(self, jobs: Sequence[Job], problems: list[Message]) -> int:
        """Cancel jobs and wait until they are over; returns how many are."""
        ids = [job.id for job in jobs]
        if not ids:
            return 0
        changed = asyncio.Event()

        def hear(event: Event) -> None:
            if isinstance(event, JobChanged | JobRemoved):
                changed.set()

        unsubscribe = self._bus.subscribe(hear)
        try:
            await self._queue.dismiss([job.id for job in jobs if job.state is JobState.UNCONFIRMED])
            await self._queue.cancel(ids)
            await self._queue.cancel_waiting(ids)
            end = time.monotonic() + _PATIENCE_S
            while (left := await self._unfinished(ids)) and time.monotonic() < end:
                changed.clear()
                try:
                    async with asyncio.timeout(_LOOK_AGAIN_S):
                        await changed.wait()
                except TimeoutError:
                    continue
        finally:
            unsubscribe()
        problems += [
            message(
                "Job {id} could not be stopped yet: {provider} is working on it.",
                id=job.id,
                provider=self._title(job.recipe.provider),
            )
            for job in left
        ]
        return len(ids) - len(left)

    async def _unfinished(self, ids: Iterable[JobId]) -> list[Job]:
        jobs = [await self._queue.job(job_id) for job_id in ids]
        return [job for job in jobs if job is not None and not job.state.is_final]

    async def _delete_there(self, kept: Sequence[KeptThere], problems: list[Message]) -> tuple[int, set[JobId]]:
        """Delete at providers; returns how many results went, and the jobs of those that may still go later."""
        count, left = 0, set[JobId]()
        for one in kept:
            if not one.can_delete:
                problems.append(_cannot_delete(one))
                continue
            try:
                count += await self._queue.delete_remote(one.jobs)
            except FaceSwapError as error:
                left.update(one.jobs)
                problems.append(
                    message(
                        "{provider} did not delete its results: {reason} Their jobs stay in the Gallery, so that you "
                        "can delete them there later.",
                        provider=one.title,
                        reason=error.message.text(),
                    )
                )
        return count, left

    async def _forget_jobs(self, face: SourceFace, problems: list[Message], *, keep: Set[JobId]) -> None:
        """Delete the rows of jobs that are over, what lies on the internet for them, and what was answered."""
        photos = {photo.id for photo in face.photos}
        ids = [one for one in await self._footprints.jobs_with(face.id, photos) if one not in keep]
        jobs = [job for job_id in ids if (job := await self._queue.job(job_id)) is not None and job.state.is_final]
        for job in jobs:
            try:
                await self._cloud.on_end(job.id)
            except FaceSwapError as error:
                problems.append(error.message)
            problems += [
                message("A file of job {id} still lies at {place}.", id=job.id, place=one.host)
                for one in await self._hosted.of_job(job.id)
            ]
        remote = {job.recipe.provider for job in jobs if not self._is_local(job.recipe.provider)}
        await self._footprints.forget_jobs([job.id for job in jobs], remote)
        # Where its result could not be deleted, the row of the job is no reason to lose sight of it.
        await self._queue.remove([job.id for job in jobs])

    async def _note_refusal(self, face: SourceFace) -> None:
        now = time.time()
        photos = frozenset(photo.id for photo in face.photos)
        await self._consents.add(Consent(new_id(), face.id, face.name, Basis.STATED, photos, now, withdrawn_at=now))

    def _kept_of(self, jobs: set[JobId], there: Iterable[RemoteResult]) -> list[KeptThere]:
        found: dict[str, list[RemoteResult]] = {}
        for one in there:
            if one.job in jobs:
                found.setdefault(one.provider, []).append(one)
        return [
            KeptThere(
                provider,
                self._title(provider),
                tuple(dict.fromkeys(one.job for one in kept)),
                provider in self._infos and Capability.DELETE_REMOTE in self._infos[provider].capabilities,
                max(one.expires_at for one in kept),
            )
            for provider, kept in found.items()
        ]

    def _title(self, provider: str) -> str:
        info = self._infos.get(provider)
        return info.title if info is not None else provider

    def _is_local(self, provider: str) -> bool:
        info = self._infos.get(provider)
        return info is not None and info.is_local


def _copies_of(results: Sequence[JobResult], noted: Mapping[ResultId, Sequence[str]]) -> list[str]:
    found: dict[str, None] = {}
    for result in results:
        for path in (*noted.get(result.id, ()), result.recipe.output.requested_path):
            if path and path != result.path and os.path.lexists(path):
                found[path] = None
    return list(found)


def _cannot_delete(kept: KeptThere) -> Message:
    count = len(kept.jobs)
    if not kept.until:
        return message(
            "{provider} keeps {count} result(s) and cannot be asked to delete them.", provider=kept.title, count=count
        )
    return message(
        "{provider} keeps {count} result(s) until {day} and cannot be asked to delete them.",
        provider=kept.title,
        count=count,
        day=time.strftime("%Y-%m-%d", time.localtime(kept.until)),
    )
