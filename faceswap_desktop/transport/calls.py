"""What goes over the network and what comes back, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from faceswap_desktop.domain.clearance import ClearedFile

JSON_LIMIT: Final = 8 * 2**20
"""Answers longer than this are not read to their end."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file in a multipart body.

    Attributes:
        name: Of the field.
        file: What passed the gate, on this computer; it is streamed.
        file_name: What leaves this computer as its name; neutral, never the user's own.
        media_type: For example ``image/jpeg``.
    """

    name: str
    file: ClearedFile
    file_name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of a provider's interface.

    Attributes:
        method: ``GET``, ``POST`` …
        path: Appended to the client's base address, or an absolute address.
        query: Goes into the address.
        secret_query: Likewise, and never into a log, an error or a request id.
        json: Body as JSON; None for none.
        form: Fields of a form body; a repeated field is a tuple. With ``files`` the body is multipart.
        files: Files of a multipart body.
        headers: Beside those of the client; never logged.
        is_paid: The call can cost something: it is sent once, and sent again only if the connection was never made.
        read_timeout_s: How long the answer may take.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    secret_query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    files: tuple[FilePart, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    is_paid: bool = False
    read_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ApiReply:
    """What came back.

    Attributes:
        status: HTTP status.
        json: The body, if it is JSON (any value); else None.
        text: Its beginning as plain text, at most 2,000 characters, for support.
        request_id: What the service calls the request, from its headers; else our own, which we sent along.
        media_type: Of the body, without parameters.
        server_time: Of the ``Date`` header, in seconds since the epoch; 0.0 where there is none.
        whole_bytes: How long the whole thing is of which this is the answer's part or all; -1 where that is not said.
    """

    status: int
    json: Any
    text: str
    request_id: str
    media_type: str = ""
    server_time: float = 0.0
    whole_bytes: int = -1


class Expected(Enum):
    """What a download has to be, by its first bytes, whatever its headers say."""

    PICTURE = "picture"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class DownloadRules:
    """What a download may be.

    Attributes:
        expected: By its first bytes; None for anything.
        max_bytes: Longer ones are broken off.
    """

    expected: Expected | None
    max_bytes: int = 8 * 2**30


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came.

    Attributes:
        path: Where it lies, with the extension of what it is.
        format: ``JPEG``, ``PNG``, ``WEBP`` …, ``MP4``, ``MOV``, ``WEBM`` …, by its first bytes.
        size_bytes: Length.
        sha256: Hexadecimal.
    """

    path: str
    format: str
    size_bytes: int
    sha256: str
