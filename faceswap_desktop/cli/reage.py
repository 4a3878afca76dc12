"""``reage``: make faces of a picture or video older or younger."""

from __future__ import annotations

import argparse

from faceswap_desktop.cli.arguments import plain_path, some_text, years
from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.making import (
    AGES,
    AGES_IN_VIDEOS,
    add_output_arguments,
    check_capability,
    output_options,
    run_recipe,
)
from faceswap_desktop.cli.services import begin, chosen
from faceswap_desktop.cli.targets import add_time_arguments, faces_named, no_face, open_target, trim_of
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.recipe import MOST_YEARS, NO_LABEL, SwapOptions
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.providers.protocol import ProviderInfo
from faceswap_desktop.workers.pool import Lane

HELP = "make faces of a picture or video older or younger"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--target",
        metavar="FILE",
        type=some_text,
        required=True,
        help="the picture or video to change; the file stays as it is",
    )
    parser.add_argument(
        "--years",
        metavar="N",
        type=years,
        required=True,
        help=f"by how many years: 1 to {MOST_YEARS} older, -1 to -{MOST_YEARS} younger",
    )
    parser.add_argument(
        "--face",
        metavar="FACE",
        action="append",
        default=[],
        help="this face of the target, in a video this identity, as `detect` numbers them, or all; may be repeated"
        " (default: the largest face, in a video the one seen most)",
    )
    add_time_arguments(parser)
    add_output_arguments(parser)


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Make the job, run it and say how it ended."""
    output = output_options(program, options.target, options.output)
    info = chosen(program, options.provider)
    is_video = kind_of(str(plain_path(options.target))) is MediaKind.VIDEO
    check_capability(info, *(AGES_IN_VIDEOS if is_video else AGES))
    await program.pool.start()
    if not options.no_wait:
        await begin(program, info.id)
        if info.is_local:
            program.pool.warm(Lane.JOBS)
    target = await open_target(program, options.target, console)
    trim = trim_of(target, options.time_in, options.time_out)
    if not target.faces:
        raise no_face(target)
    faces = [index for which in options.face for index in faces_named(which, target)] or [target.faces[0].index]
    recipe = await program.swapping.make_recipe(
        target.media,
        target.faces,
        {},
        SwapOptions(),
        ages=dict.fromkeys(faces, options.years),
        analysis=target.analysis,
        trim=trim,
        output=output,
        provider=info.id,
        consent_note=getattr(options, "consent", ""),
        target_url=options.target_url or "",
        label=NO_LABEL if options.no_label else None,
    )
    _say_range(info, options.years, console)
    return await run_recipe(program, recipe, console, options)


def _say_range(info: ProviderInfo, wanted: int, console: Console) -> None:
    """Say what to expect where the change is larger than the provider does well."""
    least, most = info.reage_range
    if not least <= wanted <= most and info.reage_advice is not None:
        console.say(info.reage_advice)
