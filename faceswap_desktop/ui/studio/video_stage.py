"""A video on the stage: player, timeline and canvas joined. The Studio knows the clip, the player where one is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import StudioChanged, StudioPart
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.video import FrameRange, FrameTimes
from faceswap_desktop.services.playback import Player, PlayerState
from faceswap_desktop.services.studio import AnalysisStatus, PictureStatus, StudioPicture
from faceswap_desktop.services.videos import ShownFrame
from faceswap_desktop.ui.actions import ActionTable
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_frame
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.canvas_panel import CanvasPanel
from faceswap_desktop.ui.studio.frame_faces import FrameFaces
from faceswap_desktop.ui.studio.frame_preview import FramePreview, VideoWish
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.refusal import refused_spans
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.studio.stage import Stage
from faceswap_desktop.ui.studio.volume import Volume
from faceswap_desktop.ui.timeline.clip import ClipState, clip_state
from faceswap_desktop.ui.timeline.timeline import Timeline
from faceswap_desktop.ui.timeline.transport import Transport
from faceswap_desktop.ui.veil import as_shown

_SMALLEST_EDGE_PX: Final = 320
_LARGEST_EDGE_PX: Final = 1920
_THUMBNAIL_PX: Final = 48
_OF_A_PERSON: Final = ("best", "appearance", "appearance-back", "rename", "hide", "split")
_KEEP_SPACE: Final = (QAbstractButton, QAbstractItemView, QComboBox)
"""What has the keyboard uses the space bar itself."""


@dataclass(frozen=True)
class OpenClip:
    """A video that can be played."""

    key: str
    media: Media
    times: FrameTimes


class VideoStage(QObject):
    """Shows the current picture's frames while it is a video, and nothing otherwise.

    Attributes:
        player: What plays.
        timeline, transport: What stands below the canvas.
        volume: How loud it is.
        preview: What renders the frame that stands.
    """

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        panel: CanvasPanel,
        stage: Stage,
        pairing: Pairing,
        sources: Sources,
        identities: Identities,
    ) -> None:
        super().__init__(panel)
        self._context = context
        self._tasks = tasks
        self._panel = panel
        self._stage = stage
        self._pairing = pairing
        self._sources = sources
        self._identities = identities
        self._clip: OpenClip | None = None
        self._shown: tuple[int, PictureLevels] | None = None
        self._places: dict[str, int] = {}
        self._is_active = False
        self._was_playing = self._is_playing = False
        self.timeline = Timeline(context.videos, tasks, panel)
        self.transport = Transport(panel)
        self.volume = Volume(context, tasks, self.transport)
        self.player = Player(context.videos, make_sound=lambda: self.volume.device)
        self.preview = FramePreview(context.videos, context.swapping, tasks, self)
        self._faces = FrameFaces(context.videos, tasks, self)
        self._table: ActionTable | None = None
        self._action_ids: list[str] = []
        panel.put_below(self.transport, self.timeline)
        identities.current_frame = lambda: self.player.state.frame
        self.timeline.thumbnails.is_held = lambda: self.player.is_busy
        self._connect()

    def _connect(self) -> None:
        player = self.player
        player.on_frame = self._on_frame
        player.on_state = self._on_state
        player.on_error = self._on_error
        self._stage.refreshed.connect(self.refresh)
        self._stage.preview_wanted.connect(self._ask_preview)
        self._context.signals.studio_changed.connect(self._on_studio)
        self._faces.arrived.connect(self._show_faces)
        self.preview.changed.connect(self._show_preview)
        self.preview.busy_changed.connect(self._stage.show_busy)
        self.preview.failed.connect(lambda error: self._context.notifications.error(error, key="preview"))
        self._panel.canvas.zoom_changed.connect(lambda _zoom: self._set_edges())

    # What the page says

    @property
    def clip(self) -> OpenClip | None:
        """The video that stands here; None for none."""
        return self._clip

    @property
    def frame(self) -> int:
        """Where one is."""
        return self.player.state.frame

    def set_active(self, is_active: bool) -> None:
        """Say whether the page is seen: nothing plays where nobody looks."""
        self._is_active = is_active
        if not is_active:
            self.player.pause()
            self.preview.ask(None)
        else:
            self._ask_preview()

    def set_table(self, table: ActionTable) -> None:
        """Make the buttons, and keep the actions as the video stands."""
        self._table = table
        self._action_ids = [spec.id for spec in table.specs() if spec.id.startswith("playback.")]
        self.transport.add_actions(table)
        self.volume.set_table(table)

    async def close(self) -> None:
        """Play nothing any more, and wait until that is so."""
        self.volume.stop()
        self.preview.stop()
        await self.player.close()

    # What stands

    def refresh(self) -> None:
        """Show what the Studio has."""
        picture = self._context.studio.current
        clip = self._clip_of(picture)
        if clip is None or picture is None:
            self._put_away()
            return
        is_new = self._clip is None or self._clip.key != clip.key or self._clip.times is not clip.times
        self._faces.set_clip(clip.media, len(clip.times), picture.analysis)
        self._faces.look_again()
        self._set_edges()
        state = self._clip_state(picture, clip)
        if is_new:
            self._clip = clip
            self._shown = None
            aspect = clip.media.size.width / max(1, clip.media.size.height)
            dense = _THUMBNAIL_PX * self._panel.devicePixelRatioF() * max(aspect, 1 / max(aspect, 0.1))
            self.timeline.thumbnails.set_media(clip.media, math.ceil(dense))
        self.timeline.set_clip(state)
        self.transport.set_clip(state, has_sound=bool(clip.media.video is not None and clip.media.video.audio))
        if is_new:
            self.player.open(clip.media, clip.times, self._places.get(clip.key, 0))
            self.timeline.set_frame(self.frame)
            self.transport.show_time(state, self.frame)
        self.player.set_trim(state.trim)
        self.player.set_marks(state.marks)
        self.show_analysis()
        self.transport.show()
        self.timeline.show()
        self._put_back()
        self._show_faces()
        self._ask_preview()
        self._enable()

    def show_analysis(self) -> None:
        """Show how far the search for people is; comes often while it runs."""
        picture = self._context.studio.current
        if self._clip is None or picture is None or picture.key != self._clip.key:
            return
        self.timeline.analysis.show_picture(picture)
        self.timeline.look_alike.show_pair(picture, self._identities.look_alike())
        if picture.analysis_status is AnalysisStatus.RUNNING:
            self._faces.look_again()

    @property
    def chosen(self) -> FrameRange:
        """The frames between the points."""
        state = self.timeline.view.clip
        return state.chosen if state is not None else FrameRange(0, 0)

    # Gestures

    def scrub(self, is_scrubbing: bool) -> None:
        """Stand still while the playhead is dragged, and play on afterwards."""
        if is_scrubbing:
            self._was_playing = self.player.state.is_playing and not self.player.state.is_rendered
            self.player.pause()
        elif self._was_playing:
            self._was_playing = False
            self.player.play()

    def toggle_preview(self) -> None:
        """Play with the faces swapped, or pause."""
        if self.player.state.is_playing:
            self.player.pause()
        else:
            self._tasks.start(self._play_rendered(), key="play-rendered")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the space bar to the button or list that has the keyboard; it plays from everywhere else."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and isinstance(QApplication.focusWidget(), _KEEP_SPACE)
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    # What arrives

    def _on_frame(self, frame: ShownFrame, is_rendered: bool) -> None:
        if self._clip is None:
            return
        stands = not self.player.state.is_playing and frame.number == self.frame
        levels = make_frame(frame.pixels, frame.size, frame.stride, self._clip.media.size, halves=stands)
        levels = as_shown(levels, is_refused=self.timeline.view.is_refused(frame.number))
        self._shown = (frame.number, levels)
        if self.preview.shown is not None and self.preview.shown.frame != frame.number:
            self._panel.canvas.canvas.set_patches(())
        self._panel.canvas.show_frame(levels)
        self._show_faces()
        if stands:
            self._show_preview()
            self._ask_preview()

    def _on_state(self, state: PlayerState) -> None:
        if self._clip is None:
            return
        self._places[self._clip.key] = state.frame
        self.timeline.set_frame(state.frame)
        self.transport.show_time(self.timeline.view.clip, state.frame)
        self.transport.show_playing(
            is_playing=state.is_playing, is_rendered=state.is_rendered, per_second=state.per_second
        )
        if state.is_playing != self._is_playing:
            self._is_playing = state.is_playing
            self._show_layers()
        self._ask_preview()

    def _show_layers(self) -> None:
        appearance = self._context.current_settings.appearance
        # While it plays the landmarks would only flicker.
        points = appearance.show_landmarks and not self._is_playing
        self._panel.canvas.canvas.set_layers(points=points, numbers=appearance.show_numbers)

    def _on_studio(self, event: StudioChanged) -> None:
        if event.part is StudioPart.ANALYSIS:
            self.show_analysis()

    def _on_error(self, error: FaceSwapError) -> None:
        self._context.notifications.error(error, key="playback")

    # What is shown

    def _clip_of(self, picture: StudioPicture | None) -> OpenClip | None:
        if picture is None or not picture.is_video or picture.media is None or picture.times is None:
            return None
        if picture.status is not PictureStatus.READY or not self._panel.is_canvas_shown or not len(picture.times):
            return None
        return OpenClip(picture.key, picture.media, picture.times)

    def _clip_state(self, picture: StudioPicture, clip: OpenClip) -> ClipState:
        badges = {index: self._sources.badge(source) for index, source in self._pairing.of_picture(picture).items()}
        size = (clip.media.size.width, clip.media.size.height)
        trim = self._context.studio.trim_of(clip.key)
        return clip_state(clip.key, clip.times, size, trim, picture.analysis, badges, refused_spans(picture))

    def _put_away(self) -> None:
        if self._clip is not None:
            self._clip, self._shown = None, None
            self.player.leave()
            self.preview.ask(None)
            self._faces.set_clip(None, 0, None)
            self.timeline.thumbnails.set_media(None, _THUMBNAIL_PX)
            self.timeline.set_clip(None)
            self._enable()
        self.transport.hide()
        self.timeline.hide()

    def _put_back(self) -> None:
        # The stage puts the first frame on the canvas whenever it shows the video anew.
        if self._shown is not None:
            frame, levels = self._shown
            self._shown = (frame, as_shown(levels, is_refused=self.timeline.view.is_refused(frame)))
            self._panel.canvas.show_frame(self._shown[1])

    def _show_faces(self) -> None:
        clip, picture = self._clip, self._context.studio.current
        if clip is None or picture is None or self._shown is None:
            return
        pairings = self._pairing.of_picture(picture)
        known = {one.index: one for one in picture.analysis.identities} if picture.analysis is not None else {}
        faces = [
            face
            for face in self._faces.at(self._shown[0])
            if picture.analysis is None or (face.index in known and not known[face.index].is_hidden)
        ]
        shown = [
            CanvasFace(
                face,
                len(faces),
                clip.media.size,
                self._sources.badge(pairings.get(face.index)),
                is_person=True,
                name=known[face.index].name if face.index in known else "",
            )
            for face in faces
        ]
        self._panel.canvas.show_faces(shown, clip.media.id)

    def _set_edges(self) -> None:
        canvas = self._panel.canvas
        rect = canvas.canvas.picture_rect
        edge = max(rect.width(), rect.height()) * canvas.zoom
        # Steps, so that zooming a little does not change what is decoded.
        stepped = math.ceil(edge / 64) * 64
        self.player.play_edge = min(max(stepped, _SMALLEST_EDGE_PX), _LARGEST_EDGE_PX)

    def _wish(self) -> VideoWish | None:
        clip, picture = self._clip, self._context.studio.current
        if clip is None or picture is None or picture.analysis is None:
            return None
        pairings = tuple(
            (index, source, self._sources.all[source].revision)
            for index, source in sorted(self._pairing.of_picture(picture).items())
        )
        there = {face.index for face in picture.faces}
        ages = self._context.studio.ages_of(clip.media.id)
        changed = tuple((index, years) for index, years in sorted(ages.items()) if index in there)
        return VideoWish(
            *(clip.media, picture.faces, picture.analysis, pairings, changed),
            options=self._context.studio.options,
            label=self._context.current_settings.label,
            trim=self._context.studio.trim_of(picture.key),
        )

    def _ask_preview(self) -> None:
        state = self.player.state
        if not self._is_active or self._clip is None or state.is_playing:
            self.preview.ask(None)
        elif self._shown is not None and self._shown[0] == state.frame:
            wish = None if self.timeline.view.is_refused(state.frame) else self._wish()
            self.preview.ask(wish, state.frame, _LARGEST_EDGE_PX)

    def _show_preview(self) -> None:
        if self._clip is None:
            return
        shown = self.preview.shown
        fits = shown is not None and self._shown is not None and shown.frame == self._shown[0]
        self._panel.canvas.canvas.set_patches((shown.patch,) if shown is not None and fits else ())
        self._stage.show_outcome(is_shown=fits, skipped=shown.skipped if shown is not None and fits else ())

    async def _play_rendered(self) -> None:
        wish = self._wish()
        if wish is None or wish.is_empty:
            self._context.notifications.info(self.tr("Pair a face, or change an age, first."), key="run")
            return
        self.player.play_rendered(await wish.recipe(self._context.swapping))

    def _enable(self) -> None:
        if self._table is None:
            return
        state = self.timeline.view.clip
        has_sound = self._clip is not None and self._clip.media.video is not None and bool(self._clip.media.video.audio)
        special = {
            "playback.mute": has_sound,
            "playback.clear-points": state is not None and state.trim is not None,
            "playback.merge": state is not None and len(state.lanes) > 1,
            **dict.fromkeys((f"playback.{name}" for name in _OF_A_PERSON), state is not None and bool(state.lanes)),
            "playback.show-hidden": self._has_hidden(),
        }
        for action_id in self._action_ids:
            self._table.set_enabled(action_id, self._clip is not None and special.get(action_id, True))

    def _has_hidden(self) -> bool:
        analysis = self._identities.analysis
        return analysis is not None and any(one.is_hidden for one in analysis.identities)
