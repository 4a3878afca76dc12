"""What can be dragged inside the Studio: source faces from the shelf, and faces of the picture onto each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.pairing import TargetFaceRef

SOURCE_FACES: Final = "application/x-faceswap-source-faces"
TARGET_FACE: Final = "application/x-faceswap-target-face"


def mime_of_sources(sources: Sequence[SourceFaceId]) -> QMimeData:
    """Pack source faces."""
    mime = QMimeData()
    mime.setData(SOURCE_FACES, QByteArray("\n".join(sources).encode()))
    return mime


def sources_of(mime: QMimeData) -> list[SourceFaceId]:
    """Unpack source faces; empty if there are none."""
    text = bytes(mime.data(SOURCE_FACES).data()).decode()
    return [SourceFaceId(one) for one in text.split("\n") if one]


def mime_of_target(target: TargetFaceRef) -> QMimeData:
    """Pack a face of a picture."""
    mime = QMimeData()
    mime.setData(TARGET_FACE, QByteArray(f"{target.face}\n{target.media}".encode()))
    return mime


def target_of(mime: QMimeData) -> TargetFaceRef | None:
    """Unpack a face of a picture, or None."""
    if not mime.hasFormat(TARGET_FACE):
        return None
    face, _, media = bytes(mime.data(TARGET_FACE).data()).decode().partition("\n")
    return TargetFaceRef(MediaId(media), int(face))


def files_of(mime: QMimeData) -> list[Path]:
    """Return the local files and folders in dragged or pasted data; addresses of other places are left out."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile() and url.toLocalFile()]


def has_pictures(mime: QMimeData) -> bool:
    """Say whether there is something that could be a picture: files, or pixels."""
    return bool(files_of(mime)) or mime.hasImage()
