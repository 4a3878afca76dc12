"""Where a file comes from: how results are marked, and what any file says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SourceType(StrEnum):
    """IPTC's digital source types that results can have (cv.iptc.org/newscodes/digitalsourcetype)."""

    AI_COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
    CAPTURES_COMPOSITE = "compositeCapture"
    SYNTHETIC_COMPOSITE = "compositeSynthetic"
    ENHANCED = "algorithmicallyEnhanced"

    @property
    def uri(self) -> str:
        """The term's address, as metadata name it."""
        return f"http://cv.iptc.org/newscodes/digitalsourcetype/{self.value}"


class SignerKind(StrEnum):
    """Whose certificate signs results."""

    INSTALLATION = "installation"
    OWN = "own"
    REMOTE = "remote"


NO_ROOM_FOR_LABEL: Final = "It has no visible label: it is too small for one that could be read."
"""Stands among the notes of a result that was to have a label: its credentials must not tell of one."""


@dataclass(frozen=True, slots=True)
class ResultMark:
    """How a result was marked.

    Attributes:
        has_label: A visible label was burnt in.
        signer: Who signed its credentials; None where they are still to be signed.
        signed_at: Seconds since the epoch; 0.0 for not yet.
        sidecar: Path of the ``.c2pa`` file where the format carries none; empty where they are in the file.
        marks: Perceptual hashes (``provenance.recognise``), packed; empty for none.
    """

    has_label: bool = False
    signer: SignerKind | None = None
    signed_at: float = 0.0
    sidecar: str = ""
    marks: bytes = b""


class Validity(StrEnum):
    """What a file's credentials are worth.

    ``NONE``: there are none. ``VALID``: unchanged since they were signed, by somebody nobody here vouches for.
    ``TRUSTED``: likewise, by a signer of the user's trust list. ``TAMPERED``: the file was changed since. ``BROKEN``:
    they cannot be read, or were never well made. ``EXPIRED``: the certificate's time is over.
    """

    NONE = "none"
    VALID = "valid"
    TRUSTED = "trusted"
    TAMPERED = "tampered"
    BROKEN = "broken"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done, as the credentials tell it.

    Attributes:
        name: C2PA's name, for example ``c2pa.edited``.
        description: In the maker's words; foreign text.
        agent: With which program; foreign text.
        source_type: Last part of the digital source type's address; empty where none is told.
        when: As told; empty where it is not.
    """

    name: str
    description: str = ""
    agent: str = ""
    source_type: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What a file was made from, as the credentials tell it; what it was made from itself comes with it."""

    title: str
    relationship: str
    validity: Validity = Validity.NONE
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One set of credentials.

    Attributes:
        title: The file's name when it was signed; foreign text.
        generator: The program that made them; foreign text.
        signer: Common name or organisation of the certificate; foreign text.
        issuer: Who issued it; foreign text.
        signed_at: As told, ISO 8601; empty where it is not.
        algorithm: For example ``Es256``.
        actions, ingredients: In order.
    """

    title: str = ""
    generator: str = ""
    signer: str = ""
    issuer: str = ""
    signed_at: str = ""
    algorithm: str = ""
    actions: tuple[Action, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a file's Content Credentials say.

    Attributes:
        validity: What they are worth.
        claim: The newest; None where there is none to read.
        is_ours: Signed by this installation's certificate, now or before.
        sidecar: Path of the ``.c2pa`` file they were read from; empty for from the file itself.
        problems: C2PA's status codes of what is wrong.
    """

    validity: Validity
    claim: Claim | None = None
    is_ours: bool = False
    sidecar: str = ""
    problems: tuple[str, ...] = ()
