"""Names of results: free ones, given once, and found without trying all that were given before."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.domain.work import FetchedFile
from faceswap_desktop.jobs.placing import Placer
from tests.unit.jobs.support import make_recipe

FILE = FetchedFile("made.png", 4, 4, "PNG", 100, "0" * 64, 1, None, 0.0)


@pytest.mark.parametrize(("template", "wanted"), [("{n}", "{}.png"), ("x", "x ({}).png")])
async def test_names_are_found_in_a_few_looks_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, wanted: str
) -> None:
    placer, looks = Placer(), 0
    look = os.path.lexists

    def counted(path: str) -> bool:
        nonlocal looks
        looks += 1
        return look(path)

    monkeypatch.setattr(os.path, "lexists", counted)
    job = Job(JobId("one"), make_recipe(name_template=template))
    placements = []
    for _ in range(60):
        placement = await placer.plan(job, FILE, tmp_path)
        Path(placement.path).touch()
        placer.free(placement)
        placements.append(placement)
    assert len({placement.path for placement in placements}) == 60
    assert Path(placements[-1].path) == tmp_path / wanted.format(60)
    assert looks < 3 * 60
    # What was not used after all is given again, and to one job only.
    last = await placer.plan(job, FILE, tmp_path)
    placer.free(last)
    assert (await placer.plan(job, FILE, tmp_path)).path == last.path
    other = await placer.plan(replace(job, id=JobId("other")), FILE, tmp_path)
    assert other.path != last.path
