from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.domain.errors import Cancelled, InputRefused, StorageError, UsageError
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.workers import read_tasks
from faceswap_desktop.workers.pool import Lane
from faceswap_desktop.workers.read_tasks import index_video, open_video, read_frames, read_sound
from faceswap_desktop.workers.requests import MakeThumbnail, SaveCopy
from faceswap_desktop.workers.shared import ReceivedPixels, SharedPixels
from faceswap_desktop.workers.tasks import make_thumbnail, save_copy
from faceswap_desktop.workers.video_requests import IndexedVideo, IndexVideo, OpenVideo, ReadFrames, ReadSound
from tests import clips
from tests.numbered import number_in, write_numbered
from tests.unit.workers.conftest import MakePool
from tests.unit.workers.people import MAX_PIXELS, Listener


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    yield Listener(tmp_path / "scratch")
    read_tasks.forget_kept()


def received(shared: SharedPixels | None, frames: int = 1) -> NDArray[np.uint8]:
    """Take pixels as the window's process does: (frames, height, width, 3)."""
    assert shared is not None
    own = ReceivedPixels(shared.name, shared.width, shared.height, shared.channels, shared.stride)
    return np.frombuffer(own.take(), np.uint8).reshape(frames, shared.height // frames, shared.width, 3)


def opened(path: Path, listener: Listener) -> Media:
    return open_video(OpenVideo(str(path), MAX_PIXELS, 0), listener.context).media


def indexed(path: Path, folder: Path, listener: Listener) -> tuple[IndexedVideo, VideoFiles]:
    media = opened(path, listener)
    files = VideoFiles.of(str(folder / "videos"), media)
    return index_video(IndexVideo(media, files), listener.context), files


# ----------------------------------------------------------------------------------------------------------- opening


def test_the_first_frame_comes_with_the_facts(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 20, size=(384, 192))
    reply = open_video(OpenVideo(str(path), MAX_PIXELS, 192), listener.context)
    assert (reply.scale, tuple(reply.media.size)) == (0.5, (384, 192))
    assert received(reply.first).shape == (1, 96, 192, 3)
    assert number_in(received(open_video(OpenVideo(str(path), MAX_PIXELS), listener.context).first)[0]) == 0


def test_no_pixels_are_sent_where_none_are_wanted(tmp_path: Path, listener: Listener) -> None:
    reply = open_video(OpenVideo(str(write_numbered(tmp_path / "a.mp4", 2)), MAX_PIXELS, 0), listener.context)
    assert reply.first is None


# ---------------------------------------------------------------------------------------------------------- indexing


def test_the_index_makes_the_header_exact(tmp_path: Path, listener: Listener) -> None:
    times = [number / 25 + (0.2 if number > 12 else 0) for number in range(30)]
    reply, files = indexed(write_numbered(tmp_path / "a.mkv", 30, times=times), tmp_path, listener)
    facts = reply.media.video
    assert facts is not None
    assert (facts.frames, facts.is_variable) == (30, True)
    assert facts.seconds == pytest.approx(times[-1] + 0.04, abs=0.002)
    assert [reply.times.of(number) for number in range(30)] == pytest.approx(times, abs=0.0006)
    assert reply.key_frames[0] == 0
    assert Path(files.index).is_file()
    assert [one.name for one in Path(files.folder).iterdir()] == ["index.bin"]


def test_an_index_that_is_there_is_used(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 10)
    first, files = indexed(path, tmp_path, listener)
    written = Path(files.index).stat().st_mtime_ns
    path.unlink()
    assert index_video(IndexVideo(first.media, files), listener.context) == first
    assert Path(files.index).stat().st_mtime_ns == written


def test_a_damaged_index_is_made_anew(tmp_path: Path, listener: Listener) -> None:
    first, files = indexed(write_numbered(tmp_path / "a.mp4", 10), tmp_path, listener)
    Path(files.index).write_bytes(Path(files.index).read_bytes()[:-3])
    assert index_video(IndexVideo(first.media, files), listener.context) == first
    assert read_tasks.index_of(first.media, files).to_bytes() == Path(files.index).read_bytes()


def test_another_file_of_the_same_name_is_refused(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 10)
    media = opened(path, listener)
    write_numbered(path, 12)
    with pytest.raises(InputRefused) as caught:
        index_video(IndexVideo(media, VideoFiles(str(tmp_path / "v"))), listener.context)
    assert caught.value.kind == "changed"


def test_an_index_that_cannot_be_written(tmp_path: Path, listener: Listener) -> None:
    media = opened(write_numbered(tmp_path / "a.mp4", 3), listener)
    (tmp_path / "taken").write_bytes(b"a file where a folder should be")
    with pytest.raises(StorageError):
        index_video(IndexVideo(media, VideoFiles(str(tmp_path / "taken" / "v"))), listener.context)


def test_indexing_can_be_stopped(tmp_path: Path, listener: Listener) -> None:
    media = opened(write_numbered(tmp_path / "a.mp4", 3), listener)
    listener.context.stop_event.set()
    with pytest.raises(Cancelled):
        index_video(IndexVideo(media, VideoFiles(str(tmp_path / "v"))), listener.context)
    assert not (tmp_path / "v").exists()


# ------------------------------------------------------------------------------------------------------------ frames


def test_frames_by_number(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 60, options={"bf": "2"}, size=(384, 192))
    reply, files = indexed(path, tmp_path, listener)
    for numbers in ((5, 6, 7), (40,), (3, 58, 59), (39,)):
        read = read_frames(ReadFrames(reply.media, files, numbers, 192), listener.context)
        assert (read.numbers, read.unreadable, read.scale) == (numbers, (), 0.5)
        assert (read.width, read.height) == (192, 96)
        assert [number_in(one) for one in received(read.pixels, len(numbers))] == list(numbers)
    nothing = read_frames(ReadFrames(reply.media, files, (), 100), listener.context)
    assert (nothing.pixels, nothing.numbers) == (None, ())


def test_turned_frames_are_sent_upright(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 5)
    clips._turn(path, 90)
    reply, files = indexed(path, tmp_path, listener)
    read = read_frames(ReadFrames(reply.media, files, (2, 4), 96), listener.context)
    assert (read.width, read.height, read.scale) == (48, 96, 0.5)
    assert tuple(reply.media.size) == (96, 192)
    assert [number_in(np.rot90(one)) for one in received(read.pixels, 2)] == [2, 4]


def test_frames_that_cannot_be_decoded_are_replaced_and_told(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 60, options={"x264-params": "keyint=10:scenecut=0:bframes=0"})
    with av.open(str(path)) as container:
        places = [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for start, size in places[20:30]:
        data[start : start + size] = bytes(size)
    path.write_bytes(data)
    reply, files = indexed(path, tmp_path, listener)
    read = read_frames(ReadFrames(reply.media, files, (19, 20, 21, 30), 192), listener.context)
    assert read.unreadable == (20, 21)
    assert [number_in(one) for one in received(read.pixels, 4)] == [19, 19, 19, 30]
    read = read_frames(ReadFrames(reply.media, files, (22, 23, 31), 192), listener.context)
    assert read.unreadable == (22, 23)
    assert [number_in(one) for one in received(read.pixels, 3)] == [19, 19, 31]


def test_a_video_that_is_removed_or_replaced_while_it_plays(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 30)
    reply, files = indexed(path, tmp_path, listener)
    received(read_frames(ReadFrames(reply.media, files, (1,), 96), listener.context).pixels)
    shutil.move(path, tmp_path / "b.mp4")
    with pytest.raises(InputRefused) as caught:
        read_frames(ReadFrames(reply.media, files, (2,), 96), listener.context)
    assert caught.value.kind == "missing"
    write_numbered(path, 40)
    with pytest.raises(InputRefused) as caught:
        read_frames(ReadFrames(reply.media, files, (2,), 96), listener.context)
    assert caught.value.kind == "changed"
    shutil.copyfile(tmp_path / "b.mp4", path)  # the same again, with another time
    read = read_frames(ReadFrames(reply.media, files, (2,), 192), listener.context)
    assert number_in(received(read.pixels)[0]) == 2


def test_only_the_last_videos_stay_open(tmp_path: Path, listener: Listener) -> None:
    for number in range(4):
        reply, files = indexed(write_numbered(tmp_path / f"{number}.mp4", 5 + number), tmp_path, listener)
        received(read_frames(ReadFrames(reply.media, files, (4,), 96), listener.context).pixels)
    assert len(read_tasks._readers._items) == read_tasks.KEPT_READERS


# ------------------------------------------------------------------------------------------------------------- sound


def test_sound(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 50, sound=True)
    samples = np.frombuffer(read_sound(ReadSound(str(path), 0.5, 0.5), listener.context).samples, np.int16)
    assert len(samples) == 48_000
    loud = np.flatnonzero(np.abs(samples[::2].astype(int)) > 6000)
    assert (loud[0] + loud[-1]) / 2 / 48_000 == pytest.approx(0.25, abs=0.003)
    path.unlink()
    with pytest.raises(InputRefused):
        read_sound(ReadSound(str(path), 0.0, 0.5), listener.context)


# -------------------------------------------------------------------------------------------- thumbnails and copies


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp"])
def test_thumbnails_of_videos(tmp_path: Path, listener: Listener, name: str) -> None:
    path = write_numbered(tmp_path / name, 5)
    made = make_thumbnail(MakeThumbnail(str(path), str(tmp_path / "t.jpg"), 96), listener.context)
    assert (made.width, made.height) == (96, 48)
    assert (tmp_path / "t.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_copies_of_videos_keep_every_byte(tmp_path: Path, listener: Listener) -> None:
    path = write_numbered(tmp_path / "a.mp4", 5)
    request = SaveCopy(str(path), str(tmp_path / "copy.MP4"), OutputOptions())
    assert save_copy(request, listener.context).size_bytes == path.stat().st_size
    assert (tmp_path / "copy.MP4").read_bytes() == path.read_bytes()
    for name in ("copy.mkv", "copy.jpg", "copy"):
        with pytest.raises(UsageError) as caught:
            save_copy(replace(request, to_path=str(tmp_path / name)), listener.context)
        assert "The result is a MP4 video" in str(caught.value)
        assert not (tmp_path / name).exists()
    with pytest.raises(StorageError):
        save_copy(request, listener.context)


# ------------------------------------------------------------------------------------------------- in its own worker


async def test_the_player_is_a_light_process_of_its_own(tmp_path: Path, make_pool: MakePool) -> None:
    pool = await make_pool(task_modules=("faceswap_desktop.workers.tasks",))
    path = write_numbered(tmp_path / "a.mp4", 30)
    media = (await pool.run("open_video", OpenVideo(str(path), MAX_PIXELS, 0), lane=Lane.PLAYER)).media
    files = VideoFiles.of(str(tmp_path / "videos"), media)
    await pool.run("index_video", IndexVideo(media, files), lane=Lane.PLAYER)
    reply = await pool.run("read_frames", ReadFrames(media, files, (7, 20), 192), lane=Lane.PLAYER)
    assert [number_in(one) for one in received(reply.pixels, 2)] == [7, 20]
    (pid,) = pool.worker_pids()
    mapped = Path(f"/proc/{pid}/maps")
    if mapped.exists():
        assert "onnxruntime" not in mapped.read_text()
        assert "cv2" not in mapped.read_text()
