"""Marks and signs what the program hands out, as the last thing that is done to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets as random
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from faceswap_desktop import __version__
from faceswap_desktop.domain.errors import (
    Cancelled,
    FaceSwapError,
    InputRefused,
    SignerError,
    StorageError,
    WorkerError,
)
from faceswap_desktop.domain.job import Job, JobResult
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import Credentials, ResultMark, SignerKind, SourceType, Validity
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.signing import Deed, Identity, RemoteIdentity
from faceswap_desktop.jobs.placement import SIDECAR, digest_of, sidecar_beside
from faceswap_desktop.jobs.tools import SignedFile, ToSign
from faceswap_desktop.media.atomic_file import move_without_overwriting
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.providers.protocol import Provider, ProviderInfo
from faceswap_desktop.services.deeds import (
    conversion,
    deed_of,
    disclosure_of,
    has_label,
    original_of,
    source_type_of,
)
from faceswap_desktop.services.identities import TOKEN_SECRET, Identities
from faceswap_desktop.services.labelling import untouched
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.atomic import sync_folder
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.failures import mapped_errors
from faceswap_desktop.storage.result_marks import ResultMarks
from faceswap_desktop.storage.secrets import Secrets
from faceswap_desktop.transport.signer import SignerClient
from faceswap_desktop.workers.mark_requests import FingerprintResult, MarkedFile, MarkFile
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.remote_signer import sign_remotely
from faceswap_desktop.workers.sign_requests import ReadCredentials, SignedCopy, SignFile

logger = logging.getLogger(__name__)

PROGRAM: Final = "Faceswap Desktop"
TOOL: Final = f"{PROGRAM} {__version__}"
_MARKED: Final = "marked-"
_SIGNED: Final = "signed-"


class Signing:
    """Writes where a file comes from into it, and signs that.

    Attributes:
        identities: With whose certificate.
        is_resting: Jobs' files are left as they are: those of the sandbox stand for a service's.
    """

    def __init__(
        self,
        identities: Identities,
        secrets: Secrets,
        settings: SettingsService,
        pool: WorkerPool,
        providers: Sequence[Provider],
        consents: ConsentStore,
        marks: ResultMarks,
    ) -> None:
        self.identities = identities
        self.is_resting = False
        self._secrets = secrets
        self._settings = settings
        self._pool = pool
        self._providers = {one.info.id: one.info for one in providers}
        self._consents = consents
        self._marks = marks
        self._client = SignerClient(lambda: settings.current.credentials.signer_url)

    async def close(self) -> None:
        """Close the way to a signing service."""
        await self.identities.close()
        await self._client.close()

    async def sign(self, job: Job, file: ToSign, later: bool) -> SignedFile:
        """Mark and sign a finished file of a job; see ``jobs.tools.Hooks``.

        Raises:
            SignerError: It cannot be signed now; the file is as it was.
            StorageError: There is no room for the signed file, or it cannot be written.
            Cancelled: The program is closing.
        """
        recipe, path = job.recipe, Path(file.path)
        mark = ResultMark(has_label(recipe, file.notes))
        if self.is_resting:
            with mapped_errors(path):
                size, sha256 = await asyncio.to_thread(_measured, path)
            return SignedFile(file.path, size, sha256, mark)
        provider = self._providers.get(recipe.maker)
        deed, source_type = await self._deed(recipe, provider, time.time(), file.notes)
        original = await asyncio.to_thread(original_of, recipe)
        with _as_signer_error():
            marked = str(path.with_name(_MARKED + path.name))
            await self._mark(MarkFile(file.path, marked, source_type, TOOL, disclosure_of(deed.edits)))
        if file.path == file.fetched:
            mark = replace(mark, marks=await self._fingerprint(recipe, file.path, original))
        if later:
            with mapped_errors(path):
                size, sha256 = await asyncio.to_thread(_measured, Path(marked))
            return SignedFile(marked, size, sha256, mark)
        # A take comes from our own recorder, whoever changed the faces in it.
        is_sent = recipe.take is None and (provider is None or not provider.is_local)
        made = await self._sign(
            marked,
            str(path.with_name(_SIGNED + path.name)),
            deed,
            original,
            sent=await asyncio.to_thread(untouched, file.fetched) if is_sent else "",
        )
        mark = replace(mark, signer=self._signer, signed_at=time.time())
        return SignedFile(made.path, made.size_bytes, made.sha256, mark, made.sidecar)

    async def sign_now(self, result: JobResult) -> JobResult:
        """Sign a result that was put into the library unsigned. The new file takes the old one's place in one step.

        Returns:
            The result as it is then.

        Raises:
            InputRefused: Its file is gone, or was changed since.
            SignerError: It cannot be signed now.
            StorageError: It cannot be written.
            UsageError: The result is gone.
        """
        path, mark = Path(result.path), result.mark or ResultMark()
        if mark.signer is not None:
            return result
        size, sha256 = await asyncio.to_thread(_measured_result, path)
        if sha256 != result.digest:
            # Signed already, where the program ended before that was written down.
            return await self._adopt(result, size, sha256)
        provider = self._providers.get(result.recipe.maker)
        deed, _ = await self._deed(result.recipe, provider, result.created_at, result.notes)
        original = await asyncio.to_thread(original_of, result.recipe)
        part = path.with_name(f".faceswap-{random.token_hex(8)}.part")
        try:
            # What is left of a service's own credentials is kept, and told as changed since.
            sent = "" if deed.on_this_computer or result.recipe.take is not None else str(path)
            made = await self._sign(str(path), str(part), deed, original, sent=sent, lane=Lane.INTERACTIVE)
            sidecar = await asyncio.to_thread(_take_place, part, made.sidecar, path)
        except FileExistsError:
            return await self._adopt(result, size, sha256)
        finally:
            await asyncio.to_thread(_unlink, part, part.with_suffix(SIDECAR))
        new = replace(mark, signer=self._signer, signed_at=time.time(), sidecar=sidecar)
        return await self._marks.put(result.id, new, made.size_bytes, made.sha256)

    async def sign_conversion(self, result: JobResult, copy: Path, out: Path) -> SignedCopy:
        """Mark and sign a copy of a result in another format; the result is its parent.

        Args:
            result: Of which.
            copy: The copy, in a folder of its own; it stays.
            out: Where the signed copy goes, in the same folder.

        Raises:
            SignerError: It cannot be signed now.
            StorageError: It cannot be written.
        """
        provider = self._providers.get(result.recipe.maker)
        deed, source_type = await self._deed(result.recipe, provider, result.created_at, result.notes)
        local = next((one.title for one in self._providers.values() if one.is_local), TOOL)
        told = conversion(copy.suffix.removeprefix(".").upper(), local, time.time())
        marked = str(copy.with_name(_MARKED + copy.name))
        with _as_signer_error():
            await self._mark(
                MarkFile(str(copy), marked, source_type, TOOL, disclosure_of(deed.edits)), lane=Lane.INTERACTIVE
            )
        return await self._sign(marked, str(out), told, result.path, lane=Lane.INTERACTIVE)

    async def sign_trial(self, picture: Path, out: Path) -> Credentials:
        """Sign a picture as results are signed, and read that back.

        Raises:
            SignerError: It cannot be signed now.
            StorageError: It cannot be written.
        """
        deed = conversion("itself", TOOL, time.time())
        made = await self._sign(str(picture), str(out), deed, "", lane=Lane.INTERACTIVE)
        return made.credentials

    @property
    def _signer(self) -> SignerKind:
        return self._settings.current.credentials.signer

    async def _deed(
        self, recipe: Recipe, provider: ProviderInfo | None, at: float, notes: Collection[str]
    ) -> tuple[Deed, SourceType]:
        photos = [photo for pairing in recipe.pairings for photo in pairing.source.photos]
        source_type = source_type_of(recipe, provider, await self._consents.of_photos(photos))
        return deed_of(recipe, provider, source_type, at, notes), source_type

    async def _mark(self, request: MarkFile, lane: Lane = Lane.JOBS) -> MarkedFile:
        marked: MarkedFile = await self._pool.run("mark_file", request, lane=lane, until_stopped=True)
        return marked

    async def _fingerprint(self, recipe: Recipe, path: str, original: str) -> bytes:
        """Measure how a result looks; one that cannot be known again is as good otherwise."""
        if not original:
            return b""
        start_s = end_s = 0.0
        video = recipe.media.video
        if video is not None and recipe.trim is not None and video.frames_per_second > 0:
            start_s = recipe.trim.first / video.frames_per_second
            end_s = recipe.trim.end / video.frames_per_second
        boxes = () if recipe.is_video else tuple(one.box for one in recipe.targets)
        limit = self._settings.current.media.max_megapixels * 1_000_000
        request = FingerprintResult(path, original, boxes, start_s, end_s, limit)
        try:
            marks: bytes = await self._pool.run("fingerprint_result", request, lane=Lane.JOBS, until_stopped=True)
        except (Cancelled, StorageError):
            raise
        except FaceSwapError as error:
            logger.info("a result could not be measured: %s", error.kind)
            return b""
        return marks

    async def _sign(
        self, path: str, out: str, deed: Deed, original: str, *, sent: str = "", lane: Lane = Lane.JOBS
    ) -> SignedCopy:
        with _as_signer_error():
            identity = await self._identity()
            request = SignFile(path, out, deed, identity, original_path=original, keep_own=bool(sent), sent_path=sent)
            if isinstance(identity, RemoteIdentity):
                return await sign_remotely(self._pool, request, self._ask, lane=lane)
            signed: SignedCopy = await self._pool.run("sign_file", request, lane=lane, until_stopped=True)
            return signed

    async def _identity(self) -> Identity | RemoteIdentity:
        try:
            return await self.identities.current()
        except StorageError as error:
            if error.kind == "disk-full":
                raise
            # A key that cannot be read or kept is no reason to lose a finished result.
            raise SignerError(error.message, error.hint) from error

    async def _ask(self, data: bytes) -> bytes:
        identity = await self.identities.current()
        token = await self._secrets.get(TOKEN_SECRET) or ""
        return await self._client.sign(data, identity.algorithm.value, token)

    async def _adopt(self, result: JobResult, size: int, sha256: str) -> JobResult:
        request = ReadCredentials(result.path, own_roots_pem=await self.identities.own_roots())
        found: Credentials = await self._pool.run("read_credentials", request)
        by_us = found.is_ours if self._signer is SignerKind.INSTALLATION else _made_by_program(found)
        if found.validity not in {Validity.VALID, Validity.TRUSTED} or not by_us:
            raise InputRefused(
                message("“{name}” was changed after it was made, so it is not signed.", name=Path(result.path).name),
                message("Make the result again."),
                kind="changed",
            )
        mark = replace(result.mark or ResultMark(), signer=self._signer, signed_at=time.time())
        return await self._marks.put(result.id, replace(mark, sidecar=found.sidecar), size, sha256)


@contextlib.contextmanager
def _as_signer_error() -> Iterator[None]:
    """Let what is wrong with a file or a worker be the signer's failure: the result is there, and waits."""
    try:
        yield
    except (InputRefused, WorkerError) as error:
        raise SignerError(error.message, error.hint) from error


def _made_by_program(found: Credentials) -> bool:
    return found.claim is not None and found.claim.generator.startswith(PROGRAM)


def _measured(path: Path) -> tuple[int, str]:
    return path.stat().st_size, digest_of(path)


def _measured_result(path: Path) -> tuple[int, str]:
    with open_regular(path):
        return _measured(path)


def _take_place(part: Path, sidecar: str, path: Path) -> str:
    """Put a signed file in the place of the unsigned one, after what goes beside it; returns where that lies.

    Raises:
        FileExistsError: The sidecar's name is taken.
        StorageError: It cannot be put there.
    """
    beside = sidecar_beside(path)
    if sidecar and os.path.lexists(beside):
        raise FileExistsError(beside)
    with mapped_errors(path):
        if sidecar:
            # The file itself is the same, byte for byte.
            move_without_overwriting(Path(sidecar), beside)
            return str(beside)
        shutil.copymode(path, part)
        part.replace(path)
        sync_folder(path.parent)
    return ""


def _unlink(*paths: Path) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
