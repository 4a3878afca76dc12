"""Who source faces are, and why they may be used. A consent covers photos, so it goes where they go."""

from __future__ import annotations

import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from faceswap_desktop.domain.consent import Basis, Consent, ConsentId
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.codecs import path_in, path_out
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.failures import shown_text

_COLUMNS: Final = (
    "id, face, who, basis, note, document, document_name, given_at, until, withdrawn_at,"
    " replaced_at, results_deleted_at"
)
_CHUNK: Final = 500
"""How many values one statement gets; every SQLite takes 999."""


class ConsentStore:
    """Consents in the database. Every method is one transaction; errors of the disk are ``StorageError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, consent: Consent) -> None:
        """Add a consent; its id must be new.

        Raises:
            StorageError: It could not be written.
        """
        await self._db.write(lambda connection: _insert(connection, consent))

    async def put(self, consents: Sequence[Consent]) -> None:
        """Add consents in the place of those that cover their photos so far: these end when the new ones begin.

        What ended stays, until when it was agreed too, because it says why results that were made before could be made.

        Raises:
            StorageError: They could not be written; then nothing has changed.
        """

        def write(connection: sqlite3.Connection) -> None:
            for consent in consents:
                _end(connection, consent.photos, replaced_at=consent.given_at)
                _insert(connection, consent)

        await self._db.write(write)

    async def all(self) -> list[Consent]:
        """Return every consent, newest first, also withdrawn and expired ones."""
        return await self._db.read(lambda connection: _select(connection, ""))

    async def get(self, ids: Iterable[ConsentId]) -> list[Consent]:
        """Return consents, newest first; those that are gone are left out."""
        wanted = list(dict.fromkeys(ids))
        return await self._db.read(lambda connection: _of_ids(connection, wanted))

    async def of_photos(self, photos: Iterable[PhotoId]) -> list[Consent]:
        """Return the consents that cover any of some photos, newest first, also withdrawn and expired ones."""
        wanted = list(dict.fromkeys(photos))

        def read(connection: sqlite3.Connection) -> list[Consent]:
            found: dict[ConsentId, None] = {}
            for part in _parts(wanted):
                rows = connection.execute(
                    f"SELECT consent FROM consent_photos WHERE photo IN ({_places(part)})",  # noqa: S608 - places
                    tuple(part),
                )
                found |= dict.fromkeys(ConsentId(row[0]) for row in rows)
            return _of_ids(connection, list(found))

        return await self._db.read(read)

    async def of_face(self, face: SourceFaceId) -> list[Consent]:
        """Return the consents that were given for a source face, newest first, whatever became of its photos."""
        return await self._db.read(lambda connection: _select(connection, "WHERE face = ?", (face,)))

    async def extend(self, consent_id: ConsentId, photos: Iterable[PhotoId]) -> Consent:
        """Have a consent cover more photos, and return it as it then is.

        Raises:
            UsageError: There is no such consent (kind ``no-such-consent``).
        """
        rows = [(photo, consent_id) for photo in photos]

        def write(connection: sqlite3.Connection) -> Consent:
            _existing(connection, consent_id)
            connection.executemany("INSERT OR IGNORE INTO consent_photos (photo, consent) VALUES (?, ?)", rows)
            return _existing(connection, consent_id)

        return await self._db.write(write)

    async def change(self, consent: Consent) -> None:
        """Replace a consent and the photos that it covers.

        Raises:
            UsageError: There is no such consent (kind ``no-such-consent``).
        """

        def write(connection: sqlite3.Connection) -> None:
            _existing(connection, consent.id)
            connection.execute("DELETE FROM consents WHERE id = ?", (consent.id,))
            _insert(connection, consent)

        await self._db.write(write)

    async def withdraw(self, ids: Iterable[ConsentId], when: float) -> None:
        """Mark consents withdrawn; those that are withdrawn already keep their time.

        Args:
            ids: Which; those that are gone are passed over.
            when: Seconds since the epoch, not 0.
        """
        rows = [(when, one) for one in ids]
        await self._db.write(
            lambda connection: connection.executemany(
                "UPDATE consents SET withdrawn_at = ? WHERE id = ? AND withdrawn_at = 0", rows
            )
        )

    async def note_deletion(self, ids: Iterable[ConsentId], when: float) -> None:
        """Note that the results that were made with consents were deleted.

        Args:
            ids: Which; those that are gone are passed over.
            when: Seconds since the epoch.
        """
        rows = [(when, one) for one in ids]
        await self._db.write(
            lambda connection: connection.executemany("UPDATE consents SET results_deleted_at = ? WHERE id = ?", rows)
        )

    async def withdraw_photos(self, photos: Iterable[PhotoId], when: float) -> list[Consent]:
        """Withdraw what covers some photos. Photos of another face under the same consent keep it, in a new record.

        Args:
            photos: Which; those that no valid consent covers are passed over.
            when: Seconds since the epoch, not 0.

        Returns:
            The consents that are withdrawn now, with those of the photos that they cover.
        """
        wanted = frozenset(photos)
        return await self._db.write(lambda connection: _end(connection, wanted, withdrawn_at=when))

    async def strip(self, photos: Iterable[PhotoId]) -> None:
        """Take photos out of every consent, and the face out of those that cover none any more.

        What was said stays: by whom, on what basis, when, and when it was withdrawn.
        """
        rows = [(photo,) for photo in photos]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM consent_photos WHERE photo = ?", rows)
            connection.execute(
                "UPDATE consents SET face = '' WHERE face != '' AND id NOT IN (SELECT consent FROM consent_photos)"
            )

        await self._db.write(write)

    async def forget(self, ids: Iterable[ConsentId]) -> None:
        """Drop the rows of consents for good; documents are not touched."""
        rows = [(one,) for one in ids]
        await self._db.write(lambda connection: connection.executemany("DELETE FROM consents WHERE id = ?", rows))


def new_id() -> ConsentId:
    """Return an id that no consent has."""
    return ConsentId(uuid.uuid4().hex[:12])


def _insert(connection: sqlite3.Connection, consent: Consent) -> None:
    connection.execute(
        f"INSERT INTO consents ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constants
        (
            consent.id,
            consent.face,
            shown_text(consent.who),
            consent.basis.value,
            shown_text(consent.note),
            path_in(consent.document),
            shown_text(consent.document_name),
            consent.given_at,
            consent.until,
            consent.withdrawn_at,
            consent.replaced_at,
            consent.results_deleted_at,
        ),
    )
    connection.executemany(
        "INSERT INTO consent_photos (photo, consent) VALUES (?, ?)", [(photo, consent.id) for photo in consent.photos]
    )


def _end(
    connection: sqlite3.Connection, photos: frozenset[PhotoId], *, replaced_at: float = 0.0, withdrawn_at: float = 0.0
) -> list[Consent]:
    """End what covers photos, for them only: consents that cover others too are divided. Returns those that ended.

    Args:
        connection: Within the transaction of the caller.
        photos: Which.
        replaced_at: When another answer takes their place; those that are over by then stay as they are.
        withdrawn_at: When they were withdrawn; then those that are over by themselves are marked as well.
    """
    ended: list[Consent] = []
    for consent in _select(connection, "WHERE withdrawn_at = 0"):
        taken = consent.photos & photos
        if not taken or (not withdrawn_at and not consent.is_valid(replaced_at)):
            continue
        connection.execute("DELETE FROM consents WHERE id = ?", (consent.id,))
        replaced = replaced_at or consent.replaced_at
        changed = replace(consent, photos=taken, replaced_at=replaced, withdrawn_at=withdrawn_at)
        _insert(connection, changed)
        if consent.photos - taken:
            _insert(connection, replace(consent, id=new_id(), photos=consent.photos - taken))
        ended.append(changed)
    return ended


def _existing(connection: sqlite3.Connection, consent_id: ConsentId) -> Consent:
    found = _of_ids(connection, [consent_id])
    if not found:
        raise UsageError(message("There is no consent {consent}.", consent=consent_id), kind="no-such-consent")
    return found[0]


def _of_ids(connection: sqlite3.Connection, ids: Sequence[ConsentId]) -> list[Consent]:
    found = [one for part in _parts(ids) for one in _select(connection, f"WHERE id IN ({_places(part)})", tuple(part))]
    return sorted(found, key=lambda one: (one.given_at, one.id), reverse=True)


def _select(connection: sqlite3.Connection, condition: str, values: tuple[Any, ...] = ()) -> list[Consent]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM consents {condition} ORDER BY given_at DESC, id DESC",  # noqa: S608 - constants
        values,
    ).fetchall()
    photos: dict[str, set[PhotoId]] = defaultdict(set)
    for part in _parts([row[0] for row in rows]):
        for photo, consent in connection.execute(
            f"SELECT photo, consent FROM consent_photos WHERE consent IN ({_places(part)})",  # noqa: S608 - places
            tuple(part),
        ):
            photos[consent].add(PhotoId(photo))
    return [_from_row(row, photos[row[0]]) for row in rows]


def _from_row(row: tuple[Any, ...], photos: set[PhotoId]) -> Consent:
    consent_id, face, who, basis, note, document, document_name, given_at, until, *ended = row
    withdrawn_at, replaced_at, results_deleted_at = ended
    return Consent(
        id=ConsentId(consent_id),
        face=SourceFaceId(face),
        who=who,
        basis=Basis(basis),
        photos=frozenset(photos),
        given_at=given_at,
        until=until,
        note=note,
        document=path_out(document),
        document_name=document_name,
        withdrawn_at=withdrawn_at,
        replaced_at=replaced_at,
        results_deleted_at=results_deleted_at,
    )


def _places(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
