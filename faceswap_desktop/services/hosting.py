"""Puts media where services can fetch them: a bucket of the user's. What is put there is taken away after the job."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from faceswap_desktop.domain.clearance import ClearedFile
from faceswap_desktop.domain.cloud import ByteProgress, HostedFile
from faceswap_desktop.domain.errors import FaceSwapError, ProviderError, ProviderRejected
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import S3Settings, Settings
from faceswap_desktop.services.checks import CheckNotes, CheckReport, OnStep
from faceswap_desktop.services.hosting_words import refusal
from faceswap_desktop.services.nearby import nearby_base
from faceswap_desktop.storage.hosted import HostedObject, HostedStore
from faceswap_desktop.transport.addresses import check_public
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.s3 import LONGEST_S, S3Answer, S3Bucket, S3Keys, bucket_url, endpoint_url

logger = logging.getLogger(__name__)

KEY_ID: Final = "s3.access_key_id"
KEY_SECRET: Final = "s3.secret_access_key"  # noqa: S105 - its name
PICTURE_S: Final = 6 * 3600
VIDEO_S: Final = 24 * 3600
"""How long a service may take to fetch: it can keep a job in its queue for long."""
TRIAL_JOB: Final = JobId("hosting-trial")
"""Stands for the settings page's trial among the jobs, so that what it leaves is swept up like theirs."""
_KEPT_ROWS_S: Final = 30 * 86400.0
_EXTENSIONS: Final = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "image/bmp": ".bmp",
    "video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
}  # fmt: skip

MakeClient = Callable[[str, Callable[[], str]], ApiClient]
"""Makes the way to one service: given an id and what returns its base address."""
GetSecret = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class _Place:
    """The bucket as it is set now."""

    bucket: S3Bucket
    url: str
    prefix: str


class BucketHosting:
    """Hosting in an S3-compatible bucket (``domain.cloud.Hosting``).

    Args:
        settings: Returns the settings as they are now.
        secret: Returns a secret by its name.
        client: Makes the way to the bucket.
        store: Where it is written down what lies in the bucket.
    """

    def __init__(
        self, settings: Callable[[], Settings], secret: GetSecret, client: MakeClient, store: HostedStore
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._client = client("hosting", self._endpoint)
        self._store = store
        self._turns: WeakValueDictionary[tuple[JobId, str], asyncio.Lock] = WeakValueDictionary()

    @property
    def is_set_up(self) -> bool:
        """Whether a bucket is named; whether its keys are right shows when it is used."""
        return bool(self._s3.bucket)

    @property
    def destination(self) -> str:
        """Host name of the service, for people; empty if no bucket is named."""
        return (urlsplit(self._endpoint()).hostname or "") if self.is_set_up else ""

    async def host(
        self, file: ClearedFile, job: JobId, media_type: str, on_bytes: ByteProgress | None = None
    ) -> HostedFile:
        """Upload a file under an unguessable name, unless it lies there for this job already.

        Raises:
            ProviderRejected: Kind ``hosting``: the service refuses, or nothing is set up.
            ProviderUnavailable: The service cannot be reached.
            StorageError: It could not be written down, so it was not sent.
        """
        place = await self._place()
        digest = await asyncio.to_thread(_digest, file.path)
        valid_s = min(VIDEO_S if media_type.startswith("video/") else PICTURE_S, LONGEST_S)
        turn = self._turns.setdefault((job, digest), asyncio.Lock())
        async with turn:
            known = await self._store.find(place.url, job, digest)
            if known is None:
                known = await self._plan(place, job, digest, _EXTENSIONS.get(media_type, ""))
                await self._put(place, known.key, file.path, media_type, on_bytes)
            url = await place.bucket.presign("GET", known.key, valid_s)
            await self._store.placed(place.url, known.key, time.time() + valid_s)
        return HostedFile(url, known.key)

    async def release(self, job: JobId) -> None:
        """Delete what was hosted for a job. What cannot be deleted now is tried again at the next start.

        Raises:
            StorageError: The list of what lies there cannot be read or written.
        """
        await self._delete(await self._store.of_job(job))

    async def sweep(self) -> None:
        """Delete what lies there for jobs that have ended. Unreachable places are left for the next start.

        Raises:
            StorageError: The list of what lies there cannot be read or written.
        """
        await self._delete(await self._store.left_over())
        await self._store.forget_deleted(time.time() - _KEPT_ROWS_S)

    async def test(self, on_step: OnStep | None = None) -> CheckReport:
        """Upload a small file, fetch it as a service would, delete it, and see that it is gone.

        Args:
            on_step: Told of each step as soon as it is done.

        Raises:
            StorageError: The trial could not be written down.
        """
        notes = CheckNotes(on_step)
        try:
            place = await self._place()
        except ProviderRejected as error:
            notes.bad("settings", error.message, error.hint)
            return notes.report()
        key = f"{place.prefix}{uuid.uuid4().hex}.txt"
        await self._store.plan(place.url, key, TRIAL_JOB, "")
        try:
            text = secrets.token_hex(32)
            if await self._try_upload(notes, place, key, text):
                await self._try_fetch(notes, place, key, text)
        finally:
            await self._try_delete(notes, place, key)
        return notes.report()

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    # ------------------------------------------------------------------------------------------------------- the trial

    async def _try_upload(self, notes: CheckNotes, place: _Place, key: str, text: str) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "trial.txt"
            await asyncio.to_thread(file.write_text, text, "ascii")
            try:
                await self._put(place, key, str(file), "text/plain", None)
            except ProviderError as error:
                notes.bad("upload", error.message, error.hint)
                return False
        notes.good("upload", message("A small file was uploaded to {host}.", host=self.destination))
        return True

    async def _try_fetch(self, notes: CheckNotes, place: _Place, key: str, text: str) -> None:
        try:
            if not nearby_base(self._settings()):
                await check_public(place.url)
        except ProviderError as error:
            notes.bad(
                "outside",
                message("Services cannot fetch from there: {reason}", reason=str(error.message)),
                message("Use a bucket that the internet can reach, such as one at Amazon or R2."),
            )
        else:
            notes.good("outside", message("Its address is one that services can reach."))
        try:
            answer = await place.bucket.ask_at(await place.bucket.presign("GET", key, PICTURE_S))
        except ProviderError as error:
            notes.bad("fetch", error.message, error.hint)
            return
        if answer.is_ok and answer.text == text:
            notes.good("fetch", message("It was fetched again, by such an address as services get."))
        elif answer.is_ok:
            notes.bad("fetch", message("Something else came back than what was uploaded."))
        else:
            why = refusal(answer, self._s3, is_reading=True)
            notes.bad("fetch", why.message, why.hint)

    async def _try_delete(self, notes: CheckNotes, place: _Place, key: str) -> None:
        was_sent = bool(notes.report().steps) and notes.report().steps[0].is_ok
        try:
            answer = await place.bucket.ask("DELETE", key)
            gone = await place.bucket.ask("GET", key)
        except ProviderError as error:
            if was_sent:
                notes.bad("delete", error.message, error.hint)
            return
        if gone.status == 404 or (answer.is_ok and gone.status == 403):
            # Without the right to list, a missing object is told by 403.
            await self._store.deleted(place.url, key)
            if was_sent:
                notes.good("delete", message("It was deleted, and is gone."))
        elif was_sent:
            why = refusal(answer if not answer.is_ok else gone, self._s3)
            notes.bad(
                "delete",
                message("It could not be deleted: {reason}", reason=str(why.message)),
                message("Give the key the right to delete objects; nothing else takes the media away after a job."),
            )

    # ------------------------------------------------------------------------------------------------------ the bucket

    @property
    def _s3(self) -> S3Settings:
        return self._settings().hosting.s3

    def _endpoint(self) -> str:
        try:
            return endpoint_url(self._s3)
        except ProviderRejected:
            return ""

    async def _place(self) -> _Place:
        settings = self._s3
        if not settings.bucket:
            raise ProviderRejected(
                message("This needs a place from which the service can fetch your media, and none is set up."),
                message("Name a bucket under Settings → Hosting."),
                kind="hosting",
            )
        url = bucket_url(settings)
        prefix = settings.prefix.strip("/")
        return _Place(
            S3Bucket(self._client, url, settings.region, await self._keys()), url, f"{prefix}/" if prefix else ""
        )

    async def _keys(self) -> S3Keys:
        key_id, secret = await self._secret(KEY_ID), await self._secret(KEY_SECRET)
        if not key_id or not secret:
            raise ProviderRejected(
                message("The keys of the bucket are not set."),
                message("Paste the access key's id and its secret under Settings → Hosting."),
                kind="hosting",
            )
        return S3Keys(key_id.strip(), secret.strip())

    async def _plan(self, place: _Place, job: JobId, digest: str, extension: str) -> HostedObject:
        for found in await self._store.of_job(job):
            if found.host == place.url and found.digest == digest:
                # The program ended in the middle of it: the same name again, and nothing is left behind.
                return found
        return await self._store.plan(place.url, f"{place.prefix}{uuid.uuid4().hex}{extension}", job, digest)

    async def _put(self, place: _Place, key: str, path: str, media_type: str, on_bytes: ByteProgress | None) -> None:
        try:
            await place.bucket.put(key, path, media_type, on_bytes)
        except ProviderRejected as error:
            if error.kind != "hosting":
                raise
            raise refusal(await self._why(place, key, error), self._s3) from error

    @staticmethod
    async def _why(place: _Place, key: str, error: ProviderRejected) -> S3Answer:
        """Return why an upload was refused: what it said then, and by which time it lives."""
        status, code = (error.message.values.get(name, "") for name in ("status", "code"))
        said = S3Answer(int(status or 0), str(code), "", 0.0)
        try:
            asked = await place.bucket.ask("GET", key)
        except ProviderError:
            return said
        return replace(said, skew_s=asked.skew_s) if said.code else asked

    async def _delete(self, objects: list[HostedObject]) -> None:
        if not objects:
            return
        try:
            keys = await self._keys()
        except ProviderRejected:
            logger.info("hosted files stay: the bucket's keys are not set; there are %d", len(objects))
            return
        for one in objects:
            bucket = S3Bucket(self._client, one.host, self._s3.region, keys)
            try:
                answer = await bucket.ask("DELETE", one.key)
            except FaceSwapError as error:
                logger.info("a hosted file could not be deleted yet: %s", error.kind)
                continue
            if answer.is_ok or answer.status == 404:
                await self._store.deleted(one.host, one.key)
            else:
                logger.info("a hosted file could not be deleted yet: HTTP %d %s", answer.status, answer.code)


def _digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
