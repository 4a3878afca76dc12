"""Marks are found by an independent reader in every format, and no picture is touched."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.media.video.poster import frame_near
from faceswap_desktop.provenance.xmp import Marks, Unmarkable, read_marks, read_source_type, write_marks
from tests.numbered import number_in, write_numbered
from tests.unit.media import making, profiles

MARKS = Marks(SourceType.AI_COMPOSITE.uri, "Faceswap Desktop 0.4.0", "Faces were changed with AI.")
OTHER = Marks(SourceType.ENHANCED.uri, "Another program")

PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain.jpg": ("JPEG", {}),
    "rich.jpg": ("JPEG", {"exif": making.camera_exif(), "icc_profile": profiles.rgb_profile(), "dpi": (300, 300)}),
    "plain.png": ("PNG", {}),
    "rich.png": ("PNG", {"exif": making.camera_exif(), "icc_profile": profiles.rgb_profile()}),
    "lossy.webp": ("WEBP", {}),
    "lossless.webp": ("WEBP", {"lossless": True}),
    "rich.webp": ("WEBP", {"exif": making.camera_exif(), "icc_profile": profiles.rgb_profile()}),
    "little.tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "big.tif": ("TIFF", {}),
    "plain.avif": ("AVIF", {}),
    "rich.avif": ("AVIF", {"exif": making.camera_exif(), "icc_profile": profiles.rgb_profile()}),
}
CLEAR: dict[str, dict[str, Any]] = {
    "clear.webp": {"lossless": True, "exact": True},
    "clear-lossy.webp": {},
    "clear.avif": {},
    "clear.png": {},
}
VIDEOS: dict[str, dict[str, str]] = {
    "a.mp4": {},
    "front.mp4": {"movflags": "faststart"},
    "pieces.mp4": {"movflags": "frag_keyframe+empty_moov"},
    "a.mov": {},
    "a.mkv": {},
    "live.mkv": {"live": "1"},
    "a.webm": {},
}


def picture(name: str, folder: Path) -> Path:
    path = folder / name
    if name in CLEAR:
        image = making.sample()
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        image.save(path, **CLEAR[name])
        return path
    kind, options = PICTURES[name]
    if name == "big.tif":
        path.write_bytes(big_endian_tiff())
    else:
        path.write_bytes(making.encoded(making.sample(), kind, **options))
    return path


def big_endian_tiff() -> bytes:
    """A TIFF file in the order of Motorola's processors, as some scanners write it."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    pixels = making.pixels_of(making.sample())
    directory = ImageFileDirectory_v2(b"MM\0*\0\0\0\0")
    directory[256], directory[257], directory[258], directory[259] = 96, 64, (8, 8, 8), 1
    directory[262], directory[277], directory[278] = 2, 3, 64
    directory[273], directory[279] = (0,), (pixels.size,)
    return b"MM\0*\0\0\0\x08" + directory.tobytes(8) + pixels.tobytes()


def video(name: str, folder: Path) -> Path:
    path = folder / name
    codec = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
    if not VIDEOS[name]:
        return write_numbered(path, 12, codec=codec, sound=path.suffix == ".mp4")
    with (
        av.open(str(write_numbered(folder / f"plain-{name}", 12))) as source,
        av.open(str(path), "w", options=VIDEOS[name]) as container,
    ):
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    return path


def numbers_in(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [
            number_in(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) for frame in container.decode(video=0)
        ]


def told(path: Path) -> dict[str, Any]:
    """What exiftool finds; skipped where it is not installed."""
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("exiftool is not installed")
    wanted = ["-DigitalSourceType", "-CreatorTool", "-Description", "-Comment", "-Creator", "-Error", "-Warning"]
    done = subprocess.run([program, "-j", "-ee", *wanted, str(path)], capture_output=True, text=True, check=True)
    [found] = json.loads(done.stdout)
    return dict(found)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux() if packet.size]


@pytest.mark.parametrize("name", [*PICTURES, *CLEAR])
def test_pictures_are_marked_and_stay_as_they_are(tmp_path: Path, name: str) -> None:
    path, out = picture(name, tmp_path), tmp_path / f"marked-{name}"
    assert read_marks(path) == Marks()
    assert write_marks(path, out, MARKS) == out.stat().st_size
    with Image.open(path) as before, Image.open(out) as after:
        assert (before.mode, before.size) == (after.mode, after.size)
        assert before.tobytes() == after.tobytes()
        assert before.info.get("icc_profile") == after.info.get("icc_profile")
        assert before.info.get("dpi") == after.info.get("dpi")
        assert {**before.getexif(), 700: 0, 273: 0} == {**after.getexif(), 700: 0, 273: 0}
    found = told(out)
    assert found["DigitalSourceType"] == MARKS.source_type
    assert found["CreatorTool"] == MARKS.tool
    assert found["Description"] == MARKS.disclosure
    assert "Error" not in found
    assert found.get("Warning") == told(path).get("Warning")
    assert read_source_type(out) == MARKS.source_type


@pytest.mark.parametrize("name", VIDEOS)
def test_videos_are_marked_and_stay_as_they_are(tmp_path: Path, name: str) -> None:
    path, out = video(name, tmp_path), tmp_path / f"marked-{name}"
    write_marks(path, out, MARKS)
    assert packets(out) == packets(path)
    assert numbers_in(out) == list(range(12))
    assert frame_near(str(out), 0.3, 64).shape == frame_near(str(path), 0.3, 64).shape
    assert read_marks(out).source_type == MARKS.source_type
    found = told(out)
    assert found["DigitalSourceType"] == MARKS.source_type
    assert found["CreatorTool"] == MARKS.tool
    assert found["Comment" if path.suffix in {".mkv", ".webm"} else "Description"] == MARKS.disclosure
    assert {"Error", "Warning"}.isdisjoint(found)


def test_players_find_the_tags_of_a_matroska_file(tmp_path: Path) -> None:
    """FFmpeg looks for tags where the file's index says they are; it does not read the whole file."""
    out = tmp_path / "marked.mkv"
    write_marks(video("a.mkv", tmp_path), out, MARKS)
    with av.open(str(out)) as container:
        assert container.metadata["DIGITAL_SOURCE_TYPE"] == MARKS.source_type
        assert container.metadata["CREATOR_TOOL"] == MARKS.tool


@pytest.mark.parametrize("name", [*PICTURES, *CLEAR, *VIDEOS])
def test_marked_again_the_last_counts_and_is_the_only_one(tmp_path: Path, name: str) -> None:
    path = video(name, tmp_path) if name in VIDEOS else picture(name, tmp_path)
    once, twice = tmp_path / f"once-{name}", tmp_path / f"twice-{name}"
    write_marks(path, once, MARKS)
    write_marks(once, twice, OTHER)
    assert read_marks(twice) == OTHER
    found = told(twice)
    assert (found["DigitalSourceType"], found["CreatorTool"]) == (OTHER.source_type, OTHER.tool)
    if name.endswith((".mkv", ".webm")):
        assert b"Faceswap Desktop" not in twice.read_bytes()
    else:
        assert found["Description"] == MARKS.disclosure  # a description that is there stays
        assert found.get("Warning") == told(path).get("Warning")


FOREIGN = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:q="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="other:xmp"
 xmlns:z="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 q:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture" xmp:CreatorTool="kept">
<z:CreatorTool>A camera</z:CreatorTool>
<dc:creator><rdf:Seq><rdf:li>A photographer</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">A walk &amp; a talk</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "avif"])
def test_what_a_file_said_before_is_kept_but_for_what_is_said_anew(tmp_path: Path, kind: str) -> None:
    path, out = tmp_path / f"a.{kind}", tmp_path / f"b.{kind}"
    image = making.sample()
    if kind == "png":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", FOREIGN.decode(), zip=True)
        image.save(path, pnginfo=info)
    elif kind == "tif":
        image.save(path, tiffinfo={700: FOREIGN})
    else:
        image.save(path, xmp=FOREIGN)
    assert read_source_type(path).endswith("digitalCapture")
    write_marks(path, out, MARKS)
    found = told(out)
    assert found["DigitalSourceType"] == MARKS.source_type
    assert found["CreatorTool"] == MARKS.tool
    assert (found["Creator"], found["Description"]) == ("A photographer", "A walk & a talk")
    assert b"kept" in out.read_bytes()  # somebody else's property of the same name
    assert b"digitalCapture" not in out.read_bytes()


def test_a_film_s_own_packet_in_a_quicktime_file_gives_way(tmp_path: Path) -> None:
    """QuickTime keeps it among the film's user data."""
    path = video("a.mov", tmp_path)
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mov"), "w") as container:
        container.metadata["xmp"] = FOREIGN.decode()
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    assert b"XMP_" in (tmp_path / "b.mov").read_bytes()
    assert read_source_type(tmp_path / "b.mov").endswith("digitalCapture")
    write_marks(tmp_path / "b.mov", tmp_path / "c.mov", MARKS)
    assert read_source_type(tmp_path / "c.mov") == MARKS.source_type
    assert told(tmp_path / "c.mov")["DigitalSourceType"] == MARKS.source_type
    assert told(tmp_path / "c.mov")["Creator"] == "A photographer"
    assert numbers_in(tmp_path / "c.mov") == list(range(12))


def test_extended_packets_of_a_jpeg_stay(tmp_path: Path) -> None:
    guid = b"0123456789ABCDEF0123456789ABCDEF"
    main = FOREIGN.replace(b"<dc:creator>", b'<n:HasExtendedXMP xmlns:n="http://ns.adobe.com/xmp/note/">' + guid
                           + b"</n:HasExtendedXMP><dc:creator>")  # fmt: skip
    rest = b"http://ns.adobe.com/xmp/extension/\0" + guid + (9).to_bytes(4, "big") + bytes(4) + b"<more../>"
    data = making.encoded(making.sample(), "JPEG", xmp=main)
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(rest) + 2).to_bytes(2, "big") + rest + data[2:])
    write_marks(path, tmp_path / "b.jpg", MARKS)
    written = (tmp_path / "b.jpg").read_bytes()
    assert rest in written
    assert written.count(guid) == 2
    assert written.count(b"http://ns.adobe.com/xap/1.0/\0") == 1
    assert read_source_type(tmp_path / "b.jpg") == MARKS.source_type


@pytest.mark.parametrize(
    "data",
    [b"GIF89a" + bytes(64), b"II+\0\x08\0\0\0" + bytes(64), b"RIFF\x24\0\0\0AVI " + bytes(64), b"words"],
    ids=["gif", "bigtiff", "avi", "text"],
)
def test_files_that_hold_no_marks(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(Unmarkable):
        write_marks(path, tmp_path / "b", MARKS)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["a"]
    assert read_marks(path) == Marks()


def test_a_moving_avif_is_left_alone(tmp_path: Path) -> None:
    frames = [making.sample(), making.sample().transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    frames[0].save(tmp_path / "a.avif", save_all=True, append_images=frames[1:])
    with pytest.raises(Unmarkable):
        write_marks(tmp_path / "a.avif", tmp_path / "b.avif", MARKS)


def test_the_pieces_of_a_big_file_are_never_read_whole(tmp_path: Path) -> None:
    """A film's data may be longer than memory: they are copied in blocks, whatever their length."""
    path = video("a.mp4", tmp_path)
    with path.open("ab") as stream:
        stream.write((200 * 2**20 + 8).to_bytes(4, "big") + b"free")
        stream.truncate(stream.tell() + 200 * 2**20)
    import tracemalloc

    tracemalloc.start()
    write_marks(path, tmp_path / "b.mp4", MARKS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 2**20
    assert read_source_type(tmp_path / "b.mp4") == MARKS.source_type


def test_a_box_that_is_open_to_the_end_is_closed(tmp_path: Path) -> None:
    path = video("a.mp4", tmp_path)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"moov") - 4
    data[at : at + 4] = bytes(4)
    path.write_bytes(data)
    write_marks(path, tmp_path / "b.mp4", MARKS)
    assert numbers_in(tmp_path / "b.mp4") == list(range(12))
    assert read_source_type(tmp_path / "b.mp4") == MARKS.source_type


def test_what_lay_there_is_replaced_in_one_step_and_stays_if_that_fails(tmp_path: Path) -> None:
    out = tmp_path / "b.jpg"
    out.write_bytes(b"before")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(making.encoded(making.sample(), "JPEG")[:30])
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of ours
        write_marks(broken, out, MARKS)
    assert out.read_bytes() == b"before"
    write_marks(picture("plain.jpg", tmp_path), out, MARKS)
    assert open_upright(out).format == "JPEG"
    assert np.array_equal(open_upright(out).pixels, open_upright(tmp_path / "plain.jpg").pixels)
    assert not [one for one in tmp_path.iterdir() if one.name.endswith(".part")]


def test_foreign_text_is_shown_on_one_short_line(tmp_path: Path) -> None:
    marks = Marks("a\nb" + "c" * 5000, "d\te")
    write_marks(picture("plain.png", tmp_path), tmp_path / "b.png", marks)
    found = read_marks(tmp_path / "b.png")
    assert found.source_type.startswith("a bccc")
    assert len(found.source_type) == 300
    assert found.tool == "d e"


def test_a_png_with_its_packet_behind_the_picture(tmp_path: Path) -> None:
    """Some programs append it; it comes before, where readers in a stream find it."""
    data = making.encoded(making.sample(), "PNG")
    late = making.png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + FOREIGN)
    path = tmp_path / "a.png"
    path.write_bytes(data[:-12] + late + data[-12:])
    assert read_source_type(path).endswith("digitalCapture")
    write_marks(path, tmp_path / "b.png", MARKS)
    written = (tmp_path / "b.png").read_bytes()
    assert written.index(b"XML:com.adobe.xmp") < written.index(b"IDAT")
    assert written.count(b"XML:com.adobe.xmp") == 1
    with Image.open(io.BytesIO(written)) as image:
        image.load()
