from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.index import DamagedIndex, VideoIndex, load_index
from faceswap_desktop.media.video.indexing import MENDED_TIMES, build_index
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader
from tests.numbered import ffmpeg, number_in, write_numbered


def indexed(path: Path) -> VideoIndex:
    facts = probe_video(path).media.video
    assert facts is not None
    return build_index(path, size=(facts.coded_width, facts.coded_height), pixel_format=facts.pixel_format)


def read(path: Path, index: VideoIndex, threads: int = 1) -> list[int | None]:
    with FrameReader(path, index, threads=threads) as reader:
        frames = reader.frames(FrameRange(0, len(index)))
        return [None if frame is None else number_in(upright_rgb(frame, 0)) for _, frame in frames]


def test_times_ends_and_keys(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 50, options={"x264-params": "keyint=12:scenecut=0:bframes=2"})
    index = indexed(path)
    assert index.times.of(10) == 0.4
    assert (index.times.end, index.frames_per_second, index.is_variable) == (2.0, 25.0, False)
    assert index.key_frames.tolist() == [0, 12, 24, 36, 48]
    assert [index.start_for(number) for number in (0, 11, 12, 49)] == [0, 0, 1, 4]


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_rounding_to_milliseconds_is_no_variable_rate(tmp_path: Path, name: str) -> None:
    index = indexed(write_numbered(tmp_path / name, 60, codec="libvpx", rate=30))
    assert index.time_base == Fraction(1, 1000)
    assert not index.is_variable


def test_the_file_comes_back_as_it_was(tmp_path: Path) -> None:
    index = indexed(write_numbered(tmp_path / "a.mp4", 30, times=[n / 25 + (n > 9) * 0.1 for n in range(30)]))
    (tmp_path / "index.bin").write_bytes(index.to_bytes())
    again = load_index(tmp_path / "index.bin")
    assert again.to_bytes() == index.to_bytes()
    assert again.is_variable
    assert again.times.packed == index.times.packed


def test_damaged_index_files_are_told(tmp_path: Path) -> None:
    data = indexed(write_numbered(tmp_path / "a.mp4", 5)).to_bytes()
    damaged = (data[:-1], b"", data[:20], data[:100] + b"x" + data[101:], b"JUNK" + data[4:])
    for content in damaged:
        (tmp_path / "index.bin").write_bytes(content)
        with pytest.raises(DamagedIndex):
            load_index(tmp_path / "index.bin")
    with pytest.raises(DamagedIndex):
        load_index(tmp_path / "none.bin")


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    shares: list[float] = []
    path = write_numbered(tmp_path / "a.mkv", 600, options={"x264-params": "keyint=50"})
    build_index(path, size=(192, 96), pixel_format="yuv420p", report=shares.append)
    assert len(shares) == 2
    assert 0.0 <= shares[0] < shares[1] <= 1.0


def test_reading_can_be_stopped(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt(share)

    with pytest.raises(KeyboardInterrupt):
        build_index(write_numbered(tmp_path / "a.mkv", 5), size=(192, 96), pixel_format="yuv420p", report=stop)


# ------------------------------------------------------------------------------------------------------- edit lists


def test_an_edit_list_cuts_the_beginning(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 50, options={"x264-params": "keyint=50:scenecut=0:bframes=0"})
    ffmpeg("-ss", "0.4", "-i", tmp_path / "a.mp4", "-c", "copy", tmp_path / "b.mp4")
    index = indexed(tmp_path / "b.mp4")
    assert read(tmp_path / "b.mp4", index) == list(range(10, 50))
    assert index.times.of(0) == pytest.approx(0.0, abs=0.041)
    with FrameReader(tmp_path / "b.mp4", index) as reader:
        frame = reader.frame(20)
        assert frame is not None
        assert number_in(upright_rgb(frame, 0)) == 30


def test_a_late_start_is_kept(tmp_path: Path) -> None:
    ffmpeg("-i", write_numbered(tmp_path / "a.mp4", 20), "-c", "copy", "-output_ts_offset", "5", tmp_path / "a.ts")
    index = indexed(tmp_path / "a.ts")
    assert index.times.of(0) >= 5.0
    assert index.frames_per_second == pytest.approx(25.0)
    assert read(tmp_path / "a.ts", index) == list(range(20))


# ---------------------------------------------------------------------------------------------------------- bad input


def with_packets(path: Path, change: dict[int, tuple[int, ...]], count: int = 30) -> Path:
    """Write MJPEG packets whose times are changed: number of the packet → its pts and dts."""
    source = write_numbered(path.with_name("source.mkv"), count, codec="mjpeg", pixel_format="yuvj420p")
    with av.open(str(source)) as read, av.open(str(path), "w") as write:
        stream = write.add_stream_from_template(read.streams.video[0])
        for number, packet in enumerate(one for one in read.demux(video=0) if one.size):
            packet.stream = stream
            packet.pts, packet.dts = change.get(number, (packet.pts or 0, packet.pts or 0))
            write.mux(packet)
    return path


def test_two_frames_with_one_time(tmp_path: Path) -> None:
    path = with_packets(tmp_path / "a.mkv", {11: (400, 400)})
    index = indexed(path)
    assert (np.diff(index.pts) > 0).all()
    assert index.notes == (MENDED_TIMES,)
    assert read(path, index) == list(range(30))
    with FrameReader(path, index) as reader:
        for number in (11, 10, 25, 9, 11):
            frame = reader.frame(number)
            assert frame is not None
            assert number_in(upright_rgb(frame, 0)) == number


def payload_places(path: Path) -> list[tuple[int, int]]:
    with av.open(str(path)) as container:
        return [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
@pytest.mark.parametrize("threads", [1, 2])
def test_broken_packets_in_the_middle(tmp_path: Path, name: str, threads: int) -> None:
    options = {"x264-params": "keyint=10:scenecut=0:bframes=0:slices=1"}
    path = write_numbered(tmp_path / name, 60, options=options)
    places = payload_places(path)
    index = indexed(path)
    data = bytearray(path.read_bytes())
    for number in (24, 25, 26):
        start, size = places[number]
        skipped = 16 if name == "a.mp4" else 24
        data[start + skipped : start + size - 2] = b"\xff" * (size - 2 - skipped)
    path.write_bytes(data)
    found = read(path, indexed(path), threads)
    assert len(found) == 60
    assert found[:24] == list(range(24))
    assert found[30:] == list(range(30, 60))
    assert len(index) == 60


def test_a_broken_key_frame_loses_its_scene_only(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 60, options={"x264-params": "keyint=10:scenecut=0:bframes=2"})
    index = indexed(path)
    start, size = payload_places(path)[int(index.key_packets[2])]
    data = bytearray(path.read_bytes())
    data[start : start + size] = bytes(size)
    path.write_bytes(data)
    for threads in (1, 2):
        found = read(path, index, threads)
        assert found[:18] == list(range(18))
        assert found[30:] == list(range(30, 60))
        assert None in found[18:30]


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.webp", "a.gif", "faststart.mp4", "a.ts"])
def test_a_truncated_end(tmp_path: Path, name: str) -> None:
    codec = "mpeg2video" if name == "a.ts" else "libx264"
    whole = write_numbered(tmp_path / name, 120, codec=codec)
    if name == "faststart.mp4":
        ffmpeg("-i", whole, "-c", "copy", "-movflags", "+faststart", tmp_path / "moved.mp4")
        whole = tmp_path / "moved.mp4"
    data = whole.read_bytes()
    path = tmp_path / f"cut{whole.suffix}"
    path.write_bytes(data[: len(data) * 2 // 3])
    index = indexed(path)
    found = read(path, index)
    assert 40 < len(index) < 120
    assert found[:40] == list(range(40))
    assert sum(one is None for one in found) <= 2
    if name not in {"a.ts", "a.gif"}:  # their headers promise nothing
        (note,) = index.notes
        assert "cut off" in note


def test_packets_that_carry_half_a_frame(tmp_path: Path) -> None:
    # No encoder here writes one field per packet; to a decoder, a packet that completes no frame looks the same.
    write_numbered(tmp_path / "a.mkv", 100, options={"x264-params": "tff=1:keyint=1"})
    with av.open(str(tmp_path / "a.mkv")) as read_, av.open(str(tmp_path / "b.mkv"), "w") as write:
        stream = write.add_stream_from_template(read_.streams.video[0])
        for number, packet in enumerate(one for one in read_.demux(video=0) if one.size):
            shown: Any = packet
            if number % 2:
                shown = av.Packet(b"\x00\x00\x00\x02\x09\x10")  # a mark between pictures, and nothing else
                shown.pts, shown.dts, shown.time_base = packet.pts, packet.dts, packet.time_base
            shown.stream = stream
            write.mux(shown)
    index = indexed(tmp_path / "b.mkv")
    assert len(index) == 50
    assert read(tmp_path / "b.mkv", index) == list(range(0, 100, 2))
    assert index.frames_per_second == pytest.approx(12.5, rel=0.02)
    with FrameReader(tmp_path / "b.mkv", index) as reader:
        for number in (40, 3, 22):
            frame = reader.frame(number)
            assert frame is not None
            assert number_in(upright_rgb(frame, 0)) == 2 * number


def test_one_frame(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv", "a.avi"):
        path = write_numbered(tmp_path / name, 1)
        index = indexed(path)
        assert read(path, index) == [0]
        assert index.times.end - index.times.of(0) == pytest.approx(0.04, abs=0.001)


def test_a_size_that_changes_in_the_middle(tmp_path: Path) -> None:
    streams = []
    for number, size in enumerate([(192, 96), (384, 192)]):
        part = write_numbered(tmp_path / f"{number}.ts", 10, size=size if number == 0 else (192, 96))
        if number:
            ffmpeg(
                "-i",
                part,
                "-vf",
                "scale=384:192:flags=neighbor",
                "-c:v",
                "libx264",
                "-f",
                "mpegts",
                tmp_path / "large.ts",
            )
            part = tmp_path / "large.ts"
        ffmpeg("-i", part, "-c", "copy", "-output_ts_offset", str(number), "-f", "mpegts", tmp_path / f"p{number}.ts")
        streams.append((tmp_path / f"p{number}.ts").read_bytes())
    (tmp_path / "both.ts").write_bytes(b"".join(streams))
    index = indexed(tmp_path / "both.ts")
    assert (index.width, index.height) == (192, 96)
    with FrameReader(tmp_path / "both.ts", index) as reader:
        frames = [frame for _, frame in reader.frames(FrameRange(0, len(index))) if frame is not None]
    assert {(frame.width, frame.height) for frame in frames} == {(192, 96)}
    assert [number_in(upright_rgb(frame, 0)) for frame in frames] == [*range(10), *range(10)]


def test_frames_that_an_edit_list_hides_are_not_missing(tmp_path: Path) -> None:
    ffmpeg("-i", write_numbered(tmp_path / "a.mp4", 30), "-c:v", "libx264", "-g", "30", tmp_path / "b.mp4")
    ffmpeg("-ss", "0.6", "-i", tmp_path / "b.mp4", "-c", "copy", tmp_path / "cut.mp4")
    index = indexed(tmp_path / "cut.mp4")
    assert len(index) == 15
    assert index.notes == ()


def test_recordings_whose_times_start_over_are_refused(tmp_path: Path) -> None:
    part = write_numbered(tmp_path / "a.ts", 30)
    (tmp_path / "both.ts").write_bytes(part.read_bytes() * 2)
    with pytest.raises(InputRefused, match="its times start over") as caught:
        indexed(tmp_path / "both.ts")
    assert caught.value.kind == "unreadable"


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 5)
    index = indexed(path)
    path.unlink()
    with pytest.raises(InputRefused) as caught:
        FrameReader(path, index)
    assert caught.value.kind == "missing"
    with pytest.raises(InputRefused):
        build_index(path, size=(192, 96), pixel_format="yuv420p")


def test_a_file_that_becomes_shorter_while_it_is_read(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 200, codec="mjpeg", pixel_format="yuvj420p")
    index = indexed(path)
    with FrameReader(path, index, threads=1) as reader:
        assert reader.frame(0) is not None
        with path.open("r+b") as stream:
            stream.truncate(path.stat().st_size // 3)
        found = [frame for _, frame in reader.frames(FrameRange(100, 200))]
    assert found[-1] is None


def test_a_webp_chunk_that_lies(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.webp", 5)
    data = path.read_bytes()
    at = data.index(b"ANMF", data.index(b"ANMF") + 4)
    path.write_bytes(data[:at] + b"ANMF" + struct.pack("<I", 2**31) + data[at + 8 :])
    assert len(indexed(path)) == 1


def test_transparent_places_are_white(tmp_path: Path) -> None:
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[:, :30] = (255, 0, 0, 255)
    other = rgba.copy()
    other[:20, :30] = (0, 0, 255, 255)
    pictures = [Image.fromarray(one) for one in (rgba, other)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=100)
    index = indexed(tmp_path / "a.gif")
    assert index.pixel_format == "rgb24"
    with FrameReader(tmp_path / "a.gif", index) as reader:
        frame = reader.frame(1)
        assert frame is not None
        pixels = upright_rgb(frame, 0)
    assert (pixels[10, 45] == 255).all()
    assert pixels[10, 10].tolist() == [0, 0, 255]
    assert pixels[30, 10].tolist() == [255, 0, 0]
