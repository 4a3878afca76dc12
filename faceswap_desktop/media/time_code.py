"""A time drawn into a picture as black and white cells, so that a measurement can read it from what is shown.

The code stands twice, along the upper and along the lower edge, so that a label or a plate over one of them does not
matter. It is read from the middle of each cell and survives scaling, a lossy encoder and other colours. Neither side
needs anything but bytes: the window's process has no numpy.

A row of 48 cells: 1 0 1 0, the time (32 bits, highest first), its checksum (8 bits), 0 1 0 1; 1 is white.
"""

from __future__ import annotations

from typing import Final

CELLS: Final = 48
HIGHEST: Final = 1 << 32
"""Times are told up to this, in milliseconds (49 days); then they start over."""
_MIN_CELL: Final = 4
"""Pixels of a cell's width below which nothing can be read."""
_SHARE: Final = 16
"""The strip's height is this part of the picture's."""
_HEAD: Final = (1, 0, 1, 0)
_TAIL: Final = (0, 1, 0, 1)
_MIN_CONTRAST: Final = 48
_POLYNOMIAL: Final = 0x07
_CHANNELS: Final = 3


def code_of(taken_ns: int) -> int:
    """Return what is drawn for a time of ``time.monotonic_ns``: milliseconds, modulo ``HIGHEST``."""
    return taken_ns // 1_000_000 % HIGHEST


def age_ms(code: int, now_ns: int) -> int:
    """Return how many milliseconds ago a code's time was; negative where it is still to come."""
    return (code_of(now_ns) - code + HIGHEST // 2) % HIGHEST - HIGHEST // 2


def has_room(width: int, height: int) -> bool:
    """Whether a picture of this size is large enough for the code."""
    return width >= CELLS * _MIN_CELL and height >= 4 * _SHARE


def draw(pixels: bytearray | memoryview, width: int, height: int, taken_ns: int) -> None:
    """Draw a time into a picture, over what is there; nothing is done where there is no room.

    Args:
        pixels: RGB, ``height`` × ``width`` × 3 bytes without gaps, writable.
        width: Pixels.
        height: Pixels.
        taken_ns: The time, ``time.monotonic_ns``.
    """
    if not has_room(width, height):
        return
    row = bytearray(width * _CHANNELS)
    for number, bit in enumerate(_cells(code_of(taken_ns))):
        if bit:
            start, end = (at * width // CELLS * _CHANNELS for at in (number, number + 1))
            row[start:end] = b"\xff" * (end - start)
    strip = bytes(row) * (height // _SHARE)
    view = memoryview(pixels).cast("B")
    view[: len(strip)] = strip
    view[height * len(row) - len(strip) :] = strip


def read(pixels: bytes | bytearray | memoryview, width: int, height: int, stride: int = 0) -> int | None:
    """Read the time out of a picture that may have been scaled, encoded and drawn upon.

    Args:
        pixels: RGB, 8 bits, the whole picture and nothing around it.
        width: Pixels.
        height: Pixels.
        stride: Bytes from row to row; ``width * 3`` if 0. A ``QImage`` pads its rows.

    Returns:
        The code (see ``code_of``); None where none can be read for certain.
    """
    view, stride = memoryview(pixels).cast("B"), stride or width * _CHANNELS
    if width < 2 * CELLS or height < 2 * _SHARE or len(view) < (height - 1) * stride + width * _CHANNELS:
        return None
    # Thirds and the middle of the strips, the outermost rows last: edges are blurred by scaling.
    depth = height / _SHARE
    for share in (0.5, 0.35, 0.65, 0.2, 0.8):
        for row in (int(depth * share), height - 1 - int(depth * share)):
            found = _read_row(view[row * stride : row * stride + width * _CHANNELS], width)
            if found is not None:
                return found
    return None


def _cells(code: int) -> tuple[int, ...]:
    bits = tuple(code >> place & 1 for place in range(31, -1, -1))
    check = _checksum(code)
    return (*_HEAD, *bits, *(check >> place & 1 for place in range(7, -1, -1)), *_TAIL)


def _checksum(code: int) -> int:
    """Return the CRC-8 of four bytes; never right for a strip that is all black."""
    value = 0xFF
    for byte in code.to_bytes(4, "big"):
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ _POLYNOMIAL) & 0xFF if value & 0x80 else value << 1
    return value


def _read_row(row: memoryview, width: int) -> int | None:
    levels = [_level(row, width, number) for number in range(CELLS)]
    known = tuple(zip((*_HEAD, *_TAIL), (*levels[:4], *levels[-4:]), strict=True))
    dark = max(level for bit, level in known if not bit)
    light = min(level for bit, level in known if bit)
    if light - dark < _MIN_CONTRAST:
        return None
    limit = (dark + light) / 2
    bits = [int(level > limit) for level in levels[4:-4]]
    code, check = (int("".join(map(str, part)), 2) for part in (bits[:32], bits[32:]))
    return code if check == _checksum(code) else None


def _level(row: memoryview, width: int, number: int) -> float:
    """Return how light a cell's middle is, 0 to 255."""
    middle = (2 * number + 1) * width // (2 * CELLS)
    reach = width // (6 * CELLS)
    part = row[(middle - reach) * _CHANNELS : (middle + reach + 1) * _CHANNELS]
    return sum(part) / len(part)
