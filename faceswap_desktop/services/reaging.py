"""Reage: one face at several ages, to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import MOST_YEARS, SwapOptions, TargetFace
from faceswap_desktop.domain.work import SourceFiles, VideoFiles
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.pool import WorkerPool
from faceswap_desktop.workers.render_requests import FilmstripPicture, FilmstripReply, RenderFilmstrip
from faceswap_desktop.workers.wire import Update

FILMSTRIP_YEARS: Final = tuple(range(-MOST_YEARS, MOST_YEARS + 1, 10))
FILMSTRIP_EDGE_PX: Final = 160
"""Side of the pictures: twice as large as they are shown, for dense screens."""


class Reaging:
    """Shows what changes of age will look like."""

    def __init__(
        self, home: Home, library: Library, pool: WorkerPool, settings: SettingsService, clearance: Clearance
    ) -> None:
        self._clearance = clearance
        self._home = home
        self._library = library
        self._pool = pool
        self._settings = settings

    async def filmstrip(
        self,
        media: Media,
        target: TargetFace,
        source: SourceFaceId | None,
        options: SwapOptions,
        on_picture: Callable[[FilmstripPicture], None],
        *,
        years: Sequence[int] = FILMSTRIP_YEARS,
        edge: int = FILMSTRIP_EDGE_PX,
    ) -> tuple[FilmstripPicture, ...]:
        """Render one face at several ages. Cancelling the call stops it.

        A newer call takes the place of one that still waits, which then raises ``Cancelled``.

        Args:
            media: The picture or video.
            target: The face; of a video in its identity's best frame.
            source: Who is put in first; None for nobody.
            options: How that is done.
            on_picture: Called on this thread with each picture as soon as it is there.
            years: Which ages, in the order in which they are wanted.
            edge: Side of the square pictures in pixels.

        Returns:
            All of them, in that order.

        Raises:
            Cancelled: A newer call took its place.
            SensitiveContent: The media is refused.
            InputRefused: The media or the source face is gone, or the face cannot be followed.
        """
        request = RenderFilmstrip(
            await self._clearance.media(media, (target.frame,)),
            self._settings.current.media.max_megapixels * 1_000_000,
            target,
            tuple(years),
            edge,
            await self._files(source),
            options,
            VideoFiles.of(str(self._home.videos_folder), media) if media.kind is MediaKind.VIDEO else None,
        )

        def arrived(update: Update) -> None:
            if isinstance(update.payload, FilmstripPicture):
                on_picture(update.payload)

        reply: FilmstripReply = await self._pool.run("render_filmstrip", request, on_update=arrived, key="filmstrip")
        return reply.pictures

    async def _files(self, source_id: SourceFaceId | None) -> SourceFiles | None:
        if source_id is None:
            return None
        source = await self._library.face(source_id)
        if source is None:
            raise InputRefused(
                message("A paired source face is no longer in the library."),
                message("Pair the face again."),
                kind="source-missing",
            )
        return self._library.files_of(self._library.source_ref(source))


__all__ = ["FILMSTRIP_EDGE_PX", "FILMSTRIP_YEARS", "FilmstripPicture", "Reaging"]
