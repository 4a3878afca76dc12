"""Measure everything and print the table.

    python -m tests.benchmarks [PART …] [--write FILE] [--minutes N]

Parts: window, photos, detection, looking, canvas, gallery, video, label, network, cloud, credentials, marks, live,
live-engine. Nothing here is a test: figures depend on the machine, and whoever reads them compares them with their
budgets.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.table import MINUTES, Row, as_markdown

PARTS = (
    "window",
    "photos",
    "detection",
    "looking",
    "canvas",
    "gallery",
    "video",
    "label",
    "network",
    "cloud",
    "credentials",
    "marks",
    "live",
    "live-engine",
)
_LIMIT_S = 600


def main() -> int:
    """Measure the parts asked for, each in a process of its own, so that none warms another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--write", metavar="FILE", help="write the table into a file as well")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long a live session runs (default: 1)")
    parser.add_argument("--rows", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.rows:
        [part] = options.parts
        rows = importlib.import_module(f"tests.benchmarks.{part.replace('-', '_')}").rows()
        sys.stdout.write("\n" + json.dumps([asdict(row) for row in rows]) + "\n")
        return 0
    os.environ[MINUTES] = str(options.minutes)
    found: list[Row] = []
    for part in options.parts or PARTS:
        sys.stderr.write(f"measuring {part} …\n")
        command = [sys.executable, "-m", "tests.benchmarks", part, "--rows"]
        limit = _LIMIT_S + 120 * options.minutes
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=limit)
        found += [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]
    table = as_markdown(found)
    sys.stdout.write(table + "\n")
    if options.write:
        Path(options.write).write_text(table + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
