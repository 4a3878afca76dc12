"""One table of everything that can be done: menus, shortcuts, buttons, palette and help are made from it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QMenuBar

from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.widgets.kept_focus import KeptFocus

if TYPE_CHECKING:
    from faceswap_desktop.ui.bridge import Tasks


class Menu(StrEnum):
    """The menus, in order."""

    FILE = "file"
    EDIT = "edit"
    VIEW = "view"
    PLAYBACK = "playback"
    FACES = "faces"
    JOBS = "jobs"
    RESULT = "result"
    LIVE = "live"
    GO = "go"
    HELP = "help"


def menu_title(menu: Menu) -> str:
    """Return a menu's title in the user's language."""
    translate = QCoreApplication.translate
    return {
        Menu.FILE: translate("Menu", "&File"),
        Menu.EDIT: translate("Menu", "&Edit"),
        Menu.VIEW: translate("Menu", "&View"),
        Menu.PLAYBACK: translate("Menu", "&Playback"),
        Menu.FACES: translate("Menu", "F&aces"),
        Menu.JOBS: translate("Menu", "&Jobs"),
        Menu.RESULT: translate("Menu", "&Result"),
        Menu.LIVE: translate("Menu", "&Live"),
        Menu.GO: translate("Menu", "&Go"),
        Menu.HELP: translate("Menu", "&Help"),
    }[menu]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """Something the user can do.

    Attributes:
        id: Stable name, ``page.verb-noun``.
        text: What it does, sentence case, in the user's language; "…" where more is asked first.
        run: What it does. A checkable one gets the new state. May be a coroutine function: then it is
            disabled until it is over.
        shortcut: Key sequences in Qt's portable text (``"Ctrl+O"``); several are separated by ``"; "``.
            One that a focused text field uses itself goes to the field.
        menu: Where it is found; None for the palette and buttons only.
        group: Actions of one menu with the same group stand together between lines, lower first.
        icon: Name of an icon; empty for none.
        page: Page id it belongs to, empty for every page; the window fills it in for pages' actions.
        checkable, is_checked: A switch, and how it stands at first.
        is_enabled: Whether it can be used at first; later ``ActionTable.set_enabled``.
        in_palette: Whether the command palette offers it.
        tip: More words for the tool tip; empty for ``text``.
    """

    id: str
    text: str
    run: Callable[..., object]
    shortcut: str = ""
    menu: Menu | None = None
    group: int = 0
    icon: str = ""
    page: str = ""
    checkable: bool = False
    is_checked: bool = False
    is_enabled: bool = True
    in_palette: bool = True
    tip: str = ""

    @property
    def key_sequences(self) -> list[QKeySequence]:
        """The shortcuts as Qt's values."""
        portable = QKeySequence.SequenceFormat.PortableText
        return [QKeySequence.fromString(keys, portable) for keys in self.shortcut.split("; ") if keys]

    @property
    def keys_text(self) -> str:
        """The first shortcut as this system writes it; empty for none."""
        sequences = self.key_sequences
        return sequences[0].toString(QKeySequence.SequenceFormat.NativeText) if sequences else ""


class ActionTable(QObject):
    """Makes ``QAction``s of specs and keeps menus, shortcuts and their states right.

    Attributes:
        changed: Actions were added.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, tasks: Callable[[], Tasks]) -> None:
        """Make an empty table.

        Args:
            window: Gets the actions, so that shortcuts work everywhere in it.
            tasks: Called when the first coroutine is to run: asyncio is there only then.
        """
        super().__init__(window)
        self._window = window
        self._tasks = tasks
        self._specs: dict[str, ActionSpec] = {}
        self._actions: dict[str, QAction] = {}
        self._wanted: dict[str, bool] = {}
        self._running: set[str] = set()
        self._page = ""
        self._menus: dict[Menu, QMenu] = {}

    def add(self, specs: Iterable[ActionSpec], page: str = "") -> None:
        """Add actions, and put them into the menus.

        Args:
            specs: Ids must be new.
            page: The page they belong to; empty for all.

        Raises:
            ValueError: An id is there already.
        """
        for given in specs:
            spec = replace(given, page=page) if page else given
            if spec.id in self._specs:
                raise ValueError(f"there are two actions called {spec.id}")
            self._specs[spec.id] = spec
            self._wanted[spec.id] = spec.is_enabled
            self._actions[spec.id] = self._make(spec)
        self._fill_menus()
        self.changed.emit()

    def specs(self) -> Sequence[ActionSpec]:
        """Return all specs in the order they were added."""
        return tuple(self._specs.values())

    def action(self, action_id: str) -> QAction:
        """Return the action, for a button or a context menu.

        Raises:
            KeyError: There is none of that id.
        """
        return self._actions[action_id]

    def trigger(self, action_id: str) -> None:
        """Do it, if it can be done now."""
        self._actions[action_id].trigger()

    def is_available(self, action_id: str) -> bool:
        """Say whether it could be done once its page is shown."""
        return self._wanted[action_id] and action_id not in self._running

    def set_enabled(self, action_id: str, is_enabled: bool) -> None:
        """Enable or disable an action."""
        self._wanted[action_id] = is_enabled
        self._refresh(action_id)

    def set_checked(self, action_id: str, is_checked: bool) -> None:
        """Put a switch without running it."""
        self._actions[action_id].setChecked(is_checked)

    def set_text(self, action_id: str, text: str) -> None:
        """Change the words, for example "Undo pair face 2"."""
        # A lone "&" in a name would be taken for the mark of a key.
        self._actions[action_id].setText(text.replace("&", "&&"))

    def show_page(self, page: str) -> None:
        """Offer the actions of this page and hide those of the others."""
        self._page = page
        for action_id in self._specs:
            self._refresh(action_id)
        self._refresh_menus()

    def build_menus(self, bar: QMenuBar) -> None:
        """Make the menus; actions that come later are put in as they come."""
        for menu in Menu:
            made = QMenu(menu_title(menu), bar)
            made.setObjectName(f"menu-{menu}")
            made.setToolTipsVisible(False)
            bar.addMenu(made)
            self._menus[menu] = made
        self._fill_menus()

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.id)
        action.setShortcuts(spec.key_sequences)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        tip = spec.tip or spec.text.removesuffix("…")
        action.setToolTip(f"{tip} ({spec.keys_text})" if spec.keys_text else tip)
        if spec.icon:
            action.setIcon(icon(spec.icon))
        action.setCheckable(spec.checkable)
        action.setChecked(spec.is_checked)
        action.triggered.connect(partial(self._on_triggered, spec.id))
        self._window.addAction(action)
        self._refresh_action(spec, action)
        return action

    def _on_triggered(self, action_id: str) -> None:
        spec = self._specs[action_id]
        outcome = spec.run(self._actions[action_id].isChecked()) if spec.checkable else spec.run()
        if inspect.iscoroutine(outcome):
            self._running.add(action_id)
            kept = KeptFocus(QApplication.focusWidget(), partial(self._refresh, action_id))
            self._tasks().start(outcome, on_done=partial(self._on_done, action_id, kept))

    def _on_done(self, action_id: str, kept: KeptFocus) -> None:
        self._running.discard(action_id)
        self._refresh(action_id)
        kept.give_back()

    def _refresh(self, action_id: str) -> None:
        self._refresh_action(self._specs[action_id], self._actions[action_id])

    def _refresh_action(self, spec: ActionSpec, action: QAction) -> None:
        action.setVisible(not spec.page or spec.page == self._page)
        action.setEnabled(self._wanted[spec.id] and spec.id not in self._running)

    def _fill_menus(self) -> None:
        for menu, made in self._menus.items():
            made.clear()
            specs = sorted((spec for spec in self._specs.values() if spec.menu is menu), key=lambda spec: spec.group)
            group: int | None = None
            for spec in specs:
                if group is not None and spec.group != group:
                    made.addSeparator()
                group = spec.group
                made.addAction(self._actions[spec.id])
        self._refresh_menus()

    def _refresh_menus(self) -> None:
        for made in self._menus.values():
            made.menuAction().setVisible(any(one.isVisible() and not one.isSeparator() for one in made.actions()))
