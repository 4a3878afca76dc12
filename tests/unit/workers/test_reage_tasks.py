"""Ages in photos, and the filmstrip, as the workers do them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.errors import Cancelled, InputRefused
from faceswap_desktop.domain.faces import DetectedFace, SourceFaceId
from faceswap_desktop.domain.recipe import FaceAge, OutputFormat, OutputOptions, Recipe, SwapOptions, TargetFace
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.analyse import analyse
from faceswap_desktop.workers import photo_ages, read_tasks
from faceswap_desktop.workers.photo_ages import prepared_age
from faceswap_desktop.workers.reage_tasks import render_filmstrip
from faceswap_desktop.workers.render_requests import FilmstripPicture, FilmstripReply, RenderFilmstrip
from faceswap_desktop.workers.requests import AgeRequest, PairingRequest, RenderPreview, SwapToFile
from faceswap_desktop.workers.swap_tasks import render_preview, swap_to_file
from faceswap_desktop.workers.work_maker import WorkMaker
from tests import clips
from tests.clearing import cleared, cleared_picture
from tests.followed import followed
from tests.unit.workers.people import COLLINS, HOPPER, MAX_PIXELS, Kept, Listener, keep, open_faces, recipe_for

Picture = NDArray[np.uint8]

LOSSLESS = OutputOptions(format=OutputFormat.PNG)


@pytest.fixture
def listener(tmp_path: Path) -> Listener:
    return Listener(tmp_path / "scratch")


@pytest.fixture(scope="module")
def hopper(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("hopper")
    return keep(HOPPER, folder, Listener(folder).context)


def face_of(path: Path, listener: Listener) -> DetectedFace:
    faces = open_faces(path, listener.context).faces
    assert faces
    return faces[0]


def target_of(face: DetectedFace, frame: int = 0) -> TargetFace:
    return TargetFace(face.index, face.box, face.five_points, frame)


def age_recipe(listener: Listener, years: int, *, paired: bool = False) -> Recipe:
    opened = open_faces(COLLINS, listener.context)
    recipe = recipe_for(opened.media, list(opened.faces or ()), LOSSLESS)
    age = FaceAge(recipe.pairings[0].target, years)
    return replace(recipe, pairings=recipe.pairings if paired else (), ages=(age,))


# ------------------------------------------------------------------------------------------------------------ photos


def test_photo_reaged_alone(listener: Listener, tmp_path: Path) -> None:
    request = SwapToFile(cleared(age_recipe(listener, 20)), {}, str(tmp_path / "older"), MAX_PIXELS)
    listener.updates.clear()
    done = swap_to_file(request, listener.context)
    assert listener.steps == ["open", "find faces", "reage", "write"]
    assert (done.faces, done.similarity) == (1, None)
    found = re.fullmatch(r"Apparent age: (\d+) before, (\d+) after\.", done.notes[0])
    assert found is not None
    assert int(found[2]) - int(found[1]) >= 9
    result, original = open_upright(done.path).pixels, open_upright(COLLINS).pixels
    rows, columns = np.nonzero((result != original).any(axis=2))
    assert rows.max() < 215
    assert columns.min() > 140
    assert columns.max() < 310


def test_photo_swapped_and_reaged(listener: Listener, hopper: Kept, tmp_path: Path) -> None:
    recipe, sources = age_recipe(listener, 20, paired=True), {SourceFaceId("them"): hopper.files}
    listener.updates.clear()
    both = swap_to_file(SwapToFile(cleared(recipe), sources, str(tmp_path / "both"), MAX_PIXELS), listener.context)
    assert listener.steps == ["open", "find faces", "swap", "reage", "write"]
    assert both.faces == 1
    assert both.similarity is not None
    assert both.similarity > 0.5
    swapped = swap_to_file(
        SwapToFile(cleared(replace(recipe, ages=())), sources, str(tmp_path / "one"), MAX_PIXELS), listener.context
    )
    assert not any("age" in note for note in swapped.notes)
    one, other = open_upright(both.path).pixels, open_upright(swapped.path).pixels
    assert (one != other).any()


def test_every_reaged_face_is_named() -> None:
    note = photo_ages.age_note(2, 30.4, 41.6)
    assert note is not None
    assert note.text() == "Apparent age of face 2: 30 before, 42 after."
    assert photo_ages.age_note(None, None, 41.6) is None


def test_face_that_is_not_found_again_is_named(listener: Listener, tmp_path: Path) -> None:
    recipe = age_recipe(listener, 20)
    (age,) = recipe.ages
    nowhere = replace(age.target, index=3, box=replace(age.target.box, left=0.0, top=0.0, right=30.0, bottom=30.0))
    lost = replace(recipe, ages=(replace(age, target=nowhere),))
    with pytest.raises(InputRefused) as caught:
        swap_to_file(SwapToFile(cleared(lost), {}, str(tmp_path / "out"), MAX_PIXELS), listener.context)
    assert caught.value.kind == "no-face"
    assert "Face 4" in str(caught.value)


def shown(preview: RenderPreview, listener: Listener) -> Picture:
    """Paint what a preview sends on the picture."""
    pixels = open_upright(preview.path).pixels.copy()
    for patch in render_preview(preview, listener.context).patches:
        area = np.frombuffer(patch.rgb, np.uint8).reshape(patch.height, patch.width, 3)
        pixels[patch.top : patch.top + patch.height, patch.left : patch.left + patch.width] = area
    return pixels


@pytest.mark.parametrize("paired", [False, True])
def test_preview_shows_what_the_file_will_hold(listener: Listener, hopper: Kept, tmp_path: Path, paired: bool) -> None:
    face, sources = face_of(COLLINS, listener), {SourceFaceId("them"): hopper.files}
    pairing = PairingRequest(0, face.box, face.five_points, hopper.files.crop_paths, hopper.files.atlas_path)
    age = AgeRequest(0, face.box, face.five_points, 15)
    preview = RenderPreview(cleared_picture(COLLINS), MAX_PIXELS, (pairing,) if paired else (), SwapOptions(), (age,))
    recipe = age_recipe(listener, 15, paired=paired)
    done = swap_to_file(SwapToFile(cleared(recipe), sources, str(tmp_path / "out"), MAX_PIXELS), listener.context)
    assert (shown(preview, listener) == open_upright(done.path).pixels).all()
    # And once more, from memory; another age is another picture.
    assert (shown(preview, listener) == open_upright(done.path).pixels).all()
    other = replace(preview, ages=(replace(age, years=-15),))
    assert (shown(other, listener) != open_upright(done.path).pixels).any()


def test_moving_the_slider_finds_no_face_again(listener: Listener) -> None:
    """The preview keeps what does not hang on the years, and not what was under another swap."""
    face = face_of(COLLINS, listener)
    age = AgeRequest(0, face.box, face.five_points, 15)
    preview = RenderPreview(cleared_picture(COLLINS), MAX_PIXELS, (), SwapOptions(), (age,))
    photo_ages.forget_ages()
    render_preview(preview, listener.context)
    ((key, kept),) = photo_ages._kept.items()
    render_preview(replace(preview, ages=(replace(age, years=-5),)), listener.context)
    assert list(photo_ages._kept.items()) == [(key, kept)]
    assert prepared_age(key, open_upright(COLLINS).pixels, lambda: None) is kept
    assert prepared_age("another", open_upright(COLLINS).pixels, lambda: None) is None


def test_preview_skips_what_cannot_be_done(listener: Listener) -> None:
    face = face_of(COLLINS, listener)
    good = AgeRequest(0, face.box, face.five_points, 15)
    lost = replace(good, face_index=4, box=replace(face.box, left=0.0, top=0.0, right=30.0, bottom=30.0))
    reply = render_preview(
        RenderPreview(cleared_picture(COLLINS), MAX_PIXELS, (), SwapOptions(), (lost, good)), listener.context
    )
    assert [index for index, _ in reply.skipped] == [4]
    assert len(reply.patches) == 1


# --------------------------------------------------------------------------------------------------------- filmstrip


def pixels_of(picture: FilmstripPicture, edge: int) -> NDArray[np.int16]:
    return np.frombuffer(picture.rgb, np.uint8).reshape(edge, edge, 3).astype(np.int16)


def test_filmstrip_of_a_picture(listener: Listener) -> None:
    target = target_of(face_of(COLLINS, listener))
    listener.updates.clear()
    years = (-20, 0, 10, 20)
    reply = render_filmstrip(
        RenderFilmstrip(cleared_picture(COLLINS), MAX_PIXELS, target, years, 120), listener.context
    )
    assert isinstance(reply, FilmstripReply)
    sent = [update.payload for update in listener.updates if isinstance(update.payload, FilmstripPicture)]
    assert tuple(sent) == reply.pictures
    assert tuple(picture.years for picture in reply.pictures) == years
    ages = [picture.apparent_age for picture in reply.pictures]
    assert all(age is not None for age in ages)
    assert ages == sorted(ages, key=lambda age: age or 0.0)
    plain = pixels_of(reply.pictures[1], 120)
    for picture in (reply.pictures[0], *reply.pictures[2:]):
        assert np.abs(pixels_of(picture, 120) - plain).max() > 20
    # Head and hair are in it, the face in the middle.
    (face,) = analyse(plain.astype(np.uint8))
    assert 30 < (face.box.left + face.box.right) / 2 < 90
    assert face.box.top > 15


def test_filmstrip_with_a_source_and_at_the_edge(listener: Listener, hopper: Kept, tmp_path: Path) -> None:
    from PIL import Image

    edge = tmp_path / "edge.png"
    Image.open(COLLINS).convert("RGB").crop((150, 30, 300, 180)).resize((900, 900)).save(edge)
    target = target_of(face_of(edge, listener))
    plain = RenderFilmstrip(cleared_picture(edge), MAX_PIXELS, target, (0,), 64)
    (alone,) = render_filmstrip(plain, listener.context).pictures
    (swapped,) = render_filmstrip(replace(plain, source=hopper.files), listener.context).pictures
    assert np.abs(pixels_of(alone, 64) - pixels_of(swapped, 64)).mean() > 3.0
    assert alone.apparent_age is not None
    assert swapped.apparent_age is not None
    assert swapped.apparent_age > alone.apparent_age + 10.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> clips.Clip:
    path = tmp_path_factory.mktemp("clip") / "moving.mp4"
    return clips.make_clip(path, [clips.one_person(0.5)], size=(480, 270), rotation=90)


def test_filmstrip_of_a_frame_of_a_turned_video(listener: Listener, clip: clips.Clip, tmp_path: Path) -> None:
    media = probe_video(clip.path).media
    number = 11
    place = clips.draw_frame(clips.one_person(0.5), clip.times[number], clip.size)[0]
    (face,) = analyse(place)
    files = VideoFiles.of(str(tmp_path / "cache"), media)
    request = RenderFilmstrip(cleared_picture(clip.path), MAX_PIXELS, target_of(face, number), (0, 20), 96, files=files)
    try:
        plain, older = render_filmstrip(request, listener.context).pictures
        assert Path(files.index).is_file()
        assert plain.apparent_age is not None
        assert older.apparent_age is not None
        assert older.apparent_age > plain.apparent_age + 6.0
        # Without a place for the index one is made in the worker's scratch folder: the pictures are the same.
        again = render_filmstrip(replace(request, files=None), listener.context).pictures
        assert again == (plain, older)
        # The face is where the truth says: its middle falls on the middle of the picture.
        (seen,) = analyse(pixels_of(plain, 96).astype(np.uint8))
        assert abs((seen.box.left + seen.box.right) / 2 - 48) < 8
    finally:
        read_tasks.forget_kept()


@pytest.mark.parametrize("pairs", [{}, {"collins": "hopper"}], ids=["alone", "swapped"])
def test_a_clips_work_carries_what_stays_of_a_person(
    listener: Listener, clip: clips.Clip, tmp_path: Path, pairs: dict[str, str]
) -> None:
    """Measured once in good frames, so that no frame has to find the hair's colour anew."""
    one = followed(clip, tmp_path, listener.context, pairs, ages={"collins": 20})
    try:
        with FrameReader(clip.path, one.index, threads=1) as reader:
            maker = WorkMaker(one.recipe, one.sources, one.files, one.index, reader)
            (chunk,) = one.chunks()
            work = maker.make(*chunk)
        (reference,) = work.ages.values()
        assert reference.hair is not None
        assert reference.hair.crowned > 0.5
        # Brown against her skin: darker, and with less blue.
        assert reference.hair.mean[0] < -0.5
        assert reference.hair.mean[2] < -0.2
    finally:
        read_tasks.forget_kept()


def test_filmstrip_stops_and_refuses(listener: Listener, tmp_path: Path) -> None:
    target = target_of(face_of(COLLINS, listener))
    request = RenderFilmstrip(cleared_picture(COLLINS), MAX_PIXELS, target, (0, 20), 64)
    nowhere = replace(target, index=1, box=replace(target.box, left=0.0, top=0.0, right=30.0, bottom=30.0))
    with pytest.raises(InputRefused) as caught:
        render_filmstrip(replace(request, target=nowhere), listener.context)
    assert caught.value.kind == "no-face"
    assert "Face 2" in str(caught.value)
    passing = tmp_path / "gone.mp4"
    passing.write_bytes(b"soon gone")
    gone = cleared_picture(passing)
    passing.unlink()
    with pytest.raises(InputRefused) as caught:
        render_filmstrip(replace(request, cleared=gone), listener.context)
    assert caught.value.kind == "missing"
    listener.context.stop_event.set()
    with pytest.raises(Cancelled):
        render_filmstrip(request, listener.context)
