"""What comes back: read to a limit, taken as JSON where it is JSON, and never trusted."""

from __future__ import annotations

import json
import re
import uuid
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import httpx

from faceswap_desktop.transport.calls import JSON_LIMIT, ApiReply
from faceswap_desktop.transport.retries import seconds_of_date

_TEXT_CHARACTERS: Final = 2000
_REQUEST_IDS: Final = (
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-oss-request-id",
    "x-cos-request-id",
    "x-tt-logid",
    "x-trace-id",
    "cf-ray",
)
_LONGEST_ID: Final = 128
_LONGEST_NUMBER: Final = 18
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_INFLATED_AT_ONCE: Final = 2**20
_COMPRESSED: Final = frozenset({"gzip", "x-gzip", "deflate"})
_HTML_STARTS: Final = ("<!doctype html", "<html", "<head", "<body", "<script", "<meta")
_LONE_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def new_request_id() -> str:
    """Return an id for a request of ours."""
    return uuid.uuid4().hex


def request_id_of(headers: Mapping[str, str], own: str) -> str:
    """Return what the service calls a request, or what we called it."""
    for name in _REQUEST_IDS:
        value = headers.get(name, "").strip()
        if value and len(value) <= _LONGEST_ID and value.isascii() and value.isprintable():
            return value
    return own


async def read_reply(response: httpx.Response, own_id: str) -> tuple[ApiReply, int]:
    """Read an answer, at most ``JSON_LIMIT`` bytes of it.

    Returns:
        The answer, and how many bytes were read. One that is longer, or no JSON, has no ``json``: invalid UTF-8, NaN
        and infinity, nesting without end and numbers without end are no JSON either.
    """
    body = bytearray()
    async for data in _plain(response):
        body += data
        if len(body) > JSON_LIMIT:
            break
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    value = parse_json(bytes(body), media_type) if len(body) <= JSON_LIMIT else None
    text = bytes(body[: 4 * _TEXT_CHARACTERS]).decode("utf-8", "replace")[:_TEXT_CHARACTERS]
    reply = ApiReply(
        status=response.status_code,
        json=value,
        text="".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text),
        request_id=request_id_of(response.headers, own_id),
        media_type=media_type[:100],
        server_time=seconds_of_date(response.headers.get("date", "")),
        whole_bytes=whole_bytes(response.status_code, response.headers),
    )
    return reply, len(body)


async def _plain(response: httpx.Response) -> AsyncIterator[bytes]:
    """Give the bytes of an answer as they come, and no more of them than are read.

    Nothing compressed is asked for, but some compress all the same: once, and in a way that can be undone in small
    parts. A kilobyte that was compressed several times over would otherwise fill the memory before it could be counted.

    Raises:
        httpx.DecodingError: It is not what its label says.
    """
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in _COMPRESSED:
        async for data in response.aiter_raw():
            yield data
        return
    inflating = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        async for data in response.aiter_raw():
            rest = data
            while rest and not inflating.eof:
                yield inflating.decompress(rest, _INFLATED_AT_ONCE)
                rest = inflating.unconsumed_tail
    except zlib.error as error:
        raise httpx.DecodingError("no gzip", request=response.request) from error


def whole_bytes(status: int, headers: Mapping[str, str]) -> int:
    """Return the length of a whole file by the headers of an answer, be it all of it or a range; -1 for unknown."""
    if headers.get("content-encoding", "identity") != "identity":
        return -1
    said = headers.get("content-range", "").rpartition("/")[2] if status == 206 else headers.get("content-length", "")
    said = said.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER else -1


def parse_json(body: bytes, media_type: str) -> Any:
    """Return a body's value, or None where it is no JSON.

    Services label JSON as text or even HTML, so objects and lists are taken whatever the label says; a bare number or
    word only under a JSON label.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_constant)
        if _LONE_SURROGATE.search(text):
            value = _clean(value)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) or media_type.endswith("json") else None


def is_web_page(reply: ApiReply) -> bool:
    """Say whether an answer is a page for people in the place of an answer for programs."""
    if reply.json is not None or not reply.text.strip():
        return False
    return "html" in reply.media_type or reply.text.lstrip("\ufeff \t\r\n").lower().startswith(_HTML_STARTS)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _clean(value: Any) -> Any:
    """Replace halves of characters, which no file, database or terminal takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(one) for name, one in value.items()}
    return value
