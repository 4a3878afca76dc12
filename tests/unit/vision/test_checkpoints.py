import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceswap_desktop.resources import resource_path
from faceswap_desktop.vision import checkpoints
from faceswap_desktop.vision.checkpoints import (
    CheckpointError,
    read_verified,
    session,
    set_threads,
    threads,
    verify_all,
)

SMALL = "yunet_2023mar"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of two checkpoints with the list of digests, in use instead of the real folder."""
    copies = tmp_path / checkpoints.FOLDER
    copies.mkdir()
    names = [f"{SMALL}.onnx", "face_mesh_topology.json"]
    for name in names:
        shutil.copyfile(resource_path(checkpoints.FOLDER, name), copies / name)
    listed = resource_path(checkpoints.FOLDER, checkpoints.DIGESTS).read_text(encoding="ascii").splitlines()
    kept = [line for line in listed if line.split()[-1] in names]
    (copies / checkpoints.DIGESTS).write_text("\n".join(kept) + "\n", encoding="ascii")
    monkeypatch.setattr(checkpoints, "resource_path", tmp_path.joinpath)
    monkeypatch.setattr(checkpoints, "_sessions", {})
    return copies


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Put the number of threads back."""
    before = threads()
    yield
    set_threads(before)


def test_every_shipped_file_has_a_digest_and_is_unaltered() -> None:
    reports = verify_all()
    assert [report.name for report in reports if report.problem is not None] == []
    shipped = {path.name for path in resource_path(checkpoints.FOLDER).iterdir()} - {checkpoints.DIGESTS}
    assert {report.name for report in reports} == shipped


def test_a_network_is_opened_once(folder: Path) -> None:
    first = session(SMALL)
    (folder / f"{SMALL}.onnx").unlink()
    assert session(SMALL) is first


def test_an_altered_checkpoint_is_refused_by_name(folder: Path) -> None:
    path = folder / f"{SMALL}.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError) as caught:
        session(SMALL)
    assert caught.value.kind == "checkpoint"
    assert (
        caught.value.message.text() == "The checkpoint yunet_2023mar.onnx is not the file that came with the program."
    )
    assert caught.value.hint is not None
    assert [report.name for report in verify_all() if report.problem is not None] == [f"{SMALL}.onnx"]


def test_a_missing_checkpoint_is_named(folder: Path) -> None:
    (folder / f"{SMALL}.onnx").unlink()
    with pytest.raises(CheckpointError, match=r"yunet_2023mar\.onnx is missing"):
        session(SMALL)


def test_a_checkpoint_without_a_digest_is_refused(folder: Path) -> None:
    (folder / "stray.onnx").write_bytes(b"anything")
    with pytest.raises(CheckpointError, match=r"stray\.onnx"):
        read_verified("stray.onnx")


def test_without_the_list_of_digests_nothing_is_trusted(folder: Path) -> None:
    (folder / checkpoints.DIGESTS).unlink()
    with pytest.raises(CheckpointError, match=checkpoints.DIGESTS):
        session(SMALL)
    (report,) = verify_all()
    assert report.name == checkpoints.DIGESTS
    assert report.problem is not None


def test_a_file_that_is_no_network_is_told_from_an_altered_one(folder: Path) -> None:
    shutil.copyfile(folder / "face_mesh_topology.json", folder / "words.onnx")
    digest = next(
        line.split()[0]
        for line in (folder / checkpoints.DIGESTS).read_text(encoding="ascii").splitlines()
        if line.endswith(".json")
    )
    with (folder / checkpoints.DIGESTS).open("a", encoding="ascii") as listed:
        listed.write(f"{digest}  words.onnx\n")
    with pytest.raises(CheckpointError, match=r"words\.onnx cannot be opened"):
        session("words")


def test_the_error_crosses_processes_whole(folder: Path) -> None:
    (folder / f"{SMALL}.onnx").unlink()
    with pytest.raises(CheckpointError) as caught:
        session(SMALL)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.message, copy.hint, copy.kind) == (caught.value.message, caught.value.hint, "checkpoint")


@pytest.mark.usefixtures("one_thread")
def test_threads_are_counted_from_one() -> None:
    set_threads(2)
    assert threads() == 2
    with pytest.raises(ValueError, match="at least 1"):
        set_threads(0)
    assert threads() == 2
