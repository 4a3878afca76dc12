"""Where a command may write its result."""

from __future__ import annotations

import os
from pathlib import Path

from faceswap_desktop.cli.console import file_name
from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.messages import message


def check_place(path: Path) -> None:
    """Refuse a place for a result that is taken, or is in no folder.

    Raises:
        InputRefused: It is (kinds ``exists``, ``missing``).
        UsageError: No file can be called so.
    """
    if _is_taken(path):
        raise InputRefused(
            message("{name} is there already, and nothing is ever overwritten.", name=file_name(str(path))),
            message("Choose another name, or move the file away."),
            kind="exists",
        )
    if not os.path.isdir(path.parent):  # noqa: PTH112 - Path.is_dir raises where the folder above is not ours
        raise InputRefused(
            message("The folder {folder} does not exist.", folder=str(path.parent)),
            message("Make it, or choose another."),
            kind="missing",
        )


def _is_taken(path: Path) -> bool:
    """Whether something has this name; a link that leads nowhere counts too.

    Raises:
        UsageError: No file can have it.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:
        # The folder tells nothing; the attempt to write there will.
        return False
    except OSError as error:
        raise UsageError(
            message(
                "The output cannot be called {name}: {reason}.", name=file_name(str(path)), reason=error.strerror or ""
            ),
            message("Choose another name."),
        ) from error
    return True
