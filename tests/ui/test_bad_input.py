"""Bad input, as the window tells it: the sentence, and that nothing was lost.

What media and storage do about each case has tests of its own; these look at what a person reads.
"""

from __future__ import annotations

import asyncio
import html
import os
import sqlite3
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.gallery.jobs_panel import JobList
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.help import HelpPage
from faceswap_desktop.ui.pages.studio import StudioPage
from tests.ui.conftest import until
from tests.ui.content import COLLINS, HOPPER
from tests.unit.storage.processes import on_a_disk, output_of, started, without_privileges

WINDOW_SAYS: Final = """
import asyncio, sys
from pathlib import Path
if __name__ == "__main__":
    import qasync
    from PySide6.QtWidgets import QLabel
    from faceswap_desktop.app import show_window
    from faceswap_desktop.app.session import Session
    from faceswap_desktop.storage.paths import Home
    home = Home(Path(sys.argv[1]))
    start = show_window(home)
    files = [Path(one) for one in sys.argv[2:]]
    session = Session(start.window, start.theme, start.hooks, home, (), files)
    def words():
        shown = [one for one in start.window.findChildren(QLabel) if one.isVisible() and one.text()]
        return [one.text() for one in shown]
    async def main():
        running = asyncio.ensure_future(session.run())
        for _ in range(1000):
            await asyncio.sleep(0.05)
            if start.window.findChild(object, "trouble-retry"):
                break
            if session.ready.is_set():
                # The files are looked at in a thread before they are in the Studio, so there may be none at first.
                pictures = session.program.studio.pictures
                is_settled = all(one.status in {"ready", "failed"} for one in pictures)
                if len(pictures) == len(files) and is_settled and "Opening the picture…" not in words():
                    await asyncio.sleep(0.2)
                    break
        print("\\n".join(words()))
        start.window.close()
        await running
    qasync.run(main())
"""
"""Opens the real window on a home, waits until it says what is wrong or stands, and prints all that can be read."""

SETTLED: Final = {PictureStatus.READY, PictureStatus.FAILED}


def words_in(widget: QWidget) -> str:
    """Return all that can be read in a widget, one label a line."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text())


async def until_said(widget: QWidget, sentence: str) -> None:
    """Wait until a sentence can be read in a widget."""
    await until(lambda: sentence in words_in(widget), 30)


@asynccontextmanager
async def studio_of(window: MainWindow, program: Program) -> AsyncIterator[StudioPage]:
    """Show the Studio with its workers, and bring it to rest: pytest-qt lets events pass when no loop runs any more."""
    await program.start()
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    yield page
    await until(lambda: all(one.status in SETTLED for one in program.studio.pictures), 60)
    await until(lambda: not page.preflight.is_due and not page.stage.preview.is_busy, 30)
    for entry in window.entries:
        if (built := window.page(entry.id)) is not None:
            await built.tasks.close()
    # What was changed last is written by now.
    await asyncio.sleep(0.2)


async def open_in(page: StudioPage, program: Program, *paths: Path) -> None:
    """Drop files onto the page, and wait until each is open or refused."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert page.drop_hint(mime)
    page.receive_drop(mime)
    wanted = {str(path) for path in paths}
    await until(lambda: wanted <= {one.key for one in program.studio.pictures if one.status in SETTLED}, 60)


def bomb(path: Path) -> None:
    """Write a small file that unpacks to 900 megapixels."""
    row = b"\0" + bytes(30_000 // 8)
    squeezer = zlib.compressobj(9)
    squeezed = b"".join([*(squeezer.compress(row) for _ in range(30_000)), squeezer.flush()])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", squeezed) + chunk(b"IEND", b""))


def plain_picture(path: Path, width: int = 640, height: int = 480) -> None:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0xFF88AACC)
    assert image.save(str(path))


def tiny_face(path: Path) -> None:
    """Write a picture in which somebody's face is one pixel high."""
    scaled = QImage(str(COLLINS)).scaledToHeight(6)
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(0xFF334433)
    for x in range(scaled.width()):
        for y in range(scaled.height()):
            image.setPixel(200 + x, 200 + y, scaled.pixel(x, y))
    assert image.save(str(path))


REFUSED: Final[dict[str, tuple[Callable[[Path], object], str, str]]] = {
    "truncated.jpg": (
        lambda path: path.write_bytes(HOPPER.read_bytes()[:20_000]),
        "“truncated.jpg” is damaged or incomplete and cannot be opened.",
        "Copy or download it again.",
    ),
    "empty.png": (
        lambda path: path.write_bytes(b""),
        "“empty.png” is empty: the file has no content.",
        "Copy or download it again.",
    ),
    "letter.jpg": (
        lambda path: path.write_text("Dear picture, you are a text."),
        "“letter.jpg” is not a picture that can be opened.",
        "Pictures can be JPEG, PNG",
    ),
    "paper.png": (
        lambda path: path.write_bytes(b"%PDF-1.7 and so on"),
        "“paper.png” is not a picture but a PDF document.",
        "Pictures can be JPEG, PNG",
    ),
    "film.jpg": (
        lambda path: path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64)),
        "“film.jpg” is damaged or incomplete and cannot be opened.",  # a video's head, and no video
        "Copy or download it again.",
    ),
    "bomb.png": (
        bomb,
        "“bomb.png” has 30000 × 30000 pixels (900 megapixels); at most 200 are opened.",
        "raise the limit",
    ),
    "gone.png": (lambda _path: None, "“gone.png” was not found.", "moved, renamed or deleted"),
}


async def test_files_that_cannot_be_opened_are_told_and_nothing_else_suffers(
    window: MainWindow, program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "dropped"
    folder.mkdir()
    for name, (write, _sentence, _hint) in REFUSED.items():
        write(folder / name)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    async with studio_of(window, program) as page:
        source = await program.library.add_face(COLLINS, name="Eileen")
        await open_in(page, program, HOPPER)
        program.studio.set_board(
            program.studio.board.paired(program.studio.targets_of_all_faces(str(HOPPER)), source.id)
        )
        board = program.studio.board
        await open_in(page, program, *(folder / name for name in REFUSED))
        for name, (_write, sentence, hint) in REFUSED.items():
            program.studio.show(str(folder / name))
            await until_said(page.panel, sentence)
            assert hint in words_in(page.panel)
            again = page.panel.findChild(QPushButton, "picture-retry")
            assert isinstance(again, QPushButton)
            assert again.isVisible()
        # The picture beside them is as it was, and mending a file is enough to try again.
        program.studio.show(str(HOPPER))
        await until(lambda: page.panel.is_canvas_shown)
        assert program.studio.board == board
        mended = folder / "truncated.jpg"
        mended.write_bytes(HOPPER.read_bytes())
        program.studio.show(str(mended))
        page.stage.retry()
        await until(lambda: len(page.panel.canvas.canvas.faces) == 1 and page.panel.is_canvas_shown, 30)
    del before[mended]
    assert {path: path.read_bytes() for path in before} == before


async def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    plain_picture(secret)
    secret.chmod(0)
    tmp_path.chmod(0o777)
    (tmp_path / "home").mkdir(mode=0o777)
    said = await asyncio.to_thread(output_of, WINDOW_SAYS, tmp_path / "home", secret, before=without_privileges())
    assert "There is no permission to read “secret.png”." in said
    assert "Change the file's permissions, or ask its owner for a copy." in said


async def test_pictures_without_a_face_to_be_found(window: MainWindow, program: Program, tmp_path: Path) -> None:
    pictures = {"sky.png": plain_picture, "dot.png": lambda path: plain_picture(path, 1, 1), "far away.png": tiny_face}
    async with studio_of(window, program) as page:
        for name, write in pictures.items():
            write(tmp_path / name)
            await open_in(page, program, tmp_path / name)
            program.studio.show(str(tmp_path / name))
            await until_said(page.panel, "No face was found in this picture.")
            assert page.panel.is_canvas_shown, "the picture is shown all the same"
            page.library.add([tmp_path / name])
            await until_said(window.strip, f"No face was found in “{name}”.")
        assert page.shelf_model.faces == ()


async def test_folders_without_pictures_are_told(window: MainWindow, program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "nothing here"
    folder.mkdir()
    (folder / "notes.txt").write_text("no picture")
    async with studio_of(window, program) as page:
        page.receive_files([folder])
        await until(lambda: window.notifications.history)
        assert "There is no picture or video in nothing here." in words_in(window.strip)
        assert program.studio.pictures == ()


HARD_NAMES: Final = (
    "<b>bold & <img src='x'>.png",
    "quotes \" ' ` $HOME %s {0} \\.png",
    "two\nlines\ttab.png",
    "\u202egpj.exe \u0627\u0644\u0639\u0631\u0628\u064a\u0629.png",
    "漢字 हिन्दी ไทย 🙂 é e\u0301.png",
)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere such names cannot be given to files")
async def test_names_are_shown_as_they_are_and_work(window: MainWindow, program: Program, tmp_path: Path) -> None:
    async with studio_of(window, program) as page:
        for name in HARD_NAMES:
            path = tmp_path / name
            path.write_bytes(COLLINS.read_bytes())
            await open_in(page, program, path)
            program.studio.show(str(path))
            await until(lambda: len(page.panel.canvas.canvas.faces) == 1, 30)
            page.library.add([path])
        await until(lambda: len({one.key for one in program.studio.pictures}) == len(HARD_NAMES), 30)
        # The same face every time: the library knows it again, by whatever name the file goes.
        await until(lambda: len(page.sources.all) == 1, 30)
        for label in window.findChildren(QLabel):
            assert label.textFormat() is label.textFormat().PlainText or not label.text(), label.text()
        # What looks like markup stays what it is, in tool tips too.
        page.pictures_model.set_pictures(program.studio.pictures, {})
        tips = [page.pictures_model.index(row).data(Qt.ItemDataRole.ToolTipRole) for row in range(len(HARD_NAMES))]
        assert html.escape(str(tmp_path / HARD_NAMES[0])) in tips[0]
        assert "<img" not in tips[0]
        # A broken one: its name is in the sentence, without what would turn or break the line.
        bad = tmp_path / "<i>two\nlines\u202e.jpg"
        bad.write_bytes(b"nothing")
        await open_in(page, program, bad)
        program.studio.show(str(bad))
        await until_said(page.panel, "“<i>two\ufffdlines\ufffd.jpg” is not a picture")


async def test_names_go_through_a_job_and_into_the_menus(window: MainWindow, program: Program, tmp_path: Path) -> None:
    target = tmp_path / '<b>Tom & "Jerry" 漢.png'
    target.write_bytes(COLLINS.read_bytes())
    async with studio_of(window, program) as page:
        source = await program.library.add_face(HOPPER, name="<u>Grace</u> & Co")
        await open_in(page, program, target)
        await until(lambda: len(page.shelf_model.faces) == 1, 30)
        page.pairing.pair(program.studio.targets_of_all_faces(str(target)), source.id)
        await until(lambda: page.preflight.plan.recipes, 30)
        undo = window.table.action("edit.undo").text()
        assert "&" not in undo.replace("&&", ""), undo
        jobs = await program.swapping.submit(list(page.preflight.plan.recipes))
        [done] = await program.swapping.wait([jobs[0].id])
        assert done.state is JobState.SUCCEEDED
        assert done.result is not None
        [result] = await program.gallery.results([done.result])
        assert Path(result.path).is_file()
        assert target.read_bytes() == COLLINS.read_bytes()


async def test_a_picture_that_vanishes_before_it_runs(window: MainWindow, program: Program, tmp_path: Path) -> None:
    target = tmp_path / "holiday.png"
    target.write_bytes(COLLINS.read_bytes())
    async with studio_of(window, program) as page:
        source = await program.library.add_face(HOPPER)
        await open_in(page, program, target)
        await until(lambda: len(page.shelf_model.faces) == 1, 30)
        page.pairing.pair(program.studio.targets_of_all_faces(str(target)), source.id)
        await until(lambda: page.preflight.plan.recipes, 30)
        recipe = page.preflight.plan.recipes[0]
        moved = target.rename(tmp_path / "moved.png")
        [job] = await program.swapping.submit([recipe])
        [done] = await program.swapping.wait([job.id])
        assert done.state is JobState.FAILED
        window.show_page("gallery")
        jobs = window.findChild(JobList)
        assert isinstance(jobs, JobList)
        await until(lambda: jobs.model().rowCount() == 1)
        row = jobs.model().index(0, 0)
        assert "“holiday.png” was not found." in row.data(Qt.ItemDataRole.AccessibleTextRole)
        # The job keeps all it was told: put the picture back, and it runs.
        moved.rename(target)
        await program.queue.retry([job.id])
        [done] = await program.swapping.wait([job.id])
        assert done.state is JobState.SUCCEEDED


# ------------------------------------------------------------------------------------------------------------- the home


async def window_says(home: Path, *files: Path, before: tuple[str, ...] = ()) -> str:
    """Return what can be read in the window of a program that is started on a home."""
    return await asyncio.to_thread(output_of, WINDOW_SAYS, home, *files, before=before)


async def test_a_damaged_library_is_set_aside_and_the_next_start_works(home: Home) -> None:
    home.create()
    damaged = b"SQLite format 3\0" + bytes(range(256)) * 40
    home.database.write_bytes(damaged)
    said = await window_says(home.root)
    assert "is damaged and cannot be read. It was set aside, unchanged" in said
    assert "Your pictures and results are files of their own and are not affected." in said
    kept = [path for path in home.database.parent.iterdir() if path.is_file() and path.read_bytes() == damaged]
    assert len(kept) == 1
    assert kept[0].name in said
    assert "Drop a picture or a video here" in await window_says(home.root)
    assert kept[0].read_bytes() == damaged


async def test_a_library_of_a_newer_version_is_refused_in_words(home: Home) -> None:
    home.create()
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA user_version = 9000000")
        connection.commit()
    before = home.database.read_bytes()
    said = await window_says(home.root)
    assert "newer" in said
    assert str(home.database) in said
    assert home.database.read_bytes() == before


async def test_corrupt_settings_are_kept_aside_and_told(home: Home) -> None:
    home.create()
    corrupt = b'[appearance]\ntheme = "dark\n\xff\xfe'
    home.settings_file.write_bytes(corrupt)
    said = await window_says(home.root)
    assert "The settings file cannot be read" in said
    assert "the defaults are used" in said
    assert "Drop a picture or a video here" in said, "the program works all the same"
    assert [path for path in home.settings_file.parent.iterdir() if path.is_file() and path.read_bytes() == corrupt]


async def test_a_wrong_setting_is_told_and_left_in_the_file(home: Home) -> None:
    home.create()
    home.settings_file.write_text('[appearance]\ntheme = "purple"\n[jobs]\nworkers = 1\n', encoding="utf-8")
    said = await window_says(home.root)
    assert "purple" in said
    assert "purple" in home.settings_file.read_text(encoding="utf-8")


async def test_a_home_on_a_read_only_disk_is_told(tmp_path: Path) -> None:
    said = await window_says(tmp_path / "disk", before=disk(tmp_path, 64, 'mount -o remount,ro "$0"'))
    assert "is read-only." in said
    assert "--home" in said


async def test_a_home_on_a_full_disk_is_told(tmp_path: Path) -> None:
    fill = '{ head -c 200000 /dev/zero > "$0/filler" 2>/dev/null || true; }'
    said = await window_says(tmp_path / "disk", before=disk(tmp_path, 64, fill))
    assert "The disk is full" in said
    assert "Free some space" in said


async def test_a_home_without_permission_is_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    tmp_path.chmod(0o755)
    said = await window_says(home, before=without_privileges())
    assert f"may not write to “{home}" in said
    assert list(home.iterdir()) == []


async def test_a_second_window_on_one_home_says_so_and_stays_out(home: Home) -> None:
    home.create()
    hold = (
        "import sys; from pathlib import Path; from faceswap_desktop.storage.lease import Lease\n"
        "lease = Lease(Path(sys.argv[1]), 'window'); print(lease.acquire(), flush=True); sys.stdin.read()"
    )
    other = started(hold, home.lease_file)
    try:
        assert other.stdout is not None
        assert (await asyncio.to_thread(other.stdout.readline)).strip() == "True"
        said = await window_says(home.root)
        assert "Faceswap Desktop is open already, on the same folder." in said
        assert "Go to that window, or close it and try again." in said
        assert not home.database.exists(), "it stayed out"
    finally:
        await asyncio.to_thread(other.communicate, "", 20)


async def test_a_missing_keyring_is_told_and_stops_nothing(window: MainWindow, program: Program) -> None:
    window.show_page("help", "troubles")
    page = window.page("help")
    assert isinstance(page, HelpPage)
    button = page.findChild(QPushButton, "help-self-test")
    assert isinstance(button, QPushButton)
    await program.start()
    button.click()
    await until(lambda: page.findChild(QWidget, "help-test-outcome"), 60)
    said = words_in(page)
    assert "keyring" in said
    assert "session" in said, said
    await page.tasks.close()


def disk(folder: Path, size_kib: int, setup: str) -> tuple[str, ...]:
    """Return what makes ``folder/disk`` a disk of its own for a program."""
    (folder / "disk").mkdir()
    return on_a_disk(folder / "disk", size_kib, setup)
