"""Older or younger: a slider for the face that is chosen, what to expect of it, and the face at other ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.services.offers import Control
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.services.swapping import target_of
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.item_models.face_list import years_words
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.film_view import FilmModel, FilmView
from faceswap_desktop.ui.studio.filmstrip import FilmstripMaker, FilmWish
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.studio.identities import person_name
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.undo.ages import AgesCommand
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.centred_slider import CentredSlider
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.values import ValueSlider

if TYPE_CHECKING:
    from faceswap_desktop.providers.protocol import ProviderInfo


class AgeSection(Disclosure):
    """Changes the age of one face of the current picture or video; every change is a step of undo.

    Attributes:
        film: Makes the pictures of the face at other ages.
    """

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        stack: QUndoStack,
        pairing: Pairing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "age", parent)
        self._context = context
        self._studio = context.studio
        self._stack = stack
        self._pairing = pairing
        self._face: int | None = None
        self._gesture = 1
        self._film_problem = ""
        self.set_title(self.tr("Age"))
        self._slider = self._make_slider()
        self._looks = PlainLabel("", "small", self, wraps=True)
        self._looks.setObjectName("age-looks")
        self._looks.setToolTip(
            self.tr("A guess by a network that looks at the picture. It can be wrong by many years.")
        )
        self._advice = PlainLabel("", "small", self, wraps=True)
        self._advice.setObjectName("age-advice")
        self.film = FilmstripMaker(context.reaging, tasks, self)
        self._model = FilmModel(self)
        self.view = FilmView(self._model, self)
        self._nobody = PlainLabel(self.tr("Open a picture with a face first."), "small", self, wraps=True)
        self._cannot = Greyed(self._slider, self._slider.slider())
        self._leave = LinkButton(self.tr("Leave all ages as they are"), "age-leave", self)
        self._leave.clicked.connect(self._on_leave)
        for widget in (self._nobody, self._slider, self.view, self._looks, self._advice):
            self.column.addWidget(widget)
        self.column.addWidget(self._leave, 0, Qt.AlignmentFlag.AlignLeft)
        self.film.changed.connect(self._show_film)
        self.film.failed.connect(self._on_film_failed)
        self.view.years_chosen.connect(self._on_chosen)
        self.toggled.connect(lambda _is_open: self.refresh())
        self.refresh()

    # What stands

    @property
    def target(self) -> TargetFaceRef | None:
        """The face whose age is shown: the one chosen on the canvas, else the first; None without any."""
        picture = self._picture
        if picture is None or picture.media is None:
            return None
        there = [face.index for face in picture.faces]
        index = self._face if self._face in there else next(iter(there), None)
        return TargetFaceRef(picture.media.id, index) if index is not None else None

    def set_face(self, index: int) -> None:
        """Follow the canvas or the list to another face; -1 leaves it as it is."""
        if index >= 0 and index != self._face:
            self._face = index
            self._end_gesture()
            self.refresh()

    def refresh(self) -> None:
        """Show what stands."""
        target = self.target
        for widget in (self._slider, self._looks, self.view):
            widget.setVisible(target is not None)
        self._nobody.setVisible(target is None)
        self._cannot.set_reason(self._reason)
        self._leave.setVisible(bool(self._cannot) and bool(self._ages))
        self._mark_range()
        if target is None:
            self.film.ask(None)
            self._advice.hide()
        else:
            years = self._years
            # A slider that is being dragged has this value already; setting it would end its gesture.
            if round(self._slider.value()) != years:
                self._slider.set_value(years)
            self._slider.set_label(self._name_of(target.face))
            self._show_advice(years)
            is_seen = self.is_open and self.isVisible() and not self._cannot
            self.view.setVisible(not self._cannot)
            self.film.ask(self._wish() if is_seen else None)
            self._show_film()
        self._show_summary()

    def stop(self) -> None:
        """Make no pictures any more."""
        self.film.stop()

    # Inside

    @property
    def _picture(self) -> StudioPicture | None:
        picture = self._studio.current
        return picture if picture is not None and picture.status is PictureStatus.READY else None

    @property
    def _years(self) -> int:
        return self._studio.ages.get(self.target, 0) if self.target is not None else 0

    @property
    def _ages(self) -> dict[int, int]:
        """The ages that change on the canvas, by face."""
        picture = self._picture
        if picture is None or picture.media is None:
            return {}
        there = {face.index for face in picture.faces}
        return {face: years for face, years in self._studio.ages_of(picture.media.id).items() if face in there}

    @property
    def _reason(self) -> str:
        """Why the chosen provider changes no age of the picture or video on the canvas; empty where it does."""
        offer = self._context.offers.of(self._context.current_settings.swap.provider)
        if offer is None:
            return ""
        picture = self._picture
        is_video = picture is not None and picture.is_video
        of_videos = offer.lacks.get(Control.AGE_IN_VIDEOS) if is_video else None
        return text_of(offer.lacks.get(Control.AGE) or of_videos)

    @property
    def _provider(self) -> ProviderInfo | None:
        chosen = self._context.current_settings.swap.provider
        return next((one.info for one in self._context.swapping.providers if one.info.id == chosen), None)

    def _make_slider(self) -> ValueSlider:
        slider = ValueSlider(
            self.tr("Age"),
            "age-years",
            -MOST_YEARS,
            MOST_YEARS,
            0,
            self,
            suffix=self.tr(" years"),
            is_centred=True,
        )
        slider.slider().setPageStep(5)
        slider.setToolTip(self.tr("Double-click the slider to leave the age as it is"))
        slider.changed.connect(lambda value: self._change(round(value), self._gesture))
        slider.committed.connect(lambda _value: self._end_gesture())
        return slider

    def _mark_range(self) -> None:
        info, slider = self._provider, self._slider.slider()
        if info is not None and isinstance(slider, CentredSlider):
            low, high = info.reage_range
            whole = 2 * MOST_YEARS
            slider.set_trusted((low + MOST_YEARS) / whole, (high + MOST_YEARS) / whole)

    def _name_of(self, index: int) -> str:
        picture = self._picture
        identity = picture.analysis.identity(index) if picture is not None and picture.analysis is not None else None
        return person_name(identity) if identity is not None else self.tr("Face {n}").format(n=index + 1)

    def _show_advice(self, years: int) -> None:
        info = self._provider
        low, high = info.reage_range if info is not None else (-MOST_YEARS, MOST_YEARS)
        is_beyond = not low <= years <= high
        words = text_of(info.reage_advice) if info is not None and is_beyond else ""
        words = self._cannot.reason or words
        if years and not words:
            words = self.tr("A stylised effect, not a forecast of how this person will look.")
        self._advice.setText(words)
        self._advice.setVisible(bool(words))

    def _show_summary(self) -> None:
        changed = self._ages
        if self._cannot and not changed:
            self.set_summary(self._cannot.reason)
        elif len(changed) > 1:
            self.set_summary(self.tr("{n} faces changed").format(n=len(changed)))
        else:
            self.set_summary(years_words(next(iter(changed.values()), 0)))

    def _show_film(self) -> None:
        pictures, years = self.film.pictures, self._years
        if pictures:
            self._film_problem = ""
        self._model.show_pictures(pictures, years, is_rendering=not self._film_problem and self.film.is_due)
        now, then = pictures.get(0), pictures.get(years)
        words = "" if self._cannot else self._film_problem
        if self._cannot:
            now = None
        if now is not None and now.apparent_age is not None:
            words = self.tr("Looks about {age}.").format(age=round(now.apparent_age))
            if years and then is not None and then.apparent_age is not None:
                words = self.tr("Looks about {age}, then about {then}.").format(
                    age=round(now.apparent_age), then=round(then.apparent_age)
                )
        self._looks.setText(words)
        self._looks.setVisible(bool(words))

    def _wish(self) -> FilmWish | None:
        picture, target = self._picture, self.target
        if picture is None or picture.media is None or target is None:
            return None
        face = next(face for face in picture.faces if face.index == target.face)
        source = self._pairing.of_picture(picture).get(target.face)
        known = (source, self._pairing.revision_of(source)) if source is not None else None
        return FilmWish(
            picture.media, target_of(face, picture.analysis), known, self._studio.options, years=self._years
        )

    def _change(self, years: int, gesture: int) -> None:
        target = self.target
        if target is None:
            return
        words = self.tr("change the age of {name}").format(name=self._name_of(target.face))
        command = AgesCommand(self._studio, {target: years}, words, gesture)
        if not command.is_empty:
            self._stack.push(command)

    def _on_leave(self) -> None:
        picture = self._picture
        if picture is not None and picture.media is not None and self._ages:
            nobody = {TargetFaceRef(picture.media.id, face): 0 for face in self._ages}
            self._stack.push(AgesCommand(self._studio, nobody, self.tr("leave all ages as they are")))

    def _on_chosen(self, years: int) -> None:
        self._change(years, 0)
        self._end_gesture()

    def _end_gesture(self) -> None:
        self._gesture += 1

    def _on_film_failed(self, error: FaceSwapError) -> None:
        self._film_problem = text_of(error.message)
        self._show_film()
