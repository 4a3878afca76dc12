"""The composed program on a home of the test's own; with or without workers."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.events import Event
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore
from tests.agreeing import everyone_agrees

COLLINS = resource_path("samples", "eileen_collins.png")
HOPPER = resource_path("samples", "grace_hopper.jpg")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest_asyncio.fixture
async def program(home: Home) -> AsyncIterator[Program]:
    built = await build(home)
    yield built
    await built.close()


@pytest_asyncio.fixture
async def working(program: Program) -> Program:
    await program.pool.start(warm=False)
    return await everyone_agrees(program)


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


@pytest.fixture
def events(program: Program) -> list[Event]:
    """Everything that happens, in order."""
    told: list[Event] = []
    program.bus.subscribe(told.append)
    return told


def a_recipe(path: str = "/pictures/party.png", source: str = "Ada") -> Recipe:
    points = (Point(3, 3), Point(7, 3), Point(5, 5), Point(4, 7), Point(6, 7))
    return Recipe(
        provider="on-device",
        media=Media(MediaId("m"), path, MediaKind.IMAGE, Size(10, 10), "PNG", Fingerprint(1, 1, "0" * 64)),
        pairings=(
            FacePairing(
                TargetFace(0, BoundingBox(0, 0, 10, 10), points),
                SourceRef(SourceFaceId("s"), source, (PhotoId("p"),)),
            ),
        ),
    )


async def add_result(program: Program, name: str, **changes: object) -> JobResult:
    """Put a result into the library whose file is a copy of a sample picture."""
    path = program.home.results_folder / f"{name}.jpg"
    await asyncio.to_thread(shutil.copyfile, HOPPER, path)
    result = JobResult(
        id=ResultId(f"r-{name}"),
        job=JobId(f"j-{name}"),
        path=str(path),
        recipe=a_recipe(),
        width=512,
        height=600,
        size_bytes=path.stat().st_size,
        created_at=1.7e9,
        seconds=1.0,
        faces=1,
        digest=name,
        title=name,
    )
    result = replace(result, **changes)  # type: ignore[arg-type]
    await ResultStore(program.database).add(result)
    return result


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
