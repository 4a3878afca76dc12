"""What the task that measures a file to verify it is given. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DigestFile:
    """Return the hexadecimal SHA-256 of a whole file. Task ``digest_file``.

    Raises:
        InputRefused: The file is missing, a folder, empty or unreadable.
    """

    path: str
