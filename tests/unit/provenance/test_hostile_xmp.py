"""Files that were made to do harm, or were cut off: they are refused or passed over, without much memory."""

from __future__ import annotations

import random
import struct
import tracemalloc
import zlib
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.provenance.packet import make_packet, read_packet
from faceswap_desktop.provenance.xmp import Damaged, Marks, Unmarkable, read_marks, write_marks
from tests.numbered import write_numbered
from tests.unit.media import making

MARKS = Marks(SourceType.AI_COMPOSITE.uri, "Faceswap Desktop 0.4.0")
KINDS = ["jpg", "png", "webp", "tif", "avif", "mp4", "mkv"]
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def whole(kind: str, folder: Path) -> bytes:
    """A marked file."""
    path, out = folder / f"whole.{kind}", folder / f"marked.{kind}"
    if kind in {"mp4", "mkv"}:
        write_numbered(path, 3)
    else:
        making.sample().save(path)
    write_marks(path, out, MARKS)
    return out.read_bytes()


def tried(data: bytes, path: Path) -> None:
    """Read and mark whatever it is; only our own refusals may come."""
    path.write_bytes(data)
    read_marks(path)
    out = path.with_name("out")
    try:
        write_marks(path, out, MARKS)
    except (Damaged, Unmarkable):
        assert not out.exists()
    else:
        # What could be written can be read again, except where the damage hides it from readers.
        assert out.stat().st_size < len(data) + 20_000
        out.unlink()


@pytest.mark.parametrize("kind", KINDS)
def test_files_that_are_cut_off_anywhere(tmp_path: Path, kind: str) -> None:
    data = whole(kind, tmp_path)
    places = sorted({*range(0, min(len(data), 400), 7), *range(0, len(data), max(1, len(data) // 60))})
    for length in places:
        tried(data[:length], tmp_path / "a")


@pytest.mark.parametrize("kind", KINDS)
def test_files_with_wrong_bytes_anywhere(tmp_path: Path, kind: str) -> None:
    data = whole(kind, tmp_path)
    dice = random.Random(1)
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(broken)) if dice.random() < 0.4 else dice.randrange(min(len(broken), 600))
            broken[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        tried(bytes(broken), tmp_path / "a")


@cache
def hostile_files() -> dict[str, bytes]:
    jpeg = making.encoded(making.sample(), "JPEG")
    png = making.encoded(making.sample(), "PNG")
    key = b"XML:com.adobe.xmp\0"
    bomb = zlib.compress(b"<a>" + b" " * 60_000_000, 9)
    ftyp = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom")
    avif = struct.pack(">I4s4sI4s", 20, b"ftyp", b"avif", 0, b"mif1")
    moov = struct.pack(">I4s", 8, b"moov")
    iloc = struct.pack(">I4sIBBH", 16, b"iloc", 0, 0x44, 0, 0xFFFF)
    extents = b"".join(struct.pack(">HHH", number, 0, 0xFFFF) for number in range(1, 200))
    counts = struct.pack(">I4sIBBH", 16 + len(extents), b"iloc", 0, 0, 0, 0xFFFF) + extents
    iinf = struct.pack(">I4sIH", 14, b"iinf", 0, 0xFFFF)
    pitm = struct.pack(">I4sIH", 14, b"pitm", 0, 1)

    def meta(*parts: bytes) -> bytes:
        body = bytes(4) + b"".join(parts)
        return avif + struct.pack(">I4s", 8 + len(body), b"meta") + body

    ebml = b"\x1a\x45\xdf\xa3\x80"
    return {
        "jpeg segments without end": jpeg[:2] + b"\xff\xe1\x00\x02" * 110_000,
        "jpeg of filling bytes": jpeg[:2] + b"\xff" * 200_000,
        "png with a packed bomb": png[:33] + making.png_chunk(b"iTXt", key + b"\1\0\0\0" + bomb) + png[33:],
        "png with a length of four gigabytes": png[:33] + b"\xff\xff\xff\xffiTXt" + png[33:],
        "png of empty chunks": png[:33] + making.png_chunk(b"abcd", b"") * 110_000 + png[33:],
        "webp longer than the file": b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff" + bytes(99),
        "webp of empty chunks": b"RIFF" + struct.pack("<I", 4 + 8 * 110_000) + b"WEBP" + b"abcd\0\0\0\0" * 110_000,
        "tiff whose directory is itself": b"II*\0\x04\0\0\0" + bytes(40),
        "tiff with a huge directory": b"II*\0\x08\0\0\0\xff\xff" + bytes(400),
        "tiff whose packet is four gigabytes": b"II*\0\x08\0\0\0"
        + struct.pack("<HHHII", 1, 700, 1, 0xFFFFFFFF, 8)
        + bytes(9),
        "boxes in boxes": ftyp + b"".join(struct.pack(">I4s", 8 * (9_000 - n), b"moov") for n in range(9_000)),
        "a box of 16 exabytes": ftyp + struct.pack(">I4sQ", 1, b"moov", 2**64 - 1),
        "boxes of no length": ftyp + struct.pack(">I4s", 2, b"moov") + bytes(99),
        "empty boxes": ftyp + moov * 110_000,
        "avif with very many items": meta(iloc, iinf, pitm),
        "avif with very many places": meta(counts, iinf, pitm),
        "avif that is nothing": meta(),
        "matroska in itself": ebml + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" * 100_000,
        "matroska of empty elements": ebml
        + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
        + b"\xec\x80" * 110_000,
        "matroska longer than itself": ebml + b"\x18\x53\x80\x67\x08\x00\x00\x00\x01" + bytes(99),
    }


@pytest.mark.parametrize("name", hostile_files())
def test_files_made_to_do_harm(tmp_path: Path, name: str) -> None:
    tried(hostile_files()[name], tmp_path / "a")


@pytest.mark.parametrize("name", ["png with a packed bomb", "avif with very many items", "a box of 16 exabytes"])
def test_little_memory_is_taken(tmp_path: Path, name: str) -> None:
    data = hostile_files()[name]
    tracemalloc.start()
    tried(data, tmp_path / "a")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 2**20


BOMBS = {
    "entities": '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    f"<rdf:RDF {RDF}><rdf:Description>&c;</rdf:Description></rdf:RDF>",
    "a file of the system": f'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><rdf:RDF {RDF}>&a;</rdf:RDF>',
    "depth": f"<rdf:RDF {RDF}>" + "<a>" * 100_000 + "</a>" * 100_000 + "</rdf:RDF>",
    "crowds": f"<rdf:RDF {RDF}>" + "<a/>" * 200_000 + "</rdf:RDF>",
    "attributes": f"<rdf:RDF {RDF} " + " ".join(f'a{n}="1"' for n in range(60_000)) + "/>",
    "length": f"<rdf:RDF {RDF}>" + " " * 2_000_000 + "</rdf:RDF>",
    "no end": f"<rdf:RDF {RDF}><rdf:Description>",
    "no packet": "<a/>",
    "no xml": "\x01\x02",
    "an unknown code": '<?xml version="1.0" encoding="klingon"?><a/>',
    "an unbound prefix": "<rdf:RDF/>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_packets_made_to_do_harm_give_way(name: str) -> None:
    tracemalloc.start()
    old = BOMBS[name].encode()
    assert read_packet(old) == Marks()
    made = make_packet(MARKS, old)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60 * 2**20
    assert read_packet(made) == MARKS
    assert len(made) < 2000


def test_a_packet_that_no_longer_fits_into_a_jpeg_gives_way(tmp_path: Path) -> None:
    long = f'<rdf:RDF {RDF}><rdf:Description xmlns:a="b:" a:text="{"x" * 65_000}"/></rdf:RDF>'.encode()
    making.sample().save(tmp_path / "a.jpg", xmp=long)
    write_marks(tmp_path / "a.jpg", tmp_path / "b.jpg", MARKS)
    assert read_marks(tmp_path / "b.jpg") == MARKS
    with Image.open(tmp_path / "b.jpg") as image:
        image.load()


def test_a_hostile_tiff_cannot_have_its_picture_wiped(tmp_path: Path) -> None:
    """It says that its picture is a packet; the place of a packet is blanked only if it looks like one."""
    making.sample().save(tmp_path / "a.tif", tiffinfo={700: b"x" * (96 * 64 * 3)})
    data = (tmp_path / "a.tif").read_bytes()
    with Image.open(tmp_path / "a.tif") as image:
        place, [strip] = image.tag_v2.offset, image.tag_v2[273]  # type: ignore[attr-defined]
        pixels = image.tobytes()
    del place
    at = data.index(struct.pack("<HH", 700, 1))
    hostile = data[: at + 8] + struct.pack("<I", strip) + data[at + 12 :]
    (tmp_path / "a.tif").write_bytes(hostile)
    write_marks(tmp_path / "a.tif", tmp_path / "b.tif", MARKS)
    with Image.open(tmp_path / "b.tif") as image:
        assert image.tobytes() == pixels
