"""Faces of frames: asked for in blocks, ahead of time, and again when what is known has changed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.video import FrameRange, VideoAnalysis
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.studio.frame_faces import FrameFaces
from tests.ui.conftest import until
from tests.ui.studio.people import clip_media, face, three_people

CLIP = clip_media(Path("/clip.mp4"))


@dataclass
class Answers:
    """Answers when the test lets it; remembers what it was asked."""

    asked: list[FrameRange] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    known: int = 10_000
    error: InputRefused | None = None

    async def faces_in(
        self, media: Media, frames: FrameRange, analysis: VideoAnalysis | None
    ) -> Mapping[int, tuple[DetectedFace, ...]]:
        self.asked.append(frames)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        index = len(analysis.identities) if analysis is not None else 0
        return {number: (face(index),) for number in range(frames.first, min(frames.end, self.known))}


@pytest.fixture
async def answers() -> Answers:
    """Return who answers; at once unless the gate is closed."""
    made = Answers()
    made.gate.set()
    return made


@pytest.fixture
async def faces(answers: Answers, notifications: Notifications) -> AsyncIterator[FrameFaces]:
    """Return the store, on a clip of 250 frames."""
    tasks = Tasks(None, notifications)
    made = FrameFaces(answers, tasks)  # type: ignore[arg-type]
    made.set_clip(CLIP, 250, None)
    yield made
    await tasks.close()


async def test_a_block_is_asked_for_once_and_the_next_one_ahead(faces: FrameFaces, answers: Answers) -> None:
    assert faces.at(3) == ()
    await until(lambda: faces.at(3))
    for frame in range(48):
        assert faces.at(frame)
    await until(lambda: len(answers.asked) == 2)
    assert answers.asked == [FrameRange(0, 48), FrameRange(48, 96)]
    faces.at(249)
    await until(lambda: faces.at(249))
    assert answers.asked[-1] == FrameRange(240, 250)


async def test_people_who_change_while_a_worker_looks_are_looked_up_again(faces: FrameFaces, answers: Answers) -> None:
    answers.gate.clear()
    faces.at(75)
    await until(lambda: answers.asked)
    people = three_people()
    faces.set_clip(CLIP, 250, people)
    assert faces.at(75) == ()
    answers.gate.set()
    await until(lambda: faces.at(75))
    assert [one.index for one in faces.at(75)] == [3]
    assert answers.asked == [FrameRange(48, 96)] * 2


async def test_what_was_not_known_is_asked_for_again_and_the_rest_is_kept(faces: FrameFaces, answers: Answers) -> None:
    answers.known = 60
    faces.at(3)
    await until(lambda: faces.at(3))
    faces.at(59)
    await until(lambda: faces.at(59))
    assert faces.at(60) == ()
    answers.known = 1000
    faces.look_again()
    faces.at(3)
    faces.at(60)
    await until(lambda: faces.at(60))
    assert answers.asked.count(FrameRange(0, 48)) == 1


async def test_a_failure_leaves_out_the_boxes_until_it_is_looked_again(faces: FrameFaces, answers: Answers) -> None:
    answers.error = InputRefused(message("Gone."), kind="missing")
    faces.at(3)
    await until(lambda: answers.asked)
    await asyncio.sleep(0.02)
    assert faces.at(3) == ()
    assert len(answers.asked) == 1
    answers.error = None
    faces.look_again()
    faces.at(3)
    await until(lambda: faces.at(3))


async def test_whoever_scrubs_gets_where_he_is_first(faces: FrameFaces, answers: Answers) -> None:
    answers.gate.clear()
    for frame in (0, 60, 110, 160, 210):
        faces.at(frame)
        await asyncio.sleep(0)
    answers.gate.set()
    await until(lambda: faces.at(210))
    assert FrameRange(96, 144) not in answers.asked[:2]
