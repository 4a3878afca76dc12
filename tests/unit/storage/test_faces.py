from __future__ import annotations

import os
from dataclasses import replace

import pytest

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.faces import SourceFaceStore
from tests.unit.storage.builders import a_source_face


@pytest.fixture
def faces(db: Database) -> SourceFaceStore:
    return SourceFaceStore(db)


async def test_a_face_comes_back_as_it_went_in(faces: SourceFaceStore) -> None:
    whole = a_source_face(name='名前 "O\'Hara"', on_shelf=False, position=4)
    bare = a_source_face("s2", embedding=None, photos=a_source_face("s2").photos[:1])
    await faces.add(whole)
    await faces.add(bare)
    assert await faces.get(whole.id) == whole
    assert await faces.get(bare.id) == bare
    assert await faces.get(SourceFaceId("nobody")) is None


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
async def test_paths_that_are_no_text(faces: SourceFaceStore) -> None:
    odd = os.fsdecode(b"/home/no \xff text/face.png")
    photos = (replace(a_source_face().photos[0], crop_path=odd, origin_name=os.fsdecode(b"\xff.jpg")),)
    await faces.add(a_source_face(thumbnail_path=odd, photos=photos))
    face = await faces.get(SourceFaceId("s1"))
    assert face is not None
    assert (face.thumbnail_path, face.photos[0].crop_path) == (odd, odd)
    assert face.photos[0].origin_name == "?.jpg"


async def test_updating_replaces_photos(faces: SourceFaceStore) -> None:
    face = a_source_face()
    await faces.add(face)
    changed = replace(face, name="Bo", revision=4, photos=tuple(reversed(face.photos))[:1], embedding=None)
    await faces.update(changed)
    assert await faces.all() == [changed]
    with pytest.raises(UsageError) as raised:
        await faces.update(a_source_face("nobody"))
    assert raised.value.kind == "no-such-face"


async def test_deleted_faces_come_back_whole(faces: SourceFaceStore) -> None:
    one, other = a_source_face("s1"), a_source_face("s2", position=1)
    await faces.add(one)
    await faces.add(other)
    assert await faces.delete([one.id, SourceFaceId("nobody")]) == [one]
    assert await faces.delete([one.id]) == []
    assert await faces.all() == [other]
    assert await faces.get(one.id) is None
    with pytest.raises(UsageError):
        await faces.update(one)
    assert await faces.restore([one.id, SourceFaceId("nobody")]) == [one]
    assert await faces.all() == [one, other]


async def test_putting_together_can_be_undone(faces: SourceFaceStore) -> None:
    one, other = a_source_face("s1"), a_source_face("s2")
    await faces.add(one)
    await faces.add(other)
    await faces.delete([other.id])
    await faces.update(replace(one, photos=(*one.photos, *other.photos)))
    # And back: the photos of the deleted one are still its own.
    await faces.update(one)
    await faces.restore([other.id])
    assert await faces.all() == [one, other]


async def test_purging(faces: SourceFaceStore, db: Database) -> None:
    for name in ("s1", "s2", "s3"):
        await faces.add(a_source_face(name))
    await faces.delete([SourceFaceId("s1")], when=50.0)
    await faces.delete([SourceFaceId("s2")], when=60.0)
    assert [face.id for face in await faces.purge(50.0)] == ["s1"]
    assert await faces.restore([SourceFaceId("s1"), SourceFaceId("s2")]) == [a_source_face("s2")]
    assert await db.read(lambda c: c.execute("SELECT count(*) FROM source_photos WHERE face = 's1'").fetchone()[0]) == 0
    await faces.add(a_source_face("s1"))


async def test_reordering(faces: SourceFaceStore) -> None:
    for place, name in enumerate("abcd"):
        await faces.add(a_source_face(name, position=place))
    await faces.delete([SourceFaceId("d")])
    await faces.reorder([SourceFaceId(name) for name in ("c", "nobody", "a", "c")])
    assert [(face.id, face.position) for face in await faces.all()] == [("c", 0), ("a", 1), ("b", 2)]
