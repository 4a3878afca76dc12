"""Files that were made to do harm, or came to some."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceswap_desktop.domain.provenance import Claim, Credentials, Validity
from faceswap_desktop.provenance.reading import FILE_TOO_LARGE, MAX_PICTURE_BYTES, TOO_LARGE, UNREADABLE, Readers, read
from faceswap_desktop.provenance.sdk import MAX_STORE_BYTES
from faceswap_desktop.provenance.store_size import store_bytes
from faceswap_desktop.provenance.story import MAX_ACTIONS, MAX_DEPTH, MAX_INGREDIENTS, claim_of, codes_of, validity_of
from tests.signed import DEED, PICTURES, SWAPPED, VIDEOS, content, signed


def seen(kind: str, data: bytes, store: bytes | None = None) -> Credentials:
    return read(io.BytesIO(data), kind, Readers(), store)


def depth_of(claim: Claim | None) -> int:
    return 0 if claim is None else 1 + max((depth_of(one.claim) for one in claim.ingredients), default=0)


def test_a_long_line_of_ancestors_is_told_to_a_bound() -> None:
    data = content("JPEG")
    for number in range(MAX_DEPTH + 6):
        data, _ = signed("JPEG", content("JPEG"), replace(DEED, title=f"generation {number}"), original=data)
    found = seen("JPEG", data)
    assert found.validity is Validity.VALID
    assert depth_of(found.claim) == MAX_DEPTH


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "MP4", "MOV", "AVIF", "GIF", "AVI"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.98])
def test_truncated_files_are_never_valid(kind: str, share: float) -> None:
    data, _ = signed(kind)
    assert seen(kind, data[: int(len(data) * share)]).validity in {Validity.NONE, Validity.BROKEN, Validity.TAMPERED}


@settings(max_examples=60)
@given(noise=st.binary(max_size=400), at=st.integers(0, 3500))
def test_noise_in_the_credentials_breaks_nothing_but_them(noise: bytes, at: int) -> None:
    data, store = signed("MKV")
    assert isinstance(seen("MKV", data, store[:at] + noise + store[at + len(noise) :]), Credentials)
    assert isinstance(seen("JPEG", noise, noise), Credentials)
    assert seen("JPEG", b"\xff\xd8\xff" + noise).validity is not Validity.VALID


def test_junk_beside_a_file_is_broken() -> None:
    for store in (b"", b"junk", signed("MKV")[1][:-5], b"\0" * 1000):
        found = seen("MKV", content("MKV"), store)
        assert found.validity is Validity.BROKEN
        assert UNREADABLE in found.problems


def test_another_file_s_credentials_are_no_proof() -> None:
    _, store = signed("MKV")
    assert seen("WEBM", content("WEBM"), store).validity is Validity.TAMPERED


def test_credentials_of_any_length_are_told_but_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("they were read")

    monkeypatch.setattr("c2pa.Reader", never)
    found = seen("MKV", content("MKV"), b"\0" * (MAX_STORE_BYTES + 1))
    assert (found.validity, found.problems) == (Validity.BROKEN, (TOO_LARGE,))


def test_an_endless_store_in_a_file_is_told_but_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "endless.png"
    plain = content("PNG")
    with path.open("wb") as stream:
        stream.write(plain[:33] + (MAX_STORE_BYTES + 100).to_bytes(4, "big") + b"caBX")
        # A hole: takes no room on the disk.
        stream.seek(MAX_STORE_BYTES + 104, os.SEEK_CUR)
        stream.write(plain[33:])
    monkeypatch.setattr("c2pa.Reader", None)
    with path.open("rb") as stream:
        assert read(stream, "PNG", Readers()).problems == (TOO_LARGE,)


def test_a_picture_too_long_to_load_is_told_but_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.jpg"
    path.write_bytes(content("JPEG"))
    os.truncate(path, MAX_PICTURE_BYTES + 1)  # a hole
    monkeypatch.setattr("c2pa.Reader", None)
    with path.open("rb") as stream:
        found = read(stream, "JPEG", Readers())
    assert (found.validity, found.problems) == (Validity.BROKEN, (FILE_TOO_LARGE,))


@pytest.mark.parametrize("kind", [kind for kind in [*PICTURES, *VIDEOS] if kind != "GIF"])
def test_the_length_of_a_store_is_found_in_every_format(kind: str) -> None:
    data, store = signed(kind)
    assert store_bytes(io.BytesIO(content(kind)), kind) == 0
    found = store_bytes(io.BytesIO(data), kind)
    assert len(store) <= found < len(store) + 200


@settings(max_examples=100)
@given(data=st.binary(max_size=300), kind=st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "MP4"]))
def test_looking_for_the_length_ends_with_any_content(data: bytes, kind: str) -> None:
    heads = {
        "TIFF": b"II\x2a\0\x08\0\0\0",
        "JPEG": b"\xff\xd8\xff\xeb",
        "WEBP": b"RIFF\0\0\0\0WEBP",
        "PNG": b"\x89PNG\r\n\x1a\n",
    }
    assert store_bytes(io.BytesIO(heads.get(kind, b"") + data), kind) >= 0


def test_a_tiff_that_runs_in_a_circle_ends() -> None:
    # Its first directory, without entries, names itself as the next one.
    assert store_bytes(io.BytesIO(b"II\x2a\0\x08\0\0\0" + b"\0\0" + b"\x08\0\0\0"), "TIFF") == 0


def test_a_story_is_bounded_in_number_and_length() -> None:
    ingredient = {"title": "x" * 5000, "relationship": "parentOf", "active_manifest": "a"}
    action = {"action": "c2pa.edited", "description": "y\n\u202e" * 900, "softwareAgent": ["no", "name"]}
    manifest = {
        "title": 7,
        "ingredients": [ingredient] * 500,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action] * 500}}, None, {"label": 3}],
    }
    claim = claim_of({"active_manifest": "a", "manifests": {"a": manifest}})
    assert claim is not None

    def count(one: Claim) -> int:
        return len(one.ingredients) + sum(count(below.claim) for below in one.ingredients if below.claim)

    assert count(claim) <= MAX_INGREDIENTS
    assert depth_of(claim) <= MAX_DEPTH
    assert len(claim.actions) == MAX_ACTIONS
    assert (claim.title, claim.actions[0].agent) == ("", "")
    assert len(claim.actions[0].description) <= 200
    assert "\n" not in claim.actions[0].description
    assert len(claim.ingredients[0].title) <= 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["active_manifest", "manifests", "a", "ingredients", "assertions", "data", "actions", "label"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(report=JSON)
def test_reports_of_any_shape_are_taken(report: object) -> None:
    if isinstance(report, dict):
        claim_of(report)
        claim_of({"active_manifest": "a", "manifests": {"a": report}})
    assert isinstance(codes_of(report), tuple)


def test_faults_are_weighed() -> None:
    untrusted, expired = "signingCredential.untrusted", "signingCredential.expired"
    assert validity_of((), is_trusted=True) is Validity.TRUSTED
    assert validity_of((untrusted,), is_trusted=False) is Validity.VALID
    assert validity_of((untrusted, expired), is_trusted=False) is Validity.EXPIRED
    assert validity_of((expired, "assertion.dataHash.mismatch"), is_trusted=False) is Validity.TAMPERED
    assert validity_of((expired, "claim.malformed"), is_trusted=False) is Validity.BROKEN
    assert validity_of(("something.new",), is_trusted=True) is Validity.BROKEN


def test_a_deed_of_many_edits_is_told_whole() -> None:
    many = replace(DEED, edits=(SWAPPED,) * 20)
    claim = seen("PNG", signed("PNG", deed=many)[0]).claim
    assert claim is not None
    assert len(claim.actions) == 22


def test_a_file_of_very_many_boxes_is_told_as_broken_and_not_read() -> None:
    """The SDK takes time that grows with the square of their number."""
    empty = (8).to_bytes(4, "big") + b"free"
    few, many = (io.BytesIO(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + empty * count) for count in (100, 20_000))
    assert read(few, "MP4", Readers()).validity is Validity.NONE
    told = read(many, "MP4", Readers())
    assert (told.validity, told.problems) == (Validity.BROKEN, (TOO_LARGE,))
