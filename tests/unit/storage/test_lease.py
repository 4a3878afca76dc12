from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.storage.lease import Lease
from tests.unit.storage.processes import output_of, started, without_privileges

TAKE = """
import sys
from pathlib import Path
from faceswap_desktop.storage.lease import Lease
lease = Lease(Path(sys.argv[1]), "window")
print(lease.acquire(), flush=True)
sys.stdin.readline()
lease.release()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "名 'lease'.lock"


def test_one_at_a_time(path: Path) -> None:
    first, second = Lease(path), Lease(path)
    assert first.holder() is None
    assert not path.exists(), "asking must not write"
    assert first.acquire("window")
    assert first.is_held
    assert not second.acquire()
    holder = second.holder()
    assert holder is not None
    assert (holder.pid, holder.kind) == (os.getpid(), "window")
    first.release()
    assert second.holder() is None
    assert second.acquire()
    again = first.holder()
    assert again is not None
    assert again.kind == "command line"
    second.release()


def test_taking_it_twice_needs_giving_it_back_twice(path: Path) -> None:
    lease, other = Lease(path), Lease(path)
    assert lease.acquire()
    assert lease.acquire()
    lease.release()
    assert lease.is_held
    assert not other.acquire()
    lease.release()
    lease.release()
    assert other.acquire()
    other.release()


def test_another_process_holds_it_until_it_ends(path: Path) -> None:
    lease = Lease(path)
    with started(TAKE, path) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "True\n"
        assert not lease.acquire()
        holder = lease.holder()
        assert holder is not None
        assert (holder.pid, holder.kind) == (other.pid, "window")
        # A third process sees the same.
        third = "import sys; from pathlib import Path; from faceswap_desktop.storage.lease import Lease; "
        third += "lease = Lease(Path(sys.argv[1])); print(lease.acquire(), lease.holder().pid)"
        assert output_of(third, path) == f"False {other.pid}\n"
        other.stdin.write("\n")
        other.stdin.flush()
        other.wait(30)
    assert lease.holder() is None
    assert lease.acquire()
    lease.release()


def test_a_killed_holder_frees_it(path: Path) -> None:
    lease = Lease(path)
    with started(TAKE, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not lease.acquire()
        other.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        other.wait(30)
    assert path.with_name(path.name + ".holder").exists(), "it had no time to tidy up"
    assert lease.holder() is None
    assert lease.acquire()
    holder = lease.holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    lease.release()


def test_a_broken_note_does_not_matter(path: Path) -> None:
    lease = Lease(path)
    assert lease.acquire()
    path.with_name(path.name + ".holder").write_text("{not json")
    other = Lease(path).holder()
    assert other is not None
    assert other.pid == 0
    lease.release()


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    before = without_privileges()
    tmp_path.chmod(0o500)
    code = "import sys; from pathlib import Path; from faceswap_desktop.storage.lease import Lease\n"
    code += "from faceswap_desktop.domain.errors import StorageError\n"
    code += "try:\n    Lease(Path(sys.argv[1])).acquire()\nexcept StorageError as error:\n    print(error.kind)"
    try:
        assert output_of(code, tmp_path / "lock", before=before) == "permission\n"
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(StorageError) as raised:
        Lease(tmp_path / "lock").acquire()
    assert str(tmp_path / "lock") in raised.value.message.text()
