"""The job list: progress, pause, cancel, retry, order; by keys and by hand."""

from __future__ import annotations

import pytest
from PIL import Image
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAccessible
from pytestqt.modeltest import ModelTester

from faceswap_desktop.domain.events import JobChanged, JobProgressed, JobRemoved
from faceswap_desktop.domain.job import Hold, JobState
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.ui.gallery.job_model import JobRole
from faceswap_desktop.ui.widgets.buttons import IconButton
from tests.ui.conftest import until
from tests.ui.gallery.conftest import COLLINS, HOPPER, Shown, press

Q, RUN, FAIL, GONE = JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.CANCELLED


def pixels_of(path: str) -> bytes:
    with Image.open(path) as opened:
        return opened.tobytes()


def state_text(shown: Shown, row: int) -> str:
    return str(shown.page.jobs.index(row).data(JobRole.STATE_TEXT))


def is_enabled(shown: Shown, name: str) -> bool:
    return shown.window.table.action(f"jobs.{name}").isEnabled()


async def test_working_ones_first_then_waiting_then_failed(shown: Shown) -> None:
    waiting, failed, running = await shown.add_jobs(Q, FAIL, RUN)
    assert shown.job_ids == [running.id, waiting.id, failed.id]
    assert shown.page.jobs_panel.isVisible()
    assert state_text(shown, 1) == "Waiting"
    assert state_text(shown, 2) == "“x.png” was not found. It may have been moved."


async def test_progress_is_told_in_words_and_as_a_share(shown: Shown) -> None:
    [running] = await shown.add_jobs(RUN)
    assert state_text(shown, 0) == "Preparing"
    shown.program.bus.publish(JobProgressed(running.id, 0.35, "swap", 4.0))
    await until(lambda: state_text(shown, 0) == "Swapping · 35 % · 4 s left")
    assert shown.page.jobs.index(0).data(JobRole.FRACTION) == 0.35
    words = QAccessible.queryAccessibleInterface(shown.page.jobs_panel.view).child(0).text(QAccessible.Text.Name)
    assert words == "eileen_collins.png as Grace: Swapping · 35 % · 4 s left"


async def test_a_chosen_job_stays_chosen_when_it_starts_and_ends(shown: Shown) -> None:
    first, second = await shown.add_jobs(Q, Q)
    shown.choose_jobs(second)
    ledger = Ledger(shown.program.database)
    moved = await ledger.transition(second.id, {Q}, JobState.PREPARING)
    shown.program.bus.publish(JobChanged(moved))
    await until(lambda: shown.job_ids == [second.id, first.id])
    assert [job.id for job in shown.page.jobs_panel.chosen()] == [second.id]


async def test_pause_and_resume_by_keys(shown: Shown) -> None:
    first, second = await shown.add_jobs(Q, Q)
    shown.choose_jobs(second)
    shown.page.jobs_panel.view.setFocus()
    await press(shown.window, Qt.Key.Key_P)
    await until(lambda: state_text(shown, 1) == "Paused")
    assert (await shown.job(second.id)).hold is Hold.PAUSED
    assert (await shown.job(first.id)).hold is None
    assert not is_enabled(shown, "pause")
    await press(shown.window, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: state_text(shown, 1) == "Waiting")
    assert (await shown.job(second.id)).hold is None


async def test_with_none_chosen_all_are_meant_and_the_words_say_so(shown: Shown) -> None:
    jobs = await shown.add_jobs(Q, Q)
    assert shown.window.table.action("jobs.pause").text() == "Pause all jobs"
    await shown.do("jobs.pause")
    await until(lambda: [state_text(shown, row) for row in (0, 1)] == ["Paused", "Paused"])
    shown.choose_jobs(jobs[0])
    assert shown.window.table.action("jobs.resume").text() == "Resume job"
    shown.choose_jobs(*jobs)
    assert shown.window.table.action("jobs.cancel").text() == "Cancel 2 jobs"
    button = shown.page.jobs_panel.findChild(IconButton, "button-jobs.cancel")
    assert button is not None
    assert button.toolTip().startswith("Cancel 2 jobs")


async def test_cancel_asks_for_it_in_the_ledger(shown: Shown) -> None:
    first, second = await shown.add_jobs(RUN, Q)
    shown.choose_jobs(first)
    await press(shown.window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: state_text(shown, 0) == "Cancelling")
    assert (await shown.job(first.id)).cancel_requested
    assert not (await shown.job(second.id)).cancel_requested


async def test_failed_and_cancelled_ones_are_tried_again(shown: Shown) -> None:
    failed, cancelled = await shown.add_jobs(FAIL, GONE)
    assert is_enabled(shown, "retry")
    await shown.do("jobs.retry")
    for job in (failed, cancelled):
        assert (await shown.job(job.id)).state is Q
    await until(lambda: all(job.state is Q for job in shown.page.jobs.jobs))
    assert not is_enabled(shown, "retry")


async def test_order_by_keys(shown: Shown) -> None:
    first, second, third = await shown.add_jobs(Q, Q, Q)
    shown.choose_jobs(third)
    shown.page.jobs_panel.view.setFocus()
    await press(shown.window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: shown.job_ids == [first.id, third.id, second.id])
    assert [job.id for job in shown.page.jobs_panel.chosen()] == [third.id]
    await until(lambda: is_enabled(shown, "earlier"))
    await press(shown.window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    await until(lambda: shown.job_ids == [third.id, first.id, second.id])
    await until(lambda: is_enabled(shown, "later"))
    await press(shown.window, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    await until(lambda: shown.job_ids == [first.id, third.id, second.id])
    assert [job.id for job in await shown.program.queue.unfinished()] == shown.job_ids


async def test_order_by_dragging(shown: Shown) -> None:
    running, first, second, third = await shown.add_jobs(RUN, Q, Q, Q)
    model = shown.page.jobs
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled, "what works already keeps its place"
    mime = model.mimeData([model.index(3)])
    assert not model.dropMimeData(mime, Qt.DropAction.MoveAction, 1, 0, QModelIndex()), "the view must not remove rows"
    await until(lambda: shown.job_ids == [running.id, third.id, first.id, second.id])
    mime = model.mimeData([model.index(1), model.index(2)])
    model.dropMimeData(mime, Qt.DropAction.MoveAction, -1, 0, QModelIndex())
    await until(lambda: shown.job_ids == [running.id, second.id, third.id, first.id])
    waiting = [job.id for job in await shown.program.queue.unfinished() if job.state is Q]
    assert waiting == [second.id, third.id, first.id]


async def test_clearing_takes_what_is_over_off_the_list(shown: Shown) -> None:
    waiting, _failed, _gone = await shown.add_jobs(Q, FAIL, GONE)
    await shown.do("jobs.clear")
    await until(lambda: shown.job_ids == [waiting.id])
    assert not is_enabled(shown, "clear")
    assert [job.id for job in await shown.program.queue.all()] == [waiting.id]


async def test_delete_in_the_list_means_jobs_and_never_cards(shown: Shown) -> None:
    await shown.filled("kept")
    shown.choose(0)
    waiting, failed = await shown.add_jobs(Q, FAIL)
    view = shown.page.jobs_panel.view
    view.setFocus()
    await press(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(shown.page.jobs_panel.chosen()) == 2
    await press(view, Qt.Key.Key_Delete)
    await until(lambda: shown.job_ids == [waiting.id])
    assert (await shown.job(waiting.id)).cancel_requested
    assert shown.titles == ["kept"]
    assert await shown.program.queue.job(failed.id) is None


async def test_the_list_does_not_shrink_while_jobs_work(shown: Shown) -> None:
    _running, *others = await shown.add_jobs(RUN, Q, Q)
    height = shown.page.jobs_panel.view.height()
    for job in others:
        shown.program.bus.publish(JobRemoved(job.id))
    await until(lambda: len(shown.job_ids) == 1)
    assert shown.page.jobs_panel.view.height() == height
    shown.program.bus.publish(JobRemoved(shown.job_ids[0]))
    await until(lambda: not shown.page.jobs_panel.isVisible())


async def test_the_model_keeps_qts_contract(shown: Shown, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(shown.page.jobs)
    first, second, third = await shown.add_jobs(Q, Q, Q)
    await shown.program.queue.reorder([third.id, first.id])
    await until(lambda: shown.job_ids == [third.id, first.id, second.id])
    await shown.program.queue.pause([first.id])
    await shown.program.queue.cancel([second.id])
    shown.program.bus.publish(JobRemoved(third.id))
    await until(lambda: shown.job_ids == [first.id, second.id])


async def test_jobs_that_were_there_before_are_found(shown: Shown) -> None:
    [job] = await shown.add_jobs(Q)
    shown.page.jobs.set_jobs([])
    shown.window.show_page("live")
    shown.window.show_page("gallery")
    await until(lambda: shown.job_ids == [job.id])
    shown.page.receive(job.id)
    assert [one.id for one in shown.page.jobs_panel.chosen()] == [job.id]


async def test_real_jobs_end_as_cards(working: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every step is told of: where a window is slow to hear, all of a job may lie within one interval.
    monkeypatch.setattr("faceswap_desktop.jobs.context._PROGRESS_INTERVAL_S", 0.0)
    shown, program = working, working.program
    assert await program.queue.start()
    media, faces = await program.detection.detect(COLLINS)
    [source] = (await program.library.add_photos([HOPPER])).added
    recipe = await program.swapping.make_recipe(media, faces[:1], {faces[0].index: source.id}, program.studio.options)
    seen: list[float] = []
    shown.page.jobs.dataChanged.connect(
        lambda first, *_: seen.append(shown.page.jobs.data(first, JobRole.FRACTION) or 0.0)
    )
    await program.swapping.submit([recipe, recipe])
    await until(lambda: len(shown.titles) == 2 and all(shown.titles), 60)
    # Two are finished side by side: either may be first.
    assert sorted(shown.titles) == ["eileen_collins as grace_hopper", "eileen_collins as grace_hopper (2)"]
    assert max(seen) > 0.3
    await until(lambda: not shown.page.jobs_panel.isVisible())
    first, second = await program.gallery.results(shown.page.results.ids)
    assert pixels_of(first.path) == pixels_of(second.path), "the same recipe gives the same picture"
