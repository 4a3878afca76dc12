"""The Studio's state: open pictures and videos, their faces, the pairing board, ages, trims and the options.

It changes in the window's thread only, and at once; what takes time (decoding, detecting) arrives
later and is told by ``StudioChanged``. Every change is written to the workspace, so that the Studio
stands after a restart as it was left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.events import StudioChanged, StudioPart
from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, DetectedFace, SourceFaceId
from faceswap_desktop.domain.media import MediaId, MediaKind
from faceswap_desktop.domain.pairing import PairingBoard, TargetFaceRef
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.domain.video import FrameRange, VideoAnalysis
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.services.detection import Detection, DisplayPicture
from faceswap_desktop.services.openings import AnalysisStatus, Look, Openings, PictureStatus, StudioPicture, faces_of
from faceswap_desktop.services.videos import Videos
from faceswap_desktop.storage.workspace import WorkspaceStore

logger = logging.getLogger(__name__)

WORKSPACE_VERSION = 1


class Studio:
    """What is open, who becomes whom, and how."""

    def __init__(
        self, detection: Detection, videos: Videos, store: WorkspaceStore, bus: EventBus, look: Look | None = None
    ) -> None:
        self._detection = detection
        self._videos = videos
        self._store = store
        self._bus = bus
        self._pictures: dict[str, StudioPicture] = {}
        self._current = ""
        self._board = PairingBoard()
        self._options = SwapOptions()
        self._ages: dict[TargetFaceRef, int] = {}
        self._trims: dict[str, FrameRange] = {}
        self._openings = Openings(detection, videos, self, look)
        self._tasks: set[asyncio.Task[None]] = set()
        self._saving: asyncio.Task[None] | None = None
        self._is_dirty = False
        self._is_touched = False
        self._taken_up = asyncio.Event()
        self._taken_up.set()

    # What stands

    @property
    def pictures(self) -> tuple[StudioPicture, ...]:
        """All open pictures, in the order they were opened."""
        return tuple(self._pictures.values())

    @property
    def current(self) -> StudioPicture | None:
        """The picture on the canvas."""
        return self._pictures.get(self._current)

    def picture(self, key: str) -> StudioPicture | None:
        """Return one open picture."""
        return self._pictures.get(key)

    @property
    def board(self) -> PairingBoard:
        """Who becomes whom."""
        return self._board

    @property
    def options(self) -> SwapOptions:
        """How source faces are put in."""
        return self._options

    @property
    def ages(self) -> Mapping[TargetFaceRef, int]:
        """Who becomes how many years older or younger; nobody is there with 0."""
        return dict(self._ages)

    def trim_of(self, key: str) -> FrameRange | None:
        """Return the frames of a video between its in and out points; None for all."""
        return self._trims.get(key)

    # Opening and closing

    def open(self, paths: Iterable[str | Path]) -> list[str]:
        """Open pictures; those already open are only brought forward.

        Returns:
            Their keys, in order. The first of them becomes the current picture.
        """
        keys: list[str] = []
        for path in paths:
            key = str(Path(path).absolute())
            keys.append(key)
            existing = self._pictures.get(key)
            if existing is None or existing.status is PictureStatus.FAILED:
                self._pictures[key] = StudioPicture(key, key)
        if keys:
            self._changed(StudioPart.PICTURES)
            self.show(keys[0])
            self._start_opening(keys)
        return keys

    def close_picture(self, key: str) -> None:
        """Close one picture. Its pairings stay on the board, so that opening it again finds them."""
        if key not in self._pictures:
            return
        order = list(self._pictures)
        place = order.index(key)
        self._openings.drop(key)
        del self._pictures[key]
        order.remove(key)
        self._changed(StudioPart.PICTURES)
        if self._current == key:
            self._current = order[min(place, len(order) - 1)] if order else ""
            self._changed(StudioPart.CURRENT, self._current)

    def restore_picture(self, key: str, place: int) -> None:
        """Open a picture again at its former place (undo of closing it)."""
        order = [*self._pictures.items()]
        if key not in self._pictures:
            order.insert(place, (key, StudioPicture(key, key)))
            self._pictures = dict(order)
            self._changed(StudioPart.PICTURES)
            self.show(key)
            self._start_opening([key])

    def show(self, key: str) -> None:
        """Make an open picture the current one."""
        if key in self._pictures and key != self._current:
            self._current = key
            self._changed(StudioPart.CURRENT, key)

    async def display(self, key: str, on_display: Callable[[DisplayPicture], None]) -> None:
        """Fetch the pixels of a picture, or of a video's first frame, for the canvas, as sRGB.

        Args:
            key: An open picture.
            on_display: Called once, in this thread; the pixels belong to the caller afterwards.

        Raises:
            FaceSwapError: It cannot be read any more.
        """
        await self._taken_up.wait()
        picture = self._pictures[key]
        # Asked for before it is known what it is: whoever opens it comes to know at the same time.
        is_video = picture.is_video or (
            picture.media is None and await asyncio.to_thread(kind_of, picture.path) is MediaKind.VIDEO
        )
        if is_video:
            _, first = await self._videos.open(picture.path)
            on_display(first)
        else:
            on_display(await self._detection.display(picture.path))

    def update(self, key: str, **changes: Any) -> None:
        """Replace some attributes of an open picture; for whoever opens it. Nothing happens where it was closed."""
        picture = self._pictures.get(key)
        if picture is None:
            return
        self._pictures[key] = replace(picture, **changes)
        if all(name.startswith("analysis_") for name in changes):
            # Comes often, and nothing of it is kept.
            self._bus.publish(StudioChanged(StudioPart.ANALYSIS, key))
        else:
            self._changed(StudioPart.PICTURES, key)

    # Pairing (synchronous: these are what undo commands call)

    def set_board(self, board: PairingBoard) -> None:
        """Replace the pairing board."""
        if board != self._board:
            self._board = board
            self._changed(StudioPart.BOARD)

    def set_options(self, options: SwapOptions) -> None:
        """Replace the swap options."""
        if options != self._options:
            self._options = options
            self._changed(StudioPart.OPTIONS)

    def set_ages(self, ages: Mapping[TargetFaceRef, int]) -> None:
        """Replace who becomes how much older or younger; 0 leaves a face its age."""
        wanted = {target: years for target, years in ages.items() if years}
        if wanted != self._ages:
            self._ages = wanted
            self._changed(StudioPart.AGES)

    def set_trim(self, key: str, trim: FrameRange | None) -> None:
        """Set a video's in and out points; None for the whole of it."""
        if trim == self._trims.get(key):
            return
        if trim is None:
            del self._trims[key]
        else:
            self._trims[key] = trim
        self._changed(StudioPart.TRIM, key)

    def set_analysis(self, key: str, analysis: VideoAnalysis) -> None:
        """Replace who is who in a video, after merging, splitting, naming or hiding; it is kept."""
        picture = self._pictures.get(key)
        if picture is None or picture.media is None or picture.analysis == analysis:
            return
        self.update(key, analysis=analysis, faces=faces_of(analysis))
        _ = self._spawn(self._videos.save(picture.media, analysis))

    def pause_analysis(self, key: str) -> None:
        """Stop looking through a video; what was found is kept."""
        self._openings.pause(key)

    def resume_analysis(self, key: str) -> None:
        """Go on looking through a video."""
        self._openings.analyse(key)

    def targets_of_main_faces(self, keys: Iterable[str] | None = None) -> list[TargetFaceRef]:
        """Return the main (largest) face of each open picture that is ready.

        Args:
            keys: Only these pictures; all if None.
        """
        wanted = set(keys) if keys is not None else None
        return [
            TargetFaceRef(picture.media.id, picture.faces[0].index)
            for picture in self.pictures
            if picture.media is not None and picture.faces and (wanted is None or picture.key in wanted)
        ]

    def targets_of_all_faces(self, key: str) -> list[TargetFaceRef]:
        """Return every face of one picture."""
        picture = self._pictures.get(key)
        if picture is None or picture.media is None:
            return []
        return [TargetFaceRef(picture.media.id, face.index) for face in picture.faces]

    def targets_like(self, target: TargetFaceRef) -> list[TargetFaceRef]:
        """Return every face, in all open pictures, that looks like one person with the chosen face.

        The chosen face is among them.
        """
        chosen = self.face_of(target)
        if chosen is None or chosen.embedding is None:
            return [target]
        found = []
        for picture in self.pictures:
            if picture.media is None:
                continue
            alike = [
                (chosen.embedding.similarity(face.embedding), face.index)
                for face in picture.faces
                if face.embedding is not None
            ]
            found += [
                TargetFaceRef(picture.media.id, index)
                for similarity, index in alike
                if similarity >= SAME_PERSON_SIMILARITY or TargetFaceRef(picture.media.id, index) == target
            ]
        return found

    def face_of(self, target: TargetFaceRef) -> DetectedFace | None:
        """Return the detected face behind a reference."""
        for picture in self.pictures:
            if picture.media is not None and picture.media.id == target.media:
                return next((face for face in picture.faces if face.index == target.face), None)
        return None

    def ages_of(self, media: MediaId) -> dict[int, int]:
        """Return the changes of age in one media by face, in years."""
        return {ref.face: years for ref, years in sorted(self._ages.items()) if ref.media == media}

    def paired_pictures(self) -> list[StudioPicture]:
        """Return the ready pictures and videos with at least one pairing or age: what "Run" would run."""
        return [
            picture
            for picture in self.pictures
            if picture.media is not None
            and picture.status is PictureStatus.READY
            and {face.index for face in picture.faces}
            & {*self._board.of_media(picture.media.id), *self.ages_of(picture.media.id)}
        ]

    def forget_sources(self, gone: Iterable[SourceFaceId]) -> None:
        """Drop every pairing with source faces that were deleted."""
        board = self._board
        for source in gone:
            board = board.without_source(source)
        self.set_board(board)

    # Coming and going

    def expect(self) -> None:
        """Say that ``restore`` will come: what is opened until then waits for it, and nothing is written."""
        self._taken_up.clear()

    async def restore(self) -> None:
        """Take up the workspace as it was left; what was opened meanwhile stands beside it."""
        try:
            data = await self._store.load()
            if data is not None and data.get("version") == WORKSPACE_VERSION:
                self._take_up(data)
                for part in StudioPart:
                    self._changed(part, self._current if part is StudioPart.CURRENT else "")
        except (KeyError, TypeError, ValueError):
            # Losing the arrangement is bad, not starting is worse; the file of before stays in the database's copy.
            logger.info("The workspace could not be read and starts empty", exc_info=True)
        self._taken_up.set()
        self._start_opening(sorted(self._pictures, key=lambda one: one != self._current))
        self._keep()

    async def close(self) -> None:
        """Stop what is going on and write the workspace a last time, if it was looked at at all."""
        await self._openings.close()
        # What is being written is written to its end.
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._is_touched and self._taken_up.is_set():
            await self._store.save(self._as_json())

    def _take_up(self, data: dict[str, Any]) -> None:
        pictures = {path: StudioPicture(path, path) for path in data["pictures"]}
        board = PairingBoard(
            {TargetFaceRef(MediaId(media), int(face)): SourceFaceId(source) for media, face, source in data["board"]}
        )
        options = SwapOptions(**data["options"])
        # What earlier versions did not write is as at the start.
        ages = {TargetFaceRef(MediaId(media), int(face)): int(years) for media, face, years in data.get("ages", ())}
        trims = {key: FrameRange(first, end) for key, first, end in data.get("trims", ())}
        left = data["current"] if data["current"] in pictures else next(iter(pictures), "")
        self._pictures, self._board, self._options = {**pictures, **self._pictures}, board, options
        self._ages, self._trims = ages, trims
        self._current = self._current or left

    def _as_json(self) -> dict[str, Any]:
        return {
            "version": WORKSPACE_VERSION,
            "pictures": list(self._pictures),
            "current": self._current,
            "board": [[ref.media, ref.face, source] for ref, source in self._board.pairings.items()],
            "ages": [[ref.media, ref.face, years] for ref, years in self._ages.items()],
            "trims": [[key, trim.first, trim.end] for key, trim in self._trims.items()],
            "options": {name: getattr(self._options, name) for name in SwapOptions.__dataclass_fields__},
        }

    def _changed(self, part: StudioPart, key: str = "") -> None:
        self._bus.publish(StudioChanged(part, key))
        self._is_dirty = self._is_touched = True
        self._keep()

    def _start_opening(self, keys: Iterable[str]) -> None:
        if self._taken_up.is_set():
            for key in keys:
                self._openings.start(key)

    def _keep(self) -> None:
        if self._is_dirty and self._saving is None and self._taken_up.is_set():
            self._saving = self._spawn(self._save())

    async def _save(self) -> None:
        # One writer; changes that come while it writes are written by its next round.
        try:
            while self._is_dirty:
                self._is_dirty = False
                await self._store.save(self._as_json())
        finally:
            self._saving = None

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "The Studio failed", "exception": error, "task": task}
            )


__all__ = ["AnalysisStatus", "PictureStatus", "Studio", "StudioPicture"]
