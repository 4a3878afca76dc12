"""Before a video runs: what it becomes, what may go wrong, and the contact sheet. With real workers and a real clip."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe, SourceRef, VideoCodec, VideoContainer
from faceswap_desktop.domain.video import FrameRange, HardFrame, HardReason
from faceswap_desktop.services.studio import AnalysisStatus
from faceswap_desktop.services.swapping import target_of
from faceswap_desktop.ui.studio.contact_sheet import ContactSheet, SheetRole
from faceswap_desktop.ui.studio.plan import Plan
from faceswap_desktop.ui.studio.sheet_frames import MOST_FRAMES, frames_for
from faceswap_desktop.ui.studio.take_up import take_up
from faceswap_desktop.ui.studio.video_plan import VideoOutlook, hard_words
from tests.clips import make_clip, two_people
from tests.ui.conftest import until
from tests.ui.studio.conftest import HOPPER, Shown, by_hand
from tests.ui.studio.people import FRAMES, MEDIA, clip_media, face, person, three_people, times


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a moment with two people."""
    path = tmp_path_factory.mktemp("clips") / "two.mkv"
    make_clip(path, [two_people(0.6, 0.5)], size=(480, 270), rate=20.0)
    return path


def a_recipe(**changes: object) -> Recipe:
    """Return a recipe that pairs the second of three people."""
    analysis = three_people()
    source = SourceRef(SourceFaceId("anna"), "Anna", (PhotoId("p"),))
    paired = FacePairing(target_of(face(1), analysis), source)
    made = Recipe("on-device", clip_media(Path("/videos/clip.mp4")), (paired,))
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_a_video_becomes_in_words() -> None:
    recipe = a_recipe()
    outlook = VideoOutlook.of(recipe, "MP4", ()).with_people(recipe, three_people())
    assert outlook.becomes == "MP4, H.264, no sound"
    assert outlook.length_words() == "250 frames, 0:10"
    assert (outlook.people_words(), outlook.hard) == ("2 stay as they are", 1)
    trimmed = a_recipe(trim=FrameRange(50, 150), ages=(FaceAge(target_of(face(0), three_people()), 9),))
    outlook = VideoOutlook.of(trimmed, "MKV", ("Nothing.",)).with_people(trimmed, three_people())
    assert (outlook.length_words(), outlook.people_words()) == ("100 frames, 4.0 s", "1 stays as it is")
    assert outlook.lost == ("Nothing.",)


def test_only_the_hard_frames_of_who_changes_and_of_the_part_count() -> None:
    analysis = replace(
        three_people(),
        hard_frames=(
            HardFrame(90, 1, HardReason.POSE, 0.9),
            HardFrame(95, 1, HardReason.BLUR, 0.5),
            HardFrame(200, 2, HardReason.BLUR, 0.8),
            HardFrame(10, 0, HardReason.SMALL, 0.2),
        ),
    )
    assert hard_words(analysis, {1}, None) == [
        "Person 2 is turned far away, blurred in places: the swap fades out there."
    ]
    assert hard_words(analysis, {0}, None) == [], "a little small is no reason to warn"
    assert hard_words(analysis, {2}, None) == ["Person 3 is blurred in places."]
    assert hard_words(analysis, {1, 2}, FrameRange(150, 250)) == ["Person 3 is blurred in places."]


def test_the_sheet_has_the_hardest_first_and_is_never_empty() -> None:
    hard = frames_for(three_people(), {1, 2}, None, times())
    assert [(one.frame, one.identity, one.words, one.where) for one in hard] == [
        (90, 1, "Turned far away", "Person 2 · 0:03.60"),
        (200, 2, "Blurred", "Person 3 · 0:08.00"),
    ]
    spread = frames_for(three_people(), {0, 2}, FrameRange(100, FRAMES), times())
    assert [one.reason for one in spread if one.frame == 200] == [HardReason.BLUR]
    easy = replace(three_people(), hard_frames=())
    spread = frames_for(easy, {0, 2}, FrameRange(100, 200), times())
    assert len(spread) == MOST_FRAMES
    assert {one.identity for one in spread} == {0, 2}
    assert {one.words for one in spread} == {""}, "nothing is said a dozen times over"
    for one in spread:
        identity = easy.identity(one.identity)
        assert identity is not None
        assert any(one.frame in span for span in identity.spans)
        assert one.frame in FrameRange(100, 200)


@pytest.mark.parametrize(("seconds", "hard", "is_worth"), [(29.0, 3, False), (31.0, 3, True), (31.0, 0, False)])
def test_a_long_run_is_worth_a_look_first(seconds: float, hard: int, *, is_worth: bool) -> None:
    outlook = replace(VideoOutlook.of(a_recipe(), "MP4", ()), hard=hard)
    assert Plan(seconds=seconds, videos=(outlook,)).is_worth_a_look is is_worth


async def test_a_recipe_comes_back_with_ages_trim_and_whoever_it_is_today(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    studio.set_ages({TargetFaceRef(MEDIA, 2): 4})
    recipe = a_recipe(trim=FrameRange(20, 90), ages=(FaceAge(target_of(face(1), three_people()), -12),))
    # The second was merged into the third meanwhile: its tracks belong to that one now.
    third = replace(person(2, (150, 240)), parts=(*person(1, (0, 250)).parts, *person(2, (150, 240)).parts))
    today = replace(three_people(), identities=(person(0, (0, 120)), third))
    take_up(studio, stack, recipe, today)
    key = str(Path(recipe.media.path).absolute())
    assert dict(studio.board.pairings) == {TargetFaceRef(MEDIA, 2): "anna"}
    assert dict(studio.ages) == {TargetFaceRef(MEDIA, 2): -12}
    assert studio.trim_of(key) == FrameRange(20, 90)
    assert [one.key for one in studio.pictures] == [key]
    assert stack.count() == 1
    stack.undo()
    assert (dict(studio.board.pairings), dict(studio.ages)) == ({}, {TargetFaceRef(MEDIA, 2): 4})
    assert studio.trim_of(key) is None


async def test_from_pairing_to_the_sheet_and_to_a_frame(working: Shown, clip: Path) -> None:
    page, studio, card = working.page, working.program.studio, working.page.inspector.card
    await working.with_sources(HOPPER)
    page.incoming.open([clip])
    await until(lambda: (one := studio.current) is not None and one.analysis_status is AnalysisStatus.DONE, 120)
    await until(lambda: page.faces_model.rowCount() == 2, 10)
    # The sheet says what is missing.
    page.sheets.open()
    await until(lambda: working.window.notifications.history, 10)
    assert working.window.notifications.history[-1].text.startswith("Pair somebody in this video")
    page.gestures.pair_number(0, 0)
    await until(lambda: page.preflight.plan.videos, 30)
    plan = page.preflight.plan
    assert (plan.faces, plan.changes, card.button.text()) == (1, 1, "Swap 1 face")
    assert card._facts.text().startswith("12 frames, 0.6 s · about")
    assert card._video.text() == "MKV, H.264, no sound"
    assert card._where.text() == "1 stays as it is · nothing leaves this computer"
    # What is set is what is said.
    update = working.program.settings.update
    await update("cluster", address="tcp://render.example:8786")
    await update("output", video_codec=VideoCodec.HEVC, video_container=VideoContainer.MP4)
    await until(lambda: card._where.text() == "Frames leave this computer, to tcp://render.example:8786", 30)
    await until(lambda: card._video.text() == "MP4, HEVC, no sound", 30)
    await update("output", video_container=VideoContainer.WEBM)
    await until(lambda: not card.button.isEnabled(), 30)
    assert "WEBM" in card._warning.text()
    await update("output", video_codec=VideoCodec.H264, video_container=VideoContainer.SAME)
    await update("cluster", address="")
    await until(card.button.isEnabled, 30)
    # The sheet, rendered one by one; C shows what was; a card leads to its frame.
    working.window.table.trigger("studio.hardest-frames")
    await until(lambda: page.findChild(ContactSheet) is not None, 30)
    sheet = page.findChild(ContactSheet)
    assert isinstance(sheet, ContactSheet)
    await until(lambda: sheet._maker.frames and all(one.is_done for one in sheet._maker.frames), 90)
    first = sheet.model.index(0).data(SheetRole.FRAME)
    assert first.before is not None
    assert first.after is not None
    assert first.before.toImage() != first.after.toImage()
    sheet.cards.setFocus()
    await by_hand(partial(QTest.keyPress, sheet.cards, Qt.Key.Key_C))
    assert sheet.model.index(0).data(SheetRole.SHOWS_BEFORE)
    await by_hand(partial(QTest.keyRelease, sheet.cards, Qt.Key.Key_C))
    assert not sheet.model.index(0).data(SheetRole.SHOWS_BEFORE)
    last = sheet.model.index(sheet.model.rowCount() - 1)
    wanted = last.data(SheetRole.FRAME).frame
    sheet.cards.setCurrentIndex(last)
    await by_hand(partial(QTest.keyClick, sheet.cards, Qt.Key.Key_Return))
    await until(lambda: page.video.frame == wanted, 10)
    await until(lambda: page.findChild(ContactSheet) is None, 10)


async def test_a_sheet_that_is_closed_renders_no_further(working: Shown, clip: Path) -> None:
    page, studio = working.page, working.program.studio
    await working.with_sources(HOPPER)
    page.incoming.open([clip])
    await until(lambda: (one := studio.current) is not None and one.analysis_status is AnalysisStatus.DONE, 120)
    await until(lambda: page.faces_model.rowCount() == 2, 10)
    page.gestures.pair_number(0, 0)
    await until(lambda: page.preflight.plan.videos, 30)
    page.sheets.open()
    await until(lambda: page.findChild(ContactSheet) is not None, 30)
    sheet = page.findChild(ContactSheet)
    assert isinstance(sheet, ContactSheet)
    assert page.tasks.is_running("sheet")
    assert sheet._maker.done < len(sheet._maker.frames)
    sheet.reject()
    await until(lambda: not page.tasks.is_running("sheet"), 10)
