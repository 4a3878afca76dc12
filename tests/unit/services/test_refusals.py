"""What people see of refusals: blurred pictures, parts, verdicts in the Studio; the workers are real."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import InputRefused, UsageError, WorkerError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.sensitive import RefusedMedia, Role, Sighting, Verdict, moments
from faceswap_desktop.domain.sensitive_words import refused_picture, refused_video, seconds_of
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.services.openings import StudioPicture
from faceswap_desktop.storage.looks import LookStore, RefusalStore
from tests.clips import make_clip, no_faces
from tests.unit.services.conftest import COLLINS, HOPPER, names_in, until


async def test_nothing_can_be_made_out_of_a_blurred_picture(working: Program) -> None:
    made = await working.refusals.blurred(str(COLLINS))
    assert max(made.width, made.height) == 160
    assert len(made.rgb) == 3 * made.width * made.height
    grey = Image.frombytes("RGB", (made.width, made.height), made.rgb).convert("L").tobytes()
    steps = [abs(one - other) for one, other in pairwise(grey)]
    inside = [step for place, step in enumerate(steps) if (place + 1) % made.width]
    assert max(inside) < 25
    with pytest.raises(InputRefused):
        await working.refusals.blurred("/gone/picture.png")


async def test_parts_are_named_after_the_original_and_never_overwrite(working: Program) -> None:
    media, _ = await working.detection.detect(COLLINS)
    box = BoundingBox(150, 60, 310, 230)
    before = COLLINS.read_bytes()
    first, second = [Path(await working.refusals.crop(media, box)) for _ in range(2)]
    assert first != second
    assert {first.parent, second.parent} == {working.home.parts_folder}
    assert names_in(working.home.parts_folder) == sorted([first.name, second.name])
    assert all(COLLINS.stem in one.name for one in (first, second))
    with Image.open(first) as part, Image.open(COLLINS) as whole:
        assert part.size == (160, 170)
        assert part.convert("RGB").tobytes() == whole.convert("RGB").crop((150, 60, 310, 230)).tobytes()
    assert COLLINS.read_bytes() == before
    with pytest.raises(UsageError, match="too small"):
        await working.refusals.crop(media, BoundingBox(10, 10, 12, 12))


async def test_the_studio_learns_of_a_verdict_by_itself(working: Program) -> None:
    seen = (Sighting(0.9),)
    await LookStore(working.database).put(Verdict(fingerprint(COLLINS).quick_digest, seen))
    working.studio.open([COLLINS, HOPPER])
    await until(lambda: all(one.verdict is not None for one in working.studio.pictures), 60)
    refused, clean = working.studio.pictures
    assert refused.refused_in(None) == seen
    assert clean.refused_in(None) == ()
    # What the real network saw of the other one is kept: nobody looks twice.
    assert await working.refusals.known(clean.media) == clean.verdict  # type: ignore[arg-type]


async def test_a_video_of_the_studio_is_looked_at_with_its_analysis(working: Program, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [no_faces(1.0)], size=(160, 90), rate=10.0).path
    working.studio.open([clip])
    await until(lambda: working.studio.pictures[0].verdict is not None, 120)
    assert working.studio.pictures[0].refused_in(None) == ()


async def test_what_goes_wrong_while_a_video_is_looked_through_is_one_error(
    working: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [no_faces(1.0)], size=(160, 90), rate=10.0).path
    media = (await working.videos.index(await working.videos.probe(clip))).media
    run = working.pool.run

    async def crash(task: str, request: object, **options: Any) -> Any:
        if task == "look_at_video":
            raise WorkerError(message("A worker crashed."))
        return await run(task, request, **options)

    monkeypatch.setattr(working.pool, "run", crash)
    with pytest.raises(WorkerError):
        await working.clearance.look(media)
    assert await working.clearance.known(media) is None


async def test_a_picture_that_is_gone_disturbs_nobody(working: Program, tmp_path: Path) -> None:
    path = Path(shutil.copy(COLLINS, tmp_path / "gone.png"))
    media, _ = await working.detection.detect(path)
    path.unlink()
    working.studio.open([HOPPER])
    key = working.studio.pictures[0].key
    await until(lambda: working.studio.pictures[0].verdict is not None, 60)
    working.studio.update(key, verdict=None)
    working.studio._openings._look_at(key, media)
    await until(lambda: not working.studio._openings._looks, 60)
    assert working.studio.pictures[0].verdict is None


async def test_forgetting_takes_a_file_off_the_list_only(program: Program) -> None:
    seen = (Sighting(0.9),)
    for name in ("a.png", "b.png"):
        await RefusalStore(program.database).add(RefusedMedia(Role.TARGET, f"/x/{name}", name, seen, 1.0))
    await LookStore(program.database).put(Verdict("digest", seen))
    await program.refusals.forget(["/x/a.png"])
    assert [one.name for one in await program.refusals.newest()] == ["b.png"]
    assert await LookStore(program.database).get("digest") == Verdict("digest", seen)


def test_what_is_refused_of_a_video_depends_on_what_is_chosen() -> None:
    seen = (Sighting(0.9, frame=50, seconds=2.0),)
    picture = StudioPicture("k", "k", verdict=Verdict("d", seen))
    # Of what is no video, frames mean nothing.
    assert picture.refused_in(FrameRange(0, 10)) == seen
    assert Verdict("d", seen).within(FrameRange(0, 10)) == ()


def test_looks_that_follow_each_other_are_one_moment() -> None:
    seen = tuple(Sighting(0.9, frame=round(one * 10), seconds=one) for one in (1.0, 1.5, 2.0, 6.0, 9.0, 9.5))
    assert [(first.seconds, last.seconds) for first, last in moments(seen)] == [(1.0, 2.0), (6.0, 6.0), (9.0, 9.5)]
    assert moments(()) == ()


def test_only_sentences_on_times_come_with_times() -> None:
    seen = (Sighting(0.9, frame=0, seconds=0.0), Sighting(0.9, frame=5, seconds=0.5004))
    video = refused_video("a.mp4", Role.TARGET, seen)
    picture = refused_picture("a.png", Role.TARGET, seen[:1])
    assert seconds_of(video.message, video.sightings) == [0.0, 0.5]
    assert seconds_of(picture.message, picture.sightings) == []
