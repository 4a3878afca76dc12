"""AKOOL's webhooks: the body is encrypted with the client secret and signed."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from typing import Any, Final

_KEY_LENGTHS: Final = frozenset({16, 24, 32})
_BLOCK_BYTES: Final = 16


def signed_body(said: dict[str, Any], client_id: str, secret: str) -> dict[str, Any] | None:
    """Encrypt and sign what is said; None where the secret is too long or too short to be an AES key."""
    key = secret.encode()
    if len(key) not in _KEY_LENGTHS:
        return None
    sealed = base64.b64encode(_encrypted(json.dumps(said).encode(), key, client_id.encode())).decode()
    timestamp, nonce = int(time.time() * 1000), str(secrets.randbelow(9000) + 1000)
    return {
        "signature": signature_of(client_id, str(timestamp), nonce, sealed),
        "dataEncrypt": sealed,
        "timestamp": timestamp,
        "nonce": nonce,
    }


def signature_of(*parts: str) -> str:
    """Return the SHA-1 of the parts in ascending order, joined by nothing."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the service's own choice


def _encrypted(said: bytes, key: bytes, vector: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    padder = PKCS7(_BLOCK_BYTES * 8).padder()
    vector = vector[:_BLOCK_BYTES].ljust(_BLOCK_BYTES, b"\0")
    sealer = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return sealer.update(padder.update(said) + padder.finalize()) + sealer.finalize()
