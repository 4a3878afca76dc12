"""Documents that say that a face may be used: copies of ours, of kinds that can be opened without harm."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.storage.failures import mapped_errors, refuse_other_than_file
from faceswap_desktop.storage.paths import Home

DOCUMENT_SUFFIXES: Final = (
    "pdf", "jpg", "jpeg", "png", "webp", "heic", "heif", "tif", "tiff", "gif", "txt", "md", "rtf", "odt", "docx", "eml",
    "mp3", "m4a", "ogg", "wav", "mp4", "mov", "webm",
)  # fmt: skip
"""What is taken: writing, pictures of it, and what was said. Nothing that runs when it is opened."""
MOST_DOCUMENT_BYTES: Final = 25 * 1024 * 1024
_MEGABYTE: Final = 1024 * 1024


def keep_document(home: Home, path: Path, name: str) -> Path:
    """Copy a document into the data folder and return the copy.

    Args:
        home: Whose data folder.
        path: The document.
        name: What the copy is called, without the extension; nobody has it yet.

    Raises:
        InputRefused: It is gone, empty, too large or of a kind that is not taken (kind ``document``).
        StorageError: It cannot be read or the copy cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix.removeprefix(".") not in DOCUMENT_SUFFIXES:
        raise _refused(
            message(
                "“{name}” is no kind of document that is kept: {kinds}.",
                name=foreign(path.name),
                kinds=", ".join(DOCUMENT_SUFFIXES),
            )
        )
    with mapped_errors(path):
        if not path.exists():
            raise _refused(message("“{name}” is gone.", name=foreign(path.name)))
        refuse_other_than_file(path)
        size = path.stat().st_size
    if not size:
        raise _refused(message("“{name}” is empty.", name=foreign(path.name)))
    if size > MOST_DOCUMENT_BYTES:
        raise _refused(
            message(
                "“{name}” has {size} MB; documents may have {most} MB.",
                name=foreign(path.name),
                size=-(-size // _MEGABYTE),
                most=MOST_DOCUMENT_BYTES // _MEGABYTE,
            )
        )
    target = home.documents_folder / f"{name}{suffix}"
    with mapped_errors(target):
        # Names, signatures, faces: not for other users of this computer to read.
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = target.with_name(target.name + ".part")
        try:
            shutil.copyfile(path, scratch)
            scratch.replace(target)
        finally:
            with suppress(OSError):
                scratch.unlink()
    return target


def _refused(said: Message) -> InputRefused:
    return InputRefused(said, message("Choose another document, or write a note instead."), kind="document")
