"""Puts a recipe back on the stage, to change one thing and run it again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoStack

from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import Recipe, TargetFace
from faceswap_desktop.domain.video import VideoAnalysis
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.addresses import Addresses
from faceswap_desktop.ui.undo.ages import AgesCommand
from faceswap_desktop.ui.undo.pairing import OptionsCommand, PairingCommand
from faceswap_desktop.ui.undo.trim import TrimCommand


async def take_up_recipe(context: AppContext, stack: QUndoStack, addresses: Addresses, recipe: Recipe) -> None:
    """Put a recipe on the stage with all that belongs to it: provider, enhancing and address are no step of undo.

    Args:
        context: The program.
        stack: Where the step goes.
        addresses: Where media lie on the internet.
        recipe: What was done then.
    """
    analysis = await context.videos.analysis(recipe.media) if recipe.is_video else None
    take_up(context.studio, stack, recipe, analysis)
    if recipe.target_url:
        addresses.put(recipe.media, recipe.target_url)
    if context.offers.of(recipe.provider) is not None:
        await context.settings.update("swap", provider=recipe.provider, enhance=recipe.enhance)


def take_up(studio: Studio, stack: QUndoStack, recipe: Recipe, analysis: VideoAnalysis | None) -> None:
    """Pair as a recipe says, with its ages, options and trim, and open its media; one step of undo.

    Args:
        studio: Where it goes.
        stack: Where the step goes.
        recipe: What was done then.
        analysis: Who is in the video today; None of a picture, and where that is not known.
    """
    media = recipe.media
    numbers = {target.index: _number_today(target, analysis) for target in recipe.targets}
    board = studio.board.without_media(media.id)
    for pairing in recipe.pairings:
        board = board.paired([TargetFaceRef(media.id, numbers[pairing.target.index])], pairing.source.id)
    ages = {ref: 0 for ref in studio.ages if ref.media == media.id}
    ages |= {TargetFaceRef(media.id, numbers[one.target.index]): one.years for one in recipe.ages}
    words = QCoreApplication.translate("Studio", "take up {name}").format(name=Path(media.path).name)
    key = str(Path(media.path).absolute())
    stack.beginMacro(words)
    stack.push(PairingCommand(studio, board, words))
    stack.push(AgesCommand(studio, ages, words))
    stack.push(OptionsCommand(studio, recipe.options, words, 0))
    if recipe.is_video and recipe.trim != studio.trim_of(key):
        stack.push(TrimCommand(studio, key, recipe.trim, words))
    stack.endMacro()
    studio.open([media.path])


def _number_today(target: TargetFace, analysis: VideoAnalysis | None) -> int:
    """Return the number of the identity that is followed where the recipe's was: it may have been merged since."""
    if analysis is None or not target.parts:
        return target.index

    def overlap(parts: tuple[tuple[int, int, int], ...]) -> int:
        return sum(
            max(0, min(part.frames.end, end) - max(part.frames.first, first))
            for part in target.parts
            for track, first, end in parts
            if track == part.track
        )

    shared = {
        one.index: overlap(tuple((part.track, part.frames.first, part.frames.end) for part in one.parts))
        for one in analysis.identities
    }
    best = max(shared, key=lambda index: (shared[index], index == target.index), default=target.index)
    return best if shared.get(best, 0) > 0 else target.index
