"""What the tables of the cloud providers hold in the database file of version 1.2, and how it got there."""

from __future__ import annotations

from faceswap_desktop.domain.job import JobId
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.charges import Booking, write_booking
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.hosted import HostedStore
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.storage.remote import RemoteResult, write_remote

BOOKINGS = [
    Booking(JobId("done"), "swap", 1, "akool", 4.0, True, False, 100.0),
    Booking(JobId("done"), "swap", 2, "akool", 3.5, False, True, 200.0),
    Booking(JobId("gone"), "swap", 1, "aigs", None, True, True, 300.0),
]
REMOTE = [
    RemoteResult(JobId("done"), "swap", "akool", {"remote_id": "r 名", "result_url": "https://x"}, 200.0, 900.0),
    RemoteResult(JobId("done"), "reage-2", "akool", {"remote_id": "s"}, 201.0, 0.0, 250.0),
]


async def fill(db: Database) -> None:
    """Write the rows."""
    for line in BOOKINGS:
        await db.write(lambda connection, line=line: write_booking(connection, line))  # type: ignore[misc]
    for result in REMOTE:
        await db.write(lambda connection, result=result: write_remote(connection, result))  # type: ignore[misc]
    await AnswerStore(db).put("aifaceswap", "extract_face", "ab" * 32, {"faces": "[1]"})
    mail = MailStore(db)
    await mail.open(JobId("held"), "swap", "aifaceswap", "secret-1")
    await mail.open(JobId("done"), "swap", "aifaceswap", "secret-2")
    await mail.deliver("secret-2", '{"success":1}')
    await mail.close(JobId("done"))
    hosted = HostedStore(db)
    await hosted.plan("https://s3.example/bucket", "faceswap/one.jpg", JobId("held"), "cd" * 32)
    await hosted.placed("https://s3.example/bucket", "faceswap/one.jpg", 5000.0)
    await hosted.plan("https://s3.example/bucket", "faceswap/two.jpg", JobId("done"), "ef" * 32)
