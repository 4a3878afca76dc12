from __future__ import annotations

import sqlite3
from dataclasses import replace

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
from faceswap_desktop.storage.analyses import AnalysisStore
from faceswap_desktop.storage.database import Database
from tests.unit.storage.builders import a_detected_face


def an_analysis() -> VideoAnalysis:
    face = a_detected_face()
    known = Identity(
        0, IdentityId("a"), (TrackPart(FrameRange(0, 9), 2), TrackPart(FrameRange(12, 20), 7)), 17, 4, face,
        face.embedding, "Ada 名", is_hidden=True,
    )  # fmt: skip
    tiny = Identity(
        3, IdentityId("b/3"), (TrackPart(FrameRange(1, 2), 5),), 1, 1, replace(face, index=3, embedding=None)
    )
    return VideoAnalysis(
        40,
        (known, tiny),
        (9, 30),
        (LookAlike(0, 3, 0.31),),
        (HardFrame(5, 0, HardReason.COVERED, 0.75),),
        2,
        ("Said.",),
    )


async def test_an_analysis_comes_back_whole(db: Database) -> None:
    store = AnalysisStore(db)
    assert await store.get("digest", "1") is None
    await store.put("digest", "1", an_analysis())
    assert await store.get("digest", "1") == an_analysis()
    assert await store.get("digest", "2") is None
    changed = an_analysis().merged([0, 3])
    await store.put("digest", "1", changed)
    assert await store.get("digest", "1") == changed
    await store.forget("digest")
    assert await store.get("digest", "1") is None


async def test_what_cannot_be_read_is_not_there(db: Database) -> None:
    store = AnalysisStore(db)
    for column, value in (("summary", '{"frames": 3}'), ("summary", "{"), ("faces", b"rubbish")):
        await store.put("digest", "1", an_analysis())

        def damage(connection: sqlite3.Connection, column: str = column, value: str | bytes = value) -> None:
            connection.execute(f"UPDATE analyses SET {column} = ?", (value,))

        await db.write(damage)
        assert await store.get("digest", "1") is None
