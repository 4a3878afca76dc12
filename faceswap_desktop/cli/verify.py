"""``verify``: what a file says of its origin, what that is worth, and whether it was made here."""

from __future__ import annotations

import argparse
import textwrap
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from faceswap_desktop.cli.arguments import plain_path, some_text
from faceswap_desktop.cli.console import Console, file_name
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.credentials_story import StoryStep, story_of
from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.provenance import Claim, Validity
from faceswap_desktop.domain.verdicts import source_type_words, validity_words
from faceswap_desktop.domain.verification import HowKnown, LabelFact, Report

HELP = "tell what a file says of its origin, what that is worth, and whether it was made here"

_FINE: Final = frozenset({Validity.NONE, Validity.VALID, Validity.TRUSTED})
_WIDTH: Final = 100
_A_WHILE_S: Final = 2.0
_HOW: Final = {
    HowKnown.DIGEST: "it is the very file of a result",
    HowKnown.CERTIFICATE: "it was signed with this installation's certificate",
    HowKnown.LIKENESS: "it looks like a result",
}
_LABEL: Final = {LabelFact.YES: "yes", LabelFact.NO: "no", LabelFact.UNKNOWN: "not known"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("file", metavar="FILE", type=some_text, help="any picture, video or other file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Verify and print.

    Returns:
        As ``exit_code_of``: others than valid ones are those of a file that was changed since it was signed, broken
        ones, those made with a certificate whose time was over, and what is no picture and no video.

    Raises:
        InputRefused: The file is missing, a folder, empty, or cannot be read.
    """
    await program.pool.start(warm=False)
    path = str(plain_path(options.file))
    report = await program.verification.verify(path, _Progress(console, file_name(path)))
    console.close()
    console.result(report_to_json(report), "\n".join(report_lines(report)))
    return exit_code_of(report)


def exit_code_of(report: Report) -> ExitCode:
    """Return ``DONE`` for credentials that are valid, or none at all; ``REFUSED`` for others and what is unreadable."""
    is_fine = report.credentials.validity in _FINE and not report.is_unreadable
    return ExitCode.DONE if is_fine else ExitCode.REFUSED


def report_to_json(report: Report) -> dict[str, Any]:
    """Write a report as ``verify --json`` prints it."""
    file, verdict, credentials = report.file, report.verdict, report.credentials
    return {
        "file": {
            "path": file.path,
            "size_bytes": file.size_bytes,
            "format": file.format,
            "kind": file.kind.value if file.kind is not None else None,
        },
        "validity": credentials.validity.value,
        "verdict": {
            "headline": verdict.headline.text(),
            "meaning": verdict.meaning.text(),
            "advice": verdict.advice.text() if verdict.advice is not None else None,
        },
        "credentials": _claim_to_json(credentials.claim),
        "sidecar": credentials.sidecar or None,
        "digital_source_type": report.source_type or None,
        "tool": report.tool or None,
        "label": report.label.value,
        "made_here": report.made_here is not None,
        "made_here_by": report.made_here.how.value if report.made_here is not None else None,
        "signed_here": report.is_signed_here,
        "result": report.made_here.result if report.made_here is not None else None,
        "problems": list(credentials.problems),
        "notes": [note.text() for note in report.notes],
    }


def _claim_to_json(claim: Claim | None) -> dict[str, Any] | None:
    if claim is None:
        return None
    return {
        "title": claim.title,
        "generator": claim.generator,
        "signer": claim.signer,
        "issuer": claim.issuer,
        "signed_at": claim.signed_at or None,
        "algorithm": claim.algorithm,
        "actions": [
            {
                "action": action.name,
                "description": action.description,
                "agent": action.agent,
                "digital_source_type": action.source_type or None,
                "when": action.when or None,
            }
            for action in claim.actions
        ],
        "ingredients": [
            {
                "title": one.title,
                "relationship": one.relationship,
                "validity": one.validity.value,
                "credentials": _claim_to_json(one.claim),
            }
            for one in claim.ingredients
        ],
    }


def report_lines(report: Report) -> Iterator[str]:
    """Write a report for people: the verdict, what is known, and the story."""
    verdict = report.verdict
    yield f"{validity_words(report.credentials.validity)}. {verdict.headline}"
    yield from _wrapped(verdict.meaning)
    if verdict.advice is not None:
        yield from _wrapped(verdict.advice)
    yield ""
    yield f"  File           {report.file.name}, {_what(report)}"
    if report.credentials.sidecar:
        yield f"  Credentials    read from {file_name(report.credentials.sidecar)}"
    if report.source_type:
        yield f"  Its metadata   {source_type_words(report.source_type)} ({report.source_type})"
    if report.tool:
        yield f"                 made with {report.tool}"
    is_copy = report.made_here is not None and report.made_here.how is HowKnown.LIKENESS
    since = ", when it was made" if is_copy and report.label is not LabelFact.UNKNOWN else ""
    yield f"  Visible label  {_LABEL[report.label]}{since}"
    yield f"  Made here      {_made_here(report)}"
    if report.credentials.problems:
        yield f"  Status codes   {', '.join(report.credentials.problems)}"
    if report.credentials.claim is not None:
        yield ""
        yield "What the credentials tell:"
        yield from _story(story_of(report.credentials.claim), "  ")
    for note in report.notes:
        yield ""
        yield from textwrap.wrap(note.text(), _WIDTH)


def _what(report: Report) -> str:
    size = report.file.size_bytes
    words = f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.0f} kB" if size >= 1000 else f"{size} bytes"
    return f"{report.file.format or 'of an unknown format'}, {words}"


def _made_here(report: Report) -> str:
    made_here = report.made_here
    changed = "signed here, changed since" if _is_changed_since(report) else ""
    if made_here is None:
        return changed or "nothing says so"
    which = f" ({made_here.title}, result {made_here.result})" if made_here.result is not None else ""
    told = f"{_HOW[made_here.how]}{which}"
    if made_here.how is HowKnown.LIKENESS:
        return f"{changed}; {told}" if changed else told
    return f"yes: {told}"


def _is_changed_since(report: Report) -> bool:
    return report.is_signed_here and report.credentials.validity is Validity.TAMPERED


def _story(steps: tuple[StoryStep, ...], indent: str) -> Iterator[str]:
    for step in steps:
        when = f"{_when(step.when)}  " if step.when else ""
        details = "; ".join(detail.text() for detail in step.details)
        yield f"{indent}- {when}{step.text}" + (f" ({details})" if details else "")
        yield from _story(step.origin, indent + "    ")


def _when(told: str) -> str:
    try:
        when = datetime.fromisoformat(told)
    except ValueError:
        return told
    if when.tzinfo is not None:
        when = when.astimezone()
    return f"{when:%Y-%m-%d %H:%M}"


def _wrapped(sentence: Message) -> Iterator[str]:
    for line in textwrap.wrap(sentence.text(), _WIDTH):
        yield f"  {line}"


class _Progress:
    """Says how far it is where it takes a while: of a photo the answer is there at once."""

    def __init__(self, console: Console, name: str) -> None:
        self._console = console
        self._name = name
        self._began = time.monotonic()

    def __call__(self, fraction: float) -> None:
        if time.monotonic() - self._began > _A_WHILE_S:
            self._console.progress("verify", self._name, fraction, "looking")
