"""Live at a service: the words and times on which several parts rely."""

from __future__ import annotations

from faceswap_desktop.domain.live import CaptureTrouble
from faceswap_desktop.domain.live_cloud import (
    JOIN_LIMIT_S,
    LONGEST_SESSION_S,
    REJOIN_LIMIT_S,
    RENEW_BEFORE_S,
    CloudLiveState,
    LegError,
    LegTrouble,
    Session,
    SessionId,
    SessionState,
)


def test_a_session_is_renewed_while_there_is_time_to_join_and_to_wait() -> None:
    assert JOIN_LIMIT_S * 2 + REJOIN_LIMIT_S < RENEW_BEFORE_S < LONGEST_SESSION_S


def test_a_session_costs_nothing_and_is_not_open_before_it_is_said() -> None:
    session = Session(SessionId("a"), "akool", SessionState.CREATING)
    assert (session.remote_id, session.price, session.opened_at, session.credits_before) == ("", 0.0, 0.0, None)
    assert CloudLiveState().session is None
    assert CloudLiveState().phase == "off"


def test_a_leg_tells_why_and_what_the_page_said() -> None:
    error = LegError(LegTrouble.TIMEOUT, "no answer")
    assert (error.trouble, error.text, str(error)) == (LegTrouble.TIMEOUT, "no answer", "timeout: no answer")


def test_a_camera_has_the_same_troubles_at_a_service_as_here() -> None:
    here = {trouble.value for trouble in CaptureTrouble}
    there = {LegTrouble.NO_CAMERA, LegTrouble.IN_USE, LegTrouble.NO_MICROPHONE}
    assert {trouble.value for trouble in there} <= here
