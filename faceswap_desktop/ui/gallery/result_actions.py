"""What can be done to results."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QGuiApplication, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QMenu

from faceswap_desktop.domain.job import ResultId
from faceswap_desktop.services.gallery import Deletion
from faceswap_desktop.ui.actions import ActionSpec, ActionTable, Menu
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_folder, ask_where_to_save
from faceswap_desktop.ui.dialogs.questions import ask_for_text
from faceswap_desktop.ui.files import show_in_folder
from faceswap_desktop.ui.gallery.duels import Duels
from faceswap_desktop.ui.gallery.handing_on import (
    VIDEO_SUFFIXES,
    copied_words,
    is_unsigned,
    sign_now,
    to_image,
    with_suffix,
)
from faceswap_desktop.ui.gallery.keeping import Answer, Keeping
from faceswap_desktop.ui.gallery.verifying import Verifying
from faceswap_desktop.ui.gallery.viewer import SELDOM
from faceswap_desktop.ui.gallery.viewer_actions import VIDEO_ACTIONS, VIEWER_ACTIONS, viewer_specs
from faceswap_desktop.ui.notifications import Notice, Tone

if TYPE_CHECKING:
    from faceswap_desktop.ui.pages.gallery import GalleryPage


class ResultActions:
    """The actions of cards and of the large view."""

    def __init__(
        self, page: GalleryPage, context: AppContext, tasks: Tasks, undo: QUndoStack, duels: Duels, keeping: Keeping
    ) -> None:
        self._page = page
        self._context = context
        self._tasks = tasks
        self._undo = undo
        self._duels = duels
        self._keeping = keeping
        self.verifying = Verifying(page, context)
        self._table: ActionTable | None = None

    def specs(self) -> list[ActionSpec]:
        """Return the actions."""
        tr, menu = _tr, Menu.RESULT
        page = self._page
        return [
            ActionSpec(id="results.open", text=tr("Open result"), run=self._open, menu=menu, icon="eye"),
            ActionSpec(id="results.back", text=tr("All results"), run=page.close_viewer, shortcut="Esc", menu=menu),
            ActionSpec(
                id="results.copy", text=tr("Copy"), run=self._copy, shortcut="Ctrl+C", menu=menu, group=1, icon="copy"
            ),
            ActionSpec(
                id="results.save",
                text=tr("Save as…"),
                run=self._save_as,
                shortcut="Ctrl+S",
                menu=menu,
                group=1,
                icon="save",
            ),
            ActionSpec(
                id="results.show",
                text=tr("Show in folder"),
                run=self._show_in_folder,
                shortcut="Ctrl+Shift+F",
                menu=menu,
                group=1,
                icon="show-in-folder",
            ),
            ActionSpec(
                id="results.sign",
                text=tr("Sign now"),
                run=self._sign,
                menu=menu,
                group=1,
                icon="verify",
                tip=tr("Write signed Content Credentials into a result that was kept without them"),
            ),
            ActionSpec(
                id="results.again",
                text=tr("Run again"),
                run=self._run_again,
                shortcut="Ctrl+R",
                menu=menu,
                group=2,
                icon="retry",
            ),
            ActionSpec(
                id="results.change",
                text=tr("Change and run again"),
                run=self._change,
                shortcut="Ctrl+E",
                menu=menu,
                group=2,
                icon="sliders",
                tip=tr("Open it in the Studio with these pairings, ages and options"),
            ),
            *self._duels.specs(),
            *self.verifying.specs(),
            ActionSpec(
                id="results.favourite",
                text=tr("Favourite"),
                run=self._favourite,
                shortcut="B",
                menu=menu,
                group=3,
                icon="star",
            ),
            ActionSpec(
                id="results.rename",
                text=tr("Rename…"),
                run=self._rename,
                shortcut="F2",
                menu=menu,
                group=3,
                icon="edit",
            ),
            ActionSpec(
                id="results.delete",
                text=tr("Delete"),
                run=self._delete,
                shortcut="Del",
                menu=menu,
                group=4,
                icon="trash",
            ),
            ActionSpec(
                id="results.all",
                text=tr("Choose all results"),
                run=page.cards.selectAll,
                shortcut="Ctrl+A",
                menu=Menu.EDIT,
                group=9,
            ),
            *viewer_specs(page.viewer, page.set_compare_mode),
            ActionSpec(
                id="results.search",
                text=tr("Search results"),
                run=page.start_search,
                shortcut="Ctrl+F",
                menu=Menu.EDIT,
                group=9,
                icon="search",
            ),
            ActionSpec(
                id="results.next",
                text=tr("Next result"),
                run=lambda: page.viewer.step.emit(1),
                shortcut="PgDown",
                menu=Menu.VIEW,
                group=6,
            ),
            ActionSpec(
                id="results.previous",
                text=tr("Previous result"),
                run=lambda: page.viewer.step.emit(-1),
                shortcut="PgUp",
                menu=Menu.VIEW,
                group=6,
            ),
        ]

    def attach(self, table: ActionTable) -> None:
        """Take the table."""
        self._table = table

    def beside_title(self) -> list[tuple[QAction, str]]:
        """Return what stands as icons beside the title of the large view."""
        return self._buttons("favourite", "rename")

    def for_viewer(self) -> list[tuple[QAction, str]]:
        """Return what stands as buttons beside the large view."""
        return self._buttons("sign", "copy", "save", "show", "verify", "again", "change", "send", "duel", "delete")

    def _buttons(self, *wanted: str) -> list[tuple[QAction, str]]:
        assert self._table is not None
        icons = {spec.id: spec.icon for spec in self.specs()}
        return [(self._table.action(f"results.{one}"), icons[f"results.{one}"]) for one in wanted]

    def show_menu(self, at: QPoint) -> None:
        """Offer what can be done to the chosen cards."""
        if self._table is None or not self._page.chosen_ids():
            return
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._table.action("results.open"))
        menu.addSeparator()
        *upper, delete = self.for_viewer()
        for action, _ in [*upper, *self.beside_title()]:
            if action.objectName() not in SELDOM or action.isEnabled():
                menu.addAction(action)
        menu.addSeparator()
        menu.addAction(delete[0])
        menu.popup(self._page.cards.viewport().mapToGlobal(at))

    def refresh(self) -> None:
        """Enable what applies to what is chosen."""
        if self._table is None:
            return
        count = self._page.chosen_count()
        is_viewing = self._page.is_viewing
        for action_id in ("copy", "save", "show", "again", "favourite", "delete"):
            self._table.set_enabled(f"results.{action_id}", count > 0)
        for action_id in ("change", "rename"):
            self._table.set_enabled(f"results.{action_id}", count == 1)
        known = self._page.known_results()
        if known and all(one is not None and not one.recipe.can_be_made_again for one in known):
            for action_id in ("again", "change"):
                self._table.set_enabled(f"results.{action_id}", False)
        self._table.set_enabled("results.open", count == 1 and not is_viewing)
        self._table.set_enabled("results.sign", any(is_unsigned(one) for one in self._page.known_results()))
        for action_id in VIEWER_ACTIONS:
            self._table.set_enabled(f"results.{action_id}", is_viewing)
        result = self._page.viewer.result
        is_video = is_viewing and result is not None and result.recipe.is_video
        for action_id in VIDEO_ACTIONS:
            self._table.set_enabled(f"results.{action_id}", is_video)
        self._duels.refresh(self._table)
        self.verifying.refresh(self._table)
        words = _tr("Remove from favourites") if self._page.are_favourites() else _tr("Favourite")
        self._table.set_text("results.favourite", words)
        self._table.action("results.favourite").setToolTip(f"{words} (B)")

    # One by one

    async def _open(self) -> None:
        if chosen := await self._page.chosen_results():
            self._page.open_result(chosen[0])

    async def _copy(self) -> None:
        chosen = await self._page.chosen_results()
        if not chosen:
            return
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(result.path) for result in chosen])
        if len(chosen) == 1 and Path(chosen[0].path).suffix.lower() not in VIDEO_SUFFIXES:
            picture = await self._context.detection.display(chosen[0].path)
            mime.setImageData(await asyncio.to_thread(to_image, picture))
        QGuiApplication.clipboard().setMimeData(mime)
        count = len(chosen)
        one = copied_words(is_picture=mime.hasImage())
        self._context.notifications.info(one if count == 1 else _tr("Copied {n} files.").format(n=count), key="copied")

    async def _save_as(self) -> None:
        chosen = await self._page.chosen_results()
        state, name = self._context.window_state, ""
        if len(chosen) == 1:
            name = Path(chosen[0].path).name
            suffix = Path(name).suffix.lower()
            # A copy of a video keeps its container.
            names = (
                _tr("Videos (*{suffix})").format(suffix=suffix)
                if suffix in VIDEO_SUFFIXES
                else _tr("Pictures (*.jpg *.jpeg *.png *.webp *.tif *.tiff *.avif)")
            )
            to = await ask_where_to_save(self._page, state, _tr("Save result"), name, names, replaces=False)
            targets = [with_suffix(to, Path(name).suffix)] if to is not None else []
        elif chosen:
            folder = await ask_for_folder(self._page, state, _tr("Save {n} results in").format(n=len(chosen)))
            targets = [folder / Path(result.path).name for result in chosen] if folder is not None else []
        else:
            return
        written = [
            Path((await self._context.gallery.save_as(result, target)).path)
            for result, target in zip(chosen, targets, strict=False)
        ]
        if written:
            self._tell_saved(written)

    def _tell_saved(self, written: Sequence[Path]) -> None:
        first, count = written[0], len(written)
        self._context.notifications.success(
            _tr("Saved {name}.").format(name=first.name) if count == 1 else _tr("Saved {n} results.").format(n=count),
            button=_tr("Show in folder"),
            action=lambda: self._tasks.start(show_in_folder(first)),
            key="saved",
        )

    async def _show_in_folder(self) -> None:
        for result in (await self._page.chosen_results())[:1]:
            await show_in_folder(Path(result.path))

    async def _sign(self) -> None:
        await sign_now(self._context, await self._page.chosen_results())

    async def _run_again(self) -> None:
        # Of live pictures among the others there is nothing to make them from.
        chosen = [one for one in await self._page.chosen_results() if one.recipe.can_be_made_again]
        jobs = await self._context.swapping.run_all_again([result.recipe for result in chosen])
        count = len(jobs)
        self._context.notifications.info(
            _tr("1 job started.") if count == 1 else _tr("{n} jobs started.").format(n=count), key="jobs"
        )

    async def _change(self) -> None:
        if chosen := await self._page.chosen_results():
            self._context.navigator.go("studio", chosen[0].recipe)

    async def _favourite(self) -> None:
        wanted = not self._page.are_favourites()
        await self._context.gallery.set_favourite(self._page.chosen_ids(), wanted)

    async def _rename(self) -> None:
        for result in (await self._page.chosen_results())[:1]:
            title = await ask_for_text(self._page, _tr("Rename result"), _tr("Name"), result.title)
            if title is not None and title != result.title:
                await self._context.gallery.rename(result.id, title)

    async def _delete(self) -> None:
        ids = self._page.chosen_ids()
        if not ids:
            return
        kept = await self._keeping.of_results(ids)
        answer = await self._keeping.ask(len(ids), kept) if kept else Answer(here=True)
        if not answer.here:
            return
        deletion = await self._context.gallery.delete(ids)
        command = _DeleteCommand(self, deletion)
        self._undo.push(command)
        count = len(deletion.results)
        self._context.notifications.post(
            Notice(
                _tr("Deleted 1 result.") if count == 1 else _tr("Deleted {n} results.").format(n=f"{count:,}"),
                Tone.INFO,
                button=_tr("Undo"),
                action=partial(self._take_back, command),
                key="deleted",
                seconds=self._context.current_settings.storage.undo_seconds,
            )
        )
        if answer.there:
            await self._keeping.delete(kept)

    def _take_back(self, command: _DeleteCommand) -> None:
        # The strip and Ctrl+Z are one and the same undo; pressing both brings the results back once.
        if self._undo.count() and self._undo.command(self._undo.index() - 1) is command:
            self._undo.undo()
        else:
            command.undo()

    def bring_back(self, deletion: Deletion) -> None:
        """Undo a deletion."""
        self._tasks.start(self._context.gallery.bring_back(deletion))

    def delete_again(self, command: _DeleteCommand, ids: Sequence[ResultId]) -> None:
        """Redo a deletion."""

        async def again() -> None:
            command.deletion = await self._context.gallery.delete(ids)

        self._tasks.start(again())


class _DeleteCommand(QUndoCommand):
    """A deletion that was done already when it is pushed."""

    def __init__(self, actions: ResultActions, deletion: Deletion) -> None:
        super().__init__(_tr("delete results"))
        self.deletion = deletion
        self._actions = actions
        self._is_first = True
        self._is_undone = False

    def redo(self) -> None:
        """Delete again."""
        if self._is_first:
            self._is_first = False
            return
        self._is_undone = False
        self._actions.delete_again(self, self.deletion.results)

    def undo(self) -> None:
        """Bring back."""
        if not self._is_undone:
            self._is_undone = True
            self._actions.bring_back(self.deletion)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Gallery", text)
