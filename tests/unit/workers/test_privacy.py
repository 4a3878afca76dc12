"""Nothing that a worker loads leaves traces outside the home, or tells anybody that it ran."""

from __future__ import annotations

from pathlib import Path

from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import SelfTest

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "eileen_collins.png"


async def test_networks_run_without_telemetry(tmp_path: Path) -> None:
    # HOME is a folder of this test's own: onnxruntime keeps the queue of its reports below ~/.cache.
    pool = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=4096, task_limit_s=60)
    await pool.start()
    try:
        report = await pool.run("self_test", SelfTest())
    finally:
        await pool.close()
    assert report.checkpoints
    written = [path for path in (tmp_path / "user").rglob("*") if path.is_file()]
    assert written == []
