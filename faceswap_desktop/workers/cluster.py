"""Chunks of a video rendered on a Dask cluster: each task carries its own packets and returns its chunk's bytes.

What comes back from a cluster is unpickled: it has to be one that its user trusts, as Dask itself
asks; TLS keeps others out. See docs/decisions/0012-cluster.md.
"""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

# On a cluster's worker this comes before onnxruntime, which would report its use to its makers.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from faceswap_desktop import __version__
from faceswap_desktop.domain.errors import FaceSwapError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media import refusals
from faceswap_desktop.media.refusals import shown_line
from faceswap_desktop.media.video.chunkfile import (
    RENDER_VERSION,
    Chunk,
    ChunkDamaged,
    recipe_digest,
    unpack,
    write_chunk,
)
from faceswap_desktop.media.video.encode import first_picture
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.workers.chunk_work import RenderedWork, render_work, rendered_chunk
from faceswap_desktop.workers.cluster_connection import CONNECT_S, PROVIDER, connected, sentence_of
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of, kept_reader
from faceswap_desktop.workers.render_requests import RenderChunks, RenderedChunk, RenderedChunks, RenderOnCluster
from faceswap_desktop.workers.render_tasks import write_picture
from faceswap_desktop.workers.work_maker import WorkMaker

NO_WORKERS_S: Final = 60.0
"""So long a cluster may be without a single worker before the job is put off."""
_PICTURE_EVERY_S: Final = 0.5
_POLL_S: Final = 0.25
LOST_S: Final = 15.0
"""So long a scheduler that does not answer may come back."""
MOST_SENDS: Final = 4
"""A work that is forgotten more often, or cannot be fetched, is not for this cluster."""
_WAITING_PER_THREAD: Final = 2
"""Works that are sent per thread of the cluster: one that is done and one that waits. More would only fill memory."""

_PARTS: Final = ("av", "numpy", "onnxruntime", "opencv-python-headless")
"""Other versions of these may give other samples, or parameter sets that cannot be joined."""

_one_at_a_time = threading.Lock()


def render_on_cluster(request: RenderOnCluster, context: TaskContext) -> RenderedChunks:
    """Have chunks rendered on a cluster, and write each to its file as it comes back.

    A worker that is lost in the middle costs nothing but time: Dask gives its works to others, those too that were done
    and not fetched yet. A scheduler that was lost for a moment has forgotten its works; they are sent again.

    Raises:
        InputRefused: The original is missing or has changed, or a source face is gone.
        StorageError: A chunk cannot be written, or the tracks are not there.
        UsageError: The extra is not installed, or the address or a TLS file will not do.
        ProviderUnavailable: The cluster cannot be reached, has no workers, or was lost; what came back is kept.
        ProviderRejected: Its workers have other versions, or fail at the work.
    """
    render = request.render
    recipe = render.recipe
    set_threads(context.threads)
    context.report(0.0, "connect")
    check_same(recipe.media.path, recipe.media.fingerprint)
    size = recipe.media.size
    if size.width * size.height > render.max_pixels:
        raise refusals.too_large(recipe.media.path, size.width, size.height, render.max_pixels)
    index = index_of(recipe.media, render.files)
    reader = kept_reader(recipe.media, render.files, context.threads)
    maker = WorkMaker(recipe, render.sources, render.files, index, reader)
    with connected(request) as client:
        return _Course(client, request, maker, context).run()


def render_remotely(packed: bytes, versions: Mapping[str, str]) -> RenderedWork | str:
    """Do one work on a worker of the cluster.

    Args:
        packed: A pickled ``ChunkWork`` with its packets.
        versions: What is installed where the work comes from.

    Returns:
        The chunk, or a sentence that says what is installed otherwise here.
    """
    here = versions_here()
    for name, wanted in versions.items():
        if here.get(name) != wanted:
            return f"{name} {here.get(name) or 'is missing'} instead of {wanted}"
    # One after the other in a process, each on one thread: results may not depend on who works beside.
    with _one_at_a_time:
        set_threads(1)
        return render_work(pickle.loads(packed))  # noqa: S301 - the scheduler's clients are trusted, as Dask is built


def versions_here() -> dict[str, str]:
    """Return the versions that have to be equal on both sides."""
    found = {"Faceswap Desktop": __version__, "rendering": str(RENDER_VERSION)}
    for part in _PARTS:
        with suppress(PackageNotFoundError):
            found[part] = version(part)
    return found


# ------------------------------------------------------------------------------------------------------------ course


class _Course:
    """Sends works and takes chunks, never more at once than the cluster can do next."""

    def __init__(self, client: Any, request: RenderOnCluster, maker: WorkMaker, context: TaskContext) -> None:
        self._client = client
        self._address = request.address
        self._render: RenderChunks = request.render
        self._maker = maker
        self._context = context
        self._waiting = list(reversed(request.render.chunks))
        self._frames = dict(request.render.chunks)
        self._sent: dict[Any, int] = {}
        self._sends: Counter[int] = Counter()
        self._failures: Counter[int] = Counter()
        self._done: list[RenderedChunk] = []
        self._versions = versions_here()
        self._digest = recipe_digest(request.render.recipe)
        self._shown = 0.0
        self._seen_workers = time.monotonic()
        self._seen_scheduler = time.monotonic()

    def run(self) -> RenderedChunks:
        """Do all of it."""
        try:
            while self._waiting or self._sent:
                self._report(None)
                self._send()
                self._take()
        finally:
            with suppress(Exception):
                self._client.cancel(list(self._sent), force=True)
        return RenderedChunks(tuple(sorted(self._done, key=lambda chunk: chunk.number)))

    def _report(self, chunk: RenderedChunk | None) -> None:
        self._context.report(len(self._done) / len(self._render.chunks), "render", chunk)

    def _send(self) -> None:
        room = _WAITING_PER_THREAD * self._threads() - len(self._sent)
        while self._waiting and room > 0:
            number, frames = self._waiting.pop()
            self._submit(number, frames)
            room -= 1

    def _submit(self, number: int, frames: FrameRange) -> None:
        self._context.check_stopped()
        packed = pickle.dumps(self._maker.make(number, frames, with_packets=True), protocol=pickle.HIGHEST_PROTOCOL)
        future = self._client.submit(
            render_remotely,
            packed,
            self._versions,
            key=f"faceswap-chunk-{number}-{os.urandom(8).hex()}",
            pure=False,
            priority=-number,
        )
        self._sent[future] = number
        self._sends[number] += 1

    def _threads(self) -> int:
        """Return how many threads the cluster has at the moment.

        Raises:
            ProviderUnavailable: It has had none for a while, or its scheduler is lost.
        """
        now = time.monotonic()
        if self._client.status == "running":
            self._seen_scheduler = now
        elif self._client.status == "closed" or now - self._seen_scheduler > LOST_S:
            raise self._lost()
        else:
            return 0
        # The client's own view; it is told by the scheduler about once a second.
        workers: Mapping[str, Any] = self._client.scheduler_info(n_workers=-1).get("workers", {})
        threads = sum(int(worker.get("nthreads", 1)) for worker in workers.values())
        if threads:
            self._seen_workers = now
        elif now - self._seen_workers > NO_WORKERS_S:
            raise ProviderUnavailable(
                message("The cluster at {address} has no workers.", address=shown_line(self._address)),
                message("Start some: dask worker {address} --nthreads 1", address=shown_line(self._address)),
                kind="cluster-empty",
                provider_id=PROVIDER,
            )
        return threads

    def _take(self) -> None:
        if not self._sent:
            self._context.stop_event.wait(_POLL_S)
            return
        for future in self._finished():
            number = self._sent[future]
            if future.status == "error":
                raise self._failed(future)
            rendered = self._result(number, future) if future.status == "finished" else None
            if rendered is not None:
                self._keep(number, rendered)
            elif future.status != "cancelled":
                continue  # its worker is gone and another one does it, or it is fetched again
            else:
                self._take_back(number)
            del self._sent[future]
            future.release()

    def _take_back(self, number: int) -> None:
        """Send a work again that the scheduler forgot, because the connection was lost for a moment."""
        if self._sends[number] >= MOST_SENDS:
            raise self._lost()
        self._waiting.append((number, self._frames[number]))

    def _finished(self) -> list[Any]:
        """Wait a moment for works that are finished, for better or worse, and return them."""
        from distributed import wait

        pause: Any = wait
        try:
            with self._client.as_current():
                pause(list(self._sent), timeout=_POLL_S, return_when="FIRST_COMPLETED")
        except TimeoutError:
            pass
        except Exception:  # noqa: BLE001 - of works that were lost; their state says so
            self._context.stop_event.wait(_POLL_S)
        # "lost" are those whose worker is gone; the scheduler has given them to others.
        return [future for future in self._sent if future.status in {"finished", "error", "cancelled"}]

    def _result(self, number: int, future: Any) -> RenderedWork | None:
        """Fetch a result, however long it takes as long as the cluster is there; None if it was lost on the way."""
        coming: Future[Any] = Future()

        def fetch() -> None:
            try:
                coming.set_result(future.result())
            except Exception as error:  # noqa: BLE001 - raised again where it is waited for
                coming.set_exception(error)

        # A thread that nobody has to wait for: a connection that hangs must not keep the worker from ending.
        threading.Thread(target=fetch, name="fetching from the cluster", daemon=True).start()
        try:
            while not wait_for([coming], _POLL_S).done:
                self._report(None)
                self._threads()
            answer = coming.result()
        except FaceSwapError:
            raise
        except Exception as error:
            self._failures[number] += 1
            if self._failures[number] >= MOST_SENDS:
                raise self._lost() from error
            self._context.stop_event.wait(_POLL_S)
            return None
        if isinstance(answer, str):
            raise ProviderRejected(
                message("A worker of the cluster has {difference}.", difference=shown_line(answer)),
                message("Install the same version of Faceswap Desktop and its parts on all computers."),
                kind="cluster-versions",
                provider_id=PROVIDER,
            )
        rendered: RenderedWork = answer
        return rendered

    def _keep(self, number: int, rendered: RenderedWork) -> None:
        try:
            chunk_there = unpack(rendered.packed)
        except ChunkDamaged:
            chunk_there = None
        if chunk_there is None or (chunk_there.number, chunk_there.recipe) != (number, self._digest):
            raise ProviderRejected(
                message("A worker of the cluster sent something else than was asked for."),
                message("Install the same version of Faceswap Desktop on all computers of the cluster."),
                kind="cluster-failed",
                provider_id=PROVIDER,
            )
        self._show(chunk_there)
        check_same(self._render.recipe.media.path, self._render.recipe.media.fingerprint)
        started = time.perf_counter()
        write_chunk(self._render.chunk_path(number), rendered.packed)
        timings = {**rendered.chunk.timings, "write": time.perf_counter() - started}
        chunk = rendered_chunk(number, rendered.chunk.frames, len(rendered.packed), rendered.info, timings)
        self._done.append(chunk)
        self._report(chunk)

    def _show(self, chunk: Chunk) -> None:
        """Write the picture that is looked at while the job runs, now and then."""
        path, now = self._render.picture_path, time.monotonic()
        if path and now - self._shown >= _PICTURE_EVERY_S and (frame := first_picture(chunk.encoded)) is not None:
            self._shown = now
            write_picture(Path(path), frame, self._maker.rotation)

    def _failed(self, future: Any) -> FaceSwapError:
        error = future.exception(timeout=CONNECT_S)
        if isinstance(error, FaceSwapError):
            return error
        if isinstance(error, ImportError):
            return ProviderRejected(
                message("A worker of the cluster lacks {name}.", name=shown_line(error.name or "a part")),
                message("Install the same version of Faceswap Desktop on all computers of the cluster."),
                kind="cluster-versions",
                provider_id=PROVIDER,
            )
        kind = type(error).__name__
        if kind == "KilledWorker":
            return ProviderRejected(
                message("A part of the video ended several workers of the cluster, one after the other."),
                message("They may have too little memory: start fewer workers per computer."),
                kind="cluster-killed",
                provider_id=PROVIDER,
            )
        return ProviderRejected(
            message("A worker of the cluster failed: {reason}", reason=sentence_of(f"{kind}: {error}")),
            message("Its log says more. The same versions have to be installed on all computers."),
            kind="cluster-failed",
            provider_id=PROVIDER,
        )

    def _lost(self) -> ProviderUnavailable:
        return ProviderUnavailable(
            message("The connection to the cluster at {address} was lost.", address=shown_line(self._address)),
            message("What it had finished is kept; the job goes on when the cluster is there again."),
            kind="cluster-lost",
            provider_id=PROVIDER,
        )


TASKS: Final[dict[str, Task]] = {"render_on_cluster": render_on_cluster}
