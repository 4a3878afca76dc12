"""Where a source face has left something in the database, and taking it out of there."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, DetectedFace, Embedding, PhotoId, SourceFaceId
from faceswap_desktop.domain.job import JobId, ResultId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.recipe_json import recipe_from_json
from faceswap_desktop.storage.codecs import from_text, path_in
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.detections import unpack_faces


class Footprints:
    """What jobs, results and caches know of a source face: by its id, and by its photos, which may have moved."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def results_with(self, face: SourceFaceId, photos: Collection[PhotoId]) -> list[ResultId]:
        """Return the results that a face was put into, newest first, also those that wait for their undo."""

        def read(connection: sqlite3.Connection) -> list[ResultId]:
            found = _using(connection, "results JOIN result_details USING (seq)", face, photos)
            return [ResultId(one) for one in found]

        return await self._db.read(read)

    async def jobs_with(self, face: SourceFaceId, photos: Collection[PhotoId]) -> list[JobId]:
        """Return the jobs that use a face, whatever became of them, newest first."""
        return await self._db.read(lambda connection: [JobId(one) for one in _using(connection, "jobs", face, photos)])

    async def forget_jobs(self, jobs: Iterable[JobId], providers: Iterable[str]) -> None:
        """Drop what was delivered for jobs, what was hosted and deleted, and what was asked of their providers.

        What they cost stays.
        """
        rows, kept_by = [(job,) for job in jobs], [(provider,) for provider in providers]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM mailboxes WHERE job = ?", rows)
            connection.executemany("DELETE FROM hosted_objects WHERE job = ? AND state = 'deleted'", rows)
            connection.executemany("DELETE FROM refusals WHERE job = ?", rows)
            # Which question was asked of which picture cannot be told any more; the others are asked again.
            connection.executemany("DELETE FROM answers WHERE provider = ?", kept_by)

        await self._db.write(write)

    async def forget_pictures(self, digests: Iterable[str], paths: Iterable[str]) -> None:
        """Drop what was seen in pictures, and that they were refused.

        Args:
            digests: Their quick digests.
            paths: Where they lie.
        """
        by_digest, by_path = [(one,) for one in digests], [(path_in(one),) for one in paths]

        def write(connection: sqlite3.Connection) -> None:
            for table in ("looks", "detections", "analyses"):
                connection.executemany(f"DELETE FROM {table} WHERE digest = ?", by_digest)  # noqa: S608 - constants
            connection.executemany("DELETE FROM refusals WHERE path = ?", by_path)

        await self._db.write(write)

    async def forget_like(self, embedding: Embedding, keep: Collection[str]) -> list[str]:
        """Drop what caches know of media in which the same person was found; it is looked for again when needed.

        Args:
            embedding: The person's.
            keep: Quick digests of media that are in use: what is known of them stays.

        Returns:
            The digests of the media.
        """

        def write(connection: sqlite3.Connection) -> list[str]:
            gone: list[str] = []
            for table, column in (("detections", "checkpoints"), ("analyses", "version")):
                rows = connection.execute(f"SELECT digest, {column}, faces FROM {table}").fetchall()  # noqa: S608 - constants
                for digest, version, packed in rows:
                    faces = unpack_faces(packed)
                    # What cannot be read may be of anybody.
                    if digest in keep or (faces is not None and not _is_among(embedding, faces)):
                        continue
                    statement = f"DELETE FROM {table} WHERE digest = ? AND {column} = ?"  # noqa: S608 - constants
                    connection.execute(statement, (digest, version))
                    gone.append(digest)
            return gone

        return await self._db.write(write)

    async def forget_face(self, photos: Collection[PhotoId]) -> list[PhotoId]:
        """Drop every source face that has one of these photos, also those that were deleted and could come back.

        Returns:
            All photos of those, as far as no other source face has them.
        """

        def write(connection: sqlite3.Connection) -> list[PhotoId]:
            going: set[str] = set()
            for photo in photos:
                rows = connection.execute("SELECT face FROM source_photos WHERE id = ?", (photo,))
                going.update(row[0] for row in rows)
            gone: set[str] = set(photos)
            for face in going:
                gone.update(
                    row[0] for row in connection.execute("SELECT id FROM source_photos WHERE face = ?", (face,))
                )
                connection.execute("DELETE FROM source_faces WHERE id = ?", (face,))
            left = {row[0] for row in connection.execute("SELECT id FROM source_photos")}
            return [PhotoId(one) for one in sorted(gone - left)]

        return await self._db.write(write)


def _using(connection: sqlite3.Connection, table: str, face: SourceFaceId, photos: Collection[PhotoId]) -> list[str]:
    # The text first: whole recipes are read only where one of the names occurs at all.
    names = [face, *photos]
    condition = " OR ".join("instr(recipe, ?) > 0" for _ in names)
    rows = connection.execute(
        f"SELECT id, recipe FROM {table} WHERE {condition} ORDER BY created_at DESC, seq DESC",  # noqa: S608 - constants
        tuple(f'"{name}"' for name in names),
    )
    return [row[0] for row in rows if _uses(recipe_from_json(from_text(row[1])), face, photos)]


def _uses(recipe: Recipe, face: SourceFaceId, photos: Collection[PhotoId]) -> bool:
    return any(
        pairing.source.id == face or not set(photos).isdisjoint(pairing.source.photos) for pairing in recipe.pairings
    )


def _is_among(embedding: Embedding, faces: Sequence[DetectedFace]) -> bool:
    return any(
        one.embedding is not None
        and one.embedding.checkpoint == embedding.checkpoint
        and one.embedding.similarity(embedding) >= SAME_PERSON_SIMILARITY
        for one in faces
    )
