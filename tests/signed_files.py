"""Sample pictures that the program's own workers have signed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.domain.signing import Deed, Edit, Identity, RemoteIdentity
from faceswap_desktop.resources import resource_path
from faceswap_desktop.workers.mark_requests import FingerprintResult
from faceswap_desktop.workers.sign_requests import MakeIdentity, SignedCopy, SignFile

HOPPER: Final = resource_path("samples", "grace_hopper.jpg")
WHEN: Final = 1_700_000_000.0
FACE: Final = BoundingBox(150, 60, 350, 300)
"""About where Grace Hopper's face is."""


async def sign(
    program: Program,
    out: Path,
    *,
    path: Path = HOPPER,
    identity: Identity | RemoteIdentity | None = None,
    original: Path | None = None,
    title: str = "party.jpg",
    what: str = "Face swapped",
    provider: str = "",
) -> SignedCopy:
    """Sign a file with this installation's certificate, or another; with a provider an online service did it."""
    deed = Deed(
        title, (Edit(what, SourceType.AI_COMPOSITE),), provider or "Faceswap Desktop", not provider, not provider, WHEN
    )
    signer = identity if identity is not None else await program.signing.identities.current()
    request = SignFile(str(path), str(out), deed, signer, str(original or path))
    copy: SignedCopy = await program.pool.run("sign_file", request)
    return copy


async def stranger(program: Program) -> Identity:
    """Make the certificate of another installation."""
    identity: Identity = await program.pool.run("make_identity", MakeIdentity())
    return identity


async def with_other_face(out: Path) -> Path:
    """Write the sample picture with something else in the place of the face, as a swap does."""

    def paint() -> Path:
        with Image.open(HOPPER) as picture:
            changed = picture.convert("RGB")
        pen = ImageDraw.Draw(changed)
        left, top, right, bottom = FACE.left, FACE.top, FACE.right, FACE.bottom
        for number in range(6):
            inset = number * 14
            shade = (40 * number, 200 - 30 * number, 90 + 20 * number)
            pen.ellipse((left + inset, top + inset, right - inset, bottom - inset), fill=shade)
        changed.save(out, quality=92)
        return out

    return await asyncio.to_thread(paint)


async def marks_of(program: Program, path: Path) -> bytes:
    """Measure how such a picture looks."""
    marks: bytes = await program.pool.run("fingerprint_result", FingerprintResult(str(path), str(HOPPER), (FACE,)))
    return marks


def flip(path: Path, out: Path, at: float = 0.5) -> Path:
    """Write a copy in which one bit is another, at a share of its length."""
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    out.write_bytes(data)
    return out


def resave(path: Path, out: Path, quality: int = 80) -> Path:
    """Write a copy as other programs do: without anything but the picture."""
    with Image.open(path) as picture:
        picture.convert("RGB").save(out, quality=quality)
    return out
