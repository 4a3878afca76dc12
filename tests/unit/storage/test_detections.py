from __future__ import annotations

import sqlite3
from functools import partial

import pytest

from faceswap_desktop.domain.faces import Grade
from faceswap_desktop.storage import detections as module
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.detections import DetectionStore, pack_faces, unpack_faces
from tests.unit.storage.builders import a_detected_face


@pytest.fixture
def detections(db: Database) -> DetectionStore:
    return DetectionStore(db)


def set_age(number: int, connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE detections SET made_at = ? WHERE digest = ?", (number, f"digest {number}"))


async def test_faces_come_back_exactly(detections: DetectionStore) -> None:
    faces = (
        a_detected_face(0),
        a_detected_face(1, landmarks=None, depths=b"", embedding=None, grade=Grade(), yaw_degrees=0.1 + 0.2),
        a_detected_face(2, embedding=None),
    )
    await detections.put("digest", "set 1", faces)
    assert await detections.get("digest", "set 1") == faces


async def test_no_faces_is_an_answer_and_not_looked_is_none(detections: DetectionStore) -> None:
    await detections.put("digest", "set 1", ())
    assert await detections.get("digest", "set 1") == ()
    assert await detections.get("digest", "set 2") is None
    assert await detections.get("other", "set 1") is None


async def test_a_new_look_replaces_the_old(detections: DetectionStore) -> None:
    await detections.put("digest", "set 1", [a_detected_face()])
    await detections.put("digest", "set 1", [a_detected_face(score=0.5)])
    assert await detections.get("digest", "set 1") == (a_detected_face(score=0.5),)


async def test_what_cannot_be_read_is_not_there(detections: DetectionStore, db: Database) -> None:
    await detections.put("digest", "set 1", [a_detected_face()])
    await db.write(lambda c: c.execute("UPDATE detections SET faces = x'00ff00ff'"))
    assert await detections.get("digest", "set 1") is None


def test_damaged_bytes_never_raise() -> None:
    faces = (a_detected_face(), a_detected_face(1))
    data = pack_faces(faces)
    for place in range(0, len(data), 97):
        changed = data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]
        assert unpack_faces(changed) in (None, faces)
        assert unpack_faces(data[:place]) is None


def test_another_machines_byte_order_or_layout_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack_faces([a_detected_face()])
    with monkeypatch.context() as patched:
        patched.setattr(module, "_ORDER", b"b" if module._ORDER == b"l" else b"l")
        assert unpack_faces(data) is None
    with monkeypatch.context() as patched:
        patched.setattr(module, "_LAYOUT", 2)
        assert unpack_faces(data) is None


def test_fifty_faces_stay_small() -> None:
    # 478 landmarks with depths and an embedding are 6.2 KB as they are.
    assert len(pack_faces([a_detected_face(index) for index in range(50)])) < 50 * 7000


async def test_trimming_drops_the_oldest(detections: DetectionStore, db: Database) -> None:
    for number in range(5):
        await detections.put(f"digest {number}", "set", [a_detected_face()])
        await db.write(partial(set_age, number))
    size = await db.read(lambda c: c.execute("SELECT max(length(faces)) FROM detections").fetchone()[0])
    assert await detections.trim(2 * size) == 3
    there = [number for number in range(5) if await detections.get(f"digest {number}", "set") is not None]
    assert there == [3, 4]
    assert await detections.trim(2 * size) == 0
    assert await detections.trim(0) == 2
