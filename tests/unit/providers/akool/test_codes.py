"""Every code of AKOOL's texts: what it means, and what is done about it."""

import re

import pytest

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.providers.akool import codes
from faceswap_desktop.providers.akool.codes import CODES, CodeKind, refusal

SEEDS = {
    1003: ("input", "parameter"),
    1005: ("rate-limited", "too often"),
    1006: ("credits", "quota"),
    1007: ("input", "at most 8 faces"),
    1101: ("account", "expired"),
    1102: ("account", "no key"),
    1104: ("credits", "too few credits"),
    1200: ("account", "banned"),
}
"""Of the face swap, live and reage pages."""

OTHERS = {
    **dict.fromkeys((1009, 1109), "account"),
    **dict.fromkeys((1004, 1103, 1213, 1221), "credits"),
    **dict.fromkeys((1008, 1013, 1014, 1202, 1203, 1204, 1207, 1208, 1209, 1210), "input"),
    **dict.fromkeys((1010, 1011, 1015, 1016, 1017, 1105, 1108, 1110, 1111, 1112, 1201, 1205, 1206), "failed"),
    **dict.fromkeys((1211, 1212, *range(1214, 1221), 1222, 1223), "failed"),
    2001: "server-error",
}
"""Of AKOOL's list of all codes; 2001 of the head swap's page."""


@pytest.mark.parametrize("code", SEEDS)
def test_each_code_of_the_pages(code: int) -> None:
    kind, words = SEEDS[code]
    error = refusal(code, "their words", request_id="r-1")
    assert error.kind == kind
    assert words in str(error)
    assert (error.provider_id, error.request_id) == ("akool", "r-1")
    assert error.hint is not None
    assert isinstance(error, ProviderUnavailable) == (kind == "rate-limited")


@pytest.mark.parametrize("code", OTHERS)
def test_each_code_of_the_list_of_all_codes(code: int) -> None:
    error = refusal(code)
    assert error.kind == OTHERS[code]
    assert isinstance(error, ProviderUnavailable) == (OTHERS[code] == "server-error")


def test_no_code_is_missing() -> None:
    assert CODES.keys() == {*SEEDS, *OTHERS}
    assert {meaning.kind for meaning in CODES.values()} == set(CodeKind)


def test_a_refusal_for_being_called_too_often_says_when_to_come_again() -> None:
    for is_paid in (False, True):
        error = refusal(1005, is_paid=is_paid)
        assert (error.kind, error.retry_after_s) == ("rate-limited", codes.RATE_LIMIT_WAIT_S)


def test_a_server_that_fails_in_a_paid_call_leaves_it_open() -> None:
    assert refusal(2001, is_paid=True).kind == "unconfirmed"
    assert refusal(1016, is_paid=True).kind == "failed"
    assert refusal(1016, is_paid=True, status=500).kind == "unconfirmed"
    assert refusal(4711, is_paid=True, status=502).kind == "unconfirmed"
    assert refusal(1006, is_paid=True, status=500).kind == "credits"


def test_an_unknown_code_is_shown_with_akools_words_as_plain_text() -> None:
    error = refusal(4711, "<b>no</b>\x00\n" + "x" * 500)
    assert isinstance(error, ProviderRejected)
    assert error.kind == "failed"
    assert error.message.values["code"] == 4711
    said = str(error.message.values["said"])
    assert said.startswith("<b>no</b> xx")
    assert len(said) <= 200


def test_words_of_akool_never_stand_in_a_template() -> None:
    error = refusal(1003, "{evil} 100%")
    assert "{evil}" not in error.message.template
    assert "{evil} 100%" in error.message.text()


def test_sentences_are_sentences() -> None:
    for meaning in CODES.values():
        assert re.fullmatch(r"[A-Z].*\.", meaning.sentence.text())
        assert meaning.hint is not None
        assert meaning.hint.text().endswith(".")
