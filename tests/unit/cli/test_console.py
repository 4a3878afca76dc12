"""What the command line says, on streams of every kind."""

from __future__ import annotations

import io
import json
import os
import sys

import pytest

from faceswap_desktop.cli.console import Console, file_name, prepare_streams
from faceswap_desktop.domain.errors import InputRefused, StorageError
from faceswap_desktop.domain.messages import message


def stream_of(buffer: io.BytesIO, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(buffer, encoding=encoding, write_through=True)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_json_is_json_whatever_the_terminal_and_the_name(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", stream_of(out, encoding))
    prepare_streams()
    data = {"output": os.fsdecode(b"/home/bad \xff.png"), "name": "名前 😀 é"}
    Console(is_json=True).result(data, "")
    assert json.loads(out.getvalue().decode(encoding)) == data


def test_a_name_that_is_no_text_goes_out_as_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", stream_of(out, "utf-8"))
    prepare_streams()
    Console(is_json=False).result({}, os.fsdecode(b"/home/bad \xff.png"))
    assert out.getvalue() == b"/home/bad \xff.png\n"


def test_characters_that_the_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", stream_of(out, "ascii"))
    prepare_streams()
    Console(is_json=False).result({}, "512 × 512")
    assert out.getvalue() == b"512 \\xd7 512\n"


def test_closed_streams_are_stood_in_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    prepare_streams()
    console = Console(is_json=True)
    console.say("by the way")
    console.result({}, "")
    sys.stdout.close()
    sys.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110 - at import
def test_an_output_that_takes_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - no path, a device
        monkeypatch.setattr(sys, "stdout", full)
        console = Console(is_json=True)
        with pytest.raises(StorageError, match="could not be written") as raised:
            console.result({"a": 1}, "")
        console.error(raised.value)
    assert "could not be written" in capfd.readouterr().err


def test_a_reader_who_left_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", encoding="utf-8") as pipe:  # noqa: PTH123 - a file number
        monkeypatch.setattr(sys, "stdout", pipe)
        Console(is_json=False).result({}, "text")


def test_standard_output_is_one_object_even_if_an_error_follows(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(is_json=True)
    console.result({"a": 1}, "")
    console.error(InputRefused(message("Late.")))
    console.cancelled()
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"a": 1}
    assert "Late." in captured.err


def test_a_command_that_is_broken_off_says_so_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    Console(is_json=True).cancelled()
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "cancelled"


def test_names_stay_on_their_line_and_have_no_colours() -> None:
    assert file_name("/a/b\n\x1b[31mc\u202e.jpg") == "b\ufffd\ufffd[31mc\ufffd.jpg"
