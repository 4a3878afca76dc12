"""Content Credentials as a story: what the file was made from, what was done, who signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.provenance import Action, Claim, Ingredient, Validity
from faceswap_desktop.domain.verdicts import LABEL_ACTION, PROGRAM, source_type_words

_OPENING: Final = frozenset({"c2pa.opened", "c2pa.placed"})
"""Actions that say no more than that there are ingredients, which are told themselves."""

_DONE: Final[Mapping[str, Message]] = {
    "c2pa.created": message("Made"),
    "c2pa.opened": message("Opened"),
    "c2pa.placed": message("Something was put into it"),
    "c2pa.edited": message("Edited"),
    "c2pa.edited.metadata": message("Its metadata were edited"),
    "c2pa.adjustedColor": message("Colours adjusted"),
    "c2pa.changedSpeed": message("Speed changed"),
    "c2pa.color_adjustments": message("Colours adjusted"),
    "c2pa.converted": message("Converted to another format"),
    "c2pa.cropped": message("Cropped"),
    "c2pa.deleted": message("A part was deleted"),
    "c2pa.drawing": message("Drawn on"),
    "c2pa.dubbed": message("Dubbed"),
    "c2pa.enhanced": message("Enhanced"),
    "c2pa.filtered": message("A filter was applied"),
    "c2pa.orientation": message("Turned"),
    "c2pa.published": message("Published"),
    "c2pa.redacted": message("Something was blacked out in its credentials"),
    "c2pa.removed": message("Something was taken out"),
    "c2pa.repackaged": message("Repackaged, with the content unchanged"),
    "c2pa.resized": message("Resized"),
    "c2pa.transcoded": message("Encoded anew"),
    "c2pa.translated": message("Translated"),
    "c2pa.trimmed": message("Trimmed"),
    "c2pa.watermarked": message("A watermark was put in"),
    LABEL_ACTION: message("A visible text was added"),
    "c2pa.unknown": message("Something was done that is not told"),
}


class StepKind(StrEnum):
    """What a step tells of."""

    INGREDIENT = "ingredient"
    ACTION = "action"
    LABEL = "label"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step.

    Attributes:
        kind: What it tells of.
        text: What happened; foreign texts are among its values.
        details: More about it, a few words each.
        when: As told, ISO 8601; empty where it is not.
        validity: Of an ingredient: what its own credentials were worth when it was taken in.
        origin: Of an ingredient: its own story; empty where it has none.
    """

    kind: StepKind
    text: Message
    details: tuple[Message, ...] = ()
    when: str = ""
    validity: Validity = Validity.NONE
    origin: tuple[StoryStep, ...] = ()


def story_of(claim: Claim) -> tuple[StoryStep, ...]:
    """Tell a claim in the order in which things happened."""
    return (*_ingredients(claim), *_actions(claim), _signed(claim))


def _ingredients(claim: Claim) -> Iterator[StoryStep]:
    for one in claim.ingredients:
        origin = story_of(one.claim) if one.claim is not None else ()
        is_ours = claim.generator.startswith(PROGRAM)
        yield StoryStep(StepKind.INGREDIENT, _taken_in(one, is_ours=is_ours), (_worth(one),), "", one.validity, origin)


def _taken_in(one: Ingredient, *, is_ours: bool) -> Message:
    title = foreign(one.title)
    is_parent = one.relationship == "parentOf"
    if is_ours and title == "Target":
        # This program tells no names of files.
        return message("Opened the target") if is_parent else message("Made from the target")
    if is_ours and title == "Result of the service":
        return message("Opened the result of the service")
    if is_parent:
        return message("Opened “{title}”", title=title) if title else message("Opened a file")
    if one.relationship == "inputTo":
        return message("Made from “{title}”", title=title) if title else message("Made from a file")
    return message("Put in “{title}”", title=title) if title else message("Put in a file")


def _worth(one: Ingredient) -> Message:
    return {
        Validity.NONE: message("It had no credentials of its own"),
        Validity.VALID: message("Its own credentials were valid"),
        Validity.TRUSTED: message("Its own credentials were valid, by a trusted signer"),
        Validity.TAMPERED: message("It had been changed after it was signed"),
        Validity.BROKEN: message("Its own credentials were broken"),
        Validity.EXPIRED: message("It was signed with a certificate whose time was over"),
    }[one.validity]


def _actions(claim: Claim) -> Iterator[StoryStep]:
    for action in claim.actions:
        if action.name in _OPENING and claim.ingredients and not action.description:
            continue
        kind = StepKind.LABEL if action.name == LABEL_ACTION else StepKind.ACTION
        yield StoryStep(kind, _done(action), tuple(_how(action, claim)), action.when)


def _done(action: Action) -> Message:
    if action.description:
        return message("{words}", words=foreign(action.description))
    return _DONE.get(action.name) or message("Action {name}", name=foreign(action.name))


def _how(action: Action, claim: Claim) -> Iterator[Message]:
    if agent := foreign(action.agent or claim.generator):
        yield message("With {program}", program=agent)
    if action.source_type:
        yield source_type_words(action.source_type)


def _signed(claim: Claim) -> StoryStep:
    signer, issuer = foreign(claim.signer), foreign(claim.issuer)
    text = message("Signed by {signer}", signer=signer) if signer else message("Signed")
    details = []
    if claim.generator:
        details.append(message("Credentials made with {program}", program=foreign(claim.generator)))
    if issuer and issuer != signer:
        details.append(message("Certificate issued by {issuer}", issuer=issuer))
    return StoryStep(StepKind.SIGNED, text, tuple(details), claim.signed_at)
