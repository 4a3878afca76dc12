"""Results of originals with unusual things in them: made by ffmpeg, joined by us, looked at by ffprobe."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoContainer, VideoQuality
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.indexing import build_index
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.settings import LightLevels
from faceswap_desktop.media.video.source import source_picture
from faceswap_desktop.workers.join_tasks import plan_output
from faceswap_desktop.workers.render_requests import OutputPlan, PlanOutput
from tests.joining import (
    ffprobe,
    joined,
    packet_times,
    quiet_context,
    recipe_of,
    sound_bytes,
    tracks,
)

X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
ASS = r"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,0,2,10,10,10,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.10,0:00:00.40,Default,,0,0,0,,{\i1}Hello, world{\i0}\Nsecond line
"""


def made(path: Path, *arguments: str, size: str = "160x120", seconds: float = 0.6, sound: bool = True) -> Path:
    """Make a clip of a test picture and a sine."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=440:d={seconds}"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *arguments, str(path)], check=True, timeout=60)
    return path


def output(codec: str = "h264", container: str = "same", **others: Any) -> OutputOptions:
    return OutputOptions(video_codec=VideoCodec(codec), video_container=VideoContainer(container), **others)


def planned(path: Path, options: OutputOptions, trim: FrameRange | None = None) -> OutputPlan:
    return plan_output(PlanOutput(recipe_of(path, options, trim)), quiet_context())


def light_of(path: str | Path) -> dict[str, dict[str, Any]]:
    """Return the light levels of a video's first frame by kind."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_frames", "-read_intervals", "%+#1"]
    answer = subprocess.run(
        [*command, "-of", "json", str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    data = json.loads(answer.stdout)["frames"][0].get("side_data_list", [])
    return {one["side_data_type"]: one for one in data}


def light_in(path: str | Path) -> LightLevels | None:
    """Return the light levels as we read them."""
    probed = probe_video(path).media.video
    assert probed is not None
    index = build_index(path, size=(probed.coded_width, probed.coded_height), pixel_format=probed.pixel_format)
    light = source_picture(path, index).light
    if light is None:
        return None
    # AV1 has units of its own.
    return replace(light, primaries=tuple(round(one, -1) for one in light.primaries), luminance=light.luminance[:1])


@pytest.mark.parametrize(("codec", "container"), [("hevc", "mkv"), ("hevc", "mp4"), ("h264", "mp4"), ("av1", "mkv")])
def test_high_dynamic_range_is_kept(tmp_path: Path, codec: str, container: str) -> None:
    light = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
    tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-color_range", "tv"]
    original = made(
        tmp_path / "hdr.mkv",
        *(
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p10le",
            "-x265-params",
            f"log-level=none:{light}",
        ),
        *tags,
        seconds=0.3,
        sound=False,
    )
    result = joined(recipe_of(original, output(codec, container)), tmp_path)
    picture = tracks(ffprobe(result.path), "video")[0]
    assert picture["pix_fmt"] == "yuv420p10le"
    assert [picture[key] for key in ("color_range", "color_space", "color_transfer", "color_primaries")] == [
        "tv",
        "bt2020nc",
        "smpte2084",
        "bt2020",
    ]
    assert light_in(original) is not None
    assert light_in(result.path) == light_in(original)
    if codec == "h264":
        return  # the witness is too old to read them there
    before, after = light_of(original), light_of(result.path)
    kinds = ["Mastering display metadata", "Content light level metadata"]
    for kind in kinds:
        for name, value in before[kind].items():
            # Ratios, in other units by codec: AV1 has 0.16 and 24.8 bits.
            same = value == after[kind][name] if "/" not in str(value) else None
            assert same or float(Fraction(value)) == pytest.approx(
                float(Fraction(after[kind][name])), rel=1e-3, abs=2e-3
            )


def test_eight_bits_are_refused_for_high_dynamic_range(tmp_path: Path) -> None:
    tags = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc"]
    original = made(tmp_path / "hlg.mp4", *X264[:-1], "yuv420p10le", *tags, seconds=0.2, sound=False)
    with pytest.raises(UsageError) as caught:
        planned(original, output("vp9"))
    assert caught.value.kind == "hdr"
    assert any("High dynamic range is kept" in note for note in planned(original, output("hevc")).notes)


@pytest.mark.parametrize(
    ("pixel_format", "codec", "kept"),
    [
        ("yuv422p", "h264", "yuv422p"),
        ("yuv444p", "hevc", "yuv444p"),
        ("yuv420p10le", "h264", "yuv420p10le"),
        ("yuv422p10le", "prores", "yuv422p10le"),
        ("yuv444p", "av1", "yuv420p"),
    ],
)
def test_bits_and_colour_sampling(tmp_path: Path, pixel_format: str, codec: str, kept: str) -> None:
    original = made(tmp_path / "fine.mp4", *X264[:-1], pixel_format, seconds=0.2, sound=False)
    result = joined(recipe_of(original, output(codec)), tmp_path)
    assert tracks(ffprobe(result.path), "video")[0]["pix_fmt"] == kept
    assert any("more coarsely" in note for note in result.notes) == (kept != pixel_format)


def test_full_range_stays_full_range(tmp_path: Path) -> None:
    original = made(tmp_path / "full.mp4", *X264[:-1], "yuvj420p", "-color_range", "pc", seconds=0.2, sound=False)
    for codec in ("h264", "vp9"):
        result = joined(recipe_of(original, output(codec, video_quality=VideoQuality.LOSSLESS)), tmp_path, name=codec)
        assert tracks(ffprobe(result.path), "video")[0]["color_range"] == "pc"
        # The very samples: nothing was squeezed into studio range.
        hashes = [
            subprocess.run(
                ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "yuvj420p", "-f", "md5", "-"],
                capture_output=True,
                check=True,
                timeout=60,
            ).stdout
            for path in (original, result.path)
        ]
        assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    ("codec", "container"), [("vp9", "webm"), ("av1", "mkv"), ("prores", "mkv"), ("h264", "mkv"), ("h264", "mp4")]
)
def test_pixels_that_are_not_square(tmp_path: Path, codec: str, container: str) -> None:
    original = made(
        tmp_path / "wide.mkv", "-vf", "setsar=3/2", *X264, "-metadata:s:v", "title=The picture", seconds=0.3
    )
    result = joined(recipe_of(original, output(codec, container)), tmp_path)
    picture = tracks(ffprobe(result.path), "video")[0]
    assert (picture["sample_aspect_ratio"], picture["display_aspect_ratio"]) == ("3:2", "2:1")
    if container != "mp4":
        assert picture["tags"]["title"] == "The picture"
    check = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", result.path, "-f", "null", "-"], check=False, capture_output=True, timeout=60
    )
    assert (check.returncode, check.stderr) == (0, b"")


def test_odd_size(tmp_path: Path) -> None:
    original = made(
        tmp_path / "odd.webm", "-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-vf", "scale=161:121", seconds=0.2
    )
    plan = planned(original, output("h264"))
    assert "H.264 takes even sizes only: one more column and row of pixels is added at the edge." in plan.notes
    padded = joined(recipe_of(original, output("h264")), tmp_path, name="padded")
    assert (padded.width, padded.height) == (162, 122)
    exact = joined(recipe_of(original, output("vp9")), tmp_path, name="exact")
    assert (exact.width, exact.height) == (161, 121)


def test_fonts_cover_and_styled_subtitles(tmp_path: Path) -> None:
    (tmp_path / "a.ass").write_text(ASS)
    (tmp_path / "font.ttf").write_bytes(b"\0\1\0\0" + bytes(range(200)))
    cover = made(tmp_path / "cover.jpg", "-frames:v", "1", sound=False)
    original = made(
        tmp_path / "rich.mkv",
        *("-i", str(tmp_path / "a.ass"), "-map", "0", "-map", "1", "-map", "2", *X264, "-c:a", "flac", "-c:s", "ass"),
        *("-attach", str(tmp_path / "font.ttf"), "-metadata:s:t:0", "mimetype=application/x-truetype-font"),
        *("-attach", str(cover), "-metadata:s:t:1", "mimetype=image/jpeg", "-metadata:s:t:1", "filename=cover.jpg"),
        *("-disposition:s:0", "forced", "-metadata:s:a:0", "title=The sound"),
    )
    kept = joined(recipe_of(original), tmp_path, name="kept")
    before, after = ffprobe(original), ffprobe(kept.path)
    assert [(s["codec_type"], s["codec_name"]) for s in after["streams"]] == [
        (s["codec_type"], s["codec_name"]) for s in before["streams"]
    ]
    (font,) = tracks(after, "attachment")
    assert (font["tags"]["filename"], font["extradata_size"]) == ("font.ttf", 204)
    assert tracks(after, "subtitle")[0]["disposition"]["forced"] == 1
    assert tracks(after, "audio")[0]["tags"]["title"] == "The sound"
    assert tracks(after, "video")[1]["disposition"]["attached_pic"] == 1
    assert sound_bytes(kept.path, "v:1") == sound_bytes(original, "v:1")

    plan = planned(original, output(container="mp4"))
    assert plan.dropped == (
        "The look of subtitle track 3 (ass): MP4 carries its text only.",
        "Attached file 4 (font.ttf): MP4 cannot carry it.",
    )
    moved = joined(recipe_of(original, output(container="mp4")), tmp_path, name="moved")
    assert set(plan.dropped) <= set(moved.notes)
    after = ffprobe(moved.path)
    assert sound_bytes(moved.path, "v:1") == sound_bytes(original, "v:1")
    assert sound_bytes(moved.path, "a:0") == sound_bytes(original, "a:0")
    written = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", moved.path, "-map", "0:s:0", "-f", "srt", "-"], capture_output=True, check=True
    )
    assert written.stdout.decode().splitlines()[1:4] == ["00:00:00,100 --> 00:00:00,400", "Hello, world", "second line"]


def test_timecode_and_makers_tags_of_a_mov(tmp_path: Path) -> None:
    tags = ["com.apple.quicktime.make=Maker", "com.apple.quicktime.location.ISO6709=+48.0+011.0/"]
    original = made(
        tmp_path / "camera.mov",
        *(*X264, "-c:a", "pcm_s16le", "-timecode", "01:00:00:00", "-movflags", "use_metadata_tags"),
        *(part for tag in tags for part in ("-metadata", tag)),
        *("-metadata:s:a:0", "language=deu"),
    )
    result = joined(recipe_of(original), tmp_path, name="same")
    after = ffprobe(result.path)
    (timecode,) = tracks(after, "data")
    assert (timecode["codec_tag_string"], timecode["tags"]["timecode"]) == ("tmcd", "01:00:00:00")
    assert after["format"]["tags"]["com.apple.quicktime.make"] == "Maker"
    assert not any("location" in key for key in after["format"]["tags"])
    assert "The place where it was filmed, as the settings say." in result.notes
    assert sound_bytes(result.path, "a:0") == sound_bytes(original, "a:0")
    placed = joined(recipe_of(original, output(keep_gps=True)), tmp_path, name="placed")
    assert ffprobe(placed.path)["format"]["tags"][tags[1].split("=")[0]] == "+48.0+011.0/"
    cut = joined(recipe_of(original, trim=FrameRange(5, 10)), tmp_path, name="cut")
    assert not tracks(ffprobe(cut.path), "data")
    assert "The timecode: the beginning was cut off." in cut.notes
    as_mkv = joined(recipe_of(original, output(container="mkv")), tmp_path, name="mkv")
    assert ffprobe(as_mkv.path)["format"]["tags"]["TIMECODE"] == "01:00:00:00"


def test_sound_that_begins_later_stays_in_step(tmp_path: Path) -> None:
    arguments = ["-f", "lavfi", "-itsoffset", "0.137", "-i", "sine=440:d=0.4", "-map", "0", "-map", "1"]
    original = made(tmp_path / "later.mp4", *arguments, *X264, "-c:a", "aac", sound=False)
    for container in ("mp4", "mkv"):
        result = joined(recipe_of(original, output(container=container)), tmp_path, name=container)
        allowed = 0.0 if container == "mp4" else 0.0006
        assert packet_times(result.path, "a:0") == pytest.approx(packet_times(original, "a:0"), abs=allowed)
        assert packet_times(result.path, "v:0") == pytest.approx(packet_times(original, "v:0"), abs=allowed)
    starts = [ffprobe(path)["streams"][1]["start_time"] for path in (original, tmp_path / "mp4" / "video.mp4")]
    assert starts[0] == starts[1] != "0.000000"


def test_samples_without_compression_do_not_go_into_mp4(tmp_path: Path) -> None:
    original = made(tmp_path / "old.avi", "-c:v", "mpeg4", "-c:a", "pcm_s16le")
    assert planned(original, output()).format == "MOV"
    result = joined(recipe_of(original), tmp_path)
    assert sound_bytes(result.path, "a:0") == sound_bytes(original, "a:0")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (output("prores", "mp4"), "MP4 cannot hold ProRes."),
        (output("h264", "webm"), "WEBM cannot hold H.264."),
        (output("av1", requested_path="/somewhere/result.MOV"), "MOV cannot hold AV1."),
    ],
)
def test_container_that_cannot_hold_the_codec(tmp_path: Path, options: OutputOptions, sentence: str) -> None:
    original = made(tmp_path / "plain.mp4", *X264, seconds=0.2)
    with pytest.raises(UsageError) as caught:
        planned(original, options)
    assert (caught.value.kind, caught.value.message.text()) == ("container", sentence)


def test_plan_follows_the_requested_path_and_tells_what_it_takes(tmp_path: Path) -> None:
    original = made(tmp_path / "plain.mp4", *X264)
    plan = planned(original, output("vp9", "mkv", requested_path=str(tmp_path / "result.webm")), FrameRange(0, 5))
    assert (plan.format, plan.extension) == ("WEBM", ".webm")
    assert plan.dropped == ("Sound track 2 (und, aac): WEBM cannot carry it.",)
    assert any("borders of its packets" in note for note in plan.notes)
    small, large = (planned(original, output(video_quality=quality)).bytes_per_second for quality in (
        VideoQuality.SMALL, VideoQuality.LOSSLESS))  # fmt: skip
    assert 1000 < small < large / 10


def test_samples_whose_channels_are_only_counted_go_into_mp4(tmp_path: Path) -> None:
    original = made(tmp_path / "old.avi", "-c:v", "mpeg4", "-ac", "2", "-c:a", "pcm_s16le")
    result = joined(recipe_of(original, output(container="mp4")), tmp_path)
    [sound] = tracks(ffprobe(result.path), "audio")
    assert sound["channels"] == 2
    assert pcm_of(result.path) == pcm_of(original)


def pcm_of(path: str | Path) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def test_sound_that_an_edit_list_hides_is_not_heard_in_matroska(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mp4", *X264, "-c:a", "aac", seconds=1.2)
    original = tmp_path / "cut.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-ss", "0.6", "-i", str(whole), "-c", "copy", str(original)], check=True, timeout=60
    )
    assert min(packet_times(original, "a:0")) < -0.5
    result = joined(recipe_of(original, output(container="mkv")), tmp_path)
    pictures, sound = packet_times(result.path, "v:0"), packet_times(result.path, "a:0")
    assert len(pictures) == 15
    assert -0.1 <= sound[0] - pictures[0] <= 0
    assert sound_bytes(result.path, "a:0") == sound_bytes(original, "a:0")[-len(sound) :]


def test_matroska_that_begins_before_zero(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mkv", *X264, "-c:a", "aac")
    original = tmp_path / "early.mkv"
    earlier = ["-output_ts_offset", "-0.4", "-avoid_negative_ts", "disabled"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(whole), "-c", "copy", *earlier, str(original)], check=True, timeout=60
    )
    result = joined(recipe_of(original), tmp_path)
    assert sound_bytes(result.path, "a:0") == sound_bytes(original, "a:0")
    pictures = packet_times(result.path, "v:0")
    assert pictures == sorted(pictures)
    # FFmpeg gives frames before 0 no time, so nobody can show them; that is said.
    assert len(pictures) == 15 or any("could not be decoded" in note for note in result.notes)
