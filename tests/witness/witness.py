"""Asks the witness what it reads. See ``packaging/witness.py`` for how it gets here."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

import witness

FOLDER: Final = Path(__file__).parent
LIMIT_S: Final = 120


@dataclass(frozen=True)
class Seen:
    """What the witness says of one file.

    Attributes:
        state: ``Valid``, ``Trusted`` or ``Invalid``; empty where it found nothing to read.
        codes: What is wrong.
        manifest: The newest claim.
        manifests: All claims by label.
        report: The same in the specification's own terms, hashes included.
        error: What it said where it could not read.
    """

    state: str = ""
    codes: Sequence[str] = ()
    manifest: dict[str, Any] = field(default_factory=dict)
    manifests: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    error: str = ""


def skip_where_missing() -> None:
    """Skip a test and say why; where everything has to run (CI=true), fail it."""
    if reason := witness.missing(FOLDER):
        if os.environ.get("CI") == "true":
            pytest.fail(f"the witness of Content Credentials is missing: {reason}")
        pytest.skip(f"the witness of Content Credentials is missing: {reason}")


def look(folder: Path, files: Sequence[tuple[str, bytes]]) -> list[Seen]:
    """Have files read: each a MIME type and its content; ``folder`` takes them."""
    asked = []
    for number, (mime, content) in enumerate(files):
        path = folder / f"witness-{number}"
        path.write_bytes(content)
        asked.append({"format": mime, "path": str(path)})
    done = subprocess.run(
        ["node", "read.mjs"],
        cwd=FOLDER,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Seen(**answer) for answer in json.loads(done.stdout)]
