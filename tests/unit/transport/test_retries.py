"""How long to wait before a free call is made again."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.transport.retries import RetryRule, retry_after_s, seconds_of_date

RULE = RetryRule(tries=5, first_s=1.0, longest_s=30.0)


@given(st.integers(1, 4))
def test_waits_double_and_are_half_chance(failures: int) -> None:
    wait_s = RULE.wait_s(failures)
    assert wait_s is not None
    assert 2 ** (failures - 1) / 2 <= wait_s <= 2 ** (failures - 1)


def test_after_the_last_try_it_is_given_up() -> None:
    assert RULE.wait_s(5) is None
    assert RULE.wait_s(4) is not None


def test_no_wait_of_our_own_is_longer_than_the_longest() -> None:
    assert all((RetryRule(100, 1.0, 30.0).wait_s(failures) or 0) <= 30.0 for failures in range(1, 100))


def test_what_a_service_asks_for_is_obeyed_or_handed_on() -> None:
    assert RULE.wait_s(1, 12.0) == 12.0
    assert RULE.wait_s(1, 31.0) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12.0), ("0", 0.0), ("1.5", 1.5), ("", 0.0), ("soon", 0.0), ("-5", 0.0), ("nan", 0.0), ("inf", 0.0),
        ("1e3", 0.0), ("٣", 0.0), ("²", 0.0), ("999999999999999999999", 86400.0), ("Wed, 99 Foo 2026", 0.0), (".", 0.0),
    ],
)  # fmt: skip
def test_seconds_are_read(value: str, seconds: float) -> None:
    assert retry_after_s({"retry-after": value}) == seconds


@pytest.mark.parametrize("skew_s", [0, 3600, -86400 * 365])
def test_a_date_is_held_against_the_service_s_own_clock(skew_s: int) -> None:
    now = time.time() + skew_s
    headers = {"date": formatdate(now, usegmt=True), "retry-after": formatdate(now + 30, usegmt=True)}
    assert retry_after_s(headers) == 30.0


def test_a_date_in_the_past_asks_for_nothing() -> None:
    assert retry_after_s({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0


@pytest.mark.parametrize("value", ["", "x", "Mon, 00 Jan 0000 00:00:00 GMT", "Fri, 31 Feb 2026 25:61:61 GMT"])
def test_what_is_no_date_is_none(value: str) -> None:
    assert seconds_of_date(value) == 0.0


def test_a_date_is_read() -> None:
    assert seconds_of_date("Thu, 01 Jan 1970 00:01:40 GMT") == 100.0
