"""The sheet that asks who source faces are, once: before the first job that uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.consents import DOCUMENT_SUFFIXES, ConsentAnswer, FaceConsent
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.bridge import Tasks, ask
from faceswap_desktop.ui.consent.person_part import PersonPart
from faceswap_desktop.ui.consent.words import tr
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_file
from faceswap_desktop.ui.dialogs.questions import WIDTH, QuestionDialog
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.labels import PlainLabel

_MOST_HEIGHT = 480
_BAR = 14


class ConsentSheet(QuestionDialog):
    """Asks for everybody at once. It stays open until what was said is written down; cancelling changes nothing."""

    def __init__(
        self,
        context: AppContext,
        parent: QWidget,
        faces: Sequence[SourceFace],
        known: Mapping[SourceFaceId, FaceConsent],
        yes: str,
    ) -> None:
        title = tr("Who is this?") if len(faces) == 1 else tr("Who are these {n} people?").format(n=len(faces))
        text = tr(
            "A face belongs to somebody. Say once why you may use it: it is remembered with the photos, on this "
            "computer only."
        )
        super().__init__(parent, title, text, yes)
        self.setObjectName("consent-sheet")
        self._context = context
        self._tasks = Tasks(self, context.notifications)
        self._given: dict[SourceFaceId, ConsentAnswer] = {}
        self.parts = [PersonPart(face, known[face.id], self) for face in faces]
        people = QWidget(self)
        column = QVBoxLayout(people)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for part in self.parts:
            part.setFixedWidth(WIDTH)
            column.addWidget(part)
            part.changed.connect(self._refresh)
            part.document_wanted.connect(lambda part=part: self._tasks.start(self._choose(part), key="document"))
        self.column.insertWidget(2, self._scrolling(people) if len(faces) > 1 else people)
        self._trouble = PlainLabel("", "danger", self, wraps=True)
        self._trouble.setFixedWidth(WIDTH)
        name(self._trouble, "consent-trouble", "")
        self.column.insertWidget(3, self._trouble)
        # What was said has to be written before the sheet goes.
        self.yes.clicked.disconnect()
        self.yes.clicked.connect(lambda: self._tasks.start(self._remember(), key="remember", on_error=self._on_error))
        self._refresh()
        self.parts[0].first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _scrolling(self, people: QWidget) -> QScrollArea:
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(people)
        people.adjustSize()
        area.setFixedSize(QSize(WIDTH + _BAR, min(_MOST_HEIGHT, people.sizeHint().height())))
        return area

    def _refresh(self) -> None:
        trouble = next((words for part in self.parts if (words := part.trouble())), "")
        self._say(trouble)
        self.yes.setEnabled(all(part.answer() is not None for part in self.parts))

    def _say(self, words: str) -> None:
        if words and words != self._trouble.text():
            announce(self, words, is_urgent=True)
        self._trouble.setText(words)
        self._trouble.setAccessibleName(words)
        self._trouble.setVisible(bool(words))

    async def _choose(self, part: PersonPart) -> None:
        patterns = " ".join(f"*.{suffix}" for suffix in DOCUMENT_SUFFIXES)
        kinds = tr("Documents ({patterns})").format(patterns=patterns)
        title = tr("A document that says that the face may be used")
        chosen = await ask_for_file(self, self._context.window_state, title, kinds)
        if chosen is not None:
            part.set_document(str(chosen))

    async def _remember(self) -> None:
        for part in self.parts:
            answer = part.answer()
            if answer is None:
                return
            # Where one was refused, those before it are written already.
            if self._given.get(part.face.id) != answer:
                await self._context.consents.give([part.face], answer)
                self._given[part.face.id] = answer
        self.accept()

    def _on_error(self, error: FaceSwapError) -> None:
        self._say(" ".join(filter(None, (text_of(error.message), text_of(error.hint)))))


async def ask_who(context: AppContext, parent: QWidget, faces: Sequence[SourceFace], yes: str = "") -> bool:
    """Ask who source faces are, and remember it.

    Args:
        context: Of the window.
        parent: A widget of the window.
        faces: Whose; with the photos that have to be covered.
        yes: What the button says; empty for "Remember".

    Returns:
        Whether everybody is known now.
    """
    if not faces:
        return True
    known = await context.consents.standings(faces)
    sheet = ConsentSheet(context, parent.window(), faces, known, yes or tr("Remember"))
    return await ask(sheet) == QDialog.DialogCode.Accepted


async def may_use(context: AppContext, parent: QWidget, recipes: Sequence[Recipe], yes: str = "") -> bool:
    """Ask for those source faces of recipes of whom nobody has said who they are; True if all may be used."""
    return await ask_who(context, parent, await context.consents.missing(recipes), yes)
