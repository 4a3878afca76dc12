"""``live``: put a source face onto a camera's picture while it runs, and record what comes of it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from faceswap_desktop.cli import live_cloud
from faceswap_desktop.cli.arguments import seconds, some_text, years
from faceswap_desktop.cli.console import Console, error_to_json
from faceswap_desktop.cli.live_start import KEPT, file_camera, is_file, output_of, settle_consent, without_qt
from faceswap_desktop.cli.making import finished
from faceswap_desktop.cli.services import chosen
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, FaceSwapError
from faceswap_desktop.domain.live import (
    CameraChoice,
    Capture,
    CaptureEvent,
    CaptureTrouble,
    LivePicture,
    Resolution,
    Shown,
    SoundCapture,
)
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import MOST_YEARS, NO_LABEL
from faceswap_desktop.services.live import Live, LivePhase, LiveState

HELP = "put a source face onto a camera's picture while it runs"

ON_DEVICE: Final = "on-device"
_RECORDED: Final = (".mp4", ".mov", ".mkv")
_SAY_S: Final = 1.0
_YEARS: Final = (
    f"make faces so many years older, or younger with a minus: -{MOST_YEARS} to {MOST_YEARS} (default: 0, as they are)"
)
_OF_SOUND: Final = frozenset({CaptureTrouble.NO_MICROPHONE, CaptureTrouble.MICROPHONE_DENIED})
"""Without a microphone it goes on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--source",
        metavar="FILE",
        type=some_text,
        required=True,
        help="a photo whose largest face everybody before the camera gets",
    )
    parser.add_argument(
        "--camera",
        metavar="NAME|FILE",
        type=some_text,
        help="a camera by its name, or a video or picture in its place (default: the system's camera)",
    )
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=some_text,
        help="record what is seen, with the sound, and write it here: .mp4, .mov or .mkv, at services .webm or .mkv; it"
        " goes into the gallery too",
    )
    parser.add_argument("--virtual-camera", action="store_true", help="hand the picture to other programs as a camera")
    parser.add_argument("--provider", metavar="ID", default=ON_DEVICE, help="who does it (default: this computer)")
    parser.add_argument("--seconds", metavar="N", type=seconds, help="end after so long (default: at Ctrl+C)")
    parser.add_argument("--mirror", action="store_true", help="swap left and right")
    parser.add_argument("--years", metavar="N", type=years, default=0, help=_YEARS)
    parser.add_argument("--no-label", action="store_true", help="no visible label in the picture")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")


def runner_of(options: argparse.Namespace) -> Callable[[Coroutine[Any, Any, int]], int]:
    """Return what the command has to run in: cameras, and pages of services, speak to Qt's loop only.

    Raises:
        InputRefused: Qt is not installed (kind ``no-camera``).
    """
    is_here = options.provider == ON_DEVICE
    if is_here and options.camera is not None and is_file(options.camera):
        return asyncio.run
    try:
        from faceswap_desktop.ui.live.headless import run_in_qt
    except ImportError as error:
        if is_here:
            raise without_qt(error) from error
        # Whether there is such a provider at all is said first.
        return asyncio.run
    return run_in_qt


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Go live, say how it goes, and how it ended."""
    info = chosen(program, options.provider)
    if not info.is_local:
        return await live_cloud.run(program, info, options, console)
    output = output_of(options.record, _RECORDED)
    place = _place(program, options)
    await program.pool.start(warm=False)
    # The engine gets ready while the source face is looked at.
    program.live.warm()
    face = await program.library.add_face(options.source, on_shelf=False)
    await settle_consent(program, face, options)
    await program.live.set_everyone(face.id, options.years)
    if options.no_label:
        program.live.set_label(NO_LABEL)
    if output:
        await program.queue.start(only_new=True)
    live = program.settings.current.live
    wish = Resolution(live.width, live.height, live.per_second)
    show = _Show(program.live, console)
    try:
        await program.live.start(place.camera, place.capture, wish, sound=place.sound, is_mirrored=options.mirror)
        await show.until_it_runs()
        if output:
            await program.live.record(output)
        if options.virtual_camera:
            await program.live.start_virtual_camera()
            console.say(message("Other programs find it as “{name}”.", name=program.live.state.virtual_camera))
        await show.go_on(options.seconds)
    except asyncio.CancelledError:
        show.was_cancelled = True
    except FaceSwapError as error:
        show.error = error
    finally:
        show.leave()
    is_recorded = program.live.state.recording is not None
    try:
        return await _end(program, show, console)
    except asyncio.CancelledError:
        # A second signal: what is not finished now is taken up later.
        if is_recorded:
            console.say(KEPT)
        raise


@dataclass(slots=True)
class _Place:
    camera: CameraChoice
    capture: Capture
    sound: SoundCapture | None = None


@dataclass(slots=True)
class _Show:
    """Looks on while it runs.

    Attributes:
        frames: Changed pictures that were seen.
        delays_ms: How long each took from the camera.
        was_cancelled: The user has ended it.
        error: Why it could not go on.
    """

    live: Live
    console: Console
    frames: int = 0
    delays_ms: list[float] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    people: int = 0
    was_cancelled: bool = False
    error: FaceSwapError | None = None
    leave: Callable[[], None] = lambda: None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.leave = self.live.follow(self._on_state, self._on_picture)

    async def until_it_runs(self) -> None:
        """Wait for the first changed picture.

        Raises:
            FaceSwapError: There will be none.
        """
        while self.live.state.phase is not LivePhase.RUNNING:
            self._check()
            await self._next()
        self.began_at = time.monotonic()

    async def go_on(self, limit_s: float | None) -> None:
        """Say every second how it goes, until it was long enough.

        Raises:
            FaceSwapError: It cannot go on.
        """
        said_at = self.began_at
        while limit_s is None or time.monotonic() - self.began_at < limit_s:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SAY_S / 10):
                    await self._next()
            self._check()
            if time.monotonic() - said_at >= _SAY_S:
                said_at = time.monotonic()
                self.console.status(_line(self.live.state, said_at - self.began_at))

    def to_json(self) -> dict[str, Any]:
        """Write down how it went."""
        lasted = max(0.0, self.ended_at - self.began_at) if self.began_at else 0.0
        delays = sorted(self.delays_ms)
        return {
            "seconds": round(lasted, 3),
            "frames": self.frames,
            "frames_per_second": round(self.frames / lasted, 2) if lasted else 0.0,
            "delay_ms": round(delays[len(delays) // 2], 1) if delays else None,
            "delay_p95_ms": round(delays[int(len(delays) * 0.95)], 1) if delays else None,
            "people": self.people,
        }

    def _on_state(self, state: LiveState) -> None:
        self.people = max(self.people, len(state.people))
        note = state.trouble
        # What ends it is told as the error that it is, once.
        ends_it = note is not None and note.event is CaptureEvent.FAILED and note.trouble not in _OF_SOUND
        if note is not None and note.text is not None and not ends_it:
            self.console.note(note.text)
        if state.why is not None:
            self.console.note(state.why)
        self._news.set()

    def _on_picture(self, picture: LivePicture) -> None:
        now = time.monotonic_ns()
        self.live.note_shown(picture.number)
        if picture.shown is Shown.SWAPPED and self.began_at:
            self.frames += 1
            self.delays_ms.append((now - picture.taken_ns) / 1e6)

    async def _next(self) -> None:
        await self._news.wait()
        self._news.clear()

    def _check(self) -> None:
        if self.live.state.error is not None:
            raise self.live.state.error


async def _end(program: Program, show: _Show, console: Console) -> ExitCode:
    """Stop, have the recording finished, and say how all of it ended."""
    show.ended_at = time.monotonic()
    device = program.live.state.virtual_camera
    job_id = await program.live.stop_recording()
    await program.live.stop()
    data = {**show.to_json(), "virtual_camera": device or None, "output": None, "job": None, "error": None}
    code = ExitCode.CANCELLED if show.was_cancelled else ExitCode.DONE
    if job_id is not None:
        made = await finished(program, job_id, console)
        data |= {key: made[key] for key in ("output", "job", "error")}
        code = made["code"]
    if show.error is not None:
        error = show.error
        data["error"] = error_to_json(error.kind, error.message, error.hint)
        code = error.exit_code
    console.close()
    console.result(data, _sentence(data))
    if data["error"] is not None:
        console.say(f"Error: {data['error']['message']}")
        if data["error"]["hint"]:
            console.say(f"       {data['error']['hint']}")
    return code


def _sentence(data: dict[str, Any]) -> str:
    if data["output"]:
        return str(data["output"])
    return f"{data['frames']} pictures in {data['seconds']:.1f} seconds, {data['frames_per_second']:.1f} per second."


def _line(state: LiveState, lasted: float) -> str:
    figures = state.figures
    delay = "" if figures.delay_ms is None else f", {figures.delay_ms:.0f} ms after the camera"
    count = len(state.people)
    people = "nobody is seen" if not count else f"{count} {'person is' if count == 1 else 'people are'} seen"
    recorded = "" if state.recording is None else f", recorded {state.recording.seconds:.0f} s"
    shown = "" if state.shown is Shown.SWAPPED else f" ({state.shown.value})"
    return f"{lasted:4.0f} s: {figures.per_second:4.1f} pictures per second{delay}, {people}{recorded}{shown}"


def _place(program: Program, options: argparse.Namespace) -> _Place:
    file = file_camera(options.camera)
    if file is not None:
        return _Place(file, program.live.file_capture(file))
    from faceswap_desktop.ui.live.headless import camera_capture, find_camera, find_microphone, microphone_capture

    live = program.settings.current.live
    camera = find_camera(options.camera)
    microphone = find_microphone(live.microphone) if options.record and live.record_microphone else None
    return _Place(camera, camera_capture(camera), microphone_capture(microphone) if microphone is not None else None)
