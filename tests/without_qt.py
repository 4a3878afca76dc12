"""Hide Qt from imports, as on a computer where it is not installed.

A finder at the front of ``sys.meta_path`` is enough, and much cheaper than a second virtual environment of 400 MB:
``import PySide6`` ends in the same ``ModuleNotFoundError``. Processes that the tests start get the same through a
``sitecustomize`` module that is put first on their path.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

HIDDEN: Final = frozenset({"PySide6", "shiboken6", "qasync"})
CHILD_FOLDER: Final = Path(__file__).parent / "data" / "without_qt"


class QtHider:
    """A finder that finds nothing else, and says that Qt is not there."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse the hidden packages; leave everything else to the next finder."""
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r} (hidden by --without-qt)", name=name)
        return None


def hide() -> None:
    """Hide Qt in this process and in those that it starts."""
    already = sorted(HIDDEN & {name.partition(".")[0] for name in sys.modules})
    if already:
        raise RuntimeError(f"too late to hide {already}: loaded already")
    sys.meta_path.insert(0, QtHider())
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(CHILD_FOLDER), *([others] if others else [])])
