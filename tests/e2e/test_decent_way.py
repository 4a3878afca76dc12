"""The whole way once: asked who it is, made, shared with its label, read by somebody else, tampered with, withdrawn."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from faceswap_desktop.compose import build
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.storage.paths import Home
from tests.e2e.program import COLLINS, HOPPER, run
from tests.signed_files import flip
from tests.witness import witness


def test_from_being_asked_once_to_nothing_left(tmp_path: Path) -> None:
    witness.skip_where_missing()
    home, output = tmp_path / "home", tmp_path / "party.jpg"
    source = shutil.copyfile(COLLINS, tmp_path / "a rare name.png")
    swap = ("swap", "--target", HOPPER, "--source", source, "--output", output, "--json")
    refused = run(home, *swap)
    assert refused.code == 5
    assert refused.json["error"]["kind"] == "consent"
    assert "--consent" in refused.json["error"]["hint"]
    assert not output.exists()

    made = run(home, *swap, "--consent", "She asked for it")
    assert made.code == 0, made.err
    again = run(home, *swap[:-2], tmp_path / "second.jpg", "--json")
    assert again.code == 0, "it is asked once"

    # Somebody else looks, with a reader that has nothing to do with ours.
    [whole, tampered] = witness.look(
        tmp_path,
        [
            ("image/jpeg", output.read_bytes()),
            ("image/jpeg", flip(output, tmp_path / "flipped.jpg").read_bytes()),
        ],
    )
    assert whole.state == "Valid"
    assert "Face swapped" in str(whole.manifest)
    assert "label" in str(whole.manifest).lower()
    assert tampered.state == "Invalid"
    assert any("hash.mismatch" in code.lower() for code in tampered.codes)
    told = run(home, "verify", tmp_path / "flipped.jpg")
    assert told.code == 3
    assert "changed" in told.out

    asyncio.run(_withdraw(home, output))
    assert run(home, "jobs", "list", "--json").json["jobs"] == []
    for path in home.rglob("*"):
        if path.is_file():
            # What stays is the record itself: that it was given, and withdrawn.
            known = 1 if path.name == "faceswap.sqlite3" else 0
            assert path.read_bytes().count(b"a rare name") <= known, path
    assert run(home, *swap).code in {3, 5}, "it may not be used any more; and the first result still lies there"


async def _withdraw(home: Path, output: Path) -> None:
    program = await build(Home(home))
    try:
        await program.pool.start(warm=False)
        [face] = await program.library.faces()
        plan = await program.withdrawals.plan(face.id)
        assert len(plan.results) == 2
        report = await program.withdrawals.withdraw(plan, delete=True, delete_face=True)
        assert await program.library.faces() == []
        assert any(str(output) in problem.text() for problem in report.problems), "copies elsewhere are named"
        assert all(job.state is not JobState.QUEUED for job in await program.queue.open_jobs())
    finally:
        await program.close()
