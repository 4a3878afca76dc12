"""``jobs``: list, look at, cancel, retry, pause, delete and take up jobs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.holds import choice
from faceswap_desktop.cli.job_words import job_line, job_text
from faceswap_desktop.cli.making import finish_jobs, job_to_json
from faceswap_desktop.cli.services import ask, begin, is_local, reached
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, UsageError
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe_json import recipe_to_json
from faceswap_desktop.media.refusals import shown_line

HELP = "list, show, cancel, retry, pause, dismiss or delete jobs, or take up the unfinished ones"
ACTIONS = ("list", "show", "cancel", "retry", "pause", "dismiss", "delete", "resume")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="list",
        help="what to do (default: list); retry also sends an unconfirmed job again, which may be charged twice and so"
        " needs --yes; dismiss ends an unconfirmed one",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="which jobs; for resume those that are not over")
    parser.add_argument("--remote", action="store_true", help="with delete: at the provider too")
    parser.add_argument("--json", action="store_true", help="print JSON")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Do what was asked.

    Raises:
        UsageError: No id, or one that is not in the ledger.
    """
    if options.action == "list":
        if options.ids:
            raise UsageError(message("`jobs list` takes no ids."), message("`jobs show ID` shows one job."))
        return await _list(program, console)
    if options.action == "resume":
        return await _resume(program, options, console)
    jobs = await _named(program, options.ids)
    if options.action == "show":
        return await _show(program, jobs, console)
    if options.action == "delete":
        return await _delete(program, jobs, console, is_remote=options.remote)
    ids = [job.id for job in jobs]
    match options.action:
        case "cancel":
            await _cancel(program, jobs, console)
        case "retry":
            await _retry(program, jobs, is_agreed=getattr(options, "yes", False))
        case "dismiss":
            if other := [job.id for job in jobs if job.state is not JobState.UNCONFIRMED]:
                raise UsageError(
                    message("Job {id} is not unconfirmed.", id=other[0]), message("Cancel it, or delete it.")
                )
            await program.queue.dismiss(ids)
        case "pause":
            await program.queue.pause(ids)
    after = [job for job_id in ids if (job := await program.queue.job(job_id)) is not None]
    console.result({"jobs": [await job_to_json(program, job) for job in after]}, await _lines(program, after))
    return ExitCode.DONE


async def _cancel(program: Program, jobs: Sequence[Job], console: Console) -> None:
    ids = [job.id for job in jobs]
    await program.queue.cancel(ids)
    if (await program.queue.holder()) is not None:
        return
    # Nobody runs jobs, so the wish is carried out here and now; a service that works on one is told.
    if any(job.state.is_active and not is_local(program, job.recipe.provider) for job in jobs):
        await ask(program, console)
    await program.queue.cancel_waiting(ids)


async def _retry(program: Program, jobs: Sequence[Job], *, is_agreed: bool) -> None:
    """Start jobs again.

    Raises:
        UsageError: A call may be charged a second time, and that was not agreed to.
    """
    unconfirmed = [job for job in jobs if job.state is JobState.UNCONFIRMED]
    if unconfirmed and not is_agreed:
        job = unconfirmed[0]
        raise UsageError(
            message("Job {id} may have been charged already, and would be charged again.", id=job.id),
            choice(job),
            kind="unconfirmed",
        )
    await program.queue.send_again([job.id for job in unconfirmed])
    await program.queue.retry([job.id for job in jobs if job not in unconfirmed])


async def _show(program: Program, jobs: Sequence[Job], console: Console) -> ExitCode:
    data = [await _whole(program, job) for job in jobs]
    runs = await _is_anyone_running(program)
    text = "\n\n".join(job_text(job, one, is_anyone_running=runs) for job, one in zip(jobs, data, strict=True))
    console.result(data[0] if len(data) == 1 else {"jobs": data}, text)
    return ExitCode.DONE


async def _delete(program: Program, jobs: Sequence[Job], console: Console, *, is_remote: bool) -> ExitCode:
    ids = [job.id for job in jobs]
    unfinished = [job.id for job in jobs if not job.state.is_final]
    if unfinished:
        raise UsageError(message("Job {id} is not over.", id=unfinished[0]), message("Cancel it first."))
    data: dict[str, Any] = {"deleted": ids}
    lines = [f"Deleted {job_id}." for job_id in ids]
    if is_remote:
        await ask(program, console)
        gone = data["deleted_remote"] = await program.queue.delete_remote(ids)
        lines.append(f"Deleted at providers: {gone} result{'' if gone == 1 else 's'}.")
    await program.queue.remove(ids)
    console.result(data, "\n".join(lines))
    return ExitCode.DONE


async def _list(program: Program, console: Console) -> ExitCode:
    jobs = await program.queue.all()
    text = await _lines(program, jobs) or "There are no jobs."
    console.result({"jobs": [await job_to_json(program, job) for job in jobs]}, text)
    return ExitCode.DONE


async def _resume(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    await program.pool.start()
    if not options.ids and (await program.queue.holder()) is None:
        # What was being recorded when its program died becomes jobs as well.
        await program.takes.recover()
    jobs = await _named(program, options.ids) if options.ids else await program.queue.unfinished()
    consent = getattr(options, "consent", None)
    if consent is not None:
        unknown = await program.consents.missing(job.recipe for job in jobs if not job.state.is_final)
        await program.consents.state_on_command_line(consent, unknown, renews=getattr(options, "yes", False))
    await program.queue.resume([job.id for job in jobs])
    if not jobs:
        console.result({"jobs": []}, "There is nothing to take up.")
        return ExitCode.DONE
    console.watch(list(jobs))
    if await begin(program, *{job.recipe.provider for job in jobs}):
        await reached(program)
    await program.queue.start()
    return await finish_jobs(program, jobs, console)


async def _named(program: Program, ids: Sequence[str]) -> list[Job]:
    if not ids:
        raise UsageError(message("Say which job."), message("`jobs list` shows their ids."))
    found = []
    for job_id in dict.fromkeys(ids):
        # An id of ours is plain; the database would stumble over what is no text.
        job = await program.queue.job(JobId(job_id)) if job_id.isascii() else None
        if job is None:
            raise UsageError(
                message("There is no job “{id}”.", id=shown_line(job_id)), message("`jobs list` shows their ids.")
            )
        found.append(job)
    return found


async def _whole(program: Program, job: Job) -> dict[str, Any]:
    made = await program.queue.remote_results(job.id)
    return {
        **await job_to_json(program, job),
        "created": _clock(job.created_at),
        "started": _clock(job.started_at),
        "ended": _clock(job.ended_at),
        "attempt": job.attempt,
        "retry_at": _clock(job.retry_at),
        "remote": [
            {
                "step": one.step,
                "provider": one.provider,
                "id": one.values.get("remote_id") or None,
                "expires": _clock(one.expires_at),
                "deleted": _clock(one.deleted_at),
            }
            for one in made
        ],
        "recipe": recipe_to_json(job.recipe),
    }


def _clock(seconds: float) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds)) if seconds else None


async def _is_anyone_running(program: Program) -> bool:
    return program.queue.is_running_here or (await program.queue.holder()) is not None


async def _lines(program: Program, jobs: Sequence[Job]) -> str:
    runs = await _is_anyone_running(program)
    return "\n".join(job_line(job, is_anyone_running=runs) for job in jobs)
