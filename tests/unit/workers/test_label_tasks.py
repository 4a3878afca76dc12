"""The visible label in results: pictures, previews and videos made here, and what services made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Size
from faceswap_desktop.domain.recipe import (
    LabelCorner,
    LabelOptions,
    LabelSize,
    LabelWording,
    OutputFormat,
    OutputOptions,
    Recipe,
    VideoQuality,
)
from faceswap_desktop.domain.video import ColourTags, FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.label import DrawnLabel, Spot, boxes_of, corner_for, draw_label, laid_over, spot_in
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.media.video.indexing import build_index
from faceswap_desktop.media.video.label import FrameLabel, labelled
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.media.video.settings import SourcePicture, encode_settings
from faceswap_desktop.workers import read_tasks
from faceswap_desktop.workers.chunk_work import render_work
from faceswap_desktop.workers.label_requests import DrawLabelSample, LabelFile
from faceswap_desktop.workers.label_tasks import draw_label_sample, label_file
from faceswap_desktop.workers.label_work import followed_boxes, video_label, video_label_so_far, video_notes
from faceswap_desktop.workers.render_requests import RenderFrames
from faceswap_desktop.workers.render_tasks import render_frames
from faceswap_desktop.workers.requests import PairingRequest, RenderPreview, SwapToFile
from faceswap_desktop.workers.shared import ReceivedPixels
from faceswap_desktop.workers.swap_tasks import render_preview, swap_to_file
from faceswap_desktop.workers.work_maker import WorkMaker
from tests.clearing import cleared, cleared_media
from tests.clips import Coding, Place, Scene, Sound, line, make_clip, one_person, still, two_people
from tests.followed import Followed, followed
from tests.unit.media.making import deep_png
from tests.unit.media.profiles import cmyk_profile, rgb_profile
from tests.unit.workers.people import COLLINS, HOPPER, Kept, Listener, keep, open_faces, recipe_for

Rgb = NDArray[np.uint8]
MAX_PIXELS: Final = 100_000_000
LABEL: Final = LabelOptions(language="de", size=LabelSize.MEDIUM)
LOSSLESS: Final = OutputOptions(video_quality=VideoQuality.LOSSLESS)
SWAP: Final = Changes()
TICK: Final = Fraction(1, 30)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path / "scratch")
    made.context.threads = 1
    yield made
    read_tasks.forget_kept()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("collins")
    return keep(COLLINS, folder, Listener(folder / "scratch").context)


def rectangle(label: DrawnLabel, spot: Spot) -> tuple[slice, slice]:
    return slice(spot.top, spot.top + label.height), slice(spot.left, spot.left + label.width)


def swapped(recipe: Recipe, kept: Kept, out: Path, listener: Listener) -> tuple[Rgb, Any]:
    request = SwapToFile(cleared(recipe), {SourceFaceId("them"): kept.files}, str(out), MAX_PIXELS)
    done = swap_to_file(request, listener.context)
    with Image.open(done.path) as image:
        return np.asarray(image.convert("RGB")), done


def pixels_of(shared: Any, *shape: int) -> Rgb:
    own = ReceivedPixels(shared.name, shared.width, shared.height, shared.channels, shared.stride)
    return np.frombuffer(own.take(), np.uint8).reshape(shape)


# ----------------------------------------------------------------------------------------------------------- pictures


def test_picture_has_it_and_nothing_else_is_another(tmp_path: Path, kept: Kept, listener: Listener) -> None:
    opened = open_faces(HOPPER, listener.context)
    assert opened.faces is not None
    plain = recipe_for(opened.media, list(opened.faces[:1]), OutputOptions(OutputFormat.PNG))
    without, first = swapped(plain, kept, tmp_path / "without", listener)
    with_it, second = swapped(replace(plain, label=LABEL), kept, tmp_path / "with", listener)
    label = draw_label(LABEL, opened.media.size, SWAP)
    assert label is not None
    spot = corner_for(opened.media.size, label, boxes_of([opened.faces[0].box]), LabelCorner.AUTO)
    expected = without.copy()
    expected[rectangle(label, spot)] = laid_over(expected[rectangle(label, spot)], label)
    assert np.array_equal(with_it, expected)
    # The label does not count as a part of the face.
    assert second.similarity == first.similarity
    assert second.notes == first.notes


def test_preview_shows_it_as_the_result_will_have_it(tmp_path: Path, kept: Kept, listener: Listener) -> None:
    opened = open_faces(HOPPER, listener.context)
    assert opened.faces is not None
    face = opened.faces[0]
    # Everywhere is a face but where the changed one ends: the label lies across its edge.
    boxes = (face.box, BoundingBox(0, 0, opened.media.size.width, opened.media.size.height))
    label = replace(LABEL, corner=LabelCorner.TOP_LEFT, size=LabelSize.LARGE)
    pairing = PairingRequest(face.index, face.box, face.five_points, kept.files.crop_paths, kept.files.atlas_path)
    recipe = replace(
        recipe_for(opened.media, [face], OutputOptions(OutputFormat.PNG)), label=label, bystanders=boxes[1:]
    )
    result, _ = swapped(recipe, kept, tmp_path / "result", listener)
    request = RenderPreview(
        cleared_media(opened.media), MAX_PIXELS, (pairing,), recipe.options, label=label, faces=boxes
    )
    reply = render_preview(request, listener.context)
    assert len(reply.patches) == 2
    shown = open_upright(HOPPER).pixels.copy()
    for patch in reply.patches:
        rgb = np.frombuffer(patch.rgb, np.uint8).reshape(patch.height, patch.width, 3)
        shown[patch.top : patch.top + patch.height, patch.left : patch.left + patch.width] = rgb
    assert np.array_equal(shown, result)
    assert len(render_preview(replace(request, label=LabelOptions(is_on=False)), listener.context).patches) == 1


def made_by_a_service(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def label_of_service(
    path: Path, recipe: Recipe, listener: Listener, original: VideoFiles | None = None
) -> tuple[Any, Path]:
    request = LabelFile(
        str(path),
        str(path.with_name(f"labelled-{path.stem}")),
        str(path.with_name("labelling")),
        recipe,
        original or VideoFiles(str(path.with_name("nothing"))),
        MAX_PIXELS,
    )
    before = path.read_bytes()
    made = label_file(request, listener.context)
    assert path.read_bytes() == before
    assert not path.with_name("labelling").exists()
    return made, Path(made.path)


def service_recipe(listener: Listener) -> Recipe:
    opened = open_faces(HOPPER, listener.context)
    assert opened.faces is not None
    return replace(recipe_for(opened.media, list(opened.faces[:1])), label=LABEL)


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("result.jpg", "RGB", {"quality": 95, "icc_profile": rgb_profile()}),
        ("result.jpg", "CMYK", {"icc_profile": cmyk_profile()}),
        ("result.jpg", "L", {}),
        ("result.png", "RGBA", {}),
        ("result.png", "P", {}),
        ("result.webp", "RGB", {"lossless": True}),
        ("result.tif", "RGB", {}),
    ],
)
def test_pictures_of_services_keep_what_they_are(
    tmp_path: Path, listener: Listener, name: str, mode: str, options: dict[str, Any]
) -> None:
    recipe = service_recipe(listener)
    with Image.open(HOPPER) as image:
        exif = image.getexif()
        exif[0x010E] = "A title"
        picture = image.convert("RGBA") if mode == "RGBA" else image.convert(mode)
        if mode == "RGBA":
            picture.putalpha(90)
        path = made_by_a_service(tmp_path / name, picture, **options, **({"exif": exif} if mode == "RGB" else {}))
    made, out = label_of_service(path, recipe, listener)
    assert out.name == f"labelled-{name}"
    before, after = open_upright(path), open_upright(out)
    assert after.format == before.format == made.format
    assert after.icc_profile == before.icc_profile
    assert (b"A title" in after.exif) == (b"A title" in before.exif) == (mode == "RGB")
    assert (made.width, made.height) == before.size
    label = draw_label(LABEL, before.size, SWAP)
    assert label is not None
    spot = corner_for(Size(*before.size), label, boxes_of([recipe.targets[0].box]), LabelCorner.AUTO)
    where = rectangle(label, spot)
    apart = np.abs(after.pixels.astype(int) - before.pixels)
    outside = apart.copy()
    outside[where] = 0
    assert outside.mean() < 1.5
    letters = (label.shares[..., 0] > 0.99) & (label.colours[..., 0] > 252)
    if mode == "RGBA":
        assert after.alpha is not None
        assert after.alpha[where][letters].min() > 250
        outside_alpha = after.alpha.copy()
        outside_alpha[where] = 90
        assert (outside_alpha == 90).all()
    assert after.pixels[where][letters].mean() > 235
    plate = (label.shares[..., 0] > 0.5) & (label.colours[..., 0] < 20)
    assert after.pixels[where][plate].mean() < 110
    # Once more after a kill: the same file again, and no second one.
    again, _ = label_of_service(path, recipe, listener)
    assert again == made
    assert len(list(tmp_path.glob("labelled-*"))) == 1


def test_jpeg_of_a_service_keeps_its_colour_resolution(tmp_path: Path, listener: Listener) -> None:
    with Image.open(HOPPER) as image:
        path = made_by_a_service(tmp_path / "result.jpg", image, quality=90)
    _, out = label_of_service(path, service_recipe(listener), listener)
    with Image.open(out) as image:
        assert {part[1:3] for part in image.layer} == {(1, 1)}  # type: ignore[attr-defined]


def test_sixteen_bit_picture_is_labelled(tmp_path: Path, listener: Listener) -> None:
    path = tmp_path / "result.png"
    path.write_bytes(deep_png(np.full((200, 300, 3), 40_000, np.uint16)))
    made, out = label_of_service(path, service_recipe(listener), listener)
    assert made.format == "PNG"
    assert (open_upright(out).pixels != open_upright(path).pixels).any()


def test_picture_too_small_for_a_label_is_left_as_it_is_and_that_is_said(tmp_path: Path, listener: Listener) -> None:
    path = made_by_a_service(tmp_path / "result.png", Image.new("RGB", (12, 9)))
    made, _ = label_of_service(path, service_recipe(listener), listener)
    assert made.path == ""
    assert "too small" in made.notes[0]


def test_scaled_result_keeps_away_from_the_scaled_face(tmp_path: Path, listener: Listener) -> None:
    recipe = service_recipe(listener)
    width, height = recipe.media.size
    face = BoundingBox(width * 0.55, height * 0.8, width, height)
    pairing = replace(recipe.pairings[0], target=replace(recipe.targets[0], box=face))
    with Image.open(HOPPER) as image:
        path = made_by_a_service(tmp_path / "result.png", image.resize((width // 2, height // 2)))
    _, out = label_of_service(path, replace(recipe, pairings=(pairing,)), listener)
    rows, columns = np.nonzero((open_upright(out).pixels != open_upright(path).pixels).any(axis=2))
    assert rows.min() > height // 4
    assert columns.max() < width // 4, "at the bottom left"


def test_sample_is_drawn_like_results(listener: Listener) -> None:
    options = replace(LABEL, is_on=False, wording=LabelWording.FULL, language="ja")
    sample = draw_label_sample(DrawLabelSample(options, 480, 270), listener.context)
    label = draw_label(replace(options, is_on=True), Size(480, 270), SWAP)
    assert label is not None
    assert sample.text == label.text
    rgb = np.frombuffer(sample.rgb, np.uint8).reshape(270, 480, 3)
    where = rectangle(label, spot_in(LabelCorner.BOTTOM_RIGHT, Size(480, 270), label))
    left_of_it = np.repeat(rgb[where[0], :1], label.width, axis=1)
    assert np.array_equal(rgb[where], laid_over(left_of_it, label))


# ------------------------------------------------------------------------------------------------------------- videos


def ready(clip: Any, folder: Path, listener: Listener, **changes: Any) -> Followed:
    one = followed(clip, folder, listener.context, {"collins": "hopper"}, output=LOSSLESS)
    return replace(one, recipe=replace(one.recipe, label=replace(LABEL, **changes)))


def frames_of(path: Path) -> dict[int, Rgb]:
    media = probe_video(path).media
    assert media.video is not None
    facts = media.video
    index = build_index(str(path), size=(facts.coded_width, facts.coded_height), pixel_format=facts.pixel_format)
    with FrameReader(path, index, threads=1) as reader:
        found = reader.frames(FrameRange(0, len(index)))
        return {number: upright_rgb(frame, facts.rotation) for number, frame in found if frame is not None}


def maker_of(one: Followed) -> WorkMaker:
    reader = FrameReader(one.clip.path, one.index, threads=1)
    return WorkMaker(one.recipe, one.sources, one.files, one.index, reader)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le", "yuv444p", "nv12", "rgb24"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(320, 180), (161, 97)])
def test_frames_have_it_upright(pixel_format: str, rotation: int, size: tuple[int, int]) -> None:
    upright = np.full((size[1], size[0], 3), 120, np.uint8)
    turned = np.ascontiguousarray(np.rot90(upright, rotation // 90))
    source = av.VideoFrame.from_ndarray(turned, "rgb24")
    frame = source.reformat(format=pixel_format, dst_colorspace="ITU601", dst_color_range="MPEG")
    label = draw_label(LABEL, Size(*size), SWAP)
    assert label is not None
    settings = encode_settings(
        OutputOptions(),
        SourcePicture(
            *(frame.width, frame.height, "yuv444p" if pixel_format == "rgb24" else pixel_format),
            time_base=TICK,
            rate=TICK,
            colour=ColourTags("tv", "bt709", "bt709", "smpte170m"),
        ),
    )
    spot = spot_in(LabelCorner.TOP_RIGHT, Size(*size), label)
    before = [bytes(plane) for plane in frame.planes]
    done = labelled(frame, FrameLabel(label, spot), rotation, settings)
    assert [bytes(plane) for plane in frame.planes] == before, "what was decoded stays"
    rgb = done.reformat(format="rgb24", src_colorspace="ITU601").to_ndarray().astype(int)
    shown = np.rot90(rgb[: frame.height, : frame.width], -(rotation // 90))
    expected = upright.copy()
    expected[rectangle(label, spot)] = laid_over(expected[rectangle(label, spot)], label)
    assert np.abs(shown - expected).mean() < 2.0
    assert np.abs(shown[rectangle(label, spot)] - expected[rectangle(label, spot)]).mean() < 4.0


def test_on_hdr_letters_are_as_bright_as_paper_and_no_brighter() -> None:
    """A white of 10 000 nits would blind; the samples of the letters stay near those of paper white."""
    frame = av.VideoFrame.from_ndarray(np.full((180, 320, 3), 20_000, np.uint16), "rgb48le").reformat(
        format="yuv420p10le", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    colour = ColourTags("tv", "bt2020", "smpte2084", "bt2020nc")
    picture = SourcePicture(320, 180, "yuv420p10le", TICK, TICK, colour)
    label = draw_label(replace(LABEL, size=LabelSize.LARGE), Size(320, 180), SWAP)
    assert label is not None
    spot = spot_in(LabelCorner.TOP_LEFT, Size(320, 180), label)
    done = labelled(frame, FrameLabel(label, spot), 0, encode_settings(OutputOptions(), picture))
    assert done.format.name == "yuv420p10le"
    plane = done.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint16).reshape(plane.height, -1)[:, :320]
    letters = (label.shares[..., 0] > 0.99) & (label.colours[..., 0] > 252)
    # 203 cd/m² are 58 % of the signal in PQ, 1.2 times that are 60 %.
    signal = (luma[rectangle(label, spot)][letters].astype(float) - 64) / 876
    assert 0.5 < float(np.median(signal)) < 0.63


def test_corner_is_the_same_for_every_chunk_and_keeps_away_from_everybody(tmp_path: Path, listener: Listener) -> None:
    # One walks along the bottom, so that both lower corners are taken at some time.
    walk = Scene(0.8, one_person(0.8, "collins", line(Place(0.15, 0.75, 0.4), Place(0.85, 0.75, 0.4), 0.8)).actors)
    one = ready(make_clip(tmp_path / "a.mp4", [walk], size=(320, 180)), tmp_path, listener)
    maker = maker_of(one)
    works = [maker.make(number, frames) for number, frames in one.chunks(3, 9, 17)]
    assert {work.label for work in works} == {video_label(one.recipe, one.files)}
    label = works[0].label
    assert label is not None
    assert label.spot.corner is LabelCorner.TOP_RIGHT
    assert not label.spot.covers_face
    # Where only the beginning is wanted, nobody is at the bottom right yet.
    start = video_label(replace(one.recipe, trim=FrameRange(0, 8)), one.files)
    assert start is not None
    assert start.spot.corner is LabelCorner.BOTTOM_RIGHT
    # What is kept beside the tracks gives the same, also where it is damaged.
    kept = Path(one.files.tracks) / "boxes.npz"
    boxes = followed_boxes(one.files, FrameRange(0, 100))
    kept.write_bytes(b"PK damaged")
    assert np.array_equal(followed_boxes(one.files, FrameRange(0, 100)), boxes)
    assert video_notes(one.recipe, one.files) == ()
    chosen = replace(one.recipe, label=replace(LABEL, corner=LabelCorner.BOTTOM_LEFT))
    assert "top right" in video_notes(chosen, one.files)[0] or "top left" in video_notes(chosen, one.files)[0]


def test_somebody_who_stays_as_he_is_is_not_covered_either(tmp_path: Path, listener: Listener) -> None:
    pair = Scene(
        0.3,
        (
            *one_person(0.3, "collins", still(Place(0.2, 0.3, 0.4))).actors,
            *one_person(0.3, "hopper", still(Place(0.85, 0.8, 0.38))).actors,
        ),
    )
    clip = make_clip(tmp_path / "a.mp4", [pair], size=(320, 180))
    one = followed(clip, tmp_path, listener.context, {"collins": "hopper", "hopper": "collins"})
    recipe = replace(one.recipe, pairings=one.recipe.pairings[:1], label=LABEL)
    found = video_label(recipe, one.files)
    assert found is not None
    assert found.spot.corner is LabelCorner.BOTTOM_LEFT


def test_without_tracks_the_best_places_count(tmp_path: Path, listener: Listener) -> None:
    one = ready(make_clip(tmp_path / "a.mp4", [one_person(0.1)], size=(320, 180)), tmp_path, listener)
    pairing = one.recipe.pairings[0]
    recipe = replace(
        one.recipe,
        pairings=(replace(pairing, target=replace(pairing.target, box=BoundingBox(200, 100, 320, 180))),),
    )
    nowhere = VideoFiles(str(tmp_path / "nowhere"))
    with pytest.raises(StorageError):
        video_label(recipe, nowhere)
    found = video_label_so_far(recipe, nowhere)
    assert found is not None
    assert found.spot.corner is LabelCorner.BOTTOM_LEFT


def test_chunks_are_the_same_elsewhere_and_the_preview_is_the_result(tmp_path: Path, listener: Listener) -> None:
    clip = make_clip(tmp_path / "a.mp4", [one_person(0.3, "collins", still(Place(0.5, 0.5, 0.5)))], size=(320, 180))
    one = ready(clip, tmp_path, listener, language="ko")
    maker = maker_of(one)
    with FrameReader(clip.path, one.index, threads=1) as reader:
        here = render_work(maker.make(0, FrameRange(0, 9)), reader.frames(maker.make(0, FrameRange(0, 9)).around))
    there = render_work(maker.make(0, FrameRange(0, 9), with_packets=True))
    assert there.packed == here.packed
    request = RenderFrames(cleared_media(one.media), one.files, (4,), 2000, one.recipe, one.sources)
    reply = render_frames(request, listener.context)
    shown = pixels_of(reply.pixels, 180, 320, 3)
    plain = render_frames(
        replace(request, recipe=replace(one.recipe, label=LabelOptions(is_on=False))), listener.context
    )
    before = pixels_of(plain.pixels, 180, 320, 3)
    found = video_label(one.recipe, one.files)
    assert found is not None
    where = rectangle(found.label, found.spot)
    assert (shown[where] != before[where]).any(axis=2).mean() > 0.5
    rest = (shown != before).any(axis=2)
    rest[where] = False
    # Samples of colour are shared by neighbours.
    assert rest.mean() < 0.01
    assert (
        there.chunk.similarity
        == render_work(
            maker_of(replace(one, recipe=replace(one.recipe, label=LabelOptions(is_on=False)))).make(
                0, FrameRange(0, 9), with_packets=True
            )
        ).chunk.similarity
    )


@pytest.mark.parametrize(
    ("name", "coding", "size"),
    [
        ("result.mp4", Coding(), (320, 180)),
        ("result.mov", Coding(codec="libx265", pixel_format="yuv420p10le"), (322, 182)),
        ("result.webm", Coding(codec="libvpx-vp9"), (321, 181)),
    ],
)
def test_videos_of_services_keep_what_they_are(
    tmp_path: Path, listener: Listener, name: str, coding: Coding, size: tuple[int, int]
) -> None:
    sounds = (Sound(codec="libopus" if name.endswith("webm") else "aac"),)
    original = make_clip(tmp_path / "a.mp4", [one_person(0.4, "collins")], size=(640, 360))
    one = ready(original, tmp_path, listener)
    made_by_them = make_clip(tmp_path / name, [one_person(0.4, "collins")], size=size, coding=coding, sound=sounds)
    made, out = label_of_service(made_by_them.path, one.recipe, listener, one.files)
    before, after = probe_video(made_by_them.path).media, probe_video(out).media
    assert out.name == f"labelled-{name}"
    assert after.format == before.format == made.format
    assert before.video is not None
    assert after.video is not None
    assert (after.video.codec, after.video.bits) == (before.video.codec, before.video.bits)
    assert after.video.audio == before.video.audio
    assert sound_of(out) == sound_of(made_by_them.path)
    old, new = frames_of(made_by_them.path), frames_of(out)
    assert len(old) == len(new)
    label = draw_label(LABEL, before.size, SWAP)
    assert label is not None
    spot = spot_in(LabelCorner.BOTTOM_RIGHT, before.size, label)
    for number in (0, len(old) // 2, len(old) - 1):
        shown = new[number][: size[1], : size[0]].astype(int)
        expected = old[number].copy()
        expected[rectangle(label, spot)] = laid_over(expected[rectangle(label, spot)], label)
        assert np.abs(shown - expected).mean() < 4.0
        assert np.abs(shown - expected)[rectangle(label, spot)].mean() < 12.0
    again, _ = label_of_service(made_by_them.path, one.recipe, listener, one.files)
    assert again.size_bytes == made.size_bytes


def test_turned_video_of_a_service_is_labelled_upright(tmp_path: Path, listener: Listener) -> None:
    clip = make_clip(tmp_path / "result.mp4", [one_person(0.2)], size=(180, 320), rotation=90)
    one = ready(clip, tmp_path, listener)
    _, out = label_of_service(clip.path, one.recipe, listener, one.files)
    shown, before = frames_of(out)[2], frames_of(clip.path)[2]
    assert shown.shape == (320, 180, 3)
    found = video_label(one.recipe, one.files)
    assert found is not None
    where = rectangle(found.label, found.spot)
    expected = laid_over(before[where], found.label)
    assert np.abs(shown[where].astype(int) - expected).mean() < 12.0


def sound_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_two_people_leave_the_first_corner(tmp_path: Path, listener: Listener) -> None:
    clip = make_clip(tmp_path / "a.mp4", [two_people(0.1, 0.3)], size=(640, 360))
    one = followed(clip, tmp_path, listener.context, {"collins": "hopper", "hopper": "collins"})
    found = video_label(replace(one.recipe, label=LABEL), one.files)
    assert found is not None
    assert found.spot.corner is LabelCorner.BOTTOM_RIGHT
