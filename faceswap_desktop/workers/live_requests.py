"""What the tasks of a live session are given and what they tell. See ``live_tasks`` for who does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceswap_desktop.domain.live import CaptureNote, Resolution

if TYPE_CHECKING:
    from faceswap_desktop.workers.live_boxes import BoxNames


@dataclass(frozen=True, slots=True)
class CaptureFile:
    """Task ``live_capture``: play a video file, or move a picture gently, into ``boxes.camera`` until it is stopped.

    A video's own sound goes into ``boxes.sound``, in step. Tells ``CaptureNote`` in updates; raises ``InputRefused``
    for what cannot be read.

    Attributes:
        path: A video or a picture; which of them, its content says.
        boxes: Where it goes. Whether it is mirrored the request says; another wish is another request.
        wish: Pixels and rate; the file is fitted into them, its shape kept.
        is_mirrored: Left and right swapped.
        max_pixels: Larger files are refused.
        with_time_code: Draw into every frame when it was taken, so that a measurement can read it from the screen.
    """

    path: str
    boxes: BoxNames
    wish: Resolution
    is_mirrored: bool
    max_pixels: int
    with_time_code: bool = False


@dataclass(frozen=True, slots=True)
class CaptureUpdate:
    """The payload of an update of ``live_capture``."""

    note: CaptureNote


@dataclass(frozen=True, slots=True)
class RunEngine:
    """Task ``live_engine``: change the faces of ``boxes.camera`` as ``boxes.controls`` say, into ``boxes.picture``.

    It runs until it is stopped. The payload of its updates is a ``domain.live.LiveReport``, one for each picture.

    Attributes:
        boxes: All boxes of the session.
        checks_sensitive: Look for sensitive content a few times a second; off for nobody but measurements.
    """

    boxes: BoxNames
    checks_sensitive: bool = True


@dataclass(frozen=True, slots=True)
class RecordLive:
    """Task ``live_record``: write what everybody sees, with the sound in step, until it is stopped or ``is_over``.

    The file can be played however it ends; a kill costs the last second. Updates tell ``RecordedSoFar``.

    Attributes:
        boxes: All boxes of the session.
        path: A file that is not there yet, ``.mkv``.
        width, height: Even; the pictures are fitted into them.
        per_second: Most frames per second.
        with_sound: Record ``boxes.sound`` too.
    """

    boxes: BoxNames
    path: str
    width: int
    height: int
    per_second: float
    with_sound: bool


@dataclass(frozen=True, slots=True)
class RecordedSoFar:
    """The payload of an update of ``live_record``, and its reply.

    Attributes:
        seconds: Length.
        size_bytes: Of the file.
        frames: Pictures written.
        dropped: Pictures that came while the encoder was busy.
        silence_s: How long there is silence in the place of sound that was not heard.
    """

    seconds: float
    size_bytes: int
    frames: int
    dropped: int
    silence_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedVirtualCamera:
    """Task ``live_virtual_camera``: hand what everybody sees to a virtual camera until it is stopped or ``is_over``.

    Attributes:
        boxes: All boxes of the session.
        width, height: Even; a virtual camera keeps its size.
        per_second: Frames per second.
    """

    boxes: BoxNames
    width: int
    height: int
    per_second: float


@dataclass(frozen=True, slots=True)
class VirtualCameraOpened:
    """The payload of the first update of ``live_virtual_camera``: under which name other programs find it."""

    device: str
