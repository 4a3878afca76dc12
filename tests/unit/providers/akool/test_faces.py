"""Faces, boxes and points as AKOOL writes them; matching them with the recipe's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox, Point
from faceswap_desktop.domain.recipe import TargetFace
from faceswap_desktop.domain.video import FrameRange, TrackPart
from faceswap_desktop.providers.akool.faces import (
    Corners,
    Detection,
    FaceAt,
    FourPoints,
    Region,
    Sighting,
    read_faces,
    read_frames,
)
from faceswap_desktop.providers.akool.matching import match_picture, match_video, missing
from faceswap_desktop.providers.akool.reading import BrokenAnswerError
from faceswap_desktop.providers.akool.requests import (
    PaidRequest,
    PlusFace,
    Reage,
    SwapPlus,
    SwapPro,
    SwapV3,
    request_from_text,
    request_to_text,
)

POINTS = "246,510:457,516:340,657:348,739"
CROP, WHOLE = "https://crops.example.com/a.jpg", "https://media.example.com/whole.jpg"


def sighting(x: int = 0, *, frame: int = 0, seconds: float = 0.0, index: int = 0, has_crop: bool = True) -> Sighting:
    return Sighting(
        index,
        frame,
        seconds,
        Region(x, 0, 100, 100),
        FourPoints.read(POINTS, "opts"),
        media_url=WHOLE,
        crop_url=CROP if has_crop else "",
        crop_region=Region(x, 0, 200, 200) if has_crop else None,
        crop_opts=FourPoints.read("1,2:3,4:5,6:7,8", "opts") if has_crop else None,
    )


def target(index: int, x: float, *, frame: int = 0, parts: tuple[TrackPart, ...] = ()) -> TargetFace:
    where = Point(x, 0.0)
    return TargetFace(index, BoundingBox(x, 0, x + 100, 100), (where, where, where, where, where), frame, parts)


def as_it_is(box: BoundingBox) -> BoundingBox:
    return box


def test_boxes_of_two_kinds_are_values_of_two_kinds() -> None:
    region, corners = Region.read([10, 20, 30, 40], "region"), Corners.read([10, 20, 40, 60], "corners")
    assert region.corners == corners
    assert corners.box == BoundingBox(10, 20, 40, 60)
    with pytest.raises(AttributeError):
        region.as_list()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value", [None, "1,2,3,4", [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 0, 4], [1, 2, "3", 4], [True] * 4]
)
def test_a_box_that_is_none(value: object) -> None:
    with pytest.raises(BrokenAnswerError):
        Region.read(value, "region")


def test_corners_that_are_the_wrong_way_round() -> None:
    with pytest.raises(BrokenAnswerError):
        Corners.read([100, 100, 50, 200], "corners")


def test_of_six_points_four_are_kept() -> None:
    six = "249,510:460,516:343,657:351,739:254,739:449,745"
    assert FourPoints.read(six, "opts").as_text() == "249,510:460,516:343,657:351,739"


@given(st.lists(st.tuples(st.integers(-9999, 99999), st.integers(-9999, 99999)), min_size=4, max_size=6))
def test_points_come_back_as_whole_numbers(pairs: list[tuple[int, int]]) -> None:
    written = ":".join(f"{x},{y}" for x, y in pairs)
    assert FourPoints.read(written, "opts").points == tuple(pairs[:4])


@pytest.mark.parametrize(
    "value", ["", "1,2:3,4:5,6", "1,2:3,4:5,6:7", "1,2:3,4:5,6:a,b", "1,2:3,4:5,6:<b>", 5, None, ["1,2"]]
)
def test_points_that_are_none(value: object) -> None:
    with pytest.raises(BrokenAnswerError):
        FourPoints.read(value, "opts")


def test_points_go_with_their_own_picture() -> None:
    face = sighting(50)
    whole, crop = face.from_whole(), face.from_crop()
    assert whole.item() == {"path": WHOLE, "opts": POINTS}
    assert crop.item() == {"path": CROP, "opts": "1,2:3,4:5,6:7,8"}
    assert (whole.origin, whole.is_crop, crop.origin, crop.is_crop) == ((0, 0), False, (50, 0), True)
    assert face.best() == crop
    assert sighting(has_crop=False).best().path == WHOLE
    with pytest.raises(BrokenAnswerError):
        sighting(has_crop=False).from_crop()


def test_plus_takes_a_crop_bare_and_a_whole_picture_with_corners() -> None:
    face = sighting(50)
    assert PlusFace.of(face.from_crop()).info() == {"face_url": CROP}
    assert PlusFace.of(face.from_whole()).info() == {"face_url": WHOLE, "bbox": [50, 0, 150, 100]}


def test_pro_takes_no_crop_as_what_is_edited() -> None:
    with pytest.raises(ValueError, match="whole picture"):
        SwapPro(sighting().from_crop(), sighting().from_crop(), enhance=False, is_only_face=False)


def test_each_target_face_has_one_source_face() -> None:
    crop = sighting().from_crop()
    with pytest.raises(ValueError, match="one source face"):
        SwapV3((crop, crop), (crop,), WHOLE, is_video=False, enhance=False)


def requests() -> list[PaidRequest]:
    crop, whole = sighting().from_crop(), sighting().from_whole()
    return [
        SwapV3((whole, crop), (crop, crop), WHOLE, is_video=False, enhance=True),
        SwapV3((crop,), (crop,), WHOLE, is_video=True, enhance=False),
        Reage((crop,), -30, WHOLE, is_video=False),
        SwapPro(crop, whole, enhance=True, is_only_face=True),
        SwapPlus(CROP, WHOLE, (), enhance=True),
        SwapPlus(CROP, WHOLE, ((PlusFace.of(crop), PlusFace.of(whole)),), enhance=False, style="lossless"),
    ]


@pytest.mark.parametrize("request_", requests(), ids=lambda one: type(one).__name__)
def test_requests_come_back_from_the_ledger(request_: PaidRequest) -> None:
    again = request_from_text(request_to_text(request_))
    assert again == request_
    assert again.body() == request_.body()


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"kind": "Other"}', '{"kind": "Reage"}'])
def test_a_request_that_is_none(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        request_from_text(line)


@pytest.mark.parametrize("years", [-31, 31])
def test_years_beyond_the_range(years: int) -> None:
    with pytest.raises(ValueError, match="years"):
        Reage((sighting().from_crop(),), years, WHOLE, is_video=False)


# ----------------------------------------------------------------------------------------------- detectors' answers


def frame(**changes: Any) -> dict[str, Any]:
    return {
        "landmarks": [[[1, 2]] * 6],
        "landmarks_str": [POINTS],
        "region": [[1, 2, 3, 4]],
        "frame_time": None,
        **changes,
    }


def test_frames_are_sorted_by_number() -> None:
    answer = {"faces_obj": {str(at): frame(frame_time=at / 10) for at in (10, 0, 5)}}
    found = read_frames(answer, WHOLE)
    assert [(one.frame, one.seconds) for one in found.sightings] == [(0, 0.0), (5, 0.5), (10, 1.0)]
    assert found.frames == (0, 5, 10)


@pytest.mark.parametrize(
    "answer",
    [
        {"faces_obj": []},
        {"faces_obj": {"a": frame()}},
        {"faces_obj": {"0": []}},
        {"faces_obj": {"0": frame(region=[])}},
        {"faces_obj": {"0": frame(landmarks_str=[POINTS, POINTS])}},
        {"faces_obj": {"0": frame(face_urls=[CROP, CROP])}},
        {"faces_obj": {"0": frame(face_urls=["javascript:alert(1)"])}},
        {"faces_obj": {"0": frame(face_urls=['https://a.example/"><b>'])}},
        {"faces_obj": {"0": frame(frame_time="soon")}},
        {"faces_obj": {"0": frame(landmarks=[[[1]]])}},
    ],
)
def test_answers_that_are_not_as_the_texts_have_them(answer: dict[str, Any]) -> None:
    with pytest.raises(BrokenAnswerError):
        read_frames(answer, WHOLE)


def test_the_older_detector_may_write_one_face_as_text() -> None:
    found = read_faces({"landmarks": [[[1, 2]]], "landmarks_str": POINTS, "region": [[1, 2, 3, 4]]}, WHOLE)
    assert [one.opts.as_text() for one in found.sightings] == [POINTS]


def test_a_face_that_was_kept_comes_back() -> None:
    for one in (sighting().from_crop(), sighting().from_whole()):
        assert FaceAt.from_json(one.to_json()) == one


# ------------------------------------------------------------------------------------------------------- matching


def test_faces_are_matched_by_where_they_are_and_not_by_order() -> None:
    found = Detection((sighting(510, index=0), sighting(20, index=1)))
    matched = match_picture([target(0, 0), target(1, 500)], found, as_it_is)
    assert {index: one.index for index, one in matched.items()} == {0: 1, 1: 0}


def test_faces_are_matched_in_the_copy_that_was_sent() -> None:
    def halved(box: BoundingBox) -> BoundingBox:
        return BoundingBox(box.left / 2, box.top / 2, box.right / 2, box.bottom / 2)

    small = Sighting(0, 0, 0.0, Region(250, 0, 50, 50), FourPoints.read(POINTS, "opts"))
    assert match_picture([target(3, 500)], Detection((small,)), halved)[3] is small


def test_nobody_is_matched_twice() -> None:
    found = Detection((sighting(30),))
    with pytest.raises(InputRefused) as caught:
        match_picture([target(0, 0), target(1, 40)], found, as_it_is)
    assert "face 1" in str(caught.value)


def test_a_face_that_the_detector_does_not_see_is_named() -> None:
    with pytest.raises(InputRefused) as caught:
        match_picture([target(4, 0)], Detection((sighting(80),)), as_it_is)
    assert "face 5" in str(caught.value)
    assert caught.value.kind == "no-face"


def test_people_of_a_video_are_looked_for_near_their_best_frame() -> None:
    track = (TrackPart(FrameRange(0, 60), 0),)
    seen = [sighting(0, frame=at) for at in (0, 40, 50, 90)]
    matched = match_video(
        [target(0, 0, frame=47, parts=track)], Detection(tuple(seen)), as_it_is, lambda one: one.frame
    )
    assert matched[0].frame == 50


def test_people_of_a_video_are_not_looked_for_where_they_are_not() -> None:
    track = (TrackPart(FrameRange(0, 30), 0),)
    seen = Detection((sighting(0, frame=31), sighting(900, frame=10)))
    matched = match_video([target(0, 0, frame=29, parts=track)], seen, as_it_is, lambda one: one.frame)
    assert matched == {}
    assert [one.index for one in missing([target(0, 0), target(1, 5)], matched)] == [0, 1]


def test_two_people_of_a_video_do_not_get_the_same_face() -> None:
    seen = Detection((sighting(10, frame=5, index=0), sighting(0, frame=20, index=0)))
    matched = match_video([target(0, 0, frame=5), target(1, 20, frame=6)], seen, as_it_is, lambda one: one.frame)
    assert {index: one.frame for index, one in matched.items()} == {0: 5, 1: 20}
