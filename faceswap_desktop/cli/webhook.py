"""``webhook``: the address at which services deliver results."""

from __future__ import annotations

import argparse

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.trial import add_trial_arguments, run_trial
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode

HELP = "try the address at which services deliver results: deliver something, and see whether it arrives"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    add_trial_arguments(parser)


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Try the address."""
    del options
    return await run_trial(
        program, console, program.cloud.mailbox.test, "Deliveries arrive.", "Deliveries would not arrive yet."
    )
