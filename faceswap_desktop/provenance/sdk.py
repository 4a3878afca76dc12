"""The one place that knows C2PA's SDK: how it is set up, and what it says when it refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import c2pa

from faceswap_desktop.domain.messages import foreign

MAX_STORE_BYTES: Final = 64 << 20
"""Longest set of credentials that is read, with everything nested in it; ours have about 4 KiB."""

PURPOSES: Final = "1.3.6.1.5.5.7.3.4\n1.3.6.1.4.1.62558.2.1\n"
"""What certificates may be for: e-mail protection and C2PA signing; the SDK's default leaves the second out."""

MIME_TYPES: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "HEIF": "image/heic",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
    "AVI": "video/avi",
}
"""Formats that carry credentials, as ``media.sniff`` calls them. All others get a file beside them."""

OTHER_MIME_TYPES: Final = {"MKV": "video/x-matroska", "WEBM": "video/webm", "BMP": "image/bmp"}
ANY_MIME_TYPE: Final = "application/octet-stream"


def mime_type(kind: str) -> str:
    """Return the MIME type of a format, as ``media.sniff`` calls it."""
    return MIME_TYPES.get(kind) or OTHER_MIME_TYPES.get(kind) or ANY_MIME_TYPE


def carries(kind: str) -> bool:
    """Tell whether files of this format hold their credentials themselves."""
    return kind in MIME_TYPES


@lru_cache(maxsize=4)
def make_context(trust_pem: bytes = b"", own_roots_pem: bytes = b"") -> c2pa.Context:
    """Return the SDK's settings. None of them lets it use the network.

    Args:
        trust_pem: Certificates whose signers are trusted.
        own_roots_pem: Roots of this installation; told apart from the others by ``trustListUri``.
    """
    trust: dict[str, object] = {"trust_config": PURPOSES}
    if trust_pem:
        trust["trust_anchors"] = trust_pem.decode("utf-8", "replace")
    if own_roots_pem:
        trust["user_anchors"] = own_roots_pem.decode("utf-8", "replace")
    return c2pa.Context.from_dict(
        {
            "version": 1,
            "trust": trust,
            # Neither a manifest that lies elsewhere, nor a word about a certificate, is ever fetched.
            "core": {"allowed_network_hosts": [], "max_decompressed_manifest_size_in_mb": MAX_STORE_BYTES >> 20},
            "verify": {
                "verify_trust": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                # What was signed is read back as a whole instead, as any reader would.
                "verify_after_sign": False,
            },
            "builder": {
                "thumbnail": {"enabled": False},
                # Attested by the signer, and not merely passed on.
                "created_assertion_labels": ["c2pa.actions", "c2pa.ingredient"],
            },
        }
    )


@contextlib.contextmanager
def errors_as(kind: type[SdkError]) -> Iterator[None]:
    """Turn what the SDK raises into one of the errors below."""
    try:
        yield
    except c2pa.C2paError as error:
        raise kind(foreign(error)) from error


class SdkError(Exception):
    """The SDK refused; its own words, shortened."""


class ReadingRefused(SdkError):
    """Credentials cannot be read."""


class SigningRefused(SdkError):
    """A file cannot be signed."""
