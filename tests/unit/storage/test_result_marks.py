"""How results were marked, and where copies of them went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.job import JobState, ResultId
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from tests.unit.storage.builders import a_job, a_result

MARK = ResultMark(True, SignerKind.OWN, 12.5, "/results/party.c2pa", bytes(range(256)))


async def test_marks_come_back_with_their_results(db: Database) -> None:
    store = ResultStore(db)
    marked, bare = replace(a_result("a"), mark=MARK), a_result("b", "jb")
    odd = replace(a_result("c", "jc"), mark=replace(MARK, sidecar="/results/\udcff.c2pa", signer=None))
    for one in (marked, bare, odd):
        await store.add(one)
    assert await store.get([ResultId("a"), ResultId("b"), ResultId("c")]) == [marked, bare, odd]
    assert await store.of_job(marked.job) == marked
    assert await store.marks.unsigned() == [ResultId("c")]
    assert await store.marks.hashes() == ((ResultId("c"), MARK.marks), (ResultId("a"), MARK.marks))


async def test_signing_later_changes_all_of_it_at_once(db: Database) -> None:
    store = ResultStore(db)
    await store.add(replace(a_result("a"), mark=ResultMark(True)))
    signed = await store.marks.put(ResultId("a"), MARK, 77, "ab" * 32)
    assert (signed.mark, signed.size_bytes, signed.digest) == (MARK, 77, "ab" * 32)
    assert await store.get([ResultId("a")]) == [signed]
    assert await store.marks.unsigned() == []
    with pytest.raises(UsageError) as refused:
        await store.marks.put(ResultId("gone"), MARK, 1, "")
    assert refused.value.kind == "no-such-result"


async def test_a_sidecar_moves_with_its_result(db: Database) -> None:
    store = ResultStore(db)
    await store.add(replace(a_result("a"), mark=MARK))
    await store.add(a_result("b", "jb"))
    moved = await store.update(ResultId("a"), path="/there/party.mkv", sidecar="/there/party.c2pa")
    assert moved.mark == replace(MARK, sidecar="/there/party.c2pa")
    assert await store.get([ResultId("a")]) == [moved]
    assert (await store.update(ResultId("b"), sidecar="/there/b.c2pa")).mark is None


async def test_marks_and_copies_go_with_their_result(db: Database) -> None:
    store, ledger = ResultStore(db), Ledger(db)
    job = a_job("j", state=JobState.FINISHING)
    await ledger.add(job)
    made = replace(a_result("a"), job=job.id, mark=MARK)
    await store.finish(job.id, made, "/wanted/party.png")
    await store.marks.add_copy(made.id, "/usb/\udcfe.png", 9e12)
    await store.marks.add_copy(ResultId("gone"), "/usb/none.png", 1.0)
    assert await store.marks.copies([made.id, ResultId("gone")]) == {made.id: ("/wanted/party.png", "/usb/\udcfe.png")}
    await store.forget([made.id])
    assert await store.marks.copies([made.id]) == {}
    assert await store.marks.hashes() == ()
    left = await db.read(lambda connection: connection.execute("SELECT count(*) FROM result_marks").fetchone()[0])
    assert left == 0


async def test_results_from_before_marks_have_none(db: Database) -> None:
    store = ResultStore(db)
    await store.add(a_result("old"))
    assert [one.mark for one in await store.get([ResultId("old")])] == [None]
