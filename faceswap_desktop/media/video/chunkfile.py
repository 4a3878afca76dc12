"""Rendered chunks on disk: an encoder's packets with their exact times, and what there is to say about them.

Layout: ``FSCHUNK1``, length of the header (4 bytes, big endian), header (JSON), table (17 bytes per packet: time,
size, flags; big endian), the packets' bytes one after the other, SHA-256 of all before. A file is whole or is not
there; whatever is wrong with one, it counts as not rendered. Why packets and not small videos:
docs/decisions/0010-chunks-as-packets.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.recipe import OutputOptions, Recipe, VideoContainer
from faceswap_desktop.domain.recipe_json import recipe_to_json
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.atomic_file import flush_folder, storage_error
from faceswap_desktop.media.video.encode import EncodedChunk, EncodedPacket
from faceswap_desktop.media.video.settings import EncodeSettings, settings_from_json, settings_to_json

RENDER_VERSION: Final = 2
"""Grows when rendering gives other pixels or looks at them otherwise, so that chunks of an older version are not joined
to newer ones. 2: rendered frames are looked at, and labelled."""

_MAGIC: Final = b"FSCHUNK1"
_LENGTH: Final = struct.Struct(">I")
_ROW: Final = struct.Struct(">qQB")
_DIGEST: Final = 32
_MOST_HEADER: Final = 16 * 2**20


class ChunkDamaged(Exception):
    """A chunk's file is not whole, or is no chunk's."""


@dataclass(frozen=True, slots=True)
class ChunkHeader:
    """What a chunk's file says of itself.

    Attributes:
        number: Of the chunk.
        frames: Which frames of the video it was made of.
        recipe: ``recipe_digest`` of what was done.
        packets: How many there are.
        settings: What the encoder was told.
        extradata: What the encoder made of it.
        pts: When each packet's frame is shown, in the order in which they are decoded.
        info: Whatever else is worth keeping, plain JSON values: counts, timings.
    """

    number: int
    frames: FrameRange
    recipe: str
    packets: int
    settings: EncodeSettings
    extradata: bytes
    pts: tuple[int, ...]
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A rendered chunk.

    Attributes:
        number: Of the chunk.
        frames: Which frames of the video it was made of; those that could not be decoded have no packet.
        recipe: ``recipe_digest`` of what was done.
        encoded: Its packets.
        info: Whatever else is worth keeping, plain JSON values.
    """

    number: int
    frames: FrameRange
    recipe: str
    encoded: EncodedChunk
    info: Mapping[str, Any] = field(default_factory=dict)


def recipe_digest(recipe: Recipe) -> str:
    """Return 32 hexadecimal digits that are equal for recipes that give equal chunks.

    What does not touch the picture is left out: consent, names, the container, where the original lies, the trim
    (chunks carry their own frames).
    """
    output = OutputOptions(video_codec=recipe.output.video_codec, video_quality=recipe.output.video_quality)
    media = replace(recipe.media, id=MediaId(""), path="", notes=())
    media = replace(media, fingerprint=replace(media.fingerprint, modified_ns=0), video=None)
    plain = replace(
        recipe,
        media=media,
        consent_note="",
        trim=None,
        output=replace(output, video_container=VideoContainer.SAME),
    )
    data = json.dumps([RENDER_VERSION, recipe_to_json(plain)], sort_keys=True)
    return hashlib.sha256(data.encode()).hexdigest()[:32]


def pack(chunk: Chunk) -> bytes:
    """Return a chunk as the bytes of its file."""
    header = {
        "number": chunk.number,
        "frames": [chunk.frames.first, chunk.frames.end],
        "recipe": chunk.recipe,
        "packets": len(chunk.encoded.packets),
        "settings": settings_to_json(chunk.encoded.settings),
        "extradata": chunk.encoded.extradata.hex(),
        "info": dict(chunk.info),
    }
    head = json.dumps(header, ensure_ascii=False).encode()
    parts = [_MAGIC, _LENGTH.pack(len(head)), head]
    parts += [_ROW.pack(packet.pts, len(packet.data), packet.is_key) for packet in chunk.encoded.packets]
    parts += [packet.data for packet in chunk.encoded.packets]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return b"".join((*parts, digest.digest()))


def unpack(data: bytes) -> Chunk:
    """Read the bytes of a chunk's file.

    Raises:
        ChunkDamaged: They are not whole, or no chunk's.
    """
    if len(data) < len(_MAGIC) + _LENGTH.size + _DIGEST or not data.startswith(_MAGIC):
        raise ChunkDamaged("no chunk")
    if hashlib.sha256(memoryview(data)[:-_DIGEST]).digest() != data[-_DIGEST:]:
        raise ChunkDamaged("checksum")
    try:
        return _unpacked(data)
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise ChunkDamaged(str(error)) from error


def write_chunk(path: str | os.PathLike[str], packed: bytes) -> None:
    """Write a chunk's bytes so that its file is there whole or not at all; one that is there is replaced.

    Raises:
        StorageError: Disk full, read-only, forbidden, folder missing.
    """
    target = Path(path)
    scratch = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with scratch.open("xb") as stream:
                stream.write(packed)
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(target)
        finally:
            with suppress(OSError):
                scratch.unlink(missing_ok=True)
        flush_folder(target.parent)
    except OSError as error:
        raise storage_error(target, error) from error


def read_chunk(path: str | os.PathLike[str]) -> Chunk:
    """Read a chunk's file.

    Raises:
        ChunkDamaged: It is missing, cannot be read, or is not whole.
    """
    try:
        return unpack(Path(path).read_bytes())
    except OSError as error:
        raise ChunkDamaged(str(error)) from error


def read_header(path: str | os.PathLike[str], *, verify: bool = True) -> ChunkHeader:
    """Read what a chunk's file says of itself, without holding its packets in memory.

    Args:
        path: The file.
        verify: Read all of it and compare the checksum.

    Raises:
        ChunkDamaged: It is missing, cannot be read, or is not whole.
    """
    try:
        with Path(path).open("rb") as stream:
            start = stream.read(len(_MAGIC) + _LENGTH.size)
            if len(start) < len(_MAGIC) + _LENGTH.size or not start.startswith(_MAGIC):
                raise ChunkDamaged("no chunk")
            (length,) = _LENGTH.unpack(start[len(_MAGIC) :])
            if length > _MOST_HEADER:
                raise ChunkDamaged("no chunk")
            head = stream.read(length)
            data = json.loads(head)
            table = stream.read(_ROW.size * data["packets"])
            if verify:
                _compare_digest(stream, start + head + table)
        return ChunkHeader(
            data["number"],
            FrameRange(*data["frames"]),
            data["recipe"],
            data["packets"],
            settings_from_json(data["settings"]),
            bytes.fromhex(data["extradata"]),
            tuple(row[0] for row in _ROW.iter_unpack(table)),
            dict(data["info"]),
        )
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ChunkDamaged(str(error)) from error


def _compare_digest(stream: Any, start: bytes) -> None:
    digest = hashlib.sha256(start)
    kept = b""
    while block := stream.read(2**20):
        whole = kept + block
        digest.update(whole[:-_DIGEST])
        kept = whole[-_DIGEST:]
    if digest.digest() != kept:
        raise ChunkDamaged("checksum")


def _unpacked(data: bytes) -> Chunk:
    (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
    at = len(_MAGIC) + _LENGTH.size
    header = json.loads(data[at : at + length])
    at += length
    rows = [_ROW.unpack_from(data, at + _ROW.size * number) for number in range(header["packets"])]
    at += _ROW.size * len(rows)
    packets = []
    for pts, size, flags in rows:
        packets.append(EncodedPacket(pts, bool(flags & 1), data[at : at + size]))
        at += size
    if at != len(data) - _DIGEST:
        raise ChunkDamaged("length")
    return Chunk(
        number=header["number"],
        frames=FrameRange(*header["frames"]),
        recipe=header["recipe"],
        encoded=EncodedChunk(
            settings_from_json(header["settings"]), bytes.fromhex(header["extradata"]), tuple(packets)
        ),
        info=dict(header["info"]),
    )
