from __future__ import annotations

import os
from pathlib import Path

import pytest

from faceswap_desktop.storage.caches import Usage, clear_caches, clear_scratch, trim, usage
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.paths import Home
from tests.unit.storage.processes import output_of, without_privileges


def put(path: Path, size: int, age: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (1_000_000_000 - age, 1_000_000_000 - age))
    return path


@pytest.fixture
def full(home: Home) -> Home:
    put(home.thumbnails_folder / "ab" / "one.jpg", 100, age=50)
    put(home.thumbnails_folder / "cd" / "名前.jpg", 200, age=10)
    put(home.atlases_folder / "old.npz", 1000, age=100)
    put(home.atlases_folder / "new.npz", 1000, age=1)
    put(home.videos_folder / "0ld" / "index.bin", 500, age=90)
    put(home.videos_folder / "0ld" / "tracks-1" / "chunk-0", 500, age=80)
    put(home.videos_folder / "new" / "index.bin", 100, age=95)
    put(home.videos_folder / "new" / "tracks-1" / "chunk-0", 100, age=5)
    put(home.scratch_folder / "half.part", 30)
    put(home.results_folder / "result.jpg", 5000)
    put(home.faces_folder / "p1" / "face.png", 400)
    put(home.held_folder / "t" / "0" / "gone.jpg", 70)
    return home


async def test_usage(full: Home) -> None:
    database = await Database.open(full.database)
    await database.close()
    put(full.root / "faceswap.sqlite3.version-0.9", 11)
    seen = usage(full)
    assert seen.thumbnails == Usage(300, 2)
    assert seen.atlases == Usage(2000, 2)
    assert seen.videos == Usage(1200, 4)
    assert seen.scratch == Usage(30, 1)
    assert seen.results == Usage(5000, 1)
    assert seen.faces == Usage(400, 1)
    assert seen.held == Usage(70, 1)
    assert seen.database == Usage(full.database.stat().st_size + 11, 2)
    assert seen.clearable == Usage(3530, 9)
    assert seen.total.bytes == 9000 + seen.database.bytes


def test_usage_of_a_home_that_is_not_there(tmp_path: Path) -> None:
    assert usage(Home(tmp_path / "nowhere")).total == Usage(0, 0)


def test_usage_of_results_elsewhere(full: Home, tmp_path: Path) -> None:
    put(tmp_path / "mine" / "a.jpg", 9)
    assert usage(full, tmp_path / "mine").results == Usage(9, 1)


def test_clearing_touches_only_what_can_be_made_again(full: Home) -> None:
    assert clear_caches(full) == 3530
    seen = usage(full)
    assert seen.clearable == Usage(0, 0)
    assert (seen.results.files, seen.faces.files, seen.held.files) == (1, 1, 1)
    assert full.thumbnails_folder.is_dir()
    assert list(full.thumbnails_folder.iterdir()) == []


def test_clearing_some(full: Home) -> None:
    assert clear_caches(full, ["thumbnails"], keep=[full.thumbnails_folder / "ab"]) == 200
    assert usage(full).thumbnails == Usage(100, 1)
    assert clear_scratch(full) == 30
    assert usage(full).atlases.files == 2
    for name in ("results", "faces", "..", ""):
        with pytest.raises(ValueError, match="no such cache"):
            clear_caches(full, [name])


def test_trimming_takes_the_oldest_first(full: Home) -> None:
    assert trim(full, 3500) == 0
    assert trim(full, 2500) == 1000
    assert not (full.atlases_folder / "old.npz").exists()
    # What is known of a video goes as a whole, as old as what was used of it last.
    assert trim(full, 2499) == 1000
    assert [path.name for path in full.videos_folder.iterdir()] == ["new"]
    assert trim(full, 1450) == 100
    assert not (full.thumbnails_folder / "ab" / "one.jpg").exists()
    kept = [full.thumbnails_folder / "cd" / "名前.jpg", full.videos_folder / "new"]
    assert trim(full, 0, keep=kept) == 1000
    assert usage(full).clearable == Usage(430, 4)


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_links_are_not_followed(full: Home, tmp_path: Path) -> None:
    mine = put(tmp_path / "mine" / "photo.jpg", 10)
    (full.scratch_folder / "link").symlink_to(tmp_path / "mine")
    (full.thumbnails_folder / "link.jpg").symlink_to(mine)
    clear_caches(full)
    assert mine.exists()
    assert not (full.scratch_folder / "link").is_symlink()


CLEAR = """
import sys
from pathlib import Path
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.caches import clear_caches
from faceswap_desktop.storage.paths import Home
try:
    clear_caches(Home(Path(sys.argv[1])))
except StorageError as error:
    print(error.kind)
"""


def test_what_cannot_be_deleted_is_told_after_the_rest_went(full: Home) -> None:
    before = without_privileges()
    stuck = full.thumbnails_folder / "ab"
    stuck.chmod(0o500)
    try:
        assert output_of(CLEAR, full.root, before=before) == "permission\n"
    finally:
        stuck.chmod(0o700)
    assert usage(full).clearable == Usage(100, 1)
