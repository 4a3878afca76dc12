"""Why jobs wait, in words."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.holds import HOLDS_OF_PROVIDERS, WAITS_FOR, choice, next_try, trouble_of
from faceswap_desktop.cli.job_words import job_line, job_text
from faceswap_desktop.cli.making import exit_code_of
from faceswap_desktop.cli.spending import amount_words
from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.domain.events import JobChanged, JobProgressed
from faceswap_desktop.domain.job import Failure, Hold, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import Transfer
from tests.unit.cli.test_job_words import RECIPE

JOB = Job(JobId("j"), replace(RECIPE, provider="akool"))


@pytest.mark.parametrize("hold", sorted(HOLDS_OF_PROVIDERS | {Hold.DISK}))
def test_every_hold_says_why_and_what_helps(hold: Hold) -> None:
    trouble = trouble_of(replace(JOB, hold=hold), "AKOOL")
    assert trouble is not None
    assert trouble.kind == {Hold.DISK: "disk-full"}.get(hold, hold.value)
    assert trouble.hint is not None
    assert "faceswap-desktop jobs resume" in trouble.hint.text()
    assert "akool" not in trouble.message.text(), "people know it by its title"
    assert exit_code_of(replace(JOB, hold=hold)) == (ExitCode.REFUSED if hold is Hold.DISK else ExitCode.PROVIDER)


def test_every_hold_has_words_for_the_list() -> None:
    assert set(WAITS_FOR) == set(Hold)
    assert trouble_of(replace(JOB, hold=Hold.PAUSED), "AKOOL") is None
    assert trouble_of(JOB, "AKOOL") is None


def test_a_job_that_waits_for_consent_says_why() -> None:
    why = Failure("consent", message("The consent for “{name}” was withdrawn.", name="Gr{a}ce"), message("Ask."))
    held = replace(JOB, hold=Hold.CONSENT, failure=why)
    trouble = trouble_of(held, "AKOOL")
    assert trouble is not None
    assert trouble.message.text() == "The consent for “Gr{a}ce” was withdrawn. The job waits."
    assert trouble.hint is not None
    assert "--consent" in trouble.hint.text()
    assert trouble.exit_code == exit_code_of(held) == ExitCode.CONSENT
    assert trouble_of(replace(held, hold=Hold.PAUSED), "AKOOL") is None


def test_an_unconfirmed_job_says_how_to_choose() -> None:
    job = replace(
        JOB, state=JobState.UNCONFIRMED, failure=Failure("unconfirmed", message("It may have arrived."), exit_code=6)
    )
    trouble = trouble_of(job, "AKOOL")
    assert trouble is not None
    assert (trouble.kind, trouble.message.text(), trouble.hint) == ("unconfirmed", "It may have arrived.", choice(job))
    assert exit_code_of(job) is ExitCode.UNCONFIRMED
    assert "It may have arrived." in job_line(job, is_anyone_running=False)


def test_the_next_try_is_told_in_lists_and_while_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    job = replace(JOB, state=JobState.RUNNING, hold=Hold.NETWORK, retry_at=time.time() + 12.2)
    assert next_try(job, job.retry_at - 12.2) == pytest.approx(12.2)
    assert next_try(replace(job, hold=Hold.ACCOUNT)) is None
    assert next_try(replace(job, retry_at=0.0)) is None
    data = {"error": None, "output": None, "charge": 4.0, "charge_is_estimate": True, "remote": [
        {"step": "swap", "provider": "akool", "id": "5f\x1b[31m", "expires": "2026-11-28", "deleted": None},
        {"step": "reage-5", "provider": "akool", "id": None, "expires": None, "deleted": "2026-11-22"},
    ]}  # fmt: skip
    said = job_text(job, data, is_anyone_running=True)
    assert "waits for the network, next try in 1" in said
    assert "Charge:   about 4, by the table of prices" in said
    assert "There:    reage-5, deleted there" in said
    assert "\x1b" not in said
    console = Console(is_json=False)
    console.watch([job])
    console.on_event(JobChanged(job))
    console.on_event(JobChanged(replace(job, id=JobId("another"))))
    assert capsys.readouterr().err == "a.mp4: waiting, next try in 12 s\n"


def test_each_stage_at_a_service_is_told_from_its_start_on(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(is_json=True)
    console.watch([JOB])
    for event in (
        JobProgressed(JOB.id, 0.9, "copy"),
        JobProgressed(JOB.id, 0.0, "upload", transfer=Transfer(0, 3_400_000)),
        JobProgressed(JOB.id, 0.1, "upload", transfer=Transfer(340_000, 3_400_000)),
        JobProgressed(JOB.id, 0.5, "upload", transfer=Transfer(1_700_000, 3_400_000)),
        JobProgressed(JOB.id, 0.0, "queue"),
        JobProgressed(JOB.id, 0.0, "process"),
        JobProgressed(JOB.id, 0.0, "deliver"),
        JobProgressed(JOB.id, 0.0, "download", transfer=Transfer(20_000, 0)),
        JobChanged(replace(JOB, state=JobState.SUCCEEDED)),
    ):
        console.on_event(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "a.mp4:  90% make a copy",
        "a.mp4:   0% upload, 0 kB of 3.4 MB",
        "a.mp4:  50% upload, 1.7 MB of 3.4 MB",
        "a.mp4:   0% wait for its turn there",
        "a.mp4:   0% process",
        "a.mp4:   0% wait for the delivery",
        "a.mp4:   0% download, 20 kB",
        "a.mp4: 100% done",
    ]


@pytest.mark.parametrize(
    ("credits", "unit", "words"), [(1.0, "points", "1 point"), (2.5, "credits", "2.5 credits"), (3.0, "", "3")]
)
def test_amounts(credits: float, unit: str, words: str) -> None:
    assert amount_words(credits, unit) == words
