"""The people of a video in the inspector: who they are, where they are seen, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.video import VideoAnalysis
from faceswap_desktop.services.openings import AnalysisStatus
from faceswap_desktop.ui.dialogs.questions import TextDialog
from faceswap_desktop.ui.item_models.face_list import FaceRole, PersonRow
from faceswap_desktop.ui.studio.identities import seen_words
from tests.ui.canvas.pictures import plain_levels
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, Shown, by_hand
from tests.ui.studio.people import person, put_clip, three_people, times


def spoken(shown: Shown) -> list[str]:
    """Return what a screen reader says of each row."""
    model = shown.page.faces_model
    return [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]


def texts(menu: QMenu) -> list[str]:
    """Return the entries of a menu."""
    return [action.text() for action in menu.actions() if action.text()]


def trigger(menu: QMenu, words: str) -> None:
    """Choose an entry of a menu, also of those within."""
    for action in menu.actions():
        if action.text() == words:
            action.trigger()
            return
        inside = action.menu()
        if isinstance(inside, QMenu) and any(one.text() == words for one in inside.actions()):
            trigger(inside, words)
            return
    raise AssertionError(f"no entry {words!r} in {texts(menu)}")


def analysis_of(shown: Shown) -> VideoAnalysis:
    """Return who is in the current video."""
    current = shown.program.studio.current
    assert current is not None
    assert current.analysis is not None
    return current.analysis


async def test_a_card_says_who_where_and_what(shown: Shown, tmp_path: Path) -> None:
    key = put_clip(shown.program.studio, tmp_path / "clip.mp4", three_people())
    await until(lambda: shown.page.faces_model.rowCount() == 3)
    assert spoken(shown) == [
        "Person 1, in 120 frames, 0:00–0:04, Stays as it is",
        "Person 2, in 250 frames, 0:00–0:10, Stays as it is",
        "Person 3, in 90 frames, 0:06–0:09, Stays as it is",
    ]
    named = replace(person(1, (0, 50), (100, 150)), name="Grace")
    shown.program.studio.set_analysis(key, three_people().changed(named))
    await until(lambda: "Grace, in 100 frames, 0:00–0:06, 2×, Stays as it is" in spoken(shown))


def test_where_somebody_is_seen_in_words() -> None:
    assert seen_words(person(0, (0, 1)), times()) == "in 1 frame, 0:00–0:00"
    assert seen_words(person(0, (0, 40), (40, 90)), times()) == "in 90 frames, 0:00–0:03"
    assert seen_words(replace(person(0, (0, 40)), frames=1234), times()) == "in 1,234 frames, 0:00–0:01"


async def test_a_number_on_a_card_pairs_the_person_everywhere(working: Shown, tmp_path: Path) -> None:
    shown = working
    await shown.with_sources(COLLINS)
    shown.page.stage._pixels._keep(str(tmp_path / "clip.mp4"), plain_levels(Size(320, 180)))
    put_clip(shown.program.studio, tmp_path / "clip.mp4", three_people())
    await until(lambda: shown.page.faces_model.rowCount() == 3)
    view = shown.page.inspector.faces.view
    view.setFocus()
    view.setCurrentIndex(view.model().index(1, 0))
    await by_hand(partial(QTest.keyClick, view, Qt.Key.Key_1))
    assert [ref.face for ref in shown.program.studio.board.pairings] == [1]
    await until(lambda: spoken(shown)[1].endswith("becomes eileen_collins"))
    await by_hand(partial(QTest.keyClick, view, Qt.Key.Key_Delete))
    assert not shown.program.studio.board.pairings


async def test_hidden_people_wait_behind_a_button(shown: Shown, tmp_path: Path) -> None:
    put_clip(shown.program.studio, tmp_path / "clip.mp4", three_people())
    button = shown.page.findChild(QPushButton, "people-hidden")
    assert isinstance(button, QPushButton)
    assert button.isHidden()
    trigger(shown.page.menus.face_menu(1), "Hide")
    trigger(shown.page.menus.face_menu(2), "Hide")
    await until(lambda: shown.page.faces_model.rowCount() == 1)
    assert (button.isHidden(), button.text()) == (False, "Show hidden (2)")
    assert texts(shown.page.identities.hidden_menu()) == ["Show Person 2", "Show Person 3", "Show all"]
    trigger(shown.page.identities.hidden_menu(), "Show all")
    await until(lambda: shown.page.faces_model.rowCount() == 3)
    assert shown.page.undo_stack is not None
    shown.page.undo_stack.undo()
    await until(lambda: shown.page.faces_model.rowCount() == 1)


async def test_the_menu_merges_into_whom_is_seen_more(shown: Shown, tmp_path: Path) -> None:
    put_clip(shown.program.studio, tmp_path / "clip.mp4", three_people())
    menu = shown.page.menus.face_menu(2)
    assert {"Rename…", "Is the same person as", "Is somebody else from this frame on", "Hide"} <= set(texts(menu))
    split = next(one for one in menu.actions() if one.text().startswith("Is somebody else"))
    assert not split.isEnabled(), "person 3 is not seen before the first frame"
    trigger(menu, "Person 1")
    assert [one.index for one in analysis_of(shown).identities] == [0, 1]
    assert analysis_of(shown).look_alikes == ()


async def test_a_person_is_named(shown: Shown, tmp_path: Path) -> None:
    put_clip(shown.program.studio, tmp_path / "clip.mp4", three_people())
    trigger(shown.page.menus.face_menu(0), "Rename…")
    await until(lambda: shown.page.window().findChild(TextDialog) is not None)
    dialog = shown.page.window().findChild(TextDialog)
    assert isinstance(dialog, TextDialog)
    dialog.field.setText("Eileen & co")
    dialog.accept()
    await until(lambda: spoken(shown)[0].startswith("Eileen & co, "))
    assert shown.page.undo_stack is not None
    assert shown.page.undo_stack.undoText() == "rename Person 1"


@pytest.mark.parametrize(
    ("status", "fraction", "words"),
    [
        (AnalysisStatus.RUNNING, 0.4, "Looking for people: 40 %. Meanwhile the video can be watched."),
        (AnalysisStatus.PAUSED, 0.7, "Looking for people is paused at 70 %. Go on below the video."),
        (
            AnalysisStatus.FAILED,
            0.1,
            "It could not be looked through: the video can be watched, but nobody can be paired.",
        ),
    ],
)
async def test_what_is_known_while_people_are_looked_for(
    shown: Shown, tmp_path: Path, status: AnalysisStatus, fraction: float, words: str
) -> None:
    key = put_clip(shown.program.studio, tmp_path / "clip.mp4", None)
    shown.program.studio.update(key, analysis_status=status, analysis_fraction=fraction)
    view, card = shown.page.inspector.faces.view, shown.page.inspector.card
    await until(lambda: view._placeholder == words)
    await until(lambda: shown.page.preflight.plan.looking == (0.4 if status is AnalysisStatus.RUNNING else None))
    facts = card._facts.text()
    assert not card.button.isEnabled()
    assert ("40 %" in facts) == (status is AnalysisStatus.RUNNING)


async def test_a_video_without_people_says_so(shown: Shown, tmp_path: Path) -> None:
    put_clip(shown.program.studio, tmp_path / "clip.mp4", replace(three_people(), identities=(), look_alikes=()))
    await until(lambda: shown.page.inspector.faces.view._placeholder.startswith("Nobody was found in this video."))


async def test_a_picture_has_faces_and_no_people(working: Shown, tmp_path: Path) -> None:
    key = put_clip(working.program.studio, tmp_path / "clip.mp4", three_people())
    await until(lambda: isinstance(working.page.faces_model.index(0).data(FaceRole.PERSON), PersonRow))
    working.program.studio.close_picture(key)
    await working.opened(COLLINS)
    assert working.page.faces_model.index(0).data(FaceRole.PERSON) is None
    assert spoken(working) == ["Face 1 of 1, top centre, stays as it is"]
