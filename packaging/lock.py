"""Lock requirements/*.in into requirements/*.txt: exact versions with digests, for every platform at once.

    python packaging/lock.py            keep the locked versions where they still fit
    python packaging/lock.py --upgrade  take the newest ones that fit

The locks hold names, versions and digests and no address, so that they install from whichever registry pip or uv is
set up for. New releases wait a week before they are taken (``--exclude-newer`` below).
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
WAIT: Final = timedelta(days=7)
"""How old a release has to be; most broken or stolen releases are withdrawn within this time."""

ADDRESS: Final = re.compile(r"://|^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b|\s@\s", re.MULTILINE)


def addresses_in(lock: str) -> list[str]:
    """Return the lines of a lock that name an address or a place; a good lock has none."""
    return [line for line in lock.splitlines() if ADDRESS.search(line)]


def compile_lock(name: str, *, constraint: str | None, upgrade: bool) -> None:
    """Write requirements/NAME.txt from requirements/NAME.in."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    command = [uv, "--no-config", "pip", "compile", f"requirements/{name}.in", "-o", f"requirements/{name}.txt"]
    command += ["--generate-hashes", "--universal", "--python-version", "3.11", "--quiet"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"]
    if constraint:
        command += ["-c", f"requirements/{constraint}.txt"]
    if upgrade:
        command += ["--upgrade", "--exclude-newer", f"{datetime.now(UTC) - WAIT:%Y-%m-%d}"]
    subprocess.run(command, cwd=ROOT, check=True)
    found = addresses_in((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8"))
    if found:
        raise SystemExit(f"requirements/{name}.txt names a place, which a lock must not: {found[0]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit and are a week old")
    options = parser.parse_args()
    compile_lock("runtime", constraint=None, upgrade=options.upgrade)
    compile_lock("dev", constraint="runtime", upgrade=options.upgrade)
    print("requirements/runtime.txt and requirements/dev.txt are locked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
