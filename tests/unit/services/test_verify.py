"""Verify: valid, trusted, changed and broken credentials; what was made here; files that mean harm."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.provenance import ResultMark, SignerKind, Validity
from faceswap_desktop.domain.verification import HowKnown, LabelFact, Report
from tests import signed
from tests.signed_files import HOPPER, flip, marks_of, resave, sign, stranger, with_other_face
from tests.unit.services.conftest import add_result


async def told(program: Program, path: Path) -> Report:
    return await program.verification.verify(path)


async def result_of(program: Program, path: Path, name: str = "party", *, with_marks: bool = True) -> None:
    """Put a file into the library as a result, with what the ledger knows it by."""
    marks = await marks_of(program, path) if with_marks else b""
    copy = await sign(program, path.with_name(f"{name} signed.jpg"), path=path)
    mark = ResultMark(has_label=True, signer=SignerKind.INSTALLATION, signed_at=1.7e9, marks=marks)
    await add_result(program, name, path=copy.path, size_bytes=copy.size_bytes, digest=copy.sha256, mark=mark)


async def test_a_file_signed_here_is_valid_and_known_by_its_certificate(working: Program, tmp_path: Path) -> None:
    await sign(working, tmp_path / "party.jpg")
    report = await told(working, tmp_path / "party.jpg")
    assert report.credentials.validity is Validity.VALID
    assert report.made_here is not None
    assert (report.made_here.how, report.made_here.result) == (HowKnown.CERTIFICATE, None)
    assert report.label is LabelFact.YES
    assert report.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert (report.file.format, report.file.size_bytes) == ("JPEG", (tmp_path / "party.jpg").stat().st_size)
    assert report.verdict.headline.text() == "Made here, and not changed since it was signed."
    assert "not who signed it" in report.verdict.meaning.text()
    claim = report.credentials.claim
    assert claim is not None
    assert [action.description for action in claim.actions if action.description] == [
        "Face swapped on this computer",
        "Visible label added",
    ]


async def test_another_installations_certificate_proves_nothing_of_who_signed(working: Program, tmp_path: Path) -> None:
    path = tmp_path / "theirs.jpg"
    await sign(working, path, identity=await stranger(working))
    report = await told(working, path)
    assert (report.credentials.validity, report.made_here) == (Validity.VALID, None)
    assert report.verdict.headline.text() == "Not changed since it was signed."
    assert "not who signed it" in report.verdict.meaning.text()


async def test_who_is_on_the_list_is_trusted(working: Program, tmp_path: Path) -> None:
    identity, path, listed = await stranger(working), tmp_path / "theirs.jpg", tmp_path / "trusted.pem"
    await sign(working, path, identity=identity)
    listed.write_bytes(b"# a friend\n" + identity.root_pem)
    await working.settings.update("credentials", trust_anchors=str(listed))
    report = await told(working, path)
    assert (report.credentials.validity, report.notes) == (Validity.TRUSTED, ())
    assert report.verdict.headline.text().startswith("Not changed since ")
    listed.write_text("not a certificate")
    report = await told(working, path)
    assert report.credentials.validity is Validity.VALID
    assert "there is no certificate in the list" in report.notes[0].text()
    listed.unlink()
    report = await told(working, path)
    assert "the list of trusted certificates could not be read" in report.notes[0].text()
    await working.settings.update("credentials", trust_anchors="")


async def test_one_flipped_bit_is_told_and_where_it_was_signed(working: Program, tmp_path: Path) -> None:
    await sign(working, tmp_path / "party.jpg")
    report = await told(working, flip(tmp_path / "party.jpg", tmp_path / "flipped.jpg"))
    assert report.credentials.validity is Validity.TAMPERED
    assert report.verdict.headline.text() == "The file was changed after it was signed."
    assert "It was signed by this program" in report.verdict.meaning.text()
    assert (report.made_here, report.label, report.is_signed_here) == (None, LabelFact.UNKNOWN, True)


async def test_nothing_found_says_nothing_about_whether_it_is_real(working: Program) -> None:
    report = await told(working, HOPPER)
    assert report.credentials.validity is Validity.NONE
    assert (report.made_here, report.label, report.source_type) == (None, LabelFact.UNKNOWN, "")
    assert report.verdict.headline.text() == "That a file has none says nothing about whether it is real."


async def test_a_result_is_known_by_its_bytes_and_a_stripped_copy_by_its_looks(
    working: Program, tmp_path: Path
) -> None:
    swapped = await with_other_face(tmp_path / "swapped.jpg")
    await result_of(working, swapped)
    signed = tmp_path / "party signed.jpg"
    report = await told(working, signed)
    assert report.made_here is not None
    assert (report.made_here.how, report.made_here.result) == (HowKnown.DIGEST, "r-party")
    copy = resave(signed, tmp_path / "copy.jpg")
    report = await told(working, copy)
    assert report.credentials.validity is Validity.NONE
    assert report.made_here is not None
    assert (report.made_here.how, report.made_here.result) == (HowKnown.LIKENESS, "r-party")
    assert report.label is LabelFact.YES, "as the ledger says"
    assert report.verdict.headline.text() == "It looks like “party”, a result of this program."
    report = await told(working, flip(signed, tmp_path / "flipped.jpg", 0.9))
    assert report.credentials.validity is Validity.TAMPERED
    assert report.made_here is not None
    assert report.made_here.how is HowKnown.LIKENESS
    assert "looks like “party”" in report.verdict.meaning.text()
    # What the result was made from, and another picture, are nobody's copies.
    assert (await told(working, HOPPER)).made_here is None
    assert (await told(working, HOPPER.with_name("eileen_collins.png"))).made_here is None


async def test_somebody_elses_credentials_count_for_more_than_looks(working: Program, tmp_path: Path) -> None:
    swapped = await with_other_face(tmp_path / "swapped.jpg")
    await result_of(working, swapped)
    copy = resave(tmp_path / "party signed.jpg", tmp_path / "copy.jpg")
    assert (await told(working, copy)).made_here is not None
    await sign(working, tmp_path / "theirs.jpg", path=copy, identity=await stranger(working), provider="Paint")
    report = await told(working, tmp_path / "theirs.jpg")
    assert (report.credentials.validity, report.is_signed_here) == (Validity.VALID, False)
    assert report.made_here is None
    assert report.label is not LabelFact.YES
    assert "It looks like “party”" in report.notes[0].text()
    assert "prove nothing" in report.notes[0].text()


@pytest.mark.parametrize("has_label", [True, False])
async def test_the_label_of_a_copy_in_another_format_is_known(
    working: Program, tmp_path: Path, *, has_label: bool
) -> None:
    provider = "" if has_label else "AKOOL"
    made = await sign(working, tmp_path / "party.jpg", path=HOPPER, provider=provider)
    known = {"path": made.path, "size_bytes": made.size_bytes, "digest": made.sha256}
    mark = ResultMark(has_label=has_label, signer=SignerKind.INSTALLATION, signed_at=1.7e9)
    result = await add_result(working, "party", mark=mark, **known)
    copy = await working.gallery.save_as(result, tmp_path / "copy.png")
    report = await told(working, Path(copy.path))
    assert report.made_here is not None
    assert report.made_here.how is HowKnown.CERTIFICATE
    assert report.label is (LabelFact.YES if has_label else LabelFact.NO)


async def test_a_video_whose_credentials_are_not_beside_it_was_signed_all_the_same(
    working: Program, tmp_path: Path
) -> None:
    content = signed.content("MKV")
    (tmp_path / "party.mkv").write_bytes(content)
    known = {"path": str(tmp_path / "party.mkv"), "digest": hashlib.sha256(content).hexdigest()}
    mark = ResultMark(has_label=True, signer=SignerKind.INSTALLATION, sidecar=str(tmp_path / "party.c2pa"))
    await add_result(working, "party", size_bytes=len(content), mark=mark, **known)
    report = await told(working, tmp_path / "party.mkv")
    assert report.verdict.headline.text() == "Made here: it is “party”, byte for byte."
    assert "It was signed" in report.verdict.meaning.text()
    assert ".c2pa" in report.verdict.meaning.text()
    assert report.verdict.advice is not None
    assert "beside the file" in report.verdict.advice.text()


async def test_what_is_no_picture_at_all_is_called_so(working: Program, tmp_path: Path) -> None:
    noise = tmp_path / "photo.jpg"
    noise.write_bytes(hashlib.shake_256(b"noise").digest(5000))
    report = await told(working, noise)
    assert report.is_unreadable
    assert report.verdict.headline.text() == "It is no picture and no video that can be read."
    assert not (await told(working, HOPPER)).is_unreadable


async def test_a_deleted_result_is_not_known_any_more(working: Program, tmp_path: Path) -> None:
    swapped = await with_other_face(tmp_path / "swapped.jpg")
    await result_of(working, swapped)
    copy = resave(tmp_path / "party signed.jpg", tmp_path / "copy.jpg")
    [result] = await working.gallery.results(await working.gallery.find(GalleryQuery()))
    await working.gallery.delete([result.id])
    assert (await told(working, copy)).made_here is None


async def test_an_unsigned_result_is_known_by_its_bytes(working: Program, tmp_path: Path) -> None:
    path = resave(HOPPER, tmp_path / "plain.jpg")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    await add_result(working, "plain", path=str(path), size_bytes=path.stat().st_size, digest=digest)
    report = await told(working, path)
    assert report.made_here is not None
    assert (report.made_here.how, report.label) == (HowKnown.DIGEST, LabelFact.UNKNOWN)
    assert report.verdict.headline.text() == "Made here: it is “plain”, byte for byte."
    # As long as it, and another file.
    other = path.read_bytes()
    (tmp_path / "other.jpg").write_bytes(other[:-1] + bytes([other[-1] ^ 1]))
    assert (await told(working, tmp_path / "other.jpg")).made_here is None


async def test_what_it_was_made_from_is_told_with_its_own_credentials(working: Program, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jpg", tmp_path / "second.jpg"
    await sign(working, first, what="Face swapped")
    await sign(working, second, path=first, original=first, what="Age changed by +10 years", provider="AKOOL")
    report = await told(working, second)
    assert report.credentials.claim is not None
    [target] = report.credentials.claim.ingredients
    assert target.validity is Validity.VALID
    assert target.claim is not None
    assert any(action.description.startswith("Face swapped") for action in target.claim.actions)
    assert report.label is LabelFact.UNKNOWN, "there was one before; whether it is still seen is not known"


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda path: None, "missing"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: path.write_bytes(b""), "empty"),
        pytest.param(
            getattr(os, "mkfifo", None),
            "not-a-picture",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no pipes there"),
        ),
    ],
    ids=["missing", "folder", "empty", "pipe"],
)
async def test_what_is_no_file_is_refused_in_words(
    working: Program,
    tmp_path: Path,
    make: Callable[[Path], object],
    kind: str,
) -> None:
    path = tmp_path / "<b>odd.jpg"
    make(path)
    with pytest.raises(InputRefused) as refused:
        await told(working, path)
    assert refused.value.kind == kind


async def test_damaged_and_mislabelled_files_are_told_about_all_the_same(working: Program, tmp_path: Path) -> None:
    await sign(working, tmp_path / "whole.jpg")
    await result_of(working, await with_other_face(tmp_path / "swapped.jpg"))
    data = (tmp_path / "whole.jpg").read_bytes()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(data[: len(data) // 2])
    assert (await told(working, cut)).credentials.validity in {Validity.TAMPERED, Validity.BROKEN}
    # Cut within the credentials themselves.
    cut.write_bytes(data[:2000])
    assert (await told(working, cut)).credentials.validity in {Validity.BROKEN, Validity.NONE}
    renamed = tmp_path / "video.mp4"
    renamed.write_bytes(data)
    report = await told(working, renamed)
    assert (report.file.format, report.credentials.validity) == ("JPEG", Validity.VALID)
    text = tmp_path / "letter.txt"
    text.write_text("Dear reader")
    report = await told(working, text)
    assert (report.file.kind, report.credentials.validity, report.made_here) == (None, Validity.NONE, None)
    noise = tmp_path / "noise.jpg"
    noise.write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    report = await told(working, noise)
    assert report.credentials.validity is Validity.BROKEN
    assert report.verdict.headline.text() == "What it says of its origin cannot be read."
    assert "could not be compared" in report.notes[0].text()


async def test_a_picture_that_is_too_large_to_decode_is_told_about(working: Program, tmp_path: Path) -> None:
    await result_of(working, await with_other_face(tmp_path / "swapped.jpg"))
    bomb = tmp_path / "bomb.png"
    await asyncio.to_thread(Image.new("L", (20_000, 15_000)).save, bomb, "PNG", compress_level=1)
    report = await told(working, bomb)
    assert report.credentials.validity is Validity.NONE
    assert "could not be compared" in report.notes[0].text()


async def test_looking_can_be_stopped(working: Program, tmp_path: Path) -> None:
    await sign(working, tmp_path / "party.jpg")
    begun = asyncio.Event()
    task = asyncio.ensure_future(working.verification.verify(tmp_path / "party.jpg", lambda _fraction: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await told(working, tmp_path / "party.jpg")).credentials.validity is Validity.VALID
