"""The networks that come with the program: found, checked by SHA-256 and opened once per process."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import onnxruntime as ort

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.resources import resource_path

FOLDER: Final = "checkpoints"
DIGESTS: Final = "SHA256SUMS"


class CheckpointError(FaceSwapError):
    """A checkpoint is missing or is not the file that was shipped."""

    default_kind = "checkpoint"


@dataclass(frozen=True, slots=True)
class CheckpointReport:
    """What ``verify_all`` says of one file.

    Attributes:
        name: File name, for example ``yunet_2023mar.onnx``.
        problem: None if the file is there and unaltered.
    """

    name: str
    problem: Message | None = None


_lock = threading.Lock()
_sessions: dict[str, ort.InferenceSession] = {}
_threads = 1


def set_threads(count: int) -> None:
    """Set how many threads the functions of this room may use (1 until this is called).

    A network itself always runs on the thread that calls it, so that its answers do not depend on the number;
    ``parallel.each`` shares tiles and faces out, and OpenCV splits its pictures.

    Raises:
        ValueError: ``count`` is below 1.
    """
    global _threads  # noqa: PLW0603 - one setting per process, by design
    if count < 1:
        raise ValueError(f"threads must be at least 1, not {count}")
    cv2.setNumThreads(count)
    _threads = count


def threads() -> int:
    """Return how many threads may be used."""
    return _threads


def session(name: str) -> ort.InferenceSession:
    """Return the network ``name`` (file name without ``.onnx``), opened once per process; any thread may run it.

    Raises:
        CheckpointError: The file is missing, altered, or cannot be opened.
    """
    with _lock:
        found = _sessions.get(name)
        if found is None:
            found = _open(read_verified(f"{name}.onnx"), f"{name}.onnx")
            _sessions[name] = found
        return found


def read_verified(file_name: str) -> bytes:
    """Return the bytes of a file of the checkpoint folder after comparing them with their digest.

    Raises:
        CheckpointError: The file is missing, unreadable, altered, or has no digest.
    """
    path = resource_path(FOLDER, file_name)
    expected = _digests(resource_path(FOLDER, DIGESTS)).get(file_name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _missing(file_name) from error
    if expected is None or hashlib.sha256(data).hexdigest() != expected:
        raise CheckpointError(
            message("The checkpoint {file} is not the file that came with the program.", file=file_name),
            _reinstall(),
        )
    return data


def verify_all() -> list[CheckpointReport]:
    """Check every file that has a digest; for the self-test."""
    try:
        names = sorted(_digests(resource_path(FOLDER, DIGESTS)))
    except CheckpointError as error:
        return [CheckpointReport(DIGESTS, error.message)]
    reports = []
    for name in names:
        try:
            read_verified(name)
            reports.append(CheckpointReport(name))
        except CheckpointError as error:
            reports.append(CheckpointReport(name, error.message))
    return reports


@cache
def _digests(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _missing(path.name) from error
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {name.lstrip("*"): digest for digest, name in pairs}


def _open(data: bytes, file_name: str) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Errors arrive as exceptions; on standard error they would only frighten.
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own that share no base but this
        raise CheckpointError(
            message("The checkpoint {file} cannot be opened: {reason}", file=file_name, reason=str(error)),
            _reinstall(),
        ) from error


def _missing(file_name: str) -> CheckpointError:
    return CheckpointError(message("The checkpoint {file} is missing or cannot be read.", file=file_name), _reinstall())


def _reinstall() -> Message:
    return message("Install the program again; nothing of yours is lost by that.")
