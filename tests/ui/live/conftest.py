"""The Live page in the window; sessions are real ones, with a picture as camera."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.domain.live import LivePicture
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.pages.live import LivePage
from tests.ui import content
from tests.ui.conftest import until

PATIENCE_S = 90.0


@dataclass(frozen=True)
class OnAir:
    """The page, the window it is in, and the program behind it."""

    page: LivePage
    window: MainWindow
    program: Program

    async def with_sources(self) -> tuple[SourceFace, SourceFace]:
        """Put both sample people on the shelf: Eileen, then Grace."""
        library = self.program.library
        faces = (
            await library.add_face(content.COLLINS, name="Eileen"),
            await library.add_face(content.HOPPER, name="Grace"),
        )
        await until(lambda: len(self.page.shelf.model.faces) == 2)
        return faces

    async def started(self, camera: Path) -> None:
        """Use a file as camera, and start."""
        self.page.receive_files([camera])
        await until(lambda: (chosen := self.page.cameras.camera) is not None and chosen.id == str(camera))
        self.window.table.trigger("live.run")
        await until(lambda: self.program.live.state.phase == "running", PATIENCE_S)
        await until(lambda: self.page.stage.is_view_shown and self.picture is not None, PATIENCE_S)

    @property
    def picture(self) -> LivePicture | None:
        """What the page shows."""
        return self.page.stage.view.picture


@pytest.fixture
async def shown(window: MainWindow, program: Program) -> OnAir:
    """Return the page, without workers."""
    window.show_page("live")
    page = window.page("live")
    assert isinstance(page, LivePage)
    return OnAir(page, window, program)


@pytest_asyncio.fixture
async def on_air(shown: OnAir) -> AsyncIterator[OnAir]:
    """Return the page with the program's workers; a session that runs at the end is stopped."""
    await shown.program.start()
    yield shown
    await shown.program.live.stop()
