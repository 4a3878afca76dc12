from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.migrations import APPLICATION_ID, MIGRATIONS, Migration
from faceswap_desktop.storage.paths import Home
from tests.unit.storage.builders import a_job
from tests.unit.storage.processes import on_a_disk, output_of, started, without_privileges

LAST = MIGRATIONS[-1].version
MINOR_STEP = Migration(LAST + 1, "0.1.9", ("CREATE TABLE extra (word TEXT NOT NULL) STRICT",))
MAJOR_STEP = Migration((LAST // 1000 + 1) * 1000, "7.5.0", ("CREATE TABLE later (word TEXT NOT NULL) STRICT",))


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of every file of a folder, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


async def made(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Leave a database with one job behind."""
    database = await Database.open(path, migrations=migrations)
    await Ledger(database).add(a_job("kept"))
    await database.close()


async def refused(path: Path, **options: float) -> StorageError:
    with pytest.raises(StorageError) as raised:
        await Database.open(path, **options)  # type: ignore[arg-type]
    return raised.value


async def test_a_new_database_is_safe_and_strict(db: Database) -> None:
    def look(connection: sqlite3.Connection) -> None:
        def pragma(name: str) -> object:
            return connection.execute(f"PRAGMA {name}").fetchone()[0]

        assert pragma("user_version") == LAST
        assert pragma("application_id") == APPLICATION_ID
        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1
        tables = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        )
        strict = {name: is_strict for name, is_strict in tables if not name.startswith("sqlite_")}
        assert len(strict) >= 12
        assert all(strict.values()), strict

    await db.read(look)
    assert await db.check() == []


async def test_what_fails_leaves_nothing(db: Database) -> None:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('half', 'done')")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await db.write(write)
    assert await db.read(lambda c: c.execute("SELECT count(*) FROM meta WHERE key = 'half'").fetchone()[0]) == 0


async def test_work_is_done_in_order_even_if_nobody_waits_any_more(db: Database) -> None:
    def write(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO meta VALUES ('first', '1')")

    first = asyncio.create_task(db.write(write))
    await asyncio.sleep(0)
    first.cancel()
    rows = await db.read(lambda c: c.execute("SELECT key FROM meta WHERE key = 'first'").fetchall())
    # Done in full or not at all, whichever thread was quicker; never an open transaction.
    assert rows in ([], [("first",)])
    assert await db.read(lambda c: c.in_transaction)
    await asyncio.gather(first, return_exceptions=True)


async def test_our_own_mistakes_are_not_dressed_up_as_disk_errors(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await db.write(lambda c: c.execute("INSERT INTO nowhere VALUES (1)"))
    with pytest.raises(sqlite3.IntegrityError):
        await db.write(lambda c: c.executemany("INSERT INTO meta VALUES (?, '')", [("twice",), ("twice",)]))


async def test_other_processes_changes_are_noticed(db: Database) -> None:
    before = await db.data_version()
    await db.write(lambda c: c.execute("INSERT INTO meta VALUES ('own', '')"))
    assert await db.data_version() == before
    with closing(sqlite3.connect(db.path)) as other, other:
        other.execute("INSERT INTO meta VALUES ('other', '')")
    assert await db.data_version() != before


@pytest.mark.parametrize("name", ["plain", "a b'c\"d", "100% #1?mode=ro&x=;", "名前 имя", "😀"])
async def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    await made(folder / f"{name}.sqlite3")
    database = await Database.open(folder / f"{name}.sqlite3")
    assert await Ledger(database).get(a_job("kept").id) == a_job("kept")
    await database.close()
    assert [path.name for path in folder.iterdir()] == [f"{name}.sqlite3"]


# newer and foreign files


async def test_a_newer_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    await made(path, [*MIGRATIONS, MAJOR_STEP])
    before = digests(tmp_path)
    error = await refused(path)
    assert error.kind == "newer-database"
    assert "needs Faceswap Desktop 7.5.0 or later" in error.message.text()
    assert error.hint is not None
    assert digests(tmp_path) == before


async def test_a_newer_database_whose_program_was_killed_is_untouched_too(tmp_path: Path) -> None:
    made_in, folder = tmp_path / "made", tmp_path / "left"
    made_in.mkdir()
    folder.mkdir()
    database = await Database.open(made_in / "f.sqlite3", migrations=[*MIGRATIONS, MAJOR_STEP])
    await Ledger(database).add(a_job("in the log"))
    for name in ("f.sqlite3", "f.sqlite3-wal"):  # as after kill -9: the log was never folded in
        shutil.copy(made_in / name, folder / name)
    await database.close()
    assert (folder / "f.sqlite3-wal").stat().st_size > 0
    before = digests(folder)
    assert (await refused(folder / "f.sqlite3")).kind == "newer-database"
    after = digests(folder)
    after.pop("f.sqlite3-shm", None)  # an index of the log, made by whoever looks
    assert after == before


async def test_a_newer_minor_version_opens(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    await made(path, [*MIGRATIONS, MINOR_STEP])
    database = await Database.open(path)
    assert await Ledger(database).get(a_job("kept").id) is not None
    assert await database.read(lambda c: c.execute("PRAGMA user_version").fetchone()[0]) == LAST + 1
    await database.close()


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE bookmarks (address TEXT)")
    before = digests(tmp_path)
    error = await refused(path)
    assert error.kind == "foreign-database"
    assert "another program" in error.message.text()
    assert digests(tmp_path)["faceswap.sqlite3"] == before["faceswap.sqlite3"]


# migrations


async def test_before_migrating_a_copy_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    await made(path)
    database = await Database.open(path, migrations=[*MIGRATIONS, MINOR_STEP, MAJOR_STEP])
    assert await Ledger(database).get(a_job("kept").id) == a_job("kept")
    assert await database.read(lambda c: c.execute("PRAGMA user_version").fetchone()[0]) == MAJOR_STEP.version
    await database.close()
    copy = tmp_path / f"faceswap.sqlite3.version-{LAST // 1000}.{LAST % 1000}"
    kept = await Database.open(copy)
    assert await Ledger(kept).get(a_job("kept").id) == a_job("kept")
    await kept.close()


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    await made(path)
    broken = Migration(LAST + 1, "0.2.0", ("CREATE TABLE extra (word TEXT) STRICT", "INSERT INTO nowhere VALUES (1)"))
    with pytest.raises(sqlite3.OperationalError):
        await Database.open(path, migrations=[*MIGRATIONS, broken])
    database = await Database.open(path)
    assert await Ledger(database).get(a_job("kept").id) == a_job("kept")
    assert await database.read(lambda c: c.execute("SELECT * FROM sqlite_schema WHERE name = 'extra'").fetchall()) == []
    await database.close()


async def test_two_at_once_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    await made(path)
    both = await asyncio.gather(
        *(Database.open(path, migrations=[*MIGRATIONS, MINOR_STEP, MAJOR_STEP]) for _ in range(2))
    )
    for database in both:
        assert await database.check() == []
        await database.close()


async def test_many_at_once_make_a_new_one(tmp_path: Path) -> None:
    opened = await asyncio.gather(*(Database.open(tmp_path / "new.sqlite3") for _ in range(6)), return_exceptions=True)
    for database in opened:
        assert isinstance(database, Database), database
        assert await database.check() == []
        await database.close()


async def test_two_that_read_and_then_write_wait_for_each_other(tmp_path: Path) -> None:
    def count_up(connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT value FROM meta WHERE key = 'count'").fetchone()
        value = int(row[0]) + 1 if row else 1
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('count', ?)", (str(value),))

    both = [await Database.open(tmp_path / "shared.sqlite3") for _ in range(2)]
    failed = [
        one
        for one in await asyncio.gather(
            *(database.write(count_up) for _ in range(25) for database in both), return_exceptions=True
        )
        if one is not None
    ]
    counted = await both[0].read(lambda c: c.execute("SELECT value FROM meta WHERE key = 'count'").fetchone()[0])
    for database in both:
        await database.close()
    assert failed == []
    assert counted == "50"


# damage


@pytest.mark.parametrize("damage", ["overwritten", "cut", "text"])
async def test_a_damaged_database_is_set_aside_unchanged(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "faceswap.sqlite3"
    await made(path)
    data = bytearray(path.read_bytes())
    if damage == "overwritten":
        data[:200] = b"\xff" * 200
    elif damage == "cut":
        del data[len(data) // 2 :]
    else:
        data = bytearray(b"this is no database\n" * 100)
    path.write_bytes(data)
    error = await refused(path)
    assert error.kind == "damaged"
    kept = [one for one in tmp_path.iterdir() if "damaged" in one.name and not one.name.endswith(("-wal", "-shm"))]
    assert len(kept) == 1
    assert kept[0].read_bytes() == bytes(data)
    assert str(kept[0]) in error.message.text()
    # The program starts again, empty; a second damaged one does not overwrite the first.
    await made(path)
    path.write_bytes(b"damaged again" * 100)
    assert (await refused(path)).kind == "damaged"
    assert kept[0].read_bytes() == bytes(data)


async def test_damage_met_while_running_is_told_and_left(home: Home) -> None:
    database = await Database.open(home.database)
    await Ledger(database).add_many([a_job(f"j{number}") for number in range(200)])
    page = await database.read(
        lambda c: c.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'").fetchone()[0]
    )
    await database.close()
    with home.database.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xee" * 4096)
    before = home.database.read_bytes()
    database = await Database.open(home.database)
    with pytest.raises(StorageError) as raised:
        await Ledger(database).list()
    assert raised.value.kind == "damaged"
    assert await database.check() != []
    await database.close()
    assert home.database.read_bytes() == before


# other processes

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
connection.execute("COMMIT")
"""


async def test_a_lock_that_does_not_end_is_told(home: Home) -> None:
    await made(home.database)
    database = await Database.open(home.database, busy_timeout_s=0.1)
    with started(HOLD, home.database, "BEGIN IMMEDIATE") as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StorageError) as raised:
            await Ledger(database).add(a_job("new"))
        assert raised.value.kind == "locked"
        assert "in use by another program" in raised.value.message.text()
        # Readers are not kept waiting.
        assert await Ledger(database).get(a_job("kept").id) is not None
        other.stdin.close()
        other.wait(30)
    await Ledger(database).add(a_job("new"))
    assert len(await Ledger(database).list()) == 2
    await database.close()


async def test_a_database_locked_from_the_start(home: Home) -> None:
    await made(home.database)
    exclusive = HOLD.replace(
        "connection.execute(sys.argv[2])",
        "connection.execute('PRAGMA locking_mode=EXCLUSIVE')\nconnection.execute(sys.argv[2])",
    )
    with started(exclusive, home.database, "BEGIN EXCLUSIVE") as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        assert (await refused(home.database, busy_timeout_s=0.1)).kind == "locked"
        other.stdin.close()
        other.wait(30)
    database = await Database.open(home.database)
    assert await Ledger(database).get(a_job("kept").id) is not None
    await database.close()


# full and read-only disks


async def test_a_full_database_loses_nothing_and_goes_on(db: Database) -> None:
    ledger = Ledger(db)
    await ledger.add(a_job("before"))

    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    await db.read(limit)
    with pytest.raises(StorageError) as raised:
        await ledger.add_many([a_job(f"many {number}") for number in range(500)])
    assert raised.value.kind == "disk-full"
    assert "Nothing was lost" in raised.value.message.text()
    assert [job.id for job in await ledger.list()] == ["before"]
    await db.read(lambda c: c.execute("PRAGMA max_page_count=1000000").fetchone())
    await ledger.add_many([a_job(f"many {number}") for number in range(500)])
    assert len(await ledger.list()) == 501
    assert await db.check() == []


FILL = """
import asyncio, os, sys
from pathlib import Path
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.storage.builders import a_job

async def main():
    path = Path(sys.argv[1]) / "faceswap.sqlite3"
    database = await Database.open(path)
    ledger, added = Ledger(database), 0
    try:
        while True:
            await ledger.add(a_job(f"j{added}"))
            added += 1
    except StorageError as error:
        print(error.kind, added)
    # Still readable while full, and whole after starting again.
    assert len(await ledger.list()) == added
    await database.close()
    (path.parent / "ballast").unlink()
    database = await Database.open(path)
    print(len(await Ledger(database).list()), await database.check())
    await Ledger(database).add(a_job("after"))
    await database.close()
asyncio.run(main())
"""


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    ballast = 'head -c 300000 /dev/zero > "$0/ballast"'
    said = output_of(FILL, tmp_path, before=on_a_disk(tmp_path, 1024, ballast)).splitlines()
    kind, added = said[0].split()
    assert kind == "disk-full"
    assert int(added) > 10
    assert said[1] == f"{added} []"


TRY = """
import asyncio, sys
from pathlib import Path
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.storage.builders import a_job

async def main():
    try:
        database = await Database.open(Path(sys.argv[1]))
        try:
            await Ledger(database).add(a_job("new"))
        finally:
            await database.close()
    except StorageError as error:
        print(error.kind, error.message.text(), sep="|")
    else:
        print("written")
asyncio.run(main())
"""


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_a_database_that_may_not_be_written(home: Home, what: str) -> None:
    before = without_privileges()
    await made(home.database)
    content = home.database.read_bytes()
    place = home.database if what == "file" else home.root
    place.chmod(0o400 if what == "file" else 0o500)
    try:
        said = output_of(TRY, home.database, before=before)
    finally:
        place.chmod(0o700)
    assert said.startswith("permission|"), said
    assert home.database.read_bytes() == content


async def test_a_database_on_a_read_only_disk(tmp_path: Path) -> None:
    await made(tmp_path / "made.sqlite3")
    disk = tmp_path / "disk"
    disk.mkdir()
    copy = f'cp "{tmp_path}/made.sqlite3" "$0/" && mount -o remount,ro "$0"'
    said = output_of(TRY, disk / "made.sqlite3", before=on_a_disk(disk, 1024, copy))
    assert said.startswith("read-only|"), said


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
async def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"no \xff text")
    folder.mkdir()
    await made(folder / "faceswap.sqlite3")
    (folder / "faceswap.sqlite3").write_bytes(b"x" * 5000)
    error = await refused(folder / "faceswap.sqlite3")
    error.message.text().encode("utf-8")
