"""A limit on the memory of a process that decodes untrusted files."""

from __future__ import annotations

import sys


def limit_memory(megabytes: int) -> bool:
    """Limit what this process may allocate; beyond it Python raises ``MemoryError``.

    On Linux the limit counts private memory that can be written (``RLIMIT_DATA``), and so not the libraries
    and checkpoints that are mapped from files. macOS takes the limit but does not enforce it, and Windows has
    none that a process can set for itself: there only the limit on pixels protects.

    Args:
        megabytes: Of 2**20 bytes; counts what the process holds already. It can be lowered and raised again
            up to the hard limit of the process.

    Returns:
        Whether a limit is in force.
    """
    if sys.platform != "linux":
        return False
    import resource

    wanted = megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    return True
