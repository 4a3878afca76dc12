"""Copies of results, where the user wants them: with their credentials, and remembered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import BinaryIO, Final

from faceswap_desktop.domain.errors import StorageError, UsageError
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.jobs.placement import digest_of, sidecar_beside
from faceswap_desktop.media.atomic_file import write_new_file
from faceswap_desktop.services.signing import Signing
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore, format_of
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import SaveCopy, WrittenCopy

_MOST_NAMES: Final = 1000
_TRIES: Final = 8
_BLOCK: Final = 2**20


class Copies:
    """Writes copies of results."""

    def __init__(self, home: Home, results: ResultStore, pool: WorkerPool, signing: Signing | None) -> None:
        self._home = home
        self._results = results
        self._pool = pool
        self._signing = signing

    async def save(self, result: JobResult, wanted: Path, options: OutputOptions) -> WrittenCopy:
        """Write a copy in the format of its extension; see ``Gallery.save_as``.

        In the result's own format it is the same byte by byte, and what lies beside the result goes along. In another
        it is signed again, with the result as what it was made from.

        Raises:
            InputRefused: The result's file is gone.
            UsageError: The extension is none we write.
            SignerError: The copy is in another format, and cannot be signed now.
            StorageError: The place is full, read-only or forbidden.
        """
        if format_of(result.path) == format_of(str(wanted)) or not _is_signed(result) or self._signing is None:
            copy = await self._save_as_it_is(result, wanted, options)
        else:
            copy = await self._save_converted(result, wanted, options, self._signing)
        await self._results.marks.add_copy(result.id, copy.path, time.time())
        return copy

    async def _save_as_it_is(self, result: JobResult, wanted: Path, options: OutputOptions) -> WrittenCopy:
        sidecar = Path(result.mark.sidecar) if result.mark is not None and result.mark.sidecar else None
        if sidecar is not None and not await asyncio.to_thread(sidecar.is_file):
            sidecar = None
        # Names that are taken are passed over here; that no file is replaced is the worker's business.
        for target in await asyncio.to_thread(_free_names, wanted, with_sidecar=sidecar is not None):
            with contextlib.ExitStack() as taken_back:
                try:
                    if sidecar is not None:
                        beside = await asyncio.to_thread(_copy, sidecar, sidecar_beside(target))
                        taken_back.callback(Path(beside.path).unlink, missing_ok=True)
                    copy: WrittenCopy = await self._pool.run("save_copy", SaveCopy(result.path, str(target), options))
                except StorageError as error:
                    if error.kind != "exists":
                        raise
                else:
                    taken_back.pop_all()
                    return copy
        raise _too_many(wanted)

    async def _save_converted(
        self, result: JobResult, wanted: Path, options: OutputOptions, signing: Signing
    ) -> WrittenCopy:
        folder = Path(await asyncio.to_thread(self._make_folder))
        try:
            made: WrittenCopy = await self._pool.run(
                "save_copy", SaveCopy(result.path, str(folder / f"copy{wanted.suffix}"), options)
            )
            source = Path(made.path)
            if await asyncio.to_thread(digest_of, source) != result.digest:
                out = source.with_name(f"signed{source.suffix}")
                source = Path((await signing.sign_conversion(result, source, out)).path)
            for target in await asyncio.to_thread(_free_names, wanted, with_sidecar=False):
                try:
                    return await asyncio.to_thread(_copy, source, target)
                except StorageError as error:
                    if error.kind != "exists":
                        raise
            raise _too_many(wanted)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _make_folder(self) -> str:
        with mapped_errors(self._home.scratch_folder):
            return tempfile.mkdtemp(prefix="copy-", dir=self._home.scratch_folder)


def _is_signed(result: JobResult) -> bool:
    return result.mark is not None and result.mark.signer is not None


def _copy(source: Path, target: Path) -> WrittenCopy:
    def write(stream: BinaryIO) -> None:
        with source.open("rb") as opened:
            shutil.copyfileobj(opened, stream, _BLOCK)

    written = write_new_file(target, write, numbered=False)
    return WrittenCopy(str(written.path), written.size_bytes)


def _too_many(wanted: Path) -> StorageError:
    return StorageError(message("There are too many files called “{name}”.", name=wanted.name), kind="exists")


def _free_names(wanted: Path, *, with_sidecar: bool) -> list[Path]:
    """Return the wanted name and numbered ones, as far as nobody has them now.

    Raises:
        UsageError: It is no name of a file.
    """
    if not wanted.name:
        raise UsageError(message("Give the copy a name."))
    names = [
        wanted,
        *(wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}") for number in range(2, _MOST_NAMES)),
    ]

    def is_free(name: Path) -> bool:
        return not os.path.lexists(name) and not (with_sidecar and os.path.lexists(sidecar_beside(name)))

    first = next((place for place, name in enumerate(names) if is_free(name)), len(names))
    return names[first : first + _TRIES]
