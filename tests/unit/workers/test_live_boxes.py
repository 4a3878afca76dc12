"""The boxes of a live session: what is shown, wishes, sound, and what is left of them when their window died."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from faceswap_desktop.domain.live import SOUND_RATE, LiveControls, PanicPicture
from faceswap_desktop.workers.boxes import NUMBER, FrameBox
from faceswap_desktop.workers.live_boxes import BoxNames, ControlsBox, LiveBoxes, SoundBox, SwitchBox
from faceswap_desktop.workers.shared import BlockNames, remove_blocks_of_dead_windows
from tests.unit.workers.box_writers import (
    controls_of,
    in_another_process,
    sound_of,
    time_of,
    write_controls,
    write_sound,
)

ROOT = Path(__file__).parents[3]
HALF = 4 * SOUND_RATE
"""Sample frames that a reader can come late by."""
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shows its blocks as files")
_made = count()


def a_name() -> str:
    return f"{BlockNames(os.getpid(), 0).prefix}live_test{next(_made)}"


@pytest.fixture
def switch() -> Iterator[SwitchBox]:
    with SwitchBox(a_name(), is_new=True) as box:
        yield box


@pytest.fixture
def controls() -> Iterator[ControlsBox]:
    with ControlsBox(a_name(), is_new=True) as box:
        yield box


@pytest.fixture
def sound() -> Iterator[SoundBox]:
    with SoundBox(a_name(), is_new=True) as box:
        yield box


def block_of(box: SwitchBox | ControlsBox | SoundBox) -> memoryview:
    assert box._block.buf is not None
    return box._block.buf


# ------------------------------------------------------------------------------------------------------------- switch


def test_the_switch_says_the_same_to_everybody(switch: SwitchBox) -> None:
    with SwitchBox(switch.name) as seen:
        assert (seen.panic, seen.is_frozen, seen.is_refused, seen.is_over) == (None, False, False, False)
        for picture in (*PanicPicture, None):
            switch.panic = picture
            assert seen.panic is picture
        switch.is_frozen = True
        seen.is_refused = True
        assert (seen.is_frozen, switch.is_refused, switch.is_over) == (True, True, False)
        switch.is_frozen = False
        assert (seen.is_frozen, switch.is_refused) == (False, True)
        switch.is_over = True
        assert seen.is_over


@pytest.mark.parametrize("value", [4, 17, 255])
def test_a_picture_that_cannot_be_read_is_black(switch: SwitchBox, value: int) -> None:
    block_of(switch)[0] = value
    assert switch.panic is PanicPicture.BLACK


def test_a_closed_switch_is_over(switch: SwitchBox) -> None:
    switch.close()
    assert switch.is_over
    with pytest.raises(ValueError, match="closed"):
        switch.panic = PanicPicture.BLACK


# ----------------------------------------------------------------------------------------------------------- controls


def test_the_newest_controls_win(controls: ControlsBox) -> None:
    assert controls.read() is None
    with ControlsBox(controls.name) as reader:
        for number in range(1, 6):
            assert controls.write(controls_of(number)) == number == reader.newest
        assert reader.read() == reader.read(4) == (5, controls_of(5))
        assert reader.read(5) is None


def test_controls_that_are_too_long_leave_what_was_there(controls: ControlsBox) -> None:
    controls.write(controls_of(1))
    with pytest.raises(ValueError, match="controls of"):
        controls.write(LiveControls(card_text="x" * 600_000))
    assert controls.read() == (1, controls_of(1))


def test_no_controls_are_ever_torn(controls: ControlsBox, switch: SwitchBox) -> None:
    with in_another_process(write_controls, controls.name, switch.name) as is_running:
        seen, last = 0, 0
        while seen < 2000:
            found = controls.read(last)
            if found is None:
                assert is_running(), "the writer is gone"
                continue
            number, newest = found
            assert number > last
            assert newest == controls_of(number)
            last = number
            seen += 1
        switch.is_over = True


# -------------------------------------------------------------------------------------------------------------- sound


def assert_sound(start: int, heard_ns: int, data: bytes) -> int:
    """Check sound against its position; returns the position after it."""
    found = np.frombuffer(data, np.int16).reshape(-1, 2)
    assert np.array_equal(found, sound_of(start, len(found)))
    assert abs(heard_ns - time_of(start)) <= 2
    return start + len(found)


def test_sound_is_read_on_from_where_one_was(sound: SoundBox) -> None:
    assert sound.read(0) is None
    position = 0
    for frames in (480, 1, 1000):
        sound.write(sound_of(sound.written, frames).tobytes(), time_of(sound.written))
    found = sound.read(position)
    assert found is not None
    assert found[0] == 0
    position = assert_sound(*found)
    assert position == sound.written == 1481
    assert sound.read(position) is None
    sound.write(sound_of(1481, 20).tobytes(), time_of(1481))
    found = sound.read(position)
    assert found is not None
    assert (found[0], len(found[2])) == (1481, 80)
    assert_sound(*found)


def test_who_comes_late_gets_what_is_still_there(sound: SoundBox) -> None:
    piece = SOUND_RATE
    for number in range(21):
        sound.write(sound_of(number * piece, piece).tobytes(), time_of(number * piece))
    found = sound.read(0)
    assert found is not None
    assert found[0] == 21 * piece - HALF
    assert assert_sound(*found) == 21 * piece


def test_a_gap_of_the_microphone_is_in_the_times(sound: SoundBox) -> None:
    sound.write(sound_of(0, 480).tobytes(), 1_000_000_000)
    sound.write(sound_of(480, 480).tobytes(), 3_000_000_000)
    found = sound.read(480)
    assert found is not None
    assert found[:2] == (480, 3_000_000_000)


@pytest.mark.parametrize("length", [1, 2, 3, 402, HALF * 4 + 4])
def test_what_is_no_sound_is_refused(sound: SoundBox, length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} bytes of sound"):
        sound.write(bytes(length), 0)
    assert sound.written == 0


@pytest.mark.parametrize("written", [-1, -(2**63), 2**62, 2**63 - 1])
@pytest.mark.parametrize("end_ns", [0, -(2**63), 2**63 - 1])
def test_a_position_that_lies_gives_no_more_than_there_is(sound: SoundBox, written: int, end_ns: int) -> None:
    struct.pack_into("<qqqq", block_of(sound), 0, 3, 3, written, end_ns)
    for position in (-(2**63), 0, 2**63 - 1):
        found = sound.read(position)
        assert found is None or len(found[2]) <= HALF * 4


def test_a_writer_that_died_while_it_wrote_is_not_waited_for(sound: SoundBox) -> None:
    sound.write(sound_of(0, 480).tobytes(), 0)
    NUMBER.pack_into(block_of(sound), 0, 2)
    assert sound.read(0) is None


def test_sound_and_its_times_are_never_torn(sound: SoundBox, switch: SwitchBox) -> None:
    with in_another_process(write_sound, sound.name, switch.name) as is_running:
        seen, position = 0, 0
        while seen < 250:
            found = sound.read(position)
            if found is None:
                assert is_running(), "the writer is gone"
                continue
            assert found[0] >= position
            position = assert_sound(*found)
            seen += 1
        switch.is_over = True


# ---------------------------------------------------------------------------------------------------------- all of them


def test_a_session_has_its_boxes_and_ends_with_them() -> None:
    boxes = LiveBoxes(os.getpid(), 64)
    other = LiveBoxes(os.getpid(), 64)
    try:
        names = boxes.names
        assert len({*_all(names), *_all(other.names)}) == 12
        # More is not taken by macOS.
        assert all(len(f"/fsd_99998_0_{name.split('_', 3)[3]}") <= 30 for name in _all(names))
        with FrameBox(names.camera) as camera, SwitchBox(names.switch) as switch:
            camera.write(bytes(3), 1, 1, 5)
            assert boxes.camera.read() is not None
            with pytest.raises(ValueError, match="pixels in a box"):
                camera.write(bytes(3 * 4096), 4096, 1, 5)
            over = [switch.is_over]
            boxes.close()
            boxes.close()
            assert [*over, switch.is_over] == [False, True]
        assert [name for name in _all(names) if not _is_gone(name)] == []
        assert not _is_gone(other.names.camera)
    finally:
        boxes.close()
        other.close()


@linux_only
def test_where_there_is_no_room_nothing_is_left() -> None:
    disk = os.statvfs("/dev/shm")
    if not disk.f_blocks:
        pytest.skip("shared memory has no limit here")
    before = _blocks_of(os.getpid())
    with pytest.raises(OSError, match=r"[Nn]o space|too large"):
        LiveBoxes(os.getpid(), disk.f_blocks * disk.f_frsize // 12)
    assert _blocks_of(os.getpid()) == before


_WINDOW = """
import os, sys
from multiprocessing import resource_tracker
# The tracker would tidy up; one that is killed as well cannot.
resource_tracker.register = lambda *_: None
from faceswap_desktop.workers.live_boxes import LiveBoxes
boxes = LiveBoxes(os.getpid(), 64)
print(os.getpid(), flush=True)
sys.stdin.read()
"""


@linux_only
def test_what_a_killed_window_left_is_removed_at_the_next_start() -> None:
    mine = LiveBoxes(os.getpid(), 64)
    try:
        with subprocess.Popen(
            [sys.executable, "-c", _WINDOW], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as window:
            assert window.stdout is not None
            pid = int(window.stdout.readline())
            assert len(_blocks_of(pid)) == 6
            remove_blocks_of_dead_windows()
            assert len(_blocks_of(pid)) == 6, "it still runs"
            window.send_signal(signal.SIGKILL)
        assert len(_blocks_of(pid)) == 6
        assert remove_blocks_of_dead_windows() >= 6
        assert _blocks_of(pid) == []
        assert not _is_gone(mine.names.camera)
    finally:
        mine.close()


def _all(names: BoxNames) -> list[str]:
    return [names.camera, names.picture, names.card, names.controls, names.switch, names.sound]


def _is_gone(name: str) -> bool:
    opened: Callable[[str], SwitchBox] = SwitchBox
    try:
        opened(name).close()
    except FileNotFoundError:
        return True
    return False


def _blocks_of(pid: int) -> list[str]:
    return sorted(path.name for path in Path("/dev/shm").glob(f"fsd_{pid}_*"))
