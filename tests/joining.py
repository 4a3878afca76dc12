"""Chunks that are rendered by changing nothing, and joined: what the write side of videos is tested with."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from faceswap_desktop.domain.recipe import OutputOptions, Recipe
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.video.chunkfile import Chunk, pack, recipe_digest, write_chunk
from faceswap_desktop.media.video.encode import ChunkEncoder
from faceswap_desktop.media.video.probing import probe_video
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.media.video.settings import encode_settings
from faceswap_desktop.media.video.source import source_picture
from faceswap_desktop.workers.join_tasks import join_chunks
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.read_tasks import index_of
from faceswap_desktop.workers.render_requests import JoinChunks, JoinedVideo, chunk_path


@dataclass
class QuietContext:
    """What a task needs of its worker, in this process."""

    scratch_folder: Path = field(default_factory=Path)
    threads: int = 1
    stop_event: threading.Event = field(default_factory=threading.Event)
    shares: list[float] = field(default_factory=list)
    payloads: list[object] = field(default_factory=list)

    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        del step
        self.shares.append(fraction)
        if payload is not None:
            self.payloads.append(payload)

    def check_stopped(self) -> None:
        """Nobody stops it."""


def quiet_context() -> TaskContext:
    """Return a context for a task that is called directly."""
    return cast("TaskContext", QuietContext())


def recipe_of(path: Path, output: OutputOptions | None = None, trim: FrameRange | None = None) -> Recipe:
    """Return a recipe that changes nothing of a video."""
    media = probe_video(path).media
    return Recipe("on-device", media, (), output=output if output is not None else OutputOptions(), trim=trim)


def rendered_request(recipe: Recipe, folder: Path, *, seconds: float = 0.5, name: str = "result") -> JoinChunks:
    """Encode a video's frames as they are, chunk by chunk, and return the request that joins them."""
    files = VideoFiles(str(folder / f"{name}-cache"))
    index = index_of(recipe.media, files)
    frames = recipe.trim or FrameRange(0, len(index))
    settings = encode_settings(recipe.output, source_picture(recipe.media.path, index))
    chunks = tuple(enumerate(index.times.chunks(frames, seconds)))
    scratch = folder / name
    scratch.mkdir()
    with FrameReader(recipe.media.path, index, threads=1) as reader:
        for number, part in chunks:
            encoder = ChunkEncoder(settings)
            unreadable = 0
            for at, frame in reader.frames(part):
                if frame is None:
                    unreadable += 1
                else:
                    encoder.encode(frame, int(index.pts[at]))
            chunk = Chunk(number, part, recipe_digest(recipe), encoder.finish(), {"unreadable": unreadable})
            write_chunk(chunk_path(str(scratch), number), pack(chunk))
    return JoinChunks(recipe, files, str(scratch), chunks, str(scratch / "video"))


def joined(recipe: Recipe, folder: Path, *, seconds: float = 0.5, name: str = "result") -> JoinedVideo:
    """Render a video by changing nothing, and join it."""
    return join_chunks(rendered_request(recipe, folder, seconds=seconds, name=name), quiet_context())


def ffprobe(path: str | Path, *sections: str) -> dict[str, Any]:
    """Ask the independent witness about a file: ``streams``, ``format``, ``chapters``, ``packets``, ``frames``."""
    shown = [f"-show_{section}" for section in sections or ("streams", "format", "chapters")]
    command = ["ffprobe", "-v", "error", *shown, "-show_data_hash", "sha256", "-of", "json", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def tracks(probed: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the tracks of one kind from what ffprobe says."""
    return [stream for stream in probed["streams"] if stream["codec_type"] == kind]


def packet_times(path: str | Path, stream: str) -> list[float]:
    """Return the presentation times of a track's packets, ascending, in seconds; ``stream`` as ffprobe selects."""
    command = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        stream,
        "-show_entries",
        "packet=pts_time",
        "-of",
        "csv=p=0",
    ]
    answer = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True, timeout=60)
    return sorted(float(line.strip(",")) for line in answer.stdout.split() if line.strip(",") != "N/A")


def sound_bytes(path: str | Path, stream: str) -> list[tuple[str, str]]:
    """Return size and digest of every packet of a track."""
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_packets", "-show_data_hash", "sha256"]
    answer = subprocess.run(
        [*command, "-of", "json", str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    return [(packet["size"], packet["data_hash"]) for packet in json.loads(answer.stdout)["packets"]]


def decoded(path: str | Path, numbers: Sequence[int] | None = None) -> list[np.ndarray[Any, Any]]:
    """Decode a video's picture with the system's own ffmpeg, as coded, to 16-bit luma and colour difference."""
    command = ["ffmpeg", "-v", "error", "-noautorotate", "-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough"]
    command += ["-f", "rawvideo", "-pix_fmt", "yuv444p16le", "-"]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=60)
    about = tracks(ffprobe(path, "streams"), "video")[0]
    width, height = about["width"], about["height"]
    frames = np.frombuffer(answer.stdout, np.uint16).reshape(-1, 3, height, width)
    return list(frames if numbers is None else frames[list(numbers)])
