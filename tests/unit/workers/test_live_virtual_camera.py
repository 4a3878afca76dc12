"""The virtual camera's program and who feeds it: with a package that stands in for the real one, and with that."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, InputRefused, WorkerError
from faceswap_desktop.domain.live import PanicPicture
from faceswap_desktop.domain.messages import message
from faceswap_desktop.virtual_camera import __main__ as program
from faceswap_desktop.workers.live_boxes import LiveBoxes
from faceswap_desktop.workers.live_requests import FeedVirtualCamera, VirtualCameraOpened
from faceswap_desktop.workers.live_virtual_camera import feed, refusal

SIZE = 32, 24
FRAME = SIZE[0] * SIZE[1] * 3
STAND_IN = """
import os
from enum import Enum


class PixelFormat(Enum):
    RGB = "rgb"


class Camera:
    def __init__(self, width, height, fps, *, fmt):
        if trouble := os.environ.get("STAND_IN_TROUBLE"):
            raise RuntimeError(trouble)
        print("chatter that is no answer")
        self.device = "Stand-in camera"
        self._shape = (height, width, 3)
        self._file = open(os.environ["STAND_IN_FRAMES"], "ab")
        self._left = int(os.environ.get("STAND_IN_LIFE", "1000000"))

    def send(self, frame):
        assert frame.shape == self._shape
        self._file.write(frame.tobytes())
        self._file.flush()
        self._left -= 1
        if not self._left:
            os._exit(9)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.write(b"closed")
        self._file.close()
"""


@pytest.fixture
def frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the stand-in in the place of the package for the programs that are started; returns where frames go."""
    package = tmp_path / "packages" / "pyvirtualcam"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("STAND_IN_FRAMES", str(tmp_path / "frames"))
    (tmp_path / "frames").touch()
    return tmp_path / "frames"


@pytest.fixture
def boxes() -> Iterator[LiveBoxes]:
    made = LiveBoxes(os.getpid(), 64 * 64)
    yield made
    made.close()


class Told:
    def __init__(self) -> None:
        self.stop_event = threading.Event()
        self.payloads: list[object] = []

    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        del fraction, step
        if self.stop_event.is_set():
            raise Cancelled(message("Cancelled."))
        self.payloads.append(payload)


class Feeding:
    """A virtual camera that is fed on a thread of its own."""

    def __init__(self, boxes: LiveBoxes, size: tuple[int, int] = SIZE) -> None:
        self.told = Told()
        self.error: FaceSwapError | None = None
        self._request = FeedVirtualCamera(boxes.names, *size, 100.0)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        told: Any = self.told
        try:
            feed(self._request, told)
        except FaceSwapError as error:
            self.error = error

    def wait_until(self, condition: Any) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            assert self._thread.is_alive(), self.error
            time.sleep(0.002)

    def join(self) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        self.told.stop_event.set()
        self.join()


def show(boxes: LiveBoxes, value: int, size: tuple[int, int] = SIZE) -> None:
    number = boxes.camera.write(bytes(3 * size[0] * size[1]), *size, 1)
    boxes.picture.write(bytes([value]) * (3 * size[0] * size[1]), *size, 1, number)


def last_of(frames: Path) -> bytes:
    data = frames.read_bytes()
    whole = len(data) // FRAME * FRAME
    return data[whole - FRAME : whole]


def test_other_programs_get_what_everybody_sees(boxes: LiveBoxes, frames: Path) -> None:
    show(boxes, 70)
    feeding = Feeding(boxes)
    feeding.wait_until(lambda: feeding.told.payloads)
    assert feeding.told.payloads[0] == VirtualCameraOpened("Stand-in camera")
    feeding.wait_until(lambda: last_of(frames) == bytes([70]) * FRAME)
    show(boxes, 80)
    feeding.wait_until(lambda: last_of(frames) == bytes([80]) * FRAME)
    boxes.switch.panic = PanicPicture.BLACK
    feeding.wait_until(lambda: last_of(frames) == bytes(FRAME))
    length = frames.stat().st_size
    feeding.wait_until(lambda: frames.stat().st_size > length)
    feeding.stop()
    assert feeding.error is None
    assert frames.read_bytes().endswith(b"closed"), "the camera is given back"


def test_pictures_of_another_size_are_fitted(boxes: LiveBoxes, frames: Path) -> None:
    show(boxes, 200, (24, 24))
    feeding = Feeding(boxes)
    feeding.wait_until(lambda: any(last_of(frames)))
    row = last_of(frames)[10 * SIZE[0] * 3 : 11 * SIZE[0] * 3]
    assert row[:9] == bytes(9)
    assert row[-9:] == bytes(9)
    assert row[48] > 190
    feeding.stop()


def test_the_end_of_the_session_ends_it(boxes: LiveBoxes, frames: Path) -> None:
    show(boxes, 1)
    feeding = Feeding(boxes)
    feeding.wait_until(lambda: frames.stat().st_size)
    boxes.switch.is_over = True
    feeding.join()
    assert feeding.error is None


@pytest.mark.parametrize(
    ("said", "kind", "helps"),
    [
        ("'obs' backend: OBS Virtual Camera device not found! Did you install OBS?", "driver", "v4l2loopback"),
        ("'v4l2loopback' backend: Device /dev/video7 could not be opened: Device or resource busy", "busy", "End what"),
        ("'obs' backend: virtual camera output could not be started", "busy", "End what"),
        ("Could not access /dev/video7 due to missing permissions.", "permission", "usermod"),
        ("Unsupported image format.", "failed", "v4l2loopback"),
    ],
)
def test_what_is_missing_is_said(
    boxes: LiveBoxes, frames: Path, monkeypatch: pytest.MonkeyPatch, said: str, kind: str, helps: str
) -> None:
    del frames
    monkeypatch.setenv("STAND_IN_TROUBLE", said)
    feeding = Feeding(boxes)
    feeding.join()
    assert isinstance(feeding.error, InputRefused)
    assert feeding.error.kind == f"virtual-camera-{kind}"
    assert feeding.error.hint is not None
    if sys.platform.startswith("linux"):
        assert helps in feeding.error.hint.text()


def test_without_the_package_the_extra_is_named(
    boxes: LiveBoxes, frames: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (frames.parent / "packages" / "pyvirtualcam" / "__init__.py").write_text("raise ImportError('not here')")
    feeding = Feeding(boxes)
    feeding.join()
    assert isinstance(feeding.error, InputRefused)
    assert feeding.error.kind == "virtual-camera-package"
    assert "faceswap-desktop[virtual-camera]" in str(feeding.error.hint)


def test_a_camera_that_dies_in_the_middle_is_told(
    boxes: LiveBoxes, frames: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del frames
    monkeypatch.setenv("STAND_IN_LIFE", "2")
    show(boxes, 1)
    feeding = Feeding(boxes)
    feeding.join()
    assert isinstance(feeding.error, WorkerError)


def test_the_real_package_says_in_words_that_are_known_that_there_is_no_camera() -> None:
    pytest.importorskip("pyvirtualcam")
    if sys.platform.startswith("linux") and list(Path("/dev").glob("video*")):
        pytest.skip("there may be a camera here")
    done = subprocess.run(
        [sys.executable, program.__file__, "64", "48", "20"], input=b"", capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 1
    assert done.stdout.split()[:2] == [b"error", b"driver"]


def test_its_program_imports_nothing_of_ours_and_nobody_imports_it() -> None:
    tree = ast.parse(Path(program.__file__).read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= {"__future__", "numpy", "pathlib", "pyvirtualcam", "sys", "typing"}
    root = Path(program.__file__).parents[1]
    for path in root.rglob("*.py"):
        if path.parent.name != "virtual_camera":
            assert "import pyvirtualcam" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize(
    ("platform", "words"), [("win32", "OBS Studio"), ("darwin", "macOS 12"), ("linux", "modprobe")]
)
def test_each_system_is_told_its_own_way(platform: str, words: str) -> None:
    assert words in str(refusal("driver", platform=platform).hint)
