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
    FacePairing,
    OutputFormat,
    OutputOptions,
    Recipe,
    SourceRef,
    SwapOptions,
    TargetFace,
    recipe_from_json,
    recipe_to_json,
)

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
