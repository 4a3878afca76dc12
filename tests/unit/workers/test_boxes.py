"""Frames that go from one process to another: the newest wins, whole or not at all."""

from __future__ import annotations

import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from faceswap_desktop.workers.boxes import HEAD, NUMBER, SLOT, BoxedFrame, FrameBox
from faceswap_desktop.workers.live_boxes import SwitchBox
from faceswap_desktop.workers.shared import BlockNames
from tests.unit.workers.box_writers import assert_whole, frame_of, in_another_process, write_frames

WIDTH, HEIGHT = 8, 6
_made = count()

MakeBox = Callable[..., FrameBox]


def a_name() -> str:
    return f"{BlockNames(os.getpid(), 0).prefix}test{next(_made)}"


@pytest.fixture
def make() -> Iterator[MakeBox]:
    boxes: list[FrameBox] = []

    def made(most_pixels: int = WIDTH * HEIGHT) -> FrameBox:
        boxes.append(FrameBox(a_name(), most_pixels))
        return boxes[-1]

    yield made
    for box in boxes:
        box.close()


def put(box: FrameBox, number: int) -> int:
    return box.write(*frame_of(number, WIDTH, HEIGHT), 2 * number)


def test_the_newest_frame_wins(make: MakeBox) -> None:
    box = make()
    assert box.newest == 0
    assert box.read() is None
    for number in range(1, 12):
        assert put(box, number) == number == box.newest
    frame = box.read()
    assert frame is not None
    assert frame.number == 11
    assert_whole(frame, WIDTH, HEIGHT)
    assert box.read(10) == frame
    assert box.read(11) is None


def test_a_frame_shows_itself_where_nothing_else_is_said(make: MakeBox) -> None:
    box = make()
    box.write(bytes(3), 1, 1, 77)
    assert box.read() == BoxedFrame(1, 77, 1, 1, 1, bytes(3))


def test_who_opens_it_reads_what_its_maker_wrote_and_the_other_way_round(make: MakeBox) -> None:
    box = make()
    with FrameBox(box.name) as opened:
        put(opened, 1)
        assert box.read() == opened.read()
        put(box, 2)
        seen = opened.read(1)
        assert seen is not None
        assert seen.number == 2


@pytest.mark.parametrize(
    ("length", "width", "height"),
    [(9, 2, 2), (13, 2, 2), (0, 0, 5), (12, -2, -2), (3 * 49, 7, 7), (3 * (WIDTH * HEIGHT + 1), 49, 1)],
)
def test_what_does_not_fit_is_refused(make: MakeBox, length: int, width: int, height: int) -> None:
    box = make()
    put(box, 1)
    with pytest.raises(ValueError, match=f"{length} bytes for {width} × {height} pixels"):
        box.write(bytes(length), width, height, 0)
    frame = box.read()
    assert frame is not None
    assert_whole(frame, WIDTH, HEIGHT)


def test_any_contiguous_bytes_do(make: MakeBox) -> None:
    box = make()
    wide = memoryview(bytearray(range(12))).cast("H")
    for given in (bytearray(range(12)), memoryview(bytes(range(12))), wide):
        box.write(given, 2, 2, 0)
        frame = box.read()
        assert frame is not None
        assert frame.pixels == bytes(range(12))


# ------------------------------------------------------------------------------------------------- a writer not trusted


def place_of(number: int, most_pixels: int = WIDTH * HEIGHT) -> int:
    return HEAD + (number % 4) * (HEAD + 3 * most_pixels)


def block_of(box: FrameBox) -> memoryview:
    assert box._block.buf is not None
    return box._block.buf


@pytest.mark.parametrize(
    "place",
    [
        (4, 4, 0, 0, WIDTH, HEIGHT + 1),
        (4, 4, 0, 0, 2**31 - 1, 2**31 - 1),
        (4, 4, 0, 0, -2, -2),
        (4, 4, 0, 0, -(2**31), 1),
        (4, 4, 0, 0, 0, 0),
        (4, 0, 0, 0, WIDTH, HEIGHT),
        (5, 4, 0, 0, WIDTH, HEIGHT),
        (8, 8, 0, 0, WIDTH, HEIGHT),
        (-1, -1, 0, 0, WIDTH, HEIGHT),
    ],
)
def test_a_place_that_lies_is_no_frame(make: MakeBox, place: tuple[int, ...]) -> None:
    box = make()
    with FrameBox(box.name) as reader:
        SLOT.pack_into(block_of(box), place_of(4), *place)
        NUMBER.pack_into(block_of(box), 0, 4)
        assert reader.read() is None
        assert reader.wait(0, 0.0) is None


@pytest.mark.parametrize("newest", [-1, -(2**63), 0])
def test_a_number_that_was_never_given_is_no_frame(make: MakeBox, newest: int) -> None:
    box = make()
    put(box, 1)
    NUMBER.pack_into(block_of(box), 0, newest)
    assert box.read() is None


@pytest.mark.parametrize("room", [2**62, -1, -(2**63)])
def test_nobody_reads_beyond_the_block_whatever_its_head_says(make: MakeBox, room: int) -> None:
    box = make()
    NUMBER.pack_into(block_of(box), 8, room)
    with FrameBox(box.name) as reader:
        beyond = len(block_of(box)) // 3
        SLOT.pack_into(block_of(box), place_of(4), 4, 4, 0, 0, beyond, 1)
        NUMBER.pack_into(block_of(box), 0, 4)
        assert reader.read() is None
        with pytest.raises(ValueError, match="pixels in a box"):
            reader.write(bytes(3 * beyond), beyond, 1, 0)


def test_any_number_is_gone_round_with(make: MakeBox) -> None:
    box = make()
    NUMBER.pack_into(block_of(box), 0, 2**62)
    number = box.write(*frame_of(0, WIDTH, HEIGHT))
    frame = box.read(2**62)
    assert frame is not None
    assert frame.number == number == 2**62 + 1


# ----------------------------------------------------------------------------------------------- its beginning, its end


def test_a_closed_box_holds_nothing(make: MakeBox) -> None:
    box = make()
    put(box, 1)
    with FrameBox(box.name) as opened:
        box.close()
        box.close()
        with pytest.raises(ValueError, match="closed"):
            box.read()
        with pytest.raises(ValueError, match="closed"):
            put(box, 2)
        assert box.wait(0, 30.0) is None
        # Whoever has it open still may read; nobody can open it any more.
        assert opened.read() is not None
        with pytest.raises(FileNotFoundError):
            FrameBox(box.name)


def test_it_may_be_closed_while_a_thread_copies_from_it(make: MakeBox) -> None:
    box = make()
    put(box, 1)
    copying = block_of(box)[HEAD:]
    box.close()
    with pytest.raises(FileNotFoundError):
        FrameBox(box.name)
    assert copying.nbytes
    copying.release()


def test_who_waits_gets_the_next_frame_and_leaves_when_it_is_over(make: MakeBox) -> None:
    box = make()
    put(box, 1)
    asked = threading.Event()
    seen: list[BoxedFrame | None] = []

    def is_over() -> bool:
        asked.set()
        return False

    waiting = threading.Thread(target=lambda: seen.append(box.wait(1, 60.0, is_over)))
    waiting.start()
    assert asked.wait(60)
    put(box, 2)
    waiting.join(60)
    assert [frame and frame.number for frame in seen] == [2]
    assert box.wait(2, 60.0, lambda: True) is None
    assert box.wait(2, 0.0) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux promises more memory than there is")
def test_room_that_is_not_there_is_said_at_once() -> None:
    disk = os.statvfs("/dev/shm")
    if not disk.f_blocks:
        pytest.skip("shared memory has no limit here")
    name = a_name()
    with pytest.raises(OSError, match=r"[Nn]o space|too large"):
        FrameBox(name, disk.f_blocks * disk.f_frsize // 12)
    assert not (Path("/dev/shm") / name).exists()


# ------------------------------------------------------------------------------------------------- across two processes


@pytest.mark.parametrize(("width", "height", "frames"), [(16, 12, 2000), (160, 120, 2000), (640, 480, 300)])
def test_no_frame_is_ever_torn(make: MakeBox, width: int, height: int, frames: int) -> None:
    box = make(width * height)
    with SwitchBox(a_name(), is_new=True) as switch:
        with in_another_process(write_frames, box.name, switch.name, width, height) as is_running:
            seen, last = 0, 0
            while seen < frames:
                frame = box.read(last)
                if frame is None:
                    assert is_running(), "the writer is gone"
                    continue
                assert_whole(frame, width, height)
                assert frame.number > last
                last = frame.number
                seen += 1
            switch.is_over = True
        # The last one stands when its writer is gone.
        final = box.read()
        assert final is not None
        assert final.number == box.newest
        assert_whole(final, width, height)


def test_a_reader_that_was_overtaken_takes_the_newer_frame(make: MakeBox, monkeypatch: pytest.MonkeyPatch) -> None:
    box = make()
    put(box, 1)

    class Overtaken(struct.Struct):
        """Lets the writer go once round between the reader's first look at a place and its second."""

        turns = 0

        def unpack_from(self, buffer: object, offset: int = 0) -> tuple[int, ...]:
            found = super().unpack_from(buffer, offset)  # type: ignore[arg-type]
            if not self.turns:
                self.turns = 1
                for number in range(2, 6):
                    put(box, number)
            return found

    monkeypatch.setattr("faceswap_desktop.workers.boxes.SLOT", Overtaken(SLOT.format))
    frame = box.read()
    assert frame is not None
    assert frame.number == 5
    assert_whole(frame, WIDTH, HEIGHT)
