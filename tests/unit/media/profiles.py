"""Small colour profiles (ICC version 2), built here so that no foreign one has to be shipped."""

from __future__ import annotations

import itertools
import struct

D50 = (0.9642, 1.0, 0.8249)
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))


def rgb_profile(
    primaries: tuple[tuple[float, float, float], ...] = DISPLAY_P3, gamma: float = 2.2, name: str = "Wide test space"
) -> bytes:
    """A matrix profile of a display; the default has Display P3's primaries."""
    tags = {b"rXYZ": _xyz(primaries[0]), b"gXYZ": _xyz(primaries[1]), b"bXYZ": _xyz(primaries[2])}
    curve = _gamma(gamma)
    return _profile(b"mntr", b"RGB ", b"XYZ ", name, tags | {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def grey_profile(gamma: float) -> bytes:
    """A grey profile."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", "Grey test space", {b"kTRC": _gamma(gamma)})


def cmyk_profile() -> bytes:
    """A CMYK profile whose inks are duller than the plain formula's: full cyan is Lab (55, -37, -50)."""
    inks = ((55, -37, -50), (48, 74, -3), (89, -5, 93), (16, 0, 0))
    table = b""
    for amounts in itertools.product((0, 1), repeat=4):
        lightness, a, b = 100.0, 0.0, 0.0
        for amount, ink in zip(amounts, inks, strict=True):
            if amount:
                lightness, a, b = lightness * ink[0] / 100, a + ink[1], b + ink[2]
        table += bytes((round(lightness * 2.55), _clip(a + 128), _clip(b + 128)))
    identity = struct.pack(">9i", *(65536 if index % 4 == 0 else 0 for index in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + bytes(range(256)) * 4 + table + bytes(range(256)) * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", "CMYK test space", {b"A2B0": lut})


def _clip(value: float) -> int:
    return max(0, min(255, round(value)))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _profile(kind: bytes, space: bytes, connection: bytes, name: str, tags: dict[bytes, bytes]) -> bytes:
    text = name.encode("ascii") + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(8 + 3 + 67)
    tags = tags | {b"desc": description, b"cprt": b"text\0\0\0\0Made for a test\0", b"wtpt": _xyz(D50)}
    table = struct.pack(">I", len(tags))
    body = b""
    start = 128 + 4 + 12 * len(tags)
    for signature, data in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(data))
        body += data.ljust((len(data) + 3) // 4 * 4, b"\0")
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI3i4s",
        start + len(body), b"\0\0\0\0", 0x02400000, kind, space, connection,
        2026, 1, 1, 0, 0, 0, b"acsp", b"\0\0\0\0", 0, b"\0\0\0\0", b"\0\0\0\0", 0, 0,
        *(round(value * 65536) for value in D50), b"\0\0\0\0",
    )  # fmt: skip
    return header.ljust(128, b"\0") + table + body
