"""What "Run" would do, as values: for the card at the bottom of the inspector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from faceswap_desktop.domain.cloud import Need, NeedKind
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.ui.studio.video_plan import VideoOutlook
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.services.offers import Offer, Outlook


class Wish(StrEnum):
    """What a button of the card leads to."""

    ACCOUNT = "account"
    HOSTING = "hosting"
    WEBHOOK = "webhook"
    TERMS = "terms"
    BUDGET = "budget"
    CREDITS = "credits"
    HERE = "here"
    """The provider of this computer, which refuses nothing."""
    FEWER = "fewer"
    """Only as many faces as the provider takes."""


WISH_OF_NEED = {
    NeedKind.ACCOUNT: Wish.ACCOUNT,
    NeedKind.HOSTING: Wish.HOSTING,
    NeedKind.WEBHOOK: Wish.WEBHOOK,
    NeedKind.TERMS: Wish.TERMS,
}


@dataclass(frozen=True)
class CloudPlan:
    """What a service on the internet would be given, and what stands in the way.

    Attributes:
        title: The service's name.
        unit: What it counts in.
        files: How many files leave this computer.
        hosts: Who gets them.
        bucket: Which of them is the user's own place; empty for none.
        kept_days: How long results stay at the service; 0 where it does not say.
        mends: What is done on copies, in sentences.
        needs: What has to be set up first, each kind once.
        month_total: What was spent this month.
        cap: What may be spent in a month; 0.0 for no cap.
        exceeds_budget: The jobs would be held because of it.
        is_sandbox: The sandbox stands in the service's place.
    """

    title: str
    unit: str
    files: int = 0
    hosts: tuple[str, ...] = ()
    bucket: str = ""
    kept_days: int = 0
    mends: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    month_total: float = 0.0
    cap: float = 0.0
    exceeds_budget: bool = False
    is_sandbox: bool = False

    @property
    def obstacles(self) -> tuple[Need, ...]:
        """What has to be set up elsewhere; the terms are asked about right here."""
        return tuple(need for need in self.needs if need.kind is not NeedKind.TERMS)


@dataclass(frozen=True)
class Plan:
    """What would be handed over.

    Attributes:
        recipes: One per picture or video in which a face is changed, and that the provider takes.
        faces: How many faces would be swapped.
        ages: How many faces would be made older or younger.
        seconds: How long all of it would about take.
        credits: What it would cost; None for nothing.
        cluster: The address to which frames of videos go; empty for nowhere.
        room_bytes: How much room it takes on the disk; 0 where that is little.
        videos: What each video would become.
        refusals: What the provider does not take and cannot be mended, in sentences.
        refused: Recipes that it does not take.
        sensitive: Why pictures and videos are left out that are refused as sensitive, in sentences.
        most_faces: How many faces the provider changes in one picture; 0 for any number, or where that is no matter.
        cloud: Of a service on the internet; None where all happens on this computer.
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
    cluster: str = ""
    room_bytes: int = 0
    videos: tuple[VideoOutlook, ...] = ()
    refusals: tuple[str, ...] = ()
    refused: tuple[Recipe, ...] = ()
    sensitive: tuple[str, ...] = ()
    most_faces: int = 0
    cloud: CloudPlan | None = None
    warnings: tuple[str, ...] = ()
    name: str = ""
    name_problem: str = ""
    waiting: int = 0
    looking: float | None = None

    @property
    def is_worth_a_look(self) -> bool:
        """Whether the hardest frames should be looked at before so long a run."""
        return self.seconds > _LONG_S and self.cloud is None and any(outlook.hard for outlook in self.videos)

    @property
    def changes(self) -> int:
        """How many faces are changed in any way, each once."""
        return sum(len(recipe.targets) for recipe in self.recipes)

    @property
    def has_too_many_faces(self) -> bool:
        """Whether leaving some faces as they are would help."""
        return any(0 < self.most_faces < len(recipe.targets) for recipe in self.refused)

    @property
    def can_run(self) -> bool:
        """Whether there is something to do, and nothing has to be set up elsewhere before."""
        return bool(self.changes) and (self.cloud is None or not self.cloud.obstacles)


_LONG_S = 30.0
"""From here on a run is worth a look at the hardest frames before."""


@dataclass(frozen=True)
class Sorted:
    """Recipes with their outlooks, apart: what the provider takes, and what it refuses."""

    taken: tuple[tuple[Recipe, Outlook], ...] = ()
    refused: tuple[Recipe, ...] = ()
    refusals: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, recipes: Sequence[Recipe], outlooks: Sequence[Outlook]) -> Sorted:
        """Sort them; where there are several, a refusal says of which file it speaks."""
        both = tuple(zip(recipes, outlooks, strict=True))
        refused = tuple(recipe for recipe, outlook in both if outlook.fit.refusals)
        refusals = [
            f"{_name_of(recipe)}: {text_of(one)}" if len(recipes) > 1 else text_of(one)
            for recipe, outlook in both
            for one in outlook.fit.refusals
        ]
        return cls(tuple(one for one in both if not one[1].fit.refusals), refused, tuple(dict.fromkeys(refusals)))

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """What is taken."""
        return tuple(recipe for recipe, _ in self.taken)

    @property
    def needs(self) -> tuple[Need, ...]:
        """What has to be set up first, each kind once."""
        found: dict[NeedKind, Need] = {}
        for _, outlook in self.taken:
            for need in outlook.needs:
                found.setdefault(need.kind, need)
        return tuple(found.values())

    @property
    def credits(self) -> float | None:
        """What all of it costs; None for nothing."""
        costs = [outlook.quote.credits for _, outlook in self.taken if outlook.quote.credits is not None]
        return sum(costs) if costs else None


def cloud_plan(offer: Offer, found: Sorted, *, bucket: str, cap: float, is_sandbox: bool) -> CloudPlan:
    """Put together what a service would be given.

    Args:
        offer: The service.
        found: What would be handed over to it.
        bucket: The host of the user's own place for media; empty for none.
        cap: What may be spent in a month.
        is_sandbox: The sandbox stands in its place.
    """
    quotes = [outlook.quote for _, outlook in found.taken]
    hosts = tuple(dict.fromkeys(host for quote in quotes for host in quote.destinations))
    mends = [text_of(one) for _, outlook in found.taken for one in outlook.fit.mends]
    total = max((outlook.month_total for _, outlook in found.taken), default=0.0)
    costs = found.credits or 0.0
    return CloudPlan(
        title=offer.info.title,
        unit=offer.info.unit,
        files=sum(quote.files_leaving for quote in quotes if quote.leaves_computer),
        hosts=hosts,
        bucket=bucket if bucket in hosts else "",
        kept_days=offer.info.kept_days,
        mends=tuple(dict.fromkeys(mends)),
        needs=found.needs,
        month_total=total,
        cap=cap,
        exceeds_budget=cap > 0 and costs > 0 and total + costs > cap,
        is_sandbox=is_sandbox,
    )


def _name_of(recipe: Recipe) -> str:
    return recipe.media.path.replace("\\", "/").rsplit("/", 1)[-1]
