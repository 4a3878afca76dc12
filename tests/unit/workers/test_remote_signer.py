from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from faceswap_desktop.domain.errors import ProviderUnavailable, SignerError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import Validity
from faceswap_desktop.domain.signing import RemoteIdentity, SigningAlgorithm
from faceswap_desktop.workers.remote_signer import sign_remotely
from faceswap_desktop.workers.sign_requests import SignFile
from tests.certificates import Authority, key_of, raw_signature
from tests.signed import DEED, written
from tests.unit.workers.conftest import MakePool

SIGN_TASKS = ("faceswap_desktop.workers.sign_tasks",)
KEY = key_of("P-384")
ROOT = Authority()


def request_in(folder: Path, answer_s: float = 60.0) -> SignFile:
    (folder / "out").mkdir()
    remote = RemoteIdentity(ROOT.issue(KEY) + ROOT.pem, SigningAlgorithm.ES384, answer_s)
    return SignFile(str(written(folder, "JPEG")), str(folder / "out" / "a.jpg"), DEED, remote)


async def answers(data: bytes) -> bytes:
    return raw_signature(KEY, data)


async def test_a_service_signs(tmp_path: Path, make_pool: MakePool) -> None:
    async def sign(request: web.Request) -> web.Response:
        return web.Response(body=raw_signature(KEY, await request.read()))

    app = web.Application()
    app.router.add_post("/sign", sign)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        [port] = [address[1] for address in runner.addresses]
        async with ClientSession() as session:

            async def ask(data: bytes) -> bytes:
                async with session.post(f"http://127.0.0.1:{port}/sign", data=data) as reply:
                    return await reply.read()

            pool = await make_pool(task_modules=SIGN_TASKS)
            made = await sign_remotely(pool, request_in(tmp_path), ask)
    finally:
        await runner.cleanup()
    assert made.credentials.validity is Validity.VALID
    assert made.credentials.claim is not None
    assert (made.credentials.claim.signer, made.credentials.claim.algorithm) == ("Example Signer", "Es384")
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["a.jpg"]


async def test_one_that_is_silent_is_given_up(tmp_path: Path, make_pool: MakePool) -> None:
    asked = asyncio.Event()

    async def silent(_: bytes) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    pool = await make_pool(task_modules=SIGN_TASKS)
    with pytest.raises(SignerError, match="did not answer") as caught:
        await sign_remotely(pool, request_in(tmp_path, 0.05), silent)
    assert caught.value.kind == "unreachable"
    assert caught.value.hint is not None
    assert asked.is_set()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError("connection refused"), "unreachable", "connection refused"),
        (ProviderUnavailable(message("No connection."), kind="offline"), "unreachable", "No connection"),
        (SignerError(message("This key is locked."), kind="signer"), "signer", "This key is locked"),
    ],
)
async def test_one_that_fails_says_why(
    error: Exception, kind: str, words: str, tmp_path: Path, make_pool: MakePool
) -> None:
    async def fails(_: bytes) -> bytes:
        raise error

    pool = await make_pool(task_modules=SIGN_TASKS)
    with pytest.raises(SignerError, match=words) as caught:
        await sign_remotely(pool, request_in(tmp_path), fails)
    assert caught.value.kind == kind
    assert list((tmp_path / "out").iterdir()) == []


async def test_rubbish_gets_into_no_file(tmp_path: Path, make_pool: MakePool) -> None:
    pool = await make_pool(task_modules=SIGN_TASKS)
    request = request_in(tmp_path)
    other = key_of("P-384")
    for rubbish in (b"", b"hello", b"\0" * 96, b"\xff" * 100_000, raw_signature(other, b"x")):

        async def answer(_: bytes, rubbish: bytes = rubbish) -> bytes:
            return rubbish

        with pytest.raises(SignerError, match="no signature") as caught:
            await sign_remotely(pool, request, answer)
        assert caught.value.kind == "signer"
    assert list((tmp_path / "out").iterdir()) == []
    # It is as good as new afterwards.
    assert (await sign_remotely(pool, request, answers)).credentials.validity is Validity.VALID


async def test_cancelling_ends_the_wait_and_clears_up(tmp_path: Path, make_pool: MakePool) -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def silent(_: bytes) -> bytes:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    pool = await make_pool(task_modules=SIGN_TASKS)
    signing = asyncio.create_task(sign_remotely(pool, request_in(tmp_path), silent))
    await asked.wait()
    signing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing
    assert ended.is_set()
    assert list((tmp_path / "out").iterdir()) == []
