"""Measure everything and print the table.

    python -m tests.benchmarks [PART …] [--write FILE]

Parts: window, photos, canvas, gallery. Nothing here is a test: figures depend on the machine, and are compared with
their budgets by whoever reads them.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from tests.benchmarks.table import Row, as_markdown

PARTS = ("window", "photos", "canvas", "gallery")


def main() -> int:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--write", metavar="FILE", help="write the table into a file as well")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found: list[Row] = []
    for part in options.parts or PARTS:
        sys.stderr.write(f"measuring {part} …\n")
        found += importlib.import_module(f"tests.benchmarks.{part}").rows()
    table = as_markdown(found)
    sys.stdout.write(table + "\n")
    if options.write:
        Path(options.write).write_text(table + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
