"""How what is known of tracks is packed into bytes: small, checked, and the same on every machine."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats

Integers = NDArray[np.int32]
Arrays = Mapping[str, NDArray[Any]]

_MAGIC: Final = b"FSTK"
_LAYOUT: Final = 1
_HEAD: Final = struct.Struct("<4sB3xII32s")
"""``FSTK``, layout, length of the JSON part, length of all before compression, SHA-256 of what follows."""
_ZLIB_LEVEL: Final = 6
_MAX_BYTES: Final = 1 << 31
_STEPS_PER_FACE: Final = 16384
"""Steps to which the side of a face is divided: half a step is 0.01 px of a face of 300."""
_FINEST: Final = -6
_COARSEST: Final = 3
MOTION_ARRAYS: Final = ("turn", "shift", "rest")
"""What ``encode_motion`` returns."""
_TURN_BITS: Final = 16
_MOST_TURN: Final = 1 << 20
_DEPTH_FACTOR: Final = 8
"""Depths are only used to tell what lies before what, and for normals: they take coarser steps."""


class DamagedError(ValueError):
    """Bytes that are not what was packed."""


def pack_record(header: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Return small values and arrays as bytes, compressed, with a digest.

    Args:
        header: What JSON can hold.
        arrays: By name; any numeric kind and shape.
    """
    listed = [(name, np.ascontiguousarray(array)) for name, array in arrays.items()]
    kinds = [[name, array.dtype.newbyteorder("<").str, list(array.shape)] for name, array in listed]
    small = json.dumps({"header": header, "arrays": kinds}, separators=(",", ":"), sort_keys=True).encode()
    whole = small + b"".join(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes() for _, array in listed)
    packed = zlib.compress(whole, _ZLIB_LEVEL)
    return _HEAD.pack(_MAGIC, _LAYOUT, len(small), len(whole), hashlib.sha256(packed).digest()) + packed


def unpack_record(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what ``pack_record`` was given.

    Raises:
        DamagedError: The bytes are cut short, altered or of another layout.
    """
    try:
        magic, layout, small_length, length, digest = _HEAD.unpack_from(data)
    except struct.error as error:
        raise DamagedError("cut short") from error
    if (magic, layout) != (_MAGIC, _LAYOUT) or length > _MAX_BYTES:
        raise DamagedError("of another kind")
    packed = data[_HEAD.size :]
    if hashlib.sha256(packed).digest() != digest:
        raise DamagedError("altered")
    try:
        whole = zlib.decompress(packed, bufsize=max(1, length))
        small = json.loads(whole[:small_length])
        arrays, place = {}, small_length
        for name, kind, shape in small["arrays"]:
            dtype = np.dtype(kind)
            count = int(np.prod(shape, dtype=np.int64))
            array = np.frombuffer(whole, dtype, count, place).reshape(shape)
            arrays[name] = array.astype(dtype.newbyteorder("="), copy=False)
            place += count * dtype.itemsize
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise DamagedError("unreadable") from error
    if place != len(whole):
        raise DamagedError("too long")
    return small["header"], arrays


def step_for(side_px: float) -> float:
    """Return the step, a power of two in pixels, in which the points of a face of some size are kept."""
    return float(2.0 ** np.clip(np.ceil(np.log2(max(side_px, 1.0) / _STEPS_PER_FACE)), _FINEST, _COARSEST))


def quantised(points: Floats, step: float) -> Integers:
    """Return points (n, p, 3) in whole steps; depths in steps eight times as long."""
    return np.rint(points / _steps(step)).astype(np.int32)


def dequantised(whole: Integers, step: float) -> Floats:
    """Return points (n, p, 3) float32 in pixels. Packing them again with the same step loses nothing."""
    return (whole * _steps(step)).astype(np.float32)


def _steps(step: float) -> NDArray[np.float64]:
    return np.array([step, step, step * _DEPTH_FACTOR])


def encode_motion(whole: Integers) -> dict[str, NDArray[Any]]:
    """Return points (n, p, 3) in whole steps as arrays that compress well: how each frame differs from a guess.

    The guess is the frame before, turned, grown and shifted as the face did; in whole numbers, so that it is the same
    on every machine.
    """
    count, points = whole.shape[:2]
    turn, shift = np.zeros((count, 2), np.int32), np.zeros((count, 3), np.int32)
    rest = whole.copy()
    for frame in range(count):
        if frame:
            turn[frame] = _turn(whole[frame - 1], whole[frame])
            rest[frame] -= _turned(whole[frame - 1], turn[frame])
        if points:
            shift[frame] = np.median(rest[frame], axis=0).astype(np.int32)
        rest[frame] -= shift[frame]
    zigzag = ((rest << 1) ^ (rest >> 31)).astype(np.uint32)
    # One plane per coordinate and byte: the upper bytes are nearly all zero.
    planes = zigzag.transpose(2, 0, 1).reshape(3, -1)
    lengths = 4 if zigzag.size and int(zigzag.max()) >= 1 << 16 else 2
    parts = [((planes >> np.uint32(8 * place)) & np.uint32(255)).astype(np.uint8) for place in range(lengths)]
    return {"turn": turn, "shift": shift, "rest": np.stack(parts)}


def decode_motion(arrays: Arrays) -> Integers:
    """Return what ``encode_motion`` was given.

    Raises:
        DamagedError: The arrays do not belong together.
    """
    turn, shift, parts = arrays["turn"], arrays["shift"], arrays["rest"]
    count = len(shift)
    if parts.ndim != 3 or parts.shape[1] != 3 or len(turn) != count or (count and parts.shape[2] % count):
        raise DamagedError("shapes that do not fit")
    planes = np.zeros(parts.shape[1:], np.uint32)
    for place, part in enumerate(parts):
        planes |= part.astype(np.uint32) << np.uint32(8 * place)
    zigzag = planes.reshape(3, count, -1 if count else 0).transpose(1, 2, 0)
    whole: Integers = (zigzag >> np.uint32(1)).astype(np.int32) ^ -(zigzag & np.uint32(1)).astype(np.int32)
    whole += shift[:, None].astype(np.int32)
    for frame in range(1, count):
        whole[frame] += _turned(whole[frame - 1], turn[frame])
    return whole


def _turn(before: Integers, after: Integers) -> NDArray[np.int32]:
    """Return how a face turned and grew (2,): real and imaginary part of a factor less 1, in 2 ** -16."""
    flat = [(one[:, 0] - one[:, 0].mean()) + 1j * (one[:, 1] - one[:, 1].mean()) for one in (before, after)]
    spread = float((np.abs(flat[0]) ** 2).sum())
    factor = complex((flat[0].conj() @ flat[1]) / spread) - 1 if spread else 0j
    parts = np.rint(np.array([factor.real, factor.imag]) * (1 << _TURN_BITS))
    return np.asarray(np.clip(parts, -_MOST_TURN, _MOST_TURN), dtype=np.int32)


def _turned(points: Integers, turn: NDArray[np.int32]) -> Integers:
    """Return points (p, 3) turned and grown around their first one."""
    away = points[:, :2].astype(np.int64) - points[:1, :2]
    real, imaginary = int(turn[0]), int(turn[1])
    moved = points.copy()
    moved[:, 0] += ((real * away[:, 0] - imaginary * away[:, 1]) >> _TURN_BITS).astype(np.int32)
    moved[:, 1] += ((imaginary * away[:, 0] + real * away[:, 1]) >> _TURN_BITS).astype(np.int32)
    return moved.astype(np.int32, copy=False)


def prefixed(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Return arrays with a prefix before their names, so that several sets fit into one record."""
    return {f"{prefix}{name}": array for name, array in arrays.items()}


def subset(prefix: str, arrays: Arrays, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return one of the sets that ``prefixed`` named.

    Raises:
        DamagedError: One is missing.
    """
    try:
        return {name: arrays[f"{prefix}{name}"] for name in names}
    except KeyError as error:
        raise DamagedError("an array is missing") from error
