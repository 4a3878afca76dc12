"""Reads live sessions. The calls themselves are ``api.AkoolCalls.live_create``, ``live_update`` and ``live_close``."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

from faceswap_desktop.providers.akool.reading import BrokenAnswerError, identifier, text, whole
from faceswap_desktop.providers.akool.replies import JobStatus, LiveSession

_VERSION: Final = "007"
_APP_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LONGEST_PAYLOAD: Final = 16 * 1024
_LENGTH: Final = struct.Struct("<H")


class UnusableSessionError(Exception):
    """A session was opened, and what was answered does not lead into it. It costs: it has to be closed.

    Attributes:
        id: ``_id``.
        why: What is wrong.
    """

    def __init__(self, session_id: str, why: str) -> None:
        super().__init__(why)
        self.id = session_id
        self.why = why


def opened_session(data: Mapping[str, Any]) -> LiveSession:
    """Read the ``data`` of ``live/create`` where it said that a session is open.

    Raises:
        UnusableSessionError: It says which, and not how to get in; or that it has failed already.
        BrokenAnswerError: It does not even say which.
    """
    session_id = identifier(data.get("_id"), "_id")
    try:
        session = read_session(data)
    except BrokenAnswerError as error:
        raise UnusableSessionError(session_id, str(error)) from error
    if session.status is JobStatus.FAILED:
        raise UnusableSessionError(session_id, "faceswap_status says that it failed")
    return session


def read_session(data: Mapping[str, Any]) -> LiveSession:
    """Read the ``data`` of ``live/create``.

    Raises:
        BrokenAnswerError: Something is missing or of another type; or there is no app id, in the token neither.
    """
    status = whole(data.get("faceswap_status"), "faceswap_status")
    if status not in set(JobStatus):
        raise BrokenAnswerError(f"faceswap_status is {status}")
    token = text(data.get("front_rtc_token"), "front_rtc_token")
    app_id = data.get("app_id")
    algorithm = data.get("algorithm_user_id")
    return LiveSession(
        id=identifier(data.get("_id"), "_id"),
        status=JobStatus(status),
        front_user_id=_user(data.get("front_user_id"), "front_user_id"),
        algorithm_user_id=_user(algorithm, "algorithm_user_id") if algorithm not in {None, ""} else None,
        token=token,
        channel_id=identifier(data.get("channel_id"), "channel_id"),
        # Empty in AKOOL's own example. What is no app id would keep the page from joining; the token always has it.
        app_id=app_id if isinstance(app_id, str) and _APP_ID.fullmatch(app_id) else app_id_of(token),
    )


def _user(value: object, what: str) -> int:
    # A text in AKOOL's example; Agora wants the number.
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10:
        return int(value)
    return whole(value, what)


def app_id_of(token: str) -> str:
    """Return the app id that an Agora AccessToken2 holds.

    It is ``007`` and base64 of zlib of little-endian fields: a signature and the app id, each a uint16 length and that
    many bytes; what follows (times, salt, services) is not needed.

    Raises:
        BrokenAnswerError: It is no such token.
    """
    if not token.startswith(_VERSION):
        raise BrokenAnswerError("front_rtc_token has another version")
    try:
        packed = base64.b64decode(token[len(_VERSION) :], validate=True)
        payload = zlib.decompressobj().decompress(packed, _LONGEST_PAYLOAD)
        _, rest = _counted(payload)
        app_id = _counted(rest)[0].decode("ascii")
    except (binascii.Error, zlib.error, struct.error, UnicodeDecodeError) as error:
        raise BrokenAnswerError("front_rtc_token cannot be read") from error
    if _APP_ID.fullmatch(app_id) is None:
        raise BrokenAnswerError("front_rtc_token holds no app id")
    return app_id


def _counted(payload: bytes) -> tuple[bytes, bytes]:
    (length,) = _LENGTH.unpack_from(payload)
    start = _LENGTH.size
    if len(payload) < start + length:
        raise struct.error("cut short")
    return payload[start : start + length], payload[start + length :]
