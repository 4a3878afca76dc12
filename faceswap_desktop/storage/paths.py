"""Where everything lies: one home folder, or the platform's three places for data, settings and cache."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from faceswap_desktop.storage.failures import mapped_errors

HOME_VARIABLE: Final = "FACESWAP_HOME"
APP_FOLDER: Final = "faceswap-desktop"


@dataclass(frozen=True)
class Home:
    """The folders and files of one home.

    Attributes:
        root: Data: library, results, source faces, log. Everything else too, unless given apart.
        settings_root: Folder of the settings file; None for ``root``.
        cache_root: Folder of what can be made again; None for ``cache`` in ``root``.
    """

    root: Path
    settings_root: Path | None = None
    cache_root: Path | None = None

    @classmethod
    def find(cls, explicit: str | None = None) -> Home:
        """Return the home to use: ``explicit`` (``--home``), ``FACESWAP_HOME``, else the platform's places."""
        chosen = explicit or os.environ.get(HOME_VARIABLE, "")
        if chosen:
            return cls(Path(os.path.abspath(Path(chosen).expanduser())))  # noqa: PTH100 - no symlinks resolved
        return cls(
            platformdirs.user_data_path(APP_FOLDER, appauthor=False),
            platformdirs.user_config_path(APP_FOLDER, appauthor=False),
            platformdirs.user_cache_path(APP_FOLDER, appauthor=False),
        )

    @property
    def settings_folder(self) -> Path:
        """Folder of the settings file and the window's state."""
        return self.settings_root or self.root

    @property
    def settings_file(self) -> Path:
        """The settings, TOML."""
        return self.settings_folder / "settings.toml"

    @property
    def window_state_file(self) -> Path:
        """Geometry and splitters, written by Qt."""
        return self.settings_folder / "window.ini"

    @property
    def database(self) -> Path:
        """The ledger and the library, SQLite."""
        return self.root / "faceswap.sqlite3"

    @property
    def results_folder(self) -> Path:
        """Where results go unless the settings name another folder."""
        return self.root / "results"

    @property
    def faces_folder(self) -> Path:
        """Crops and thumbnails of source faces, a folder each photo."""
        return self.root / "faces"

    @property
    def documents_folder(self) -> Path:
        """Documents that say that faces may be used; made with the first."""
        return self.root / "consents"

    @property
    def parts_folder(self) -> Path:
        """Parts that were cut out of pictures; made with the first."""
        return self.root / "parts"

    @property
    def takes_folder(self) -> Path:
        """Recordings and snapshots of live pictures that are not results yet; made with the first."""
        return self.root / "takes"

    @property
    def held_folder(self) -> Path:
        """Deleted files until their undo expires."""
        return self.root / "held"

    @property
    def cache_folder(self) -> Path:
        """What can be made again."""
        return self.cache_root or self.root / "cache"

    @property
    def thumbnails_folder(self) -> Path:
        """Small pictures of results and media."""
        return self.cache_folder / "thumbnails"

    @property
    def atlases_folder(self) -> Path:
        """Merged texture atlases of source faces."""
        return self.cache_folder / "atlases"

    @property
    def videos_folder(self) -> Path:
        """What is known of videos: presentation times, faces in every frame."""
        return self.cache_folder / "videos"

    @property
    def scratch_folder(self) -> Path:
        """Unfinished work; emptied at start."""
        return self.cache_folder / "scratch"

    @property
    def log_file(self) -> Path:
        """The log."""
        return self.root / "logs" / "faceswap.log"

    @property
    def lease_file(self) -> Path:
        """Locked by the process that runs the jobs of this home."""
        return self.root / "runner.lock"

    @property
    def bell_file(self) -> Path:
        """Where and with which key the runner listens for other processes."""
        return self.root / "runner.bell"

    def results_folder_for(self, library_folder: str) -> Path:
        """Return where results go, given the setting ``storage.library_folder`` (empty for the default).

        A relative one lies in the home: results are found again from whatever folder the program is started.
        """
        if not library_folder:
            return self.results_folder
        # Unlike Path's, this does not raise over a user who does not exist.
        return Path(os.path.abspath(self.root / os.path.expanduser(library_folder)))  # noqa: PTH100, PTH111

    def create(self) -> None:
        """Make all folders and prove that they can be written.

        Raises:
            StorageError: Kind ``read-only``, ``permission``, ``disk-full``, ``not-a-folder`` or ``io``.
        """
        # Pictures of people: not for other users of this computer to read.
        for folder in (self.root, self.settings_folder, self.cache_folder):
            _make_folder(folder, mode=0o700)
        for folder in (
            self.results_folder,
            self.faces_folder,
            self.held_folder,
            self.log_file.parent,
            self.thumbnails_folder,
            self.atlases_folder,
            self.videos_folder,
            self.scratch_folder,
        ):
            _make_folder(folder)
        for folder in (self.root, self.settings_folder, self.cache_folder):
            _try_writing(folder)


def _make_folder(folder: Path, mode: int = 0o777) -> None:
    with mapped_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=mode, exist_ok=True)


def _try_writing(folder: Path) -> None:
    """An existing folder says nothing: only a byte that was written tells of a full or read-only disk."""
    with mapped_errors(folder):
        handle, name = tempfile.mkstemp(dir=folder, prefix=".write-test-")
        try:
            os.write(handle, b"1")
        finally:
            os.close(handle)
            Path(name).unlink()
