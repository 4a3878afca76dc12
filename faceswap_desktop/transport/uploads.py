"""Uploads to an address that somebody signed. Imports httpx, so ``ApiClient`` imports it on its first use."""

from __future__ import annotations

import re

import httpx

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import message
from faceswap_desktop.transport import failures
from faceswap_desktop.transport.addresses import shown
from faceswap_desktop.transport.bodies import Body
from faceswap_desktop.transport.call_log import HIDDEN_PATH, CallLog
from faceswap_desktop.transport.calls import ApiReply
from faceswap_desktop.transport.exchange import Exchange, OnWait, Sending, TryAgain
from faceswap_desktop.transport.replies import is_web_page, new_request_id, read_reply
from faceswap_desktop.transport.retries import RETRIED, retry_after_s

_ANSWER_TIMEOUT_S = 120.0
_CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,60})</Code>")
"""The word for what is wrong, in the answers of S3 and those that speak like it."""


async def put_file(
    exchange: Exchange, url: str, path: str, media_type: str, on_bytes: ByteProgress | None, on_wait: OnWait | None
) -> None:
    """Upload a file; see ``ApiClient.put_file``."""
    address = exchange.whole(url)
    log = CallLog("PUT", address.host, HIDDEN_PATH, new_request_id())

    async def once() -> ApiReply:
        async with exchange.transfers:
            return await _put_once(exchange, address, body, log)

    try:
        async with Body([path], media_type, on_bytes) as body:
            await exchange.again_and_again(once, on_wait)
            log.size_bytes = body.length
    finally:
        log.write()


async def _put_once(exchange: Exchange, url: httpx.URL, body: Body, log: CallLog) -> ApiReply:
    sending = Sending(_ANSWER_TIMEOUT_S)
    log.tries += 1
    log.status = 0
    provider = exchange.provider_id
    try:
        async with sending.limit, exchange.open("PUT", url, sending, log, {}, body, _ANSWER_TIMEOUT_S) as response:
            reply, _ = await read_reply(response, log.request_id)
    except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
        raise exchange.broken(error, url.host, log.request_id) from None
    if response.is_success and not is_web_page(reply):
        return reply
    if reply.status == 407:
        raise failures.proxy_login(provider, reply.request_id)
    if reply.status == 429 or reply.status in RETRIED:
        asked_s = retry_after_s(response.headers)
        if reply.status == 429:
            raise TryAgain(failures.rate_limited(url.host, provider, reply.request_id, asked_s), asked_s)
        trouble = failures.server_error(url.host, reply.status, provider, reply.request_id, asked_s)
        raise TryAgain(trouble, asked_s)
    if response.is_success or reply.status == 511:
        raise failures.captive_portal(url.host, provider, reply.request_id)
    found = _CODE.search(reply.text)
    raise ProviderRejected(
        message(
            "“{host}” refused the upload ({status} {code}).",
            host=shown(url.host),
            status=reply.status,
            code=found[1] if found else "",
        ),
        message("Check the keys, the bucket and the region in Settings → Hosting, and press Test there."),
        kind="hosting",
        provider_id=provider,
        request_id=reply.request_id,
    )
