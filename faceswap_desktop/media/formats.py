"""Which pictures and videos can be opened and written: pure data for the file dialog, the drop and the command line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from faceswap_desktop.domain.messages import Message, message


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """One sort of picture.

    Attributes:
        name: What the decoder calls it; the value of ``Media.format``.
        title: What people call it.
        extensions: In lower case with the dot, the usual one first.
    """

    name: str
    title: str
    extensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """One sort of video file.

    Attributes:
        name: The value of ``Media.format``.
        title: What people call it.
        extensions: In lower case with the dot, the usual one first.
    """

    name: str
    title: str
    extensions: tuple[str, ...]

    def holds(self, name: str) -> bool:
        """Whether a file of this extension may well be of the format ``name``: some are close relatives."""
        return self.name == name or {self.name, name} <= {"MP4", "MOV"} or {self.name, name} <= {"MKV", "WEBM"}


@dataclass(frozen=True, slots=True)
class DialogFilter:
    """One line of a file dialog's list of types.

    Attributes:
        title: Its name for people.
        patterns: Like ``*.png``, in lower case.
    """

    title: Message
    patterns: tuple[str, ...]


PICTURE_FORMATS: Final = (
    PictureFormat("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")),
    PictureFormat("PNG", "PNG", (".png", ".apng")),
    PictureFormat("WEBP", "WebP", (".webp",)),
    PictureFormat("HEIF", "HEIC", (".heic", ".heif", ".hif", ".heics", ".heifs")),
    PictureFormat("AVIF", "AVIF", (".avif", ".avifs")),
    PictureFormat("TIFF", "TIFF", (".tif", ".tiff")),
    PictureFormat("BMP", "BMP", (".bmp", ".dib")),
    PictureFormat("GIF", "GIF", (".gif",)),
)

PICTURE_EXTENSIONS: Final = frozenset(extension for item in PICTURE_FORMATS for extension in item.extensions)

VIDEO_FORMATS: Final = (
    VideoFormat("MP4", "MP4", (".mp4", ".m4v", ".3gp", ".3g2")),
    VideoFormat("MOV", "QuickTime", (".mov", ".qt")),
    VideoFormat("MKV", "Matroska", (".mkv",)),
    VideoFormat("WEBM", "WebM", (".webm",)),
    VideoFormat("AVI", "AVI", (".avi", ".divx")),
    VideoFormat("TS", "MPEG transport stream", (".ts", ".mts", ".m2ts")),
    VideoFormat("MPEG", "MPEG", (".mpg", ".mpeg", ".vob")),
    VideoFormat("WMV", "Windows Media", (".wmv", ".asf")),
    VideoFormat("FLV", "Flash", (".flv",)),
    VideoFormat("OGG", "Ogg", (".ogv",)),
    VideoFormat("GIF", "animated GIF", (".gif",)),
    VideoFormat("WEBP", "animated WebP", (".webp",)),
)

VIDEO_EXTENSIONS: Final = frozenset(extension for item in VIDEO_FORMATS for extension in item.extensions)
MEDIA_EXTENSIONS: Final = PICTURE_EXTENSIONS | VIDEO_EXTENSIONS

_VIDEO_BY_NAME: Final = {item.name: item for item in VIDEO_FORMATS}
_VIDEO_BY_EXTENSION: Final = {extension: item for item in VIDEO_FORMATS for extension in item.extensions}

_BY_NAME: Final = {item.name: item for item in PICTURE_FORMATS}
_BY_EXTENSION: Final = {extension: item for item in PICTURE_FORMATS for extension in item.extensions}


def format_title(name: str) -> str:
    """Return what people call a format that the decoder calls ``name``; unknown names come back as they are."""
    known = _BY_NAME.get(name)
    return known.title if known else name


def format_of_extension(extension: str) -> PictureFormat | None:
    """Return the format that usually has this extension (with its dot, in any case), or None."""
    return _BY_EXTENSION.get(extension.lower())


def video_format_title(name: str) -> str:
    """Return what people call a video format; unknown names come back as they are."""
    known = _VIDEO_BY_NAME.get(name)
    return known.title if known else name


def video_format_of_extension(extension: str) -> VideoFormat | None:
    """Return the video format that usually has this extension (with its dot, in any case), or None."""
    return _VIDEO_BY_EXTENSION.get(extension.lower())


def has_picture_extension(path: str | os.PathLike[str]) -> bool:
    """Say whether a name looks like a picture's; for picking files out of a folder, content decides later."""
    return PurePath(path).suffix.lower() in PICTURE_EXTENSIONS


def dialog_filters() -> tuple[DialogFilter, ...]:
    """Return the types of the file dialog: all pictures, then each format, then all files."""
    every = tuple(f"*{extension}" for item in PICTURE_FORMATS for extension in item.extensions)
    single = tuple(
        DialogFilter(message("{format} pictures", format=item.title), tuple(f"*{end}" for end in item.extensions))
        for item in PICTURE_FORMATS
    )
    return (DialogFilter(message("Pictures"), every), *single, DialogFilter(message("All files"), ("*",)))
