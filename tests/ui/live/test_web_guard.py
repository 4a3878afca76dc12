"""What the page of a session may load; the SDK's file; the bytes that go in and out."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from faceswap_desktop.domain.live import CameraChoice, CameraKind
from faceswap_desktop.domain.live_cloud import ChannelDoor, LegError, LegTrouble
from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.live import web_engine
from faceswap_desktop.ui.live.web_frames import pass_on
from faceswap_desktop.ui.live.web_leg import WebLeg

PAGE = resource_path("live_page")


def test_the_sdk_is_the_one_that_its_source_says() -> None:
    source = (PAGE / "agora" / "SOURCE.txt").read_text(encoding="utf-8")
    (digest,) = re.findall(r"SHA-256: +([0-9a-f]{64})", source)
    content = (PAGE / "agora" / "AgoraRTC_N-production.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert b"AgoraWebSDK_N-v4.24.8" in content[:200]
    assert "MIT" in source


def test_the_page_names_no_other_place() -> None:
    own = [path for path in PAGE.rglob("*") if path.is_file() and path.parent.name != "agora"]
    assert len(own) > 10
    for path in own:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|wss?:|\beval\b|innerHTML", text), path.name
        assert text.count("\n") < 400, path.name


_ASK = """
import json, sys
from PySide6.QtCore import QUrl
from faceswap_desktop.ui.live.web_guard import is_allowed
asked = [QUrl(one) for one in json.loads(sys.argv[1])]
print(json.dumps([[is_allowed(one, in_sandbox=is_so) for one in asked] for is_so in (False, True)]))
"""


def test_only_its_own_files_and_channels_may_be_asked_for() -> None:
    # Its module loads the browser's library: in a process of its own.
    allowed = [
        "faceswap-live://page/index.html",
        "https://webrtc2-ap-web-1.agora.io/api/v2/transpond/webrtc",
        "wss://1-2-3-4.edge.agora.io:4710/",
        "wss://1-2-3-4.edge.sd-rtn.com:443/",
        "https://sdp-ap-web-1.rtnsvc.com/api",
        "blob:faceswap-live://page/0b6cf1f6",
    ]
    blocked = [
        "faceswap-live://elsewhere/index.html",
        "http://webrtc2-ap-web-1.agora.io/",
        "ws://1-2-3-4.edge.agora.io/",
        "https://agora.io.example.org/",
        "https://notagora.io/",
        "https://agora.io/",
        "https://statscollector-1.agora.io/",
        "https://web-3.statscollector.sd-rtn.com/",
        "https://logservice-europe.agora.io/",
        "https://data-reporting.agora.io/",
        "https://example.org/",
        "file:///etc/passwd",
        "qrc:///qtwebchannel/qwebchannel.js",
        "data:text/html,a",
        "chrome://version",
    ]
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps([*allowed, *blocked])], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    real, sandboxed = json.loads(done.stdout)
    assert real == [True] * len(allowed) + [False] * len(blocked)
    own = [not one.startswith(("https", "wss")) for one in allowed]
    assert sandboxed == own + [False] * len(blocked), "a session of the sandbox asks nobody"


class Sink:
    def __init__(self, *, is_small: bool = False) -> None:
        self.written: list[tuple[bytes, int, int]] = []
        self.is_small = is_small

    def write(self, pixels: bytes | bytearray | memoryview, width: int, height: int, taken_ns: int) -> int:
        if self.is_small:
            raise ValueError("too large")
        self.written.append((bytes(pixels), width, height))
        return len(self.written)


def _picture(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(QColor(200, 20, 20))
    content = QBuffer()
    content.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(content, "JPEG", 95)  # type: ignore[call-overload]
    return bytes(content.data().data())


@pytest.mark.parametrize("size", [(640, 480), (641, 33), (3, 2)])
def test_pictures_go_into_a_box_without_gaps(size: tuple[int, int]) -> None:
    sink = Sink()
    pass_on(_picture(*size), sink)
    ((pixels, width, height),) = sink.written
    assert (width, height) == size
    assert len(pixels) == width * height * 3
    for row in range(height):
        red, green, blue = pixels[row * width * 3 : row * width * 3 + 3]
        assert abs(red - 200) < 12
        assert abs(green - 20) < 12
        assert abs(blue - 20) < 12


def test_what_is_no_picture_or_does_not_fit_is_left_out() -> None:
    sink = Sink()
    pass_on(b"no picture", sink)
    assert sink.written == []
    pass_on(_picture(8, 8), Sink(is_small=True))


async def test_where_the_browser_is_missing_a_session_says_so_and_nothing_else_fails(
    monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"libnss3.so: cannot open shared object file ({name})")

    monkeypatch.setattr(importlib, "import_module", missing)
    expect_log("QtWebEngine cannot be loaded")
    said = web_engine.available()
    assert said is not None
    assert "libnss3.so" in said.text()
    leg = WebLeg(CameraChoice())
    with pytest.raises(LegError) as caught:
        await leg.join(ChannelDoor("a" * 32, "channel", "token", 1))
    assert caught.value.trouble is LegTrouble.NO_ENGINE
    assert await leg.picture() == b""
    await leg.leave()
    leg.widget().deleteLater()


def test_a_file_as_camera_needs_its_frames() -> None:
    with pytest.raises(ValueError, match="frames"):
        WebLeg(CameraChoice(CameraKind.FILE, "film.mp4"))
