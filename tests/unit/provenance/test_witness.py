"""What the vendor's own reader, built for browsers and not ours, says of our files."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.provenance.fitness import check_identity
from tests.certificates import Authority, key_of, pem_of
from tests.expired import with_expired_certificate
from tests.signed import BY_SERVICE, DEED, MIME, content, identity, signed
from tests.witness.witness import look, skip_where_missing

FLIPS = 24
"""How many places of each file are changed, one at a time."""


@pytest.fixture(autouse=True)
def _needs_the_witness() -> None:
    skip_where_missing()


def actions(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    [found] = [one for one in manifest["assertions"] if one["label"] == "c2pa.actions.v2"]
    entries: list[dict[str, Any]] = found["data"]["actions"]
    return entries


def test_it_finds_valid_credentials_with_the_right_story_in_every_format(tmp_path: Path) -> None:
    for kind, seen in zip(MIME, look(tmp_path, [(MIME[kind], signed(kind)[0]) for kind in MIME]), strict=True):
        assert (kind, seen.error, seen.state, list(seen.codes)) == (kind, "", "Valid", [])
        assert seen.manifest["title"] == DEED.title
        assert seen.manifest["claim_generator_info"][0]["name"] == "Faceswap Desktop"
        assert seen.manifest["signature_info"]["common_name"] == "Faceswap Desktop, a local certificate"
        opened, swap, age, label = actions(seen.manifest)
        assert opened["action"] == "c2pa.opened"
        assert (swap["action"], swap["description"]) == ("c2pa.edited", "Face swapped on this computer")
        assert (age["action"], age["description"]) == ("c2pa.edited", "Age changed by +10 years on this computer")
        assert {swap["digitalSourceType"], age["digitalSourceType"]} == {SourceType.AI_COMPOSITE.uri}
        assert (label["action"], label["description"]) == ("c2pa.addedText", "Visible label added")
        [target] = seen.manifest["ingredients"]
        assert (target["title"], target["relationship"]) == ("Target", "parentOf")
        # What we say is attested by the signature, and not merely gathered.
        attested = [one["url"] for one in seen.report["manifests"][0]["claim.v2"]["created_assertions"]]
        assert any(url.endswith("c2pa.actions.v2") for url in attested)


def test_it_finds_nothing_where_nothing_is(tmp_path: Path) -> None:
    for seen in look(tmp_path, [(MIME[kind], content(kind)) for kind in MIME]):
        assert seen.error
        assert seen.state == ""


def test_it_finds_any_flipped_byte_of_the_picture(tmp_path: Path) -> None:
    chosen = random.Random(7)
    files = []
    for kind in MIME:
        data, store = signed(kind)
        # Everywhere but in the credentials themselves, which break in ways of their own.
        places = [at for at in range(len(data)) if not in_store(data, store, kind, at)]
        for at in chosen.sample(places, FLIPS):
            files.append((MIME[kind], data[:at] + bytes([data[at] ^ (1 << chosen.randrange(8))]) + data[at + 1 :]))
    for number, seen in enumerate(look(tmp_path, files)):
        assert seen.state in {"", "Invalid"}, files[number][0]
        assert seen.error or any(code.endswith("Hash.mismatch") for code in seen.codes), (files[number][0], seen.codes)


def in_store(data: bytes, store: bytes, kind: str, at: int) -> bool:
    """Tell whether a place is one of the credentials, or of what is wrapped around them."""
    if kind in {"JPEG", "GIF"}:  # cut into segments or blocks
        start = data.index(store[8:60]) - 40
        return start <= at < start + len(store) + 200
    start = data.index(store)
    return start - 100 <= at < start + len(store) + 64


@pytest.mark.parametrize("kind", ["MKV", "WEBM"])
def test_it_reads_the_sidecar_of_a_video_that_carries_none(kind: str, tmp_path: Path) -> None:
    data, store = signed(kind)
    [seen] = look(tmp_path, [("application/c2pa", store)])
    # It takes no file beside a sidecar, so of all that it checks only the hash of that file is left open …
    assert seen.codes == ["assertion.dataHash.mismatch"]
    told = seen.report["manifests"][0]
    assert [one["description"] for one in told["assertions"]["c2pa.actions.v2"]["actions"][1:3]] == [
        "Face swapped on this computer",
        "Age changed by +10 years on this computer",
    ]
    # … and that one is of the whole file.
    hashed = told["assertions"]["c2pa.hash.data"]
    assert hashed["alg"] == "sha256"
    assert hashed.get("exclusions", []) == []
    digest = base64.b64decode(hashed["hash"].removeprefix("b64'").removesuffix("'"))
    assert digest == hashlib.sha256(data).digest()


def test_it_reads_what_the_target_and_a_service_said_of_themselves(tmp_path: Path) -> None:
    photo, _ = signed("JPEG", deed=replace(DEED, title="photo"), by=identity(1))
    from_service, _ = signed("JPEG", deed=replace(BY_SERVICE, title="service"), by=identity(2))
    [seen] = look(
        tmp_path, [(MIME["JPEG"], signed("JPEG", from_service, BY_SERVICE, original=photo, keep_own=True)[0])]
    )
    assert (seen.error, seen.state) == ("", "Valid")
    kept = {
        one["relationship"]: seen.manifests[one["active_manifest"]]["title"] for one in seen.manifest["ingredients"]
    }
    assert kept == {"parentOf": "service", "inputTo": "photo"}
    swap = actions(seen.manifest)[1]
    assert (swap["softwareAgent"]["name"], swap["description"]) == ("AKOOL", "Face swapped by AKOOL, an online service")


def test_it_takes_every_kind_of_certificate(tmp_path: Path) -> None:
    root, files = Authority(), []
    for name in ("P-256", "P-384", "P-521", "Ed25519", "RSA"):
        key = key_of(name)
        files.append((MIME["PNG"], signed("PNG", by=check_identity(root.issue(key) + root.pem, pem_of(key)))[0]))
    assert [(seen.error, seen.state) for seen in look(tmp_path, files)] == [("", "Valid")] * 5


def test_it_tells_an_expired_certificate(tmp_path: Path) -> None:
    [seen] = look(tmp_path, [(MIME["JPEG"], with_expired_certificate(content("JPEG")))])
    assert {"signingCredential.expired", "claimSignature.outsideValidity"} & set(seen.codes)
