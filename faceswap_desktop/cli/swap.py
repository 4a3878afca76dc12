"""``swap``: put source faces into a picture or video."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

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
from faceswap_desktop.cli.targets import Target, add_time_arguments, faces_named, no_face, open_target, trim_of
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, UsageError
from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import NO_LABEL, SwapOptions
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.providers.protocol import Capability
from faceswap_desktop.workers.pool import Lane

HELP = "put source faces into a picture or video"

_SWAPS: Final = (Capability.SWAP_IMAGE, "swap faces")


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
        "--source",
        metavar="FILE",
        action="append",
        type=some_text,
        default=[],
        help="a photo whose largest face replaces the largest face of the target, in a video the one seen most;"
        " several are one person",
    )
    parser.add_argument(
        "--pair",
        metavar="FACE=FILE",
        action="append",
        default=[],
        help="this face of the target, in a video this identity, as `detect` numbers them, becomes the face of FILE;"
        " all=FILE for everyone; numbers are from 0, as `detect` prints them, while the window counts from 1",
    )
    parser.add_argument(
        "--age",
        metavar="FACE=YEARS",
        action="append",
        default=[],
        help="this face also becomes so many years older, or younger with a minus: 0=-10; all=YEARS for everyone",
    )
    parser.add_argument("--preset", metavar="NAME", help="swap options saved under this name")
    for name, text in (("blend", "share of the swapped face"), ("colour-match", "take on the target's colour")):
        parser.add_argument(f"--{name}", type=float, metavar="0…1", help=text)
    parser.add_argument("--edge-softness", type=float, metavar="0…1", help="width of the feathered edge")
    parser.add_argument("--keep-mouth", action=argparse.BooleanOptionalAction, help="keep the target's teeth")
    parser.add_argument("--keep-eyes", action=argparse.BooleanOptionalAction, help="keep the target's eyeballs")
    parser.add_argument("--enhance", action="store_true", help="sharpen the result (providers that can)")
    add_time_arguments(parser)
    add_output_arguments(parser)


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Make the job, run it and say how it ended."""
    output = output_options(program, options.target, options.output)
    swap_options = await _swap_options(program, options)
    _check_pairs(options)
    for _, number in _split_ages(options.age):
        _years_in(number)
    info = chosen(program, options.provider)
    is_video = kind_of(str(plain_path(options.target))) is MediaKind.VIDEO
    check_capability(info, *((Capability.SWAP_VIDEO, "swap faces in videos") if is_video else _SWAPS))
    if options.age:
        check_capability(info, *(AGES_IN_VIDEOS if is_video else AGES))
    if options.enhance:
        check_capability(info, Capability.ENHANCE, "enhance")
    await program.pool.start()
    if not options.no_wait:
        await begin(program, info.id)
        if info.is_local:
            # The job's worker gets ready while the faces are looked for.
            program.pool.warm(Lane.JOBS)
    target = await open_target(program, options.target, console)
    trim = trim_of(target, options.time_in, options.time_out)
    if not target.faces:
        raise no_face(target)
    pairings = await _pairings(program, options, target, console)
    recipe = await program.swapping.make_recipe(
        target.media,
        target.faces,
        pairings,
        swap_options,
        ages={
            index: _years_in(number)
            for which, number in _split_ages(options.age)
            for index in faces_named(which, target)
        },
        analysis=target.analysis,
        trim=trim,
        output=output,
        provider=info.id,
        consent_note=getattr(options, "consent", ""),
        target_url=options.target_url or "",
        label=NO_LABEL if options.no_label else None,
        enhance=options.enhance,
    )
    return await run_recipe(program, recipe, console, options)


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


def _check_pairs(options: argparse.Namespace) -> None:
    """Refuse what cannot be meant before anything is looked through."""
    if bool(options.source) == bool(options.pair):
        raise UsageError(
            message("Say either --source FILE or --pair FACE=FILE."),
            message("--source gives the largest face of FILE to the largest face of the target."),
        )
    for pair in options.pair:
        _, separator, file = pair.partition("=")
        if not separator or not file:
            raise UsageError(message("--pair takes FACE=FILE, not {pair}.", pair=pair))


def _split_ages(given: Sequence[str]) -> list[tuple[str, str]]:
    ages = []
    for age in given:
        which, separator, number = age.partition("=")
        if not separator or not number:
            raise UsageError(message("--age takes FACE=YEARS, not {age}.", age=age))
        ages.append((which, number))
    return ages


def _years_in(number: str) -> int:
    try:
        return years(number)
    except argparse.ArgumentTypeError as error:
        raise UsageError(message("--age: {text}.", text=str(error))) from error


async def _pairings(
    program: Program, options: argparse.Namespace, target: Target, console: Console
) -> dict[int, SourceFaceId]:
    if options.source:
        source = await _source(program, options.source, console)
        return {target.faces[0].index: source.id}
    pairings: dict[int, SourceFaceId] = {}
    for pair in options.pair:
        which, _, file = pair.partition("=")
        indices = faces_named(which, target)
        source = await _source(program, [file], console)
        pairings.update(dict.fromkeys(indices, source.id))
    return pairings


async def _source(program: Program, files: Sequence[str], console: Console) -> SourceFace:
    parts = [await program.library.add_face(file, on_shelf=False) for file in files]
    source = parts[0]
    if len(parts) > 1:
        source = (await program.library.put_together([part.id for part in parts])).after[0]
    for finding in source.grade.findings:
        if finding.level is GradeLevel.POOR:
            console.say(f"{source.name}: {finding.problem} {finding.advice}")
    return source
