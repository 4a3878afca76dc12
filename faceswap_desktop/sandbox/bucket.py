"""A bucket that speaks as much of S3 as hosting needs, in path style.

Signatures have to be there; only their time is checked. What is in it is gone with the process.
"""

from __future__ import annotations

import calendar
import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import StreamReader, web

NAME: Final = "sandbox"
MOST_BYTES: Final = 2 << 30
MOST_TOTAL_BYTES: Final = 8 << 30
_PIECE_BYTES: Final = 262_144
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True, slots=True)
class Kept:
    """One object."""

    path: Path
    media_type: str
    etag: str
    size_bytes: int
    modified: float


class _Refused(Exception):
    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status, self.code, self.text = status, code, text


class Bucket:
    """Keeps objects in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._objects: dict[str, Kept] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def routes(self) -> list[web.RouteDef]:
        """Return every endpoint."""
        return [web.route("*", "/s3/{bucket}", self._answer), web.route("*", "/s3/{bucket}/{key:.*}", self._answer)]

    @property
    def keys(self) -> list[str]:
        """The names of all objects."""
        return sorted(self._objects)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._served(request)
        except _Refused as refused:
            body = f"{_XML}<Error><Code>{refused.code}</Code><Message>{refused.text}</Message></Error>"
            if request.method == "HEAD":
                return web.Response(status=refused.status)
            return web.Response(status=refused.status, text=body, content_type="application/xml")

    async def _served(self, request: web.Request) -> web.StreamResponse:
        _check_signature(request)
        if request.match_info["bucket"] != NAME:
            raise _Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        key = request.match_info.get("key", "")
        match request.method, bool(key):
            case "PUT", True:
                return await self._put(request, key)
            case (("GET" | "HEAD"), True):
                return self._get(key)
            case "DELETE", True:
                self._delete(key)
                return web.Response(status=204)
            case "HEAD", False:
                return web.Response()
            case "GET", False:
                return self._listed(request.query.get("prefix", ""))
            case _:
                raise _Refused(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")

    def _get(self, key: str) -> web.StreamResponse:
        kept = self._objects.get(key)
        if kept is None:
            raise _Refused(404, "NoSuchKey", "The specified key does not exist.")
        headers = {"Content-Type": kept.media_type, "ETag": f'"{kept.etag}"', "Accept-Ranges": "bytes"}
        return web.FileResponse(kept.path, headers=headers)

    async def _put(self, request: web.Request, key: str) -> web.Response:
        if "x-amz-copy-source" in request.headers or {"uploadId", "partNumber"} & request.query.keys():
            raise _Refused(501, "NotImplemented", "Only whole objects are taken.")
        path = self._folder / secrets.token_hex(16)
        digest, size = hashlib.md5(usedforsecurity=False), 0
        others = sum(one.size_bytes for name, one in self._objects.items() if name != key)
        is_chunked = request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
        try:
            with path.open("wb") as stream:
                async for piece in (
                    _chunks(request.content) if is_chunked else request.content.iter_chunked(_PIECE_BYTES)
                ):
                    size += len(piece)
                    if size > MOST_BYTES or others + size > MOST_TOTAL_BYTES:
                        raise _Refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
                    digest.update(piece)
                    stream.write(piece)
            if not is_chunked and request.content_length is not None and size != request.content_length:
                raise _Refused(400, "IncompleteBody", "The request body is too short.")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._delete(key)
        media_type = request.headers.get("Content-Type", "application/octet-stream")
        self._objects[key] = Kept(path, media_type, digest.hexdigest(), size, time.time())
        return web.Response(headers={"ETag": f'"{digest.hexdigest()}"'})

    def _delete(self, key: str) -> None:
        kept = self._objects.pop(key, None)
        if kept is not None:
            kept.path.unlink(missing_ok=True)

    def _listed(self, prefix: str) -> web.Response:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_stamp(kept.modified)}</LastModified>"
            f"<ETag>&quot;{kept.etag}&quot;</ETag><Size>{kept.size_bytes}</Size></Contents>"
            for key, kept in sorted(self._objects.items())
            if key.startswith(prefix)
        )
        body = (
            f'{_XML}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{NAME}</Name>'
            f"<Prefix>{escape(prefix)}</Prefix><KeyCount>{rows.count('<Key>')}</KeyCount><MaxKeys>1000</MaxKeys>"
            f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        )
        return web.Response(text=body, content_type="application/xml")


def _check_signature(request: web.Request) -> None:
    """Refuse what carries no signature, and what was signed for a time that is over."""
    query = request.query
    if request.headers.get("Authorization", "").startswith("AWS"):
        return
    if "X-Amz-Signature" in query:
        try:
            signed = calendar.timegm(time.strptime(query.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ"))
            expires = signed + int(query.get("X-Amz-Expires", "0"))
        except ValueError as error:
            raise _Refused(403, "AccessDenied", "Access Denied") from error
    elif "Signature" in query and query.get("Expires", "").isdigit():
        expires = int(query["Expires"])
    else:
        raise _Refused(403, "AccessDenied", "Access Denied")
    if time.time() > expires:
        raise _Refused(403, "AccessDenied", "Request has expired")


class _Chunks:
    """Takes the frames of ``aws-chunked`` off a body."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content

    def __aiter__(self) -> _Chunks:
        return self

    async def __anext__(self) -> bytes:
        head = (await self._content.readline()).strip()
        try:
            length = int(head.partition(b";")[0], 16)
        except ValueError as error:
            raise _Refused(400, "IncompleteBody", "The request body is not in chunks.") from error
        if not length:
            await self._content.read()
            raise StopAsyncIteration
        piece = await self._content.readexactly(length)
        await self._content.readline()
        return piece


def _chunks(content: StreamReader) -> _Chunks:
    return _Chunks(content)


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
