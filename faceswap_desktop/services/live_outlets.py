"""What becomes of what everybody sees: recordings, snapshots, a virtual camera."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, InputRefused, WorkerError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live import LivePicture, Resolution, Shown
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions
from faceswap_desktop.services.live_parts import LiveParts
from faceswap_desktop.services.live_state import LiveBoard, LivePhase
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.takes import OpenTake, Takes
from faceswap_desktop.workers.errors import WorkerBug
from faceswap_desktop.workers.live_requests import (
    FeedVirtualCamera,
    RecordedSoFar,
    RecordLive,
    VirtualCameraOpened,
)
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.wire import Update

if TYPE_CHECKING:
    from faceswap_desktop.services.live_session import LiveSession

logger = logging.getLogger(__name__)

SILENCE_S: Final = 20.0
"""A recorder or a virtual camera that says nothing for so long hangs."""
_LEAST_SIDE: Final = 16


@dataclass(slots=True)
class _Recording:
    take: OpenTake
    writing: asyncio.Task[None]
    begun: asyncio.Event


class LiveOutlets:
    """Recording, snapshots and virtual camera of the session that runs. Not for two callers at once."""

    def __init__(
        self, pool: WorkerPool, takes: Takes, parts: LiveParts, board: LiveBoard, settings: SettingsService
    ) -> None:
        self._pool, self._takes, self._parts, self._board, self._settings = pool, takes, parts, board, settings
        self._recording: _Recording | None = None
        self._feeding: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    # ------------------------------------------------------------------------------------------------- recording

    async def record(self, session: LiveSession, output: str, label: LabelOptions) -> None:
        """Begin to record, and return when it does; does nothing while it is recorded.

        Args:
            session: What is recorded.
            output: Where the result is wanted, beside the gallery; empty for nowhere.
            label: The label in the picture that is shown now; what is set already may come with the next one.

        Raises:
            InputRefused: Kind ``live-off``: the session ends.
            StorageError: It cannot be written, or there is no room.
        """
        async with self._turn:
            if self._recording is not None:
                return
            self._refuse_ending(session)
            state = self._board.state
            label = state.label if label.is_on else NO_LABEL
            take = await self._takes.begin_recording(
                session.plan.camera.name, self._parts.refs, label, years=self._parts.years, output=output
            )
            try:
                self._refuse_ending(session)
            except InputRefused:
                await self._takes.discard(take)
                raise
            width, height, per_second = self._format_of(session)
            with_sound = self._settings.current.live.record_microphone and session.has_sound
            request = RecordLive(session.boxes.names, str(take.path), width, height, per_second, with_sound)
            writing = asyncio.get_running_loop().create_task(self._write(request, take), name="live: record")
            recording = self._recording = _Recording(take, writing, asyncio.Event())
            self._board.change(recording=RecordedSoFar(0.0, 0, 0, 0))
        # Somebody may have been put in since their names were written down.
        await self.note_cast()
        # A process is started for it; who counts seconds counts them from here.
        begun = asyncio.ensure_future(recording.begun.wait())
        try:
            await asyncio.wait([begun, writing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            begun.cancel()

    async def stop_recording(self) -> JobId | None:
        """End the recording; returns the job that makes a result of it, None where nothing was recorded.

        Raises:
            StorageError: The ledger cannot be written: the recording is taken up at the next start.
            WorkerError: It cannot be looked at now; likewise.
        """
        take = await self.end_recording()
        return await self.finish(take) if take is not None else None

    async def end_recording(self) -> tuple[OpenTake, RecordedSoFar | None] | None:
        """Write no more; returns what is to be finished, None where nothing was being recorded."""
        async with self._turn:
            recording, self._recording = self._recording, None
            if recording is None:
                return None
            recording.writing.cancel()
            await asyncio.wait([recording.writing])
            recorded = self._board.state.recording
            self._board.change(recording=None)
            return recording.take, recorded

    async def finish(self, ended: tuple[OpenTake, RecordedSoFar | None]) -> JobId | None:
        """Make a job of a recording that was ended; see ``stop_recording``."""
        take, recorded = ended
        return await self._takes.finish(take, recorded)

    async def note_cast(self) -> None:
        """Write down who is put in from now on, before it is done.

        Raises:
            StorageError: It cannot be written.
        """
        if self._recording is not None:
            await self._takes.note_cast(
                self._recording.take, self._parts.refs, years=self._parts.years, label=self._board.state.label
            )

    async def _write(self, request: RecordLive, take: OpenTake) -> None:
        error: FaceSwapError | None = None
        try:
            # Not tried again: what is there must not be written over.
            await self._run("live_record", request, self._recorded)
        except Cancelled:
            return
        except FaceSwapError as found:
            error = found
        except WorkerBug:
            logger.exception("a recording failed")
            error = WorkerError(message("The recording failed."), message("What was recorded until then is kept."))
        if self._recording is None or self._recording.take != take:
            # Whoever ended it at the same moment finishes it.
            self._board.change(error=error or self._board.state.error)
            return
        # Full disk, crash, a session that was ending as it began: what is there is kept all the same.
        recorded = self._board.state.recording
        self._recording = None
        self._board.change(recording=None, error=error or self._board.state.error)
        try:
            await self.finish((take, recorded))
        except FaceSwapError as later:
            logger.warning("recording %s is taken up at the next start: %s", take.id, later)

    def _recorded(self, update: Update) -> None:
        if isinstance(update.payload, RecordedSoFar) and self._recording is not None:
            self._recording.begun.set()
            self._board.put(recording=update.payload)

    # ------------------------------------------------------------------------------------------------- snapshots

    async def snapshot(self, picture: LivePicture | None, label: LabelOptions) -> JobId:
        """Put what everybody sees, with the label that is in it, into the gallery.

        Raises:
            InputRefused: Kind ``not-swapped``: it is not the changed picture.
            StorageError: It could not be written.
        """
        state = self._board.state
        if picture is None or picture.shown is not Shown.SWAPPED:
            raise InputRefused(
                message("The changed picture is not shown at the moment, so there is nothing to keep."),
                message("Let the picture come back first. “Use this frame in the Studio” keeps the camera's own."),
                kind="not-swapped",
            )
        camera = state.camera.name if state.camera is not None else ""
        return await self._takes.snapshot(
            picture.pixels,
            picture.width,
            picture.height,
            camera,
            self._parts.refs,
            label,
            years=self._parts.years,
        )

    # ------------------------------------------------------------------------------------------------- virtual camera

    async def start_feeding(self, session: LiveSession) -> None:
        """Hand what everybody sees to the virtual camera; returns when other programs can see it.

        Raises:
            InputRefused: Kind ``live-off``: the session ends.
            Cancelled: It was switched off again, or the session ended, before that.
            FaceSwapError: Something is missing, or it is busy.
        """
        if self._feeding is not None:
            return
        self._refuse_ending(session)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_update(update: Update) -> None:
            if isinstance(update.payload, VirtualCameraOpened):
                self._board.change(virtual_camera=update.payload.device)
                if not opened.done():
                    opened.set_result(None)

        request = FeedVirtualCamera(session.boxes.names, *self._format_of(session))
        feeding = self._run("live_virtual_camera", request, on_update)
        task = self._feeding = asyncio.get_running_loop().create_task(feeding, name="live: virtual camera")
        task.add_done_callback(self._fed)
        await asyncio.wait([task, opened], return_when=asyncio.FIRST_COMPLETED)
        if task.cancelled():
            # Not this call was broken off but what it waits for.
            raise Cancelled(message("The virtual camera was switched off."))
        if not opened.done():
            await task

    async def stop_feeding(self) -> None:
        """Hand it on no more."""
        task, self._feeding = self._feeding, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _fed(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        was_open = bool(self._board.state.virtual_camera)
        if self._feeding is task:
            self._feeding = None
        if isinstance(error, WorkerBug):
            logger.error("the virtual camera failed: %s", error)
            error = WorkerError(message("The virtual camera failed."))
        self._board.change(virtual_camera="")
        if was_open and isinstance(error, FaceSwapError) and not isinstance(error, Cancelled):
            self._board.change(error=error)

    # ------------------------------------------------------------------------------------------------- insides

    async def _run(self, task: str, request: object, on_update: Callable[[Update], None]) -> None:
        await self._pool.run(
            task,
            request,
            lane=Lane.LIVE,
            limit_s=SILENCE_S,
            on_update=on_update,
            retries=0,
            until_stopped=True,
        )

    def _refuse_ending(self, session: LiveSession) -> None:
        if session.is_over or self._board.state.phase is LivePhase.STOPPING:
            raise InputRefused(message("The live session ends."), message("Start another one."), kind="live-off")

    def _format_of(self, session: LiveSession) -> tuple[int, int, float]:
        """Return width and height, both even, and the rate at which pictures go out."""
        given: Resolution = self._board.state.resolution
        width, height = session.frame_size or (given.width, given.height)
        return max(_LEAST_SIDE, width // 2 * 2), max(_LEAST_SIDE, height // 2 * 2), given.per_second
