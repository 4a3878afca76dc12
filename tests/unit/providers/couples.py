"""A picture with two people in it, and source faces, as jobs get them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from faceswap_desktop.domain.faces import DetectedFace, PhotoId, SourceFaceId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.work import SourceFiles
from tests.unit.workers.people import COLLINS, HOPPER, Listener, open_faces

RED = (250, 10, 20)


@dataclass(frozen=True)
class Couple:
    """A picture that shows two people, the left one first."""

    media: Media
    faces: tuple[DetectedFace, DetectedFace]

    def recipe(self, provider: str, paired: Mapping[int, str], **changes: object) -> Recipe:
        """Give faces of the picture, by their places, to source faces; the others stand by."""
        pairings = tuple(
            FacePairing(
                TargetFace(face.index, face.box, face.five_points),
                SourceRef(SourceFaceId(paired[place]), paired[place], (PhotoId(f"photo-{paired[place]}"),)),
            )
            for place, face in enumerate(self.faces)
            if place in paired
        )
        others = tuple(face.box for place, face in enumerate(self.faces) if place not in paired)
        made = Recipe(provider, self.media, pairings, bystanders=others)
        return replace(made, **changes)  # type: ignore[arg-type]


def a_couple(folder: Path, name: str = "Ada & Bob, holidays 1999.png") -> Couple:
    folder.mkdir(exist_ok=True)
    with Image.open(COLLINS) as left, Image.open(HOPPER) as right:
        height = 640
        people = [one.convert("RGB").resize((one.width * height // one.height, height)) for one in (left, right)]
    whole = Image.new("RGB", (sum(one.width for one in people), height))
    whole.paste(people[0], (0, 0))
    whole.paste(people[1], (people[0].width, 0))
    path = folder / name
    whole.save(path, pnginfo=None)
    opened = open_faces(path, Listener(folder).context)
    one, other = sorted(opened.faces or (), key=lambda face: face.box.left)
    return Couple(opened.media, (one, other))


def sources_of(folder: Path, *names: str) -> Mapping[SourceFaceId, SourceFiles]:
    """Return source faces, each with one photo as the library keeps it."""
    folder.mkdir(exist_ok=True)
    files = {}
    for place, name in enumerate(names):
        with Image.open((COLLINS, HOPPER)[place % 2]) as photo:
            photo.convert("RGB").save(folder / f"{name}.png")
        files[SourceFaceId(name)] = SourceFiles((str(folder / f"{name}.png"),), str(folder / f"{name}.npz"))
    return files


def reddened(content: bytes) -> bytes:
    """Do what a service does: return the picture with its middle changed, as JPEG."""
    with Image.open(io.BytesIO(content)) as sent:
        picture = sent.convert("RGB")
    width, height = picture.size
    picture.paste(RED, (width * 2 // 5, height * 2 // 5, width * 3 // 5, height * 3 // 5))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    return out.getvalue()


def is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 30 for one, other in zip(pixel, RED, strict=True))
