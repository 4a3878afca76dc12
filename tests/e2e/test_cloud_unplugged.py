"""No way to a service for a while: jobs wait and go on by themselves, and nothing is paid twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from faceswap_desktop.domain.job import JobState
from tests.e2e.clouds import AIGS, AKOOL_SWAP, ONE_FACE, House
from tests.e2e.program import LIMIT_S
from tests.e2e.test_cloud_faults import check_all_made, jobs_of, until_all
from tests.unit.sandbox.conftest import Box, end_sandbox, start_sandbox


class Cord:
    """The cable between the program and one port of this computer; while it is out, what is begun is cut off.

    Attributes:
        cuts: How many connections were cut.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._is_out = False
        self.cuts = 0

    async def plug(self) -> int:
        """Begin to carry and return the port at this end."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def pull(self, is_out: bool = True) -> None:
        """Cut everything off, or carry again."""
        self._is_out = is_out
        for writer in self._writers if is_out else ():
            writer.transport.abort()

    async def close(self) -> None:
        self.pull()
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_out:
            self.cuts += 1
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        pair = {writer, far_writer}
        self._writers |= pair
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            self._writers -= pair
            for one in pair:
                one.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_jobs_begun_without_a_network_go_on_once_it_is_there(tmp_path: Path, keys: None) -> None:
    process, where = await asyncio.to_thread(start_sandbox)
    port = where["sandbox"].rpartition(":")[2]
    kinds = (AKOOL_SWAP, ONE_FACE, AIGS)
    with httpx.Client(timeout=LIMIT_S, trust_env=False) as client:
        box = Box(where, client)
        house = await asyncio.to_thread(House.make, tmp_path, box)
        assert await asyncio.to_thread(end_sandbox, process) == 0
        async with house.program() as program:
            ids = await house.submit(program, *kinds)
            async with asyncio.timeout(LIMIT_S):
                while not all(job.retry_at for job in await jobs_of(program, ids)):  # noqa: ASYNC110 - the ledger
                    await asyncio.sleep(0.02)
            jobs = await until_all(program, ids, JobState.QUEUED, JobState.PREPARING, JobState.SUBMITTING)
            assert len(jobs) == 3
            process, again = await asyncio.to_thread(start_sandbox, "--port", port)
            assert again == where
            await check_all_made(house, program, ids, kinds)
            assert house.paid() == {name: 1 for kind in kinds for name in kind.paid}
        assert await asyncio.to_thread(end_sandbox, process) == 0


async def test_a_cable_that_is_pulled_while_the_service_works(tmp_path: Path, box: Box, keys: None) -> None:
    cord = Cord(int(box.where["sandbox"].rpartition(":")[2]))
    near = f"http://127.0.0.1:{await cord.plug()}/akool"
    house = await asyncio.to_thread(lambda: House.make(tmp_path, box, akool=near))
    try:
        async with house.program() as program:
            ids = await house.submit(program, AKOOL_SWAP)
            await until_all(program, ids, JobState.RUNNING)
            cord.pull()
            async with asyncio.timeout(LIMIT_S):
                while cord.cuts < 3:  # noqa: ASYNC110 - counted
                    await asyncio.sleep(0.02)
            await until_all(program, ids, JobState.RUNNING)
            cord.pull(is_out=False)
            await check_all_made(house, program, ids, [AKOOL_SWAP])
            assert house.paid() == AKOOL_SWAP.paid
    finally:
        await cord.close()
