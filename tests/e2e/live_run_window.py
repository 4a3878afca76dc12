"""The real window, in which somebody goes live at AKOOL's sandbox and closes it meanwhile: run as a module.

It writes what it saw, and ends with the window's own exit code.
"""

from __future__ import annotations

import asyncio
import sys

from PySide6.QtWidgets import QApplication, QDialog

from faceswap_desktop.app import run_window
from faceswap_desktop.app.session import Session
from faceswap_desktop.ui.main_window import MainWindow
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


async def use(session: Session) -> None:
    """Go live with a picture as camera, change the face, and close the window while it runs."""
    await until(session.ready.is_set, "the pages")
    program = session.program
    assert program is not None
    await program.cloud.ready()
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    print("browser before:", "PySide6.QtWebEngineCore" in sys.modules)
    first, other = [await agreed(program, str(path)) for path in (HOPPER, COLLINS)]
    window.show_page("live")
    page = window.page("live")
    assert isinstance(page, LivePage)
    await program.live.set_everyone(first, 0)
    page.receive_files([COLLINS])
    await until(lambda: page.cameras.camera is not None, "the camera")
    window.table.trigger("live.run")
    # A second press while it is asked does nothing.
    window.table.trigger("live.run")
    await accepted(window)
    await until(lambda: program.cloud_live.state.phase == "running", "the session")
    page.shelf.panel.view.face_chosen.emit(other)
    await until(lambda: program.cloud_live.state.figures.shown_per_second > 0, "pictures")
    window.close()
    await accepted(window)


async def run_and_use(session: Session) -> int:
    """Stand for ``Session.run``."""
    using = asyncio.get_running_loop().create_task(use(session))
    code = await run(session)
    await using
    return code


if __name__ == "__main__":
    run = Session.run
    vars(sys.modules[Session.__module__])["Session"].run = run_and_use
    sys.exit(run_window(sys.argv[1]))
