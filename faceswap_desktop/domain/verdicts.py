"""What a file's credentials come to, in words that never say more than is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.provenance import Claim, Credentials, SourceType, Validity
from faceswap_desktop.domain.verification import HowKnown, LabelFact, MadeHere, Tone, Verdict

CONVERTED: Final = "c2pa.transcoded"
"""The action by which they tell of a copy in another format, which shows the same."""
LABEL_ACTION: Final = "c2pa.addedText"
"""The action by which credentials of this program tell of a visible label."""
PROGRAM: Final = "Faceswap Desktop"
ELSEWHERE: Final = "manifest.inaccessible"
"""The status of a file that names only an address where its credentials are."""
UNREADABLE: Final = "faceswap.store.unreadable"
TOO_LARGE: Final = "faceswap.store.tooLarge"
FILE_TOO_LARGE: Final = "faceswap.file.tooLarge"
"""What ``provenance.reading`` says of credentials that it could not, or would not, read."""

_FINE: Final = frozenset({Validity.VALID, Validity.TRUSTED})
_COPYING: Final = frozenset({CONVERTED, "c2pa.opened"})
_AI: Final = frozenset({SourceType.AI_COMPOSITE.value, "trainedAlgorithmicMedia"})
_ASK: Final = message("Ask whoever gave it to you for the original file, or where it is from.")

_SOURCE_TYPES: Final[Mapping[str, Message]] = {
    "compositeWithTrainedAlgorithmicMedia": message("Partly made by a trained network (AI)"),
    "trainedAlgorithmicMedia": message("Made by a trained network (AI)"),
    "algorithmicallyEnhanced": message("Improved by a program, without AI"),
    "compositeCapture": message("Put together from photos or recordings"),
    "compositeSynthetic": message("Put together with artificial parts"),
    "composite": message("Put together from several parts"),
    "algorithmicMedia": message("Made by a program, without AI"),
    "dataDrivenMedia": message("Made by a program from data"),
    "digitalCapture": message("Taken with a digital camera"),
    "computationalCapture": message("Taken with a camera that puts several pictures together"),
    "screenCapture": message("Taken from a screen"),
    "virtualRecording": message("Recorded in a virtual scene"),
    "negativeFilm": message("Scanned from a negative"),
    "positiveFilm": message("Scanned from a slide"),
    "print": message("Scanned from a print"),
    "humanEdits": message("Edited by a person"),
    "minorHumanEdits": message("Slightly edited by a person"),
    "digitalCreation": message("Drawn or made by a person on a computer"),
    "digitalArt": message("Drawn or made by a person on a computer"),
}


_WORTH: Final[Mapping[Validity, Message]] = {
    Validity.NONE: message("No credentials"),
    Validity.VALID: message("Valid"),
    Validity.TRUSTED: message("Trusted"),
    Validity.TAMPERED: message("Changed"),
    Validity.BROKEN: message("Broken"),
    Validity.EXPIRED: message("Expired"),
}


def validity_words(validity: Validity) -> Message:
    """Say in a word what credentials are worth."""
    return _WORTH[validity]


def source_type_words(term: str) -> Message:
    """Say what a digital source type means; one that is not known is named as it stands there.

    Args:
        term: The last part of its address.
    """
    return _SOURCE_TYPES.get(term) or message("{term}", term=foreign(term))


def label_of(credentials: Credentials, made_here: MadeHere | None, *, has_label: bool | None) -> LabelFact:
    """Say whether a file has a visible label.

    Valid credentials of this program tell it of the file as it is, those of a copy in another format by those of what
    was copied, which are among its own; else the ledger does of a result. Nothing else
    counts: who took the credentials away, or changed the file, may have cut the label off as well, unless the file is
    known by its looks, of which the label is a part.

    Args:
        credentials: The file's.
        made_here: How the file is known.
        has_label: What the ledger says of that result; None where it says nothing.
    """
    claim = credentials.claim
    is_fine = credentials.validity in _FINE
    if is_fine and claim is not None and claim.generator.startswith(PROGRAM):
        origin = _shown_by(claim)
        if origin is not None and _tells_of_label(origin):
            return LabelFact.YES
        # What it was made from may have had one, which may still be seen.
        if origin is not None:
            return LabelFact.UNKNOWN if _is_labelled_before(origin) else LabelFact.NO
    if made_here is None or made_here.result is None or has_label is None:
        return LabelFact.UNKNOWN
    return LabelFact.YES if has_label else LabelFact.NO


def verdict_of(
    credentials: Credentials, made_here: MadeHere | None, source_type: str, *, is_media: bool = True
) -> Verdict:
    """Put into words what was found.

    Args:
        credentials: The file's.
        made_here: Whether it was made here.
        source_type: What its metadata name beside the credentials; empty for nothing.
        is_media: It is a picture or a video, as far as its first bytes tell.
    """
    match credentials.validity:
        case Validity.NONE:
            return _without(credentials, made_here, source_type, is_media=is_media)
        case Validity.VALID:
            return _valid(made_here, is_ours=credentials.is_ours)
        case Validity.TRUSTED:
            return Verdict(
                Tone.GOOD,
                message("Not changed since {signer} signed it.", signer=_signer(credentials)),
                message(
                    "Somebody on your list of trusted certificates vouches for the signer. What the credentials tell is"
                    " the signer's word; that nothing was changed since is proven."
                ),
            )
        case Validity.TAMPERED:
            return _changed(made_here, is_ours=credentials.is_ours)
        case Validity.EXPIRED:
            return Verdict(
                Tone.WARNING,
                message("Signed with a certificate whose time was over, or had not come."),
                message(
                    "The file fits its signature. Whether it was made while the certificate held cannot be told, so the"
                    " credentials prove nothing."
                ),
                _ASK,
            )
        case Validity.BROKEN:
            return _broken(credentials)


def _broken(credentials: Credentials) -> Verdict:
    if TOO_LARGE in credentials.problems:
        return Verdict(
            Tone.BAD,
            message("Its Content Credentials are too large to be read."),
            message("Real ones have some kilobytes or megabytes. What these say counts for nothing."),
            _ASK,
        )
    if FILE_TOO_LARGE in credentials.problems:
        return Verdict(
            Tone.WARNING,
            message("The picture's file is too large to look for credentials in it."),
            message("It would have to be held in memory as a whole. Whether it has any cannot be told."),
            _ASK,
        )
    if UNREADABLE in credentials.problems:
        return Verdict(
            Tone.BAD,
            message("What it says of its origin cannot be read."),
            message(
                "The file is damaged or incomplete, or the Content Credentials in it are. What they said, or whether"
                " there were any, cannot be told."
            ),
            _ASK,
        )
    return Verdict(
        Tone.BAD,
        message("Its Content Credentials cannot be relied on."),
        message(
            "They are damaged or were never well made, so nothing that they say counts. The picture itself can be fine:"
            " this says nothing about whether it is real."
        ),
        _ASK,
    )


def _valid(made_here: MadeHere | None, *, is_ours: bool) -> Verdict:
    if made_here is not None and made_here.how in {HowKnown.CERTIFICATE, HowKnown.DIGEST}:
        ours = message(
            "It was signed with a certificate that this program made for itself. That proves that nothing was changed"
            " since it was signed, not who signed it."
        )
        others = message(
            "The signature proves that nothing was changed since it was signed, not who signed it: nobody on your list"
            " of trusted certificates vouches for its certificate."
        )
        headline = message("Made here, and not changed since it was signed.")
        return Verdict(Tone.GOOD, headline, ours if is_ours else others)
    return Verdict(
        Tone.GOOD,
        message("Not changed since it was signed."),
        message(
            "The signature proves that nothing was changed since it was signed, not who signed it: anybody can make a"
            " certificate with any name, and nobody on your list of trusted certificates vouches for this one."
        ),
        message("Whom you trust is chosen in the settings, under Content Credentials."),
    )


def _changed(made_here: MadeHere | None, *, is_ours: bool) -> Verdict:
    if made_here is not None and made_here.result is not None:
        return Verdict(
            Tone.BAD,
            message("The file was changed after it was signed."),
            message(
                "What its credentials tell held for the file as it was, not for this one. It looks like “{title}”, a"
                " result that was made here.",
                title=made_here.title,
            ),
            message("The result as it was made is in the Gallery."),
        )
    if is_ours:
        return Verdict(
            Tone.BAD,
            message("The file was changed after it was signed."),
            message(
                "It was signed by this program, and what its credentials tell held for the file as it was then. What"
                " was changed afterwards, and by whom, cannot be told."
            ),
            _ASK,
        )
    return Verdict(
        Tone.BAD,
        message("The file was changed after it was signed."),
        message(
            "What its credentials tell held for the file as it was, not for this one. What was changed, and by whom,"
            " cannot be told."
        ),
        _ASK,
    )


def _without(credentials: Credentials, made_here: MadeHere | None, source_type: str, *, is_media: bool) -> Verdict:
    if made_here is not None:
        return _made_here(made_here)
    if ELSEWHERE in credentials.problems:
        return Verdict(
            Tone.NEUTRAL,
            message("Its credentials are said to be elsewhere."),
            message(
                "The file names only an address on the internet where they are said to be. Nothing is fetched from"
                " there: whoever made the file would learn that you looked."
            ),
            _ASK,
        )
    if source_type:
        return Verdict(
            Tone.WARNING if source_type in _AI else Tone.NEUTRAL,
            message("The file itself says that AI had a part in it.")
            if source_type in _AI
            else message("The file itself says how it was made."),
            message("Its metadata say so; they are not signed, so that anybody can write them or take them out."),
            _ASK,
        )
    if not is_media:
        return Verdict(
            Tone.WARNING,
            message("It is no picture and no video that can be read."),
            message("Whatever its name says: this program knows no such file, or it is damaged from its beginning on."),
            _ASK,
        )
    return Verdict(
        Tone.NEUTRAL,
        message("That a file has none says nothing about whether it is real."),
        message("Most files have none, and many programs and services drop them when they save a copy."),
        _ASK,
    )


def _made_here(made_here: MadeHere) -> Verdict:
    if made_here.how is HowKnown.LIKENESS:
        return Verdict(
            Tone.WARNING,
            message("It looks like “{title}”, a result of this program.", title=made_here.title),
            message(
                "The file has no credentials, as other programs leave them out when they save a copy. That it looks"
                " like a result of this program proves nothing, and what else was changed in it cannot be told."
            ),
            message("The result as it was made is in the Gallery."),
        )
    headline = message("Made here: it is “{title}”, byte for byte.", title=made_here.title)
    if made_here.is_signed:
        return Verdict(
            Tone.WARNING,
            headline,
            message(
                "It was signed, but its format carries no Content Credentials: they lie in a file of the same name that"
                " ends in .c2pa. That file is not beside it. Elsewhere nobody can tell where it comes from."
            ),
            message("Put it beside the file again. “Save as” in the Gallery writes both, while the Gallery has both."),
        )
    return Verdict(
        Tone.GOOD,
        headline,
        message("It has no Content Credentials: it was not signed. Elsewhere nobody can tell where it comes from."),
        message("It can be signed in the Gallery."),
    )


def _tells_of_label(claim: Claim) -> bool:
    return any(action.name == LABEL_ACTION for action in claim.actions)


def _shown_by(claim: Claim) -> Claim | None:
    """Return the claim that tells of what is to be seen: of a mere copy that of what was copied; None if lost."""
    while any(action.name == CONVERTED for action in claim.actions):
        if any(action.name not in _COPYING for action in claim.actions):
            return claim
        parents = [one for one in claim.ingredients if one.relationship == "parentOf"]
        if len(parents) != 1 or parents[0].validity not in _FINE:
            return None
        parent = parents[0].claim
        if parent is None or not parent.generator.startswith(PROGRAM):
            return None
        claim = parent
    return claim


def _is_labelled_before(claim: Claim) -> bool:
    origins = [one.claim for one in claim.ingredients if one.claim is not None]
    return any(_tells_of_label(origin) or _is_labelled_before(origin) for origin in origins)


def _signer(credentials: Credentials) -> str:
    claim = credentials.claim
    return (claim.signer or claim.issuer if claim is not None else "") or "?"
