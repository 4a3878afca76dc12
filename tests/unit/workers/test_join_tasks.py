"""Results put together: everything but the picture as in the original, by an independent witness (ffprobe)."""

from __future__ import annotations

import json
import resource
import subprocess
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from faceswap_desktop.domain.errors import Cancelled, InputRefused, StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoContainer, VideoQuality
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video import join
from faceswap_desktop.media.video.chunkfile import Chunk, pack, read_chunk, write_chunk
from faceswap_desktop.media.video.encode import ChunkEncoder, EncodedChunk
from faceswap_desktop.workers.join_tasks import join_chunks
from faceswap_desktop.workers.render_requests import chunk_path
from tests.clips import Coding, Sound, make_clip, no_faces, one_person
from tests.joining import (
    decoded,
    ffprobe,
    joined,
    packet_times,
    quiet_context,
    recipe_of,
    rendered_request,
    sound_bytes,
    tracks,
)

SIZE = (160, 120)
CHAPTERS = [(0.0, 0.4, "One"), (0.4, 1.0, "Two")]
LINES = [(0.1, 0.4, "First line"), (0.5, 0.9, "Second\nline")]
SOUNDS = [Sound(440, "aac", 2, 48000, "eng"), Sound(660, "aac", 1, 44100, "deu")]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One second each: MP4, MOV and MKV with all there is, and plainer ones."""
    folder = tmp_path_factory.mktemp("clips")
    made = {
        name: make_clip(
            folder / f"rich.{name}",
            [one_person(1.0)],
            size=SIZE,
            coding=Coding(options={"preset": "veryfast", "bf": "2", "g": "12", "threads": "1"}),
            sound=SOUNDS,
            subtitles=LINES,
            chapters=CHAPTERS,
            rotation=90 if name != "mkv" else 0,
            metadata={"title": "A title", "comment": "A comment"},
        ).path
        for name in ("mp4", "mov", "mkv")
    }
    made["webm"] = make_clip(
        folder / "plain.webm", [one_person(1.0)], size=SIZE, coding=Coding("libvpx-vp9"), sound=[Sound(440, "libopus")]
    ).path
    made["avi"] = make_clip(
        folder / "plain.avi", [one_person(1.0)], size=SIZE, coding=Coding("mpeg4"), sound=[Sound(440, "libmp3lame")]
    ).path
    for name in ("gif", "webp"):
        made[name] = make_clip(folder / f"plain.{name}", [one_person(1.0)], size=(161, 121), rate=10).path
    return made


def words(path: str | Path, track: int = 0) -> str:
    """Return a subtitle track as ffmpeg writes it down."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:s:{track}", "-f", "srt", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def output(codec: str = "h264", container: str = "same", quality: str = "high") -> OutputOptions:
    return OutputOptions(
        video_codec=VideoCodec(codec), video_container=VideoContainer(container), video_quality=VideoQuality(quality)
    )


# ---------------------------------------------------------------------------------------------------- what is kept


@pytest.mark.parametrize("name", ["mp4", "mov", "mkv"])
def test_all_but_the_picture_is_as_in_the_original(clips: dict[str, Path], tmp_path: Path, name: str) -> None:
    original = clips[name]
    result = joined(recipe_of(original), tmp_path)
    assert (result.format, Path(result.path).suffix) == (name.upper(), f".{name}")
    before, after = ffprobe(original), ffprobe(result.path)
    assert [stream["codec_type"] for stream in after["streams"]] == [
        stream["codec_type"] for stream in before["streams"]
    ]
    for number in range(2):
        assert sound_bytes(result.path, f"a:{number}") == sound_bytes(original, f"a:{number}")
        assert packet_times(result.path, f"a:{number}") == packet_times(original, f"a:{number}")
    assert packet_times(result.path, "v:0") == packet_times(original, "v:0")
    assert words(result.path) == words(original) != ""
    for kind in ("audio", "subtitle", "video"):
        for old, new in zip(tracks(before, kind), tracks(after, kind), strict=True):
            assert new["disposition"] == old["disposition"]
            assert new.get("tags", {}).get("language") == old.get("tags", {}).get("language")
            assert new.get("start_time") == old.get("start_time")
    chapters = [(one["start_time"], one["end_time"], one["tags"]["title"]) for one in after["chapters"]]
    assert chapters == [(one["start_time"], one["end_time"], one["tags"]["title"]) for one in before["chapters"]]
    assert [title for _, _, title in chapters] == ["One", "Two"]
    tags = {key.lower(): value for key, value in after["format"]["tags"].items()}
    assert (tags["title"], tags["comment"]) == ("A title", "A comment")
    old, new = tracks(before, "video")[0], tracks(after, "video")[0]
    for key in ("color_range", "color_space", "color_transfer", "color_primaries", "pix_fmt", "sample_aspect_ratio"):
        assert new.get(key) == old.get(key), key
    if name != "mkv":
        assert new["side_data_list"][0]["displaymatrix"] == old["side_data_list"][0]["displaymatrix"]
        assert (result.width, result.height) == SIZE  # upright


@pytest.mark.parametrize("rotation", [180, 270])
def test_rotation_is_kept(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "turned.mp4", [no_faces(0.3)], size=SIZE, rotation=rotation).path
    for container in ("mp4", "mkv"):
        result = joined(recipe_of(clip, output(container=container)), tmp_path, name=container)
        turned = [tracks(ffprobe(path), "video")[0]["side_data_list"][0]["rotation"] for path in (clip, result.path)]
        assert turned[0] % 360 == turned[1] % 360 == -rotation % 360
        assert (result.width, result.height) == SIZE


@pytest.mark.parametrize(
    ("name", "codec", "format_name"),
    [
        ("mp4", "prores", "MOV"),
        ("mp4", "vp9", "MP4"),
        ("mov", "hevc", "MOV"),
        ("mov", "av1", "MP4"),
        ("mkv", "hevc", "MKV"),
        ("webm", "h264", "MKV"),
        ("webm", "vp9", "WEBM"),
        ("avi", "h264", "MP4"),
        ("gif", "h264", "MP4"),
        ("webp", "h264", "MP4"),
    ],
)
def test_container_follows_the_original_as_far_as_the_codec_goes(
    clips: dict[str, Path], tmp_path: Path, name: str, codec: str, format_name: str
) -> None:
    original = clips[name]
    result = joined(recipe_of(original, output(codec)), tmp_path, seconds=2.0)
    after = ffprobe(result.path)
    assert result.format == format_name
    assert tracks(after, "video")[0]["codec_name"] == codec
    if name != "webp":
        assert packet_times(result.path, "v:0") == pytest.approx(packet_times(original, "v:0"), abs=1e-5)
    for number in range(len(tracks(after, "audio"))):
        assert sound_bytes(result.path, f"a:{number}") == sound_bytes(original, f"a:{number}")
    if codec == "hevc" and format_name == "MOV":
        assert tracks(after, "video")[0]["codec_tag_string"] == "hvc1"
    assert (f"The result is an {format_name} file." in result.notes) == (format_name != name.upper())


def test_subtitles_are_written_anew_for_another_container(clips: dict[str, Path], tmp_path: Path) -> None:
    for name, container, codec, picture in (
        ("mkv", "mp4", "mov_text", "h264"),
        ("mp4", "mkv", "subrip", "h264"),
        ("mp4", "webm", "webvtt", "vp9"),
    ):
        result = joined(recipe_of(clips[name], output(picture, container)), tmp_path, name=f"{name}-{container}")
        after = ffprobe(result.path)
        assert [track["codec_name"] for track in tracks(after, "subtitle")] == [codec]
        said = [line for line in words(result.path).splitlines() if line and "-->" not in line and not line.isdigit()]
        assert said == ["First line", "Second", "line"]
        assert words(result.path).count("-->") == 2
        if container == "webm":
            assert not tracks(after, "audio")
            assert sum("Sound track" in note and "cannot carry it" in note for note in result.notes) == 2


def test_varying_frame_times_are_exact(tmp_path: Path) -> None:
    times = [0.0, 0.033, 0.1, 0.34, 0.35, 0.5, 0.9, 0.95]
    clip = make_clip(tmp_path / "vfr.mp4", [one_person(1.0)], size=SIZE, times=times).path
    result = joined(recipe_of(clip), tmp_path, seconds=0.2)
    assert packet_times(result.path, "v:0") == packet_times(clip, "v:0")
    rounded = joined(recipe_of(clip, output(container="mkv")), tmp_path, seconds=0.2, name="rounded")
    assert packet_times(rounded.path, "v:0") == pytest.approx(packet_times(clip, "v:0"), abs=0.0006)
    assert "MKV rounds the frames' times to a thousandth of a second." in rounded.notes


def test_clip_without_sound(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "silent.mp4", [no_faces(0.3)], size=SIZE).path
    after = ffprobe(joined(recipe_of(clip), tmp_path).path)
    assert [stream["codec_type"] for stream in after["streams"]] == ["video"]


def test_index_of_an_mp4_lies_in_front(clips: dict[str, Path], tmp_path: Path) -> None:
    data = Path(joined(recipe_of(clips["mp4"]), tmp_path).path).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_index_of_a_very_long_file_stays_behind(
    clips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join, "MOST_MOVED", 1000)
    data = Path(joined(recipe_of(clips["mp4"]), tmp_path).path).read_bytes()
    assert 0 < data.index(b"mdat") < data.index(b"moov")


def test_damaged_sound_goes_along_bit_for_bit(clips: dict[str, Path], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(clips["mp4"].read_bytes())
    for packet in tracks_packets(damaged, "a:0")[10:14]:
        with damaged.open("r+b") as stream:
            stream.seek(int(packet["pos"]))
            stream.write(b"\xff" * (int(packet["size"]) // 2))
    result = joined(recipe_of(damaged), tmp_path)
    assert sound_bytes(result.path, "a:0") == sound_bytes(damaged, "a:0") != sound_bytes(clips["mp4"], "a:0")


def tracks_packets(path: Path, stream: str) -> list[dict[str, str]]:
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_packets", "-of", "json", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: list[dict[str, str]] = json.loads(answer.stdout)["packets"]
    return found


# ----------------------------------------------------------------------------------------------------------- chunks


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9"])
def test_many_chunks_decode_to_the_same_frames_as_one(clips: dict[str, Path], tmp_path: Path, codec: str) -> None:
    recipe = recipe_of(clips["mp4"], output(codec, quality="lossless"))
    many = joined(recipe, tmp_path, seconds=0.25, name="many")
    one = joined(recipe, tmp_path, seconds=10.0, name="one")
    original, frames, others = decoded(clips["mp4"]), decoded(many.path), decoded(one.path)
    assert len(frames) == len(original) == 30
    for number, frame in enumerate(frames):
        assert np.array_equal(frame, others[number]), number
        assert np.array_equal(frame, original[number]), number


def test_b_frames_across_borders_are_decoded_in_order(clips: dict[str, Path], tmp_path: Path) -> None:
    request = rendered_request(recipe_of(clips["mp4"]), tmp_path, seconds=0.25)
    packets = [
        p.pts for number, _ in request.chunks for p in read_chunk(chunk_path(request.folder, number)).encoded.packets
    ]
    assert packets != sorted(packets)  # there are some
    result = join_chunks(request, quiet_context())
    decode_times = [float(packet["dts_time"]) for packet in tracks_packets(Path(result.path), "v:0")]
    assert all(after > before for before, after in pairwise(decode_times))
    assert all(float(p["pts_time"]) >= float(p["dts_time"]) for p in tracks_packets(Path(result.path), "v:0"))
    assert tracks(ffprobe(result.path), "video")[0]["has_b_frames"] > 0


def test_trimmed_sound_stays_in_step(clips: dict[str, Path], tmp_path: Path) -> None:
    original = clips["mp4"]
    recipe = recipe_of(original, trim=FrameRange(9, 21))
    result = joined(recipe, tmp_path, seconds=0.2)
    start, end = packet_times(original, "v:0")[9], packet_times(original, "v:0")[21]
    times = packet_times(result.path, "v:0")
    assert times == pytest.approx([t - start for t in packet_times(original, "v:0")[9:21]], abs=1e-5)
    kept, whole = sound_bytes(result.path, "a:0"), sound_bytes(original, "a:0")
    first = whole.index(kept[0])
    assert whole[first : first + len(kept)] == kept
    # Each packet keeps its distance to the picture, and those kept just cover it.
    old, new = packet_times(original, "a:0")[first : first + len(kept)], packet_times(result.path, "a:0")
    assert [b - a for a, b in zip(new, old, strict=True)] == pytest.approx([start] * len(kept), abs=3e-5)
    assert old[0] <= start < old[1]
    assert old[-1] < end <= old[-1] + 1024 / 48000 + 1e-4
    assert [one["tags"]["title"] for one in ffprobe(result.path)["chapters"]] == ["One", "Two"]
    assert float(ffprobe(result.path)["chapters"][0]["end_time"]) == pytest.approx(0.4 - start, abs=0.002)
    assert words(result.path).splitlines()[2] == "First line"
    assert any("borders of its packets" in note for note in result.notes)


def test_first_part_of_an_unfinished_job_can_be_watched(clips: dict[str, Path], tmp_path: Path) -> None:
    request = rendered_request(recipe_of(clips["mkv"]), tmp_path, seconds=0.25)
    part = join_chunks(
        type(request)(
            request.recipe, request.files, request.folder, request.chunks[:2], request.scratch_path, is_whole=False
        ),
        quiet_context(),
    )
    count = sum(len(frames) for _, frames in request.chunks[:2])
    assert len(packet_times(part.path, "v:0")) == count < 30
    assert max(packet_times(part.path, "a:0")) < packet_times(clips["mkv"], "v:0")[count]
    assert not any("borders" in note for note in part.notes)


def test_frame_that_could_not_be_decoded_is_left_out_and_said(clips: dict[str, Path], tmp_path: Path) -> None:
    request = rendered_request(recipe_of(clips["mp4"]), tmp_path, seconds=10.0)
    path = chunk_path(request.folder, 0)
    chunk = read_chunk(path)
    # The last packet in order of decoding is one that no other needs.
    packets = chunk.encoded.packets[:-1]
    lost = chunk.encoded.packets[-1].pts
    encoded = EncodedChunk(chunk.encoded.settings, chunk.encoded.extradata, packets)
    write_chunk(path, pack(Chunk(chunk.number, chunk.frames, chunk.recipe, encoded, {"unreadable": 1})))
    result = join_chunks(request, quiet_context())
    assert len(packet_times(result.path, "v:0")) == 29
    assert lost not in [packet.pts for packet in packets]
    assert "1 frame could not be decoded; the picture before stands longer instead." in result.notes


# ------------------------------------------------------------------------------------------------------------ wrong


def left(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir() if not path.name.endswith(".fsc"))


def test_full_disk_leaves_nothing_half(clips: dict[str, Path], tmp_path: Path) -> None:
    request = rendered_request(recipe_of(clips["mp4"]), tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(StorageError) as caught:
            join_chunks(request, quiet_context())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.kind == "disk-full"
    assert left(request.folder) == []
    assert Path(join_chunks(request, quiet_context()).path).is_file()


@pytest.mark.parametrize("harm", ["changed", "short", "gone"])
def test_damaged_chunk_has_to_be_rendered_again(clips: dict[str, Path], tmp_path: Path, harm: str) -> None:
    request = rendered_request(recipe_of(clips["webm"]), tmp_path)
    path = Path(chunk_path(request.folder, 1))
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-200] if harm == "short" else data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])
    with pytest.raises(StorageError) as caught:
        join_chunks(request, quiet_context())
    assert caught.value.kind == "chunk-damaged"
    assert left(request.folder) == []


def test_blank_picture_is_not_published(clips: dict[str, Path], tmp_path: Path) -> None:
    request = rendered_request(recipe_of(clips["mp4"]), tmp_path, seconds=10.0)
    path = chunk_path(request.folder, 0)
    chunk = read_chunk(path)
    encoder = ChunkEncoder(chunk.encoded.settings)
    for pts in sorted(packet.pts for packet in chunk.encoded.packets):
        frame = av.VideoFrame(chunk.encoded.settings.width, chunk.encoded.settings.height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        encoder.encode(frame, pts)
    write_chunk(path, pack(Chunk(chunk.number, chunk.frames, chunk.recipe, encoder.finish())))
    with pytest.raises(StorageError) as caught:
        join_chunks(request, quiet_context())
    assert caught.value.kind == "check"
    assert "blank" in caught.value.message.text()
    assert left(request.folder) == []


def test_original_that_was_replaced_is_refused(clips: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clips["mp4"].read_bytes())
    request = rendered_request(recipe_of(copy), tmp_path)
    copy.write_bytes(clips["mkv"].read_bytes())
    with pytest.raises(InputRefused) as caught:
        join_chunks(request, quiet_context())
    assert caught.value.kind == "changed"


def test_cancelled_while_joining_leaves_nothing(clips: dict[str, Path], tmp_path: Path) -> None:
    request = rendered_request(recipe_of(clips["mkv"]), tmp_path)
    context = quiet_context()
    asked: list[float] = []

    def stop(fraction: float, step: str, payload: object | None = None) -> None:
        del step, payload
        asked.append(fraction)
        if len(asked) > 1:
            raise Cancelled(message("Cancelled."))

    vars(context)["report"] = stop
    with pytest.raises(Cancelled):
        join_chunks(request, context)
    assert len(asked) == 2
    assert left(request.folder) == []


def test_original_of_which_a_track_cannot_be_read_on_is_joined_as_far_as_it_goes(tmp_path: Path) -> None:
    """A truncated Matroska: the sound that is there goes along, and the picture's frames that could be decoded."""
    whole = make_clip(tmp_path / "whole.mkv", [one_person(1.0)], size=SIZE, sound=SOUNDS[:1]).path
    short = tmp_path / "short.mkv"
    short.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    result = joined(recipe_of(short), tmp_path)
    kept, original = sound_bytes(result.path, "a:0"), sound_bytes(whole, "a:0")
    assert 5 < len(kept) < len(original)
    assert kept == original[: len(kept)]
    assert 5 < len(packet_times(result.path, "v:0")) < 30
