"""What credentials come to in words, and the story they tell."""

from __future__ import annotations

import pytest

from faceswap_desktop.domain.credentials_story import StepKind, story_of
from faceswap_desktop.domain.job import ResultId
from faceswap_desktop.domain.provenance import Action, Claim, Credentials, Ingredient, Validity
from faceswap_desktop.domain.verdicts import (
    ELSEWHERE,
    FILE_TOO_LARGE,
    LABEL_ACTION,
    TOO_LARGE,
    UNREADABLE,
    label_of,
    source_type_words,
    validity_words,
    verdict_of,
)
from faceswap_desktop.domain.verification import HowKnown, LabelFact, MadeHere, Tone

OURS = "Faceswap Desktop 0.4.0"
LABELLED = Claim(generator=OURS, actions=(Action("c2pa.edited"), Action(LABEL_ACTION)))
BARE = Claim(generator=OURS, actions=(Action("c2pa.edited"),))
COPY = MadeHere(HowKnown.LIKENESS, ResultId("r"), "party")


def words_of(credentials: Credentials, made_here: MadeHere | None = None, source_type: str = "") -> str:
    verdict = verdict_of(credentials, made_here, source_type)
    return " ".join(one.text() for one in (verdict.headline, verdict.meaning, verdict.advice) if one is not None)


@pytest.mark.parametrize("validity", list(Validity))
@pytest.mark.parametrize("how", [None, *HowKnown])
def test_no_verdict_says_that_something_is_real_or_who_signed(validity: Validity, how: HowKnown | None) -> None:
    made_here = MadeHere(how, ResultId("r"), "party") if how is not None else None
    words = words_of(Credentials(validity, Claim(signer="Somebody")), made_here)
    assert "is genuine" not in words
    assert "is real" not in words.replace("nothing about whether it is real", "")
    if validity is Validity.VALID:
        assert "not who signed it" in words


@pytest.mark.parametrize(
    ("validity", "tone", "word"),
    [
        (Validity.NONE, Tone.NEUTRAL, "No credentials"),
        (Validity.VALID, Tone.GOOD, "Valid"),
        (Validity.TRUSTED, Tone.GOOD, "Trusted"),
        (Validity.TAMPERED, Tone.BAD, "Changed"),
        (Validity.BROKEN, Tone.BAD, "Broken"),
        (Validity.EXPIRED, Tone.WARNING, "Expired"),
    ],
)
def test_each_worth_has_a_tone_and_a_word(validity: Validity, tone: Tone, word: str) -> None:
    assert verdict_of(Credentials(validity, Claim(signer="Ada")), None, "").tone is tone
    assert validity_words(validity).text() == word


def test_what_is_said_where_there_are_no_credentials() -> None:
    none = Credentials(Validity.NONE)
    assert "nothing about whether it is real" in words_of(none)
    assert "AI had a part" in words_of(none, None, "compositeWithTrainedAlgorithmicMedia")
    assert "how it was made" in words_of(none, None, "digitalCapture")
    assert "not signed" in words_of(none, None, "digitalCapture")
    assert "Nothing is fetched" in words_of(Credentials(Validity.NONE, problems=(ELSEWHERE,)))
    assert "looks like “party”" in words_of(none, COPY)
    assert "byte for byte" in words_of(none, MadeHere(HowKnown.DIGEST, ResultId("r"), "party"))


def test_why_credentials_cannot_be_read() -> None:
    assert "too large" in words_of(Credentials(Validity.BROKEN, problems=(TOO_LARGE,)))
    assert "cannot be told" in words_of(Credentials(Validity.BROKEN, problems=(FILE_TOO_LARGE,)))
    assert "cannot be read" in words_of(Credentials(Validity.BROKEN, problems=(UNREADABLE, "words")))
    assert "cannot be relied on" in words_of(Credentials(Validity.BROKEN, BARE, problems=("claim.malformed",)))


def test_another_certificate_of_the_users_is_not_called_the_programs_own() -> None:
    here = MadeHere(HowKnown.DIGEST, ResultId("r"), "party")
    assert "made for itself" in words_of(Credentials(Validity.VALID, BARE, is_ours=True), here)
    assert "made for itself" not in words_of(Credentials(Validity.VALID, BARE), here)


@pytest.mark.parametrize(
    ("validity", "claim", "made_here", "ledger", "label"),
    [
        (Validity.VALID, LABELLED, None, None, LabelFact.YES),
        (Validity.TRUSTED, BARE, None, None, LabelFact.NO),
        (Validity.VALID, Claim(generator="Paint 9", actions=LABELLED.actions), None, None, LabelFact.UNKNOWN),
        (Validity.TAMPERED, LABELLED, None, None, LabelFact.UNKNOWN),
        (Validity.NONE, None, COPY, True, LabelFact.YES),
        (Validity.NONE, None, COPY, False, LabelFact.NO),
        (Validity.NONE, None, COPY, None, LabelFact.UNKNOWN),
        (Validity.NONE, None, None, None, LabelFact.UNKNOWN),
    ],
)
def test_whether_there_is_a_label(
    validity: Validity, claim: Claim | None, made_here: MadeHere | None, ledger: bool | None, label: LabelFact
) -> None:
    assert label_of(Credentials(validity, claim), made_here, has_label=ledger) is label


def copy_of(parent: Claim | None, validity: Validity = Validity.VALID, *more: Action) -> Claim:
    ingredient = Ingredient("Target", "parentOf", validity, parent)
    return Claim(
        generator=OURS, actions=(Action("c2pa.opened"), Action("c2pa.transcoded"), *more), ingredients=(ingredient,)
    )


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        (copy_of(LABELLED), LabelFact.YES),
        (copy_of(BARE), LabelFact.NO),
        (copy_of(copy_of(LABELLED)), LabelFact.YES),
        (copy_of(LABELLED, Validity.TAMPERED), LabelFact.UNKNOWN),
        (copy_of(Claim(generator="Paint 9", actions=LABELLED.actions)), LabelFact.UNKNOWN),
        (copy_of(None, Validity.NONE), LabelFact.UNKNOWN),
        (copy_of(LABELLED, Validity.VALID, Action("c2pa.cropped")), LabelFact.UNKNOWN),
        (copy_of(BARE, Validity.VALID, Action(LABEL_ACTION)), LabelFact.YES),
    ],
)
def test_a_copy_in_another_format_has_the_label_of_what_was_copied(claim: Claim, label: LabelFact) -> None:
    assert label_of(Credentials(Validity.VALID, claim), None, has_label=None) is label


def test_a_story_tells_everything_in_order_and_nothing_twice() -> None:
    origin = Claim(
        signer="Camera", generator="Camera 1", actions=(Action("c2pa.created", source_type="digitalCapture"),)
    )
    claim = Claim(
        generator=OURS,
        signer="Ada",
        issuer="Trust Us",
        signed_at="2026-11-21T12:00:00Z",
        actions=(
            Action("c2pa.opened"),
            Action("c2pa.cropped", agent="Paint 9"),
            Action("com.example.magic"),
            Action("c2pa.edited", "Face swapped on this computer", OURS, "compositeWithTrainedAlgorithmicMedia"),
            Action(LABEL_ACTION),
        ),
        ingredients=(
            Ingredient("Target", "parentOf", Validity.VALID, origin),
            Ingredient("", "componentOf"),
            Ingredient("<b>cat</b>.jpg", "inputTo", Validity.TAMPERED),
        ),
    )
    steps = story_of(claim)
    assert [step.text.text() for step in steps] == [
        "Opened the target",
        "Put in a file",
        "Made from “<b>cat</b>.jpg”",
        "Cropped",
        "Action com.example.magic",
        "Face swapped on this computer",
        "A visible text was added",
        "Signed by Ada",
    ]
    assert [step.kind for step in steps[-2:]] == [StepKind.LABEL, StepKind.SIGNED]
    assert [step.text.text() for step in steps[0].origin] == ["Made", "Signed by Camera"]
    assert [detail.text() for detail in steps[5].details] == [f"With {OURS}", "Partly made by a trained network (AI)"]
    assert steps[2].details[0].text() == "It had been changed after it was signed"
    assert [detail.text() for detail in steps[-1].details] == [
        f"Credentials made with {OURS}",
        "Certificate issued by Trust Us",
    ]
    assert steps[-1].when == "2026-11-21T12:00:00Z"


def test_foreign_texts_stay_values_and_short() -> None:
    steps = story_of(Claim(signer="{0.__class__}\n" + "x" * 500, actions=(Action("c2pa.edited", "{oops}\x1b[31m"),)))
    assert steps[0].text.text() == "{oops} [31m"
    assert len(steps[1].text.text()) < 250
    assert "\n" not in steps[1].text.text()
    assert source_type_words("{made}\nup").text() == "{made} up"
