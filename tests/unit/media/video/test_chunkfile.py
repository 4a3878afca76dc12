"""Chunks on disk: whole, or not chunks."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import OutputOptions, Recipe, SwapOptions, VideoCodec, VideoContainer, VideoQuality
from faceswap_desktop.domain.video import ColourTags, FrameRange
from faceswap_desktop.media.video.chunkfile import (
    Chunk,
    ChunkDamaged,
    pack,
    read_chunk,
    read_header,
    recipe_digest,
    unpack,
    write_chunk,
)
from faceswap_desktop.media.video.encode import ChunkEncoder
from faceswap_desktop.media.video.settings import (
    EncodeSettings,
    LightLevels,
    SourcePicture,
    encode_settings,
    encoded_format,
    settings_from_json,
    settings_to_json,
)

LIGHT = LightLevels((1, 2, 3, 4, 5, 6, 7, 8), (1000, 1), 400, 100)


def settings(codec: VideoCodec = VideoCodec.H264, width: int = 64, height: int = 48) -> EncodeSettings:
    source = SourcePicture(width, height, "yuv420p", Fraction(1, 90000), Fraction(30), ColourTags("tv", "bt709"))
    return encode_settings(OutputOptions(video_codec=codec), source)


def grey(width: int, height: int, level: int) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([level]) * plane.buffer_size)
    return frame


def a_chunk(frames: int = 5) -> Chunk:
    encoder = ChunkEncoder(settings())
    for number in range(frames):
        encoder.encode(grey(64, 48, 20 * number), 1000 + 3003 * number)
    return Chunk(7, FrameRange(10, 10 + frames), "recipe", encoder.finish(), {"faded": 2, "similarity": None})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    chunk = a_chunk()
    write_chunk(tmp_path / "chunk-000007.fsc", pack(chunk))
    assert read_chunk(tmp_path / "chunk-000007.fsc") == chunk == unpack(pack(chunk))
    header = read_header(tmp_path / "chunk-000007.fsc")
    assert (header.number, header.frames, header.recipe, header.packets) == (7, FrameRange(10, 15), "recipe", 5)
    assert header.info == {"faded": 2, "similarity": None}
    assert sorted(header.pts) == [1000 + 3003 * number for number in range(5)]
    assert header.settings == chunk.encoded.settings
    assert [path.name for path in tmp_path.glob("*chunk*")] == ["chunk-000007.fsc"]


def test_chunk_without_frames() -> None:
    empty = a_chunk(0)
    assert unpack(pack(empty)) == empty
    assert empty.encoded.packets == ()


def test_every_harm_is_noticed(tmp_path: Path) -> None:
    whole = pack(a_chunk())
    path = tmp_path / "chunk-000007.fsc"
    dice = random.Random(1)
    harmed = [whole[:length] for length in (0, 5, 20, len(whole) // 2, len(whole) - 1)] + [whole + b"x"]
    for place in [0, 9, 12, 40, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(20))]:
        harmed.append(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
    for data in harmed:
        with pytest.raises(ChunkDamaged):
            unpack(data)
        path.write_bytes(data)
        with pytest.raises(ChunkDamaged):
            read_header(path)
    with pytest.raises(ChunkDamaged):
        read_chunk(tmp_path / "missing.fsc")


def test_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_chunk(tmp_path / "nowhere" / "chunk-000000.fsc", b"x")
    assert caught.value.kind == "folder-missing"


@pytest.mark.parametrize("codec", list(VideoCodec))
def test_first_frame_is_the_only_key_frame_and_times_are_kept(codec: VideoCodec) -> None:
    encoder = ChunkEncoder(settings(codec))
    times = [5, 3008, 3009, 9000, 20000, 20001, 90000]
    for number, pts in enumerate(times):
        encoder.encode(grey(64, 48, 30 * number), pts)
    packets = encoder.finish().packets
    assert sorted(packet.pts for packet in packets) == times
    keys = [packet.is_key for packet in packets]
    assert keys == ([True] * len(times) if codec is VideoCodec.PRORES else [True] + [False] * (len(times) - 1))


def test_two_frames_of_one_time_are_put_one_after_the_other() -> None:
    encoder = ChunkEncoder(settings())
    for pts in (100, 100, 99, 200):
        encoder.encode(grey(64, 48, 50), pts)
    assert sorted(packet.pts for packet in encoder.finish().packets) == [100, 101, 102, 200]


def test_types_that_the_decoder_left_on_frames_do_not_matter() -> None:
    encoder = ChunkEncoder(settings())
    for number in range(4):
        frame = grey(64, 48, 40)
        frame.pict_type = 1  # an I-frame in the original
        encoder.encode(frame, number)
    assert [packet.is_key for packet in encoder.finish().packets] == [True, False, False, False]


def test_settings_survive_json() -> None:
    for light in (None, LIGHT):
        wanted = replace(settings(), light=light, sample_aspect_ratio=Fraction(4, 3))
        assert settings_from_json(settings_to_json(wanted)) == wanted


@pytest.mark.parametrize(
    ("codec", "source", "encoded"),
    [
        ("h264", "yuv420p", "yuv420p"),
        ("h264", "yuvj422p", "yuvj422p"),
        ("h264", "yuv422p12le", "yuv422p10le"),
        ("h264", "pal8", "yuv420p"),
        ("h264", "bgr0", "yuv444p"),
        ("h264", "rgb565le", "yuv444p"),
        ("h264", "gbrp", "yuv444p"),
        ("hevc", "yuv444p12le", "yuv444p12le"),
        ("hevc", "p010le", "yuv420p10le"),
        ("av1", "yuv422p10le", "yuv420p10le"),
        ("vp9", "yuv420p10le", "yuv420p"),
        ("vp9", "yuvj420p", "yuv420p"),
        ("prores", "yuv420p", "yuv422p10le"),
        ("prores", "yuva444p12le", "yuva444p10le"),
        ("h264", "gray", "yuv420p"),
    ],
)
def test_pixel_formats(codec: str, source: str, encoded: str) -> None:
    assert encoded_format(VideoCodec(codec), source) == encoded


def test_digest_follows_what_touches_the_picture_only() -> None:
    media = Media(MediaId("a"), "/a/b.mp4", MediaKind.VIDEO, Size(64, 48), "MP4", Fingerprint(1, 2, "c" * 64))
    recipe = Recipe("on-device", media, ())
    digest = recipe_digest(recipe)
    moved = replace(media, id=MediaId("z"), path="/elsewhere.mp4", fingerprint=Fingerprint(1, 99, "c" * 64))
    output = OutputOptions(video_container=VideoContainer.MKV, requested_path="x.mkv", name_template="{n}")
    for same in (
        replace(recipe, media=moved),
        replace(recipe, output=output, consent_note="yes", trim=FrameRange(3, 9)),
    ):
        assert recipe_digest(same) == digest
    for other in (
        replace(recipe, options=SwapOptions(blend=0.5)),
        replace(recipe, output=OutputOptions(video_quality=VideoQuality.GOOD)),
        replace(recipe, output=OutputOptions(video_codec=VideoCodec.AV1)),
        replace(recipe, media=replace(media, fingerprint=Fingerprint(1, 2, "d" * 64))),
    ):
        assert recipe_digest(other) != digest


@pytest.mark.parametrize("codec", list(VideoCodec))
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("size", [(65, 48), (64, 49), (65, 49)])
def test_odd_sizes_look_like_even_ones(codec: VideoCodec, pixel_format: str, size: tuple[int, int]) -> None:
    """Every encoder, at its best, against a smooth coloured picture: no plane may be spoiled, the edges neither."""
    width, height = size
    across, down = np.meshgrid(np.linspace(40, 220, width), np.linspace(30, 200, height))
    picture = np.dstack([across, down, 255 - across]).astype(np.uint8)
    source = SourcePicture(
        width, height, pixel_format, Fraction(1, 1000), Fraction(25), ColourTags("tv", matrix="bt709")
    )
    options = OutputOptions(video_codec=codec, video_quality=VideoQuality.LOSSLESS)
    wanted = encode_settings(options, source)
    assert 0 <= wanted.width - width <= 1
    assert 0 <= wanted.height - height <= 1
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixel_format, dst_colorspace="ITU709")
    encoder = ChunkEncoder(wanted)
    encoder.encode(frame, 0)
    chunk = encoder.finish()
    name = {"av1": "libdav1d", "prores": "prores"}.get(codec.value, codec.value)
    decoder: Any = av.CodecContext.create(name, "r")
    decoder.extradata = chunk.extradata
    out: list[Any] = decoder.decode(av.Packet(chunk.packets[0].data)) + decoder.decode(None)
    shown = out[0].reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()[:height, :width]
    apart = np.abs(shown.astype(int) - picture)
    assert apart.mean() < 3.5
    assert apart[:, -2:].mean() < 5
    assert apart[-2:].mean() < 5
