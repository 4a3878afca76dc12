"""Tasks that mark files, read marks, and know results again, with files as they come and go."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import Cancelled, InputRefused, StorageError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.provenance.recognise import Pixels
from faceswap_desktop.vision.swap import swap_faces
from faceswap_desktop.workers import mark_requests
from faceswap_desktop.workers.mark_requests import (
    FileMarks,
    FingerprintResult,
    MarkedFile,
    MarkFile,
    ReadMarks,
    Recognised,
    RecogniseFile,
)
from faceswap_desktop.workers.mark_tasks import fingerprint_result, mark_file, read_file_marks, recognise_file
from faceswap_desktop.workers.wire import Done, read_message, write_message
from tests.numbered import write_numbered
from tests.unit.media import making
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face
from tests.unit.workers.people import Listener

TOOL = "Faceswap Desktop 0.4.0"


@pytest.fixture
def listener(tmp_path: Path) -> Listener:
    return Listener(tmp_path / "scratch")


def marked(path: Path, out: Path, listener: Listener) -> MarkedFile:
    request = MarkFile(str(path), str(out), SourceType.AI_COMPOSITE, TOOL, "Faces were changed with AI.")
    return mark_file(request, listener.context)


def test_a_file_is_marked_and_read(tmp_path: Path, listener: Listener) -> None:
    path = making.save(making.sample(), tmp_path / "a.jpg")
    done = marked(path, tmp_path / "b.jpg", listener)
    assert done == MarkedFile(str(tmp_path / "b.jpg"), (tmp_path / "b.jpg").stat().st_size)
    assert read_file_marks(ReadMarks(done.path), listener.context) == FileMarks(SourceType.AI_COMPOSITE.uri, TOOL)
    assert read_file_marks(ReadMarks(str(path)), listener.context) == FileMarks()


@pytest.mark.parametrize("name", ["a.gif", "a.avi"])
def test_what_holds_no_marks_gets_a_file_beside_it(tmp_path: Path, listener: Listener, name: str) -> None:
    path = tmp_path / name
    if name == "a.gif":
        making.save(making.sample(), path)
    else:
        write_numbered(path, 3, codec="mpeg4")
    done = marked(path, tmp_path / f"b{path.suffix}", listener)
    assert Path(done.path).read_bytes() == path.read_bytes()
    assert done.sidecar == str(tmp_path / "b.xmp")
    assert SourceType.AI_COMPOSITE.uri in Path(done.sidecar).read_text("utf-8")


def test_a_damaged_file_is_not_lost(tmp_path: Path, listener: Listener) -> None:
    path = making.save(making.sample(), tmp_path / "a.webp")
    path.write_bytes(path.read_bytes()[:-30])
    done = marked(path, tmp_path / "b.webp", listener)
    assert Path(done.path).read_bytes() == path.read_bytes()
    assert done.sidecar


def test_files_and_folders_that_are_not_there(tmp_path: Path, listener: Listener) -> None:
    path = making.save(making.sample(), tmp_path / "a.jpg")
    with pytest.raises(InputRefused):
        marked(tmp_path / "none.jpg", tmp_path / "b.jpg", listener)
    with pytest.raises(InputRefused):
        read_file_marks(ReadMarks(str(tmp_path)), listener.context)
    with pytest.raises(StorageError) as caught:
        marked(path, tmp_path / "none" / "b.jpg", listener)
    assert caught.value.kind == "folder-missing"


def test_their_replies_cross_the_pipe() -> None:
    assert mark_requests.__name__.endswith("mark_requests")
    for reply in (MarkedFile("a", 1, "b"), FileMarks("a"), Recognised("a", 0.5)):
        heard = read_message(write_message(Done(1, reply)))
        assert isinstance(heard, Done)
        assert heard.reply == reply
    with pytest.raises(pickle.UnpicklingError):
        read_message(write_message(Done(1, Path("a"))))


# ------------------------------------------------------------------------------------------------------- known again


def a_swap() -> tuple[Pixels, Pixels, BoundingBox]:
    """A picture, its result, and where the face is."""
    face, source = sample_face(HOPPER), sample_face(COLLINS)
    result = swap_faces(face.picture, [(face.mesh, source.atlas)], SwapOptions())
    (left, top), (right, bottom) = face.mesh.points[:, :2].min(axis=0), face.mesh.points[:, :2].max(axis=0)
    return face.picture, result, BoundingBox(float(left), float(top), float(right), float(bottom))


def test_a_copy_in_another_format_is_known_again(tmp_path: Path, listener: Listener) -> None:
    before, after, box = a_swap()
    Image.fromarray(before).save(tmp_path / "original.png")
    Image.fromarray(after).save(tmp_path / "result.png")
    request = FingerprintResult(str(tmp_path / "result.png"), str(tmp_path / "original.png"), (box,))
    marks = fingerprint_result(request, listener.context)
    small = Image.fromarray(after).resize((256, 300), Image.Resampling.LANCZOS)
    for name in ("a.jpg", "a.webp", "a.avif", "a.tif"):
        small.save(tmp_path / name, quality=70) if name != "a.tif" else small.save(tmp_path / name)
        known = RecogniseFile(str(tmp_path / name), (("other", b""), ("mine", marks)))
        seen = recognise_file(known, listener.context)
        assert seen is not None
        assert seen.result == "mine"
        assert seen.distance < 1.0
    Image.fromarray(before).save(tmp_path / "original.jpg", quality=70)
    assert recognise_file(RecogniseFile(str(tmp_path / "original.jpg"), (("mine", marks),)), listener.context) is None


def film(path: Path, pixels: Pixels, codec: str, size: tuple[int, int], rate: int, skipped: int = 0) -> Path:
    """A film in which a picture wanders from left to right, three seconds long, some of them before it begins."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(rate * (3 + skipped)):
            seconds = number / rate - skipped
            shown = np.roll(pixels, round(30 * seconds), axis=1) if seconds >= 0 else np.zeros_like(pixels)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="rgb24")
            container.mux(stream.encode(frame.reformat(*size, "yuv420p")))
        container.mux(stream.encode(None))
    return path


def test_a_film_that_was_encoded_anew_is_known_again(tmp_path: Path, listener: Listener) -> None:
    before, after, _ = a_swap()
    original = film(tmp_path / "original.mp4", before, "libx264", (512, 600), 12, skipped=1)
    result = film(tmp_path / "result.mp4", after, "libx264", (512, 600), 12)
    request = FingerprintResult(str(result), str(original), start_s=1.0, end_s=4.0)
    marks = fingerprint_result(request, listener.context)
    assert 0 < len(marks) <= 8192
    copy = film(tmp_path / "copy.webm", after, "libvpx-vp9", (256, 300), 10)
    seen = recognise_file(RecogniseFile(str(copy), (("mine", marks),)), listener.context)
    assert seen is not None
    assert seen.result == "mine"
    same_part = film(tmp_path / "part.mp4", before, "libx264", (256, 300), 10)
    for other in (original, same_part):
        assert recognise_file(RecogniseFile(str(other), (("mine", marks),)), listener.context) is None


def test_it_can_be_stopped(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 10)
    listener.context.stop_event.set()
    with pytest.raises(Cancelled):
        recognise_file(RecogniseFile(str(path), ()), listener.context)


def test_files_that_cannot_be_opened_are_refused(tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(InputRefused):
        recognise_file(RecogniseFile(str(tmp_path / "a.png"), ()), listener.context)
    with pytest.raises(InputRefused):
        fingerprint_result(FingerprintResult(str(tmp_path / "a.png"), str(tmp_path / "none")), listener.context)
