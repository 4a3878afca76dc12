"""Who becomes whom: known again by their faces, let go of when the engine starts anew."""

from __future__ import annotations

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ConsentNeeded, InputRefused
from faceswap_desktop.domain.faces import Embedding
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.live import LivePart, LivePerson
from faceswap_desktop.services.live_parts import LiveParts
from tests.unit.services.conftest import COLLINS, HOPPER


def somebody(number: int, embedding: bytes | None) -> LivePerson:
    known = None if embedding is None else Embedding(embedding, "sface_2021dec")
    return LivePerson(number, BoundingBox(0, 0, 10, 10), known)


async def test_parts_keep_the_face_by_which_people_are_known(working: Program) -> None:
    parts = LiveParts(working.clearance, working.library)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    await parts.let_pass(hopper.id)
    parts.note_people([somebody(1, b"a"), somebody(2, None), somebody(3, b"c")])
    with pytest.raises(InputRefused, match="well enough"):
        parts.set_part(2, LivePart(hopper.id))
    parts.set_part(1, LivePart(hopper.id, 4))
    parts.note_people([somebody(1, b"later"), somebody(3, b"later")])
    [member] = parts.cast
    assert member.embedding.packed == b"a", "with what it was given for"
    assert [one.id for one in parts.sources] == [hopper.id]
    assert parts.refs[0].photos == tuple(photo.id for photo in hopper.photos)
    assert parts.years == (4,)
    parts.forget_people(with_parts=False)
    with pytest.raises(InputRefused):
        parts.set_part(3, LivePart(hopper.id))
    assert [one.number for one in parts.cast] == [1], "whom an engine that starts anew is told of"
    parts.clear_part(1)
    assert not parts.cast
    assert not parts.sources, "nobody is put in any more"


async def test_a_face_that_is_asked_for_again_is_the_same_until_its_photos_change(working: Program) -> None:
    parts = LiveParts(working.clearance, working.library)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    await parts.let_pass(hopper.id)
    parts.set_everyone(LivePart(hopper.id))
    [before] = parts.sources
    assert await parts.refused() == {}
    assert parts.sources == (before,)
    await working.library.add_photo_to(hopper.id, COLLINS)
    assert await parts.refused() == {}
    [after] = parts.sources
    assert len(after.cleared.source.photos) == 2
    await working.library.delete([hopper.id])
    assert isinstance((await parts.refused())[hopper.id], InputRefused)


async def test_a_face_counts_until_no_picture_shows_it_any_more(working: Program) -> None:
    parts = LiveParts(working.clearance, working.library)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    [collins] = (await working.library.add_photos([COLLINS])).added
    for one in (hopper, collins):
        await parts.let_pass(one.id)
    parts.set_everyone(LivePart(hopper.id))
    parts.note_worn([hopper.id])
    parts.set_everyone(LivePart(collins.id))
    assert {one.id for one in parts.refs} == {hopper.id, collins.id}, "the one is seen, the other will be"
    assert {one.id for one in parts.sources} == {hopper.id, collins.id}
    parts.hold(True)
    parts.note_worn([collins.id])
    assert parts.shown == {hopper.id, collins.id}, "a picture that stands shows who was in it"
    parts.hold(False)
    parts.note_worn([collins.id])
    assert [one.id for one in parts.refs] == [collins.id]
    parts.set_everyone(LivePart())
    await working.consents.forget([one.id for one in await working.consents.all()])
    refused = await parts.refused([collins.id])
    assert isinstance(refused[collins.id], ConsentNeeded), "asked for also when only the last picture shows it"
    parts.take_off(refused)
    assert not parts.shown
    parts.note_worn([collins.id])
    parts.forget_shown()
    assert not parts.shown


async def test_consent_that_ends_takes_the_face_off_and_leaves_the_age(working: Program) -> None:
    parts = LiveParts(working.clearance, working.library)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    await parts.let_pass(hopper.id)
    parts.note_people([somebody(1, b"a")])
    parts.set_everyone(LivePart(hopper.id, 7))
    parts.set_part(1, LivePart(hopper.id, -7))
    await working.consents.forget([one.id for one in await working.consents.all()])
    assert await parts.refused(()) == {}, "only those that are named are asked for"
    refused = await parts.refused([hopper.id])
    assert isinstance(refused[hopper.id], ConsentNeeded)
    parts.take_off(refused)
    assert parts.everyone == LivePart(None, 7)
    assert parts.parts == {1: LivePart(None, -7)}
    assert not parts.used
