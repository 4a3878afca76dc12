"""``swap``: put source faces into a picture."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from faceswap_desktop.cli.arguments import some_text
from faceswap_desktop.cli.console import Console, error_to_json, file_name
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, InputRefused, UsageError
from faceswap_desktop.domain.faces import DetectedFace, GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, SwapOptions
from faceswap_desktop.providers.protocol import Capability
from faceswap_desktop.workers.pool import Lane

HELP = "put source faces into a picture"
FORMATS = {
    ".jpg": OutputFormat.JPEG,
    ".jpeg": OutputFormat.JPEG,
    ".png": OutputFormat.PNG,
    ".webp": OutputFormat.WEBP,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--target", metavar="FILE", type=some_text, required=True, help="the picture to change; the file stays as it is"
    )
    parser.add_argument(
        "--source",
        metavar="FILE",
        action="append",
        type=some_text,
        default=[],
        help="a photo whose largest face replaces the largest face of the target; several are one person",
    )
    parser.add_argument(
        "--pair",
        metavar="FACE=FILE",
        action="append",
        default=[],
        help="this face of the target, as `detect` numbers them, becomes the face of FILE; all=FILE for everyone",
    )
    parser.add_argument("--provider", metavar="ID", default="", help="who does it (default: the settings')")
    parser.add_argument(
        "--output", metavar="FILE", type=some_text, help="write the result here, in the format of the extension"
    )
    parser.add_argument("--preset", metavar="NAME", help="swap options saved under this name")
    for name, text in (("blend", "share of the swapped face"), ("colour-match", "take on the target's colour")):
        parser.add_argument(f"--{name}", type=float, metavar="0…1", help=text)
    parser.add_argument("--edge-softness", type=float, metavar="0…1", help="width of the feathered edge")
    parser.add_argument("--keep-mouth", action=argparse.BooleanOptionalAction, help="keep the target's teeth")
    parser.add_argument("--keep-eyes", action=argparse.BooleanOptionalAction, help="keep the target's eyeballs")
    parser.add_argument("--enhance", action="store_true", help="sharpen the result (providers that can)")
    parser.add_argument("--in", dest="time_in", metavar="TIME", help="start of the part to change (videos)")
    parser.add_argument("--out", dest="time_out", metavar="TIME", help="end of the part to change (videos)")
    parser.add_argument("--no-label", action="store_true", help="no visible label in the result")
    parser.add_argument("--no-wait", action="store_true", help="return once the job is committed")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Make the job, run it and say how it ended."""
    output = _output_options(program, options)
    swap_options = await _swap_options(program, options)
    await program.pool.start()
    if not options.no_wait:
        # The job's worker gets ready while the faces are looked for.
        program.pool.warm(Lane.JOBS)
    media, faces = await program.detection.detect(options.target)
    if not faces:
        raise InputRefused(
            message("No face was found in {name}.", name=file_name(options.target)),
            message("Use a picture in which a face is at least 24 pixels high and not covered."),
            kind="no-face",
        )
    pairings = await _pairings(program, options, faces, console)
    recipe = await program.swapping.make_recipe(
        media,
        faces,
        pairings,
        swap_options,
        output=output,
        provider=options.provider,
        consent_note=getattr(options, "consent", ""),
    )
    _check_capabilities(program, recipe.provider, options)
    runs_here = False if options.no_wait else await program.queue.start()
    [job] = await program.swapping.submit([recipe])
    if options.no_wait:
        await _say_who_runs(program, job, console)
        console.result(await job_to_json(program, job), f"Job {job.id} is committed.")
        return ExitCode.DONE
    console.watch([job])
    if not runs_here:
        console.say("Another Faceswap Desktop on this home folder runs the job.")
    return await finish_jobs(program, [job], console, is_single=True)


async def finish_jobs(program: Program, jobs: Sequence[Job], console: Console, *, is_single: bool = False) -> ExitCode:
    """Wait for jobs and say how each ended; cancelling this cancels the jobs.

    Returns:
        The highest exit code among them.
    """
    ids = [job.id for job in jobs]
    try:
        ended = await program.swapping.wait(ids)
    except asyncio.CancelledError:
        await asyncio.shield(_cancel(program, jobs))
        ended = [job for job_id in ids if (job := await program.queue.job(job_id)) is not None]
        if console.is_json and (ended or not is_single):
            data = [await job_to_json(program, job) for job in ended]
            console.result(data[0] if is_single else {"jobs": data}, "")
        console.say("Cancelled.")
        return ExitCode.CANCELLED
    console.close()
    if is_single and not ended:
        raise InputRefused(message("Job {id} was deleted before it was over.", id=ids[0]), kind="deleted")
    data = [await job_to_json(program, job) for job in ended]
    if is_single:
        console.result(data[0], _sentence(data[0]))
    else:
        console.result({"jobs": data}, "\n".join(_sentence(one) for one in data))
    for trouble in (one["error"] for one in data):
        if trouble is not None:
            console.say(f"Error: {trouble['message']}")
            if trouble["hint"] is not None:
                console.say(f"       {trouble['hint']}")
    return max((exit_code_of(job) for job in ended), default=ExitCode.DONE)


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
        case _:
            return ExitCode.REFUSED


async def job_to_json(program: Program, job: Job) -> dict[str, Any]:
    """Write a job as ``swap --json`` prints it."""
    output, seconds = None, None
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
        "charge": 0,
        "error": _trouble_of(job),
    }


def _trouble_of(job: Job) -> dict[str, str | None] | None:
    if job.failure is not None:
        return error_to_json(job.failure.kind, job.failure.message, job.failure.hint)
    if job.hold is Hold.DISK:
        why = message("The job waits for room on the disk. Nothing was lost.")
        return error_to_json("disk-full", why, message("Free some space, then `faceswap-desktop jobs resume`."))
    return None


def _sentence(data: dict[str, Any]) -> str:
    if data["state"] == JobState.SUCCEEDED:
        return str(data["output"])
    held = f" ({data['hold']})" if data["hold"] else ""
    return f"Job {data['job']}: {data['state']}{held}"


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


def _output_options(program: Program, options: argparse.Namespace) -> OutputOptions:
    settings = program.settings.current.output
    if not options.output:
        return settings
    path = Path(options.output).absolute()
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            message("The output {name} has no extension we write.", name=file_name(str(path))),
            message("Write .jpg, .png or .webp."),
        )
    if _is_taken(path):
        raise InputRefused(
            message("{name} is there already, and nothing is ever overwritten.", name=file_name(str(path))),
            message("Choose another name, or move the file away."),
            kind="exists",
        )
    if not os.path.isdir(path.parent):  # noqa: PTH112 - Path.is_dir raises where the folder above is not ours
        raise InputRefused(
            message("The folder {folder} does not exist.", folder=str(path.parent)),
            message("Make it, or choose another."),
            kind="missing",
        )
    return replace(settings, format=FORMATS[path.suffix.lower()], requested_path=str(path))


def _is_taken(path: Path) -> bool:
    """Whether something has this name; a link that leads nowhere counts too.

    Raises:
        UsageError: No file can have it.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        # The folder tells nothing; the attempt to write there will.
        return False
    except OSError as error:
        raise UsageError(
            message(
                "The output cannot be called {name}: {reason}.", name=file_name(str(path)), reason=error.strerror or ""
            ),
            message("Choose another name."),
        ) from error
    return True


async def _swap_options(program: Program, options: argparse.Namespace) -> SwapOptions:
    base = SwapOptions()
    name = options.preset or program.settings.current.swap.preset
    if name:
        presets = {preset.name: preset for preset in await program.presets.all()}
        if name in presets:
            base = presets[name].options
        elif options.preset:
            raise UsageError(
                message("There is no preset called {name}.", name=name),
                message("Known presets: {known}.", known=", ".join(presets)),
            )
    given = {key: getattr(options, key) for key in SwapOptions.__dataclass_fields__}
    try:
        return replace(base, **{key: value for key, value in given.items() if value is not None})
    except ValueError as error:
        raise UsageError(message("{text}.", text=str(error))) from error


async def _pairings(
    program: Program, options: argparse.Namespace, faces: Sequence[DetectedFace], console: Console
) -> dict[int, SourceFaceId]:
    if bool(options.source) == bool(options.pair):
        raise UsageError(
            message("Say either --source FILE or --pair FACE=FILE."),
            message("--source gives the largest face of FILE to the largest face of the target."),
        )
    if options.source:
        source = await _source(program, options.source, console)
        return {faces[0].index: source.id}
    pairings: dict[int, SourceFaceId] = {}
    for pair in options.pair:
        which, separator, file = pair.partition("=")
        if not separator or not file:
            raise UsageError(message("--pair takes FACE=FILE, not {pair}.", pair=pair))
        indices = _faces_named(which, faces)
        source = await _source(program, [file], console)
        pairings.update(dict.fromkeys(indices, source.id))
    return pairings


def _faces_named(which: str, faces: Sequence[DetectedFace]) -> list[int]:
    if which == "all":
        return [face.index for face in faces]
    known = {str(face.index): face.index for face in faces}
    if which not in known:
        raise UsageError(
            message("There is no face {which} in the target.", which=which),
            message("It has {count} faces, numbered from 0.", count=len(faces)),
        )
    return [known[which]]


async def _source(program: Program, files: Sequence[str], console: Console) -> SourceFace:
    parts = [await program.library.add_face(file, on_shelf=False) for file in files]
    source = parts[0]
    if len(parts) > 1:
        source = (await program.library.put_together([part.id for part in parts])).after[0]
    for finding in source.grade.findings:
        if finding.level is GradeLevel.POOR:
            console.say(f"{source.name}: {finding.problem} {finding.advice}")
    return source


def _check_capabilities(program: Program, provider_id: str, options: argparse.Namespace) -> None:
    [info] = [provider.info for provider in program.providers if provider.info.id == provider_id]
    if options.enhance and Capability.ENHANCE not in info.capabilities:
        raise UsageError(message("{provider} cannot enhance.", provider=info.title), message("Leave out --enhance."))
    if options.time_in or options.time_out:
        raise UsageError(message("--in and --out are for videos."), message("The target is a picture."))
