"""Downloads: to the disk, within limits, on from where they broke off. Imports httpx, so it is imported lazily."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Final

import httpx

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.domain.errors import ProviderError, ProviderRejected
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.media.formats import PICTURE_FORMATS, VIDEO_FORMATS
from faceswap_desktop.media.sniff import HEAD_BYTES, VIDEO, sniff, video_format
from faceswap_desktop.transport import failures
from faceswap_desktop.transport.addresses import shown
from faceswap_desktop.transport.bodies import ByteMeter
from faceswap_desktop.transport.call_log import HIDDEN_PATH, CallLog
from faceswap_desktop.transport.calls import Downloaded, DownloadRules, Expected
from faceswap_desktop.transport.exchange import Exchange, OnWait, Sending, TryAgain
from faceswap_desktop.transport.part_file import PartFile
from faceswap_desktop.transport.replies import new_request_id
from faceswap_desktop.transport.retries import RETRIED, retry_after_s

BATCH_BYTES: Final = 2**20
_MOST_REDIRECTS: Final = 5
_MOST_ROUNDS: Final = 100
"""However much comes each time, a download that breaks off so often is given up for now."""
_READ_TIMEOUT_S: Final = 60.0
_GONE: Final = frozenset({403, 404, 410})
_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_NO_LOCATION: Final = "Invalid URL in location header"
"""How httpx calls a redirect to what is no address."""
_EXTENSIONS: Final = {one.name: one.extensions[0] for one in (*PICTURE_FORMATS, *VIDEO_FORMATS)}
_PICTURES: Final = frozenset(one.name for one in PICTURE_FORMATS)
_VIDEOS: Final = frozenset({"MP4", "MOV", "MKV", "WEBM", "AVI"})


async def download(
    exchange: Exchange, url: str, path: str, rules: DownloadRules, on_bytes: ByteProgress | None, on_wait: OnWait | None
) -> Downloaded:
    """Download a file; see ``ApiClient.download``."""
    address = exchange.whole(url)
    log = CallLog("GET", address.host, HIDDEN_PATH, new_request_id())
    part = PartFile(path)
    await asyncio.to_thread(part.open, url)
    course = _Course(exchange, rules, part, log, ByteMeter(on_bytes), url)
    try:
        await course.run(address, on_wait)
        format_name = kind_of(part.head, rules)
        if not part.size or format_name is None:
            raise course.unwanted(_wrong_kind(part, rules, address))
        path, digest = await asyncio.to_thread(part.finish, _EXTENSIONS.get(format_name, ".bin"))
        return Downloaded(path, format_name, part.size, digest)
    except ProviderRejected as error:
        if error.kind == "bad-answer":
            await asyncio.to_thread(part.discard)
        raise
    finally:
        part.close()
        log.size_bytes = part.size
        log.write()


def kind_of(head: bytes, rules: DownloadRules) -> str | None:
    """Return what a file is by its first bytes; None if it may not be that."""
    name = sniff(head)
    if name == VIDEO:
        name = video_format(head)
    if rules.expected is None:
        return name if name in _EXTENSIONS else ""
    return name if name in (_PICTURES if rules.expected is Expected.PICTURE else _VIDEOS) else None


@dataclass(slots=True)
class _Course:
    """One download on its way."""

    exchange: Exchange
    rules: DownloadRules
    part: PartFile
    log: CallLog
    meter: ByteMeter
    url: str

    async def run(self, address: httpx.URL, on_wait: OnWait | None) -> None:
        """Fetch until all is there; tries in which something came do not count as failures."""
        failures_in_a_row = 0
        error: ProviderError = self._broken_off(address).error
        for _ in range(_MOST_ROUNDS):
            before = self.part.size
            try:
                async with self.exchange.transfers:
                    await self._round(address)
                self.meter.report(self.part.size, is_last=True)
                return
            except TryAgain as failed:
                error = failed.error
                failures_in_a_row = 1 if self.part.size > before else failures_in_a_row + 1
                wait_s = self.exchange.rule.wait_s(failures_in_a_row, failed.asked_s)
                if wait_s is None:
                    raise error from None
            await self.exchange.wait(wait_s, on_wait)
        raise error

    def unwanted(self, text: Message) -> ProviderRejected:
        """Return the error for content that is refused."""
        hint = message("It may have expired, or the service may have trouble. Look at it in the service's own pages.")
        return failures.bad_answer(text, self.exchange.provider_id, self.log.request_id, hint)

    async def _round(self, address: httpx.URL) -> None:
        """Ask once, along at most five redirects, each of which is checked like an address of its own."""
        for _ in range(_MOST_REDIRECTS + 1):
            headers = {"Accept": "*/*"}
            if self.part.size and not self.part.validator:
                # It cannot be told whether the rest would belong to it.
                await asyncio.to_thread(self.part.restart)
            if self.part.size:
                headers |= {"Range": f"bytes={self.part.size}-", "If-Range": self.part.validator}
            sending = Sending()
            self.log.tries += 1
            try:
                async with self.exchange.open(
                    "GET", address, sending, self.log, headers, None, _READ_TIMEOUT_S
                ) as response:
                    if not response.has_redirect_location:
                        await self._take(address, response)
                        return
                    address = self.exchange.whole(str(address.join(response.headers["location"])))
            except httpx.InvalidURL:
                raise self.unwanted(_led_astray(address)) from None
            except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
                if _NO_LOCATION in str(error):
                    raise self.unwanted(_led_astray(address)) from None
                raise self.exchange.broken(error, address.host, self.log.request_id) from None
        raise self.unwanted(_led_astray(address))

    async def _take(self, address: httpx.URL, response: httpx.Response) -> None:
        """Take an answer's content to the disk."""
        self._refuse_status(address, response)
        if response.status_code == 416:
            if self.part.total and self.part.size == self.part.total:
                return
            await asyncio.to_thread(self.part.restart)
            raise self._broken_off(address)
        total = _length(response)
        if response.status_code == 206:
            total = _total_of_range(response, self.part)
            if not total:
                await asyncio.to_thread(self.part.restart)
                raise self._broken_off(address)
        elif self.part.size:
            await asyncio.to_thread(self.part.restart)
        if max(total, 0) > self.rules.max_bytes:
            raise self.unwanted(_too_large(address, self.rules))
        self.meter.total = total
        await asyncio.to_thread(self.part.begin, self.url, _validator(response) or self.part.validator, total)
        await self._stream(address, response)
        if total and self.part.size != total:
            raise self._broken_off(address)

    async def _stream(self, address: httpx.URL, response: httpx.Response) -> None:
        """Write and hash in a thread while the next batch comes."""
        loop = asyncio.get_running_loop()
        writing: asyncio.Future[None] | None = None
        batch: list[bytes] = []
        waiting, came = 0, self.part.size
        try:
            async for data in response.aiter_raw():
                batch.append(data)
                waiting += len(data)
                came += len(data)
                if came > self.rules.max_bytes:
                    raise self.unwanted(_too_large(address, self.rules))
                self.meter.report(came)
                if waiting >= BATCH_BYTES:
                    if writing is not None:
                        await writing
                        self._refuse_early(address)
                    writing = loop.run_in_executor(None, self.part.write, batch)
                    batch, waiting = [], 0
        finally:
            # What has come is kept, however this ended.
            if writing is not None:
                await writing
            if batch:
                await loop.run_in_executor(None, self.part.write, batch)

    def _refuse_early(self, address: httpx.URL) -> None:
        if len(self.part.head) == HEAD_BYTES and kind_of(self.part.head, self.rules) is None:
            raise self.unwanted(_wrong_kind(self.part, self.rules, address))

    def _refuse_status(self, address: httpx.URL, response: httpx.Response) -> None:
        status, provider, request_id = response.status_code, self.exchange.provider_id, self.log.request_id
        if status in {200, 206} or (status == 416 and self.part.size):
            return
        asked_s = retry_after_s(response.headers)
        if status == 407:
            raise failures.proxy_login(provider, request_id)
        if status == 511:
            raise failures.captive_portal(address.host, provider, request_id)
        if status == 429:
            raise TryAgain(failures.rate_limited(address.host, provider, request_id, asked_s), asked_s)
        if status in RETRIED:
            raise TryAgain(failures.server_error(address.host, status, provider, request_id, asked_s), asked_s)
        text = message("“{host}” does not hand the file out ({status}).", host=shown(address.host), status=status)
        hint = message("It may have been deleted, or the time for which it is kept may be over.")
        kind = "gone" if status in _GONE else "bad-answer"
        raise ProviderRejected(text, hint, kind=kind, provider_id=provider, request_id=request_id)

    def _broken_off(self, address: httpx.URL) -> TryAgain:
        error = httpx.ReadError("cut")
        provider, request_id = self.exchange.provider_id, self.log.request_id
        return TryAgain(failures.unreachable(error, address.host, provider, request_id))


def _length(response: httpx.Response) -> int:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


def _total_of_range(response: httpx.Response, part: PartFile) -> int:
    """Return the length of the whole, or 0 if the answer does not go on from where we are in the same content."""
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if found is None or int(found[1]) != part.size or found[3] == "*":
        return 0
    total, validator = int(found[3]), _validator(response)
    if (part.total and total != part.total) or (validator and validator != part.validator):
        return 0
    return total


def _validator(response: httpx.Response) -> str:
    """Return by what the server knows this very content (RFC 9110 §8.8): weak tags do not do for ranges."""
    tag = str(response.headers.get("etag", "")).strip()
    if tag.startswith('"'):
        return tag
    return str(response.headers.get("last-modified", "")).strip()


def _led_astray(address: httpx.URL) -> Message:
    return message("“{host}” sends the program from one address to another, and to no file.", host=shown(address.host))


def _too_large(address: httpx.URL, rules: DownloadRules) -> Message:
    return message(
        "The file from “{host}” is larger than {limit} MB, and such files are not taken.",
        host=shown(address.host),
        limit=f"{rules.max_bytes / 1e6:,.0f}",
    )


def _wrong_kind(part: PartFile, rules: DownloadRules, address: httpx.URL) -> Message:
    """Say what came in the place of what was expected."""
    host = shown(address.host)
    start = part.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not part.size:
        return message("The file from “{host}” is empty.", host=host)
    if sniff(part.head) == "a web page" or start == b"<":
        return message("A web page came from “{host}” in the place of a file.", host=host)
    if start in {b"{", b"["}:
        return message("An error message came from “{host}” in the place of a file.", host=host)
    if rules.expected is Expected.PICTURE:
        return message("What came from “{host}” is no picture that can be opened.", host=host)
    return message("What came from “{host}” is no video that can be opened.", host=host)
