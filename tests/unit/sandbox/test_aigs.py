"""ai-gs.cn: codes of its page, its limits, and a swap."""

from __future__ import annotations

import time
from typing import Any

import httpx
import numpy as np
import pytest

from tests.unit.sandbox.conftest import Box, base64_of, changed_in, jpeg


def ask(box: Box, body: Any, token: str = "sandbox-key") -> httpx.Response:
    """Call it as often as it takes to be heard: one request a second."""
    while True:
        address = f"{box.where['aigs']}/faceswap"
        reply = box.client.post(address, params={"token": token} if token else {}, json=body)
        if reply.json()["code"] != "request_rate_limit":
            return reply
        time.sleep(0.1)


def test_a_face_is_put_in_and_the_result_is_in_the_reply(box: Box, collins: bytes, hopper: bytes) -> None:
    before = box.paid("aigs", "faceswap")
    reply = ask(box, {"image_base64": base64_of(hopper), "template_base64": base64_of(collins)})
    assert reply.status_code == 200
    answer = reply.json()
    assert answer.keys() == {"code", "image_url", "task_id"}
    assert answer["code"] == "success"
    result = box.client.get(answer["image_url"])
    assert result.headers["content-type"] == "image/jpeg"
    left, top, width, height = box.detect(img=base64_of(collins))["0"]["region"][0]
    assert changed_in(collins, result.content, [left, top, left + width, top + height]) > 5
    assert [one["id"] for one in box.paid("aigs", "faceswap")[len(before) :]] == [answer["task_id"]]


def test_pictures_can_be_addresses(box: Box, collins: bytes, nobody: bytes) -> None:
    reply = ask(box, {"image_url": box.host(collins), "template_url": box.host(nobody)})
    assert (reply.status_code, reply.json()["detail"]) == (402, "no face detected in template.")
    reply = ask(box, {"image_url": box.host(nobody), "template_url": box.host(collins)})
    assert (reply.status_code, reply.json()["detail"]) == (402, "no face detected in image.")
    assert reply.json().keys() == {"code", "detail", "task_id"}
    reply = ask(box, {"image_url": "http://127.0.0.1:1/a.jpg", "template_url": box.host(collins)})
    assert (reply.status_code, reply.json()["code"]) == (402, "invalid_input_image")


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("", 401, "no_token"),
        ("wrong-key", 403, "invalid_api_key"),
        ("banned-key", 403, "invalid_api_key"),
        ("poor-key", 403, "used_up"),
    ],
)
def test_keys_that_are_not_taken(box: Box, token: str, status: int, code: str) -> None:
    reply = ask(box, {"image_base64": "AA", "template_base64": "AA"}, token)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.json().keys() == {"code", "detail"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 401, "invalid_post"),
        ([], 401, "invalid_post"),
        ({"image_base64": "AA"}, 401, "invalid_post"),
        ({"image_url": "http://127.0.0.1/a", "template_base64": "AA"}, 401, "invalid_post"),
        ({"image_base64": "data:image/png;base64,AA", "template_base64": "AA"}, 402, "invalid_input_image"),
        ({"image_base64": "AAAA", "template_base64": "AAAA"}, 402, "invalid_input_image"),
    ],
)
def test_what_is_wrong_with_a_call_is_said(box: Box, body: Any, status: int, code: str) -> None:
    reply = ask(box, body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)


@pytest.mark.parametrize(("image", "template"), [((49, 80), (80, 80)), ((2049, 60), (80, 80)), ((80, 80), (1281, 60))])
def test_sizes_are_checked(box: Box, image: tuple[int, int], template: tuple[int, int]) -> None:
    first, second = (base64_of(jpeg(np.zeros((size[1], size[0], 3), np.uint8))) for size in (image, template))
    reply = ask(box, {"image_base64": first, "template_base64": second})
    assert reply.json()["detail"] == "Image size exceeds the maximum allowed size."


def test_a_file_above_five_megabytes_is_too_large(box: Box, collins: bytes) -> None:
    heavy = base64_of(collins + bytes(5_000_000))
    reply = ask(box, {"image_base64": base64_of(collins), "template_base64": heavy})
    assert reply.json()["code"] == "image_size_limited"


def test_the_second_request_within_a_second_is_refused(box: Box) -> None:
    address = f"{box.where['aigs']}/faceswap?token=sandbox-hasty"
    reply = box.client.post(address, json={})
    assert reply.json()["code"] == "invalid_post"
    # On a machine that stands still for a second between two, the next two are closer.
    while reply.json()["code"] == "invalid_post":
        reply = box.client.post(address, json={})
    assert (reply.status_code, reply.json()["detail"]) == (402, "Request rate limit, once per second.")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("forbidden", 402, "forbidden"),
        ("quota", 403, "used_up"),
        ("expired-token", 403, "invalid_api_key"),
        ("markup", 402, "false"),
        ("failed-job", 500, "unknown"),
        ("no-face", 402, "no_face_detected"),
    ],
)
def test_faults_speak_the_services_language(box: Box, collins: bytes, fault: str, status: int, code: str) -> None:
    box.faults(aigs=[f"{fault}:1"])
    reply = ask(box, {"image_base64": base64_of(collins), "template_base64": base64_of(collins)})
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert box.state()["faults"]["aigs"] == []
