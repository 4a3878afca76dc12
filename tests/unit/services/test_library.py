"""The library of source faces, with workers that look at real photos."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.events import Event, SourceFacesChanged
from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.domain.recipe import SourceRef
from faceswap_desktop.storage.faces import SourceFaceStore
from tests.unit.services.conftest import COLLINS, HOPPER


def mirrored(photo: Path, to: Path) -> Path:
    with Image.open(photo) as picture:
        ImageOps.mirror(picture.convert("RGB")).save(to)
    return to


def changed(photo: Path, to: Path, change: Callable[[Image.Image], Image.Image]) -> Path:
    with Image.open(photo) as picture:
        change(picture.convert("RGB")).save(to)
    return to


def files(face: SourceFace) -> list[Path]:
    return [Path(photo.crop_path) for photo in face.photos]


async def test_photos_come_in_and_the_same_one_only_once(working: Program, events: list[Event], tmp_path: Path) -> None:
    library = working.library
    blank = tmp_path / "wall.png"
    Image.new("RGB", (300, 200), "grey").save(blank)
    added: list[SourceFace] = []
    outcome = await library.add_photos([COLLINS, blank, tmp_path / "none.jpg", HOPPER], on_added=added.append)
    assert [face.name for face in outcome.added] == ["eileen_collins", "grace_hopper"]
    assert list(outcome.added) == added
    assert [refusal.message.text() for refusal in outcome.refused] == [
        "No face was found in “wall.png”.",
        "“none.jpg” was not found.",
    ]
    assert all(refusal.hint is not None for refusal in outcome.refused)
    assert [event.faces for event in events if isinstance(event, SourceFacesChanged)] == [(f.id,) for f in added]
    for face in outcome.added:
        assert files(face)[0].is_file()
        assert Path(face.thumbnail_path).is_file()
        assert face.embedding is not None
    collins, hopper = outcome.added
    assert collins.grade.level is GradeLevel.GOOD
    assert not library.look_alike([collins, hopper])

    again = await library.add_face(COLLINS, name="Another name")
    assert again.id == collins.id, "the very same crop is not kept twice"
    assert len(await library.faces()) == 2
    assert len(list(working.home.faces_folder.iterdir())) == 2, "nothing is left of what was refused or known"

    await library.set_on_shelf([collins.id], False)
    assert (await library.add_face(COLLINS)).on_shelf, "dropped on the shelf, it stands there"
    assert not (await library.add_face(mirrored(COLLINS, tmp_path / "m.png"), on_shelf=False)).on_shelf


async def test_put_together_taken_apart_and_both_undone(working: Program, tmp_path: Path) -> None:
    library = working.library
    other = mirrored(HOPPER, tmp_path / "other side.png")
    collins, hopper, second = (await library.add_photos([COLLINS, HOPPER, other])).added
    assert library.look_alike([hopper, second])
    change = await library.put_together([hopper.id, second.id, hopper.id])
    [person] = change.after
    assert person.id == hopper.id
    assert [photo.id for photo in person.photos] == [hopper.photos[0].id, second.photos[0].id]
    assert sum(photo.weight for photo in person.photos) == pytest.approx(1.0)
    assert person.revision > hopper.revision
    assert {face.id for face in await library.faces()} == {collins.id, hopper.id}
    assert Path(library.files_of(library.source_ref(person)).atlas_path).is_file()

    await library.apply(change.reversed())
    assert await library.faces() == [collins, hopper, second], "everything is as it was, in its place"
    await library.apply(change)
    assert await library.face(second.id) is None

    apart = await library.take_apart(person.id)
    assert [len(face.photos) for face in apart.after] == [1, 1]
    assert [face.name for face in apart.after] == ["grace_hopper", "other side"]
    assert library.look_alike(apart.after)
    await library.apply(apart.reversed())
    [_, back] = await library.faces()
    assert back == person

    removal = await library.remove_photo(person.id, person.photos[0].id)
    [left] = removal.after
    assert [photo.id for photo in left.photos] == [person.photos[1].id]
    assert Path(left.thumbnail_path).parent.name == person.photos[1].id
    with pytest.raises(UsageError, match="last photo"):
        await library.remove_photo(person.id, left.photos[0].id)
    with pytest.raises(UsageError, match="one photo only"):
        await library.take_apart(person.id)
    with pytest.raises(UsageError, match="at least two"):
        await library.put_together([person.id])
    await library.apply(removal.reversed())
    assert await library.face(person.id) == person


async def test_another_photo_tells_whether_it_fits(working: Program, tmp_path: Path) -> None:
    library = working.library
    [collins] = (await library.add_photos([COLLINS])).added
    fitting = await library.add_photo_to(collins.id, mirrored(COLLINS, tmp_path / "m.png"))
    assert fitting.looks_alike
    other = await library.add_photo_to(collins.id, HOPPER)
    assert not other.looks_alike
    assert len(other.after[0].photos) == 3
    await library.apply(other.reversed())
    face = await library.face(collins.id)
    assert face is not None
    assert len(face.photos) == 2
    blank = tmp_path / "wall.png"
    Image.new("RGB", (300, 200), "grey").save(blank)
    folders = set(working.home.faces_folder.iterdir())
    with pytest.raises(InputRefused):
        await library.add_photo_to(collins.id, blank)
    assert set(working.home.faces_folder.iterdir()) == folders


async def test_deleting_keeps_the_files_until_the_purge(working: Program) -> None:
    library = working.library
    collins, hopper = (await library.add_photos([COLLINS, HOPPER])).added
    change = await library.delete([collins.id, hopper.id])
    assert await library.faces() == []
    await library.purge()
    assert files(collins)[0].is_file(), "a moment ago undo could still ask for it"
    await library.apply(change.reversed())
    assert await library.faces() == [collins, hopper]

    await library.delete([collins.id, hopper.id])
    long_ago = time.time() - 7200
    for face in (collins, hopper):
        os.utime(files(face)[0].parent, (long_ago, long_ago))
    # A job that is not over, or failed and may be tried again, still needs her photo.
    assert await library.purge(keep=[hopper.photos[0].id]) == 1
    assert not files(collins)[0].exists()
    assert files(hopper)[0].is_file()


async def test_purging_drops_old_rows_for_good(working: Program) -> None:
    library, store = working.library, SourceFaceStore(working.database)
    [collins] = (await library.add_photos([COLLINS])).added
    await store.delete([collins.id], when=time.time() - 7200)
    await library.purge()
    assert await store.restore([collins.id]) == []


async def test_the_next_start_drops_what_was_deleted_with_all_that_was_made_of_it(working: Program) -> None:
    collins, hopper = (await working.library.add_photos([COLLINS, HOPPER])).added
    person = (await working.library.put_together([collins.id, hopper.id])).after[0]
    assert list(working.home.atlases_folder.glob("*.npz"))
    await working.library.delete([person.id])
    again = await build(working.home)
    assert await again.library.purge() == 2
    assert not files(collins)[0].parent.exists()
    assert list(working.home.atlases_folder.glob("*.npz")) == []
    rows = await again.database.read(lambda one: one.execute("SELECT count(*) FROM source_faces").fetchone())
    assert rows == (0,)
    await again.close()


async def test_the_start_keeps_the_photos_of_jobs_that_can_be_tried_again(working: Program) -> None:
    media, faces = await working.detection.detect(COLLINS)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    recipe = await working.swapping.make_recipe(media, faces, {0: hopper.id}, working.studio.options)
    [job] = await working.queue.add([recipe])
    await working.queue.cancel_waiting([job.id])
    await working.library.delete([hopper.id])
    folder = files(hopper)[0].parent
    long_ago = time.time() - 7200
    os.utime(folder, (long_ago, long_ago))
    again = await build(working.home)
    await again.start()
    assert files(hopper)[0].is_file()
    await again.queue.remove([job.id])
    os.utime(folder, (long_ago, long_ago))
    await again.library.purge()
    assert not folder.exists()
    await again.close()


async def test_names_and_order(working: Program) -> None:
    library = working.library
    collins, hopper = (await library.add_photos([COLLINS, HOPPER])).added
    await library.rename(collins.id, "  Eileen \n Collins  ")
    assert [face.name for face in await library.faces()] == ["Eileen Collins", "grace_hopper"]
    with pytest.raises(UsageError, match="a name"):
        await library.rename(collins.id, " \t ")
    with pytest.raises(UsageError, match="no source face"):
        await library.rename(SourceFaceId("nobody"), "x")
    await library.reorder([hopper.id])
    assert [face.id for face in await library.faces()] == [hopper.id, collins.id]


async def test_a_photo_that_is_gone_is_said(program: Program) -> None:
    from faceswap_desktop.domain.faces import PhotoId

    with pytest.raises(InputRefused) as caught:
        program.library.files_of(SourceRef(SourceFaceId("s"), "Ada", (PhotoId("gone"),)))
    assert caught.value.kind == "source-missing"
    assert "Ada" in str(caught.value)


async def test_photos_come_in_at_the_same_time(working: Program, tmp_path: Path) -> None:
    other = changed(COLLINS, tmp_path / "darker.png", lambda picture: picture.point(lambda value: value // 2))
    both = await asyncio.gather(working.library.add_photos([COLLINS]), working.library.add_photos([other, HOPPER]))
    assert sorted(len(one.added) for one in both) == [1, 2]
    assert len(await working.library.faces()) == 3


async def test_two_presses_at_once_take_a_person_apart_once(working: Program) -> None:
    library = working.library
    faces = [await library.add_face(COLLINS), await library.add_face(HOPPER)]
    person = (await library.put_together([face.id for face in faces])).after[0]
    outcomes = await asyncio.gather(
        library.take_apart(person.id), library.take_apart(person.id), return_exceptions=True
    )
    assert [type(one) for one in outcomes if isinstance(one, BaseException)] == [UsageError]
    photos = [photo.id for face in await library.faces() for photo in face.photos]
    assert len(photos) == len(set(photos)) == 2
