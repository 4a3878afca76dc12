"""Jobs of live pictures as the command line tells them."""

from __future__ import annotations

from dataclasses import replace

from faceswap_desktop.cli.job_words import job_line, job_text
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.recipe import LiveTake
from tests.unit.services.conftest import a_recipe

TAKEN = replace(a_recipe("/home/takes/1/recording.mkv"), take=LiveTake("Front camera"))


def test_a_live_picture_is_no_file_of_the_users() -> None:
    job = Job(JobId("j"), TAKEN, JobState.SUCCEEDED)
    line = job_line(job, is_anyone_running=False)
    assert line.endswith("live picture as Ada")
    assert job_line(replace(job, recipe=replace(TAKEN, pairings=())), is_anyone_running=False).endswith("live picture")
    said = job_text(job, {"error": None, "output": None}, is_anyone_running=False).splitlines()
    assert "Camera:   Front camera" in said
