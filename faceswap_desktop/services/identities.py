"""With whose certificate is signed: this installation's, the user's own, or one whose key somebody else keeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import InputRefused, SignerError, StorageError, UsageError
from faceswap_desktop.domain.events import Event, Noticed, SettingsChanged
from faceswap_desktop.domain.job import Hold
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.domain.settings import CredentialsSettings
from faceswap_desktop.domain.signing import CertificateFacts, Identity, RemoteIdentity
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.media.fingerprint import open_regular
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.storage.failures import shown_path
from faceswap_desktop.storage.identities import IdentityStore
from faceswap_desktop.storage.secrets import Secrets
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.sign_requests import CheckedIdentity, CheckIdentity, MakeIdentity

PASSPHRASE_SECRET: Final = "credentials.passphrase"  # noqa: S105 - its name
TOKEN_SECRET: Final = "credentials.signer_token"  # noqa: S105 - its name
CREDENTIALS_SECRETS: Final = (PASSPHRASE_SECRET, TOKEN_SECRET)

RENEW_BEFORE_S: Final = 5 * 365 * 86_400.0
"""What is signed has to stay valid for some years, so this installation's certificate is replaced at half its time."""

Release = Callable[[Hold], Awaitable[object]]
"""Frees the jobs that wait for one thing."""

_MOST_PEM: Final = 2**20
_WAIT_FOR_LOCK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class InstallationState:
    """What is to be said of this installation's certificate.

    Attributes:
        facts: What it says of itself.
        is_in_keyring: The key lies in the system's keyring, else in ``key_file``.
        key_file: Where it then lies.
        keyring: What the keyring is called.
    """

    facts: CertificateFacts
    is_in_keyring: bool
    key_file: str
    keyring: str


class Identities:
    """Finds the identity with which is signed now, and makes this installation's on its first use."""

    def __init__(
        self, store: IdentityStore, secrets: Secrets, settings: SettingsService, pool: WorkerPool, bus: EventBus
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._settings = settings
        self._pool = pool
        self._bus = bus
        self._turn = asyncio.Lock()
        self._own: tuple[Identity, CertificateFacts] | None = None
        self._checked: dict[tuple[object, ...], CheckedIdentity] = {}
        self._is_said = False
        self._release: Release | None = None
        self._releasing: set[asyncio.Task[None]] = set()

    async def current(self) -> Identity | RemoteIdentity:
        """Return with what is signed, as the settings say.

        Raises:
            SignerError: It will not do, and why (kinds ``certificate``, ``passphrase``).
            StorageError: This installation's could not be made or read.
        """
        credentials = self._settings.current.credentials
        if credentials.signer is SignerKind.INSTALLATION:
            return (await self._installation())[0]
        return (await self.checked(credentials)).identity

    async def checked(self, credentials: CredentialsSettings) -> CheckedIdentity:
        """Look whether the user's certificate will do, and its key where that is here.

        Raises:
            SignerError: It will not do, and why.
        """
        is_remote = credentials.signer is SignerKind.REMOTE
        chain = await asyncio.to_thread(_pem, credentials.certificate, message("No certificate is chosen."))
        key, passphrase = b"", ""
        if not is_remote:
            key = await asyncio.to_thread(_pem, credentials.key, message("No private key is chosen."))
            passphrase = await self._secrets.get(PASSPHRASE_SECRET) or ""
        asked = (chain, key, passphrase)
        known = self._checked.get(asked)
        if known is None or known.facts.not_after <= time.time():
            known = await self._pool.run("check_identity", CheckIdentity(*asked))
            # What was there before is of no use any more.
            self._checked = {asked: known}
        return known

    async def installation(self) -> InstallationState:
        """Return what is to be said of this installation's certificate; it is made where there is none yet.

        Raises:
            SignerError: It could not be made.
            StorageError: It could not be kept.
        """
        _, facts = await self._installation()
        is_in_keyring = await self._store.is_in_keyring()
        return InstallationState(facts, is_in_keyring, str(self._store.key_file), self._secrets.backend_name)

    async def set_secret(self, name: str, value: str) -> bool:
        """Keep the passphrase of the user's key, or the token of a signing service; an empty one is forgotten.

        Jobs that wait for their signer try again.

        Args:
            name: One of ``CREDENTIALS_SECRETS``.
            value: The secret.

        Returns:
            Whether it outlasts the session.

        Raises:
            ValueError: It is none of these.
            UsageError: A token holds what no header can.
        """
        if name not in CREDENTIALS_SECRETS:
            raise ValueError(f"{name} is kept elsewhere")
        if name == TOKEN_SECRET:
            value = value.strip()
            if not value.isprintable() or not value.isascii():
                raise UsageError(
                    message("The token holds characters that no token has."),
                    message("Copy it again, without line breaks."),
                )
        is_lasting = True
        if value:
            is_lasting = await self._secrets.set(name, value)
        else:
            await self._secrets.delete(name)
        await self._try_again()
        return is_lasting

    async def has_secret(self, name: str) -> bool:
        """Say whether one of ``CREDENTIALS_SECRETS`` is set."""
        return bool(await self._secrets.get(name))

    async def keeps_secrets(self) -> bool:
        """Say whether secrets outlast this session, because the system has a keyring."""
        return await asyncio.to_thread(lambda: self._secrets.is_persistent)

    async def export_certificate(self, path: Path) -> None:
        """Write this installation's certificate with its root to a file, in the place of what is there.

        Raises:
            SignerError: It could not be made.
            StorageError: It cannot be written there.
        """
        await asyncio.to_thread(write_atomically, path, (await self._installation())[0].chain_pem)

    def follow(self, release: Release) -> None:
        """Have jobs that wait for their signer tried again whenever the settings of it change."""
        self._release = release
        self._bus.subscribe(self._on_event)

    async def close(self) -> None:
        """Stop following."""
        for task in self._releasing:
            task.cancel()
        await asyncio.gather(*self._releasing, return_exceptions=True)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, SettingsChanged) and event.old.credentials != event.new.credentials:
            task = asyncio.get_running_loop().create_task(self._try_again(), name="jobs let go")
            self._releasing.add(task)
            task.add_done_callback(self._releasing.discard)

    async def _try_again(self) -> None:
        if self._release is not None:
            await self._release(Hold.SIGNER)

    async def own_roots(self) -> bytes:
        """Return the roots of all identities that this installation ever had."""
        return await self._store.roots()

    async def _installation(self) -> tuple[Identity, CertificateFacts]:
        async with self._turn:
            if self._own is None or _is_old(self._own[1]):
                self._own = await self._found_or_made()
            return self._own

    async def _found_or_made(self) -> tuple[Identity, CertificateFacts]:
        """Take what is kept, or make it: one process after the other, so that all come to the same."""
        await asyncio.to_thread(self._store.prepare)
        lock = self._store.lock
        try:
            await asyncio.to_thread(lock.acquire, _WAIT_FOR_LOCK_S)
        except TimeoutError as error:
            raise StorageError(
                message("Another program holds this installation's certificate for a long time."),
                message("Close other windows of the program, and try again."),
                kind="locked",
            ) from error
        try:
            found = await self._store.current()
            if found is not None and (facts := await self._fit(found)) is not None:
                return found, facts
            made: Identity = await self._pool.run("make_identity", MakeIdentity())
            new = await self._facts(made)
            if not await self._store.keep(made, new.sha256):
                self._say_where()
            return made, new
        finally:
            await asyncio.to_thread(lock.release)

    async def _fit(self, identity: Identity) -> CertificateFacts | None:
        """Return what a kept identity says; None where it is worn out, or its parts do not go together."""
        try:
            facts = await self._facts(identity)
        except SignerError:
            return None
        return None if _is_old(facts) else facts

    async def _facts(self, identity: Identity) -> CertificateFacts:
        checked: CheckedIdentity = await self._pool.run(
            "check_identity", CheckIdentity(identity.chain_pem, identity.key_pem)
        )
        return checked.facts

    def _say_where(self) -> None:
        if not self._is_said:
            self._is_said = True
            text = message(
                "This computer offers no keyring. The key with which results are signed is kept in “{file}”, which you "
                "alone can read.",
                file=shown_path(self._store.key_file),
            )
            self._bus.publish(Noticed(text))


def _is_old(facts: CertificateFacts) -> bool:
    return facts.not_after - time.time() < RENEW_BEFORE_S


def _pem(path: str, missing: Message) -> bytes:
    """Read a file of certificates or of a key.

    Raises:
        SignerError: None is named, or it cannot be read (kind ``certificate``).
    """
    hint = message("Choose it in the settings, under Content Credentials; or sign with this installation's.")
    if not path:
        raise SignerError(missing, hint, kind="certificate")
    try:
        with open_regular(Path(path).expanduser()) as stream:
            content = stream.read(_MOST_PEM + 1)
    except (InputRefused, OSError, RuntimeError) as error:
        why = error.message if isinstance(error, InputRefused) else message("“{file}” cannot be read.", file=path)
        raise SignerError(why, hint, kind="certificate") from error
    if len(content) > _MOST_PEM:
        text = message("“{file}” is too long for a certificate or a key.", file=Path(path).name)
        raise SignerError(text, hint, kind="certificate")
    return content
