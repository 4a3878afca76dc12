"""AKOOL: who is let in, what is left, and what is wrong with a call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib
from typing import Any

import pytest

from tests.unit.sandbox.conftest import Box

QUOTA = "/api/open/v3/faceswap/quota/info"
TOKEN = "/api/open/v3/getToken"
SWAP = "/api/open/v3/faceswap/highquality/specifyimage"
PLUS = "/api/open/v4/faceswap/faceswapPlusByImage"
FACE = {"path": "http://127.0.0.1:1/face.png", "opts": "1,2:3,4:5,6:7,8"}
WHOLE = "http://127.0.0.1:1/a.jpg"


def code(answer: Any) -> int:
    return int(answer.json()["code"])


def test_a_token_opens_the_door_and_goes_before_a_key(box: Box) -> None:
    given = box.akool(TOKEN, {"clientId": "client", "clientSecret": "sandbox-secret"}).json()
    assert given.keys() == {"code", "token"}
    assert given["token"].count(".") == 2
    bearer = {"Authorization": f"Bearer {given['token']}"}
    assert box.akool(QUOTA, headers=bearer).json() == {"code": 1000, "msg": "OK", "data": {"credit": 1000}}
    assert code(box.akool(QUOTA, headers={"Authorization": "Bearer x", "x-api-key": "sandbox-key"})) == 1101
    assert code(box.akool(QUOTA, headers={**bearer, "x-api-key": "wrong-key"})) == 1000


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({}, 1102), ({"x-api-key": "wrong-key"}, 1101), ({"x-api-key": "banned-key"}, 1200), ({"x-api-key": "abc"}, 1101)],
)
def test_keys_that_are_not_taken(box: Box, headers: dict[str, str], expected: int) -> None:
    reply = box.akool(QUOTA, headers=headers)
    assert reply.status_code == 200
    assert code(reply) == expected
    detector = box.akool("/interface/detect-api/detect_faces", {"url": WHOLE}, headers=headers).json()
    assert detector["error_code"] == expected


@pytest.mark.parametrize(
    ("secret", "expected"), [("wrong-secret", 1101), ("banned-secret", 1200), ("", 1102), ("sandbox-secret", 1000)]
)
def test_tokens_are_given_to_known_clients(box: Box, secret: str, expected: int) -> None:
    assert code(box.akool(TOKEN, {"clientId": "client", "clientSecret": secret})) == expected


def test_a_poor_account_can_look_but_not_buy(box: Box, collins: bytes) -> None:
    poor = {"x-api-key": "poor-key"}
    assert box.akool(QUOTA, headers=poor).json()["data"] == {"credit": 0}
    body = {"targetImage": [FACE], "sourceImage": [FACE], "modifyImage": box.host(collins)}
    assert code(box.akool(SWAP, body, headers=poor)) == 1006
    live = {"sourceImage": [FACE]}
    assert code(box.akool("/api/open/v3/faceswap/live/create", live, headers=poor)) == 1104


V3: dict[str, Any] = {"targetImage": [FACE], "sourceImage": [FACE], "modifyImage": WHOLE, "face_enhance": 0}
PLUS_BODY: dict[str, Any] = {"source_url": WHOLE, "target_url": WHOLE, "single_face_mode": True}
REAGE = {"targetImage": [FACE], "modifyImage": WHOLE, "face_reage": 10}
PRO = {"sourceImage": [{"path": WHOLE}], "targetImage": [{"path": WHOLE}]}
MAP = {"single_face_mode": False}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (SWAP, {**V3, "targetImage": []}, 1003),
        (SWAP, {**V3, "targetImage": [{"path": "face.png", "opts": FACE["opts"]}]}, 1003),
        (SWAP, {**V3, "targetImage": [{**FACE, "opts": "1,2:3,4:5,6:7,8:9,10:11,12"}]}, 1003),
        (SWAP, {**V3, "targetImage": [{**FACE, "opts": "1.5,2:3,4:5,6:7,8"}]}, 1003),
        (SWAP, {**V3, "targetImage": [FACE, FACE]}, 1003),
        (SWAP, {**V3, "targetImage": [FACE] * 9, "sourceImage": [FACE] * 9}, 1007),
        (SWAP, {**V3, "face_enhance": True}, 1003),
        (SWAP, {**V3, "modifyImage": "data:image/jpeg;base64,AAAA"}, 1003),
        (SWAP, {key: value for key, value in V3.items() if key != "modifyImage"}, 1003),
        (SWAP, [], 1003),
        (PLUS, {**PLUS_BODY, "face_enhance": 1}, 1003),
        (PLUS, {**PLUS_BODY, "model_style": "plain"}, 1003),
        (PLUS, {**PLUS_BODY, **MAP}, 1003),
        (PLUS, {**PLUS_BODY, **MAP, "face_mapping": [{"source_face_info": {"face_url": WHOLE}}]}, 1003),
        (
            PLUS,
            {
                **PLUS_BODY,
                **MAP,
                "face_mapping": [
                    {
                        "source_face_info": {"face_url": "http://127.0.0.1:1/b.jpg"},
                        "target_face_info": {"bbox": [100, 100, 50, 50]},
                    }
                ],
            },
            1003,
        ),
        ("/api/open/v4/faceswap/faceswapByImage", {**PRO, "sourceImage": [{"path": "data:x"}]}, 1003),
        ("/api/open/v4/faceswap/faceswapByImage", {**PRO, "model_name": "other"}, 1003),
        (
            "/api/open/v4/faceswap/faceswapByImage",
            {"sourceImage": [{"path": WHOLE}] * 2, "targetImage": [{"path": WHOLE}] * 2},
            1003,
        ),
        ("/api/open/v3/faceswap/highquality/imgreage", {**REAGE, "face_reage": 31}, 1003),
        ("/api/open/v3/faceswap/highquality/imgreage", {**REAGE, "face_reage": "10"}, 1003),
        ("/api/open/v3/faceswap/highquality/vidreage", REAGE, 1003),
        ("/api/open/v3/faceswap/result/delbyids", {"_ids": ""}, 1003),
        ("/api/open/v3/faceswap/job/del", {}, 1003),
    ],
)
def test_parameters_are_read_strictly(box: Box, path: str, body: Any, expected: int) -> None:
    before = box.state()["credits"]["akool"]
    assert code(box.akool(path, body)) == expected
    assert box.state()["credits"]["akool"] == before


def test_a_live_session_is_made_changed_and_closed(box: Box) -> None:
    made = box.akool("/api/open/v3/faceswap/live/create", {"sourceImage": [FACE]}).json()
    assert made["code"] == 1000
    data = made["data"]
    assert data.keys() == {
        "_id",
        "faceswap_status",
        "front_user_id",
        "algorithm_user_id",
        "front_rtc_token",
        "channel_id",
        "app_id",
    }
    assert (data["faceswap_status"], data["app_id"]) == (1, "")
    said = zlib.decompress(base64.b64decode(data["front_rtc_token"].removeprefix("007")))
    assert data["front_rtc_token"].startswith("007")
    signature, rest = _text(said)
    app_id, rest = _text(rest)
    assert len(signature) == 32
    assert len(app_id) == 32
    _issued, expire, _salt, services = struct.unpack_from("<IIIH", rest)
    kind, privileges = struct.unpack_from("<HH", rest, 14)
    assert (expire, services, kind, privileges) == (3600, 1, 1, 4)
    channel, rest = _text(rest[18 + 6 * privileges :])
    user, rest = _text(rest)
    assert (channel.decode(), user.decode(), rest) == (data["channel_id"], data["front_user_id"], b"")
    changed = {"_id": data["_id"], "sourceImage": [FACE]}
    assert box.akool("/api/open/v3/faceswap/live/update", changed).json() == {"code": 1000, "msg": "OK"}
    assert box.akool("/api/open/v3/faceswap/live/close", {"_id": data["_id"]}).json() == {"code": 1000, "msg": "OK"}
    assert code(box.akool("/api/open/v3/faceswap/live/update", changed)) == 1014
    assert code(box.akool("/api/open/v3/faceswap/live/close", {"_id": "nobody's"})) == 1014
    assert box.state()["credits"]["akool"] == 980
    # What was left open is seen there.
    known = {one["id"]: one for one in box.state()["live"]}[data["_id"]]
    assert (known["changes"], known["minutes"]) == (1, 1)
    assert known["closed_at"] >= known["started_at"] > 0
    # Closing once more does nothing.
    assert box.akool("/api/open/v3/faceswap/live/close", {"_id": data["_id"]}).json() == {"code": 1000, "msg": "OK"}
    assert {one["id"]: one for one in box.state()["live"]}[data["_id"]] == known


def test_two_live_sessions_are_open_beside_each_other(box: Box) -> None:
    path = "/api/open/v3/faceswap/live"
    first, second = (box.akool(f"{path}/create", {"sourceImage": [FACE]}).json()["data"] for _ in range(2))
    assert first["_id"] != second["_id"]
    assert first["channel_id"] != second["channel_id"]
    box.akool(f"{path}/close", {"_id": first["_id"]})
    assert code(box.akool(f"{path}/update", {"_id": second["_id"], "sourceImage": [FACE]})) == 1000
    box.akool(f"{path}/close", {"_id": second["_id"]})


def test_a_live_session_without_a_way_in(box: Box) -> None:
    box.faults(akool=["no-way-in"])
    made = box.akool("/api/open/v3/faceswap/live/create", {"sourceImage": [FACE]}).json()
    assert made["data"]["front_rtc_token"] == made["data"]["app_id"] == ""
    assert [one["closed_at"] for one in box.state()["live"] if one["id"] == made["data"]["_id"]] == [0.0]
    box.akool("/api/open/v3/faceswap/live/close", {"_id": made["data"]["_id"]})


def _text(data: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(data[:2], "little")
    return data[2 : 2 + length], data[2 + length :]


def test_tokens_are_signed_as_agora_signs_them() -> None:
    from faceswap_desktop.sandbox.agora import make_token

    token = make_token("a" * 32, "c" * 32, "channel", "1", now=1_750_000_000.0)
    signature, said = _text(zlib.decompress(base64.b64decode(token[3:])))
    _, rest = _text(said)
    issued, _, salt, _ = struct.unpack_from("<IIIH", rest)
    key = hmac.new(struct.pack("<I", issued), b"c" * 32, hashlib.sha256).digest()
    key = hmac.new(struct.pack("<I", salt), key, hashlib.sha256).digest()
    assert signature == hmac.new(key, said, hashlib.sha256).digest()
    assert issued == 1_750_000_000
