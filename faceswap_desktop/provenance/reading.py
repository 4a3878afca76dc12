"""Reads and validates Content Credentials. Never connects to anything, whatever a file asks for."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import c2pa

from faceswap_desktop.domain.messages import foreign
from faceswap_desktop.domain.provenance import Credentials, Validity
from faceswap_desktop.provenance.sdk import ANY_MIME_TYPE, MAX_STORE_BYTES, make_context, mime_type
from faceswap_desktop.provenance.store_size import has_too_many_boxes, store_bytes
from faceswap_desktop.provenance.story import SIGNED, TRUSTED, claim_of, codes_of, passes_of, validity_of

TOO_LARGE: Final = "faceswap.store.tooLarge"
FILE_TOO_LARGE: Final = "faceswap.file.tooLarge"
UNREADABLE: Final = "faceswap.store.unreadable"
ELSEWHERE: Final = "manifest.inaccessible"
"""The file names an address where its credentials are; it is never called."""

LOADED_WHOLE: Final = frozenset({"JPEG", "PNG", "WEBP", "GIF"})
"""Pictures that the SDK loads into memory, all of them, to find credentials in them."""

MAX_PICTURE_BYTES: Final = 1 << 30

NO_CREDENTIALS: Final = Credentials(Validity.NONE)

_OWN_LIST: Final = "user_anchors"
_FINE: Final = frozenset({"Valid", "Trusted"})
_REMOTE_WORDS: Final = ("Remote:", "RemoteManifest")


@dataclass(frozen=True, slots=True)
class Readers:
    """By whom a signature may come to be trusted.

    Attributes:
        trust_pem: Certificates whose signers are trusted.
        own_roots_pem: Roots of this installation.
    """

    trust_pem: bytes = b""
    own_roots_pem: bytes = b""


def read(stream: BinaryIO, kind: str, trust: Readers, store: bytes | None = None) -> Credentials:
    """Read the credentials in a file, or those that lie beside it.

    Args:
        stream: The file.
        kind: Its format as ``media.sniff`` calls it.
        trust: Who is trusted.
        store: Content of the file with its credentials; None for those in the file itself.

    Returns:
        What they are worth and tell; ``NONE`` where there are none.
    """
    if _length_of(stream) > MAX_PICTURE_BYTES and kind in LOADED_WHOLE:
        return Credentials(Validity.BROKEN, problems=(FILE_TOO_LARGE,))
    length = len(store) if store is not None else _inner_length(stream, kind)
    if length > MAX_STORE_BYTES:
        return Credentials(Validity.BROKEN, problems=(TOO_LARGE,))
    if store is not None and not store:
        return Credentials(Validity.BROKEN, problems=(UNREADABLE,))
    if has_too_many_boxes(stream, kind):
        return Credentials(Validity.BROKEN, problems=(TOO_LARGE,))
    stream.seek(0)
    try:
        context = make_context(trust.trust_pem, trust.own_roots_pem)
        with c2pa.Reader(_hint(kind), stream, store, context=context) as reader:
            report = json.loads(reader.json())
    except (c2pa.C2paError, ValueError, RecursionError) as error:
        return _unread(error)
    return _told(report)


def _hint(kind: str) -> str | None:
    # Without a known format the SDK looks for itself; only with a store does it take any file.
    known = mime_type(kind)
    return known if known != ANY_MIME_TYPE else None


def _inner_length(stream: BinaryIO, kind: str) -> int:
    if _length_of(stream) <= MAX_STORE_BYTES:
        return 0  # so it cannot be too long
    return store_bytes(stream, kind)


def _length_of(stream: BinaryIO) -> int:
    return stream.seek(0, os.SEEK_END)


def _unread(error: Exception) -> Credentials:
    if isinstance(error, c2pa.C2paError.ManifestNotFound | c2pa.C2paError.NotSupported):
        return NO_CREDENTIALS
    words = str(error)
    if any(word in words for word in _REMOTE_WORDS):
        return Credentials(Validity.NONE, problems=(ELSEWHERE,))
    return Credentials(Validity.BROKEN, problems=(UNREADABLE, foreign(words)))


def _told(report: dict[str, Any]) -> Credentials:
    results = report.get("validation_results") or {}
    codes = codes_of(results)
    state = report.get("validation_state")
    # Also of a changed file it can be told who signed it, as long as the signature itself holds; without that,
    # anybody could put a certificate of ours into a file of theirs.
    passed = passes_of(results)
    is_trusted = TRUSTED in passed
    is_own = is_trusted and SIGNED in passed and results.get("trustListUri") == _OWN_LIST
    validity = validity_of(codes, is_trusted=is_trusted and not is_own)
    if validity in {Validity.VALID, Validity.TRUSTED} and state not in _FINE:
        # The SDK refuses it for something that it does not list: never call that valid.
        validity = Validity.BROKEN
    claim = claim_of(report)
    if claim is None:
        return Credentials(Validity.BROKEN, problems=codes or (UNREADABLE,))
    return Credentials(validity, claim, is_own and validity is not Validity.BROKEN, problems=codes)
