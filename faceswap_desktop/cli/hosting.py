"""``hosting``: the place from which services fetch media."""

from __future__ import annotations

import argparse

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.trial import add_trial_arguments, run_trial
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode

HELP = "try the bucket from which services fetch media: upload a small file, fetch it, delete it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_trial_arguments(parser)


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Try the bucket."""
    del options
    return await run_trial(
        program, console, program.cloud.hosting.test, "The bucket works.", "The bucket cannot be used yet."
    )
