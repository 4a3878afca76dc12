"""Takes become results: recordings and snapshots, also those whose program died over them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.errors import InputRefused, StorageError, UsageError
from faceswap_desktop.domain.events import Event, JobChanged, Noticed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobResult, JobState
from faceswap_desktop.domain.provenance import Credentials, SourceType, Validity
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, SourceRef
from faceswap_desktop.services.deeds import disclosure_of, edits_of, source_type_of
from faceswap_desktop.services.takes import OpenTake
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.storage.takes import Take, TakeStore
from faceswap_desktop.workers.live_requests import RecordedSoFar
from faceswap_desktop.workers.sign_requests import ReadCredentials
from tests.agreeing import everyone_agrees
from tests.recordings import SIZE, cut_off, write_recording
from tests.unit.services.conftest import HOPPER, names_in, until

CAMERA = "Front: <1>/*"


@pytest_asyncio.fixture
async def running(program: Program) -> Program:
    """The program with everything that its start begins; whoever comes into the library has agreed."""
    await everyone_agrees(program)
    await program.start()
    return program


async def somebody(program: Program) -> SourceRef:
    [face] = (await program.library.add_photos([HOPPER])).added
    return program.library.source_ref(face)


async def recorded(program: Program, *sources: SourceRef, suffix: str = "", service: str = "") -> OpenTake:
    label = LabelOptions(language="en")
    take = await program.takes.begin_recording(CAMERA, sources, label, service, suffix=suffix)
    await asyncio.to_thread(write_recording, take.path)
    return take


async def result_of(program: Program, job_id: JobId | None) -> tuple[Job, JobResult]:
    assert job_id is not None
    [job] = await program.queue.wait([job_id])
    assert job.state is JobState.SUCCEEDED, job.failure
    assert job.result is not None
    [result] = await ResultStore(program.database).get([job.result])
    # What is removed at the end of a job is removed beside it.
    await until(lambda: not names_in(program.home.takes_folder))
    return job, result


async def credentials_of(program: Program, result: JobResult) -> Credentials:
    roots = await program.signing.identities.own_roots()
    found: Credentials = await program.pool.run("read_credentials", ReadCredentials(result.path, own_roots_pem=roots))
    return found


async def test_a_recording_becomes_a_signed_result_and_its_folder_goes(running: Program) -> None:
    hopper = await somebody(running)
    take = await recorded(running, hopper)
    note = json.loads((take.path.parent / "take.json").read_bytes())
    assert note["sources"][0]["id"] == hopper.id
    said = RecordedSoFar(1.0, 1000, 10, dropped=3, silence_s=0.5)
    job, result = await result_of(running, await running.takes.finish(take, said))
    assert job.recipe.take is not None
    assert (job.recipe.take.camera, job.recipe.take.service) == (CAMERA, "")
    assert job.recipe.label.is_on, "what is burnt in already is told, and not burnt in again"
    path = Path(result.path)
    assert path.suffix == ".mp4"
    assert path.name.startswith("Live as grace_hopper 2")
    assert (result.width, result.height) == SIZE
    assert any("3 pictures are missing" in one for one in result.notes)
    assert any("0.5 seconds" in one for one in result.notes)
    with av.open(str(path)) as container:
        assert [one.codec_context.name for one in container.streams] == ["h264", "aac"]
        assert sum(1 for _ in container.decode(video=0)) == 10
    found = await credentials_of(running, result)
    assert found.validity in {Validity.VALID, Validity.TRUSTED}
    assert found.claim is not None
    assert found.claim.ingredients == (), "there was no file before it"
    told = [(one.name, one.description, one.source_type) for one in found.claim.actions]
    assert told[:2] == [
        ("c2pa.created", "Recorded live", "compositeCapture"),
        ("c2pa.edited", "Face swapped, live on this computer", "compositeCapture"),
    ]
    assert "Visible label added" in told[2][1]
    assert result.mark is not None
    assert result.mark.has_label
    assert await running.signing.sign_now(result) == result


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
async def test_a_recording_goes_where_it_is_wanted_in_the_container_of_its_extension(
    running: Program, tmp_path: Path, suffix: str
) -> None:
    wanted = tmp_path / f"mine{suffix}"
    take = await running.takes.begin_recording(CAMERA, [await somebody(running)], output=str(wanted))
    await asyncio.to_thread(write_recording, take.path)
    job, result = await result_of(running, await running.takes.finish(take))
    assert job.recipe.output.requested_path == str(wanted)
    assert Path(result.path).suffix == suffix, "the gallery has it too"
    with av.open(str(wanted)) as container:
        assert container.format.name.split(",")[0] in {"mov", "matroska"}
        assert sum(1 for _ in container.decode(video=0)) == 10


@pytest.mark.parametrize(("suffix", "kind"), [(".mkv", "MP4"), (".webm", "WEBM")])
async def test_what_was_recorded_when_the_program_died_is_finished_at_the_next_start(
    home: Home, suffix: str, kind: str
) -> None:
    before = await everyone_agrees(await build(home))
    await before.pool.start(warm=False)
    hopper = await somebody(before)
    await before.close()
    # As it lies there after a death: a note, a file without an end, and nobody who holds it.
    store = TakeStore(home.takes_folder)
    take = store.begin(Take("", Path(), f"recording{suffix}", CAMERA, sources=(hopper,), label=LabelOptions()))
    await asyncio.to_thread(write_recording, take.path, 3.0)
    await asyncio.to_thread(cut_off, take.path)
    store.release(take)
    again = await build(home)
    try:
        await again.start()
        [job] = await again.queue.all()
        _, result = await result_of(again, job.id)
        assert Path(result.path).suffix == f".{kind.lower()}"
        assert any("The program ended" in one for one in result.notes)
        with av.open(result.path) as container:
            shown = sum(1 for _ in container.decode(video=0))
            assert container.duration is not None
            assert 10 <= shown < 30
            assert container.duration / av.time_base >= shown / 10 - 0.2, "it has a length, so that one can seek"
        assert (await credentials_of(again, result)).validity in {Validity.VALID, Validity.TRUSTED}
        assert await again.takes.recover() == [], "once"
    finally:
        await again.close()


async def test_what_another_process_records_is_left_alone(running: Program, home: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from faceswap_desktop.storage.takes import Take, TakeStore;"
        "store = TakeStore(Path(sys.argv[1])); take = store.begin(Take('', Path(), 'recording.mkv', 'camera'));"
        "print(take.id, flush=True); sys.stdin.read()"
    )
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(home.takes_folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    name = (await other.stdout.readline()).decode().strip()
    await asyncio.to_thread(write_recording, home.takes_folder / name / "recording.mkv")
    assert await running.takes.recover() == []
    other.kill()
    await other.communicate()
    [job] = await running.takes.recover()
    await result_of(running, job)


async def test_nothing_recorded_is_no_result(running: Program) -> None:
    take = await running.takes.begin_recording(CAMERA, [])
    assert await running.takes.finish(take) is None
    empty = await running.takes.begin_recording(CAMERA, [])
    empty.path.touch()
    assert await running.takes.finish(empty) is None
    thrown = await recorded(running)
    await running.takes.discard(thrown)
    assert names_in(running.home.takes_folder) == []
    assert await running.queue.all() == []


async def test_pieces_of_a_page_are_put_together_in_order(running: Program, tmp_path: Path) -> None:
    whole = (await asyncio.to_thread(write_recording, tmp_path / "page.webm")).read_bytes()
    take = await running.takes.begin_recording(CAMERA, [await somebody(running)], service="akool")
    pieces = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
    await asyncio.gather(*(running.takes.append(take, piece) for piece in pieces))
    assert take.path.read_bytes() == whole
    job, result = await result_of(running, await running.takes.finish(take))
    assert Path(result.path).suffix == ".webm"
    assert job.recipe.take is not None
    assert job.recipe.take.service == "akool"
    found = await credentials_of(running, result)
    assert found.claim is not None
    assert found.claim.ingredients == ()
    assert [(one.description, one.source_type, one.agent) for one in found.claim.actions][1:2] == [
        ("Face swapped, live by AKOOL, an online service", "compositeWithTrainedAlgorithmicMedia", "AKOOL")
    ]


async def test_snapshots_are_kept_as_pictures(running: Program, tmp_path: Path) -> None:
    hopper = await somebody(running)
    pixels = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    _, result = await result_of(running, await running.takes.snapshot(pixels.tobytes(), 64, 48, CAMERA, [hopper]))
    assert Path(result.path).suffix == ".png"
    with Image.open(result.path) as opened:
        assert np.array_equal(np.asarray(opened), pixels)
    jpeg = tmp_path / "page.jpg"
    Image.fromarray(pixels).save(jpeg)
    _, result = await result_of(running, await running.takes.snapshot(jpeg.read_bytes(), 0, 0, CAMERA, [hopper]))
    assert Path(result.path).suffix == ".jpg"
    with pytest.raises(InputRefused):
        await running.takes.snapshot(b"no picture", 0, 0, CAMERA, [hopper])
    assert names_in(running.home.takes_folder) == []


async def test_a_take_waits_for_consent_and_stays_until_its_job_is_deleted(
    program: Program, events: list[Event]
) -> None:
    await program.start()
    take = await recorded(program, await somebody(program))
    job_id = await program.takes.finish(take)
    assert job_id is not None
    [job] = await program.queue.wait([job_id])
    assert job.hold is Hold.CONSENT
    await program.queue.cancel([job_id])
    await until(lambda: any(isinstance(one, JobChanged) and one.job.state is JobState.CANCELLED for one in events))
    assert take.path.is_file()
    await program.queue.remove([job_id])
    await until(lambda: not names_in(program.home.takes_folder))


async def test_a_take_that_failed_can_be_tried_again(running: Program) -> None:
    hopper = await somebody(running)
    take = await recorded(running, hopper)
    hidden = take.path.with_name("elsewhere")
    await running.queue.pause([])
    job_id = await running.takes.finish(take)
    assert job_id is not None
    await running.queue.pause([job_id])
    [job] = await running.queue.wait([job_id])
    if job.state is JobState.SUCCEEDED:
        pytest.skip("it was done before it could be paused")
    take.path.rename(hidden)
    await running.queue.resume([job_id])
    [job] = await running.queue.wait([job_id])
    assert job.state is JobState.FAILED
    hidden.rename(take.path)
    await running.queue.retry([job_id])
    await result_of(running, job_id)


async def test_who_comes_into_a_recording_later_is_noted_at_once(running: Program, home: Home) -> None:
    hopper = await somebody(running)
    label = LabelOptions(language="en")
    take = await running.takes.begin_recording(CAMERA, [], label)
    await running.takes.note_cast(take, [hopper], years=[10, 0], label=label)
    await running.takes.note_cast(take, [], years=[10])
    known = TakeStore(home.takes_folder).get(take.id)
    assert known is not None
    assert (known.sources, known.years, known.label) == ((hopper,), (10,), label)
    await running.takes.note_cast(take, [hopper], label=replace(label, is_on=False))
    await running.takes.note_cast(take, [hopper], label=label)
    known = TakeStore(home.takes_folder).get(take.id)
    assert known is not None
    assert not known.label.is_on, "a part of it has none"
    await asyncio.to_thread(write_recording, take.path)
    job, _ = await result_of(running, await running.takes.finish(take))
    assert [one.source for one in job.recipe.pairings] == [hopper]
    assert [one.years for one in job.recipe.ages] == [10]
    assert len(job.recipe.targets) == 1, "whoever gets a face and is made older is one person"


async def test_only_while_somebody_is_changed_the_label_has_to_be_on(running: Program, home: Home) -> None:
    hopper = await somebody(running)
    on, off = LabelOptions(language="en"), LabelOptions(is_on=False)
    take = await running.takes.begin_recording(CAMERA, [], NO_LABEL)
    for cast, label, is_labelled in (
        ([], on, False),
        ([hopper], on, True),
        ([], off, True),
        ([hopper], on, True),
        ([hopper], off, False),
        ([], on, False),
        ([hopper], on, False),
    ):
        await running.takes.note_cast(take, cast, label=label)
        known = TakeStore(home.takes_folder).get(take.id)
        assert known is not None
        assert known.label.is_on is is_labelled


async def test_takes_that_show_a_face_are_found_and_erased_also_while_they_are_recorded(running: Program) -> None:
    hopper = await somebody(running)
    going = await recorded(running, hopper)
    other = await recorded(running)
    found = await running.takes.with_face(hopper.id, ())
    assert [one.id for one in found] == [going.id]
    assert [one.id for one in await running.takes.with_face("moved", hopper.photos)] == [going.id]  # type: ignore[arg-type]
    assert await running.takes.erase(found) == []
    assert await running.takes.finish(going) is None
    assert names_in(running.home.takes_folder) == [other.id]
    await running.takes.discard(other)


async def test_withdrawing_consent_deletes_takes_that_are_no_results_yet(running: Program) -> None:
    hopper = await somebody(running)
    made, _ = await result_of(running, await running.takes.finish(await recorded(running, hopper)))
    going = await recorded(running, hopper)
    plan = await running.withdrawals.plan(hopper.id)
    assert [one.id for one in plan.takes] == [going.id]
    assert [one.job for one in plan.results] == [made.id]
    report = await running.withdrawals.withdraw(plan, delete=True)
    assert report.results == 1
    assert await running.takes.finish(going) is None
    assert names_in(running.home.takes_folder) == []
    assert names_in(running.home.results_folder) == []


async def test_a_live_picture_is_not_made_again(running: Program) -> None:
    job, _ = await result_of(running, await running.takes.finish(await recorded(running, await somebody(running))))
    with pytest.raises(UsageError, match="cannot be made again"):
        await running.swapping.run_all_again([job.recipe])
    with pytest.raises(UsageError, match="cannot be made again"):
        running.swapping.at(job.recipe, "akool")


async def test_without_room_nothing_is_begun(running: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceswap_desktop.storage.takes.LEAST_ROOM_BYTES", 1 << 62)
    with pytest.raises(StorageError) as caught:
        await running.takes.begin_recording(CAMERA, [])
    assert caught.value.kind == "disk-full"
    assert names_in(running.home.takes_folder) == []


async def test_a_take_in_which_nobody_is_changed_says_so(running: Program) -> None:
    job, result = await result_of(running, await running.takes.finish(await recorded(running)))
    assert Path(result.path).name.startswith("Live 2")
    assert edits_of(job.recipe, SourceType.CAPTURES_COMPOSITE) == ()
    assert disclosure_of(()) == "Recorded live, with Faceswap Desktop."
    assert source_type_of(job.recipe, running.providers[0].info, ()) is SourceType.ENHANCED
    assert not job.recipe.label.is_on, "a label is burnt in where somebody is changed"
    assert result.mark is not None
    assert not result.mark.has_label
    found = await credentials_of(running, result)
    assert found.claim is not None
    told = [(one.name, one.description, one.source_type) for one in found.claim.actions]
    assert told == [("c2pa.created", "Recorded live", "algorithmicallyEnhanced")]


async def test_a_folder_without_a_note_is_told_of_or_goes(running: Program, events: list[Event]) -> None:
    folder = running.home.takes_folder
    (folder / "nothing").mkdir(parents=True)
    (folder / "something").mkdir()
    write_recording(folder / "something" / "recording.mkv")
    (folder / "something" / "take.json").write_text("{")
    assert await running.takes.recover() == []
    assert names_in(folder) == ["something"]
    assert any(isinstance(one, Noticed) and "something" in str(one.message) for one in events)
