"""How loud videos are: between the transport row, the settings and the sound device."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from faceswap_desktop.ui.actions import ActionTable
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.sound import DeviceSound
from faceswap_desktop.ui.timeline.transport import Transport

_SAVE_MS: Final = 400


class Volume(QObject):
    """Owns the sound device.

    Attributes:
        device: What plays.
    """

    def __init__(self, context: AppContext, tasks: Tasks, transport: Transport) -> None:
        super().__init__(transport)
        self._context = context
        self._tasks = tasks
        self._transport = transport
        self._table: ActionTable | None = None
        self.device = DeviceSound(self._on_silent, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self._save)
        transport.volume_changed.connect(self._on_moved)
        context.signals.settings_changed.connect(self.refresh)

    def set_table(self, table: ActionTable) -> None:
        """Keep the action "Mute" as the settings say."""
        self._table = table
        self.refresh()

    def refresh(self) -> None:
        """Follow the settings."""
        playback = self._context.current_settings.playback
        self.device.set_volume(playback.volume, is_muted=playback.is_muted)
        if not self._timer.isActive():
            self._transport.show_sound(playback.volume, is_muted=playback.is_muted)
        if self._table is not None:
            self._table.set_checked("playback.mute", playback.is_muted)

    def set_muted(self, is_muted: bool) -> None:
        """Be silent, or not."""
        self._tasks.start(self._context.settings.update("playback", is_muted=is_muted))

    def stop(self) -> None:
        """Write nothing any more, and be silent."""
        self._timer.stop()
        self.device.stop()

    def _on_moved(self, volume: int) -> None:
        # Heard at once, written when the slider rests.
        self.device.set_volume(volume, is_muted=False)
        self._timer.start()

    def _save(self) -> None:
        changes = {"volume": self._transport.volume.value(), "is_muted": False}
        self._tasks.start(self._context.settings.update("playback", **changes))

    def _on_silent(self) -> None:
        self._context.notifications.info(
            self.tr("No sound device can be used: videos play silently."), key="playback-sound"
        )
