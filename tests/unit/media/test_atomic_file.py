"""A result is there whole or not at all, under a name that nobody had."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.media.atomic_file import remove_leftovers, write_new_file
from tests.unit.media import processes

WRITE = """
import sys
import numpy as np
from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.media.encode import write_picture
from faceswap_desktop.media.picture import Picture
import PIL.PngImagePlugin, PIL.JpegImagePlugin, PIL.WebPImagePlugin, PIL.TiffImagePlugin
"""
NOISE = """
import os
from pathlib import Path
pixels = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
try:
    for kind in ("PNG", "JPEG", "WEBP"):
        write_picture(Picture(pixels), Path("result").absolute(), output=OutputOptions(), source_format=kind)
except StorageError as error:
    print(error.kind, error, error.hint, sep="|")
    print(sorted(os.listdir()))
"""


def one_byte(stream: BinaryIO) -> None:
    stream.write(b"x")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_taken_name_gets_a_number(folder: Path) -> None:
    for _ in range(3):
        write_new_file(folder / "a.png", one_byte)
    assert names(folder) == ["a (2).png", "a (3).png", "a.png"]


def test_a_taken_name_is_refused_if_it_has_to_be_that_one(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"precious")
    with pytest.raises(StorageError) as caught:
        write_new_file(folder / "a.png", one_byte, numbered=False)
    assert (caught.value.kind, str(caught.value)) == ("exists", "“a.png” exists already and is not overwritten.")
    assert (folder / "a.png").read_bytes() == b"precious"
    assert names(folder) == ["a.png"]


@pytest.mark.parametrize("has_links", [True, False])
def test_many_that_want_one_name_get_a_file_each(
    folder: Path, has_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_links:
        # FAT and some network folders have no hard links, and none of them can be mounted here; so the system
        # call itself answers as theirs does.
        def no_link(*_arguments: object, **_options: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", no_link)
    gate = threading.Barrier(8)
    paths: list[Path] = []

    def work(number: int) -> None:
        def write(stream: BinaryIO) -> None:
            stream.write(bytes([number]) * 1000)
            gate.wait(20)  # all are whole at the same moment

        paths.append(write_new_file(folder / "a.png", write).path)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(paths)) == 8
    assert names(folder) == ["a (2).png", "a (3).png", *(f"a ({n}).png" for n in range(4, 9)), "a.png"]
    assert {path.read_bytes() for path in paths} == {bytes([number]) * 1000 for number in range(8)}


def test_a_name_taken_meanwhile_is_not_overwritten(folder: Path) -> None:
    def write(stream: BinaryIO) -> None:
        stream.write(b"mine")
        (folder / "a.png").write_bytes(b"somebody else's")

    with pytest.raises(StorageError, match="exists already"):
        write_new_file(folder / "a.png", write, numbered=False)
    assert (folder / "a.png").read_bytes() == b"somebody else's"
    assert names(folder) == ["a.png"]


def test_a_link_to_nowhere_takes_a_name_too(folder: Path) -> None:
    (folder / "a.png").symlink_to(folder / "elsewhere.png")
    assert write_new_file(folder / "a.png", one_byte).path.name == "a (2).png"
    assert not (folder / "elsewhere.png").exists()


@pytest.mark.parametrize("failure", [RuntimeError("encoder"), KeyboardInterrupt(), MemoryError(), OSError("encoder")])
def test_nothing_stays_of_a_file_that_failed(folder: Path, failure: BaseException) -> None:
    def write(stream: BinaryIO) -> None:
        stream.write(b"half")
        assert len(names(folder)) == 1
        raise failure

    with pytest.raises(type(failure)):
        write_new_file(folder / "a.png", write)
    assert names(folder) == []


def test_a_file_is_invisible_until_it_is_whole(folder: Path) -> None:
    def write(stream: BinaryIO) -> None:
        stream.write(b"half")
        assert not (folder / "a.png").exists()
        assert all(name.startswith(".") for name in names(folder))

    assert write_new_file(folder / "a.png", write).path.read_bytes() == b"half"


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_permissions_follow_the_umask(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        path = write_new_file(folder / "a.png", one_byte).path
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_missing_folder(folder: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_new_file(folder / "gone" / "a.png", one_byte)
    assert caught.value.kind == "folder-missing"
    assert str(caught.value) == "“a.png” could not be written: the folder “gone” does not exist."


def test_a_full_disk(folder: Path) -> None:
    printed = processes.run_on_small_disk(WRITE + NOISE, folder, kilobytes=64)
    sentence, left = printed.splitlines()
    assert sentence.startswith("disk-full|“result.png” could not be written: the disk is full.|Make room on the disk")
    assert left == "[]"


def test_a_disk_that_becomes_full_keeps_what_was_there(folder: Path) -> None:
    first = "Path('precious').write_bytes(bytes(40_000))\n"
    printed = processes.run_on_small_disk(WRITE + NOISE.replace("try:", first + "try:", 1), folder, kilobytes=64)
    assert printed.splitlines()[1] == "['precious']"


def test_a_file_that_the_system_does_not_let_grow(folder: Path) -> None:
    """The same on systems where no disk can be mounted: a limit on the size of files fails in the same calls."""
    pytest.importorskip("resource")
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
    printed = processes.run_python(WRITE + limit + NOISE, folder=folder)
    assert printed.splitlines()[0].startswith("disk-full|")
    assert names(folder) == []


def test_a_read_only_disk(folder: Path) -> None:
    printed = processes.run_on_small_disk(WRITE + NOISE, folder, kilobytes=64, read_only=True)
    sentence = f"read-only|“result.png” could not be written: the folder “{folder.name}” is read-only.|"
    assert printed.startswith(sentence)


def test_a_folder_that_may_not_be_written_into(folder: Path) -> None:
    shared = folder / "shared"
    shared.mkdir(mode=0o555)
    code = NOISE.replace('Path("result").absolute()', '"result"')
    printed = processes.run_as_ordinary_user(WRITE, code, shared)
    assert printed.startswith("permission|There is no permission to write into the folder “shared”.|Choose another")
    assert names(shared) == []


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_leftovers_of_a_killed_process_are_cleared_away(folder: Path) -> None:
    code = """
import os, signal
from faceswap_desktop.media.atomic_file import write_new_file
def write(stream):
    stream.write(bytes(100_000))
    os.kill(os.getpid(), signal.SIGKILL)
write_new_file("a.png", write)
"""
    processes.run_python(code, folder=folder, expected=-signal.SIGKILL)
    (left,) = folder.iterdir()
    assert left.name != "a.png"
    other = folder / ".faceswap-of-somebody-else.part"
    other.touch()
    assert remove_leftovers(folder) == 0  # it is young, and could still be in use
    os.utime(left, (1, 1))
    os.utime(other, (1, 1))
    assert remove_leftovers(folder) == 1
    assert names(folder) == [other.name]
    assert remove_leftovers(folder / "gone") == 0
