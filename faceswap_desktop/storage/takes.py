"""Recordings and snapshots of live pictures that are not results yet: a folder each, with a note of what is in it.

The note is written before the first picture, so that whatever is found in such a folder later is known: who is in it,
which label is burnt in, when it began. While a process records it holds a lock in the folder; the system takes that
away with the process, however that ends.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, SourceRef
from faceswap_desktop.domain.recipe_json import label_from_json
from faceswap_desktop.storage.atomic import sync_folder, write_atomically
from faceswap_desktop.storage.failures import disk_full, mapped_errors

logger = logging.getLogger(__name__)

LEAST_ROOM_BYTES: Final = 128 * 2**20
"""A recording is not begun where there is less: it would end at once."""
_NOTE: Final = "take.json"
_LOCK: Final = "in-use.lock"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Take:
    """What is known of a take that is not a result yet.

    Attributes:
        id: Unique; the name of its folder.
        folder: Where it lies.
        file: Name of the recording or picture in it; it may not be there yet.
        camera: Name of the camera, for people.
        service: Id of the provider that changed the faces; empty for this computer.
        began_at: Seconds since the epoch.
        sources: Whose faces are in it.
        years: By how many years ages are changed in it.
        label: The label that is burnt in wherever somebody is changed.
        is_picture: A snapshot, not a recording.
        width, height: Pixels, where ``file`` holds nothing but pixels (``.rgb``); else 0.
        job: The job that finishes it; empty for none yet.
        output: Where the result is wanted, beside the gallery; its extension says in what it is packed. Empty for
            nowhere.
    """

    id: str
    folder: Path
    file: str
    camera: str
    service: str = ""
    began_at: float = 0.0
    sources: tuple[SourceRef, ...] = ()
    years: tuple[int, ...] = ()
    label: LabelOptions = NO_LABEL
    is_picture: bool = False
    width: int = 0
    height: int = 0
    job: str = ""
    output: str = ""

    @property
    def path(self) -> Path:
        """The recording or picture."""
        return self.folder / self.file

    @property
    def has_cast(self) -> bool:
        """Whether somebody is changed in it."""
        return bool(self.sources or self.years)

    def shows(self, face: SourceFaceId, photos: Sequence[PhotoId] | set[PhotoId]) -> bool:
        """Say whether a source face is in it: by its id, or by one of its photos, which may have moved."""
        wanted = set(photos)
        return any(one.id == face or not wanted.isdisjoint(one.photos) for one in self.sources)


class TakeStore:
    """The takes of one home.

    Args:
        folder: Where their folders lie; made with the first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[str, FileLock] = {}

    def begin(self, take: Take) -> Take:
        """Make a folder with its note, and hold its lock.

        Args:
            take: Its ``id`` and ``folder`` are set here.

        Raises:
            StorageError: It cannot be written, or (kind ``disk-full``) there is no room to speak of.
        """
        new = uuid.uuid4().hex[:16]
        folder = self._folder / new
        with mapped_errors(folder):
            # Pictures of people: not for other users of this computer to read.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < LEAST_ROOM_BYTES:
                raise disk_full(folder)
            folder.mkdir(mode=0o700)
        made = replace(take, id=new, folder=folder, began_at=take.began_at or time.time())
        try:
            # Before the note: what has a note and no lock was left by a process that ended.
            self.lock(made)
            self.write(made)
        except BaseException:
            self.remove(made)
            raise
        sync_folder(self._folder)
        return made

    def write(self, take: Take) -> None:
        """Write the note anew, whole or not at all.

        Raises:
            StorageError: It cannot be written.
        """
        write_atomically(take.folder / _NOTE, json.dumps(_to_json(take), ensure_ascii=False).encode())

    def lock(self, take: Take) -> bool:
        """Hold a take, so that nobody else takes it up; says whether that could be had. It may be held already.

        Raises:
            StorageError: The folder cannot be written.
        """
        if take.id in self._locks:
            return True
        # One that another program only imitates with files would outlast a crash.
        lock = FileLock(take.folder / _LOCK, thread_local=False, fallback_to_soft=False)
        with mapped_errors(take.folder):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                return False
            except NotImplementedError as error:
                raise OSError(None, str(error)) from error
        self._locks[take.id] = lock
        return True

    def release(self, take: Take) -> None:
        """Let go of a take; does nothing where it is not held."""
        lock = self._locks.pop(take.id, None)
        if lock is not None:
            lock.release()

    def release_all(self) -> None:
        """Let go of every take that is held."""
        while self._locks:
            self._locks.popitem()[1].release()

    def holds(self, take: Take) -> bool:
        """Say whether this object holds a take."""
        return take.id in self._locks

    def all(self) -> list[Take]:
        """Return every take whose note can be read, oldest first."""
        takes = [self._read(folder) for folder in self._folders()]
        return sorted((take for take in takes if take is not None), key=lambda take: take.began_at)

    def unreadable(self) -> list[Path]:
        """Return the folders that hold something and no note that can be read."""
        return [folder for folder in self._folders() if self._read(folder) is None]

    def get(self, take_id: str) -> Take | None:
        """Return one take as its note says; None where there is none."""
        return self._read(self._folder / take_id)

    def of_path(self, path: str) -> Take | None:
        """Return the take to which a file belongs; None where it belongs to none."""
        folder = Path(path).parent
        return self._read(folder) if folder.parent == self._folder else None

    def remove(self, take: Take) -> bool:
        """Remove a take with all that is in its folder; says whether it is gone."""
        self.release(take)
        return remove_folder(take.folder)

    def _folders(self) -> list[Path]:
        try:
            return sorted(one for one in self._folder.iterdir() if one.is_dir() and not one.is_symlink())
        except OSError:
            return []

    def _read(self, folder: Path) -> Take | None:
        try:
            return _from_json(folder, json.loads((folder / _NOTE).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def remove_folder(folder: Path) -> bool:
    """Remove a folder with all that is in it; says whether it is gone. The note goes last."""
    try:
        for path in folder.iterdir():
            if path.name != _NOTE:
                path.unlink()
    except FileNotFoundError:
        return True
    except OSError as error:
        # With its note it can still be told whose face is in it.
        logger.warning("take %s could not be removed: %s", folder.name, error)
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _to_json(take: Take) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "file": take.file,
        "camera": take.camera,
        "service": take.service,
        "began_at": take.began_at,
        "sources": [{"id": one.id, "name": one.name, "photos": [*one.photos]} for one in take.sources],
        "years": [*take.years],
        "label": {item.name: getattr(take.label, item.name) for item in fields(LabelOptions)},
        "is_picture": take.is_picture,
        "width": take.width,
        "height": take.height,
        "job": take.job,
        "output": take.output,
    }


def _from_json(folder: Path, data: dict[str, Any]) -> Take:
    if data["version"] > _VERSION or Path(data["file"]).name != data["file"]:
        raise ValueError(f"the note of take {folder.name}")
    return Take(
        id=folder.name,
        folder=folder,
        file=data["file"],
        camera=str(data["camera"]),
        service=str(data["service"]),
        began_at=float(data["began_at"]),
        sources=tuple(
            SourceRef(SourceFaceId(one["id"]), one["name"], tuple(PhotoId(photo) for photo in one["photos"]))
            for one in data["sources"]
        ),
        years=tuple(int(one) for one in data["years"]),
        label=label_from_json(data["label"]),
        is_picture=bool(data["is_picture"]),
        width=int(data["width"]),
        height=int(data["height"]),
        job=str(data["job"]),
        output=str(data.get("output", "")),
    )
