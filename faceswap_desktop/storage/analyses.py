"""Who is in a video, kept by the digest of its file, with what the user changed about it."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from dataclasses import replace
from typing import Any

from faceswap_desktop.domain.faces import Embedding
from faceswap_desktop.domain.video import (
    FrameRange,
    HardFrame,
    HardReason,
    Identity,
    IdentityId,
    LookAlike,
    TrackPart,
    VideoAnalysis,
)
from faceswap_desktop.storage.codecs import from_text, to_text
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.detections import pack_faces, unpack_faces


class AnalysisStore:
    """One analysis per video and version of the method; what cannot be read is not there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, digest: str, version: str) -> VideoAnalysis | None:
        """Return who is in a video, or None if nobody looked yet.

        Args:
            digest: The video's quick digest.
            version: Of the method; others give other tracks.
        """

        def read(connection: sqlite3.Connection) -> tuple[str, bytes] | None:
            row = connection.execute(
                "SELECT summary, faces FROM analyses WHERE digest = ? AND version = ?", (digest, version)
            ).fetchone()
            return (row[0], row[1]) if row else None

        row = await self._db.read(read)
        return None if row is None else analysis_from_parts(*row)

    async def put(self, digest: str, version: str, analysis: VideoAnalysis) -> None:
        """Keep who is in a video, in place of what was kept before.

        Raises:
            StorageError: It could not be written.
        """
        values = (digest, version, *analysis_to_parts(analysis), time.time())
        await self._db.write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO analyses VALUES (?, ?, ?, ?, ?)", values)
        )

    async def forget(self, digest: str) -> None:
        """Drop what is known of a video."""
        await self._db.write(lambda connection: connection.execute("DELETE FROM analyses WHERE digest = ?", (digest,)))


def analysis_to_parts(analysis: VideoAnalysis) -> tuple[str, bytes]:
    """Return an analysis as JSON text, and the best faces as ``detections`` packs them."""
    return to_text(_to_json(analysis)), pack_faces([one.best_face for one in analysis.identities])


def _to_json(analysis: VideoAnalysis) -> dict[str, Any]:
    return {
        "frames": analysis.frames,
        "identities": [_identity_to_json(one) for one in analysis.identities],
        "cuts": list(analysis.cuts),
        "look_alikes": [[pair.first, pair.second, pair.similarity] for pair in analysis.look_alikes],
        "hard_frames": [[one.frame, one.identity, one.reason.value, one.severity] for one in analysis.hard_frames],
        "unreadable": analysis.unreadable,
        "notes": list(analysis.notes),
    }


def _identity_to_json(identity: Identity) -> dict[str, Any]:
    embedding = identity.embedding
    return {
        "index": identity.index,
        "id": identity.id,
        "parts": [[part.frames.first, part.frames.end, part.track] for part in identity.parts],
        "frames": identity.frames,
        "best_frame": identity.best_frame,
        "embedding": base64.b64encode(embedding.packed).decode() if embedding else None,
        "checkpoint": embedding.checkpoint if embedding else None,
        "name": identity.name,
        "is_hidden": identity.is_hidden,
    }


def analysis_from_parts(summary: str, packed: bytes) -> VideoAnalysis | None:
    """Return the analysis of ``analysis_to_parts``; None if it cannot be read."""
    faces = unpack_faces(packed)
    if faces is None:
        return None
    try:
        data = from_text(summary)
        identities = []
        for item, face in zip(data.pop("identities"), faces, strict=True):
            checkpoint, vector = item.pop("checkpoint"), item.pop("embedding")
            parts = tuple(TrackPart(FrameRange(first, end), track) for first, end, track in item.pop("parts"))
            identity_id = IdentityId(item.pop("id"))
            identity = Identity(id=identity_id, parts=parts, best_face=face, **item)
            if checkpoint is not None:
                identity = replace(identity, embedding=Embedding(base64.b64decode(vector), checkpoint))
            identities.append(identity)
        return VideoAnalysis(
            frames=data["frames"],
            identities=tuple(identities),
            cuts=tuple(data["cuts"]),
            look_alikes=tuple(LookAlike(*pair) for pair in data["look_alikes"]),
            hard_frames=tuple(
                HardFrame(frame, identity, HardReason(reason), severity)
                for frame, identity, reason, severity in data["hard_frames"]
            ),
            unreadable=data["unreadable"],
            notes=tuple(data["notes"]),
        )
    except (json.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
