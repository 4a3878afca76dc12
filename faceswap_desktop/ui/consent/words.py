"""How consent is put into words."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from faceswap_desktop.domain.consent import Basis, Consent, Standing
from faceswap_desktop.services.consents import FaceConsent
from faceswap_desktop.ui.icons import IconColour

ASKED: Final = (Basis.MYSELF, Basis.AGREED, Basis.LICENSED, Basis.SYNTHETIC)
"""What the window offers, in order; what the command line stated has no words of its own but its note."""
STANDING_MARKS: Final = {
    Standing.GIVEN: ("check", IconColour.SUCCESS),
    Standing.MISSING: ("help", IconColour.MUTED),
    Standing.EXPIRED: ("clock", IconColour.WARNING),
    Standing.WITHDRAWN: ("error", IconColour.DANGER),
}
"""Icon and colour of each; the words always stand beside it."""


def tr(text: str) -> str:
    """Translate a text about consent."""
    return QCoreApplication.translate("Consent", text)


def choice_text(basis: Basis) -> str:
    """Return what a choice of the sheet says."""
    return {
        Basis.MYSELF: tr("Me"),
        Basis.AGREED: tr("Someone who agreed"),
        Basis.LICENSED: tr("A licensed or public-domain picture"),
        Basis.SYNTHETIC: tr("A synthetic person: nobody's face"),
        Basis.STATED: tr("As stated on the command line"),
    }[basis]


def basis_text(basis: Basis) -> str:
    """Return why a face may be used, in a few words."""
    return {
        Basis.MYSELF: tr("Your own face"),
        Basis.AGREED: tr("The person agreed"),
        Basis.LICENSED: tr("Licensed or public-domain picture"),
        Basis.SYNTHETIC: tr("Synthetic person"),
        Basis.STATED: tr("Stated on the command line"),
    }[basis]


def standing_text(standing: Standing) -> str:
    """Return how a face stands, in a few words."""
    return {
        Standing.GIVEN: tr("May be used"),
        Standing.MISSING: tr("Not asked yet"),
        Standing.EXPIRED: tr("Consent is over"),
        Standing.WITHDRAWN: tr("Consent withdrawn"),
    }[standing]


def standing_sentence(known: FaceConsent) -> str:
    """Say how a face stands; empty where nobody was asked yet."""
    current = known.current
    match known.standing:
        case Standing.GIVEN if current is not None and current.until:
            return tr("May be used until {day}.").format(day=day_text(current.until))
        case Standing.GIVEN:
            return tr("May be used.")
        case Standing.EXPIRED:
            return tr("The consent was over on {day}.").format(day=day_text(ended_at(known)))
        case Standing.WITHDRAWN:
            return tr("The consent was withdrawn on {day}.").format(day=day_text(_withdrawn_at(known)))
        case _ if known.consents:
            return tr("Not all photos are covered by what was said: one looks like somebody else, or was added since.")
    return ""


def asking_again(known: FaceConsent) -> str:
    """Say to whoever is asked who a face is how it stands; empty where nobody was asked yet."""
    match known.standing:
        case Standing.WITHDRAWN:
            return tr("You withdrew the consent on {day}.").format(day=day_text(_withdrawn_at(known)))
        case Standing.EXPIRED:
            return f"{standing_sentence(known)} {tr('Say until when it holds now.')}"
    return standing_sentence(known)


def ended_at(known: FaceConsent) -> float:
    """Return when the last consent that had an end was over, in seconds since the epoch; 0.0 for none."""
    return max((one.over_at for one in known.consents), default=0.0)


def _withdrawn_at(known: FaceConsent) -> float:
    return max((one.withdrawn_at for one in known.consents), default=0.0)


def consent_lines(consent: Consent) -> list[tuple[str, str]]:
    """Return what is known of a consent, as labels and values; what was not said is left out."""
    lines = [
        (tr("Who"), consent.who),
        (tr("Why"), basis_text(consent.basis)),
        (tr("Said"), day_text(consent.given_at)),
        (tr("Until"), day_text(consent.until) if consent.until else tr("no end")),
        (tr("Note"), consent.note),
        (tr("Document"), consent.document_name),
    ]
    if consent.replaced_at:
        lines.append((tr("Replaced"), day_text(consent.replaced_at)))
    if consent.withdrawn_at:
        lines.append((tr("Withdrawn"), day_text(consent.withdrawn_at)))
    return [(label, value) for label, value in lines if value]


def day_text(seconds: float) -> str:
    """Return a day with its year, in the user's manner."""
    day = QDateTime.fromSecsSinceEpoch(int(seconds)).date()
    return QLocale().toString(day, "d MMM yyyy") if not day.isNull() else ""


def end_of_day(text: str) -> float | None:
    """Read a day, as ``2027-12-31`` or in the user's manner, and return its end in seconds since the epoch.

    Returns:
        0.0 for an empty text; None for what is no day.
    """
    text = text.strip()
    if not text:
        return 0.0
    day = QDate.fromString(text, "yyyy-MM-dd")
    if not day.isValid():
        day = QLocale().toDate(text, QLocale.FormatType.ShortFormat)
    if not day.isValid() or not 1970 < day.year() < 9000:
        return None
    return datetime.combine(date(day.year(), day.month(), day.day()), time(23, 59, 59)).astimezone().timestamp()


def plain_day(seconds: float) -> str:
    """Return a day as ``end_of_day`` reads it everywhere; empty for 0.0."""
    return QDateTime.fromSecsSinceEpoch(int(seconds)).date().toString("yyyy-MM-dd") if seconds else ""
