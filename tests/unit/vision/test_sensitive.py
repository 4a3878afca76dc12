"""Looking for what is refused: the real network on harmless pictures, and with scripted scores where it looks."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.sensitive import NUDITY_BAR, YOUNG_BAR
from faceswap_desktop.resources import resource_path
from faceswap_desktop.vision import sensitive
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.detect import Detection, detect
from faceswap_desktop.vision.reage.age import estimate_age
from faceswap_desktop.vision.sensitive import look_at_frame, look_at_picture, score
from tests.scripted_looks import BETWEEN, DOUBTFUL, OVER, REFUSED, scripted

SAND = (215, 190, 150)
HARMLESS = 0.12
"""The most that the publisher of the converted checkpoint saw on ten clothed photos."""


def sample(name: str) -> Picture:
    with Image.open(resource_path("samples", name)) as opened:
        return np.array(opened.convert("RGB"))


@pytest.fixture(scope="module", params=["eileen_collins.png", "grace_hopper.jpg"])
def photo(request: pytest.FixtureRequest) -> Picture:
    return sample(request.param)


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """Put scripted scores in the classifier's place; return what it was shown."""
    shown: list[Picture] = []

    def remembered(picture: Picture) -> float:
        shown.append(picture)
        return scripted(picture)

    monkeypatch.setattr(sensitive, "score", remembered)
    return shown


def resized(picture: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def plain(width: int, height: int, colour: tuple[int, int, int] = SAND) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


# ------------------------------------------------------------------------------------------------------- the real one


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: one, id="as it is"),
        pytest.param(lambda one: one[:, ::-1], id="mirrored"),
        pytest.param(lambda one: np.clip(one * 0.3, 0, 255).astype(np.uint8), id="dark"),
        pytest.param(lambda one: np.clip(one * 1.6, 0, 255).astype(np.uint8), id="bright"),
        pytest.param(lambda one: np.clip(one * [1.2, 1.0, 0.75], 0, 255).astype(np.uint8), id="warm"),
        pytest.param(lambda one: np.repeat(one.mean(axis=2, keepdims=True), 3, 2).astype(np.uint8), id="grey"),
        pytest.param(lambda one: cv2.GaussianBlur(one, (0, 0), 8), id="blurred"),
        pytest.param(lambda one: cv2.resize(one, (64, 64), interpolation=cv2.INTER_AREA), id="tiny"),
    ],
)
def test_clothed_people_score_low(photo: Picture, change: Callable[[Picture], Picture]) -> None:
    assert score(change(photo)) <= HARMLESS


def test_close_faces_score_low(photo: Picture) -> None:
    left, top, right, bottom = (int(value) for value in detect(photo)[0].box)
    for margin in (0, 10, 40):
        assert score(photo[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]) <= HARMLESS


def test_the_size_of_a_picture_does_not_matter(photo: Picture) -> None:
    height, width = photo.shape[:2]
    large = resized(photo, 3 * width, 3 * height)
    assert score(large) == pytest.approx(score(photo), abs=0.02)


@pytest.mark.parametrize("colour", [SAND, (224, 172, 140), (120, 80, 60), (0, 0, 0), (255, 255, 255), (120, 170, 230)])
def test_nothing_to_see_is_nothing(colour: tuple[int, int, int]) -> None:
    assert score(plain(300, 200, colour)) == 0.0
    rough = plain(300, 200, colour) + np.random.default_rng(1).normal(0, 25, (200, 300, 3))
    assert score(np.clip(rough, 0, 255).astype(np.uint8)) < YOUNG_BAR


@pytest.mark.parametrize("turns", range(4))
def test_the_samples_pass_whichever_way_they_lie(photo: Picture, turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(photo, turns))
    assert not look_at_picture(turned).is_over
    assert not look_at_frame(turned).is_over


def test_a_large_and_a_long_picture_of_clothed_people_pass(photo: Picture) -> None:
    large = resized(photo, 2048, 2400)
    assert look_at_picture(large).score < YOUNG_BAR
    assert look_at_picture(np.tile(photo, (1, 4, 1))).score < YOUNG_BAR


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (20, 20)])
def test_pictures_of_any_size_are_looked_at(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (*size, 3)).astype(np.uint8)
    assert 0.0 <= look_at_picture(noise).score < NUDITY_BAR
    assert 0.0 <= look_at_frame(noise).score < NUDITY_BAR


# ----------------------------------------------------------------------------------------------------- where it looks


@pytest.mark.parametrize("look", [look_at_picture, look_at_frame])
def test_what_is_over_ends_the_looking(look: Callable[[Picture], sensitive.Look], scores: list[Picture]) -> None:
    found = look(plain(1600, 1200, REFUSED))

    assert found == sensitive.Look(OVER)
    assert found.is_over
    assert len(scores) == 1


def with_body(turns: int, size: int = 880) -> Picture:
    """A person in a corner of a plain picture, with a marked body too small to be seen in the whole."""
    face = sample("eileen_collins.png")[40:200, 140:300]
    face = resized(face, 80, 80)
    picture = plain(size, size)
    side = face.shape[0]
    picture[20 : 20 + side, 120 : 120 + side] = face
    picture[20 + side : 20 + 5 * side, 60 : 60 + 3 * side] = REFUSED
    return np.ascontiguousarray(np.rot90(picture, turns))


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("look", [look_at_picture, look_at_frame])
def test_a_body_is_looked_for_at_its_face(
    look: Callable[[Picture], sensitive.Look], turns: int, scores: list[Picture]
) -> None:
    picture = with_body(turns)

    assert scripted(picture) < NUDITY_BAR
    assert look(picture).is_over
    # Bodies are shown upright: the head, which is no mark, is above.
    marked = np.abs(scores[-1].astype(int) - REFUSED).max(axis=2) < 60
    half = len(marked) // 2
    assert marked[half:].mean() > marked[:half].mean() / 2


def test_a_large_picture_is_looked_at_in_parts(scores: list[Picture]) -> None:
    picture = plain(2400, 1800)
    picture[900:1600, 1500:2300] = REFUSED

    assert scripted(picture) < NUDITY_BAR
    assert look_at_picture(picture).is_over


@pytest.mark.parametrize("is_tall", [False, True])
@pytest.mark.parametrize("look", [look_at_picture, look_at_frame])
def test_a_long_picture_is_looked_at_in_squares(
    look: Callable[[Picture], sensitive.Look], is_tall: bool, scores: list[Picture]
) -> None:
    for at in range(0, 1800, 300):
        picture = plain(2000, 300)
        picture[:, at : at + 200] = REFUSED
        assert scripted(picture) < NUDITY_BAR
        assert look(np.ascontiguousarray(picture.transpose(1, 0, 2)) if is_tall else picture).is_over, at


def test_a_very_long_picture_is_covered_whole(scores: list[Picture]) -> None:
    picture = plain(30_000, 140)
    picture[:, 29_860:] = REFUSED

    assert look_at_picture(picture).is_over
    assert len(scores) < 400


def test_a_small_picture_of_few_is_looked_at_once(scores: list[Picture]) -> None:
    assert not look_at_picture(sample("grace_hopper.jpg")).is_over
    assert len(scores) == 1


# ----------------------------------------------------------------------------------------------------------- the young


@pytest.fixture
def ages(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """Return the ages that were estimated, by the real network."""
    asked: list[float | None] = []

    def remembered(pixels: Picture, face: Detection) -> float | None:
        asked.append(estimate_age(pixels, face))
        return asked[-1]

    monkeypatch.setattr(sensitive, "estimate_age", remembered)
    return asked


def doubtful() -> Picture:
    picture = np.concatenate([sample("eileen_collins.png"), plain(512, 400, DOUBTFUL)])
    assert scripted(picture) == BETWEEN
    return picture


def test_a_grown_up_has_the_higher_bar(scores: list[Picture], ages: list[float | None]) -> None:
    found = look_at_picture(doubtful())

    assert found == sensitive.Look(BETWEEN)
    assert not found.is_over
    assert len(ages) == 1


def test_whoever_looks_young_has_the_lower_bar(
    scores: list[Picture], ages: list[float | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody young is in the samples: so the years are counted otherwise.
    monkeypatch.setattr(sensitive, "YOUNG_YEARS", 60.0)
    found = look_at_picture(doubtful())

    assert found == sensitive.Look(BETWEEN, looks_young=True)
    assert found.is_over


def test_only_those_in_a_view_lower_its_bar(scores: list[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitive, "YOUNG_YEARS", 60.0)
    picture = plain(2600, 500)
    picture[:, :500] = sample("eileen_collins.png")[:500, :500]
    picture[:, 2100:] = DOUBTFUL

    assert look_at_picture(picture) == sensitive.Look(BETWEEN)


@pytest.mark.parametrize("colour", [SAND, REFUSED])
def test_ages_are_asked_only_where_they_decide(
    colour: tuple[int, int, int], scores: list[Picture], ages: list[float | None]
) -> None:
    look_at_picture(np.concatenate([sample("eileen_collins.png"), plain(512, 400, colour)]))
    assert ages == []
