"""What tests of services in the Studio share: a crowd in a large clip, a small server, and answers to questions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.video import VideoAnalysis
from faceswap_desktop.services.openings import faces_of
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from tests.ui.conftest import until
from tests.ui.studio.conftest import Shown, by_hand
from tests.ui.studio.people import FRAMES, MEDIA, clip_media, person, put_clip

_W = TypeVar("_W", bound=QWidget)


def part(shown: Shown, kind: type[_W], name: str) -> _W:
    """Return a part of the page by its name."""
    found = shown.page.findChild(kind, name)
    assert isinstance(found, kind), name
    return found


def large_face(index: int) -> DetectedFace:
    """Return a face that is large enough for every service; the first is the smallest."""
    left, edge = 150.0 * index, 90.0 + 4 * index
    points = tuple(Point(left + x * edge, 20 + y * edge) for x, y in ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8)))
    box = BoundingBox(left, 20.0, left + edge, 20.0 + edge)
    return DetectedFace(index, box, 0.95, (*points, Point(left + 0.65 * edge, 20 + 0.8 * edge)))  # type: ignore[arg-type]


def put_crowd(studio: Studio, path: Path, count: int) -> str:
    """Let a clip of so many people stand in the Studio, each of whom becomes older."""
    people = tuple(replace(person(index, (0, FRAMES)), best_face=large_face(index)) for index in range(count))
    analysis = VideoAnalysis(FRAMES, people)
    key = put_clip(studio, path, analysis)
    media = replace(clip_media(path), size=Size(1600, 900))
    studio.update(key, media=media, analysis=analysis, faces=faces_of(analysis))
    studio.set_ages({TargetFaceRef(MEDIA, index): 10 for index in range(count)})
    return key


async def choose(shown: Shown, provider: str) -> None:
    """Choose a provider as a user does, and wait until the card speaks of it, or of nobody."""
    shown.page.inspector.provider.choice.set_value(provider)
    shown.page.inspector.provider.choice.chosen.emit(provider)
    await until(lambda: shown.program.settings.current.swap.provider == provider)
    offer = shown.program.offers.of(provider)
    assert offer is not None
    # The page hears of it a turn later, and plans anew from then on.
    await until(lambda: shown.page.inspector.provider.choice.toolTip() == offer.info.limits.text())
    await planned(shown)


async def planned(shown: Shown) -> None:
    """Wait until no plan is being made any more."""
    await until(lambda: not shown.page.preflight.is_due and not shown.page.tasks.is_running("preflight"))


async def asked(shown: Shown) -> QuestionDialog:
    """Wait for a question and return it."""
    await until(lambda: shown.window.findChild(QuestionDialog))
    found = shown.window.findChild(QuestionDialog)
    assert isinstance(found, QuestionDialog)
    await until(found.isVisible)
    return found


async def answer(shown: Shown, *, is_yes: bool) -> str:
    """Wait for a question, answer it, and return its title."""
    dialog = await asked(shown)
    title = dialog.windowTitle()
    await by_hand((dialog.yes if is_yes else dialog.no).click)
    await until(lambda: shown.window.findChild(QuestionDialog) is not dialog)
    return title


@asynccontextmanager
async def served(handler: Callable[[web.Request], web.StreamResponse]) -> AsyncIterator[str]:
    """Serve on this computer and give the address."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return handler(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
