"""Who looks elsewhere is told when the jobs are done; a real program stands in for the desktop's."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from faceswap_desktop.app import Start, show_window
from faceswap_desktop.app.session import Session
from faceswap_desktop.domain.events import AllJobsDone
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.desktop_notice import DesktopNotice, words_for
from tests.ui.conftest import until
from tests.unit.services.conftest import a_recipe

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="notify-send is Linux's")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Put a program in the place of notify-send that writes its arguments into a file."""
    heard, folder = tmp_path / "heard.txt", tmp_path / "bin"
    folder.mkdir()
    program = folder / "notify-send"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{heard}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return heard


def test_the_words() -> None:
    for succeeded, failed, words in (
        (1, 0, "1 job is done."),
        (3, 0, "3 jobs are done."),
        (0, 1, "1 job failed."),
        (2, 2, "2 jobs are done. 2 jobs failed."),
    ):
        assert words_for(AllJobsDone(succeeded, failed)) == words


def test_nobody_is_told_who_is_looking(qtbot: QtBot, told: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    notice = DesktopNotice(window)
    assert not notice.tell("Faceswap Desktop", "1 job is done.")
    window.hide()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    assert notice.tell("Faceswap Desktop", "1 job is done.")
    qtbot.waitUntil(lambda: told.is_file() and "1 job is done." in told.read_text().splitlines())
    notice.close()


@pytest.fixture
async def session(home: Home, qapp: QApplication) -> AsyncIterator[Session]:
    start: Start = show_window(home)
    made = Session(start.window, start.theme, start.hooks, home)
    running = asyncio.ensure_future(made.run())
    await until(made.ready.is_set, 30)
    start.window.hide()
    yield made
    start.window.close()
    await running
    start.hooks.uninstall()
    start.window.deleteLater()
    start.theme.close()


async def test_the_end_of_all_jobs_is_told_where_it_is_wanted(session: Session, told: Path) -> None:
    program = session.program
    assert program is not None
    # Its source face is in no library, so each fails at once.
    jobs = await program.queue.add([a_recipe(), a_recipe()])
    await program.queue.wait([job.id for job in jobs])
    await until(lambda: told.is_file() and "2 jobs failed." in told.read_text().splitlines())
    told.unlink()
    await program.settings.update("jobs", notify_when_done=False)
    done: list[object] = []
    program.bus.subscribe(lambda event: done.append(event) if isinstance(event, AllJobsDone) else None)
    [job] = await program.queue.add([a_recipe()])
    await program.queue.wait([job.id])
    await until(lambda: done == [AllJobsDone(0, 1)])
    await asyncio.sleep(0.2)
    assert not told.exists()
