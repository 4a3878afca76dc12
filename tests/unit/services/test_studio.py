"""The Studio's state: opened, left, taken up again; and which faces are meant."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PIL import Image, ImageOps

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.events import Event, StudioChanged, StudioPart
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.detection import DisplayPicture
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.workspace import WorkspaceStore
from tests.unit.services.conftest import COLLINS, HOPPER, until

READ = {PictureStatus.READY, PictureStatus.FAILED}


def all_read(program: Program) -> bool:
    return all(picture.status in READ for picture in program.studio.pictures)


def two_people(path: Path) -> Path:
    """Hopper, large, and beside her Collins, smaller."""
    with Image.open(HOPPER) as hopper, Image.open(COLLINS) as collins:
        both = Image.new("RGB", (hopper.width + 340, hopper.height), (70, 80, 90))
        both.paste(hopper.convert("RGB"), (0, 0))
        both.paste(collins.convert("RGB").resize((340, 340)), (hopper.width, 120))
    both.save(path)
    return path


async def test_it_stands_as_it_was_left(home: Home) -> None:
    first = await build(home)
    await first.pool.start(warm=False)
    first.studio.open([COLLINS, HOPPER])
    await until(lambda: all_read(first), 60)
    keys = [picture.key for picture in first.studio.pictures]
    first.studio.show(keys[1])
    target = first.studio.targets_of_main_faces([keys[0]])[0]
    first.studio.set_board(first.studio.board.paired([target], SourceFaceId("grace")))
    first.studio.set_options(SwapOptions(blend=0.4, keep_eyes=False))
    left = (keys, first.studio.board, first.studio.options)
    await first.close()

    again = await build(home)
    await again.pool.start(warm=False)
    told: list[Event] = []
    again.bus.subscribe(told.append)
    await again.studio.restore()
    assert ([picture.key for picture in again.studio.pictures], again.studio.board, again.studio.options) == left
    assert again.studio.current is not None
    assert again.studio.current.key == keys[1]
    assert {event.part for event in told if isinstance(event, StudioChanged)} == set(StudioPart)
    await until(lambda: all_read(again), 60)
    assert [picture.key for picture in again.studio.paired_pictures()] == [keys[0]], "the same file is the same media"
    await again.close()


async def test_a_program_that_does_not_look_at_it_leaves_it_alone(home: Home) -> None:
    """The command line runs on the home of a window that was closed; a window can be closed while it starts."""
    first = await build(home)
    await first.pool.start(warm=False)
    [key] = first.studio.open([COLLINS])
    await first.close()
    await (await build(home)).close()
    short = await build(home)
    short.studio.expect()
    short.studio.open([HOPPER])
    await short.close()
    again = await build(home)
    await again.pool.start(warm=False)
    await again.studio.restore()
    assert [picture.key for picture in again.studio.pictures] == [key]
    await again.close()


async def test_what_is_opened_before_it_is_taken_up_stands_beside_it(home: Home) -> None:
    first = await build(home)
    await first.pool.start(warm=False)
    [left] = first.studio.open([COLLINS])
    first.studio.set_options(SwapOptions(blend=0.4))
    await first.close()

    again = await build(home)
    again.studio.expect()
    [early] = again.studio.open([HOPPER])
    shown: list[DisplayPicture] = []
    showing = asyncio.ensure_future(again.studio.display(early, shown.append))
    await asyncio.sleep(0.1)
    await again.pool.start(warm=False)
    await again.studio.restore()
    assert [picture.key for picture in again.studio.pictures] == [left, early]
    assert again.studio.current is not None
    assert again.studio.current.key == early, "what was dropped last is looked at"
    assert again.studio.options == SwapOptions(blend=0.4)
    await until(lambda: all(one.status is PictureStatus.READY for one in again.studio.pictures), 60)
    await showing
    assert shown
    await again.close()


async def test_a_workspace_that_cannot_be_read_starts_empty(program: Program) -> None:
    store = WorkspaceStore(program.database)
    for left in (
        {"version": 99},
        {"version": 1},
        {"version": 1, "pictures": 7, "board": [], "options": {}, "current": ""},
        {"version": 1, "pictures": [], "board": [["a", "b"]], "options": {}, "current": ""},
        {"version": 1, "pictures": [], "board": [], "options": {"blend": 7}, "current": ""},
        {"version": 1, "pictures": [], "board": [], "options": {"unknown": 7}, "current": ""},
    ):
        await store.save(left)
        await program.studio.restore()
        assert program.studio.pictures == ()
        assert program.studio.options == SwapOptions()


async def test_a_picture_that_is_gone_says_so_and_keeps_its_place(home: Home, tmp_path: Path) -> None:
    moved = tmp_path / "moved.png"
    moved.write_bytes(COLLINS.read_bytes())
    first = await build(home)
    await first.pool.start(warm=False)
    [key] = first.studio.open([moved])
    await until(lambda: all_read(first), 60)
    [target] = first.studio.targets_of_all_faces(key)
    first.studio.set_board(first.studio.board.paired([target], SourceFaceId("s")))
    await first.close()
    moved.rename(tmp_path / "elsewhere.png")
    again = await build(home)
    await again.pool.start(warm=False)
    await again.studio.restore()
    await until(lambda: all_read(again), 60)
    [picture] = again.studio.pictures
    assert picture.status is PictureStatus.FAILED
    assert picture.error is not None
    assert picture.error.text() == "“moved.png” was not found."
    (tmp_path / "elsewhere.png").rename(moved)
    again.studio.open([moved])
    await until(lambda: again.studio.pictures[0].status is PictureStatus.READY, 60)
    assert again.studio.board.source_of(target) == "s", "its pairing was kept"
    await again.close()


async def test_opened_closed_and_opened_again(working: Program, events: list[Event], tmp_path: Path) -> None:
    studio = working.studio
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 nothing")
    keys = studio.open([COLLINS, broken, HOPPER, COLLINS])
    assert len(studio.pictures) == 3, "what is open is brought forward, not opened twice"
    assert studio.current is not None
    assert studio.current.key == keys[0]
    await until(lambda: all_read(working), 60)
    states = [picture.status for picture in studio.pictures]
    assert states == [PictureStatus.READY, PictureStatus.FAILED, PictureStatus.READY]
    assert studio.pictures[1].hint is not None
    target = TargetFaceRef(studio.pictures[0].media.id, 0)  # type: ignore[union-attr]
    board = studio.board.paired([target], SourceFaceId("s"))
    studio.set_board(board)
    studio.close_picture(keys[0])
    assert [picture.key for picture in studio.pictures] == keys[1:3]
    assert studio.current is not None
    assert studio.current.key == keys[1], "the one that took its place"
    assert studio.board == board
    studio.restore_picture(keys[0], 0)
    assert [picture.key for picture in studio.pictures] == keys[:3]
    await until(lambda: studio.picture(keys[0]).status is PictureStatus.READY, 60)  # type: ignore[union-attr]
    assert [one.key for one in studio.paired_pictures()] == [keys[0]]
    for key in keys[:3]:
        studio.close_picture(key)
    assert not working.studio.pictures
    studio.close_picture("not open")
    assert all(isinstance(event, StudioChanged) for event in events)


async def test_closing_while_it_is_looked_at(working: Program) -> None:
    keys = working.studio.open([COLLINS, HOPPER])
    await asyncio.sleep(0)
    working.studio.close_picture(keys[0])
    working.studio.close_picture(keys[1])
    await asyncio.sleep(0.1)
    assert working.studio.pictures == ()


async def test_one_person_in_many_pictures(working: Program, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror.png"
    with Image.open(HOPPER) as picture:
        ImageOps.mirror(picture.convert("RGB")).save(mirror)
    both = two_people(tmp_path / "both.png")
    studio = working.studio
    studio.open([HOPPER, mirror, both, COLLINS])
    await until(lambda: all_read(working), 90)
    hopper, mirrored, group, collins = studio.pictures

    def faces_of(picture: StudioPicture) -> list[TargetFaceRef]:
        return studio.targets_of_all_faces(picture.key)

    [her] = faces_of(hopper)
    alike = studio.targets_like(her)
    assert [ref.media for ref in alike] == [hopper.media.id, mirrored.media.id, group.media.id]  # type: ignore[union-attr]
    [she] = faces_of(collins)
    assert {ref.media for ref in studio.targets_like(she)} == {group.media.id, collins.media.id}  # type: ignore[union-attr]
    assert set(studio.targets_like(her)) & set(studio.targets_like(she)) == set()
    assert len(studio.targets_of_main_faces()) == 4
    assert studio.targets_of_main_faces([group.key])[0] in alike, "the main face is the largest"
    gone = TargetFaceRef(her.media, 9)
    assert studio.targets_like(gone) == [gone]


async def test_forty_pictures_are_all_read_and_the_current_one_is_not_kept_waiting(
    working: Program, tmp_path: Path
) -> None:
    pictures = []
    with Image.open(COLLINS) as picture:
        small = picture.convert("RGB").resize((256, 256))
    for number in range(40):
        shade = small.point(lambda value, number=number: min(255, value + number))
        pictures.append(tmp_path / f"{number:02}.jpg")
        shade.save(pictures[-1])
    working.studio.open(pictures)
    await until(lambda: working.studio.pictures[0].status is PictureStatus.READY, 30)
    assert not all_read(working)
    await until(lambda: all_read(working), 120)
    assert all(len(picture.faces) == 1 for picture in working.studio.pictures)
    targets = working.studio.targets_of_main_faces()
    assert len(targets) == 40
    assert len(working.studio.targets_like(targets[0])) == 40
    working.studio.set_board(working.studio.board.paired(targets, SourceFaceId("s")))
    assert len(working.studio.paired_pictures()) == 40
    working.studio.forget_sources([SourceFaceId("s")])
    assert working.studio.paired_pictures() == []
