"""One sandbox as a process of its own, for all tests of this folder; what they send is small."""

from __future__ import annotations

import base64
import io
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.clips import draw_frame, make_clip, one_person, two_people

ROOT: Final = Path(__file__).parents[3]
LIMIT_S: Final = 120.0
KEY: Final = {"x-api-key": "sandbox-key"}
SIZE: Final = (480, 320)
_T = TypeVar("_T")


def jpeg(pixels: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=92)
    return stream.getvalue()


@dataclass
class Box:
    """A way to one sandbox."""

    where: dict[str, str]
    client: httpx.Client

    def host(self, contents: bytes, media_type: str = "image/jpeg") -> str:
        """Put something into the bucket and return an address at which it can be fetched for a while."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        key = f"{self.where['s3']}/{self.where['bucket']}/{secrets.token_hex(12)}"
        address = f"{key}?X-Amz-Date={stamp}&X-Amz-Expires=3600&X-Amz-Signature=00"
        self.client.put(address, content=contents, headers={"Content-Type": media_type}).raise_for_status()
        return address

    def akool(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """Call AKOOL: POST with a body, else GET."""
        address = f"{self.where['akool']}{path}"
        headers = KEY if headers is None else headers
        if body is None:
            return self.client.get(address, headers=headers)
        return self.client.post(address, json=body, headers=headers)

    def detect(self, **body: Any) -> Any:
        return self.akool("/interface/detect-api/detect_faces", body).json()["faces_obj"]

    def row(self, work_id: str) -> dict[str, Any]:
        answer = self.akool(f"/api/open/v3/faceswap/result/listbyids?_ids={work_id}").json()
        assert answer["code"] == 1000
        [row] = answer["data"]["result"]
        assert isinstance(row, dict)
        return row

    def ended(self, work_id: str) -> dict[str, Any]:
        """Wait for a work and return its row."""
        return until(lambda: row if (row := self.row(work_id))["faceswap_status"] not in {1, 2} else None)

    def faults(self, **specs: Sequence[str]) -> None:
        answer = self.client.post(f"{self.where['sandbox']}/sandbox/faults", json=specs)
        assert answer.status_code == 200, answer.text

    def state(self) -> Any:
        return self.client.get(f"{self.where['sandbox']}/sandbox/state").json()

    def paid(self, service: str, endpoint: str) -> list[dict[str, Any]]:
        made = self.state()["paid"][service].get(endpoint, [])
        assert isinstance(made, list)
        return made


def until(ask: Callable[[], _T | None]) -> _T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        if answer := ask():
            return answer
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.03)


def start_sandbox(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    """Start the command and return where it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "faceswap_desktop", "sandbox", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("FACESWAP_")},
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def end_sandbox(process: subprocess.Popen[str]) -> int:
    """Close its standard input and return its exit code."""
    process.communicate("", timeout=LIMIT_S)
    return process.returncode


@pytest.fixture(scope="session")
def _served() -> Iterator[dict[str, str]]:
    process, where = start_sandbox()
    yield where
    assert end_sandbox(process) == 0


@pytest.fixture
def box(_served: dict[str, str]) -> Iterator[Box]:
    with httpx.Client(timeout=LIMIT_S, trust_env=False) as client:
        made = Box(_served, client)
        made.faults(all=[])
        made.client.post(
            f"{_served['sandbox']}/sandbox/credits", json=dict.fromkeys(("akool", "aigs", "aifaceswap"), 1000)
        )
        yield made


@pytest.fixture(scope="session")
def two() -> bytes:
    """Collins on the left, Hopper on the right."""
    return jpeg(draw_frame(two_people(1.0, 0.45), 0.0, SIZE)[0])


@pytest.fixture(scope="session")
def collins() -> bytes:
    return jpeg(draw_frame(one_person(1.0, "collins"), 0.0, (320, 240))[0])


@pytest.fixture(scope="session")
def hopper() -> bytes:
    return jpeg(draw_frame(one_person(1.0, "hopper"), 0.0, (320, 240))[0])


@pytest.fixture(scope="session")
def nobody() -> bytes:
    return jpeg(np.full((240, 320, 3), 120, np.uint8))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twelve frames of one person."""
    path = tmp_path_factory.mktemp("clip") / "one.mp4"
    make_clip(path, [one_person(1.0, "collins")], size=(320, 240), rate=12)
    return path.read_bytes()


def base64_of(contents: bytes) -> str:
    return base64.b64encode(contents).decode()


def pixels_of(contents: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(contents)).convert("RGB"), dtype=np.int16)


def changed_in(before: bytes, after: bytes, box: Sequence[float]) -> float:
    """Return the mean difference of two pictures in a box of left, top, right, bottom."""
    left, top, right, bottom = (round(edge) for edge in box)
    difference = np.abs(pixels_of(before) - pixels_of(after))
    return float(difference[top:bottom, left:right].mean())
