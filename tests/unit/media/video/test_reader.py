from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.indexing import build_index
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader, _Decoder
from tests import clips
from tests.numbered import ffmpeg, number_in, write_numbered

UNEVEN = [number / 25 + (0.013 if number % 3 == 1 else 0.0) + (0.4 if number > 30 else 0.0) for number in range(60)]

Maker = Callable[[Path], Path]


def indexed(path: Path) -> tuple[VideoIndex, int]:
    facts = probe_video(path).media.video
    assert facts is not None
    index = build_index(path, size=(facts.coded_width, facts.coded_height), pixel_format=facts.pixel_format)
    return index, facts.rotation


def numbers_of(reader: FrameReader, wanted: FrameRange | list[int], rotation: int = 0) -> list[tuple[int, int | None]]:
    return [
        (number, None if frame is None else number_in(upright_rgb(frame, rotation)))
        for number, frame in reader.frames(wanted)
    ]


def x264(name: str, count: int = 60, **options: str) -> Maker:
    parameters = ":".join(f"{key}={value}" for key, value in dashed(options).items())
    return lambda folder: write_numbered(folder / name, count, options={"x264-params": parameters})


def dashed(options: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in options.items()}


def plain(name: str, codec: str, count: int = 60, **options: str) -> Maker:
    return lambda folder: write_numbered(folder / name, count, codec=codec, options=dashed(options))


def x265(name: str, parameters: str) -> Maker:
    options = {"x265-params": f"log-level=none:{parameters}"}
    return lambda folder: write_numbered(folder / name, 40, codec="libx265", options=options)


def remuxed(name: str, *options: str) -> Maker:
    def make(folder: Path) -> Path:
        source = x264("source.mp4", bframes="2", keyint="12", scenecut="0")(folder)
        ffmpeg("-i", source, "-c", "copy", *options, folder / name)
        return folder / name

    return make


def uneven(folder: Path) -> Path:
    return write_numbered(folder / "uneven.mkv", 60, times=UNEVEN, options={"bf": "2"})


def turned(folder: Path) -> Path:
    path = write_numbered(folder / "turned.mp4", 40)
    clips._turn(path, 90)
    return path


CLIPS: dict[str, Maker] = {
    "b-frames in mp4": x264("a.mp4", bframes="3", keyint="12", b_pyramid="normal"),
    "open groups": x264("open.mkv", open_gop="1", keyint="12", bframes="3", scenecut="0"),
    "open groups in mp4": x264("open.mp4", open_gop="1", keyint="12", bframes="3", scenecut="0"),
    "refreshed bit by bit": x264("refresh.mkv", intra_refresh="1", keyint="10"),
    "one key frame": x264("long.mov", 300, keyint="300", bframes="2", scenecut="0"),
    "every frame a key frame": x264("intra.mp4", keyint="1"),
    "h264 in avi, which has no times": x264("h264.avi", bframes="2", keyint="20"),
    "mpeg-4 with b-frames in avi": plain("asp.avi", "mpeg4", bf="2"),
    "mpeg-2 in a transport stream": plain("broadcast.ts", "mpeg2video", bf="2", g="12"),
    "mpeg-2 in a programme stream": plain("disc.mpg", "mpeg2video", bf="2", g="12"),
    "windows media": plain("a.wmv", "wmv2", 40),
    "flash": remuxed("a.flv"),
    "a camera's transport stream": remuxed("a.mts", "-f", "mpegts", "-mpegts_m2ts_mode", "1"),
    "fragments": remuxed("fragments.mp4", "-movflags", "frag_keyframe+empty_moov"),
    "hevc": x265("hevc.mp4", "bframes=3:keyint=15"),
    "hevc with open groups": x265("open265.mkv", "open-gop=1:keyint=8"),
    "vp8 with hidden frames": plain("vp8.webm", "libvpx", auto_alt_ref="1", lag_in_frames="16"),
    "vp9": plain("vp9.webm", "libvpx-vp9", 40, cpu_used="8", lag_in_frames="10"),
    "av1": plain("av1.mp4", "libsvtav1", 30, preset="8", crf="20"),
    "uneven times": uneven,
    "gif": lambda folder: write_numbered(folder / "a.gif", 40, rate=20),
    "webp": lambda folder: write_numbered(folder / "a.webp", 40),
}


@pytest.mark.parametrize("kind", CLIPS)
def test_every_frame_is_the_one_that_was_asked_for(tmp_path: Path, kind: str) -> None:
    path = CLIPS[kind](tmp_path)
    index, _ = indexed(path)
    with av.open(str(path)) as container:
        count = sum(1 for _ in container.decode(video=0)) if path.suffix != ".webp" else 40
    assert len(index) == count
    assert index.notes == ()
    for threads in (1, 2):
        with FrameReader(path, index, threads=threads) as reader:
            everything = [(number, number) for number in range(count)]
            assert numbers_of(reader, FrameRange(0, count)) == everything
            chosen = [random.randrange(count) for _ in range(30)]
            assert [numbers_of(reader, [number]) for number in chosen] == [[(number, number)] for number in chosen]


def test_turned_frames_stand_upright(tmp_path: Path) -> None:
    index, rotation = indexed(turned(tmp_path))
    assert rotation == 90
    with FrameReader(tmp_path / "turned.mp4", index) as reader:
        frame = reader.frame(7)
        assert frame is not None
        assert (frame.width, frame.height) == (192, 96)
        upright = upright_rgb(frame, rotation)
    assert upright.shape == (192, 96, 3)
    assert number_in(np.ascontiguousarray(np.rot90(upright))) == 7
    assert upright[4, -4, 0] > 150 > upright[4, 4, 0]


def test_going_on_decodes_every_frame_once(tmp_path: Path) -> None:
    index, _ = indexed(x264("a.mp4", 90, keyint="250", bframes="2")(tmp_path))
    with FrameReader(tmp_path / "a.mp4", index, threads=1) as reader:
        fed = count_packets(reader)
        for start in range(0, 90, 10):
            assert numbers_of(reader, FrameRange(start, start + 10)) == [(n, n) for n in range(start, start + 10)]
    assert len(fed) == 91  # and the flush


def count_packets(reader: FrameReader) -> list[Packet[VideoStream] | None]:
    """Return a list that grows by one for every packet that the decoder gets."""
    fed: list[Packet[VideoStream] | None] = []
    decoder = reader._source
    assert isinstance(decoder, _Decoder)
    original = decoder._decoded

    def counted(packet: Packet[VideoStream] | None) -> list[VideoFrame]:
        fed.append(packet)
        return original(packet)

    decoder._decoded = counted  # type: ignore[method-assign]
    return fed


def test_a_far_frame_is_jumped_to(tmp_path: Path) -> None:
    index, _ = indexed(x264("a.mp4", 200, keyint="10", scenecut="0")(tmp_path))
    with FrameReader(tmp_path / "a.mp4", index, threads=1) as reader:
        fed = count_packets(reader)
        assert numbers_of(reader, [0, 185]) == [(0, 0), (185, 185)]
    assert len(fed) < 30


def test_stepping_back_decodes_nothing_anew(tmp_path: Path) -> None:
    index, _ = indexed(x264("a.mp4", 60, keyint="250")(tmp_path))
    with FrameReader(tmp_path / "a.mp4", index, threads=1, keep_back=20) as reader:
        reader.frame(40)
        fed = count_packets(reader)
        assert [numbers_of(reader, [number]) for number in range(39, 25, -1)] == [
            [(number, number)] for number in range(39, 25, -1)
        ]
        assert fed == []


def test_frames_carry_the_times_of_the_index(tmp_path: Path) -> None:
    index, _ = indexed(uneven(tmp_path))
    assert index.is_variable
    with FrameReader(tmp_path / "uneven.mkv", index) as reader:
        got = [(frame.pts, frame.time) for _, frame in reader.frames(FrameRange(0, 60)) if frame is not None]
    assert [pts for pts, _ in got] == index.pts.tolist()
    assert [seconds for _, seconds in got] == pytest.approx(UNEVEN, abs=0.0006)


def test_numbers_outside_or_out_of_order_are_refused(tmp_path: Path) -> None:
    index, _ = indexed(x264("a.mp4", 10)(tmp_path))
    with FrameReader(tmp_path / "a.mp4", index) as reader:
        for wanted in ([10], [-1], [3, 3], [4, 2]):
            with pytest.raises(ValueError, match="frame"):
                list(reader.frames(wanted))
