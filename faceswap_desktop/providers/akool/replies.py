"""What AKOOL's calls answer, as values; read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Self

from faceswap_desktop.providers.akool.faces import Corners
from faceswap_desktop.providers.akool.reading import (
    BrokenAnswerError,
    address,
    identifier,
    mapping,
    number,
    sequence,
    text,
    whole,
)


class JobStatus(IntEnum):
    """``faceswap_status``."""

    QUEUED = 1
    PROCESSING = 2
    DONE = 3
    FAILED = 4


@dataclass(frozen=True, slots=True)
class Created:
    """A job at AKOOL.

    Attributes:
        id: ``_id``, by which results are asked for and deleted.
        job_id: By which it is cancelled; empty where none came.
        url: Where the result will be; v3 and reage say it beforehand, and nothing is there yet. Empty in v4.
        server_time: When AKOOL answered, in seconds since the epoch by its own clock; 0.0 for unknown.
        request_id: Of the call, for support.
    """

    id: str
    job_id: str
    url: str = ""
    server_time: float = 0.0
    request_id: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any], *, server_time: float = 0.0, request_id: str = "") -> Self:
        """Read ``{_id, url, job_id}``.

        Raises:
            BrokenAnswerError: There is no id, or something is of another type.
        """
        return cls(
            identifier(data.get("_id"), "_id"),
            identifier(data["job_id"], "job_id") if data.get("job_id") else "",
            _promised_url(data.get("url")),
            server_time,
            request_id,
        )


def _promised_url(value: object) -> str:
    """Read the address of a result to come; nobody fetches it, so one that is odd does no harm and is dropped."""
    try:
        return address(value, "url") if value else ""
    except BrokenAnswerError:
        return ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One job out of ``listbyids``.

    Attributes:
        id: ``_id``.
        status: How far it is.
        url: Where the result is, once it is done; empty before.
        created_at: When it was handed over, in seconds since the epoch by AKOOL's clock; 0.0 for unknown. The seven
            days count from here.
        said: What AKOOL says of a failure; empty for nothing.
        progress: 0 to 1; None where it does not say.
    """

    id: str
    status: JobStatus
    url: str = ""
    created_at: float = 0.0
    said: str = ""
    progress: float | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read one row.

        Raises:
            BrokenAnswerError: Something is missing or of another type.
        """
        value = whole(data.get("faceswap_status"), "faceswap_status")
        if value not in set(JobStatus):
            raise BrokenAnswerError(f"faceswap_status is {value}")
        status = JobStatus(value)
        url = address(data["url"], "url") if status is JobStatus.DONE and data.get("url") else ""
        return cls(
            identifier(data.get("_id"), "_id"),
            status,
            url,
            _seconds(data.get("createdAt")),
            next((one for name in ("alg_msg", "msg") if isinstance(one := data.get(name), str) and one), ""),
            _share(data.get("progress")),
        )


def _seconds(value: object) -> float:
    """Read ``2023-08-15T02:43:38.536Z``; what is no date is not known."""
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        if when is None:
            return 0.0
        return (when if when.tzinfo is not None else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _share(value: object) -> float | None:
    # Undocumented, seen by others as a percentage.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return value / 100


@dataclass(frozen=True, slots=True)
class Results:
    """The answer of ``listbyids``.

    Attributes:
        rows: By id.
        broken: Ids of rows that cannot be read, with the reason.
        server_time: When AKOOL answered, by its own clock; 0.0 for unknown.
    """

    rows: Mapping[str, ResultRow]
    broken: Mapping[str, str]
    server_time: float = 0.0

    @classmethod
    def read(cls, data: Mapping[str, Any], server_time: float = 0.0) -> Self:
        """Read ``{result: [row, …]}``. A row that cannot be read does not spoil the others.

        Raises:
            BrokenAnswerError: There is no list.
        """
        rows: dict[str, ResultRow] = {}
        bad: dict[str, str] = {}
        for one in sequence(data.get("result"), "result"):
            try:
                row = ResultRow.read(mapping(one, "a row"))
                rows[row.id] = row
            except BrokenAnswerError as error:
                if isinstance(one, Mapping) and isinstance(one.get("_id"), str):
                    bad[one["_id"]] = str(error)
        return cls(rows, bad, server_time)


@dataclass(frozen=True, slots=True)
class Appearance:
    """Where somebody is in one of the pictures that ``analyze_frames`` was given.

    Attributes:
        frame: Number of the picture, from 0.
        seconds: Its time, as it was given.
        corners: Where the face is; in pixels.
    """

    frame: int
    seconds: float
    corners: Corners


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom ``analyze_frames`` knows again across pictures.

    Attributes:
        id: ``person_id``.
        index: Place from left to right.
        face_url: A crop that AKOOL hosts.
        appearances: Where the face is seen.
    """

    id: str
    index: int
    face_url: str
    appearances: tuple[Appearance, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read one of ``persons``.

        Raises:
            BrokenAnswerError: Something is missing or of another type.
        """
        seen = [mapping(one, "an appearance") for one in sequence(data.get("appearances"), "appearances")]
        return cls(
            text(data.get("person_id"), "person_id"),
            whole(data.get("index"), "index"),
            address(data.get("face_url"), "face_url"),
            tuple(
                Appearance(
                    whole(one.get("frame_idx"), "frame_idx"),
                    number(one.get("timestamp"), "timestamp"),
                    Corners.read(one.get("bbox"), "bbox"),
                )
                for one in seen
            ),
        )


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live session at AKOOL, and the way into its Agora channel.

    Attributes:
        id: ``_id``.
        status: ``faceswap_status``; 2 means that one can connect.
        front_user_id: Who publishes the camera; a number, as Agora wants it.
        algorithm_user_id: Who publishes the swapped picture; None where none came.
        token: ``front_rtc_token``.
        channel_id: Agora's channel.
        app_id: Agora's app; read out of the token where the answer leaves it empty.
    """

    id: str
    status: JobStatus
    front_user_id: int
    algorithm_user_id: int | None
    token: str
    channel_id: str
    app_id: str
