"""The bucket, as the library of the real service uses it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.sandbox.conftest import Box


@pytest.fixture
def s3(box: Box) -> Iterator[Any]:
    import botocore.session
    from botocore.config import Config

    session = botocore.session.Session()
    client = session.create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=box.where["s3"],
        aws_access_key_id="sandbox-key",
        aws_secret_access_key="sandbox-key",
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4", proxies={}),
    )
    yield client
    client.close()


def test_objects_are_put_fetched_listed_and_deleted(box: Box, s3: Any) -> None:
    contents = bytes(range(256)) * 64
    s3.put_object(Bucket="sandbox", Key="faceswap/a b+ü.jpg", Body=io.BytesIO(contents), ContentType="image/jpeg")
    head = s3.head_object(Bucket="sandbox", Key="faceswap/a b+ü.jpg")
    assert (head["ContentLength"], head["ContentType"]) == (len(contents), "image/jpeg")
    address = s3.generate_presigned_url("get_object", Params={"Bucket": "sandbox", "Key": "faceswap/a b+ü.jpg"})
    reply = box.client.get(address)
    assert (reply.content, reply.headers["content-type"]) == (contents, "image/jpeg")
    part = box.client.get(address, headers={"Range": "bytes=16-31"})
    assert (part.status_code, part.content) == (206, contents[16:32])
    listed = s3.list_objects_v2(Bucket="sandbox", Prefix="faceswap/")
    assert [one["Size"] for one in listed["Contents"]] == [len(contents)]
    s3.head_bucket(Bucket="sandbox")
    s3.delete_object(Bucket="sandbox", Key="faceswap/a b+ü.jpg")
    s3.delete_object(Bucket="sandbox", Key="faceswap/a b+ü.jpg")
    assert box.client.get(address).status_code == 404


def test_a_presigned_address_takes_an_upload_for_its_time(box: Box, s3: Any) -> None:
    put = s3.generate_presigned_url("put_object", Params={"Bucket": "sandbox", "Key": "x"}, ExpiresIn=60)
    assert box.client.put(put, content=b"one").status_code == 200
    assert box.client.put(put, content=b"two").status_code == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": "sandbox", "Key": "x"}, ExpiresIn=60)
    assert box.client.get(get).content == b"two"
    assert box.client.get(get.replace("X-Amz-Expires=60", "X-Amz-Expires=-1")).status_code == 403
    assert box.client.get(get.partition("?")[0]).status_code == 403


def test_an_upload_in_signed_chunks_is_put_together(box: Box) -> None:
    body = b"5;chunk-signature=00\r\nhello\r\n3;chunk-signature=00\r\n wo\r\n0;chunk-signature=00\r\n\r\n"
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=sandbox-key",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    }
    address = f"{box.where['s3']}/sandbox/chunked"
    assert box.client.put(address, content=body, headers=headers).status_code == 200
    assert box.client.get(address, headers=headers).content == b"hello wo"
    assert "<Code>NoSuchBucket</Code>" in box.client.get(f"{box.where['s3']}/other/x", headers=headers).text
