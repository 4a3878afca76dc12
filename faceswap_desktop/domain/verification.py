"""What can be told of a file's origin: what it says itself, what that is worth, and whether it was made here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faceswap_desktop.domain.job import ResultId
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.provenance import Credentials, Validity


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file, told by its content.

    Attributes:
        path: As it was asked for.
        name: What people call it, showable anywhere.
        size_bytes: Length.
        format: ``JPEG``, ``MP4`` …; an English phrase for what is no media (``"a PDF document"``); empty for unknown.
        kind: None for what is neither picture nor video.
    """

    path: str
    name: str
    size_bytes: int
    format: str = ""
    kind: MediaKind | None = None


class HowKnown(StrEnum):
    """By what a file is known to be made here; the surest first.

    ``DIGEST``: it is the very file of a result, byte for byte. ``CERTIFICATE``: it bears a valid signature of this
    installation. ``LIKENESS``: it looks like a result, as a copy does that another program saved.
    """

    DIGEST = "digest"
    CERTIFICATE = "certificate"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class MadeHere:
    """That this installation made a file.

    Attributes:
        how: How that is known.
        result: Of which result; None where the gallery has it no more, or it cannot be told which one it is.
        title: What the gallery calls it; empty without a result.
        is_signed: The ledger says that the result was signed.
    """

    how: HowKnown
    result: ResultId | None = None
    title: str = ""
    is_signed: bool = False


class LabelFact(StrEnum):
    """Whether there is a visible label, as far as that is told anywhere; nobody looks for one in the picture."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Tone(StrEnum):
    """How a verdict is to be taken; it is always said in words too."""

    GOOD = "good"
    NEUTRAL = "neutral"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to make of it.

    Attributes:
        tone: How serious it is.
        headline: One sentence.
        meaning: What that means, and what it does not.
        advice: What can be done; None for nothing.
    """

    tone: Tone
    headline: Message
    meaning: Message
    advice: Message | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of one file.

    Attributes:
        file: Which.
        credentials: Its Content Credentials.
        source_type: Last part of the digital source type that its metadata name, or else its valid credentials;
            foreign text, empty where none.
        tool: The program that its metadata name; foreign text, empty where none.
        label: Whether it has a visible label.
        made_here: None where nothing says so that counts: somebody else's valid credentials count for more than looks.
        verdict: In words.
        notes: What could not be looked at, and why.
    """

    file: FileFacts
    credentials: Credentials
    source_type: str
    tool: str
    label: LabelFact
    made_here: MadeHere | None
    verdict: Verdict
    notes: tuple[Message, ...] = ()

    @property
    def is_signed_here(self) -> bool:
        """Whether this installation signed it, whatever became of it since."""
        return self.credentials.is_ours

    @property
    def is_unreadable(self) -> bool:
        """Whether it is nothing that could be looked into, so that there was nothing to verify."""
        return self.credentials.validity is Validity.NONE and self.file.kind is None and self.made_here is None
