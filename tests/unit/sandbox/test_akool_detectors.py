"""AKOOL's detectors as the seeds and the vendor's own page describe them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.unit.sandbox.conftest import SIZE, Box, base64_of

DETECT = "/interface/detect-api/detect_faces"


def test_every_face_has_parallel_rows_and_a_crop_with_points_of_its_own(box: Box, two: bytes) -> None:
    answer = box.akool(DETECT, {"url": box.host(two), "return_face_url": True}).json()
    assert (answer["error_code"], answer["error_msg"]) == (0, "SUCCESS")
    faces = answer["faces_obj"]["0"]
    assert {len(faces[name]) for name in ("landmarks", "landmarks_str", "region", "crop_region", "face_urls")} == {2}
    assert faces["frame_time"] is None
    assert faces["removed"] == []
    for number in range(2):
        points = faces["landmarks"][number]
        assert len(points) == 6
        left_mouth, right_mouth = points[4], points[5]
        assert abs(points[3][0] - (left_mouth[0] + right_mouth[0]) / 2) <= 1
        assert faces["landmarks_str"][number] == ":".join(f"{x},{y}" for x, y in points[:4])
        x, y, width, height = faces["crop_region"][number]
        assert 0 <= x < x + width <= SIZE[0]
        assert 0 <= y < y + height <= SIZE[1]
        assert faces["crop_landmarks"][number] == ":".join(f"{a - x},{b - y}" for a, b in points[:4])
        left, top, across, down = faces["region"][number]
        assert left <= points[0][0] < points[1][0] <= left + across
        assert top <= points[2][1] <= top + down
        crop = box.client.get(faces["face_urls"][number])
        assert crop.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(crop.content)).size == (width, height)


def test_without_crops_their_places_are_empty_and_one_face_is_the_largest(box: Box, two: bytes) -> None:
    both = box.detect(img=base64_of(two))["0"]
    assert both["face_urls"] is both["crop_region"] is both["crop_landmarks"] is None
    one = box.detect(img="data:image/jpeg;base64," + base64_of(two), single_face=True)["0"]
    areas = [width * height for _, _, width, height in both["region"]]
    assert one["region"] == [both["region"][areas.index(max(areas))]]


def test_frames_of_a_video_are_keyed_by_their_number(box: Box, clip: bytes) -> None:
    frames = box.detect(url=box.host(clip, "video/mp4"), num_frames=3, return_face_url=True)
    assert sorted(map(int, frames)) == [0, 6, 11] or sorted(map(int, frames)) == [0, 5, 11]
    last = frames["11"]
    assert last["frame_time"] == pytest.approx(11 / 12, abs=0.01)
    assert len(last["face_urls"]) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Either 'url' or 'img' parameter must be provided"),
        ({"url": "ftp://127.0.0.1/a.jpg"}, "Invalid URL format"),
        ({"url": "http://127.0.0.1:1/a.jpg"}, "Failed to download media from URL"),
        ({"url": "http://192.0.2.1/a.jpg"}, "Failed to download media from URL"),
        ({"img": "bm90IGEgcGljdHVyZQ=="}, "Media type detection failed"),
        ({"img": "$"}, "Failed to process media"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(box: Box, body: dict[str, str], words: str) -> None:
    reply = box.akool(DETECT, body)
    assert reply.status_code == 400
    assert reply.json() == {"error_code": 1, "error_msg": words, "faces_obj": {}}


def test_a_picture_of_nobody_has_no_face(box: Box, nobody: bytes) -> None:
    assert box.akool(DETECT, {"img": base64_of(nobody)}).json()["error_msg"] == "No faces detected"


def test_the_older_detector_ends_its_points_with_the_corner_of_the_mouth(box: Box, two: bytes) -> None:
    newer = box.detect(img=base64_of(two))["0"]
    address = f"{box.where['akool_detect']}/detect"
    body = {"single_face": False, "img": base64_of(two)}
    older = box.client.post(address, json=body, headers={"x-api-key": "sandbox-key"}).json()
    assert {"error_code", "error_msg", "landmarks", "landmarks_str", "region", "seconds", "trx_id"} == older.keys()
    assert older["error_code"] == 0
    assert older["seconds"] > 0
    for points, now in zip(older["landmarks"], newer["landmarks"], strict=True):
        assert points == [*now[:3], now[4], [0, 0], [0, 0]]
    assert older["landmarks_str"][0] == ":".join(f"{x},{y}" for x, y in older["landmarks"][0][:4])
    del body["single_face"]
    refused = box.client.post(address, json=body, headers={"x-api-key": "sandbox-key"}).json()
    assert refused["error_code"] == 1


def test_people_in_several_pictures_are_merged(box: Box, two: bytes, hopper: bytes) -> None:
    body = {"frame_urls": [box.host(two), box.host(hopper)]}
    answer = box.akool("/interface/detect-api/faceswap/analyze_frames", body).json()
    assert (answer["success"], answer["frame_count"]) == (True, 2)
    left, right = answer["persons"]
    assert (left["person_id"], left["index"], len(left["appearances"])) == ("person_0", 0, 1)
    assert [one["frame_idx"] for one in right["appearances"]] == [0, 1]
    assert (right["first_seen"], right["last_seen"]) == (0.0, 1.0)
    assert left["bbox"][2] < right["bbox"][0]
    assert box.client.get(right["face_url"]).status_code == 200
    refused = box.akool("/interface/detect-api/faceswap/analyze_frames", {"frame_urls": []}).json()
    assert refused == {"success": False, "error": "frame_urls is required and must not be empty"}
