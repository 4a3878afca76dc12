"""How source faces are put into words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.faces import Grade, GradeLevel, SourceFace
from faceswap_desktop.ui.consent.words import standing_text
from faceswap_desktop.ui.texts import text_of


def tr(text: str) -> str:
    """Translate a text of the Faces page."""
    return QCoreApplication.translate("Faces", text)


def level_text(level: GradeLevel) -> str:
    """Return the verdict as a word."""
    return {GradeLevel.GOOD: tr("Good"), GradeLevel.FAIR: tr("Fair"), GradeLevel.POOR: tr("Poor")}[level]


def grade_text(grade: Grade) -> str:
    """Return the verdict with what is wrong and what would do."""
    if not grade.findings:
        return tr("Good: nothing stands in the way.")
    lines = [f"{text_of(finding.problem)} {text_of(finding.advice)}" for finding in grade.findings]
    return "\n".join(lines)


def photos_text(face: SourceFace) -> str:
    """Return how many photos a face has."""
    count = len(face.photos)
    return tr("1 photo") if count == 1 else tr("{n} photos").format(n=count)


def describe_face(face: SourceFace, standing: Standing | None = None) -> str:
    """Describe a source face in one line, for a screen reader and the tool tip."""
    parts = [face.name, photos_text(face), level_text(face.grade.level)]
    if not face.on_shelf:
        parts.append(tr("not on the shelf"))
    if standing is not None:
        parts.append(standing_text(standing))
    findings = [text_of(finding.problem) for finding in face.grade.findings]
    return ". ".join([", ".join(parts), *findings])
