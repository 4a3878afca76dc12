"""Camera, microphone, resolution, and a file in the camera's place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.live import CameraChoice, CameraKind, Resolution
from faceswap_desktop.ui.live.cameras import NO_MICROPHONE, Cameras, camera_words
from faceswap_desktop.ui.live.words import resolution_words
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import Choice, FormRow, Switch

_CHOICE_WIDTH = 176


class CameraSection(Disclosure):
    """Shows and changes what the pictures and the sound come from.

    Attributes:
        file_wanted: A video or a picture is to be chosen.
        mirror_wanted: Left and right are to be swapped, or not.
        camera_chosen: Another camera was chosen (``CameraChoice``).
        microphone_chosen: Another microphone (its id).
        resolution_chosen: Another resolution (``Resolution``).
    """

    file_wanted = Signal()
    mirror_wanted = Signal(bool)
    camera_chosen = Signal(object)
    microphone_chosen = Signal(str)
    resolution_chosen = Signal(object)

    def __init__(self, cameras: Cameras, parent: QWidget | None = None) -> None:
        super().__init__("", "live-camera-section", parent)
        self.set_title(self.tr("Camera"))
        self._cameras = cameras
        self._camera = Choice(self.tr("Camera"), "live-camera", [], self)
        self._microphone = Choice(self.tr("Microphone"), "live-microphone", [], self)
        self._resolution = Choice(self.tr("Resolution"), "live-resolution", [], self)
        self._no_sound = Greyed(self._microphone)
        self._mirror = Switch(self.tr("Mirror"), "live-mirror", self)
        tip = self.tr("Left and right swapped, as in a mirror; for everybody who sees the picture (M)")
        self._mirror.setToolTip(tip)
        self._mirror.setAccessibleName(self.tr("Mirror the picture"))
        self._mirror.setAccessibleDescription(tip)
        self._file = LinkButton(self.tr("Use a video or a picture as camera…"), "live-camera-file", self)
        self._camera.chosen.connect(self._on_camera)
        self._microphone.chosen.connect(self._on_microphone)
        self._resolution.chosen.connect(self._on_resolution)
        self._mirror.toggled_by_user.connect(self.mirror_wanted)
        self._file.clicked.connect(self.file_wanted)
        labels = (self.tr("Camera"), self.tr("Microphone"), self.tr("Resolution"))
        for label, choice in zip(labels, (self._camera, self._microphone, self._resolution), strict=True):
            choice.setFixedWidth(_CHOICE_WIDTH)
            self.column.addWidget(FormRow(label, choice, parent=self))
        self.column.addWidget(self._mirror)
        self.column.addWidget(self._file, 0, Qt.AlignmentFlag.AlignLeft)
        cameras.changed.connect(self.refresh)
        self.set_open(True)
        self.refresh()

    def refresh(self) -> None:
        """Show what is there and chosen."""
        cameras, camera = self._cameras, self._cameras.camera
        self._camera.set_values(
            [(one, camera_words(one)) for one in cameras.cameras] or [(None, self.tr("None is connected"))]
        )
        self._camera.set_value(camera)
        self._camera.setEnabled(camera is not None)
        is_video = camera is not None and camera.kind is CameraKind.FILE
        none = self.tr("The file's own sound") if is_video else self.tr("No sound")
        microphones = [(NO_MICROPHONE, none), *((one.id, one.name) for one in cameras.microphones)]
        self._microphone.set_values(microphones)
        chosen = cameras.microphone if camera is None or camera.kind is CameraKind.DEVICE else None
        self._microphone.set_value(chosen.id if chosen is not None else NO_MICROPHONE)
        why = ""
        if camera is not None and camera.kind is CameraKind.FILE:
            why = self.tr("A video brings its own sound.")
        elif camera is not None and camera.kind is CameraKind.STILL:
            why = self.tr("A picture has no sound.")
        elif not cameras.microphones:
            why = self.tr("No microphone is connected.")
        self._no_sound.set_reason(why)
        self._resolution.set_values([(one, resolution_words(one)) for one in cameras.resolutions])
        self._resolution.set_value(cameras.resolution)
        self.set_summary(camera_words(camera) if camera is not None else self.tr("None is connected"))

    def show_mirrored(self, *, is_mirrored: bool) -> None:
        """Show whether left and right are swapped."""
        self._mirror.setChecked(is_mirrored)

    def _on_camera(self, camera: object) -> None:
        if isinstance(camera, CameraChoice):
            self.camera_chosen.emit(camera)

    def _on_microphone(self, microphone_id: object) -> None:
        self.microphone_chosen.emit(str(microphone_id))

    def _on_resolution(self, resolution: object) -> None:
        if isinstance(resolution, Resolution):
            self.resolution_chosen.emit(resolution)
