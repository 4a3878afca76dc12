"""Jobs."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.widgets.forms import Switch
from faceswap_desktop.ui.widgets.numbers import NumberField

_MOST_WORKERS = 32


class JobsSection(SettingsSection):
    """How many jobs run at once, and what happens meanwhile and afterwards."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        workers = NumberField(
            self.tr("Jobs at once"), "settings-workers", 0, _MOST_WORKERS, self, zero_text=self.tr("Automatic")
        )
        notify = Switch(self.tr("Show a notification when all jobs are done"), "settings-notify", self)
        awake = Switch(self.tr("Keep the computer awake while jobs run"), "settings-awake", self)
        self.bind(workers, "jobs", "workers")
        self.bind(notify, "jobs", "notify_when_done")
        self.bind(awake, "jobs", "keep_awake")
        hint = self.tr("Automatic: as many as the processor and the memory bear. Takes effect at the next start.")
        self.add_card(self.row(self.tr("Jobs at once"), workers, hint))
        self.add_card(notify, awake)
        self.end()
