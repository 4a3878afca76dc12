"""The visible label burnt into frames of a video, upright and always in the same corner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceswap_desktop.media.label import DrawnLabel, Spot, spot_in
from faceswap_desktop.media.video.encode import fitted
from faceswap_desktop.media.video.packet_run import Frame
from faceswap_desktop.media.video.planes import FramePixels, can_work_in
from faceswap_desktop.media.video.settings import EncodeSettings


@dataclass(frozen=True, slots=True)
class FrameLabel:
    """What is laid on every frame of a job; plain values, so that it can be pickled.

    Attributes:
        label: As drawn for the video's size.
        spot: Its corner; the same in all frames.
    """

    label: DrawnLabel
    spot: Spot


def labelled(frame: Frame, on: FrameLabel, rotation: int, settings: EncodeSettings) -> Frame:
    """Return a frame with the label on it; samples that it does not cover stay as they are.

    Args:
        frame: As decoded, or as changed; it stays as it is itself.
        on: What is laid on.
        rotation: Degrees by which it has to be turned clockwise to stand upright.
        settings: How it will be encoded; palettes and RGB become that first.
    """
    ready = frame if can_work_in(frame.format.name) else fitted(frame, settings)
    pixels = FramePixels(ready, rotation, settings.colour)
    label, size = on.label, pixels.size
    if label.width > size.width or label.height > size.height:
        # A video that changes its size: what has no room is left out, rather than the frame.
        return frame
    spot = spot_in(on.spot.corner, size, label)
    before = pixels.view(spot.left, spot.top, spot.left + label.width, spot.top + label.height)
    change = (label.colours - before) * label.shares
    pixels.change(spot.left, spot.top, np.ascontiguousarray(change, np.float32), before)
    return pixels.frame
