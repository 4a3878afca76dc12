"""A home with something in it: people, a result, open pictures, pairings. Made once, copied for each test."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

from PIL import Image

from faceswap_desktop.compose import build
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.paths import Home
from tests.agreeing import everyone_agrees
from tests.ui.conftest import until

COLLINS: Final = resource_path("samples", "eileen_collins.png")
HOPPER: Final = resource_path("samples", "grace_hopper.jpg")


def two_officers(path: Path) -> Path:
    """Write a picture with both sample persons side by side."""
    one, other = Image.open(COLLINS).convert("RGB"), Image.open(HOPPER).convert("RGB").resize((437, 512))
    both = Image.new("RGB", (one.width + other.width, 512))
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    both.save(path)
    return path


def fill(root: Path, picture: Path, results: int = 2) -> None:
    """Put two people on the shelf, open a picture of both with its left face paired, and make results of it."""
    asyncio.run(_fill(Home(root), picture, results))


async def _fill(home: Home, picture: Path, results: int) -> None:
    program = await everyone_agrees(await build(home))
    try:
        await program.start()
        people = [
            await program.library.add_face(HOPPER, name="Grace"),
            await program.library.add_face(COLLINS, name="Eileen"),
        ]
        media, faces = await program.detection.detect(picture)
        recipes = [
            await program.swapping.make_recipe(
                media, faces, {0: people[number % 2].id}, replace(program.studio.options, blend=1.0 - number / 10)
            )
            for number in range(results)
        ]
        await program.swapping.wait([job.id for job in await program.swapping.submit(recipes)])
        program.studio.open([picture, HOPPER])
        target = program.studio.targets_of_all_faces
        await until(lambda: target(str(picture)), 60)
        program.studio.set_board(program.studio.board.paired(target(str(picture))[:1], people[0].id))
    finally:
        await program.close()
