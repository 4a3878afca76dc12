"""The parts of the inspector and of the stage, with states put in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import (
    CaptureEvent,
    CaptureNote,
    CaptureTrouble,
    LiveFigures,
    LivePart,
    PanicPicture,
    Shown,
)
from faceswap_desktop.domain.live_cloud import CloudLiveState, LegFigures
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.live_state import LivePhase, LiveState
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.live.people_section import PeopleSection
from faceswap_desktop.ui.live.person_chip import PersonChip
from faceswap_desktop.ui.live.stage_words import Way, cloud_note, cloud_words_upon, note_of, words_upon
from faceswap_desktop.ui.live.start_sheet import StartOffer, StartSheet
from faceswap_desktop.ui.live.status_line import StatusLine
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.workers.live_requests import RecordedSoFar
from tests.ui.conftest import activate
from tests.ui.live.fed import LEFT, RIGHT, running


@pytest.fixture
def people(context: AppContext, qtbot: QtBot) -> PeopleSection:
    """Return the rows of people, alone."""
    tasks = Tasks(None, context.notifications)
    section = PeopleSection(Sources(context.library, tasks))
    qtbot.addWidget(section)
    section.show()
    return section


def chips(people: PeopleSection) -> list[PersonChip]:
    return sorted(people.findChildren(PersonChip), key=lambda one: one.number)


def chosen_in(people: PeopleSection) -> int | None:
    # A function, so that mypy does not take the answer for settled.
    return people.chosen


async def test_people_have_rows_that_stay_and_go(people: PeopleSection) -> None:
    people.show_state(running(LEFT, RIGHT, parts={2: LivePart(None, 5)}))
    everyone, one, two = chips(people)
    assert (everyone.part, one.part, two.part) == ("stays as it is", "stays as it is", "5 years older")
    assert two.accessibleName() == "Person 2, 5 years older"
    people.show_state(running(LEFT, parts={2: LivePart(None, 5)}))
    assert chips(people)[2] is two, "who has a part stays while they are away"
    assert two.accessibleName() == "Person 2, 5 years older, not in the picture"
    two.click()
    assert chosen_in(people) == 2
    people.show_state(running(LEFT))
    assert [one.number for one in chips(people) if not one.isHidden()] == [0, 1]
    assert chosen_in(people) is None
    assert one.part == "stays as it is"


async def test_a_second_click_lets_go(people: PeopleSection, qtbot: QtBot) -> None:
    people.show_state(running(LEFT))
    [_, one] = chips(people)
    one.click()
    assert (chosen_in(people), one.isChecked()) == (1, True)
    leave, own = (people.findChild(QAbstractButton, name) for name in ("live-leave", "live-as-everyone"))
    assert leave is not None
    assert own is not None
    assert leave.isEnabled()
    assert not own.isEnabled(), "there is no part of their own yet"
    with qtbot.waitSignal(people.leave_wanted) as left:
        leave.click()
    assert left.args == [1]
    one.click()
    assert (chosen_in(people), one.isChecked(), leave.isEnabled()) == (None, False, False)


async def test_arrows_go_through_the_people(people: PeopleSection) -> None:
    await activate(people)
    people.show_state(running(RIGHT, LEFT))
    everyone, one, two = chips(people)
    focused: list[int] = []
    people.person_focused.connect(focused.append)
    everyone.setFocus()
    for before, key, after in (
        (everyone, Qt.Key.Key_Down, one),
        (one, Qt.Key.Key_Down, two),
        (two, Qt.Key.Key_Down, everyone),
        (everyone, Qt.Key.Key_Up, two),
    ):
        QTest.keyClick(before, key)
        assert people.focusWidget() is after
    assert focused == [1, 2, 0, 2], "whom the keyboard stands on is who is meant"
    one.setFocus(Qt.FocusReason.MouseFocusReason)
    assert len(focused) == 4, "a click chooses by itself, and a second one lets go"
    assert [everyone.nextInFocusChain(), one.nextInFocusChain()] == [one, two]


@pytest.mark.parametrize(
    ("state", "has_camera", "title", "ways"),
    [
        (LiveState(), False, "No camera is connected", Way.FILE),
        (LiveState(), True, "Press Start to see yourself swapped", Way.FILE),
        (LiveState(phase=LivePhase.STARTING), True, "Starting…", Way.NONE),
        (
            LiveState(error=InputRefused(message("“cat.mp4” can no longer be read."))),
            True,
            "“cat.mp4” can no longer be read.",
            Way.RETRY | Way.FILE,
        ),
        (
            LiveState(phase=LivePhase.STARTING, trouble=CaptureNote(CaptureEvent.LOST, CaptureTrouble.DENIED)),
            True,
            "The system does not let this program use the camera.",
            Way.FILE,
        ),
    ],
)
def test_what_stands_in_the_picture_s_place(state: LiveState, has_camera: bool, title: str, ways: Way) -> None:
    note = note_of(state, has_camera=has_camera)
    assert note is not None
    assert (note.title, note.ways) == (title, ways)
    assert note.hint or ways is Way.RETRY | Way.FILE


LOST = CaptureNote(CaptureEvent.LOST, CaptureTrouble.UNPLUGGED)
OTHER_SIZE = CaptureNote(CaptureEvent.STARTED, None, None, message("The camera gives 640 × 480."))
GRACE = SourceFaceId("grace")
RECORDED = RecordedSoFar(61.0, 3_000_000, 1500, 2)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (running(LEFT, source="grace"), ""),
        (running(LEFT), "Choose a source face on the shelf: click it, or drag it onto a person."),
        (running(source="grace"), "Nobody is seen. Move into the light."),
        (replace(running(LEFT, source="grace"), loading=(GRACE,)), "Grace is being made ready…"),
        (
            replace(running(LEFT, source="grace"), failed=((GRACE, message("Its photo is gone.")),)),
            "Grace cannot be used. Its photo is gone.",
        ),
        (replace(running(LEFT, source="grace"), is_frozen=True), "Frozen: this picture stands for everybody."),
        (
            replace(running(LEFT), shown=Shown.REFUSED, why=message("Something was seen.")),
            "Something was seen.",
        ),
        (replace(running(LEFT, source="grace"), trouble=OTHER_SIZE), "The camera gives 640 × 480."),
        (replace(running(), panic=PanicPicture.BLACK), ""),
        (replace(running(LEFT), recording=RECORDED), "Your own face is recorded: choose a source face."),
        (
            replace(running(LEFT), virtual_camera="OBS"),
            "Other programs show your own face: choose a source face.",
        ),
        (replace(running(LEFT, source="grace"), recording=RECORDED), ""),
    ],
)
def test_what_is_said_upon_the_picture(state: LiveState, words: str) -> None:
    assert words_upon(state, {GRACE: "Grace"}.__getitem__) == words


def test_a_lost_camera_goes_before_everything_else() -> None:
    state = replace(running(LEFT), trouble=LOST, shown=Shown.STALLED)
    assert words_upon(state, str).startswith("The camera is not connected.")


async def test_the_status_line_tells_what_is_known(theme: ThemeManager, qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show_live(running(LEFT))
    assert line.text == "0 pictures per second"
    figures = LiveFigures(29.9, 24.4, 61.2, 98.0, 0.75)
    state = replace(
        running(LEFT), figures=figures, virtual_camera="OBS", recording=RecordedSoFar(61.0, 3_000_000, 1500, 2)
    )
    line.show_live(state)
    assert line.text == "24 pictures per second · 61 ms behind the camera · faces at 75 % · also in “OBS”"
    assert "95 of 100 within 98 ms" in line.toolTip()
    assert line.recording_text.startswith("1:01 · 2.9")
    line.show_live(replace(state, panic=PanicPicture.CARD, recording=None))
    assert line.text == "faces at 75 % · also in “OBS”"
    assert line.recording_text == ""
    line.show_live(LiveState())
    assert line.text == ""
    cloud = CloudLiveState("running", None, 125.0, 41.7, LegFigures(20.0, 19.6, 900.0, 1200.0, 84.0))
    line.show_cloud(cloud, "0:05 · 1 MB")
    assert line.text == "2:05 · about 41.7 credits · 20 pictures per second · round trip 84 ms"
    assert line.recording_text == "0:05 · 1 MB"


def test_words_of_a_session_at_a_service() -> None:
    said = {phase: cloud_words_upon(CloudLiveState(phase), "AKOOL", is_frozen=False) for phase in ("joining", "lost")}
    assert said["joining"].startswith("Joining…")
    assert "goes on and costs" in said["lost"]
    assert cloud_words_upon(CloudLiveState("running"), "AKOOL", is_frozen=False) == ""
    assert cloud_words_upon(CloudLiveState("running"), "AKOOL", is_frozen=True).startswith("Frozen")
    refused = CloudLiveState("running", refused=message("Something was seen."))
    assert cloud_words_upon(refused, "AKOOL", is_frozen=True) == "Something was seen."
    opening, running_note = cloud_note(CloudLiveState("opening"), "AKOOL"), cloud_note(CloudLiveState("running"), "A")
    assert opening is not None
    assert opening.title == "Opening a session at AKOOL…"
    assert running_note is None


async def test_the_sheet_says_what_it_costs_and_when_it_ends(theme: ThemeManager, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    offer = StartOffer("AKOOL", "credits", 20.0, ("service.example",), 340.0, 30, is_sandbox=False)
    sheet = StartSheet(parent, offer)
    assert sheet.windowTitle() == "Go live at AKOOL for about 20 credits per minute?"
    words = sheet.findChild(QWidget, "live-start-words")
    assert words is not None
    assert "At most about 600 credits." in words.accessibleName()
    assert "enough for about 17 minutes" in words.accessibleName()
    sheet.limit.setValue(0)
    assert "until you press Stop" in words.accessibleName()
    assert "service.example" in sheet.accessibleDescription()
    assert "camera and your microphone" in sheet.accessibleDescription()
