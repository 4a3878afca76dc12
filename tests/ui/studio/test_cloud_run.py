"""From the Studio to the sandbox and back: what is asked, what is left out, and one job for two presses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.job import JobState
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.studio.cloud_card import Lines
from faceswap_desktop.ui.studio.plan import Wish
from tests.ui.conftest import until
from tests.ui.content import two_officers
from tests.ui.studio.cloud_parts import answer, asked, choose, part, planned
from tests.ui.studio.conftest import COLLINS, HOPPER, Shown, by_hand


@pytest.fixture(scope="module")
def two_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a picture with both sample persons side by side."""
    return two_officers(tmp_path_factory.mktemp("pictures") / "two officers.png")


async def test_a_swap_in_the_sandbox_with_terms_and_a_question_is_one_job(working: Shown, two_faces: Path) -> None:
    page, program, studio = working.page, working.program, working.program.studio
    banner = part(working, QWidget, "sandbox-banner")
    assert not banner.isVisible()
    await program.settings.update("sandbox", is_on=True)
    await until(banner.isVisible)
    assert banner.accessibleName() == "Sandbox: nothing leaves this computer, no credits are spent"
    await program.cloud.ready()
    await working.with_sources(COLLINS)
    await working.opened(HOPPER, two_faces)
    studio.show(str(HOPPER))
    source = page.shelf_model.faces[0].id
    studio.set_board(studio.board.paired(studio.targets_of_all_faces(str(HOPPER)), source))
    await program.settings.update("budget", confirm_above=0.5)
    await choose(working, "aigs")
    await until(lambda: page.preflight.plan.cloud is not None and page.preflight.plan.faces == 1)
    assert page.preflight.plan.cloud is not None
    assert page.preflight.plan.cloud.obstacles == (), "the sandbox takes every key"
    card = page.inspector.card
    assert card._facts.text() == "1 call (estimate) · about 8 s"
    assert part(working, Lines, "preflight-cloud-where").whole == "2 files go to the sandbox on this computer"
    assert part(working, Lines, "preflight-cloud-month").whole == "Nothing is really spent."
    assert card.button.isEnabled(), "the terms are asked about right here"
    # Whoever does not agree starts nothing.
    await by_hand(card.button.click)
    assert await answer(working, is_yes=False) == "ai-gs asks this of you"
    await until(lambda: not page.tasks.is_running("run"))
    assert await program.queue.all() == []
    # Whoever does is asked about the money; however often the button is pressed meanwhile.
    await by_hand(card.button.click)
    await answer(working, is_yes=True)
    dialog = await asked(working)
    assert dialog.windowTitle() == "Spend about 1 call at ai-gs?"
    assert dialog.accessibleDescription() == "The sandbox is on: nothing is really spent."
    page.running.run()
    working.window.table.trigger("studio.run")
    assert len(working.window.findChildren(QuestionDialog)) == 1
    await answer(working, is_yes=False)
    await until(lambda: not page.tasks.is_running("run"))
    assert await program.queue.all() == []
    # The second picture has two faces, which ai-gs does not take: it is left out, and that is said.
    studio.set_board(studio.board.paired(studio.targets_of_all_faces(str(two_faces)), source))
    await until(lambda: page.preflight.plan.refusals)
    assert page.preflight.plan.refusals == ("two officers.png: ai-gs changes one face per job; 2 are chosen.",)
    assert (card.button.text(), card.button.isEnabled()) == ("Swap 1 face", True)
    await by_hand(card.button.click)
    assert await answer(working, is_yes=True) == "Spend about 1 call at ai-gs?"
    await until(
        lambda: working.window.notifications.history and "started" in working.window.notifications.history[-1].text
    )
    said = working.window.notifications.history[-1].text
    assert said == "1 job started. Left out: two officers.png: ai-gs changes one face per job; 2 are chosen."
    [job] = await program.queue.all()
    assert (job.recipe.provider, job.recipe.media.path) == ("aigs", str(HOPPER))
    [done] = await program.swapping.wait([job.id])
    assert done.state is JobState.SUCCEEDED, done.failure
    # Only the largest of the two, and back to this computer.
    page.running.go(Wish.FEWER)
    await until(lambda: not page.preflight.plan.refusals and page.preflight.plan.faces == 2)
    await program.settings.update("sandbox", is_on=False)
    await until(lambda: not banner.isVisible())
    await planned(working)


async def test_a_recipe_taken_up_brings_its_provider_along(working: Shown) -> None:
    page, program = working.page, working.program
    await working.with_sources(COLLINS)
    await working.opened(HOPPER)
    page.gestures.pair_number(0, 0)
    await until(lambda: page.preflight.plan.recipes)
    recipe = replace(page.preflight.plan.recipes[0], provider="akool", enhance=True)
    page.receive(recipe)
    await until(lambda: program.settings.current.swap.provider == "akool")
    await until(lambda: page.preflight.plan.cloud is not None and page.preflight.plan.recipes[0].enhance)
    assert page.preflight.plan.recipes[0].provider == "akool"
    where = part(working, Lines, "preflight-cloud-where")
    assert where.whole == "2 files leave this computer, to openapi.akool.com"
    page.receive(replace(recipe, provider="gone by now"))
    await until(lambda: not page.tasks.is_running("take-up"))
    assert program.settings.current.swap.provider == "akool"
    await planned(working)
