"""Puts a source face into the frames of a video: the steps of ``swap``, cheaper, and steady from frame to frame.

What is found by thresholds (what covers the face, glasses, how sharp the picture is) is not taken from one frame alone,
or the edge of the swap would flicker: it is looked for in some frames (``is_looked_at``), kept in the plane of
``layout``, where a face stands still, and averaged over those around a frame, as many before it as after it
(``looks_around``). Light, which changes smoothly, is found in every frame. So a frame's swap depends on that frame and
a few neighbours only, and it is the same wherever a video is cut into chunks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.colour import Array, luma
from faceswap_desktop.vision.detail import DetailMatch
from faceswap_desktop.vision.layout import plane_region, with_rim
from faceswap_desktop.vision.lighting import crisp, find_detail, find_lighting
from faceswap_desktop.vision.placing import MAP_SIDE, Placed, place, uncovered
from faceswap_desktop.vision.sheet import Sheet
from faceswap_desktop.vision.swap import change_of, prepared_of
from faceswap_desktop.vision.target_cover import find_target_cover
from faceswap_desktop.vision.temples import clear_temples
from faceswap_desktop.vision.warp import NOWHERE, plane_map, sample

Bytes = NDArray[np.uint8]

MASK_SIDE: Final = 176
"""Longest side at which masks and light are worked out; a still picture takes 288."""
_LOOKS_PER_SECOND: Final = 15.0
_REACH: Final = 2
"""A frame is swapped by the looks at frames less than so many steps away."""
_PLANE: Final = 128
"""Side of the plane in which looks are kept."""
_CRISP_SIGMA_PX: Final = 2.0
_COVERED_FROM: Final = 0.42
_COVERED_TO: Final = 0.72
"""Share of the face that is covered from which, and up to which, the swap fades out: its mesh is a guess by then."""
_LIKENESS: Final = 48
_ALIKE: Final = (0.25, 0.4)
"""Correlation with a good picture of the person from which something may be their face, and from which it surely is.

The same face, five times as dark or blurred by 4 % of its height, has 0.47 to 0.78; backgrounds up to 0.33."""
_COVER_GAIN: Final = 1.5
"""Cover that two thirds of the looks see counts in full: skin over a hand is worse than a hand's edge too wide."""


def look_step(frames_per_second: float) -> int:
    """Return how many frames lie between two that are looked at."""
    return max(1, round(frames_per_second / _LOOKS_PER_SECOND))


def halo_of(frames_per_second: float) -> int:
    """Return how many frames before and after a frame can have a say in it."""
    return _REACH * look_step(frames_per_second) - 1


def is_looked_at(frame: int, run: FrameRange, step: int) -> bool:
    """Tell whether a frame of a run of frames without a gap or a cut is one that is looked at."""
    return frame in run and (frame % step == 0 or frame == run.first)


def is_compared(frame: int, run: FrameRange, step: int) -> bool:
    """Tell whether detail is compared in a frame that is looked at: in every other one."""
    return frame % (2 * step) == 0 or frame == run.first


def looks_around(frame: int, run: FrameRange, step: int) -> tuple[tuple[int, float], ...]:
    """Return the frames whose looks make a frame's, with their shares, summing to 1; all of one run."""
    reach = _REACH * step
    near = range(max(run.first, frame - reach + 1), min(run.end, frame + reach))
    weights = [(one, 1.0 - abs(one - frame) / reach) for one in near if is_looked_at(one, run, step)]
    if not weights:  # the run begins so far away that its first frame stands for all before the next one
        return ((run.first, 1.0),)
    total = sum(weight for _, weight in weights)
    return tuple((one, weight / total) for one, weight in weights)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one frame tells of a face by thresholds.

    Attributes:
        covered: (128, 128) float32 in the plane, 0 free to 1 covered.
        frame: (128, 128) float32 in the plane, where the frame of glasses is.
        glasses: Whether there are any, 0 to 1.
        detail: How sharpness and grain differ from the source's; None where only every other look tells.
    """

    covered: Array
    frame: Array
    glasses: float
    detail: DetailMatch | None

    @property
    def covered_share(self) -> float:
        """How much of the face is covered, 0 to 1."""
        face = plane_region(_PLANE, "oval") > 127
        return float(self.covered[face].mean())


def lay(view: Bytes, points: Array, sheet: Sheet, map_side: int = MAP_SIDE) -> Placed | None:
    """Lay a source over a target; None where less than 8 pixels of the face lie in the picture.

    Args:
        view: (h, w, 3) uint8 RGB.
        points: (468 or more, 3) the target's mesh in the picture's pixels.
        sheet: The source, in levels.
        map_side: Longest side of the map by which it is laid.
    """
    return place(view, points, sheet, MASK_SIDE, map_side)


def look_at(placed: Placed, with_detail: bool = True) -> Look:
    """Look at one frame of a face.

    Args:
        placed: A source laid over it.
        with_detail: Compare sharpness and grain too, which takes as long as all the rest; see ``is_compared``.
    """
    cover = find_target_cover(placed.region, with_rim(placed.own), is_moving=True)
    covered = _in_plane(cover.covered)
    frame = np.zeros_like(covered) if cover.frame is None else _in_plane(cover.frame.astype(np.float32))
    detail: DetailMatch | None = None
    if with_detail:
        target = placed.region.astype(np.float32)
        usable = uncovered(placed.valid, _Laid(placed).from_plane(covered))
        lighting = find_lighting(placed, target, usable, _crisp(placed))
        detail = find_detail(placed, target, lighting, is_moving=True)
    return Look(covered, frame, float(cover.frame is not None), detail)


def mixed(looks: Sequence[tuple[Look, float]]) -> Look:
    """Average some looks by their shares, which sum to 1."""
    covered = np.add.reduce([look.covered * np.float32(share) for look, share in looks])
    frame = np.add.reduce([look.frame * np.float32(share) for look, share in looks])
    told = [(look.detail, share) for look, share in looks if look.detail is not None]
    total = sum(share for _, share in told)
    detail = DetailMatch()
    if told:
        names = [item.name for item in fields(DetailMatch)]
        detail = DetailMatch(**{n: sum(float(getattr(one, n)) * share / total for one, share in told) for n in names})
    glasses = sum(look.glasses * share for look, share in looks)
    return Look(np.clip(covered * _COVER_GAIN, 0.0, 1.0), frame, glasses, detail)


def mixed_around(frame: int, run: FrameRange, step: int, looks: Mapping[int, Look]) -> Look | None:
    """Return the look by which a frame is swapped; frames that could not be decoded have none and are left out."""
    found = [(looks[one], share) for one, share in looks_around(frame, run, step) if one in looks]
    total = sum(share for _, share in found)
    return mixed([(look, share / total) for look, share in found]) if found else None


def face_template(region: Bytes, points: Array) -> Array:
    """Return what a face looks like without its light, to be compared with other frames.

    Args:
        region: (h, w, 3) uint8 RGB.
        points: (468 or more, 3) its mesh in the region's pixels, OpenCV's way (centres at whole numbers).

    Returns:
        (n,) float32, of mean 0 and length 1.
    """
    places = plane_map(with_rim(points)[:, :2], _LIKENESS)
    grey = luma(sample(region.astype(np.float32), places))
    grey = grey - cv2.GaussianBlur(grey, (0, 0), _LIKENESS / 6.0, borderType=cv2.BORDER_REFLECT)
    values = grey[plane_region(_LIKENESS, "oval") > 127]
    values = values - values.mean()
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-6), dtype=np.float32)


def face_share(placed: Placed, template: Array) -> float:
    """Say how much of a swap is shown where a mesh was only guessed: is there a face at all, 0 to 1.

    Args:
        placed: A source laid over the place.
        template: ``face_template`` of the person in a good frame.
    """
    alike = float(face_template(placed.region, placed.own) @ template)
    return float(np.clip((alike - _ALIKE[0]) / (_ALIKE[1] - _ALIKE[0]), 0.0, 1.0))


def cover_share(covered: float, fades: tuple[float, float] = (_COVERED_FROM, _COVERED_TO)) -> float:
    """Say how much of a swap is shown on a face of which so much is covered, 0 to 1.

    Args:
        covered: Share of the face.
        fades: From which such share on the swap fades, and up to which it is gone.
    """
    along = min(1.0, max(0.0, (fades[1] - covered) / (fades[1] - fades[0])))
    return along * along * (3.0 - 2.0 * along)


def change_by(
    placed: Placed,
    look: Look,
    options: SwapOptions,
    *,
    yaw_degrees: float,
    share: float,
    grain_origin: tuple[int, int],
    region: Bytes | None = None,
) -> Array:
    """Say what a swap adds to a face's region.

    Args:
        placed: The source laid over this frame's face.
        look: What holds for this frame.
        options: How the source is put in.
        yaw_degrees: Of the head.
        share: How much of the swap is shown, 0 to 1, besides what the head's turn leaves of it (see ``cover_share``).
        grain_origin: Where the region lies in the endless plane of grain.
        region: The region as it is by now, where another face was changed before; None for as it was.

    Returns:
        (h, w, 3) float32, exactly 0 where nothing changes.
    """
    before = placed.region if region is None else region
    laid = _Laid(placed)
    target = before.astype(np.float32)
    painted: Array | None = None
    if look.glasses > 0.0:
        frame = cv2.resize(laid.from_plane(look.frame), target.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        painted = clear_temples(before, placed.own, np.asarray(frame, dtype=np.float32))
        painted = np.asarray(target + (painted - target) * np.float32(look.glasses), dtype=np.float32)
    whole = target if painted is None else painted
    lighting = find_lighting(placed, whole, uncovered(placed.valid, laid.from_plane(look.covered)), _crisp(placed))
    prepared = prepared_of(placed, whole, lighting, look.detail or DetailMatch(), yaw_degrees)
    shown = options.blend * share
    change = change_of(prepared, _with_blend(options, shown), grain_origin)
    if painted is not None:
        change += (painted - target) * np.float32(shown * prepared.share)
    # What would leave 0 to 255 is cut off here, as the samples it becomes have no such end.
    return np.asarray(np.clip(change, -target, 255.0 - target, out=change), dtype=np.float32)


def _with_blend(options: SwapOptions, blend: float) -> SwapOptions:
    return SwapOptions(
        blend=min(1.0, max(0.0, blend)),
        keep_mouth=options.keep_mouth,
        keep_eyes=options.keep_eyes,
        colour_match=options.colour_match,
        edge_softness=options.edge_softness,
    )


def _in_plane(values: Array) -> Array:
    return np.asarray(cv2.resize(values, (_PLANE, _PLANE), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _crisp(placed: Placed) -> Array:
    height, width = placed.warped.shape[:2]
    shrink = min(1.0, _CRISP_SIGMA_PX / max(0.03 * placed.face_width, 1e-3))
    return crisp(placed.warped, placed.face_width, (max(4, round(width * shrink)), max(4, round(height * shrink))))


class _Laid:
    """Carries the plane over a target's own mesh, by the map that was drawn for the moved one.

    Drawing a thousand triangles a second time would cost more than all that is done with them here. The move from one
    mesh to the other is smooth, so following it at each pixel is enough for masks.
    """

    def __init__(self, placed: Placed) -> None:
        height, width = placed.valid.shape
        scale = width / placed.region.shape[1]
        moved, own = with_rim(placed.moved), with_rim(placed.own)
        shift = plane_map((moved[:, :2] - own[:, :2]) * np.float32(scale), 32)
        shift[shift[..., 0] <= NOWHERE / 2] = 0.0
        apart = sample(shift, placed.where * 32 - 0.5)
        grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=2).astype(np.float32)
        self._places = sample(placed.where, grid + apart)

    def from_plane(self, values: Array) -> Array:
        """Return what the plane holds at each pixel of the reduced picture."""
        return sample(values, self._places * values.shape[0] - 0.5)
