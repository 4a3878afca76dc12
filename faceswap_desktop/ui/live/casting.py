"""Who becomes whom in front of the camera: what is asked first, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import ConsentNeeded, FaceSwapError, SensitiveContent, UserError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import LivePart

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.studio.sources import Sources


class Casting(QObject):
    """Gives parts to people, one after the other; of several wishes for one person the newest counts.

    Attributes:
        refused: A source face is not put on anybody, and why (``FaceSwapError``); None where one was.
        left_out: The source face of last time is not put on again, and why (words).
    """

    refused = Signal(object)
    left_out = Signal(str)

    def __init__(self, context: AppContext, tasks: Tasks, sources: Sources, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._sources = sources
        self._window = window
        self._wishes: dict[int, LivePart] = {}
        self._last: LivePart | None = None
        self._turn = asyncio.Lock()

    def part_of(self, number: int) -> LivePart:
        """Return what is done to a person, or is about to be; 0 for everyone."""
        state = self._context.live.state
        current = state.parts.get(number, state.everyone) if number else state.everyone
        return self._wishes.get(number, current)

    def give(self, number: int, source: SourceFaceId) -> None:
        """Put a source face on a person; 0 for everyone. Their age stays as it is."""
        self._wish(number, LivePart(source, self.part_of(number).years))

    def age(self, number: int, years: int) -> None:
        """Make a person older or younger; 0 for everyone."""
        self._wish(number, LivePart(self.part_of(number).source, years))

    def leave(self, number: int) -> None:
        """Leave a face as it is; 0 for everyone who has no part of their own."""
        self._wish(number, LivePart())

    def as_everyone(self, number: int) -> None:
        """Let a person have the part that everyone has."""
        self._wishes.pop(number, None)
        self._context.live.clear_part(number)

    def put_back(self) -> None:
        """Put on everyone what they had when the program was used last, where the gate lets it pass still."""
        live = self._context.current_settings.live
        if (live.face or live.years) and self._context.live.state.everyone == LivePart():
            self._last = LivePart(SourceFaceId(live.face) if live.face else None, live.years)
            self._tasks.start(self._carry_out(), key="cast")

    async def settled(self) -> None:
        """Wait until every wish is carried out or refused."""
        await self._carry_out()

    def _wish(self, number: int, part: LivePart) -> None:
        self._wishes[number] = part
        self._tasks.start(self._carry_out(), key="cast")

    async def _carry_out(self) -> None:
        async with self._turn:
            last, self._last = self._last, None
            if last is not None:
                await self._put_back(last)
        while self._wishes:
            number = next(iter(self._wishes))
            part = self._wishes[number]
            try:
                await self._give(number, part)
                self.refused.emit(None)
            except SensitiveContent as error:
                self.refused.emit(error)
            except ConsentNeeded:
                if not await self._ask(part.source):
                    self._drop(number, part)
                continue
            except FaceSwapError as error:
                self.refused.emit(error)
            self._drop(number, part)

    async def _put_back(self, last: LivePart) -> None:
        try:
            await self._context.live.set_everyone(last.source, last.years)
        except UserError:
            # Nobody is asked for consent by merely opening a page. Once it was said it is not tried again.
            await self._sources.ready()
            name = self._sources.name_of(last.source) if last.source is not None else ""
            words = (
                self.tr("“{name}” was chosen last time and may not be used now: choose a source face.").format(
                    name=name
                )
                if name
                else self.tr("The source face of last time is gone: choose another one.")
            )
            self.left_out.emit(words)
            await self._context.settings.update("live", face="", years=0)
        except FaceSwapError as error:
            self.refused.emit(error)

    async def _keep(self) -> None:
        # One at a time, while an age is being dragged.
        while True:
            part, live = self._context.live.state.everyone, self._context.current_settings.live
            if (part.source or "", part.years) == (live.face, live.years):
                return
            await self._context.settings.update("live", face=part.source or "", years=part.years)

    def _drop(self, number: int, part: LivePart) -> None:
        # What was wished meanwhile stays.
        if self._wishes.get(number) == part:
            del self._wishes[number]

    async def _give(self, number: int, part: LivePart) -> None:
        live = self._context.live
        if number:
            await live.set_part(number, part.source, part.years)
        else:
            await live.set_everyone(part.source, part.years)
            self._tasks.start(self._keep(), key="cast-keep")

    async def _ask(self, source: SourceFaceId | None) -> bool:
        from faceswap_desktop.ui.consent.sheet import ask_who

        await self._sources.load()
        face = self._sources.all.get(source) if source is not None else None
        if face is None:
            return False
        return await ask_who(self._context, self._window, [face], self.tr("Remember and put on"))
