"""How results were marked, on their cards and in their details."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.ui.gallery.mark_words import badge_of, mark_facts
from faceswap_desktop.ui.gallery.words import describe_result, result_facts
from tests.unit.services.conftest import a_recipe

SIGNED = ResultMark(has_label=True, signer=SignerKind.INSTALLATION, signed_at=1.7e9)


def a_result(mark: ResultMark | None) -> JobResult:
    return JobResult(ResultId("r"), JobId("j"), "/results/party.jpg", a_recipe(), 10, 10, 100, 1.7e9, 1.0, 1, mark=mark)


def test_a_result_from_before_says_nothing_of_marks(qapp: QApplication) -> None:
    assert badge_of(None) is None
    assert mark_facts(None, "") == []
    assert "signed" not in describe_result(a_result(None))
    assert {"Credentials", "Visible label"} & {word for word, _ in result_facts(a_result(None))} == set()


def test_signed_and_unsigned_differ_in_shape_and_words(qapp: QApplication) -> None:
    assert badge_of(SIGNED) == ("verify", "Content Credentials")
    assert badge_of(ResultMark()) == ("unsigned", "Not signed yet")
    assert "Content Credentials" in describe_result(a_result(SIGNED)).split(" · ")
    assert "Not signed yet" in describe_result(a_result(ResultMark())).split(" · ")
    facts = dict(result_facts(a_result(ResultMark())))
    assert (facts["Credentials"], facts["Visible label"]) == ("Not signed yet", "no")
    assert dict(result_facts(a_result(SIGNED)))["Visible label"] == "yes"


@pytest.mark.parametrize(
    ("signer", "words"),
    [
        (SignerKind.INSTALLATION, "Valid when signed, today, with this program's certificate"),
        (SignerKind.OWN, "Valid when signed, today, with your certificate"),
        (SignerKind.REMOTE, "Valid when signed, today, by a signing service"),
    ],
)
def test_who_signed_is_told(qapp: QApplication, signer: SignerKind, words: str) -> None:
    assert mark_facts(ResultMark(signer=signer, signed_at=1.7e9), "today")[0] == ("Credentials", words)
    beside = ResultMark(signer=signer, signed_at=1.7e9, sidecar="/results/party.c2pa")
    assert mark_facts(beside, "today")[0][1] == f"{words}. They are in a file beside it."
