"""Steps of undo on who is who in a video, and on ages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QUndoCommand, QUndoStack

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.video import VideoAnalysis
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.undo.ages import AgesCommand
from faceswap_desktop.ui.undo.identities import (
    hide_identities,
    keep_apart,
    merge_identities,
    rename_identity,
    split_identity,
)
from tests.ui.studio.people import MEDIA, face, put_clip, three_people

ANNA, BEN = SourceFaceId("anna"), SourceFaceId("ben")
ONE, TWO, THREE = (TargetFaceRef(MEDIA, index) for index in range(3))


def push(stack: QUndoStack, command: QUndoCommand | None) -> None:
    """Push a command that has to be there."""
    assert command is not None
    stack.push(command)


def analysis_of(studio: Studio, key: str) -> VideoAnalysis:
    """Return who is who."""
    picture = studio.picture(key)
    assert picture is not None
    assert picture.analysis is not None
    return picture.analysis


async def test_merging_moves_pairing_and_age_to_who_is_kept_and_goes_back(program: Program, tmp_path: Path) -> None:
    studio, stack = program.studio, QUndoStack()
    key = put_clip(studio, tmp_path / "clip.mp4", three_people())
    studio.set_board(studio.board.paired([THREE], ANNA).paired([TWO], BEN))
    studio.set_ages({THREE: 20, TWO: -5})
    push(stack, merge_identities(studio, key, [0, 2], "merge"))
    assert [one.index for one in analysis_of(studio, key).identities] == [0, 1]
    assert dict(studio.board.pairings) == {ONE: ANNA, TWO: BEN}
    assert studio.ages == {ONE: 20, TWO: -5}
    picture = studio.picture(key)
    assert picture is not None
    assert [one.index for one in picture.faces] == [0, 1]
    stack.undo()
    assert analysis_of(studio, key) == three_people()
    assert dict(studio.board.pairings) == {THREE: ANNA, TWO: BEN}
    assert studio.ages == {THREE: 20, TWO: -5}
    stack.redo()
    assert dict(studio.board.pairings) == {ONE: ANNA, TWO: BEN}


async def test_the_kept_ones_own_pairing_and_age_win(program: Program, tmp_path: Path) -> None:
    studio = program.studio
    key = put_clip(studio, tmp_path / "clip.mp4", three_people())
    studio.set_board(studio.board.paired([THREE], ANNA).paired([ONE], BEN))
    studio.set_ages({THREE: 20, ONE: 10})
    push(QUndoStack(), merge_identities(studio, key, [0, 2], "merge"))
    assert (dict(studio.board.pairings), dict(studio.ages)) == ({ONE: BEN}, {ONE: 10})


async def test_both_halves_of_a_split_go_on_as_the_whole(program: Program, tmp_path: Path) -> None:
    studio, stack = program.studio, QUndoStack()
    key = put_clip(studio, tmp_path / "clip.mp4", three_people())
    studio.set_board(studio.board.paired([TWO], BEN))
    studio.set_ages({TWO: 7})
    after = three_people().split(1, 100, (180, face(1)))
    push(stack, split_identity(studio, key, 1, after, "split"))
    new = TargetFaceRef(MEDIA, 3)
    assert analysis_of(studio, key) == after
    assert (dict(studio.board.pairings), dict(studio.ages)) == ({TWO: BEN, new: BEN}, {TWO: 7, new: 7})
    stack.undo()
    assert analysis_of(studio, key) == three_people()
    assert (dict(studio.board.pairings), dict(studio.ages)) == ({TWO: BEN}, {TWO: 7})


async def test_who_is_hidden_has_no_face_and_comes_back_with_its_pairing(program: Program, tmp_path: Path) -> None:
    studio, stack = program.studio, QUndoStack()
    key = put_clip(studio, tmp_path / "clip.mp4", three_people())
    studio.set_board(studio.board.paired([TWO], BEN))
    push(stack, hide_identities(studio, key, [1], "hide"))
    picture = studio.picture(key)
    assert picture is not None
    assert ([one.index for one in picture.faces], studio.paired_pictures()) == ([0, 2], [])
    push(stack, hide_identities(studio, key, [1], "show", is_hidden=False))
    assert [one.key for one in studio.paired_pictures()] == [key]
    stack.undo()
    stack.undo()
    assert analysis_of(studio, key) == three_people()


async def test_names_and_look_alikes_go_back_and_forth(program: Program, tmp_path: Path) -> None:
    studio, stack = program.studio, QUndoStack()
    key = put_clip(studio, tmp_path / "clip.mp4", three_people())
    push(stack, rename_identity(studio, key, 0, "  Eileen ", "rename"))
    push(stack, keep_apart(studio, key, 2, 0, "keep apart"))
    now = analysis_of(studio, key)
    named = now.identity(0)
    assert named is not None
    assert (named.name, now.look_alikes) == ("Eileen", ())
    stack.undo()
    stack.undo()
    assert analysis_of(studio, key) == three_people()


@pytest.mark.parametrize("key", ["there", "gone"])
async def test_what_changes_nothing_makes_no_step(program: Program, tmp_path: Path, key: str) -> None:
    studio = program.studio
    found = put_clip(studio, tmp_path / "clip.mp4", three_people())
    wanted = found if key == "there" else "/gone.mp4"
    assert rename_identity(studio, wanted, 0, " ", "rename") is None
    assert hide_identities(studio, wanted, [0], "show", is_hidden=False) is None
    assert merge_identities(studio, wanted, [0, 9], "merge") is None
    assert keep_apart(studio, wanted, 0, 1, "keep apart") is None
    assert split_identity(studio, wanted, 0, three_people(), "split") is None


async def test_a_dragged_age_is_one_step_and_leaves_others_alone(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    for gesture, years in ((1, 3), (1, 8), (1, 12), (2, 15)):
        stack.push(AgesCommand(studio, {ONE: years}, "change age", gesture))
    studio.set_ages({**studio.ages, TWO: 4})
    assert stack.count() == 2
    stack.undo()
    assert studio.ages == {ONE: 12, TWO: 4}
    stack.undo()
    assert studio.ages == {TWO: 4}
    stack.redo()
    assert studio.ages == {ONE: 12, TWO: 4}


async def test_an_age_brought_back_leaves_no_step(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    for years in (9, 0):
        stack.push(AgesCommand(studio, {ONE: years}, "change age", 3))
    assert (stack.count(), dict(studio.ages)) == (0, {})
    assert AgesCommand(studio, {ONE: 0}, "change age", 3).is_empty
