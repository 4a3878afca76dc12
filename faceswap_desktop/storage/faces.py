"""Source faces and their photos as rows; the pictures themselves are files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import Embedding, PhotoId, SourceFace, SourceFaceId, SourcePhoto
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.codecs import from_text, grade_from_json, grade_to_json, path_in, path_out, to_text
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.failures import shown_text

_COLUMNS: Final = (
    "id, name, revision, thumbnail_path, embedding, embedding_checkpoint, created_at, on_shelf, position, deleted_at"
)


class SourceFaceStore:
    """Source faces in the database. A deleted one stays as a row until ``purge``, so that it can come back."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, face: SourceFace) -> None:
        """Add a source face as it is; its id must be new, also among the deleted ones.

        Raises:
            StorageError: It could not be written.
        """
        await self._db.write(lambda connection: _write_face(connection, face))

    async def get(self, face_id: SourceFaceId) -> SourceFace | None:
        """Return one source face, or None if there is none or it was deleted."""

        def read(connection: sqlite3.Connection) -> SourceFace | None:
            found = _select(connection, "WHERE deleted_at = 0 AND id = ?", (face_id,))
            return found[0] if found else None

        return await self._db.read(read)

    async def all(self) -> list[SourceFace]:
        """Return all source faces in the order of the shelf, without deleted ones."""
        return await self._db.read(
            lambda connection: _select(connection, "WHERE deleted_at = 0 ORDER BY position, created_at, id")
        )

    async def update(self, face: SourceFace) -> None:
        """Replace a source face and its photos.

        Raises:
            UsageError: It is not there, or was deleted (kind ``no-such-face``).
            StorageError: It could not be written.
        """

        def write(connection: sqlite3.Connection) -> None:
            if not _select(connection, "WHERE deleted_at = 0 AND id = ?", (face.id,)):
                raise UsageError(message("There is no source face {face}.", face=face.id), kind="no-such-face")
            _write_face(connection, face)

        await self._db.write(write)

    async def delete(self, ids: Iterable[SourceFaceId], when: float | None = None) -> list[SourceFace]:
        """Delete source faces so that ``restore`` brings them back; returns those that were there.

        Args:
            ids: Which; those that are gone are passed over.
            when: Seconds since the epoch; None for now.
        """
        deleted_at = time.time() if when is None else when

        def write(connection: sqlite3.Connection) -> list[SourceFace]:
            faces = [face for one in ids for face in _select(connection, "WHERE deleted_at = 0 AND id = ?", (one,))]
            connection.executemany(
                "UPDATE source_faces SET deleted_at = ? WHERE id = ?", [(deleted_at, face.id) for face in faces]
            )
            return faces

        return await self._db.write(write)

    async def restore(self, ids: Iterable[SourceFaceId]) -> list[SourceFace]:
        """Undo ``delete``; returns those that are there now."""

        def write(connection: sqlite3.Connection) -> list[SourceFace]:
            wanted = list(ids)
            connection.executemany("UPDATE source_faces SET deleted_at = 0 WHERE id = ?", [(one,) for one in wanted])
            return [face for one in wanted for face in _select(connection, "WHERE id = ?", (one,))]

        return await self._db.write(write)

    async def purge(self, before: float) -> list[SourceFace]:
        """Drop for good what was deleted at ``before`` or earlier, and return it; files are not touched."""

        def write(connection: sqlite3.Connection) -> list[SourceFace]:
            faces = _select(connection, "WHERE deleted_at > 0 AND deleted_at <= ?", (before,))
            connection.executemany("DELETE FROM source_faces WHERE id = ?", [(face.id,) for face in faces])
            return faces

        return await self._db.write(write)

    async def reorder(self, ids: Sequence[SourceFaceId]) -> None:
        """Put these first, in this order; the others follow in the order they had."""

        def write(connection: sqlite3.Connection) -> None:
            rows = connection.execute(
                "SELECT id FROM source_faces WHERE deleted_at = 0 ORDER BY position, created_at, id"
            )
            there = [SourceFaceId(row[0]) for row in rows]
            first = [one for one in dict.fromkeys(ids) if one in set(there)]
            order = [*first, *(one for one in there if one not in set(first))]
            connection.executemany(
                "UPDATE source_faces SET position = ? WHERE id = ?", [(place, one) for place, one in enumerate(order)]
            )

        await self._db.write(write)


def _write_face(connection: sqlite3.Connection, face: SourceFace) -> None:
    connection.execute(
        f"INSERT INTO source_faces ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "  # noqa: S608 - constants
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, revision = excluded.revision, "
        "thumbnail_path = excluded.thumbnail_path, embedding = excluded.embedding, "
        "embedding_checkpoint = excluded.embedding_checkpoint, created_at = excluded.created_at, "
        "on_shelf = excluded.on_shelf, position = excluded.position WHERE deleted_at = 0",
        (
            face.id,
            shown_text(face.name),
            face.revision,
            path_in(face.thumbnail_path),
            face.embedding.packed if face.embedding else None,
            face.embedding.checkpoint if face.embedding else None,
            face.created_at,
            int(face.on_shelf),
            face.position,
        ),
    )
    connection.execute("DELETE FROM source_photos WHERE face = ?", (face.id,))
    connection.executemany(
        "INSERT INTO source_photos (face, position, id, crop_path, origin_name, grade, weight) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                face.id,
                place,
                photo.id,
                path_in(photo.crop_path),
                shown_text(photo.origin_name),
                to_text(grade_to_json(photo.grade)),
                photo.weight,
            )
            for place, photo in enumerate(face.photos)
        ],
    )


def _select(connection: sqlite3.Connection, tail: str, values: tuple[Any, ...] = ()) -> list[SourceFace]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM source_faces {tail}", values).fetchall()  # noqa: S608 - ours
    return [_from_row(connection, row) for row in rows]


def _from_row(connection: sqlite3.Connection, row: tuple[Any, ...]) -> SourceFace:
    face_id, name, revision, thumbnail_path, packed, checkpoint, created_at, on_shelf, position, _deleted_at = row
    photos = connection.execute(
        "SELECT id, crop_path, origin_name, grade, weight FROM source_photos WHERE face = ? ORDER BY position",
        (face_id,),
    )
    return SourceFace(
        id=SourceFaceId(face_id),
        name=name,
        photos=tuple(
            SourcePhoto(PhotoId(photo), path_out(crop), origin, grade_from_json(from_text(grade)), weight)
            for photo, crop, origin, grade, weight in photos
        ),
        revision=revision,
        thumbnail_path=path_out(thumbnail_path),
        embedding=Embedding(packed, checkpoint) if packed is not None else None,
        created_at=created_at,
        on_shelf=bool(on_shelf),
        position=position,
    )
