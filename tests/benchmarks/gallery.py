"""Gallery with 100,000 results: how long the library takes to answer. Run: ``python tests/benchmarks/gallery.py``.

Budget (one answer of any kind): 100 ms. What the window makes of an answer is measured beside it, not here.
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId  # noqa: E402
from faceswap_desktop.domain.gallery import GalleryQuery, GallerySort  # noqa: E402
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size  # noqa: E402
from faceswap_desktop.domain.job import JobId, JobResult, ResultId  # noqa: E402
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind  # noqa: E402
from faceswap_desktop.domain.recipe import FacePairing, Recipe, SourceRef, TargetFace  # noqa: E402
from faceswap_desktop.storage.database import Database  # noqa: E402
from faceswap_desktop.storage.results import ResultStore  # noqa: E402

RESULTS: Final = 100_000
BUDGET_MS: Final = 100.0
_ROUNDS: Final = 7
_BATCH: Final = 2000
_CARDS: Final = 60
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


class Measured(NamedTuple):
    """One line of the table: milliseconds by the clock, of the processor, and of the event loop standing still."""

    what: str
    found: int
    median_ms: float
    worst_ms: float
    cpu_ms: float
    stall_ms: float


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


async def fill(database: Database, count: int = RESULTS) -> None:
    """Put ``count`` results into a database, in transactions of many."""
    from faceswap_desktop.storage import results as store

    chance = random.Random(1)  # always the same library

    def write(connection: sqlite3.Connection, start: int) -> None:
        for number in range(start, min(start + _BATCH, count)):
            store.insert_result(connection, a_result(number, chance))

    for start in range(0, count, _BATCH):
        await database.write(lambda connection, start=start: write(connection, start))  # type: ignore[misc]


async def measure(results: ResultStore) -> list[Measured]:
    """Ask every question several times, and watch meanwhile how long the event loop stands still."""
    lines = []
    for what, query in QUERIES.items():
        times, cpu_times, found = [], [], 0
        for _ in range(_ROUNDS):
            start, cpu_start = time.perf_counter(), time.process_time()
            found = len(await results.query(query))
            times.append((time.perf_counter() - start) * 1000)
            cpu_times.append((time.process_time() - cpu_start) * 1000)
        ticking = asyncio.create_task(_longest_gap())
        await asyncio.sleep(0.002)
        await results.query(query)
        ticking.cancel()
        lines.append(Measured(what, found, median(times), max(times), median(cpu_times), await ticking))
    return lines


def _load() -> str:
    """Return how many processes wanted a core lately: above the number of cores, times are not the program's."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "unknown"


async def _longest_gap() -> float:
    """Return, when cancelled, the longest time in milliseconds by which a wake-up was late."""
    longest = 0.0
    try:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, (time.perf_counter() - start) * 1000 - 1)
    except asyncio.CancelledError:
        return longest


async def main() -> int:
    """Print the table; return 1 if an answer took longer than the budget."""
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(Path(folder) / "faceswap.sqlite3")
        start = time.perf_counter()
        await fill(database)
        seconds, megabytes = time.perf_counter() - start, database.path.stat().st_size / 1e6
        print(f"{RESULTS:,} results written in {seconds:.0f} s, {megabytes:.0f} MB; load {_load()}")
        print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}")
        results = ResultStore(database)
        lines = await measure(results)
        screen = (await results.query(GalleryQuery()))[RESULTS // 2 :][:_CARDS]
        start = time.perf_counter()
        cards = len(await results.get(screen))
        cards_ms = (time.perf_counter() - start) * 1000
        await database.close()
    print(f"{'':32} {'found':>8} {'median':>8} {'worst':>8} {'cpu':>8} {'stall':>8}   (ms; budget {BUDGET_MS:.0f})")
    for line in lines:
        late = "" if line.median_ms <= BUDGET_MS else "  over"
        times = "".join(f" {one:8.1f}" for one in line[2:])
        print(f"{line.what:32} {line.found:8,}{times}{late}")
    print(f"{'the cards of one screen':32} {cards:8} {cards_ms:8.1f}")
    return int(any(line.median_ms > BUDGET_MS for line in lines))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
