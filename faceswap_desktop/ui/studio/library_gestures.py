"""What the shelf does with the library; each gesture can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.errors import FaceSwapError, SensitiveContent
from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.domain.pairing import PairingBoard
from faceswap_desktop.services.library import LibraryChange, Refusal
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_pictures
from faceswap_desktop.ui.dialogs.questions import ask_for_text
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.undo.pairing import CallCommand, PairingCommand


class LibraryGestures(QObject):
    """Adds, names, merges and removes source faces.

    Attributes:
        progressed: Photos being looked at: how many are done, how many there are; (0, 0) when over.
    """

    progressed = Signal(int, int)

    def __init__(self, context: AppContext, tasks: Tasks, stack: QUndoStack, sources: Sources, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._stack = stack
        self._sources = sources
        self._window = window
        # Undo and redo in quick succession have to reach the library in that order.
        self._in_order = asyncio.Lock()

    # Adding

    def add(self, paths: Sequence[Path], names: Mapping[Path, str] | None = None) -> None:
        """Take photos into the library, onto the shelf; ``names`` are for those that are not called as their files."""
        if paths:
            self._tasks.start(self.added(paths, names or {}))

    async def added(self, paths: Sequence[Path], names: Mapping[Path, str]) -> list[SourceFace]:
        """Take photos into the library, and return the source faces they are now."""
        known = set(self._sources.all)
        total = len(paths)
        done: list[SourceFace] = []
        refused: list[Refusal] = []
        croppable: list[Path] = []
        self.progressed.emit(0, total)
        try:
            for number, path in enumerate(paths, start=1):
                try:
                    done.append(await self._context.library.add_face(path, name=names.get(path, "")))
                except FaceSwapError as error:
                    refused.append(Refusal(str(path), error.message, error.hint))
                    if isinstance(error, SensitiveContent):
                        croppable.append(path)
                self.progressed.emit(number, total)
        finally:
            self.progressed.emit(0, 0)
        new = tuple(face for face in done if face.id not in known)
        if new:
            words = self.tr("add {name}").format(name=new[0].name) if len(new) == 1 else self.tr("add photos")
            self._push(LibraryChange((), new), words)
        self._say_refused(refused, total, croppable)
        return done

    def ask_to_add(self) -> None:
        """Let the user choose photos for the shelf."""
        self._tasks.start(self._ask_to_add(), key="add-sources")

    def ask_for_more_photos(self, face: SourceFace) -> None:
        """Let the user choose more photos of one person."""
        self._tasks.start(self._ask_for_more(face), key="add-photos")

    async def _ask_to_add(self) -> None:
        title = self.tr("Add source faces")
        self.add(await ask_for_pictures(self._window, self._context.window_state, title))

    async def _ask_for_more(self, face: SourceFace) -> None:
        title = self.tr("Add photos of {name}").format(name=face.name)
        paths = await ask_for_pictures(self._window, self._context.window_state, title)
        refused: list[Refusal] = []
        self.progressed.emit(0, len(paths))
        try:
            for number, path in enumerate(paths, start=1):
                try:
                    change = await self._context.library.add_photo_to(face.id, path)
                    self._push(change, self.tr("add a photo of {name}").format(name=face.name))
                except FaceSwapError as error:
                    refused.append(Refusal(str(path), error.message, error.hint))
                self.progressed.emit(number, len(paths))
        finally:
            self.progressed.emit(0, 0)
        self._say_refused(refused, len(paths))

    def add_face_of(self, path: str, index: int) -> None:
        """Put one face of an open picture on the shelf."""
        self._tasks.start(self._add_face_of(path, index))

    async def _add_face_of(self, path: str, index: int) -> None:
        known = set(self._sources.all)
        name = self.tr("{picture}, face {n}").format(picture=Path(path).stem, n=index + 1)
        face = await self._context.library.add_face(path, face_index=index, name=name)
        if face.id not in known:
            self._push(LibraryChange((), (face,)), self.tr("add {name}").format(name=face.name))

    # Changing

    def ask_for_name(self, face: SourceFace) -> None:
        """Let the user rename a source face."""
        self._tasks.start(self._ask_for_name(face), key="rename-source")

    async def _ask_for_name(self, face: SourceFace) -> None:
        name = await ask_for_text(
            self._window, self.tr("Rename source face"), self.tr("Name"), face.name, self.tr("Rename")
        )
        if name and name != face.name:
            change = await self._context.library.rename(face.id, name)
            self._push(change, self.tr("rename {name}").format(name=face.name))

    def put_together(self, faces: Sequence[SourceFace]) -> None:
        """Make one person of several source faces; pairings with any of them go with it."""
        if len(faces) > 1:
            self._tasks.start(self._put_together(faces), key="put-together")

    async def _put_together(self, faces: Sequence[SourceFace]) -> None:
        library = self._context.library
        look_alike = library.look_alike(faces)
        change = await library.put_together([face.id for face in faces])
        person = change.after[0]
        words = self.tr("put {n} photos together").format(n=len(person.photos))
        self._push(change, words, self._board_with(person.id, {face.id for face in faces}))
        if look_alike:
            text, tone, hint = self.tr("{name} has {n} photos now."), Tone.INFO, ""
        else:
            text, tone = self.tr("{name} has {n} photos now, and they may not show the same person."), Tone.WARNING
            hint = self.tr("The result would be a mixture of both.")
        said = text.format(name=person.name, n=len(person.photos))
        self._post_with_undo(said, tone=tone, hint=hint)

    def take_apart(self, face: SourceFace) -> None:
        """Make a source face of its own out of every photo of a person."""
        self._tasks.start(self._take_apart(face))

    async def _take_apart(self, face: SourceFace) -> None:
        change = await self._context.library.take_apart(face.id)
        self._push(change, self.tr("take {name} apart").format(name=face.name))

    def take_off_shelf(self, faces: Sequence[SourceFace]) -> None:
        """Put source faces aside; they stay in the library."""
        self._tasks.start(self._take_off(faces))

    async def _take_off(self, faces: Sequence[SourceFace]) -> None:
        change = await self._context.library.set_on_shelf([face.id for face in faces], False)
        names = _names(faces)
        self._push(change, self.tr("take {names} off the shelf").format(names=names))
        text = self.tr("Off the shelf, still under Faces: {names}").format(names=names)
        self._post_with_undo(text)

    def delete(self, faces: Sequence[SourceFace]) -> None:
        """Take source faces out of the library."""
        self._tasks.start(self._delete(faces))

    async def _delete(self, faces: Sequence[SourceFace]) -> None:
        change = await self._context.library.delete([face.id for face in faces])
        names = _names(faces)
        self._push(change, self.tr("delete {names}").format(names=names))
        self._post_with_undo(self.tr("Deleted: {names}").format(names=names))

    def reorder(self, order: Sequence[SourceFaceId]) -> None:
        """Set the order of the shelf."""
        before = [face.id for face in self._sources.shelf]
        self._stack.push(
            CallCommand(
                self.tr("move source faces"),
                lambda: self._tasks.start(self._reorder(order)),
                lambda: self._tasks.start(self._reorder(before)),
            )
        )
        self._tasks.start(self._reorder(order))

    async def _reorder(self, order: Sequence[SourceFaceId]) -> None:
        async with self._in_order:
            rest = [face_id for face_id in self._sources.all if face_id not in set(order)]
            await self._context.library.reorder([*order, *rest])

    # Undo

    def _push(self, change: LibraryChange, words: str, board: PairingBoard | None = None) -> None:
        """Make a step of undo of something that was done to the library, and of pairings that follow from it."""
        pairing = PairingCommand(self._context.studio, board, words) if board is not None else None
        if pairing is not None:
            pairing.redo()

        def redo() -> None:
            self._tasks.start(self._apply(change))
            if pairing is not None:
                pairing.redo()

        def undo() -> None:
            self._tasks.start(self._apply(change.reversed()))
            if pairing is not None:
                pairing.undo()

        self._stack.push(CallCommand(words, redo, undo))

    async def _apply(self, change: LibraryChange) -> None:
        async with self._in_order:
            await self._context.library.apply(change)

    def _board_with(self, person: SourceFaceId, merged: set[SourceFaceId]) -> PairingBoard:
        board = self._context.studio.board
        return board.paired([target for target, source in board.pairings.items() if source in merged], person)

    # Words

    def _post_with_undo(self, text: str, *, tone: Tone = Tone.INFO, hint: str = "") -> None:
        index = self._stack.index()

        def undo() -> None:
            # Only what is on top: a later gesture must not be undone by this button.
            if self._stack.index() == index:
                self._stack.undo()

        self._context.notifications.post(
            Notice(text, tone, hint, self.tr("Undo"), undo, key="shelf", seconds=16 if tone is Tone.INFO else None)
        )

    def _say_refused(self, refused: Sequence[Refusal], total: int, croppable: Sequence[Path] = ()) -> None:
        if not refused:
            return
        # What is refused as sensitive may be cropped so that only the face is left; that is done in the Studio.
        button = self.tr("Open in the Studio") if croppable else ""
        action = (lambda: self._open(croppable)) if croppable else None
        if len(refused) == 1:
            text, hint = text_of(refused[0].message), text_of(refused[0].hint)
        else:
            text = self.tr("{n} of {total} photos did not become source faces.").format(n=len(refused), total=total)
            hint = text_of(refused[0].message)
        self._context.notifications.post(Notice(text, Tone.WARNING, hint, button, action, key="shelf-refused"))

    def _open(self, paths: Sequence[Path]) -> None:
        self._context.navigator.go("studio")
        self._context.studio.open(paths)


def _names(faces: Iterable[SourceFace]) -> str:
    return ", ".join(face.name for face in faces)
