from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import FivePoints, PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.domain.video import FrameRange, TrackPart, VideoFacts
from faceswap_desktop.domain.work import FrameProgress, Handle, SourceFiles, StepPlan, Transfer
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.providers.facts import facts_of
from faceswap_desktop.providers.fitting import (
    FaceTouched,
    Placement,
    fit,
    inspect,
    make_copies,
    region_around,
    region_of,
    sent_frames,
    take_result,
)
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared
from tests.numbered import write_numbered
from tests.unit.media import making
from tests.unit.workers.people import COLLINS, HOPPER

AKOOL, AIGS, AIFACESWAP = facts_of("akool"), facts_of("aigs"), facts_of("aifaceswap")


def face(left: float, top: float, size: float, index: int = 0, **more: Any) -> TargetFace:
    points = cast("FivePoints", tuple(Point(left + size / 2, top + size / 2) for _ in range(5)))
    return TargetFace(index, BoundingBox(left, top, left + size, top + size), points, **more)


def recipe(
    size: tuple[int, int] = (1000, 800),
    *targets: TargetFace,
    kind: str = "JPEG",
    length: int = 1000,
    ages: tuple[FaceAge, ...] = (),
    video: VideoFacts | None = None,
    **more: Any,
) -> Recipe:
    media = Media(
        MediaId("media"),
        "/nowhere/party.jpg",
        MediaKind.VIDEO if video is not None else MediaKind.IMAGE,
        Size(*size),
        kind,
        Fingerprint(length, 0, "digest"),
        video=video,
    )
    source = SourceRef(SourceFaceId("them"), "Them", (PhotoId("photo"),))
    faces = targets or (face(400, 300, 200),)
    pairings = () if ages and not targets else tuple(FacePairing(one, source) for one in faces)
    return Recipe("akool", media, pairings, ages=ages, **more)


def clip(seconds: float = 10.0, codec: str = "h264") -> VideoFacts:
    return VideoFacts(seconds, round(seconds * 25), 25.0, codec, "yuv420p", 8, 1280, 720)


def said(sentences: tuple[Any, ...]) -> str:
    return " ".join(one.text() for one in sentences)


# ---------------------------------------------------------------------------------------------------------- sentences


@pytest.mark.parametrize("facts", [AKOOL, AIGS, AIFACESWAP])
def test_what_fits_is_sent_as_it_is(facts: Any) -> None:
    found = fit(recipe(), facts)
    assert (found.mends, found.refusals) == ((), ())


@pytest.mark.parametrize(
    ("made", "facts", "word"),
    [
        (recipe((3000, 2000), face(400, 300, 900)), AIFACESWAP, "scaled to 2048 pixels"),
        (recipe(length=9_000_000), AIGS, "below 5 MB"),
        (recipe(kind="HEIF"), AKOOL, "as JPEG"),
        (recipe(kind="WEBP"), AIGS, "as JPEG"),
        (recipe((3000, 2000)), AIGS, "Only the region around the face"),
        (recipe(bystanders=(BoundingBox(700, 300, 900, 500),)), AIGS, "Only the region around the face"),
        (recipe((200, 160), face(40, 30, 60)), AKOOL, "enlarged"),
        (recipe((1280, 720), video=clip(90)), AKOOL, "first 60 seconds"),
        (recipe((1280, 720), video=clip(90), trim=FrameRange(100, 350)), AKOOL, "chosen 10 seconds"),
        (recipe((3840, 2160), video=clip()), AKOOL, "scaled to 1920 pixels"),
        (recipe((1280, 720), video=clip(codec="hevc")), AKOOL, "H.264 in MP4"),
        (recipe((1280, 720), video=clip(), length=300_000_000), AKOOL, "below 200 MB"),
    ],
)
def test_what_can_be_mended_is_said_and_not_refused(made: Recipe, facts: Any, word: str) -> None:
    if made.is_video:
        made = replace(made, media=replace(made.media, format="MP4"))
    found = fit(made, facts)
    assert found.refusals == ()
    assert word in said(found.mends)


@pytest.mark.parametrize(
    ("made", "facts", "word"),
    [
        (recipe((1000, 800), *(face(0, 0, 100, number) for number in range(9))), AKOOL, "8 faces per job"),
        (recipe((1000, 800), face(0, 0, 100), face(500, 0, 100, 1)), AIGS, "one face per job"),
        (recipe(ages=(FaceAge(face(400, 300, 200), 20),)), AIFACESWAP, "cannot change ages"),
        (recipe(ages=(FaceAge(face(400, 300, 200), 20),)), AIGS, "cannot change ages"),
        (recipe(ages=(FaceAge(face(400, 300, 200), 30),)), replace(AKOOL, reage_years=20), "20 years at most"),
        (recipe((1280, 720), video=clip()), AIGS, "takes no videos"),
        (recipe((1280, 720), video=clip()), AIFACESWAP, "takes no videos"),
        (recipe((1280, 720), video=clip(200), trim=FrameRange(0, 2000)), AKOOL, "80 are chosen"),
        (recipe((1000, 800), face(10, 10, 15)), AKOOL, "needs 80"),
        (recipe((1280, 720), face(10, 10, 60), video=clip()), AKOOL, "needs 80"),
        (recipe((9000, 90), face(10, 10, 80)), replace(AIFACESWAP, min_face_px=0), "too narrow"),
        (recipe((3000, 2000), target_url="https://example.org/a.jpg"), AIFACESWAP, "without the address"),
        (recipe(bystanders=(BoundingBox(580, 300, 780, 500),)), AIGS, "touches face 1"),
    ],
)
def test_what_cannot_be_mended_is_refused(made: Recipe, facts: Any, word: str) -> None:
    assert word in said(fit(made, facts).refusals)


def test_a_face_outside_of_what_is_sent_is_refused() -> None:
    late = face(400, 300, 200, parts=(TrackPart(FrameRange(1600, 1900), 0),))
    assert "Face 1 is not seen" in said(fit(recipe((1280, 720), late, video=clip(90)), AKOOL).refusals)
    chosen = recipe((1280, 720), late, video=clip(90), trim=FrameRange(1500, 1700))
    assert fit(chosen, AKOOL).refusals == ()
    assert sent_frames(chosen, AKOOL) == FrameRange(1500, 1700)


def test_seconds_are_rounded_as_people_write_them() -> None:
    made = recipe((1280, 720), video=clip(90), trim=FrameRange(0, 1490))
    assert "59.6 seconds" in said(fit(made, AKOOL).mends)


# ------------------------------------------------------------------------------------------------------------ regions


def test_a_region_holds_the_face_and_no_other() -> None:
    wanted = BoundingBox(400, 300, 600, 500)
    others = [BoundingBox(700, 300, 900, 500), BoundingBox(100, 320, 250, 480)]
    region = region_around(wanted, others, Size(1000, 800))
    assert region is not None
    assert region.left <= 370
    assert region.right >= 630
    assert all(region.overlap(other) == 0.0 for other in others)


sides = st.integers(0, 900)


@given(st.lists(st.tuples(sides, sides, st.integers(20, 400)), min_size=1, max_size=6))
def test_no_region_shows_another_face(boxes: list[tuple[int, int, int]]) -> None:
    size = Size(1000, 900)
    wanted, *others = [BoundingBox(x, y, x + side, y + side).clipped(size) for x, y, side in boxes]
    if wanted.area < 1:
        return
    region = region_around(wanted, others, size)
    if region is None:
        assert others
        return
    assert all(region.overlap(other) == 0.0 for other in others)
    assert region.clipped(size) == region
    assert region.left <= wanted.left + 1
    assert region.bottom >= wanted.bottom - 1


def test_large_pictures_of_small_faces_are_sent_in_part() -> None:
    made = recipe((9000, 6000), face(400, 300, 90), face(700, 300, 90, 1))
    region = region_of(made, AKOOL)
    assert region is not None
    assert region == BoundingBox(310, 210, 880, 480)
    assert region_of(recipe((9000, 6000), face(400, 300, 900)), AKOOL) is None
    assert fit(made, AKOOL).refusals == ()


def test_a_face_that_is_touched_cannot_be_chosen() -> None:
    with pytest.raises(FaceTouched):
        region_of(recipe(bystanders=(BoundingBox(580, 300, 780, 500),)), AIGS)


def test_where_the_address_is_sent_there_is_no_region() -> None:
    assert region_of(recipe((3000, 2000), target_url="https://example.org/a.jpg"), AIGS) is None


# ---------------------------------------------------------------------------------------------------------- placement


numbers = st.floats(-500, 5000)


@given(numbers, numbers, numbers, numbers, st.integers(1, 3000), st.integers(1, 3000))
def test_boxes_go_there_and_back(left: float, top: float, right: float, bottom: float, width: int, height: int) -> None:
    place = Placement(30, 70, width, height, 640, 360, 5000, 4000)
    box = BoundingBox(left, top, right, bottom)
    back = place.from_copy(place.to_copy(box))
    assert (back.left, back.top, back.right, back.bottom) == pytest.approx((left, top, right, bottom), abs=1e-6)


def test_a_placement_is_kept_in_the_ledger() -> None:
    place = Placement(1, 2, 300, 400, 150, 200, 900, 800, 7, 0.28, (BoundingBox(5.5, 6, 70, 80),))
    assert Placement.from_text(place.to_text()) == place
    assert place.to_copy(BoundingBox(1, 2, 301, 402)) == BoundingBox(0, 0, 150, 200)
    assert (place.is_cropped, place.is_smaller) == (True, True)
    for text in ("", "{}", "[]", '{"left": 1}', "null"):
        with pytest.raises(ValueError, match=r".*"):
            Placement.from_text(text)


# ------------------------------------------------------------------------------------------------------------- copies


@dataclass
class Context:
    """A job's surroundings without a runner."""

    recipe: Recipe
    folder: Path
    sources: Mapping[SourceFaceId, SourceFiles] = field(default_factory=dict)
    job: JobId = field(default_factory=lambda: JobId("job"))
    max_pixels: int = 200_000_000
    is_cancelled: bool = False
    step: StepPlan = field(default_factory=lambda: StepPlan("swap"))
    prepared: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Handle] = field(default_factory=dict)
    told: list[tuple[float, str]] = field(default_factory=list)

    @property
    def cleared(self) -> ClearedRecipe:
        return cleared(self.recipe)

    @property
    def scratch_folder(self) -> str:
        self.folder.mkdir(exist_ok=True)
        return str(self.folder)

    @property
    def video_cache(self) -> str:
        return str(self.folder.parent)

    def report(
        self, fraction: float, step: str, frames: FrameProgress | None = None, transfer: Transfer | None = None
    ) -> None:
        self.told.append((fraction, step))

    async def got_on(self) -> None:
        return

    async def source_files(self) -> Mapping[SourceFaceId, SourceFiles]:
        return self.sources


@pytest_asyncio.fixture
async def tools(tmp_path: Path) -> AsyncIterator[CloudTools]:
    pool = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=0, task_limit_s=120.0)
    await pool.start(warm=False)
    # Copies need workers only.
    nobody: Any = None
    yield CloudTools(pool, Settings, nobody, nobody, nobody, nobody, nobody)
    await pool.close()


def of_file(path: Path, *targets: TargetFace, **more: Any) -> Recipe:
    with Image.open(path) as image:
        made = recipe(image.size, *targets, kind=image.format or "", **more)
    return replace(made, media=replace(made.media, path=str(path), fingerprint=fingerprint(path)))


async def test_copies_of_a_picture_and_its_result(tmp_path: Path, tools: CloudTools) -> None:
    wide = Image.new("RGB", (3000, 1400), (90, 120, 60))
    with Image.open(COLLINS) as one, Image.open(HOPPER) as other:
        wide.paste(one.convert("RGB"), (100, 200))
        wide.paste(other.convert("RGB"), (1400, 300))
        both = Image.new("RGB", (1100, 600))
        both.paste(one.convert("RGB"), (0, 0))
        both.paste(other.convert("RGB"), (560, 0))
    path = making.save(wide, tmp_path / "party.png", exif=making.camera_exif())
    source = making.save(both, tmp_path / "two people.png")
    blurred = making.save(other.convert("RGB").resize((60, 70)), tmp_path / "worse.png")
    files = SourceFiles((str(blurred), str(source)), str(tmp_path / "atlas.npz"))
    target = face(1560, 420, 213)
    bystander = BoundingBox(265, 260, 380, 380)
    made = of_file(path, target, bystanders=(bystander,))
    context = Context(made, tmp_path / "scratch", {SourceFaceId("them"): files})

    copies = await make_copies(context, tools, AIGS)
    sent = copies.target
    assert sent is not None
    assert (Path(sent.path).name, sent.media_type) == ("copy-target.png", "image/png")
    assert max(sent.width, sent.height) <= 1280
    assert copies.from_copy(copies.to_copy(target.box)).overlap(target.box) == pytest.approx(1.0)
    assert copies.placement.crop.overlap(bystander) == 0.0
    them = copies.sources[SourceFaceId("them")]
    assert Path(them.path).stem == "copy-source-1"
    seen = await inspect(context, tools, them.path)
    # Of the better photo, with one of its two people.
    assert (seen.width, seen.height) == (them.width, them.height)
    assert 200 < them.width < 700
    assert {one.sha256 for one in copies.files} == {
        hashlib.sha256(Path(one.path).read_bytes()).hexdigest() for one in copies.files
    }
    assert context.told[0] == (0.0, "copy")
    assert context.told[-1] == (1.0, "copy")
    assert [share for share, _ in context.told] == sorted(share for share, _ in context.told)

    # After a restart nothing is made anew, unless it was damaged.
    before = {one.path: Path(one.path).stat().st_mtime_ns for one in copies.files}
    again = Context(made, tmp_path / "scratch", {SourceFaceId("them"): files})
    assert await make_copies(again, tools, AIGS) == copies
    assert {one: Path(one).stat().st_mtime_ns for one in before} == before
    Path(sent.path).write_bytes(b"half a")
    assert await make_copies(again, tools, AIGS) == copies
    assert Path(sent.path).stat().st_size == sent.size_bytes

    # What comes back is put into the whole picture, and the rest of it stays.
    download = tmp_path / "scratch" / "download"
    Image.new("RGB", (sent.width, sent.height), (200, 10, 10)).save(download, format="JPEG", quality=95)
    done = await take_result(context, tools, copies.placement, str(download), faces=1, seconds=2.5)
    assert (done.width, done.height, done.format, done.faces, done.seconds) == (3000, 1400, "PNG", 1, 2.5)
    with Image.open(done.path) as image:
        assert image.getpixel((int(target.box.center.x), int(target.box.center.y))) != wide.getpixel((1666, 526))
        assert image.crop((0, 0, 1200, 1400)).tobytes() == wide.crop((0, 0, 1200, 1400)).tobytes()
        assert image.getexif()[0x010F] == "Sample camera"


async def test_a_whole_result_keeps_the_services_bytes(tmp_path: Path, tools: CloudTools) -> None:
    made = of_file(HOPPER, face(160, 120, 213))
    context = Context(replace(made, pairings=()), tmp_path / "scratch")
    copies = await make_copies(context, tools, AKOOL)
    assert copies.target is not None
    assert not copies.placement.is_cropped
    download = tmp_path / "scratch" / "download.png"
    data = making.encoded(Image.new("RGB", (512, 600)), "WEBP")
    download.write_bytes(data)
    done = await take_result(context, tools, copies.placement, str(download), faces=1, seconds=1.0)
    assert Path(done.path).name == "result.webp"
    assert Path(done.path).read_bytes() == data
    download.write_bytes(b"<html>")
    with pytest.raises(InputRefused):
        await take_result(context, tools, copies.placement, str(download), faces=1, seconds=1.0)


async def test_copies_of_a_video(tmp_path: Path, tools: CloudTools) -> None:
    from faceswap_desktop.workers.video_requests import OpenedVideo, OpenVideo

    path = write_numbered(tmp_path / "a.webm", 30, codec="libvpx-vp9")
    opened: OpenedVideo = await tools.pool.run("open_video", OpenVideo(str(path), 200_000_000, 0))
    made = replace(recipe(video=clip(1.2)), media=opened.media, trim=FrameRange(5, 25), pairings=())
    context = Context(made, tmp_path / "scratch")
    facts = replace(AKOOL, video=replace(AKOOL.video, max_seconds=0.4, min_edge=48) if AKOOL.video else None)
    copies = await make_copies(context, tools, facts)
    sent = copies.target
    assert sent is not None
    assert (Path(sent.path).name, sent.media_type) == ("copy-target.mp4", "video/mp4")
    assert sent.seconds == pytest.approx(0.4)
    assert copies.placement.first_frame == 5
    assert copies.placement.start_s == pytest.approx(0.2)
    again = await make_copies(context, tools, facts)
    assert again == copies
    download = Path(sent.path).rename(tmp_path / "scratch" / "download")
    done = await take_result(context, tools, copies.placement, str(download), faces=1, seconds=1.0)
    assert (Path(done.path).name, done.format) == ("result.mp4", "MP4")
    picture = making.save(making.sample(), tmp_path / "scratch" / "picture.png")
    with pytest.raises(InputRefused, match="no video"):
        await take_result(context, tools, copies.placement, str(picture), faces=1, seconds=1.0)


async def test_what_lies_at_an_address_is_not_copied(tmp_path: Path, tools: CloudTools) -> None:
    made = replace(of_file(HOPPER, target_url="https://example.org/a.jpg"), pairings=())
    copies = await make_copies(Context(made, tmp_path / "scratch"), tools, AKOOL)
    assert copies.files == ()
    box = BoundingBox(1, 2, 3, 4)
    assert copies.to_copy(box) == box
