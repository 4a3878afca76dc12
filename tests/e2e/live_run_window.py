"""The real window, in which somebody goes live at AKOOL's sandbox and closes it at some moment: run as a module.

It writes what it saw, and ends with the window's own exit code.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QApplication, QDialog

from faceswap_desktop.app import run_window
from faceswap_desktop.app.session import Session
from faceswap_desktop.compose import Program
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notice
from faceswap_desktop.ui.pages.live import LivePage
from tests.e2e.live_program import agreed
from tests.e2e.program import COLLINS, HOPPER
from tests.ui.live.web_stage import until


def dialog(window: MainWindow) -> QDialog | None:
    """Return the dialog that is open."""
    return next((one for one in window.findChildren(QDialog) if one.isVisible()), None)


async def accepted(window: MainWindow) -> None:
    """Wait for a dialog, and say yes."""
    await until(lambda: dialog(window) is not None, "a question")
    found = dialog(window)
    assert found is not None
    found.accept()


def said(post: Callable[[Notice], None], notice: Notice) -> None:
    """Write down what the window says."""
    print("said:", notice.text)
    post(notice)


async def use(session: Session, when: str) -> None:
    """Go live with a picture as camera, and close the window: ``running``, ``joining``, or ``stopped`` at both."""
    await until(session.ready.is_set, "the pages")
    program = session.program
    assert program is not None
    await program.cloud.ready()
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    print("browser before:", "PySide6.QtWebEngineCore" in sys.modules)
    vars(window.notifications)["post"] = partial(said, window.notifications.post)
    first, other = [await agreed(program, str(path)) for path in (HOPPER, COLLINS)]
    window.show_page("live")
    page = window.page("live")
    assert isinstance(page, LivePage)
    await program.live.set_everyone(first, 0)
    page.receive_files([COLLINS])
    await until(lambda: page.cameras.camera is not None, "the camera")
    await begun(window, program)
    if when == "stopped":
        await stopped(window, program, page)
        await begun(window, program)
    if when != "joining":
        await until(lambda: program.cloud_live.state.phase == "running", "the session")
        page.shelf.panel.view.face_chosen.emit(other)
        await until(lambda: program.cloud_live.state.figures.shown_per_second > 0, "pictures")
    if when == "stopped":
        await stopped(window, program, page)
    phase = program.cloud_live.state.phase
    print("closed while:", phase)
    window.close()
    if phase != "off":
        await accepted(window)


async def begun(window: MainWindow, program: Program) -> None:
    """Press Start, agree, and return as soon as the session is joined."""
    joining = asyncio.Event()
    unfollow = program.cloud_live.follow(lambda state: joining.set() if state.phase == "joining" else None)
    window.table.trigger("live.run")
    # A second press while it is asked does nothing.
    window.table.trigger("live.run")
    await accepted(window)
    await joining.wait()
    unfollow()


async def stopped(window: MainWindow, program: Program, page: LivePage) -> None:
    """Press Stop, and wait until nothing is left of the session."""
    window.table.trigger("live.run")
    await until(lambda: program.cloud_live.state.phase == "off", "the end of the session")
    await until(lambda: page.cloud.leg is None and not page.tasks.is_running("live-start"), "the end of its page")


async def run_and_use(session: Session) -> int:
    """Stand for ``Session.run``."""
    running = asyncio.get_running_loop().create_task(run(session))
    # If that fails, the program ends with it.
    await use(session, sys.argv[2])
    return await running


if __name__ == "__main__":
    run = Session.run
    vars(sys.modules[Session.__module__])["Session"].run = run_and_use
    sys.exit(run_window(sys.argv[1]))
