"""Verify: what any file says of its origin, what that is worth, and whether it was made here."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, WorkerError
from faceswap_desktop.domain.job import ResultId
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.provenance import Credentials, Validity
from faceswap_desktop.domain.verdicts import label_of, verdict_of
from faceswap_desktop.domain.verification import FileFacts, HowKnown, MadeHere, Report
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.refusals import refuse_os_error, shown_name
from faceswap_desktop.media.sniff import HEAD_BYTES, RAW, sniff, video_format
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.result_marks import ResultMarks
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.workers.mark_requests import FileMarks, ReadMarks, Recognised, RecogniseFile
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import Update
from faceswap_desktop.workers.sign_requests import ReadCredentials
from faceswap_desktop.workers.verify_requests import DigestFile

logger = logging.getLogger(__name__)

Roots = Callable[[], Awaitable[bytes]]
"""Returns the root certificates of this installation, now and before, as PEM; empty for none."""

OnProgress = Callable[[float], None]

_MOST_TRUST_BYTES: Final = 4 * 2**20
_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_PICTURES: Final = frozenset({"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "HEIF", "AVIF"})
_UNCHANGED: Final = frozenset({Validity.VALID, Validity.TRUSTED})

# How far it is when each part is done; comparing with results may take longest.
_TOLD: Final = 0.3
_COMPARED: Final = 0.6


@dataclass(frozen=True, slots=True)
class _Recognition:
    made_here: MadeHere | None = None
    has_label: bool | None = None
    notes: tuple[Message, ...] = ()


class Verification:
    """Looks into files. Nothing is sent, fetched, or written."""

    def __init__(
        self,
        pool: WorkerPool,
        results: ResultStore,
        marks: ResultMarks,
        settings: SettingsService,
        own_roots: Roots,
    ) -> None:
        self._pool = pool
        self._results = results
        self._marks = marks
        self._settings = settings
        self._own_roots = own_roots

    async def verify(self, path: str | Path, on_progress: OnProgress | None = None) -> Report:
        """Tell what can be told of a file. Cancelling this stops the workers.

        Args:
            path: Any file.
            on_progress: Told how far it is, 0 to 1.

        Raises:
            InputRefused: It is missing, a folder, empty, no ordinary file, or may not be read.
            WorkerError: A worker crashed or hung over its credentials, twice.
        """
        tell = on_progress or _nobody
        tell(0.0)
        facts = await asyncio.to_thread(_facts_of, str(path))
        trust, note = await asyncio.to_thread(_trusted, self._settings.current.credentials.trust_anchors)
        credentials, marks = await self._told(facts, trust)
        tell(_TOLD)
        recognised = await self._recognise(facts, credentials, tell)
        made_here = recognised.made_here
        source_type = foreign(marks.source_type.rstrip("/").rpartition("/")[2]) or _source_type_of(credentials)
        tell(1.0)
        return Report(
            file=facts,
            credentials=credentials,
            source_type=source_type,
            tool=foreign(marks.tool),
            label=label_of(credentials, made_here, has_label=recognised.has_label),
            made_here=made_here,
            verdict=verdict_of(credentials, made_here, source_type, is_media=facts.kind is not None),
            notes=((note,) if note is not None else ()) + recognised.notes,
        )

    async def _told(self, facts: FileFacts, trust: bytes) -> tuple[Credentials, FileMarks]:
        request = ReadCredentials(facts.path, trust, await self._own_roots())
        credentials: Credentials = await self._pool.run("read_credentials", request)
        try:
            marks: FileMarks = await self._pool.run("read_marks", ReadMarks(facts.path))
        except (InputRefused, WorkerError) as error:
            # Of a kind whose metadata are not known here; that is no reason to keep silent of its credentials.
            logger.info("No marks were read: %s", error)
            marks = FileMarks()
        return credentials, marks

    async def _recognise(self, facts: FileFacts, credentials: Credentials, tell: OnProgress) -> _Recognition:
        result = await self._same_file(facts, tell)
        tell(_COMPARED)
        if result is not None:
            return await self._made(HowKnown.DIGEST, result)
        result, notes = await self._look_alike(facts, tell)
        if credentials.is_ours and credentials.validity in _UNCHANGED:
            return await self._made(HowKnown.CERTIFICATE, result)
        if result is None:
            return _Recognition(notes=notes)
        known = await self._made(HowKnown.LIKENESS, result)
        return _outweighed(known) if credentials.validity in _UNCHANGED else known

    async def _same_file(self, facts: FileFacts, tell: OnProgress) -> ResultId | None:
        """Compare with results of the same length only, so that nothing is read for the others."""
        known = await self._marks.digests(facts.size_bytes)
        if not known:
            return None
        span = _COMPARED - _TOLD

        def on_update(update: Update) -> None:
            tell(_TOLD + span * update.fraction)

        digest: str = await self._pool.run("digest_file", DigestFile(facts.path), on_update=on_update)
        return known.get(digest)

    async def _look_alike(self, facts: FileFacts, tell: OnProgress) -> tuple[ResultId | None, tuple[Message, ...]]:
        marks = await self._marks.hashes()
        if not marks or facts.kind is None:
            return None, ()

        def on_update(update: Update) -> None:
            tell(_COMPARED + (1.0 - _COMPARED) * update.fraction)

        request = RecogniseFile(facts.path, marks, self._settings.current.media.max_megapixels * 1_000_000)
        try:
            found: Recognised | None = await self._pool.run("recognise_file", request, on_update=on_update)
        except (InputRefused, WorkerError) as error:
            # What the credentials told is told all the same.
            note = message("It could not be compared with the results in the Gallery: {why}", why=error.message.text())
            return None, (note,)
        return (ResultId(found.result) if found is not None else None), ()

    async def _made(self, how: HowKnown, result_id: ResultId | None) -> _Recognition:
        found = await self._results.get([result_id] if result_id is not None else [])
        if not found or found[0].deleted_at:
            # Deleted while it was compared with; only the certificate still says something.
            return _Recognition(MadeHere(how) if how is HowKnown.CERTIFICATE else None)
        [result] = found
        title = foreign(result.title or Path(result.path).name)
        mark = result.mark
        made_here = MadeHere(how, result.id, title, is_signed=mark is not None and mark.signer is not None)
        return _Recognition(made_here, mark.has_label if mark is not None else None)


def _outweighed(known: _Recognition) -> _Recognition:
    """Mention what a file looks like whose valid credentials are of somebody else: these count for more."""
    if known.made_here is None:
        return known
    note = message(
        "It looks like “{title}”, a result of this program. Its valid credentials were signed by another than this"
        " program, so its looks prove nothing.",
        title=known.made_here.title,
    )
    return _Recognition(notes=(note,))


def _facts_of(path: str) -> FileFacts:
    try:
        with open_regular(path) as stream:
            head = stream.read(HEAD_BYTES)
            size = stream.seek(0, 2)
    except OSError as error:
        raise refuse_os_error(path, error) from error
    name = sniff(head)
    container = video_format(head)
    if name in _PICTURES or name == RAW:
        kind: MediaKind | None = kind_of(path)
        known = name if name != RAW else "RAW"
    else:
        kind = MediaKind.VIDEO if container else None
        known = container or name
    return FileFacts(path, shown_name(path), size, known, kind)


def _source_type_of(credentials: Credentials) -> str:
    """Return what valid credentials say of how the file was made; of several actions the last one's word counts."""
    if credentials.validity not in _UNCHANGED or credentials.claim is None:
        return ""
    told = [action.source_type for action in credentials.claim.actions if action.source_type]
    return foreign(told[-1]) if told else ""


def _trusted(path: str) -> tuple[bytes, Message | None]:
    """Read the user's list of trusted certificates; where that cannot be, nobody is trusted, and that is said."""
    if not path:
        return b"", None
    try:
        with open_regular(path) as stream:
            found = _CERTIFICATE.findall(stream.read(_MOST_TRUST_BYTES))
    except (OSError, FaceSwapError) as error:
        why = error.message.text() if isinstance(error, FaceSwapError) else refuse_os_error(path, error).message.text()
        return b"", message("Nobody is trusted now: the list of trusted certificates could not be read. {why}", why=why)
    if not found:
        return b"", message(
            "Nobody is trusted now: there is no certificate in the list of trusted certificates, “{name}”.",
            name=shown_name(path),
        )
    return b"\n".join(found) + b"\n", None


def _nobody(_fraction: float) -> None:
    """Tell nobody."""
