"""Agora tokens as AKOOL hands them out: AccessToken2, with no meaning behind the signature."""

import base64
import struct
import zlib

APP_ID = "0123456789abcdef0123456789abcdef"


def counted(content: bytes) -> bytes:
    return struct.pack("<H", len(content)) + content


def a_token(app_id: str = APP_ID, *, version: str = "007", channel: str = "20250616032959101_8224") -> str:
    privileges = b"".join(struct.pack("<HI", number, 3600) for number in (1, 2, 3, 4))
    service = struct.pack("<HH", 1, 4) + privileges + counted(channel.encode()) + counted(b"1")
    payload = counted(b"\x07" * 32) + counted(app_id.encode()) + struct.pack("<III", 1750044599, 3600, 1)
    payload += struct.pack("<H", 1) + service
    return version + base64.b64encode(zlib.compress(payload)).decode()
