"""What AKOOL sends to a webhook: signed with SHA-1, encrypted with AES-CBC, and of use only as far as documented."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.akool.access import API_KEY, CLIENT_ID, CLIENT_SECRET
from faceswap_desktop.providers.akool.codes import ID
from faceswap_desktop.providers.akool.reading import BrokenAnswerError, address, identifier, mapping, text, whole
from faceswap_desktop.providers.akool.replies import JobStatus

_BLOCK: Final = 16
_KEY_SIZES: Final = frozenset({16, 24, 32})
_LONGEST_CIPHER: Final = 64 * 1024
_TYPE_LIMIT: Final = 64


async def parse_delivery(
    body: object, secret: Callable[[str], Awaitable[str | None]]
) -> Mapping[str, str | int | float] | None:
    """Check and decrypt what came to an address of ours.

    Args:
        body: The JSON that came.
        secret: Returns a secret by its name; client id and secret are needed. The secret and the API key are the same
            text at AKOOL, so the key will do.

    Returns:
        The documented fields and nothing else: ``_id``, ``status`` (3 or 4), and where they came ``type`` and ``url``;
        None for one that says that the job goes on (2).

    Raises:
        ProviderRejected: Kind ``account``: it cannot be checked, because client id or secret is not set; kind
            ``bad-answer``: it is forged, damaged or not as the texts have it.
    """
    client_id = await secret(CLIENT_ID)
    client_secret = await secret(CLIENT_SECRET) or await secret(API_KEY)
    if not client_id or not client_secret:
        raise ProviderRejected(
            message("What AKOOL delivered cannot be checked: client id and secret are not both set."),
            message("Put them in under Settings → Accounts."),
            kind="account",
            provider_id=ID,
        )
    try:
        values = read_plain(decipher(body, client_id, client_secret))
        return values if values["status"] in {JobStatus.DONE, JobStatus.FAILED} else None
    except BrokenAnswerError as error:
        raise ProviderRejected(
            message("Something came for AKOOL that AKOOL did not send: {why}.", why=str(error)),
            kind="bad-answer",
            provider_id=ID,
        ) from error


def signature(client_id: str, timestamp: str, nonce: str, data: str) -> str:
    """Return AKOOL's signature: SHA-1, in hexadecimal, of the four texts sorted and put together."""
    whole_text = "".join(sorted((client_id, timestamp, nonce, data)))
    # The vendor's choice; what it protects is decrypted with a key too.
    return hashlib.sha1(whole_text.encode(), usedforsecurity=False).hexdigest()


def decipher(body: object, client_id: str, client_secret: str) -> Mapping[str, Any]:
    """Verify the signature and decrypt what was signed.

    Raises:
        BrokenAnswerError: The signature is wrong, or nothing sensible comes out.
    """
    outer = mapping(body, "the delivery")
    data = text(outer.get("dataEncrypt"), "dataEncrypt")
    claimed = text(outer.get("signature"), "signature")
    if len(data) > _LONGEST_CIPHER:
        raise BrokenAnswerError("dataEncrypt is too long")
    own = signature(client_id, _plain(outer.get("timestamp")), _plain(outer.get("nonce")), data)
    if not hmac.compare_digest(own.encode(), claimed.strip().lower().encode()):
        raise BrokenAnswerError("the signature is wrong")
    try:
        cipher = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BrokenAnswerError("dataEncrypt is no base64") from error
    if not cipher or len(cipher) % _BLOCK:
        raise BrokenAnswerError("dataEncrypt is cut short")
    for key, start in _keys(client_id, client_secret):
        found = _opened(cipher, key, start)
        if found is not None:
            return found
    raise BrokenAnswerError("it cannot be decrypted with the client secret that is set")


def _plain(value: object) -> str:
    # Numbers in one of AKOOL's samples, texts in another.
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BrokenAnswerError("timestamp or nonce is neither a number nor a text")
    return str(value)


def _keys(client_id: str, client_secret: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and start vectors: of the texts themselves, as every sample has it, then of what they encode."""
    yield client_secret.encode(), client_id.encode()
    try:
        yield base64.b64decode(client_secret, validate=True), base64.b64decode(client_id, validate=True)
    except (binascii.Error, ValueError):
        return


def _opened(cipher: bytes, key: bytes, start: bytes) -> Mapping[str, Any] | None:
    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if len(key) not in _KEY_SIZES:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(start[:_BLOCK].ljust(_BLOCK, b"\0"))).decryptor()
    padded = decryptor.update(cipher) + decryptor.finalize()
    unpadder = padding.PKCS7(8 * _BLOCK).unpadder()
    try:
        plain = unpadder.update(padded) + unpadder.finalize()
        value = json.loads(plain.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_plain(data: Mapping[str, Any]) -> Mapping[str, str | int | float]:
    """Return the documented fields of what was decrypted.

    Raises:
        BrokenAnswerError: Something is missing or of another type.
    """
    status = whole(data.get("status"), "status")
    if status not in set(JobStatus):
        raise BrokenAnswerError(f"status is {status}")
    found: dict[str, str | int | float] = {"_id": identifier(data.get("_id"), "_id"), "status": status}
    kind = data.get("type")
    if kind is not None:
        found["type"] = text(kind, "type")[:_TYPE_LIMIT]
    if status == JobStatus.DONE:
        found["url"] = address(data.get("url"), "url")
    return found
