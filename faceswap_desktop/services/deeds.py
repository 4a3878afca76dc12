"""What credentials tell of a result: what was done, by whom, and what kind of picture it is since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.consent import Basis, Consent
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.provenance import NO_ROOM_FOR_LABEL, SourceType
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.signing import Deed, Edit
from faceswap_desktop.domain.verdicts import CONVERTED
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.providers.protocol import ProviderInfo

TITLE: Final = "Result"
"""What credentials call every result: a file's name tells of the target and of people."""


def source_type_of(recipe: Recipe, provider: ProviderInfo | None, consents: Collection[Consent]) -> SourceType:
    """Return what kind of picture a result is.

    Args:
        recipe: What it was made from.
        provider: Who made it; None where it is no longer known, which counts as a service.
        consents: Of its source faces.
    """
    if provider is None or provider.is_generative:
        return SourceType.AI_COMPOSITE
    if not recipe.pairings:
        # Also a take in which nobody is changed: nothing was put together, and what was before the camera, which may
        # have been a file, is not known.
        return SourceType.ENHANCED
    photos = {photo for pairing in recipe.pairings for photo in pairing.source.photos}
    made_up = any(one.basis is Basis.SYNTHETIC and not photos.isdisjoint(one.photos) for one in consents)
    return SourceType.SYNTHETIC_COMPOSITE if made_up else SourceType.CAPTURES_COMPOSITE


def edits_of(recipe: Recipe, source_type: SourceType) -> tuple[Edit, ...]:
    """Return what was done to the target, without any name."""
    edits: list[Edit] = []
    live = ", live" if recipe.take is not None else ""
    if recipe.pairings:
        edits.append(Edit(f"{'Face' if len(recipe.pairings) == 1 else 'Faces'} swapped{live}", source_type))
    is_drawn = source_type is SourceType.AI_COMPOSITE
    edits += [
        Edit(f"Age changed by {years:+d} years{live}", source_type if is_drawn else SourceType.ENHANCED)
        for years in sorted({one.years for one in recipe.ages})
    ]
    # Of a take in which nobody was changed there is nothing to tell but that it was recorded.
    return tuple(edits) if edits or recipe.take is not None else (Edit("Written anew"),)


def deed_of(
    recipe: Recipe,
    provider: ProviderInfo | None,
    source_type: SourceType,
    at: float,
    notes: Collection[str] = (),
) -> Deed:
    """Return what is told of a result.

    Args:
        recipe: What it was made from.
        provider: Who made it; None where it is no longer known.
        source_type: See ``source_type_of``.
        at: When it was made, in seconds since the epoch.
        notes: What is worth saying of it, English.
    """
    return Deed(
        title=TITLE,
        edits=edits_of(recipe, source_type),
        provider=provider.title if provider is not None else recipe.maker,
        on_this_computer=provider is not None and provider.is_local,
        has_label=has_label(recipe, notes),
        at=at,
        recorded=source_type if recipe.take is not None else None,
    )


def has_label(recipe: Recipe, notes: Collection[str]) -> bool:
    """Say whether a result has the label that its recipe wants: on a tiny picture there is no room for one."""
    return recipe.label.is_on and NO_ROOM_FOR_LABEL not in notes


def conversion(wanted: str, provider: str, at: float) -> Deed:
    """Return what is told of a copy of a result in another format; all else is told by the result's own credentials.

    Args:
        wanted: The format's name.
        provider: Title of this program's own work.
        at: Seconds since the epoch.
    """
    edit = Edit(f"Converted to {wanted}", None, CONVERTED)
    return Deed(TITLE, (edit,), provider, on_this_computer=True, has_label=False, at=at)


def disclosure_of(edits: Sequence[Edit]) -> str:
    """Return a sentence for people, for programs that show nothing else of metadata."""
    return f"{', '.join(one.description for one in edits) or 'Recorded live'}, with Faceswap Desktop."


def original_of(recipe: Recipe) -> str:
    """Return the path of what a result was made from; empty where it is gone, and where it was recorded live."""
    # A take is the result itself.
    return unchanged(recipe.media) if recipe.take is None else ""


def unchanged(media: Media) -> str:
    """Return the path of an original; empty where it is gone, or another file has its name now. It reads the file."""
    try:
        now = fingerprint(Path(media.path))
    except InputRefused:
        return ""
    known = media.fingerprint
    is_same = (now.size_bytes, now.quick_digest) == (known.size_bytes, known.quick_digest)
    return media.path if is_same else ""
