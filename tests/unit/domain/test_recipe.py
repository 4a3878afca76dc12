"""Recipes: kept whole, read back equal."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.recipe import (
    FaceAge,
    FacePairing,
    LiveTake,
    OutputFormat,
    OutputOptions,
    Recipe,
    SourceRef,
    SwapOptions,
    TargetFace,
    VideoCodec,
    VideoContainer,
    VideoQuality,
)
from faceswap_desktop.domain.recipe_json import recipe_from_json, recipe_to_json
from faceswap_desktop.domain.video import AudioTrack, ColourTags, FrameRange, TrackPart, VideoFacts

shares = st.floats(0, 1)
options = st.builds(SwapOptions, shares, st.booleans(), st.booleans(), shares, shares)
outputs = st.builds(OutputOptions, st.sampled_from(OutputFormat), st.integers(1, 100), st.booleans(), st.booleans())
POINTS = (Point(1, 2), Point(3, 4), Point(5, 6), Point(7, 8), Point(9, 10))


def a_recipe(swap: SwapOptions | None = None, output: OutputOptions | None = None) -> Recipe:
    media = Media(
        MediaId("m"), '/pictures/äöü 漢 "quoted".png', MediaKind.IMAGE, Size(640, 480), "PNG", Fingerprint(9, 8, "ab")
    )
    pairing = FacePairing(
        TargetFace(1, BoundingBox(1.5, 2.5, 30.0, 40.0), POINTS), SourceRef(SourceFaceId("s"), "Anna", (PhotoId("p"),))
    )
    return Recipe("on-device", media, (pairing,), swap or SwapOptions(), output or OutputOptions(), "agreed")


@given(options, outputs)
def test_json_gives_the_same_recipe_back(swap: SwapOptions, output: OutputOptions) -> None:
    recipe = a_recipe(swap, output)
    assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe


def test_a_video_with_ages_and_a_trim_comes_back() -> None:
    recipe = a_recipe()
    facts = VideoFacts(
        12.5, 300, 24.0, "hevc", "yuv420p10le", 10, 1280, 720, True, ColourTags("tv", "bt709", "bt709", "bt709"), 90,
        (AudioTrack("aac", 2, 48000, "deu", "Ton"),), 2, 3, 1,
    )  # fmt: skip
    parts = (TrackPart(FrameRange(0, 40), 2), TrackPart(FrameRange(60, 90), 5))
    target = replace(recipe.pairings[0].target, frame=17, parts=parts, name="Zoë")
    video = replace(
        recipe,
        media=replace(recipe.media, kind=MediaKind.VIDEO, video=facts),
        pairings=(replace(recipe.pairings[0], target=target),),
        ages=(FaceAge(target, -20), FaceAge(replace(target, index=4), 30)),
        trim=FrameRange(10, 80),
        output=OutputOptions(
            video_codec=VideoCodec.AV1, video_container=VideoContainer.MKV, video_quality=VideoQuality.LOSSLESS
        ),
    )
    assert recipe_from_json(json.loads(json.dumps(recipe_to_json(video)))) == video
    assert [one.index for one in video.targets] == [1, 4]
    assert (video.age_of(1), video.age_of(4), video.age_of(2)) == (-20, 30, 0)
    assert [target.track_at(frame) for frame in (39, 40, 60, 90)] == [2, None, 5, None]


def test_who_stands_by_comes_back() -> None:
    recipe = replace(a_recipe(), bystanders=(BoundingBox(40.5, 2, 60, 30), BoundingBox(70, 2, 90, 30)))
    assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe
    before = recipe_to_json(recipe)
    del before["bystanders"]
    assert recipe_from_json(before).bystanders == ()


def test_recipes_of_the_first_version_are_read() -> None:
    data = recipe_to_json(a_recipe())
    for name in ("ages", "trim"):
        del data[name]
    del data["media"]["video"]
    for name in ("video_codec", "video_container", "video_quality"):
        del data["output"][name]
    for pairing in data["pairings"]:
        for name in ("frame", "parts", "name"):
            del pairing["target"][name]
    data["version"] = 1
    assert recipe_from_json(data) == a_recipe()


def test_the_cast_names_sources_or_years() -> None:
    recipe = a_recipe()
    target = recipe.pairings[0].target
    assert recipe.cast == "Anna"
    only_ages = replace(recipe, pairings=(), ages=(FaceAge(target, 20), FaceAge(replace(target, index=2), -5)))
    assert only_ages.cast == "5 years younger, 20 years older"
    assert only_ages.name_template == "{name}, {source}"


@pytest.mark.parametrize("years", [-31, 31])
def test_too_many_years_are_refused(years: int) -> None:
    with pytest.raises(ValueError, match="years"):
        FaceAge(a_recipe().pairings[0].target, years)


def test_a_newer_recipe_is_refused() -> None:
    data = recipe_to_json(replace(a_recipe(), version=99))
    with pytest.raises(ValueError, match="newer"):
        recipe_from_json(data)


@pytest.mark.parametrize("name", ["blend", "colour_match", "edge_softness"])
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_options_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        SwapOptions(**{name: value})  # type: ignore[arg-type]


def test_change_one_thing() -> None:
    recipe = a_recipe()
    changed = recipe.with_options(blend=0.5)
    assert changed.options.blend == 0.5
    assert replace(changed, options=recipe.options) == recipe


@given(st.builds(LiveTake, st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), st.floats(0)))
def test_where_it_was_filmed_live_comes_back(take: LiveTake) -> None:
    recipe = replace(a_recipe(), take=take)
    assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe


def test_what_is_older_than_live_was_not_filmed_live() -> None:
    before = recipe_to_json(a_recipe())
    assert before["take"] is None
    del before["take"]
    assert recipe_from_json(before) == a_recipe()
