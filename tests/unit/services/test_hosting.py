"""Hosting in a real S3 server on loopback, and in places that refuse as real ones do."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from aiohttp import web

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.settings import (
    AifaceswapSettings,
    HostingSettings,
    ProvidersSettings,
    S3Settings,
    Settings,
)
from faceswap_desktop.services.checks import CheckStep
from faceswap_desktop.services.hosting import TRIAL_JOB, BucketHosting
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.hosted import HostedState, HostedStore
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.retries import RetryRule
from tests.clearing import cleared_file
from tests.unit.services.s3_server import s3_server

JOB = JobId("job-1")
NEARBY = ProvidersSettings(aifaceswap=AifaceswapSettings(base_url="http://127.0.0.1:1/v1"))
"""A sandbox's: providers on this computer may fetch from this computer."""


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("moto")) as address:
        yield address


@pytest.fixture
def bucket(endpoint: str, request: pytest.FixtureRequest) -> str:
    """A bucket of the test's own, made over the wire without a library."""
    name = f"bucket-{abs(hash(request.node.nodeid)) % 10**9}"
    request_ = urllib.request.Request(f"{endpoint}/{name}", method="PUT")
    with urllib.request.urlopen(request_) as answer:
        assert answer.status == 200
    return name


def keys_in(endpoint: str, bucket: str) -> list[str]:
    with urllib.request.urlopen(f"{endpoint}/{bucket}?list-type=2") as answer:
        root = ET.fromstring(answer.read())
    return [one.text or "" for one in root.iter("{http://s3.amazonaws.com/doc/2006-03-01/}Key")]


def fetched(url: str) -> bytes:
    """What a provider gets that knows nothing but the address."""
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


class Place:
    """Hosting on a database of the test's own, with settings and secrets that can be changed."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.settings = settings
        self.secrets: dict[str, str] = {"s3.access_key_id": "id", "s3.secret_access_key": "secret"}
        self.store = HostedStore(database)
        self.hosting = BucketHosting(lambda: self.settings, self._secret, _client, self.store)

    async def _secret(self, name: str) -> str | None:
        return self.secrets.get(name)

    def set_s3(self, **values: str | bool) -> None:
        s3 = replace(self.settings.hosting.s3, **values)  # type: ignore[arg-type]
        self.settings = replace(self.settings, hosting=HostingSettings(s3))


def _client(provider: str, base_url: Callable[[], str]) -> ApiClient:
    return ApiClient(provider, base_url, retries=RetryRule(tries=1))


@pytest_asyncio.fixture
async def make_place(tmp_path: Path) -> AsyncIterator[Callable[..., Place]]:
    database = await Database.open(tmp_path / "hosting.sqlite3")
    places: list[Place] = []

    def make(endpoint: str, bucket: str, providers: ProvidersSettings = NEARBY) -> Place:
        settings = Settings(providers=providers, hosting=HostingSettings(S3Settings(endpoint, bucket)))
        places.append(Place(database, settings))
        return places[-1]

    yield make
    for place in places:
        await place.hosting.close()
    await database.close()


@pytest.fixture
def place(make_place: Callable[..., Place], endpoint: str, bucket: str) -> Place:
    return make_place(endpoint, bucket)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "grandmother at 80.jpg"
    path.write_bytes(b"\xff\xd8" + bytes(range(256)) * 2000)
    return path


# ----------------------------------------------------------------------------------------------------------- the way


async def test_a_file_can_be_fetched_by_its_address_until_its_job_is_over(
    place: Place, photo: Path, endpoint: str, bucket: str
) -> None:
    told: list[tuple[int, int]] = []
    hosted = await place.hosting.host(
        cleared_file(photo), JOB, "image/jpeg", lambda done, total: told.append((done, total))
    )
    assert fetched(hosted.url) == photo.read_bytes()
    assert keys_in(endpoint, bucket) == [hosted.key]
    assert told[-1] == (photo.stat().st_size, photo.stat().st_size)
    await place.hosting.release(JOB)
    assert keys_in(endpoint, bucket) == []
    with pytest.raises(urllib.error.HTTPError):
        fetched(hosted.url)
    assert await place.store.of_job(JOB) == []


async def test_names_tell_nothing_and_cannot_be_guessed(place: Place, photo: Path) -> None:
    keys = [(await place.hosting.host(cleared_file(photo), JobId(f"job-{n}"), "image/jpeg")).key for n in range(2)]
    assert len(set(keys)) == 2
    for key in keys:
        folder, _, name = key.partition("/")
        assert folder == "faceswap"
        assert len(name) == 32 + len(".jpg")
        assert int(name[:32], 16)


@pytest.mark.parametrize(("media_type", "hours"), [("image/png", 6), ("video/mp4", 24)])
async def test_addresses_are_valid_for_as_long_as_a_service_may_need(
    place: Place, photo: Path, media_type: str, hours: int
) -> None:
    hosted = await place.hosting.host(cleared_file(photo), JOB, media_type)
    assert parse_qs(urlsplit(hosted.url).query)["X-Amz-Expires"] == [str(hours * 3600)]
    (row,) = await place.store.of_job(JOB)
    assert row.expires_at > time.time() + hours * 3600 - 600


async def test_the_same_file_is_uploaded_once_for_a_job(place: Place, photo: Path, endpoint: str, bucket: str) -> None:
    first = await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    told: list[int] = []
    again = await place.hosting.host(cleared_file(photo), JOB, "image/jpeg", lambda done, total: told.append(done))
    assert again.key == first.key
    assert told == []
    other = await place.hosting.host(cleared_file(photo), JobId("job-2"), "image/jpeg")
    assert sorted(keys_in(endpoint, bucket)) == sorted({first.key, other.key})
    await place.hosting.release(JOB)
    assert keys_in(endpoint, bucket) == [other.key]


async def test_it_is_written_down_before_it_is_sent(place: Place, photo: Path, endpoint: str, bucket: str) -> None:
    """A kill between the two, at its worst: the object is there, and only the plan was written."""

    class KilledError(BaseException):
        pass

    async def placed(host: str, key: str, expires_at: float) -> None:
        assert keys_in(endpoint, bucket) == [key]
        raise KilledError

    whole, place.store.placed = place.store.placed, placed  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    place.store.placed = whole  # type: ignore[method-assign]
    (row,) = await place.store.of_job(JOB)
    assert row.state is HostedState.PLANNED
    # The job goes on: under the same name.
    assert (await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")).key == row.key
    assert keys_in(endpoint, bucket) == [row.key]
    # There is no such job in the ledger, so it has ended.
    await place.hosting.sweep()
    assert keys_in(endpoint, bucket) == []


async def test_what_was_planned_and_never_sent_is_swept_too(place: Place, endpoint: str, bucket: str) -> None:
    await place.store.plan(f"{endpoint}/{bucket}", "faceswap/never.jpg", JOB, "ab")
    await place.hosting.sweep()
    assert await place.store.left_over() == []


async def test_what_cannot_be_deleted_now_is_deleted_at_another_start(
    place: Place, photo: Path, endpoint: str, bucket: str
) -> None:
    await place.store.plan("http://127.0.0.1:9/gone", "faceswap/old.jpg", JOB, "ab")
    hosted = await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    await place.hosting.sweep()
    (left,) = await place.store.left_over()
    assert left.key == "faceswap/old.jpg"
    assert hosted.key not in keys_in(endpoint, bucket)
    place.secrets.clear()
    await place.hosting.sweep()
    assert await place.store.left_over() == [left]


@pytest.mark.parametrize("prefix", ["", "my faces/Gesichter ä+%", "/a/b/"])
async def test_folders_within_the_bucket(place: Place, photo: Path, prefix: str, endpoint: str, bucket: str) -> None:
    place.set_s3(prefix=prefix)
    hosted = await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    assert fetched(hosted.url) == photo.read_bytes()
    assert keys_in(endpoint, bucket) == [hosted.key]
    assert hosted.key.startswith(prefix.strip("/"))
    await place.hosting.release(JOB)
    assert keys_in(endpoint, bucket) == []


# --------------------------------------------------------------------------------------------------------- not set up


@pytest.mark.parametrize("lacking", ["bucket", "s3.access_key_id", "s3.secret_access_key"])
async def test_what_is_not_set_up_is_said(place: Place, photo: Path, lacking: str) -> None:
    if lacking == "bucket":
        place.set_s3(bucket="")
        assert not place.hosting.is_set_up
        assert not place.hosting.destination
    else:
        del place.secrets[lacking]
        assert place.hosting.destination == "127.0.0.1"
    with pytest.raises(ProviderRejected) as refused:
        await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    assert refused.value.kind == "hosting"
    assert refused.value.hint is not None
    report = await place.hosting.test()
    assert [step.name for step in report.steps] == ["settings"]
    assert not report.is_ok


async def test_a_place_that_is_not_there(place: Place, photo: Path) -> None:
    place.set_s3(endpoint_url="http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailable):
        await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    (row,) = await place.store.of_job(JOB)
    assert row.state is HostedState.PLANNED


# ----------------------------------------------------------------------------------------------------------- the trial


async def test_the_trial_goes_the_whole_way_and_leaves_nothing(place: Place, endpoint: str, bucket: str) -> None:
    told: list[CheckStep] = []
    report = await place.hosting.test(told.append)
    assert report.is_ok, report
    assert [step.name for step in told] == ["upload", "outside", "fetch", "delete"]
    assert report.steps == tuple(told)
    assert keys_in(endpoint, bucket) == []
    assert await place.store.of_job(TRIAL_JOB) == []


async def test_services_on_the_internet_cannot_fetch_from_this_computer(
    make_place: Callable[..., Place], endpoint: str, bucket: str
) -> None:
    report = await make_place(endpoint, bucket, ProvidersSettings()).hosting.test()
    assert [step.name for step in report.steps if not step.is_ok] == ["outside"]
    assert keys_in(endpoint, bucket) == []


async def test_a_bucket_that_is_not_there(make_place: Callable[..., Place], endpoint: str) -> None:
    report = await make_place(endpoint, "no-such-bucket").hosting.test()
    (step,) = report.steps
    assert step.name == "upload"
    assert "no-such-bucket" in step.message.text()
    assert step.hint is not None


def refusing(status: int, code: str, ahead_s: float = 0.0, text: str = "") -> Callable[[web.Request], web.Response]:
    """What a storage service answers that refuses, as Amazon documents it."""
    body = text or f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>No.</Message></Error>'

    def answer(request: web.Request) -> web.Response:
        date = formatdate(time.time() + ahead_s, usegmt=True)
        return web.Response(status=status, text=body, content_type="application/xml", headers={"Date": date})

    return answer


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[..., object]]:
    runners: list[web.AppRunner] = []

    async def start(answer: Callable[[web.Request], web.Response]) -> str:
        async def handler(request: web.Request) -> web.Response:
            await request.read()
            return answer(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "code", "ahead_s", "words"),
    [
        (403, "InvalidAccessKeyId", 0.0, "does not know the access key"),
        (403, "SignatureDoesNotMatch", 0.0, "secret of the access key is wrong"),
        (403, "RequestTimeTooSkewed", 3600.0, "clock is wrong by 60 minutes"),
        (403, "AccessDenied", -7200.0, "clock is wrong by 120 minutes"),
        (403, "AccessDenied", 0.0, "may not use the bucket"),
        (404, "NoSuchBucket", 0.0, "There is no bucket"),
        (400, "AuthorizationHeaderMalformed", 0.0, "not in the region"),
        (301, "PermanentRedirect", 0.0, "not in the region"),
        (400, "ExpiredToken", 0.0, "has expired"),
        (400, "EntityTooLarge", 0.0, "takes no more"),
        (400, "SomethingNew", 0.0, "refuses (SomethingNew)"),
        (405, "", 0.0, "is no S3-compatible storage"),
    ],
)
async def test_refusals_are_said_in_words(
    make_place: Callable[..., Place],
    serve: Callable[..., object],
    photo: Path,
    status: int,
    code: str,
    ahead_s: float,
    words: str,
) -> None:
    answer = refusing(status, code, ahead_s, text="" if code else "Not here.")
    place = make_place(await serve(answer), "bucket")  # type: ignore[misc]
    with pytest.raises(ProviderRejected) as refused:
        await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    assert refused.value.kind == "hosting"
    assert words in refused.value.message.text()
    report = await place.hosting.test()
    assert [step.name for step in report.steps] == ["upload"]
    assert words in report.steps[0].message.text()


async def test_a_key_that_may_not_delete(make_place: Callable[..., Place], serve: Callable[..., object]) -> None:
    kept: dict[str, bytes] = {}

    def answer(request: web.Request) -> web.Response:
        if request.method == "DELETE":
            return refusing(403, "AccessDenied")(request)
        if request.method == "PUT":
            kept[request.path] = request._read_bytes or b""
            return web.Response()
        return web.Response(body=kept[request.path], content_type="text/plain")

    place = make_place(await serve(answer), "bucket")  # type: ignore[misc]
    report = await place.hosting.test()
    assert [step.name for step in report.steps if not step.is_ok] == ["delete"]
    # It is still in the book, so that the next start tries again.
    assert len(await place.store.left_over()) == 1


async def test_another_answer_than_what_was_uploaded(
    make_place: Callable[..., Place], serve: Callable[..., object]
) -> None:
    def answer(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    report = await make_place(await serve(answer), "bucket").hosting.test()  # type: ignore[misc]
    assert {step.name for step in report.steps if not step.is_ok} == {"fetch", "delete"}


async def test_no_secret_and_no_signature_is_logged(
    place: Place, photo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    place.secrets["s3.secret_access_key"] = "very-secret-secret"
    hosted = await place.hosting.host(cleared_file(photo), JOB, "image/jpeg")
    await place.hosting.release(JOB)
    signature = parse_qs(urlsplit(hosted.url).query)["X-Amz-Signature"][0]
    assert "very-secret-secret" not in caplog.text
    assert signature not in caplog.text
    assert "X-Amz-Signature" not in caplog.text
