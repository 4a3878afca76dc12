"""Commands on who is who in a video: naming, hiding, merging, splitting, keeping apart.

Each function makes the command of one gesture, or None where it would change nothing; whoever calls it pushes it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from PySide6.QtGui import QUndoCommand

from faceswap_desktop.domain.pairing import PairingBoard, TargetFaceRef
from faceswap_desktop.domain.video import VideoAnalysis
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.undo.ages import AgesCommand
from faceswap_desktop.ui.undo.pairing import PairingCommand


class IdentitiesCommand(QUndoCommand):
    """Replaces who is who in one video; pairings and ages go along where persons become one or two."""

    def __init__(
        self,
        studio: Studio,
        key: str,
        after: VideoAnalysis,
        text: str,
        *,
        board: PairingBoard | None = None,
        ages: dict[TargetFaceRef, int] | None = None,
    ) -> None:
        """Make the command.

        Args:
            studio: Where the video is open.
            key: The video.
            after: Who is who then.
            text: What is undone.
            board: The pairings then; None where they stay.
            ages: The ages then, for the faces that change; None where they stay.
        """
        super().__init__(text)
        self._studio = studio
        self._key = key
        picture = studio.picture(key)
        self._before = picture.analysis if picture is not None else None
        self._after = after
        # What they do not change themselves they leave alone.
        self._others: list[QUndoCommand] = []
        if board is not None:
            self._others.append(PairingCommand(studio, board, text))
        if ages is not None:
            self._others.append(AgesCommand(studio, ages, text))

    def redo(self) -> None:
        """Let them be who they are then."""
        self._studio.set_analysis(self._key, self._after)
        for other in self._others:
            other.redo()

    def undo(self) -> None:
        """Let them be who they were."""
        for other in reversed(self._others):
            other.undo()
        if self._before is not None:
            self._studio.set_analysis(self._key, self._before)


def rename_identity(studio: Studio, key: str, index: int, name: str, text: str) -> IdentitiesCommand | None:
    """Call a person something; empty takes the name away."""
    analysis = _analysis(studio, key)
    identity = analysis.identity(index) if analysis is not None else None
    if analysis is None or identity is None or identity.name == name.strip():
        return None
    return IdentitiesCommand(studio, key, analysis.changed(replace(identity, name=name.strip())), text)


def hide_identities(
    studio: Studio, key: str, indices: Collection[int], text: str, *, is_hidden: bool = True
) -> IdentitiesCommand | None:
    """Hide persons, who then stay as they are, or show them again. Their pairings wait for them."""
    analysis = after = _analysis(studio, key)
    if analysis is None or after is None:
        return None
    for identity in analysis.identities:
        if identity.index in indices:
            after = after.changed(replace(identity, is_hidden=is_hidden))
    return IdentitiesCommand(studio, key, after, text) if after != analysis else None


def merge_identities(studio: Studio, key: str, indices: Sequence[int], text: str) -> IdentitiesCommand | None:
    """Make one person of several; the first one's number stays.

    Whom it becomes, and its change of age, are the first one's, or else those of the first other that has any.
    """
    picture = studio.picture(key)
    analysis = _analysis(studio, key)
    if picture is None or picture.media is None or analysis is None:
        return None
    there = [index for index in dict.fromkeys(indices) if analysis.identity(index) is not None]
    if len(there) < 2:
        return None
    targets = [TargetFaceRef(picture.media.id, index) for index in there]
    board, ages = studio.board, studio.ages
    source = next((found for one in targets if (found := board.source_of(one)) is not None), None)
    years = next((ages[one] for one in targets if one in ages), 0)
    board = board.cleared(targets)
    if source is not None:
        board = board.paired(targets[:1], source)
    changed = {**dict.fromkeys(targets, 0), targets[0]: years}
    return IdentitiesCommand(studio, key, analysis.merged(there), text, board=board, ages=changed)


def split_identity(studio: Studio, key: str, index: int, after: VideoAnalysis, text: str) -> IdentitiesCommand | None:
    """Make two persons of one.

    Args:
        studio: Where the video is open.
        key: The video.
        index: Who was split. Whoever is new becomes the same source face and years, so that the picture stays.
        after: What ``Videos.split`` returned.
        text: What is undone.
    """
    picture = studio.picture(key)
    analysis = _analysis(studio, key)
    if picture is None or picture.media is None or analysis is None or after == analysis:
        return None
    media = picture.media.id
    known = {one.index for one in analysis.identities}
    new = [TargetFaceRef(media, one.index) for one in after.identities if one.index not in known]
    whole = TargetFaceRef(media, index)
    board = studio.board.cleared(new)
    if (source := board.source_of(whole)) is not None:
        board = board.paired(new, source)
    ages = dict.fromkeys(new, studio.ages.get(whole, 0))
    return IdentitiesCommand(studio, key, after, text, board=board, ages=ages)


def keep_apart(studio: Studio, key: str, first: int, second: int, text: str) -> IdentitiesCommand | None:
    """Ask no longer whether two who look alike are one person."""
    analysis = _analysis(studio, key)
    if analysis is None:
        return None
    pairs = tuple(pair for pair in analysis.look_alikes if {pair.first, pair.second} != {first, second})
    if pairs == analysis.look_alikes:
        return None
    return IdentitiesCommand(studio, key, replace(analysis, look_alikes=pairs), text)


def _analysis(studio: Studio, key: str) -> VideoAnalysis | None:
    picture = studio.picture(key)
    return picture.analysis if picture is not None else None
