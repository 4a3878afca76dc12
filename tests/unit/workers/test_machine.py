import pytest

from faceswap_desktop.workers.machine import Machine, this_machine, threads_for_jobs, worker_count_for


@pytest.mark.parametrize(
    ("cores", "memory", "workers"),
    [(1, 16000, 1), (2, 16000, 2), (4, 16000, 4), (8, 9100, 5), (2, 4000, 1), (8, 500, 1), (64, 256_000, 8)],
)
def test_workers_follow_cores_and_memory(cores: int, memory: int, workers: int) -> None:
    assert worker_count_for(Machine(cores, memory)) == workers


@pytest.mark.parametrize(
    ("cores", "slots", "threads"), [(1, 1, 1), (2, 1, 2), (2, 2, 1), (8, 4, 2), (8, 1, 2), (4, 0, 2)]
)
def test_jobs_use_one_or_two_threads(cores: int, slots: int, threads: int) -> None:
    assert threads_for_jobs(Machine(cores, 8000), slots) == threads


def test_this_machine_is_measured() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.free_memory_mb > 0
