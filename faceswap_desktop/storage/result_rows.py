"""Rows of results, written and read within a transaction of the caller's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final

from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.domain.recipe_json import recipe_from_json, recipe_to_json
from faceswap_desktop.storage.codecs import from_text, path_in, path_out, to_text
from faceswap_desktop.storage.failures import shown_text
from faceswap_desktop.storage.names import searchable, sortable

COLUMNS: Final = (
    "id, job, path, recipe, width, height, size_bytes, created_at, seconds, faces, "
    "similarity, digest, title, is_favourite, notes, deleted_at, has_label, signer, signed_at, sidecar, marks"
)
FROM: Final = "results JOIN result_details USING (seq) LEFT JOIN result_marks ON result_marks.result = results.id"
_CHUNK: Final = 500
"""How many values one statement gets; every SQLite takes 999."""
_FORMATS: Final = {"JPG": "JPEG", "JPE": "JPEG", "TIF": "TIFF", "HEIC": "HEIF"}


def format_of(path: str) -> str:
    """Return the format's name by a file's extension, for example ``JPEG``; upper case, empty for none."""
    suffix = PurePath(path).suffix.removeprefix(".").upper()
    return shown_text(_FORMATS.get(suffix, suffix))


def insert_result(connection: sqlite3.Connection, result: JobResult) -> None:
    """Add a result within the transaction of the caller."""
    inserted = connection.execute(
        "INSERT INTO results (id, job, provider, format, size_bytes, created_at, similarity, sort_name, search_text, "
        "is_favourite, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            result.id,
            result.job,
            result.recipe.provider,
            format_of(result.path),
            result.size_bytes,
            result.created_at,
            result.similarity,
            sort_name(result),
            search_text(result),
            int(result.is_favourite),
            result.deleted_at,
        ),
    )
    seq = inserted.lastrowid
    connection.execute(
        "INSERT INTO result_details (seq, path, title, width, height, seconds, faces, digest, notes, recipe) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seq,
            path_in(result.path),
            shown_text(result.title),
            result.width,
            result.height,
            result.seconds,
            result.faces,
            result.digest,
            to_text(list(result.notes)),
            to_text(recipe_to_json(result.recipe)),
        ),
    )
    sources = {pairing.source.id for pairing in result.recipe.pairings}
    connection.executemany("INSERT INTO result_sources VALUES (?, ?)", [(source, seq) for source in sources])
    if result.mark is not None:
        write_mark(connection, result.id, result.mark)


def write_mark(connection: sqlite3.Connection, result_id: ResultId, mark: ResultMark) -> None:
    """Write how a result was marked, in the place of what was known before."""
    connection.execute(
        "INSERT OR REPLACE INTO result_marks (result, has_label, signer, signed_at, sidecar, marks) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (result_id, int(mark.has_label), mark.signer, mark.signed_at, path_in(mark.sidecar), mark.marks),
    )


def note_copy(connection: sqlite3.Connection, result_id: ResultId, path: str, made_at: float) -> None:
    """Note where a copy of a result went; nothing happens where the result is gone."""
    connection.execute(
        "INSERT OR REPLACE INTO result_copies (result, path, made_at) SELECT id, ?, ? FROM results WHERE id = ?",
        (path_in(path), made_at, result_id),
    )


def select_ids(connection: sqlite3.Connection, ids: Sequence[ResultId]) -> list[JobResult]:
    """Return those results that are there, in no order."""
    places = ", ".join("?" * len(ids))
    rows = connection.execute(f"SELECT {COLUMNS} FROM {FROM} WHERE id IN ({places})", tuple(ids))  # noqa: S608
    return [from_row(row) for row in rows]


def from_row(row: tuple[Any, ...]) -> JobResult:
    """Read a row of ``COLUMNS``."""
    (result_id, job, path, recipe, width, height, size_bytes, created_at, seconds, faces, *rest) = row
    similarity, digest, title, is_favourite, notes, deleted_at, has_label, *marked = rest
    signer, signed_at, sidecar, marks = marked
    return JobResult(
        id=ResultId(result_id),
        job=JobId(job),
        path=path_out(path),
        recipe=recipe_from_json(from_text(recipe)),
        width=width,
        height=height,
        size_bytes=size_bytes,
        created_at=created_at,
        seconds=seconds,
        faces=faces,
        similarity=similarity,
        digest=digest,
        title=title,
        is_favourite=bool(is_favourite),
        notes=tuple(from_text(notes)),
        deleted_at=deleted_at,
        mark=None
        if has_label is None
        else ResultMark(
            has_label=bool(has_label),
            signer=SignerKind(signer) if signer is not None else None,
            signed_at=signed_at,
            sidecar=path_out(sidecar),
            marks=marks,
        ),
    )


def sort_name(result: JobResult) -> str:
    """Return by what a result is sorted."""
    return sortable(result.title or PurePath(result.path).stem)


def search_text(result: JobResult) -> str:
    """Return in what of a result words are searched."""
    names = [result.title, PurePath(result.path).name, PurePath(result.recipe.media.path).name]
    names += [pairing.source.name for pairing in result.recipe.pairings]
    # One line each, so that no word is found across two names.
    return searchable("\n".join(dict.fromkeys(names)))


def parts(ids: Sequence[ResultId]) -> Iterator[Sequence[ResultId]]:
    """Divide ids into parts that one statement takes."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
