"""The same at two providers: a recipe for another one, and which results belong together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import FaceAge, OutputOptions, SwapOptions
from faceswap_desktop.services.gallery import is_rival
from tests.unit.services.conftest import a_recipe, add_result


async def test_a_recipe_for_another_provider_is_the_same_but_for_whom(program: Program) -> None:
    recipe = replace(a_recipe(), output=OutputOptions(requested_path="/here.png"), options=SwapOptions(blend=0.5))
    other = program.swapping.at(recipe, "akool")
    assert other == replace(recipe, provider="akool", output=OutputOptions())
    assert is_rival(recipe, other)
    with pytest.raises(UsageError, match="no provider called nobody"):
        program.swapping.at(recipe, "nobody")


def test_other_faces_ages_parts_or_media_are_another_matter() -> None:
    recipe = replace(a_recipe(), provider="akool")
    target = recipe.pairings[0].target
    assert is_rival(recipe, replace(a_recipe(), options=SwapOptions(blend=0.1)))
    assert not is_rival(recipe, recipe), "one provider is no rival of itself"
    for other in (
        replace(a_recipe(), pairings=()),
        replace(a_recipe(), ages=(FaceAge(target, 20),)),
        replace(a_recipe(), pairings=(replace(recipe.pairings[0], target=replace(target, index=1)),)),
        replace(
            a_recipe(), media=replace(recipe.media, fingerprint=replace(recipe.media.fingerprint, quick_digest="1"))
        ),
    ):
        assert not is_rival(recipe, other)


async def test_the_newest_of_each_other_provider_is_found(program: Program) -> None:
    mine = await add_result(program, "mine")
    remote = replace(a_recipe(), provider="akool")
    await add_result(program, "older", recipe=remote, created_at=1.6e9)
    newer = await add_result(program, "newer", recipe=remote, created_at=1.65e9)
    media = a_recipe("/pictures/other party.png").media
    media = replace(media, fingerprint=replace(media.fingerprint, quick_digest="1" * 64))
    await add_result(program, "other", recipe=replace(remote, provider="aigs", media=media))
    await add_result(program, "aged", recipe=replace(remote, ages=(FaceAge(remote.pairings[0].target, 5),)))
    assert await program.gallery.rivals(mine) == [newer]
    assert await program.gallery.rivals(newer) == [mine]
    assert await program.gallery.result_of(mine.job) == mine
    await program.gallery.delete([mine.id])
    assert await program.gallery.rivals(newer) == []
    assert await program.gallery.result_of(mine.job) is None
    assert await program.gallery.result_of(JobId("nobody")) is None


async def test_who_deletes_on_demand_and_who_tells_a_result_once(program: Program) -> None:
    offers = program.offers.all()
    assert [one.info.id for one in offers if one.can_delete] == ["akool"]
    assert [one.info.id for one in offers if one.info.delivers_only] == ["aifaceswap"]


async def test_jobs_that_wait_for_a_delivery_are_told_by_provider(program: Program) -> None:
    await program.settings.update("webhook", public_url="http://127.0.0.1", port=0)
    mailbox = program.cloud.mailbox
    for job, provider in (("one", "akool"), ("two", "aifaceswap"), ("two", "akool")):
        await mailbox.address(JobId(job), f"swap at {provider}", provider)
    assert mailbox.waiting_at({"aifaceswap"}) == ("two",)
    assert mailbox.waiting_at({"aifaceswap", "akool"}) == ("one", "two")
    assert mailbox.waiting_at(()) == ()
    await mailbox.close(JobId("two"))
    assert mailbox.waiting_at({"aifaceswap"}) == ()
