"""Results that were taken live, in the Gallery: nothing to compare them with, nothing to make them from again."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from faceswap_desktop.domain.job import Failure, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import LiveTake
from faceswap_desktop.ui.gallery.refused import has_times
from faceswap_desktop.ui.gallery.words import changes_words, media_name, result_facts
from faceswap_desktop.ui.widgets.labels import PlainLabel
from tests.ui.conftest import until
from tests.ui.gallery.conftest import Shown, a_recipe, press

TAKEN = replace(a_recipe(), take=LiveTake("Front camera", "akool", 1.7e9))
NOTE = "4 pictures are missing, because the computer was too busy to record them."
AGAIN = ("results.again", "results.change", "results.send")


async def test_a_live_result_is_shown_alone_and_not_made_again(working: Shown) -> None:
    shown = working
    await shown.add("plain")
    await shown.add("live", recipe=replace(TAKEN, media=replace(TAKEN.media, notes=(NOTE,))), notes=(NOTE,))
    await shown.fresh(2)
    table = shown.window.table
    shown.choose(1)
    await until(lambda: all(table.action(one).isEnabled() for one in AGAIN))
    shown.choose(0)
    await until(lambda: not any(table.action(one).isEnabled() for one in AGAIN))
    assert table.action("results.save").isEnabled()
    shown.page.cards.setFocus()
    await press(shown.page.cards, Qt.Key.Key_Return)
    await until(lambda: shown.page.is_viewing)
    await until(lambda: not shown.page.tasks.is_running("viewer"), 30)
    assert "Taken live" in shown.page.viewer.compare.message or "Taken live" in shown.page.viewer.compare.notice
    assert not any(table.action(one).isEnabled() for one in AGAIN)
    result = shown.page.viewer.result
    assert result is not None
    facts = dict(result_facts(result))
    assert facts["Camera"] == "Front camera"
    assert not {"Original", "Blend", "Likeness", "Took"} & facts.keys()
    said = [label.text() for label in shown.page.viewer.findChildren(PlainLabel)]
    assert said.count(NOTE) == 1


def test_words_of_live_pictures_name_no_file() -> None:
    assert media_name(TAKEN) == "Live"
    assert changes_words(TAKEN) == "Live as Grace"
    assert changes_words(replace(TAKEN, pairings=())) == "Live"


def test_parts_of_a_live_recording_are_not_left_out() -> None:
    failure = Failure("sensitive", message("seen at {times}", times="0:01"), None)
    job = Job(JobId("j"), replace(TAKEN, take=None), JobState.FAILED, failure=failure)
    assert has_times(job)
    assert not has_times(replace(job, recipe=TAKEN))
