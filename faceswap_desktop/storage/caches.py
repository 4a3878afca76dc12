"""What lies on the disk, and clearing what can be made again."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, NamedTuple

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.failures import storage_error
from faceswap_desktop.storage.paths import Home

CLEARABLE: Final = ("thumbnails", "atlases", "videos", "scratch")


class Usage(NamedTuple):
    """How much lies somewhere."""

    bytes: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """What each part of a home takes on the disk."""

    thumbnails: Usage
    atlases: Usage
    videos: Usage
    scratch: Usage
    results: Usage
    database: Usage
    faces: Usage
    held: Usage

    @property
    def total(self) -> Usage:
        """All of it."""
        parts: list[Usage] = [getattr(self, item.name) for item in fields(self)]
        return Usage(sum(part.bytes for part in parts), sum(part.files for part in parts))

    @property
    def clearable(self) -> Usage:
        """What ``clear_caches`` can free."""
        parts: list[Usage] = [getattr(self, name) for name in CLEARABLE]
        return Usage(sum(part.bytes for part in parts), sum(part.files for part in parts))


class _File(NamedTuple):
    path: Path
    size: int
    used: float


def usage(home: Home, results_folder: Path | None = None) -> CacheUsage:
    """Measure a home; what cannot be read counts as nothing.

    Args:
        home: Which home.
        results_folder: Where results go if the settings name another folder.
    """
    database = [file for file in _files(home.root, depth=1) if file.path.name.startswith(home.database.name)]
    return CacheUsage(
        thumbnails=_sum(_files(home.thumbnails_folder)),
        atlases=_sum(_files(home.atlases_folder)),
        videos=_sum(_files(home.videos_folder)),
        scratch=_sum(_files(home.scratch_folder)),
        results=_sum(_files(results_folder or home.results_folder)),
        database=_sum(database),
        faces=_sum(_files(home.faces_folder)),
        held=_sum(_files(home.held_folder)),
    )


def clear_caches(home: Home, kinds: Iterable[str] = CLEARABLE, keep: Collection[Path] = ()) -> int:
    """Delete caches and return how many bytes that freed. Everything that can be deleted is, before it complains.

    Args:
        home: Which home.
        kinds: Some of ``thumbnails``, ``atlases``, ``videos``, ``scratch``.
        keep: Files and folders that are in use.

    Raises:
        StorageError: Something could not be deleted.
        ValueError: A kind is unknown.
    """
    folders = [_folder_of(home, kind) for kind in kinds]
    return _delete([file for folder in folders for file in _files(folder)], keep, folders)


def clear_scratch(home: Home) -> int:
    """Delete unfinished work and return how many bytes that freed; only while no jobs run on this home.

    Raises:
        StorageError: Something could not be deleted.
    """
    return clear_caches(home, ("scratch",))


def trim(home: Home, limit_bytes: int, keep: Collection[Path] = ()) -> int:
    """Delete thumbnails, atlases and what is known of videos, oldest first, until they take at most ``limit_bytes``.

    What is known of one video goes as a whole.

    Args:
        home: Which home.
        limit_bytes: What may stay.
        keep: Files and folders that are in use; they count, but stay.

    Returns:
        How many bytes were freed.

    Raises:
        StorageError: Something could not be deleted.
    """
    items = [[file] for folder in (home.thumbnails_folder, home.atlases_folder) for file in _files(folder)]
    items += [files for folder in _folders_in(home.videos_folder) if (files := list(_files(folder)))]
    items.sort(key=lambda files: max(file.used for file in files))
    surplus = sum(file.size for files in items for file in files) - limit_bytes
    going: list[_File] = []
    for files in items:
        if surplus <= 0:
            break
        if not any(_is_kept(file.path, keep) for file in files):
            going += files
            surplus -= sum(file.size for file in files)
    return _delete(going, (), (home.videos_folder,))


def _folder_of(home: Home, kind: str) -> Path:
    folders = {
        "thumbnails": home.thumbnails_folder,
        "atlases": home.atlases_folder,
        "videos": home.videos_folder,
        "scratch": home.scratch_folder,
    }
    if kind not in folders:
        raise ValueError(f"no such cache: {kind}")
    return folders[kind]


def _files(folder: Path, depth: int = 20) -> Iterator[_File]:
    """Yield all files below a folder; links are not followed, and what vanishes meanwhile is left out."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    if depth > 1:
                        yield from _files(Path(entry.path), depth - 1)
                else:
                    stat = entry.stat(follow_symlinks=False)
                    # Most systems tell to the day when a file was read last; where they do not, when it was made.
                    yield _File(Path(entry.path), stat.st_size, max(stat.st_mtime, stat.st_atime))


def _folders_in(folder: Path) -> list[Path]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _sum(files: Iterable[_File]) -> Usage:
    sizes = [file.size for file in files]
    return Usage(sum(sizes), len(sizes))


def _is_kept(path: Path, keep: Collection[Path]) -> bool:
    return any(path == kept or kept in path.parents for kept in keep)


def _delete(files: Iterable[_File], keep: Collection[Path], empty_below: Iterable[Path]) -> int:
    freed = 0
    failure: StorageError | None = None
    for file in files:
        if _is_kept(file.path, keep):
            continue
        try:
            file.path.unlink(missing_ok=True)
            freed += file.size
        except OSError as error:
            failure = failure or storage_error(error, file.path)
    for folder in empty_below:
        _remove_empty_folders(folder)
    if failure is not None:
        raise failure
    return freed


def _remove_empty_folders(top: Path) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        if Path(folder) != top:
            with suppress(OSError):  # not empty
                Path(folder).rmdir()
