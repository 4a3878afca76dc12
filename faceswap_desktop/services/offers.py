"""What each provider offers, and why it does not offer the rest: for controls that are greyed with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from faceswap_desktop.domain.cloud import Fit, Need
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import AkoolApi, Settings
from faceswap_desktop.providers.protocol import Capability, Provider, ProviderInfo, Quote


class Control(StrEnum):
    """A control of the Studio, or the Live page, that not every provider follows."""

    SWAP = "swap"
    VIDEO = "video"
    SEVERAL_FACES = "several-faces"
    AGE = "age"
    AGE_IN_VIDEOS = "age-in-videos"
    ENHANCE = "enhance"
    SWAP_OPTIONS = "swap-options"
    """Blend, keep mouth and eyes, colour match, edge softness."""
    OUTPUT = "output"
    """Format, quality, codec: services return what they make."""
    TARGET_URL = "target-url"
    LIVE = "live"


_NEEDED: Mapping[Control, tuple[Capability, str]] = {
    Control.SWAP: (Capability.SWAP_IMAGE, "{provider} does not swap faces."),
    Control.VIDEO: (Capability.SWAP_VIDEO, "{provider} changes pictures only."),
    Control.SEVERAL_FACES: (Capability.MULTI_FACE, "{provider} changes one face at a time."),
    Control.AGE: (Capability.REAGE_IMAGE, "{provider} cannot change ages."),
    Control.AGE_IN_VIDEOS: (Capability.REAGE_VIDEO, "{provider} cannot change ages in videos."),
    Control.ENHANCE: (Capability.ENHANCE, "{provider} cannot enhance faces."),
    Control.LIVE: (Capability.LIVE, "{provider} has no live sessions."),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several ways in which a provider does its work.

    Attributes:
        value: What the settings hold.
        title: What people read.
        hint: What it is good for, and what it cannot do.
        most_faces: How many faces it changes in one job, where that differs from the provider's number; else 0.
    """

    value: StrEnum
    title: Message
    hint: Message
    most_faces: int = 0


@dataclass(frozen=True, slots=True)
class Variants:
    """What can be chosen at one provider, and where the settings hold it.

    Attributes:
        section: Of the settings, for example ``providers.akool``.
        key: Within the section.
        values: In the order in which they are offered.
    """

    section: str
    key: str
    values: tuple[Variant, ...]

    def chosen(self, settings: Settings) -> Variant:
        """Return the one that is set."""
        value: object = settings
        for name in (*self.section.split("."), self.key):
            value = getattr(value, name)
        return next(one for one in self.values if one.value == value)


_VARIANTS: Mapping[str, Variants] = {
    "akool": Variants(
        "providers.akool",
        "api",
        (
            Variant(AkoolApi.V4_PLUS, message("v4 Plus"), message("The newest: pictures and videos, several faces.")),
            Variant(AkoolApi.V4_PRO, message("v4 Pro"), message("High quality: pictures only, one face at a time."), 1),
            Variant(AkoolApi.V3, message("v3"), message("The older one: pictures and videos, several faces.")),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider as it is offered.

    Attributes:
        info: Who it is.
        lacks: Controls that it does not follow, each with the reason.
        has_account: Whether one has to sign in.
        can_delete: Whether it deletes what it keeps when it is asked to.
        variants: What can be chosen there; None for nothing.
    """

    info: ProviderInfo
    lacks: Mapping[Control, Message]
    has_account: bool
    can_delete: bool = False
    variants: Variants | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a recipe before it runs.

    Attributes:
        quote: Time, money, what leaves this computer.
        fit: What is done on copies, and what cannot be mended.
        needs: What has to be set up first.
        exceeds_budget: The monthly cap would be passed; the job would be held.
        asks_first: It costs more than the user wants to spend without being asked.
        month_total: What this provider has cost this month, in its own unit.
    """

    quote: Quote
    fit: Fit
    needs: tuple[Need, ...]
    exceeds_budget: bool = False
    asks_first: bool = False
    month_total: float = 0.0

    @property
    def can_run(self) -> bool:
        """Whether it would do anything but be refused or held."""
        return not self.fit.refusals and not self.needs and not self.exceeds_budget


class Offers:
    """What the providers offer."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = {provider.info.id: provider for provider in providers}

    def all(self) -> tuple[Offer, ...]:
        """Return every provider, in the order in which they are offered."""
        return tuple(_offer(provider) for provider in self._providers.values())

    def of(self, provider_id: str) -> Offer | None:
        """Return one provider's offer, or None if there is no such provider."""
        provider = self._providers.get(provider_id)
        return _offer(provider) if provider is not None else None

    def fit(self, recipe: Recipe) -> Fit:
        """Say how a recipe agrees with its provider's limits."""
        return self._providers[recipe.provider].fit(recipe)

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        """Say what has to be set up before a recipe can run."""
        return await self._providers[recipe.provider].needs(recipe)


def _offer(provider: Provider) -> Offer:
    info = provider.info
    lacks = {
        control: message(text, provider=info.title)
        for control, (capability, text) in _NEEDED.items()
        if capability not in info.capabilities
    }
    if info.is_local:
        lacks[Control.TARGET_URL] = message("{provider} reads the file itself.", provider=info.title)
    else:
        lacks[Control.SWAP_OPTIONS] = message("{provider} decides this by itself.", provider=info.title)
        lacks[Control.OUTPUT] = message(
            "{provider} returns what it makes; it is kept as it comes.", provider=info.title
        )
    can_delete = Capability.DELETE_REMOTE in info.capabilities
    return Offer(info, lacks, provider.account is not None, can_delete, _VARIANTS.get(info.id))
