"""Who is who in the video on the canvas: gestures from the list, the timeline and menus become steps of undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QMenu, QWidget

from faceswap_desktop.domain.video import FrameTimes, Identity, LookAlike, VideoAnalysis
from faceswap_desktop.services.studio import Studio, StudioPicture
from faceswap_desktop.services.videos import Videos
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.dialogs.questions import ask_for_text
from faceswap_desktop.ui.texts import clock_text
from faceswap_desktop.ui.undo.identities import (
    IdentitiesCommand,
    hide_identities,
    keep_apart,
    merge_identities,
    rename_identity,
    split_identity,
)


class Identities(QObject):
    """Names, hides, merges and splits the persons of the current video.

    Attributes:
        said: Something was done (words for the screen reader).
    """

    said = Signal(str)

    def __init__(self, studio: Studio, videos: Videos, tasks: Tasks, stack: QUndoStack, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._videos = videos
        self._tasks = tasks
        self._stack = stack
        self._window = window
        self.current_frame: Callable[[], int] = lambda: 0
        """Which frame is on the canvas; set by whoever shows it."""

    # What stands

    @property
    def picture(self) -> StudioPicture | None:
        """The current video, once it is known who is in it."""
        picture = self._studio.current
        return picture if picture is not None and picture.is_video and picture.analysis is not None else None

    @property
    def analysis(self) -> VideoAnalysis | None:
        """Who is in the current video."""
        return self.picture.analysis if self.picture is not None else None

    def name_of(self, index: int) -> str:
        """Return what a person is called: its name, or "Person 2"."""
        identity = self.analysis.identity(index) if self.analysis is not None else None
        return person_name(identity) if identity is not None else numbered_name(index)

    # Gestures

    def ask_for_name(self, index: int) -> None:
        """Let the user name a person."""
        self._tasks.start(self._ask_for_name(index), key="rename-identity")

    def hide(self, index: int) -> None:
        """Hide a person, who then stays as it is."""
        name = self.name_of(index)
        if (picture := self.picture) is not None:
            words = self.tr("hide {name}").format(name=name)
            self._push(hide_identities(self._studio, picture.key, [index], words))
            self.said.emit(self.tr("{name} is hidden and stays as it is").format(name=name))

    def show(self, indices: Sequence[int]) -> None:
        """Show hidden persons again."""
        if (picture := self.picture) is not None and indices:
            words = (
                self.tr("show {name}").format(name=self.name_of(indices[0]))
                if len(indices) == 1
                else self.tr("show {n} persons").format(n=len(indices))
            )
            self._push(hide_identities(self._studio, picture.key, indices, words, is_hidden=False))

    def merge(self, indices: Sequence[int]) -> None:
        """Make one person of several; the first one stays."""
        if (picture := self.picture) is not None and len(indices) > 1:
            names = {"a": self.name_of(indices[0]), "b": self.name_of(indices[1])}
            words = self.tr("merge {a} and {b}").format(**names)
            if self._push(merge_identities(self._studio, picture.key, indices, words)):
                self.said.emit(self.tr("{b} is {a} now").format(**names))

    def keep_apart(self, first: int, second: int) -> None:
        """Say that two who look alike are two."""
        if (picture := self.picture) is not None:
            words = self.tr("keep {a} and {b} apart").format(a=self.name_of(first), b=self.name_of(second))
            self._push(keep_apart(self._studio, picture.key, first, second, words))

    def split(self, index: int, at_frame: int) -> None:
        """Let a person be somebody else from a frame on."""
        self._tasks.start(self._split(index, at_frame), key="split-identity")

    def can_split(self, index: int, at_frame: int) -> bool:
        """Say whether a person is seen both before and from a frame on."""
        identity = self.analysis.identity(index) if self.analysis is not None else None
        if identity is None or not identity.parts:
            return False
        first = min(part.frames.first for part in identity.parts)
        return first < at_frame < max(part.frames.end for part in identity.parts)

    def add_to_menu(self, menu: QMenu, index: int) -> None:
        """Put what can be done to a person into a menu; nothing where it is no video."""
        analysis = self.analysis
        identity = analysis.identity(index) if analysis is not None else None
        if analysis is None or identity is None:
            return
        menu.addSeparator()
        self._add(menu, self.tr("Rename…"), partial(self.ask_for_name, index))
        others = [one for one in analysis.identities if one.index != index and not one.is_hidden]
        if others:
            same = menu.addMenu(self.tr("Is the same person as"))
            for other in others:
                # Who is seen more stays: its best picture is the better one.
                pair = sorted((identity, other), key=lambda one: -one.frames)
                self._add(same, person_name(other), partial(self.merge, [one.index for one in pair]))
        frame = self.current_frame()
        split = self._add(menu, self.tr("Is somebody else from this frame on"), partial(self.split, index, frame))
        split.setEnabled(self.can_split(index, frame))
        self._add(menu, self.tr("Hide"), partial(self.hide, index))

    def hidden_menu(self) -> QMenu:
        """Make the menu of those who are hidden."""
        menu = QMenu(self._window)
        menu.setObjectName("menu-hidden")
        menu.aboutToHide.connect(menu.deleteLater)
        hidden = [one for one in self.analysis.identities if one.is_hidden] if self.analysis is not None else []
        for one in hidden:
            self._add(menu, self.tr("Show {name}").format(name=person_name(one)), partial(self.show, [one.index]))
        if len(hidden) > 1:
            menu.addSeparator()
            self._add(menu, self.tr("Show all"), partial(self.show, [one.index for one in hidden]))
        return menu

    def look_alike(self) -> LookAlike | None:
        """Return two who could be one person, most alike first; None if nobody is left to ask about."""
        analysis = self.analysis
        if analysis is None:
            return None
        shown = {one.index for one in analysis.identities if not one.is_hidden}
        pairs = [pair for pair in analysis.look_alikes if {pair.first, pair.second} <= shown]
        return max(pairs, key=lambda pair: pair.similarity, default=None)

    # Inside

    def _add(self, menu: QMenu, words: str, work: Callable[[], object]) -> QAction:
        action = menu.addAction(words.replace("&", "&&"))
        action.triggered.connect(lambda _checked=False: work())
        return action

    def _push(self, command: IdentitiesCommand | None) -> bool:
        if command is not None:
            self._stack.push(command)
        return command is not None

    async def _ask_for_name(self, index: int) -> None:
        picture, old = self.picture, self.name_of(index)
        identity = self.analysis.identity(index) if self.analysis is not None else None
        if picture is None or identity is None:
            return
        name = await ask_for_text(
            self._window, self.tr("Name this person"), self.tr("Name"), identity.name, self.tr("Rename")
        )
        if name is not None:
            words = self.tr("rename {name}").format(name=old)
            self._push(rename_identity(self._studio, picture.key, index, name, words))

    async def _split(self, index: int, at_frame: int) -> None:
        picture, analysis = self.picture, self.analysis
        if picture is None or picture.media is None or analysis is None:
            return
        after = await self._videos.split(picture.media, analysis, index, at_frame)
        now = self._studio.picture(picture.key)
        # Somebody may have changed who is who while the worker looked for the best picture.
        if now is None or now.analysis != analysis:
            return
        words = self.tr("split {name}").format(name=self.name_of(index))
        if self._push(split_identity(self._studio, picture.key, index, after, words)):
            self.said.emit(self.tr("Split in two persons"))


def numbered_name(index: int) -> str:
    """Return "Person 2" for the identity number 1."""
    return QCoreApplication.translate("Identities", "Person {n}").format(n=index + 1)


def person_name(identity: Identity) -> str:
    """Return what a person is called: its name, or "Person 2"."""
    return identity.name or numbered_name(identity.index)


def seen_words(identity: Identity, times: FrameTimes) -> str:
    """Return where a person is seen: "in 214 frames, 0:03–0:41", with "2×" where it leaves in between."""
    translate = QCoreApplication.translate
    if not identity.spans:
        return translate("Identities", "in no frame")
    first, last = identity.spans[0].first, max(span.end for span in identity.spans)
    count = translate("Identities", "in 1 frame") if identity.frames == 1 else ""
    words = [
        count or translate("Identities", "in {n} frames").format(n=f"{identity.frames:,}"),
        f"{clock_text(times.of(first))}–{clock_text(times.of(last))}",
    ]
    if len(identity.spans) > 1:
        words.append(translate("Identities", "{n}×").format(n=len(identity.spans)))
    return ", ".join(words)
