"""Deleted files wait here until their undo expires; then they go to the system's trash."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from faceswap_desktop.domain.errors import StorageError, UsageError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.storage.atomic import sync_folder
from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.failures import mapped_errors, shown_path
from faceswap_desktop.storage.paths import Home

logger = logging.getLogger(__name__)

HeldToken = NewType("HeldToken", str)


@dataclass(frozen=True, slots=True)
class HeldFiles:
    """Files that were taken away together.

    Attributes:
        token: Names them, over restarts too.
        origins: Where they lay.
        held_at: Seconds since the epoch.
    """

    token: HeldToken
    origins: tuple[Path, ...]
    held_at: float


class HeldStore:
    """Takes files away, brings them back, or hands them to the trash. Where each lay is on the disk before it moves."""

    def __init__(self, home: Home, db: Database) -> None:
        self._folder = home.held_folder
        self._db = db
        self._told: set[HeldToken] = set()

    async def hold_files(self, paths: Iterable[Path]) -> HeldFiles:
        """Move files into the held folder, all or none; those that are gone already are passed over.

        Raises:
            StorageError: One could not be moved; then all are where they were.
        """
        there = await asyncio.to_thread(lambda: tuple(path for path in paths if path.is_file()))
        held = HeldFiles(HeldToken(uuid.uuid4().hex), there, time.time())
        values = (held.token, to_text([str(path) for path in there]), held.held_at)
        await self._db.write(lambda connection: connection.execute("INSERT INTO held_files VALUES (?, ?, ?)", values))
        try:
            await asyncio.to_thread(_move_all, _places(self._folder, held))
        except StorageError:
            # Not on cancellation: the thread goes on moving, and the row must tell where things are.
            if not await asyncio.to_thread(lambda: list((self._folder / held.token).glob("*/*"))):
                await self._forget(held.token)
            raise
        return held

    async def bring_back(self, held: HeldFiles) -> tuple[Path, ...]:
        """Move files back to where they lay.

        Returns:
            Where they lie now, in the order of ``held.origins``: a name that was taken meanwhile gets a number.

        Raises:
            UsageError: They went to the trash already (kind ``gone``).
            StorageError: One could not be moved; then all are still held.
        """
        if held.token not in {one.token for one in await self.all()}:
            raise UsageError(
                message("The time to bring this back is over."), message("Look in the system's trash."), kind="gone"
            )
        back = [(waiting, origin) for origin, waiting in _places(self._folder, held)]
        brought = await asyncio.to_thread(_move_all, back)
        await self._forget(held.token)
        return brought

    async def all(self) -> list[HeldFiles]:
        """Return what is held, oldest first."""

        def read(connection: sqlite3.Connection) -> list[HeldFiles]:
            rows = connection.execute("SELECT token, files, held_at FROM held_files ORDER BY held_at, token").fetchall()
            return [
                HeldFiles(HeldToken(token), tuple(Path(path) for path in from_text(files)), held_at)
                for token, files, held_at in rows
            ]

        return await self._db.read(read)

    async def expire(self, before: float) -> Message | None:
        """Hand what was held at ``before`` or earlier to the system's trash.

        Returns:
            What to tell the user if the trash does not take it: it stays in the held folder. Said once a session.
        """
        failed: list[HeldFiles] = []
        for held in await self.all():
            if held.held_at > before:
                continue
            if await asyncio.to_thread(_trash, self._folder / held.token):
                await self._forget(held.token)
            else:
                failed.append(held)
        new = [held for held in failed if held.token not in self._told]
        self._told.update(held.token for held in new)
        if not new:
            return None
        return message(
            "{count} deleted files could not be put into the system's trash. They are kept in “{folder}”.",
            count=sum(len(held.origins) for held in new),
            folder=shown_path(self._folder),
        )

    async def destroy(self, origins: Collection[Path]) -> list[tuple[Path, OSError]]:
        """Delete what is held of some files for good; what else was taken away with them can still come back.

        Returns:
            What could not be deleted, and why.
        """
        wanted, troubles = set(origins), list[tuple[Path, OSError]]()
        for held in await self.all():
            if wanted.isdisjoint(held.origins):
                continue
            places = [waiting for origin, waiting in _places(self._folder, held) if origin in wanted]
            troubles += await asyncio.to_thread(_delete_all, places)
            if not await asyncio.to_thread(_files_in, self._folder / held.token):
                await self._forget(held.token)
        return troubles

    async def _forget(self, token: HeldToken) -> None:
        await self._db.write(lambda connection: connection.execute("DELETE FROM held_files WHERE token = ?", (token,)))
        await asyncio.to_thread(_remove_empty, self._folder / token)


def _places(folder: Path, held: HeldFiles) -> list[tuple[Path, Path]]:
    """Return where each file lay and where it waits; a folder each, because names may be equal."""
    return [(origin, folder / held.token / str(number) / origin.name) for number, origin in enumerate(held.origins)]


def _move_all(moves: Sequence[tuple[Path, Path]]) -> tuple[Path, ...]:
    """Move files, all or none. One that is not where it should be is passed over: it had not been moved yet."""
    done: list[tuple[Path, Path]] = []
    arrived: list[Path] = []
    for source, wanted in moves:
        if not source.exists():
            arrived.append(wanted)
            continue
        try:
            target = _move(source, wanted)
        except BaseException:
            for start, end in reversed(done):
                with suppress(StorageError):
                    _move(end, start)
            raise
        done.append((source, target))
        arrived.append(target)
    return tuple(arrived)


def _move(source: Path, wanted: Path) -> Path:
    with mapped_errors(wanted):
        wanted.parent.mkdir(parents=True, exist_ok=True)
        target = _free_name(wanted)
        try:
            source.rename(target)
        except OSError as error:
            if not _is_other_disk(source, target.parent):
                raise
            logger.debug("moving over to another disk: %s", error)
            _copy_over(source, target)
        sync_folder(target.parent)
    return target


def _is_other_disk(source: Path, folder: Path) -> bool:
    return source.stat().st_dev != folder.stat().st_dev


def _copy_over(source: Path, target: Path) -> None:
    scratch = target.with_name(f".{target.name[:40]}.part")
    try:
        shutil.copy2(source, scratch)
        scratch.rename(target)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    source.unlink()


def _free_name(path: Path) -> Path:
    candidate, number = path, 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.stem} ({number}){path.suffix}"), number + 1
    return candidate


def _trash(folder: Path) -> bool:
    """Put every file below a folder into the trash; returns whether none is left."""
    from send2trash import send2trash

    for file in sorted(folder.glob("*/*")):
        try:
            send2trash(file)
        except (OSError, ValueError) as error:  # ValueError: a name that is no text
            logger.info("the trash does not take a file: %s", error)
            return False
    return True


def _files_in(folder: Path) -> list[Path]:
    return list(folder.glob("*/*"))


def _delete_all(files: Iterable[Path]) -> list[tuple[Path, OSError]]:
    troubles: list[tuple[Path, OSError]] = []
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            troubles.append((file, error))
    return troubles


def _remove_empty(folder: Path) -> None:
    for inner in [*folder.glob("*"), folder]:
        with suppress(OSError):
            inner.rmdir()
