"""``doctor``: try every part of the program once."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from faceswap_desktop.cli.console import Console
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode

HELP = "try checkpoints, picture formats, video codecs, keyring, database, display, providers, and what Live needs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Print the self-test; what is not needed may fail without an exit code."""
    await program.pool.start()
    checks = await program.diagnostics.self_test()
    is_well = all(check.is_ok for check in checks if check.is_needed)
    lines = []
    for check in checks:
        mark = "ok  " if check.is_ok else ("FAIL" if check.is_needed else "note")
        lines.append(f"{mark}  {check.name}: {check.detail}")
    lines.append("Everything that is needed works." if is_well else "Something that is needed does not work.")
    console.result({"ok": is_well, "checks": [asdict(check) for check in checks]}, "\n".join(lines))
    return ExitCode.DONE if is_well else ExitCode.PROVIDER
