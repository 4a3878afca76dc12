"""The Studio page in the window: empty, or with real workers and the sample pictures."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.resources import resource_path
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.studio import StudioPage
from tests.ui.conftest import until
from tests.ui.studio.people import put_clip, three_people

COLLINS = resource_path("samples", "eileen_collins.png")
HOPPER = resource_path("samples", "grace_hopper.jpg")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test of the page end at rest: pytest-qt lets events pass afterwards, when no loop runs any more."""
    for item in items:
        if isinstance(item, pytest.Function) and Path(__file__).parent in item.path.parents:
            item.obj = _ending_at_rest(item.obj)


def _ending_at_rest(test: Callable[..., Any]) -> Callable[..., Any]:
    if not inspect.iscoroutinefunction(test):
        return test

    @functools.wraps(test)
    async def wrapped(**fixtures: Any) -> None:
        await test(**fixtures)
        for page in [one.page for one in fixtures.values() if isinstance(one, Shown)]:
            await _settled(page)
        program = fixtures.get("program")
        if isinstance(program, Program):
            await _saved()

    return wrapped


async def _saved() -> None:
    await until(lambda: not [task for task in asyncio.all_tasks() if "Studio._save" in repr(task)])
    await asyncio.sleep(0)


async def by_hand(work: Callable[[], object]) -> None:
    """Click or press outside of any coroutine, as a person does.

    Qt's test functions let other events pass meanwhile, and asyncio bears no task within a task.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            done.set_exception(error)
        else:
            done.set_result(None)

    loop.call_soon(run)
    await done


@dataclass(frozen=True)
class Shown:
    """The page, the window it is in, and the program behind it."""

    page: StudioPage
    window: MainWindow
    program: Program

    async def opened(self, *paths: Path) -> None:
        """Open pictures and wait until all of them are read or refused, and the first is on the canvas."""
        self.page.incoming.open(paths)
        studio = self.program.studio
        done = {PictureStatus.READY, PictureStatus.FAILED}
        wanted = {str(path) for path in paths}
        await until(lambda: wanted <= {one.key for one in studio.pictures if one.status in done}, 60)
        await until(lambda: self.page.panel.is_canvas_shown, 30)
        await until(lambda: self.page.panel.canvas.canvas.faces or not self.faces_expected, 10)

    @property
    def faces_expected(self) -> bool:
        """Whether the current picture has faces."""
        current = self.program.studio.current
        return current is not None and bool(current.faces)

    async def with_sources(self, *paths: Path) -> None:
        """Put photos on the shelf and wait until they stand there."""
        self.page.library.add(paths)
        await until(lambda: len(self.page.shelf_model.faces) >= len(paths), 60)


async def _settled(page: StudioPage) -> None:
    """Wait until nothing is due: pytest-qt lets events pass between fixtures and tests, when no loop runs."""
    for _ in range(4):
        # What was done last is heard of by the page a turn later.
        await asyncio.sleep(0.005)
    busy = (
        "account",
        "run",
        "terms",
        "preflight",
        "preview",
        "pixels",
        "sources",
        "presets",
        "portraits",
        "filmstrip",
        "sheet",
        "take-up",
    )
    await until(
        lambda: (
            not page.preflight.is_due
            and not page.inspector.age.film.is_due
            and not page.stage.preview.is_busy
            and not any(page.tasks.is_running(key) for key in busy)
            and all(one.status in {PictureStatus.READY, PictureStatus.FAILED} for one in page.context.studio.pictures)
        ),
        30,
    )
    await _saved()


@pytest.fixture
async def working(shown: Shown) -> Shown:
    """Return the page with the program's workers started."""
    await shown.program.start()
    await _settled(shown.page)
    return shown


@pytest.fixture
async def shown(window: MainWindow, program: Program) -> Shown:
    """Return the page in the window, without workers."""
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    window.activateWindow()
    await until(window.isActiveWindow)
    await _settled(page)
    return Shown(page, window, program)


@pytest.fixture
async def with_clip(shown: Shown, tmp_path: Path) -> Shown:
    """Return the page with a clip of three people on it; nobody decodes it."""
    put_clip(shown.program.studio, tmp_path / "clip.mp4", three_people())
    await until(lambda: shown.page.faces_model.rowCount() == 3)
    await _settled(shown.page)
    return shown
