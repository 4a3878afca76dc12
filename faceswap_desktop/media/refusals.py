"""The sentences with which a file is refused. Each names the file by its base name only."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import PurePath
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message

PICTURE_HINT: Final = message("Pictures can be JPEG, PNG, WebP, HEIC, AVIF, TIFF, BMP or GIF files.")

VIDEO_HINT: Final = message("Videos can be MP4, MOV, MKV, WebM or AVI files, or animated GIF or WebP files.")

_PERMISSION_CODES: Final = frozenset({errno.EACCES, errno.EPERM})
_MISSING_CODES: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP})


def shown_name(path: str | os.PathLike[str]) -> str:
    """Return a file's base name so that it can be shown anywhere.

    Bytes that are no text, line breaks, other control characters and marks that turn the direction of
    writing (with which ``gpj.exe`` can be made to look like ``exe.jpg``) are shown as the replacement sign.
    """
    return shown_line(PurePath(path).name or str(path))


def shown_line(text: str) -> str:
    """Return any text so that it stays on its line and cannot colour or turn what stands beside it."""
    return "".join("\ufffd" if _is_unshowable(character) else character for character in text)


def _is_unshowable(character: str) -> bool:
    if character in "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        return True
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def missing(path: str | os.PathLike[str]) -> InputRefused:
    """There is no such file."""
    return InputRefused(
        message("“{name}” was not found.", name=shown_name(path)),
        message("It may have been moved, renamed or deleted, or its drive is not connected."),
        kind="missing",
    )


def folder(path: str | os.PathLike[str]) -> InputRefused:
    """It is a folder."""
    return InputRefused(
        message("“{name}” is a folder, not a picture.", name=shown_name(path)),
        message("Choose the pictures inside it."),
        kind="folder",
    )


def empty(path: str | os.PathLike[str]) -> InputRefused:
    """It has no content."""
    return InputRefused(
        message("“{name}” is empty: the file has no content.", name=shown_name(path)),
        message("Copy or download it again."),
        kind="empty",
    )


def not_a_file(path: str | os.PathLike[str]) -> InputRefused:
    """It is a pipe, a socket or a device."""
    return InputRefused(
        message("“{name}” is not an ordinary file.", name=shown_name(path)), PICTURE_HINT, kind="not-a-picture"
    )


def no_permission(path: str | os.PathLike[str]) -> InputRefused:
    """It may not be read."""
    return InputRefused(
        message("There is no permission to read “{name}”.", name=shown_name(path)),
        message("Change the file's permissions, or ask its owner for a copy."),
        kind="permission",
    )


def not_a_picture(path: str | os.PathLike[str]) -> InputRefused:
    """Its content is no picture that can be opened."""
    return InputRefused(
        message("“{name}” is not a picture that can be opened.", name=shown_name(path)),
        PICTURE_HINT,
        kind="not-a-picture",
    )


def a_video(path: str | os.PathLike[str]) -> InputRefused:
    """It is a video where a picture is wanted."""
    return InputRefused(
        message("“{name}” is a video, and a photo is wanted here.", name=shown_name(path)),
        message("Save a frame in which the face is seen well as a picture."),
        kind="not-a-picture",
    )


def not_a_video(path: str | os.PathLike[str]) -> InputRefused:
    """Its content is no video that can be opened."""
    return InputRefused(
        message("“{name}” is not a video that can be opened.", name=shown_name(path)), VIDEO_HINT, kind="not-a-video"
    )


def no_picture_track(path: str | os.PathLike[str]) -> InputRefused:
    """It has sound or subtitles only."""
    return InputRefused(
        message("“{name}” has no moving picture in it, only sound or other tracks.", name=shown_name(path)),
        message("Choose a file with a picture track."),
        kind="no-picture",
    )


def unknown_codec(path: str | os.PathLike[str]) -> InputRefused:
    """Nothing here can decode it."""
    return InputRefused(
        message("“{name}” cannot be decoded: its picture track is stored in an unknown way.", name=shown_name(path)),
        message("Convert it to H.264 in an MP4 file with another program."),
        kind="unreadable",
    )


def encrypted(path: str | os.PathLike[str]) -> InputRefused:
    """It is protected."""
    return InputRefused(
        message("“{name}” is encrypted, so its frames cannot be read.", name=shown_name(path)),
        message("Use a copy without copy protection."),
        kind="unreadable",
    )


def no_frames(path: str | os.PathLike[str]) -> InputRefused:
    """Not a single frame can be decoded."""
    return InputRefused(
        message("“{name}” has no frame that can be shown.", name=shown_name(path)),
        message("It may be damaged, or cut off while it was copied. Copy or download it again."),
        kind="unreadable",
    )


def times_start_over(path: str | os.PathLike[str]) -> InputRefused:
    """Recordings were put one behind the other, each with a clock of its own."""
    return InputRefused(
        message(
            "“{name}” holds several recordings, one behind the other: its times start over.", name=shown_name(path)
        ),
        message("Open it in a video editor and save it as one MP4 file."),
        kind="unreadable",
    )


def replaced(path: str | os.PathLike[str]) -> InputRefused:
    """It is no longer the file that was opened."""
    return InputRefused(
        message("“{name}” has changed since it was opened.", name=shown_name(path)),
        message("Open it again."),
        kind="changed",
    )


def a_raw_file(path: str | os.PathLike[str]) -> InputRefused:
    """It is a camera's undeveloped file."""
    return InputRefused(
        message("“{name}” is a camera's raw file, which has to be developed first.", name=shown_name(path)),
        message("Export it as JPEG or TIFF with the camera's or another program."),
        kind="not-a-picture",
    )


def another_sort(path: str | os.PathLike[str], sort: str) -> InputRefused:
    """It is something else that is known by name, such as a PDF document."""
    return InputRefused(
        message("“{name}” is not a picture but {sort}.", name=shown_name(path), sort=sort),
        PICTURE_HINT,
        kind="not-a-picture",
    )


def damaged(path: str | os.PathLike[str]) -> InputRefused:
    """It is a picture, but its data end too early or contradict themselves."""
    return InputRefused(
        message("“{name}” is damaged or incomplete and cannot be opened.", name=shown_name(path)),
        message("Copy or download it again. If another program still shows it, save it from there as a new file."),
        kind="unreadable",
    )


def unreadable(path: str | os.PathLike[str], error: OSError) -> InputRefused:
    """The disk or the network failed while it was read."""
    return InputRefused(
        message(
            "“{name}” could not be read: {reason}.",
            name=shown_name(path),
            reason=(error.strerror or type(error).__name__).rstrip("."),
        ),
        message("Check the drive or the network connection, and try again."),
        kind="unreadable",
    )


def too_large(path: str | os.PathLike[str], width: int, height: int, max_pixels: int) -> InputRefused:
    """It has more pixels than are opened."""
    return InputRefused(
        message(
            "“{name}” has {width} × {height} pixels ({megapixels} megapixels); at most {limit} are opened.",
            name=shown_name(path),
            width=width,
            height=height,
            megapixels=f"{width * height / 1e6:,.0f}",
            limit=f"{max_pixels / 1e6:,g}",
        ),
        message("Make it smaller in another program, or raise the limit in the settings."),
        kind="too-large",
    )


def side_too_long(path: str | os.PathLike[str], width: int, height: int, max_side: int) -> InputRefused:
    """One of its sides is absurdly long."""
    return InputRefused(
        message(
            "“{name}” has {width} × {height} pixels; no side may be longer than {limit}.",
            name=shown_name(path),
            width=width,
            height=height,
            limit=max_side,
        ),
        message("Cut it to a smaller piece in another program."),
        kind="too-large",
    )


def file_too_large(path: str | os.PathLike[str], size_bytes: int, max_bytes: int) -> InputRefused:
    """Its format has to be read into memory whole, and it is too long for that."""
    return InputRefused(
        message(
            "“{name}” is {size} MB long; files of its format may have at most {limit} MB.",
            name=shown_name(path),
            size=f"{size_bytes / 1e6:,.0f}",
            limit=f"{max_bytes / 1e6:,.0f}",
        ),
        message("Save it in another format, such as PNG, with another program."),
        kind="too-large",
    )


def refuse_os_error(path: str | os.PathLike[str], error: OSError | ValueError) -> InputRefused:
    """Turn what the operating system said while reading into a refusal.

    ``ValueError`` comes from a name that no file can have (a NUL in it).
    """
    if not isinstance(error, OSError) or error.errno in _MISSING_CODES:
        return missing(path)
    if error.errno in _PERMISSION_CODES:
        return no_permission(path)
    if error.errno == errno.EISDIR:
        return folder(path)
    return unreadable(path, error)
