"""Small files of every format, and credentials in them."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from PIL import Image

from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.domain.signing import Deed, Edit, Identity, RemoteIdentity
from faceswap_desktop.provenance.certificate import make_identity
from faceswap_desktop.provenance.credentials import Source, sign
from faceswap_desktop.resources import resource_path

PICTURES: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "AVIF": ".avif", "GIF": ".gif"}
VIDEOS: Final = {"MP4": ".mp4", "MOV": ".mov", "AVI": ".avi"}
BESIDE: Final = {"MKV": ".mkv", "WEBM": ".webm", "BMP": ".bmp"}
EXTENSIONS: Final = PICTURES | VIDEOS | BESIDE
MIME: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "MP4": "video/mp4",
    "MOV": "video/quicktime",
    "AVI": "video/avi",
}
HOPPER: Final = resource_path("samples", "grace_hopper.jpg")

SWAPPED: Final = Edit("Face swapped", SourceType.AI_COMPOSITE)
AGED: Final = Edit("Age changed by +10 years", SourceType.AI_COMPOSITE)
DEED: Final = Deed(
    "result", (SWAPPED, AGED), "On this computer", on_this_computer=True, has_label=True, at=1_790_000_000
)
BY_SERVICE: Final = Deed("result", (SWAPPED,), "AKOOL", on_this_computer=False, has_label=False, at=1_790_000_000)


@cache
def identity(number: int = 0) -> Identity:
    """The certificate of one of several installations."""
    del number
    return make_identity()


@cache
def content(kind: str) -> bytes:
    """A small file of a format."""
    if kind in VIDEOS or kind in {"MKV", "WEBM"}:
        return _video(kind)
    with Image.open(HOPPER) as picture:
        small = picture.convert("RGB").resize((96, 96))
    buffer = io.BytesIO()
    small.save(buffer, kind)
    return buffer.getvalue()


def _video(kind: str) -> bytes:
    name = {"MKV": "matroska"}.get(kind, kind.lower())
    codec = "libvpx" if kind == "WEBM" else "libx264"
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=name) as container:
        stream = cast("av.VideoStream", container.add_stream(codec, rate=10))
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 20, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def written(folder: Path, kind: str, name: str = "result") -> Path:
    path = folder / f"{name}{EXTENSIONS[kind]}"
    path.write_bytes(content(kind))
    return path


def signed(
    kind: str,
    data: bytes | None = None,
    deed: Deed = DEED,
    by: Identity | RemoteIdentity | None = None,
    *,
    original: bytes | None = None,
    original_kind: str = "JPEG",
    keep_own: bool = False,
) -> tuple[bytes, bytes]:
    """Sign in memory; returns the file and its credentials."""
    out = io.BytesIO()
    store = sign(
        Source(io.BytesIO(content(kind) if data is None else data), kind),
        out,
        deed,
        by or identity(),
        original=None if original is None else Source(io.BytesIO(original), original_kind),
        keep_own=keep_own,
    )
    return out.getvalue(), store
