import pickle

import pytest

from faceswap_desktop.domain.errors import ContentRefused, ExitCode, ProviderRejected
from faceswap_desktop.domain.messages import FOREIGN_LIMIT, foreign, message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no face", "no face"),
        ("  two\r\n\tlines\x00 ", "two lines"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("\x1b[31mred", "[31mred"),
        (7, "7"),
        ({"a": "\n"}, "{'a': '\\n'}"),
        ("", ""),
    ],
)
def test_texts_from_outside_are_one_plain_line(text: object, shown: str) -> None:
    assert foreign(text) == shown


def test_long_texts_from_outside_are_cut() -> None:
    assert foreign("x" * FOREIGN_LIMIT) == "x" * FOREIGN_LIMIT
    cut = foreign("<b>" * 10_000_000)
    assert len(cut) == FOREIGN_LIMIT
    assert cut.endswith("…")


def test_places_in_a_text_from_outside_stay_as_they_are() -> None:
    assert message("It says: {detail}", detail=foreign("{detail.__class__}")).text() == "It says: {detail.__class__}"


def test_refused_content_ends_as_refused_content() -> None:
    error = ContentRefused(message("No."), provider_id="aigs", request_id="r")
    assert (error.kind, error.exit_code) == ("sensitive", ExitCode.CONSENT)
    assert isinstance(error, ProviderRejected)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.kind, again.request_id) == (ContentRefused, "sensitive", "r")
