from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.video import VideoFacts
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.poster import poster
from faceswap_desktop.media.video.probing import probe_video
from tests.clips import Coding, Sound, make_clip, no_faces
from tests.numbered import ffmpeg, number_in, numbered_picture, write_numbered


def facts_of(path: Path) -> tuple[Media, VideoFacts]:
    media = probe_video(path).media
    assert media.video is not None
    return media, media.video


def refused(path: Path, **options: int) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        probe_video(path, **options)
    assert caught.value.hint is not None
    return caught.value


@pytest.mark.parametrize(
    ("name", "codec", "container", "said"),
    [
        ("a.mp4", "libx264", "MP4", "h264"),
        ("a.mov", "libx264", "MOV", "h264"),
        ("a.mkv", "libx265", "MKV", "hevc"),
        ("a.webm", "libvpx-vp9", "WEBM", "vp9"),
        ("a.avi", "mpeg4", "AVI", "mpeg4"),
        ("b.webm", "libsvtav1", "WEBM", "av1"),
        ("a.ts", "mpeg2video", "TS", "mpeg2video"),
        ("a.gif", "", "GIF", "gif"),
        ("a.webp", "", "WEBP", "webp"),
    ],
)
def test_what_is_in_it(tmp_path: Path, name: str, codec: str, container: str, said: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {"preset": "8"} if "av1" in codec else {}
    path = write_numbered(tmp_path / name, 10, codec=codec, options=options)
    shutil.copy(path, tmp_path / "no extension")
    media, facts = facts_of(tmp_path / "no extension")
    assert kind_of(tmp_path / "no extension") is media.kind is MediaKind.VIDEO
    assert (media.format, facts.codec) == (container, said)
    assert tuple(media.size) == (facts.coded_width, facts.coded_height) == (192, 96)
    assert media.notes == ()
    assert facts.frames == pytest.approx(10, abs=1)
    assert facts.seconds == pytest.approx(0.4, abs=0.05)
    assert facts.frames_per_second == pytest.approx(25, abs=0.1)
    assert number_in(upright_rgb(probe_video(path).first, 0)) == 0


def test_still_gif_and_webp_stay_pictures(tmp_path: Path) -> None:
    for name in ("a.gif", "a.webp", "a.png"):
        Image.fromarray(numbered_picture(3)).save(tmp_path / name)
        assert kind_of(tmp_path / name) is MediaKind.IMAGE


def test_tracks_chapters_and_colours(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "a.mkv",
        [no_faces(0.5)],
        size=(160, 90),
        coding=Coding(pixel_format="yuv420p10le", matrix="bt709"),
        sound=(Sound(language="eng"), Sound(660.0, codec="libopus", channels=1, language="deu", title="Regie")),
        subtitles=[(0.0, 0.3, "Hello")],
        chapters=[(0.0, 0.2, "One"), (0.2, 0.5, "Two")],
    )
    _, facts = facts_of(clip.path)
    assert (facts.bits, facts.pixel_format) == (10, "yuv420p10le")
    assert (facts.subtitles, facts.chapters, facts.other_tracks) == (1, 2, 0)
    assert [(one.codec, one.channels, one.sample_rate, one.language, one.title) for one in facts.audio] == [
        ("aac", 2, 48_000, "eng", ""),
        ("opus", 1, 48_000, "deu", "Regie"),
    ]
    assert (facts.colour.matrix, facts.colour.range) == ("bt709", "tv")


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_size_is_that_of_the_upright_frame(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "a.mp4", [no_faces(0.2)], size=(90, 160), rotation=rotation)
    media, facts = facts_of(clip.path)
    assert facts.rotation == rotation
    assert tuple(media.size) == clip.size
    assert upright_rgb(probe_video(clip.path).first, rotation).shape == (160, 90, 3)


def test_a_cover_is_not_the_picture_track(tmp_path: Path) -> None:
    Image.fromarray(numbered_picture(9, (64, 64))).save(tmp_path / "cover.png")
    write_numbered(tmp_path / "a.mp4", 10)
    ffmpeg("-i", tmp_path / "cover.png", "-i", tmp_path / "a.mp4", "-map", "0", "-map", "1", "-c", "copy",
           "-disposition:v:0", "attached_pic", tmp_path / "b.mp4")  # fmt: skip
    _, facts = facts_of(tmp_path / "b.mp4")
    assert (facts.coded_width, facts.other_tracks) == (192, 1)


def test_notes(tmp_path: Path) -> None:
    options = {"x265-params": "log-level=none:transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc"}
    write_numbered(tmp_path / "a.mov", 3, codec="libx265", options=options, pixel_format="yuv420p10le")
    media, facts = facts_of(tmp_path / "a.mov")
    assert facts.colour.is_hdr
    assert media.notes == ("It is HDR (PQ). On the screen it is shown in the ordinary range of brightness.",)
    write_numbered(tmp_path / "b.mp4", 3, options={"x264-params": "tff=1"})
    shutil.move(tmp_path / "b.mp4", tmp_path / "b.avi")
    assert facts_of(tmp_path / "b.avi")[0].notes == (
        "The name ends in .avi, but it is a MP4 video.",
        "It is interlaced: where something moves, its edges look like combs.",
    )
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64:duration=0.2,setsar=4/3", tmp_path / "c.mp4")
    assert "Its pixels are not square" in facts_of(tmp_path / "c.mp4")[0].notes[0]


# ---------------------------------------------------------------------------------------------------------- refusals


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.3", "-c:a", "aac", tmp_path / "a.mp4")
    error = refused(tmp_path / "a.mp4")
    assert error.kind == "no-picture"
    assert str(error) == "“a.mp4” has no moving picture in it, only sound or other tracks."


def test_frames_that_are_too_large(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 2)
    error = refused(tmp_path / "a.mp4", max_pixels=10_000)
    assert error.kind == "too-large"
    assert "192 × 96" in str(error)


def test_other_files(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")
    (tmp_path / "head.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0isommp42")
    kinds = {name: refused(tmp_path / name).kind for name in ("empty.mp4", "text.mp4", "head.mp4", "gone.mp4", ".")}
    assert list(kinds.values()) == ["empty", "not-a-video", "unreadable", "missing", "folder"]


def test_a_file_without_its_table_of_contents(tmp_path: Path) -> None:
    data = write_numbered(tmp_path / "a.mp4", 30).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2])
    assert refused(tmp_path / "cut.mp4").kind == "unreadable"


def test_no_frame_at_all(tmp_path: Path) -> None:
    for name in ("none.mp4", "none.mkv"):
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            container.start_encoding()
        assert refused(tmp_path / name).kind in {"unreadable", "no-picture"}
    data = bytearray(write_numbered(tmp_path / "noise.mkv", 20).read_bytes())
    data[700:] = np.random.default_rng(1).integers(0, 256, len(data) - 700, np.uint8).tobytes()
    (tmp_path / "noise.mkv").write_bytes(data)
    assert refused(tmp_path / "noise.mkv").kind == "unreadable"


def test_encrypted(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 10)
    ffmpeg("-i", tmp_path / "a.mp4", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key",
           "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8",
           tmp_path / "b.mp4")  # fmt: skip
    error = refused(tmp_path / "b.mp4")
    assert "encrypted" in str(error)


def test_an_unknown_codec(tmp_path: Path) -> None:
    data = write_numbered(tmp_path / "a.mkv", 10).read_bytes()
    (tmp_path / "b.mkv").write_bytes(data.replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ"))
    error = refused(tmp_path / "b.mkv")
    assert "cannot be decoded" in str(error)


@pytest.mark.parametrize("name", ["видео и звук.mp4", "動画 'x' \"y\".mp4", "a:b%03d.mp4", "-i.mp4", "  .mp4"])
def test_names_in_any_script(tmp_path: Path, name: str) -> None:
    shutil.move(write_numbered(tmp_path / "a.mp4", 2), tmp_path / name)
    assert facts_of(tmp_path / name)[0].path == str(tmp_path / name)


def test_odd_sizes(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 2, codec="ffv1", size=(193, 97), pixel_format="yuv420p")
    media, facts = facts_of(path)
    assert tuple(media.size) == (facts.coded_width, facts.coded_height) == (193, 97)
    assert upright_rgb(probe_video(path).first, 0, 100).shape == (50, 100, 3)


# ----------------------------------------------------------------------------------------------------- one frame of it


def test_the_poster_is_not_black(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 192, 96, "yuv420p"
        for number in range(40):
            picture = numbered_picture(number) if number >= 10 else np.zeros((96, 192, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    assert poster(tmp_path / "a.mp4", 96).shape == (48, 96, 3)
    assert number_in(poster(tmp_path / "a.mp4", 192)) >= 10


def test_the_poster_of_a_black_video_is_black(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=black:size=64x64:duration=0.5", tmp_path / "a.mp4")
    assert poster(tmp_path / "a.mp4", 64).max() < 20


def test_ffprobe_agrees(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 33, sound=True)
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=nb_frames,duration", "-of",
               "csv=p=0", str(path)]  # fmt: skip
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip().split(",")
    _, facts = facts_of(path)
    assert [float(said[0]), int(said[1])] == [facts.seconds, facts.frames]
