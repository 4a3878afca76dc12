"""Whoever comes into the library has agreed: for tests of what lies behind the question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis, Standing
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.services.consents import ConsentAnswer


def everyone_agrees(program: Program) -> Program:
    """Give consent for every source face as soon as it is added, as a user would on the sheet."""
    add_face = program.library.add_face

    async def add(path: str | Path, **options: Any) -> SourceFace:
        face = await add_face(path, **options)
        if (await program.consents.standing_of(face)).standing is not Standing.GIVEN:
            await program.consents.give([face], ConsentAnswer(Basis.AGREED))
        return face

    program.library.add_face = add  # type: ignore[method-assign]
    return program
