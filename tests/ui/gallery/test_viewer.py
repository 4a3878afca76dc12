"""The large view: opened, paged through, compared, copied, saved, with an original that is gone or another."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QToolButton

from faceswap_desktop.ui.canvas.compare_view import CompareMode
from faceswap_desktop.ui.widgets.buttons import Button
from tests.ui.conftest import until
from tests.ui.gallery.conftest import COLLINS, HOPPER, Shown, press

CONTROL = Qt.KeyboardModifier.ControlModifier


async def opened(shown: Shown, row: int = 0) -> None:
    """Open a card by the keyboard, and wait for its pictures."""
    shown.choose(row)
    shown.page.cards.setFocus()
    await press(shown.page.cards, Qt.Key.Key_Return)
    await until(lambda: shown.page.is_viewing)
    await until(lambda: not shown.page.tasks.is_running("viewer"), 30)


def said(shown: Shown) -> str:
    return shown.notifications.history[-1].text if shown.notifications.history else ""


def tool(shown: Shown, name: str) -> QToolButton:
    found = shown.page.viewer.findChild(QToolButton, name)
    assert found is not None
    return found


async def test_enter_opens_a_card_and_escape_closes_it(working: Shown) -> None:
    shown = working
    await shown.filled("a", "b")
    await opened(shown, 1)
    assert shown.page.viewer.result is not None
    assert shown.page.viewer.result.title == "a"
    assert shown.window.focusWidget() is shown.page.viewer.compare
    assert shown.page.viewer.compare.message == ""
    await press(shown.window, Qt.Key.Key_Escape)
    assert not shown.page.is_viewing
    assert shown.window.focusWidget() is shown.page.cards
    assert shown.page.cards.currentIndex().row() == 1


async def test_modes_by_keys_and_by_buttons(shown: Shown) -> None:
    await shown.filled("a")
    await opened(shown)
    compare = shown.page.viewer.compare
    for key, mode in ((Qt.Key.Key_2, CompareMode.LENS), (Qt.Key.Key_3, CompareMode.BLINK)):
        await press(shown.window, key)
        assert compare.mode is mode
        assert tool(shown, f"compare-{mode}").isChecked()
    tool(shown, "compare-slider").click()
    assert compare.mode is CompareMode.SLIDER
    before = compare.zoom
    await press(shown.window, Qt.Key.Key_Plus)
    assert compare.zoom > before
    await press(shown.window, Qt.Key.Key_F)
    assert compare.zoom == before


async def test_paging_through_results(shown: Shown) -> None:
    await shown.filled("a", "b", "c")
    await opened(shown)
    viewer = shown.page.viewer

    def title() -> str:
        return viewer.result.title if viewer.result else ""

    assert title() == "c"
    await press(shown.window, Qt.Key.Key_PageDown)
    await until(lambda: title() == "b")
    tool(shown, "viewer-step-next").click()
    await until(lambda: title() == "a")
    await press(shown.window, Qt.Key.Key_PageDown)
    await asyncio.sleep(0.05)
    assert title() == "a", "the last is the last"
    await press(shown.window, Qt.Key.Key_PageUp)
    await until(lambda: title() == "b")


async def test_deleting_goes_on_to_the_next_and_ends_in_the_cards(shown: Shown) -> None:
    await shown.filled("a", "b")
    await opened(shown)
    await press(shown.window, Qt.Key.Key_Delete)
    await until(lambda: shown.page.viewer.result is not None and shown.page.viewer.result.title == "a")
    assert shown.page.is_viewing
    await until(lambda: shown.titles == ["a"])
    await until(lambda: shown.window.table.action("results.delete").isEnabled())
    await press(shown.window, Qt.Key.Key_Delete)
    await until(lambda: not shown.page.is_viewing)
    await until(lambda: shown.titles == [])
    shown.window.table.trigger("edit.undo")
    await until(lambda: shown.titles == ["a"])


async def test_marking_and_renaming_show_at_once(shown: Shown) -> None:
    await shown.filled("a")
    await opened(shown)
    await press(shown.window, Qt.Key.Key_B)
    await until(shown.page.are_favourites)
    await until(lambda: shown.window.table.action("results.favourite").text() == "Remove from favourites")
    assert shown.page.viewer.result is not None
    await shown.program.gallery.rename(shown.page.viewer.result.id, "Another name")
    await until(lambda: shown.page.viewer.result is not None and shown.page.viewer.result.title == "Another name")


async def test_an_original_that_is_gone_is_said(working: Shown) -> None:
    shown = working
    await shown.add("a", original=shown.originals / "gone.png")
    await shown.fresh(1)
    await opened(shown)
    assert shown.page.viewer.compare.notice == "The original cannot be opened any more; the result is shown alone."


async def test_an_original_that_is_another_now_is_said(working: Shown) -> None:
    shown = working
    original = shown.originals / "photo.png"
    await asyncio.to_thread(shutil.copyfile, COLLINS, original)
    await shown.add("a", original=original)
    await shown.fresh(1)
    await opened(shown)
    # The recipe of this library names a fingerprint that no file has.
    assert shown.page.viewer.compare.notice == "The original has been changed since; this is how it looks now."


async def test_a_result_that_is_gone_is_said_with_what_helps(working: Shown) -> None:
    shown = working
    await shown.filled("a")
    [result] = await shown.program.gallery.results(shown.page.results.ids)
    Path(result.path).unlink()
    await opened(shown)
    assert shown.page.viewer.compare.message.startswith("“a.jpg” was not found.")
    assert shown.page.viewer.compare.message in shown.page.viewer.compare.accessibleDescription()


async def test_copying_gives_other_programs_the_picture_and_the_file(working: Shown) -> None:
    shown = working
    await shown.filled("a")
    shown.choose(0)
    shown.page.cards.setFocus()
    await press(shown.window, Qt.Key.Key_C, CONTROL)

    def said() -> str:
        return shown.notifications.history[-1].text if shown.notifications.history else ""

    await until(lambda: said().startswith("Copied the picture."), 30)
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (512, 600)
    [url] = QApplication.clipboard().mimeData().urls()
    assert Path(url.toLocalFile()).name == "a.jpg"


async def answer_dialog(shown: Shown, path: Path) -> None:
    await until(lambda: shown.window.findChild(QFileDialog) is not None)
    dialog = shown.window.findChild(QFileDialog)
    assert dialog is not None
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText(str(path))
    asyncio.get_running_loop().call_soon(dialog.accept)
    await until(lambda: shown.window.findChild(QFileDialog) is None)


async def test_saving_never_replaces_a_file(working: Shown) -> None:
    shown = working
    await shown.filled("a")
    shown.choose(0)
    there = shown.originals / "mine.jpg"
    there.write_bytes(b"somebody's only photo")
    shown.window.table.trigger("results.save")
    await answer_dialog(shown, there)
    await until(lambda: "Saved" in said(shown), 30)
    assert said(shown) == "Saved mine (2).jpg."
    assert there.read_bytes() == b"somebody's only photo"
    assert (shown.originals / "mine (2).jpg").read_bytes() == HOPPER.read_bytes()


async def test_saving_in_another_format_and_without_an_extension(working: Shown) -> None:
    shown = working
    await shown.filled("a")
    shown.choose(0)
    for wanted, name, begins in (("x.png", "x.png", b"\x89PNG"), ("plain", "plain.jpg", b"\xff\xd8\xff")):
        written = shown.originals / name
        shown.window.table.trigger("results.save")
        await answer_dialog(shown, shown.originals / wanted)
        await until(written.is_file, 30)
        assert written.read_bytes().startswith(begins)
        await until(lambda: shown.window.table.action("results.save").isEnabled())


async def test_the_buttons_beside_it_say_what_they_do(shown: Shown) -> None:
    await shown.filled("a")
    await opened(shown)
    viewer = shown.page.viewer
    buttons = {one.accessibleName(): one for one in viewer.findChildren(Button) if one.isVisibleTo(viewer)}
    assert {
        "Send to another provider",
        "Copy",
        "Save as",
        "Show in folder",
        "Run again",
        "Change and run again",
        "Delete",
    } <= set(buttons)
    assert all(button.isEnabled() for button in buttons.values())
    assert "Ctrl+C" in buttons["Copy"].toolTip()
    buttons["Run again"].click()
    await until(lambda: len(shown.job_ids) == 1)
