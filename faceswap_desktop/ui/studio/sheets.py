"""Opens the contact sheet of the video on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.contact_sheet import ContactSheet
from faceswap_desktop.ui.studio.preflight import Preflight
from faceswap_desktop.ui.studio.sheet_frames import SheetMaker


class Sheets(QObject):
    """The way from the button and the menu to the contact sheet, and from there to a frame or to running."""

    def __init__(
        self, context: AppContext, tasks: Tasks, preflight: Preflight, run: Callable[[], object], window: QWidget
    ) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._preflight = preflight
        self._run = run
        self._window = window
        self.go_to: Callable[[int], object] = lambda _frame: None
        """Shows a frame of the current video; set by whoever can."""

    def action(self) -> ActionSpec:
        """Return the line of the table of actions."""
        return ActionSpec(
            id="studio.hardest-frames",
            text=QCoreApplication.translate("StudioActions", "Look at the hardest frames"),
            run=self.open,
            shortcut="Ctrl+Shift+H",
            menu=Menu.JOBS,
            icon="list",
            tip=QCoreApplication.translate("StudioActions", "Render the frames in which the swap may fail, to look at"),
        )

    def open(self) -> None:
        """Open the sheet of the current video, or say what is missing."""
        self._tasks.start(self._open(), key="open-sheet")

    async def _open(self) -> None:
        picture = self._context.studio.current
        recipe = await self._preflight.recipe_of(picture) if picture is not None else None
        if picture is None or not picture.is_video:
            self._say(self.tr("Open a video first."))
        elif recipe is None or picture.analysis is None or picture.times is None:
            self._say(self.tr("Pair somebody in this video, or change an age, first."))
        else:
            maker = SheetMaker(self._context.videos, recipe, picture.analysis, picture.times)
            sheet = ContactSheet(maker, self._tasks, self._window)
            sheet.frame_chosen.connect(self.go_to)
            sheet.run_wanted.connect(self._run)
            # open, never exec: no event loop within the one that runs.
            sheet.open()

    def _say(self, words: str) -> None:
        self._context.notifications.info(words, key="sheet")
