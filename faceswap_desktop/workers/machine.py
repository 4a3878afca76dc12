"""What this computer has to offer, and how many workers that bears."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

MEMORY_PER_WORKER_MB: Final = 1500
"""What a worker takes with its checkpoints loaded and a picture of 24 megapixels in hand, with room to spare."""

MOST_WORKERS: Final = 8
"""Beyond this the disk and the encoder's memory traffic are the limit, not the cores."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores that this process may use, and memory that is free, in MiB."""

    cores: int
    free_memory_mb: int


def this_machine() -> Machine:
    """Measure this computer."""
    import psutil

    # A container or a batch system may grant fewer cores than the machine has.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores=max(1, cores), free_memory_mb=int(psutil.virtual_memory().available) // 2**20)


def worker_count_for(machine: Machine | None = None) -> int:
    """Say how many job workers a machine bears: one per core, and no more than fit into its free memory.

    Videos are rendered fastest by one process per core with a single thread each. Pictures lose nothing by that: a
    picture of 12 megapixels takes 0.31 s with one thread and 0.29 s with two. Workers stand back for the window, so it
    stays smooth although every core has one.

    Args:
        machine: Which; None for this one.
    """
    machine = machine or this_machine()
    # One more share is kept for the interactive worker.
    by_memory = machine.free_memory_mb // MEMORY_PER_WORKER_MB - 1
    return max(1, min(machine.cores, by_memory, MOST_WORKERS))


def threads_for_jobs(machine: Machine, job_slots: int) -> int:
    """Say how many threads each of ``job_slots`` workers should use: one or two."""
    return max(1, min(2, machine.cores // max(1, job_slots)))
