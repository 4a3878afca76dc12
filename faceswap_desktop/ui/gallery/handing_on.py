"""Results handed on: copied, saved elsewhere, signed where that was left for later."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.services.detection import DisplayPicture
from faceswap_desktop.ui.context import AppContext

VIDEO_SUFFIXES: Final = frozenset({".mp4", ".mov", ".mkv", ".webm"})
_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif"})


def is_unsigned(result: JobResult | None) -> bool:
    """Say whether a result is still to be signed; those from before results were signed are not."""
    return result is not None and result.mark is not None and result.mark.signer is None


async def sign_now(context: AppContext, results: Iterable[JobResult]) -> None:
    """Sign those of some results that are still to be signed, and say it; also which of them could not be."""
    unsigned = [result for result in results if is_unsigned(result)]
    for result in unsigned:
        try:
            await context.gallery.sign_now(result.id)
        except FaceSwapError as error:
            # The same key as below: it goes when signing works.
            context.notifications.error(error, key="signed")
            return
    if count := len(unsigned):
        words = _tr("Signed the result.") if count == 1 else _tr("Signed {n} results.").format(n=count)
        context.notifications.success(words, key="signed")


def copied_words(*, is_picture: bool) -> str:
    """Say what was copied, and what of it says where it comes from."""
    if not is_picture:
        return _tr("Copied the file.")
    return _tr(
        "Copied the picture. Pasted as a file it keeps its credentials; pasted as pixels it keeps its label only."
    )


def to_image(picture: DisplayPicture) -> QImage:
    """Return a picture for the clipboard."""
    image = QImage(picture.pixels, picture.size.width, picture.size.height, picture.stride, QImage.Format.Format_RGB888)
    # A copy of its own: the bytes belong to the display picture.
    return image.copy()


def with_suffix(path: Path, suffix: str) -> Path:
    """Give a name that was typed without an extension the result's own."""
    return path if path.suffix.lower() in _SUFFIXES | VIDEO_SUFFIXES else path.with_name(path.name + suffix)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Gallery", text)
