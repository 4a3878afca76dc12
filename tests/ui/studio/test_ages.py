"""Older and younger: the slider, what is said of it, and the face at other ages."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobState
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.ui.studio.age_section import AgeSection
from faceswap_desktop.ui.studio.film_view import FilmRole
from faceswap_desktop.ui.widgets.centred_slider import CentredSlider
from faceswap_desktop.ui.widgets.labels import PlainLabel
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, HOPPER, Shown, by_hand
from tests.ui.studio.people import MEDIA

ONE, TWO = TargetFaceRef(MEDIA, 0), TargetFaceRef(MEDIA, 1)


def age_of(shown: Shown) -> AgeSection:
    """Return the section."""
    return shown.page.inspector.age


def slider_of(shown: Shown) -> CentredSlider:
    """Return the slider itself."""
    slider = age_of(shown).findChild(CentredSlider, "age-years-slider")
    assert isinstance(slider, CentredSlider)
    return slider


def words_of(shown: Shown, name: str) -> str:
    """Return what a label says; nothing while it is hidden."""
    label = age_of(shown).findChild(PlainLabel, name)
    assert isinstance(label, PlainLabel)
    return "" if label.isHidden() else label.text()


async def test_dragging_is_one_step_for_the_person_who_is_chosen(with_clip: Shown) -> None:
    studio, slider, stack = with_clip.program.studio, slider_of(with_clip), with_clip.page.undo_stack
    age_of(with_clip).set_open(True)
    assert stack is not None
    with_clip.page.inspector.faces.current_changed.emit(1)
    slider.setSliderDown(True)
    for years in (3, 9, 14):
        slider.setValue(30 + years)
        assert dict(studio.ages) == {TWO: years}
    slider.setSliderDown(False)
    assert stack.count() == 1
    assert stack.undoText() == "change the age of Person 2"
    stack.undo()
    assert dict(studio.ages) == {}
    stack.redo()
    assert dict(studio.ages) == {TWO: 14}
    row = with_clip.page.faces_model.index(1)
    await until(lambda: row.data(Qt.ItemDataRole.AccessibleTextRole).endswith(", 14 years older"))


async def test_keys_a_typed_figure_and_a_double_click(with_clip: Shown) -> None:
    studio, slider = with_clip.program.studio, slider_of(with_clip)
    age_of(with_clip).set_open(True)
    slider.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Left):
        await by_hand(partial(QTest.keyClick, slider, key))
    assert dict(studio.ages) == {ONE: 6}
    figure = age_of(with_clip).findChild(QDoubleSpinBox, "age-years-figure")
    assert isinstance(figure, QDoubleSpinBox)
    assert figure.text() == "+6 years"
    figure.setFocus()
    figure.selectAll()
    await by_hand(partial(QTest.keyClicks, figure, "-22"))
    await by_hand(partial(QTest.keyClick, figure, Qt.Key.Key_Return))
    assert dict(studio.ages) == {ONE: -22}
    middle = QPoint(slider.width() // 2, slider.height() // 2)
    await by_hand(partial(QTest.mouseDClick, slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle))
    assert dict(studio.ages) == {}
    assert slider.value() == 30


async def test_what_to_expect_is_said_where_it_matters(with_clip: Shown) -> None:
    studio = with_clip.program.studio
    info = with_clip.program.providers[0].info
    low, high = info.reage_range
    assert -30 < low < 0 < high < 30
    assert slider_of(with_clip).trusted == pytest.approx(((low + 30) / 60, (high + 30) / 60))
    assert words_of(with_clip, "age-advice") == ""
    studio.set_ages({ONE: high})
    await until(lambda: "stylised" in words_of(with_clip, "age-advice"))
    assert info.reage_advice is not None
    for years in (high + 1, low - 1):
        studio.set_ages({ONE: years})
        await until(lambda: words_of(with_clip, "age-advice") == info.reage_advice.text())  # type: ignore[union-attr]


async def test_each_person_has_an_age_of_its_own(with_clip: Shown) -> None:
    studio, age = with_clip.program.studio, age_of(with_clip)
    studio.set_ages({ONE: 5, TWO: -8})
    for face, years in ((1, -8), (0, 5), (2, 0)):
        age.set_face(face)
        assert slider_of(with_clip).value() == 30 + years
    assert with_clip.page.undo_stack is not None
    assert with_clip.page.undo_stack.count() == 0, "looking at somebody changes nothing"


async def test_a_face_at_every_age_and_the_result_of_one(working: Shown) -> None:
    page, studio, age = working.page, working.program.studio, age_of(working)
    await working.opened(COLLINS)
    age.set_open(True)
    arrived: list[int] = []
    age.film.changed.connect(lambda: arrived.append(len(age.film.pictures)))
    await until(lambda: len(age.film.pictures) == 7, 60)
    assert {1, 2, 6, 7} <= set(arrived), "they come one by one"
    ages = {years: film.apparent_age for years, film in age.film.pictures.items()}
    older, now, younger = ages[30], ages[0], ages[-30]
    assert older is not None
    assert now is not None
    assert younger is not None
    assert younger < now < older
    assert words_of(working, "age-looks") == f"Looks about {round(now)}."
    # Chosen by the keyboard.
    age.view.setFocus()
    last = age.view.model().index(5, 0)
    assert last.data(FilmRole.YEARS) == 20
    age.view.setCurrentIndex(last)
    await by_hand(partial(QTest.keyClick, age.view, Qt.Key.Key_Return))
    assert list(studio.ages.values()) == [20]
    await until(lambda: "then" in words_of(working, "age-looks"))
    # What was rendered once is kept; only an age between the tens is new.
    await until(lambda: not age.film.is_due)
    count = len(arrived)
    age.set_open(False)
    age.set_open(True)
    assert not age.film.is_due
    assert len(age.film.pictures) == 7
    slider_of(working).setValue(30 + 14)
    await until(lambda: 14 in age.film.pictures, 30)
    assert len(arrived) <= count + 3
    # The canvas follows, and so does what would be run.
    await until(lambda: (shown := page.stage.preview.shown) is not None and shown.wish.ages == ((0, 14),), 30)
    assert page.stage.preview.shown is not None
    assert page.stage.preview.shown.patches
    await until(lambda: page.preflight.plan.ages == 1)
    assert page.inspector.card.button.text() == "Change 1 age"
    assert page.preflight.plan.name == "eileen_collins, 14 years older"
    working.window.table.trigger("studio.run")
    await until(lambda: working.window.notifications.history, 10)
    [job] = await working.program.queue.all()
    [done] = await working.program.swapping.wait([job.id])
    assert done.state is JobState.SUCCEEDED


async def test_whoever_looks_elsewhere_stops_the_pictures(working: Shown) -> None:
    page, age = working.page, age_of(working)
    await working.opened(COLLINS, HOPPER)
    age.set_open(True)
    await until(lambda: len(age.film.pictures) > 0, 60)
    page.context.studio.show(str(HOPPER))
    await until(lambda: len(age.film.pictures) == 0)
    await until(lambda: len(age.film.pictures) == 7, 60)
    failures: list[FaceSwapError] = []
    age.film.failed.connect(failures.append)
    page.context.studio.show(str(COLLINS))
    await until(lambda: len(age.film.pictures) == 7, 60)
    assert not failures
