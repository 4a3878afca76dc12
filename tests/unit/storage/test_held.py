from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import StorageError, UsageError
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.held import HeldFiles, HeldStore
from faceswap_desktop.storage.paths import Home
from tests.unit.storage.processes import on_a_disk, output_of

FAR = 1e12


@pytest.fixture
def held(home: Home, db: Database) -> HeldStore:
    return HeldStore(home, db)


@pytest.fixture
def files(home: Home, tmp_path: Path) -> list[Path]:
    paths = [home.results_folder / "a.jpg", home.results_folder / "名 'q'.png", tmp_path / "elsewhere" / "a.jpg"]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([number]) * 100)
    return paths


@pytest.fixture
def trash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The real trash of the desktop, in a folder of the test."""
    if sys.platform != "linux":
        pytest.skip("only the trash of Linux desktops can be put elsewhere")
    import send2trash.plat_other

    folder = tmp_path / "trash"
    monkeypatch.setattr(send2trash.plat_other, "HOMETRASH_B", os.fsencode(folder))
    return folder / "files"


def contents(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


async def test_there_and_back(held: HeldStore, files: list[Path], home: Home) -> None:
    before = contents(files)
    token = await held.hold_files(files)
    assert token.origins == tuple(files)
    assert not any(path.exists() for path in files)
    assert await held.all() == [token]
    assert await held.bring_back(token) == tuple(files)
    assert contents(files) == before
    assert await held.all() == []
    assert list(home.held_folder.iterdir()) == []


async def test_what_is_held_outlives_the_program(home: Home, files: list[Path]) -> None:
    first = await Database.open(home.database)
    token = await HeldStore(home, first).hold_files(files)
    await first.close()
    second = await Database.open(home.database)
    assert await HeldStore(home, second).all() == [token]
    await HeldStore(home, second).bring_back(token)
    assert all(path.exists() for path in files)
    await second.close()


async def test_a_file_that_is_gone_already_is_passed_over(held: HeldStore, files: list[Path]) -> None:
    files[1].unlink()
    token = await held.hold_files(files)
    assert token.origins == (files[0], files[2])
    assert await held.bring_back(token) == (files[0], files[2])


async def test_a_name_that_was_taken_meanwhile_is_not_overwritten(held: HeldStore, files: list[Path]) -> None:
    token = await held.hold_files(files[:1])
    files[0].write_bytes(b"newer")
    (brought,) = await held.bring_back(token)
    assert brought == files[0].with_name("a (2).jpg")
    assert files[0].read_bytes() == b"newer"
    assert brought.read_bytes() == b"\x00" * 100


async def test_a_folder_that_went_is_made_again(held: HeldStore, files: list[Path]) -> None:
    token = await held.hold_files(files[2:])
    files[2].parent.rmdir()
    assert await held.bring_back(token) == (files[2],)


async def test_a_move_that_fails_leaves_all_in_place(
    held: HeldStore, files: list[Path], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(files)
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if self == files[2]:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(StorageError) as raised:
        await held.hold_files(files)
    assert raised.value.kind == "permission"
    assert contents(files) == before
    assert await held.all() == []
    assert list(home.held_folder.iterdir()) == []


async def test_expiry_hands_files_to_the_trash(held: HeldStore, files: list[Path], trash: Path) -> None:
    old = await held.hold_files(files[:2])
    assert await held.expire(old.held_at - 1) is None
    assert await held.all() == [old]
    assert await held.expire(FAR) is None
    assert await held.all() == []
    assert sorted(path.name for path in trash.iterdir()) == ["a.jpg", "名 'q'.png"]
    assert (trash / "a.jpg").read_bytes() == b"\x00" * 100
    with pytest.raises(UsageError) as raised:
        await held.bring_back(old)
    assert raised.value.kind == "gone"


async def test_without_a_trash_files_stay_and_it_is_said_once(
    held: HeldStore, files: list[Path], home: Home, trash: Path
) -> None:
    trash.parent.write_text("a file where the trash should be")
    token = await held.hold_files(files)
    notice = await held.expire(FAR)
    assert notice is not None
    assert (
        notice.text()
        == f"3 deleted files could not be put into the system's trash. They are kept in “{home.held_folder}”."
    )
    assert await held.expire(FAR) is None
    await held.bring_back(token)
    assert all(path.exists() for path in files)


async def test_an_unknown_token(held: HeldStore) -> None:
    with pytest.raises(UsageError):
        await held.bring_back(HeldFiles("never", (), 0.0))  # type: ignore[arg-type]


ACROSS = """
import asyncio, os, sys
from pathlib import Path
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.held import HeldStore
from faceswap_desktop.storage.paths import Home

async def main():
    home, disk, size = Home(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
    home.create()
    database = await Database.open(home.database)
    held, file = HeldStore(home, database), disk / "big.jpg"
    file.write_bytes(b"x" * size)
    os.utime(file, (1, 1))
    token = await held.hold_files([file])
    print(file.exists(), [one.stat().st_size for one in home.held_folder.rglob("*.jpg")])
    try:
        if len(sys.argv) > 4:
            (disk / "ballast").write_bytes(b"x" * int(sys.argv[4]))
        await held.bring_back(token)
    except StorageError as error:
        still_held = [one.name for one in home.held_folder.rglob("*.jpg")]
        print(error.kind, still_held, os.listdir(disk), len(await held.all()))
    else:
        print(file.read_bytes() == b"x" * size, file.stat().st_mtime, os.listdir(disk))
    await database.close()
asyncio.run(main())
"""


def test_results_on_another_disk(home: Home, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    said = output_of(ACROSS, home.root, disk, "5000", before=on_a_disk(disk, 256)).splitlines()
    assert said == ["False [5000]", "True 1.0 ['big.jpg']"]


def test_bringing_back_to_a_full_disk(home: Home, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    said = output_of(ACROSS, home.root, disk, "100000", "200000", before=on_a_disk(disk, 256)).splitlines()
    assert said == ["False [100000]", "disk-full ['big.jpg'] ['ballast'] 1"]
