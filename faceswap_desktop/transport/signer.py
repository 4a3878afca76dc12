"""The way to a service that signs with a key of its own: some bytes go there, a signature comes back.

``POST`` of the bytes as ``application/octet-stream``. The query's ``algorithm`` says how to sign (``es256`` and so on),
the header ``Authorization: Bearer`` holds the token where there is one. The answer is status 200 and the raw signature.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from faceswap_desktop.domain.errors import ProviderError, SignerError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.transport.addresses import Resolver, check_form, is_this_computer, shown
from faceswap_desktop.transport.bodies import Body
from faceswap_desktop.transport.call_log import HIDDEN_PATH, CallLog, silence_libraries
from faceswap_desktop.transport.retries import RetryRule

if TYPE_CHECKING:
    import httpx

    from faceswap_desktop.transport.exchange import Exchange

MOST_BYTES: Final = 16 * 2**10
"""No signature that C2PA knows is nearly as long."""
ANSWER_S: Final = 30.0

_NAME: Final = "signer"
_TYPE: Final = "application/octet-stream"
_OK: Final = 200
_REFUSED: Final = frozenset({401, 403})


class SignerClient:
    """The way to one signing service. Nothing is loaded or connected before its first use; nothing is asked twice."""

    def __init__(
        self,
        url: Callable[[], str],
        *,
        resolve: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Make it ready.

        Args:
            url: Returns the service's address; asked anew each time.
            resolve: Looks names up in the place of the system; for tests.
            ssl_context: Trusts other certificates than the system; for tests.
        """
        self._url = url
        self._resolve = resolve
        self._ssl_context = ssl_context
        self._opened: Exchange | None = None
        self._opening = asyncio.Lock()

    async def sign(self, data: bytes, algorithm: str, token: str = "") -> bytes:
        """Have bytes signed.

        Args:
            data: What is to be signed.
            algorithm: How, as C2PA calls it, in small letters.
            token: Goes into the ``Authorization`` header; empty for none.

        Returns:
            What the service answered: the raw signature, if it did its work.

        Raises:
            SignerError: It cannot be reached or does not answer (kind ``unreachable``), or refuses (``signer``).
        """
        check_signer_url(self._url())
        try:
            return await self._ask(await self._open(), data, algorithm, token)
        except ProviderError as error:
            raise SignerError(error.message, _TRY_AGAIN, kind="unreachable") from error

    async def close(self) -> None:
        """Close all connections."""
        async with self._opening:
            opened, self._opened = self._opened, None
        if opened is not None:
            await opened.http.aclose()

    async def _ask(self, exchange: Exchange, data: bytes, algorithm: str, token: str) -> bytes:
        import httpx

        from faceswap_desktop.transport import failures
        from faceswap_desktop.transport.exchange import Sending
        from faceswap_desktop.transport.replies import new_request_id

        url = exchange.whole(self._url()).copy_merge_params({"algorithm": algorithm})
        log = CallLog("POST", url.host, HIDDEN_PATH, new_request_id())
        log.tries = 1
        headers = {"Accept": _TYPE, **({"Authorization": f"Bearer {token}"} if token else {})}
        sending = Sending(ANSWER_S)
        try:
            async with (
                Body([data], _TYPE) as body,
                sending.limit,
                exchange.open("POST", url, sending, log, headers, body, ANSWER_S) as response,
            ):
                if response.status_code != _OK:
                    raise _refusal(url.host, response.status_code)
                answer = await _read(response)
                log.size_bytes = len(answer)
                return answer
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            raise failures.unreachable(error, url.host, _NAME, log.request_id) from None
        finally:
            log.write()

    async def _open(self) -> Exchange:
        async with self._opening:
            if self._opened is None:
                self._opened = await asyncio.to_thread(self._load)
            return self._opened

    def _load(self) -> Exchange:
        from faceswap_desktop.transport.connections import open_http
        from faceswap_desktop.transport.exchange import Exchange

        silence_libraries()
        http = open_http(_NAME, self._resolve, self._ssl_context)
        return Exchange(_NAME, self._url, http, RetryRule(), None, asyncio.sleep)


def check_signer_url(url: str) -> None:
    """Make sure that an address will do: encrypted, or on this computer.

    Raises:
        SignerError: It will not (kind ``certificate``: the user has to mend it).
    """
    problem = signer_url_problem(url)
    if problem is not None:
        raise SignerError(problem, message("Set the signing service's address in the settings."), kind="certificate")


def signer_url_problem(url: str) -> Message | None:
    """Say what is wrong with the address of a signing service; None where it will do."""
    if not url:
        return message("No signing service is set.")
    try:
        check_form(url, _NAME)
    except ProviderError as error:
        return error.message
    parts = urlsplit(url)
    if parts.scheme.lower() != "https" and not is_this_computer(parts.hostname or ""):
        return message("The signing service's address has to begin with https://, unless it is on this computer.")
    return None


async def _read(response: httpx.Response) -> bytes:
    answer = b""
    async for block in response.aiter_bytes():
        answer += block
        if len(answer) > MOST_BYTES:
            raise SignerError(message("The signing service answered more than any signature has."), _ASK_SERVICE)
    if not answer:
        raise SignerError(message("The signing service answered nothing."), _ASK_SERVICE)
    return answer


def _refusal(host: str, status: int) -> SignerError:
    if status in _REFUSED:
        text = message("The signing service at {host} does not take the token.", host=shown(host))
        return SignerError(text, message("Set it again in the settings."))
    text = message(
        "The signing service at {host} answered {status}, and no signature.", host=shown(host), status=status
    )
    return SignerError(text, _TRY_AGAIN)


_TRY_AGAIN: Final = message("The result waits and nothing is lost: try again, or sign it later.")
_ASK_SERVICE: Final = message("Is this the address at which it signs?")
