"""The way of camera and swapped picture in a session at a service: a page of ours in QtWebEngine.

The page lives as long as a session: whatever happens to it, the camera is given back with its process.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.domain.live import CameraChoice, CameraKind, FrameSink, MicrophoneChoice, PanicPicture
from faceswap_desktop.domain.live_cloud import (
    JOIN_LIMIT_S,
    ChannelDoor,
    LegError,
    LegEvent,
    LegFigures,
    LegTrouble,
)
from faceswap_desktop.domain.messages import Message, foreign
from faceswap_desktop.services.live_label import LabelDrawer
from faceswap_desktop.ui.live.web_channel import Bridge, PieceKeeper, Values, trouble_of
from faceswap_desktop.ui.live.web_engine import available
from faceswap_desktop.ui.live.web_frames import HEIGHT, WIDTH, CameraPump, FrameReader, pass_on
from faceswap_desktop.ui.live.web_look import Look
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.ui.live.web_page import WebPage

logger = logging.getLogger(__name__)

_EVENTS: Final = {
    "joined": LegEvent.JOINED,
    "picture": LegEvent.PICTURE,
    "picture-lost": LegEvent.PICTURE_LOST,
    "lost": LegEvent.LOST,
    "back": LegEvent.BACK,
    "token-old": LegEvent.TOKEN_OLD,
    "ended": LegEvent.ENDED,
}
_GRACE_S: Final = 5.0
"""The page keeps the limits itself and says why; so much later it is not waited for any more."""
_ANSWER_S: Final = 5.0
"""A picture that did not come within so long does not come."""
_FLUSH_S: Final = 30.0
"""So long the last pieces of a recording may take to be kept."""
_MOST_SIDE: Final = 4096


class WebLeg(QObject):
    """A ``domain.live_cloud.MediaLeg``.

    Attributes:
        on_event, on_figures: See ``MediaLeg``.
        on_note: Told of what is no reason to end: ``NO_MICROPHONE`` (it goes on without sound), ``UNPLUGGED`` (the
            camera, which is looked for). With what the page said, in English.
        on_recording_failed: Told once when a recording had to end, with the reason in English.

    Args:
        camera: A device; of a file or picture only that it is one.
        microphone: None to send no sound.
        frames: Where the frames of a file or picture are read; needed for those.
        sdk: Another file in the SDK's place: for tests.
        join_limit_s: How long joining may take.
        parent: Its owner.

    Raises:
        ValueError: The camera is a file, and nothing says where its frames come from.
    """

    def __init__(
        self,
        camera: CameraChoice,
        microphone: MicrophoneChoice | None = None,
        *,
        frames: FrameReader | None = None,
        sdk: Path | None = None,
        join_limit_s: float = JOIN_LIMIT_S,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        if camera.kind is not CameraKind.DEVICE and frames is None:
            raise ValueError("frames of a file come from somewhere")
        self.on_event: Callable[[LegEvent], None] = lambda event: None
        self.on_figures: Callable[[LegFigures], None] = lambda figures: None
        self.on_note: Callable[[LegTrouble, str], None] = lambda trouble, text: None
        self.on_recording_failed: Callable[[str], None] = lambda text: None
        self._camera, self._microphone, self._frames = camera, microphone, frames
        self._sdk, self._join_limit_s = sdk, join_limit_s
        self._look = Look()
        self._draw_label: LabelDrawer | None = None
        self._size = (WIDTH, HEIGHT)
        self._widget: QWidget | None = None
        self._page: WebPage | None = None
        self._bridge: Bridge | None = None
        self._pump: CameraPump | None = None
        self._ready: asyncio.Future[None] | None = None
        self._sink: FrameSink | None = None
        self._is_recording = False
        self._in_sandbox = False

    def widget(self) -> QWidget:
        """Return where the page is shown; empty while there is none."""
        if self._widget is None:
            self._widget = QWidget()
            layout = QVBoxLayout(self._widget)
            layout.setContentsMargins(0, 0, 0, 0)
        return self._widget

    @property
    def page(self) -> WebPage | None:
        """The page of the session; None while there is none."""
        return self._page

    # ------------------------------------------------------------------------------------------------ the channel

    async def join(self, door: ChannelDoor) -> None:
        """Open the page, join a channel, and send camera and microphone; see ``MediaLeg``."""
        if self._page is not None:
            raise LegError(LegTrouble.FAILED, "a channel is joined already")
        missing = available()
        if missing is not None:
            raise LegError(LegTrouble.NO_ENGINE, missing.text())
        try:
            async with asyncio.timeout(self._join_limit_s + _GRACE_S):
                await self._open(in_sandbox=door.in_sandbox)
                wish = {
                    "is_pumped": self._camera.kind is not CameraKind.DEVICE,
                    "camera": self._camera.name,
                    "microphone": None if self._microphone is None else self._microphone.name,
                }
                await self._asking("join", wish=wish, door=asdict(door), limit_ms=self._join_limit_s * 1000)
        except TimeoutError:
            await self.leave()
            raise LegError(LegTrouble.TIMEOUT, "the page did not answer") from None
        except BaseException:
            await self.leave()
            raise

    async def hand_over(self, door: ChannelDoor) -> None:
        """Join another channel beside the first; see ``MediaLeg``."""
        if door.in_sandbox != self._in_sandbox:
            # What the page has in the SDK's place joins channels of one kind only.
            raise LegError(LegTrouble.FAILED, "the other session is of another kind")
        await self._changing("hand-over", door=asdict(door), limit_ms=self._join_limit_s * 1000)

    async def rejoin(self) -> None:
        """Leave the channel and join it again; see ``MediaLeg``."""
        await self._changing("rejoin", limit_ms=self._join_limit_s * 1000)

    async def leave(self) -> None:
        """Finish a recording, leave, and give camera and microphone back; see ``MediaLeg``."""
        page, bridge = self._page, self._bridge
        if page is None or bridge is None:
            return
        if self._ready is not None and self._ready.done() and not self._ready.cancelled():
            if self._is_recording:
                await self.stop_recording()
            await _quietly(bridge.ask("leave"), _ANSWER_S)
        if self._page is page:
            self._close(LegTrouble.FAILED, "the session is over")

    # ---------------------------------------------------------------------------------------------- what is seen

    async def picture(self) -> bytes:
        """Return the swapped picture, without anything on it, as a JPEG; see ``MediaLeg``."""
        return await self._picture("picture")

    async def camera_picture(self) -> bytes:
        """Return what the camera gives as a JPEG; see ``MediaLeg``."""
        return await self._picture("camera-picture")

    async def snapshot(self) -> bytes:
        """Return what everybody sees, with label, as a JPEG; empty where the page did not answer."""
        return await self._picture("snapshot")

    def set_refused(self, is_refused: bool, why: Message | None = None) -> None:
        """Show the card, because something sensitive was seen; see ``MediaLeg``."""
        self._change(refused=text_of(why) if is_refused else None)

    def set_panic(self, picture: PanicPicture | None) -> None:
        """Show the camera, black or the card instead of the swapped picture; None to go back to it."""
        self._change(panic=picture)

    def set_frozen(self, is_frozen: bool) -> None:
        """Let the picture stand still for everybody."""
        self._change(is_frozen=is_frozen)

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right for everybody; the label stays readable. What the service is sent does not change."""
        self._change(is_mirrored=is_mirrored)

    def set_label(self, draw: LabelDrawer | None) -> None:
        """Burn the visible label in from now on; None for no label. See ``services.live_label.label_drawer``."""
        self._draw_label = draw
        self._change(is_labelled=draw is not None, label=self._label())

    def set_card(self, title: str, text: str, stalled: str) -> None:
        """Set what stands on the card, and what while no swapped picture comes; in the user's language."""
        self._change(card_title=title, card_text=text, stalled_text=stalled)

    def set_layout(self, *, is_beside: bool) -> None:
        """Show the camera's picture beside the swapped one, in the window only."""
        self._change(is_beside=is_beside)

    def set_comparing(self, is_comparing: bool) -> None:
        """Show the camera's picture in the swapped one's place while a key is held, in the window only."""
        self._change(is_comparing=is_comparing)

    # ------------------------------------------------------------------------------------- recording, virtual camera

    async def record(self, on_piece: PieceKeeper) -> None:
        """Record what everybody sees, with sound, as WebM (VP8 and Opus).

        Args:
            on_piece: Keeps the next piece of the file, up to 128 KiB; the page sends the one after it when this
                returned. Where it raises, the recording ends and ``on_recording_failed`` is told.

        Raises:
            LegError: There is no session, or it records already.
        """
        bridge = self._live_bridge()
        if self._is_recording:
            raise LegError(LegTrouble.FAILED, "it records already")
        bridge.on_piece = on_piece
        self._is_recording = True
        try:
            await self._asking("record")
        except BaseException:
            self._is_recording = False
            bridge.on_piece = None
            raise

    async def stop_recording(self) -> bool:
        """Stop recording; returns, once every piece is kept, whether the recording is whole."""
        bridge = self._bridge
        if bridge is None or not self._is_recording:
            return False
        answer = await _quietly(bridge.ask("stop-recording"), _FLUSH_S)
        self._is_recording = False
        bridge.on_piece = None
        return isinstance(answer, Mapping) and answer.get("is_whole") is True

    def set_frame_sink(self, sink: FrameSink | None) -> None:
        """Write what everybody sees there too, some twenty times a second, for a virtual camera; None to stop."""
        self._sink = sink
        if self._bridge is not None:
            self._bridge.on_picture = self._on_picture if sink is not None else None
            self._bridge.say("pictures", is_on=sink is not None)

    # ---------------------------------------------------------------------------------------------------- the page

    async def _open(self, *, in_sandbox: bool) -> None:
        from faceswap_desktop.ui.live.web_guard import SANDBOX, SDK
        from faceswap_desktop.ui.live.web_page import WebPage

        bridge = Bridge()
        bridge.on_told = self._on_told
        self._bridge = bridge
        self._ready = asyncio.get_running_loop().create_future()
        self._in_sandbox = in_sandbox
        sdk = self._sdk or (SANDBOX if in_sandbox else SDK)
        self._page = WebPage(bridge, sdk, self._on_gone, in_sandbox=in_sandbox)
        self._page.show_in(self.widget())
        await self._ready
        self._look = replace(self._look, label=self._label())
        await bridge.ask("look", **self._look.values())
        if self._frames is not None and self._camera.kind is not CameraKind.DEVICE:
            self._pump = CameraPump(self._frames, bridge)
        if self._sink is not None:
            self.set_frame_sink(self._sink)

    def _close(self, trouble: LegTrouble, text: str) -> None:
        page, bridge, ready = self._page, self._bridge, self._ready
        self._page = self._bridge = self._ready = None
        self._is_recording = False
        if self._pump is not None:
            self._pump.stop()
            self._pump = None
        if ready is not None and not ready.done():
            ready.set_exception(LegError(trouble, text))
            ready.exception()  # whoever waits for it is told; nobody need
        if bridge is not None:
            bridge.give_up(trouble, text)
        if page is not None:
            page.close()
        if bridge is not None:
            bridge.deleteLater()

    def _on_gone(self, text: str) -> None:
        logger.warning("the page of a live session is gone: %s", foreign(text))
        is_joining = self._ready is not None and not self._ready.done()
        self._close(LegTrouble.NO_ENGINE, text)
        if not is_joining:
            self.on_event(LegEvent.ENDED)

    def _on_told(self, name: str, values: Values) -> None:
        if name == "ready":
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(None)
        elif name in _EVENTS:
            if name == "ended":
                logger.info("the channel of a live session ended: %s", foreign(values.get("why", "")))
            self.on_event(_EVENTS[name])
        elif name == "figures":
            self.on_figures(_figures(values))
        elif name == "size":
            self._on_size(values)
        elif name == "note":
            self.on_note(trouble_of(str(values.get("trouble"))), foreign(values.get("text", "")))
        elif name == "recording-failed":
            self.on_recording_failed(foreign(values.get("text", "")))

    def _on_size(self, values: Values) -> None:
        width, height = values.get("width"), values.get("height")
        if all(isinstance(side, int) and 0 < side <= _MOST_SIDE for side in (width, height)):
            self._size = (int(width or 0), int(height or 0))
            self._change(label=self._label())

    def _label(self) -> Any:
        return self._draw_label(*self._size) if self._draw_label is not None else None

    def _change(self, **values: Any) -> None:
        self._look = replace(self._look, number=self._look.number + 1, **values)
        if self._bridge is not None:
            self._bridge.say("look", **self._look.values())

    def _on_picture(self, look: int, content: bytes) -> None:
        # One that was on its way when the panic key was pressed is not passed on any more.
        if self._sink is not None and look == self._look.number:
            pass_on(content, self._sink)

    def _live_bridge(self) -> Bridge:
        if self._bridge is None:
            raise LegError(LegTrouble.FAILED, "there is no session")
        return self._bridge

    async def _asking(self, name: str, **values: Any) -> Any:
        return await self._live_bridge().ask(name, **values)

    async def _changing(self, name: str, **values: Any) -> None:
        try:
            async with asyncio.timeout(self._join_limit_s + _GRACE_S):
                await self._asking(name, **values)
        except TimeoutError:
            raise LegError(LegTrouble.TIMEOUT, "the page did not answer") from None

    async def _picture(self, name: str) -> bytes:
        if self._bridge is None or self._ready is None or not self._ready.done():
            return b""
        answer = await _quietly(self._bridge.ask(name), _ANSWER_S)
        try:
            return base64.b64decode(answer, validate=True) if isinstance(answer, str) else b""
        except binascii.Error:
            return b""


async def _quietly(asked: Any, seconds: float) -> Any:
    """Return an answer; None where it did not come in time, or was that something failed."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except (LegError, TimeoutError) as error:
        logger.info("the page of a live session did not answer: %s", foreign(error))
        return None


def _figures(values: Values) -> LegFigures:
    def number(name: str) -> float:
        value = values.get(name)
        return max(0.0, float(value)) if isinstance(value, int | float) else 0.0

    return LegFigures(
        sent_per_second=number("sent_per_second"),
        shown_per_second=number("shown_per_second"),
        sent_kbits=number("sent_kbits"),
        received_kbits=number("received_kbits"),
        round_trip_ms=number("round_trip_ms") if values.get("round_trip_ms") is not None else None,
        lost_share=min(1.0, number("lost_share")),
    )
