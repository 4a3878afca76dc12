"""What has passed the gate. Only ``services.clearance`` lets anything pass; a test looks for others who try.

Providers, hosting, previews and live sessions take these values and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe, SourceRef
from faceswap_desktop.domain.recipe_json import recipe_to_json


@dataclass(frozen=True, slots=True)
class Seal:
    """Says that the gate looked at just this.

    Attributes:
        digest: Of what was let through, so that it cannot be put on something else.
        at: Seconds since the epoch.
    """

    digest: str
    at: float


@dataclass(frozen=True, slots=True)
class ClearedMedia:
    """A picture or video in which nothing sensitive was seen: it may be previewed, and shown to a detector.

    Raises:
        ValueError: The seal belongs to something else.
    """

    media: Media
    seal: Seal

    def __post_init__(self) -> None:
        if self.seal.digest != digest_of_media(self.media):
            raise ValueError("the seal is another media's")

    def made(self, path: str) -> ClearedFile:
        """Return a file that was made from this media alone: a copy, a frame."""
        return ClearedFile(path, self.seal)


@dataclass(frozen=True, slots=True)
class ClearedRecipe:
    """A recipe whose target and sources were looked at, and whose source faces have consent: it may be carried out.

    Raises:
        ValueError: The seal belongs to something else.
    """

    recipe: Recipe
    seal: Seal

    def __post_init__(self) -> None:
        if self.seal.digest != digest_of_recipe(self.recipe):
            raise ValueError("the seal is another recipe's")

    @property
    def media(self) -> ClearedMedia:
        """Its target."""
        return ClearedMedia(self.recipe.media, Seal(digest_of_media(self.recipe.media), self.seal.at))

    def made(self, path: str) -> ClearedFile:
        """Return a file that was made from this recipe's target and sources: a copy, a crop, a frame."""
        return ClearedFile(path, self.seal)


@dataclass(frozen=True, slots=True)
class ClearedSource:
    """A source face that was looked at and has consent: it may be put onto a camera's picture.

    Raises:
        ValueError: The seal belongs to something else.
    """

    source: SourceRef
    seal: Seal

    def __post_init__(self) -> None:
        if self.seal.digest != digest_of_source(self.source):
            raise ValueError("the seal is another source face's")

    def made(self, path: str) -> ClearedFile:
        """Return a file that was made from this source face alone."""
        return ClearedFile(path, self.seal)


@dataclass(frozen=True, slots=True)
class ClearedFile:
    """A file on this computer that was made of what passed the gate, and may leave the computer."""

    path: str
    seal: Seal


def digest_of_media(media: Media) -> str:
    """Return what stands for the content of a media."""
    return f"media:{media.fingerprint.size_bytes}:{media.fingerprint.quick_digest}"


def digest_of_source(source: SourceRef) -> str:
    """Return what stands for the very photos of a source face."""
    return "source:" + " ".join((source.id, *source.photos))


def digest_of_recipe(recipe: Recipe) -> str:
    """Return what stands for everything that a recipe says."""
    written = json.dumps(recipe_to_json(recipe), sort_keys=True, ensure_ascii=False, default=str)
    return "recipe:" + hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
