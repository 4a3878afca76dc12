"""A face's region seen as RGB and changed: nothing else may move by a bit, whatever the format and the rotation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.video import ColourTags, FrameRange
from faceswap_desktop.media.video.hdr import curve_of
from faceswap_desktop.media.video.indexing import build_index
from faceswap_desktop.media.video.packet_run import decode_run, read_packets
from faceswap_desktop.media.video.planes import FramePixels, can_work_in
from faceswap_desktop.media.video.reader import FrameReader
from tests.clips import Coding, make_clip, one_person

Bytes = NDArray[np.uint8]
FORMATS = ("yuv420p", "nv12", "nv21", "yuv422p", "yuv444p", "yuv411p", "p010le", "yuv420p10le", "yuv422p10le", "gray")
_709 = ColourTags("tv", "bt709", "bt709", "bt709")


def picture(size: tuple[int, int]) -> Bytes:
    """Return a soft picture, as chroma at half size cannot hold a hard one."""
    noise = np.random.default_rng(3).integers(70, 180, (4, 4, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def coded(
    upright: Bytes, pixel_format: str, rotation: int = 0, matrix: str = "ITU709", full: bool = False
) -> av.VideoFrame:
    turned = np.ascontiguousarray(np.rot90(upright, rotation // 90))
    frame = av.VideoFrame.from_ndarray(turned, "rgb24")
    return frame.reformat(format=pixel_format, dst_colorspace=matrix, dst_color_range="JPEG" if full else "MPEG")


def samples(frame: av.VideoFrame) -> list[Bytes]:
    """Return each plane's bytes without the padding of its lines."""
    found = []
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height]
        wide = plane.line_size * plane.width // max(plane.width, 1)
        found.append(rows.reshape(plane.height, plane.line_size)[:, : min(wide, plane.line_size)].copy())
    return found


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_change_arrives_where_it_belongs_and_nowhere_else(pixel_format: str, rotation: int) -> None:
    upright = picture((75, 51))
    frame = coded(upright, pixel_format, rotation)
    pixels = FramePixels(frame, rotation, _709)
    assert tuple(pixels.size) == (75, 51)
    before = pixels.rgb().astype(int)
    if pixel_format != "gray":
        assert np.abs(before - upright).mean() < 3.0
    change = np.zeros((31, 42, 3), np.float32)
    change[8:24, 8:32] = (25.0, -12.0, 18.0) if pixel_format != "gray" else 20.0
    pixels.change(13, 9, change)
    moved = pixels.rgb().astype(int) - before
    inside = moved[9 + 12 : 9 + 20, 13 + 12 : 13 + 28].reshape(-1, 3).mean(axis=0)
    assert np.abs(inside - change[10, 10]).max() < 2.0
    around = np.ones(moved.shape[:2], np.bool_)
    around[9 + 3 : 9 + 29, 13 + 3 : 13 + 37] = False  # chroma samples are shared by up to four columns
    assert not moved[around].any()


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_no_change_changes_no_sample(pixel_format: str) -> None:
    frame = coded(picture((75, 51)), pixel_format)
    before = samples(frame)
    pixels = FramePixels(frame, 90, _709)
    pixels.change(3, 5, np.zeros((40, 33, 3), np.float32))
    assert all(np.array_equal(one, two) for one, two in zip(before, samples(pixels.frame), strict=True))


def test_samples_outside_the_change_are_those_that_were_decoded() -> None:
    frame = coded(picture((80, 60)), "yuv420p")
    before = samples(frame)
    pixels = FramePixels(frame, 0, _709)
    change = np.zeros((20, 20, 3), np.float32)
    change[4:16, 4:16] = 40.0
    pixels.change(20, 10, change)
    after = samples(pixels.frame)
    assert np.array_equal(before[0], samples(frame)[0]), "the decoder's own frame stays as it is"
    for one, two, shrink in zip(before, after, (1, 2, 2), strict=True):
        touched = one != two
        rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
        if len(rows):
            assert (rows.min() >= 14 // shrink, rows.max() <= 25 // shrink) == (True, True)
            assert (columns.min() >= 24 // shrink, columns.max() <= 35 // shrink) == (True, True)
    assert (before[0] != after[0]).sum() == 12 * 12
    assert np.array_equal(before[1], after[1]), "grey added to grey leaves the colour alone"


def test_views_do_not_hang_on_how_they_are_cut() -> None:
    pixels = FramePixels(coded(picture((80, 60)), "yuv420p"), 270, _709)
    whole = pixels.rgb()
    for box in ((0, 0, 80, 60), (7, 3, 30, 41), (1, 1, 2, 2), (50, 33, 80, 60)):
        left, top, right, bottom = box
        assert np.array_equal(pixels.view(*box), whole[top:bottom, left:right])


@pytest.mark.parametrize("matrix", [("bt709", "ITU709"), ("smpte170m", "ITU601")])
@pytest.mark.parametrize("full", [False, True])
def test_colours_are_read_as_the_stream_says(matrix: tuple[str, str], full: bool) -> None:
    upright = picture((64, 48))
    frame = coded(upright, "yuv444p", 0, matrix[1], full)
    seen = FramePixels(frame, 0, ColourTags("pc" if full else "tv", "", "", matrix[0])).rgb()
    assert np.abs(seen.astype(int) - upright).max() <= 3


def test_ten_bits_stay_ten() -> None:
    frame = coded(picture((64, 48)), "yuv420p10le")
    fine = np.frombuffer(memoryview(frame.planes[0]), np.uint16).copy()
    pixels = FramePixels(frame, 0, _709)
    pixels.change(10, 10, np.full((20, 20, 3), 1.5, np.float32))
    after = np.frombuffer(memoryview(pixels.frame.planes[0]), np.uint16)
    steps = np.unique(after.astype(int) - fine)
    assert steps.tolist() == [0, round(1.5 * 876 / 255)], "less than a step of eight bits, and the fine values kept"


def test_formats_that_have_to_be_converted_are_refused() -> None:
    assert not any(can_work_in(name) for name in ("rgb24", "gbrp", "pal8", "yuyv422", "yuv420p10be", "monow"))
    with pytest.raises(ValueError, match="gbrp"):
        FramePixels(coded(picture((64, 48)), "gbrp"))


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_high_dynamic_range_is_seen_in_ordinary_light_and_changed_in_its_own(transfer: str) -> None:
    curve = curve_of(transfer)
    assert curve is not None
    grey = curve.to_view(np.repeat(np.linspace(0, 255, 64)[None, :, None], 3, axis=2))[0, :, 0]
    assert (np.diff(grey) > 0).all()
    assert grey[0] < 1
    assert 250 < grey[-1] <= 255
    paper = {"smpte2084": 0.58, "arib-std-b67": 0.75}[transfer]
    assert 190 < np.interp(paper * 255, np.linspace(0, 255, 64), grey) < 245, "white paper is shown nearly white"
    frame = av.VideoFrame(64, 48, "yuv420p10le")
    for plane, value in zip(frame.planes, (430, 500, 540), strict=True):
        np.frombuffer(memoryview(plane), np.uint16)[:] = value
    pixels = FramePixels(frame, 0, ColourTags("tv", "bt2020", transfer, "bt2020nc"))
    before, luma = pixels.rgb().astype(int), np.frombuffer(memoryview(frame.planes[0]), np.uint16).copy()
    change = np.zeros((20, 20, 3), np.float32)
    change[4:16, 4:16] = 30.0
    pixels.change(8, 8, change)
    moved = pixels.rgb().astype(int) - before
    assert np.abs(moved[14:22, 14:22] - 30).max() <= 3
    after = np.frombuffer(memoryview(pixels.frame.planes[0]), np.uint16)
    assert (after != luma).sum() == 12 * 12
    assert curve_of("bt709") is None
    pixels.change(8, 8, np.full((20, 20, 3), 255.0, np.float32))
    white = np.frombuffer(memoryview(pixels.frame.planes[0]), np.uint16).max()
    assert paper * 876 + 64 < white < paper * 876 + 64 + 60, "nothing that is put in glows"


# ------------------------------------------------------------------------------------------- packets as plain values


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("b.mp4", Coding(options={"preset": "fast", "bf": "2", "threads": "1"}, key_every=12)),
        ("b.mkv", Coding(options={"preset": "fast", "bf": "2", "threads": "1"}, key_every=12)),
        ("v.webm", Coding("libvpx-vp9", key_every=10)),
        ("m.avi", Coding("mpeg4")),
        ("g.gif", Coding()),
    ],
)
def test_packets_decode_elsewhere_to_the_same_frames(tmp_path: Path, name: str, coding: Coding) -> None:
    size = (160, 96)
    clip = make_clip(tmp_path / name, [one_person(1.2)], size=size, rate=25, coding=coding)
    index = build_index(clip.path, size=size, pixel_format="rgb24" if name == "g.gif" else "yuv420p")
    for wanted in (FrameRange(0, 4), FrameRange(11, 17), FrameRange(len(index) - 3, len(index))):
        elsewhere = decode_run(read_packets(clip.path, index, wanted), wanted)
        with FrameReader(clip.path, index, threads=1) as reader:
            for (number, one), (other_number, two) in zip(reader.frames(wanted), elsewhere, strict=True):
                assert number == other_number
                assert one is not None
                assert two is not None
                assert all(np.array_equal(a, b) for a, b in zip(samples(one), samples(two), strict=True))


def test_a_broken_packet_costs_its_own_frames_only(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "k.mp4", [one_person(0.5)], size=(160, 96), coding=Coding(key_every=1))
    index = build_index(clip.path, size=(160, 96), pixel_format="yuv420p")
    run = read_packets(clip.path, index, FrameRange(2, 9))
    packets = list(run.packets)
    place = next(place for place, packet in enumerate(packets) if packet.frame == 5)
    packets[place] = replace(packets[place], data=b"\x00\x00\x00\x02\xff\xff")
    found = list(decode_run(replace(run, packets=tuple(packets)), FrameRange(2, 9)))
    assert [number for number, _ in found] == list(range(2, 9))
    assert [number for number, frame in found if frame is None] == [5]
