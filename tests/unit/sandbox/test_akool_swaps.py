"""AKOOL's swaps and reages: ordered, waited for, fetched, deleted; done for real."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sandbox.conftest import Box, changed_in

HQ = "/api/open/v3/faceswap/highquality"
PATIENCE = "Please be patient! If your results are not generated in three hours, please check your input image."
ROW = {
    "faceswap_type",
    "faceswap_quality",
    "faceswap_status",
    "deduction_status",
    "image",
    "video_duration",
    "deduction_duration",
    "update_time",
    "_id",
    "userId",
    "uid",
    "url",
    "createdAt",
}


def crop_of(box: Box, picture: bytes, number: int = 0) -> dict[str, str]:
    faces = box.detect(url=box.host(picture), return_face_url=True)["0"]
    return {"path": faces["face_urls"][number], "opts": faces["crop_landmarks"][number]}


def corners(region: list[int]) -> list[int]:
    left, top, width, height = region
    return [left, top, left + width, top + height]


def test_a_swap_of_chosen_faces_takes_crops_and_whole_pictures(
    box: Box, two: bytes, collins: bytes, hopper: bytes
) -> None:
    """Version 3: the one on the left becomes Hopper, by her crop; the other is named in the whole picture."""
    whole = box.host(two)
    faces = box.detect(url=whole, return_face_url=True)["0"]
    left, right = sorted(range(2), key=lambda number: faces["region"][number][0])
    body = {
        "targetImage": [
            {"path": faces["face_urls"][left], "opts": faces["crop_landmarks"][left]},
            {"path": whole, "opts": faces["landmarks_str"][right]},
        ],
        "sourceImage": [crop_of(box, hopper), crop_of(box, collins)],
        "face_enhance": 0,
        "modifyImage": whole,
        "webhookUrl": "",
    }
    before = len(box.paid("akool", "specifyimage"))
    answer = box.akool(f"{HQ}/specifyimage", body).json()
    assert (answer["code"], answer["msg"]) == (1000, PATIENCE)
    made = answer["data"]
    assert made.keys() == {"_id", "url", "job_id"}
    assert box.client.get(made["url"]).status_code in {200, 403}
    assert box.row(made["_id"])["faceswap_status"] in {1, 2, 3}
    row = box.ended(made["_id"])
    assert row["faceswap_status"] == 3, row
    assert row.keys() == ROW
    assert row["url"] == made["url"]
    assert row["createdAt"].endswith("Z")
    result = box.client.get(row["url"])
    assert result.headers["content-type"] == "image/jpeg"
    for number in (left, right):
        assert changed_in(two, result.content, corners(faces["region"][number])) > 6
    # Both, but nothing between them.
    middle = two_middle(faces["region"][left], faces["region"][right])
    assert changed_in(two, result.content, middle) < 4
    paid = box.paid("akool", "specifyimage")[before:]
    assert [(one["id"], one["credits"]) for one in paid] == [(made["_id"], 4.0)]
    part = box.client.get(row["url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, result.content[10:20])


def two_middle(left: list[int], right: list[int]) -> list[int]:
    middle = (left[0] + left[2] + right[0]) // 2
    return [middle - 6, left[1], middle + 6, left[1] + left[3]]


def test_points_of_another_picture_fail_the_work(box: Box, two: bytes, hopper: bytes) -> None:
    whole = box.host(two)
    faces = box.detect(url=whole, return_face_url=True)["0"]
    mixed = {"path": faces["face_urls"][1], "opts": faces["landmarks_str"][0]}
    body = {"targetImage": [mixed], "sourceImage": [crop_of(box, hopper)], "modifyImage": whole}
    row = box.ended(box.akool(f"{HQ}/specifyimage", body).json()["data"]["_id"])
    assert row["faceswap_status"] == 4
    assert "belong to another picture" in row["alg_msg"]
    assert box.client.get(row["url"]).status_code == 403


def test_plus_maps_crops_or_boxes(box: Box, two: bytes, hopper: bytes) -> None:
    whole, source = box.host(two), box.host(hopper)
    faces = box.detect(url=whole)["0"]
    left = min(faces["region"])
    body: dict[str, Any] = {
        "source_url": source,
        "target_url": whole,
        "single_face_mode": False,
        "face_enhance": False,
        "model_style": "realistic",
        "face_mapping": [
            {
                "source_face_info": {"face_url": crop_of(box, hopper)["path"]},
                "target_face_info": {"face_url": whole, "bbox": corners(left)},
            }
        ],
    }
    answer = box.akool("/api/open/v4/faceswap/faceswapPlusByImage", body).json()
    assert answer["msg"] == "OK"
    assert answer["data"].keys() == {"_id", "job_id"}
    row = box.ended(answer["data"]["_id"])
    assert row["faceswap_status"] == 3, row
    result = box.client.get(row["url"]).content
    assert changed_in(two, result, corners(left)) > 6
    assert changed_in(two, result, corners(max(faces["region"]))) < 3


def test_a_video_is_swapped_and_paid_by_its_length(box: Box, clip: bytes, hopper: bytes) -> None:
    body = {"source_url": box.host(hopper), "target_url": box.host(clip, "video/mp4"), "single_face_mode": True}
    before = box.state()["credits"]["akool"]
    made = box.akool("/api/open/v4/faceswap/faceswapPlusByImage", body).json()["data"]
    assert before - box.state()["credits"]["akool"] == 10
    row = box.ended(made["_id"])
    assert row["faceswap_status"] == 3, row
    assert row["video_duration"] == pytest.approx(1.0, abs=0.2)
    result = box.client.get(row["url"])
    assert result.headers["content-type"] == "video/mp4"
    assert result.content[4:8] == b"ftyp"
    assert result.content != clip


def test_an_age_changes_and_the_result_can_be_changed_again(box: Box, collins: bytes) -> None:
    whole = box.host(collins)
    target = {"path": whole, "opts": box.detect(url=whole)["0"]["landmarks_str"][0]}
    body = {"targetImage": [target], "modifyImage": whole, "face_reage": 30, "webhookUrl": ""}
    made = box.akool(f"{HQ}/imgreage", body).json()
    assert made["data"].keys() == {"_id", "url", "job_id"}
    first = box.ended(made["data"]["_id"])
    assert first["faceswap_status"] == 3, first
    older = box.client.get(first["url"]).content
    region = box.detect(url=whole)["0"]["region"][0]
    assert changed_in(collins, older, corners(region)) > 1
    # A result's address is a picture's address.
    again = {"source_url": whole, "target_url": first["url"], "single_face_mode": True}
    second = box.akool("/api/open/v4/faceswap/faceswapPlusByImage", again).json()["data"]
    assert box.ended(second["_id"])["faceswap_status"] == 3


def test_what_is_deleted_is_gone(box: Box, collins: bytes, hopper: bytes) -> None:
    body = {"sourceImage": [{"path": box.host(hopper)}], "targetImage": [{"path": box.host(collins)}]}
    made = box.akool("/api/open/v4/faceswap/faceswapByImage", body).json()["data"]
    assert made.keys() == {"_id", "job_id"}
    address = box.ended(made["_id"])["url"]
    assert box.client.get(address).status_code == 200
    assert box.akool("/api/open/v3/faceswap/result/delbyids", {"_ids": made["_id"]}).json() == {
        "code": 1000,
        "msg": "OK",
    }
    assert box.client.get(address).status_code == 404
    listed = box.akool(f"/api/open/v3/faceswap/result/listbyids?_ids={made['_id']},unknown").json()
    assert listed["data"] == {"result": []}


def test_a_work_is_cancelled(box: Box, clip: bytes, hopper: bytes) -> None:
    body = {"source_url": box.host(hopper), "target_url": box.host(clip, "video/mp4"), "single_face_mode": True}
    made = box.akool("/api/open/v4/faceswap/faceswapPlusByImage", body).json()["data"]
    answer = box.akool("/api/open/v3/faceswap/job/del", {"job_ids": made["job_id"]}).json()
    assert answer == {"code": 1000, "msg": "OK"}
    # It may have been done before it was cancelled.
    assert box.row(made["_id"])["faceswap_status"] in {3, 4}


def test_media_that_cannot_be_fetched_fail_later(box: Box, hopper: bytes) -> None:
    body = {"source_url": box.host(hopper), "target_url": "http://127.0.0.1:1/a.jpg", "single_face_mode": True}
    answer = box.akool("/api/open/v4/faceswap/faceswapPlusByImage", body).json()
    assert answer["code"] == 1000
    row = box.ended(answer["data"]["_id"])
    assert row["faceswap_status"] == 4
    assert "download failed" in row["alg_msg"]
