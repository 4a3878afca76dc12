"""Changes the faces in the frames of one piece of a video, in order, each by itself and a few frames around it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.faces import Embedding, SourceFaceId
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import Recipe, TargetFace
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.encode import fitted
from faceswap_desktop.media.video.label import FrameLabel, labelled
from faceswap_desktop.media.video.packet_run import Frame
from faceswap_desktop.media.video.planes import FramePixels, can_work_in
from faceswap_desktop.media.video.settings import EncodeSettings
from faceswap_desktop.vision import embed as embedding
from faceswap_desktop.vision.analyse import MIN_EMBEDDED_EYES_PX
from faceswap_desktop.vision.atlas import atlas_from_bytes
from faceswap_desktop.vision.layout import MESH_POINTS
from faceswap_desktop.vision.mask import yaw_share
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from faceswap_desktop.vision.placing import Placed, region_of
from faceswap_desktop.vision.reage.face import reage_face
from faceswap_desktop.vision.reage.reference import AgeReference
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.vision.tracking.slices import TrackedMesh, TrackRun, TrackSlice
from faceswap_desktop.vision.video_swap import (
    Look,
    change_by,
    cover_share,
    face_share,
    halo_of,
    is_compared,
    is_looked_at,
    lay,
    look_at,
    look_step,
    mixed_around,
)

Array = NDArray[np.float32]
Box = tuple[int, int, int, int]

MARGIN_FRAMES: Final = 8
"""So many frames beyond the decoded ones have to be spoken of by the tracks, so that ramps see where a run ends."""
_RAMP: Final = 4
"""Frames in which a face that comes out of nowhere, or is lost, is faded in or out."""
_FULL: Final = 0.98
_UNSEEN: Final = 0.02
_HEAD: Final = 3.3
"""How far head and hair reach from the middle of a face, in its sides; reage looks no further."""
_ROOM: Final = 16
_WEAK: Final = (0.25, 0.5)
"""Score of the mesh up to which nothing, and from which all of the swap is shown."""
_COMPARED: Final = (1, 3)
"""Quarters of a chunk at which the result is compared with the source face."""


def decode_halo(frames_per_second: float) -> int:
    """Return how many frames before and after a piece have to be decoded for it."""
    return halo_of(frames_per_second)


@dataclass(frozen=True, slots=True)
class FaceSource:
    """A source face as values.

    Attributes:
        atlas: ``Atlas.to_bytes``.
        embedding: Mean of its photos; None where no photo has one.
    """

    atlas: bytes
    embedding: Embedding | None = None


@lru_cache(8)
def _sheet(atlas: bytes) -> Sheet:
    return Sheet(atlas_from_bytes(atlas), in_levels=True)


class _Seen(NamedTuple):
    """A face that is to be changed in a frame."""

    target: TargetFace
    run: TrackRun
    face: TrackedMesh


@dataclass(slots=True)
class _Waiting:
    """A decoded frame whose neighbours are not all there yet."""

    number: int
    frame: Frame | None
    placed: dict[int, Placed] = field(default_factory=dict)


class FaceChanges:
    """Takes frames in order and gives them back changed, as soon as the frames after them are known.

    Attributes:
        faded: Frames in which a face is not changed in full.
        unseen: Frame and number of the target face where nothing of a change is left.
        reage_seconds: Spent on ages.
    """

    def __init__(
        self,
        recipe: Recipe,
        tracks: TrackSlice,
        sources: Mapping[SourceFaceId, FaceSource],
        *,
        frames: FrameRange,
        total_frames: int,
        cuts: tuple[int, ...],
        frames_per_second: float,
        rotation: int,
        settings: EncodeSettings,
        ages: Mapping[int, AgeReference] | None = None,
        templates: Mapping[int, bytes] | None = None,
        label: FrameLabel | None = None,
    ) -> None:
        """Get ready.

        Args:
            recipe: What to do.
            tracks: Of the frames and some around them.
            sources: Source faces of the recipe.
            frames: Which frames are given back; others only have a say in them.
            total_frames: Of the whole video.
            cuts: First frames of new scenes.
            frames_per_second: Mean rate.
            rotation: Degrees by which coded frames have to be turned clockwise to stand upright.
            settings: How the frames will be encoded.
            ages: By number of the target face, what stays the same of a person whose age is changed.
            templates: By number of the target face, its ``face_template``; where nobody saw it, it is looked for.
            label: Laid on every frame, after all else; None for none.

        Raises:
            ValueError: An atlas is damaged.
        """
        self._recipe, self._tracks, self._frames = recipe, tracks, frames
        self._total, self._cuts = total_frames, frozenset(cuts)
        self._step, self._halo = look_step(frames_per_second), decode_halo(frames_per_second)
        self._rotation, self._settings = rotation, settings
        self._sources = sources
        self._ages = ages or {}
        self._label = label
        self._templates = {face: np.frombuffer(kept, np.float32) for face, kept in (templates or {}).items()}
        self._sheets = {face: _sheet(source.atlas) for face, source in sources.items()}
        self._looks: dict[int, OrderedDict[int, Look]] = {}
        self._waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self._next = frames.first
        self._compared = {frames.first + len(frames) * quarter // 4 for quarter in _COMPARED}
        self._cosines: list[float] = []
        self.faded = 0
        self.unseen: list[tuple[int, int]] = []
        self.reage_seconds = 0.0

    @property
    def similarity(self) -> float | None:
        """Mean cosine of result to source faces over a few frames; None where it cannot be told."""
        return round(float(np.mean(self._cosines)), 4) if self._cosines else None

    def take(self, number: int, frame: Frame | None) -> list[tuple[int, Frame]]:
        """Take the next frame; None for one that cannot be decoded. Return the frames that are finished now."""
        waiting = _Waiting(number, frame)
        if frame is not None:
            self._look(waiting)
        if number in self._frames:
            self._waiting[number] = waiting
        return self._finished(number - self._halo)

    def finish(self) -> list[tuple[int, Frame]]:
        """Say that there are no more frames; return those that are left."""
        return self._finished(self._frames.end)

    # ------------------------------------------------------------------------------------------------------ looking

    def _seen(self, number: int) -> list[_Seen]:
        """Return the faces that are to be changed in a frame, smallest first: larger ones are nearer."""
        found = []
        for target in self._recipe.targets:
            track = target.track_at(number)
            run = next((run for run in self._tracks.runs if run.track == track and number in run.frames), None)
            if run is not None:
                found.append(_Seen(target, run, run.at(number)))
        return sorted(found, key=lambda seen: float(np.ptp(seen.face.points[:, 1])))

    def _look(self, waiting: _Waiting) -> None:
        number = waiting.number
        pixels: FramePixels | None = None
        for target, run, face in self._seen(number):
            if not is_looked_at(number, run.frames, self._step) or self._recipe.pairing_of(target.index) is None:
                continue
            pixels = pixels or self._pixels(waiting)
            placed = self._placed(pixels, target, face)
            if placed is None:
                continue
            if number in self._frames:
                waiting.placed[target.index] = placed
            looks = self._looks.setdefault(target.index, OrderedDict())
            looks[number] = look_at(placed, is_compared(number, run.frames, self._step))
            while next(iter(looks)) < self._next - 2 * self._halo:
                looks.popitem(last=False)

    def _pixels(self, waiting: _Waiting) -> FramePixels:
        assert waiting.frame is not None
        if not can_work_in(waiting.frame.format.name):
            # Palettes and RGB become what they will be encoded as before they are worked on, not after.
            waiting.frame = fitted(waiting.frame, self._settings)
            return FramePixels(waiting.frame, self._rotation, self._settings.colour)
        return FramePixels(waiting.frame, self._rotation, self._settings.colour)

    def _placed(self, pixels: FramePixels, target: TargetFace, face: TrackedMesh) -> Placed | None:
        pairing = self._recipe.pairing_of(target.index)
        size = pixels.size
        bounds = region_of(face.points, (size.height, size.width))
        if pairing is None or bounds is None:
            return None
        moved = face.points - np.array([bounds[0], bounds[1], 0.0], np.float32)
        return lay(pixels.view(*bounds), moved, self._sheets[pairing.source.id])

    # ----------------------------------------------------------------------------------------------------- changing

    def _finished(self, up_to: int) -> list[tuple[int, Frame]]:
        done = []
        while self._next <= up_to and self._next < self._frames.end:
            waiting = self._waiting.pop(self._next, None)
            self._next += 1
            if waiting is None or waiting.frame is None:
                continue
            self._change(waiting)
            done.append((waiting.number, self._labelled(waiting.frame)))
        return done

    def _labelled(self, frame: Frame) -> Frame:
        return frame if self._label is None else labelled(frame, self._label, self._rotation, self._settings)

    def _change(self, waiting: _Waiting) -> None:
        seen = self._seen(waiting.number)
        if not seen:
            return
        pixels = self._pixels(waiting)
        changed: list[Box] = []
        least, whole = 1.0, []
        for one in seen:
            found = (self._swap(pixels, waiting, one, changed), self._age(pixels, waiting.number, one, changed))
            shown = min((share for share in found if share is not None), default=1.0)
            if shown < _UNSEEN:
                self.unseen.append((waiting.number, one.target.index))
            least = min(least, shown)
            whole += [one] if shown >= _FULL else []
        self.faded += least < _FULL
        if waiting.number in self._compared:
            self._compare(pixels, whole)
        waiting.frame = pixels.frame

    def _swap(self, pixels: FramePixels, waiting: _Waiting, seen: _Seen, changed: list[Box]) -> float | None:
        """Put a source face over one face; return how much of it is shown, None where the face is outside."""
        number, (target, run, face) = waiting.number, seen
        size = pixels.size
        bounds = region_of(face.points, (size.height, size.width))
        pairing = self._recipe.pairing_of(target.index)
        if bounds is None or pairing is None:
            return None
        share = self._share(number, run)
        look = mixed_around(number, run.frames, self._step, self._looks.get(target.index, {}))
        if look is None:
            return 0.0
        share *= min(cover_share(look.covered_share), cover_share(_mean_around(run.covered, number, run.frames)))
        if share * yaw_share(face.yaw_degrees) <= 0.0:
            return 0.0
        placed = waiting.placed.get(target.index) or self._placed(pixels, target, face)
        assert placed is not None
        template = self._templates.get(target.index)
        if face.is_bridged and template is not None:
            share *= face_share(placed, template)
        left, top = bounds[:2]
        region = pixels.view(*bounds) if any(_touch(bounds, other) for other in changed) else None
        change = change_by(
            placed,
            look,
            self._recipe.options,
            yaw_degrees=face.yaw_degrees,
            share=share,
            # Grain lives: it is another in every frame, and the same for everybody who renders that frame.
            grain_origin=(left + 61 * number, top + 137 * number),
            region=region,
        )
        pixels.change(left, top, change, placed.region if region is None else region)
        changed.append(bounds)
        return share * yaw_share(face.yaw_degrees)

    def _age(self, pixels: FramePixels, number: int, seen: _Seen, changed: list[Box]) -> float | None:
        """Make one face older or younger; return how much of that is shown, None where it is not asked for."""
        target, run, face = seen
        years = self._recipe.age_of(target.index)
        size = pixels.size
        if not years or region_of(face.points, (size.height, size.width)) is None:
            return None
        started = time.perf_counter()
        share = self._share(number, run) * cover_share(_mean_around(run.covered, number, run.frames))
        left, top, right, bottom = _head_of(face, size)
        before = pixels.view(left, top, right, bottom)
        moved = Mesh(face.points - np.array([left, top, 0.0], np.float32), face.score)
        patch = reage_face(before, moved, years, reference=self._ages.get(target.index)) if share > 0.0 else None
        if patch is not None:
            height, width = patch.pixels.shape[:2]
            part = before[patch.top : patch.top + height, patch.left : patch.left + width]
            change = (patch.pixels.astype(np.float32) - part) * np.float32(share)
            pixels.change(left + patch.left, top + patch.top, change, part)
            changed.append((left, top, right, bottom))
        self.reage_seconds += time.perf_counter() - started
        return share

    def _share(self, number: int, run: TrackRun) -> float:
        """Say how much of a change is shown: less where a run begins or ends, and where the mesh is weak."""
        before, after = number - run.frames.first + 1, run.frames.end - number
        share = 1.0
        if run.frames.first > 0 and run.frames.first not in self._cuts and before <= _RAMP:
            share = before / (_RAMP + 1)
        if run.frames.end < self._total and run.frames.end not in self._cuts and after <= _RAMP:
            share = min(share, after / (_RAMP + 1))
        return share * self._trust(number, run)

    def _trust(self, number: int, run: TrackRun) -> float:
        """Average how sure the mesh is over the frames around, leaving out those where nobody saw the face."""
        low = max(run.frames.first, number - 2) - run.frames.first
        high = min(run.frames.end, number + 3) - run.frames.first
        seen = run.score[low:high][~run.bridged[low:high]]
        if not len(seen):
            return 1.0
        along = np.clip((seen.astype(np.float64) - _WEAK[0]) / (_WEAK[1] - _WEAK[0]), 0.0, 1.0)
        return float(np.mean(along * along * (3.0 - 2.0 * along)))

    def _compare(self, pixels: FramePixels, seen: list[_Seen]) -> None:
        size = pixels.size
        for target, _, face in seen:
            pairing = self._recipe.pairing_of(target.index)
            known = self._sources[pairing.source.id].embedding if pairing is not None else None
            bounds = region_of(face.points, (size.height, size.width))
            points = five_points_of(Mesh(face.points, face.score))
            if known is None or bounds is None or float(np.hypot(*(points[1] - points[0]))) < MIN_EMBEDDED_EYES_PX:
                continue
            left, top, right, bottom = bounds
            room = (right - left) // 4
            wide = (
                max(0, left - room),
                max(0, top - room),
                min(size.width, right + room),
                min(size.height, bottom + room),
            )
            vector = embedding.embed(pixels.view(*wide), points - np.array(wide[:2], np.float32))
            self._cosines.append(Embedding(vector.tobytes(), embedding.CHECKPOINT).similarity(known))


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _mean_around(values: Array, number: int, frames: FrameRange) -> float:
    """Average a run's values over a frame and two on each side."""
    place = number - frames.first
    return float(values[max(0, place - 2) : place + 3].mean())


def _head_of(face: TrackedMesh, size: Size) -> Box:
    """Return the part of a frame in which a face's head and hair lie."""
    points = face.points[:MESH_POINTS, :2]
    x, y = (float(value) for value in points.mean(axis=0))
    reach = _HEAD * max(float(np.ptp(points[:, 0])), float(np.ptp(points[:, 1])), 8.0)
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    return left, top, min(size.width, int(x + reach) + 1), min(size.height, int(y + reach) + 1)
