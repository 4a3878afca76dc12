"""Scenarios of a session's page in real QtWebEngine: ``python web_scenarios.py GROUP FOLDER``; see test_web_leg.py."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from faceswap_desktop.domain.live import CameraChoice, CameraKind, MicrophoneChoice, PanicPicture
from faceswap_desktop.domain.live_cloud import ChannelDoor, LegError, LegEvent, LegTrouble
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions
from faceswap_desktop.services.live_label import label_drawer
from faceswap_desktop.ui.live.web_leg import WebLeg
from tests.ui.live.web_stage import (
    FAKES,
    FLAGS,
    FOLDER,
    HEIGHT,
    WIDTH,
    Console,
    Watched,
    colour_at,
    colours,
    evaluated,
    run_all,
    until,
    watch,
    write_stand_in,
)

OUT = Path(sys.argv[2])
STAND = "AgoraRTC.stand"
SWAPPED = ("red", "green", "blue")
CARD = ("card", "card", "card")


def door(
    channel: str = "first", *, token: str = "token", algorithm: int | None = 3, in_sandbox: bool = False
) -> ChannelDoor:
    return ChannelDoor("a" * 32, channel, token, 1, algorithm, in_sandbox)


def sdk_file(name: str, real: Path) -> Path:
    path = OUT / name
    if not path.exists():
        path.write_bytes((FOLDER / "watch_tracks.js").read_bytes() + real.read_bytes())
    return path


def stand_in(**given: Any) -> WebLeg:
    values = {"camera": CameraChoice(), "microphone": MicrophoneChoice(), **given}
    sdk = write_stand_in(OUT / "stand.js", FOLDER / "watch_tracks.js")
    leg = WebLeg(values.pop("camera"), values.pop("microphone"), sdk=sdk, **values)
    leg.set_card("A title", "A text on the card", "No picture yet")
    return leg


@contextlib.contextmanager
def console() -> Any:
    heard = Console()
    logger = logging.getLogger("faceswap_desktop")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(heard)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.setLevel(before)


@contextlib.asynccontextmanager
async def running(leg: WebLeg | None = None, *, at: ChannelDoor | None = None) -> AsyncIterator[tuple[WebLeg, Watched]]:
    """A session whose swapped picture came, left at the end: camera and microphone are given back."""
    with console() as heard:
        leg = leg or stand_in()
        watched = watch(leg)
        leg.widget().resize(WIDTH, HEIGHT)
        leg.widget().show()
        try:
            await leg.join(at or door())
            await watched.event(LegEvent.PICTURE)
            yield leg, watched
        finally:
            await leg.leave()
            leg.widget().close()
        assert leg.page is None
        assert not heard.open_tracks, heard.open_tracks


async def shows(leg: WebLeg, wanted: tuple[str, str, str]) -> None:
    async def is_so() -> bool:
        picture = await leg.snapshot()
        return bool(picture) and colours(picture) == wanted

    await until(is_so, f"{wanted} is shown")


async def refused_with(trouble: LegTrouble, joining: Awaitable[None], *others: LegTrouble) -> None:
    with pytest.raises(LegError) as caught:
        await joining
    assert caught.value.trouble in {trouble, *others}, caught.value


# ------------------------------------------------------------------------------------------------ the channel


async def joins_and_shows() -> None:
    async with running() as (leg, watched):
        assert watched.events[:2] == [LegEvent.JOINED, LegEvent.PICTURE]
        assert colours(await leg.picture()) == SWAPPED
        assert colour_at(await leg.camera_picture(), 300, 240) == "red"
        await shows(leg, SWAPPED)
        await until(lambda: bool(watched.figures) and watched.figures[-1].received_kbits > 0, "figures")
        figures = watched.figures[-1]
        assert figures.sent_per_second > 0
        assert figures.sent_kbits > 0
        assert figures.shown_per_second > 0
        assert figures.round_trip_ms
        sent = await evaluated(leg, f"{STAND}.last.tracks.map(({{options: {{mediaStreamTrack, ...rest}}}}) => rest)")
        rate = {"min": 20, "max": 20}
        assert sent == [
            {"width": 640, "height": 480, "frameRate": rate, "bitrateMax": 5000},
            {"encoderConfig": "music_standard"},
        ]
        assert await evaluated(leg, f"{STAND}.last.options") == {"mode": "rtc", "codec": "vp8"}
        settings = await evaluated(leg, f"{STAND}.last.tracks[0].track.getSettings()")
        assert (settings["width"], settings["height"]) == (640, 480)
    await leg.leave()
    assert await leg.picture() == b""
    assert LegEvent.ENDED not in watched.events


async def follows_what_the_service_changes() -> None:
    async with running() as (leg, _):
        await evaluated(leg, f"{STAND}.state.square = '#ff00ff'")
        await shows(leg, ("red", "magenta", "blue"))


async def hands_over() -> None:
    async with running() as (leg, watched):
        await evaluated(leg, "window.before = AgoraRTC.stand.last, 0")
        await leg.hand_over(door("second"))
        assert await evaluated(leg, "window.before.connectionState") == "DISCONNECTED"
        assert await evaluated(leg, f"{STAND}.last.channel") == "second"
        assert colours(await leg.picture()) == SWAPPED
        await evaluated(leg, f"{STAND}.state.square = '#ff00ff'")
        await shows(leg, ("red", "magenta", "blue"))
        assert LegEvent.ENDED not in watched.events
        assert LegEvent.LOST not in watched.events


async def goes_on_where_a_hand_over_fails() -> None:
    async with running() as (leg, watched):
        usual, leg._join_limit_s = leg._join_limit_s, 1.0
        for channel in ("never", "silent"):
            await refused_with(LegTrouble.TIMEOUT, leg.hand_over(door(channel)))
        leg._join_limit_s = usual
        await refused_with(LegTrouble.TOKEN, leg.hand_over(door("second", token="old")))
        assert LegEvent.ENDED not in watched.events
        assert colours(await leg.picture()) == SWAPPED


async def loses_and_rejoins() -> None:
    async with running() as (leg, watched):
        await evaluated(leg, f"{STAND}.cut()")
        await watched.event(LegEvent.LOST)
        await watched.event(LegEvent.PICTURE_LOST)
        await shows(leg, CARD)
        assert await leg.picture() == b""
        await leg.rejoin()
        await watched.event(LegEvent.BACK)
        await watched.event(LegEvent.PICTURE, 2)
        await shows(leg, SWAPPED)


async def comes_back_by_itself() -> None:
    async with running() as (leg, watched):
        await evaluated(leg, f"{STAND}.cut()")
        await watched.event(LegEvent.LOST)
        await evaluated(leg, f"{STAND}.mend()")
        await watched.event(LegEvent.BACK)
        await watched.event(LegEvent.PICTURE, 2)


async def tells_what_the_channel_tells() -> None:
    async with running() as (leg, watched):
        await evaluated(leg, f"{STAND}.last.emit('token-privilege-will-expire')")
        await watched.event(LegEvent.TOKEN_OLD)
        await evaluated(leg, f"{STAND}.unpublish()")
        await watched.event(LegEvent.PICTURE_LOST)
        await shows(leg, CARD)
        await evaluated(leg, f"{STAND}.last.turn('DISCONNECTED', 'UID_BANNED')")
        await watched.event(LegEvent.ENDED)


async def shows_the_algorithm_and_nobody_else() -> None:
    async with running(at=door("crowd")) as (leg, _):
        await shows(leg, SWAPPED)
        assert await evaluated(leg, f"[...{STAND}.last.remote.keys()]") == ["9 video", "3 video"]


async def shows_the_first_where_the_service_names_none() -> None:
    async with running(at=door(algorithm=None)) as (leg, _):
        await shows(leg, SWAPPED)


async def gives_up_and_can_begin_again() -> None:
    with console() as heard:
        leg = stand_in(join_limit_s=3.0)
        await refused_with(LegTrouble.TIMEOUT, leg.join(door("never")))
        assert leg.page is None
        assert not heard.open_tracks
        leg._join_limit_s = 20.0
        await refused_with(LegTrouble.TOKEN, leg.join(door(token="old")))
        assert heard.open_tracks == 0
    async with running(leg) as (_, watched):
        assert LegEvent.JOINED in watched.events
        await refused_with(LegTrouble.FAILED, leg.join(door()))


async def can_be_left_while_it_joins() -> None:
    with console() as heard:
        leg = stand_in()
        watched = watch(leg)
        joining = asyncio.ensure_future(leg.join(door("never")))
        await until(lambda: (heard.open_tracks or 0) >= 3, "camera and microphone are open")
        await leg.leave()
        with contextlib.suppress(LegError):
            await joining
        assert heard.open_tracks == 0
        assert watched.events == []


async def looks_for_a_camera_that_was_unplugged() -> None:
    async with running() as (leg, watched):
        unplug = "(opened[0].stop(), opened[0].dispatchEvent(new Event('ended')), 0)"
        await evaluated(leg, f"({STAND}.last.tracks[0].track.stop(), {unplug})")
        await until(lambda: watched.notes == [LegTrouble.UNPLUGGED], "it is told")
        await watched.event(LegEvent.PICTURE_LOST)
        assert await leg.camera_picture() == b""
        await evaluated(leg, "(navigator.mediaDevices.dispatchEvent(new Event('devicechange')), 0)")
        await watched.event(LegEvent.PICTURE, 2)
        assert colours(await leg.picture()) == SWAPPED


async def says_that_its_process_died() -> None:
    async with running() as (leg, watched):
        assert leg.page is not None
        os.kill(leg.page.page.renderProcessPid(), signal.SIGKILL)
        await watched.event(LegEvent.ENDED)
        assert await leg.picture() == b""
        await refused_with(LegTrouble.FAILED, leg.rejoin())
        # Nothing could be stopped in a process that is dead; the camera was its own.
        with console():
            await leg.join(door())
        await watched.event(LegEvent.PICTURE, 2)
    assert watched.events.count(LegEvent.ENDED) == 1


# ------------------------------------------------------------------------------------------------ what is seen


async def panics() -> None:
    async with running() as (leg, _):
        await shows(leg, SWAPPED)
        leg.set_panic(PanicPicture.BLACK)
        await shows(leg, ("black", "black", "black"))
        leg.set_panic(PanicPicture.CARD)
        await shows(leg, CARD)
        leg.set_panic(PanicPicture.CAMERA)
        await shows(leg, ("red", "blue", "blue"))
        leg.set_refused(True, message("why"))
        await shows(leg, CARD)
        assert colours(await leg.picture()) == SWAPPED
        leg.set_panic(PanicPicture.BLACK)
        await shows(leg, ("black", "black", "black"))
        leg.set_panic(None)
        await shows(leg, CARD)
        leg.set_refused(False)
        await shows(leg, SWAPPED)


async def freezes_and_mirrors() -> None:
    async with running() as (leg, _):
        await shows(leg, SWAPPED)
        leg.set_frozen(True)
        await evaluated(leg, f"{STAND}.state.square = '#ff00ff'")

        async def is_changed() -> bool:
            return colours(await leg.picture()) == ("red", "magenta", "blue")

        await until(is_changed, "the picture behind goes on")
        assert colours(await leg.snapshot()) == SWAPPED
        leg.set_mirrored(True)
        await shows(leg, ("blue", "green", "red"))
        leg.set_frozen(False)
        await shows(leg, ("blue", "magenta", "red"))


async def burns_the_label_in() -> None:
    labels = [
        label_drawer(LabelOptions(language="en", corner=corner)) for corner in (LabelCorner.AUTO, LabelCorner.TOP_LEFT)
    ]
    places = []
    for draw in labels:
        assert draw is not None
        label = draw(WIDTH, HEIGHT)
        assert label is not None
        # On the plate, left of the letters.
        places.append((label.left + 4, label.top + QImage.fromData(label.png).height() // 2))

    async with running() as (leg, _):
        await shows(leg, SWAPPED)

        async def is_at(wanted: tuple[str, str]) -> bool:
            picture = await leg.snapshot()
            return (colour_at(picture, *places[0]), colour_at(picture, *places[1])) == wanted

        assert await is_at(("blue", "red"))
        leg.set_label(labels[0])
        await until(lambda: is_at(("card", "red")), "the label is at the bottom right")
        leg.set_label(labels[1])
        leg.set_mirrored(True)
        await until(lambda: is_at(("red", "card")), "the label is at the top left, also when mirrored")
        assert colours(await leg.picture()) == SWAPPED, "what is looked at for sensitive content has no label"
        # Where no label can be drawn, nothing swapped is shown.
        leg.set_label(lambda width, height: None)
        await shows(leg, CARD)
        leg.set_label(None)
        await shows(leg, ("blue", "green", "red"))


async def compares_in_the_window_only() -> None:
    async with running() as (leg, _):
        await shows(leg, SWAPPED)
        leg.set_comparing(True)
        await until(lambda: _is_class(leg, "comparing"), "the camera is shown")
        await until(lambda: _plays(leg), "the camera's picture moves")
        assert colours(await leg.snapshot()) == SWAPPED
        leg.set_comparing(False)
        leg.set_layout(is_beside=True)
        await until(lambda: _is_class(leg, "side"), "both are shown")
        leg.set_layout(is_beside=False)
        await until(lambda: _is_class(leg, "swapped"), "the camera is not shown any more")
        assert await evaluated(leg, "document.getElementById('camera').srcObject") is None


async def _is_class(leg: WebLeg, name: str) -> bool:
    return bool(await evaluated(leg, "document.getElementById('view').className") == name)


async def _plays(leg: WebLeg) -> bool:
    return bool(await evaluated(leg, "document.getElementById('camera').videoWidth === 640"))


async def goes_on_while_nobody_looks() -> None:
    async with running() as (leg, watched):
        leg.widget().hide()
        await until(lambda: _is_hidden(leg), "the page is hidden")
        watched.figures.clear()
        await evaluated(leg, f"{STAND}.state.square = '#ff00ff'")
        await shows(leg, ("red", "magenta", "blue"))
        await until(lambda: any(one.shown_per_second > 2 for one in watched.figures), "pictures go on")


async def _is_hidden(leg: WebLeg) -> bool:
    return bool(await evaluated(leg, "document.visibilityState") == "hidden")


# ----------------------------------------------------------------------------------------- recording, virtual camera


async def records() -> None:
    async with running() as (leg, _):
        pieces: list[bytes] = []

        async def keep(piece: bytes) -> None:
            await asyncio.sleep(0)
            pieces.append(piece)

        await leg.record(keep)
        await refused_with(LegTrouble.FAILED, leg.record(keep))
        await until(lambda: len(pieces) >= 2, "two pieces")
        # The sound may come from elsewhere and the picture be hidden meanwhile: the file goes on.
        await evaluated(leg, f"{STAND}.state.sounds = true")
        await leg.hand_over(door("second"))
        leg.set_panic(PanicPicture.BLACK)
        before = len(pieces)
        await until(lambda: len(pieces) >= before + 2, "two more")
        assert await leg.stop_recording()
        assert max(len(piece) for piece in pieces) <= 128 * 1024
        (OUT / "recording.webm").write_bytes(b"".join(pieces))
        assert not await leg.stop_recording()


async def ends_a_recording_that_cannot_be_kept() -> None:
    async with running() as (leg, watched):

        def keep(piece: bytes) -> None:
            raise OSError("disk full")

        await leg.record(keep)
        await until(lambda: watched.failures != [], "the failure is told")
        assert not await leg.stop_recording()
        assert colours(await leg.picture()) == SWAPPED
        kept: list[bytes] = []
        await leg.record(kept.append)
        await until(lambda: len(b"".join(kept)) > 1000, "another recording")
        # A recording under way is finished before the page goes.
        await leg.leave()
        assert b"".join(kept)[:4] == b"\x1aE\xdf\xa3"


class Sink:
    """Where a virtual camera would read."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, int, bytes]] = []

    def write(self, pixels: Any, width: int, height: int, taken_ns: int) -> int:
        assert taken_ns > 0
        self.frames.append((width, height, bytes(pixels)))
        return len(self.frames)


async def passes_pictures_on() -> None:
    async with running() as (leg, _):
        sink = Sink()
        leg.set_frame_sink(sink)
        await until(lambda: len(sink.frames) >= 10, "ten pictures")
        leg.set_frame_sink(None)
        width, height, pixels = sink.frames[-1]
        assert (width, height, len(pixels)) == (WIDTH, HEIGHT, WIDTH * HEIGHT * 3), (width, height, len(pixels))
        red, green, blue = pixels[:3]
        assert red > 150
        assert green < 80
        assert blue < 80


# ---------------------------------------------------------------------------------------------------- shut off


async def cannot_reach_anything_else() -> None:
    async with running() as (leg, _):
        asked = ("https://example.org/", "https://statscollector-1.agora.io/", "file:///etc/passwd", "main.js")
        await evaluated(
            leg,
            "(window.seen = [], document.addEventListener('securitypolicyviolation', (e) =>"
            " seen.push(e.effectiveDirective)), "
            f"{list(asked)}.forEach((one) => fetch(one).then(() => seen.push(one), () => seen.push('failed'))),"
            " Object.assign(new Image(), { src: 'https://x.agora.io/a.png' }),"
            " document.body.append("
            "Object.assign(document.createElement('script'), { src: 'https://a.agora.io/a.js' })),"
            " window.open('https://example.org/'), (location.href = 'https://example.org/'), 0)",
        )
        wanted = sorted([*["connect-src"] * 3, *["failed"] * 4, "img-src", "script-src-elem"])

        async def is_seen() -> bool:
            return sorted(await evaluated(leg, "window.seen")) == wanted

        await until(is_seen, f"{wanted}")
        assert leg.page is not None
        assert leg.page.guard.blocked == {"statscollector-1.agora.io"}
        assert await evaluated(leg, "location.href") == "faceswap-live://page/index.html"
        assert (
            await evaluated(leg, "(() => { try { return eval('1'); } catch (e) { return e.name; } })()") == "EvalError"
        )


async def is_denied_what_is_not_for_a_session() -> None:
    async with running() as (leg, _):
        script = "navigator.geolocation.getCurrentPosition(() => (seen = 'given'), (e) => (seen = e.code)), 0"
        await evaluated(leg, f"(window.seen = null, {script})")
        await until(lambda: _is_value(leg, "window.seen", 1), "denied")


async def _is_value(leg: WebLeg, script: str, wanted: Any) -> bool:
    return bool(await evaluated(leg, script) == wanted)


async def is_told_that_the_camera_was_denied() -> None:
    from faceswap_desktop.ui.live import web_page

    kinds = set(web_page._KINDS)
    web_page._KINDS.clear()
    try:
        await refused_with(LegTrouble.DENIED, stand_in().join(door()))
    finally:
        web_page._KINDS.update(kinds)


# ------------------------------------------------------------------------------------------------------ the sandbox


async def a_session_of_the_sandbox_is_answered_in_the_page() -> None:
    leg = WebLeg(CameraChoice(), MicrophoneChoice())
    leg.set_label(None)
    async with running(leg, at=door("any", in_sandbox=True)):
        # The camera's own colours, and a plate over the middle.
        await shows(leg, SWAPPED)
        assert await evaluated(leg, "AgoraRTC.VERSION") is None
        await leg.hand_over(door("other", in_sandbox=True))
        await shows(leg, SWAPPED)
        await refused_with(LegTrouble.FAILED, leg.hand_over(door("real")))
        assert colours(await leg.picture()) == SWAPPED
        await leg.rejoin()
        await shows(leg, SWAPPED)
        script = "document.addEventListener('securitypolicyviolation', (e) => (seen = e.effectiveDirective))"
        await evaluated(leg, f"(window.seen = null, {script}, fetch('https://x.agora.io/').catch(() => 0), 0)")
        await until(lambda: _is_value(leg, "window.seen", "connect-src"), "it talks to nobody")
        assert leg.page is not None
        assert leg.page.guard.blocked == set()


async def a_real_session_never_gets_the_sandboxs_channel() -> None:
    leg = WebLeg(CameraChoice(), MicrophoneChoice(), join_limit_s=20.0)
    watched = watch(leg)
    joining = asyncio.ensure_future(leg.join(door()))
    await until(lambda: _has_sdk(leg), "the page is loaded")
    assert await evaluated(leg, "AgoraRTC.VERSION") == "4.24.8"
    ends = "type: 'module', onload: () => seen.push('there'), onerror: () => seen.push('failed')"
    await evaluated(leg, "(window.seen = [], 0)")
    for number, file in enumerate(("troubles.js", "sandbox/channel.js"), 1):
        tag = f"Object.assign(document.createElement('script'), {{ {ends}, src: '{file}' }})"
        await evaluated(leg, f"(document.body.append({tag}), 0)")
        await until(partial(_is_value, leg, "window.seen.length", number), file)
    assert await evaluated(leg, "window.seen") == ["there", "failed"]
    await refused_with(LegTrouble.FAILED, leg.hand_over(door("sandboxed", in_sandbox=True)))
    await leg.leave()
    with contextlib.suppress(LegError):
        await joining
    assert watched.events == []


async def _has_sdk(leg: WebLeg) -> bool:
    return leg.page is not None and bool(await evaluated(leg, "typeof AgoraRTC === 'object'"))


# --------------------------------------------------------------------------------------------------- without devices


@dataclass
class Frame:
    number: int
    width: int
    height: int
    pixels: bytes


class Film:
    """Frames as a box gives them: red on the left, blue on the right."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        row = bytes((200, 20, 20)) * (width // 2) + bytes((20, 20, 200)) * (width - width // 2)
        self.width, self.height, self.pixels = width, height, row * height
        self.number = 0

    def read(self, after: int = 0) -> Frame | None:
        self.number = max(self.number, after) + 1
        return Frame(self.number, self.width, self.height, self.pixels)


async def says_that_there_is_no_camera() -> None:
    await refused_with(LegTrouble.NO_CAMERA, stand_in().join(door()))
    await refused_with(LegTrouble.NO_CAMERA, stand_in(camera=CameraChoice(name="Another")).join(door()))


async def takes_a_file_for_the_camera_and_goes_on_without_sound() -> None:
    for film in (Film(), Film(1280, 720)):
        leg = stand_in(camera=CameraChoice(CameraKind.FILE, "film.mp4"), frames=film)
        async with running(leg) as (_, watched):
            assert watched.notes == [LegTrouble.NO_MICROPHONE]
            assert await evaluated(leg, f"{STAND}.last.tracks.length") == 1
            picture = await leg.picture()
            assert (colour_at(picture, 40, 240), colour_at(picture, 320, 240)) == ("red", "green")
            assert colour_at(await leg.camera_picture(), 600, 240) == "blue"


async def records_without_any_sound() -> None:
    leg = stand_in(camera=CameraChoice(CameraKind.FILE, "film.mp4"), microphone=None, frames=Film())
    async with running(leg):
        kept: list[bytes] = []
        await leg.record(kept.append)
        await until(lambda: len(b"".join(kept)) > 1000, "the recording grows")
        assert await leg.stop_recording()


# ---------------------------------------------------------------------------------------------------- the real SDK


async def the_real_sdk_ends_cleanly() -> None:
    from faceswap_desktop.ui.live.web_guard import SDK

    with console() as heard:
        leg = WebLeg(CameraChoice(), MicrophoneChoice(), sdk=sdk_file("real.js", SDK), join_limit_s=4.0)
        watched = watch(leg)
        await refused_with(LegTrouble.TIMEOUT, leg.join(door()), LegTrouble.NETWORK)
        assert watched.events == []
        assert not heard.open_tracks
        assert leg.page is None


async def the_real_sdk_makes_tracks() -> None:
    from faceswap_desktop.ui.live.web_guard import SDK

    leg = WebLeg(CameraChoice(), MicrophoneChoice(), sdk=sdk_file("real.js", SDK))
    joining = asyncio.ensure_future(leg.join(door()))
    with console() as heard:
        await until(lambda: (heard.open_tracks or 0) >= 3, "camera and microphone are open")
        script = """(window.made = null, (async () => {
            const video = await AgoraRTC.createCameraVideoTrack();
            const audio = await AgoraRTC.createMicrophoneAudioTrack({ encoderConfig: "music_standard" });
            const custom = AgoraRTC.createCustomVideoTrack({
                mediaStreamTrack: video.getMediaStreamTrack(), frameRate: { min: 20, max: 20 }, bitrateMax: 5000 });
            const codecs = await AgoraRTC.getSupportedCodec();
            window.made = [video.trackMediaType, audio.trackMediaType, custom.trackMediaType,
                codecs.video.includes("VP8"), AgoraRTC.VERSION, AgoraRTC.getParameter("ENABLE_EVENT_REPORT")];
            video.close(), audio.close(), custom.close();
        })().catch((error) => (window.made = String(error))), 0)"""
        await evaluated(leg, script)

        async def is_made() -> bool:
            return await evaluated(leg, "window.made") is not None

        await until(is_made, "tracks")
        assert await evaluated(leg, "window.made") == ["video", "audio", "video", True, "4.24.8", False]
        assert leg.page is not None
        assert leg.page.guard.blocked == set(), "what only collects was not even asked"
        await leg.leave()
        with contextlib.suppress(LegError):
            await joining
        assert heard.open_tracks == 0


GROUPS: dict[str, tuple[Callable[[], Awaitable[None]], ...]] = {
    "channel": (
        joins_and_shows,
        follows_what_the_service_changes,
        hands_over,
        goes_on_where_a_hand_over_fails,
        loses_and_rejoins,
        comes_back_by_itself,
        tells_what_the_channel_tells,
        shows_the_algorithm_and_nobody_else,
        shows_the_first_where_the_service_names_none,
        gives_up_and_can_begin_again,
        can_be_left_while_it_joins,
        looks_for_a_camera_that_was_unplugged,
        says_that_its_process_died,
        the_real_sdk_ends_cleanly,
        the_real_sdk_makes_tracks,
    ),
    "seen": (
        panics,
        freezes_and_mirrors,
        burns_the_label_in,
        compares_in_the_window_only,
        goes_on_while_nobody_looks,
        records,
        ends_a_recording_that_cannot_be_kept,
        passes_pictures_on,
        cannot_reach_anything_else,
        is_denied_what_is_not_for_a_session,
        is_told_that_the_camera_was_denied,
        a_session_of_the_sandbox_is_answered_in_the_page,
        a_real_session_never_gets_the_sandboxs_channel,
    ),
    "bare": (
        says_that_there_is_no_camera,
        takes_a_file_for_the_camera_and_goes_on_without_sound,
        records_without_any_sound,
    ),
}


if __name__ == "__main__":
    group = sys.argv[1]
    only = sys.argv[3:]
    fakes = "" if group == "bare" else FAKES.format(film=OUT / "film.y4m")
    run_all({one.__name__: one for one in GROUPS[group] if not only or one.__name__ in only}, f"{FLAGS} {fakes}")
