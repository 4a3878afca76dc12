"""Live."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.live.words import PANIC_KEY, lost_choices, panic_choices
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.widgets.forms import Choice, Switch
from faceswap_desktop.ui.widgets.numbers import NumberField

_MOST_MINUTES = 1_440


class LiveSection(SettingsSection):
    """What the Live page starts with."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        panic = Choice(self.tr("The panic key shows"), "settings-live-panic", panic_choices(), self)
        lost = Choice(self.tr("When a face is lost"), "settings-live-lost", lost_choices(), self)
        mirrored = Switch(self.tr("Mirror: left and right swapped, for everybody"), "settings-live-mirrored", self)
        sound = Switch(self.tr("Recordings have sound"), "settings-live-sound", self)
        limit = NumberField(
            self.tr("Paid sessions end after"),
            "settings-live-limit",
            0,
            _MOST_MINUTES,
            self,
            suffix=self.tr(" minutes"),
            zero_text=self.tr("No limit"),
            step=5,
        )
        self.bind(panic, "live", "panic")
        self.bind(lost, "live", "when_lost")
        self.bind(mirrored, "live", "is_mirrored")
        self.bind(sound, "live", "record_microphone")
        self.bind(limit, "live", "minutes_limit")
        key = self.tr("{key} works on every page while a camera runs. The bare camera shows your own face.")
        self.add_card(
            self.row(self.tr("The panic key shows"), panic, key.format(key=PANIC_KEY)),
            self.row(
                self.tr("When a face is lost"),
                lost,
                self.tr("While a face that is to be swapped cannot be found: turned away, covered, out of the light."),
            ),
        )
        self.add_card(mirrored, sound)
        self.add_card(
            self.row(
                self.tr("Paid sessions end after"),
                limit,
                self.tr("Sessions at a service cost by the minute. Each start asks, and begins with this."),
            )
        )
        self.end()
