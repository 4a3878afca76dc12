"""Presets: choose one, and a menu to save, rename, delete, import and export."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from faceswap_desktop.domain.presets import Preset
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.presets import BUILT_IN, PRESET_SUFFIX
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_file, ask_where_to_save
from faceswap_desktop.ui.dialogs.questions import ask_for_text
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.forms import Choice


class PresetsRow(QWidget):
    """Shows which preset the options are; "Custom" where they are none.

    Attributes:
        chosen: The user chose a preset (``Preset``).
    """

    chosen = Signal(object)

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._presets: list[Preset] = list(BUILT_IN)
        self._options = SwapOptions()
        self._choice = Choice(self.tr("Preset"), "preset", [], self)
        self._choice.chosen.connect(self._on_chosen)
        self._more = IconButton("more", self.tr("More for presets"), "preset-more", self)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._more)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._more.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(HALF)
        row.addWidget(self._choice, 1)
        row.addWidget(self._more)
        self._show()

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What can be used of it."""
        return (self._choice, self._more)

    @property
    def current(self) -> Preset | None:
        """The preset that the options are, or None."""
        wanted = self._context.current_settings.swap.preset
        same = [preset for preset in self._presets if preset.options == self._options]
        return next((preset for preset in same if preset.name == wanted), same[0] if same else None)

    def reload(self) -> None:
        """Fetch the user's presets."""
        self._tasks.start(self._load(), key="presets", replace=True)

    def show_options(self, options: SwapOptions) -> None:
        """Show which preset these options are."""
        if options != self._options:
            self._options = options
            self._show()

    async def _load(self) -> None:
        self._presets = await self._context.presets.all()
        self._show()

    def _show(self) -> None:
        current = self.current
        values: list[tuple[str, str]] = [(preset.name, self._title(preset)) for preset in self._presets]
        if current is None:
            values.append(("", self.tr("Custom")))
        self._choice.set_values(values)
        self._choice.set_value(current.name if current is not None else "")

    def _title(self, preset: Preset) -> str:
        built_in = {
            "Balanced": self.tr("Balanced"),
            "Strong likeness": self.tr("Strong likeness"),
            "Subtle": self.tr("Subtle"),
        }
        return built_in.get(preset.name, preset.name) if preset in BUILT_IN else preset.name

    def _on_chosen(self, name: object) -> None:
        preset = next((one for one in self._presets if one.name == name), None)
        if preset is not None:
            self._remember(preset)
            self.chosen.emit(preset)

    def _remember(self, preset: Preset) -> None:
        self._tasks.start(self._context.settings.update("swap", preset=preset.name))

    def _fill_menu(self) -> None:
        self._menu.clear()
        current = self.current
        is_own = current is not None and current not in BUILT_IN
        entries: Sequence[tuple[str, object, bool]] = (
            (self.tr("Save as preset…"), self._save, True),
            (self.tr("Rename…"), self._rename, is_own),
            (self.tr("Delete"), self._delete, is_own),
            ("", None, True),
            (self.tr("Import preset…"), self._import, True),
            (self.tr("Export preset…"), self._export, True),
        )
        for text, work, is_enabled in entries:
            if work is None:
                self._menu.addSeparator()
                continue
            action = self._menu.addAction(text)
            action.setEnabled(is_enabled)
            action.triggered.connect(lambda _checked=False, work=work: self._tasks.start(work(), key="preset-work"))
        self._menu.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    async def _save(self) -> None:
        name = await ask_for_text(self, self.tr("Save as preset"), self.tr("Name of the preset"))
        if name:
            preset = await self._context.presets.save(name, self._options)
            await self._context.settings.update("swap", preset=preset.name)
            await self._load()
            self._context.notifications.success(self.tr("The preset {name} is saved.").format(name=preset.name))

    async def _rename(self) -> None:
        preset = self.current
        if preset is None:
            return
        name = await ask_for_text(
            self, self.tr("Rename preset"), self.tr("Name of the preset"), preset.name, self.tr("Rename")
        )
        if name:
            await self._context.presets.rename(preset.name, name)
            await self._context.settings.update("swap", preset=name)
            await self._load()

    async def _delete(self) -> None:
        preset = self.current
        if preset is None:
            return
        await self._context.presets.delete(preset.name)
        await self._load()

        def bring_back() -> None:
            self._tasks.start(self._bring_back(preset))

        self._context.notifications.info(
            self.tr("The preset {name} is deleted.").format(name=preset.name),
            button=self.tr("Undo"),
            action=bring_back,
            key="preset",
        )

    async def _bring_back(self, preset: Preset) -> None:
        await self._context.presets.save(preset.name, preset.options)
        await self._load()

    async def _import(self) -> None:
        name_filter = self.tr("Presets (*{suffix})").format(suffix=PRESET_SUFFIX)
        path = await ask_for_file(self, self._context.window_state, self.tr("Import preset"), name_filter)
        if path is not None:
            preset = await self._context.presets.import_file(path)
            await self._load()
            self._remember(preset)
            self.chosen.emit(preset)

    async def _export(self) -> None:
        preset = self.current or Preset(self.tr("Custom"), self._options)
        path = await ask_where_to_save(
            self,
            self._context.window_state,
            self.tr("Export preset"),
            f"{preset.name}{PRESET_SUFFIX}",
            self.tr("Presets (*{suffix})").format(suffix=PRESET_SUFFIX),
        )
        if path is not None:
            if not path.name.endswith(PRESET_SUFFIX):
                path = path.with_name(path.name + PRESET_SUFFIX)
            await self._context.presets.export(preset, path)
            self._context.notifications.success(self.tr("{name} is written.").format(name=path.name))
