"""``demo``: a real swap of the two sample pictures in both directions, and a picture of the window with them."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from faceswap_desktop.cli.arguments import plain_path
from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.making import exit_code_of, job_to_json
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, Recipe, SwapOptions
from faceswap_desktop.resources import resource_path
from faceswap_desktop.workers.pool import Lane

HELP = "swap the faces of the two sample pictures in both directions"
SAMPLES = ("eileen_collins.png", "grace_hopper.jpg")
_PICTURE_LIMIT_S = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--folder", metavar="DIR", default="demo-output", help="where the results go (default: demo-output)"
    )
    parser.add_argument("--no-picture", action="store_true", help="no picture of the window")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Swap both ways, then photograph the window."""
    folder = plain_path(options.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            message("The folder {folder} cannot be made: {reason}.", folder=str(folder), reason=error.strerror or ""),
            message("Choose another with --folder."),
            kind="permission",
        ) from error
    await program.pool.start()
    program.pool.warm(Lane.JOBS)
    await program.queue.start()
    samples = [resource_path("samples", name) for name in SAMPLES]
    recipes = []
    for target, source in (samples, reversed(samples)):
        console.say(f"Putting the face of {source.name} into {target.name} …")
        recipes.append(await _recipe(program, target, source, folder, getattr(options, "consent", "")))
    jobs = await program.swapping.submit(recipes)
    console.watch(jobs)
    ended = await program.swapping.wait([job.id for job in jobs])
    console.close()
    code = max(exit_code_of(job) for job in ended)
    results = [await job_to_json(program, job) for job in ended]
    for job in ended:
        if job.failure is not None:
            console.say(f"Error: {job.failure.message}")
    picture = None
    if code is ExitCode.DONE and not options.no_picture:
        # The window takes its own picture of the same home folder, so this process must let go of it first.
        await program.queue.stop()
        picture = await _photograph(program.home.root, folder, console)
    lines = [f"Result: {one['output']}" for one in results]
    if picture is not None:
        lines.append(f"Picture of the window: {picture}")
    console.result({"results": results, "picture": str(picture) if picture else None}, "\n".join(lines))
    if picture is None and not options.no_picture and code is ExitCode.DONE:
        return ExitCode.BUG
    return code


async def _recipe(program: Program, target: Path, source: Path, folder: Path, consent: str) -> Recipe:
    media, faces = await program.detection.detect(target)
    face = await program.library.add_face(source, name=source.stem.replace("_", " ").title())
    await program.consents.give_samples([face])
    output = OutputOptions(
        format=OutputFormat.PNG,
        requested_path=str(_free(folder / f"{target.stem} with the face of {source.stem}.png")),
    )
    recipe = await program.swapping.make_recipe(
        media, faces, {faces[0].index: face.id}, SwapOptions(), output=output, provider="on-device"
    )
    return replace(recipe, consent_note=consent or "Public-domain sample picture")


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem} ({number})"), number + 1
    return free


async def _photograph(home: Path, folder: Path, console: Console) -> Path | None:
    picture = _free(folder / "window.png")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "faceswap_desktop",
        "--home",
        str(home),
        "--picture",
        str(picture),
        "--page",
        "gallery",
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(), _PICTURE_LIMIT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        errors = b"it took too long"
    if process.returncode != 0 or not picture.is_file():
        console.say(f"The picture of the window could not be taken: {errors.decode(errors='replace').strip()[-500:]}")
        return None
    return picture
