"""The one run of Qt's loop in a process: with a second one, a browser that was loaded in the first takes it down."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import qasync
from PySide6.QtWidgets import QApplication

_T = TypeVar("_T")


def run_once(main: Coroutine[object, object, _T], app: QApplication) -> _T:
    """Run a coroutine to its end in Qt's loop, and return what it returns.

    ``asyncio.run`` starts the loop once more to tidy up. Whenever it stops, Qt tells everybody that the program ends;
    QtWebEngine goes then, and the second time Qt calls what is not there any more. So the tidying is part of the run.
    """
    with qasync.QEventLoop(app) as loop:
        result: _T = loop.run_until_complete(_to_the_end(main))
        return result


async def _to_the_end(main: Coroutine[object, object, _T]) -> _T:
    try:
        return await main
    finally:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_asyncgens()
