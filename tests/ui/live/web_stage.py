"""What the scenarios of a session's page share: a process of its own with real QtWebEngine, and looks at pictures."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from faceswap_desktop.resources import resource_path

FOLDER: Final = Path(__file__).parent
FLAGS: Final = "--disable-gpu"
FAKES: Final = "--use-fake-device-for-media-stream --use-file-for-fake-video-capture={film}"
WIDTH, HEIGHT = 640, 480
_LIMIT_S: Final = 60.0
_CARD: Final = (32, 34, 38)
_COLOURS: Final = {
    "red": (200, 20, 20),
    "blue": (20, 20, 200),
    "green": (0, 255, 0),
    "magenta": (255, 0, 255),
    "black": (0, 0, 0),
    "card": _CARD,
}


def write_stand_in(path: Path, *before: Path) -> Path:
    """Write what takes the SDK's place in tests: the sandbox's channel with faults that can be switched on."""
    parts = [*before, resource_path("live_page", "sandbox", "channel.js"), FOLDER / "stand_in.js"]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def write_film(path: Path) -> None:
    """Write what Chromium takes for a camera: red on the left, blue on the right."""
    planes = [
        bytes([luma_left] * (width // 2) + [luma_right] * (width // 2)) * height
        for luma_left, luma_right, width, height in (
            (66, 50, WIDTH, HEIGHT),
            (102, 226, WIDTH // 2, HEIGHT // 2),
            (218, 116, WIDTH // 2, HEIGHT // 2),
        )
    ]
    frame = b"FRAME\n" + b"".join(planes)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F20:1 Ip A1:1 C420jpeg\n".encode() + 4 * frame)


def colour_at(picture: bytes, x: int, y: int) -> str:
    """Return what colour a picture (JPEG) has at a place, by the nearest of those that these tests know."""
    from PySide6.QtGui import QImage

    image = QImage.fromData(picture)
    assert not image.isNull(), "that is no picture"
    colour = image.pixelColor(x * image.width() // WIDTH, y * image.height() // HEIGHT)
    seen = (colour.red(), colour.green(), colour.blue())
    return min(_COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(_COLOURS[name], seen, strict=True)))


def colours(picture: bytes) -> tuple[str, str, str]:
    """Return the colours on the left, in the middle and on the right; nothing of a card's writing is there."""
    return colour_at(picture, 40, 60), colour_at(picture, 320, 240), colour_at(picture, 600, 60)


async def until(is_so: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Wait for a state."""
    async with asyncio.timeout(_LIMIT_S):
        while True:
            answer = is_so()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.03)
    raise AssertionError(what)


@dataclass
class Watched:
    """What a leg told."""

    events: list[Any] = field(default_factory=list)
    figures: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def event(self, event: Any, count: int = 1) -> None:
        """Wait until an event was told so often."""
        await until(lambda: self.events.count(event) >= count, f"{event} in {self.events}")


def watch(leg: Any) -> Watched:
    """Listen to a leg."""
    watched = Watched()
    leg.on_event = watched.events.append
    leg.on_figures = watched.figures.append
    leg.on_note = lambda trouble, text: watched.notes.append(trouble)
    leg.on_recording_failed = watched.failures.append
    return watched


class Console(logging.Handler):
    """What the page wrote."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    @property
    def open_tracks(self) -> int | None:
        """How many tracks of camera and microphone are open; None where none ever was."""
        told = [line.partition("open tracks: ")[2].split()[0] for line in self.lines if "open tracks: " in line]
        return int(told[-1]) if told else None


async def evaluated(leg: Any, script: str) -> Any:
    """Return the value of an expression in the page."""
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    leg.page.page.runJavaScript(f"JSON.stringify({script})", 0, answer.set_result)
    text = await answer
    return json.loads(text) if text else None


def run_all(scenarios: dict[str, Callable[[], Awaitable[None]]], flags: str) -> None:
    """Run scenarios one after the other in this process; what comes of each is a line on standard output."""
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = flags
    import qasync
    from PySide6.QtNetwork import QNetworkProxy
    from PySide6.QtWidgets import QApplication

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    # Whatever the page asks of servers goes to a door on this computer behind which nobody is.
    QNetworkProxy.setApplicationProxy(QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "127.0.0.1", 9))
    loop = qasync.QEventLoop(app)

    async def all_of_them() -> None:
        for name, scenario in scenarios.items():
            try:
                async with asyncio.timeout(2 * _LIMIT_S):
                    await scenario()
                outcome = ""
            except (Exception, pytest.fail.Exception):  # noqa: BLE001 - told, and the next one is tried
                outcome = traceback.format_exc()
            print("OUTCOME " + json.dumps([name, outcome]), flush=True)

    with loop:
        loop.run_until_complete(all_of_them())
