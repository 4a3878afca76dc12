"""What "Run" would do: how many faces, how long, what leaves this computer, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.texts import text_of

_WAIT_MS: Final = 60


@dataclass(frozen=True)
class Plan:
    """What would be handed over.

    Attributes:
        recipes: One per picture with a pairing.
        faces: How many faces would be swapped.
        seconds: How long all of it would about take.
        credits: What it would cost; None for nothing.
        files_leaving: How many files leave this computer.
        warnings: What makes the result worse, in sentences.
        name: What the first result would be called, without extension; empty if that cannot be told.
        name_problem: What is wrong with the name template.
        waiting: Pictures whose faces are not found yet.
    """

    recipes: tuple[Recipe, ...] = ()
    faces: int = 0
    seconds: float = 0.0
    credits: float | None = None
    files_leaving: int = 0
    warnings: tuple[str, ...] = ()
    name: str = ""
    name_problem: str = ""
    waiting: int = 0


class Preflight(QObject):
    """Makes the plan anew whenever pairings, options, pictures or settings change.

    Attributes:
        changed: There is another plan.
    """

    changed = Signal()

    def __init__(
        self, context: AppContext, tasks: Tasks, pairing: Pairing, sources: Sources, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._pairing = pairing
        self._sources = sources
        self.plan = Plan()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(lambda: self._tasks.start(self._make(), key="preflight", replace=True))

    @property
    def is_due(self) -> bool:
        """Whether another plan will be made soon."""
        return self._timer.isActive()

    def refresh(self) -> None:
        """Make the plan anew, soon."""
        self._timer.start()

    def stop(self) -> None:
        """Make none any more."""
        self._timer.stop()

    def ready(self) -> list[tuple[StudioPicture, dict[int, SourceFaceId]]]:
        """Return the pictures that would be run, with their pairings."""
        found = [
            (picture, self._pairing.of_picture(picture))
            for picture in self._context.studio.pictures
            if picture.status is PictureStatus.READY
        ]
        return [(picture, pairings) for picture, pairings in found if pairings]

    async def recipes(self) -> list[Recipe]:
        """Write down what is to be done, picture by picture.

        Raises:
            UsageError, InputRefused: Something is not as it was.
        """
        made = []
        for picture, pairings in self.ready():
            if picture.media is not None:
                made.append(
                    await self._context.swapping.make_recipe(
                        picture.media, picture.faces, pairings, self._context.studio.options
                    )
                )
        return made

    async def _make(self) -> None:
        studio = self._context.studio
        waiting = sum(one.status in {PictureStatus.WAITING, PictureStatus.DETECTING} for one in studio.pictures)
        plan = Plan(waiting=waiting, warnings=self._warnings())
        try:
            recipes = await self.recipes()
            quotes = [await self._context.swapping.quote(recipe) for recipe in recipes]
        except FaceSwapError as error:
            plan = replace(plan, warnings=(text_of(error.message), *plan.warnings))
        else:
            costs = [quote.credits for quote in quotes if quote.credits is not None]
            plan = replace(
                plan,
                recipes=tuple(recipes),
                faces=sum(len(recipe.pairings) for recipe in recipes),
                seconds=sum(quote.seconds for quote in quotes),
                credits=sum(costs) if costs else None,
                files_leaving=sum(quote.files_leaving for quote in quotes if quote.leaves_computer),
            )
        if plan.recipes:
            try:
                plan = replace(plan, name=self._context.swapping.planned_name(plan.recipes[0]))
            except UsageError as error:
                plan = replace(plan, name_problem=f"{text_of(error.message)} {text_of(error.hint)}".strip())
        self.plan = plan
        self.changed.emit()

    def _warnings(self) -> tuple[str, ...]:
        used: Mapping[SourceFaceId, SourceFace] = self._sources.all
        found: list[str] = []
        for source_id in self._pairing.uses():
            face = used[source_id]
            findings = sorted(face.grade.findings, key=lambda finding: finding.level is not GradeLevel.POOR)
            found += [
                f"{face.name}: {text_of(finding.problem)} {text_of(finding.advice)}".strip() for finding in findings[:1]
            ]
        for picture in self._context.studio.pictures:
            if picture.media is not None and self._pairing.of_picture(picture):
                found += [f"{picture.name}: {note}" for note in picture.media.notes]
        return tuple(found)
