"""Live: a camera, the faces in front of it, what is put onto them, and what others get to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.faces import Embedding, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import MOST_YEARS, LabelOptions, SwapOptions
from faceswap_desktop.domain.work import SourceFiles

MOST_SIDE: Final = 1920
"""Pixels of the longer side of a live picture; larger cameras are asked for less, or shrunk."""
SOUND_RATE: Final = 48_000
"""Sample frames per second of live sound: 16-bit, little-endian, interleaved."""
SOUND_CHANNELS: Final = 2

# ------------------------------------------------------------------------------------------------------ where from


class CameraKind(StrEnum):
    """What sort of camera it is.

    ``DEVICE``: one of the computer's cameras. ``FILE``: a video file, played again and again. ``STILL``: a picture
    that is moved gently, for people without a camera.
    """

    DEVICE = "device"
    FILE = "file"
    STILL = "still"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Pixels and rate that a camera is asked for.

    Attributes:
        width, height: Pixels; 16 to 1920.
        per_second: Frames per second; 1 to 60.
    """

    width: int = 640
    height: int = 480
    per_second: float = 30.0


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """Where the pictures come from.

    Attributes:
        kind: See ``CameraKind``.
        id: The system's id of a device; the path of a file or picture. Empty for the system's default camera.
        name: What people read.
        resolutions: What a device offers, largest first; empty where that is not known.
    """

    kind: CameraKind = CameraKind.DEVICE
    id: str = ""
    name: str = ""
    resolutions: tuple[Resolution, ...] = ()


@dataclass(frozen=True, slots=True)
class MicrophoneChoice:
    """Where the sound comes from. A video file as camera brings its own.

    Attributes:
        id: The system's id; empty for the default one.
        name: What people read.
    """

    id: str = ""
    name: str = ""


class CaptureEvent(StrEnum):
    """What happens to a camera or microphone while it runs.

    ``STARTED`` comes with the first frame. ``LOST``: unplugged, or taken away; the capture goes on looking for it and
    tells ``STARTED`` again when it is back. ``FAILED``: it ended for good.
    """

    STARTED = "started"
    LOST = "lost"
    FAILED = "failed"


class CaptureTrouble(StrEnum):
    """Why a camera or microphone gives nothing. Kinds of ``LiveError`` as well."""

    NO_CAMERA = "no-camera"
    IN_USE = "camera-in-use"
    DENIED = "camera-denied"
    UNPLUGGED = "camera-unplugged"
    NO_RESOLUTION = "no-resolution"
    UNREADABLE = "camera-unreadable"
    NO_MICROPHONE = "no-microphone"
    MICROPHONE_DENIED = "microphone-denied"


@dataclass(frozen=True, slots=True)
class CaptureNote:
    """Something that happened to a capture.

    Attributes:
        event: See ``CaptureEvent``.
        trouble: Why, where it is lost or failed.
        resolution: What it really gives, once it has started.
        text: For people; None where there is nothing to say. That another resolution was taken is told here.
    """

    event: CaptureEvent
    trouble: CaptureTrouble | None = None
    resolution: Resolution | None = None
    text: Message | None = None


class FrameSink(Protocol):
    """Where a capture puts its frames: the newest takes the place of those that nobody has looked at yet."""

    def write(self, pixels: bytes | bytearray | memoryview, width: int, height: int, taken_ns: int) -> int:
        """Put a frame there; returns its number, from 1.

        Args:
            pixels: RGB, 8 bits, ``height`` × ``width`` × 3 bytes without gaps.
            width: Pixels.
            height: Pixels.
            taken_ns: When it was taken, by ``time.monotonic_ns``.

        Raises:
            ValueError: It is larger than what was agreed, or has another length than its size says.
        """
        ...


class SoundSink(Protocol):
    """Where a microphone puts its sound."""

    def write(self, samples: bytes | bytearray | memoryview, taken_ns: int) -> None:
        """Add sound of ``SOUND_RATE`` and ``SOUND_CHANNELS``; ``taken_ns`` is when its first sample was heard."""
        ...


class Capture(Protocol):
    """A camera, a file or a picture that is running. The camera belongs to one side at a time.

    ``start`` returns at once; what comes of it is told to ``on_note``, on the loop's thread.
    """

    def start(
        self, sink: FrameSink, wish: Resolution, *, is_mirrored: bool, on_note: Callable[[CaptureNote], None]
    ) -> None:
        """Begin to write frames."""
        ...

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right from the next frame on."""
        ...

    async def stop(self) -> None:
        """Give the camera back; returns when nothing is written any more. A second call does nothing."""
        ...


class SoundCapture(Protocol):
    """A microphone that is running."""

    def start(self, sink: SoundSink, *, on_note: Callable[[CaptureNote], None]) -> None:
        """Begin to write sound."""
        ...

    async def stop(self) -> None:
        """Give the microphone back."""
        ...


# ----------------------------------------------------------------------------------------------------- what is shown


class PanicPicture(StrEnum):
    """What is shown, everywhere, from the moment the panic key was pressed."""

    CAMERA = "camera"
    BLACK = "black"
    CARD = "card"


class Shown(StrEnum):
    """What everybody sees at the moment: the window, the virtual camera, the recording.

    ``SWAPPED`` is the usual. ``REFUSED``: the card, because something sensitive was seen. ``STALLED``: the card,
    because nothing has come from the worker for a while; the bare camera is never shown by itself.
    """

    SWAPPED = "swapped"
    CAMERA = "camera"
    BLACK = "black"
    CARD = "card"
    REFUSED = "refused"
    STALLED = "stalled"


class WhenLost(StrEnum):
    """What to show while a face that is to be changed cannot be found.

    ``AS_IS``: the picture as it is. ``HOLD``: the last changed picture. ``CARD``: the card.
    """

    AS_IS = "as-is"
    HOLD = "hold"
    CARD = "card"


# ------------------------------------------------------------------------------------------------ what is put onto whom


@dataclass(frozen=True, slots=True)
class LiveSource:
    """A source face in use live, as the gate let it through.

    Attributes:
        cleared: Who it is.
        files: Where it lies.
        embedding: Mean of its photos; None where no photo has one.
    """

    cleared: ClearedSource
    files: SourceFiles
    embedding: Embedding | None = None

    @property
    def id(self) -> SourceFaceId:
        """The source face."""
        return self.cleared.source.id


@dataclass(frozen=True, slots=True)
class LivePart:
    """What is done to one person's face.

    Attributes:
        source: Who is put in; None to leave the face.
        years: By how much older or younger it is made, -30 to 30.
    """

    source: SourceFaceId | None = None
    years: int = 0

    def __post_init__(self) -> None:
        if not -MOST_YEARS <= self.years <= MOST_YEARS:
            raise ValueError(f"years must be between -{MOST_YEARS} and {MOST_YEARS}, not {self.years}")


@dataclass(frozen=True, slots=True)
class CastMember:
    """A person in front of the camera who was given a part.

    Attributes:
        number: From 1, as the engine counts people.
        embedding: By which they are known again, also by an engine that had to be started anew.
        part: What is done to their face.
    """

    number: int
    embedding: Embedding
    part: LivePart


@dataclass(frozen=True, slots=True)
class LiveControls:
    """Everything that can be changed while it runs; replaced whole, the newest wins.

    Attributes:
        everyone: The part of whoever has none of their own.
        cast: People with a part of their own.
        sources: Every source face that a part names, and those before them that may still be put in.
        options: How source faces are put in.
        label: The visible label, with its language settled.
        when_lost: See ``WhenLost``.
        card_title, card_text: What stands on the card, in the user's language.
    """

    everyone: LivePart = field(default_factory=LivePart)
    cast: tuple[CastMember, ...] = ()
    sources: tuple[LiveSource, ...] = ()
    options: SwapOptions = field(default_factory=SwapOptions)
    label: LabelOptions = field(default_factory=LabelOptions)
    when_lost: WhenLost = WhenLost.AS_IS
    card_title: str = ""
    card_text: str = ""

    def part_of(self, number: int) -> LivePart:
        """Return what is done to the face of a person."""
        return next((member.part for member in self.cast if member.number == number), self.everyone)


# ------------------------------------------------------------------------------------------------------ what comes back


@dataclass(frozen=True, slots=True)
class LivePerson:
    """Somebody in front of the camera.

    Attributes:
        number: From 1; the same person keeps it, also after they were out of the picture.
        box: Where their face is, in pixels of the camera's picture.
        embedding: By which they are known again; None while they are too small or turned away to tell.
        is_changed: Whether their face is changed in this frame.
    """

    number: int
    box: BoundingBox
    embedding: Embedding | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class LiveReport:
    """What the engine tells with every frame that it has made.

    Attributes:
        frame: Number of the picture in its box.
        camera_frame: Number of the camera's frame that it was made of.
        taken_ns, made_ns: When the camera's frame was taken, and when the picture was ready, ``time.monotonic_ns``.
        people: Who is in the picture.
        work_ms: How long the engine worked on it.
        scale: Share of the camera's resolution at which faces are worked on now, 0 to 1; see the governor.
        is_refused: Something sensitive was seen lately: the card is shown.
        portraits: Small pictures (JPEG) of people's faces by their number, when they are new or better.
        loading: Source faces that are still being made ready.
        failed: Source faces that cannot be used, with the reason.
        worn: Source faces that are put in: while one is being made ready, the one before it stays in its place.
    """

    frame: int
    camera_frame: int
    taken_ns: int
    made_ns: int
    people: tuple[LivePerson, ...] = ()
    work_ms: float = 0.0
    scale: float = 1.0
    is_refused: bool = False
    portraits: tuple[tuple[int, bytes], ...] = ()
    loading: tuple[SourceFaceId, ...] = ()
    failed: tuple[tuple[SourceFaceId, Message], ...] = ()
    worn: tuple[SourceFaceId, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """How well it goes, over the last two seconds.

    Attributes:
        camera_per_second: Frames that the camera gave.
        per_second: Pictures that were shown.
        delay_ms: From camera to screen, median; None while that cannot be told.
        delay_p95_ms: The same, 95th percentile.
        scale: Share of the camera's resolution at which faces are worked on.
    """

    camera_per_second: float = 0.0
    per_second: float = 0.0
    delay_ms: float | None = None
    delay_p95_ms: float | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class LivePicture:
    """A picture to be shown.

    Attributes:
        number: Rising; the same number is the same picture.
        taken_ns: When the camera took it.
        width, height: Pixels.
        pixels: RGB, ``height`` × ``width`` × 3 bytes.
        shown: What it is.
    """

    number: int
    taken_ns: int
    width: int
    height: int
    pixels: bytes
    shown: Shown = Shown.SWAPPED
