"""What a result cost, what its provider still keeps of it, and deleting it there, also where that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from PySide6.QtWidgets import QApplication

from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.ui.gallery.keeping import DeleteDialog
from tests.ui.conftest import until
from tests.ui.gallery.clouds import book, keep, result
from tests.ui.gallery.conftest import Shown
from tests.unit.transport.servers import web_server


class Akool:
    """Deletes what it is asked to; or refuses, or answers with a page."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: dict[str, object] | str = {"code": 1000, "msg": "OK", "data": None}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert request.path.endswith("/result/delbyids")
        self.asked.append((await request.json())["_ids"])
        if isinstance(self.answer, str):
            return web.Response(text=self.answer, content_type="text/html")
        return web.json_response(self.answer)


@pytest.fixture
async def akool(shown: Shown) -> AsyncIterator[Akool]:
    """Return AKOOL, on loopback, with a key for it."""
    service = Akool()
    async with web_server(service.handle) as address:
        await shown.program.settings.update("providers.akool", base_url=address)
        await shown.program.accounts.set("akool", {"akool.api_key": "not-a-real-key"})
        yield service


async def opened(shown: Shown, title: str = "a") -> JobResult:
    """Open the one result large, and wait until what is known of it stands there."""
    await shown.fresh(len(shown.page.results.ids) or 1)
    shown.choose(shown.titles.index(title))
    shown.window.table.trigger("results.open")
    await until(lambda: shown.page.is_viewing and shown.page.viewer.result is not None)
    await until(lambda: not shown.page.tasks.is_running("remote"))
    assert shown.page.viewer.result is not None
    return shown.page.viewer.result


async def dialog_of(shown: Shown) -> DeleteDialog:
    def found() -> list[DeleteDialog]:
        return [one for one in shown.window.findChildren(DeleteDialog) if one.isVisible()]

    await until(found)
    return found()[0]


async def made(shown: Shown, number: int = 0) -> JobResult:
    [found] = await shown.program.gallery.results([shown.page.results.ids[number]])
    return found


async def with_kept(shown: Shown, title: str = "a") -> JobResult:
    """Put a result into the library that AKOOL still keeps, and that was charged."""
    ids = [await result(shown, title)]
    [found] = await shown.program.gallery.results(ids)
    await book(shown, found.job, 3.0, is_estimate=False)
    await keep(shown, found.job, trx_id="t-1")
    return found


async def test_what_it_cost_how_long_it_is_kept_and_the_ids_for_support(shown: Shown) -> None:
    kept = await with_kept(shown)
    await opened(shown)
    panel = shown.page.viewer.remote
    assert panel.isVisible()
    assert panel.cost.text() == "3 credits charged"
    assert panel.kept.text().startswith("until ")
    assert panel.kept.text().endswith(", 6 days left")
    lines = [f"_id: remote-{kept.job}", f"job_id: job-{kept.job}", "trx_id: t-1"]
    assert panel.ids == lines
    panel.copy.click()
    assert QApplication.clipboard().text().split("\n") == lines
    assert "http" not in QApplication.clipboard().text(), "an address opens what it leads to"


async def test_an_estimate_is_marked_as_one_and_nothing_is_nothing(shown: Shown) -> None:
    ids = [await result(shown, "a"), await result(shown, "b")]
    first, _ = await shown.program.gallery.results(ids)
    await book(shown, first.job, 4.0, is_estimate=True)
    await shown.fresh(2)
    await opened(shown, "a")
    panel = shown.page.viewer.remote
    assert panel.cost.text() == "about 4 credits, estimated"
    assert (panel.kept.text(), panel.delete.isVisible()) == ("no longer there", False)
    shown.page.close_viewer()
    await opened(shown, "b")
    assert panel.cost.text() == "nothing was charged"
    assert not panel.copy.isVisible()


async def test_what_was_made_here_has_no_such_section(shown: Shown) -> None:
    await shown.add("a")
    await opened(shown)
    assert not shown.page.viewer.remote.isVisible()


async def test_deleting_at_the_provider(shown: Shown, akool: Akool) -> None:
    kept = await with_kept(shown)
    await opened(shown)
    panel = shown.page.viewer.remote
    panel.delete.click()
    await until(lambda: akool.asked == [f"remote-{kept.job}"])
    await until(lambda: panel.kept.text().startswith("deleted there on "))
    assert not panel.delete.isVisible()
    assert shown.notifications.history[-1].text == "Deleted at AKOOL. Your copy here stays."
    assert shown.titles == ["a"]


async def test_a_provider_that_does_not_delete_is_said_and_can_be_asked_again(shown: Shown, akool: Akool) -> None:
    akool.answer = {"code": 1101, "msg": "<b>token</b> invalid"}
    await with_kept(shown)
    await opened(shown)
    panel = shown.page.viewer.remote
    panel.delete.click()
    await until(lambda: any("key" in one.text for one in shown.notifications.history))
    await until(lambda: not shown.page.tasks.is_running("remote-delete"))
    assert panel.delete.isVisible()
    akool.answer = {"code": 1000, "msg": "OK"}
    panel.delete.click()
    await until(lambda: not panel.delete.isVisible())


async def test_a_result_that_is_deleted_here_can_be_deleted_there_too(shown: Shown, akool: Akool) -> None:
    kept = await with_kept(shown)
    await shown.fresh(1)
    shown.choose(0)
    shown.window.table.trigger("results.delete")
    dialog = await dialog_of(shown)
    assert dialog.also.text() == "Also delete at AKOOL"
    assert not dialog.also.isChecked(), "what cannot be undone has to be wished for"
    dialog.reject()
    await until(lambda: "results.delete" not in shown.window.table._running)
    assert shown.titles == ["a"]
    shown.window.table.trigger("results.delete")
    dialog = await dialog_of(shown)
    dialog.also.click()
    dialog.yes.click()
    await until(lambda: not shown.titles)
    await until(lambda: akool.asked == [f"remote-{kept.job}"])
    shown.window.table.trigger("edit.undo")
    await until(lambda: shown.titles == ["a"])


async def test_deleted_here_but_not_there_is_said(shown: Shown, akool: Akool) -> None:
    akool.answer = "<html>captive portal</html>"
    await with_kept(shown)
    await shown.fresh(1)
    shown.choose(0)
    shown.window.table.trigger("results.delete")
    dialog = await dialog_of(shown)
    dialog.also.click()
    dialog.yes.click()
    await until(lambda: any(one.text == "Deleted here, but not at AKOOL." for one in shown.notifications.history))
    told = next(one for one in shown.notifications.history if one.text == "Deleted here, but not at AKOOL.")
    assert told.hint
    assert "<html>" not in told.hint
    [still] = await shown.program.queue.still_there()
    assert still.is_there()


async def test_without_anything_there_deleting_asks_nothing(shown: Shown, akool: Akool) -> None:
    ids = [await result(shown, "a")]
    [found] = await shown.program.gallery.results(ids)
    await keep(shown, found.job, days=-1.0)
    await shown.fresh(1)
    shown.choose(0)
    await shown.do("results.delete")
    await until(lambda: not shown.titles)
    await asyncio.sleep(0)
    assert not shown.window.findChildren(DeleteDialog)
    assert not akool.asked
