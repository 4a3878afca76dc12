"""The certificate that an installation makes for itself.

A root of its own and a certificate below it, because a certificate that has signed itself is no signer to C2PA. The
root's key is thrown away at once: nothing can ever be issued with it again, so "signed under this root" is the same as
"signed by this installation".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from faceswap_desktop.domain.signing import Identity, SigningAlgorithm

ORGANISATION: Final = "Faceswap Desktop"
COMMON_NAME: Final = "Faceswap Desktop, a local certificate"
ROOT_NAME: Final = "Root of Faceswap Desktop, a local certificate"

VALID_FOR: Final = timedelta(days=3652)
"""Ten years. Results carry no time stamp of an authority, which would need the network, so readers compare a
certificate's end with the day on which they read: with a year, each result would be called expired a year later."""

BACKDATED: Final = timedelta(days=1)
"""The clock of another computer may be slow; a certificate of the future would be refused there."""

RENEW_BEFORE: Final = timedelta(days=5 * 365)
"""What is signed has to stay valid for some years, so a certificate is replaced at half of its time."""


def make_identity(now: datetime | None = None) -> Identity:
    """Make a root and a signing certificate below it (P-256), without any name of a computer or person.

    The profile is the one that C2PA's SDK demands: ``digitalSignature`` (critical), ``emailProtection``, key
    identifiers of itself and of who issued it, no authority.

    Args:
        now: When it is made; None for the computer's clock.
    """
    start = (now or datetime.now(UTC)) - BACKDATED
    end = start + VALID_FOR
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(ROOT_NAME)
    root = (
        _builder(issuer, issuer, root_key.public_key(), start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _builder(_name(COMMON_NAME), issuer, key.public_key(), start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    root_pem = root.public_bytes(serialization.Encoding.PEM)
    return Identity(
        chain_pem=leaf.public_bytes(serialization.Encoding.PEM) + root_pem,
        key_pem=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        algorithm=SigningAlgorithm.ES256,
        root_pem=root_pem,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
