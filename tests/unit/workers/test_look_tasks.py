"""Tasks that look at pictures and videos, with scripted scores; blurred pictures and crops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused, SensitiveContent, UsageError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision import sensitive
from faceswap_desktop.vision.tracking import findings
from faceswap_desktop.vision.tracking.findings import Findings
from faceswap_desktop.workers import pictures, read_tasks
from faceswap_desktop.workers.analysis import analyse_video
from faceswap_desktop.workers.look_requests import (
    BlurPicture,
    CropPicture,
    LookAtFrames,
    LookAtPicture,
    LookAtVideo,
    Looked,
)
from faceswap_desktop.workers.look_tasks import (
    blur_picture,
    crop_picture,
    look_at_frames,
    look_at_picture,
    look_at_video,
)
from faceswap_desktop.workers.pool import Lane
from faceswap_desktop.workers.process import Task
from faceswap_desktop.workers.requests import KeepSourcePhoto
from faceswap_desktop.workers.source_tasks import keep_source_photo
from faceswap_desktop.workers.track_files import FOUND, chunk_file, read_findings, write_track_file
from tests.clips import Effect, Rgb, Scene, make_clip, no_faces
from tests.scripted_looks import OVER, REFUSED
from tests.unit.workers.analysing import Case, case
from tests.unit.workers.people import COLLINS, HOPPER, MAX_PIXELS, Listener

SIZE: Final = (160, 90)
SCRIPTED: Final = ("tests.scripted_looks",)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    pictures.forget_kept()
    yield Listener(tmp_path / "scratch")
    pictures.forget_kept()
    read_tasks.forget_kept()


def written(path: Path, colour: tuple[int, ...] = REFUSED, size: tuple[int, int] = (200, 150), **options: Any) -> Path:
    mode = "RGBA" if len(colour) == 4 else "RGB"
    Image.new(mode, size, colour).save(path, **options)
    return path


def refused(start: float, end: float) -> Effect:
    """Cover the frame between two times with what the scripted scores refuse."""
    return lambda frame, now: np.full_like(frame, REFUSED) if start - 1e-6 <= now < end - 1e-6 else frame


def clip_of(folder: Path, *scenes: Scene, seconds: float = 2.0, **options: Any) -> Case:
    return case(make_clip(folder / "clip.mp4", scenes, size=SIZE, **options).path, folder, seconds)


def looked(made: Case, listener: Listener) -> tuple[Sighting, ...]:
    replies = [look_at_video(LookAtVideo(made.media, made.files, chunk), listener.context) for chunk in made.chunks]
    return tuple(one for reply in replies for one in reply.sightings)


# ----------------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize("path", [COLLINS, HOPPER])
def test_nothing_is_seen_in_the_samples(path: Path, listener: Listener) -> None:
    assert look_at_picture(LookAtPicture(str(path)), listener.context) == Looked()


def test_a_refused_picture(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    path = written(tmp_path / "a.png")
    assert look_at_picture(LookAtPicture(str(path)), listener.context) == Looked((Sighting(OVER),))


def test_a_picture_that_is_open_is_not_decoded_again(
    tmp_path: Path, listener: Listener, scores: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.png")
    pictures.open_kept(str(path), max_pixels=MAX_PIXELS)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(pictures, "open_upright", never)
    assert look_at_picture(LookAtPicture(str(path)), listener.context).sightings


def test_what_cannot_be_seen_for_transparency_does_not_count(
    tmp_path: Path, listener: Listener, scores: list[float]
) -> None:
    hidden = written(tmp_path / "hidden.png", (*REFUSED, 0))
    shown = written(tmp_path / "shown.png", (*REFUSED, 254))

    assert look_at_picture(LookAtPicture(str(hidden)), listener.context) == Looked()
    assert look_at_picture(LookAtPicture(str(shown)), listener.context).sightings


@pytest.mark.parametrize(
    ("task", "request_of"),
    [
        (look_at_picture, LookAtPicture),
        (blur_picture, BlurPicture),
        (crop_picture, lambda path: CropPicture(path, BoundingBox(0, 0, 50, 50), path)),
    ],
)
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n broken", b"no picture at all"])
def test_what_cannot_be_opened_is_refused(
    task: Task, request_of: Callable[[str], object], content: bytes, tmp_path: Path, listener: Listener
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(InputRefused):
        task(request_of(str(path)), listener.context)
    with pytest.raises(InputRefused) as missing:
        task(request_of(str(tmp_path / "gone.png")), listener.context)
    assert missing.value.kind == "missing"


# ------------------------------------------------------------------------------------------------------------- videos


def test_one_sensitive_half_second_is_found(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    made = clip_of(tmp_path, replace(no_faces(3.0), effects=(refused(1.2, 1.7),)))
    seen = looked(made, listener)

    # At the cut with which it begins, and at the next half second.
    assert [one.frame for one in seen] == [36, 45]
    assert [one.score for one in seen] == [OVER, OVER]
    assert [one.seconds for one in seen] == pytest.approx([1.2, 1.5])


def test_a_scene_of_a_few_frames_is_found_by_its_cut(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    quiet = no_faces(0.6, 0)
    short = replace(no_faces(0.2, 1), effects=(refused(0.0, 1.0),))
    made = clip_of(tmp_path, quiet, short, no_faces(0.6, 0))

    assert [one.frame for one in looked(made, listener)] == [18]


def test_any_division_finds_the_same(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [replace(no_faces(2.5), effects=(refused(0.7, 1.6),))], size=SIZE)
    found = [looked(case(clip.path, tmp_path / str(seconds), seconds), listener) for seconds in (0.3, 0.75, 9.0)]

    assert found[0] == found[1] == found[2]
    assert {30, 45} <= {one.frame for one in found[0]}


def test_a_video_that_stands_on_its_side_is_looked_at_upright(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = set()

    def remembered(picture: Rgb) -> float:
        shapes.add(picture.shape)
        return 0.0

    monkeypatch.setattr(sensitive, "score", remembered)
    made = clip_of(tmp_path, no_faces(0.2), rotation=90)
    looked(made, listener)
    assert (90, 160, 3) in shapes


def test_frames_that_cannot_be_read_are_replaced_by_the_next(tmp_path: Path, scores: list[float]) -> None:
    from faceswap_desktop.workers.frame_looks import FrameLooks

    made = clip_of(tmp_path, no_faces(1.0))
    looks = FrameLooks(made.times, FrameRange(0, 30))
    image = np.full((90, 160, 3), REFUSED, np.uint8)
    for frame in range(30):
        looks.add(None if frame in {0, 1, 15} else image, begins_scene=False)
    assert [one.frame for one in looks.sightings] == [2, 16]


def test_single_frames_are_looked_at(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    made = clip_of(tmp_path, replace(no_faces(1.0), effects=(refused(0.3, 0.4),)))
    reply = look_at_frames(LookAtFrames(made.media, made.files, (20, 10, 2, 10, 400)), listener.context)

    assert [one.frame for one in reply.sightings] == [10]
    assert len(scores) == 3


def test_a_video_that_changed_is_not_looked_at(tmp_path: Path, listener: Listener) -> None:
    made = clip_of(tmp_path, no_faces(0.3))
    Path(made.media.path).write_bytes(b"something else")
    with pytest.raises(InputRefused) as refusal:
        looked(made, listener)
    assert refusal.value.kind == "changed"


# ------------------------------------------------------------------------------------------------- within the analysis


def test_the_analysis_looks_and_its_answer_is_used_again(
    tmp_path: Path, listener: Listener, scores: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = clip_of(tmp_path, replace(no_faces(1.5), effects=(refused(0.4, 0.8),)), seconds=0.5)
    analysed = made.analyse()
    seen = [one.sightings for one in analysed]

    assert [[one.frame for one in chunk or ()] for chunk in seen] == [[12], [15], []]
    assert all(one.timings["look"] > 0 for one in analysed)
    given = len(scores)
    assert [one.sightings for one in made.analyse()] == seen
    assert looked(made, listener) == tuple(one for chunk in seen for one in chunk or ())
    assert len(scores) == given


@pytest.mark.parametrize("is_older", [False, True])
def test_findings_from_before_are_looked_at_anew(
    is_older: bool, tmp_path: Path, listener: Listener, scores: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = clip_of(tmp_path, replace(no_faces(0.4), effects=(refused(0.0, 0.2),)))
    (chunk,) = made.chunks
    if is_older:
        write_track_file(chunk_file(made.files, FOUND, chunk), Findings(chunk, (160, 90)).pack())
    else:
        made.analyse()
        monkeypatch.setattr(findings, "CHECKER", "another")
    kept = read_findings(made.files, chunk)

    assert kept is not None
    assert kept.sightings is None
    assert made.analyse()[0].sightings is None
    assert [one.frame for one in looked(made, listener)] == [0]


def test_sightings_are_packed_as_they_are() -> None:
    seen = (Sighting(0.7123, False, 3, 0.1), Sighting(0.25, True, 900, 30.033))
    plain = Findings(FrameRange(0, 4), (10, 10))

    assert Findings.unpack(replace(plain, sightings=seen).pack()).sightings == seen
    assert Findings.unpack(replace(plain, sightings=()).pack()).sightings == ()
    assert Findings.unpack(plain.pack()).sightings is None


async def test_a_whole_video_tells_what_was_seen_once(tmp_path: Path, make_pool: Any) -> None:
    made = await asyncio.to_thread(clip_of, tmp_path, replace(no_faces(3.0), effects=(refused(0.9, 2.6),)), rate=10.0)
    pool = await make_pool(task_modules=SCRIPTED)
    told: list[tuple[Sighting, ...]] = []

    async def run() -> None:
        await analyse_video(
            pool,
            made.media,
            made.files,
            made.times,
            lane=Lane.JOBS,
            on_progress=lambda fraction, chunks: None,
            on_sightings=told.append,
        )

    await run()
    (seen,) = told
    assert {10, 15, 20, 25} <= {one.frame for one in seen}
    assert [one.frame for one in seen] == sorted(one.frame for one in seen)

    # With one chunk from before, nobody can say what is in the whole.
    write_track_file(chunk_file(made.files, FOUND, made.chunks[0]), Findings(made.chunks[0], SIZE).pack())
    await run()
    assert len(told) == 1
    reply = await pool.run("look_at_video", LookAtVideo(made.media, made.files, made.chunks[0]))
    assert {one.frame for one in reply.sightings} == {one.frame for one in seen if one.frame < 20}


# ------------------------------------------------------------------------------------------------------ source photos


def keep(path: Path, folder: Path) -> KeepSourcePhoto:
    return KeepSourcePhoto(str(path), MAX_PIXELS, None, str(folder / "face.png"), str(folder / "thumbnail.png"))


def marked_photo(path: Path) -> Path:
    with Image.open(HOPPER) as opened:
        photo = np.array(opened.convert("RGB"))
    Image.fromarray(np.concatenate([photo, np.full_like(photo, REFUSED)])).save(path)
    return path


def test_a_source_photo_is_looked_at_whole(tmp_path: Path, listener: Listener, scores: list[float]) -> None:
    path = marked_photo(tmp_path / "beach.png")
    with pytest.raises(SensitiveContent) as refusal:
        keep_source_photo(keep(path, tmp_path / "kept"), listener.context)

    assert "beach.png" in str(refusal.value)
    assert refusal.value.sightings == (Sighting(OVER),)
    assert not (tmp_path / "kept").exists()
    # What the sentence says helps, helps.
    part = crop_picture(CropPicture(str(path), BoundingBox(0, 0, 512, 600), str(tmp_path)), listener.context)
    keep_source_photo(keep(Path(part.path), tmp_path / "kept"), listener.context)
    assert (tmp_path / "kept" / "face.png").exists()


async def test_a_refusal_comes_out_of_a_worker_whole(tmp_path: Path, make_pool: Any) -> None:
    path = await asyncio.to_thread(marked_photo, tmp_path / "beach.png")
    pool = await make_pool(task_modules=SCRIPTED)
    with pytest.raises(SensitiveContent) as refusal:
        await pool.run("keep_source_photo", keep(path, tmp_path / "kept"))
    assert refusal.value.sightings == (Sighting(OVER),)
    assert refusal.value.hint is not None


# ------------------------------------------------------------------------------------------------------------ blurred


def shown(reply: Any) -> Rgb:
    return np.frombuffer(reply.rgb, np.uint8).reshape(reply.height, reply.width, 3)


def test_a_blurred_picture_has_no_detail(tmp_path: Path, listener: Listener) -> None:
    fine = np.random.default_rng(1).integers(0, 255, (600, 900, 3)).astype(np.uint8)
    path = tmp_path / "fine.png"
    Image.fromarray(fine).save(path)
    reply = blur_picture(BlurPicture(str(path)), listener.context)

    assert (reply.width, reply.height) == (160, 107)
    # Of noise nothing but its mean is left.
    assert np.ptp(shown(reply).astype(int), axis=(0, 1)).max() < 25


@pytest.mark.parametrize("path", [COLLINS, HOPPER])
def test_nobody_is_made_out_in_a_blurred_picture(path: Path, listener: Listener) -> None:
    from faceswap_desktop.vision.detect import detect

    pixels = shown(blur_picture(BlurPicture(str(path), edge=640), listener.context))

    assert detect(pixels) == []
    # Ten averages across say all that there is to say.
    few = cv2.resize(pixels, (10, 10), interpolation=cv2.INTER_AREA)
    again = cv2.resize(few, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    assert np.abs(again.astype(int) - pixels).mean() < 6


@pytest.mark.parametrize("size", [(1, 1), (4000, 3), (3, 4000), (5, 5)])
def test_pictures_of_any_size_are_blurred(size: tuple[int, int], tmp_path: Path, listener: Listener) -> None:
    path = written(tmp_path / "a.png", (10, 200, 90), size)
    pixels = shown(blur_picture(BlurPicture(str(path)), listener.context))

    assert max(pixels.shape[:2]) == 160
    assert np.abs(pixels.astype(int) - (10, 200, 90)).max() <= 1


@pytest.mark.parametrize(("seconds", "strongest"), [(0.0, 0), (0.45, 0), (0.55, 2), (0.95, 2), (50.0, 2)])
def test_the_frame_of_its_time_is_blurred(seconds: float, strongest: int, tmp_path: Path, listener: Listener) -> None:
    def colour(frame: Rgb, now: float) -> Rgb:
        return np.full_like(frame, (220, 30, 30) if now < 0.5 - 1e-6 else (30, 30, 220))

    made = clip_of(tmp_path, replace(no_faces(1.0), effects=(colour,)))
    pixels = shown(blur_picture(BlurPicture(made.media.path, seconds), listener.context))
    assert pixels.mean(axis=(0, 1)).argmax() == strongest


# -------------------------------------------------------------------------------------------------------------- crops


def turned_jpeg(path: Path) -> Path:
    """A picture that lies on its side: upright it is 200 wide and 300 high, its upper half red, its lower blue."""
    upright = np.zeros((300, 200, 3), np.uint8)
    upright[:150], upright[150:] = (220, 20, 20), (20, 20, 220)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (IFDRational(50), IFDRational(1), IFDRational(2))
    Image.fromarray(np.ascontiguousarray(np.rot90(upright))).save(path, exif=exif, quality=95)
    return path


def test_a_crop_is_upright_and_tells_no_place(tmp_path: Path, listener: Listener) -> None:
    path = turned_jpeg(tmp_path / "party.jpg")
    box = BoundingBox(10.4, 160.0, 120.2, 290.0)
    reply = crop_picture(CropPicture(str(path), box, str(tmp_path)), listener.context)

    assert reply.path == str(tmp_path / "party (part).jpg")
    assert (reply.width, reply.height) == (111, 130)
    with Image.open(reply.path) as part:
        assert part.format == "JPEG"
        assert part.size == (111, 130)
        exif = part.getexif()
        assert exif.get(0x0112, 1) == 1
        assert exif[0x010F] == "Maker"
        assert not exif.get_ifd(0x8825)
        pixels = np.asarray(part.convert("RGB"))
    assert np.abs(pixels.astype(int) - (20, 20, 220)).mean() < 4


def test_a_crop_never_takes_another_files_place(tmp_path: Path, listener: Listener) -> None:
    path = written(tmp_path / "party.png", (9, 99, 199))
    request = CropPicture(str(path), BoundingBox(20, 20, 90, 90), str(tmp_path))
    before = path.read_bytes()
    names = [Path(crop_picture(request, listener.context).path).name for _ in range(3)]

    assert names == ["party (part).png", "party (part) (2).png", "party (part) (3).png"]
    assert path.read_bytes() == before
    with Image.open(tmp_path / names[0]) as part:
        assert np.asarray(part).reshape(-1, 3).tolist() == [[9, 99, 199]] * 4900


def test_a_crop_keeps_transparency_and_what_cannot_be_written_becomes_png(tmp_path: Path, listener: Listener) -> None:
    clear = written(tmp_path / "clear.webp", (1, 2, 3, 77), lossless=True, exact=True)
    bitmap = written(tmp_path / "old.bmp", (1, 2, 3))
    box = BoundingBox(-50, -50, 40, 1e9)
    parts = [
        Path(crop_picture(CropPicture(str(path), box, str(tmp_path)), listener.context).path)
        for path in (clear, bitmap)
    ]

    assert [part.name for part in parts] == ["clear (part).webp", "old (part).png"]
    with Image.open(parts[0]) as part:
        assert part.mode == "RGBA"
        assert part.size == (40, 150)
        assert np.unique(np.asarray(part)[..., 3]).tolist() == [77]


@pytest.mark.parametrize("box", [(50, 50, 50, 90), (90, 90, 50, 50), (500, 500, 900, 900), (10, 10, 15, 100)])
def test_a_part_that_is_none_is_refused(box: tuple[int, int, int, int], tmp_path: Path, listener: Listener) -> None:
    path = written(tmp_path / "a.png")
    with pytest.raises(UsageError) as refusal:
        crop_picture(CropPicture(str(path), BoundingBox(*box), str(tmp_path)), listener.context)
    assert refusal.value.kind == "crop"
    assert [one.name for one in tmp_path.glob("*.png")] == ["a.png"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, listener: Listener) -> None:
    request = CropPicture(str(written(tmp_path / "a.png")), BoundingBox(0, 0, 99, 99), str(tmp_path / "gone"))
    with pytest.raises(FaceSwapError) as refusal:
        crop_picture(request, listener.context)
    assert refusal.value.kind == "folder-missing"
