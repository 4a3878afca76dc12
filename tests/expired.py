"""Files that were signed while a certificate was valid, and are read after its end."""

from __future__ import annotations

import io
import json

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from faceswap_desktop.provenance.sdk import make_context
from tests.certificates import Authority, p256, raw_signature


def with_expired_certificate(picture: bytes) -> bytes:
    """Return a signed JPEG whose certificate is over.

    The SDK does not sign with such a one. So it is made to sign with one that is valid and exactly as long, of the same
    key; what it signs, and then the file, get the other in its place. The signature is right for that.
    """
    root, key = Authority(), p256()
    valid = _der(root.issue(key, serial=1 << 120))
    expired = valid
    for serial in range((1 << 120) + 1, (1 << 120) + 200):
        expired = _der(root.issue(key, days=(-30, -2), serial=serial))
        if len(expired) == len(valid):
            break
    assert len(expired) == len(valid)
    pem = x509.load_der_x509_certificate(valid).public_bytes(serialization.Encoding.PEM)

    def sign(data: bytes) -> bytes:
        assert data.count(valid) == 1
        return raw_signature(key, data.replace(valid, expired))

    manifest = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [{"action": "c2pa.edited"}]}}]}
    out = io.BytesIO()
    with c2pa.Builder.from_json(json.dumps(manifest), make_context()) as builder:
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        signer = c2pa.Signer.from_callback(sign, c2pa.C2paSigningAlg.ES256, pem.decode())
        builder.sign(signer, "image/jpeg", io.BytesIO(picture), out)
    data = out.getvalue()
    assert data.count(valid) == 1
    return data.replace(valid, expired)


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
