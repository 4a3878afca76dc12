"""From the timeline, its lanes and the keys to what they mean: going somewhere, choosing a part, who is who."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QMenu, QWidget

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.services.studio import Studio
from faceswap_desktop.ui.actions import ActionSpec
from faceswap_desktop.ui.canvas.canvas import Canvas
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.gestures import Gestures
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.studio.menus import StudioMenus
from faceswap_desktop.ui.studio.video_actions import VideoCommands, video_actions
from faceswap_desktop.ui.studio.video_stage import VideoStage
from faceswap_desktop.ui.undo.trim import TrimCommand


class VideoGestures(QObject):
    """Connects the timeline with the player, the Studio and the people."""

    def __init__(
        self,
        context: AppContext,
        stack: QUndoStack,
        video: VideoStage,
        canvas: Canvas,
        gestures: Gestures,
        menus: StudioMenus,
        identities: Identities,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._stack = stack
        self._video = video
        self._canvas = canvas
        self._gestures = gestures
        self._menus = menus
        self._identities = identities
        window.installEventFilter(video)
        self._connect()

    def _connect(self) -> None:
        player, timeline, studio = self._video.player, self._video.timeline, self._studio
        head, lanes = timeline.head, timeline.lanes
        for part in (head, lanes):
            part.seek_wanted.connect(player.seek)
            part.scrub_changed.connect(self._video.scrub)
            part.step_wanted.connect(player.step)
            part.jump_wanted.connect(player.jump)
        head.trim_wanted.connect(self._on_trim)
        lanes.rename_wanted.connect(self._identities.ask_for_name)
        lanes.hide_wanted.connect(self._identities.hide)
        lanes.merge_wanted.connect(self._identities.merge)
        lanes.best_wanted.connect(self.go_to_best)
        lanes.appearance_wanted.connect(self.go_to_appearance)
        lanes.menu_wanted.connect(lambda index, place: self.lane_menu(index).popup(place))
        lanes.sources_dropped.connect(self._gestures.drop_on_face)
        lanes.current_changed.connect(self._canvas.focus_face)
        timeline.look_alike.merge_wanted.connect(self._identities.merge)
        timeline.look_alike.apart_wanted.connect(self._identities.keep_apart)
        timeline.analysis.pause_wanted.connect(lambda: studio.pause_analysis(self._key))
        timeline.analysis.resume_wanted.connect(lambda: studio.resume_analysis(self._key))

    def actions(self) -> list[ActionSpec]:
        """Return what can be done with a video."""
        player, view = self._video.player, self._video.timeline.view
        commands = VideoCommands(
            play=player.toggle,
            play_preview=self._video.toggle_preview,
            step=player.step,
            jump=player.jump,
            next_mark=player.next_mark,
            previous_mark=player.previous_mark,
            go_in=player.go_in,
            go_out=player.go_out,
            set_in=self.set_in,
            set_out=self.set_out,
            clear_points=self.clear_points,
            loop=player.set_loops,
            mute=self._video.volume.set_muted,
            zoom_in=view.zoom_in,
            zoom_out=view.zoom_out,
            best=lambda: self._for_chosen(self.go_to_best),
            appearance=lambda way: self._for_chosen(lambda index: self.go_to_appearance(index, way)),
            rename=lambda: self._for_chosen(self._identities.ask_for_name),
            hide=lambda: self._for_chosen(self._identities.hide),
            merge=self.merge_chosen,
            split=self.split_here,
            show_hidden=self.show_hidden,
        )
        return video_actions(commands, is_muted=self._context.current_settings.playback.is_muted)

    # Points

    def set_in(self) -> None:
        """Begin at the frame that stands."""
        chosen, frame = self._video.chosen, self._video.frame
        end = chosen.end if frame < chosen.end else self._frames
        self._push(FrameRange(frame, end), self.tr("set the in point"))

    def set_out(self) -> None:
        """End with the frame that stands."""
        chosen, frame = self._video.chosen, self._video.frame
        self._push(FrameRange(chosen.first if frame >= chosen.first else 0, frame + 1), self.tr("set the out point"))

    def clear_points(self) -> None:
        """Choose all of the clip."""
        if self._frames:
            self._push(FrameRange(0, self._frames), self.tr("clear the in and out points"))

    # People

    def go_to_best(self, index: int) -> None:
        """Go to the frame with the best picture of a person."""
        clip = self._video.timeline.view.clip
        lane = clip.lane(index) if clip is not None else None
        if lane is not None:
            self._video.player.seek(lane.best_frame)

    def go_to_appearance(self, index: int, direction: int) -> None:
        """Go to where a person comes next, or came before."""
        clip, frame = self._video.timeline.view.clip, self._video.frame
        lane = clip.lane(index) if clip is not None else None
        if lane is None:
            return
        starts = [span.first for span in lane.spans]
        found = [one for one in starts if (one > frame if direction > 0 else one < frame)]
        if found:
            self._video.player.seek(min(found) if direction > 0 else max(found))

    def merge_chosen(self) -> None:
        """Make one person of the chosen lanes."""
        chosen = self._video.timeline.lanes.selected
        if len(chosen) > 1:
            self._identities.merge(chosen)
        else:
            self._context.notifications.info(
                self.tr("Choose two lanes or more first: click them with Ctrl held."), key="lanes"
            )

    def split_here(self) -> None:
        """Let the chosen person be somebody else from this frame on."""
        self._for_chosen(lambda index: self._identities.split(index, self._video.frame))

    def show_hidden(self) -> None:
        """Show everybody again."""
        analysis = self._identities.analysis
        if analysis is not None:
            self._identities.show([one.index for one in analysis.identities if one.is_hidden])

    # Inside

    def _for_chosen(self, work: Callable[[int], object]) -> None:
        """Do something to the person who is meant: the chosen lane, or the face that has the keyboard."""
        chosen, face = self._video.timeline.lanes.selected, self._canvas.focused_face
        if len(chosen) == 1 or face is not None:
            work(chosen[0] if len(chosen) == 1 or face is None else face)
        else:
            self._context.notifications.info(self.tr("Choose one person first."), key="lanes")

    @property
    def _studio(self) -> Studio:
        return self._context.studio

    @property
    def _key(self) -> str:
        return self._video.clip.key if self._video.clip is not None else ""

    @property
    def _frames(self) -> int:
        return len(self._video.clip.times) if self._video.clip is not None else 0

    def _on_trim(self, trim: FrameRange, gesture: int) -> None:
        self._push(trim, self.tr("choose a part of the video"), gesture)

    def _push(self, trim: FrameRange, words: str, gesture: int = 0) -> None:
        wanted = None if len(trim) == self._frames else trim
        if self._key and wanted != self._studio.trim_of(self._key):
            self._stack.push(TrimCommand(self._studio, self._key, wanted, words, gesture))

    def lane_menu(self, index: int) -> QMenu:
        """Make the menu of a lane: that of the face, and ways through the clip."""
        menu = self._menus.face_menu(index)
        entries: list[tuple[str, str, Callable[[], None]]] = [
            (self.tr("Go to the best frame"), "Return", lambda: self.go_to_best(index)),
            (self.tr("Next appearance"), "Ctrl+Right", lambda: self.go_to_appearance(index, 1)),
            (self.tr("Previous appearance"), "Ctrl+Left", lambda: self.go_to_appearance(index, -1)),
        ]
        menu.addSeparator()
        for words, keys, work in entries:
            action = menu.addAction(words)
            action.setShortcut(keys)
            action.triggered.connect(lambda _checked=False, work=work: work())
        chosen = self._video.timeline.lanes.selected
        if len(chosen) > 1:
            merge = menu.addAction(self.tr("Merge the {n} chosen lanes").format(n=len(chosen)))
            merge.setShortcut("Ctrl+M")
            merge.triggered.connect(self.merge_chosen)
        return menu
