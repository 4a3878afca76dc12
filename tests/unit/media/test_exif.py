"""EXIF blocks are taken apart and put together without changing what they say, whatever their state."""

from __future__ import annotations

import random
import struct
from fractions import Fraction

import pytest
from PIL import Image

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.media.exif import MAX_BLOCK_BYTES, clean_exif, has_gps, orientation_of, without_gps
from tests.unit.media import making

SIZE = Size(40, 30)


def read(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


def block(order: str, *directories: list[tuple[int, int, int, bytes]]) -> bytes:
    """A hand-made block: directories one behind the other, values of more than four bytes behind all of them."""
    head = (b"II\x2a\0" if order == "<" else b"MM\0\x2a") + struct.pack(order + "I", 8)
    length = len(head) + sum(6 + 12 * len(directory) for directory in directories)
    body, values = b"", b""
    for directory in directories:
        body += struct.pack(order + "H", len(directory))
        for tag, kind, count, value in directory:
            body += struct.pack(order + "HHI", tag, kind, count)
            if len(value) <= 4:
                body += value.ljust(4, b"\0")
            else:
                body += struct.pack(order + "I", length + len(values))
                values += value
        body += struct.pack(order + "I", 0)
    return head + body + values


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_both_byte_orders_are_kept(order: str, prefix: bytes) -> None:
    camera_at = 8 + 6 + 12 * 3
    raw = prefix + block(
        order,
        [
            (0x010F, 2, 6, b"Maker\0"),
            (0x0112, 3, 1, struct.pack(order + "H", 8)),
            (0x8769, 4, 1, struct.pack(order + "I", camera_at)),
        ],
        [
            (0x829A, 5, 1, struct.pack(order + "II", 1, 200)),
            (0x9000, 7, 4, b"0232"),
            (0x9204, 10, 1, struct.pack(order + "ii", -1, 3)),
        ],
    )
    assert orientation_of(raw) == 8
    cleaned = clean_exif(raw, SIZE)
    assert cleaned[6:8] == (b"II" if order == "<" else b"MM")
    exif = read(cleaned)
    assert (exif[0x010F], exif[0x0112]) == ("Maker", 1)
    camera = exif.get_ifd(0x8769)
    assert Fraction(camera[0x829A].numerator, camera[0x829A].denominator) == Fraction(1, 200)
    assert camera[0x9000] == b"0232"
    assert float(camera[0x9204]) == pytest.approx(-1 / 3)


def test_cleaning_twice_changes_nothing() -> None:
    once = clean_exif(making.camera_exif(6).tobytes(), SIZE)
    assert clean_exif(once, SIZE) == once


def test_the_place_can_be_taken_out() -> None:
    with_place = clean_exif(making.camera_exif().tobytes(), SIZE)
    without = without_gps(with_place)
    assert has_gps(with_place)
    assert not has_gps(without)
    assert read(without)[0x010F] == "Sample camera"
    assert without_gps(without) == without
    assert without_gps(b"") == b""


@pytest.mark.parametrize(
    "raw", [b"", b"Exif\0\0", b"II\x2a\0", b"rubbish" * 10, b"MM\0\x2a\xff\xff\xff\xff", b"II\x2b\0\x08\0\0\0"]
)
def test_what_is_no_block_gives_nothing(raw: bytes) -> None:
    assert clean_exif(raw, SIZE) == b""
    assert orientation_of(raw) == 1


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_makes_no_sense(value: int) -> None:
    assert orientation_of(block("<", [(0x0112, 3, 1, struct.pack("<H", value))])) == 1


def test_directories_that_point_at_themselves() -> None:
    raw = block(
        "<", [(0x8769, 4, 1, struct.pack("<I", 8)), (0x8825, 4, 1, struct.pack("<I", 8)), (0x010F, 2, 2, b"M\0")]
    )
    assert read(clean_exif(raw, SIZE))[0x010F] == "M"


def test_a_block_that_is_too_long_loses_its_longest_values() -> None:
    entries = [(0x9290 + index, 2, 15_000, b"1" * 15_000) for index in range(6)]
    raw = block("<", [(0x010F, 2, 6, b"Maker\0"), (0x8769, 4, 1, struct.pack("<I", 8 + 6 + 24))], entries)
    cleaned = clean_exif(raw, SIZE)
    assert len(cleaned) <= MAX_BLOCK_BYTES
    assert read(cleaned)[0x010F] == "Maker"


def test_many_entries_stay_within_the_limit() -> None:
    entries = [(0x9300 + index, 2, 200, b"1" * 200) for index in range(400)]
    raw = block("<", [(0x010F, 2, 6, b"Maker\0"), (0x8769, 4, 1, struct.pack("<I", 8 + 6 + 24))], entries)
    assert len(clean_exif(raw, SIZE)) <= MAX_BLOCK_BYTES


def test_damaged_blocks_never_do_more_than_lose_entries() -> None:
    chance = random.Random(5)
    whole = making.exif_with_thumbnail(making.camera_exif(6), b"\xff\xd8\xff\xd9")
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        damaged = bytes(data[: chance.randint(0, len(data))] if chance.random() < 0.3 else data)
        assert 1 <= orientation_of(damaged) <= 8
        cleaned = clean_exif(damaged, SIZE)
        assert cleaned == clean_exif(cleaned, SIZE)
        assert orientation_of(cleaned) == 1
