"""Results marked and signed by the real workers: at once, later, by a service; and their copies."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis
from faceswap_desktop.domain.errors import InputRefused, SignerError, StorageError
from faceswap_desktop.domain.job import Job, JobId, JobResult, ResultId
from faceswap_desktop.domain.media import Fingerprint
from faceswap_desktop.domain.provenance import (
    NO_ROOM_FOR_LABEL,
    Credentials,
    ResultMark,
    SignerKind,
    SourceType,
    Validity,
)
from faceswap_desktop.domain.recipe import FaceAge, LabelOptions, Recipe
from faceswap_desktop.domain.signing import Identity
from faceswap_desktop.jobs.tools import SignedFile, ToSign
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.provenance.certificate import make_identity
from faceswap_desktop.services.deeds import edits_of, source_type_of, unchanged
from faceswap_desktop.services.identities import TOKEN_SECRET
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.workers.mark_requests import FileMarks, ReadMarks
from faceswap_desktop.workers.sign_requests import ReadCredentials
from tests import signed
from tests.unit.services.conftest import HOPPER, a_recipe, add_result, names_in

UNSIGNED = ResultMark(has_label=True)
TOKEN = "t0ken-of-the-service"


async def read(program: Program, path: str | Path) -> Credentials:
    roots = await program.signing.identities.own_roots()
    found: Credentials = await program.pool.run("read_credentials", ReadCredentials(str(path), own_roots_pem=roots))
    return found


async def unsigned(program: Program, kind: str = "JPEG") -> JobResult:
    """A result that was put into the library unsigned."""
    path, content = program.home.results_folder / f"made{signed.EXTENSIONS[kind]}", signed.content(kind)
    made = replace(
        await add_result(program, "made"),
        id=ResultId("made"),
        job=JobId("made"),
        path=str(path),
        size_bytes=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        mark=UNSIGNED,
    )
    store = ResultStore(program.database)
    await store.forget([ResultId("r-made")])
    (program.home.results_folder / "made.jpg").unlink()
    path.write_bytes(content)
    await store.add(made)
    return made


def a_job(recipe: Recipe) -> Job:
    return Job(JobId("j"), recipe)


def to_sign(folder: Path, kind: str = "JPEG") -> ToSign:
    path = str(signed.written(folder, kind, "result"))
    return ToSign(path, path)


# ------------------------------------------------------------------------------------------------- what is told of it


async def test_the_story_of_a_swap_on_this_computer(working: Program, tmp_path: Path) -> None:
    original = tmp_path / "original.jpg"
    shutil.copyfile(HOPPER, original)
    plain = a_recipe(str(original))
    recipe = replace(
        plain,
        media=replace(plain.media, fingerprint=fingerprint(original)),
        ages=(FaceAge(plain.pairings[0].target, -10),),
        label=LabelOptions(),
    )
    file = to_sign(tmp_path)
    before = Path(file.path).read_bytes()
    made = await working.signing.sign(a_job(recipe), file, later=False)
    assert Path(file.path).read_bytes() == before
    assert (made.size_bytes, made.sha256) == (
        Path(made.path).stat().st_size,
        hashlib.sha256(Path(made.path).read_bytes()).hexdigest(),
    )
    assert made.mark.signer is SignerKind.INSTALLATION
    assert made.mark.has_label
    found = await read(working, made.path)
    assert (found.validity, found.is_ours) == (Validity.VALID, True)
    assert found.claim is not None
    assert found.claim.title == "Result"
    told = [(one.description, one.source_type) for one in found.claim.actions]
    assert ("Face swapped on this computer", "compositeCapture") in told
    assert ("Age changed by -10 years on this computer", "algorithmicallyEnhanced") in told
    assert any("label" in words for words, _ in told)
    assert [one.relationship for one in found.claim.ingredients] == ["parentOf"]
    marks: FileMarks = await working.pool.run("read_marks", ReadMarks(made.path))
    assert marks.source_type == SourceType.CAPTURES_COMPOSITE.uri


@pytest.mark.parametrize("provider", ["on-device", "akool"])
async def test_no_name_of_a_person_or_a_file_gets_in(working: Program, tmp_path: Path, provider: str) -> None:
    original = signed.written(tmp_path, "JPEG", "Zenobia at the beach")
    recipe = a_recipe(str(original), "Ptolemaios")
    media = replace(recipe.media, fingerprint=fingerprint(original))
    job = a_job(replace(recipe, provider=provider, media=media))
    file = str(signed.written(tmp_path, "JPEG", "Zenobia at the beach as Ptolemaios"))
    made = await working.signing.sign(job, ToSign(file, file), later=False)
    known = {"recipe": job.recipe, "path": made.path, "size_bytes": made.size_bytes, "digest": made.sha256}
    result = await add_result(working, "Zenobia as Ptolemaios", mark=made.mark, **known)
    copies = [(await working.gallery.save_as(result, tmp_path / f"Zenobia.{kind}")).path for kind in ("png", "webp")]
    for path in (made.path, *copies):
        found = await read(working, path)
        assert found.claim is not None
        assert found.claim.title == "Result"
        content = Path(path).read_bytes()
        assert [name for name in (b"Zenobia", b"beach", b"Ptolemaios", b"party") if name in content] == []


async def test_where_there_was_no_room_for_a_label_none_is_told_of(working: Program, tmp_path: Path) -> None:
    job = a_job(replace(a_recipe(), label=LabelOptions()))
    for notes, expected in (((), True), ((NO_ROOM_FOR_LABEL,), False)):
        folder = tmp_path / str(expected)
        folder.mkdir()
        made = await working.signing.sign(job, replace(to_sign(folder), notes=notes), False)
        told = await read(working, made.path)
        assert made.mark.has_label is expected
        assert told.claim is not None
        assert any(action.name == "c2pa.addedText" for action in told.claim.actions) is expected


async def test_what_a_service_sent_is_kept_as_ingredient(working: Program, tmp_path: Path) -> None:
    sent = tmp_path / "result.jpg"
    sent.write_bytes(signed.signed("JPEG", by=make_identity(), deed=signed.BY_SERVICE)[0])
    labelled = tmp_path / "labelled-result.jpg"
    labelled.write_bytes(signed.content("JPEG"))
    recipe = replace(a_recipe(), provider="akool")
    made = await working.signing.sign(a_job(recipe), ToSign(str(labelled), str(labelled)), later=False)
    found = await read(working, made.path)
    assert found.validity is Validity.VALID
    assert found.claim is not None
    assert "compositeWithTrainedAlgorithmicMedia" in {one.source_type for one in found.claim.actions}
    own = [one for one in found.claim.ingredients if one.claim is not None]
    assert [(one.relationship, one.validity) for one in own] == [("parentOf", Validity.VALID)]


def test_kinds_of_pictures(program: Program) -> None:
    local, akool = (
        next(one.info for one in program.providers if one.info.id == name) for name in ("on-device", "akool")
    )
    recipe = a_recipe()
    only_age = replace(recipe, pairings=(), ages=(FaceAge(recipe.pairings[0].target, 20),))
    assert source_type_of(recipe, local, ()) is SourceType.CAPTURES_COMPOSITE
    assert source_type_of(only_age, local, ()) is SourceType.ENHANCED
    assert source_type_of(recipe, akool, ()) is SourceType.AI_COMPOSITE
    assert source_type_of(only_age, None, ()) is SourceType.AI_COMPOSITE
    assert [one.description for one in edits_of(only_age, SourceType.ENHANCED)] == ["Age changed by +20 years"]


async def test_a_made_up_person_makes_another_kind(program: Program) -> None:
    from faceswap_desktop.domain.consent import Consent, ConsentId

    recipe = a_recipe()
    photos = frozenset(recipe.pairings[0].source.photos)
    consent = Consent(ConsentId("c"), recipe.pairings[0].source.id, "Nobody", Basis.SYNTHETIC, photos, 1.0)
    local = next(one.info for one in program.providers if one.info.is_local)
    assert source_type_of(recipe, local, [consent]) is SourceType.SYNTHETIC_COMPOSITE
    other = replace(consent, photos=frozenset())
    assert source_type_of(recipe, local, [other]) is SourceType.CAPTURES_COMPOSITE


def test_another_file_under_the_originals_name_is_no_parent(tmp_path: Path) -> None:
    path = tmp_path / "original.jpg"
    shutil.copyfile(HOPPER, path)
    media = replace(a_recipe(str(path)).media, fingerprint=fingerprint(path))
    assert unchanged(media) == str(path)
    assert unchanged(replace(media, fingerprint=Fingerprint(1, 1, "0" * 64))) == ""
    path.unlink()
    assert unchanged(media) == ""


# ---------------------------------------------------------------------------------------------------------- sign later


async def test_signed_later_in_its_place(working: Program, tmp_path: Path) -> None:
    file = to_sign(tmp_path)
    later = await working.signing.sign(a_job(a_recipe()), file, later=True)
    assert later.mark.signer is None
    assert (await read(working, later.path)).validity is Validity.NONE
    result = await unsigned(working)
    now = await working.gallery.sign_now(result.id)
    assert now.mark is not None
    assert now.mark.signer is SignerKind.INSTALLATION
    assert now.mark.has_label
    assert now.digest == hashlib.sha256(Path(now.path).read_bytes()).hexdigest()
    assert await working.gallery.results([result.id]) == [now]
    assert (await read(working, now.path)).is_ours
    # A second press signs nothing.
    assert await working.gallery.sign_now(result.id) == now
    assert names_in(working.home.results_folder) == ["made.jpg"]


async def test_signed_later_where_the_program_ended_in_between(working: Program) -> None:
    result = await unsigned(working)
    now = await working.gallery.sign_now(result.id)
    assert now.mark is not None
    # What is in the file was not yet written down.
    await ResultStore(working.database).marks.put(result.id, UNSIGNED, result.size_bytes, result.digest)
    again = await working.gallery.sign_now(result.id)
    assert again.digest == now.digest
    assert again.mark is not None
    assert again.mark.signer is SignerKind.INSTALLATION


async def test_what_was_changed_meanwhile_is_not_signed(working: Program) -> None:
    result = await unsigned(working)
    Path(result.path).write_bytes(HOPPER.read_bytes())
    with pytest.raises(InputRefused) as refused:
        await working.gallery.sign_now(result.id)
    assert refused.value.kind == "changed"
    assert Path(result.path).read_bytes() == HOPPER.read_bytes()


# -------------------------------------------------------------------------------------------------------------- copies


async def test_copies_keep_their_credentials(working: Program, tmp_path: Path) -> None:
    result = await working.gallery.sign_now((await unsigned(working)).id)
    same = await working.gallery.save_as(result, tmp_path / "copy.jpg")
    assert Path(same.path).read_bytes() == Path(result.path).read_bytes()
    other = await working.gallery.save_as(result, tmp_path / "copy.png")
    found = await read(working, other.path)
    assert (found.validity, found.is_ours) == (Validity.VALID, True)
    assert found.claim is not None
    assert found.claim.title == "Result"
    [parent] = found.claim.ingredients
    assert parent.claim is not None
    assert (parent.relationship, parent.validity) == ("parentOf", Validity.VALID)
    assert any("swapped" in one.description for one in parent.claim.actions)
    marks: FileMarks = await working.pool.run("read_marks", ReadMarks(other.path))
    assert marks.source_type == SourceType.CAPTURES_COMPOSITE.uri
    numbered = await working.gallery.save_as(result, tmp_path / "copy.png")
    assert Path(numbered.path).name == "copy (2).png"
    kept = await ResultStore(working.database).marks.copies([result.id])
    assert sorted(kept[result.id]) == sorted([same.path, other.path, numbered.path])
    assert list(working.home.scratch_folder.glob("copy-*")) == []


async def test_what_lies_beside_a_video_goes_where_it_goes(working: Program, tmp_path: Path, trash: Path) -> None:
    result = await working.gallery.sign_now((await unsigned(working, "MKV")).id)
    assert result.mark is not None
    beside = Path(result.mark.sidecar)
    assert beside == Path(result.path).with_suffix(".c2pa")
    (tmp_path / "copy.c2pa").write_bytes(b"somebody else's")
    copy = await working.gallery.save_as(result, tmp_path / "copy.mkv")
    assert Path(copy.path).name == "copy (2).mkv"
    assert (tmp_path / "copy (2).c2pa").read_bytes() == beside.read_bytes()
    assert (await read(working, copy.path)).validity is Validity.VALID
    deletion = await working.gallery.delete([result.id])
    assert names_in(working.home.results_folder) == []
    # Somebody takes the video's name; both come back under another.
    Path(result.path).write_bytes(b"somebody else's")
    await working.gallery.bring_back(deletion)
    [back] = await working.gallery.results([result.id])
    assert back.mark is not None
    assert Path(back.path).name == "made (2).mkv"
    assert back.mark.sidecar == str(Path(back.path).with_suffix(".c2pa"))
    assert (await read(working, back.path)).is_ours
    await working.gallery.delete([result.id])
    await working.gallery.expire(everything=True)
    assert names_in(trash) == ["made (2).c2pa", "made (2).mkv"]


# ---------------------------------------------------------------------------------------------------- a signing service


class Service:
    """Signs with a key of its own; answers something else when told to."""

    def __init__(self) -> None:
        self.identity: Identity = make_identity()
        self.mode = "sign"
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        self.asked.append((request.headers.get("Authorization", ""), request.query.get("algorithm", "")))
        match self.mode:
            case "sign":
                key = serialization.load_pem_private_key(self.identity.key_pem, None)
                assert isinstance(key, ec.EllipticCurvePrivateKey)
                r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
                return web.Response(body=r.to_bytes(32, "big") + s.to_bytes(32, "big"))
            case "refuse":
                return web.Response(status=401)
            case "away":
                raise web.HTTPFound("/elsewhere")
            case "cut":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case "long":
                return web.Response(body=b"x" * 100_000)
            case _:
                return web.Response(body=b"no signature")


@pytest_asyncio.fixture
async def service(working: Program, tmp_path: Path) -> AsyncIterator[Service]:
    made = Service()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sign"
    (tmp_path / "chain.pem").write_bytes(made.identity.chain_pem)
    await working.signing.identities.set_secret(TOKEN_SECRET, TOKEN)
    await working.settings.update(
        "credentials", signer=SignerKind.REMOTE, certificate=str(tmp_path / "chain.pem"), signer_url=made.url
    )
    yield made
    await runner.cleanup()


async def sign_one(program: Program, tmp_path: Path) -> SignedFile:
    return await program.signing.sign(a_job(a_recipe()), to_sign(tmp_path), later=False)


async def test_a_signing_service(
    working: Program, service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    made = await sign_one(working, tmp_path)
    assert made.mark.signer is SignerKind.REMOTE
    found = await read(working, made.path)
    assert (found.validity, found.is_ours) == (Validity.VALID, False)
    assert service.asked == [(f"Bearer {TOKEN}", "es256")]
    assert TOKEN not in caplog.text
    assert "/sign" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("faceswap"))
    result = await working.gallery.sign_now((await unsigned(working)).id)
    assert result.mark is not None
    assert result.mark.signer is SignerKind.REMOTE


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("refuse", "signer", "does not take the token"),
        ("away", "signer", "answered 302"),
        ("cut", "unreachable", ""),
        ("long", "signer", "more than any signature"),
        ("nonsense", "signer", "no signature"),
    ],
)
async def test_a_service_that_does_not_sign(
    working: Program, service: Service, tmp_path: Path, mode: str, kind: str, words: str
) -> None:
    service.mode = mode
    with pytest.raises(SignerError) as refused:
        await sign_one(working, tmp_path)
    assert refused.value.kind == kind
    assert words in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert len(service.asked) == 1
    # It comes back, and the same file is signed.
    service.mode = "sign"
    assert (await sign_one(working, tmp_path)).mark.signer is SignerKind.REMOTE


async def test_the_way_to_it_has_to_be_encrypted(working: Program, service: Service, tmp_path: Path) -> None:
    await working.settings.update("credentials", signer_url="http://sign.example.com/c2pa")
    with pytest.raises(SignerError) as refused:
        await sign_one(working, tmp_path)
    assert refused.value.kind == "certificate"
    assert service.asked == []


async def test_a_full_disk_while_signing(working: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = working.pool.run

    async def full(task: str, *arguments: object, **options: object) -> object:
        if task == "sign_file":
            from faceswap_desktop.domain.messages import message

            raise StorageError(message("The disk is full."), kind="disk-full")
        return await real(task, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(working.pool, "run", full)
    with pytest.raises(StorageError) as refused:
        await sign_one(working, tmp_path)
    assert refused.value.kind == "disk-full"
    result = await unsigned(working)
    before = Path(result.path).read_bytes()
    with pytest.raises(StorageError):
        await working.gallery.sign_now(result.id)
    assert Path(result.path).read_bytes() == before
    assert names_in(working.home.results_folder) == ["made.jpg"]


async def test_a_key_that_cannot_be_reached_lets_the_result_wait(working: Program, tmp_path: Path) -> None:
    key = working.home.root / "credentials" / "key.pem"
    # A folder in its place: not even root can read it, or write over it.
    key.mkdir(parents=True)
    with pytest.raises(SignerError, match="something else has that name"):
        await sign_one(working, tmp_path)
    key.rmdir()
    assert (await sign_one(working, tmp_path)).mark.signer is SignerKind.INSTALLATION


async def test_the_sandbox_leaves_its_files_as_they_are(program: Program, tmp_path: Path) -> None:
    program.signing.is_resting = True
    file = to_sign(tmp_path)
    made = await program.signing.sign(a_job(a_recipe()), file, later=False)
    assert made.path == file.path
    assert made.sha256 == hashlib.sha256(signed.content("JPEG")).hexdigest()
    assert made.mark.signer is None
