"""How a finished file gets into the results folder: under a free name, whole or not at all, and never twice."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.job import Job, ResultId
from faceswap_desktop.domain.work import FetchedFile
from faceswap_desktop.jobs.placement import Converted, Placement, digest_of, sidecar_beside
from faceswap_desktop.media.atomic_file import move_without_overwriting, write_new_file
from faceswap_desktop.media.naming import result_name
from faceswap_desktop.storage.atomic import sync_folder
from faceswap_desktop.storage.failures import mapped_errors

_CHUNK: Final = 2**20
_WITH_SIDECAR: Final = frozenset({".mkv", ".webm"})
"""Extensions of results beside which a sidecar goes, so that its name has to be free as well."""


class Placer:
    """Chooses names and puts files in their place. No two jobs of one runner are given the same name."""

    def __init__(self) -> None:
        self._reserved: set[str] = set()
        # Where the search for a number went to last, by the name with number 1: of thousands it is not begun anew.
        self._numbers: dict[str, int] = {}
        self._choosing = asyncio.Lock()

    def reserve(self, placement: Placement) -> None:
        """Keep a name for a job that was about to use it when the program ended."""
        self._reserved.update(_names_of(placement.path))

    def free(self, placement: Placement) -> None:
        """The name is used, or no longer wanted."""
        self._reserved.difference_update(_names_of(placement.path))

    async def plan(self, job: Job, file: FetchedFile, folder: Path) -> Placement:
        """Choose a free name by the recipe's template and reserve it.

        Raises:
            UsageError: The template has an unknown place.
            StorageError: The folder cannot be made.
        """
        async with self._choosing:
            path = await asyncio.to_thread(self._choose, job, Path(file.path).suffix, folder)
            self._reserved.update(_names_of(path))
        return Placement(ResultId(uuid.uuid4().hex[:16]), path, file)

    async def plan_again(self, job: Job, placement: Placement) -> Placement:
        """Choose another name, because somebody took the first in the meantime."""
        self.free(placement)
        other = await self.plan(job, placement.file, Path(placement.path).parent)
        return replace(placement, path=other.path)

    def _choose(self, job: Job, extension: str, folder: Path) -> str:
        with mapped_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        names = self._names(job, extension, folder)
        path = first = names(1)
        for number in count(self._numbers.get(first, 1)):
            path = names(number)
            if all(one not in self._reserved and not os.path.lexists(one) for one in _names_of(path)):
                if number > 1:
                    self._numbers[first] = number
                break
        return path

    @staticmethod
    def _names(job: Job, extension: str, folder: Path) -> Callable[[int], str]:
        """Return what makes a job's name out of a number, all at one time of the day."""
        template, now = job.recipe.name_template, time.localtime()
        values = {
            "name": Path(job.recipe.media.path).stem,
            "source": job.recipe.cast,
            "date": time.strftime("%Y-%m-%d", now),
            "time": time.strftime("%H.%M.%S", now),
        }

        def path_of(number: int) -> str:
            stem = result_name(template, **values, n=number)
            if number > 1 and "{n}" not in template:
                stem = f"{stem} ({number})"
            return str(folder / f"{stem}{extension}")

        return path_of


def place(placement: Placement) -> None:
    """Put the file in its place in one step, after what goes beside it.

    Raises:
        FileExistsError: One of the names was taken in the meantime.
        FileNotFoundError: The file is no longer in the scratch folder.
        StorageError: The disk is full, read-only or forbidden.
    """
    scratch, final = Path(placement.placed.path), Path(placement.path)
    if not scratch.is_file():
        raise FileNotFoundError(scratch)
    put_sidecar(placement)
    try:
        _put(scratch, final)
    except FileExistsError:
        _remove_ours(Path(placement.sidecar_path), placement.sidecar)
        raise


def put_sidecar(placement: Placement) -> None:
    """Put beside the result's place what holds its credentials, where the result cannot; it may be there already.

    Raises:
        FileExistsError: Its name was taken in the meantime.
        FileNotFoundError: It is no longer in the scratch folder.
        StorageError: The disk is full, read-only or forbidden.
    """
    if placement.sidecar is not None and not is_ours(Path(placement.sidecar_path), placement.sidecar):
        _put(Path(placement.sidecar.path), Path(placement.sidecar_path))


def _put(scratch: Path, final: Path) -> None:
    try:
        os.link(scratch, final)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError as error:
        if error.errno == errno.EXDEV:
            _copy(scratch, final)
        else:
            _move(scratch, final)
    sync_folder(final.parent)


def deliver_copy(placement: Placement, requested_path: str) -> None:
    """Write the copy that the user asked for; one that was written before a crash is left as it is.

    A copy, not a link: editing it must not change the library's file.

    Raises:
        StorageError: Something else has that name (kind ``exists``), or it cannot be written there.
    """
    requested, beside = Path(requested_path), placement.copied_sidecar
    if beside is not None and not is_ours(sidecar_beside(requested), beside):
        kept = Path(beside.path)
        source = kept if kept.is_file() else Path(placement.sidecar_path)
        _copy(source, sidecar_beside(requested), refuse_existing=True)
    if not is_ours(requested, placement.copied):
        scratch = Path(placement.copied.path)
        # After a crash only the file in the library may be left.
        _copy(scratch if scratch.is_file() else Path(placement.path), requested, refuse_existing=True)


def has_to_convert(placement: Placement, requested_path: str) -> bool:
    """Say whether the copy in another format is neither where it was asked for nor in the scratch folder."""
    if placement.converted is None:
        return False
    is_there = is_ours(Path(requested_path), placement.copied)
    return not is_there and not Path(placement.copied.path).is_file()


def is_ours(path: Path, file: FetchedFile | Converted) -> bool:
    """Say whether a file has this very content, byte by byte."""
    try:
        return path.stat().st_size == file.size_bytes and digest_of(path) == file.sha256
    except OSError:
        return False


def take_back(placement: Placement, requested_path: str) -> None:
    """Remove what was put in place for a job that will not be finished."""
    final = Path(placement.path)
    # An empty file is what a file system without links may keep of a name that was being taken.
    if is_ours(final, placement.placed) or _is_empty(final):
        with mapped_errors(final):
            final.unlink(missing_ok=True)
    _remove_ours(Path(placement.sidecar_path), placement.sidecar)
    if requested_path:
        _remove_ours(Path(requested_path), placement.copied)
        _remove_ours(sidecar_beside(requested_path), placement.copied_sidecar)


def _remove_ours(path: Path, file: FetchedFile | Converted | None) -> None:
    if file is not None and is_ours(path, file):
        with mapped_errors(path):
            path.unlink(missing_ok=True)


def _names_of(path: str) -> tuple[str, ...]:
    """Return the names that a result takes: its own, and its sidecar's where it needs one."""
    return (path, str(sidecar_beside(path))) if Path(path).suffix.lower() in _WITH_SIDECAR else (path,)


def _is_empty(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size == 0
    except OSError:
        return False


def _move(scratch: Path, final: Path) -> None:
    """Move the file where there are no links: a video of hours is not copied on its own disk."""
    try:
        move_without_overwriting(scratch, final)
    except FileExistsError:
        raise
    except OSError:
        # Whatever it is, copying says it in a sentence, or helps.
        _copy(scratch, final)


def _copy(scratch: Path, final: Path, *, refuse_existing: bool = False) -> None:
    def write(stream: BinaryIO) -> None:
        with scratch.open("rb") as source:
            shutil.copyfileobj(source, stream, _CHUNK)

    try:
        write_new_file(final, write, numbered=False)
    except StorageError as error:
        if error.kind == "exists" and not refuse_existing:
            raise FileExistsError(final) from error
        raise
