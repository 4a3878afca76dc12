"""Source faces of a live session: made ready beside the pictures, kept while they are in use."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import LiveSource
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.workers.source_tasks import person_of

logger = logging.getLogger(__name__)

_KEPT: Final = 8
"""Source faces kept ready; one takes some megabytes."""


@dataclass(slots=True)
class _Ready:
    """One source face.

    Attributes:
        files: Where it was read from.
        sheet: What is laid over faces; None while it is made, or where it cannot be.
        failure: Why it cannot be used.
    """

    files: SourceFiles
    sheet: Sheet | None = None
    failure: Message | None = None


class SourceShelf:
    """Makes source faces ready on a thread of its own."""

    def __init__(self) -> None:
        self._ready: dict[SourceFaceId, _Ready] = {}
        self._queue: SimpleQueue[tuple[SourceFaceId, _Ready] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="live-sources", daemon=True)
        self._thread.start()

    def want(self, sources: Sequence[LiveSource]) -> None:
        """Make these source faces ready; those that failed are tried once more when they are wanted anew."""
        for source in sources:
            known = self._ready.get(source.id)
            if known is None or known.files != source.files or known.failure is not None:
                one = _Ready(source.files)
                self._ready[source.id] = one
                self._queue.put((source.id, one))
        wanted = {source.id for source in sources}
        spare = [id_ for id_, one in self._ready.items() if id_ not in wanted and one.sheet is not None]
        for id_ in spare[: max(0, len(self._ready) - _KEPT)]:
            del self._ready[id_]

    def sheet(self, source: SourceFaceId) -> Sheet | None:
        """Return what is laid over faces; None while it is not ready."""
        one = self._ready.get(source)
        return None if one is None else one.sheet

    @property
    def loading(self) -> tuple[SourceFaceId, ...]:
        """Source faces that are being made ready."""
        return tuple(id_ for id_, one in self._ready.items() if one.sheet is None and one.failure is None)

    @property
    def failed(self) -> tuple[tuple[SourceFaceId, Message], ...]:
        """Source faces that cannot be used, with the reason."""
        return tuple((id_, one.failure) for id_, one in self._ready.items() if one.failure is not None)

    def close(self) -> None:
        """Make nothing ready any more."""
        self._queue.put(None)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            _, one = item
            try:
                one.sheet = Sheet(person_of(one.files.crop_paths, one.files.atlas_path).atlas, in_levels=True)
            except FaceSwapError as error:
                one.failure = error.message
            except Exception:
                logger.exception("a source face could not be made ready")
                one.failure = message("This source face could not be made ready.")
