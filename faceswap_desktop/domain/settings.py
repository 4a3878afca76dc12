"""Settings: one frozen value, replaced whole. Stored sparsely in TOML by ``storage.settings_file``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from faceswap_desktop.domain.recipe import OutputOptions


class Theme(StrEnum):
    """How the window looks."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"


class Motion(StrEnum):
    """Whether things may move."""

    SYSTEM = "system"
    FULL = "full"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class AppearanceSettings:
    """``[appearance]``."""

    theme: Theme = Theme.SYSTEM
    motion: Motion = Motion.SYSTEM
    show_landmarks: bool = True
    show_numbers: bool = True


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """``[media]``: limits for files that come from outside."""

    max_megapixels: int = 200
    worker_memory_mb: int = 4096


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """``[storage]``.

    Attributes:
        library_folder: Where results go; empty for ``results`` in the data folder.
        cache_limit_mb: Thumbnails, atlases and detections are cleared, oldest first, above this.
        undo_seconds: How long a deleted result can be brought back before it goes to the trash.
    """

    library_folder: str = ""
    cache_limit_mb: int = 2048
    undo_seconds: int = 30


@dataclass(frozen=True, slots=True)
class JobSettings:
    """``[jobs]``.

    Attributes:
        workers: Worker processes for jobs; 0 for as many as the machine bears.
        task_limit_s: Seconds after which a silent worker is ended.
        notify_when_done: Show a notification when the last job ends.
        keep_awake: Keep the computer from sleeping while jobs run.
    """

    workers: int = 0
    task_limit_s: int = 120
    notify_when_done: bool = True
    keep_awake: bool = True


@dataclass(frozen=True, slots=True)
class SwapSettings:
    """``[swap]``: what a new pairing starts with.

    Attributes:
        provider: Id of the provider chosen last.
        preset: Name of the preset chosen last; empty for the built-in defaults.
    """

    provider: str = "on-device"
    preset: str = ""


@dataclass(frozen=True, slots=True)
class PlaybackSettings:
    """``[playback]``: how videos are played; the volume goes from 0 to 100."""

    volume: int = 80
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """``[cluster]``: a Dask cluster that renders videos.

    Attributes:
        address: Of its scheduler, ``tcp://host:8786`` or ``tls://host:8786``; empty to render here.
        tls_ca, tls_certificate, tls_key: Paths of PEM files, for a ``tls://`` address.
    """

    address: str = ""
    tls_ca: str = ""
    tls_certificate: str = ""
    tls_key: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the user can set."""

    appearance: AppearanceSettings = field(default_factory=AppearanceSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    jobs: JobSettings = field(default_factory=JobSettings)
    swap: SwapSettings = field(default_factory=SwapSettings)
    output: OutputOptions = field(default_factory=OutputOptions)
    playback: PlaybackSettings = field(default_factory=PlaybackSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
