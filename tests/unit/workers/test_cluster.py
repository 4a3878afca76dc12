"""Chunks on a real Dask cluster on loopback: the very bytes that are rendered here, whoever dies on the way."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.media.video.chunkfile import read_chunk
from faceswap_desktop.workers.cluster_connection import connected
from faceswap_desktop.workers.render_requests import RenderChunks, RenderOnCluster, chunk_path
from faceswap_desktop.workers.render_tasks import render_chunks
from tests.clustering import ROOT, Runner, cluster, face_to_render
from tests.unit.workers.people import Listener


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> RenderChunks:
    """A swap that was rendered here."""
    folder = tmp_path_factory.mktemp("local")
    listener = Listener(folder)
    request = face_to_render(folder, listener.context)
    assert len(request.chunks) == 8
    render_chunks(request, listener.context)
    return request


def elsewhere(local: RenderChunks, folder: Path, address: str, **tls: str) -> RenderOnCluster:
    folder.mkdir()
    there = replace(local, folder=str(folder), picture_path=str(folder / "last.jpg"))
    return RenderOnCluster(there, address, **tls)


def certificates(folder: Path) -> dict[str, str]:
    """Make an authority and a certificate of it that everybody uses."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes its certificates with openssl")
    names = {name: str(folder / name) for name in ("ca.pem", "ca.key", "own.pem", "own.key", "own.csr")}
    fresh = ["-newkey", "rsa:2048", "-nodes"]
    for command in (
        ["req", "-x509", *fresh, "-subj", "/CN=ca", "-days", "2", "-keyout", names["ca.key"], "-out", names["ca.pem"]],
        ["req", *fresh, "-subj", "/CN=localhost", "-keyout", names["own.key"], "-out", names["own.csr"]],
        [
            *("x509", "-req", "-in", names["own.csr"], "-CA", names["ca.pem"], "-CAkey", names["ca.key"]),
            *("-CAcreateserial", "-days", "2", "-out", names["own.pem"]),
        ],
    ):
        subprocess.run([openssl, *command], check=True, capture_output=True, timeout=60)
    return names


def test_worker_that_is_killed_in_the_middle_changes_nothing(local: RenderChunks, tmp_path: Path) -> None:
    names = certificates(tmp_path)
    options = ["--tls-ca-file", names["ca.pem"], "--tls-cert", names["own.pem"], "--tls-key", names["own.key"]]
    with cluster(tmp_path, 2, tls=options) as running, Runner(tmp_path) as runner:
        assert running.address.startswith("tls://")
        request = elsewhere(
            local,
            tmp_path / "remote",
            running.address,
            tls_ca=names["ca.pem"],
            tls_certificate=names["own.pem"],
            tls_key=names["own.key"],
        )
        runner.ask(request)
        assert runner.line().startswith("chunk")
        running.workers[0].kill()
        assert runner.end() == "done [0, 1, 2, 3, 4, 5, 6, 7]"
    with Image.open(request.render.picture_path) as picture:
        assert picture.size == (240, 180)
    for number, frames in local.chunks:
        here = read_chunk(local.chunk_path(number))
        there = read_chunk(chunk_path(request.render.folder, number))
        assert there == here
        assert len(here.encoded.packets) == len(frames)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes can be made to stand still on POSIX only")
def test_finished_works_that_die_with_their_worker_are_done_again(local: RenderChunks, tmp_path: Path) -> None:
    with cluster(tmp_path, 2) as running, Runner(tmp_path) as runner:
        runner.ask(elsewhere(local, tmp_path / "remote", running.address))
        assert runner.line().startswith("chunk")
        # Nobody fetches for a while: what was sent gets done, and waits on the workers.
        runner.process.send_signal(signal.SIGSTOP)
        until_idle(running.workers)
        dying, other = running.workers
        other.send_signal(signal.SIGSTOP)
        dying.kill()
        dying.wait(timeout=20)
        time.sleep(1)
        runner.process.send_signal(signal.SIGCONT)
        # It hears that results were there and are no more, and that nobody has made them again.
        time.sleep(2)
        other.send_signal(signal.SIGCONT)
        assert runner.end() == "done [0, 1, 2, 3, 4, 5, 6, 7]"
    for number, _ in local.chunks:
        assert read_chunk(chunk_path(str(tmp_path / "remote"), number)) == read_chunk(local.chunk_path(number))


def test_connection_that_breaks_for_a_moment_costs_what_was_in_hand(local: RenderChunks, tmp_path: Path) -> None:
    with cluster(tmp_path, 1) as running, Runner(tmp_path) as runner, relay(running.address) as (address, cut):
        runner.ask(elsewhere(local, tmp_path / "remote", address))
        assert runner.line().startswith("chunk")
        cut()
        assert runner.end() == "done [0, 1, 2, 3, 4, 5, 6, 7]"
    for number, _ in local.chunks:
        assert read_chunk(chunk_path(str(tmp_path / "remote"), number)) == read_chunk(local.chunk_path(number))


@contextmanager
def relay(address: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Pass on what is said to an address; yields the address to take instead, and what cuts all its connections."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    ends: list[socket.socket] = []

    def pass_on(here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)
        for one in (here, there):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def listen() -> None:
        with suppress(OSError):
            while True:
                here, _ = door.accept()
                there = socket.create_connection((host, int(port)))
                ends.extend((here, there))
                for pair in ((here, there), (there, here)):
                    threads.append(threading.Thread(target=pass_on, args=pair))
                    threads[-1].start()

    def cut() -> None:
        for one in ends:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    with socket.create_server(("127.0.0.1", 0)) as door:
        threads = [threading.Thread(target=listen)]
        threads[0].start()
        try:
            yield f"tcp://127.0.0.1:{door.getsockname()[1]}", cut
        finally:
            door.shutdown(socket.SHUT_RDWR)
            threads[0].join()
            cut()
            for thread in threads:
                thread.join()
            for one in ends:
                one.close()


def until_idle(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until processes have had next to nothing to do for a second."""

    def worked_s() -> float:
        return sum(psutil.Process(one.pid).cpu_times().user for one in processes)

    before = -1.0
    while (now := worked_s()) - before > 0.1:
        before = now
        time.sleep(1)


def test_what_can_go_wrong_is_said(local: RenderChunks, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with cluster(tmp_path, 0) as running, Runner(tmp_path) as runner:
        runner.ask(elsewhere(local, tmp_path / "unreachable", nowhere))
        said = runner.end()
        assert said.startswith("failed ProviderUnavailable cluster-unreachable: The cluster at tcp://127.0.0.1:")
        runner.ask(elsewhere(local, tmp_path / "empty", running.address))
        assert f"cluster-empty: The cluster at {running.address} has no workers." in runner.end()
        running.add_worker()
        other = elsewhere(local, tmp_path / "versions", running.address)
        runner.ask(other, "0.0.0")
        while "cluster-empty" in (said := runner.end()):  # it is starting
            runner.ask(other, "0.0.0")
        assert said.startswith(
            "failed ProviderRejected cluster-versions: A worker of the cluster has Faceswap Desktop "
        )
        assert "instead of 0.0.0" in said
        runner.ask(elsewhere(local, tmp_path / "lost", running.address))
        first = runner.line()
        assert first.startswith("chunk")
        running.scheduler.kill()
        assert "ProviderUnavailable cluster-lost: The connection to the cluster" in runner.end()
    number = int(first.split()[1])
    assert read_chunk(chunk_path(str(tmp_path / "lost"), number)) == read_chunk(local.chunk_path(number))


# --------------------------------------------------------------------------------------------- without a connection


def refused(request: RenderOnCluster) -> UsageError:
    with pytest.raises(UsageError) as caught, connected(request):
        pass
    return caught.value


@pytest.mark.parametrize(
    "address", ["somewhere", "http://somewhere:80", "tcp://:8786", "tcp://host:port", "tcp://host"]
)
def test_address_that_is_none(local: RenderChunks, address: str) -> None:
    assert refused(RenderOnCluster(local, address)).kind == "cluster-address"


def test_tls_needs_its_files(local: RenderChunks, tmp_path: Path) -> None:
    assert "needs the file" in str(refused(RenderOnCluster(local, "tls://host:8786")))
    missing = refused(RenderOnCluster(local, "tls://host:8786", tls_ca=str(tmp_path / "ca.pem")))
    assert str(missing) == "The TLS file “ca.pem” was not found."


def test_extra_that_is_not_installed(local: RenderChunks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = refused(RenderOnCluster(local, "tcp://127.0.0.1:8786"))
    assert error.kind == "cluster-extra"
    assert error.hint is not None
    assert "pip install faceswap-desktop[cluster]" in error.hint.text()


def test_nothing_of_dask_is_loaded_without_an_address() -> None:
    script = "import sys, faceswap_desktop.workers.tasks; print({'distributed', 'dask', 'tornado'} & set(sys.modules))"
    printed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    ).stdout
    assert printed.strip() == "set()"
