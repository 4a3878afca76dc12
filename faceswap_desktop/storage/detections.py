"""Faces that were found before, kept by the digest of the picture, so that opening it again is quick."""

from __future__ import annotations

import json
import sqlite3
import struct
import sys
import time
import zlib
from collections.abc import Sequence
from typing import Any, Final

from faceswap_desktop.domain.faces import DetectedFace, Embedding
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks
from faceswap_desktop.domain.recipe_json import five_points_from_json
from faceswap_desktop.storage.codecs import from_text, grade_from_json, grade_to_json, to_text
from faceswap_desktop.storage.database import Database

_LAYOUT: Final = 1
_HEAD: Final = struct.Struct("<4sBcI")
"""``FACE``, layout, byte order of the packed numbers (``l`` or ``b``), length of the JSON part."""
_MAGIC: Final = b"FACE"
_ORDER: Final = sys.byteorder[0].encode()
_ZLIB_LEVEL: Final = 1
"""Landmarks are noise to zlib: higher levels take longer and save nothing."""


class DetectionStore:
    """A cache in the database: what it cannot read it does not have."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, digest: str, checkpoints: str) -> tuple[DetectedFace, ...] | None:
        """Return the faces found in a picture, or None if nobody looked yet.

        Args:
            digest: The picture's digest.
            checkpoints: Version of the set of checkpoints; others find other faces.
        """

        def read(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT faces FROM detections WHERE digest = ? AND checkpoints = ?", (digest, checkpoints)
            ).fetchone()
            return row[0] if row else None

        data = await self._db.read(read)
        return None if data is None else unpack_faces(data)

    async def put(self, digest: str, checkpoints: str, faces: Sequence[DetectedFace]) -> None:
        """Keep the faces found in a picture; none is worth keeping too.

        Raises:
            StorageError: They could not be written.
        """
        values = (digest, checkpoints, pack_faces(faces), time.time())
        await self._db.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO detections (digest, checkpoints, faces, made_at) VALUES (?, ?, ?, ?)", values
            )
        )

    async def trim(self, limit_bytes: int) -> int:
        """Drop the oldest until the rest is below ``limit_bytes``; returns how many pictures went."""

        def write(connection: sqlite3.Connection) -> int:
            rows = connection.execute("SELECT seq, length(faces) FROM detections ORDER BY made_at DESC, seq DESC")
            total, gone = 0, []
            for seq, size in rows.fetchall():
                total += size
                if total > limit_bytes:
                    gone.append((seq,))
            connection.executemany("DELETE FROM detections WHERE seq = ?", gone)
            return len(gone)

        return await self._db.write(write)


def pack_faces(faces: Sequence[DetectedFace]) -> bytes:
    """Return faces as bytes: JSON for what is small, then the packed numbers as they are, all compressed."""
    small = to_text([_small_part(face) for face in faces]).encode()
    packed = b"".join(part for face in faces for part in _packed_parts(face))
    return zlib.compress(_HEAD.pack(_MAGIC, _LAYOUT, _ORDER, len(small)) + small + packed, _ZLIB_LEVEL)


def unpack_faces(data: bytes) -> tuple[DetectedFace, ...] | None:
    """Return the faces of ``pack_faces``, or None if another layout or machine wrote it, or it is damaged."""
    try:
        raw = zlib.decompress(data)
        magic, layout, order, length = _HEAD.unpack_from(raw)
        if (magic, layout, order) != (_MAGIC, _LAYOUT, _ORDER):
            return None
        small = from_text(raw[_HEAD.size : _HEAD.size + length].decode())
        place, faces = _HEAD.size + length, []
        for item in small:
            parts = []
            for size in item["packed"]:
                parts.append(raw[place : place + size])
                place += size
            faces.append(_face(item, *parts))
    except (zlib.error, struct.error, json.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
    return tuple(faces) if place == len(raw) else None


def _packed_parts(face: DetectedFace) -> tuple[bytes, bytes, bytes]:
    return (
        face.landmarks.packed if face.landmarks else b"",
        face.depths,
        face.embedding.packed if face.embedding else b"",
    )


def _small_part(face: DetectedFace) -> dict[str, Any]:
    return {
        "index": face.index,
        "box": [face.box.left, face.box.top, face.box.right, face.box.bottom],
        "score": face.score,
        "five_points": [list(point) for point in face.five_points],
        "grade": grade_to_json(face.grade),
        "yaw_degrees": face.yaw_degrees,
        "has_landmarks": face.landmarks is not None,
        "checkpoint": face.embedding.checkpoint if face.embedding else None,
        "packed": [len(part) for part in _packed_parts(face)],
    }


def _face(item: dict[str, Any], landmarks: bytes, depths: bytes, embedding: bytes) -> DetectedFace:
    return DetectedFace(
        index=item["index"],
        box=BoundingBox(*item["box"]),
        score=item["score"],
        five_points=five_points_from_json(item["five_points"]),
        landmarks=Landmarks(landmarks) if item["has_landmarks"] else None,
        depths=depths,
        embedding=Embedding(embedding, item["checkpoint"]) if item["checkpoint"] is not None else None,
        grade=grade_from_json(item["grade"]),
        yaw_degrees=item["yaw_degrees"],
    )
