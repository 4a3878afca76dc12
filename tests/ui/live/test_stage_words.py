"""What the stage says of a session that failed."""

from __future__ import annotations

import pytest

from faceswap_desktop.domain.live_cloud import CloudLiveState, Session, SessionId, SessionState
from faceswap_desktop.services import live_troubles
from faceswap_desktop.ui.live.stage_words import Way, cloud_note


@pytest.mark.parametrize(
    ("state", "in_sandbox", "hint"),
    [
        (SessionState.CLOSED, True, "The session is closed. It was one of the sandbox, and cost nothing."),
        (SessionState.CLOSED, False, "The session is closed, and costs nothing any more."),
        (SessionState.CLOSING, False, ""),
    ],
)
def test_what_became_of_a_session_that_failed(state: SessionState, in_sandbox: bool, hint: str) -> None:
    session = Session(SessionId("one"), "akool", state, in_sandbox=in_sandbox)
    note = cloud_note(CloudLiveState("off", session, error=live_troubles.NO_PICTURE), "AKOOL")
    assert note is not None
    assert (note.title, note.hint, note.ways) == (live_troubles.NO_PICTURE.text(), hint, Way.RETRY)
