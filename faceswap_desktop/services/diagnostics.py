"""Self-test, log and a file for support that holds no secrets and no pictures."""

from __future__ import annotations

import asyncio
import getpass
import json
import platform
import socket
import sys
import zipfile
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from faceswap_desktop import __version__
from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.services.redaction import redact
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.secrets import Secrets
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import SelfTest, SelfTestReport

_LOG_TAIL_BYTES = 512 * 1024
_MOST_JOBS = 500
_FREE_TEXTS = frozenset({"log.txt", "self-test.json", "settings.json"})
"""What is not made of numbers and words of the program alone."""
_PACKAGES = (
    "PySide6-Essentials",
    "qasync",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "pillow",
    "pi-heif",
    "av",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the self-test.

    Attributes:
        name: What was tried.
        is_ok: Whether it works.
        detail: What was found.
        is_needed: Whether the program cannot do its main job without it.
    """

    name: str
    is_ok: bool
    detail: str
    is_needed: bool = True


class Diagnostics:
    """Looks after the program's health."""

    def __init__(
        self,
        home: Home,
        database: Database,
        ledger: Ledger,
        secrets: Secrets,
        pool: WorkerPool,
        providers: tuple[Provider, ...],
        settings: SettingsService,
    ) -> None:
        self._home = home
        self._database = database
        self._ledger = ledger
        self._secrets = secrets
        self._pool = pool
        self._providers = providers
        self._settings = settings

    @property
    def log_file(self) -> Path:
        """Where the log is written."""
        return self._home.log_file

    async def self_test(self) -> list[Check]:
        """Try every part once: checkpoints, picture formats, video codecs, keyring, database, display, providers."""
        checks = [Check("python", sys.version_info >= (3, 11), platform.python_version())]
        checks += await self._worker_checks()
        checks.append(await self._database_check())
        checks.append(Check("keyring", self._secrets.is_persistent, self._secrets.backend_name, is_needed=False))
        checks.append(_display_check())
        checks += [Check(f"provider {one.info.id}", True, one.info.title) for one in self._providers]
        return checks

    async def write_report(self, path: Path) -> Path:
        """Write a zip with the self-test, the settings, the job list without names, and the end of the log.

        Nothing in it names the user, the user's files or the people of the library, and whatever looks like a key is
        blacked out.

        Raises:
            FaceSwapError: It cannot be written.
        """
        checks = await self.self_test()
        jobs = [
            {
                "id": job.id,
                "state": job.state,
                "hold": job.hold,
                "attempt": job.attempt,
                "provider": job.recipe.provider,
                "format": job.recipe.media.format,
                "size": list(job.recipe.media.size),
                "faces": len(job.recipe.targets),
                "failure": job.failure.kind if job.failure else None,
            }
            for job in await self._ledger.list(limit=500)
        ]
        about = {
            "program": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            "packages": {name: _version_of(name) for name in _PACKAGES},
        }
        texts = {
            "about.json": json.dumps(about, indent=2),
            "self-test.json": json.dumps([asdict(check) for check in checks], indent=2),
            "settings.json": json.dumps(self._shown_settings(), indent=2, default=str),
            "jobs.json": json.dumps(jobs, indent=2),
            "log.txt": await asyncio.to_thread(_tail, self._home.log_file),
        }
        clean = await self._clean(texts)
        await asyncio.to_thread(_write_zip, path, clean)
        return path

    async def _clean(self, texts: dict[str, str]) -> dict[str, str]:
        names = await self._names()

        def clean(name: str) -> str:
            return redact(texts[name], names) if name in _FREE_TEXTS else texts[name]

        return await asyncio.to_thread(lambda: {name: clean(name) for name in texts})

    async def _names(self) -> set[str]:
        """Return what must not be in the report although the log may have it."""
        names = {getpass.getuser(), socket.gethostname(), self._settings.current.swap.preset}
        for job in await self._ledger.list(limit=_MOST_JOBS):
            names.add(job.recipe.media.path)
            names.add(job.recipe.output.requested_path)
            names.add(job.recipe.consent_note)
            names |= {pairing.source.name for pairing in job.recipe.pairings}
        for face in await SourceFaceStore(self._database).all():
            names.add(face.name)
            names |= {photo.origin_name for photo in face.photos}
        return names

    def _shown_settings(self) -> dict[str, Any]:
        """Return the settings without what names a folder, a file or a person."""
        shown = asdict(self._settings.current)
        for section, key in (("storage", "library_folder"), ("output", "requested_path"), ("swap", "preset")):
            shown[section][key] = bool(shown[section][key])
        shown["output"]["name_template"] = shown["output"]["name_template"] == OutputOptions().name_template
        return shown

    async def _worker_checks(self) -> list[Check]:
        try:
            report: SelfTestReport = await self._pool.run("self_test", SelfTest())
        except FaceSwapError as error:
            return [Check("workers", False, str(error))]
        checks = [Check("workers", True, "a worker process answers")]
        checks += [Check(f"checkpoint {name}", ok, detail) for name, ok, detail in report.checkpoints]
        checks += [
            Check(f"format {name}", can_read, _reads_and_writes(can_read=can_read, can_write=can_write))
            for name, can_read, can_write in report.codecs
        ]
        checks += [
            Check(f"video {name}", can_read, _reads_and_writes(can_read=can_read, can_write=can_write))
            for name, can_read, can_write in report.video_codecs
        ]
        return checks

    async def _database_check(self) -> Check:
        try:
            result = await self._database.read(lambda connection: connection.execute("PRAGMA quick_check").fetchone())
        except FaceSwapError as error:
            return Check("database", False, str(error))
        return Check("database", result[0] == "ok", str(result[0]))


def _reads_and_writes(*, can_read: bool, can_write: bool) -> str:
    if not can_read:
        return "writes, but cannot read" if can_write else "cannot be read"
    return "reads and writes" if can_write else "reads"


def _display_check() -> Check:
    if sys.platform in {"win32", "darwin"}:
        return Check("display", True, "the system's own", is_needed=False)
    import os

    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(name):
            return Check("display", True, f"{name} is set", is_needed=False)
    return Check("display", False, "no screen: the command line works, the window does not", is_needed=False)


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _tail(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _LOG_TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _write_zip(path: Path, texts: dict[str, str]) -> None:
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
    except OSError as error:
        reason: Message = message(
            "{name} could not be written: {reason}.", name=path.name, reason=error.strerror or str(error)
        )
        raise FaceSwapError(reason, message("Choose another folder."), kind="permission") from error
