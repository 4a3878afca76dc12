"""Widgets die on the window's thread, whoever allocates."""

from __future__ import annotations

import asyncio
import gc
import threading

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from faceswap_desktop.app.garbage import WindowGarbage
from tests.ui.conftest import until


class Node:
    """A cycle that holds a running timer and notes where it dies."""

    def __init__(self, deaths: list[int]) -> None:
        self.me = self
        self.timer = QTimer()
        self.timer.start(60_000)
        self.deaths = deaths

    def __del__(self) -> None:
        self.deaths.append(threading.get_ident())


def allocate() -> None:
    """Make enough objects that Python would collect in this thread."""
    kept: list[list[int]] = []
    for _ in range(200_000):
        kept.append([])
    kept.clear()


async def test_cycles_with_timers_are_collected_here(qtbot: QtBot) -> None:
    owner = QObject()
    garbage = WindowGarbage(owner)
    deaths: list[int] = []
    gc.enable()
    garbage.start()
    try:
        for _ in range(50):
            Node(deaths)
        await asyncio.to_thread(allocate)
        kept = [[number] for number in range(20_000)]
        await until(lambda: len(deaths) == 50)
        assert kept
    finally:
        garbage.stop()
    assert set(deaths) == {threading.get_ident()}


async def test_python_does_it_again_afterwards(qtbot: QtBot) -> None:
    garbage = WindowGarbage(QObject())
    garbage.start()
    assert not gc.isenabled()
    garbage.stop()
    assert gc.isenabled()
