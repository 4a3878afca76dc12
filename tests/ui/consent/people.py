"""People of the library without workers: their pictures are cut from the samples here."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QApplication

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import Grade, PhotoId, SourceFace, SourceFaceId, SourcePhoto
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import FacePairing, Recipe, TargetFace
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.ui.consent.sheet import ConsentSheet
from tests.ui.conftest import until

_CUTS = {
    "eileen": ("eileen_collins.png", (120, 0, 376, 256)),
    "grace": ("grace_hopper.jpg", (100, 40, 412, 352)),
}


async def add_person(program: Program, who: str, name: str = "", photos: int = 1) -> SourceFace:
    """Put ``eileen`` or ``grace`` into the library."""
    kept = []
    for number in range(photos):
        photo = PhotoId(f"{who}{number}")
        folder = program.home.faces_folder / photo
        _cut(who, folder)
        kept.append(SourcePhoto(photo, str(folder / "face.png"), f"{who} {number}.jpg", Grade()))
    thumbnail = str(program.home.faces_folder / kept[0].id / "thumbnail.png")
    face = SourceFace(SourceFaceId(who), name or who.title(), tuple(kept), 1, thumbnail, None, 1.7e9)
    await SourceFaceStore(program.database).add(face)
    return face


async def add_result(program: Program, face: SourceFace, name: str) -> JobResult:
    """Put a result with a person's face into the gallery."""
    path = program.home.results_folder / f"{name}.jpg"
    await asyncio.to_thread(shutil.copyfile, resource_path("samples", "grace_hopper.jpg"), path)
    points = (Point(3, 3), Point(7, 3), Point(5, 5), Point(4, 7), Point(6, 7))
    media = Media(MediaId("m"), "/party.png", MediaKind.IMAGE, Size(10, 10), "PNG", Fingerprint(1, 1, "0" * 64))
    pairing = FacePairing(TargetFace(0, BoundingBox(0, 0, 10, 10), points), program.library.source_ref(face))
    result = JobResult(
        ResultId(name), JobId(f"j-{name}"), str(path), Recipe("on-device", media, (pairing,)), 512, 600,
        path.stat().st_size, 1.7e9, 1.0, 1, digest=name, title=name,
    )  # fmt: skip
    await ResultStore(program.database).add(result)
    return result


def _cut(who: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    file, box = _CUTS[who]
    with Image.open(resource_path("samples", file)) as picture:
        face = picture.convert("RGB").crop(box)
        face.save(folder / "face.png")
        face.resize((192, 192)).save(folder / "thumbnail.png")


async def the_sheet() -> ConsentSheet:
    """Wait for the sheet, and return it."""

    def shown() -> ConsentSheet | None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, ConsentSheet) and one.isVisible()]
        return found[0] if found else None

    await until(shown)
    sheet = shown()
    assert sheet is not None
    return sheet
