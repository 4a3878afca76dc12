import hashlib
import json
import shutil
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import Cancelled, InputRefused, StorageError, UsageError
from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, SourceFaceId
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, SwapOptions
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.media.colour import convert_space, to_display
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.vision.analyse import analyse
from faceswap_desktop.workers import pictures, source_tasks
from faceswap_desktop.workers.pictures import open_kept
from faceswap_desktop.workers.requests import (
    BuildAtlas,
    DisplayReady,
    ExamineSource,
    MakeThumbnail,
    OpenPicture,
    PairingRequest,
    RenderPreview,
    SaveCopy,
    SelfTest,
    SwappedFile,
    SwapToFile,
)
from faceswap_desktop.workers.source_tasks import build_person_atlas, examine_source, note_path, person_of
from faceswap_desktop.workers.swap_tasks import render_preview, swap_to_file
from faceswap_desktop.workers.tasks import make_thumbnail, open_picture, ping, save_copy, self_test, warm
from tests.clearing import cleared, cleared_picture
from tests.unit.media.profiles import rgb_profile
from tests.unit.workers.people import COLLINS, HOPPER, MAX_PIXELS, Kept, Listener, keep, open_faces, recipe_for

LOSSLESS = OutputOptions(format=OutputFormat.PNG)


@pytest.fixture
def listener(tmp_path: Path) -> Listener:
    return Listener(tmp_path / "scratch")


@pytest.fixture(scope="module")
def collins(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("collins")
    return keep(COLLINS, folder, Listener(folder).context)


def swap(listener: Listener, target: Path, source: SourceFiles, out: Path, **options: float) -> SwappedFile:
    opened = open_faces(target, listener.context)
    recipe = recipe_for(opened.media, list(opened.faces or ()), LOSSLESS, **options)
    request = SwapToFile(cleared(recipe), {SourceFaceId("them"): source}, str(out), MAX_PIXELS)
    return swap_to_file(request, listener.context)


def two_faces(path: Path, *, large_first: bool = True) -> Path:
    """A picture with Hopper and, beside her, a smaller Collins."""
    hopper, collins = Image.open(HOPPER).convert("RGB"), Image.open(COLLINS).convert("RGB")
    collins = collins.resize((round(collins.width * 0.7), round(collins.height * 0.7)), Image.Resampling.LANCZOS)
    both = Image.new("RGB", (hopper.width + collins.width, hopper.height), (70, 80, 90))
    places = (0, hopper.width) if large_first else (collins.width, 0)
    both.paste(hopper, (places[0], 0))
    both.paste(collins, (places[1], 100))
    both.save(path)
    return path


# ------------------------------------------------------------------------------------------------------------- opening


def test_pixels_are_sent_before_the_faces(listener: Listener) -> None:
    opened = open_picture(OpenPicture(str(HOPPER), MAX_PIXELS), listener.context)
    (update,) = listener.updates
    ready = update.payload
    assert isinstance(ready, DisplayReady)
    assert ready.display is not None
    assert (ready.display.width, ready.display.height, ready.display_scale) == (*opened.media.size, 1.0)
    assert opened.display is None
    assert opened.faces is not None
    (face,) = opened.faces
    assert face.landmarks is not None
    assert len(face.landmarks) == 478
    assert face.embedding is not None
    listener.sender.forget()
    with Image.open(HOPPER) as original:
        expected = np.asarray(original.convert("RGB")).tobytes()
    block = SharedMemory(ready.display.name)
    assert block.buf is not None
    assert bytes(block.buf[: len(expected)]) == expected
    block.close()
    block.unlink()


def test_huge_pictures_are_shown_smaller(listener: Listener) -> None:
    request = OpenPicture(str(HOPPER), MAX_PIXELS, display_limit_px=40_000, detect=False)
    opened = open_picture(request, listener.context)
    assert opened.faces is None
    assert opened.display is not None
    assert opened.display.width * opened.display.height <= 40_000
    assert opened.display.width == pytest.approx(opened.media.size.width * opened.display_scale, abs=1)
    listener.sender.forget()
    block = SharedMemory(opened.display.name)
    block.close()
    block.unlink()


def test_only_faces(listener: Listener) -> None:
    opened = open_picture(OpenPicture(str(HOPPER), MAX_PIXELS, want_display=False), listener.context)
    assert opened.display is None
    assert opened.faces


def test_files_that_are_no_pictures_are_refused(listener: Listener, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not a picture at all")
    for path, kind in ((tmp_path / "a.png", "not-a-picture"), (tmp_path / "b.png", "missing"), (tmp_path, "folder")):
        with pytest.raises(InputRefused) as caught:
            open_picture(OpenPicture(str(path), MAX_PIXELS), listener.context)
        assert caught.value.kind == kind


def test_picture_over_the_limit_is_refused_though_it_is_in_memory(listener: Listener) -> None:
    open_picture(OpenPicture(str(HOPPER), MAX_PIXELS, want_display=False, detect=False), listener.context)
    with pytest.raises(InputRefused) as caught:
        open_picture(OpenPicture(str(HOPPER), 1000, want_display=False, detect=False), listener.context)
    assert caught.value.kind == "too-large"


def test_the_last_two_pictures_stay_in_memory(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.png" for name in "abc"]
    for path in paths:
        Image.new("RGB", (40, 30), (1, 2, 3)).save(path)
    pictures.forget_kept()
    first = open_kept(str(paths[0]), max_pixels=MAX_PIXELS)[0]
    second = open_kept(str(paths[1]), max_pixels=MAX_PIXELS)[0]
    assert open_kept(str(paths[0]), max_pixels=MAX_PIXELS)[0] is first
    open_kept(str(paths[2]), max_pixels=MAX_PIXELS)
    assert open_kept(str(paths[0]), max_pixels=MAX_PIXELS)[0] is first
    assert open_kept(str(paths[1]), max_pixels=MAX_PIXELS)[0] is not second
    Image.new("RGB", (50, 30), (1, 2, 3)).save(paths[0])
    assert open_kept(str(paths[0]), max_pixels=MAX_PIXELS)[0].size.width == 50


def test_pictures_in_memory_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "KEPT_BYTES", 5000)
    Image.new("RGB", (40, 40), (1, 2, 3)).save(tmp_path / "small.png")
    Image.new("RGB", (100, 100), (1, 2, 3)).save(tmp_path / "large.png")
    pictures.forget_kept()
    small = open_kept(str(tmp_path / "small.png"), max_pixels=MAX_PIXELS)[0]
    assert open_kept(str(tmp_path / "small.png"), max_pixels=MAX_PIXELS)[0] is small
    large = open_kept(str(tmp_path / "large.png"), max_pixels=MAX_PIXELS)[0]
    assert open_kept(str(tmp_path / "large.png"), max_pixels=MAX_PIXELS)[0] is not large


def test_stopped_task_ends_at_its_next_update(listener: Listener) -> None:
    listener.context.stop_event.set()
    with pytest.raises(Cancelled):
        open_picture(OpenPicture(str(HOPPER), MAX_PIXELS, want_display=False), listener.context)


# ------------------------------------------------------------------------------------------------------------- sources


def test_source_is_examined_without_writing(listener: Listener, tmp_path: Path) -> None:
    picture = two_faces(tmp_path / "two.png")
    before = sorted(tmp_path.rglob("*.*"))
    found = examine_source(ExamineSource(str(picture), MAX_PIXELS), listener.context)
    assert [face.index for face in found.faces] == [0, 1]
    assert found.faces[0].box.area > found.faces[1].box.area
    only = examine_source(ExamineSource(str(picture), MAX_PIXELS, face_index=1), listener.context)
    assert [face.index for face in only.faces] == [1]
    assert sorted(tmp_path.rglob("*.*")) == before


@pytest.mark.parametrize("face_index", [None, 3])
def test_source_without_that_face_is_refused_in_words(
    listener: Listener, tmp_path: Path, face_index: int | None
) -> None:
    path = tmp_path / "view.png"
    if face_index is None:
        Image.radial_gradient("L").convert("RGB").save(path)
    else:
        shutil.copy(COLLINS, path)
    with pytest.raises(InputRefused) as caught:
        keep(path, tmp_path / "kept", listener.context, face_index)
    assert caught.value.kind == "no-face"
    assert "view.png" in str(caught.value)
    assert not (tmp_path / "kept").exists()


def test_kept_photo(collins: Kept, listener: Listener) -> None:
    crop = open_upright(collins.folder / "face.png")
    assert crop.size == (collins.photo.width, collins.photo.height)
    assert (crop.icc_profile, crop.exif) == (None, b"")
    face = collins.photo.face
    assert face.landmarks is not None
    # The face is where the reply and the note say.
    (found,) = analyse(crop.pixels)
    assert found.box.overlap(face.box) > 0.8
    noted = source_tasks.read_note(str(collins.folder / "face.png"))
    assert noted is not None
    assert (noted.box, noted.five_points, noted.embedding) == (face.box, face.five_points, face.embedding)
    assert found.landmarks is not None
    distances = [np.hypot(a.x - b.x, a.y - b.y) for a, b in zip(found.landmarks, face.landmarks, strict=True)]
    assert float(np.mean(distances)) < 1.5
    with Image.open(collins.folder / "thumbnail.png") as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("PNG", (192, 192))


def test_large_faces_are_kept_smaller(listener: Listener, tmp_path: Path) -> None:
    with Image.open(COLLINS) as original:
        face = analyse(np.asarray(original.convert("RGB")))[0]
        box = face.box.expanded(0.7)
        large = original.convert("RGB").crop((int(box.left), int(box.top), int(box.right), int(box.bottom)))
    large.resize((2400, round(2400 * large.height / large.width)), Image.Resampling.BICUBIC).save(
        tmp_path / "large.png"
    )
    kept = keep(tmp_path / "large.png", tmp_path / "kept", listener.context)
    assert max(kept.photo.width, kept.photo.height) == source_tasks.CROP_EDGE_PX
    (found,) = analyse(open_upright(kept.folder / "face.png").pixels)
    assert found.box.overlap(kept.photo.face.box) > 0.8


def test_chosen_face_is_the_one_that_is_put_in(listener: Listener, tmp_path: Path) -> None:
    """Collins is the smaller one, and the larger face reaches into her crop."""
    hopper, collins = Image.open(HOPPER).convert("RGB"), Image.open(COLLINS).convert("RGB")
    face = analyse(np.asarray(collins))[0]
    near = collins.crop((int(face.box.left) - 30, int(face.box.top) - 60, int(face.box.right) + 30, 260))
    crowd = hopper.resize((hopper.width, hopper.height))
    crowd.paste(near, (0, 150))
    crowd.save(tmp_path / "crowd.png")
    found = examine_source(ExamineSource(str(tmp_path / "crowd.png"), MAX_PIXELS), listener.context).faces
    assert len(found) == 2
    kept = keep(tmp_path / "crowd.png", tmp_path / "kept", listener.context, face_index=1)
    assert kept.photo.face.embedding is not None
    person = person_of(kept.files.crop_paths, kept.files.atlas_path)
    assert person.embedding is not None
    assert face.embedding is not None
    assert person.embedding.similarity(face.embedding) > SAME_PERSON_SIMILARITY


def test_profile_of_a_source_is_converted(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    profile = rgb_profile(gamma=1.8)
    converted = convert_space(open_upright(COLLINS).pixels, None, profile)
    Image.fromarray(converted).save(tmp_path / "other.png", icc_profile=profile)
    kept = keep(tmp_path / "other.png", tmp_path / "kept", listener.context)
    crop, plain = open_upright(kept.folder / "face.png"), open_upright(collins.folder / "face.png")
    assert crop.icc_profile is None
    height, width = (min(sides) for sides in zip(crop.pixels.shape[:2], plain.pixels.shape[:2], strict=True))
    difference = np.abs(crop.pixels[:height, :width].astype(int) - plain.pixels[:height, :width])
    assert np.median(difference) <= 2
    assert np.abs(converted.astype(int) - open_upright(COLLINS).pixels).mean() > 8.0


def test_atlas_is_made_once_and_again_when_damaged(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    source_tasks._people.clear()
    atlas = tmp_path / "atlases" / "them.npz"
    request = BuildAtlas(collins.files.crop_paths, str(atlas))
    assert build_person_atlas(request, listener.context).weights == (1.0,)
    first = (atlas.stat().st_mtime_ns, atlas.read_bytes())
    source_tasks._people.clear()
    build_person_atlas(request, listener.context)
    assert atlas.stat().st_mtime_ns == first[0]
    source_tasks._people.clear()
    atlas.write_bytes(b"PK damaged")
    build_person_atlas(request, listener.context)
    assert atlas.read_bytes() == first[1]
    assert [path.name for path in atlas.parent.iterdir()] == ["them.npz"]


def test_two_photos_share_an_atlas(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    with Image.open(COLLINS) as original:
        original.convert("RGB").point(lambda value: int(value * 0.7)).save(tmp_path / "darker.png")
    darker = keep(tmp_path / "darker.png", tmp_path / "kept", listener.context)
    crops = (*collins.files.crop_paths, *darker.files.crop_paths)
    weights = build_person_atlas(BuildAtlas(crops, str(tmp_path / "both.npz")), listener.context).weights
    assert len(weights) == 2
    assert sum(weights) == pytest.approx(1.0)


def test_crop_without_note_still_serves(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    shutil.copy(collins.folder / "face.png", tmp_path / "face.png")
    person = person_of((str(tmp_path / "face.png"),), str(tmp_path / "atlas.npz"))
    assert person.embedding is not None
    note_path(str(tmp_path / "face.png")).write_text(json.dumps({"box": 3}))
    assert source_tasks.read_note(str(tmp_path / "face.png")) is None


def test_crop_that_is_gone_is_said(listener: Listener, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        build_person_atlas(BuildAtlas((str(tmp_path / "gone.png"),), str(tmp_path / "a.npz")), listener.context)
    assert caught.value.kind == "source-missing"


# ------------------------------------------------------------------------------------------------------------ swapping


def test_swap_to_file(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    done = swap(listener, HOPPER, collins.files, tmp_path / "result")
    path = Path(done.path)
    assert path == tmp_path / "result.png"
    assert (done.format, done.faces, done.size_bytes) == ("PNG", 1, path.stat().st_size)
    assert done.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert listener.steps[-4:] == ["open", "find faces", "swap", "write"]
    fractions = [update.fraction for update in listener.updates[-4:]]
    assert fractions == sorted(fractions)
    assert done.similarity is not None
    assert done.similarity > SAME_PERSON_SIMILARITY
    # It is the very cosine between the result's face and the source's.
    result, original = open_upright(path).pixels, open_upright(HOPPER).pixels
    (face,) = analyse(result)
    assert face.embedding is not None
    assert collins.photo.face.embedding is not None
    assert done.similarity == pytest.approx(face.embedding.similarity(collins.photo.face.embedding), abs=0.06)
    changed = np.argwhere((result != original).any(axis=2))
    box = face.box.expanded(0.25)
    assert changed[:, 0].min() >= box.top
    assert changed[:, 0].max() <= box.bottom
    assert changed[:, 1].min() >= box.left
    assert changed[:, 1].max() <= box.right


def test_equal_recipes_give_equal_pixels(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    first = swap(listener, HOPPER, collins.files, tmp_path / "first")
    source_tasks._people.clear()
    second = swap(listener, HOPPER, collins.files, tmp_path / "second")
    assert first.sha256 == second.sha256


def test_colour_profile_of_the_target(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    """A picture with numbers of another space gets a face with numbers of that space, and looks the same."""
    profile = rgb_profile(gamma=1.0)  # so far from sRGB that unconverted pixels would be off by 36
    plain = open_upright(HOPPER).pixels
    converted = convert_space(plain, None, profile)
    Image.fromarray(converted).save(tmp_path / "other.png", icc_profile=profile)
    Image.fromarray(plain).save(tmp_path / "plain.png")
    # Matching colours would hide whether the source's own were brought over.
    with_profile = swap(listener, tmp_path / "other.png", collins.files, tmp_path / "a", colour_match=0.0)
    without = swap(listener, tmp_path / "plain.png", collins.files, tmp_path / "b", colour_match=0.0)
    result = open_upright(with_profile.path)
    assert result.icc_profile == profile
    (face,) = analyse(plain)
    outside = np.ones(plain.shape[:2], bool)
    box = face.box.expanded(0.3)
    outside[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = False
    assert (result.pixels[outside] == converted[outside]).all()
    shown = to_display(result.pixels, profile).astype(int)
    expected = open_upright(without.path).pixels.astype(int)
    inner = face.box.expanded(-0.15)
    face_area = np.s_[int(inner.top) : int(inner.bottom), int(inner.left) : int(inner.right)]
    assert np.abs(shown - expected)[face_area].mean() < 10.0


def test_upright_and_transparent(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    picture = Image.open(HOPPER).convert("RGBA")
    alpha = np.full((picture.height, picture.width), 255, np.uint8)
    alpha[:40] = 0
    picture.putalpha(Image.fromarray(alpha))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    done = swap(listener, tmp_path / "turned.png", collins.files, tmp_path / "result")
    result = open_upright(done.path)
    assert result.size == picture.size
    assert result.alpha is not None
    assert (result.alpha == alpha).all()


def test_every_face_gets_its_own(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    target = two_faces(tmp_path / "two.png")
    opened = open_faces(target, listener.context)
    assert opened.faces is not None
    assert len(opened.faces) == 2
    hopper = keep(HOPPER, tmp_path / "hopper", listener.context)
    recipe = recipe_for(opened.media, list(opened.faces), LOSSLESS)
    other = replace(recipe.pairings[1].source, id=SourceFaceId("other"))
    recipe = replace(recipe, pairings=(recipe.pairings[0], replace(recipe.pairings[1], source=other)))
    sources = {SourceFaceId("them"): collins.files, SourceFaceId("other"): hopper.files}
    done = swap_to_file(SwapToFile(cleared(recipe), sources, str(tmp_path / "out"), MAX_PIXELS), listener.context)
    assert done.faces == 2
    found = analyse(open_upright(done.path).pixels)
    them, others = collins.photo.face.embedding, hopper.photo.face.embedding
    assert them is not None
    assert others is not None
    assert found[0].embedding is not None
    assert found[1].embedding is not None
    assert found[0].embedding.similarity(them) > found[0].embedding.similarity(others)
    assert found[1].embedding.similarity(others) > found[1].embedding.similarity(them)


def test_changed_and_missing_originals_are_refused(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    target = tmp_path / "hopper.jpg"
    shutil.copy(HOPPER, target)
    opened = open_faces(target, listener.context)
    recipe = recipe_for(opened.media, list(opened.faces or ()))
    request = SwapToFile(cleared(recipe), {SourceFaceId("them"): collins.files}, str(tmp_path / "out"), MAX_PIXELS)
    target.touch()
    swap_to_file(request, listener.context)
    shutil.copy(COLLINS, target)
    with pytest.raises(InputRefused) as caught:
        swap_to_file(request, listener.context)
    assert caught.value.kind == "changed"
    target.unlink()
    with pytest.raises(InputRefused) as caught:
        swap_to_file(request, listener.context)
    assert caught.value.kind == "missing"
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.jpg"]


def test_face_that_is_not_found_again_is_named(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    opened = open_faces(HOPPER, listener.context)
    assert opened.faces is not None
    face = opened.faces[0]
    corner = replace(face.box, left=0.0, top=0.0, right=30.0, bottom=30.0)
    nowhere = replace(face, index=2, box=corner)
    recipe = recipe_for(opened.media, [nowhere])
    with pytest.raises(InputRefused) as caught:
        swap_to_file(
            SwapToFile(cleared(recipe), {SourceFaceId("them"): collins.files}, str(tmp_path / "out"), MAX_PIXELS),
            listener.context,
        )
    assert caught.value.kind == "no-face"
    assert "Face 3" in str(caught.value)


# ------------------------------------------------------------------------------------------------------------ previews


def pairing(listener: Listener, target: Path, source: SourceFiles, index: int = 0) -> PairingRequest:
    opened = open_faces(target, listener.context)
    assert opened.faces is not None
    face = opened.faces[index]
    return PairingRequest(face.index, face.box, face.five_points, source.crop_paths, source.atlas_path)


def test_preview_shows_what_the_file_will_hold(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    request = RenderPreview(
        cleared_picture(HOPPER), MAX_PIXELS, (pairing(listener, HOPPER, collins.files),), SwapOptions()
    )
    result = open_upright(swap(listener, HOPPER, collins.files, tmp_path / "result").path).pixels
    (first,) = render_preview(request, listener.context).patches
    (second,) = render_preview(request, listener.context).patches  # from memory
    area = result[first.top : first.top + first.height, first.left : first.left + first.width]
    assert first.rgb == area.tobytes()
    assert first == second
    other = replace(request, options=SwapOptions(blend=0.3))
    assert render_preview(other, listener.context).patches[0].rgb != first.rgb


def test_preview_of_two_faces_that_overlap(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    """The same face twice is the extreme: the second lies wholly on the first, as it does in the file."""
    one = pairing(listener, HOPPER, collins.files)
    half = SwapOptions(blend=0.5)
    reply = render_preview(RenderPreview(cleared_picture(HOPPER), MAX_PIXELS, (one, one), half), listener.context)
    assert len(reply.patches) == 2
    opened = open_faces(HOPPER, listener.context)
    recipe = recipe_for(opened.media, list(opened.faces or ()) * 2, LOSSLESS, blend=0.5)
    sources = {SourceFaceId("them"): collins.files}
    done = swap_to_file(SwapToFile(cleared(recipe), sources, str(tmp_path / "out"), MAX_PIXELS), listener.context)
    result, patch = open_upright(done.path).pixels, reply.patches[1]
    area = result[patch.top : patch.top + patch.height, patch.left : patch.left + patch.width]
    assert patch.rgb == area.tobytes()
    assert reply.patches[0].rgb != patch.rgb


def test_preview_skips_what_cannot_be_done_and_says_why(listener: Listener, collins: Kept, tmp_path: Path) -> None:
    good = pairing(listener, HOPPER, collins.files)
    lost = replace(good, face_index=5, box=replace(good.box, left=0.0, top=0.0, right=30.0, bottom=30.0))
    gone = replace(good, face_index=7, crop_paths=(str(tmp_path / "gone.png"),))
    reply = render_preview(
        RenderPreview(cleared_picture(HOPPER), MAX_PIXELS, (lost, gone, good), SwapOptions()), listener.context
    )
    assert len(reply.patches) == 1
    assert [index for index, _ in reply.skipped] == [5, 7]
    assert "Face 6" in reply.skipped[0][1].text()
    assert "no longer in the library" in reply.skipped[1][1].text()


# ---------------------------------------------------------------------------------------------------------- small ones


@pytest.mark.parametrize(("name", "format_name"), [("t.jpg", "JPEG"), ("deep/er/t.png", "PNG")])
def test_thumbnail(listener: Listener, tmp_path: Path, name: str, format_name: str) -> None:
    made = make_thumbnail(MakeThumbnail(str(HOPPER), str(tmp_path / name), 96), listener.context)
    with Image.open(tmp_path / name) as image:
        assert image.format == format_name
        assert image.size == (made.width, made.height)
        assert max(image.size) == 96


def test_thumbnail_of_a_transparent_picture_as_jpeg(listener: Listener, tmp_path: Path) -> None:
    Image.new("RGBA", (50, 40), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    make_thumbnail(MakeThumbnail(str(tmp_path / "clear.png"), str(tmp_path / "t.jpg"), 96), listener.context)
    with Image.open(tmp_path / "t.jpg") as image:
        assert image.format == "JPEG"
        assert min(image.convert("L").tobytes()) > 250


def test_copy_in_the_same_format_is_the_same_file(listener: Listener, tmp_path: Path) -> None:
    done = save_copy(SaveCopy(str(HOPPER), str(tmp_path / "copy.jpeg"), OutputOptions()), listener.context)
    assert Path(done.path).read_bytes() == HOPPER.read_bytes()
    assert done.size_bytes == HOPPER.stat().st_size


def test_copy_in_another_format(listener: Listener, tmp_path: Path) -> None:
    done = save_copy(SaveCopy(str(HOPPER), str(tmp_path / "copy.png"), OutputOptions()), listener.context)
    assert (open_upright(done.path).pixels == open_upright(HOPPER).pixels).all()


def test_copy_refuses_what_it_cannot_do(listener: Listener, tmp_path: Path) -> None:
    (tmp_path / "taken.png").write_bytes(b"mine")
    with pytest.raises(StorageError) as taken:
        save_copy(SaveCopy(str(COLLINS), str(tmp_path / "taken.png"), OutputOptions()), listener.context)
    assert taken.value.kind == "exists"
    assert (tmp_path / "taken.png").read_bytes() == b"mine"
    with pytest.raises(UsageError):
        save_copy(SaveCopy(str(COLLINS), str(tmp_path / "copy.docx"), OutputOptions()), listener.context)
    with pytest.raises(InputRefused) as missing:
        save_copy(SaveCopy(str(tmp_path / "gone.png"), str(tmp_path / "copy.png"), OutputOptions()), listener.context)
    assert missing.value.kind == "missing"


def test_self_test_finds_everything_in_order(listener: Listener, tmp_path: Path) -> None:
    report = self_test(SelfTest(), listener.context)
    assert all(state.is_fine for state in report.checkpoints)
    assert {"yunet_2023mar.onnx", "face_mesh_478.onnx"} <= {state.name for state in report.checkpoints}
    assert all(codec.can_read for codec in report.codecs)
    assert {codec.format for codec in report.codecs if codec.can_write} == {"JPEG", "PNG", "WEBP", "TIFF", "AVIF"}
    assert not (tmp_path / "scratch" / "self-test").exists()


def test_warming_and_pinging(listener: Listener) -> None:
    warm(None, listener.context)
    assert ping((1, "two"), listener.context) == (1, "two")
