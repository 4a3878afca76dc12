"""``live --provider``: a live session at a service, paid by the minute, without a window."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from faceswap_desktop.cli.console import Console, error_to_json
from faceswap_desktop.cli.live_start import KEPT, file_camera, output_of, settle_consent, without_qt
from faceswap_desktop.cli.making import finished
from faceswap_desktop.cli.services import begin, reached, say_sandbox
from faceswap_desktop.cli.spending import amount_words, check_money
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, FaceSwapError, ProviderUnavailable, UsageError
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.domain.live import CaptureNote
from faceswap_desktop.domain.live_cloud import LegError
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions
from faceswap_desktop.providers.protocol import ProviderInfo
from faceswap_desktop.services.label_language import settled
from faceswap_desktop.services.live_label import label_drawer
from faceswap_desktop.services.live_troubles import what_became_of
from faceswap_desktop.services.takes import OpenTake

if TYPE_CHECKING:
    from faceswap_desktop.ui.live.web_leg import WebLeg

_RECORDED: Final = (".webm", ".mkv")
_SAY_S: Final = 1.0


@dataclass(slots=True)
class _Session:
    """What is to be said of a session in the end."""

    program: Program
    console: Console
    info: ProviderInfo
    label: LabelOptions
    camera: str = ""
    take: OpenTake | None = None
    began_at: float = 0.0
    seconds: float = 0.0
    was_cancelled: bool = False
    error: FaceSwapError | None = None

    def to_json(self) -> dict[str, Any]:
        state = self.program.cloud_live.state
        return {
            "seconds": round(self.seconds, 3),
            "credits": round(state.credits, 3),
            "session": state.session.remote_id if state.session is not None else None,
            "provider": self.info.id,
            "output": None,
            "job": None,
            "error": None,
        }


async def run(program: Program, info: ProviderInfo, options: argparse.Namespace, console: Console) -> ExitCode:
    """Go live at a service, say how it goes and what it costs, and how it ended.

    Raises:
        UsageError: It has no live sessions, or cannot do what is wished, or costs more than it may.
        InputRefused: No camera, or no browser for the page.
        ConsentNeeded: Nobody has said that the source face may be used.
        ProviderError: Something has to be set up first, or the sandbox is not there.
    """
    if info.id not in {one.id for one in program.cloud_live.services}:
        raise UsageError(message("{provider} has no live sessions.", provider=info.title))
    if options.years or options.virtual_camera:
        raise UsageError(
            message("--years and --virtual-camera are for this computer only."),
            message("The Live page hands a service's picture to other programs too."),
        )
    output = output_of(options.record, _RECORDED)
    file_camera(options.camera)
    minutes = _agreed_minutes(program, info, options)
    await program.pool.start(warm=False)
    if await begin(program, info.id):
        await reached(program)
    say_sandbox(program, console)
    face = await program.library.add_face(options.source, on_shelf=False)
    await settle_consent(program, face, options)
    if output:
        await program.queue.start(only_new=True)
    label = NO_LABEL if options.no_label else settled(program.settings.current.label)
    session = _Session(program, console, info, label)
    try:
        return await _hold(session, options, face, minutes, output)
    except asyncio.CancelledError:
        # A second signal: what is not finished now is taken up later.
        if session.take is not None:
            console.say(KEPT)
        raise


async def _hold(
    session: _Session, options: argparse.Namespace, face: SourceFace, minutes: int, output: str
) -> ExitCode:
    program = session.program
    async with _leg(session, options) as leg:
        try:
            await program.cloud_live.start(session.info.id, face.id, leg, minutes)
            session.began_at = time.monotonic()
            if output:
                await _record(session, leg, face, output)
            await _go_on(session, options.seconds)
        except asyncio.CancelledError:
            session.was_cancelled = True
        except FaceSwapError as error:
            session.error = error
        session.seconds = time.monotonic() - session.began_at if session.began_at else 0.0
        if session.take is not None:
            await leg.stop_recording()
        await program.cloud_live.stop()
    return await _end(session)


def _agreed_minutes(program: Program, info: ProviderInfo, options: argparse.Namespace) -> int:
    """Return after how many minutes it ends at the latest, once that many may be paid.

    Raises:
        UsageError: There is no limit, or it costs more than it may.
    """
    limit = program.settings.current.live.minutes_limit
    minutes = math.ceil(options.seconds / 60.0) if options.seconds else limit
    if not minutes:
        raise UsageError(
            message("A session at {provider} is paid by the minute, and has no end here.", provider=info.title),
            message("Say --seconds, or set live.minutes_limit."),
        )
    if limit:
        minutes = min(minutes, limit)
    credits = minutes * program.cloud_live.price_per_minute(info.id)
    most = getattr(options, "max_credits", None)
    check_money(program, info, credits, max_credits=most, is_agreed=getattr(options, "yes", False))
    return minutes


@contextlib.asynccontextmanager
async def _leg(session: _Session, options: argparse.Namespace) -> AsyncIterator[WebLeg]:
    """Open the way of the pictures, and take it down again."""
    program, console = session.program, session.console
    try:
        from faceswap_desktop.ui.live.headless import find_camera, find_microphone, make_leg
    except ImportError as error:
        raise without_qt(error) from error

    def on_note(note: CaptureNote) -> None:
        if note.text is not None:
            console.note(note.text)

    frames = None
    camera, microphone = file_camera(options.camera), None
    if camera is not None:
        frames = program.live.file_frames(camera, on_note)
    else:
        camera, microphone = find_camera(options.camera), find_microphone(program.settings.current.live.microphone)
    session.camera = camera.name
    try:
        leg = make_leg(camera, microphone, frames)
        leg.set_mirrored(options.mirror)
        leg.set_label(label_drawer(session.label))
        try:
            yield leg
        finally:
            await leg.leave()
    finally:
        if frames is not None:
            await frames.close()


async def _record(session: _Session, leg: WebLeg, face: SourceFace, output: str) -> None:
    program, ref = session.program, session.program.library.source_ref(face)
    take = await program.takes.begin_recording(session.camera, [ref], session.label, session.info.id, output=output)

    async def keep(piece: bytes) -> None:
        await program.takes.append(take, piece)

    session.take = take
    try:
        await leg.record(keep)
    except LegError as error:
        text = message("The page could not begin to record ({reason}).", reason=foreign(error.text))
        raise ProviderUnavailable(text, provider_id=session.info.id) from error


async def _go_on(session: _Session, limit_s: float | None) -> None:
    """Say every second how it goes, until it was long enough.

    Raises:
        ProviderUnavailable: The session ended, and not because that was wished.
    """
    cloud = session.program.cloud_live
    while limit_s is None or time.monotonic() - session.began_at < limit_s:
        await asyncio.sleep(min(_SAY_S, limit_s or _SAY_S))
        state = cloud.state
        if state.phase in {"off", "closing"}:
            if state.error is not None:
                raise ProviderUnavailable(state.error, provider_id=session.info.id)
            # Its limit was reached.
            return
        amount = amount_words(round(state.credits, 2), session.info.unit)
        figures = f"{state.figures.shown_per_second:4.1f} pictures per second, about {amount}"
        why = "" if state.refused is None else f" ({state.refused})"
        session.console.status(f"{state.seconds:4.0f} s: {figures}{why}")


async def _end(session: _Session) -> ExitCode:
    program, console = session.program, session.console
    data = session.to_json()
    code = ExitCode.CANCELLED if session.was_cancelled else ExitCode.DONE
    job_id = await program.takes.finish(session.take) if session.take is not None else None
    if job_id is not None:
        made = await finished(program, job_id, console)
        data |= {key: made[key] for key in ("output", "job", "error")}
        code = made["code"]
    elif session.take is not None and session.error is None and not session.was_cancelled:
        # A recording was asked for: without one it did not go well.
        text = message("Nothing could be recorded of the session.")
        session.error = ProviderUnavailable(text, kind="nothing-recorded", provider_id=session.info.id)
    if session.error is not None:
        error = session.error
        data["error"] = error_to_json(error.kind, error.message, error.hint)
        code = error.exit_code
    left = [one.remote_id for one in await program.cloud_live.open_sessions()]
    console.close()
    console.result(data, data["output"] or f"{session.seconds:.0f} seconds at {session.info.title}.")
    if data["error"] is not None:
        console.say(f"Error: {data['error']['message']}")
        if data["error"]["hint"]:
            console.say(f"       {data['error']['hint']}")
        if (became := what_became_of(program.cloud_live.state.session)) is not None:
            console.say(f"       {became}")
    if left:
        console.say(_left_open(session.info))
    return code


def _left_open(info: ProviderInfo) -> Message:
    return message(
        "A session at {provider} could not be closed yet. The next command, or the window, tries it again.",
        provider=info.title,
    )
