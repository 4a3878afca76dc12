"""What going live on the command line begins with: the camera, the source face's consent, the recording's place."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from faceswap_desktop.cli.arguments import plain_path
from faceswap_desktop.cli.console import file_name
from faceswap_desktop.cli.places import check_place
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.consent_words import not_to_be_used
from faceswap_desktop.domain.errors import ConsentNeeded, InputRefused, UsageError
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.domain.live import CameraChoice, CameraKind
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media import refusals
from faceswap_desktop.media.formats import MEDIA_EXTENSIONS
from faceswap_desktop.media.kind import kind_of

KEPT: Final = message("What was recorded is kept: `jobs resume` finishes it, and so does the window at its next start.")
"""Said where a second signal came while the recording was being finished."""
_WITH_SIDECAR: Final = frozenset({".mkv", ".webm"})


def without_qt(error: ImportError) -> InputRefused:
    """Return what is said where cameras and pages of services cannot be used: they need Qt."""
    return InputRefused(
        message("Cameras cannot be used here, because PySide6 is not installed ({reason}).", reason=str(error)),
        message("Give a video or a picture as camera: --camera FILE."),
        kind="no-camera",
    )


async def settle_consent(program: Program, face: SourceFace, options: argparse.Namespace) -> None:
    """Remember what ``--consent`` says, and make sure that the source face may be used.

    Raises:
        ConsentNeeded: Nobody has said that it may.
        UsageError: The note says nothing, or is too long.
    """
    note = getattr(options, "consent", None)
    if note is not None:
        await program.consents.state_on_command_line(note, [face], renews=getattr(options, "yes", False))
    found = (await program.consents.standing_of(face)).standing
    if found is not Standing.GIVEN:
        raise ConsentNeeded(
            not_to_be_used(face.name, found),
            message('Add --consent "why the face may be used", for example --consent "It is me". It is remembered.'),
        )


def output_of(requested: str | None, suffixes: Sequence[str]) -> str:
    """Return where a recording is wanted, as a whole path; empty for nowhere.

    Raises:
        UsageError: It has none of these extensions.
        InputRefused: The place is taken, or in no folder.
    """
    if not requested:
        return ""
    path = plain_path(requested)
    if path.suffix.lower() not in suffixes:
        raise UsageError(
            message("A recording cannot be written as {name} here.", name=file_name(str(path))),
            message("Write {extensions}.", extensions=" or ".join(suffixes)),
        )
    check_place(path)
    if path.suffix.lower() in _WITH_SIDECAR:
        # What such a file cannot hold of its origin lies beside it.
        check_place(path.with_suffix(".c2pa"))
    return str(path)


def file_camera(named: str | None) -> CameraChoice | None:
    """Return the file that stands in a camera's place; None where a camera is meant.

    Raises:
        InputRefused: It is not there.
    """
    if named is None or not is_file(named):
        return None
    path = plain_path(named)
    if not path.exists():
        raise refusals.missing(path)
    kind = CameraKind.FILE if kind_of(path) is MediaKind.VIDEO else CameraKind.STILL
    return CameraChoice(kind, str(path), path.name)


def is_file(camera: str) -> bool:
    """Whether a file is meant, also where it is not there: it is called like one."""
    path = Path(camera)
    return path.exists() or path.parent != Path() or path.suffix.lower() in MEDIA_EXTENSIONS
