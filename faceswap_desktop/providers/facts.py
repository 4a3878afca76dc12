"""Limits, retention and addresses of the services, read from ``resources/providers/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from faceswap_desktop.resources import resource_path

PROVIDERS: Final = ("akool", "aifaceswap", "aigs")
"""Services that there are facts of."""


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a service takes as a picture.

    Attributes:
        formats: Out of ``JPEG``, ``PNG`` and ``WEBP``.
        min_edge, max_edge: Shortest and longest side in pixels.
        max_bytes: Longest file.
    """

    formats: tuple[str, ...]
    min_edge: int
    max_edge: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What a service takes as a video.

    Attributes:
        format: Container, as ``Media.format`` has it.
        codec: FFmpeg's name.
        max_seconds: How long it may be.
        min_edge, max_edge: Shortest and longest side in pixels.
        max_bytes: Longest file.
    """

    format: str
    codec: str
    max_seconds: float
    min_edge: int
    max_edge: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What is known of a service beside how it is called.

    A provider whose calls differ narrows them with ``dataclasses.replace``, for example ``replace(facts,
    most_faces=1, video=None)`` for a call that takes single pictures.

    Attributes:
        id, title: As ``ProviderInfo``.
        hosts: Names of the computers that get files, as people are told.
        key_page: Where to get a key.
        kept_days: How long results stay there; 0 where it does not say.
        max_concurrent_jobs: How many jobs it is given at once.
        max_starting: How many of them are made ready and handed over at once; 0 for all.
        most_faces: How many faces one job may change; 0 for any number.
        min_face_px: Shorter side of a face's box in what is sent; 0 where it does not say.
        sends_region: It is not told which face to change, so only the region around that face is sent.
        reage_years: By how many years it makes people older or younger at most; 0 for not at all.
        source: Pictures of the new face.
        target: Pictures that are edited.
        video: Videos that are edited; None where it takes none.
    """

    id: str
    title: str
    hosts: tuple[str, ...]
    key_page: str
    kept_days: int
    max_concurrent_jobs: int
    most_faces: int
    min_face_px: int
    sends_region: bool
    reage_years: int
    source: PictureLimits
    target: PictureLimits
    video: VideoLimits | None = None
    max_starting: int = 0


@cache
def facts_of(provider: str) -> ProviderFacts:
    """Return what is known of a service.

    Args:
        provider: One of ``PROVIDERS``.

    Raises:
        KeyError: Nothing is known of it, or its file lacks something.
    """
    if provider not in PROVIDERS:
        raise KeyError(provider)
    with resource_path("providers", f"{provider}.toml").open("rb") as stream:
        table = tomllib.load(stream)
    video = table.pop("video", None)
    return ProviderFacts(
        **{name: _frozen(value) for name, value in table.items() if name not in {"source", "target"}},
        source=_picture(table["source"]),
        target=_picture(table["target"]),
        video=VideoLimits(**video) if video is not None else None,
    )


def _picture(table: dict[str, Any]) -> PictureLimits:
    return PictureLimits(**{name: _frozen(value) for name, value in table.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
