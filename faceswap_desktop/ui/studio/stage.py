"""What stands on the canvas: the current picture, its faces with whom they become, and the preview."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import FaceSwapError, SensitiveContent
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.item_models.face_list import FaceListModel
from faceswap_desktop.ui.item_models.pictures import faces_and_paired, people_and_paired
from faceswap_desktop.ui.studio.canvas_panel import CanvasPanel
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.pixels import Pixels
from faceswap_desktop.ui.studio.preview import PreviewMaker, PreviewWish
from faceswap_desktop.ui.studio.refusal import is_veiled
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.veil import veiled


class Stage(QObject):
    """Keeps the canvas, the list of faces and the words above them as the Studio stands.

    Attributes:
        preview: What renders the preview.
        faces_found: The faces of the current picture have just been found (how many).
        refreshed: The canvas shows what stands; of a video that is its first frame, without faces.
        preview_wanted: A video's preview is to be made, which is not done here.
    """

    faces_found = Signal(int)
    refreshed = Signal()
    preview_wanted = Signal()

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        panel: CanvasPanel,
        faces: FaceListModel,
        pairing: Pairing,
        sources: Sources,
    ) -> None:
        super().__init__(panel)
        self._context = context
        self._panel = panel
        self._canvas = panel.canvas
        self._faces = faces
        self._pairing = pairing
        self._sources = sources
        self._pixels = Pixels(context.studio, tasks, self)
        self.preview = PreviewMaker(context.swapping, tasks, self)
        self._shown: PictureLevels | None = None
        self._shown_key = ""
        self._veil: tuple[PictureLevels, PictureLevels] | None = None
        self._status: PictureStatus | None = None
        self._hint = ""
        self._display_error: tuple[str, FaceSwapError] | None = None
        self._is_active = False
        self._pixels.arrived.connect(self._on_pixels)
        self._pixels.failed.connect(self._on_pixels_failed)
        self.preview.changed.connect(self._show_preview)
        self.preview.busy_changed.connect(self.show_busy)
        self.preview.failed.connect(self._on_preview_failed)
        panel.bar.compare.setEnabled(False)

    @property
    def picture(self) -> StudioPicture | None:
        """The picture that is shown."""
        return self._context.studio.current

    @property
    def levels(self) -> PictureLevels | None:
        """The pixels of the current picture as they are, never blurred; None while they are not there."""
        return self._pixels.get(self.picture.key) if self.picture is not None else None

    def target(self, index: int) -> TargetFaceRef | None:
        """Return the reference of a face of the current picture."""
        picture = self.picture
        if picture is None or picture.media is None or not any(face.index == index for face in picture.faces):
            return None
        return TargetFaceRef(picture.media.id, index)

    def set_active(self, is_active: bool) -> None:
        """Say whether the page is seen; previews are made only then."""
        self._is_active = is_active
        if is_active:
            self.refresh()

    def set_hint(self, hint: str) -> None:
        """Say what the next click does, in place of the picture's details; empty for those."""
        self._hint = hint
        self._show_words()

    def retry(self) -> None:
        """Try again to open the current picture."""
        picture = self.picture
        self._display_error = None
        if picture is not None:
            self._context.studio.open([picture.path])
        self.refresh()

    def refresh(self) -> None:
        """Show what stands."""
        picture = self.picture
        if picture is None:
            self._clear()
            self._panel.show_empty()
            self._show_words()
            self.refreshed.emit()
            return
        self._show_pixels(picture)
        self._show_faces(picture)
        self._show_words()
        self.refresh_preview()
        self.refreshed.emit()

    def refresh_preview(self) -> None:
        """Ask for the preview of what stands."""
        picture = self.picture
        if not self._is_active or picture is None or picture.media is None or self._shown is None:
            self.preview.ask(None)
            return
        if picture.is_video:
            self.preview.ask(None)
            self.preview_wanted.emit()
            return
        if is_veiled(picture):
            self.preview.ask(None)
            return
        pairings = tuple(
            (index, source, self._sources.all[source].revision)
            for index, source in self._pairing.of_picture(picture).items()
        )
        there = {face.index for face in picture.faces}
        ages = tuple(
            (one, years) for one, years in self._context.studio.ages_of(picture.media.id).items() if one in there
        )
        options, label = self._context.studio.options, self._context.current_settings.label
        self.preview.ask(PreviewWish(picture.media, picture.faces, pairings, options, ages, label))

    def forget(self, key: str) -> None:
        """Drop the pixels of a picture that was closed."""
        self._pixels.forget(key)

    # Inside

    def _clear(self) -> None:
        self._shown, self._shown_key, self._status = None, "", None
        self._canvas.show_picture(None, None)
        self._faces.set_faces([])
        self.preview.ask(None)
        self._panel.set_notice("")

    def _show_pixels(self, picture: StudioPicture) -> None:
        if picture.status is PictureStatus.FAILED:
            self._clear()
            self._panel.show_error(text_of(picture.error), text_of(picture.hint))
            return
        if self._display_error is not None and self._display_error[0] == picture.key:
            self._clear()
            error = self._display_error[1]
            self._panel.show_error(text_of(error.message), text_of(error.hint))
            return
        levels = self._as_shown(picture, self._pixels.get(picture.key))
        if levels is None:
            if self._shown_key != picture.key:
                self._clear()
            self._panel.show_waiting()
        elif levels is not self._shown or self._shown_key != picture.key:
            self._clear()
            self._shown, self._shown_key = levels, picture.key
            self._canvas.show_picture(picture.media.id if picture.media is not None else None, levels)
            self._panel.show_canvas()
        else:
            self._panel.show_canvas()

    def _as_shown(self, picture: StudioPicture, levels: PictureLevels | None) -> PictureLevels | None:
        """Return what the canvas shows: what is refused is blurred."""
        if levels is None or not is_veiled(picture):
            return levels
        if self._veil is None or self._veil[0] is not levels:
            self._veil = (levels, veiled(levels))
        return self._veil[1]

    def _show_faces(self, picture: StudioPicture) -> None:
        is_new = self._status is not PictureStatus.READY and picture.status is PictureStatus.READY
        self._status = picture.status
        if picture.media is None or picture.status is not PictureStatus.READY:
            self._faces.set_faces([])
            return
        pairings = self._pairing.of_picture(picture)
        shown = [
            CanvasFace(face, len(picture.faces), picture.media.size, self._sources.badge(pairings.get(face.index)))
            for face in picture.faces
        ]
        self._faces.set_faces(shown)
        if picture.is_video:
            # Where they are differs from frame to frame, and what is to be said of them stands in the timeline.
            self._panel.set_notice("")
            return
        if self._shown is not None:
            self._canvas.show_faces(shown, picture.media.id)
        if is_new:
            self.faces_found.emit(len(shown))
        words = ""
        if self._shown is not None and is_veiled(picture):
            words = self.tr("This picture is refused and shown blurred; the card at the right says why. No preview.")
        elif self._shown is not None and not shown:
            words = self.tr(
                "No face was found in this picture. Very small, covered or turned-away faces may be missed."
            )
        self._panel.set_notice(words)

    def _show_words(self) -> None:
        picture = self.picture
        if picture is None:
            self._panel.bar.show_words("", "")
            return
        details = ""
        if picture.status in {PictureStatus.WAITING, PictureStatus.DETECTING}:
            details = self.tr("Reading the video…") if picture.is_video else self.tr("Looking for faces…")
        elif picture.status is PictureStatus.READY and picture.is_video:
            details = people_and_paired(picture, len(self._pairing.of_picture(picture)))
        elif picture.status is PictureStatus.READY:
            details = faces_and_paired(len(picture.faces), len(self._pairing.of_picture(picture)))
        self._panel.bar.show_words(picture.name, self._hint or details)

    def _show_preview(self) -> None:
        shown = self.preview.shown
        self._canvas.canvas.set_patches(shown.patches if shown is not None else ())
        skipped = shown.skipped if shown is not None else ()
        self.show_outcome(is_shown=shown is not None and bool(shown.patches), skipped=skipped)

    def show_outcome(self, *, is_shown: bool, skipped: Sequence[tuple[int, Message]]) -> None:
        """Show whether there is a preview to compare with, and which faces could not be changed in it."""
        self._panel.bar.compare.setEnabled(is_shown)
        self._faces.set_problems({index: text_of(reason) for index, reason in skipped})
        if is_shown:
            self._context.notifications.withdraw("preview")

    def show_busy(self, is_busy: bool) -> None:
        """Show that a preview is being made."""
        self._panel.set_busy(is_busy, moves=self._context.theme.motion_ms > 0)

    def _on_preview_failed(self, error: FaceSwapError) -> None:
        if isinstance(error, SensitiveContent):
            # Its card is on its way and says more.
            self._panel.set_notice(text_of(error.message))
            return
        self._context.notifications.error(error, key="preview")

    def _on_pixels(self, key: str) -> None:
        if self.picture is not None and self.picture.key == key:
            self._display_error = None
            self.refresh()

    def _on_pixels_failed(self, key: str, error: FaceSwapError) -> None:
        self._display_error = (key, error)
        if self.picture is not None and self.picture.key == key:
            self.refresh()
