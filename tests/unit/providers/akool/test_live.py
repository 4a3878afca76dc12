"""Live sessions: what is read, and the app id within the token."""

from typing import Any

import pytest

from faceswap_desktop.providers.akool.live import app_id_of, read_session
from faceswap_desktop.providers.akool.reading import BrokenAnswerError
from tests.contract.akool_tokens import APP_ID, a_token

SESSION: dict[str, Any] = {
    "_id": "684f8fb744b8795862e45cbe",
    "faceswap_status": 1,
    "front_user_id": "1",
    "algorithm_user_id": "3",
    "channel_id": "20250616032959101_8224",
    "app_id": "",
}


def test_the_app_id_is_in_the_token() -> None:
    assert app_id_of(a_token()) == APP_ID
    assert read_session({**SESSION, "front_rtc_token": a_token()}).app_id == APP_ID


@pytest.mark.parametrize(
    "token",
    ["", "006abc", "007", "007####", "007" + "A" * 40, a_token("z" * 32), a_token("short"), a_token()[:40]],
)
def test_tokens_that_are_none(token: str) -> None:
    with pytest.raises(BrokenAnswerError):
        app_id_of(token)


@pytest.mark.parametrize("name", ["_id", "faceswap_status", "front_user_id", "front_rtc_token", "channel_id"])
def test_nothing_may_be_missing(name: str) -> None:
    whole = {**SESSION, "front_rtc_token": a_token()}
    read_session(whole)
    with pytest.raises(BrokenAnswerError):
        read_session({key: value for key, value in whole.items() if key != name})


def test_who_publishes_the_swapped_picture_may_be_left_open() -> None:
    whole = {**SESSION, "front_rtc_token": a_token(), "algorithm_user_id": "", "front_user_id": 7}
    session = read_session(whole)
    assert (session.front_user_id, session.algorithm_user_id) == (7, None)
