"""Refusal by what was seen, and its end; and the thread that looks."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.vision import sensitive
from faceswap_desktop.workers.live_watch import CLEAN_LOOKS, CLEAN_S, LiveWatch, Verdict
from tests.scripted_looks import REFUSED
from tests.unit.workers.live_run import until

CLEAN = np.full((120, 160, 3), 90, np.uint8)
NASTY = np.full((120, 160, 3), REFUSED, np.uint8)


def refused(verdict: Verdict) -> bool:
    return verdict.is_refused


def test_one_hit_refuses_until_it_has_been_clean_for_long_and_often_enough() -> None:
    verdict = Verdict()
    verdict.note(is_over=False, now_s=1.0)
    assert not refused(verdict)
    verdict.note(is_over=True, now_s=2.0)
    assert refused(verdict)
    for number in range(CLEAN_LOOKS * 2):  # often, but not for long
        verdict.note(is_over=False, now_s=2.0 + number * 0.1)
        assert refused(verdict)
    verdict.note(is_over=False, now_s=2.0 + CLEAN_S + 0.01)
    assert not refused(verdict)


def test_a_long_time_without_looks_is_no_proof() -> None:
    verdict = Verdict()
    verdict.note(is_over=True, now_s=0.0)
    for number in range(CLEAN_LOOKS - 1):
        verdict.note(is_over=False, now_s=100.0 + number)
        assert refused(verdict)
    verdict.note(is_over=False, now_s=200.0)
    assert not refused(verdict)


def test_another_hit_begins_the_wait_anew() -> None:
    verdict = Verdict()
    verdict.note(is_over=True, now_s=0.0)
    for number in range(20):
        verdict.note(is_over=False, now_s=number * 0.14)
    verdict.note(is_over=True, now_s=2.9)
    for number in range(20):
        verdict.note(is_over=False, now_s=2.9 + number * 0.14)
    assert refused(verdict)


def test_what_was_refused_before_the_watch_began_stays_refused_for_a_while() -> None:
    assert Verdict(5.0).is_refused


def test_camera_and_picture_are_both_looked_at(scores: list[float]) -> None:
    told: list[bool] = []
    watch = LiveWatch(told.append)
    try:
        watch.show(CLEAN, None)
        assert watch.wait_for_first_look(60.0)
        assert told == [False]

        def is_refused() -> bool:
            watch.show(CLEAN, NASTY)
            return told[-1]

        until(is_refused, "a hit in the picture that was made")
        assert len(scores) >= 2
    finally:
        watch.close()


def test_another_scene_is_looked_at_without_waiting_for_its_turn(scores: list[float]) -> None:
    told: list[bool] = []
    watch = LiveWatch(told.append)
    try:
        watch.show(CLEAN, CLEAN)
        assert watch.wait_for_first_look(60.0)
        watch.show(NASTY, CLEAN, is_urgent=True)
        until(lambda: told[-1], "the look at the new scene")
        assert len(scores) == 2
    finally:
        watch.close()


def test_what_ends_the_looking_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def broken(_picture: NDArray[np.uint8]) -> float:
        asked.set()
        raise RuntimeError("no checkpoint")

    monkeypatch.setattr(sensitive, "score", broken)
    watch = LiveWatch(lambda _is_refused: None)
    watch.show(CLEAN, None)
    assert watch.wait_for_first_look(60.0)
    assert asked.is_set()
    with pytest.raises(RuntimeError, match="no checkpoint"):
        watch.show(CLEAN, None)
    watch.close()
