"""Leaves out the smallest faces where a provider takes only so many: one step of undo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoStack

from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.undo.ages import AgesCommand
from faceswap_desktop.ui.undo.pairing import PairingCommand


def keep_largest(studio: Studio, stack: QUndoStack, recipes: Sequence[Recipe], most: int) -> int:
    """Leave all but the largest faces as they are.

    Args:
        studio: Where they are paired.
        stack: Where the step goes.
        recipes: What is to be run.
        most: How many faces may change in each; at least 1.

    Returns:
        How many faces were left out.
    """
    out: list[TargetFaceRef] = []
    for recipe in recipes:
        by_size = sorted(recipe.targets, key=lambda one: one.box.width * one.box.height, reverse=True)
        out += [TargetFaceRef(recipe.media.id, target.index) for target in by_size[most:]]
    if not out:
        return 0
    translate = QCoreApplication.translate
    words = translate("Studio", "leave out 1 face") if len(out) == 1 else translate("Studio", "leave out {n} faces")
    words = words.format(n=len(out))
    stack.beginMacro(words)
    stack.push(PairingCommand(studio, studio.board.cleared(out), words))
    stack.push(AgesCommand(studio, dict.fromkeys(out, 0), words))
    stack.endMacro()
    return len(out)
