"""The sandbox as a process: it says where it is, ends with whoever started it, and is started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import httpx
import psutil
import pytest

from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.sandbox_process import NOWHERE, SandboxAddresses, SandboxProcess, with_sandbox
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from tests.unit.jobs.support import make_recipe
from tests.unit.sandbox.conftest import LIMIT_S, ROOT, end_sandbox, start_sandbox, until


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/sandbox/state", trust_env=False, timeout=LIMIT_S).status_code == 200
    except httpx.TransportError:
        return False


def test_it_ends_with_its_standard_input_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    killed = tmp_path / "faceswap-sandbox-999999999-x"
    killed.mkdir()
    process, where = start_sandbox("--fault", "akool.slow:1")
    assert answers(where["sandbox"])
    [home] = tmp_path.glob("faceswap-sandbox-*")
    assert home.name.startswith(f"faceswap-sandbox-{process.pid}-")
    children = psutil.Process(process.pid).children(recursive=True)
    assert end_sandbox(process) == 0
    assert not list(tmp_path.glob("faceswap-sandbox-*"))
    assert psutil.wait_procs(children, timeout=LIMIT_S)[1] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_interrupting_it_is_no_crash() -> None:
    process, where = start_sandbox("--stay")
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    assert answers(where["sandbox"])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130


def test_a_fault_that_is_none_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "faceswap_desktop", "sandbox", "--fault", "nothing"],
        cwd=ROOT,
        input="",
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no fault 'nothing'" in done.stderr


async def test_somebodys_home_is_refused(tmp_path: Path) -> None:
    """Its jobs would be run by the sandbox, which does not sign."""
    home = Home(tmp_path / "mine")
    home.create()
    database = await Database.open(home.database)
    await Ledger(database).add(Job(JobId("mine"), make_recipe("on-device"), created_at=1.0))
    await database.close()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "faceswap_desktop", "--home", str(home.root), "sandbox"],
        cwd=ROOT,
        input="",
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 2
    assert "holds somebody's jobs" in done.stderr


async def test_it_is_started_once_and_again_when_it_dies() -> None:
    notices: list[Message] = []
    process = SandboxProcess(notices.append)
    await process.start()
    await process.start()
    first = process.addresses
    assert first is not None
    assert await asyncio.to_thread(answers, first.sandbox)
    [child] = [
        one for one in psutil.Process(os.getpid()).children() if "sandbox" in one.cmdline() and _serves(one, first)
    ]
    child.kill()
    await asyncio.to_thread(until, lambda: notices)
    # At the same address, so that what providers know of it still holds.
    assert where_of(process) == first
    assert await asyncio.to_thread(answers, first.sandbox)
    assert "started again" in str(notices[0])
    await process.stop()
    assert where_of(process) is None
    assert not await asyncio.to_thread(answers, first.sandbox)
    await process.stop()


def where_of(process: SandboxProcess) -> SandboxAddresses | None:
    return process.addresses


def _serves(process: psutil.Process, where: SandboxAddresses) -> bool:
    port = int(where.sandbox.rpartition(":")[2])
    return any(one.laddr.port == port for one in process.net_connections("tcp"))


async def test_one_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    process = SandboxProcess(lambda _: None, python=str(tmp_path / "nothing"))
    with pytest.raises(ProviderUnavailable, match="could not be started"):
        await process.start()
    assert process.addresses is None
    await process.stop()


async def test_one_that_says_nothing_is_not_there(tmp_path: Path) -> None:
    script = tmp_path / "mute"
    script.write_text("#!/bin/sh\necho oh dear >&2\n", encoding="utf-8")
    script.chmod(0o755)
    process = SandboxProcess(lambda _: None, python=str(script))
    with pytest.raises(ProviderUnavailable, match="could not be started"):
        await process.start()
    await process.stop()


def test_settings_point_at_it_and_at_nothing_else() -> None:
    said = json.dumps({name: f"http://127.0.0.1:9/{name}" for name in SandboxAddresses.__dataclass_fields__})
    where = SandboxAddresses(**json.loads(said))
    changed = with_sandbox(Settings(), where)
    assert changed.providers.akool.base_url == where.akool
    assert changed.providers.akool.detect_url == where.akool_detect
    assert changed.providers.aifaceswap.base_url == where.aifaceswap
    assert changed.providers.aigs.base_url == where.aigs
    assert (changed.hosting.s3.endpoint_url, changed.hosting.s3.bucket) == (where.s3, where.bucket)
    assert (changed.webhook.public_url, changed.webhook.port, changed.webhook.relay_url) == ("http://127.0.0.1", 0, "")
    for text in json.dumps(asdict(with_sandbox(Settings(), NOWHERE).providers)).split('"'):
        if text.startswith("http"):
            assert text == "http://127.0.0.1:1"
