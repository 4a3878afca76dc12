from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.media.video.sound import SoundReader
from tests.numbered import beeps, ffmpeg, write_numbered

RATE = 48_000
SECONDS = 3.0


def write_sound(
    path: Path, codec: str, rate: int = RATE, layout: str = "stereo", samples: str = "fltp", seconds: float = SECONDS
) -> Path:
    """Write clicks in the middle of every half second."""
    wave = beeps(seconds, rate)
    channels = av.AudioLayout(layout).nb_channels
    shown = np.repeat(wave[:, :1], channels, 1) if channels != 2 else wave
    if samples.startswith("s16"):
        shown = (shown * 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        stream: Any = container.add_stream(codec, rate=rate, layout=layout)
        for number in range(round(seconds * 10)):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts = number
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        is_planar = samples.endswith("p")
        for start in range(0, len(shown), 960):
            part = shown[start : start + 960]
            laid = np.ascontiguousarray(part.T) if is_planar else np.ascontiguousarray(part.reshape(1, -1))
            heard = av.AudioFrame.from_ndarray(laid, format=samples, layout=layout)
            heard.sample_rate, heard.pts, heard.time_base = rate, start, Fraction(1, rate)
            container.mux(stream.encode(heard))
        container.mux(stream.encode(None))
    return path


def decoded(reader: SoundReader, start: float, seconds: float) -> NDArray[np.int16]:
    data = reader.read(start, seconds)
    assert len(data) == 4 * round(seconds * reader.rate)
    return np.frombuffer(data, np.int16).reshape(-1, 2)


def loud_places(samples: NDArray[np.int16], start: float, rate: int = RATE) -> list[float]:
    """Return the middles of the clicks, in seconds of the file."""
    loud = np.flatnonzero(np.abs(samples[:, 0].astype(int)) > 6000)
    if not len(loud):
        return []
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > rate // 10) + 1)
    return [start + float(group[0] + group[-1]) / 2 / rate for group in groups]


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout", "samples"),
    [
        ("a.mp4", "aac", 48_000, "stereo", "fltp"),
        ("b.mp4", "aac", 44_100, "mono", "fltp"),
        ("c.mp4", "aac", 48_000, "5.1", "fltp"),
        ("a.mkv", "libopus", 48_000, "stereo", "flt"),
        ("b.mkv", "flac", 44_100, "stereo", "s16"),
        ("a.avi", "libmp3lame", 44_100, "stereo", "fltp"),
        ("a.mov", "pcm_s16le", 22_050, "stereo", "s16"),
    ],
)
def test_clicks_are_where_they_were(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str, samples: str
) -> None:
    path = write_sound(tmp_path / name, codec, rate, layout, samples)
    # AVI knows nothing of the samples that an MP3 encoder puts in front.
    tolerance = 0.03 if name == "a.avi" else 0.002
    reader = SoundReader(path)
    expected = [0.25 + half / 2 for half in range(6)]
    assert loud_places(decoded(reader, 0.0, SECONDS), 0.0) == pytest.approx(expected, abs=tolerance)
    for start in (2.0, 0.6, 1.4, 0.0):
        found = loud_places(decoded(reader, start, 0.5), start)
        assert found == pytest.approx([one for one in expected if start <= one < start + 0.5], abs=tolerance)
    reader.close()


def test_reading_on_is_seamless(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp4", "aac")
    whole, pieces = SoundReader(path), SoundReader(path)
    expected = decoded(whole, 0.0, 2.0)
    got = np.concatenate([decoded(pieces, number / 10, 0.1) for number in range(20)])
    assert (got == expected).all()
    jumped = SoundReader(path)
    decoded(jumped, 2.5, 0.1)
    assert np.abs(decoded(jumped, 0.5, 1.0).astype(int) - expected[24_000:72_000]).max() < 40


def test_lossless_samples_are_exact(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mkv", "flac", samples="s16")
    wave = (beeps(SECONDS, RATE) * 32767).astype(np.int16)
    reader = SoundReader(path)
    for start in (1.0, 0.5, 0.0):
        first = round(start * RATE)
        assert (decoded(reader, start, 1.0) == wave[first : first + RATE]).all()


def test_a_mono_track_is_heard_on_both_sides_as_loud(tmp_path: Path) -> None:
    samples = decoded(SoundReader(write_sound(tmp_path / "a.mkv", "flac", layout="mono", samples="s16")), 0.0, 1.0)
    assert (samples[:, 0] == samples[:, 1]).all()
    assert np.abs(samples).max() == pytest.approx(0.8 * 32767, rel=0.02)


def test_outside_is_silence(tmp_path: Path) -> None:
    reader = SoundReader(write_sound(tmp_path / "a.mp4", "aac"))
    assert not decoded(reader, -1.0, 1.0).any()
    assert not decoded(reader, SECONDS + 0.2, 1.0).any()
    assert not decoded(reader, 500.0, 0.1).any()
    assert loud_places(decoded(reader, -0.5, 1.0), -0.5) == pytest.approx([0.25], abs=0.002)
    assert loud_places(decoded(reader, 2.5, 2.0), 2.5) == pytest.approx([2.75], abs=0.002)
    assert reader.read(0.0, 0.0) == b""


def test_another_rate(tmp_path: Path) -> None:
    reader = SoundReader(write_sound(tmp_path / "a.mp4", "aac"), rate=44_100)
    assert loud_places(decoded(reader, 1.0, 1.0), 1.0, 44_100) == pytest.approx([1.25, 1.75], abs=0.002)


def test_tracks_by_number(tmp_path: Path) -> None:
    loud = write_sound(tmp_path / "loud.mp4", "aac")
    ffmpeg("-i", loud, "-f", "lavfi", "-i", "anullsrc=duration=3", "-map", "0:v", "-map", "1:a", "-map", "0:a", "-c:v",
           "copy", "-c:a", "aac", tmp_path / "two.mp4")  # fmt: skip
    assert not decoded(SoundReader(tmp_path / "two.mp4", 0), 0.0, 1.0).any()
    assert len(loud_places(decoded(SoundReader(tmp_path / "two.mp4", 1), 0.0, 1.0), 0.0)) == 2
    assert not decoded(SoundReader(tmp_path / "two.mp4", 7), 0.0, 1.0).any()


def test_a_late_track_starts_late(tmp_path: Path) -> None:
    ffmpeg("-itsoffset", "0.7", "-i", write_sound(tmp_path / "a.mp4", "aac"), "-i", tmp_path / "a.mp4", "-map", "0:a",
           "-map", "1:v", "-c", "copy", tmp_path / "late.mkv")  # fmt: skip
    reader = SoundReader(tmp_path / "late.mkv")
    assert loud_places(decoded(reader, 0.0, 1.5), 0.0) == pytest.approx([0.95, 1.45], abs=0.003)


def test_no_sound_is_silence(tmp_path: Path) -> None:
    assert not decoded(SoundReader(write_numbered(tmp_path / "a.mp4", 5)), 0.0, 0.2).any()


def test_broken_packets_are_passed_over(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mkv", "flac", samples="s16")
    with av.open(str(path)) as container:
        places = [(packet.pos or 0, packet.size) for packet in container.demux(audio=0) if packet.size]
    data = bytearray(path.read_bytes())
    for start, size in places[10:14]:
        data[start + 8 : start + size] = bytes(size - 8)
    path.write_bytes(data)
    found = loud_places(decoded(SoundReader(path), 0.0, SECONDS), 0.0)
    assert found[-3:] == pytest.approx([1.75, 2.25, 2.75], abs=0.002)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        SoundReader(tmp_path / "none.mp4")
