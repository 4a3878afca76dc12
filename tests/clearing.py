"""Lets things pass the gate in tests of what lies behind it."""

from __future__ import annotations

from pathlib import Path

from faceswap_desktop.domain.clearance import (
    ClearedFile,
    ClearedMedia,
    ClearedRecipe,
    ClearedSource,
    Seal,
    digest_of_media,
    digest_of_recipe,
    digest_of_source,
)
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import Recipe, SourceRef


def cleared(recipe: Recipe) -> ClearedRecipe:
    """Let a recipe pass unseen."""
    return ClearedRecipe(recipe, Seal(digest_of_recipe(recipe), 1.0))


def cleared_media(media: Media) -> ClearedMedia:
    """Let a media pass unseen."""
    return ClearedMedia(media, Seal(digest_of_media(media), 1.0))


def cleared_picture(path: Path) -> ClearedMedia:
    """Let a file pass of which nothing but its place is known."""
    known = Fingerprint(path.stat().st_size, 0, "")
    return cleared_media(Media(MediaId(str(path)), str(path), MediaKind.IMAGE, Size(1, 1), "", known))


def cleared_source(source: SourceRef) -> ClearedSource:
    """Let a source face pass unseen."""
    return ClearedSource(source, Seal(digest_of_source(source), 1.0))


def cleared_file(path: object) -> ClearedFile:
    """Let a file pass unseen."""
    return ClearedFile(str(path), Seal("test", 1.0))


async def clear_all(recipe: Recipe, job: JobId) -> ClearedRecipe:
    """Let every job pass unseen."""
    del job
    return cleared(recipe)
