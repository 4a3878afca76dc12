"""The window's half of signing with a key that somebody else keeps.

The worker hands out what is to be signed and waits for a file; this asks the service and writes that file. So the
worker never touches the network, and nothing but bytes gets from one to the other.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError, SignerError
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.domain.signing import RemoteIdentity
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.sign_requests import SignedCopy, SignFile, ToBeSigned, no_answer
from faceswap_desktop.workers.wire import Update

AskService = Callable[[bytes], Awaitable[bytes]]
"""Has the service sign bytes and returns the raw signature. ``FaceSwapError`` and ``OSError`` say that it did not."""

SILENCE_S: Final = 120.0
_TOKEN: Final = re.compile(r"[0-9a-f]{16}")
_MOST_BYTES: Final = 1 << 20


async def sign_remotely(pool: WorkerPool, request: SignFile, ask: AskService, *, lane: Lane = Lane.JOBS) -> SignedCopy:
    """Sign a file with a key that somebody else keeps.

    Args:
        pool: Runs the task.
        request: Its identity is a ``RemoteIdentity``.
        ask: Asks the service; ended when it takes longer than the identity allows. It may be asked again where a
            worker had to be replaced.
        lane: Which workers may run it.

    Raises:
        SignerError: The service does not answer (kind ``unreachable``), or what it answers is no signature
            (``signer``); also what ``sign_file`` raises.
        StorageError: The copy cannot be written.
    """
    if not isinstance(request.identity, RemoteIdentity):
        raise TypeError("the key of this identity is here; run the task itself")
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=".sign-", dir=Path(request.out_path).parent))
    desk = _Desk(folder, ask, request.identity.answer_s)
    try:
        signed: SignedCopy = await pool.run(
            "sign_file",
            replace(request, exchange_folder=str(folder)),
            lane=lane,
            limit_s=request.identity.answer_s + SILENCE_S,
            on_update=desk.take,
            until_stopped=True,
        )
    except SignerError as error:
        raise desk.failure or error from error
    finally:
        await desk.close()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return signed


@dataclass(eq=False, slots=True)
class _Desk:
    """Takes what is to be signed, and puts the answers where the worker looks for them."""

    folder: Path
    ask: AskService
    answer_s: float
    failure: Exception | None = None
    _asking: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, update: Update) -> None:
        asked = update.payload
        # The worker opens files from outside, so what it says is looked at before it names a file.
        if not isinstance(asked, ToBeSigned) or not _TOKEN.fullmatch(asked.token) or len(asked.data) > _MOST_BYTES:
            return
        self.failure = None
        task = asyncio.get_running_loop().create_task(self._answer(asked), name="ask the signing service")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def close(self) -> None:
        for task in tuple(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def _answer(self, asked: ToBeSigned) -> None:
        try:
            async with asyncio.timeout(self.answer_s):
                signature = await self.ask(asked.data)
        except Exception as error:  # noqa: BLE001 - kept, and raised by sign_remotely
            self.failure = _reason(error, self.answer_s)
            await asyncio.to_thread(self._put, asked.refusal_name, b"")
        else:
            await asyncio.to_thread(self._put, asked.signature_name, signature)

    def _put(self, name: str, content: bytes) -> None:
        part = self.folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(self.folder / name)


def _reason(error: Exception, seconds: float) -> Exception:
    if isinstance(error, TimeoutError):
        return no_answer(seconds)
    if isinstance(error, SignerError):
        return error
    if isinstance(error, OSError | FaceSwapError):
        return SignerError(
            message("The signing service cannot be reached: {reason}.", reason=foreign(error).rstrip(".")),
            message("The result waits and nothing is lost: try again, or sign it later."),
            kind="unreachable",
        )
    return error
