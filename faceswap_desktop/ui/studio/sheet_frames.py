"""The frames on a contact sheet: the hardest ones, rendered one after the other with the swap in them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange, FrameTimes, HardReason, VideoAnalysis
from faceswap_desktop.services.videos import ShownFrame, Videos
from faceswap_desktop.ui.studio.identities import numbered_name, person_name
from faceswap_desktop.ui.studio.portraits import image_of
from faceswap_desktop.ui.studio.video_plan import hard_in, reason_words, tr
from faceswap_desktop.ui.texts import clock_text, hundredths_text, text_of

MOST_FRAMES: Final = 12
_EDGE: Final = 1280
_ASPECT: Final = 4 / 3
_ROOM: Final = 2.6
"""Height of what is shown, in heights of the face."""
_TRIES: Final = 20
_SHORT_S: Final = 60.0


@dataclass(frozen=True)
class SheetFrame:
    """One frame of the sheet.

    Attributes:
        frame: Its number.
        identity: Whom to look at.
        reason: What is hard; None where it only stands for the others.
        words: The reason in words; empty where nothing is hard.
        where: Who it is, and when.
        before, after: The face's surroundings; None until they are there.
        problem: Why nothing could be changed.
    """

    frame: int
    identity: int
    reason: HardReason | None
    words: str
    where: str
    before: QPixmap | None = None
    after: QPixmap | None = None
    problem: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it needs no more work."""
        return self.after is not None or bool(self.problem)


def frames_for(
    analysis: VideoAnalysis, people: Collection[int], trim: FrameRange | None, times: FrameTimes
) -> tuple[SheetFrame, ...]:
    """Choose what to look at: the hardest frames; where there are none, some from all over the video."""
    hard = hard_in(analysis, people, trim)[:MOST_FRAMES]
    if hard:
        return tuple(
            SheetFrame(
                one.frame,
                one.identity,
                one.reason,
                _capital(reason_words(one.reason)),
                _where(analysis, one.identity, one.frame, times),
            )
            for one in hard
        )
    return tuple(
        SheetFrame(frame, identity, None, "", _where(analysis, identity, frame, times))
        for frame, identity in _spread(analysis, people, trim)
    )


class SheetMaker(QObject):
    """Renders the frames of a sheet, front to back.

    Attributes:
        changed: A frame got on (its place).
    """

    changed = Signal(int)

    def __init__(
        self, videos: Videos, recipe: Recipe, analysis: VideoAnalysis, times: FrameTimes, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._videos = videos
        self._recipe = recipe
        self._analysis = analysis
        people = {target.index for target in recipe.targets}
        self.frames = list(frames_for(analysis, people, recipe.trim, times))

    @property
    def done(self) -> int:
        """How many frames are finished."""
        return sum(one.is_done for one in self.frames)

    async def run(self) -> None:
        """Render what is not there yet; cancelling the call stops it."""
        for place, one in enumerate(self.frames):
            if not one.is_done:
                await self._make(place)

    async def _make(self, place: int) -> None:
        one, media = self.frames[place], self._recipe.media
        try:
            face = await self._face(one, media)
            [before] = await self._videos.frames(media, [one.frame], max_edge=_EDGE)
            room = _room(before, face)
            self._put(place, replace(one, before=await _pixmap(before, room), words=_words(one, face)))
            after, problem = await self._rendered(one)
            picture = await _pixmap(after, room) if after is not None else None
            self._put(place, replace(self.frames[place], after=picture, problem=problem))
        except Cancelled:
            raise
        except FaceSwapError as error:
            self._put(place, replace(self.frames[place], problem=text_of(error.message)))

    async def _face(self, one: SheetFrame, media: Media) -> DetectedFace | None:
        frames = FrameRange(one.frame, one.frame + 1)
        found = await self._videos.faces_in(media, frames, self._analysis)
        return next((face for face in found.get(one.frame, ()) if face.index == one.identity), None)

    async def _rendered(self, one: SheetFrame) -> tuple[ShownFrame | None, str]:
        for _ in range(_TRIES):
            try:
                rendered = await self._videos.rendered(self._recipe, [one.frame], max_edge=_EDGE)
            except Cancelled:
                # The preview on the canvas asked for something newer; it is this one's turn again afterwards.
                await asyncio.sleep(0.05)
                continue
            reasons = [text_of(reason) for index, reason in rendered.skipped if index == one.identity]
            return (rendered.frames[0] if rendered.frames else None), reasons[0] if reasons else ""
        return None, tr("This frame could not be rendered.")

    def _put(self, place: int, one: SheetFrame) -> None:
        self.frames[place] = one
        self.changed.emit(place)


def _words(one: SheetFrame, face: DetectedFace | None) -> str:
    if one.reason is HardReason.POSE and face is not None and abs(face.yaw_degrees) >= 1:
        return tr("Turned {n}°").format(n=round(abs(face.yaw_degrees)))
    return one.words


def _where(analysis: VideoAnalysis, index: int, frame: int, times: FrameTimes) -> str:
    identity = analysis.identity(index)
    name = person_name(identity) if identity is not None else numbered_name(index)
    seconds = times.of(frame)
    # In a moment's clip whole seconds would be the same for many frames.
    when = hundredths_text(seconds) if times.end < _SHORT_S else clock_text(seconds)
    return f"{name} · {when}"


def _spread(analysis: VideoAnalysis, people: Collection[int], trim: FrameRange | None) -> list[tuple[int, int]]:
    """Take frames at even distances from where the people are seen."""
    found: list[tuple[int, int]] = []
    each = max(1, MOST_FRAMES // max(1, len(people)))
    for identity in analysis.identities:
        if identity.index not in people:
            continue
        spans = [span if trim is None else span.common(trim) for span in identity.spans]
        lengths = [len(span) if span is not None else 0 for span in spans]
        total = sum(lengths)
        for number in range(min(each, total)):
            place = int((number + 0.5) * total / min(each, total))
            for span, length in zip(spans, lengths, strict=True):
                if span is not None and place < length:
                    found.append((span.first + place, identity.index))
                    break
                place -= length
    return sorted(found)[:MOST_FRAMES]


def _room(frame: ShownFrame, face: DetectedFace | None) -> QRect:
    """Return what is shown of a frame: the surroundings of the face, or all of it."""
    width, height = frame.size.width, frame.size.height
    if face is None:
        return QRect(0, 0, width, height)
    box = face.box
    tall = min(height, max(box.height * frame.scale * _ROOM, 96.0))
    wide = min(width, tall * _ASPECT)
    left = min(max(box.center.x * frame.scale - wide / 2, 0.0), width - wide)
    top = min(max(box.center.y * frame.scale - tall / 2, 0.0), height - tall)
    return QRect(int(left), int(top), int(wide), int(tall))


async def _pixmap(frame: ShownFrame, room: QRect) -> QPixmap:
    def cut() -> QImage:
        return image_of(frame).copy(room)

    return QPixmap.fromImage(await asyncio.to_thread(cut))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
