"""Messages between the window and its workers."""

from __future__ import annotations

import pickle
from enum import Enum

import pytest

from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.workers.wire import Done, Trouble, read_message, write_message


def _old_way(self: Enum, protocol: int) -> tuple[object, ...]:
    return getattr, (type(self), self.name)


@pytest.mark.parametrize("value", [MediaKind.IMAGE, Trouble.HANG])
def test_choices_arrive_whatever_python_wrote_them(value: Enum, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Python 3.11.0 to 3.11.3 do it, which is what Debian 12 ships.
    monkeypatch.setattr(Enum, "__reduce_ex__", _old_way)
    answer = read_message(write_message(Done(7, (value, [value]))))
    assert isinstance(answer, Done)
    assert answer.reply == (value, [value])


def test_a_function_in_a_message_is_refused() -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"builtins\.getattr"):
        read_message(write_message(Done(7, getattr)))
