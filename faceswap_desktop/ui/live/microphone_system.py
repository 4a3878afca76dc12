"""The computer's microphones as Qt reaches them, behind few calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, cast

from PySide6.QtCore import QIODevice, QMicrophonePermission, QObject, Qt, QTimer
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSource, QMediaDevices, QtAudio

from faceswap_desktop.domain.live import SOUND_CHANNELS, SOUND_RATE
from faceswap_desktop.ui.live.camera_system import ask_permission, permission_of
from faceswap_desktop.ui.live.device_run import DeviceSystem
from faceswap_desktop.ui.live.devices import id_of, microphone_devices
from faceswap_desktop.ui.live.sound_shape import SampleKind, SoundShape

OnSound = Callable[[bytes], None]
OnFailed = Callable[[], None]
_Format = QAudioFormat.SampleFormat
_KINDS: Final = {
    _Format.UInt8: SampleKind.U8,
    _Format.Int16: SampleKind.S16,
    _Format.Int32: SampleKind.S32,
    _Format.Float: SampleKind.F32,
}
_BUFFER_S: Final = 0.04


class OpenMicrophone(Protocol):
    """A microphone that was opened.

    Attributes:
        shape: What it gives.
    """

    shape: SoundShape

    def close(self) -> None:
        """Give it free; nothing is told any more."""
        ...


class MicrophoneSystem(DeviceSystem, Protocol):
    """The microphones of a computer."""

    def open(self, microphone_id: str, on_sound: OnSound, on_failed: OnFailed) -> OpenMicrophone | None:
        """Open a microphone; None where it gives nothing that can be used.

        ``on_failed`` is called when it cannot be read (any more), never before this returns.
        """
        ...


class QtMicrophoneSystem(QObject):
    """The real one."""

    def ids(self) -> list[str]:
        """See ``DeviceSystem.ids``."""
        return [id_of(device.id()) for device in microphone_devices()]

    def may_use(self) -> bool | None:
        """See ``DeviceSystem.may_use``."""
        return permission_of(QMicrophonePermission())

    def ask(self, on_answer: Callable[[bool], None]) -> None:
        """See ``DeviceSystem.ask``."""
        ask_permission(QMicrophonePermission(), self, on_answer)

    def open(self, microphone_id: str, on_sound: OnSound, on_failed: OnFailed) -> OpenMicrophone | None:
        """See ``MicrophoneSystem.open``."""
        device = next((one for one in microphone_devices() if id_of(one.id()) == microphone_id), None)
        chosen = None if device is None else format_for(device)
        if device is None or chosen is None:
            return None
        return OpenedMicrophone(QAudioSource(device, chosen), on_sound, on_failed, self)

    def follow(self, on_changed: Callable[[], None]) -> Callable[[], None]:
        """See ``DeviceSystem.follow``."""
        watch = QMediaDevices(self)
        watch.audioInputsChanged.connect(on_changed)

        def leave() -> None:
            watch.audioInputsChanged.disconnect(on_changed)
            watch.deleteLater()

        return leave


class OpenedMicrophone(QObject):
    """A microphone that is read as its sound comes."""

    def __init__(self, source: QAudioSource, on_sound: OnSound, on_failed: OnFailed, parent: QObject) -> None:
        super().__init__(parent)
        self.shape = shape_of(source.format())
        self._on_sound, self._on_failed = on_sound, on_failed
        source.setParent(self)
        source.setBufferSize(int(_BUFFER_S * self.shape.rate) * self.shape.frame_bytes)
        source.stateChanged.connect(self._on_state, Qt.ConnectionType.QueuedConnection)
        self._source: QAudioSource | None = source
        # None where it cannot be opened, which Qt's stubs do not know.
        self._io = cast("QIODevice | None", source.start())
        if self._io is None:
            QTimer.singleShot(0, self, self._fail)
        else:
            self._io.readyRead.connect(self._read)

    def close(self) -> None:
        """Stop it and let go of it."""
        source, self._source, self._io = self._source, None, None
        if source is not None:
            source.reset()
            self.deleteLater()

    def _read(self) -> None:
        if self._io is not None and (data := bytes(self._io.readAll().data())):
            self._on_sound(data)

    def _on_state(self, state: QtAudio.State) -> None:
        if state == QtAudio.State.StoppedState:
            self._fail()

    def _fail(self) -> None:
        if self._source is not None:
            self._on_failed()


def format_for(device: QAudioDevice) -> QAudioFormat | None:
    """Return what a microphone is asked for: what is needed where it offers that, else what it likes best."""
    wanted = QAudioFormat()
    wanted.setSampleRate(SOUND_RATE)
    wanted.setChannelCount(SOUND_CHANNELS)
    wanted.setSampleFormat(_Format.Int16)
    if device.isFormatSupported(wanted):
        return wanted
    offered = device.preferredFormat()
    usable = offered.sampleFormat() in _KINDS and shape_of(offered).is_usable
    return offered if usable else None


def shape_of(said: QAudioFormat) -> SoundShape:
    """Return Qt's format as a value."""
    return SoundShape(said.sampleRate(), said.channelCount(), _KINDS.get(said.sampleFormat(), SampleKind.S16))
