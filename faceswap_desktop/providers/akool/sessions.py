"""AKOOL's live sessions as every provider of them offers its own; the way of the pictures is the page's."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.domain.cloud import Need, NeedKind
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import ChannelDoor
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.domain.settings import AkoolSettings
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.providers.akool.access import Access
from faceswap_desktop.providers.akool.api import AkoolCalls
from faceswap_desktop.providers.akool.codes import bad_answer
from faceswap_desktop.providers.akool.faces import FaceAt
from faceswap_desktop.providers.akool.live import UnusableSessionError
from faceswap_desktop.providers.akool.reading import BrokenAnswerError
from faceswap_desktop.providers.akool.sources import find_source
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.fitting import FileCopy, copy_source
from faceswap_desktop.providers.protocol import LiveFace, OpenedSession, ProviderInfo
from faceswap_desktop.providers.tools import CloudTools

_FACE: Final = "face"


class AkoolLive:
    """See ``providers.protocol.LiveService``.

    Attributes:
        info: AKOOL's.
    """

    def __init__(
        self, info: ProviderInfo, calls: AkoolCalls, access: Access, tools: CloudTools, facts: ProviderFacts
    ) -> None:
        self.info = info
        self._calls = calls
        self._access = access
        self._tools = tools
        self._facts = facts

    @property
    def _settings(self) -> AkoolSettings:
        return self._tools.settings().providers.akool

    @property
    def price(self) -> float:
        """Credits per minute."""
        return self._settings.prices.live

    @property
    def destinations(self) -> tuple[str, ...]:
        """Host names that get the source face."""
        hosts = [urlsplit(self._settings.base_url).hostname or ""]
        if self._settings.legacy_detector:
            hosts += [urlsplit(self._settings.detect_url).hostname or "", self._tools.hosting.destination]
        return tuple(dict.fromkeys(host for host in hosts if host))

    async def needs(self) -> tuple[Need, ...]:
        """Say what has to be set up: an account; and for the older detector a place for the source face."""
        found: list[Need] = []
        if not await self._access.is_set_up():
            hint = message("Put it in under Settings → Accounts.")
            found.append(Need(NeedKind.ACCOUNT, message("AKOOL needs a key."), hint))
        if self._settings.legacy_detector and not self._tools.hosting.is_set_up:
            text = message("AKOOL's older detector fetches the source face from the internet, and no place is set up.")
            found.append(Need(NeedKind.HOSTING, text, message("Set up a bucket in Settings → Hosting.")))
        return tuple(found)

    async def make_ready(self, cleared: ClearedSource, files: SourceFiles, session: JobId, folder: str) -> LiveFace:
        """Have AKOOL find the source face, and host a crop of it. Costs nothing.

        Raises:
            InputRefused: AKOOL does not see just one face in it.
            ProviderError: AKOOL or the hosting cannot be reached, or refuses.
        """
        limit = self._tools.settings().media.max_megapixels * 1_000_000
        copy = await copy_source(files, str(Path(folder) / "copy-source"), self._tools, self._facts, limit)
        file = cleared.made(copy.path)

        async def host() -> str:
            return (await self._tools.hosting.host(file, session, copy.media_type)).url

        try:
            found = await find_source(self._calls, self._tools, file, cleared.source.name, host)
        except BrokenAnswerError as error:
            raise bad_answer(str(error)) from error
        finally:
            await asyncio.to_thread(_remove, copy)
        return LiveFace({_FACE: json.dumps(found.to_json())})

    async def open(self, cleared: ClearedSource, face: LiveFace) -> OpenedSession:
        """Make the call from which on it costs.

        Raises:
            ProviderUnavailable: Kind ``unconfirmed``: it was sent, and nobody knows what became of it; another kind:
                it was not taken.
            ProviderRejected: AKOOL refused.
        """
        try:
            session = await self._calls.live_create(cleared, _face_in(face))
        except UnusableSessionError as error:
            why = message("AKOOL opened a session that cannot be joined: {why}", why=foreign(error.why))
            return OpenedSession(error.id, None, why)
        door = ChannelDoor(
            app_id=session.app_id,
            channel=session.channel_id,
            token=session.token,
            user_id=session.front_user_id,
            algorithm_user_id=session.algorithm_user_id,
        )
        return OpenedSession(session.id, door)

    async def change(self, remote_id: str, cleared: ClearedSource, face: LiveFace) -> None:
        """Put another face in.

        Raises:
            ProviderRejected: AKOOL refused; with kind ``unknown`` it has no such session any more.
            ProviderUnavailable: AKOOL cannot be reached.
        """
        await self._calls.live_update(remote_id, cleared, _face_in(face))

    async def close(self, remote_id: str) -> None:
        """Close a session; returns when AKOOL has confirmed it, or knows of none.

        Raises:
            ProviderError: AKOOL cannot be reached, or refuses.
        """
        await self._calls.live_close(remote_id)


def _face_in(face: LiveFace) -> FaceAt:
    try:
        return FaceAt.from_json(json.loads(face.values[_FACE]))
    except (KeyError, ValueError, TypeError) as error:
        raise ProviderRejected(message("The source face is not ready for AKOOL."), kind="failed") from error


def _remove(copy: FileCopy) -> None:
    Path(copy.path).unlink(missing_ok=True)
