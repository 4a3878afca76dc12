"""A bucket in S3-compatible storage (Amazon, R2, MinIO …). botocore only signs; our own client moves the bytes.

Every request is an address with the signature in its query (AWS Signature Version 4, "presigned URL"), so that what a
provider gets is made in the same way as what we use ourselves, and no header has to survive a proxy.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import S3Settings
from faceswap_desktop.transport.calls import ApiCall, ApiReply
from faceswap_desktop.transport.client import ApiClient

LONGEST_S: Final = 7 * 86400
"""A presigned address cannot be valid for longer; the service's limit."""
OWN_S: Final = 3600
"""How long the addresses that only we use are valid: as long as a slow upload may take to begin."""
DEFAULT_REGION: Final = "us-east-1"
_SKEW_S: Final = 300.0
_CODE: Final = re.compile(r"<Code>\s*([A-Za-z0-9]{1,64})\s*</Code>")
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_CHINA: Final = "cn-"


@dataclass(frozen=True, slots=True)
class S3Keys:
    """What the user's account at the storage service is proved by."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return "S3Keys(…)"


@dataclass(frozen=True, slots=True)
class S3Answer:
    """What the service says of an object or of us.

    Attributes:
        status: HTTP status.
        code: Its own name of an error, such as ``NoSuchBucket``; empty where it gives none.
        text: The body's beginning.
        skew_s: By how much this computer's clock is ahead of the service's; 0.0 where that cannot be told.
    """

    status: int
    code: str
    text: str
    skew_s: float

    @property
    def is_ok(self) -> bool:
        """Whether it did what it was asked."""
        return 200 <= self.status < 300

    @property
    def is_clock_wrong(self) -> bool:
        """Whether the difference between the clocks explains a refusal."""
        return self.code == "RequestTimeTooSkewed" or abs(self.skew_s) > _SKEW_S


class S3Bucket:
    """One bucket.

    Args:
        client: The way there.
        url: Of the bucket, as ``bucket_url`` returns it.
        region: As the service wants it.
        keys: Of the user.
    """

    def __init__(self, client: ApiClient, url: str, region: str, keys: S3Keys) -> None:
        self._client = client
        self._url = url
        self._region = region or DEFAULT_REGION
        self._keys = keys

    async def presign(self, method: str, key: str, valid_s: int) -> str:
        """Return an address at which one request can be made without keys.

        Args:
            method: ``GET``, ``PUT``, ``HEAD`` or ``DELETE``.
            key: Of the object.
            valid_s: From now on; at most ``LONGEST_S``.
        """
        url = f"{self._url}/{quote(key, safe='/~')}"
        # botocore is slow to import.
        return await asyncio.to_thread(_sign, self._keys, self._region, method, url, min(valid_s, LONGEST_S))

    async def put(self, key: str, path: str, media_type: str, on_bytes: ByteProgress | None = None) -> None:
        """Upload a file, streamed from the disk.

        Raises:
            ProviderRejected: The service refuses.
            ProviderUnavailable: It cannot be reached.
        """
        await self._client.put_file(await self.presign("PUT", key, OWN_S), path, media_type, on_bytes)

    async def ask(self, method: str, key: str) -> S3Answer:
        """Make a small request about an object: ``GET``, ``HEAD`` or ``DELETE``. A refusal is an answer too.

        Raises:
            ProviderUnavailable: It cannot be reached.
        """
        return await self.ask_at(await self.presign(method, key, OWN_S), method)

    async def ask_at(self, url: str, method: str = "GET") -> S3Answer:
        """Make a request at an address that was signed before.

        Raises:
            ProviderUnavailable: It cannot be reached.
        """
        return _answer(await self._client.call(ApiCall(method, url)))


def bucket_url(settings: S3Settings) -> str:
    """Return the address of a bucket, without a slash at its end.

    Raises:
        ProviderRejected: Kind ``hosting``: the settings name none that can be.
    """
    if not _BUCKET.fullmatch(settings.bucket):
        raise ProviderRejected(message("The name of the bucket is not one that a bucket can have."), kind="hosting")
    endpoint = endpoint_url(settings)
    parts = urlsplit(endpoint)
    if settings.path_style:
        return f"{endpoint}/{settings.bucket}"
    return parts._replace(netloc=f"{settings.bucket}.{parts.netloc}").geturl()


def endpoint_url(settings: S3Settings) -> str:
    """Return the address of the service, without a slash at its end; Amazon's where the settings name none.

    Raises:
        ProviderRejected: Kind ``hosting``: it is no address.
    """
    region = settings.region or DEFAULT_REGION
    tail = ".cn" if region.startswith(_CHINA) else ""
    endpoint = (settings.endpoint_url or f"https://s3.{region}.amazonaws.com{tail}").strip().rstrip("/")
    try:
        parts = urlsplit(endpoint)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or "@" in endpoint or "?" in endpoint or "#" in endpoint:
        raise ProviderRejected(
            message("The address of the storage service has to look like https://s3.example.com."), kind="hosting"
        )
    return endpoint


def _sign(keys: S3Keys, region: str, method: str, url: str, valid_s: int) -> str:
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    # It would write signatures into a log of everything.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    request = AWSRequest(method=method, url=url)
    credentials = Credentials(keys.access_key_id, keys.secret_access_key)
    S3SigV4QueryAuth(credentials, "s3", region, expires=valid_s).add_auth(request)
    return str(request.url)


def _answer(reply: ApiReply) -> S3Answer:
    found = _CODE.search(reply.text)
    return S3Answer(
        status=reply.status,
        code=found[1] if found is not None else "",
        text=reply.text,
        skew_s=time.time() - reply.server_time if reply.server_time else 0.0,
    )
