"""What "Run" would do: how many faces, how long, what leaves this computer, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.openings import AnalysisStatus
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.studio.video_plan import VideoOutlook, hard_words
from faceswap_desktop.ui.texts import text_of

_WAIT_MS: Final = 60
_MOST_OUTLOOKS: Final = 40
_LONG_S: Final = 30.0
"""From here on a run is worth a look at the hardest frames before."""


@dataclass(frozen=True)
class Plan:
    """What would be handed over.

    Attributes:
        recipes: One per picture or video in which a face is changed.
        faces: How many faces would be swapped.
        ages: How many faces would be made older or younger.
        seconds: How long all of it would about take.
        credits: What it would cost; None for nothing.
        files_leaving: How many files leave this computer.
        cluster: The address to which frames of videos go; empty for nowhere.
        room_bytes: How much room it takes on the disk; 0 where that is little.
        videos: What each video would become.
        warnings: What makes the result worse, in sentences.
        name: What the first result would be called, without extension; empty if that cannot be told.
        name_problem: What is wrong with the name template.
        waiting: Pictures whose faces are not found yet.
        looking: How far the current video has been looked through, while nobody can be paired in it; else None.
    """

    recipes: tuple[Recipe, ...] = ()
    faces: int = 0
    ages: int = 0
    seconds: float = 0.0
    credits: float | None = None
    files_leaving: int = 0
    cluster: str = ""
    room_bytes: int = 0
    videos: tuple[VideoOutlook, ...] = ()
    warnings: tuple[str, ...] = ()
    name: str = ""
    name_problem: str = ""
    waiting: int = 0
    looking: float | None = None

    @property
    def is_worth_a_look(self) -> bool:
        """Whether the hardest frames should be looked at before so long a run."""
        return self.seconds > _LONG_S and any(outlook.hard for outlook in self.videos)

    @property
    def changes(self) -> int:
        """How many faces are changed in any way, each once."""
        return sum(len(recipe.targets) for recipe in self.recipes)


@dataclass(frozen=True)
class Ready:
    """A picture or video that would be run: who becomes whom, and how much older or younger, by face."""

    picture: StudioPicture
    pairings: dict[int, SourceFaceId]
    ages: dict[int, int]


class Preflight(QObject):
    """Makes the plan anew whenever pairings, ages, options, pictures or settings change.

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
        self._outlooks: dict[tuple[object, ...], VideoOutlook] = {}
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

    def refresh_progress(self) -> None:
        """Say how far the search for people is; nothing else of the plan hangs on it, and it comes often."""
        looking = self._looking()
        if looking != self.plan.looking:
            self.plan = replace(self.plan, looking=looking)
            self.changed.emit()

    def stop(self) -> None:
        """Make none any more."""
        self._timer.stop()

    def ready(self) -> list[Ready]:
        """Return the pictures and videos that would be run."""
        found = []
        for picture in self._context.studio.pictures:
            if picture.status is not PictureStatus.READY or picture.media is None:
                continue
            there = {face.index for face in picture.faces}
            ages = {
                index: years
                for index, years in self._context.studio.ages_of(picture.media.id).items()
                if index in there
            }
            one = Ready(picture, self._pairing.of_picture(picture), ages)
            if one.pairings or one.ages:
                found.append(one)
        return found

    async def recipes(self) -> list[Recipe]:
        """Write down what is to be done, picture by picture; also while nobody has seen the page yet.

        Raises:
            UsageError, InputRefused: Something is not as it was.
        """
        await self._sources.ready()
        return [recipe for recipe in [await self._recipe_of(one) for one in self.ready()] if recipe is not None]

    async def recipe_of(self, picture: StudioPicture) -> Recipe | None:
        """Write down what is to be done with one picture or video; None where that is nothing.

        Raises:
            UsageError, InputRefused: Something is not as it was.
        """
        one = next((one for one in self.ready() if one.picture.key == picture.key), None)
        return await self._recipe_of(one) if one is not None else None

    async def _recipe_of(self, one: Ready) -> Recipe | None:
        picture = one.picture
        if picture.media is None:
            return None
        return await self._context.swapping.make_recipe(
            picture.media,
            picture.faces,
            one.pairings,
            self._context.studio.options,
            ages=one.ages,
            analysis=picture.analysis,
            trim=self._context.studio.trim_of(picture.key),
        )

    async def _make(self) -> None:
        studio = self._context.studio
        waiting = sum(one.status in {PictureStatus.WAITING, PictureStatus.DETECTING} for one in studio.pictures)
        plan = Plan(waiting=waiting, warnings=self._warnings(), looking=self._looking())
        try:
            recipes = await self.recipes()
            quotes = [await self._context.swapping.quote(recipe) for recipe in recipes]
            outlooks = [await self._outlook(recipe) for recipe in recipes if recipe.is_video]
        except FaceSwapError as error:
            words = f"{text_of(error.message)} {text_of(error.hint)}".strip()
            plan = replace(plan, warnings=(words, *plan.warnings))
        else:
            costs = [quote.credits for quote in quotes if quote.credits is not None]
            plan = replace(
                plan,
                recipes=tuple(recipes),
                faces=sum(len(recipe.pairings) for recipe in recipes),
                ages=sum(len(recipe.ages) for recipe in recipes),
                seconds=sum(quote.seconds for quote in quotes),
                credits=sum(costs) if costs else None,
                files_leaving=sum(quote.files_leaving for quote in quotes if quote.leaves_computer),
                cluster=self._context.current_settings.cluster.address if outlooks else "",
                room_bytes=sum(quote.room_bytes for quote in quotes),
                videos=tuple(outlooks),
                warnings=(*plan.warnings, *(words for outlook in outlooks for words in outlook.lost)),
            )
        if plan.recipes:
            try:
                plan = replace(plan, name=self._context.swapping.planned_name(plan.recipes[0]))
            except UsageError as error:
                plan = replace(plan, name_problem=f"{text_of(error.message)} {text_of(error.hint)}".strip())
        self.plan = plan
        self.changed.emit()

    async def _outlook(self, recipe: Recipe) -> VideoOutlook:
        media = recipe.media
        picture = next((one for one in self._context.studio.pictures if one.path == media.path), None)
        key = (media.id, media.fingerprint, recipe.output, recipe.trim)
        known = self._outlooks.get(key)
        if known is None:
            planned = await self._context.videos.plan(recipe)
            known = VideoOutlook.of(recipe, planned.format, (*planned.dropped, *planned.notes))
            self._outlooks[key] = known
            while len(self._outlooks) > _MOST_OUTLOOKS:
                del self._outlooks[next(iter(self._outlooks))]
        return known.with_people(recipe, picture.analysis if picture is not None else None)

    def _looking(self) -> float | None:
        picture = self._context.studio.current
        if picture is None or not picture.is_video or picture.analysis is not None:
            return None
        return picture.analysis_fraction if picture.analysis_status is AnalysisStatus.RUNNING else None

    def _warnings(self) -> tuple[str, ...]:
        used: Mapping[SourceFaceId, SourceFace] = self._sources.all
        found: list[str] = []
        for source_id in self._pairing.uses():
            face = used[source_id]
            findings = sorted(face.grade.findings, key=lambda finding: finding.level is not GradeLevel.POOR)
            found += [
                f"{face.name}: {text_of(finding.problem)} {text_of(finding.advice)}".strip() for finding in findings[:1]
            ]
        for one in self.ready():
            picture = one.picture
            notes = [*(picture.media.notes if picture.media is not None else ())]
            if picture.analysis is not None:
                trim = self._context.studio.trim_of(picture.key)
                notes += hard_words(picture.analysis, {*one.pairings, *one.ages}, trim)
                notes += picture.analysis.notes
            found += [f"{picture.name}: {note}" for note in dict.fromkeys(notes)]
        return tuple(found)
