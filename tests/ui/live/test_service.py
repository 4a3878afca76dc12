"""Live at a service, as far as it goes without one: what is greyed, what is asked first, what was left open."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QAbstractButton, QWidget

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.storage.charges import Booking
from faceswap_desktop.storage.live_sessions import LiveSessionStore
from tests.ui import content
from tests.ui.conftest import until
from tests.ui.live.conftest import OnAir


def control(shown: OnAir, name: str) -> QWidget:
    found = shown.page.findChild(QWidget, name)
    assert found is not None, name
    return found


async def test_what_a_service_does_not_do_is_greyed_with_the_reason(shown: OnAir) -> None:
    page, settings = shown.page, shown.program.settings
    assert control(shown, "live-years-slider").isEnabled()
    await settings.update("live", provider="akool")
    await until(lambda: not control(shown, "live-years-slider").isEnabled())
    assert page.inspector.provider.hint.startswith("About 20 credits per minute.")
    for name in ("live-years-slider", "live-option-blend-slider", "live-when-lost", "live-virtual-camera"):
        assert not control(shown, name).isEnabled()
        assert "AKOOL" in control(shown, name).toolTip(), name
    assert page.stage.note.title == "No camera is connected"
    await settings.update("live", provider="on-device")
    await until(lambda: control(shown, "live-years-slider").isEnabled())
    assert page.inspector.provider.hint == "Free. Nothing leaves this computer."


async def test_without_a_source_face_nothing_is_opened(shown: OnAir) -> None:
    page, notices = shown.page, shown.window.notifications.history
    await shown.program.settings.update("live", provider="akool")
    page.receive_files([content.COLLINS])
    await until(lambda: page.stage.note.title == "Press Start to go live at AKOOL")
    shown.window.table.trigger("live.run")
    await until(lambda: any(one.text.startswith("Choose a source face") for one in notices))
    assert await shown.program.cloud_live.open_sessions() == []
    assert page.cloud.page is None


async def test_a_session_of_which_nobody_knows_is_shown_until_it_is_dismissed(shown: OnAir) -> None:
    store = LiveSessionStore(shown.program.database)
    session = Session(
        SessionId("one"), "akool", SessionState.UNCONFIRMED, created_at=time.time(), credits_before=340.0,
        credits_after=320.0,
    )  # fmt: skip
    booking = Booking(JobId("one"), "live", 1, "akool", 20.0, at=session.created_at)
    await store.begin(session, booking)
    shown.window.show_page("gallery")
    shown.window.show_page("live")
    await until(lambda: len(shown.page.sessions.sessions) == 1)
    words = control(shown, "live-session-1").accessibleName()
    assert "It may be open." in words
    assert "20 credits were taken meanwhile" in words
    dismiss = control(shown, "live-session-dismiss-1")
    assert isinstance(dismiss, QAbstractButton)
    assert not dismiss.isHidden()
    dismiss.click()
    await until(lambda: not shown.page.sessions.sessions)
    assert shown.page.sessions.isHidden()
    assert await shown.program.cloud_live.open_sessions() == []
