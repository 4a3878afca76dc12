"""Who source faces are: asked once, remembered with their photos."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis, Standing
from faceswap_desktop.domain.errors import ConsentNeeded, InputRefused, StorageError, UsageError
from faceswap_desktop.domain.events import ConsentChanged, Event
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.domain.job import Hold
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe, SwapOptions
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.storage.documents import MOST_DOCUMENT_BYTES
from tests.unit.services.conftest import COLLINS, HOPPER, a_recipe

ME = ConsentAnswer(Basis.MYSELF)


@pytest_asyncio.fixture
async def working(program: Program) -> Program:
    """Start workers; nobody has said anything about anybody."""
    await program.pool.start(warm=False)
    return program


async def standing_of(program: Program, face: SourceFace) -> Standing:
    there = await program.library.face(face.id)
    assert there is not None
    return (await program.consents.standing_of(there)).standing


def recipe_of(program: Program, *faces: SourceFace) -> Recipe:
    recipe = a_recipe()
    pairing = recipe.pairings[0]
    return replace(
        recipe,
        pairings=tuple(
            replace(pairing, target=replace(pairing.target, index=place), source=program.library.source_ref(face))
            for place, face in enumerate(faces)
        ),
    )


async def test_a_face_is_asked_for_once(working: Program, events: list[Event]) -> None:
    face = await working.library.add_face(COLLINS)
    recipe = recipe_of(working, face)
    assert [one.id for one in await working.consents.missing([recipe, recipe])] == [face.id]
    with pytest.raises(ConsentNeeded, match="eileen_collins") as raised:
        await working.consents.check([recipe], message("Say who."))
    assert str(raised.value.hint) == "Say who."
    [given] = await working.consents.give([face], replace(ME, who=" Eileen\n Collins ", note=" hers "))
    assert (given.who, given.note, given.photos) == ("Eileen Collins", "hers", frozenset({face.photos[0].id}))
    assert await working.consents.missing([recipe]) == []
    await working.consents.check([recipe], message("Say who."))
    assert [event.faces for event in events if isinstance(event, ConsentChanged)] == [(face.id,)]


async def test_it_ends_and_a_new_answer_takes_its_place(working: Program) -> None:
    face = await working.library.add_face(COLLINS)
    with pytest.raises(UsageError) as raised:
        await working.consents.give([face], replace(ME, until=time.time() - 1))
    assert raised.value.kind == "until"
    await working.consents.give([face], ME)
    until = time.time() + 3600
    [shorter] = await working.consents.give([face], replace(ME, until=until))
    everything = await working.consents.all()
    assert [(one.until, one.replaced_at) for one in everything] == [(until, 0.0), (0.0, shorter.given_at)]
    assert not any(one.is_valid(until + 1) for one in everything)
    known = await working.consents.standing_of(face)
    assert known.current == shorter


async def test_photos_keep_it_through_together_apart_and_removal(working: Program) -> None:
    one, two = [await working.library.add_face(path) for path in (COLLINS, HOPPER)]
    await working.consents.give([one], ME)
    merged = (await working.library.put_together([one.id, two.id])).after[0]
    assert await standing_of(working, merged) is Standing.MISSING
    [asked] = await working.consents.missing([recipe_of(working, merged)])
    assert {photo.id for photo in asked.photos} == {photo.id for photo in merged.photos}
    await working.consents.give([merged], replace(ME, who="Both"))
    parts = (await working.library.take_apart(merged.id)).after
    assert [await standing_of(working, part) for part in parts] == [Standing.GIVEN, Standing.GIVEN]
    again = (await working.library.put_together([part.id for part in parts])).after[0]
    left = (await working.library.remove_photo(again.id, again.photos[0].id)).after[0]
    assert await standing_of(working, left) is Standing.GIVEN


async def test_another_photo_of_the_same_person_is_covered_and_of_another_is_not(
    working: Program, tmp_path: Path
) -> None:
    face = await working.library.add_face(COLLINS)
    await working.consents.give([face], ME)
    smaller = tmp_path / "smaller.png"
    with Image.open(COLLINS) as picture:
        picture.convert("RGB").resize((400, 400)).save(smaller)
    change = await working.library.add_photo_to(face.id, smaller)
    assert change.looks_alike
    assert await standing_of(working, face) is Standing.GIVEN
    change = await working.library.add_photo_to(face.id, HOPPER)
    assert not change.looks_alike
    assert await standing_of(working, face) is Standing.MISSING


async def test_a_face_that_is_gone_is_still_asked_for(working: Program) -> None:
    face = await working.library.add_face(COLLINS)
    recipe = recipe_of(working, face)
    await working.library.delete([face.id])
    [asked] = await working.consents.missing([recipe])
    assert (asked.id, asked.name, Path(asked.thumbnail_path).is_file()) == (face.id, face.name, True)
    await working.consents.give([asked], ME)
    assert await working.consents.missing([recipe]) == []


async def test_a_document_is_kept_with_its_name_and_goes_with_the_record(working: Program, tmp_path: Path) -> None:
    face = await working.library.add_face(COLLINS)
    document = tmp_path / "Ünï yes.PDF"
    document.write_bytes(b"%PDF-1.7 signed")
    [given] = await working.consents.give([face], replace(ME, document=str(document)))
    document.unlink()
    assert given.document_name == "Ünï yes.PDF"
    kept = Path(given.document)
    assert kept.read_bytes() == b"%PDF-1.7 signed"
    assert working.home.documents_folder in kept.parents
    await working.consents.forget([given.id])
    assert not kept.exists()
    assert await working.consents.all() == []


@pytest.mark.parametrize("kind", ["gone", "empty", "large", "program", "folder", "pipe"])
async def test_documents_that_are_not_taken(working: Program, tmp_path: Path, kind: str) -> None:
    face = await working.library.add_face(COLLINS)
    document = tmp_path / ("yes.exe" if kind == "program" else "yes.pdf")
    match kind:
        case "empty":
            document.touch()
        case "large":
            with document.open("wb") as file:
                file.truncate(MOST_DOCUMENT_BYTES + 1)
        case "program":
            document.write_bytes(b"MZ")
        case "folder":
            document.mkdir()
        case "pipe":
            os.mkfifo(document)
    with pytest.raises((InputRefused, StorageError)) as raised:
        await working.consents.give([face], replace(ME, document=str(document)))
    assert raised.value.kind in {"document", "not-a-file"}
    assert await working.consents.all() == []
    folder = working.home.documents_folder
    assert not folder.exists() or not list(folder.iterdir())


async def test_the_command_line_states_it_once(working: Program) -> None:
    face = await working.library.add_face(COLLINS)
    for nothing in (" ", "\x01\x02", "\u200b\u202e"):
        with pytest.raises(UsageError):
            await working.consents.state_on_command_line(nothing, [face])
    await working.consents.state_on_command_line("She said yes.", [face])
    await working.consents.state_on_command_line("She said yes again.", [face])
    [stated] = await working.consents.all()
    assert (stated.basis, stated.note, stated.who) == (Basis.STATED, "She said yes.", face.name)


async def test_the_command_line_gives_nothing_anew_by_the_way(working: Program) -> None:
    face = await working.library.add_face(COLLINS)
    await working.consents.state_on_command_line("She said yes.", [face])
    await working.withdrawals.withdraw(await working.withdrawals.plan(face.id), delete=False)
    with pytest.raises(ConsentNeeded, match="was withdrawn"):
        await working.consents.state_on_command_line("A script says so.", [face])
    assert (await working.consents.standing_of(face)).standing is Standing.WITHDRAWN
    await working.consents.state_on_command_line("She said yes again.", [face], renews=True)
    assert (await working.consents.standing_of(face)).standing is Standing.GIVEN


async def test_the_gate_and_the_job_that_waits(working: Program) -> None:
    face = await working.library.add_face(HOPPER)
    media, faces = await working.detection.detect(COLLINS)
    recipe = await working.swapping.make_recipe(media, faces, {0: face.id}, SwapOptions())
    [job] = await working.queue.add([recipe])
    await working.queue.start()
    [waiting] = await working.queue.wait([job.id])
    assert waiting.hold is Hold.CONSENT
    await working.consents.give([face], ME)
    there = await working.queue.job(job.id)
    assert there is not None
    assert there.hold is not Hold.CONSENT
