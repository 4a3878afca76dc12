"""The boxes of a live session: pictures, wishes, what is shown at the moment, and sound. See ``boxes``."""

from __future__ import annotations

import contextlib
import pickle
import struct
import time
from dataclasses import dataclass
from itertools import count
from typing import Final

from faceswap_desktop.domain.live import SOUND_CHANNELS, SOUND_RATE, LiveControls, PanicPicture
from faceswap_desktop.workers.boxes import HEAD, NUMBER, SLOT, TRIES, Box, FrameBox
from faceswap_desktop.workers.shared import BlockNames

_MOST_CONTROLS: Final = 512 * 1024
_SOUND_S: Final = 8
_SOUND_HEAD: Final = struct.Struct("<qqqq")
"""Number of writes begun, writes ended, sample frames written in all, time of the end of the last write."""
_WRITTEN: Final = struct.Struct("<qq")
_BEGUN, _ENDED, _WRITTEN_AT = 0, 8, 16
_BYTES_PER_SAMPLE: Final = 2 * SOUND_CHANNELS

_made = count(1)


@dataclass(frozen=True, slots=True)
class BoxNames:
    """The boxes of one live session, by the names of their blocks.

    Attributes:
        camera: Frames as the camera gives them, mirrored where that is wished.
        picture: Frames with changed faces and the label.
        card: What is shown instead of any picture.
        controls: ``LiveControls``.
        switch: What everybody shows at the moment.
        sound: The microphone's, or the file's.
    """

    camera: str
    picture: str
    card: str
    controls: str
    switch: str
    sound: str


class SwitchBox(Box):
    """What everybody shows at the moment. The window writes all of it but ``is_refused``, which the engine writes."""

    _PANIC, _FROZEN, _REFUSED, _OVER = range(4)
    _FORGOTTEN = 8
    _PICTURES = (None, PanicPicture.CAMERA, PanicPicture.BLACK, PanicPicture.CARD)

    def __init__(self, name: str, *, is_new: bool = False) -> None:
        super().__init__(name, HEAD if is_new else 0)

    @property
    def panic(self) -> PanicPicture | None:
        """What is shown instead of the swapped picture; None where nobody panicked."""
        # What cannot be read is taken for the safest.
        value = self._bytes[self._PANIC]
        return self._PICTURES[value] if value < len(self._PICTURES) else PanicPicture.BLACK

    @panic.setter
    def panic(self, picture: PanicPicture | None) -> None:
        self._bytes[self._PANIC] = self._PICTURES.index(picture)

    @property
    def is_frozen(self) -> bool:
        """Whether the last picture stands."""
        return bool(self._bytes[self._FROZEN])

    @is_frozen.setter
    def is_frozen(self, value: bool) -> None:
        self._bytes[self._FROZEN] = int(value)

    @property
    def is_refused(self) -> bool:
        """Whether something sensitive was seen lately: the card is shown, whatever else is set but black."""
        return bool(self._bytes[self._REFUSED])

    @is_refused.setter
    def is_refused(self, value: bool) -> None:
        self._bytes[self._REFUSED] = int(value)

    @property
    def forgotten(self) -> int:
        """Number of the last changed picture that nobody may see any more, also where it stands; 0 for none."""
        return int(NUMBER.unpack_from(self._bytes, self._FORGOTTEN)[0])

    @forgotten.setter
    def forgotten(self, number: int) -> None:
        NUMBER.pack_into(self._bytes, self._FORGOTTEN, number)

    @property
    def is_over(self) -> bool:
        """Whether the session ends: readers and writers leave."""
        return not self._is_open or bool(self._bytes[self._OVER])

    @is_over.setter
    def is_over(self, value: bool) -> None:
        self._bytes[self._OVER] = int(value)


class ControlsBox(Box):
    """The newest ``LiveControls``. Written by the window's process alone, so that they may be read as Python values."""

    def __init__(self, name: str, *, is_new: bool = False) -> None:
        super().__init__(name, HEAD + 2 * (HEAD + _MOST_CONTROLS) if is_new else 0)

    @property
    def newest(self) -> int:
        """Number of the newest controls; 0 while there are none."""
        return int(NUMBER.unpack_from(self._bytes, 0)[0])

    def write(self, controls: LiveControls) -> int:
        """Put controls there; returns their number.

        Raises:
            ValueError: They are too long.
        """
        data = pickle.dumps(controls, protocol=pickle.HIGHEST_PROTOCOL)
        if len(data) > _MOST_CONTROLS:
            raise ValueError(f"controls of {len(data)} bytes")
        number = self.newest + 1
        start = self._start(number)
        SLOT.pack_into(self._bytes, start, number, 0, 0, 0, len(data), 1)
        self._bytes[start + HEAD : start + HEAD + len(data)] = data
        NUMBER.pack_into(self._bytes, start + 8, number)
        NUMBER.pack_into(self._bytes, 0, number)
        return number

    def read(self, after: int = 0) -> tuple[int, LiveControls] | None:
        """Return the newest controls and their number; None where there are none newer than ``after``."""
        for _ in range(TRIES):
            number = self.newest
            if number <= after:
                return None
            start = self._start(number)
            begun, ended, _, _, length, _ = SLOT.unpack_from(self._bytes, start)
            data = bytes(self._bytes[start + HEAD : start + HEAD + length])
            if begun == ended == number and SLOT.unpack_from(self._bytes, start)[:2] == (number, number):
                controls: LiveControls = pickle.loads(data)  # noqa: S301 - only the window's process writes here
                return number, controls
        return None

    def _start(self, number: int) -> int:
        return HEAD + (number % 2) * (HEAD + _MOST_CONTROLS)


class SoundBox(Box):
    """The last seconds of sound; a ``domain.live.SoundSink`` for whoever writes."""

    _LENGTH: Final = _SOUND_S * SOUND_RATE * _BYTES_PER_SAMPLE

    def __init__(self, name: str, *, is_new: bool = False) -> None:
        super().__init__(name, HEAD + self._LENGTH if is_new else 0)

    @property
    def written(self) -> int:
        """How many sample frames were written in all."""
        return int(_SOUND_HEAD.unpack_from(self._bytes, 0)[2])

    def write(self, samples: bytes | bytearray | memoryview, taken_ns: int) -> None:
        """Add sound; see ``domain.live.SoundSink``.

        Raises:
            ValueError: It is no whole number of sample frames, or longer than the box.
        """
        given = memoryview(samples).cast("B")
        if given.nbytes % _BYTES_PER_SAMPLE or given.nbytes > self._LENGTH // 2:
            raise ValueError(f"{given.nbytes} bytes of sound")
        whole = self._bytes
        begun, _, written, _ = _SOUND_HEAD.unpack_from(whole, 0)
        NUMBER.pack_into(whole, _BEGUN, begun + 1)
        at = written * _BYTES_PER_SAMPLE % self._LENGTH
        first = min(given.nbytes, self._LENGTH - at)
        whole[HEAD + at : HEAD + at + first] = given[:first]
        whole[HEAD : HEAD + given.nbytes - first] = given[first:]
        frames = given.nbytes // _BYTES_PER_SAMPLE
        end_ns = taken_ns + frames * 1_000_000_000 // SOUND_RATE
        # The number last: until it is there, nobody takes the head for a whole one.
        _WRITTEN.pack_into(whole, _WRITTEN_AT, written + frames, end_ns)
        NUMBER.pack_into(whole, _ENDED, begun + 1)

    def read(self, position: int) -> tuple[int, int, bytes] | None:
        """Copy what was written from a position on, counted in sample frames.

        Returns:
            The position at which it begins (later than asked for where that is overwritten already), when that was
            heard (``time.monotonic_ns``), and the sound; None where nothing is there yet.
        """
        for _ in range(TRIES):
            begun, ended, written, end_ns = head = _SOUND_HEAD.unpack_from(self._bytes, 0)
            # Read twice: the position and its time belong together only if nothing was written between.
            if begun != ended or _SOUND_HEAD.unpack_from(self._bytes, 0) != head:
                time.sleep(0)
                continue
            # Not the oldest half: that is written over next.
            start = max(position, written - self._LENGTH // (2 * _BYTES_PER_SAMPLE), 0)
            if start >= written:
                return None
            at, length = start * _BYTES_PER_SAMPLE % self._LENGTH, (written - start) * _BYTES_PER_SAMPLE
            first = min(length, self._LENGTH - at)
            whole = self._bytes
            data = bytes(whole[HEAD + at : HEAD + at + first]) + bytes(whole[HEAD : HEAD + length - first])
            if _SOUND_HEAD.unpack_from(self._bytes, 0)[0] - begun < 2:
                return start, end_ns - (written - start) * 1_000_000_000 // SOUND_RATE, data
        return None


class LiveBoxes:
    """All boxes of one live session; the window's process makes them.

    Attributes:
        camera, picture, card, controls, switch, sound: See ``BoxNames``.
    """

    def __init__(self, window_pid: int, most_pixels: int) -> None:
        """Make the boxes.

        Args:
            window_pid: The process that owns them: what it leaves behind is removed at the next start.
            most_pixels: Of the largest frame.

        Raises:
            OSError: There is no room for them.
        """
        # No worker has the number 0. Short: macOS takes names of 30 letters.
        prefix = f"{BlockNames(window_pid, 0).prefix}live{next(_made)}_"
        made: list[Box] = []
        try:
            made.append(camera := FrameBox(f"{prefix}camera", most_pixels))
            made.append(picture := FrameBox(f"{prefix}picture", most_pixels))
            made.append(card := FrameBox(f"{prefix}card", most_pixels))
            made.append(controls := ControlsBox(f"{prefix}controls", is_new=True))
            made.append(switch := SwitchBox(f"{prefix}switch", is_new=True))
            made.append(sound := SoundBox(f"{prefix}sound", is_new=True))
        except OSError:
            for box in made:
                box.close()
            raise
        self.camera, self.picture, self.card = camera, picture, card
        self.controls, self.switch, self.sound = controls, switch, sound
        self._all = tuple(made)

    @property
    def names(self) -> BoxNames:
        """What workers open them by."""
        return BoxNames(*(box.name for box in self._all))

    def close(self) -> None:
        """Tell everybody that it is over, and take the boxes away."""
        with contextlib.suppress(ValueError):
            self.switch.is_over = True
        for box in self._all:
            box.close()
