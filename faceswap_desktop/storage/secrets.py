"""API keys: in the system's keyring, from the environment, or in memory for this session. Never in a file of ours."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from faceswap_desktop.domain.messages import Message, message

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

logger = logging.getLogger(__name__)

SERVICE: Final = "Faceswap Desktop"
_ENVIRONMENT_PREFIX: Final = "FACESWAP_"
_REFUSED_BACKENDS: Final = ("keyrings.cryptfile", "keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
"""They ask on a terminal for a password, write plain files, or keep nothing."""


class Secrets:
    """Keeps secrets by name, for example ``akool.api_key``; its environment variable is ``FACESWAP_AKOOL_API_KEY``."""

    def __init__(self) -> None:
        self._memory: dict[str, str] = {}
        self._guard = threading.RLock()
        self._backend: KeyringBackend | None = None
        self._is_resolved = False
        self._problem = ""

    def __repr__(self) -> str:
        return f"Secrets({self.backend_name})"

    @property
    def is_persistent(self) -> bool:
        """Whether secrets outlast the session. The first call looks for the keyring, which takes a while."""
        return self._keyring() is not None

    @property
    def backend_name(self) -> str:
        """What keeps the secrets, for people: the keyring's name, or why there is none."""
        backend = self._keyring()
        return backend.name if backend is not None else f"memory of this session ({self._problem})"

    @property
    def notice(self) -> Message | None:
        """What to tell the user where secrets do not outlast the session; None if they do."""
        if self.is_persistent:
            return None
        return message(
            "This computer offers no keyring that can be used ({reason}). Keys are kept until the program ends.",
            reason=self._problem,
        )

    async def get(self, name: str) -> str | None:
        """Return a secret, or None: this session's, the environment's, the keyring's, in this order."""
        return await asyncio.to_thread(self._get, name)

    async def set(self, name: str, value: str) -> bool:
        """Keep a secret; returns whether it outlasts the session."""
        return await asyncio.to_thread(self._set, name, value)

    async def delete(self, name: str) -> None:
        """Forget a secret; the environment's stays."""
        await asyncio.to_thread(self._delete, name)

    def _get(self, name: str) -> str | None:
        with self._guard:
            if name in self._memory:
                return self._memory[name]
            from_environment = os.environ.get(environment_name(name))
            if from_environment:
                return from_environment
            backend = self._keyring()
            if backend is None:
                return None
            try:
                return backend.get_password(SERVICE, name)
            except Exception as error:  # noqa: BLE001 - backends raise whatever their service raises
                self._give_up(error)
                return None

    def _set(self, name: str, value: str) -> bool:
        with self._guard:
            backend = self._keyring()
            if backend is not None:
                try:
                    backend.set_password(SERVICE, name, value)
                except Exception as error:  # noqa: BLE001 - as above
                    self._give_up(error)
                else:
                    self._memory.pop(name, None)
                    return True
            self._memory[name] = value
            return False

    def _delete(self, name: str) -> None:
        from keyring.errors import PasswordDeleteError

        with self._guard:
            self._memory.pop(name, None)
            backend = self._keyring()
            if backend is None:
                return
            try:
                backend.delete_password(SERVICE, name)
            except PasswordDeleteError:
                return  # there was none
            except Exception as error:  # noqa: BLE001 - as above
                self._give_up(error)

    def _keyring(self) -> KeyringBackend | None:
        with self._guard:
            if not self._is_resolved:
                self._is_resolved = True
                try:
                    self._backend = _usable_backend()
                except Exception as error:  # noqa: BLE001 - as above
                    self._give_up(error)
                if self._backend is None and not self._problem:
                    self._problem = "none is installed"
            return self._backend

    def _give_up(self, error: Exception) -> None:
        """Stop asking a keyring that does not answer: each try may open another question on the screen."""
        self._backend = None
        # The text of a foreign error could hold anything; its name says enough.
        self._problem = f"it does not answer: {type(error).__name__}"
        logger.info("the keyring does not answer: %s", type(error).__name__)


def environment_name(name: str) -> str:
    """Return the environment variable of a secret."""
    return _ENVIRONMENT_PREFIX + re.sub(r"[^A-Z0-9]+", "_", name.upper())


def _usable_backend() -> KeyringBackend | None:
    import keyring

    return next((one for one in _unchained(keyring.get_keyring()) if _is_trusted(one)), None)


def _unchained(backend: KeyringBackend) -> Iterator[KeyringBackend]:
    """The chainer asks all backends in turn, also those that we never use."""
    inner: list[KeyringBackend] | None = getattr(backend, "backends", None)
    if inner is None:
        yield backend
    else:
        for one in inner:
            yield from _unchained(one)


def _is_trusted(backend: KeyringBackend) -> bool:
    return not type(backend).__module__.startswith(_REFUSED_BACKENDS)
