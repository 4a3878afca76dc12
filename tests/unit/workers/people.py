"""The two people of the sample pictures, as the library keeps them, and recipes made with them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.faces import DetectedFace, PhotoId, SourceFaceId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import FacePairing, OutputOptions, Recipe, SourceRef, SwapOptions, TargetFace
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.resources import resource_path
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.requests import KeepSourcePhoto, KeptPhoto, OpenedPicture, OpenPicture
from faceswap_desktop.workers.shared import BlockNames, PixelSender
from faceswap_desktop.workers.wire import FromWorker, Update, Updated, WorkerSetup

COLLINS = resource_path("samples", "eileen_collins.png")
HOPPER = resource_path("samples", "grace_hopper.jpg")
MAX_PIXELS = 200_000_000
_WORKERS = count()


class Listener:
    """A task's surroundings without a process around them."""

    def __init__(self, scratch: Path) -> None:
        self.updates: list[Update] = []
        # Of a living window, so that nobody clears it away, and each of a worker of its own: a block that one test
        # has not yet read must not be in the way of the next.
        self.sender = PixelSender(BlockNames(os.getpid(), next(_WORKERS)))
        self.context = TaskContext(self._hear, self.sender, WorkerSetup((), 2, 0, 0, str(scratch)), 0)

    def _hear(self, said: FromWorker) -> None:
        assert isinstance(said, Updated)
        self.updates.append(said.update)

    @property
    def steps(self) -> list[str]:
        return [update.step for update in self.updates]


@dataclass(frozen=True)
class Kept:
    """A source face in a library folder."""

    folder: Path
    photo: KeptPhoto

    @property
    def files(self) -> SourceFiles:
        return SourceFiles((str(self.folder / "face.png"),), str(self.folder / "atlas.npz"))


def keep(path: Path, folder: Path, context: TaskContext, face_index: int | None = None) -> Kept:
    from faceswap_desktop.workers.source_tasks import keep_source_photo

    request = KeepSourcePhoto(
        str(path), MAX_PIXELS, face_index, str(folder / "face.png"), str(folder / "thumbnail.png")
    )
    return Kept(folder, keep_source_photo(request, context))


def open_faces(path: Path, context: TaskContext) -> OpenedPicture:
    from faceswap_desktop.workers.tasks import open_picture

    return open_picture(OpenPicture(str(path), MAX_PIXELS, want_display=False), context)


def recipe_for(media: Media, faces: list[DetectedFace], output: OutputOptions | None = None, **options: Any) -> Recipe:
    """Give every face given to the one person whose id is ``them``."""
    source = SourceRef(SourceFaceId("them"), "Them", (PhotoId("photo"),))
    return Recipe(
        provider="on-device",
        media=media,
        pairings=tuple(FacePairing(TargetFace(face.index, face.box, face.five_points), source) for face in faces),
        options=replace(SwapOptions(), **options),
        output=output or OutputOptions(),
    )
