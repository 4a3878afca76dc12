"""Results that are deleted here while their providers still keep them: asked about, and deleted there too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobId, ResultId
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import ask
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.gallery.cloud_words import Who, day_text, tr, who_is
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.texts import text_of


@dataclass(frozen=True, slots=True)
class Kept:
    """What one provider still keeps.

    Attributes:
        provider: Its id.
        jobs: Whose results.
        until: When the last of them is deleted there by itself; 0.0 where that is not known.
    """

    provider: str
    jobs: tuple[JobId, ...]
    until: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the user wants something deleted."""

    here: bool = False
    there: bool = False


class DeleteDialog(QuestionDialog):
    """Asks whether results are to be deleted at their providers, too.

    Attributes:
        answered: Whether they are, when the dialog was accepted.
    """

    answered = Signal(bool)

    def __init__(self, parent: QWidget, title: str, text: str, also: str) -> None:
        super().__init__(parent, title, text, tr("Delete"))
        self.setObjectName("delete-dialog")
        self.also = QCheckBox(also.replace("&", "&&"), self)
        name(self.also, "delete-there", also)
        self.column.insertWidget(2, self.also)
        self.accepted.connect(lambda: self.answered.emit(self.also.isChecked()))


class Keeping:
    """Knows what providers that delete on demand still keep."""

    def __init__(self, context: AppContext, providers: Mapping[str, Who], parent: QWidget) -> None:
        self._context = context
        self._providers = providers
        self._parent = parent

    async def of_results(self, ids: Sequence[ResultId]) -> list[Kept]:
        """Return what providers still keep of some results."""
        there = [
            one for one in await self._context.queue.still_there() if who_is(self._providers, one.provider).can_delete
        ]
        if not there:
            # Mostly so; then a hundred thousand rows need not be looked at.
            return []
        jobs = {result.job for result in await self._context.gallery.results(ids)}
        found = [one for one in there if one.job in jobs]
        return [
            Kept(
                provider,
                tuple(dict.fromkeys(one.job for one in found if one.provider == provider)),
                max(one.expires_at for one in found if one.provider == provider),
            )
            for provider in dict.fromkeys(one.provider for one in found)
        ]

    async def ask(self, count: int, kept: Sequence[Kept]) -> Answer:
        """Ask where some results are to be deleted."""
        title = tr("Delete this result?") if count == 1 else tr("Delete {n} results?").format(n=f"{count:,}")
        text = " ".join(
            [*(self._words(one) for one in kept), tr("Here it can be brought back for a while; there not.")]
        )
        titles = ", ".join(who_is(self._providers, one.provider).title for one in kept)
        dialog = DeleteDialog(
            self._parent.window(), title, text, tr("Also delete at {provider}").replace("{provider}", titles)
        )
        answers: list[bool] = []
        dialog.answered.connect(answers.append)
        await ask(dialog)
        return Answer(here=True, there=answers[0]) if answers else Answer()

    async def delete(self, kept: Sequence[Kept]) -> None:
        """Delete at the providers; one that does not do it is told of by name, and the others still do."""
        for one in kept:
            title = who_is(self._providers, one.provider).title
            try:
                await self._context.queue.delete_remote(one.jobs)
            except FaceSwapError as error:
                why = " ".join(filter(None, (text_of(error.message), text_of(error.hint))))
                self._context.notifications.post(
                    Notice(
                        tr("Deleted here, but not at {provider}.").replace("{provider}", title),
                        Tone.ERROR,
                        why,
                        key=f"kept {one.provider}",
                    )
                )

    def _words(self, one: Kept) -> str:
        title = who_is(self._providers, one.provider).title
        count = len(one.jobs)
        what = tr("1 result") if count == 1 else tr("{n} results").format(n=f"{count:,}")
        if not one.until:
            return tr("{provider} still keeps {what}.").replace("{provider}", title).replace("{what}", what)
        words = tr("{provider} keeps {what} until {day}.").replace("{day}", day_text(one.until))
        return words.replace("{provider}", title).replace("{what}", what)
