"""What the commands that make results share: where the result goes, running the job, and saying how it ended."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from faceswap_desktop.cli.arguments import plain_path, some_text
from faceswap_desktop.cli.console import Console, clock, error_to_json, file_name
from faceswap_desktop.cli.holds import HOLDS_OF_PROVIDERS, trouble_of
from faceswap_desktop.cli.places import check_place
from faceswap_desktop.cli.services import check_who_runs, info_of, is_local, loss, reached
from faceswap_desktop.cli.spending import amount_words, check_service
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, FaceSwapError, InputRefused, UsageError
from faceswap_desktop.domain.events import Event, JobProgressed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, Recipe, VideoCodec, VideoContainer
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.providers.protocol import Capability, ProviderInfo

PICTURE_FORMATS: Final = {
    ".jpg": OutputFormat.JPEG,
    ".jpeg": OutputFormat.JPEG,
    ".png": OutputFormat.PNG,
    ".webp": OutputFormat.WEBP,
    ".tif": OutputFormat.TIFF,
    ".tiff": OutputFormat.TIFF,
    ".avif": OutputFormat.AVIF,
}
VIDEO_CONTAINERS: Final = {
    ".mp4": VideoContainer.MP4,
    ".mov": VideoContainer.MOV,
    ".mkv": VideoContainer.MKV,
    ".webm": VideoContainer.WEBM,
}
AGES: Final = (Capability.REAGE_IMAGE, "change ages in pictures")
AGES_IN_VIDEOS: Final = (Capability.REAGE_VIDEO, "change ages in videos")
_LEFT_S: Final = 10.0
_OPEN_CODECS: Final = frozenset({VideoCodec.VP9, VideoCodec.AV1})
_WITH_SIDECAR: Final = frozenset({".mkv", ".webm"})


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says who does the work and where its result goes."""
    parser.add_argument("--provider", metavar="ID", default="", help="who does it (default: the settings')")
    parser.add_argument(
        "--target-url",
        metavar="URL",
        type=some_text,
        help="where the very same target lies on the internet, for providers that fetch it (instead of hosting it)",
    )
    parser.add_argument(
        "--output", metavar="FILE", type=some_text, help="write the result here, in the format of the extension"
    )
    parser.add_argument("--no-label", action="store_true", help="no visible label in the result")
    parser.add_argument("--no-wait", action="store_true", help="return once the job is committed")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")


async def run_recipe(program: Program, recipe: Recipe, console: Console, options: argparse.Namespace) -> ExitCode:
    """Commit a job, run it and say how it ended; what becomes of it, and what it costs, is said before.

    Args:
        program: The program; for a service, ``services.begin`` was called.
        recipe: What is to be done.
        console: Where it is said.
        options: With ``--no-wait``, ``--max-credits`` and ``--yes``.

    Raises:
        ConsentNeeded: Nobody has said that a source face may be used.
        InputRefused: It is over a limit of the provider that cannot be mended.
        ProviderError: The provider is not set up, or the sandbox is not there.
        UsageError: It costs more than it may, or would be run by another process under other settings.
    """
    waits = not options.no_wait
    # Before anything is rendered, hosted or ordered.
    await settle_consent(program, [recipe], options)
    info = info_of(program, recipe.provider)
    assert info is not None
    if not info.is_local:
        if not waits:
            await check_who_runs(program)
        await _look_ahead(program, recipe, console, options)
    elif recipe.is_video:
        await _say_what_comes(program, recipe, console)
    runs_here = await program.queue.start(only_new=True) if waits else False
    if not info.is_local and waits and not runs_here:
        await check_who_runs(program)
    [job] = await program.swapping.submit([recipe])
    if not waits:
        await _say_who_runs(program, job, console)
        console.result(await job_to_json(program, job), f"Job {job.id} is committed.")
        return ExitCode.DONE
    console.watch([job])
    if not runs_here:
        console.say("Another Faceswap Desktop on this home folder runs the job.")
    return await finish_jobs(program, [job], console, is_single=True)


async def settle_consent(program: Program, recipes: Sequence[Recipe], options: argparse.Namespace) -> None:
    """Remember what ``--consent`` says, and make sure that every source face may be used.

    Raises:
        ConsentNeeded: Nobody has said that one may.
        UsageError: The note says nothing, or is too long.
        StorageError: It could not be written.
    """
    note = getattr(options, "consent", None)
    if note is not None:
        unknown = await program.consents.missing(recipes)
        await program.consents.state_on_command_line(note, unknown, renews=getattr(options, "yes", False))
    await program.consents.check(
        recipes,
        message('Add --consent "why the face may be used", for example --consent "It is me". It is remembered.'),
    )


async def finish_jobs(program: Program, jobs: Sequence[Job], console: Console, *, is_single: bool = False) -> ExitCode:
    """Wait for jobs and say how each ended.

    Cancelling this cancels a single job, which the command is there for; of several it only ends the waiting.

    Returns:
        The highest exit code among them.
    """
    ids = [job.id for job in jobs]
    unsubscribe = program.bus.subscribe(lambda event: _say_loss(program, jobs, event, console))
    tidying = None
    if program.queue.is_running_here and not all(is_local(program, job.recipe.provider) for job in jobs):
        tidying = asyncio.create_task(program.cloud.tidy(), name="what is still hosted")
    try:
        ended = await program.swapping.wait(ids)
    except asyncio.CancelledError:
        if is_single:
            await asyncio.shield(_cancel(program, jobs))
        ended = [job for job_id in ids if (job := await program.queue.job(job_id)) is not None]
        if console.is_json and (ended or not is_single):
            data = [await job_to_json(program, job) for job in ended]
            console.result(data[0] if is_single else {"jobs": data}, "")
        console.say("Cancelled." if is_single else "They wait: `jobs resume` takes them up again.")
        return ExitCode.CANCELLED
    finally:
        unsubscribe()
        if tidying is not None:
            tidying.cancel()
            await asyncio.gather(tidying, return_exceptions=True)
    console.close()
    if is_single and not ended:
        raise InputRefused(message("Job {id} was deleted before it was over.", id=ids[0]), kind="deleted")
    data = [await job_to_json(program, job) for job in ended]
    for note in await _notes_of(program, ended):
        console.note(note)
    if is_single:
        console.result(data[0], _sentence(data[0]))
    else:
        console.result({"jobs": data}, "\n".join(_sentence(one) for one in data))
    await _say_charges(program, ended, console)
    for trouble in (one["error"] for one in data):
        if trouble is not None:
            console.say(f"Error: {trouble['message']}")
            if trouble["hint"] is not None:
                console.say(f"       {trouble['hint']}")
    return max((exit_code_of(job) for job in ended), default=ExitCode.DONE)


async def finished(program: Program, job_id: JobId, console: Console) -> dict[str, Any]:
    """Wait for a job; returns what ``job_to_json`` does, with the exit code as ``code``."""
    job = await program.queue.job(job_id)
    if job is not None:
        console.watch([job])
    [ended] = await program.swapping.wait([job_id])
    return {**await job_to_json(program, ended), "code": exit_code_of(ended)}


def exit_code_of(job: Job) -> ExitCode:
    """Return what the command line returns for a job that is over."""
    match job.state:
        case JobState.FAILED:
            return ExitCode(job.failure.exit_code) if job.failure is not None else ExitCode.PROVIDER
        case JobState.CANCELLED:
            return ExitCode.CANCELLED
        case JobState.UNCONFIRMED | JobState.DISMISSED:
            return ExitCode.UNCONFIRMED
        case JobState.SUCCEEDED:
            return ExitCode.DONE
        case _ if job.hold is Hold.CONSENT:
            return ExitCode.CONSENT
        case _:
            return ExitCode.PROVIDER if job.hold in HOLDS_OF_PROVIDERS else ExitCode.REFUSED


async def job_to_json(program: Program, job: Job) -> dict[str, Any]:
    """Write a job as ``swap --json`` prints it."""
    output, seconds = None, None
    info = info_of(program, job.recipe.provider)
    charge, trouble = await program.spending.of_job(job.id), trouble_of(job, info.title if info else "")
    refused = await program.refusals.of_job(job.id) if trouble is not None and trouble is job.failure else []
    seen = [one for each in refused for one in each.sightings]
    if job.result is not None and (found := await program.gallery.results([job.result])):
        output = job.recipe.output.requested_path or found[0].path
        seconds = round(found[0].seconds, 3)
    return {
        "job": job.id,
        "state": job.state.value,
        "hold": job.hold.value if job.hold else None,
        "output": output,
        "provider": job.recipe.provider,
        "faces": len(job.recipe.targets),
        "seconds": seconds,
        "charge": charge.credits if charge is not None else 0,
        "charge_is_estimate": charge.is_estimate if charge is not None else False,
        "error": error_to_json(trouble.kind, trouble.message, trouble.hint, seen) if trouble is not None else None,
    }


def output_options(program: Program, target: str, requested: str | None) -> OutputOptions:
    """Return how the result is written; the extension of the requested file says in what.

    Args:
        program: Its settings say the rest.
        target: The file that is changed: a video's result is a video.
        requested: Where the result is wanted; None for the library only.

    Raises:
        UsageError: The extension is none that is written, or no file can have that name.
        InputRefused: The place is taken or its folder is missing.
    """
    settings = program.settings.current.output
    if not requested:
        return settings
    path = plain_path(requested)
    suffix = path.suffix.lower()
    is_video = kind_of(target) is MediaKind.VIDEO
    if suffix in (PICTURE_FORMATS if is_video else VIDEO_CONTAINERS):
        raise UsageError(
            message("The target is a video, so the output cannot be {suffix}.", suffix=suffix)
            if is_video
            else message("The target is a picture, so the output cannot be {suffix}.", suffix=suffix),
            _written(is_video=is_video),
        )
    if suffix not in (VIDEO_CONTAINERS if is_video else PICTURE_FORMATS):
        raise UsageError(
            message("The output {name} has no extension we write.", name=file_name(str(path))),
            _written(is_video=is_video),
        )
    check_place(path)
    if suffix in _WITH_SIDECAR:
        # What such a file cannot hold of its origin lies beside it.
        check_place(path.with_suffix(".c2pa"))
    if not is_video:
        return replace(settings, format=PICTURE_FORMATS[suffix], requested_path=str(path))
    codec = settings.video_codec
    if suffix == ".webm" and codec not in _OPEN_CODECS:
        codec = VideoCodec.VP9
    container = VIDEO_CONTAINERS[suffix]
    return replace(settings, video_container=container, video_codec=codec, requested_path=str(path))


def check_capability(info: ProviderInfo, wanted: Capability, what: str) -> None:
    """Refuse what a provider cannot do, before anything is looked through.

    Raises:
        UsageError: It cannot; ``what`` says it in words: "change videos".
    """
    if wanted not in info.capabilities:
        raise UsageError(
            message("{provider} cannot {what}.", provider=info.title, what=what),
            message("`providers` tells what each can do."),
        )


# ------------------------------------------------------------------------------------------------------ small things


async def _say_what_comes(program: Program, recipe: Recipe, console: Console) -> None:
    plan = await program.videos.plan(recipe)
    for sentence in (*plan.notes, *plan.dropped):
        console.note(sentence)
    facts = recipe.media.video
    quote = await program.swapping.quote(recipe)
    frames = len(recipe.trim) if recipe.trim is not None else facts.frames if facts is not None else 0
    console.say(f"{frames:,} frame{'' if frames == 1 else 's'} to {plan.format}, about {clock(quote.seconds)} of work.")


async def _look_ahead(program: Program, recipe: Recipe, console: Console, options: argparse.Namespace) -> None:
    if not options.no_wait:
        await reached(program)
    agreed = getattr(options, "yes", False)
    limit = getattr(options, "max_credits", None)
    await check_service(program, recipe, console, max_credits=limit, is_agreed=agreed)
    if recipe.target_url and not options.no_wait:
        unsure = await program.cloud.pasted.check_pasted_url(recipe.target_url, recipe.media)
        if unsure is not None:
            console.note(unsure)


def _say_loss(program: Program, jobs: Sequence[Job], event: Event, console: Console) -> None:
    """Say what is lost if this command ends now, once a job waits for a delivery."""
    if not isinstance(event, JobProgressed) or event.step != "deliver":
        return
    providers = {job.recipe.provider for job in jobs if job.id == event.job}
    for info in filter(None, (info_of(program, name) for name in providers)):
        if (lost := loss(program, info)) is not None:
            console.note(lost)


async def _say_charges(program: Program, jobs: Sequence[Job], console: Console) -> None:
    """Say what jobs of services cost, and what is left where that can be asked."""
    for provider in dict.fromkeys(job.recipe.provider for job in jobs):
        info = info_of(program, provider)
        # What waits on has cost nothing yet that could be told, and what is not confirmed perhaps nothing at all.
        mine = [job for job in jobs if job.recipe.provider == provider and job.state.is_final]
        charges = [charge for job in mine if (charge := await program.spending.of_job(job.id)) is not None]
        if info is None or not charges:
            continue
        amount = amount_words(sum(charge.credits for charge in charges), info.unit)
        if any(charge.is_estimate for charge in charges):
            console.say(f"Charged: about {amount}, by the table of prices.")
        else:
            console.say(f"Charged: {amount}.")
        if Capability.CREDITS in info.capabilities and any(job.state is JobState.SUCCEEDED for job in mine):
            # By the way: the work is done, whatever the answer, and nobody waits long for it.
            with suppress(FaceSwapError, TimeoutError):
                async with asyncio.timeout(_LEFT_S):
                    left = await program.accounts.credits(provider)
                if left is not None:
                    console.say(f"Left: {amount_words(left, info.unit)}.")


def _sentence(data: dict[str, Any]) -> str:
    if data["state"] == JobState.SUCCEEDED:
        return str(data["output"])
    held = f" ({data['hold']})" if data["hold"] else ""
    return f"Job {data['job']}: {data['state']}{held}"


async def _notes_of(program: Program, jobs: Sequence[Job]) -> list[str]:
    """Return what is worth saying of results, such as frames that could not be decoded."""
    made = [job.result for job in jobs if job.result is not None]
    return [note for result in await program.gallery.results(made) for note in result.notes] if made else []


async def _cancel(program: Program, jobs: Sequence[Job]) -> None:
    ids = [job.id for job in jobs]
    await program.queue.cancel(ids)
    if program.queue.is_running_here:
        await program.swapping.wait(ids)


async def _say_who_runs(program: Program, job: Job, console: Console) -> None:
    holder = await program.queue.holder()
    if holder is None:
        console.say(f"Nobody runs jobs right now: `faceswap-desktop jobs resume` or the window will run {job.id}.")
    else:
        console.say(f"The {holder.kind} (process {holder.pid}) runs {job.id}.")


def _written(*, is_video: bool) -> Message:
    return (
        message("Write .mp4, .mov, .mkv or .webm.") if is_video else message("Write .jpg, .png, .webp, .tif or .avif.")
    )
