"""The engine of a live session: takes the camera's newest frame, changes the faces in it, and puts the picture out.

One thread does the frames; three others do what no frame waits for: source faces are made ready, what covers a face and
who it is is looked at anew, and sensitive content is looked for. Nothing queues: a frame that came while the one before
was worked on takes the place of all between.
"""

from __future__ import annotations

import contextlib
import sys
import time
from contextlib import ExitStack
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.faces import Embedding
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.live import LiveControls, LivePerson, LiveReport
from faceswap_desktop.media.live_card import draw_card
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.embed import CHECKPOINT
from faceswap_desktop.vision.live.acquaintances import Acquaintances
from faceswap_desktop.vision.live.aside import OnThread
from faceswap_desktop.vision.live.follow import boxes_of
from faceswap_desktop.vision.live.governor import Governor
from faceswap_desktop.vision.live.portraits import Portraits
from faceswap_desktop.vision.live.screen import Screen
from faceswap_desktop.vision.live.stage import Onstage, Play, Stage
from faceswap_desktop.workers.boxes import BoxedFrame, FrameBox
from faceswap_desktop.workers.live_boxes import ControlsBox, SwitchBox
from faceswap_desktop.workers.live_casting import Casting, changes_of, vectors_of
from faceswap_desktop.workers.live_label import LiveLabel
from faceswap_desktop.workers.live_requests import RunEngine
from faceswap_desktop.workers.live_sources import SourceShelf
from faceswap_desktop.workers.live_watch import LiveWatch
from faceswap_desktop.workers.process import TaskContext

Bytes = NDArray[np.uint8]

STEP: Final = "live"
_WAIT_S: Final = 0.1
"""So long the engine waits for a frame before it looks whether anything else is to be done."""
_SIGN_OF_LIFE_S: Final = 1.0
_SWITCH_S: Final = 0.0005
"""Threads that have waited for the interpreter for so long get it: a frame must not wait for what is done aside."""
_FIRST_CARD: Final = Size(640, 480)


def run_engine(request: RunEngine, context: TaskContext) -> None:
    """Change the faces of a camera's pictures until it is stopped; see ``RunEngine``.

    Raises:
        FileNotFoundError: The boxes are gone.
        CheckpointError: A checkpoint is missing or altered.
    """
    # Two faces side by side would need two cores to themselves; window and capture want theirs.
    set_threads(1)
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        with ExitStack() as opened:
            Engine(request, context, opened).run()
    finally:
        sys.setswitchinterval(before)


class Engine:
    """One run of the engine."""

    def __init__(self, request: RunEngine, context: TaskContext, opened: ExitStack) -> None:
        """Open the boxes and start the threads; ``opened`` closes them."""
        names = request.boxes
        self._context = context
        self._camera = opened.enter_context(FrameBox(names.camera))
        self._picture = opened.enter_context(FrameBox(names.picture))
        self._card_box = opened.enter_context(FrameBox(names.card))
        self._controls_box = opened.enter_context(ControlsBox(names.controls))
        self._switch = opened.enter_context(SwitchBox(names.switch))
        self._aside = OnThread()
        opened.callback(self._aside.close)
        self._shelf = SourceShelf()
        opened.callback(self._shelf.close)
        self._watch: LiveWatch | None = None
        if request.checks_sensitive:
            self._watch = LiveWatch(self._refuse, is_refused=self._switch.is_refused)
            opened.callback(self._watch.close)
        self._people = Acquaintances()
        self._stage = Stage(self._people, self._aside)
        self._casting = Casting(self._shelf)
        self._portraits = Portraits(self._aside)
        self._screen, self._label, self._governor = Screen(), LiveLabel(), Governor()
        self._controls, self._controls_number = LiveControls(), 0
        self._card: tuple[str, str, Size] | None = None
        self._size = _FIRST_CARD
        self._last: tuple[int, int] | None = None
        self._said_s = 0.0

    def run(self) -> None:
        """Make pictures until it is over."""
        number = 0
        self._take_controls()
        while not self._is_over():
            frame = self._camera.wait(number, _WAIT_S, self._is_over)
            # After the wait: what was asked for before a frame was taken holds for that frame.
            self._take_controls()
            if frame is None:
                self._say_alive()
                continue
            number = frame.number
            self._make(frame)

    def _is_over(self) -> bool:
        return self._context.stop_event.is_set() or self._switch.is_over

    # -------------------------------------------------------------------------------------------------- controls

    def _take_controls(self) -> None:
        newest = self._controls_box.read(self._controls_number)
        if newest is not None:
            before = {source.id for source in self._controls.sources}
            self._controls_number, self._controls = newest
            if before - {source.id for source in self._controls.sources}:
                # Whoever may not be put in any more may not stand either.
                self._screen.forget()
            self._shelf.want(self._controls.sources)
            self._people.introduce(vectors_of(self._controls.cast))
        self._draw_card()

    def _draw_card(self) -> None:
        wanted = (self._controls.card_title, self._controls.card_text, self._size)
        if wanted == self._card:
            return
        self._card = wanted
        # Before the first frame nobody knows how large the boxes are.
        with contextlib.suppress(ValueError):
            self._card_box.write(draw_card(*wanted).data.cast("B"), *self._size, time.monotonic_ns())

    # -------------------------------------------------------------------------------------------------- pictures

    def _make(self, frame: BoxedFrame) -> None:
        started = time.monotonic()
        pixels = np.frombuffer(frame.pixels, np.uint8).reshape(frame.height, frame.width, 3)
        self._size = Size(frame.width, frame.height)
        self._draw_card()
        if not self._is_looked_at(pixels):
            return
        now_s = frame.taken_ns / 1e9
        made = pixels.copy()
        when_lost = self._controls.when_lost
        # A face that fades in is half bare for some frames, and gives away whose it is.
        scene = self._stage.take(made, now_s, self._play(), self._governor.scale, fades=False)
        shown = self._screen.choose(made, scene, when_lost)
        if shown is made:
            boxes = boxes_of([one.face for one in scene.people])
            self._label.lay(made, self._controls.label, changes_of(self._controls), boxes, now_s)
        out = draw_card(self._controls.card_title, self._controls.card_text, self._size) if shown is None else shown
        number = self._picture.write(out.data.cast("B"), *self._size, frame.taken_ns, frame.number)
        made_ns = time.monotonic_ns()
        if self._watch is not None:
            self._watch.show(pixels, made, is_urgent=scene.is_jump)
        for one in scene.people:
            self._portraits.offer(pixels, one.face, now_s)
        work_s = time.monotonic() - started
        self._govern(frame, work_s)
        self._tell(
            LiveReport(
                frame=number,
                camera_frame=frame.number,
                taken_ns=frame.taken_ns,
                made_ns=made_ns,
                people=tuple(_person(one, is_seen=shown is made) for one in scene.people),
                work_ms=work_s * 1000.0,
                scale=scene.scale,
                is_refused=self._switch.is_refused,
                portraits=self._portraits.collect(),
                loading=self._shelf.loading,
                failed=self._shelf.failed,
                worn=self._casting.worn,
            )
        )

    def _play(self) -> Play:
        return self._casting.play(self._controls)

    def _is_looked_at(self, pixels: Bytes) -> bool:
        """Say whether anything was looked at for sensitive content; nothing is shown before."""
        if self._watch is None or self._watch.looks:
            return True
        self._watch.show(pixels, None)
        while not self._is_over():
            if self._watch.wait_for_first_look(_WAIT_S):
                self._watch.check()
                return True
            self._say_alive()
        return False

    def _govern(self, frame: BoxedFrame, work_s: float) -> None:
        last, self._last = self._last, (frame.number, frame.taken_ns)
        if last is not None and frame.number > last[0]:
            self._governor.note(work_s, (frame.taken_ns - last[1]) / (frame.number - last[0]) / 1e9)

    def _refuse(self, is_refused: bool) -> None:
        """Called on the watch's thread."""
        self._switch.is_refused = is_refused

    # --------------------------------------------------------------------------------------------------- telling

    def _tell(self, report: LiveReport) -> None:
        self._said_s = time.monotonic()
        self._context.report(0.0, STEP, report)

    def _say_alive(self) -> None:
        """Say that there is no picture, so that nobody takes the engine for one that hangs."""
        if time.monotonic() - self._said_s >= _SIGN_OF_LIFE_S:
            self._said_s = time.monotonic()
            self._context.report(0.0, STEP)


def _person(one: Onstage, *, is_seen: bool) -> LivePerson:
    left, top, right, bottom = one.face.box()
    known = one.embedding
    return LivePerson(
        number=one.face.number,
        box=BoundingBox(left, top, right, bottom),
        embedding=None if known is None else Embedding(known.tobytes(), CHECKPOINT),
        is_changed=one.is_changed and is_seen,
    )
