"""What each process loads, seen from outside: a fresh interpreter imports, and its modules are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT
from tests.without_qt import CHILD_FOLDER

HEAVY = {"av", "c2pa", "cv2", "onnxruntime"}
"""Only worker processes may hold these: they cost memory and start-up time, and open what cannot be trusted."""

NETWORK = {"httpx", "httpcore", "h11", "h2", "httpx_sse", "anyio", "truststore", "botocore", "aiohttp", "cryptography"}
"""Loaded at the first use of a service: whoever uses none neither waits for them nor pays for them in memory."""

ABOVE = {"app", "ui", "__main__", "_resources"}


def loaded_after(code: str, *, without_qt: bool = False) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules that it has loaded then."""
    variables = dict(os.environ)
    variables["PYTHONPATH"] = os.pathsep.join([str(CHILD_FOLDER), str(ROOT)] if without_qt else [str(ROOT)])
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_the_window_is_seen_before_anything_else_is_loaded(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from faceswap_desktop.app import show_window\n"
        "from faceswap_desktop.storage.paths import Home\n"
        f"start = show_window(Home(Path({str(tmp_path / 'home')!r})))\n"
        "assert start.window.isVisible()"
    )
    assert loaded_after(code) & (HEAVY | NETWORK | {"PIL", "asyncio", "keyring", "numpy", "rich"}) == set()


def test_the_window_and_everything_behind_it_load_neither_vision_nor_network() -> None:
    modules = []
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        modules.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    code = "\n".join(f"import {name}" for name in [*modules, "faceswap_desktop.app", "faceswap_desktop.compose"])
    assert loaded_after(code) & (HEAVY | NETWORK) == set()


def test_the_command_line_starts_light() -> None:
    loaded = loaded_after("import faceswap_desktop.cli.main, faceswap_desktop.compose")
    assert loaded & (HEAVY | NETWORK | {"PySide6", "shiboken6", "qasync"}) == set()


def test_nothing_below_the_window_needs_qt() -> None:
    modules = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if len(parts) > 1 and parts[1] not in ABOVE:
            modules.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    assert len(modules) > 50
    code = "\n".join(f"import {name}" for name in modules)
    assert loaded_after(code, without_qt=True) & {"PySide6", "shiboken6", "qasync"} == set()
