from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, InputRefused, StorageError, UsageError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.workers import read_tasks
from faceswap_desktop.workers.copy_requests import (
    ConvertResult,
    CopiedVideo,
    InspectedFile,
    InspectResult,
    MakeCopy,
    MakeVideoCopy,
    PasteBack,
)
from faceswap_desktop.workers.copy_tasks import convert_result, inspect_result, make_copy, make_video_copy, paste_back
from faceswap_desktop.workers.read_tasks import open_video
from faceswap_desktop.workers.video_requests import OpenVideo
from tests.numbered import SIZE, number_in, write_numbered
from tests.unit.media import making
from tests.unit.workers.people import HOPPER, MAX_PIXELS, Listener

WIDE = {"max_edge": 1920, "max_bytes": 100_000_000, "max_seconds": 60.0}


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    yield Listener(tmp_path / "scratch")
    read_tasks.forget_kept()


def sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def request_for(media: Media, folder: Path, **changes: object) -> MakeVideoCopy:
    values: dict[str, object] = WIDE | changes
    return MakeVideoCopy(media, VideoFiles.of(str(folder / "videos"), media), str(folder / "copy"), **values)  # type: ignore[arg-type]


def copied(path: Path, folder: Path, listener: Listener, **changes: object) -> CopiedVideo:
    media = open_video(OpenVideo(str(path), MAX_PIXELS, 0), listener.context).media
    made = make_video_copy(request_for(media, folder, **changes), listener.context)
    assert (made.size_bytes, made.sha256) == (Path(made.path).stat().st_size, sha256(made.path))
    assert sorted(one.name for one in folder.glob(".*part*")) == []
    return made


def numbers_in(path: str) -> list[int]:
    with av.open(path) as container:
        frames = container.decode(video=0)
        return [number_in(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) for frame in frames]


def inspected(path: str | Path, listener: Listener, max_pixels: int = MAX_PIXELS) -> InspectedFile:
    return inspect_result(InspectResult(str(path), max_pixels), listener.context)


# ---------------------------------------------------------------------------------------------------------- pictures


def test_a_copy_says_what_it_shows(tmp_path: Path, listener: Listener) -> None:
    request = MakeCopy(str(HOPPER), str(tmp_path / "copy"), 150, 5_000_000, crop=BoundingBox(100, 50, 400, 450))
    made = make_copy(request, listener.context)
    assert made.path == str(tmp_path / "copy.jpg")
    assert (made.left, made.top, made.crop_width, made.crop_height) == (100, 50, 300, 400)
    assert (made.width, made.height) == (112, 150)
    assert made.scale == pytest.approx(112 / 300)
    assert (made.size_bytes, made.sha256) == (Path(made.path).stat().st_size, sha256(made.path))


def test_equal_requests_give_equal_copies_and_none_is_left_over(tmp_path: Path, listener: Listener) -> None:
    """What was paid for is found again by the digest of what was sent."""
    request = MakeCopy(str(HOPPER), str(tmp_path / "copy"), 300, 5_000_000, formats=("PNG",))
    first = make_copy(request, listener.context)
    assert make_copy(request, listener.context) == first
    other = make_copy(replace(request, formats=("JPEG",)), listener.context)
    assert [one.name for one in tmp_path.glob("copy*")] == [Path(other.path).name]


def test_a_changed_original_is_refused(tmp_path: Path, listener: Listener) -> None:
    path = making.save(making.sample(), tmp_path / "a.png")
    known = fingerprint(path)
    making.save(making.sample(64, 64), path)
    request = MakeCopy(str(path), str(tmp_path / "copy"), 300, 5_000_000, fingerprint=known)
    with pytest.raises(InputRefused) as caught:
        make_copy(request, listener.context)
    assert caught.value.kind == "changed"


def test_a_copy_that_cannot_be_written_says_so(tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(StorageError):
        make_copy(MakeCopy(str(HOPPER), str(tmp_path / "none" / "copy"), 300, 5_000_000), listener.context)


# ------------------------------------------------------------------------------------------------------------ videos


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_a_video_that_may_be_sent_is_not_encoded_anew(tmp_path: Path, listener: Listener, name: str) -> None:
    path = write_numbered(tmp_path / name, 40, sound=True, options={"bf": "2"})
    made = copied(path, tmp_path, listener)
    assert (made.was_encoded, made.frames, made.scale, made.first_frame) == (False, 40, 1.0, 0)
    assert numbers_in(made.path) == list(range(40))
    with av.open(made.path) as container:
        assert [one.codec_context.name for one in container.streams] == ["h264", "aac"]
        assert float(container.duration or 0) / av.time_base == pytest.approx(1.6, abs=0.06)


def test_a_part_between_key_frames_is_not_encoded_anew(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 40, options={"g": "10", "sc_threshold": "0"})
    made = copied(path, tmp_path, listener, frames=FrameRange(10, 30))
    assert (made.was_encoded, made.frames, made.first_frame) == (False, 20, 10)
    assert made.start_s == pytest.approx(0.4)
    assert made.seconds == pytest.approx(0.8)
    assert numbers_in(made.path) == list(range(10, 30))


def test_a_part_that_begins_inside_a_group_is_encoded_exactly(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 40, sound=True)
    made = copied(path, tmp_path, listener, frames=FrameRange(7, 19))
    assert (made.was_encoded, made.frames, made.first_frame) == (True, 12, 7)
    assert numbers_in(made.path) == list(range(7, 19))


def test_sound_stays_with_its_picture(tmp_path: Path, listener: Listener) -> None:
    """Clicks are in the middle of every half second: from frame 10 (0.4 s) on the next is 0.35 s away."""
    path = write_numbered(tmp_path / "a.mp4", 50, sound=True)
    made = copied(path, tmp_path, listener, frames=FrameRange(10, 40))
    with av.open(made.path) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    loud = np.flatnonzero(np.abs(sound) > 0.3) / 48_000
    assert loud[0] == pytest.approx(0.345, abs=0.03)
    assert loud[-1] == pytest.approx(0.855, abs=0.03)


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [("a.webm", "libvpx-vp9", "yuv420p"), ("a.mkv", "libx265", "yuv420p10le"), ("a.mp4", "libx264", "yuv444p")],
)
def test_other_codecs_become_h264(tmp_path: Path, listener: Listener, name: str, codec: str, pixel_format: str) -> None:
    path = write_numbered(tmp_path / name, 12, codec=codec, pixel_format=pixel_format)
    made = copied(path, tmp_path, listener)
    assert made.was_encoded
    assert numbers_in(made.path) == list(range(12))
    with av.open(made.path) as container:
        track = container.streams.video[0]
        assert (track.codec_context.name, track.codec_context.pix_fmt) == ("h264", "yuv420p")


def test_animated_pictures_become_videos(tmp_path: Path, listener: Listener) -> None:
    made = copied(write_numbered(tmp_path / "a.gif", 8), tmp_path, listener)
    assert numbers_in(made.path) == list(range(8))


def test_times_that_vary_stay(tmp_path: Path, listener: Listener) -> None:
    times = [0.0, 0.04, 0.2, 0.24, 0.5, 0.52]
    path = write_numbered(tmp_path / "a.mkv", 6, times=times, codec="libvpx-vp9")
    made = copied(path, tmp_path, listener)
    with av.open(made.path) as container:
        shown = [frame.time for frame in container.decode(video=0)]
    assert shown == pytest.approx(times, abs=0.002)


def test_large_videos_are_scaled_and_long_ones_cut(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 50, size=(384, 192))
    made = copied(path, tmp_path, listener, max_edge=192, max_seconds=1.0)
    assert (made.width, made.height, made.scale) == (192, 96, 0.5)
    assert made.frames == 25
    assert made.seconds == pytest.approx(1.0)
    assert numbers_in(made.path) == list(range(25))


def test_small_videos_are_enlarged(tmp_path: Path, listener: Listener) -> None:
    made = copied(write_numbered(tmp_path / "a.mp4", 5), tmp_path, listener, min_edge=144)
    assert (made.width, made.height) == (288, 144)
    assert numbers_in(made.path) == list(range(5))


def test_videos_that_lie_on_their_side_are_sent_upright(tmp_path: Path, listener: Listener) -> None:
    bare = write_numbered(tmp_path / "bare.mp4", 6)
    path = tmp_path / "turned.mp4"
    with av.open(str(bare)) as source, av.open(str(path), "w") as result:
        stream = result.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(-90)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                result.mux(packet)
    made = copied(path, tmp_path, listener)
    assert (made.width, made.height, made.was_encoded) == (SIZE[1], SIZE[0], True)
    with av.open(made.path) as container:
        frame = next(container.decode(video=0))
        pixels = frame.to_ndarray(format="rgb24")
    # The bright corner was at the top left before the turn with the clock.
    assert pixels[4, -5, 0] > 150 > pixels[4, 4, 0]


def test_a_video_that_is_too_long_in_bytes_gets_a_lower_rate(tmp_path: Path, listener: Listener) -> None:
    random = np.random.default_rng(1)
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 192, 96, "yuv420p"
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(random.integers(0, 256, (96, 192, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    most = path.stat().st_size // 4
    made = copied(path, tmp_path, listener, max_bytes=most)
    assert made.size_bytes <= most
    assert made.frames == 25
    with pytest.raises(InputRefused) as caught:
        copied(path, tmp_path, listener, max_bytes=700)
    assert caught.value.kind == "too-large"
    assert not list(tmp_path.glob(".*"))


def test_tags_tracks_and_chapters_stay_behind(tmp_path: Path, listener: Listener) -> None:
    bare = write_numbered(tmp_path / "bare.mp4", 10)
    path = tmp_path / "private.mp4"
    options = {"movflags": "use_metadata_tags"}
    with av.open(str(bare)) as source, av.open(str(path), "w", container_options=options) as result:
        result.metadata.update({"location": "+52.5+013.4/", "title": "At home", "artist": "Somebody"})
        stream = result.add_stream_from_template(source.streams.video[0])
        stream.metadata["language"] = "deu"
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                result.mux(packet)
    assert b"At home" in path.read_bytes()
    made = copied(path, tmp_path, listener)
    data = Path(made.path).read_bytes()
    assert not made.was_encoded
    for word in (b"At home", b"Somebody", b"+52.5", b"Lavf"):
        assert word not in data


def test_a_copy_can_be_stopped_and_leaves_nothing(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.webm", 20, codec="libvpx-vp9")
    media = open_video(OpenVideo(str(path), MAX_PIXELS, 0), listener.context).media
    listener.context.stop_event.set()
    with pytest.raises(Cancelled):
        make_video_copy(request_for(media, tmp_path), listener.context)
    assert not list(tmp_path.glob("*copy*"))
    assert not list(tmp_path.glob(".*"))


def test_frames_that_do_not_exist_are_refused(tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(UsageError):
        copied(write_numbered(tmp_path / "a.mp4", 5), tmp_path, listener, frames=FrameRange(9, 12))


# ----------------------------------------------------------------------------------------------------------- results


def test_results_are_what_they_are_whatever_their_name(tmp_path: Path, listener: Listener) -> None:
    path = making.save(making.sample(), tmp_path / "download", format="WEBP")
    seen = inspected(path, listener)
    assert (seen.format, seen.extension, seen.is_video) == ("WEBP", ".webp", False)
    assert (seen.width, seen.height, seen.sha256) == (96, 64, sha256(str(path)))
    clip = write_numbered(tmp_path / "a.mp4", 10, sound=True).rename(tmp_path / "other.jpg")
    seen = inspected(clip, listener)
    assert (seen.format, seen.extension, seen.is_video, seen.frames) == ("MP4", ".mp4", True, 10)
    assert seen.seconds == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_pictures_that_are_cut_short_are_refused(tmp_path: Path, listener: Listener, kind: str, share: float) -> None:
    whole = making.encoded(making.sample(), kind)
    path = tmp_path / "download"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputRefused):
        inspected(path, listener)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_videos_that_are_cut_short_are_refused(tmp_path: Path, listener: Listener, name: str, share: float) -> None:
    path = write_numbered(tmp_path / f"whole-{name}", 60)
    if path.suffix == ".mp4":  # with its index in front, as services send it, it still opens
        quick = tmp_path / name
        with (
            av.open(str(path)) as source,
            av.open(str(quick), "w", container_options={"movflags": "+faststart"}) as result,
        ):
            stream = result.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    result.mux(packet)
        path = quick
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputRefused):
        inspected(path, listener)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><body>Log in</body></html>",
        b'{"code": 1009}',
        b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
        b"\0" * 4000,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        b"RIFF\xff\xff\xff\x7fWEBPVP8 ",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\xff" * 500,
        b"GIF89a\xff\xff\xff\xff\xf7\0\0",
    ],
)
def test_what_is_no_media_is_refused_with_a_sentence(tmp_path: Path, listener: Listener, data: bytes) -> None:
    path = tmp_path / "download"
    path.write_bytes(data)
    with pytest.raises(InputRefused) as caught:
        inspected(path, listener)
    assert caught.value.message.text().endswith(".")


def test_bombs_are_refused_before_they_are_decoded(tmp_path: Path, listener: Listener) -> None:
    path = making.save(Image.new("L", (3000, 3000)), tmp_path / "a.png")
    with pytest.raises(InputRefused) as caught:
        inspected(path, listener, max_pixels=1_000_000)
    assert caught.value.kind == "too-large"
    clip = write_numbered(tmp_path / "a.mp4", 3)
    with pytest.raises(InputRefused):
        inspected(clip, listener, max_pixels=1000)


# ---------------------------------------------------------------------------------------------------------- put back


def test_a_region_is_put_back_into_the_whole_picture(tmp_path: Path, listener: Listener) -> None:
    original = making.save(making.sample(300, 200), tmp_path / "a.png", exif=making.camera_exif(), dpi=(72, 72))
    box = BoundingBox(100, 50, 200, 150)
    copy = make_copy(MakeCopy(str(original), str(tmp_path / "copy"), 50, 5_000_000, crop=box), listener.context)
    result = making.save(Image.new("RGB", (copy.width * 2, copy.height * 2), (10, 20, 30)), tmp_path / "result.jpg")
    request = PasteBack(str(original), str(result), box, str(tmp_path / "whole"))
    made = paste_back(request, listener.context)
    assert (Path(made.path).name, made.format, made.width, made.height) == ("whole.png", "PNG", 300, 200)
    with Image.open(made.path) as image:
        pixels = making.pixels_of(image)
        assert image.getexif()[0x010F] == "Sample camera"
    assert np.abs(pixels[100, 150].astype(int) - (10, 20, 30)).max() < 4
    before = making.pixels_of(making.sample(300, 200))
    assert np.array_equal(pixels[:50], before[:50])
    assert np.array_equal(pixels[:, 200:], before[:, 200:])
    assert paste_back(request, listener.context) == made


def test_a_result_of_another_shape_is_not_put_back(tmp_path: Path, listener: Listener) -> None:
    original = making.save(making.sample(300, 200), tmp_path / "a.png")
    result = making.save(Image.new("RGB", (50, 90)), tmp_path / "result.png")
    box = BoundingBox(100, 50, 200, 150)
    with pytest.raises(InputRefused):
        paste_back(PasteBack(str(original), str(result), box, str(tmp_path / "whole")), listener.context)
    outside = BoundingBox(100, 50, 400, 150)
    with pytest.raises(InputRefused):
        paste_back(PasteBack(str(original), str(result), outside, str(tmp_path / "whole")), listener.context)


# --------------------------------------------------------------------------------------------------------- converted


@pytest.mark.parametrize(("name", "format_name"), [("b.jpg", "JPEG"), ("b.png", "PNG"), ("b.webp", "WEBP")])
def test_pictures_are_converted_by_the_extension(
    tmp_path: Path, listener: Listener, name: str, format_name: str
) -> None:
    source = making.save(making.sample(), tmp_path / "a.webp", lossless=True)
    target = tmp_path / name
    target.write_bytes(b"what was there before")
    made = convert_result(ConvertResult(str(source), str(target), MAX_PIXELS), listener.context)
    assert (made.path, made.format, made.sha256) == (str(target), format_name, sha256(str(target)))
    with Image.open(target) as image:
        assert image.format == format_name
        difference = making.pixels_of(image).astype(int) - making.pixels_of(making.sample())
    assert np.abs(difference).mean() < 2


def test_a_result_in_its_own_format_keeps_its_bytes(tmp_path: Path, listener: Listener) -> None:
    source = making.save(making.sample(), tmp_path / "a.jpg", quality=40)
    output = OutputOptions(format=OutputFormat.PNG)
    made = convert_result(ConvertResult(str(source), str(tmp_path / "b.jpeg"), MAX_PIXELS, output), listener.context)
    assert Path(made.path).read_bytes() == source.read_bytes()


@pytest.mark.parametrize("name", ["b.mp4", "b.mov", "b.mkv"])
def test_videos_are_repacked(tmp_path: Path, listener: Listener, name: str) -> None:
    source = write_numbered(tmp_path / ("a.mkv" if name == "b.mp4" else "a.mp4"), 20, sound=True, options={"bf": "2"})
    made = convert_result(ConvertResult(str(source), str(tmp_path / name), MAX_PIXELS), listener.context)
    assert (made.width, made.height, made.sha256) == (*SIZE, sha256(made.path))
    assert numbers_in(made.path) == list(range(20))
    seen = inspected(made.path, listener)
    assert (seen.format, seen.frames) == (made.format, 20)
    with av.open(made.path) as container:
        assert container.streams.audio[0].codec_context.name == "aac"


@pytest.mark.parametrize(
    ("source", "codec", "target"),
    [("a.mp4", "libx264", "b.webm"), ("a.webm", "libvpx-vp9", "b.mov"), ("a.mp4", "libx264", "b.txt")],
)
def test_containers_that_cannot_hold_a_video_are_refused(
    tmp_path: Path, listener: Listener, source: str, codec: str, target: str
) -> None:
    path = write_numbered(tmp_path / source, 5, codec=codec)
    with pytest.raises(UsageError) as caught:
        convert_result(ConvertResult(str(path), str(tmp_path / target), MAX_PIXELS), listener.context)
    assert caught.value.hint is not None
    assert not (tmp_path / target).exists()


@pytest.mark.parametrize("target", ["b.bmp", "b.mp4", "b"])
def test_extensions_of_no_picture_are_refused(tmp_path: Path, listener: Listener, target: str) -> None:
    source = making.save(making.sample(), tmp_path / "a.png")
    with pytest.raises(UsageError):
        convert_result(ConvertResult(str(source), str(tmp_path / target), MAX_PIXELS), listener.context)


def test_a_folder_that_is_gone_says_so(tmp_path: Path, listener: Listener) -> None:
    source = write_numbered(tmp_path / "a.mp4", 5)
    for name in ("b.mp4", "b.mkv"):
        with pytest.raises(FaceSwapError) as caught:
            convert_result(ConvertResult(str(source), str(tmp_path / "none" / name), MAX_PIXELS), listener.context)
        assert isinstance(caught.value, StorageError)
