"""What the Faces page does with the library. Each gesture can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.faces import PhotoId, SourceFace, SourceFaceId
from faceswap_desktop.services.incoming import pictures_in
from faceswap_desktop.services.library import LibraryChange, Refusal
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import PICTURE_SUFFIXES, ask_for_pictures
from faceswap_desktop.ui.dialogs.questions import ask_for_text, confirm
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.texts import text_of

_LONG: Final = 86_400.0


class FaceGestures(QObject):
    """Adds, names, merges and removes source faces.

    Attributes:
        added: Ids of the source faces that photos became.
    """

    added = Signal(list)

    def __init__(self, context: AppContext, tasks: Tasks, undo: QUndoStack, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._undo = undo
        self._window = window
        # Undo and redo in quick succession have to reach the library in that order.
        self._in_order = asyncio.Lock()

    async def ask_for_photos(self) -> None:
        """Let the user choose photos and add them."""
        title = self.tr("Add photos of source faces")
        await self.add(await ask_for_pictures(self._window, self._context.window_state, title))

    async def add(self, paths: Sequence[Path]) -> None:
        """Add photos, and those of folders, one source face each; says how far it is and what was refused."""
        found = await pictures_in(paths, PICTURE_SUFFIXES)
        added: list[SourceFaceId] = []
        refused: list[Refusal] = []
        stopping = asyncio.Event()
        try:
            for number, path in enumerate(found):
                if stopping.is_set():
                    break
                if len(found) > 1:
                    self._say_progress(number, len(found), stopping)
                outcome = await self._context.library.add_photos([path])
                added += [face.id for face in outcome.added]
                refused += outcome.refused
        finally:
            self._context.notifications.withdraw("faces-adding")
        self._say_refused(refused, len(found))
        if paths and not found:
            self._post(self.tr("There is no picture in this folder."), Tone.WARNING, key="faces-refused")
        if added:
            self.added.emit(added)

    async def add_photo_to(self, face: SourceFace) -> None:
        """Let the user choose more photos of a person."""
        title = self.tr("Add photos of {name}").format(name=face.name)
        for path in await ask_for_pictures(self._window, self._context.window_state, title):
            await self.take_photo_of(face.id, path)

    async def take_photo_of(self, face_id: SourceFaceId, path: Path) -> None:
        """Add one photo of a person, and say if it looks like somebody else."""
        async with self._in_order:
            change = await self._context.library.add_photo_to(face_id, path)
        command = self._push(self.tr("add a photo"), change)
        if not change.looks_alike:
            self._post(
                self.tr("{photo} does not look like {name}.").format(photo=path.name, name=change.after[0].name),
                Tone.WARNING,
                self.tr("Put together they give a mixture."),
                key="faces-unlike",
                undo=command,
            )

    async def put_together(self, faces: Sequence[SourceFace]) -> None:
        """Make one person of several faces; asks first where they do not look alike."""
        if not self._context.library.look_alike(faces) and not await confirm(
            self._window,
            self.tr("One person?"),
            self.tr("These faces do not look like one person. Put together they give a mixture."),
            self.tr("Put together"),
        ):
            return
        async with self._in_order:
            change = await self._context.library.put_together([face.id for face in faces])
        self._push(self.tr("put together"), change)
        self.added.emit([face.id for face in change.after])

    async def take_apart(self, face: SourceFace) -> None:
        """Make a source face of every photo of a person."""
        async with self._in_order:
            change = await self._context.library.take_apart(face.id)
        self._push(self.tr("take apart"), change)
        self.added.emit([one.id for one in change.after])

    async def rename(self, face: SourceFace) -> None:
        """Ask for another name."""
        new = await ask_for_text(self._window, self.tr("Rename face"), self.tr("Name"), face.name)
        if new is not None and new.strip() != face.name:
            async with self._in_order:
                change = await self._context.library.rename(face.id, new)
            self._push(self.tr("rename"), change)

    async def set_on_shelf(self, faces: Sequence[SourceFace], on_shelf: bool) -> None:
        """Put faces on the Studio's shelf, or take them off."""
        async with self._in_order:
            change = await self._context.library.set_on_shelf([face.id for face in faces], on_shelf)
        self._push(self.tr("change the shelf"), change)

    async def delete(self, faces: Sequence[SourceFace]) -> None:
        """Take faces out of the library."""
        async with self._in_order:
            change = await self._context.library.delete([face.id for face in faces])
        command = self._push(self.tr("delete faces"), change)
        one, many = self.tr("Deleted {name}."), self.tr("Deleted {n} faces.")
        words = one.format(name=faces[0].name) if len(faces) == 1 else many.format(n=len(faces))
        self._post(words, Tone.INFO, key="faces-deleted", undo=command)

    async def remove_photo(self, face_id: SourceFaceId, photo_id: PhotoId) -> None:
        """Take one photo out of a person."""
        async with self._in_order:
            change = await self._context.library.remove_photo(face_id, photo_id)
        self._push(self.tr("take a photo out"), change)

    # Undo

    def _push(self, words: str, change: LibraryChange) -> ChangeCommand:
        command = ChangeCommand(words, change, self)
        self._undo.push(command)
        return command

    def carry_out(self, change: LibraryChange) -> None:
        """Apply a change, after those that were asked for before."""
        self._tasks.start(self._apply(change))

    async def _apply(self, change: LibraryChange) -> None:
        async with self._in_order:
            await self._context.library.apply(change)

    def _take_back(self, command: ChangeCommand) -> None:
        # Only what is on top: a later gesture must not be undone by this button.
        index = self._undo.index()
        if index and self._undo.command(index - 1) is command:
            self._undo.undo()

    # Words

    def _post(self, text: str, tone: Tone, hint: str = "", *, key: str = "", undo: ChangeCommand | None = None) -> None:
        button, action = (self.tr("Undo"), partial(self._take_back, undo)) if undo is not None else ("", None)
        seconds = 16.0 if tone is Tone.INFO else None
        self._context.notifications.post(Notice(text, tone, hint, button, action, key, seconds))

    def _say_progress(self, done: int, total: int, stopping: asyncio.Event) -> None:
        text = self.tr("Looking at photo {n} of {total} …").format(n=done + 1, total=total)
        notice = Notice(text, button=self.tr("Stop"), action=stopping.set, key="faces-adding", seconds=_LONG)
        self._context.notifications.post(notice)

    def _say_refused(self, refused: Sequence[Refusal], total: int) -> None:
        if not refused:
            return
        first = refused[0]
        if len(refused) == 1:
            text, hint = text_of(first.message), text_of(first.hint)
        else:
            text = self.tr("{n} of {total} photos were refused.").format(n=len(refused), total=total)
            hint = " ".join(text_of(one.message) for one in refused[:3])
        self._post(text, Tone.WARNING, hint, key="faces-refused")


class ChangeCommand(QUndoCommand):
    """A change of the library that was carried out when it is pushed."""

    def __init__(self, words: str, change: LibraryChange, gestures: FaceGestures) -> None:
        super().__init__(words)
        self._change = change
        self._gestures = gestures
        self._is_first = True

    def redo(self) -> None:
        """Carry it out again."""
        if self._is_first:
            self._is_first = False
        else:
            self._gestures.carry_out(self._change)

    def undo(self) -> None:
        """Take it back."""
        self._gestures.carry_out(self._change.reversed())
