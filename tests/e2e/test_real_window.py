"""The real window on a real screen: another program drags files onto it, and the mouse or the keyboard does it all."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("jeepney", reason="D-Bus is on Linux only")

from tests.e2e import desktop as screen
from tests.e2e import drag_source
from tests.e2e.desktop import Desktop, wait_until
from tests.e2e.program import COLLINS, HOPPER, LIMIT_S, job_states
from tests.e2e.screen_reader import ScreenReader

pytestmark = [
    pytest.mark.real_window,
    pytest.mark.skipif(bool(screen.missing()), reason=screen.missing() or "all is there"),
]

TITLE: Final = "Faceswap Desktop"
CANVAS: Final = "Picture"
SHELF: Final = "Shelf of source faces"


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """Start a screen of the test's own."""
    with screen.desktop(tmp_path) as made:
        yield made


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    """Return the sample pictures under names that are hard to pass on: spaces, quotes, several scripts."""
    folder = tmp_path / "Bilder ä 漢字"
    folder.mkdir()
    target, source = folder / "Grace «Hopper» – 海軍.jpg", folder / "Eileen 'Ä' & Collins.png"
    shutil.copy(HOPPER, target)
    shutil.copy(COLLINS, source)
    return target, source


@contextmanager
def faceswap(desktop: Desktop, home: Path) -> Iterator[tuple[subprocess.Popen[str], ScreenReader]]:
    """Run the real program in the screen's corner, with a screen reader."""
    command: list[str | Path] = [sys.executable, "-m", "faceswap_desktop", "--home", home]
    with desktop.program("faceswap", *command) as process:
        desktop.place(desktop.window_of(process, TITLE), 0, 0)
        reader = ScreenReader(desktop.bus, process.pid, LIMIT_S)
        try:
            yield process, reader
        finally:
            reader.close()


def rows(home: Path, query: str) -> list[Any]:
    """Read the library's file past the program, as any reader could."""
    with closing(sqlite3.connect(f"file:{home / 'faceswap.sqlite3'}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query).fetchall()


def workspace(home: Path) -> dict[str, Any]:
    """Return the Studio as it would stand after a restart."""
    found = rows(home, "SELECT state FROM workspace")
    return dict(json.loads(found[0][0])) if found else {"pictures": [], "board": []}


def pairings(home: Path) -> list[tuple[int, str]]:
    """Return which faces have a source face."""
    return [(face, source) for _media, face, source in workspace(home)["board"]]


def assert_swapped(home: Path, target: Path, untouched: bytes) -> None:
    """Wait for the one job, and look at what it made."""
    wait_until(lambda: job_states(home) == ["succeeded"], "the job succeeding")
    [(made,)] = rows(home, "SELECT path FROM result_details")
    result = next(path for path in (Path(made), home / made) if path.is_file())
    assert result.stat().st_size > 10_000
    assert result.read_bytes() != untouched
    assert target.read_bytes() == untouched, "the original was touched"


def test_files_of_another_program_and_faces_are_dragged_with_the_mouse(
    desktop: Desktop, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    target, source = pictures
    original = target.read_bytes()
    files: list[str | Path] = [sys.executable, Path(drag_source.__file__), target, source]
    with desktop.program("files", *files) as other, faceswap(desktop, home) as (program, reader):
        window = desktop.window_of(other, drag_source.TITLE)
        desktop.place(window, 1320, 60)
        x, y = desktop.corner(window)
        width, height = drag_source.ROW
        first, second = ((x + width // 3, y + height // 2 + row * height) for row in range(2))

        def is_taken() -> bool:
            # By the thing below the pointer: the overlay of the whole window goes away over those.
            return not reader.has("^Drop to open") and desktop.said("files")[-1:] == [drag_source.ACCEPTED]

        desktop.drag(first, reader.find("^Drop a picture or a video here").centre, is_taken)

        reader.find("^Face 1 of 1, .*stays as it is$", inside=CANVAS)
        assert workspace(home)["pictures"] == [str(target)]
        assert rows(home, "SELECT count(*) FROM detections") == [(1,)]

        desktop.drag(second, reader.find("^Drop photos of the faces").centre, is_taken)

        source_face = reader.find("^Source 1, Eileen", inside=SHELF)
        assert pairings(home) == []

        desktop.drag(source_face.centre, reader.find("^Face 1 of 1", inside=CANVAS).centre)

        reader.find("^Face 1 of 1, .*becomes Eileen 'Ä' & Collins$", inside=CANVAS)
        [(source_id,)] = rows(home, "SELECT id FROM source_faces")
        wait_until(lambda: pairings(home) == [(0, source_id)], "the pairing")

        desktop.press("ctrl+Return")
        say_it_is_me(desktop, reader)

        assert_swapped(home, target, original)
        desktop.press("ctrl+3")
        reader.find("Grace «Hopper» – 海軍", "list item")
        program.terminate()
        assert program.wait(LIMIT_S) == 0


def test_everything_can_be_done_with_the_keyboard_alone(desktop: Desktop, tmp_path: Path) -> None:
    home = tmp_path / "home"
    # Plain names: xdotool writes letters that no key has too quickly for some of them to arrive.
    target, source = tmp_path / "some officer.jpg", tmp_path / "Eileen Collins.png"
    shutil.copy(HOPPER, target)
    shutil.copy(COLLINS, source)
    original = target.read_bytes()
    with faceswap(desktop, home) as (program, reader):
        window = desktop.window_of(program, TITLE)
        reader.find("^Drop a picture or a video here")
        desktop.press("ctrl+o")
        answer_dialog(desktop, window, reader, target)
        reader.find("^Face 1 of 1, .*stays as it is$", inside=CANVAS)

        desktop.press("ctrl+k")
        reader.find("^What do you want to do", "text")
        desktop.write("add source")
        desktop.press("Return")
        answer_dialog(desktop, window, reader, source)
        reader.find("^Source 1, Eileen", inside=SHELF)

        tab_to(desktop, lambda: reader.find("^Face 1 of 1", inside=CANVAS).is_focused)
        desktop.press("1")
        reader.find("^Face 1 of 1, .*becomes Eileen", inside=CANVAS)
        wait_until(lambda: len(pairings(home)) == 1, "the pairing")

        desktop.press("Delete")
        wait_until(lambda: not pairings(home), "the face staying as it is")
        desktop.press("ctrl+z")
        wait_until(lambda: len(pairings(home)) == 1, "the pairing coming back")

        desktop.press("ctrl+Return")
        say_it_is_me(desktop, reader)
        assert_swapped(home, target, original)


def say_it_is_me(desktop: Desktop, reader: ScreenReader) -> None:
    """Answer the sheet that asks who the source face is, with the keyboard."""
    wait_until(lambda: reader.find(": Me$", "radio button").is_focused, "the first choice having the keyboard")
    desktop.press("space")
    desktop.press("Return")


def answer_dialog(desktop: Desktop, window: str, reader: ScreenReader, path: Path) -> None:
    """Write a path into the file dialog, and close it with Enter."""
    reader.find("^File name", "text")
    desktop.write(str(path))
    for turn in range(60):
        # Where the dialog offers names while one writes, the first Enter takes the name that is offered.
        if turn % 20 == 0:
            desktop.press("Return")
        if desktop.window_with_keyboard() == window and not reader.has("^File name", "text"):
            return
        time.sleep(0.1)
    raise AssertionError(f"{path} could not be chosen")


def tab_to(desktop: Desktop, is_there: Callable[[], bool]) -> None:
    """Press Tab until the keyboard stands where it should."""
    for _ in range(40):
        if is_there():
            return
        desktop.press("Tab")
    raise AssertionError("Tab does not lead there")
