"""The user's account at ai-gs: a token. All that can be asked without paying is whether it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from faceswap_desktop.domain.clearance import ClearedMedia
from faceswap_desktop.domain.cloud import AccountField, AccountInfo, AccountStatus, RemoteFace
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.aigs.api import SECRET, AigsApi
from faceswap_desktop.providers.facts import ProviderFacts

TERMS_VERSION: Final = "1"
"""Grows with the terms, so that new ones are shown."""


class AigsAccount:
    """What can be asked beside jobs.

    Args:
        api: Makes the calls.
        facts: What is known of the service.
    """

    def __init__(self, api: AigsApi, facts: ProviderFacts) -> None:
        self._api = api
        self.info = AccountInfo(
            alternatives=(
                (
                    AccountField(
                        SECRET, message("Token"), message("Behind the button “KEY” of picture processing at ai-gs.")
                    ),
                ),
            ),
            key_page=facts.key_page,
            terms=message(
                "ai-gs allows its face swap for entertainment only. It looks at every photo that is sent and refuses "
                "those that it takes for sensitive. Pictures and results stay on its computers for {days} days.",
                days=facts.kept_days,
            ),
            terms_version=TERMS_VERSION,
        )

    async def test(self) -> AccountStatus:
        """Say whether the token is refused; costs nothing.

        Raises:
            ProviderRejected: It answered something that nobody foresaw.
            ProviderUnavailable: It cannot be reached.
        """
        return await self._api.test()

    async def credits(self) -> None:
        """Return None: it does not tell what is left."""
        return

    @property
    def detect_credits(self) -> float:
        """Return 0.0: it has no detector."""
        return 0.0

    async def detect(self, cleared: ClearedMedia) -> Sequence[RemoteFace]:
        """Refuse: it has no detector.

        Raises:
            UsageError: Always.
        """
        del cleared
        _refuse("ai-gs has no detector.")

    async def delete_remote(self, handles: Sequence[Mapping[str, str]]) -> None:
        """Refuse: results go by themselves after seven days.

        Raises:
            UsageError: Always.
        """
        del handles
        _refuse("ai-gs cannot delete results; it does so by itself after 7 days.")


def _refuse(text: str) -> NoReturn:
    raise UsageError(message(text), kind="not-supported")
