"""AKOOL's calls as its texts describe them: requests, and recorded replies word for word."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import Point
from faceswap_desktop.domain.recipe import SourceRef
from faceswap_desktop.providers.akool.access import Access
from faceswap_desktop.providers.akool.api import AkoolCalls, Media
from faceswap_desktop.providers.akool.faces import FaceAt, FourPoints
from faceswap_desktop.providers.akool.live import UnusableSessionError
from faceswap_desktop.providers.akool.replies import Created, JobStatus
from faceswap_desktop.providers.akool.requests import PlusFace, Reage, SwapPlus, SwapPro, SwapV3
from faceswap_desktop.transport.client import ApiClient
from tests.clearing import cleared_source
from tests.contract import akool_service as akool
from tests.contract.akool_service import AkoolService, Answer, recorded, refused, request_of, says
from tests.contract.akool_tokens import APP_ID, a_token

ID, JOB_ID = "6593c94c0ef703e8c055e3c8", "20240102082900592-5653"
CLEARED = cleared_source(SourceRef(SourceFaceId("s"), "Ada", (PhotoId("p"),)))
PICTURE = "https://example.com/original.jpg"
KEY = {"akool.api_key": "k" * 32}
PAIR = {"akool.client_id": "AKDt8rWEczpYPzCGur2xE=", "akool.client_secret": "s" * 32}


@dataclass
class Opened:
    service: AkoolService
    calls: AkoolCalls
    secrets: dict[str, str] = field(default_factory=dict)


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[Opened]:
    secrets = dict(KEY)

    async def secret(name: str) -> str | None:
        return secrets.get(name)

    async def at_once(seconds: float) -> None:
        del seconds

    async with AkoolService().running() as service:
        client = ApiClient("akool", lambda: service.url, sleep=at_once)
        old = ApiClient("akool", lambda: f"{service.url}/sg3", sleep=at_once)
        yield Opened(service, AkoolCalls(client, old, Access(client, secret)), secrets)
        await client.close()
        await old.close()


def a_face(item: dict[str, str], *, is_crop: bool = True) -> FaceAt:
    return FaceAt(item["path"], FourPoints.read(item["opts"], "opts"), None, (0, 0), is_crop=is_crop)


def v3(*, is_video: bool = False, enhance: bool = False) -> SwapV3:
    texts = request_of("specifyimage")
    return SwapV3(
        (a_face(texts["targetImage"][0]),), (a_face(texts["sourceImage"][0]),), texts["modifyImage"], is_video, enhance
    )


def reage(*, is_video: bool = False) -> Reage:
    texts = request_of("imgreage")
    return Reage((a_face(texts["targetImage"][0]),), 10, texts["modifyImage"], is_video)


PLUS = SwapPlus("https://example.com/new-face.jpg", "https://example.com/video.mp4", (), enhance=False)
Call = Callable[[AkoolCalls], Any]
PAID: dict[str, tuple[str, Call, str]] = {
    "specifyimage": (akool.IMAGE, lambda calls: calls.specifyimage(v3()), "specifyimage"),
    "specifyvideo": (akool.VIDEO, lambda calls: calls.specifyvideo(v3(is_video=True)), "specifyimage"),
    "imgreage": (akool.IMAGE_AGE, lambda calls: calls.imgreage(reage()), "specifyimage"),
    "vidreage": (akool.VIDEO_AGE, lambda calls: calls.vidreage(reage(is_video=True)), "specifyimage"),
    "faceswapByImage": (
        akool.PRO,
        lambda calls: calls.faceswap_by_image(
            SwapPro(
                a_face(request_of("specifyimage")["sourceImage"][0]),
                a_face(request_of("specifyimage")["targetImage"][0], is_crop=False),
                enhance=False,
                is_only_face=False,
            )
        ),
        "faceswapByImage",
    ),
    "faceswapPlusByImage": (akool.PLUS, lambda calls: calls.faceswap_plus_by_image(PLUS), "faceswapByImage"),
}
FREE: dict[str, tuple[str, Call]] = {
    "detect_faces": (
        akool.DETECT_FACES,
        lambda calls: calls.detect_faces(Media(url=PICTURE), single_face=False, return_face_url=True),
    ),
    "detect": (akool.OLD_DETECT, lambda calls: calls.detect(Media(url=PICTURE), single_face=True)),
    "analyze_frames": (akool.ANALYZE_FRAMES, lambda calls: calls.analyze_frames([PICTURE])),
    "listbyids": (akool.LIST, lambda calls: calls.listbyids([ID])),
    "delbyids": (akool.DELETE, lambda calls: calls.delbyids([ID])),
    "job/del": (akool.CANCEL, lambda calls: calls.job_del([JOB_ID])),
    "quota/info": (akool.QUOTA, lambda calls: calls.quota_info()),
    "live/update": (
        f"{akool.V3}/live/update",
        lambda calls: calls.live_update(ID, CLEARED, a_face(request_of("live_create")["sourceImage"][0])),
    ),
    "live/close": (f"{akool.V3}/live/close", lambda calls: calls.live_close(ID)),
}
LIVE_CREATE = f"{akool.V3}/live/create"


def live_create(calls: AkoolCalls) -> Any:
    return calls.live_create(CLEARED, a_face(request_of("live_create")["sourceImage"][0]))


# ---------------------------------------------------------------------------------------------------- the paid calls


@pytest.mark.parametrize("name", PAID)
async def test_paid_calls_return_what_support_and_cancelling_need(name: str, opened: Opened) -> None:
    path, call, reply = PAID[name]
    opened.service.will(path, recorded(reply))
    created: Created = await call(opened.calls)
    assert (created.id, created.job_id) == (ID, JOB_ID)
    assert created.server_time == akool.DATE_SECONDS
    [asked] = opened.service.asked
    assert (asked.method, asked.path) == ("POST", path)
    assert asked.headers["x-api-key"] == KEY["akool.api_key"]
    assert "Authorization" not in asked.headers
    assert "webhookUrl" not in asked.json


async def test_specifyimage_puts_the_source_faces_onto_the_faces_of_the_target(opened: Opened) -> None:
    """sourceImage is who is put in, targetImage the faces of the original: AKOOL's texts since June 2024."""
    opened.service.will(akool.IMAGE, recorded("specifyimage"))
    await opened.calls.specifyimage(v3(enhance=True), "https://hooks.example.org/secret")
    wanted = {**request_of("specifyimage"), "face_enhance": 1, "webhookUrl": "https://hooks.example.org/secret"}
    assert opened.service.asked[0].json == wanted
    assert type(opened.service.asked[0].json["face_enhance"]) is int


async def test_specifyvideo_names_the_video_that_is_edited(opened: Opened) -> None:
    opened.service.will(akool.VIDEO, recorded("specifyimage"))
    await opened.calls.specifyvideo(v3(is_video=True))
    texts = request_of("specifyimage")
    body = opened.service.asked[0].json
    assert body["modifyVideo"] == texts["modifyImage"]
    assert body["targetImage"] == texts["targetImage"]
    assert body["sourceImage"] == texts["sourceImage"]
    assert "modifyImage" not in body


@pytest.mark.parametrize(("is_video", "field_name"), [(False, "modifyImage"), (True, "modifyVideo")])
async def test_reage_names_the_faces_of_what_is_edited(opened: Opened, is_video: bool, field_name: str) -> None:
    path = akool.VIDEO_AGE if is_video else akool.IMAGE_AGE
    opened.service.will(path, recorded("specifyimage"))
    await opened.calls.create(reage(is_video=is_video))
    texts = request_of("imgreage")
    assert opened.service.asked[0].json == {
        "targetImage": texts["targetImage"],
        "face_reage": 10,
        field_name: texts["modifyImage"],
    }


async def test_pro_puts_the_source_face_into_the_whole_target(opened: Opened) -> None:
    opened.service.will(akool.PRO, recorded("faceswapByImage"))
    await PAID["faceswapByImage"][1](opened.calls)
    texts = request_of("specifyimage")
    body = opened.service.asked[0].json
    assert body["sourceImage"] == texts["sourceImage"]
    assert body["targetImage"] == texts["targetImage"]
    assert body.keys() == request_of("faceswapByImage").keys()
    assert body["model_name"] == request_of("faceswapByImage")["model_name"]
    assert body["face_enhance"] is False


async def test_plus_puts_the_source_into_the_target(opened: Opened) -> None:
    opened.service.will(akool.PLUS, recorded("faceswapByImage"))
    await opened.calls.faceswap_plus_by_image(PLUS)
    assert opened.service.asked[0].json == request_of("faceswapPlusByImage")
    assert opened.service.asked[0].json["face_enhance"] is False


async def test_plus_maps_source_faces_onto_target_faces(opened: Opened) -> None:
    """Boxes are corners, and stand inside the two infos."""
    opened.service.will(akool.PLUS, recorded("faceswapByImage"))
    whole = recorded("detect_faces")
    opened.service.will(akool.DETECT_FACES, whole)
    found = await opened.calls.detect_faces(Media(url=PICTURE), single_face=False, return_face_url=True)
    [face] = found.sightings
    pairs = ((PlusFace.of(face.from_crop()), PlusFace.of(face.from_whole())),)
    await opened.calls.faceswap_plus_by_image(SwapPlus(face.crop_url, PICTURE, pairs, enhance=True))
    assert opened.service.asked[-1].json["face_mapping"] == [
        {
            "source_face_info": {"face_url": face.crop_url},
            # [150, 261, 437, 661] as x, y, width, height.
            "target_face_info": {"face_url": PICTURE, "bbox": [150, 261, 587, 922]},
        }
    ]
    assert opened.service.asked[-1].json["single_face_mode"] is False
    assert opened.service.asked[-1].json["face_enhance"] is True


# ------------------------------------------------------------------------------------------------------- detectors


async def test_detect_faces(opened: Opened) -> None:
    opened.service.will(akool.DETECT_FACES, recorded("detect_faces"))
    found = await opened.calls.detect_faces(
        Media(base64="QUJD"), single_face=True, return_face_url=True, num_frames=100
    )
    assert opened.service.asked[0].json == {
        "img": "QUJD",
        "single_face": True,
        "return_face_url": True,
        "num_frames": 24,
    }
    [face] = found.sightings
    assert face.region.corners.as_list() == [150, 261, 587, 922]
    assert face.opts.as_text() == "249,510:460,516:343,657:351,739"
    assert face.points[:2] == (Point(249, 510), Point(460, 516))
    assert face.crop_url.endswith("qvjssv8fna0o.jpg")
    crop = face.from_crop()
    assert (crop.path, crop.opts.as_text(), crop.origin) == (face.crop_url, "246,510:457,516:340,657:348,739", (3, 0))
    moved = tuple((x + crop.origin[0], y + crop.origin[1]) for x, y in crop.opts.points)
    assert moved == face.opts.points
    # The bytes were sent, so the whole picture has no address.
    with pytest.raises(ValueError, match="no address"):
        face.from_whole()


async def test_detect_faces_without_crops(opened: Opened) -> None:
    body = json.loads(recorded("detect_faces").body or b"")
    body["faces_obj"]["0"] |= {"face_urls": None, "crop_region": None, "crop_landmarks": None, "removed": []}
    opened.service.will(akool.DETECT_FACES, says(body))
    found = await opened.calls.detect_faces(Media(url=PICTURE), single_face=False, return_face_url=False)
    assert opened.service.asked[0].json == {"url": PICTURE, "single_face": False, "return_face_url": False}
    whole = found.sightings[0].best()
    assert (whole.path, whole.opts.as_text()) == (PICTURE, "249,510:460,516:343,657:351,739")


async def test_older_detect(opened: Opened) -> None:
    opened.service.will(akool.OLD_DETECT, recorded("detect"))
    found = await opened.calls.detect(Media(url=PICTURE), single_face=True)
    assert opened.service.asked[0].json == {"single_face": True, "image_url": PICTURE}
    assert (found.seconds, found.trx_id) == (0.04458212852478027, "74178dc5-199a-479a-89d0-4b0e1c161219")
    [face] = found.sightings
    assert face.from_whole().item() == {"path": PICTURE, "opts": "238,365:386,363:318,470:267,539"}
    assert face.region.corners.as_list() == [150, 195, 467, 624]
    assert len(face.points) == 4
    await opened.calls.detect(Media(base64="QUJD"), single_face=False)
    assert opened.service.asked[1].json == {"single_face": False, "img": "QUJD"}


async def test_analyze_frames(opened: Opened) -> None:
    opened.service.will(akool.ANALYZE_FRAMES, recorded("analyze_frames"))
    [person] = await opened.calls.analyze_frames([PICTURE, PICTURE], [0.0, 1.0], expand_ratio=0.3)
    assert opened.service.asked[0].json == {
        "frame_urls": [PICTURE, PICTURE],
        "timestamps": [0.0, 1.0],
        "expand_ratio": 0.3,
    }
    assert (person.id, person.index) == ("person_0", 0)
    [seen] = person.appearances
    assert (seen.frame, seen.seconds, seen.corners.as_list()) == (0, 0.0, [100, 50, 200, 180])


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("detect_faces", {"error_code": 1, "error_msg": "No faces detected", "faces_obj": {}}, 400),
        ("detect_faces", {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {}}, 200),
        ("detect", {"error_code": 0, "landmarks": [], "landmarks_str": [], "region": []}, 200),
        ("detect", {"error_code": 1, "error_msg": "no face found"}, 200),
    ],
)
async def test_a_detector_that_sees_nobody_says_so(opened: Opened, name: str, body: object, status: int) -> None:
    path, call = FREE[name]
    opened.service.will(path, says(body, status))
    assert (await call(opened.calls)).sightings == ()


async def test_analyze_frames_that_sees_nobody(opened: Opened) -> None:
    opened.service.will(akool.ANALYZE_FRAMES, says({"success": True, "frame_count": 1, "persons": []}))
    assert await opened.calls.analyze_frames([PICTURE]) == ()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("detect_faces", {"error_code": 1, "error_msg": "Failed to download media from URL", "faces_obj": {}}),
        ("detect_faces", {"error_code": 1, "error_msg": "'NoneType' object has no attribute 'shape'"}),
        ("detect", {"error_code": 1, "error_msg": "Failed to download media"}),
        ("analyze_frames", {"success": False, "error": "Failed to download image from URL"}),
    ],
)
async def test_media_that_cannot_be_fetched_are_a_matter_of_hosting(opened: Opened, name: str, body: object) -> None:
    path, call = FREE[name]
    opened.service.will(path, says(body, 400))
    with pytest.raises(ProviderRejected) as caught:
        await call(opened.calls)
    assert caught.value.kind == "hosting"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("detect_faces", {"error_code": 1, "error_msg": "Failed to process media <b>", "faces_obj": {}}),
        ("detect", {"error_code": 1, "error_msg": "Media type detection failed"}),
        ("analyze_frames", {"success": False, "error": "Failed to process frames"}),
    ],
)
async def test_detectors_words_are_passed_on(opened: Opened, name: str, body: dict[str, Any]) -> None:
    path, call = FREE[name]
    opened.service.will(path, says(body, 500))
    with pytest.raises(ProviderRejected) as caught:
        await call(opened.calls)
    assert caught.value.kind == "failed"
    assert str(body.get("error_msg") or body.get("error")) in str(caught.value)


# -------------------------------------------------------------------------------------------- results and the account


async def test_listbyids(opened: Opened) -> None:
    opened.service.will(akool.LIST, recorded("listbyids"))
    found = await opened.calls.listbyids([f"id-{number}" for number in range(200)])
    [asked] = opened.service.asked
    assert asked.query["_ids"].split(",") == [f"id-{number}" for number in range(200)]
    row = found.rows["64dae65af6e250d4fb2bca63"]
    assert (row.status, row.url, row.created_at) == (JobStatus.QUEUED, "", 1692067418.536)
    assert found.server_time == akool.DATE_SECONDS


async def test_listbyids_reads_what_only_some_rows_have(opened: Opened) -> None:
    rows = [
        {"_id": "a", "faceswap_status": 2, "progress": 40, "createdAt": "soon"},
        {"_id": "b", "faceswap_status": 3, "url": "https://example.com/b.jpg"},
        {"_id": "c", "faceswap_status": 4, "alg_msg": "generate temp file error"},
        {"_id": "d", "faceswap_status": 9},
        {"_id": "e", "faceswap_status": 3, "url": "<a href=x>"},
        "f",
    ]
    opened.service.will(akool.LIST, says({"code": 1000, "data": {"result": rows}}))
    found = await opened.calls.listbyids("abcdef")
    assert (found.rows["a"].status, found.rows["a"].progress, found.rows["a"].created_at) == (2, 0.4, 0.0)
    assert found.rows["b"].url == "https://example.com/b.jpg"
    assert found.rows["c"].said == "generate temp file error"
    assert found.broken.keys() == {"d", "e"}


async def test_many_ids_are_asked_for_in_parts(opened: Opened) -> None:
    opened.service.will(akool.LIST, says({"code": 1000, "data": {"result": []}}))
    await opened.calls.listbyids([f"{number:024}" for number in range(501)])
    parts = [asked.query["_ids"].split(",") for asked in opened.service.asked]
    assert [len(part) for part in parts] == [250, 250, 1]


async def test_delbyids(opened: Opened) -> None:
    opened.service.will(akool.DELETE, recorded("ok"))
    wanted = request_of("delbyids")
    await opened.calls.delbyids(wanted["_ids"].split(","))
    assert opened.service.asked[0].json == wanted


async def test_job_del(opened: Opened) -> None:
    opened.service.will(akool.CANCEL, recorded("ok"))
    await opened.calls.job_del([JOB_ID])
    assert opened.service.asked[0].json == {**request_of("job_del"), "job_ids": JOB_ID}


async def test_quota_info(opened: Opened) -> None:
    opened.service.will(akool.QUOTA, recorded("quota_info"), says({"code": 1000, "data": {"credit": 12.5}}))
    assert await opened.calls.quota_info() == 0
    assert await opened.calls.quota_info() == 12.5
    assert opened.service.asked[0].method == "GET"


# ------------------------------------------------------------------------------------------------------------- live


async def test_live_session(opened: Opened) -> None:
    texts = json.loads(recorded("live_create").body or b"")
    texts["data"]["front_rtc_token"] = a_token()
    opened.service.will(LIVE_CREATE, says(texts))
    for path in ("live/update", "live/close"):
        opened.service.will(f"{akool.V3}/{path}", recorded("ok"))
    session = await live_create(opened.calls)
    assert opened.service.asked[0].json == request_of("live_create")
    assert (session.id, session.status) == ("684f8fb744b8795862e45cbe", JobStatus.QUEUED)
    assert (session.front_user_id, session.algorithm_user_id) == (1, 3)
    assert session.channel_id == "20250616032959101_8224"
    # AKOOL's own example leaves app_id empty; it is in the token.
    assert session.app_id == APP_ID
    wanted = request_of("live_update")
    face = a_face({"path": PICTURE, "opts": wanted["sourceImage"][0]["opts"]})
    await opened.calls.live_update(wanted["_id"], CLEARED, face)
    assert opened.service.asked[1].json == {**wanted, "sourceImage": [face.item()]}
    closing = request_of("live_close")
    await opened.calls.live_close(closing["_id"])
    assert opened.service.asked[2].json == closing


async def test_a_live_session_with_an_app_id(opened: Opened) -> None:
    texts = json.loads(recorded("live_create").body or b"")
    texts["data"] |= {"app_id": "f" * 32, "front_rtc_token": "any"}
    opened.service.will(LIVE_CREATE, says(texts))
    assert (await live_create(opened.calls)).app_id == "f" * 32


@pytest.mark.parametrize("rubbish", [7, None, [], "<script>", "F" * 31, {"id": "f" * 32}], ids=str)
async def test_an_app_id_that_is_none_is_read_from_the_token(rubbish: object, opened: Opened) -> None:
    texts = json.loads(recorded("live_create").body or b"")
    texts["data"] |= {"app_id": rubbish, "front_rtc_token": a_token()}
    opened.service.will(LIVE_CREATE, says(texts))
    assert (await live_create(opened.calls)).app_id == APP_ID


@pytest.mark.parametrize(
    "change",
    [
        {"front_rtc_token": None},
        {"front_rtc_token": "006abc"},
        {"front_rtc_token": ["007"]},
        {"channel_id": ""},
        {"front_user_id": "one"},
        {"faceswap_status": "2"},
        {"faceswap_status": 4},
        {"faceswap_status": 17},
    ],
    ids=str,
)
async def test_a_session_without_a_way_in_is_told_so_that_it_can_be_closed(
    change: dict[str, object], opened: Opened
) -> None:
    texts = json.loads(recorded("live_create").body or b"")
    texts["data"] |= {"front_rtc_token": a_token(), **change}
    opened.service.will(LIVE_CREATE, says(texts))
    with pytest.raises(UnusableSessionError) as caught:
        await live_create(opened.calls)
    assert caught.value.id == "684f8fb744b8795862e45cbe"
    assert len(opened.service.on(LIVE_CREATE)) == 1


@pytest.mark.parametrize("code", [1008, 1014])
async def test_a_session_that_akool_does_not_know_is_closed_and_cannot_be_changed(code: int, opened: Opened) -> None:
    for path in ("live/update", "live/close"):
        opened.service.will(f"{akool.V3}/{path}", refused(code))
    await opened.calls.live_close(ID)
    with pytest.raises(ProviderRejected) as caught:
        await FREE["live/update"][1](opened.calls)
    assert caught.value.kind == "unknown"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(1003), "input"),
        (refused(1101), "account"),
        (refused(1102), "account"),
        (refused(1104), "credits"),
        (refused(1005), "rate-limited"),
        (says({}, 429), "rate-limited"),
        (Answer(b"bad gateway", 502, "text/plain"), "server-error"),
        (says([1000]), "bad-answer"),
        (says({"code": "1000"}), "bad-answer"),
    ],
    ids=lambda one: one if isinstance(one, str) else (one.body or b"-")[:24].decode(),
)
async def test_a_session_is_not_closed_until_akool_says_so(answer: Answer, kind: str, opened: Opened) -> None:
    opened.service.will(f"{akool.V3}/live/close", answer)
    with pytest.raises(ProviderError) as caught:
        await opened.calls.live_close(ID)
    assert caught.value.kind == kind
    assert caught.value.hint is not None, "what helps"


# ------------------------------------------------------------------------------------------------------- signing in


async def test_client_id_and_secret_are_changed_for_a_token_once(opened: Opened) -> None:
    opened.secrets.clear()
    opened.secrets.update(PAIR)
    opened.service.will(akool.TOKEN, recorded("getToken"))
    opened.service.will(akool.QUOTA, recorded("quota_info"))
    await opened.calls.quota_info()
    await opened.calls.quota_info()
    assert [one.path for one in opened.service.asked] == [akool.TOKEN, akool.QUOTA, akool.QUOTA]
    assert opened.service.asked[0].json == {
        "clientId": PAIR["akool.client_id"],
        "clientSecret": PAIR["akool.client_secret"],
    }
    assert opened.service.asked[1].headers["Authorization"] == "Bearer xxxxxxxxxxxxxxxx"
    assert "x-api-key" not in opened.service.asked[1].headers


REFUSALS_OF_TOKENS: dict[str, tuple[str, Answer]] = {
    "open": (akool.QUOTA, refused(1101)),
    "open-401": (akool.QUOTA, says({"code": 1101, "msg": "expired"}, 401)),
    "bare-401": (akool.QUOTA, says({"message": "Unauthorized"}, 401)),
    "detector": (akool.DETECT_FACES, says({"error_code": 1101, "error_msg": "expired", "faces_obj": {}})),
    "detector-401": (akool.DETECT_FACES, says({"error_code": 1, "error_msg": "expired"}, 401)),
    "paid": (akool.IMAGE, refused(1101)),
}
GOOD = {akool.QUOTA: "quota_info", akool.DETECT_FACES: "detect_faces", akool.IMAGE: "specifyimage"}
CALLS = {
    akool.QUOTA: FREE["quota/info"][1],
    akool.DETECT_FACES: FREE["detect_faces"][1],
    akool.IMAGE: PAID["specifyimage"][1],
}


@pytest.mark.parametrize("name", REFUSALS_OF_TOKENS)
async def test_an_expired_token_is_renewed_once(name: str, opened: Opened) -> None:
    path, answer = REFUSALS_OF_TOKENS[name]
    opened.secrets.clear()
    opened.secrets.update(PAIR)
    opened.service.will(
        akool.TOKEN, says({"code": 1000, "token": "old"}), says({"code": 1000, "data": {"token": "new"}})
    )
    opened.service.will(path, answer, recorded(GOOD[path]))
    await CALLS[path](opened.calls)
    assert [one.headers["Authorization"] for one in opened.service.on(path)] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize("secrets", [KEY, PAIR], ids=["key", "token"])
@pytest.mark.parametrize("name", REFUSALS_OF_TOKENS)
async def test_a_key_that_is_not_taken_is_a_matter_of_the_account(
    name: str, secrets: dict[str, str], opened: Opened
) -> None:
    path, answer = REFUSALS_OF_TOKENS[name]
    opened.secrets.clear()
    opened.secrets.update(secrets)
    opened.service.will(akool.TOKEN, says({"code": 1000, "token": "old"}), says({"code": 1000, "token": "new"}))
    opened.service.will(path, answer)
    with pytest.raises(ProviderRejected) as caught:
        await CALLS[path](opened.calls)
    assert caught.value.kind == "account"
    assert len(opened.service.on(path)) == (1 if secrets is KEY else 2)
    assert len(opened.service.on(akool.TOKEN)) == (0 if secrets is KEY else 2)


async def test_nothing_is_sent_without_a_key(opened: Opened) -> None:
    opened.secrets.clear()
    with pytest.raises(ProviderRejected) as caught:
        await opened.calls.quota_info()
    assert caught.value.kind == "account"
    assert opened.service.asked == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(1101), "account"),
        (refused(1102), "account"),
        (refused(1200), "account"),
        (says({"code": 1000}), "bad-answer"),
        (says({"code": 1000, "token": 5}), "bad-answer"),
        (says({"code": 1000, "token": "a\nb"}), "bad-answer"),
        (says({"message": "Unauthorized"}, 401), "account"),
        (refused(1005), "rate-limited"),
    ],
)
async def test_a_token_that_cannot_be_got(opened: Opened, answer: Answer, kind: str) -> None:
    opened.secrets.clear()
    opened.secrets.update(PAIR)
    opened.service.will(akool.TOKEN, answer)
    with pytest.raises(ProviderError) as caught:
        await opened.calls.quota_info()
    assert caught.value.kind == kind
    assert PAIR["akool.client_secret"] not in str(caught.value)


# ------------------------------------------------------------------------------------------------------- bad answers

BROKEN: dict[str, Answer] = {
    "html": Answer(b"<html><body>hello</body></html>", media_type="text/html"),
    "empty": Answer(b""),
    "list": says([1000]),
    "no-code": says({"msg": "OK", "data": {}}),
    "text-code": says({"code": "1000", "msg": "OK", "data": {}}),
    "true-code": says({"code": True, "error_code": False, "success": 1}),
    "text-data": says(
        {
            "code": 1000,
            "data": "<b>x</b>",
            "error_code": 0,
            "faces_obj": "x",
            "success": True,
            "persons": "x",
            "landmarks": 1,
        }
    ),
    "cut": Answer(b'{"code": 1000, "data": {"_id": "6593'),
}
READING = ("detect_faces", "detect", "analyze_frames", "listbyids", "quota/info")


@pytest.mark.parametrize("answer", BROKEN)
@pytest.mark.parametrize("name", READING)
async def test_free_calls_refuse_what_is_not_as_the_texts_have_it(name: str, answer: str, opened: Opened) -> None:
    path, call = FREE[name]
    opened.service.will(path, BROKEN[answer])
    with pytest.raises(ProviderError) as caught:
        await call(opened.calls)
    assert caught.value.kind in {"bad-answer", "captive-portal"}


@pytest.mark.parametrize(
    "answer",
    [
        *BROKEN.values(),
        Answer(None),
        says({"code": 1000, "data": {}}),
        says({"code": 1000, "data": {"_id": 7, "job_id": "a"}}),
        says({"code": 1000, "data": {"_id": "<script>", "job_id": "a"}}),
        says({"code": 1000, "data": {"_id": "../../x", "job_id": "a"}}),
        says({"code": 1000, "data": {"_id": "a", "job_id": ["b"]}}),
        says({"error": "x"}, 500),
        says({"code": 1016, "msg": "x"}, 500),
        refused(2001),
        Answer(b"bad gateway", 502, "text/plain"),
    ],
    ids=lambda one: (one.body or b"-")[:24].decode(),
)
async def test_paid_calls_are_unconfirmed_when_nobody_knows_what_became_of_them(answer: Answer, opened: Opened) -> None:
    for path, call in [(LIVE_CREATE, live_create), *((path, call) for path, call, _ in PAID.values())]:
        opened.service.will(path, answer)
        if path == LIVE_CREATE and b'"_id": "a"' in (answer.body or b""):
            # A session is open, and said to be the one that it is: it can be closed.
            with pytest.raises(UnusableSessionError) as unusable:
                await call(opened.calls)
            assert unusable.value.id == "a"
        else:
            with pytest.raises(ProviderUnavailable) as caught:
                await call(opened.calls)
            assert caught.value.kind == "unconfirmed"
        # Never sent again by itself.
        assert len(opened.service.on(path)) == 1


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_paid_calls_that_are_refused_in_words_can_be_sent_again(status: int, opened: Opened) -> None:
    opened.service.will(akool.IMAGE, says({"code": 1005, "msg": "x"}, status))
    with pytest.raises(ProviderUnavailable) as caught:
        await opened.calls.specifyimage(v3())
    assert (caught.value.kind, caught.value.retry_after_s > 0) == ("rate-limited", True)
    opened.service.will(akool.IMAGE, says({"code": 1006, "msg": "x"}, status))
    with pytest.raises(ProviderRejected) as refusal:
        await opened.calls.specifyimage(v3())
    assert refusal.value.kind == "credits"
