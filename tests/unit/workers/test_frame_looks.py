"""Frames are looked at again once they are rendered, and before they are shown; results of pictures too."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from faceswap_desktop.domain.clearance import ClearedMedia
from faceswap_desktop.domain.errors import SensitiveContent
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision import sensitive
from faceswap_desktop.workers import frame_looks, pictures, read_tasks
from faceswap_desktop.workers.chunk_work import render_work
from faceswap_desktop.workers.cluster import render_remotely, versions_here
from faceswap_desktop.workers.reage_tasks import render_filmstrip
from faceswap_desktop.workers.render_requests import RenderChunks, RenderFilmstrip, RenderFrames
from faceswap_desktop.workers.render_tasks import render_chunks, render_frames
from faceswap_desktop.workers.requests import SwapToFile
from faceswap_desktop.workers.swap_tasks import swap_to_file
from faceswap_desktop.workers.work_maker import WorkMaker
from tests.clearing import cleared, cleared_media
from tests.clips import Effect, Rgb, make_clip, one_person
from tests.followed import MAX_PIXELS, Followed, followed
from tests.scripted_looks import HARMLESS, OVER, REFUSED
from tests.unit.workers.people import COLLINS, HOPPER, Listener, keep, open_faces, recipe_for

SIZE: Final = (240, 136)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path / "scratch")
    made.context.threads = 1
    frame_looks.forget_seen()
    yield made
    frame_looks.forget_seen()
    read_tasks.forget_kept()
    pictures.forget_kept()


def bared(start: float, end: float) -> Effect:
    """Turn the lower half of the frame into what the scripted scores refuse, between two times."""

    def change(frame: Rgb, now: float) -> Rgb:
        if not start - 1e-6 <= now < end - 1e-6:
            return frame
        changed = frame.copy()
        changed[frame.shape[0] // 2 :] = REFUSED
        return changed

    return change


def clip_of(folder: Path, listener: Listener, *effects: Effect, seconds: float = 1.0, rotation: int = 0) -> Followed:
    scene = one_person(seconds, "collins", None, *effects)
    clip = make_clip(folder / "dance.mp4", [scene], size=SIZE, rate=20.0, rotation=rotation)
    return followed(clip, folder, listener.context, {"collins": "hopper"})


def request_of(one: Followed, folder: Path, *borders: int) -> RenderChunks:
    folder.mkdir()
    return RenderChunks(cleared(one.recipe), one.sources, one.files, one.chunks(*borders), str(folder), "", MAX_PIXELS)


# --------------------------------------------------------------------------------------------------- rendered chunks


def test_a_rendered_frame_that_is_refused_stops_the_work(
    tmp_path: Path, listener: Listener, scores: list[float]
) -> None:
    one = clip_of(tmp_path, listener, bared(0.7, 1.0))
    request = request_of(one, tmp_path / "chunks", 10)
    with pytest.raises(SensitiveContent) as refusal:
        render_chunks(request, listener.context)

    # Between the frames that were looked at before the run, which are 0 and 10.
    (seen,) = refusal.value.sightings
    assert seen == Sighting(OVER, False, 15, seen.seconds)
    assert seen.seconds == pytest.approx(0.75)
    assert "“dance.mp4”" in str(refusal.value)
    assert "0:00" in str(refusal.value)
    assert [path.name for path in (tmp_path / "chunks").iterdir()] == ["chunk-000000.fsc"]


def test_work_without_a_hit_is_looked_at_twice_a_second(
    tmp_path: Path, listener: Listener, scores: list[float]
) -> None:
    one = clip_of(tmp_path, listener)
    scores.clear()
    reply = render_chunks(request_of(one, tmp_path / "chunks"), listener.context)

    assert [chunk.frames for chunk in reply.chunks] == [20]
    assert reply.chunks[0].timings["look"] > 0
    # Frames 0, 5 and 15: the whole of each, and the body where that is much less.
    assert 3 <= len(scores) <= 6
    assert set(scores) == {HARMLESS}


def test_every_chunk_is_looked_at_however_short(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    one = clip_of(tmp_path, listener, bared(0.45, 0.6))
    maker = _maker(one)
    looks = [tuple(maker.make(number, frames).looks) for number, frames in one.chunks(6, 9, 12)]

    assert looks == [(0, 5), (6,), (9,), (15,)]
    with pytest.raises(SensitiveContent):
        render_chunks(request_of(one, tmp_path / "chunks", 6, 9, 12), listener.context)


def test_a_rendered_frame_is_looked_at_upright(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = set()

    def remembered(picture: Rgb) -> float:
        shapes.add(picture.shape)
        return HARMLESS

    monkeypatch.setattr(sensitive, "score", remembered)
    one = clip_of(tmp_path, listener, seconds=0.2, rotation=90)
    render_chunks(request_of(one, tmp_path / "chunks"), listener.context)
    assert (SIZE[1], SIZE[0], 3) in shapes


def test_a_cluster_looks_as_well(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    one = clip_of(tmp_path, listener, bared(0.2, 0.3), seconds=0.4)
    work = _maker(one).make(0, FrameRange(0, 8), with_packets=True)
    with pytest.raises(SensitiveContent) as refusal:
        render_remotely(pickle.dumps(work), versions_here())
    assert [seen.frame for seen in refusal.value.sightings] == [5]


def test_looking_changes_no_byte(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    one = clip_of(tmp_path, listener, seconds=0.3)
    work = _maker(one).make(0, FrameRange(0, 6), with_packets=True)
    assert render_work(work).packed == render_work(replace(work, looks={})).packed


def _maker(one: Followed) -> WorkMaker:
    from faceswap_desktop.media.video.reader import FrameReader

    return WorkMaker(one.recipe, one.sources, one.files, one.index, FrameReader(one.media.path, one.index))


# ---------------------------------------------------------------------------------------------------------- previews


def preview(one: Followed, *numbers: int) -> RenderFrames:
    return RenderFrames(cleared_media(one.media), one.files, numbers, 240, one.recipe, one.sources)


def test_a_frame_is_looked_at_before_it_is_shown(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    one = clip_of(tmp_path, listener, bared(0.2, 0.25), seconds=0.5)
    scores.clear()
    for _ in range(2):
        with pytest.raises(SensitiveContent) as refusal:
            render_frames(preview(one, 4), listener.context)
        assert [seen.frame for seen in refusal.value.sightings] == [4]
    # The second time it was known.
    assert len(scores) == 1


def test_frames_that_pass_are_looked_at_once(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    one = clip_of(tmp_path, listener, seconds=0.6)
    scores.clear()
    for _ in range(2):
        reply = render_frames(preview(one, *range(12)), listener.context)
        assert reply.pixels is not None
        reply.pixels.release()
        # Of frames that follow each other, four a second: 0, 5 and 10, each whole or with a body.
        assert 3 <= len(scores) <= 6


def test_the_strip_of_ages_looks_at_a_videos_frame(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    one = clip_of(tmp_path, listener, bared(0.0, 1.0), seconds=0.2)
    with pytest.raises(SensitiveContent):
        render_filmstrip(_strip(cleared_media(one.media), one), listener.context)


def _strip(media: ClearedMedia, one: Followed) -> RenderFilmstrip:
    return RenderFilmstrip(media, MAX_PIXELS, one.recipe.targets[0], (0,), 64, files=one.files)


# ----------------------------------------------------------------------------------------------------- single pictures


def test_a_refused_result_is_not_written(tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(COLLINS, tmp_path / "them", listener.context)
    opened = open_faces(HOPPER, listener.context)
    assert opened.faces is not None
    recipe = recipe_for(opened.media, list(opened.faces))
    folder = tmp_path / "out"
    folder.mkdir()
    request = SwapToFile(cleared(recipe), {SourceFaceId("them"): kept.files}, str(folder / "result"), MAX_PIXELS)

    monkeypatch.setattr(sensitive, "score", lambda picture: OVER)
    with pytest.raises(SensitiveContent) as refusal:
        swap_to_file(request, listener.context)
    assert "grace_hopper.jpg" in str(refusal.value)
    assert list(folder.iterdir()) == []

    monkeypatch.undo()
    done = swap_to_file(request, listener.context)
    assert Path(done.path).is_file()
    assert done.timings["look"] > 0
    assert np.isfinite(done.seconds)
