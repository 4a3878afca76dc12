"""What comes to a webhook of AKOOL's: genuine, forged, damaged."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.providers.akool.webhook import decipher, parse_delivery, signature
from tests.contract.akool_service import recorded

CLIENT_ID = "AKDt8rWEczpYPzCGur2xE="
URL = "https://results.example.com/final.jpg"


def encrypted(plain: bytes, key: bytes, start: bytes) -> str:
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def signed(
    data: str, client_id: str = CLIENT_ID, timestamp: Any = 1710757981609, nonce: Any = "1529"
) -> dict[str, Any]:
    whole = "".join(sorted([client_id, str(timestamp), str(nonce), data]))
    digest = hashlib.sha1(whole.encode()).hexdigest()
    return {"signature": digest, "dataEncrypt": data, "timestamp": timestamp, "nonce": nonce}


def body_of(values: object, secret: str, client_id: str = CLIENT_ID, **changes: Any) -> dict[str, Any]:
    start = client_id.encode()[:16].ljust(16, b"\0")
    return signed(encrypted(json.dumps(values).encode(), secret.encode(), start), client_id, **changes)


async def parsed(body: object, secret: str = "s" * 24, client_id: str = CLIENT_ID) -> Any:
    known = {"akool.client_id": client_id, "akool.client_secret": secret}

    async def get(name: str) -> str | None:
        return known.get(name)

    return await parse_delivery(body, get)


DONE = {"_id": "6593c94c0ef703e8c055e3c8", "status": 3, "type": "faceswap", "url": URL}


@pytest.mark.parametrize("length", [16, 24, 32])
async def test_keys_of_every_length(length: int) -> None:
    secret = "0123456789abcdef" * 2
    assert await parsed(body_of(DONE, secret[:length]), secret[:length]) == DONE


async def test_an_id_shorter_than_a_block_is_filled_up() -> None:
    assert await parsed(body_of(DONE, "s" * 24, "short"), client_id="short") == DONE


async def test_keys_that_are_written_in_base64() -> None:
    secret = base64.b64encode(bytes(range(24))).decode()
    client_id = base64.b64encode(bytes(range(16))).decode()
    data = encrypted(json.dumps(DONE).encode(), bytes(range(24)), bytes(range(16)))
    assert await parsed(signed(data, client_id), secret, client_id) == DONE


@pytest.mark.parametrize(("timestamp", "nonce"), [(1, 2), ("1", "2"), (1710757981609, 1529)])
async def test_numbers_and_texts_are_signed_alike(timestamp: Any, nonce: Any) -> None:
    assert await parsed(body_of(DONE, "s" * 24, timestamp=timestamp, nonce=nonce)) == DONE


async def test_only_documented_fields_are_kept() -> None:
    values = {**DONE, "admin": True, "path": "../../x", "faceswap_type": 1}
    assert await parsed(body_of(values, "s" * 24)) == DONE


async def test_a_failure_needs_no_address() -> None:
    assert await parsed(body_of({"_id": "a", "status": 4, "url": "<b>"}, "s" * 24)) == {"_id": "a", "status": 4}


@pytest.mark.parametrize("status", [1, 2])
async def test_a_job_that_goes_on_is_no_result_yet(status: int) -> None:
    assert await parsed(body_of({**DONE, "status": status}, "s" * 24)) is None


@pytest.mark.parametrize("name", ["signature", "dataEncrypt", "timestamp", "nonce"])
async def test_every_part_is_signed(name: str) -> None:
    body = body_of(DONE, "s" * 24)
    values: tuple[object, ...] = (None, [], "0" * 40, "QUJD")
    for value in values:
        with pytest.raises(ProviderRejected) as caught:
            await parsed({**body, name: value})
        assert caught.value.kind == "bad-answer"


@pytest.mark.parametrize(
    "values",
    [
        [],
        "text",
        {},
        {"_id": "a"},
        {"_id": "../../x", "status": 3, "url": URL},
        {"_id": "a", "status": 9, "url": URL},
        {"_id": "a", "status": "3", "url": URL},
        {"_id": "a", "status": 3},
        {"_id": "a", "status": 3, "url": "file:///etc/passwd"},
        {"_id": "a", "status": 3, "url": "https://a.example/<script>"},
        {"_id": ["a"], "status": 3, "url": URL},
        {"_id": "a", "status": 3, "url": URL, "type": 5},
    ],
)
async def test_what_is_signed_and_not_as_the_texts_have_it(values: object) -> None:
    with pytest.raises(ProviderRejected):
        await parsed(body_of(values, "s" * 24))


@pytest.mark.parametrize("data", ["", "%% other %%", "QUJD", "A" * 100_000, base64.b64encode(b"x" * 32).decode()])
async def test_what_is_signed_and_cannot_be_decrypted(data: str) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await parsed(signed(data))
    assert not data or data[:20] not in str(caught.value)


async def test_another_accounts_secret() -> None:
    with pytest.raises(ProviderRejected):
        await parsed(body_of(DONE, "t" * 24))


async def test_the_key_stands_for_the_secret() -> None:
    known = {"akool.client_id": CLIENT_ID, "akool.api_key": "s" * 24}

    async def get(name: str) -> str | None:
        return known.get(name)

    assert await parse_delivery(body_of(DONE, "s" * 24), get) == DONE
    del known["akool.client_id"]
    with pytest.raises(ProviderRejected) as caught:
        await parse_delivery(body_of(DONE, "s" * 24), get)
    assert caught.value.kind == "account"


def test_the_published_sample_is_signed_with_keys_that_were_not_published() -> None:
    body = json.loads(recorded("webhook").body or b"")
    with pytest.raises(ValueError, match="signature"):
        decipher(body, CLIENT_ID, "s" * 32)


def test_texts_are_sorted_by_code_and_put_together_without_anything_between() -> None:
    assert signature("b", "1", "Z", "a") == hashlib.sha1(b"1Zab").hexdigest()
