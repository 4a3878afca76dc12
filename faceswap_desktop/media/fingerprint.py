"""How an original is known again, without a decoder and without reading all of it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from faceswap_desktop.domain.media import Fingerprint, MediaId
from faceswap_desktop.media.refusals import empty, folder, not_a_file, refuse_os_error

BLOCK: Final = 64 * 1024


def fingerprint(path: str | os.PathLike[str]) -> Fingerprint:
    """Measure a file: length, time of the last change, and a digest of its first, middle and last 64 KiB.

    The three blocks overlap in files shorter than 192 KiB; the digest is well defined all the same.

    Raises:
        InputRefused: ``missing``, ``folder``, ``empty``, ``permission``, ``unreadable``, or ``not-a-picture``
            for pipes and devices.
    """
    try:
        with open_regular(path) as stream:
            status = os.fstat(stream.fileno())
            length = status.st_size
            digest = hashlib.sha256(length.to_bytes(8, "big"))
            for offset in (0, max(0, (length - BLOCK) // 2), max(0, length - BLOCK)):
                stream.seek(offset)
                digest.update(stream.read(BLOCK))
    except OSError as error:
        raise refuse_os_error(path, error) from error
    return Fingerprint(length, status.st_mtime_ns, digest.hexdigest())


def media_id(path: str | os.PathLike[str], known: Fingerprint) -> MediaId:
    """Derive the id of a media: 32 hexadecimal digits from the absolute path and the fingerprint.

    A file that was changed, or copied elsewhere, is another media.
    """
    digest = hashlib.sha256(os.fsencode(Path(path).absolute()))
    digest.update(f"\0{known.size_bytes}\0{known.modified_ns}\0{known.quick_digest}".encode())
    return MediaId(digest.hexdigest()[:32])


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file that has content, for reading; the caller closes it.

    Pipes and devices are refused before they are opened, since opening them could wait for ever.

    Raises:
        InputRefused: Kinds as for ``fingerprint``.
    """
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise folder(path)
        if not stat.S_ISREG(status.st_mode):
            raise not_a_file(path)
        if status.st_size == 0:
            raise empty(path)
        return Path(path).open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise refuse_os_error(path, error) from error
