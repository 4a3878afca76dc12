"""Accounts at providers: keys, what is left of the credits, and what a provider wants to be agreed to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.clearance import ClearedMedia
from faceswap_desktop.domain.cloud import AccountInfo, AccountStatus, RemoteAccount, RemoteFace
from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, UsageError
from faceswap_desktop.domain.job import Hold
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.providers.protocol import Provider, ProviderInfo
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.secrets import Secrets

S3_SECRETS: Final = ("s3.access_key_id", "s3.secret_access_key")
RELAY_SECRET: Final = "webhook.relay_token"  # noqa: S105 - its name

Release = Callable[[Hold, str | None], Awaitable[object]]
"""Frees the jobs that wait for one thing, of one provider or of all."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """What is set of an account.

    Attributes:
        set_fields: Names of the secrets that are set.
        is_complete: One way to sign in is set whole.
        notice: What to say of where keys are kept; None where they are in the system's keyring.
    """

    set_fields: frozenset[str]
    is_complete: bool
    notice: Message | None


class Accounts:
    """The user's accounts at the providers that have them."""

    def __init__(
        self, providers: Sequence[Provider], secrets: Secrets, settings: SettingsService, release: Release
    ) -> None:
        self._accounts: dict[str, tuple[ProviderInfo, RemoteAccount]] = {}
        for provider in providers:
            if (account := provider.account) is not None:
                self._accounts[provider.info.id] = (provider.info, account)
        self._secrets = secrets
        self._settings = settings
        self._release = release

    @property
    def providers(self) -> tuple[ProviderInfo, ...]:
        """Everyone with whom one can have an account."""
        return tuple(info for info, _ in self._accounts.values())

    def info(self, provider_id: str) -> AccountInfo:
        """Return what a provider wants to know of its user.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
        """
        return self._account(provider_id).info

    async def state(self, provider_id: str) -> AccountState:
        """Say what is set of an account; the keys themselves are never handed out.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
        """
        info = self.info(provider_id)
        names = [field.name for fields in info.alternatives for field in fields]
        found = frozenset([name for name in dict.fromkeys(names) if await self._secrets.get(name)])
        return AccountState(
            found,
            any(all(field.name in found for field in fields) for fields in info.alternatives),
            await self._notice(),
        )

    async def set(self, provider_id: str, values: Mapping[str, str]) -> Message | None:
        """Keep keys; an empty one is forgotten. Jobs that wait for a key go on.

        Args:
            provider_id: Whose.
            values: By the names of the fields; blanks around them are dropped, as they come with pasting.

        Returns:
            What to say where they do not outlast the session; None where they do.

        Raises:
            UsageError: There is no such provider or field, or a key holds a line break.
        """
        fields = {field.name for fields in self.info(provider_id).alternatives for field in fields}
        if unknown := sorted(values.keys() - fields):
            raise UsageError(
                message("{provider} has no key called {name}.", provider=provider_id, name=unknown[0]),
                message("Its keys are: {names}.", names=", ".join(sorted(fields))),
            )
        notice = await self.set_secrets(values)
        await self._release(Hold.ACCOUNT, provider_id)
        return notice

    async def set_secrets(self, values: Mapping[str, str]) -> Message | None:
        """Keep secrets that belong to no provider (``S3_SECRETS``, ``RELAY_SECRET``), in the same manner.

        Jobs that wait for a place for their files, or for an address of ours, go on.

        Raises:
            UsageError: One holds a line break or another character that no key has.
        """
        plain = {name: value.strip() for name, value in values.items()}
        for name, value in plain.items():
            if not value.isprintable() or not value.isascii():
                raise UsageError(
                    message("The key for {name} holds characters that no key has.", name=name),
                    message("Copy it again, without line breaks."),
                )
        for name, value in plain.items():
            if value:
                await self._secrets.set(name, value)
            else:
                await self._secrets.delete(name)
        for hold, names in ((Hold.HOSTING, S3_SECRETS), (Hold.WEBHOOK, (RELAY_SECRET,))):
            if plain.keys() & set(names):
                await self._release(hold, None)
        return await self._notice()

    async def has_secrets(self, names: Sequence[str]) -> bool:
        """Say whether all of these are set."""
        return all([await self._secrets.get(name) for name in names])

    async def forget(self, provider_id: str) -> None:
        """Forget all keys of one provider; those of the environment stay.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
        """
        for fields in self.info(provider_id).alternatives:
            for field in fields:
                await self._secrets.delete(field.name)

    async def test(self, provider_id: str) -> AccountStatus:
        """Ask the provider whether it takes the key; whatever happens is said in the answer.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
        """
        if not await self._can_sign_in(provider_id):
            return AccountStatus(False, message("No key is set."), is_checked=False)
        try:
            status = await self._account(provider_id).test()
        except ProviderError as error:
            is_checked = isinstance(error, ProviderRejected)
            return AccountStatus(False, error.message, hint=error.hint, is_checked=is_checked)
        if status.is_valid:
            await self._release(Hold.ACCOUNT, provider_id)
            if status.credits is None or status.credits > 0:
                await self._release(Hold.CREDITS, provider_id)
        return status

    async def credits(self, provider_id: str) -> float | None:
        """Return what is left at a provider; None where it does not tell, or no key is set.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
            ProviderError: It cannot be reached, or refuses the key.
        """
        if not await self._can_sign_in(provider_id):
            return None
        return await self._account(provider_id).credits()

    def detect_credits(self, provider_id: str) -> float:
        """Return what a provider takes for looking for faces, by the table of prices; 0.0 for nothing.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
        """
        return self._account(provider_id).detect_credits

    async def detect(self, provider_id: str, cleared: ClearedMedia) -> Sequence[RemoteFace]:
        """Have a provider look for faces in what has passed the gate.

        Raises:
            UsageError: There is no such provider, or it has no detector.
            ProviderError: It cannot be reached, or refuses.
            InputRefused: The file will not do, or shows no face.
        """
        return await self._account(provider_id).detect(cleared)

    def terms(self, provider_id: str) -> Message | None:
        """Return what the user has to agree to before the first job; None once that was done, or for nothing."""
        found = self._accounts.get(provider_id)
        if found is None or found[1].info.terms is None:
            return None
        is_accepted = f"{provider_id}:{found[1].info.terms_version}" in self._accepted()
        return None if is_accepted else found[1].info.terms

    async def accept_terms(self, provider_id: str) -> None:
        """Write down that the user agreed; jobs that wait for it go on.

        Raises:
            UsageError: There is no such provider, or it has no accounts.
            StorageError: The settings could not be written.
        """
        entry = f"{provider_id}:{self.info(provider_id).terms_version}"
        if entry not in self._accepted():
            await self._settings.update("providers", accepted_terms=" ".join([*self._accepted(), entry]))
        await self._release(Hold.TERMS, provider_id)

    async def _notice(self) -> Message | None:
        # Whoever asks first looks for the keyring, which may take a while.
        return await asyncio.to_thread(lambda: self._secrets.notice)

    async def _can_sign_in(self, provider_id: str) -> bool:
        # The sandbox has a key of its own for everybody.
        is_complete = (await self.state(provider_id)).is_complete
        return is_complete or self._settings.current.sandbox.is_on

    def _accepted(self) -> list[str]:
        return self._settings.current.providers.accepted_terms.split()

    def _account(self, provider_id: str) -> RemoteAccount:
        if provider_id not in self._accounts:
            raise UsageError(
                message("There are no accounts at “{provider}”.", provider=provider_id),
                message("Providers with accounts: {known}.", known=", ".join(self._accounts) or "-"),
            )
        return self._accounts[provider_id][1]


__all__ = ["RELAY_SECRET", "S3_SECRETS", "AccountState", "Accounts", "Release"]
