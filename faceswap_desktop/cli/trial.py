"""Trials of what services need of us, step by step: a place for files, an address for deliveries."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.services import ask
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.services.checks import CheckReport, CheckStep, OnStep


def add_trial_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what both commands take."""
    parser.add_argument("action", nargs="?", choices=("test",), default="test", help="what to do (default: test)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run_trial(
    program: Program, console: Console, test: Callable[[OnStep], Awaitable[CheckReport]], works: str, fails: str
) -> ExitCode:
    """Try something out, saying each step as soon as it is done.

    Args:
        program: The program.
        console: Where it is said.
        test: The trial.
        works: What is said if all went well.
        fails: What is said if not.

    Returns:
        Done, or that something of a service is not set up.
    """
    await ask(program, console)
    report = await test(lambda step: _say(step, console))
    steps = [
        {
            "name": step.name,
            "is_ok": step.is_ok,
            "message": step.message.text(),
            "hint": step.hint.text() if step.hint is not None else None,
        }
        for step in report.steps
    ]
    console.result({"is_ok": report.is_ok, "steps": steps}, works if report.is_ok else fails)
    return ExitCode.DONE if report.is_ok else ExitCode.PROVIDER


def _say(step: CheckStep, console: Console) -> None:
    console.say(f"{'ok' if step.is_ok else 'not ok'}: {step.message}")
    if step.hint is not None:
        console.say(f"       {step.hint}")
