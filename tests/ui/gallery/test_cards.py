"""Cards: found, read out, chosen, marked, renamed, dragged out, deleted and brought back."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit
from pytestqt.modeltest import ModelTester

from faceswap_desktop.domain.events import ResultAdded
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.storage.results import ResultStore
from tests.ui.conftest import until
from tests.ui.gallery.conftest import Shown, names_in, press


def combo(shown: Shown, name: str) -> QComboBox:
    found = shown.page.findChild(QComboBox, name)
    assert isinstance(found, QComboBox)
    return found


def button(shown: Shown, name: str) -> QAbstractButton:
    found = shown.page.findChild(QAbstractButton, name)
    assert found is not None
    return found


async def titles(shown: Shown, *wanted: str) -> None:
    await until(lambda: shown.titles == list(wanted))


async def search(shown: Shown, text: str) -> None:
    shown.page.filter_bar.search.setText(text)
    await press(shown.page.filter_bar.search, Qt.Key.Key_Return)


async def test_an_empty_gallery_teaches_the_first_step(shown: Shown) -> None:
    await until(button(shown, "gallery-go-studio").isVisible)
    assert not shown.page.filter_bar.isVisible()
    assert not shown.page.jobs_panel.isVisible()
    button(shown, "gallery-go-studio").click()
    assert shown.went == [("studio", None)]


async def test_newest_first_and_other_orders(shown: Shown) -> None:
    for title, size in (("b 10", 30), ("B 9", 10), ("a", 20)):
        await shown.add(title, size_bytes=size)
    await shown.fresh(3)
    assert shown.titles == ["a", "B 9", "b 10"]
    order = combo(shown, "gallery-sort")
    for words, wanted in (
        ("Oldest first", ["b 10", "B 9", "a"]),
        ("Name", ["a", "B 9", "b 10"]),
        ("Largest first", ["b 10", "a", "B 9"]),
        ("Best likeness first", ["a", "B 9", "b 10"]),
    ):
        order.setCurrentText(words)
        await titles(shown, *wanted)
    assert shown.page.filter_bar.count.text() == "3 results"


async def test_words_find_names_files_and_faces(shown: Shown) -> None:
    await shown.add("Holiday", source="Grace")
    await shown.add("Été à Málaga", source="Eileen")
    await shown.fresh(2)
    for words, wanted in (("malaga", "Été à Málaga"), ("grace", "Holiday"), ("eileen_collins.png holi", "Holiday")):
        await search(shown, words)
        await titles(shown, wanted)
    assert shown.page.filter_bar.count.text() == "1 result"


async def test_nothing_matches_and_the_way_back(shown: Shown) -> None:
    await shown.filled("Holiday")
    await search(shown, "wedding")
    again = button(shown, "gallery-clear-filters")
    await until(again.isVisible)
    assert shown.page.filter_bar.isVisible(), "what was typed can still be changed"
    again.click()
    await titles(shown, "Holiday")
    assert shown.page.filter_bar.search.text() == ""


async def test_filters_narrow_together(shown: Shown) -> None:
    now = time.time()
    await shown.add("old jpeg", created_at=now - 3 * 86400)
    await shown.add("new jpeg", created_at=now - 60, is_favourite=True)
    await shown.add("new png", suffix=".png", created_at=now - 60)
    await shown.fresh(3)
    combo(shown, "gallery-when").setCurrentText("Last day")
    await until(lambda: set(shown.titles) == {"new jpeg", "new png"})
    combo(shown, "gallery-format").setCurrentText("JPEG")
    await until(lambda: shown.titles == ["new jpeg"])
    combo(shown, "gallery-format").setCurrentText("All formats")
    button(shown, "gallery-favourites").click()
    await until(lambda: shown.titles == ["new jpeg"])
    shown.page.filter_bar.clear()
    await until(lambda: len(shown.titles) == 3)


async def test_typing_on_the_cards_searches(shown: Shown) -> None:
    await shown.filled("Holiday", "Xmas")
    shown.page.cards.setFocus()
    await press(shown.page.cards, Qt.Key.Key_X)
    assert shown.window.focusWidget() is shown.page.filter_bar.search
    await until(lambda: shown.titles == ["Xmas"])
    await press(shown.page.filter_bar.search, Qt.Key.Key_Escape)
    await until(lambda: len(shown.titles) == 2)


async def test_ctrl_f_leads_to_the_search_from_anywhere(shown: Shown) -> None:
    await shown.filled("Holiday")
    shown.choose(0)
    await shown.do("results.open")
    await until(lambda: shown.page.is_viewing)
    await shown.do("results.search")
    assert not shown.page.is_viewing
    assert shown.window.focusWidget() is shown.page.filter_bar.search


async def test_the_model_keeps_qts_contract(shown: Shown, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(shown.page.results)
    await shown.filled("a", "b", "c")
    shown.page.results.set_ids(shown.page.results.ids[1:])
    shown.page.results.set_ids([])
    await shown.fresh(3)


async def test_a_new_result_keeps_what_is_chosen(shown: Shown) -> None:
    await shown.filled("a", "b")
    shown.choose(1)
    new = await shown.add("c")
    shown.program.bus.publish(ResultAdded(new))
    await until(lambda: shown.titles == ["c", "b", "a"])
    assert shown.page.cards.chosen_rows() == [2]
    combo(shown, "gallery-sort").setCurrentText("Oldest first")
    await until(lambda: shown.titles == ["a", "b", "c"])
    shown.program.bus.publish(ResultAdded(await shown.add("d")))
    await until(lambda: shown.titles == ["a", "b", "c", "d"])


async def test_cards_are_read_out(shown: Shown) -> None:
    await shown.add("Holiday", is_favourite=True)
    await shown.fresh(1)
    [words] = shown.card_words()
    for part in ("Holiday", "eileen_collins.png as Grace", "512 × 600 pixels", "favourite"):
        assert part in words
    cards = QAccessible.queryAccessibleInterface(shown.page.cards)
    assert cards.text(QAccessible.Text.Name) == "Results"
    assert cards.child(0).text(QAccessible.Text.Name) == words


async def test_the_keyboards_place_can_always_be_seen(shown: Shown) -> None:
    shown.page.cards.setFocus()
    await shown.filled("a", "b")
    assert shown.page.cards.currentIndex().row() == 0
    assert shown.page.cards.chosen_rows() == []
    await search(shown, "b")
    await until(lambda: shown.titles == ["b"])
    shown.page.cards.setFocus()
    assert shown.page.cards.currentIndex().row() == 0


async def test_thumbnails_come_by_themselves_and_a_lost_file_says_so(working: Shown) -> None:
    shown = working
    lost = await shown.add("lost")
    await shown.add("there")
    [result] = await shown.program.gallery.results([lost])
    Path(result.path).unlink()
    await shown.fresh(2)
    from faceswap_desktop.ui.gallery.result_model import ResultRole

    there, gone = shown.page.results.index(0), shown.page.results.index(1)
    await until(lambda: there.data(ResultRole.THUMBNAIL) is not None and gone.data(ResultRole.IS_MISSING), 30)
    assert max(there.data(ResultRole.THUMBNAIL).width(), there.data(ResultRole.THUMBNAIL).height()) == 320
    assert not there.data(ResultRole.IS_MISSING)


async def test_results_leave_as_files(shown: Shown) -> None:
    await shown.filled("a", "ä 漢")
    shown.choose(0, 1)
    await until(lambda: all(shown.titles))
    mime = shown.page.results.mimeData(shown.page.cards.selectedIndexes())
    assert mime.hasFormat("text/uri-list")
    names = [Path(url.toLocalFile()).name for url in mime.urls()]
    assert names == ["ä 漢.jpg", "a.jpg"]
    assert shown.page.results.supportedDragActions() == Qt.DropAction.CopyAction


async def test_favourites_are_marked_and_unmarked(shown: Shown) -> None:
    await shown.filled("a", "b")
    shown.choose(0, 1)
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_B)
    await until(lambda: all("favourite" in words for words in shown.card_words()))
    assert shown.window.table.action("results.favourite").text() == "Remove from favourites"
    await shown.do("results.favourite")
    await until(lambda: shown.titles == ["b", "a"] and not any("favourite" in words for words in shown.card_words()))


async def test_renaming_changes_the_card_and_not_the_file(shown: Shown) -> None:
    await shown.filled("a")
    shown.choose(0)
    shown.window.table.trigger("results.rename")
    await until(lambda: shown.window.findChild(QLineEdit, "question-text") is not None)
    field = shown.window.findChild(QLineEdit, "question-text")
    assert field is not None
    field.setText("  The one \t for the card ")
    await press(field, Qt.Key.Key_Return)
    await until(lambda: shown.titles == ["The one for the card"])
    [result] = await shown.program.gallery.results(shown.page.results.ids)
    assert Path(result.path).name == "a.jpg"
    assert Path(result.path).is_file()


async def test_deleting_is_undone_by_the_strip(shown: Shown) -> None:
    await shown.filled("a", "b")
    files = {path.name for path in shown.program.home.results_folder.iterdir()}
    shown.choose(0, 1)
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_Delete)
    await until(lambda: shown.titles == [])
    assert list(shown.program.home.results_folder.iterdir()) == []
    notice = shown.notifications.history[-1]
    assert (notice.text, notice.button) == ("Deleted 2 results.", "Undo")
    assert notice.action is not None
    notice.action()
    await until(lambda: shown.titles == ["b", "a"])
    assert {path.name for path in shown.program.home.results_folder.iterdir()} == files
    notice.action()
    await asyncio.sleep(0.05)
    assert shown.titles == ["b", "a"], "pressed twice it brings back once"


async def test_deleting_is_undone_and_done_again_by_keys(shown: Shown) -> None:
    await shown.filled("a", "b")
    shown.choose(1)
    await shown.do("results.delete")
    await until(lambda: shown.titles == ["b"])
    assert shown.window.table.action("edit.undo").text() == "Undo delete results"
    await press(shown.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: shown.titles == ["b", "a"])
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    await press(shown.window, Qt.Key.Key_Z, shift)
    await until(lambda: shown.titles == ["b"])
    await press(shown.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: shown.titles == ["b", "a"])


async def test_a_name_taken_meanwhile_gets_a_number(shown: Shown) -> None:
    await shown.filled("a")
    [result] = await shown.program.gallery.results(shown.page.results.ids)
    shown.choose(0)
    await shown.do("results.delete")
    await asyncio.to_thread(shutil.copyfile, Path(__file__), result.path)
    shown.window.table.trigger("edit.undo")
    await until(lambda: shown.titles == ["a"])
    [back] = await shown.program.gallery.results(shown.page.results.ids)
    assert Path(back.path).name == "a (2).jpg"
    assert Path(back.path).stat().st_size == result.size_bytes


async def test_when_the_time_for_undo_is_over_it_goes_to_the_trash(shown: Shown, trash: Path) -> None:
    await shown.program.settings.update("storage", undo_seconds=0)
    await shown.filled("a")
    shown.choose(0)
    await shown.do("results.delete")
    await until(lambda: names_in(trash) == ["a.jpg"])
    await until(lambda: shown.window.table.action("edit.undo").isEnabled())
    shown.window.table.trigger("edit.undo")
    await until(lambda: shown.notifications.history[-1].text == "The time to bring this back is over.")
    assert shown.notifications.history[-1].hint == "Look in the system's trash."
    assert shown.titles == []


async def test_running_again_adds_a_job_with_the_same_recipe(shown: Shown) -> None:
    await shown.filled("a", "b")
    results = await shown.program.gallery.results(shown.page.results.ids)
    shown.choose(0, 1)
    await shown.do("results.again")
    jobs = await shown.program.queue.unfinished()
    assert [job.recipe for job in jobs] == [result.recipe for result in results]
    assert shown.notifications.history[-1].text == "2 jobs started."
    await until(lambda: len(shown.page.jobs.jobs) == 2)


async def test_changing_one_thing_leads_to_the_studio_with_the_recipe(shown: Shown) -> None:
    await shown.filled("a")
    shown.choose(0)
    await shown.do("results.change")
    [(page, payload)] = shown.went
    [result] = await shown.program.gallery.results(shown.page.results.ids)
    assert page == "studio"
    assert isinstance(payload, Recipe)
    assert payload == result.recipe


async def test_all_of_many_are_deleted_and_brought_back_not_only_those_seen(shown: Shown) -> None:
    for number in range(60):
        await shown.add(f"{number}")
    shown.page.refresh()
    await until(lambda: shown.page.results.rowCount() == 60)
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert shown.page.chosen_count() == 60
    shown.page.results.forget_rows(list(shown.page.results.ids)[30:])
    await shown.do("results.delete")
    await until(lambda: shown.page.results.rowCount() == 0)
    assert await ResultStore(shown.program.database).query(shown.page.filter_bar.query) == []
    shown.window.table.trigger("edit.undo")
    await until(lambda: shown.page.results.rowCount() == 60)


async def test_only_what_applies_is_offered(shown: Shown) -> None:
    await shown.filled("a", "b")

    def enabled(*names: str) -> list[bool]:
        return [shown.window.table.action(f"results.{one}").isEnabled() for one in names]

    shown.choose()
    assert enabled("open", "copy", "rename", "delete", "back", "compare-lens") == [False] * 6
    shown.choose(0)
    assert enabled("open", "copy", "rename", "delete", "back", "compare-lens") == [True] * 4 + [False] * 2
    shown.choose(0, 1)
    assert enabled("open", "copy", "rename", "delete") == [False, True, False, True]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
async def test_the_menu_of_cards(shown: Shown) -> None:
    await shown.filled("a")
    shown.choose(0)
    shown.page.cards.customContextMenuRequested.emit(QPoint(20, 20))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert words[0] == "Open result"
    assert words[-1] == "Delete"
    menu.close()
