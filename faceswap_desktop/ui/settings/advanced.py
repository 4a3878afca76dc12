"""Advanced."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.files import show_in_folder
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.cluster import ClusterFields
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.theme.tokens import PAD
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.labels import ElidedLabel
from faceswap_desktop.ui.widgets.numbers import NumberField

_SECTIONS = (
    "appearance",
    "media",
    "storage",
    "jobs",
    "swap",
    "output",
    "playback",
    "cluster",
    "providers",
    "hosting",
    "webhook",
    "budget",
    "sandbox",
    "credentials",
)


class AdvancedSection(SettingsSection):
    """Limits, a cluster, the home folder, and back to the defaults."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self._limits_card()
        self.add_card(ClusterFields(self))
        self._home_card()
        reset = Button(self.tr("Reset all settings…"), "settings-reset", self, icon_name="reset")
        reset.clicked.connect(lambda: self.tasks.start(self._reset(), key="reset"))
        row = QHBoxLayout()
        row.addWidget(reset)
        row.addStretch(1)
        self.column.addLayout(row)
        self.end()

    def _limits_card(self) -> None:
        megapixels = NumberField(
            self.tr("Largest picture"), "settings-megapixels", 1, 2000, self, suffix=self.tr(" megapixels"), step=10
        )
        memory = NumberField(
            self.tr("Memory of a worker"), "settings-memory", 512, 65536, self, suffix=self.tr(" MB"), step=512
        )
        patience = NumberField(
            self.tr("End a worker that is silent for"),
            "settings-patience",
            10,
            3600,
            self,
            suffix=self.tr(" s"),
            step=10,
        )
        self.bind(megapixels, "media", "max_megapixels")
        self.bind(memory, "media", "worker_memory_mb")
        self.bind(patience, "jobs", "task_limit_s")
        later = self.tr("Takes effect at the next start.")
        self.add_card(
            self.row(
                self.tr("Largest picture"), megapixels, self.tr("Larger ones are refused before they fill the memory.")
            ),
            self.row(self.tr("Memory of a worker"), memory, later),
            self.row(self.tr("End a worker that is silent for"), patience, later),
        )

    def _home_card(self) -> None:
        home = self.context.home
        show = Button(self.tr("Show"), "settings-home-show", self)
        show.clicked.connect(lambda: self.tasks.start(show_in_folder(home.root)))
        show_file = Button(self.tr("Show"), "settings-file-show", self)
        show_file.setAccessibleName(self.tr("Show settings file"))
        show_file.clicked.connect(lambda: self.tasks.start(show_in_folder(home.settings_file)))
        folder_row = self.row(self.tr("Folder of the library"), show)
        show.setAccessibleName(self.tr("Show folder of the library"))
        file_row = self.row(self.tr("Settings file"), show_file)
        folder, file = ElidedLabel(str(home.root), "muted", self), ElidedLabel(str(home.settings_file), "muted", self)
        self.add_card(folder_row, folder)
        self.add_card(file_row, file)
        self.column.setSpacing(PAD)

    async def _reset(self) -> None:
        text = self.tr("Every setting goes back to its default. Pictures, faces, results and presets stay.")
        if await confirm(self, self.tr("Reset all settings?"), text, self.tr("Reset settings"), is_dangerous=True):
            for section in _SECTIONS:
                await self.context.settings.reset(section)
