"""Steps of undo: pairings, options, closing pictures."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QUndoStack

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.pairing import PairingBoard, TargetFaceRef
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.undo.pairing import OptionsCommand, PairingCommand

ANNA, BEN = SourceFaceId("anna"), SourceFaceId("ben")
FIRST, SECOND, OTHER = TargetFaceRef(MediaId("m"), 0), TargetFaceRef(MediaId("m"), 1), TargetFaceRef(MediaId("n"), 0)


def push(stack: QUndoStack, studio: Studio, board: PairingBoard) -> None:
    """Make a board the Studio's, as one step."""
    stack.push(PairingCommand(studio, board, "pair"))


async def test_pairings_go_back_and_forth_step_by_step(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    boards = [studio.board]
    for board in (
        studio.board.paired([FIRST, SECOND], ANNA),
        studio.board.paired([FIRST, SECOND], ANNA).paired([SECOND], BEN),
        studio.board.paired([FIRST], BEN).paired([SECOND], ANNA),
        studio.board.paired([SECOND], ANNA),
    ):
        push(stack, studio, board)
        boards.append(studio.board)
    for board in reversed(boards[:-1]):
        stack.undo()
        assert studio.board == board
    assert not stack.canUndo()
    for board in boards[1:]:
        stack.redo()
        assert studio.board == board


async def test_undo_leaves_alone_what_it_did_not_change(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    push(stack, studio, studio.board.paired([FIRST], ANNA))
    studio.set_board(studio.board.paired([OTHER], BEN))
    stack.undo()
    assert dict(studio.board.pairings) == {OTHER: BEN}


async def test_a_dragged_slider_is_one_step_and_the_next_gesture_another(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    for gesture, values in ((1, (0.9, 0.7, 0.4)), (2, (0.5, 0.6))):
        for value in values:
            stack.push(OptionsCommand(studio, replace(studio.options, blend=value), "change blend", gesture))
    assert (stack.count(), studio.options.blend) == (2, 0.6)
    stack.undo()
    assert studio.options.blend == 0.4
    stack.undo()
    assert studio.options == SwapOptions()
    stack.redo()
    assert studio.options.blend == 0.4


async def test_two_options_never_become_one_step(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    stack.push(OptionsCommand(studio, replace(studio.options, blend=0.5), "change blend", 1))
    stack.push(OptionsCommand(studio, replace(studio.options, edge_softness=0.1), "change edge softness", 1))
    assert stack.count() == 2


async def test_a_slider_brought_back_leaves_no_step(program: Program) -> None:
    studio, stack = program.studio, QUndoStack()
    for value in (0.8, 1.0):
        stack.push(OptionsCommand(studio, replace(studio.options, blend=value), "change blend", 4))
    assert (stack.count(), studio.options) == (0, SwapOptions())
