"""What can be done on every page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QKeySequence

from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.live.watch import LiveWatch

if TYPE_CHECKING:
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.main_window import MainWindow

_THEMES: Final = ("system", "light", "dark", "high-contrast")


class WindowActions(QObject):
    """The window's own actions and what they do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        table = window.table
        table.add(self._files())
        table.add(self._edits())
        table.add(self._views())
        table.add(self._places())
        table.add(self._helps())
        table.add([LiveWatch.action(self._press_panic)])
        group = window.undo_group
        group.canUndoChanged.connect(partial(table.set_enabled, "edit.undo"))
        group.canRedoChanged.connect(partial(table.set_enabled, "edit.redo"))
        group.undoTextChanged.connect(self._on_undo_text)
        group.redoTextChanged.connect(self._on_redo_text)

    def _files(self) -> list[ActionSpec]:
        return [
            ActionSpec(
                id="file.open",
                text=self.tr("Open files…"),
                run=self._open_files,
                shortcut="Ctrl+O",
                menu=Menu.FILE,
                icon="open",
            ),
            ActionSpec(
                id="file.open-folder",
                text=self.tr("Open folder…"),
                run=self._open_folder,
                shortcut="Ctrl+Shift+O",
                menu=Menu.FILE,
                icon="folder",
            ),
            ActionSpec(
                id="file.verify",
                text=self.tr("Verify a file…"),
                run=self._verify_file,
                shortcut="Ctrl+Shift+I",
                menu=Menu.FILE,
                group=10,
                icon="verify",
                tip=self.tr("See where a picture or video comes from"),
            ),
            ActionSpec(
                id="file.quit",
                text=self.tr("Quit"),
                run=self._window.close,
                shortcut="Ctrl+Q",
                menu=Menu.FILE,
                group=90,
            ),
        ]

    def _edits(self) -> list[ActionSpec]:
        group = self._window.undo_group
        return [
            ActionSpec(
                id="edit.undo",
                text=self.tr("Undo"),
                run=group.undo,
                shortcut="Ctrl+Z",
                menu=Menu.EDIT,
                icon="undo",
                is_enabled=False,
            ),
            ActionSpec(
                id="edit.redo",
                text=self.tr("Redo"),
                run=group.redo,
                shortcut="Ctrl+Shift+Z; Ctrl+Y",
                menu=Menu.EDIT,
                icon="redo",
                is_enabled=False,
            ),
            ActionSpec(
                id="edit.paste",
                text=self.tr("Paste"),
                run=self._paste,
                shortcut=QKeySequence(QKeySequence.StandardKey.Paste).toString(),
                menu=Menu.EDIT,
                group=10,
                icon="paste",
            ),
            ActionSpec(
                id="edit.palette",
                text=self.tr("Command palette…"),
                run=self._window.open_palette,
                shortcut="Ctrl+K",
                menu=Menu.EDIT,
                group=20,
                icon="palette",
                in_palette=False,
            ),
        ]

    def _views(self) -> list[ActionSpec]:
        themes = {
            "system": self.tr("Theme: as the system"),
            "light": self.tr("Theme: light"),
            "dark": self.tr("Theme: dark"),
            "high-contrast": self.tr("Theme: high contrast"),
        }
        specs = [
            ActionSpec(
                id=f"view.theme-{theme}",
                text=text,
                run=partial(self._set_theme, theme),
                menu=Menu.VIEW,
                group=80,
                checkable=True,
            )
            for theme, text in themes.items()
        ]
        full_screen = ActionSpec(
            id="view.full-screen",
            text=self.tr("Full screen"),
            run=self._toggle_full_screen,
            shortcut="F11",
            menu=Menu.VIEW,
            group=90,
        )
        dismiss = ActionSpec(
            id="view.dismiss-message",
            text=self.tr("Dismiss message"),
            run=self._window.strip.dismiss,
            shortcut="Ctrl+Backspace",
            menu=Menu.VIEW,
            group=85,
        )
        return [*specs, dismiss, full_screen]

    def _places(self) -> list[ActionSpec]:
        return [
            ActionSpec(
                id=f"go.{entry.id}",
                text=entry.shown_title(),
                run=partial(self._go, entry.id),
                shortcut=entry.shortcut,
                menu=Menu.GO,
                group=0 if entry.in_rail else 10,
                icon=entry.icon,
            )
            for entry in self._window.entries
        ]

    def _helps(self) -> list[ActionSpec]:
        sections = {
            "first-steps": self.tr("First steps"),
            "shortcuts": self.tr("Keyboard shortcuts"),
            "licences": self.tr("Licences"),
            "troubles": self.tr("Log and diagnostics"),
            "messages": self.tr("Recent messages"),
            "about": self.tr("About Faceswap Desktop"),
        }
        return [
            ActionSpec(
                id=f"help.{section}",
                text=text,
                run=partial(self._window.show_page, "help", section),
                menu=Menu.HELP,
                group=10 if section == "about" else 0,
            )
            for section, text in sections.items()
        ]

    def _go(self, page_id: str) -> None:
        self._window.show_page(page_id)
        self._window.focus_page()

    def follow(self, context: AppContext) -> None:
        """Mark the theme that is chosen, whoever chose it."""
        context.signals.settings_changed.connect(self._mark_theme)
        self._mark_theme()

    def _mark_theme(self) -> None:
        context = self._window.context
        if context is not None:
            for theme in _THEMES:
                self._window.table.set_checked(
                    f"view.theme-{theme}", context.settings.current.appearance.theme == theme
                )

    def _press_panic(self, _is_checked: bool) -> None:
        if self._window.context is not None:
            self._window.context.live_desk.press_panic()

    def _set_theme(self, theme: str, _is_checked: bool) -> object:
        # Choosing what is chosen already must not take its mark away.
        self._mark_theme()
        from faceswap_desktop.domain.settings import Theme

        context = self._window.context
        return context.settings.update("appearance", theme=Theme(theme)) if context is not None else None

    def _toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _paste(self) -> None:
        if not self._window.receive_mime(QGuiApplication.clipboard().mimeData()):
            self._window.notifications.info(self.tr("There is nothing on the clipboard that fits here."), key="paste")

    async def _open_files(self) -> None:
        from faceswap_desktop.ui.dialogs.files import ask_for_media

        if paths := await ask_for_media(self._window, self._window.state):
            self._window.receive_files(paths)

    async def _verify_file(self) -> None:
        from faceswap_desktop.ui.dialogs.files import ask_for_media

        if paths := await ask_for_media(self._window, self._window.state):
            self._window.show_page("verify", paths)

    async def _open_folder(self) -> None:
        from faceswap_desktop.ui.dialogs.files import ask_for_folder

        folder: Path | None = await ask_for_folder(self._window, self._window.state, self.tr("Open folder"))
        if folder is not None:
            self._window.receive_files([folder])

    def _on_undo_text(self, text: str) -> None:
        self._window.table.set_text("edit.undo", self.tr("Undo {what}").format(what=text) if text else self.tr("Undo"))

    def _on_redo_text(self, text: str) -> None:
        self._window.table.set_text("edit.redo", self.tr("Redo {what}").format(what=text) if text else self.tr("Redo"))
