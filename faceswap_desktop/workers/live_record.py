"""Writes what everybody sees into a file, with the sound in step, until it is stopped.

One loop: it takes the newest picture, encodes it, and looks again. So nothing queues: pictures that come while the
encoder is busy are passed over, and counted. Pictures and sound are laid along one clock, by when they were taken and
heard; how long the engine worked on a picture is of no matter.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.live import SOUND_RATE, LivePicture
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.live_sound import SoundTrack
from faceswap_desktop.media.video.live_file import LiveFile
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.workers.live_boxes import SoundBox
from faceswap_desktop.workers.live_hush import Hush
from faceswap_desktop.workers.live_outlet import OpenedOutlet
from faceswap_desktop.workers.live_requests import RecordedSoFar, RecordLive
from faceswap_desktop.workers.process import TaskContext

STEP: Final = "record"
LEAST_ROOM_BYTES: Final = 64 * 2**20
"""The recording ends before the disk is full: to finish it takes some room too."""
_LOOK_S: Final = 0.02
_TELL_S: Final = 0.5
_STANDS_NS: Final = 500_000_000
"""A picture that stands is written again after so long, so that the file goes on and a kill costs no more."""
_BEHIND_NS: Final = 300_000_000
"""Pictures come so long after they were taken at most; one that is written again must not be ahead of the next."""
_EARLY: Final = 0.8


def record(request: RecordLive, context: TaskContext) -> RecordedSoFar:
    """Record until it is stopped or the session is over.

    Raises:
        StorageError: The disk is full (kind ``disk-full``) or cannot be written; what was recorded can be played.
            Kind ``recording-gone``: somebody has removed it.
    """
    with contextlib.ExitStack() as stack:
        try:
            outlet = stack.enter_context(OpenedOutlet(request.boxes))
            sound = stack.enter_context(SoundBox(request.boxes.sound)) if request.with_sound else None
        except FileNotFoundError:
            # The session ended before this began.
            return RecordedSoFar(0.0, 0, 0, 0)
        return _Recorder(request, context, outlet, sound).run()


class _Recorder:
    def __init__(self, request: RecordLive, context: TaskContext, outlet: OpenedOutlet, sound: SoundBox | None) -> None:
        self._request = request
        self._context = context
        self._outlet = outlet
        self._sound = sound
        self._position = sound.written if sound is not None else 0
        self._track: SoundTrack | None = None
        self._hush = Hush()
        self._file: LiveFile | None = None
        self._start_ns = 0
        self._shown: LivePicture | None = None
        self._shown_ns = 0
        self._told = 0.0
        self._dropped = 0
        self._least_gap_ns = int(1e9 * _EARLY / max(1.0, request.per_second))

    def run(self) -> RecordedSoFar:
        failure: StorageError | None = None
        try:
            try:
                while not self._is_over():
                    self._step()
                self._end()
            except OSError as error:
                failure = self._what_failed(error)
        finally:
            closing = self._close()
        failure = failure or closing
        if failure is not None:
            raise failure
        return self._so_far()

    def _is_over(self) -> bool:
        return self._context.stop_event.is_set() or self._outlet.is_over

    def _step(self) -> None:
        self._look_for_silence()
        picture = self._outlet.wait(_LOOK_S, self._context.stop_event.is_set)
        if picture is not None:
            self._take(picture)
        self._repeat()
        self._listen()
        now = time.monotonic()
        if now - self._told >= _TELL_S:
            self._told = now
            self._check_room()
            self._check_there()
            if not self._is_over():
                self._context.report(0.0, STEP, self._so_far())

    def _take(self, picture: LivePicture) -> None:
        self._dropped += self._outlet.missed
        if (
            self._file is not None
            and 0 <= picture.taken_ns - self._shown_ns < self._least_gap_ns
            and (self._shown is not None and picture.shown is self._shown.shown)
        ):
            # More than were asked for: not missed by anybody.
            return
        self._shown, self._shown_ns = picture, picture.taken_ns
        self._write(picture, picture.taken_ns)

    def _write(self, picture: LivePicture, taken_ns: int) -> None:
        if self._file is None:
            self._begin(taken_ns)
        assert self._file is not None
        ms = max(0, (taken_ns - self._start_ns) // 1_000_000)
        self._file.add_picture(picture.pixels, picture.width, picture.height, ms)

    def _begin(self, taken_ns: int) -> None:
        """Open the file with the first picture: one without any is none."""
        request = self._request
        self._start_ns = taken_ns
        self._file = LiveFile(
            request.path, request.width, request.height, request.per_second, with_sound=request.with_sound
        )
        self._track = SoundTrack(taken_ns) if self._sound is not None else None

    def _repeat(self) -> None:
        behind = time.monotonic_ns() - _BEHIND_NS
        if self._shown is not None and behind - self._shown_ns >= _STANDS_NS:
            self._shown_ns = behind
            self._write(self._shown, behind)

    def _listen(self) -> None:
        if self._sound is None or self._track is None or self._file is None:
            return
        if (heard := self._sound.read(self._position)) is not None:
            start, heard_ns, data = heard
            self._position = start + len(data) // 4
            # Looked at after it was heard: the key may have been pressed since the picture was.
            self._look_for_silence()
            self._file.add_sound(self._track.add(self._hush.over(data, heard_ns), heard_ns))
        self._file.add_sound(self._track.fill(time.monotonic_ns()))

    def _look_for_silence(self) -> None:
        before, is_silent = time.monotonic_ns(), self._outlet.is_silent
        self._hush.look(before, time.monotonic_ns(), is_silent=is_silent)

    def _end(self) -> None:
        """Let picture and sound end together, now."""
        if self._shown is None or self._file is None:
            return
        self._listen()
        now = time.monotonic_ns()
        end = max(now - _BEHIND_NS, self._shown_ns + 1_000_000)
        self._write(self._shown, end)
        if self._track is not None:
            self._file.add_sound(self._track.fill_to(end))

    def _close(self) -> StorageError | None:
        if self._file is None:
            return None
        try:
            self._file.close()
        except OSError as error:
            return self._what_failed(error)
        return None

    def _so_far(self) -> RecordedSoFar:
        if self._file is None:
            return RecordedSoFar(0.0, 0, 0, 0)
        size = 0
        with contextlib.suppress(OSError):
            size = Path(self._request.path).stat().st_size
        silence = self._track.silence / SOUND_RATE if self._track is not None else 0.0
        return RecordedSoFar(self._file.seconds, size, self._file.frames, self._dropped, silence)

    def _check_room(self) -> None:
        folder = Path(self._request.path).parent
        with contextlib.suppress(OSError):
            if shutil.disk_usage(folder).free < LEAST_ROOM_BYTES:
                raise _full()

    def _check_there(self) -> None:
        """End what is written for nobody: consent was withdrawn, and the recording erased."""
        if self._file is not None and not Path(self._request.path).exists():
            raise StorageError(
                message("The recording was removed while it was made, so it was ended."),
                message("That happens when consent for a face in it is withdrawn. Record again without that face."),
                kind="recording-gone",
            )

    def _what_failed(self, error: OSError) -> StorageError:
        try:
            with mapped_errors(Path(self._request.path)):
                raise error
        except StorageError as found:
            return _full() if found.kind == "disk-full" else found


def _full() -> StorageError:
    return StorageError(
        message("The disk is full, so the recording was ended."),
        message("What was recorded until then is kept. Free some space before you record again."),
        kind="disk-full",
    )
