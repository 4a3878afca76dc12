"""What the live session on this computer tells of itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import (
    CameraChoice,
    CaptureNote,
    LiveFigures,
    LivePart,
    LivePerson,
    LivePicture,
    MicrophoneChoice,
    PanicPicture,
    Resolution,
    Shown,
    WhenLost,
)
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import LabelOptions, SwapOptions
from faceswap_desktop.workers.live_requests import RecordedSoFar

logger = logging.getLogger(__name__)

Told = TypeVar("Told")


class LivePhase(StrEnum):
    """Where the session stands. ``STARTING`` lasts until the first changed picture is there."""

    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class LiveState:
    """Everything that can be said of the session at one moment.

    Attributes:
        phase: See ``LivePhase``.
        camera: Where the pictures come from; None before the first start.
        resolution: What the camera really gives; what it was asked for until that is known.
        microphone: Where the sound comes from; None for none.
        everyone: The part of whoever has none of their own.
        parts: Parts of people by their number.
        options: How source faces are put in.
        label: The visible label, with its language settled.
        is_mirrored: Left and right are swapped.
        when_lost: What is shown while a face cannot be found.
        people: Who is in front of the camera.
        portraits: Small pictures (JPEG) of people's faces by their number.
        panic: What the panic key shows; None while it was not pressed.
        is_frozen: The last picture stands.
        shown: What everybody sees.
        why: Why that is not the changed picture, where the user did not wish it so; None for nothing to say.
        figures: How well it goes.
        recording: How far the recording is; None where nothing is recorded.
        virtual_camera: Under which name other programs find the picture; empty where it is not handed on.
        trouble: What happened to the camera or the microphone; None while they are well.
        loading: Source faces that are still being made ready.
        failed: Source faces that cannot be used, with the reason.
        error: What went wrong last; None again at the next start.
    """

    phase: LivePhase = LivePhase.OFF
    camera: CameraChoice | None = None
    resolution: Resolution = field(default_factory=Resolution)
    microphone: MicrophoneChoice | None = None
    everyone: LivePart = field(default_factory=LivePart)
    parts: Mapping[int, LivePart] = field(default_factory=lambda: MappingProxyType({}))
    options: SwapOptions = field(default_factory=SwapOptions)
    label: LabelOptions = field(default_factory=LabelOptions)
    is_mirrored: bool = True
    when_lost: WhenLost = WhenLost.AS_IS
    people: tuple[LivePerson, ...] = ()
    portraits: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))
    panic: PanicPicture | None = None
    is_frozen: bool = False
    shown: Shown = Shown.STALLED
    why: Message | None = None
    figures: LiveFigures = field(default_factory=LiveFigures)
    recording: RecordedSoFar | None = None
    virtual_camera: str = ""
    trouble: CaptureNote | None = None
    loading: tuple[SourceFaceId, ...] = ()
    failed: tuple[tuple[SourceFaceId, Message], ...] = ()
    error: FaceSwapError | None = None

    @property
    def is_on(self) -> bool:
        """Whether there is a session."""
        return self.phase is not LivePhase.OFF


OnState = Callable[[LiveState], None]
OnPicture = Callable[[LivePicture], None]


class LiveBoard:
    """The state of the session, and those who look at it. One that fails does not keep the others from hearing.

    Attributes:
        state: How it stands.
    """

    def __init__(self, state: LiveState) -> None:
        self.state = state
        self._followers: dict[int, tuple[OnState, OnPicture | None]] = {}
        self._next = 0
        self._has_news = False

    def follow(self, on_state: OnState, on_picture: OnPicture | None) -> Callable[[], None]:
        """Let somebody hear of everything from now on; what is returned ends that."""
        number, self._next = self._next, self._next + 1
        self._followers[number] = (on_state, on_picture)

        def leave() -> None:
            self._followers.pop(number, None)

        return leave

    def change(self, **changes: Any) -> None:
        """Replace parts of the state, and tell it where it is another one."""
        self.put(**changes)
        self.tell_news()

    def put(self, **changes: Any) -> None:
        """Replace parts of the state; told with the next news: for what changes with every picture."""
        new = replace(self.state, **changes)
        new = replace(new, why=_why(new))
        self._has_news = self._has_news or new != self.state
        self.state = new

    def tell_news(self) -> None:
        """Tell the state, where it is another one than was told last."""
        if self._has_news:
            self._has_news = False
            for on_state, _ in list(self._followers.values()):
                _call(on_state, self.state)

    def show(self, picture: LivePicture) -> None:
        """Hand a new picture on."""
        for _, on_picture in list(self._followers.values()):
            if on_picture is not None:
                _call(on_picture, picture)


def _call(callback: Callable[[Told], None], told: Told) -> None:
    try:
        callback(told)
    except Exception:
        # Whatever a follower does wrong, the picture goes on for the others.
        logger.exception("a follower of the live session failed at %s", type(told).__name__)


def _why(state: LiveState) -> Message | None:
    """Say why everybody sees something else than the changed picture, where the user did not wish it so."""
    if state.phase is not LivePhase.RUNNING:
        return None
    match state.shown:
        case Shown.REFUSED:
            return message("Something was seen that is not shown. The picture comes back when it is gone.")
        case Shown.STALLED if state.trouble is not None and state.trouble.text is not None:
            return state.trouble.text
        case Shown.STALLED:
            return message("No picture comes from the worker at the moment. It is started again by itself.")
        case _:
            return None
