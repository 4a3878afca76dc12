from __future__ import annotations

import io
from dataclasses import replace

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faceswap_desktop.domain.provenance import Claim, Credentials, SourceType, Validity
from faceswap_desktop.domain.signing import Deed, Edit
from faceswap_desktop.provenance.credentials import LABEL_ACTION, SERVICE_RESULT, TARGET, Source, sign
from faceswap_desktop.provenance.fitness import check_identity
from faceswap_desktop.provenance.reading import ELSEWHERE, Readers, read
from faceswap_desktop.provenance.sdk import MIME_TYPES
from tests.certificates import Authority, key_of, p256, pem_of
from tests.elsewhere import Ear, pointing_to
from tests.expired import with_expired_certificate
from tests.signed import AGED, BESIDE, BY_SERVICE, DEED, PICTURES, SWAPPED, VIDEOS, content, identity, signed

OURS = Readers(own_roots_pem=identity().root_pem)
NOBODY = Readers()


def seen(kind: str, data: bytes, trust: Readers = OURS, store: bytes | None = None) -> Credentials:
    return read(io.BytesIO(data), kind, trust, store)


def claim(found: Credentials) -> Claim:
    assert found.claim is not None
    return found.claim


@pytest.mark.parametrize("kind", [*PICTURES, *VIDEOS])
def test_each_format_carries_its_credentials_and_still_opens(kind: str) -> None:
    data, _ = signed(kind)
    found = seen(kind, data)
    assert (found.validity, found.is_ours) == (Validity.VALID, True)
    assert found.problems == ()
    assert len(data) - len(content(kind)) < 8000
    if kind in PICTURES:
        with Image.open(io.BytesIO(data)) as after, Image.open(io.BytesIO(content(kind))) as before:
            assert after.tobytes() == before.tobytes()
    else:
        with av.open(io.BytesIO(data), "r") as container:
            assert len(list(container.decode(video=0))) == 10


@pytest.mark.parametrize("kind", BESIDE)
def test_what_carries_none_is_left_as_it_is(kind: str) -> None:
    data, store = signed(kind)
    assert data == content(kind)
    assert seen(kind, data).validity is Validity.NONE
    found = seen(kind, data, store=store)
    assert (found.validity, found.is_ours, claim(found).title) == (Validity.VALID, True, "result")
    for place in (0, 50, len(data) // 2, len(data) - 1):
        assert seen(kind, flipped(data, place), store=store).validity is Validity.TAMPERED
    assert seen(kind, data + b"\0", store=store).validity is Validity.TAMPERED
    assert seen("JPEG", content("JPEG"), store=store).validity is Validity.TAMPERED


def test_the_story_tells_what_was_done_with_what_and_where() -> None:
    told = claim(seen("JPEG", signed("JPEG")[0]))
    assert told.generator.startswith("Faceswap Desktop ")
    assert (told.title, told.signer) == ("result", "Faceswap Desktop, a local certificate")
    assert told.issuer == "Faceswap Desktop"
    assert (told.algorithm, told.signed_at) == ("Es256", "")
    opened, swap, age, label = told.actions
    assert opened.name == "c2pa.opened"
    assert (swap.name, swap.description) == ("c2pa.edited", "Face swapped on this computer")
    assert (swap.source_type, swap.when) == (SourceType.AI_COMPOSITE.value, "2026-09-21T14:13:20Z")
    assert swap.agent == told.generator
    assert age.description == "Age changed by +10 years on this computer"
    assert label.name == LABEL_ACTION
    [target] = told.ingredients
    assert (target.title, target.relationship, target.claim) == (TARGET, "parentOf", None)


def test_a_service_is_named_and_the_other_source_types_are_told() -> None:
    deed = replace(BY_SERVICE, edits=(replace(SWAPPED, source_type=SourceType.CAPTURES_COMPOSITE), Edit("Trimmed")))
    _, swap, cut = claim(seen("PNG", signed("PNG", deed=deed)[0])).actions
    assert (swap.agent, swap.description) == ("AKOOL", "Face swapped by AKOOL, an online service")
    assert swap.source_type == SourceType.CAPTURES_COMPOSITE.value
    assert cut.source_type == ""


def test_the_target_s_own_credentials_are_kept() -> None:
    camera = identity(1)
    photo, _ = signed("JPEG", deed=replace(DEED, title="photo", edits=(AGED,)), by=camera)
    told = claim(seen("PNG", signed("PNG", original=photo)[0]))
    [target] = told.ingredients
    assert (target.title, target.relationship, target.validity) == (TARGET, "parentOf", Validity.VALID)
    assert target.claim is not None
    assert target.claim.title == "photo"
    assert [one.name for one in target.claim.actions] == ["c2pa.opened", "c2pa.edited", LABEL_ACTION]


def test_a_target_that_was_changed_is_kept_and_told_as_such() -> None:
    photo, _ = signed("JPEG", by=identity(1))
    found = seen("JPEG", signed("JPEG", original=flipped(photo, len(photo) - 100))[0])
    assert found.validity is Validity.VALID
    assert claim(found).ingredients[0].validity is Validity.TAMPERED


def test_a_service_s_own_credentials_are_kept_beside_the_target_s() -> None:
    service = Authority(common_name="Service Root")
    key = p256()
    from_service, _ = signed("JPEG", deed=BY_SERVICE, by=check_identity(service.issue(key) + service.pem, pem_of(key)))
    photo, _ = signed("JPEG", by=identity(1))
    for original, its_validity in ((photo, Validity.VALID), (content("JPEG"), Validity.NONE), (None, Validity.NONE)):
        found = seen("JPEG", signed("JPEG", from_service, BY_SERVICE, original=original, keep_own=True)[0])
        assert (found.validity, found.is_ours) == (Validity.VALID, True)
        by_relation = {one.relationship: one for one in claim(found).ingredients}
        assert set(by_relation) == {"parentOf", "inputTo"}
        parent = by_relation["parentOf"]
        assert (parent.title, parent.validity) == (SERVICE_RESULT, Validity.VALID)
        assert parent.claim is not None
        assert parent.claim.signer == "Example Signer"
        assert (by_relation["inputTo"].title, by_relation["inputTo"].validity) == (TARGET, its_validity)
    # A service that gave none.
    [only] = claim(seen("JPEG", signed("JPEG", deed=BY_SERVICE, keep_own=True)[0])).ingredients
    assert (only.title, only.relationship) == (TARGET, "parentOf")


@pytest.mark.parametrize("name", ["P-256", "P-384", "P-521", "Ed25519", "RSA"])
def test_each_kind_of_certificate_signs_and_can_be_trusted(name: str) -> None:
    root, key = Authority(), key_of(name)
    own = check_identity(root.issue(key) + root.pem, pem_of(key))
    data, _ = signed("JPEG", by=own)
    found = seen("JPEG", data, NOBODY)
    assert (found.validity, found.is_ours, claim(found).signer) == (Validity.VALID, False, "Example Signer")
    assert seen("JPEG", data, Readers(trust_pem=Authority(common_name="Other").pem)).validity is Validity.VALID
    for own_roots in (b"", identity().root_pem):
        trusted = seen("JPEG", data, Readers(Authority(common_name="Other").pem + root.pem, own_roots))
        assert (trusted.validity, trusted.is_ours, trusted.problems) == (Validity.TRUSTED, False, ())


def test_ours_is_what_one_of_this_installation_s_roots_signed_and_nothing_else() -> None:
    data, _ = signed("JPEG")
    both = Readers(own_roots_pem=identity(1).root_pem + identity().root_pem)
    assert seen("JPEG", data, both).is_ours
    assert not seen("JPEG", data, Readers(own_roots_pem=identity(1).root_pem)).is_ours
    # Who changed it, nobody knows; that it was ours before, this can tell.
    changed = seen("JPEG", flipped(data, len(data) - 50))
    assert (changed.validity, changed.is_ours) == (Validity.TAMPERED, True)


def test_a_certificate_of_ours_in_a_claim_of_somebody_else_s_makes_it_no_claim_of_ours() -> None:
    data, store = signed("MKV")
    forged = store.replace(b"Face swapped on", b"Face swopped on")
    assert forged != store
    found = seen("MKV", data, store=forged)
    assert found.validity is Validity.TAMPERED
    # What stands in the claim itself is what was signed.
    renamed = seen("MKV", data, store=store.replace(b"dc:titlefresult", b"dc:titlefresalt"))
    assert (renamed.validity, renamed.is_ours) == (Validity.TAMPERED, False)
    for at in range(0, len(store), 97):
        found = seen("MKV", data, store=flipped(store, at))
        assert not (found.is_ours and found.validity is Validity.BROKEN)


def test_names_paths_and_metadata_of_the_target_stay_out() -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
        b'xmpMM:DocumentID="private-document" xmpMM:InstanceID="private-instance"/></rdf:RDF></x:xmpmeta>'
    )
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content("PNG"))) as picture:
        exif = picture.getexif()
        exif[0x013B] = "private-artist"
        picture.save(buffer, "JPEG", xmp=xmp, exif=exif)
    original = buffer.getvalue()
    assert b"private-document" in original
    assert b"private-artist" in original
    _, store = signed("PNG", original=original)
    assert b"private" not in store
    # One that has credentials is read by the SDK, which would take its ids over.
    photo, _ = signed("JPEG", by=identity(1))
    at = photo.index(b"\xff\xdb")
    block = b"http://ns.adobe.com/xap/1.0/\0" + xmp
    photo = photo[:at] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + photo[at:]
    _, kept = signed("PNG", original=photo)
    assert b"private" not in kept


@given(place=st.integers(0, 10**9), bit=st.integers(0, 7), kind=st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "MP4"]))
def test_one_flipped_bit_anywhere_in_the_picture_is_found(place: int, bit: int, kind: str) -> None:
    data, _ = CACHE.setdefault(kind, signed(kind))
    plain = content(kind)
    # The picture's own bytes: where they lie in the signed file.
    part = plain[len(plain) // 2 : len(plain) // 2 + 24]
    start = data.index(part)
    room = min(len(plain) - len(plain) // 2, len(data) - start)
    at = start + place % min(room, 400)
    found = seen(kind, flipped(data, at, bit))
    assert found.validity in {Validity.TAMPERED, Validity.BROKEN}


CACHE: dict[str, tuple[bytes, bytes]] = {}


def test_signing_again_takes_the_place_of_what_was_there() -> None:
    first, _ = signed("JPEG", deed=replace(DEED, title="first"))
    second, _ = signed("JPEG", first, replace(DEED, title="second"))
    assert claim(seen("JPEG", second)).title == "second"
    assert abs(len(second) - len(first)) < 50


def test_titles_of_every_script_survive() -> None:
    title = "Grace ✦ 微笑 \u202egpj.exe"
    told = claim(seen("JPEG", signed("JPEG", deed=replace(DEED, title=title))[0]))
    assert told.title == "Grace ✦ 微笑 gpj.exe"


def test_a_trial_deed_without_edits_is_still_one() -> None:
    deed = Deed("x", (), "On this computer", on_this_computer=True, has_label=False, at=0.0)
    assert [one.name for one in claim(seen("GIF", signed("GIF", deed=deed)[0])).actions] == [
        "c2pa.opened",
        "c2pa.edited",
    ]


def test_a_changed_certificate_time_is_told_as_expired() -> None:
    data = with_expired_certificate(content("JPEG"))
    found = seen("JPEG", data, NOBODY)
    assert found.validity is Validity.EXPIRED
    assert claim(found).signer == "Example Signer"
    assert seen("JPEG", flipped(data, len(data) - 50), NOBODY).validity is Validity.TAMPERED


def test_credentials_that_lie_elsewhere_are_not_fetched() -> None:
    with Ear() as ear:
        data = pointing_to(ear.address, content("JPEG"))
        assert ear.address.encode() in data
        found = seen("JPEG", data)
        assert (found.validity, found.problems) == (Validity.NONE, (ELSEWHERE,))
        # Nor while it is signed, as a target or as a service's result.
        assert seen("JPEG", signed("JPEG", data, original=data, keep_own=True)[0]).validity is Validity.VALID
        assert ear.calls() == 0


def test_what_a_service_sent_is_kept_also_where_the_label_was_burnt_in_since() -> None:
    from_service, _ = signed("PNG", deed=BY_SERVICE, by=identity(1))
    out = io.BytesIO()
    sign(
        Source(io.BytesIO(content("JPEG")), "JPEG"),
        out,
        replace(BY_SERVICE, has_label=True, edits=(SWAPPED, Edit("Made a JPEG", action="c2pa.transcoded"))),
        identity(),
        keep_own=True,
        as_sent=Source(io.BytesIO(from_service), "PNG"),
    )
    told = claim(seen("JPEG", out.getvalue()))
    by_relation = {one.relationship: one.validity for one in told.ingredients}
    assert by_relation == {"parentOf": Validity.VALID, "inputTo": Validity.NONE}
    assert [one.name for one in told.actions] == ["c2pa.opened", "c2pa.edited", "c2pa.transcoded", LABEL_ACTION]


def test_nobody_is_asked_whether_a_certificate_was_called_back() -> None:
    root, key = Authority(), p256()
    with Ear() as ear:
        own = check_identity(root.issue(key, ocsp=ear.address) + root.pem, pem_of(key))
        data, _ = signed("JPEG", by=own)
        assert ear.address.encode() in data
        assert seen("JPEG", data, Readers(trust_pem=root.pem)).validity is Validity.TRUSTED
        assert ear.calls() == 0


def test_every_format_that_carries_has_a_type() -> None:
    assert set(MIME_TYPES) >= {*PICTURES, *VIDEOS}


def flipped(data: bytes, at: int, bit: int = 0) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)
