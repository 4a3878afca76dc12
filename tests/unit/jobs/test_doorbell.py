import asyncio
import json
import os
import stat
import subprocess
import sys
import textwrap
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.jobs.doorbell import Doorbell, ring
from faceswap_desktop.storage.paths import Home

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / ("a long name " * 12))
    made.create()
    return made


async def heard_by(doorbell_heard: "asyncio.Queue[dict[str, Any]]") -> dict[str, Any]:
    async with asyncio.timeout(10):
        return await doorbell_heard.get()


async def test_message_arrives_on_the_loops_thread(home: Home) -> None:
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    bell = Doorbell(home, heard.put_nowait)
    await bell.open()
    try:
        for message in ({"kind": "jobs"}, {"kind": "open", "files": ['/tmp/ñ "quoted".png']}):
            assert await asyncio.to_thread(ring, home, message)
            assert await heard_by(heard) == message
    finally:
        await bell.close()
    assert heard.empty()


async def test_another_process_can_ring(home: Home) -> None:
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    bell = Doorbell(home, heard.put_nowait)
    await bell.open()
    code = f"""
        from pathlib import Path
        from faceswap_desktop.jobs.doorbell import ring
        from faceswap_desktop.storage.paths import Home
        print(ring(Home(Path({str(home.root)!r})), {{"kind": "show"}}))
    """
    try:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", textwrap.dedent(code)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        assert done.stdout.strip() == "True"
        assert await heard_by(heard) == {"kind": "show"}
    finally:
        await bell.close()


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
async def test_only_this_user_can_read_key_and_socket(home: Home) -> None:
    bell = Doorbell(home, lambda _: None)
    await bell.open()
    try:
        told = json.loads(home.bell_file.read_text())
        assert stat.S_IMODE(home.bell_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(Path(told["address"]).parent.stat().st_mode) == 0o700
    finally:
        await bell.close()
    assert not home.bell_file.exists()
    assert not Path(told["address"]).parent.exists()


async def test_wrong_key_and_rubbish_are_ignored(home: Home) -> None:
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    bell = Doorbell(home, heard.put_nowait)
    await bell.open()
    told = json.loads(home.bell_file.read_text())

    def call(key: bytes, data: bytes) -> None:
        with Client(told["address"], authkey=key) as line:
            line.send_bytes(data)

    try:
        with pytest.raises(Exception, match=r"digest|rejected|reset|closed"):
            await asyncio.to_thread(call, b"wrong", b"{}")
        await asyncio.to_thread(call, bytes.fromhex(told["key"]), b"\x80\x04no json")
        await asyncio.to_thread(call, bytes.fromhex(told["key"]), b"[1, 2]")
        assert await asyncio.to_thread(ring, home, {"kind": "jobs"})
        assert await heard_by(heard) == {"kind": "jobs"}
        assert heard.empty()
    finally:
        await bell.close()


def test_nobody_there(home: Home) -> None:
    assert not ring(home, {"kind": "jobs"})
    home.bell_file.write_text("not json")
    assert not ring(home, {"kind": "jobs"})
    home.bell_file.write_text('{"address": "/nowhere/at/all", "key": "00", "pid": 1}')
    assert not ring(home, {"kind": "jobs"})
    home.bell_file.write_text('{"address": 3}')
    assert not ring(home, {"kind": "jobs"})


async def test_what_a_killed_process_left_is_replaced(home: Home) -> None:
    code = f"""
        import asyncio, os, signal
        from pathlib import Path
        from faceswap_desktop.jobs.doorbell import Doorbell
        from faceswap_desktop.storage.paths import Home

        async def main():
            await Doorbell(Home(Path({str(home.root)!r})), print).open()
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    left = Path(json.loads(home.bell_file.read_text())["address"])
    assert left.exists()
    assert not await asyncio.to_thread(ring, home, {"kind": "jobs"})
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    bell = Doorbell(home, heard.put_nowait)
    await bell.open()
    try:
        assert not left.parent.exists()
        assert await asyncio.to_thread(ring, home, {"kind": "jobs"})
        assert await heard_by(heard) == {"kind": "jobs"}
    finally:
        await bell.close()
