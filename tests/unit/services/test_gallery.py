"""Results: deleted, brought back, handed to the trash, copied; whatever happens in between."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.errors import InputRefused, StorageError, UsageError
from faceswap_desktop.domain.events import Event, ResultsChanged
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import ResultId
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore
from tests.unit.services.conftest import HOPPER, add_result, names_in, until


async def titles(program: Program) -> list[str]:
    ids = await program.gallery.find(GalleryQuery())
    return sorted(result.title for result in await program.gallery.results(ids))


async def test_deleted_and_brought_back(program: Program, events: list[Event], trash: Path) -> None:
    a, b = await add_result(program, "a"), await add_result(program, "b")
    deletion = await program.gallery.delete([a.id, b.id])
    assert await titles(program) == []
    assert not Path(a.path).exists()
    await program.gallery.bring_back(deletion)
    assert await titles(program) == ["a", "b"]
    assert Path(a.path).read_bytes() == HOPPER.read_bytes()
    assert [event.results for event in events if isinstance(event, ResultsChanged)] == [(a.id, b.id)] * 2
    assert names_in(trash) == []


async def test_a_result_without_its_file_can_be_deleted(program: Program) -> None:
    a = await add_result(program, "a")
    Path(a.path).unlink()
    deletion = await program.gallery.delete([a.id])
    assert await titles(program) == []
    await program.gallery.bring_back(deletion)
    assert await titles(program) == ["a"]


async def test_deleting_twice_deletes_once(program: Program) -> None:
    a = await add_result(program, "a")
    first = await program.gallery.delete([a.id])
    second = await program.gallery.delete([a.id])
    assert second.results == ()
    await program.gallery.bring_back(first)
    assert await titles(program) == ["a"]
    assert Path(a.path).is_file()


async def test_a_name_taken_meanwhile_is_left_alone(program: Program) -> None:
    a = await add_result(program, "a")
    deletion = await program.gallery.delete([a.id])
    Path(a.path).write_bytes(b"somebody else's")
    await program.gallery.bring_back(deletion)
    [back] = await program.gallery.results([a.id])
    assert Path(back.path).name == "a (2).jpg"
    assert Path(back.path).read_bytes() == HOPPER.read_bytes()
    assert Path(a.path).read_bytes() == b"somebody else's"


async def test_when_rows_cannot_be_written_the_files_stay(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    a = await add_result(program, "a")

    async def full(*_: object) -> None:
        from faceswap_desktop.domain.messages import message

        raise StorageError(message("The disk is full."), kind="disk-full")

    monkeypatch.setattr(ResultStore, "mark_deleted", full)
    with pytest.raises(StorageError):
        await program.gallery.delete([a.id])
    assert Path(a.path).read_bytes() == HOPPER.read_bytes()
    assert await titles(program) == ["a"]


async def test_after_its_time_it_goes_to_the_trash_by_itself(program: Program, trash: Path) -> None:
    await program.settings.update("storage", undo_seconds=0)
    a = await add_result(program, "a")
    deletion = await program.gallery.delete([a.id])
    await until(lambda: names_in(trash) == ["a.jpg"])
    await until_gone(program, a.id)
    with pytest.raises(UsageError, match="time to bring this back is over"):
        await program.gallery.bring_back(deletion)


async def until_gone(program: Program, result_id: ResultId) -> None:
    async with asyncio.timeout(5):
        while await program.gallery.results([result_id]):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_what_waits_when_the_program_ends_goes_later(home: Home, trash: Path) -> None:
    first = await build(home)
    await first.settings.update("storage", undo_seconds=1)
    a = await add_result(first, "a")
    await first.gallery.delete([a.id])
    await first.close()
    again = await build(home)
    await again.gallery.expire()
    assert names_in(trash) == [], "its time is not over"
    await until(lambda: names_in(trash) == ["a.jpg"], 10)
    await until_gone(again, a.id)
    await again.close()


async def test_thumbnails_are_made_once_and_a_lost_file_is_said(working: Program) -> None:
    a = await add_result(working, "a")
    first, second = await asyncio.gather(working.gallery.thumbnail(a), working.gallery.thumbnail(a))
    assert first == second
    stamp = first.stat().st_mtime_ns
    assert await working.gallery.thumbnail(a) == first
    assert first.stat().st_mtime_ns == stamp
    b = await add_result(working, "b")
    Path(b.path).unlink()
    for _ in range(2):
        with pytest.raises(InputRefused) as caught:
            await working.gallery.thumbnail(b)
        assert caught.value.kind == "missing"
    asking = asyncio.create_task(working.gallery.thumbnail(b))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    # Whoever else asks meanwhile shares the answer; this is about the time after it.
    await asyncio.gather(*working.gallery._making.values(), return_exceptions=True)
    await asyncio.to_thread(shutil.copyfile, HOPPER, b.path)
    assert (await working.gallery.thumbnail(b)).is_file()


async def test_copies_replace_no_file(working: Program, tmp_path: Path) -> None:
    a = await add_result(working, "a")
    there = tmp_path / "mine.jpg"
    there.write_bytes(b"only one")
    first = await working.gallery.save_as(a, there)
    second = await working.gallery.save_as(a, there)
    assert [Path(one.path).name for one in (first, second)] == ["mine (2).jpg", "mine (3).jpg"]
    assert there.read_bytes() == b"only one"
    assert Path(first.path).read_bytes() == HOPPER.read_bytes(), "the same format is copied byte by byte"
    png = await working.gallery.save_as(a, tmp_path / "x.png")
    assert Path(png.path).read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="extension"):
        await working.gallery.save_as(a, tmp_path / "x.txt")
    with pytest.raises(StorageError):
        await working.gallery.save_as(a, tmp_path / "nowhere" / "x.jpg")
    Path(a.path).unlink()
    with pytest.raises(InputRefused):
        await working.gallery.save_as(a, tmp_path / "y.jpg")


async def test_names_and_marks(program: Program) -> None:
    a, b = await add_result(program, "a"), await add_result(program, "b")
    await program.gallery.rename(a.id, "  for \n the card ")
    with pytest.raises(UsageError, match="a name"):
        await program.gallery.rename(a.id, "  ")
    with pytest.raises(UsageError):
        await program.gallery.rename(ResultId("none"), "x")
    await program.gallery.set_favourite([a.id, b.id, ResultId("none")], True)
    assert set(await program.gallery.find(GalleryQuery(favourites_only=True))) == {a.id, b.id}
    await program.gallery.set_favourite([b.id], False)
    assert await program.gallery.find(GalleryQuery("card", favourites_only=True)) == [a.id]
    assert len(await program.gallery.find(GalleryQuery(), limit=1)) == 1


async def test_two_presses_at_once_delete_once(program: Program) -> None:
    a = await add_result(program, "a")
    first, second = await asyncio.gather(program.gallery.delete([a.id]), program.gallery.delete([a.id]))
    assert sorted([first.results, second.results]) == [(), (a.id,)]
    await program.gallery.bring_back(first if first.results else second)
    assert await titles(program) == ["a"]
    assert Path(a.path).is_file()


@pytest.mark.parametrize("name", ["", "."])
async def test_a_copy_needs_a_name(program: Program, name: str) -> None:
    a = await add_result(program, "a")
    with pytest.raises(UsageError, match="name"):
        await program.gallery.save_as(a, name)


async def test_a_copy_with_too_long_a_name_is_refused(working: Program, tmp_path: Path) -> None:
    a = await add_result(working, "a")
    with pytest.raises(StorageError, match="could not be written"):
        await working.gallery.save_as(a, tmp_path / ("x" * 300 + ".png"))


async def test_a_title_is_one_line_that_can_be_seen(program: Program) -> None:
    a = await add_result(program, "a")
    with pytest.raises(UsageError):
        await program.gallery.rename(a.id, "\x00\x1b")
    await program.gallery.rename(a.id, "one\x00two\nthree")
    assert await titles(program) == ["one two three"]
