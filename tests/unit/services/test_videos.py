"""Videos in the program as it is built: opened, indexed, looked through, and taken up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.errors import InputRefused, StorageError, UsageError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.services.openings import AnalysisStatus
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.storage.paths import Home
from tests.clips import make_clip, two_people
from tests.unit.services.conftest import HOPPER, until

PATIENCE_S = 120


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "two 人.mp4", [two_people(1.0)]).path


def the_video(program: Program) -> StudioPicture:
    (picture,) = program.studio.pictures
    return picture


async def looked_through(program: Program, clip: Path) -> StudioPicture:
    program.studio.open([clip])
    ended = {AnalysisStatus.DONE, AnalysisStatus.FAILED}
    await until(
        lambda: the_video(program).analysis_status in ended or the_video(program).status is PictureStatus.FAILED,
        PATIENCE_S,
    )
    assert the_video(program).analysis_status is AnalysisStatus.DONE
    return the_video(program)


async def test_a_video_in_the_studio_shows_its_people(working: Program, clip: Path) -> None:
    video = await looked_through(working, clip)
    assert video.is_video
    assert video.media is not None
    assert video.analysis is not None
    assert video.times is not None
    assert len(video.times) == video.analysis.frames
    assert [face.index for face in video.faces] == [one.index for one in video.analysis.identities]
    assert len(video.faces) == 2
    found = await working.videos.faces_in(video.media, FrameRange(0, 3), video.analysis)
    assert [[face.index for face in found[frame]] for frame in range(3)] == [[0, 1]] * 3
    (frame,) = await working.videos.frames(video.media, [7], max_edge=320)
    assert (frame.number, len(frame.pixels)) == (7, frame.stride * frame.size.height)


async def test_changes_to_who_is_who_are_there_after_a_restart(home: Home, clip: Path) -> None:
    first = await build(home)
    await first.pool.start(warm=False)
    video = await looked_through(first, clip)
    assert video.media is not None
    assert video.analysis is not None
    target = TargetFaceRef(video.media.id, 1)
    first.studio.set_board(first.studio.board.paired([target], SourceFaceId("grace")))
    first.studio.set_ages({target: 20, TargetFaceRef(video.media.id, 0): 0})
    first.studio.set_trim(video.key, FrameRange(3, 20))
    split = await first.videos.split(video.media, video.analysis, 0, 10)
    first.studio.set_analysis(video.key, split)
    assert [face.index for face in the_video(first).faces] == [0, 2, 1]
    assert first.studio.ages_of(video.media.id) == {1: 20}
    await first.close()

    again = await build(home)
    await again.pool.start(warm=False)
    await again.studio.restore()
    await until(lambda: the_video(again).analysis_status is AnalysisStatus.DONE, PATIENCE_S)
    assert the_video(again).analysis == split
    assert (again.studio.trim_of(video.key), dict(again.studio.ages)) == (FrameRange(3, 20), {target: 20})
    assert again.studio.paired_pictures() == [the_video(again)]
    await again.close()


async def test_a_video_is_looked_through_once(working: Program, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = working.pool.run

    async def noted(task: str, *arguments: Any, **options: Any) -> Any:
        asked.append(task)
        return await real(task, *arguments, **options)

    monkeypatch.setattr(working.pool, "run", noted)
    media = await working.videos.probe(clip)
    first = await working.videos.analyse(media, lambda share: None)
    assert {"analyse_chunk", "link_tracks"} <= set(asked)
    asked.clear()
    shares: list[float] = []
    assert await working.videos.analyse(media, shares.append) == first
    assert (asked, shares) == ([], [1.0])

    (linked,) = Path(working.videos.files_of(media).tracks).glob("linked-*")
    good = linked.read_bytes()
    linked.write_bytes(good[:-9] + b"x" * 9)
    with pytest.raises(StorageError) as missing:
        await working.videos.faces_in(media, FrameRange(0, 3), first)
    assert missing.value.kind == "tracks-missing"
    assert await working.videos.analyse(media, lambda share: None) == first
    assert "link_tracks" in asked
    assert linked.read_bytes() == good


async def test_what_the_analysis_saw_is_the_gates_verdict(
    working: Program, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = working.pool.run

    async def noted(task: str, *arguments: Any, **options: Any) -> Any:
        asked.append(task)
        return await real(task, *arguments, **options)

    media = await working.videos.probe(clip)
    assert await working.clearance.known(media) is None
    await working.videos.analyse(media, lambda share: None)
    verdict = await working.clearance.known(media)
    assert verdict is not None
    assert verdict.sightings == ()
    monkeypatch.setattr(working.pool, "run", noted)
    assert (await working.clearance.media(media)).media == media
    assert asked == []


async def test_a_recipe_keeps_the_tracks_that_were_meant(working: Program, clip: Path) -> None:
    video = await looked_through(working, clip)
    assert video.media is not None
    assert video.analysis is not None
    source = (await working.library.add_photos([HOPPER])).added[0]
    make = working.swapping.make_recipe
    recipe = await make(
        video.media,
        video.faces,
        {1: source.id},
        SwapOptions(),
        ages={0: -10, 1: 0},
        analysis=video.analysis,
        trim=FrameRange(5, 25),
    )
    known = {one.index: one for one in video.analysis.identities}
    assert {target.index: target.parts for target in recipe.targets} == {0: known[0].parts, 1: known[1].parts}
    assert (recipe.trim, [(one.target.index, one.years) for one in recipe.ages]) == (FrameRange(5, 25), [(0, -10)])
    with pytest.raises(UsageError):
        await make(video.media, video.faces, {}, SwapOptions(), ages={0: 31}, analysis=video.analysis)
    with pytest.raises(UsageError):
        await make(video.media, video.faces, {}, SwapOptions(), ages={0: 0}, analysis=video.analysis)


async def test_splitting_where_there_is_nothing_to_split(working: Program, clip: Path) -> None:
    video = await looked_through(working, clip)
    assert video.media is not None
    assert video.analysis is not None
    for frame in (0, video.analysis.frames):
        with pytest.raises(InputRefused):
            await working.videos.split(video.media, video.analysis, 0, frame)


async def test_what_is_no_video_is_refused_with_a_reason(working: Program, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.mp4"
    rubbish.write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 20)
    working.studio.open([rubbish])
    await until(lambda: the_video(working).status is PictureStatus.FAILED, PATIENCE_S)
    assert the_video(working).error is not None
