"""Tasks that sign files and read credentials. The SDK is loaded by the first of them, not with the other tasks."""

from __future__ import annotations

import contextlib
import hashlib
import io
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from faceswap_desktop.domain.errors import InputRefused, SignerError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import Credentials, Validity
from faceswap_desktop.domain.signing import Identity, RemoteIdentity
from faceswap_desktop.media import refusals
from faceswap_desktop.media.atomic_file import storage_error
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.media.sniff import HEAD_BYTES, RAW, VIDEO, sniff, video_format
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.sign_requests import (
    SIDECAR,
    CheckedIdentity,
    CheckIdentity,
    MakeIdentity,
    ReadCredentials,
    SignedCopy,
    SignFile,
    ToBeSigned,
    no_answer,
)
from faceswap_desktop.workers.watched_file import WatchedFile

if TYPE_CHECKING:
    from faceswap_desktop.provenance.credentials import Ask, Source

_MOST_ANSWER: Final = 64 << 10
_LOOK_S: Final = 0.02
_GRACE_S: Final = 5.0
"""The other side gives up first and says why; this only ends a wait of which it knows nothing any more."""
_CHUNK: Final = 16 << 20
_IN_MEMORY: Final = 64 << 20
"""Files up to this length are signed in memory: the SDK goes through each three times in small steps."""


def sign_file(request: SignFile, context: TaskContext) -> SignedCopy:
    """Put credentials into a copy of a file, or beside it; see ``SignFile``.

    Raises:
        SignerError: The signer does not answer, refuses, or the certificate will not do.
        InputRefused: The file is gone, or neither a picture nor a video.
        StorageError: The copy cannot be written.
    """
    from faceswap_desktop.provenance.credentials import Source, check, sign
    from faceswap_desktop.provenance.sdk import carries

    context.report(0.0, "sign")
    final = Path(request.out_path)
    with contextlib.ExitStack() as stack:
        stream, kind = stack.enter_context(_opened(request.path))
        if not kind:
            raise refusals.not_a_picture(request.path)
        is_small = Path(request.path).stat().st_size <= _IN_MEMORY
        source = WatchedFile(_in_memory(stream) if is_small else stream, lambda: context.report(0.2, "sign"))
        result = Source(source.as_stream(), kind)
        original = _original(request.original_path, stack, context)
        as_sent = _original(request.sent_path, stack, context)
        with _new_file(final) as part:
            copy: BinaryIO = io.BytesIO() if is_small else part
            written = WatchedFile(copy, lambda: context.report(0.4, "sign"))
            try:
                store = sign(
                    result,
                    written.as_stream(),
                    request.deed,
                    request.identity,
                    original=original,
                    keep_own=request.keep_own,
                    as_sent=as_sent,
                    ask=_asker(request, context),
                )
            except SignerError as error:
                if isinstance(source.failure, OSError):
                    raise refusals.refuse_os_error(request.path, source.failure) from error
                raise source.failure or written.failure or error from error
            context.report(0.6, "sign")
            beside = None if carries(kind) else store
            with _watched(copy, kind, context) as back:
                credentials = check(back, request.identity, beside)
            context.report(0.8, "sign")
            size_bytes, sha256 = _measured(copy, context)
            if is_small:
                copy.seek(0)
                part.write(copy.read())
            sidecar = _write_sidecar(final, beside) if beside is not None else ""
    return SignedCopy(str(final), size_bytes, sha256, sidecar, credentials)


def read_credentials(request: ReadCredentials, context: TaskContext) -> Credentials:
    """Read and validate what a file says of itself; see ``ReadCredentials``.

    Raises:
        InputRefused: It cannot be opened.
    """
    from dataclasses import replace

    from faceswap_desktop.provenance.reading import Readers, read

    context.report(0.0, "read")
    trust = Readers(request.trust_pem, request.own_roots_pem)
    with _opened(request.path) as (stream, kind):
        if not request.sidecar_path:
            with _watched(stream, kind, context) as source:
                found = read(source.stream, kind, trust)
            if found.validity is not Validity.NONE:
                return found
        else:
            found = Credentials(Validity.NONE)
        sidecar = Path(request.sidecar_path or _sidecar_of(request.path))
        content = _sidecar_content(sidecar)
        if content is None:
            return found
        with _watched(stream, kind, context) as source:
            found = read(source.stream, kind, trust, content)
        return replace(found, sidecar=str(sidecar))


def make_identity(request: MakeIdentity, context: TaskContext) -> Identity:
    """Make an installation's certificate and key."""
    from faceswap_desktop.provenance import certificate

    del request
    context.report(0.0, "make")
    return certificate.make_identity()


def check_identity(request: CheckIdentity, context: TaskContext) -> CheckedIdentity:
    """Look whether a user's certificate and key will do, by C2PA's rules and by signing something with them.

    Raises:
        SignerError: They will not do.
    """
    from faceswap_desktop.provenance import fitness
    from faceswap_desktop.provenance.credentials import try_identity

    context.report(0.0, "check")
    identity: Identity | RemoteIdentity
    if request.key_pem:
        identity = fitness.check_identity(request.chain_pem, request.key_pem, request.passphrase)
        try_identity(identity)
    else:
        identity = fitness.check_remote_identity(request.chain_pem)
    return CheckedIdentity(identity, fitness.facts_of(identity.chain_pem))


# -------------------------------------------------------------------------------------------------- files that are read


@contextlib.contextmanager
def _opened(path: str) -> Iterator[tuple[BinaryIO, str]]:
    try:
        with open_regular(path) as stream:
            head = stream.read(HEAD_BYTES)
            if not head:
                raise refusals.empty(path)
            yield stream, _kind(head)
    except OSError as error:
        raise refusals.refuse_os_error(path, error) from error


def _kind(head: bytes) -> str:
    """Return a format's name; empty for what is neither a picture nor a video."""
    found = sniff(head)
    if found == VIDEO:
        return video_format(head)
    return found if found.isupper() and found != RAW else ""


@contextlib.contextmanager
def _watched(stream: BinaryIO, kind: str, context: TaskContext) -> Iterator[Source]:
    """Give a file to the SDK; what went wrong while it was read is raised, and not what the SDK made of it."""
    from faceswap_desktop.provenance.credentials import Source

    watched = WatchedFile(stream, lambda: context.report(0.5, "read"))
    try:
        yield Source(watched.as_stream(), kind)
    except SignerError as error:
        raise watched.failure or error from error
    if watched.failure is not None:
        raise watched.failure


def _original(path: str, stack: contextlib.ExitStack, context: TaskContext) -> Source | None:
    """Open the target; what cannot be opened is told without its credentials."""
    from faceswap_desktop.provenance.credentials import Source

    if not path:
        return None
    try:
        stream, kind = stack.enter_context(_opened(path))
    except InputRefused:
        return None
    return Source(WatchedFile(stream, lambda: context.report(0.1, "read")).as_stream(), kind) if kind else None


def _in_memory(stream: BinaryIO) -> BinaryIO:
    stream.seek(0)
    return io.BytesIO(stream.read())


def _sidecar_of(path: str) -> str:
    return str(Path(path).with_suffix(SIDECAR))


def _sidecar_content(path: Path) -> bytes | None:
    """Return what lies in a sidecar, one byte more than may be read at most; None where there is none."""
    from faceswap_desktop.provenance.sdk import MAX_STORE_BYTES

    try:
        with open_regular(path) as stream:
            return stream.read(MAX_STORE_BYTES + 1)
    except (OSError, InputRefused):
        return None


# ----------------------------------------------------------------------------------------------- files that are written


@contextlib.contextmanager
def _new_file(final: Path) -> Iterator[BinaryIO]:
    """Open a hidden file; it gets its name when all went well, and is removed when not."""
    temporary = final.parent / f".faceswap-{secrets.token_hex(8)}.part"
    try:
        try:
            with temporary.open("x+b") as stream:
                yield stream
            temporary.replace(final)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(final, error) from error


def _write_sidecar(final: Path, store: bytes) -> str:
    sidecar = final.with_suffix(SIDECAR)
    with _new_file(sidecar) as part:
        part.write(store)
    return str(sidecar)


def _measured(stream: BinaryIO, context: TaskContext) -> tuple[int, str]:
    digest, length = hashlib.sha256(), 0
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        length += len(chunk)
        context.report(0.8, "sign")
    return length, digest.hexdigest()


# -------------------------------------------------------------------------------------------------- the remote signer


def _asker(request: SignFile, context: TaskContext) -> Ask | None:
    identity = request.identity
    if not isinstance(identity, RemoteIdentity):
        return None

    def ask(data: bytes) -> bytes:
        asked = ToBeSigned(data, secrets.token_hex(8))
        folder = Path(request.exchange_folder)
        signature, refusal = folder / asked.signature_name, folder / asked.refusal_name
        context.report(0.3, "ask", asked)
        end = time.monotonic() + identity.answer_s + _GRACE_S
        while time.monotonic() < end:
            if signature.exists():
                return _read_answer(signature)
            if refusal.exists():
                raise SignerError(message("The signing service refused."))
            context.stop_event.wait(_LOOK_S)
            context.check_stopped()
        raise no_answer(identity.answer_s)

    return ask


def _read_answer(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MOST_ANSWER)


TASKS: Final[dict[str, Task]] = {
    "sign_file": sign_file,
    "read_credentials": read_credentials,
    "make_identity": make_identity,
    "check_identity": check_identity,
}
