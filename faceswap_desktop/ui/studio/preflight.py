"""What "Run" would do: how many faces, how long, what leaves this computer, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from faceswap_desktop.domain.errors import FaceSwapError, UsageError
from faceswap_desktop.domain.faces import GradeLevel, SourceFace, SourceFaceId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.offers import Control
from faceswap_desktop.services.openings import AnalysisStatus
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.refusal_words import times_words
from faceswap_desktop.ui.studio.addresses import Addresses
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.plan import Plan, Sorted, cloud_plan
from faceswap_desktop.ui.studio.refusal import StudioRefusal, refusal_of
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.studio.video_plan import VideoOutlook, hard_words
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.services.offers import Offer

_WAIT_MS: Final = 60
_MOST_OUTLOOKS: Final = 40


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
        self,
        context: AppContext,
        tasks: Tasks,
        pairing: Pairing,
        sources: Sources,
        addresses: Addresses,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._pairing = pairing
        self._sources = sources
        self._addresses = addresses
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

        What is refused as sensitive is left out.

        Raises:
            UsageError, InputRefused: Something is not as it was.
        """
        await self._sources.ready()
        wanted = [one for one in self.ready() if refusal_of(self._context.studio, one.picture) is None]
        return [recipe for recipe in [await self._recipe_of(one) for one in wanted] if recipe is not None]

    def sensitive(self) -> dict[str, str]:
        """Return why pictures and videos are left out of a run, by key: those that are paired, and the current one."""
        studio = self._context.studio
        wanted = [one.picture for one in self.ready()]
        if studio.current is not None and studio.current not in wanted:
            wanted.append(studio.current)
        found = [(one, refusal_of(studio, one)) for one in wanted]
        return {one.key: _refused_words(refusal) for one, refusal in found if refusal is not None}

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
        chosen = self._context.current_settings.swap
        offer = self._context.offers.of(chosen.provider)
        lacks = offer.lacks if offer is not None else {}
        return await self._context.swapping.make_recipe(
            picture.media,
            picture.faces,
            one.pairings,
            self._context.studio.options,
            ages=one.ages,
            analysis=picture.analysis,
            trim=self._context.studio.trim_of(picture.key),
            provider=chosen.provider,
            enhance=chosen.enhance and Control.ENHANCE not in lacks,
            target_url="" if Control.TARGET_URL in lacks else self._addresses.url_of(picture.media.id),
        )

    async def _make(self) -> None:
        studio = self._context.studio
        waiting = sum(one.status in {PictureStatus.WAITING, PictureStatus.DETECTING} for one in studio.pictures)
        refused, current = self.sensitive(), studio.current
        # The card says it of the picture that is seen.
        others = tuple(words for key, words in refused.items() if current is None or key != current.key)
        plan = Plan(
            waiting=waiting,
            warnings=(*others, *self._warnings()),
            looking=self._looking(),
            sensitive=tuple(refused.values()),
        )
        try:
            recipes = await self.recipes()
            found = Sorted.of(recipes, [await self._context.spending.outlook(recipe) for recipe in recipes])
            offer = self._offer
            videos = [await self._outlook(recipe, offer) for recipe in found.recipes if recipe.is_video]
        except FaceSwapError as error:
            words = f"{text_of(error.message)} {text_of(error.hint)}".strip()
            plan = replace(plan, warnings=(words, *plan.warnings))
        else:
            plan = self._filled(plan, found, videos, offer)
        if plan.recipes:
            try:
                plan = replace(plan, name=self._context.swapping.planned_name(plan.recipes[0]))
            except UsageError as error:
                plan = replace(plan, name_problem=f"{text_of(error.message)} {text_of(error.hint)}".strip())
        self.plan = plan
        self.changed.emit()

    @property
    def _offer(self) -> Offer | None:
        return self._context.offers.of(self._context.current_settings.swap.provider)

    def _filled(self, plan: Plan, found: Sorted, videos: Sequence[VideoOutlook], offer: Offer | None) -> Plan:
        settings = self._context.current_settings
        quotes = [outlook.quote for _, outlook in found.taken]
        cloud = None
        if offer is not None and not offer.info.is_local:
            cloud = cloud_plan(
                offer,
                found,
                bucket=self._context.cloud.hosting.destination,
                cap=settings.budget.monthly_cap,
                is_sandbox=settings.sandbox.is_on,
            )
        return replace(
            plan,
            recipes=found.recipes,
            faces=sum(len(recipe.pairings) for recipe in found.recipes),
            ages=sum(len(recipe.ages) for recipe in found.recipes),
            seconds=sum(quote.seconds for quote in quotes),
            credits=found.credits,
            cluster=settings.cluster.address if videos and cloud is None else "",
            room_bytes=sum(quote.room_bytes for quote in quotes),
            videos=tuple(videos),
            refusals=found.refusals,
            refused=found.refused,
            most_faces=self._most_faces(offer),
            cloud=cloud if found.taken or found.refused else None,
            warnings=(*plan.warnings, *(words for outlook in videos for words in outlook.lost)),
        )

    def _most_faces(self, offer: Offer | None) -> int:
        if offer is None:
            return 0
        if offer.variants is None:
            return offer.info.most_faces
        return offer.variants.chosen(self._context.current_settings).most_faces or offer.info.most_faces

    async def _outlook(self, recipe: Recipe, offer: Offer | None) -> VideoOutlook:
        media = recipe.media
        picture = next((one for one in self._context.studio.pictures if one.path == media.path), None)
        key = (media.id, media.fingerprint, recipe.output, recipe.trim)
        known = self._outlooks.get(key)
        if offer is not None and not offer.info.is_local:
            known = VideoOutlook.of_service(recipe, offer.info.title)
        elif known is None:
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
                is_local = (offer := self._offer) is None or offer.info.is_local
                notes += hard_words(picture.analysis, {*one.pairings, *one.ages}, trim, can_fade=is_local)
                notes += picture.analysis.notes
            found += [f"{picture.name}: {note}" for note in dict.fromkeys(notes)]
        return tuple(found)


def _refused_words(refusal: StudioRefusal) -> str:
    translate = QCoreApplication.translate
    name = refusal.picture.name
    if not refusal.picture.is_video:
        return translate("Studio", "{name} is refused and left out.").format(name=name)
    times = times_words(refusal.sightings)
    return translate("Studio", "{name} is refused at {times} and left out.").format(name=name, times=times)
