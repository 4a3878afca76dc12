"""How a report on a file is put into words in the window; foreign texts in it stay plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from faceswap_desktop.domain.credentials_story import StepKind, StoryStep, story_of
from faceswap_desktop.domain.provenance import Validity
from faceswap_desktop.domain.verdicts import PROGRAM, source_type_words, validity_words
from faceswap_desktop.domain.verification import HowKnown, LabelFact, Report
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.texts import size_text, text_of
from faceswap_desktop.ui.widgets.roles import Role

VALIDITY_ICONS: Final[dict[Validity, tuple[str, IconColour]]] = {
    Validity.NONE: ("privacy", IconColour.MUTED),
    Validity.VALID: ("verify", IconColour.SUCCESS),
    Validity.TRUSTED: ("verify", IconColour.SUCCESS),
    Validity.TAMPERED: ("error", IconColour.DANGER),
    Validity.BROKEN: ("error", IconColour.DANGER),
    Validity.EXPIRED: ("warning", IconColour.WARNING),
}
"""Shape and colour say what the word beside them says."""

VALIDITY_ROLES: Final[dict[Validity, Role]] = {
    Validity.NONE: "muted",
    Validity.VALID: "success",
    Validity.TRUSTED: "success",
    Validity.TAMPERED: "danger",
    Validity.BROKEN: "danger",
    Validity.EXPIRED: "warning",
}

STEP_ICONS: Final[dict[StepKind, str]] = {
    StepKind.INGREDIENT: "open",
    StepKind.ACTION: "edit",
    StepKind.LABEL: "eye",
    StepKind.SIGNED: "verify",
}


_LONG_WORD: Final = re.compile(r"\S{25,}")
_PIECE: Final = re.compile(r".{8}|[/\\._-]")


def tr(text: str) -> str:
    """Translate a text of this page."""
    return QCoreApplication.translate("Verify", text)


def breakable(text: str) -> str:
    """Let words that are longer than a line go on in the next: names of files, codes, and what means no good."""
    return _LONG_WORD.sub(lambda found: _PIECE.sub("\\g<0>\u200b", found.group()), text)


def file_words(report: Report) -> str:
    """Return what a file is: "JPEG, 61 kB"."""
    return f"{report.file.format or tr('unknown format')}, {size_text(report.file.size_bytes)}"


def made_here_words(report: Report) -> str:
    """Say whether a file was made here, and how that is known."""
    made_here = report.made_here
    if report.is_signed_here and report.credentials.validity is Validity.TAMPERED:
        if made_here is None:
            return tr("It was signed here, and changed since")
        return tr("It was signed here, and changed since. It looks like “{title}”").format(title=made_here.title)
    if made_here is None:
        return tr("Nothing says so")
    how = {
        HowKnown.DIGEST: tr("Yes: it is “{title}”, byte for byte"),
        HowKnown.CERTIFICATE: tr("Yes: it is “{title}”, signed with this program's own certificate"),
        HowKnown.LIKENESS: tr("It looks like “{title}”"),
    }
    if made_here.result is None:
        return tr("Yes: it was signed with this program's own certificate. Which result it is cannot be told.")
    return how[made_here.how].format(title=made_here.title)


def label_words(report: Report) -> str:
    """Say whether there is a visible label; of a copy it is only known how it was made."""
    is_copy = report.made_here is not None and report.made_here.how is HowKnown.LIKENESS
    return {
        LabelFact.YES: tr("Yes, when it was made") if is_copy else tr("Yes"),
        LabelFact.NO: tr("No, when it was made") if is_copy else tr("No"),
        LabelFact.UNKNOWN: tr("Not known"),
    }[report.label]


def facts_of(report: Report) -> list[tuple[str, str]]:
    """Return what is told of a file as pairs of a word and its value."""
    facts = [(tr("Made here"), made_here_words(report)), (tr("Visible label"), label_words(report))]
    if report.source_type:
        facts.append((tr("How it was made"), text_of(source_type_words(report.source_type))))
    if report.tool:
        facts.append((tr("Program"), report.tool))
    if report.credentials.sidecar:
        facts.append((tr("Credentials from"), PurePath(report.credentials.sidecar).name))
    return facts


def technical_facts(report: Report) -> list[tuple[str, str]]:
    """Return what experts ask for; what is not told is left out."""
    credentials, claim = report.credentials, report.credentials.claim
    told = [(tr("File"), report.file.path)]
    if report.source_type:
        told.append((tr("Digital source type"), report.source_type))
    if claim is not None:
        told += [
            # This program calls every result the same.
            (tr("Title when signed"), "" if claim.generator.startswith(PROGRAM) else claim.title),
            (tr("Claim generator"), claim.generator),
            (tr("Certificate of"), claim.signer),
            (tr("Issued by"), claim.issuer),
            (tr("Algorithm"), claim.algorithm),
            (tr("Time stamp"), claim.signed_at or tr("none")),
        ]
    told.append((tr("Status codes"), "\n".join(credentials.problems) or tr("none")))
    return [(word, value) for word, value in told if value]


def when_text(told: str) -> str:
    """Return a time as this system writes one; what is no time as it stands there."""
    when = QDateTime.fromString(told, Qt.DateFormat.ISODate)
    return QLocale().toString(when.toLocalTime(), QLocale.FormatType.ShortFormat) if when.isValid() else told


def step_words(step: StoryStep) -> str:
    """Return a step in one line, for a screen reader and for copying."""
    parts = [text_of(step.text), *(text_of(detail) for detail in step.details)]
    return " · ".join([*parts, when_text(step.when)] if step.when else parts)


def report_text(report: Report) -> str:
    """Write a report as plain text, for the clipboard."""
    verdict, claim = report.verdict, report.credentials.claim
    lines = [f"{report.file.name} ({file_words(report)})"]
    lines.append(f"{text_of(validity_words(report.credentials.validity))}. {text_of(verdict.headline)}")
    lines += [text_of(one) for one in (verdict.meaning, verdict.advice) if one is not None]
    lines += ["", *(f"{word}: {value}" for word, value in facts_of(report))]
    if claim is not None:
        lines += ["", tr("What the credentials tell:"), *_story_lines(story_of(claim), "- ")]
    lines += ["", *(f"{word}: {value.replace(chr(10), ', ')}" for word, value in technical_facts(report))]
    lines += [text_of(note) for note in report.notes]
    return "\n".join(lines)


def _story_lines(steps: tuple[StoryStep, ...], indent: str) -> Iterator[str]:
    for step in steps:
        yield indent + step_words(step)
        yield from _story_lines(step.origin, "    " + indent)
