"""With what results are signed, and what is signed: values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from faceswap_desktop.domain.provenance import SourceType


class SigningAlgorithm(StrEnum):
    """How a signature is made; C2PA knows these, and each goes with one kind of key.

    A signature is raw: ``r`` and ``s`` one after the other for the ES family, PKCS#1 PSS for the PS family.
    """

    ES256 = "es256"
    ES384 = "es384"
    ES512 = "es512"
    PS256 = "ps256"
    PS384 = "ps384"
    PS512 = "ps512"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key.

    Attributes:
        chain_pem: The signing certificate first, then who issued it; the root may be left out.
        key_pem: PKCS#8, not encrypted. Never shown, never logged.
        algorithm: What the key signs with.
        root_pem: The root of an installation's own certificate; empty for a user's.
    """

    chain_pem: bytes
    key_pem: bytes = field(repr=False)
    algorithm: SigningAlgorithm
    root_pem: bytes = b""


@dataclass(frozen=True, slots=True)
class RemoteIdentity:
    """A certificate whose key somebody else keeps and signs with.

    Attributes:
        chain_pem: As ``Identity.chain_pem``.
        algorithm: What the other side signs with.
        answer_s: How long it may take, in seconds.
    """

    chain_pem: bytes
    algorithm: SigningAlgorithm
    answer_s: float = 30.0


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says of itself, for showing.

    Attributes:
        subject: Common name or organisation; foreign text.
        issuer: The same of who issued it; foreign text.
        not_before, not_after: Seconds since the epoch.
        sha256: Of the certificate, hexadecimal.
    """

    subject: str
    issuer: str
    not_before: float
    not_after: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that was done to the target, in English: ``"Face swapped"``, ``"Age changed by +10 years"``.

    Attributes:
        description: Without any name of a person or a file.
        source_type: What the edit makes of the picture; None where it makes nothing of it (a label, a cut).
        action: C2PA's name of it.
    """

    description: str
    source_type: SourceType | None = None
    action: str = "c2pa.edited"


@dataclass(frozen=True, slots=True)
class Deed:
    """What the credentials of a result are to tell.

    Attributes:
        title: What the result is called there; never a file's name, which tells of the target and of people.
        edits: In order; at least one, unless it was recorded.
        provider: Title of who did it, for example ``"AKOOL"``.
        on_this_computer: It was done here, and nothing was sent.
        has_label: A visible label is burnt in.
        at: When the edits were done, in seconds since the epoch.
        recorded: What kind of picture was recorded live by this program, so that there is no file that it was made
            from; None where there is one.
    """

    title: str
    edits: tuple[Edit, ...]
    provider: str
    on_this_computer: bool
    has_label: bool
    at: float
    recorded: SourceType | None = None
