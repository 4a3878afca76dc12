"""Faults strike where they are meant to, as often as they are meant to, and what is paid is written down."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest

from faceswap_desktop.sandbox.faults import NAMES, FaultBook, parse_fault
from tests.unit.sandbox.conftest import KEY, LIMIT_S, Box, base64_of, until

SWAP = "/api/open/v4/faceswap/faceswapByImage"
QUOTA = "/api/open/v3/faceswap/quota/info"


@pytest.fixture
def body(box: Box, collins: bytes, hopper: bytes) -> dict[str, Any]:
    return {"sourceImage": [{"path": box.host(hopper)}], "targetImage": [{"path": box.host(collins)}]}


@pytest.mark.parametrize(
    ("fault", "code"),
    [("rate-limit", 1005), ("quota", 1006), ("expired-token", 1101), ("banned", 1200), ("markup", 1016)],
)
def test_refusals_cost_nothing_and_end_when_they_are_used_up(
    box: Box, body: dict[str, Any], fault: str, code: int
) -> None:
    box.faults(akool=[f"{fault}@faceswapByImage:2"])
    before = len(box.paid("akool", "faceswapByImage"))
    assert [box.akool(SWAP, body).json()["code"] for _ in range(2)] == [code, code]
    assert len(box.paid("akool", "faceswapByImage")) == before
    assert box.akool(QUOTA).json()["code"] == 1000
    # A body that is refused for itself: the fault is gone, and nothing needs to be made.
    assert box.akool(SWAP, {}).json()["code"] == 1003


def test_markup_is_in_the_words(box: Box) -> None:
    box.faults(akool=["markup:1"])
    assert "<script>" in box.akool(SWAP, {}).json()["msg"]


@pytest.mark.parametrize(("fault", "is_paid"), [("dropped-answer", True), ("lost-request", False)])
def test_a_cut_connection_tells_nothing_of_what_was_done(
    box: Box, body: dict[str, Any], fault: str, is_paid: bool
) -> None:
    box.faults(akool=[f"{fault}:1"])
    before = len(box.paid("akool", "faceswapByImage"))
    with pytest.raises(httpx.RemoteProtocolError if is_paid else httpx.TransportError):
        box.akool(SWAP, body)
    assert len(box.paid("akool", "faceswapByImage")) - before == is_paid
    assert box.akool(QUOTA).json()["code"] == 1000


def test_silence_is_paid_and_lasts_until_the_caller_gives_up(box: Box, body: dict[str, Any]) -> None:
    box.faults(akool=["silence@faceswapByImage:1"])
    before = len(box.paid("akool", "faceswapByImage"))
    with pytest.raises(httpx.ReadTimeout):
        box.client.post(f"{box.where['akool']}{SWAP}", json=body, headers=KEY, timeout=httpx.Timeout(LIMIT_S, read=1.0))
    until(lambda: len(box.paid("akool", "faceswapByImage")) - before == 1)
    assert box.akool(QUOTA).json()["code"] == 1000


def test_an_error_after_the_work_is_paid_and_sending_again_shows(box: Box, body: dict[str, Any]) -> None:
    box.faults(akool=["server-error-after-work:1"])
    before = len(box.paid("akool", "faceswapByImage"))
    assert box.akool(SWAP, body).status_code == 500
    assert box.akool(SWAP, body).status_code == 200
    first, second = box.paid("akool", "faceswapByImage")[before:]
    assert first["digest"] == second["digest"]


def test_answers_can_be_html_or_lack_their_data(box: Box, body: dict[str, Any]) -> None:
    box.faults(akool=["html@quota/info:1", "missing-fields:1"])
    assert box.akool(QUOTA).headers["content-type"].startswith("text/html")
    assert box.akool(SWAP, body).json() == {"code": 1000, "msg": "OK"}


def test_results_come_broken_once_and_then_whole(box: Box, collins: bytes, hopper: bytes, body: dict[str, Any]) -> None:
    row = box.ended(box.akool(SWAP, body).json()["data"]["_id"])
    whole = box.client.get(row["url"]).content
    box.faults(akool=["half-a-file:1"])
    with pytest.raises(httpx.RemoteProtocolError):
        box.client.get(row["url"])
    box.faults(akool=["wrong-type:1"])
    assert box.client.get(row["url"]).headers["content-type"] == "application/zip"
    box.faults(akool=["empty-file:1"])
    assert box.client.get(row["url"]).content == b""
    box.faults(akool=["expired-result:1"])
    assert box.client.get(row["url"]).status_code == 404
    box.faults(akool=["redirect-to-local:1"])
    assert box.client.get(row["url"]).headers["location"].startswith("http://127.0.0.1:1/")
    box.faults(akool=["html@results:1"])
    assert b"<html>" in box.client.get(row["url"]).content
    assert box.client.get(row["url"]).content == whole
    box.faults(akool=["unknown-status:1"])
    assert box.row(row["_id"])["faceswap_status"] == 9
    assert box.row(row["_id"])["faceswap_status"] == 3


@pytest.mark.parametrize(
    ("fault", "words"), [("failed-job", "generate temp file error"), ("no-face", "no face detected")]
)
def test_work_fails(box: Box, body: dict[str, Any], fault: str, words: str) -> None:
    box.faults(akool=[f"{fault}@faceswapByImage:1"])
    row = box.ended(box.akool(SWAP, body).json()["data"]["_id"])
    assert (row["faceswap_status"], row["alg_msg"]) == (4, words)


def test_a_token_can_lie_in_another_place(box: Box) -> None:
    box.faults(akool=["token-in-data:1"])
    client = {"clientId": "client", "clientSecret": "sandbox-secret"}
    assert box.akool("/api/open/v3/getToken", client).json()["data"]["token"].count(".") == 2


def test_the_detector_finds_nobody(box: Box, collins: bytes) -> None:
    box.faults(akool=["no-face@detect_faces:1"])
    answer = box.akool("/interface/detect-api/detect_faces", {"img": base64_of(collins)})
    assert answer.json()["error_msg"] == "No faces detected"


def inbox_of(came: list[dict[str, Any]]) -> type[BaseHTTPRequestHandler]:
    """Return a handler that keeps what comes."""

    class Inbox(_Inbox):
        taken = came

    return Inbox


class _Inbox(BaseHTTPRequestHandler):
    taken: ClassVar[list[dict[str, Any]]]

    def do_POST(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_akools_webhook_is_signed_and_sealed(box: Box, body: dict[str, Any]) -> None:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    secret, client_id = "sandbox-secret-012345678", "client-id"
    deliveries: list[dict[str, Any]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), inbox_of(deliveries)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        try:
            token = box.akool("/api/open/v3/getToken", {"clientId": client_id, "clientSecret": secret}).json()["token"]
            box.faults(akool=["forged-webhook:1"])
            body["webhookUrl"] = f"http://127.0.0.1:{server.server_port}/"
            made = box.akool(SWAP, body, headers={"Authorization": f"Bearer {token}"}).json()["data"]
            until(lambda: len(deliveries) == 2)
        finally:
            server.shutdown()
    readable = []
    for came in deliveries:
        assert came.keys() == {"signature", "dataEncrypt", "timestamp", "nonce"}
        parts = [client_id, str(came["timestamp"]), came["nonce"], came["dataEncrypt"]]
        assert came["signature"] == hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()
        opener = Cipher(algorithms.AES(secret.encode()), modes.CBC(client_id.encode().ljust(16, b"\0"))).decryptor()
        opened = opener.update(base64.b64decode(came["dataEncrypt"])) + opener.finalize()
        readable.append(opened[: -opened[-1]])
    # The forged one was sealed with another key.
    with pytest.raises(ValueError, match=r".*"):
        json.loads(readable[0])
    said = json.loads(readable[1])
    assert (said["_id"], said["status"], said["type"]) == (made["_id"], 3, "faceswap")
    assert said["url"] == box.row(made["_id"])["url"]


def test_only_programs_of_this_computer_are_answered(box: Box) -> None:
    address = f"{box.where['sandbox']}/sandbox/state"
    assert box.client.get(address, headers={"Host": "example.com"}).status_code == 403
    assert box.client.get(address, headers={"Origin": "https://example.com"}).status_code == 403
    assert box.client.get(address).status_code == 200


def test_faults_and_credits_are_read_strictly(box: Box) -> None:
    base = f"{box.where['sandbox']}/sandbox"
    box.faults(akool=["slow@results:3"])
    bodies: list[Any] = [
        {"akool": ["rate limit"]},
        {"other": []},
        [],
        {"akool": ["html"], "aigs": ["nothing"]},
    ]
    for wrong in bodies:
        assert box.client.post(f"{base}/faults", json=wrong).status_code == 400
    assert box.state()["faults"]["akool"] == ["slow@results:3"]
    assert box.client.post(f"{base}/credits", json={"akool": "much"}).status_code == 400
    assert box.client.post(f"{base}/credits", json={"other": 3}).status_code == 400
    assert box.client.post(f"{base}/credits", json={"akool": 3.5}).json()["akool"] == 3.5
    assert box.akool(QUOTA).json()["data"]["credit"] == 3.5


def test_what_a_fault_is_written_as() -> None:
    assert parse_fault("slow")[0] == ("akool", "aigs", "aifaceswap")
    services, fault = parse_fault("akool.rate-limit@live/create:2")
    assert (services, fault.name, fault.endpoint, fault.left) == (("akool",), "rate-limit", "live/create", 2)
    for wrong in ("", "nothing", "other.slow", "slow:", "slow:x", "a b"):
        with pytest.raises(ValueError, match="there is no"):
            parse_fault(wrong)


def test_faults_strike_where_they_are_meant_to() -> None:
    book = FaultBook(["akool.rate-limit:1", "aigs.slow", "half-a-file:1"])
    assert not book.takes("akool", "rate-limit", "quota/info", is_paid=False)
    assert not book.takes("aigs", "rate-limit", "faceswap")
    assert book.takes("akool", "rate-limit", "specifyimage")
    assert not book.takes("akool", "rate-limit", "specifyimage")
    assert book.takes("aigs", "slow", "faceswap")
    assert book.takes("aigs", "slow", "faceswap")
    assert not book.takes("aigs", "slow", "results")
    assert book.takes("aigs", "half-a-file", "results")
    assert book.takes("akool", "half-a-file", "results")
    assert not book.takes("crops", "half-a-file", "results")
    assert book.to_json() == {"akool": [], "aigs": ["slow"], "aifaceswap": ["half-a-file:1"]}


def test_the_faults_that_tests_need_have_names() -> None:
    assert set(NAMES) >= {
        "rate-limit",
        "quota",
        "dropped-answer",
        "slow",
        "html",
        "half-a-file",
        "failed-job",
        "lost-webhook",
    }
