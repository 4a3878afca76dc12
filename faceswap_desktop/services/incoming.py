"""What comes in: pixels from the clipboard become files of ours, folders become the pictures in them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.paths import Home

_FOLDER = "pasted"
MOST_FROM_FOLDERS = 500
"""More pictures than this are not opened at once; whoever wants more opens the next folder."""


async def keep_pasted_picture(home: Home, png: bytes) -> Path:
    """Write pixels from the clipboard into the home and return the file: a job needs one that stays.

    The same pixels pasted twice are one file, so that the Studio knows them again.

    Args:
        home: Whose data folder gets it, as ``pasted/pasted-<digest>.png``.
        png: The picture, encoded.

    Raises:
        StorageError: The disk is full, read-only or forbidden.
    """
    return await asyncio.to_thread(_write, home.root / _FOLDER, png)


def _write(folder: Path, png: bytes) -> Path:
    path = folder / f"pasted-{hashlib.sha256(png).hexdigest()[:12]}.png"
    with mapped_errors(path):
        # Pictures of people: not for other users of this computer to read.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.is_file():
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(png)
            unfinished.replace(path)
    return path


async def pictures_in(paths: Iterable[Path], suffixes: Collection[str]) -> list[Path]:
    """Replace every folder by the pictures in it and below it, in the order of their names.

    Args:
        paths: Files and folders. Files are returned as they are, whatever they are called.
        suffixes: What pictures in folders end in, in lower case and without the dot.

    Returns:
        At most ``MOST_FROM_FOLDERS`` from folders; what cannot be listed is left out.
    """
    return await asyncio.to_thread(_expanded, list(paths), frozenset(suffixes))


def _expanded(paths: list[Path], suffixes: frozenset[str]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(one for one in folders if not one.startswith("."))
            found += [
                Path(folder, name)
                for name in sorted(names, key=str.casefold)
                if not name.startswith(".") and Path(name).suffix.lower().lstrip(".") in suffixes
            ]
            if len(found) >= MOST_FROM_FOLDERS:
                return found[:MOST_FROM_FOLDERS]
    return found
