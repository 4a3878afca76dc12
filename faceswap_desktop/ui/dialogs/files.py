"""Asking for files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from faceswap_desktop.ui.bridge import ask
from faceswap_desktop.ui.window_state import WindowState

PICTURE_SUFFIXES: Final = (
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "bmp", "dib", "gif", "heic", "heif", "avif",
)  # fmt: skip
"""What the file dialog offers as pictures; whether a file is one is told by its content."""


VIDEO_SUFFIXES: Final = (
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "gif", "webp", "3gp", "ts", "mts", "m2ts", "mpg", "mpeg", "wmv", "flv",
    "ogv",
)  # fmt: skip
"""What it offers as videos; GIF and WebP files can be either."""

MEDIA_SUFFIXES: Final = tuple(dict.fromkeys((*PICTURE_SUFFIXES, *VIDEO_SUFFIXES)))


async def ask_for_media(parent: QWidget, state: WindowState) -> list[Path]:
    """Ask for one picture or video or more; empty if the user thinks better of it."""
    dialog = QFileDialog(parent, _tr("Open pictures and videos"), state.folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters(
        [
            _tr("Pictures and videos ({patterns})").format(patterns=_patterns(MEDIA_SUFFIXES)),
            _tr("Pictures ({patterns})").format(patterns=_patterns(PICTURE_SUFFIXES)),
            _tr("Videos ({patterns})").format(patterns=_patterns(VIDEO_SUFFIXES)),
            _tr("All files (*)"),
        ]
    )
    return await _answer(dialog, state)


async def ask_for_pictures(parent: QWidget, state: WindowState, title: str = "") -> list[Path]:
    """Ask for one picture or more; empty if the user thinks better of it."""
    dialog = QFileDialog(parent, title or _tr("Open pictures"), state.folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    pictures = _tr("Pictures ({patterns})").format(patterns=_patterns(PICTURE_SUFFIXES))
    dialog.setNameFilters([pictures, _tr("All files (*)")])
    return await _answer(dialog, state)


async def ask_for_folder(parent: QWidget, state: WindowState, title: str) -> Path | None:
    """Ask for a folder; None if the user thinks better of it."""
    dialog = QFileDialog(parent, title, state.folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    chosen = await _answer(dialog, state)
    return chosen[0] if chosen else None


async def ask_for_file(parent: QWidget, state: WindowState, title: str, name_filter: str) -> Path | None:
    """Ask for one existing file, for example ``"Presets (*.faceswap-preset.json)"``."""
    dialog = QFileDialog(parent, title, state.folder, name_filter)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    chosen = await _answer(dialog, state)
    return chosen[0] if chosen else None


async def ask_where_to_save(
    parent: QWidget,
    state: WindowState,
    title: str,
    suggested_name: str,
    name_filter: str = "",
    *,
    replaces: bool = True,
) -> Path | None:
    """Ask under which name to save.

    Args:
        parent: Whose dialog it is.
        state: Knows the last folder.
        title: Of the dialog.
        suggested_name: File name to begin with.
        name_filter: For example ``"Presets (*.faceswap-preset.json)"``.
        replaces: Whether a file of that name is replaced: then the dialog warns of it.
    """
    dialog = QFileDialog(parent, title, state.folder, name_filter)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not replaces)
    dialog.selectFile(suggested_name)
    chosen = await _answer(dialog, state)
    return chosen[0] if chosen else None


async def _answer(dialog: QFileDialog, state: WindowState) -> list[Path]:
    chosen: list[Path] = []
    dialog.filesSelected.connect(lambda names: chosen.extend(Path(one) for one in names))
    await ask(dialog)
    if chosen:
        state.folder = str(chosen[0].parent)
    return chosen


def _tr(text: str) -> str:
    return QCoreApplication.translate("FileDialogs", text)


def _patterns(suffixes: tuple[str, ...]) -> str:
    return " ".join(f"*.{suffix}" for suffix in suffixes)
