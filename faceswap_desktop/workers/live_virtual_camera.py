"""Hands what everybody sees to a virtual camera, through a program of its own; see ``virtual_camera.__main__``.

Other programs want pictures at a steady rate, so the last one is sent again where nothing new has come.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Final

import numpy as np

import faceswap_desktop
from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, WorkerError
from faceswap_desktop.domain.live import LivePicture
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.media.video.live_file import boxed
from faceswap_desktop.workers.live_outlet import OpenedOutlet
from faceswap_desktop.workers.live_requests import FeedVirtualCamera, VirtualCameraOpened
from faceswap_desktop.workers.process import TaskContext

STEP: Final = "virtual camera"
KIND: Final = "virtual-camera"
EXTRA: Final = 'pip install "faceswap-desktop[virtual-camera]"'
_PROGRAM: Final = Path(faceswap_desktop.__file__).parent / "virtual_camera" / "__main__.py"
_OPENING_S: Final = 20.0
_ENDING_S: Final = 1.0
_TELL_S: Final = 1.0
_LOOK_S: Final = 0.05


def feed(request: FeedVirtualCamera, context: TaskContext) -> None:
    """Feed the camera until it is stopped or the session is over.

    Raises:
        InputRefused: What is missing, or that it is busy (kinds ``virtual-camera-package``, ``-driver``, ``-busy``,
            ``-permission``, ``-failed``).
        WorkerError: Its program ended in the middle.
    """
    try:
        outlet = OpenedOutlet(request.boxes)
    except FileNotFoundError:
        return
    with outlet, _Feeder(request) as feeder:
        device = feeder.opened(lambda: context.stop_event.is_set() or outlet.is_over)
        if device is None:
            return
        context.report(0.0, STEP, VirtualCameraOpened(device))
        _pump(request, context, outlet, feeder)


def _pump(request: FeedVirtualCamera, context: TaskContext, outlet: OpenedOutlet, feeder: _Feeder) -> None:
    size, gap = (request.width, request.height), 1.0 / max(1.0, request.per_second)
    data: bytes | None = None
    due = told = time.monotonic()
    while not (context.stop_event.is_set() or outlet.is_over):
        picture = _newest(outlet, max(0.0, due - time.monotonic()), context)
        if picture is not None:
            data = fitted(picture, size)
        if data is None:
            continue
        feeder.send(data)
        now = time.monotonic()
        # Late ones are not caught up with.
        due = max(due + gap, now)
        if now - told >= _TELL_S and not context.stop_event.is_set():
            told = now
            context.report(0.0, STEP)


def _newest(outlet: OpenedOutlet, seconds: float, context: TaskContext) -> LivePicture | None:
    """Wait until the next picture is due, and return the newest of those that came."""
    deadline, newest = time.monotonic() + seconds, outlet.next()
    while (left := deadline - time.monotonic()) > 0 and not (context.stop_event.is_set() or outlet.is_over):
        newest = outlet.wait(left, context.stop_event.is_set) or newest
    return newest


def fitted(picture: LivePicture, size: tuple[int, int]) -> bytes:
    """Return a picture's pixels in the camera's size, with bars where its shape is another."""
    if (picture.width, picture.height) == size:
        return picture.pixels
    rgb = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
    return boxed(rgb, size).tobytes()


class _Feeder:
    """The program that holds the camera."""

    def __init__(self, request: FeedVirtualCamera) -> None:
        size = [str(request.width), str(request.height), str(request.per_second)]
        self._process = subprocess.Popen(
            [sys.executable, str(_PROGRAM), *size],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._said: SimpleQueue[str] = SimpleQueue()
        assert self._process.stdout is not None
        self._listening = threading.Thread(
            target=self._listen, args=(self._process.stdout,), name="listen", daemon=True
        )
        self._listening.start()

    def opened(self, is_over: Callable[[], bool]) -> str | None:
        """Wait until other programs can see the camera, and return its name; None where it is over before that.

        Raises:
            InputRefused: It cannot be opened.
        """
        deadline = time.monotonic() + _OPENING_S
        while not is_over():
            with contextlib.suppress(Empty):
                kind, _, rest = self._said.get(timeout=_LOOK_S).partition(" ")
                if kind == "device":
                    return rest
                word, _, text = rest.partition(" ")
                raise refusal(word if kind == "error" else "failed", text)
            if time.monotonic() > deadline:
                raise refusal("failed", "it does not answer")
        return None

    def send(self, data: bytes) -> None:
        """Hand a picture over.

        Raises:
            WorkerError: The program ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerError(
                message("The virtual camera stopped unexpectedly."),
                message("Switch it on again. If it stops again, unplug and plug the camera's driver, or restart."),
            ) from error

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._said.put(line.decode("utf-8", "replace").strip())
        self._said.put("error failed it ended")

    def __enter__(self) -> _Feeder:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listening.join(_ENDING_S)


def refusal(word: str, text: str = "", platform: str = sys.platform) -> FaceSwapError:
    """Return the error for a word of the program that holds the camera.

    Args:
        word: See ``virtual_camera.__main__``.
        text: What the driver said.
        platform: As ``sys.platform``.
    """
    what, hint = _words(word, text, platform)
    return InputRefused(what, hint, kind=f"{KIND}-{word}")


def _words(word: str, text: str, platform: str) -> tuple[Message, Message]:
    if word == "package":
        return (
            message("The virtual camera needs a package that is not installed: pyvirtualcam."),
            message("Install it, then switch the virtual camera on again: {command}", command=EXTRA),
        )
    if word == "driver":
        return message("There is no virtual camera on this computer."), driver_hint(platform)
    if word == "busy":
        return (
            message("The virtual camera is in use by another program."),
            message("End what feeds it, for example OBS, and switch it on again."),
        )
    if word == "permission":
        return (
            message("The virtual camera may not be opened by you."),
            message("Run {command}, log out, and log in again.", command="sudo usermod -a -G video $USER"),
        )
    return (
        message("The virtual camera could not be opened: {reason}.", reason=foreign(text).rstrip(".") or "?"),
        driver_hint(platform),
    )


def driver_hint(platform: str = sys.platform) -> Message:
    """Return how to get a virtual camera on a system, named as ``sys.platform`` does."""
    if platform == "win32":
        return message("Install OBS Studio; its virtual camera comes with it and need not be started.")
    if platform == "darwin":
        return message(
            "Install OBS Studio 30 or later (on macOS 12 and before: OBS 27), press “Start Virtual Camera” there once, "
            "allow its extension in the System Settings, stop it and close OBS. It may take a restart."
        )
    return message(
        "Install the package v4l2loopback-dkms of your distribution, then run: {command}",
        command='sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="Faceswap Desktop"',
    )
