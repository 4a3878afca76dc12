from __future__ import annotations

import pytest

from faceswap_desktop.domain.consent import Basis, Consent, ConsentId, Standing, standing
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.database import Database

ONE, TWO, THREE = PhotoId("one"), PhotoId("two"), PhotoId("three")


@pytest.fixture
def consents(db: Database) -> ConsentStore:
    return ConsentStore(db)


def consent(number: int, *photos: PhotoId, face: str = "face", until: float = 0.0) -> Consent:
    return Consent(
        id=ConsentId(f"consent{number}"),
        face=SourceFaceId(face),
        who="Ünï 'x' 名前",
        basis=Basis.AGREED,
        photos=frozenset(photos),
        given_at=float(number),
        until=until,
        note='said "yes"\non the phone',
        document=b"/kept/\xff.pdf".decode("utf-8", "surrogateescape"),
        document_name="yes.pdf",
    )


async def test_what_is_added_comes_back_newest_first(consents: ConsentStore) -> None:
    older, newer = consent(1, ONE, TWO), consent(2, until=9.0)
    await consents.add(older)
    await consents.add(newer)
    assert await consents.all() == [newer, older]
    assert await consents.get([older.id, ConsentId("nobody")]) == [older]


async def test_those_that_cover_a_photo_are_found_whatever_became_of_them(consents: ConsentStore) -> None:
    given, expired, other = consent(1, ONE, TWO), consent(2, TWO, until=3.0), consent(3, THREE)
    for one in (given, expired, other):
        await consents.add(one)
    await consents.withdraw([given.id, ConsentId("nobody")], 50.0)
    await consents.withdraw([given.id], 60.0)
    found = await consents.of_photos([ONE, TWO, PhotoId("unknown")])
    assert [(one.id, one.withdrawn_at, one.photos) for one in found] == [
        (expired.id, 0.0, frozenset({TWO})),
        (given.id, 50.0, frozenset({ONE, TWO})),
    ]
    assert await consents.of_photos([]) == []
    assert standing([ONE], found, 100.0) is Standing.WITHDRAWN


async def test_many_photos_at_once(consents: ConsentStore) -> None:
    photos = [PhotoId(f"photo{number}") for number in range(1200)]
    await consents.add(consent(1, *photos))
    (found,) = await consents.of_photos(photos)
    assert found.photos == set(photos)


async def test_covering_more_photos(consents: ConsentStore) -> None:
    await consents.add(consent(1, ONE))
    assert (await consents.extend(ConsentId("consent1"), [ONE, TWO])).photos == {ONE, TWO}
    with pytest.raises(UsageError) as raised:
        await consents.extend(ConsentId("nobody"), [ONE])
    assert raised.value.kind == "no-such-consent"
    assert [one.id for one in await consents.of_photos([TWO])] == ["consent1"]


async def test_withdrawing_for_one_face_leaves_the_other_its_consent(consents: ConsentStore) -> None:
    await consents.add(consent(1, ONE, TWO))
    (withdrawn,) = await consents.withdraw_photos([ONE, THREE], 70.0)
    assert (withdrawn.id, withdrawn.photos, withdrawn.withdrawn_at) == (ConsentId("consent1"), frozenset({ONE}), 70.0)
    everything = await consents.all()
    assert standing([ONE], everything, 100.0) is Standing.WITHDRAWN
    assert standing([TWO], everything, 100.0) is Standing.GIVEN
    assert await consents.withdraw_photos([ONE], 80.0) == []


async def test_the_record_stays_without_face_and_photos(consents: ConsentStore) -> None:
    await consents.add(consent(1, ONE))
    await consents.add(consent(2, ONE, TWO))
    await consents.strip([ONE])
    assert {one.id: (one.face, one.photos) for one in await consents.all()} == {
        "consent1": ("", frozenset()),
        "consent2": ("face", {TWO}),
    }
    assert [one.id for one in await consents.of_face(SourceFaceId("face"))] == ["consent2"]


async def test_changing_and_forgetting(consents: ConsentStore, db: Database) -> None:
    await consents.add(consent(1, ONE))
    changed = consent(1, TWO, until=5.0)
    await consents.change(changed)
    assert await consents.all() == [changed]
    with pytest.raises(UsageError):
        await consents.change(consent(2, ONE))
    await consents.forget([changed.id, ConsentId("nobody")])
    assert await consents.all() == []
    assert await db.read(lambda one: one.execute("SELECT count(*) FROM consent_photos").fetchone()[0]) == 0
