"""Where the files that come with the program lie: checkpoints, sample pictures, fonts, icons."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent


def resource_root() -> Path:
    """Return the folder of the bundled files.

    In a wheel (and in a frozen program) it is packed into the package as ``_resources``; in a source
    checkout it stands beside the package as ``resources``.
    """
    packed = _PACKAGE / "_resources"
    return packed if packed.is_dir() else _PACKAGE.parent / "resources"


def resource_path(*parts: str) -> Path:
    """Return the path of a bundled file or folder, for example ``resource_path("samples", "a.png")``.

    The file need not exist; whoever opens it says what is missing.
    """
    return resource_root().joinpath(*parts)
