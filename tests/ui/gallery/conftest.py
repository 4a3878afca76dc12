"""The Gallery page in the window, on a library of real pictures whose jobs were done long ago."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import Failure, Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.pages.gallery import GalleryPage
from tests.ui.conftest import activate, rest, until

_NONE = Qt.KeyboardModifier.NoModifier
COLLINS = resource_path("samples", "eileen_collins.png")
HOPPER = resource_path("samples", "grace_hopper.jpg")


def a_recipe(original: Path = COLLINS, source: str = "Grace") -> Recipe:
    points = (Point(205, 130), Point(250, 130), Point(226, 155), Point(208, 178), Point(248, 178))
    return Recipe(
        provider="on-device",
        media=Media(
            MediaId(original.stem), str(original), MediaKind.IMAGE, Size(512, 512), "PNG", Fingerprint(1, 1, "0" * 64)
        ),
        pairings=(
            FacePairing(
                TargetFace(0, BoundingBox(170, 80, 285, 210), points),
                SourceRef(SourceFaceId(f"s-{source}"), source, (PhotoId(f"p-{source}"),)),
            ),
        ),
    )


@dataclass
class Shown:
    """The page, the window it is in, and the program behind it."""

    page: GalleryPage
    window: MainWindow
    program: Program
    notifications: Notifications
    originals: Path
    went: list[tuple[str, object]] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """What the cards say, in order; those that were not painted yet are empty."""
        rows = [self.page.results.result_at(row) for row in range(self.page.results.rowCount())]
        return [result.title if result is not None else "" for result in rows]

    async def add(self, title: str, *, original: Path = COLLINS, source: str = "Grace", **changes: object) -> ResultId:
        """Put a result into the library; its file is a copy of a sample picture."""
        store = ResultStore(self.program.database)
        number = len(await store.query(GalleryQuery(include_deleted=True)))
        suffix = str(changes.pop("suffix", HOPPER.suffix))
        path = self.program.home.results_folder / f"{title}{suffix}"
        await asyncio.to_thread(shutil.copyfile, HOPPER, path)
        result = JobResult(
            id=ResultId(f"r{number}"),
            job=JobId(f"j{number}"),
            path=str(path),
            recipe=a_recipe(original, source),
            width=512,
            height=600,
            size_bytes=path.stat().st_size,
            created_at=1.7e9 + number * 3600,
            seconds=0.8,
            faces=1,
            similarity=0.5 + number / 100,
            digest=f"{number:064x}",
            title=title,
        )
        await store.add(replace(result, **changes))  # type: ignore[arg-type]
        return result.id

    async def filled(self, *titles: str) -> None:
        """Put results into the library and wait until their cards are there."""
        for title in titles:
            await self.add(title)
        await self.fresh(len(titles))

    async def fresh(self, count: int) -> None:
        """Ask anew and wait until so many cards are known."""
        self.page.refresh()
        await until(lambda: len(self.titles) == count and all(self.titles))

    def choose(self, *rows: int) -> None:
        """Choose cards."""
        selection = self.page.cards.selectionModel()
        selection.clear()
        for row in rows:
            selection.select(self.page.results.index(row), selection.SelectionFlag.Select)
        if rows:
            selection.setCurrentIndex(self.page.results.index(rows[0]), selection.SelectionFlag.NoUpdate)

    async def do(self, action: str) -> None:
        """Trigger an action and wait until it can be triggered again or is over."""
        assert self.window.table.action(action).isEnabled(), f"{action} is disabled"
        self.window.table.trigger(action)
        await until(lambda: action not in self.window.table._running)

    async def add_jobs(self, *states: JobState) -> list[Job]:
        """Commit jobs and take them to states, as the runner would, without working on them."""
        ledger, jobs = Ledger(self.program.database), []
        for state in states:
            [job] = await self.program.queue.add([a_recipe()])
            for step in _WAYS[state]:
                changes: dict[str, Any] = {"failure": _FAILURE} if step is JobState.FAILED else {}
                job = await ledger.transition(job.id, {job.state}, step, **changes)
                self.program.bus.publish(JobChanged(job))
            jobs.append(job)
        await until(lambda: {one.id for one in jobs} <= set(self.job_ids))
        return jobs

    @property
    def job_ids(self) -> list[JobId]:
        """The jobs of the panel, from above."""
        return [job.id for job in self.page.jobs.jobs]

    def choose_jobs(self, *jobs: Job) -> None:
        """Choose rows of the panel."""
        selection = self.page.jobs_panel.view.selectionModel()
        selection.clear()
        for job in jobs:
            index = self.page.jobs.index(self.job_ids.index(job.id))
            selection.select(index, selection.SelectionFlag.Select)

    async def job(self, job_id: JobId) -> Job:
        """Return a job as it stands in the ledger."""
        found = await self.program.queue.job(job_id)
        assert found is not None
        return found

    def card_words(self) -> list[str]:
        """Return what a screen reader says of each card."""
        role = Qt.ItemDataRole.AccessibleTextRole
        return [self.page.results.index(row).data(role) for row in range(self.page.results.rowCount())]


_FAILURE = Failure("missing", message("“x.png” was not found."), message("It may have been moved."))
_WAYS: dict[JobState, Sequence[JobState]] = {
    JobState.QUEUED: (),
    JobState.RUNNING: (JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING),
    JobState.FAILED: (JobState.PREPARING, JobState.FAILED),
    JobState.CANCELLED: (JobState.CANCELLED,),
}


async def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    """Press a key on a widget as a person does: outside of any coroutine, and through shortcuts."""
    await activate(widget)
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def run() -> None:
        QTest.keyClick(widget, key, modifiers)
        done.set_result(None)

    loop.call_soon(run)
    await done


@pytest.fixture
async def shown(
    window: MainWindow, program: Program, context: AppContext, notifications: Notifications, tmp_path: Path
) -> Shown:
    """Return the page, shown and empty."""
    window.show_page("gallery")
    page = window.current_page
    assert isinstance(page, GalleryPage)
    originals = tmp_path / "originals"
    originals.mkdir()
    made = Shown(page, window, program, notifications, originals)
    context.navigator.requested.connect(lambda page_id, payload: made.went.append((page_id, payload)))
    await activate(window)
    await rest(window)
    return made


@pytest.fixture
async def working(shown: Shown) -> Shown:
    """Return the page on a program whose workers run."""
    await shown.program.pool.start(warm=False)
    return shown


@pytest.fixture
def trash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Put the real trash of the desktop into a folder of the test, and return where its files lie."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only the trash of Linux desktops can be put elsewhere")
    import send2trash.plat_other

    folder = tmp_path / "trash"
    monkeypatch.setattr(send2trash.plat_other, "HOMETRASH_B", os.fsencode(folder))
    return folder / "files"


def names_in(folder: Path) -> list[str]:
    """Return the names of the files of a folder, which need not be there."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
