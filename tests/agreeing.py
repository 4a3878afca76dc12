"""Whoever comes into the library has agreed: for tests of what lies behind the question."""

from __future__ import annotations

import sqlite3

from faceswap_desktop.compose import Program

_WHEN_PHOTOS_COME = """CREATE TEMP TRIGGER everyone_agrees AFTER INSERT ON main.source_photos BEGIN
    INSERT OR IGNORE INTO consents (id, face, who, basis, note, document, document_name, given_at)
        VALUES ('agreed-' || NEW.id, NEW.face, 'Somebody', 'agreed', '', '', '', 1.7e9);
    INSERT OR IGNORE INTO consent_photos (photo, consent) VALUES (NEW.id, 'agreed-' || NEW.id);
END"""
"""Of the connection only: nothing of it is in the file."""


async def everyone_agrees(program: Program) -> Program:
    """Have consent for every photo that a program takes into its library, in the same transaction."""

    def prepare(connection: sqlite3.Connection) -> None:
        connection.execute(_WHEN_PHOTOS_COME)

    await program.database.write(prepare)
    return program
