"""Content Credentials: what signing and reading cost, in the worker's own tasks, files on disk."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import av
import numpy as np

from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.domain.signing import Deed, Edit, Identity
from faceswap_desktop.provenance.credentials import Source, sign
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.shared import BlockNames, PixelSender
from faceswap_desktop.workers.sign_requests import MakeIdentity, ReadCredentials, SignFile
from faceswap_desktop.workers.sign_tasks import make_identity, read_credentials, sign_file
from faceswap_desktop.workers.wire import WorkerSetup
from tests.benchmarks.material import photo_of_12_megapixels
from tests.benchmarks.table import Row, median

_TIMES: Final = 15
_VIDEO_MB: Final = 14
_WHOLE: Final = "read, signed, read back and validated, hashed, written"
_DEED: Final = Deed(
    "result",
    (Edit("Face swapped", SourceType.AI_COMPOSITE),),
    "On this computer",
    on_this_computer=True,
    has_label=True,
    at=1_790_000_000,
)
_LOAD: Final = """
import time
start = time.perf_counter()
import faceswap_desktop.provenance.credentials
print(time.perf_counter() - start)
"""


def rows() -> list[Row]:
    """Measure a photo, a video, reading, what a target with credentials adds, and loading the SDK."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = TaskContext(lambda _: None, PixelSender(BlockNames(0, 0)), WorkerSetup((), 1, 0, 0, name), 0)
        identity = make_identity(MakeIdentity(), context)
        photo = photo_of_12_megapixels(folder, "photo.jpg", 1)
        video = _video(folder / "video.mp4")
        photo_request = _request(photo, folder / "signed.jpg", identity)
        video_request = _request(video, folder / "signed.mp4", identity)
        found = [
            _row(
                "sign a photo of 12 megapixels", _signing(photo, "JPEG", identity), 5, _size(photo), time.process_time
            ),
            _row("sign a video", _signing(video, "MP4", identity), 60, _size(video), time.process_time),
            _row("the whole task for that photo", lambda: sign_file(photo_request, context), None, _WHOLE),
            _row("the whole task for that video", lambda: sign_file(video_request, context), None, _WHOLE),
            _row(
                "sign a photo whose target has credentials",
                lambda: sign_file(
                    replace(
                        photo_request, original_path=str(folder / "signed.jpg"), out_path=str(folder / "again.jpg")
                    ),
                    context,
                ),
                None,
                "they are validated and kept",
            ),
            _row("read a photo's credentials", lambda: read_credentials(_read(folder / "signed.jpg"), context), None),
            _row("read a video's credentials", lambda: read_credentials(_read(folder / "signed.mp4"), context), None),
            _row("find that a video has none", lambda: read_credentials(_read(video), context), None),
            _row("make an installation's certificate", lambda: make_identity(MakeIdentity(), context), None),
        ]
        added = (folder / "signed.jpg").stat().st_size - photo.stat().st_size
        found.append(Row("credentials of a photo", added / 1024, None, "KiB"))
    found.append(Row("load the SDK, once per worker that signs", _load() * 1000, None, "ms"))
    return found


def _row(
    name: str,
    work: Callable[[], object],
    budget: float | None,
    remark: str = "",
    clock: Callable[[], float] = time.perf_counter,
) -> Row:
    work()
    times = []
    for _ in range(_TIMES):
        start = clock()
        work()
        times.append((clock() - start) * 1000)
    return Row(name, median(times), budget, "ms", remark)


def _request(path: Path, out: Path, identity: Identity) -> SignFile:
    return SignFile(str(path), str(out), replace(_DEED, title=out.name), identity, original_path=str(path))


def _read(path: Path) -> ReadCredentials:
    return ReadCredentials(str(path))


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB, in memory, time of the processor"


def _signing(path: Path, kind: str, identity: Identity) -> Callable[[], object]:
    content = path.read_bytes()
    return lambda: sign(Source(io.BytesIO(content), kind), io.BytesIO(), _DEED, identity)


def _video(path: Path) -> Path:
    """Write noise, which no encoder makes short, until it is long enough."""
    chance = np.random.default_rng(1)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        while buffer.tell() < _VIDEO_MB * 1_000_000:
            pixels = chance.integers(0, 255, (360, 640, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    path.write_bytes(buffer.getvalue())
    return path


def _load() -> float:
    done = subprocess.run([sys.executable, "-c", _LOAD], stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)
