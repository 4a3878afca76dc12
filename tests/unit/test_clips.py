"""The clips for tests show what they say."""

from pathlib import Path

import av
import numpy as np
import pytest

from faceswap_desktop.vision.detect import detect
from tests.clips import (
    PEOPLE,
    Coding,
    Sound,
    even_times,
    make_clip,
    one_person,
    rolling,
    two_people,
    uneven_times,
)


def test_truth_says_where_each_face_is(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "two.mp4", [two_people(0.2)])

    with av.open(str(clip.path)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in container.decode(video=0)]
    assert len(frames) == clip.frames == len(clip.truth) == 6
    found = sorted(detect(frames[5]), key=lambda face: float(face.box[0]))
    for name, face in zip(("collins", "hopper"), found, strict=True):
        matrix = clip.truth[5][name]
        expected = matrix[:, :2] @ np.array(PEOPLE[name].middle) + matrix[:, 2]
        assert np.abs((face.box[:2] + face.box[2:]) / 2 - expected).max() < 5


def test_cuts_are_first_frames_of_later_scenes(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "cut.mp4", [one_person(0.2), one_person(0.3, "hopper")], size=(160, 90))

    assert clip.cuts == (6,)
    assert list(clip.truth[5]) == ["collins"]
    assert list(clip.truth[6]) == ["hopper"]


def test_everything_asked_for_is_in_the_file(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "all.mp4",
        [one_person(0.4)],
        size=(90, 160),
        times=uneven_times(0.4),
        coding=Coding(key_every=4),
        sound=(Sound(), Sound(660.0, language="deu", channels=1)),
        subtitles=((0.0, 0.2, "Grüß Gott"),),
        chapters=((0.0, 0.2, "one"), (0.2, 0.4, "two")),
        rotation=90,
        metadata={"title": "A clip"},
    )

    with av.open(str(clip.path)) as container:
        assert [stream.type for stream in container.streams][:4] == ["video", "audio", "audio", "subtitle"]
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["one", "two"]
        assert container.metadata["title"] == "A clip"
        frames = list(container.decode(video=0))
    assert (frames[0].width, frames[0].height) == (160, 90)
    assert frames[0].rotation == -90  # against the clock
    assert [float(frame.time) for frame in frames] == pytest.approx(clip.times, abs=1e-4)


def test_uneven_times_are_uneven() -> None:
    steps = np.diff(uneven_times(1.0))

    assert (steps > 0).all()
    assert steps.max() > 3 * steps.min()
    assert np.ptp(np.diff(even_times(1.0))) < 1e-9


@pytest.mark.parametrize("name", ["small.gif", "small.webp"])
def test_animations(name: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / name, [one_person(0.3, "hopper", rolling())], size=(80, 60), rate=10.0)

    assert clip.path.stat().st_size > 1000
    assert clip.frames == 3
