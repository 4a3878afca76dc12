from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from functools import partial

import pytest

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.gallery import GalleryQuery, GallerySort
from faceswap_desktop.domain.job import JobId, JobState, ResultId
from faceswap_desktop.storage import results as results_module
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger, TransitionRefused
from faceswap_desktop.storage.results import ResultStore, format_of
from tests.unit.storage.builders import a_job, a_recipe, a_result


@pytest.fixture
def results(db: Database) -> ResultStore:
    return ResultStore(db)


def plan_of(statement: str, values: tuple[object, ...], connection: sqlite3.Connection) -> list[str]:
    return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def rows_of(table: str, connection: sqlite3.Connection) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def found(results: ResultStore, query: GalleryQuery) -> Sequence[str]:
    ids = await results.query(query)
    assert await results.count(query) == len(ids)
    return ids


async def test_a_result_comes_back_as_it_went_in(results: ResultStore) -> None:
    result = a_result(
        path="/results/名前 'q\" \n.jpg",
        recipe=a_recipe(sources=(("s1", "Ada"), ("s2", "Bo"), ("s1", "Ada"))),
        similarity=None,
        is_favourite=True,
        deleted_at=7.5,
        notes=("One.", "Two."),
    )
    await results.add(result)
    assert await results.get([result.id]) == [result]
    assert await results.of_job(result.job) == result
    assert await results.of_job(JobId("other")) is None


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
async def test_a_file_whose_name_is_no_text(results: ResultStore) -> None:
    path = os.fsdecode(b"/results/no \xff text.png")
    await results.add(a_result(path=path, title=os.fsdecode(b"no \xff text"), recipe=a_recipe(path)))
    (result,) = await results.get([ResultId("r1")])
    assert os.fsencode(result.path) == b"/results/no \xff text.png"
    assert os.fsencode(result.recipe.media.path) == b"/results/no \xff text.png"
    assert result.title == "no ? text"
    assert await found(results, GalleryQuery("text")) == ["r1"]


async def test_finish_is_one_step_with_the_job(results: ResultStore, db: Database) -> None:
    ledger = Ledger(db)
    await ledger.add(a_job(state=JobState.FINISHING, progress=0.9))
    job = await results.finish(JobId("j1"), a_result())
    assert (job.state, job.result, job.progress, job.ended_at) == (JobState.SUCCEEDED, "r1", 1.0, 2000.5)
    assert await ledger.get(JobId("j1")) == job
    assert await results.get([ResultId("r1")]) == [a_result()]
    # After a crash it may be said again.
    assert await results.finish(JobId("j1"), a_result()) == job
    with pytest.raises(TransitionRefused):
        await results.finish(JobId("j1"), a_result("r2"))
    assert await results.count(GalleryQuery()) == 1


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.FINISHING])
async def test_a_job_that_is_not_finishing_gets_no_result(results: ResultStore, db: Database, state: JobState) -> None:
    await Ledger(db).add(a_job(state=state))
    with pytest.raises(TransitionRefused):
        await results.finish(JobId("j1"), a_result())
    assert await results.count(GalleryQuery(include_deleted=True)) == 0


async def test_a_result_of_another_job_is_a_mistake(results: ResultStore) -> None:
    with pytest.raises(ValueError, match="cannot finish"):
        await results.finish(JobId("j2"), a_result(job="j1"))


async def test_results_outlive_their_jobs(results: ResultStore, db: Database) -> None:
    await Ledger(db).add(a_job(state=JobState.FINISHING))
    await results.finish(JobId("j1"), a_result())
    await Ledger(db).delete(JobId("j1"))
    assert await results.get([ResultId("r1")]) == [a_result()]


async def test_many_are_read_in_the_order_asked_for(results: ResultStore, db: Database) -> None:
    made = [a_result(f"r{number}", f"j{number}") for number in range(1100)]

    def write(connection: sqlite3.Connection) -> None:
        for result in made:
            results_module.insert_result(connection, result)

    await db.write(write)
    wanted = [ResultId(f"r{number}") for number in (5, 1099, *range(600, 0, -1), 5)]
    got = await results.get([*wanted[:2], ResultId("gone"), *wanted[2:]])
    assert [result.id for result in got] == wanted


async def test_orders(results: ResultStore) -> None:
    rows = (
        ("a", 10.0, "Photo 10", 500, 0.5),
        ("b", 30.0, "photo 2", 100, None),
        ("c", 20.0, "Émile", 900, 0.9),
        ("d", 40.0, "zebra", 100, -0.1),
        ("e", 50.0, "photo 2", 100, 0.9),
    )
    for name, made, title, size, similarity in rows:
        await results.add(a_result(name, name, created_at=made, title=title, size_bytes=size, similarity=similarity))
    orders = {
        GallerySort.NEWEST: "edbca",
        GallerySort.OLDEST: "acbde",
        GallerySort.NAME: "cebad",
        GallerySort.SIZE: "caedb",
        GallerySort.SIMILARITY: "ecadb",
    }
    for sort, order in orders.items():
        assert "".join(await found(results, GalleryQuery(sort=sort))) == order
        # Narrowed, the answer comes another way; it has to be the same.
        assert "".join(await found(results, GalleryQuery("jpg", sort=sort))) == order
    assert set(orders) == set(GallerySort)


@pytest.mark.parametrize(
    ("text", "matching"),
    [
        ("", "abc"),
        ("  ", "abc"),
        ("BEACH", "a"),
        ("emile", "a"),
        ("Émile", "a"),
        ("strasse", "b"),
        ("李雷", "b"),
        ("雷", "b"),
        ("beach émi", "a"),
        ("beach wedding", ""),
        ("100%", "c"),
        ("_", "c"),
        ("%", "c"),
        ("\"'", "c"),
        ("*", ""),
        ("original", "a"),
        ("dance.png", "c"),
        ("jpg b", "a"),
    ],
)
async def test_searching(results: ResultStore, text: str, matching: str) -> None:
    await results.add(
        a_result(
            "a", "a", title="Beach", path="/r/x.jpg", recipe=a_recipe("/p/original.jpg", sources=(("s1", "Émile"),))
        )
    )
    await results.add(
        a_result("b", "b", title="Große Straße", path="/r/y", recipe=a_recipe("/p/y", sources=(("s2", "李雷"),)))
    )
    await results.add(
        a_result(
            "c",
            "c",
            title="100%_off\"'",
            path="/beaches/dance.png",
            recipe=a_recipe("/p/c.png", sources=(("s2", "Bo"),)),
        )
    )
    assert set(await found(results, GalleryQuery(text))) == set(matching)


async def test_filters(results: ResultStore) -> None:
    await results.add(a_result("a", "a", created_at=10.0, is_favourite=True, path="/r/a.JPEG"))
    await results.add(
        a_result(
            "b", "b", created_at=20.0, path="/r/b.png", recipe=a_recipe(provider="elsewhere", sources=(("s2", "Bo"),))
        )
    )
    await results.add(
        a_result("c", "c", created_at=30.0, path="/r/c.webp", recipe=a_recipe(sources=(("s1", "Ada"), ("s2", "Bo"))))
    )
    await results.add(a_result("d", "d", created_at=40.0, path="/r/d.jpg", deleted_at=99.0))

    async def matching(**narrowed: object) -> str:
        return "".join(await found(results, GalleryQuery(sort=GallerySort.OLDEST, **narrowed)))  # type: ignore[arg-type]

    assert await matching() == "abc"
    assert await matching(include_deleted=True) == "abcd"
    assert await matching(favourites_only=True) == "a"
    assert await matching(provider="elsewhere") == "b"
    assert await matching(source_face=SourceFaceId("s2")) == "bc"
    assert await matching(source_face=SourceFaceId("s1"), include_deleted=True) == "acd"
    assert await matching(since=20.0) == "bc"
    assert await matching(until=20.0) == "a"
    assert await matching(since=10.0, until=30.0) == "ab"
    assert await matching(formats=("JPEG",)) == "a"
    assert await matching(formats=("PNG", "WEBP")) == "bc"
    assert await matching(text="ada", source_face=SourceFaceId("s2"), formats=("WEBP",), since=1.0) == "c"
    assert await matching(text="ada", favourites_only=True, provider="elsewhere") == ""


def test_a_query_knows_whether_it_narrows() -> None:
    assert not GalleryQuery(sort=GallerySort.SIZE, include_deleted=True).is_narrowed
    assert GalleryQuery(text="x").is_narrowed
    assert GalleryQuery(since=0.0).is_narrowed


async def test_renaming_changes_search_and_order(results: ResultStore) -> None:
    await results.add(a_result("a", "a", title="Apple"))
    await results.add(a_result("b", "b", title="Berry"))
    changed = await results.update(ResultId("a"), title="Cherry", is_favourite=True)
    assert changed == a_result("a", "a", title="Cherry", is_favourite=True)
    assert await results.get([ResultId("a")]) == [changed]
    assert await found(results, GalleryQuery("cherry")) == ["a"]
    assert await found(results, GalleryQuery("apple")) == []
    assert await found(results, GalleryQuery(sort=GallerySort.NAME)) == ["b", "a"]
    moved = await results.update(ResultId("b"), path="/moved/new name.webp")
    assert (moved.title, moved.path, moved.is_favourite) == ("Berry", "/moved/new name.webp", False)
    assert await found(results, GalleryQuery(formats=("WEBP",))) == ["b"]
    assert await found(results, GalleryQuery("new name")) == ["b"]
    with pytest.raises(UsageError) as raised:
        await results.update(ResultId("gone"), title="x")
    assert raised.value.kind == "no-such-result"


async def test_deleting_restoring_and_forgetting(results: ResultStore, db: Database) -> None:
    for name in "abc":
        await results.add(a_result(name, name))
    ids = [ResultId("a"), ResultId("b"), ResultId("gone")]
    await results.mark_deleted(ids, 50.0)
    await results.mark_deleted([ResultId("c")], 60.0)
    assert await found(results, GalleryQuery()) == []
    assert await results.deleted_before(50.0) == ["a", "b"]
    assert await results.deleted_before(49.0) == []
    await results.restore([ResultId("a")])
    assert await found(results, GalleryQuery()) == ["a"]
    assert await results.deleted_before(100.0) == ["b", "c"]
    await results.forget(await results.deleted_before(100.0))
    assert await found(results, GalleryQuery(include_deleted=True)) == ["a"]
    assert await results.get(ids) == [a_result("a", "a")]
    for table in ("result_details", "result_sources"):
        assert await db.read(partial(rows_of, table)) == 1


async def test_no_question_sorts_or_reads_the_table_out_of_order(results: ResultStore, db: Database) -> None:
    """What makes a hundred thousand rows quick; measured in tests/benchmarks/gallery.py."""
    for sort in GallerySort:
        for query in (
            GalleryQuery(sort=sort),
            GalleryQuery(sort=sort, favourites_only=True, provider="on-device", formats=("PNG",), since=1.0, until=2.0),
            GalleryQuery("word", sort=sort, source_face=SourceFaceId("s1")),
        ):
            statement, values = results_module._id_statement(query)
            plan = await db.read(partial(plan_of, statement, values))
            assert not any("TEMP B-TREE" in line for line in plan), plan
            assert any("COVERING INDEX results_by_" in line for line in plan), plan


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/b.jpg", "JPEG"), ("b.JPEG", "JPEG"), ("x.y.png", "PNG"), ("x.webp", "WEBP"), ("x.tif", "TIFF"), ("x", "")],
)
def test_formats_by_extension(path: str, name: str) -> None:
    assert format_of(path) == name
