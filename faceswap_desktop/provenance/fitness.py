"""Whether a certificate and key of the user's will do for signing, and if not, why: told before the first use.

The rules are those of C2PA's certificate profile (section "Certificate Profile" of its specification) as the SDK
applies them; each was tried with it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from faceswap_desktop.domain.errors import SignerError
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.signing import CertificateFacts, Identity, RemoteIdentity, SigningAlgorithm

MAX_PEM_BYTES: Final = 1 << 20
MAX_CHAIN: Final = 8
MIN_RSA_BITS: Final = 2048

C2PA_SIGNING: Final = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
PURPOSES: Final = (ExtendedKeyUsageOID.EMAIL_PROTECTION, C2PA_SIGNING)
"""Purposes (extended key usages) of which one is needed."""

_ALONE: Final = (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING)
_CURVES: Final = {
    "secp256r1": SigningAlgorithm.ES256,
    "secp384r1": SigningAlgorithm.ES384,
    "secp521r1": SigningAlgorithm.ES512,
}
_DIGESTS: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)

_ASK_ISSUER: Final = message(
    "Ask who issues your certificates for one for signing documents or e-mail (S/MIME), or use this installation's own."
)
_AS_PEM: Final = message(
    "A PEM file is text that begins with “-----BEGIN”. A .p12 or .pfx file can be turned into one with: "
    "openssl pkcs12 -in FILE -out FILE.pem"
)


def check_identity(chain_pem: bytes, key_pem: bytes, passphrase: str = "", now: datetime | None = None) -> Identity:
    """Return a user's certificate and key, ready for signing: the key is not encrypted any more.

    Args:
        chain_pem: The signing certificate, then who issued it.
        key_pem: The private key.
        passphrase: Of an encrypted key; empty for none.
        now: When it is to be valid; None for the computer's clock.

    Raises:
        SignerError: They will not do, and why (kind ``certificate``; ``passphrase`` where that is what is wrong).
    """
    chain, algorithm = _checked_chain(chain_pem, now)
    key = _private_key(key_pem, passphrase)
    if _public_bytes(key.public_key()) != _public_bytes(chain[0].public_key()):
        raise _unfit(
            message("The key does not belong to the certificate."),
            message("Choose the key that was made together with this certificate."),
        )
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Identity(_as_pem(chain), plain, algorithm)


def check_remote_identity(chain_pem: bytes, now: datetime | None = None) -> RemoteIdentity:
    """Return a certificate whose key somebody else keeps, checked like one of the user's.

    Raises:
        SignerError: It will not do, and why (kind ``certificate``).
    """
    chain, algorithm = _checked_chain(chain_pem, now)
    return RemoteIdentity(_as_pem(chain), algorithm)


def facts_of(chain_pem: bytes) -> CertificateFacts:
    """Return what the first certificate of a chain says of itself.

    Raises:
        SignerError: It cannot be read (kind ``certificate``).
    """
    leaf = _certificates(chain_pem)[0]
    return CertificateFacts(
        subject=_shown(leaf.subject),
        issuer=_shown(leaf.issuer),
        not_before=leaf.not_valid_before_utc.timestamp(),
        not_after=leaf.not_valid_after_utc.timestamp(),
        sha256=hashlib.sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )


def _checked_chain(chain_pem: bytes, now: datetime | None) -> tuple[list[x509.Certificate], SigningAlgorithm]:
    chain = _certificates(chain_pem)
    leaf = chain[0]
    try:
        _check_chain(chain)
        algorithm = _algorithm(leaf)
        _check_time(leaf, now or datetime.now(UTC))
        _check_purpose(leaf)
        _check_extensions(leaf)
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise _unfit(message("The certificate is damaged: {reason}.", reason=foreign(error))) from error
    return chain, algorithm


def _certificates(chain_pem: bytes) -> list[x509.Certificate]:
    if len(chain_pem) > MAX_PEM_BYTES:
        raise _unfit(message("The certificate's file is far too long to be one."))
    if b"-----BEGIN CERTIFICATE-----" not in chain_pem:
        raise _unfit(message("There is no certificate in PEM format in the file."), _AS_PEM)
    try:
        chain = x509.load_pem_x509_certificates(chain_pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unfit(message("The certificate cannot be read: its file is damaged.")) from error
    if len(chain) > MAX_CHAIN:
        raise _unfit(
            message(
                "There are {count} certificates in the file; a chain has at most {most}.",
                count=len(chain),
                most=MAX_CHAIN,
            )
        )
    return chain


def _check_chain(chain: list[x509.Certificate]) -> None:
    leaf = chain[0]
    if leaf.subject == leaf.issuer:
        raise _unfit(
            message(
                "The certificate is signed by itself (“{name}”), so no reader can trust it.", name=_shown(leaf.subject)
            )
            if len(chain) == 1
            else message("The first certificate in the file is the root; the one that signs has to come first."),
            _ASK_ISSUER if len(chain) == 1 else message("Turn the order around: first the signer, last the root."),
        )
    for below, above in pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise _unfit(
                message(
                    "The certificates are no chain: “{below}” was not issued by “{above}”, which comes next.",
                    below=_shown(below.subject),
                    above=_shown(above.subject),
                ),
                message("First the signer's, then who issued that, and so on; no others."),
            ) from error


def _algorithm(leaf: x509.Certificate) -> SigningAlgorithm:
    key = leaf.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        algorithm = _CURVES[key.curve.name]
    elif isinstance(key, ed25519.Ed25519PublicKey):
        algorithm = SigningAlgorithm.ED25519
    elif isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA_BITS:
            raise _unfit(
                message(
                    "The certificate's RSA key has {bits} bits; {least} are needed.",
                    bits=key.key_size,
                    least=MIN_RSA_BITS,
                )
            )
        algorithm = SigningAlgorithm.PS256
    else:
        raise _unfit(
            message("Content Credentials cannot be signed with a key of this kind."),
            message("Keys on the curves P-256, P-384 and P-521, Ed25519 keys and RSA keys will do."),
        )
    digest = leaf.signature_hash_algorithm
    if digest is not None and not isinstance(digest, _DIGESTS):
        raise _unfit(
            message("The certificate is signed with {name}, which is broken.", name=foreign(digest.name)), _ASK_ISSUER
        )
    return algorithm


def _check_time(leaf: x509.Certificate, now: datetime) -> None:
    if now > leaf.not_valid_after_utc:
        raise _unfit(
            message("The certificate expired on {day}.", day=leaf.not_valid_after_utc.date().isoformat()),
            message("Choose the one that has taken its place."),
        )
    if now < leaf.not_valid_before_utc:
        raise _unfit(
            message("The certificate is not valid before {day}.", day=leaf.not_valid_before_utc.date().isoformat()),
            message("Is the computer's clock right?"),
        )


def _check_purpose(leaf: x509.Certificate) -> None:
    try:
        purposes = list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        raise _unfit(
            message("The certificate does not say what it is for (no extended key usage)."), _ASK_ISSUER
        ) from None
    if ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in purposes:
        raise _unfit(
            message("The certificate is for any purpose, which Content Credentials do not allow."), _ASK_ISSUER
        )
    if not any(one in purposes for one in PURPOSES):
        raise _unfit(
            message("The certificate is not for signing documents or e-mail, but for something else."), _ASK_ISSUER
        )
    if any(one in purposes for one in _ALONE):
        raise _unfit(
            message("The certificate is also for time stamps or for answers about certificates, which is not allowed."),
            _ASK_ISSUER,
        )


def _check_extensions(leaf: x509.Certificate) -> None:
    extensions = leaf.extensions
    try:
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise _unfit(message("The certificate is one that issues others; it must not sign files."), _ASK_ISSUER)
    except x509.ExtensionNotFound:
        pass  # not an authority
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise _unfit(message("The certificate does not say how its key is used (no key usage)."), _ASK_ISSUER) from None
    if not usage.digital_signature:
        raise _unfit(message("The certificate's key is not for digital signatures."), _ASK_ISSUER)
    if usage.key_cert_sign:
        raise _unfit(message("The certificate is one that issues others; it must not sign files."), _ASK_ISSUER)
    try:
        extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        raise _unfit(
            message("The certificate does not name the key of who issued it (no authority key identifier)."),
            _ASK_ISSUER,
        ) from None


_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def _private_key(key_pem: bytes, passphrase: str) -> _PrivateKey:
    if len(key_pem) > MAX_PEM_BYTES or b"PRIVATE KEY-----" not in key_pem:
        raise _unfit(message("There is no private key in PEM format in the file."), _AS_PEM)
    key: object
    try:
        key = serialization.load_pem_private_key(key_pem, passphrase.encode() or None)
    except TypeError as error:
        if passphrase:  # it has one, and the key needs none
            return _private_key(key_pem, "")
        raise SignerError(
            message("The key is encrypted."), message("Give its passphrase."), kind="passphrase"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if passphrase and b"ENCRYPTED" in key_pem:
            raise SignerError(message("The passphrase is wrong, or the key is damaged."), kind="passphrase") from error
        raise _unfit(message("The key cannot be read: its file is damaged, or of an unknown kind.")) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
        raise _unfit(message("Content Credentials cannot be signed with a key of this kind."))
    return key


def _public_bytes(key: object) -> bytes:
    written: bytes = key.public_bytes(  # type: ignore[attr-defined]  # every kind of public key has it
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return written


def _as_pem(chain: list[x509.Certificate]) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


def _shown(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return foreign(attribute.value)
    return foreign(name.rfc4514_string())


def _unfit(text: Message, hint: Message | None = None) -> SignerError:
    return SignerError(text, hint, kind="certificate")
