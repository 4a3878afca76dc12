"""Gallery with 100,000 results: how long the library takes to answer, and how long the page takes to show it.

The page is the real one in the real window, with a worker that makes the thumbnails of real pictures.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QPoint

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.gallery import GalleryQuery, GallerySort
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore
from tests.benchmarks.table import Row, median, percentile

if TYPE_CHECKING:
    from faceswap_desktop.compose import Program
    from faceswap_desktop.ui.main_window import MainWindow
    from faceswap_desktop.ui.pages.gallery import GalleryPage

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = 100_000
BUDGET_MS: Final = 100.0
PAINT_BUDGET_MS: Final = 50.0
SCROLL_BUDGET_MS: Final = 16.0
STALL_BUDGET_MS: Final = 50.0
_ROUNDS: Final = 7
_BATCH: Final = 2000
_CARDS: Final = 60
_SCREENFUL: Final = 15
_PICTURES: Final = 200
_STEPS: Final = 300
_STEP_PX: Final = 40
_NAMES: Final = ("Anna", "Béla", "Chris", "Dora", "Émile", "Фёдор", "李雷", "Grace")
_WORDS: Final = ("holiday", "beach", "wedding", "portrait", "group", "office", "party", "IMG", "DSC")
_POINTS: Final = (Point(1, 2), Point(3, 2), Point(2, 3), Point(1, 4), Point(3, 4))

QUERIES: Final = {
    "all, newest first": GalleryQuery(),
    "all, by name": GalleryQuery(sort=GallerySort.NAME),
    "all, by similarity": GalleryQuery(sort=GallerySort.SIMILARITY),
    "words that few have": GalleryQuery("wedding 4711"),
    "a word that many have": GalleryQuery("anna"),
    "a word that many have, by name": GalleryQuery("anna", sort=GallerySort.NAME),
    "a word that none has, by size": GalleryQuery("nowhere", sort=GallerySort.SIZE),
    "favourites, by name": GalleryQuery(favourites_only=True, sort=GallerySort.NAME),
    "one format, by size": GalleryQuery(formats=("JPEG",), sort=GallerySort.SIZE),
    "one source face": GalleryQuery(source_face=SourceFaceId("s3")),
    "one source face, by name": GalleryQuery(source_face=SourceFaceId("s3"), sort=GallerySort.NAME),
    "everything at once": GalleryQuery(
        "anna", True, "on-device", SourceFaceId("s0"), 1.7e9, 1.9e9, ("JPEG", "PNG"), GallerySort.SIMILARITY
    ),
}


def a_result(number: int, chance: random.Random) -> JobResult:
    """Make a result as the program would have, with two faces."""
    name = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {number}"
    media = Media(
        MediaId(f"m{number}"),
        f"/home/somebody/Pictures/2026/{name}.jpg",
        MediaKind.IMAGE,
        Size(4000, 3000),
        "JPEG",
        Fingerprint(5_000_000, 1_700_000_000_000_000_000, "ab" * 32),
    )
    people = chance.sample(range(len(_NAMES)), 2)
    pairings = tuple(
        FacePairing(
            TargetFace(place, BoundingBox(812.5, 640.25, 1204.5, 1170.75), _POINTS),
            SourceRef(SourceFaceId(f"s{who}"), _NAMES[who], (PhotoId(f"photo{who}"),)),
        )
        for place, who in enumerate(people)
    )
    result = f"{chance.getrandbits(48):012x}"
    title = f"{name} as {_NAMES[people[0]]}"
    return JobResult(
        id=ResultId(result),
        job=JobId(result),
        path=f"/home/somebody/Pictures/Faceswap/{title}.{chance.choice(('jpg', 'jpg', 'jpg', 'png'))}",
        recipe=Recipe("on-device", media, pairings),
        width=4000,
        height=3000,
        size_bytes=chance.randrange(10**7),
        created_at=1.7e9 + number,
        seconds=1.0,
        faces=2,
        similarity=chance.random(),
        digest="cd" * 32,
        title=title,
        is_favourite=chance.random() < 0.05,
    )


async def fill(database: Database, count: int = RESULTS, pictures: list[Path] | None = None) -> None:
    """Put ``count`` results into a database, in transactions of many.

    Args:
        database: Where to.
        count: How many.
        pictures: The results' files, in turn; None for files that are not there.
    """
    from faceswap_desktop.storage import results as store

    chance = random.Random(1)  # always the same library

    def write(connection: sqlite3.Connection, start: int) -> None:
        for number in range(start, min(start + _BATCH, count)):
            result = a_result(number, chance)
            if pictures is not None:
                place = number % len(pictures)
                result = replace(result, path=str(pictures[place]), digest=f"{place:064x}")
            store.insert_result(connection, result)

    for start in range(0, count, _BATCH):
        await database.write(lambda connection, start=start: write(connection, start))  # type: ignore[misc]


def rows() -> list[Row]:
    """Measure the library's answers and the page."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        found = asyncio.run(_library(home))
        asked = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.gallery", folder],
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")},
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
        )
    return found + [Row(**row) for row in json.loads(asked.stdout.splitlines()[-1])]


# ------------------------------------------------------------------------------------------------------- the library


async def _library(home: Home) -> list[Row]:
    database = await Database.open(home.database)
    await fill(database, pictures=_make_pictures(home.results_folder))
    store = ResultStore(database)
    found: list[Row] = []
    for what, query in QUERIES.items():
        times, count = [], 0
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            count = len(await store.query(query))
            times.append(_ms(start))
        found.append(Row(f"library: {what}", median(times), BUDGET_MS, "ms", f"{count:,} found, median of {_ROUNDS}"))
    screen = (await store.query(GalleryQuery()))[RESULTS // 2 :][:_CARDS]
    start = time.perf_counter()
    count = len(await store.get(screen))
    found.append(Row("library: the cards of one screen", _ms(start), SCROLL_BUDGET_MS, "ms", f"{count} rows"))
    await database.close()
    return found


def _make_pictures(folder: Path) -> list[Path]:
    from PIL import Image, ImageDraw

    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(_PICTURES):
        picture = Image.new("RGB", (1024, 768), (number, 255 - number, 40 + number // 2))
        ImageDraw.Draw(picture).ellipse((200, 100, 800, 700), fill=(255 - number, 90, number))
        made.append(folder / f"picture {number}.jpg")
        picture.save(made[-1], quality=90)
    return made


# ---------------------------------------------------------------------------------------------------------- the page


async def _page(home: Home) -> list[Row]:
    """Measure the page in a window. Runs in a process of its own, in the window's loop."""
    from PySide6.QtWidgets import QApplication

    from faceswap_desktop.compose import build
    from faceswap_desktop.ui.bridge import EngineSignals
    from faceswap_desktop.ui.context import AppContext, Navigator
    from faceswap_desktop.ui.main_window import MainWindow
    from faceswap_desktop.ui.notifications import Notifications
    from faceswap_desktop.ui.pages.gallery import GalleryPage
    from faceswap_desktop.ui.theme.manager import ThemeManager
    from faceswap_desktop.ui.window_state import WindowState

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    program = await build(home)
    await program.pool.start()
    theme, notifications, state = ThemeManager(app), Notifications(), WindowState(home.window_state_file)
    theme.apply("light", "reduced")
    signals = EngineSignals(program.bus)
    state.page = "live"
    window = MainWindow(notifications, state)
    window.resize(1280, 800)
    window.show()
    window.take_context(
        AppContext.of(
            program,
            signals=signals,
            notifications=notifications,
            navigator=Navigator(),
            theme=theme,
            window_state=state,
        )
    )
    page = window.page("gallery")
    assert isinstance(page, GalleryPage)
    await asyncio.sleep(0.5)
    found = [*await _first_paint(window, page), *await _scrolling(page), *await _filtering(page)]
    found += [*await _arrival(program, page), *await _choosing_all(page)]
    await window.close_pages()
    signals.close()
    await program.close()
    window.close()
    return found


async def _first_paint(window: MainWindow, page: GalleryPage) -> list[Row]:
    from faceswap_desktop.ui.gallery.result_card import ResultCardDelegate
    from faceswap_desktop.ui.gallery.result_model import ResultRole

    painted: dict[int, tuple[float, float]] = {}

    class Noting(ResultCardDelegate):
        """Notes when the words of a card were painted first."""

        def paint(self, painter: Any, option: Any, index: Any) -> None:
            super().paint(painter, option, index)
            if index.data(ResultRole.RESULT) is not None:
                painted.setdefault(index.row(), (time.perf_counter(), time.thread_time()))

    usual = page.cards.itemDelegate()
    page.cards.setItemDelegate(Noting(page.cards))
    first, words, work = [], [], []
    for _ in range(_ROUNDS):
        window.show_page("live")
        page.results.forget_rows(list(page.results.ids)[:_CARDS])
        page.results.set_ids([])
        await asyncio.sleep(1)
        painted.clear()
        start, worked = time.perf_counter(), time.thread_time()
        window.show_page("gallery")
        window.repaint()
        first.append(_ms(start))
        await _until(lambda: len(painted) >= _SCREENFUL)
        seen, spent = sorted(painted.values())[_SCREENFUL - 1]
        words.append((seen - start) * 1000)
        work.append((spent - worked) * 1000)
    page.cards.setItemDelegate(usual)
    remark = f"median of {_ROUNDS}; {median(work):.0f} ms of the processor in the window's thread"
    return [
        Row("gallery: page painted", median(first), PAINT_BUDGET_MS, "ms", f"median of {_ROUNDS}"),
        Row("gallery: a screenful of cards with their words", median(words), PAINT_BUDGET_MS, "ms", remark),
    ]


async def _scrolling(page: GalleryPage) -> list[Row]:
    bar, frames, work = page.cards.verticalScrollBar(), [], []
    await _until(lambda: bar.maximum() > RESULTS // 10 * 216)
    for step in range(_STEPS):
        start, worked = time.perf_counter(), time.thread_time()
        bar.setValue(bar.value() + _STEP_PX)
        page.cards.viewport().repaint()
        frames.append(_ms(start))
        work.append((time.thread_time() - worked) * 1000)
        # Rows and thumbnails come in between, as they do under a hand on the wheel.
        await asyncio.sleep(0.004)
        if step == _STEPS // 2:
            bar.setValue(bar.maximum() // 2)
    jumps = []
    for number in range(20):
        start = time.perf_counter()
        bar.setValue(bar.maximum() * (number * 7 % 20) // 20)
        page.cards.viewport().repaint()
        jumps.append(_ms(start))
        await asyncio.sleep(0.02)
    return [
        Row(
            "gallery: scrolling, one frame, p95",
            percentile(frames, 0.95),
            SCROLL_BUDGET_MS,
            "ms",
            f"{_STEP_PX} px a step; {percentile(work, 0.95):.1f} ms of the processor",
        ),
        Row("gallery: scrolling, one frame, median", median(frames), None, "ms"),
        Row("gallery: a jump of the scroll bar", percentile(jumps, 0.95), None, "ms", "p95"),
    ]


async def _filtering(page: GalleryPage) -> list[Row]:
    found = []
    for text, words in (("wedding 4711", "few match"), ("anna", "a quarter matches"), ("", "all again")):
        times, stalls, work = [], [], []
        for _ in range(3):
            page.filter_bar.search.setText("group party" if text else "anna")
            page.filter_bar.search.returnPressed.emit()
            await _settled(page)
            ticking = asyncio.create_task(_longest_gap())
            await asyncio.sleep(0)
            page.filter_bar.search.setText(text)
            start, worked = time.perf_counter(), time.process_time()
            page.filter_bar.search.returnPressed.emit()
            await _settled(page)
            page.cards.viewport().repaint()
            times.append(_ms(start))
            work.append((time.process_time() - worked) * 1000)
            ticking.cancel()
            stalls.append(await ticking)
        remark = f"after the typing; {median(work):.0f} ms of the processor"
        found.append(Row(f"gallery: filter, {words}", median(times), BUDGET_MS, "ms", remark))
        found.append(Row(f"gallery: filter, {words}: loop held", max(stalls), STALL_BUDGET_MS, "ms"))
    return found


async def _arrival(program: Program, page: GalleryPage) -> list[Row]:
    from faceswap_desktop.domain.events import ResultAdded

    store, chance = ResultStore(program.database), random.Random(2)
    times, stalls = [], []
    for number in range(5):
        result = replace(a_result(RESULTS + number, chance), path=str(program.home.results_folder / "picture 1.jpg"))
        await store.add(result)
        ticking = asyncio.create_task(_longest_gap())
        await asyncio.sleep(0)
        start = time.perf_counter()
        program.bus.publish(ResultAdded(result.id))
        await _until(partial(_has, page, result.id))
        page.cards.viewport().repaint()
        times.append(_ms(start))
        ticking.cancel()
        stalls.append(await ticking)
    return [
        Row("gallery: a new result comes in", median(times), BUDGET_MS, "ms"),
        Row("gallery: a new result comes in: loop held", max(stalls), STALL_BUDGET_MS, "ms"),
    ]


async def _choosing_all(page: GalleryPage) -> list[Row]:
    start = time.perf_counter()
    page.cards.selectAll()
    page.cards.viewport().repaint()
    took = _ms(start)
    count = page.chosen_count()
    page.cards.clearSelection()
    return [Row("gallery: all chosen", took, STALL_BUDGET_MS, "ms", f"{count:,} results")]


def _has(page: GalleryPage, result_id: ResultId) -> bool:
    return page.results.row_of(result_id) >= 0


def _has_words(page: GalleryPage) -> bool:
    """Say whether the first card that can be seen is known."""
    top = page.cards.indexAt(page.cards.viewport().rect().topLeft() + QPoint(20, 20))
    return not page.results.ids or page.results.result_at(top.row()) is not None


async def _settled(page: GalleryPage) -> None:
    await _until(lambda: not page.tasks.is_running("find"))
    await _until(lambda: _has_words(page))


async def _until(condition: Callable[[], object]) -> None:
    end = time.perf_counter() + 30
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError
        await asyncio.sleep(0.001)


async def _longest_gap() -> float:
    """Return, when cancelled, the longest time in milliseconds by which a wake-up was late."""
    longest = 0.0
    try:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, _ms(start) - 1)
    except asyncio.CancelledError:
        return longest


def _ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _in_window(folder: str) -> list[dict[str, Any]]:
    import qasync
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    measured: list[Row] = qasync.run(_page(Home(Path(folder))))
    return [
        {"name": row.name, "measured": row.measured, "budget": row.budget, "unit": row.unit, "remark": row.remark}
        for row in measured
    ]


if __name__ == "__main__":
    print(json.dumps(_in_window(sys.argv[1])))
