"""Self-test, log and a file for support that holds no secrets and no pictures."""

from __future__ import annotations

import asyncio
import json
import platform
import socket
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from faceswap_desktop import __version__
from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.live import CameraKind
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.services.accounts import RELAY_SECRET, S3_SECRETS
from faceswap_desktop.services.checks import Check
from faceswap_desktop.services.identities import CREDENTIALS_SECRETS
from faceswap_desktop.services.redaction import redact
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.signing_trial import SigningTrial
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.identities import KEY_SECRET
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.live_sessions import LiveSessionStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.secrets import Secrets
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.requests import SelfTest, SelfTestReport

_LOG_TAIL_BYTES = 512 * 1024
_MOST_JOBS = 500
_FREE_TEXTS = frozenset({"log.txt", "self-test.json", "settings.json"})
"""What is not made of numbers and words of the program alone."""
_SHOWN_TEXTS: Final = frozenset({"swap.provider", "providers.accepted_terms", "hosting.s3.region"})
"""Settings that are texts and name nobody and no place of the user's. Of all others it is shown that they are set."""
_SET: Final = "(set)"
_PACKAGES = (
    "PySide6-Essentials",
    "qasync",
    "httpx",
    "aiohttp",
    "botocore",
    "c2pa-python",
    "keyring",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "pillow",
    "pi-heif",
    "av",
)


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
        signing_trial: SigningTrial | None = None,
    ) -> None:
        self._home = home
        self._signing_trial = signing_trial
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
        """Try every part once: checkpoints, formats, codecs, keyring, database, display, providers, what Live needs."""
        checks = [Check("python", sys.version_info >= (3, 11), platform.python_version())]
        checks += await self._worker_checks()
        checks.append(await self._database_check())
        checks.append(Check("keyring", self._secrets.is_persistent, self._secrets.backend_name, is_needed=False))
        checks += await self._signing_checks()
        checks.append(_display_check())
        checks += [Check(f"provider {one.info.id}", True, one.info.title) for one in self._providers]
        from faceswap_desktop.services.live_checks import live_checks

        checks += await live_checks(LiveSessionStore(self._database))
        return checks

    async def write_report(self, path: Path) -> Path:
        """Write a zip with the self-test, the settings, the job list without names, and the end of the log.

        Nothing in it names the user, the user's files, the people of the library, or a place of the user's on the
        internet, and keys are blacked out.

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
        secrets = await self._known_secrets()
        hosts = _hosts_of(Settings())

        def clean(name: str) -> str:
            return redact(texts[name], names, secrets, hosts) if name in _FREE_TEXTS else texts[name]

        return await asyncio.to_thread(lambda: {name: clean(name) for name in texts})

    async def _names(self) -> set[str]:
        """Return what must not be in the report although the log may have it."""
        settings = self._settings.current
        bucket = settings.hosting.s3.bucket
        import getpass

        names = {getpass.getuser(), socket.gethostname(), settings.swap.preset, bucket}
        names |= _hosts_of(settings) - _hosts_of(Settings())
        names |= {settings.credentials.certificate, settings.credentials.key, settings.credentials.trust_anchors}
        if settings.live.camera_kind is not CameraKind.DEVICE:
            names |= {settings.live.camera, Path(settings.live.camera).stem}
        for job in await self._ledger.list(limit=_MOST_JOBS):
            names.add(job.recipe.media.path)
            names.add(job.recipe.output.requested_path)
            names.add(job.recipe.consent_note)
            names.add(_host_of(job.recipe.target_url))
            names |= {pairing.source.name for pairing in job.recipe.pairings}
        for face in await SourceFaceStore(self._database).all():
            names.add(face.name)
            names |= {photo.origin_name for photo in face.photos}
        return names

    async def _known_secrets(self) -> list[str]:
        """Return the user's keys and pasted addresses, so that they go from the report wherever they stand."""
        names = [*S3_SECRETS, RELAY_SECRET, *CREDENTIALS_SECRETS, KEY_SECRET]
        for provider in self._providers:
            if (account := provider.account) is not None:
                names += [field.name for fields in account.info.alternatives for field in fields]
        pasted = {job.recipe.target_url for job in await self._ledger.list(limit=_MOST_JOBS)} - {""}
        return [secret for name in dict.fromkeys(names) if (secret := await self._secrets.get(name))] + sorted(pasted)

    def _shown_settings(self) -> dict[str, Any]:
        """Return the settings without what names a folder, a file, a person or a place on the internet."""
        return _without_texts(asdict(self._settings.current), asdict(Settings()), "")

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

    async def _signing_checks(self) -> list[Check]:
        if self._signing_trial is None:
            return []
        report = await self._signing_trial.run(stays_here=True)
        wrong = [str(step.message) for step in report.steps if not step.is_ok]
        signer = self._settings.current.credentials.signer
        told = f"signer: {signer.value}; {' '.join(wrong) or ', '.join(step.name for step in report.steps)}"
        return [Check("content credentials", report.is_ok, told, is_needed=False)]

    async def _database_check(self) -> Check:
        try:
            result = await self._database.read(lambda connection: connection.execute("PRAGMA quick_check").fetchone())
        except FaceSwapError as error:
            return Check("database", False, str(error))
        return Check("database", result[0] == "ok", str(result[0]))


def _without_texts(values: dict[str, Any], defaults: dict[str, Any], section: str) -> dict[str, Any]:
    """Return settings in which texts that the user wrote are replaced by a word that says so."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        place = f"{section}{name}"
        if isinstance(value, dict):
            shown[name] = _without_texts(value, defaults[name], f"{place}.")
        else:
            # Choices of a list are texts too, of a type of their own.
            is_own = type(value) is str and value != defaults[name] and place not in _SHOWN_TEXTS
            shown[name] = _SET if is_own else value
    return shown


def _hosts_of(settings: Settings) -> set[str]:
    """Return the hosts that settings name."""
    addresses = (
        settings.providers.akool.base_url,
        settings.providers.akool.detect_url,
        settings.providers.aifaceswap.base_url,
        settings.providers.aigs.base_url,
        settings.hosting.s3.endpoint_url,
        settings.webhook.public_url,
        settings.webhook.relay_url,
        settings.cluster.address,
        settings.credentials.signer_url,
    )
    return {host for address in addresses if (host := _host_of(address))}


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


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
    # A thousand kilobytes that the window does without until somebody asks.
    from importlib import metadata

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
