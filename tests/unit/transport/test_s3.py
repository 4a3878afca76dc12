"""Signing for S3-compatible storage, against the example that the specification publishes."""

from __future__ import annotations

import datetime
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import pytest

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.settings import S3Settings
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.s3 import LONGEST_S, S3Bucket, S3Keys, bucket_url, endpoint_url

KEYS = S3Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def bucket(url: str = "https://examplebucket.s3.amazonaws.com", region: str = "us-east-1") -> S3Bucket:
    return S3Bucket(ApiClient("hosting", lambda: url), url, region, KEYS)


async def test_the_published_example_gets_the_published_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon S3 API reference, "Authenticating requests: using query parameters"."""
    then = datetime.datetime(2013, 5, 24, tzinfo=datetime.UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: then)
    url = await bucket().presign("GET", "test.txt", 86400)
    assert urlsplit(url).path == "/test.txt"
    assert {name: one for name, (one,) in parse_qs(urlsplit(url).query).items()} == {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": "86400",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    }


async def test_no_address_is_valid_for_longer_than_the_service_allows() -> None:
    url = await bucket().presign("GET", "a.jpg", 10 * LONGEST_S)
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == [str(7 * 86400)]


async def test_names_with_odd_characters_are_escaped_once() -> None:
    url = await bucket().presign("GET", "my faces/ä+b%.jpg", 60)
    assert urlsplit(url).path == "/my%20faces/%C3%A4%2Bb%25.jpg"


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (S3Settings("", "b-1", "eu-west-3", path_style=True), "https://s3.eu-west-3.amazonaws.com/b-1"),
        (S3Settings("", "b-1", "eu-west-3", path_style=False), "https://b-1.s3.eu-west-3.amazonaws.com"),
        (S3Settings("", "b-1", "cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn/b-1"),
        (S3Settings("", "b-1", ""), "https://s3.us-east-1.amazonaws.com/b-1"),
        (S3Settings("http://127.0.0.1:9000/", "b-1"), "http://127.0.0.1:9000/b-1"),
        (S3Settings("https://r2.example:8443/s3", "b.c", path_style=False), "https://b.c.r2.example:8443/s3"),
    ],
)
def test_a_bucket_stands_in_the_path_or_in_the_host_name(settings: S3Settings, wanted: str) -> None:
    assert bucket_url(settings) == wanted


@pytest.mark.parametrize("name", ["", "a", "../b", "a/b", "-ab", "ä" * 5, "a" * 64, "a b", "a?b"])
def test_what_no_bucket_can_be_called_is_refused(name: str) -> None:
    with pytest.raises(ProviderRejected) as refused:
        bucket_url(S3Settings("https://s3.example.com", name))
    assert refused.value.kind == "hosting"


@pytest.mark.parametrize(
    "url",
    ["s3.example.com", "ftp://s3.example.com", "https://", "https://u:p@h", "https://h/?a", "http://h:x", "http://["],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ProviderRejected) as refused:
        endpoint_url(S3Settings(url, "bucket"))
    assert refused.value.kind == "hosting"


def test_keys_are_never_shown() -> None:
    assert "wJalr" not in f"{KEYS!r} {KEYS}"
