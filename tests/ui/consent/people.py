"""People of the library without workers: their pictures are cut from the samples here."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QApplication

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import Grade, PhotoId, SourceFace, SourceFaceId, SourcePhoto
from faceswap_desktop.resources import resource_path
from faceswap_desktop.storage.faces import SourceFaceStore
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
