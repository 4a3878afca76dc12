"""Checks signatures that others made, before they get into a file."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from faceswap_desktop.domain.signing import SigningAlgorithm

_DIGESTS: Final[dict[SigningAlgorithm, hashes.HashAlgorithm]] = {
    SigningAlgorithm.ES256: hashes.SHA256(),
    SigningAlgorithm.ES384: hashes.SHA384(),
    SigningAlgorithm.ES512: hashes.SHA512(),
    SigningAlgorithm.PS256: hashes.SHA256(),
    SigningAlgorithm.PS384: hashes.SHA384(),
    SigningAlgorithm.PS512: hashes.SHA512(),
}
_HALF_BYTES: Final = {SigningAlgorithm.ES256: 32, SigningAlgorithm.ES384: 48, SigningAlgorithm.ES512: 66}


def signature_fits(chain_pem: bytes, algorithm: SigningAlgorithm, signature: bytes, data: bytes) -> bool:
    """Tell whether a raw signature of ``data`` was made with the key of a chain's first certificate."""
    key = x509.load_pem_x509_certificates(chain_pem)[0].public_key()
    try:
        if isinstance(key, ed25519.Ed25519PublicKey) and algorithm is SigningAlgorithm.ED25519:
            key.verify(signature, data)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _HALF_BYTES:
            half = _HALF_BYTES[algorithm]
            if len(signature) != 2 * half:
                return False
            parts = (int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
            key.verify(encode_dss_signature(*parts), data, ec.ECDSA(_DIGESTS[algorithm]))
            return True
        if isinstance(key, rsa.RSAPublicKey) and algorithm in _DIGESTS:
            digest = _DIGESTS[algorithm]
            pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
            key.verify(signature, data, pss, digest)
            return True
    except InvalidSignature:
        pass
    return False
