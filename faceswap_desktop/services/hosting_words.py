"""What a storage service's refusals mean, and what helps."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.settings import S3Settings
from faceswap_desktop.transport.s3 import S3Answer

_WRONG_KEY: Final = frozenset(
    {"InvalidAccessKeyId", "InvalidClientTokenId", "Unauthorized", "UnrecognizedClientException"}
)
_WRONG_SECRET: Final = frozenset({"SignatureDoesNotMatch", "InvalidSignature"})
_EXPIRED_KEY: Final = frozenset(
    {"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "AccountProblem", "NotSignedUp"}
)
_WRONG_REGION: Final = frozenset(
    {
        "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "IllegalLocationConstraintException",
        "InvalidRegionName", "PermanentRedirect", "TemporaryRedirect", "Redirect",
    }
)  # fmt: skip
_FULL: Final = frozenset({"EntityTooLarge", "QuotaExceeded", "InsufficientCapacity", "XMinioStorageFull"})


def refusal(answer: S3Answer, settings: S3Settings, *, is_reading: bool = False) -> ProviderRejected:
    """Return what a storage service's refusal means.

    Args:
        answer: What it said.
        settings: Of the bucket.
        is_reading: It was asked for a file that lies there.
    """
    text, hint = _words(answer, settings, is_reading)
    return ProviderRejected(text, hint, kind="hosting")


def _words(answer: S3Answer, settings: S3Settings, is_reading: bool) -> tuple[Message, Message | None]:  # noqa: PLR0911 - a table
    bucket = foreign(settings.bucket)
    if answer.code in _WRONG_KEY:
        return (
            message("The storage service does not know the access key."),
            message("Copy the access key's id once more, and look whether it belongs to this service."),
        )
    if answer.is_clock_wrong:
        return (
            message("This computer's clock is wrong by {minutes} minutes.", minutes=round(abs(answer.skew_s) / 60)),
            message("Set it by the internet in the system's settings: the service refuses requests of another time."),
        )
    if answer.code in _WRONG_SECRET:
        return (
            message("The secret of the access key is wrong."),
            message("Copy it once more; where it is lost, make a new access key."),
        )
    if answer.code in _EXPIRED_KEY:
        return message("The access key has expired, or its account is closed."), message("Make a new access key.")
    if answer.code == "NoSuchBucket":
        return (
            message("There is no bucket “{bucket}”.", bucket=bucket),
            message("Make it, or correct its name and the address of the service under Settings → Hosting."),
        )
    if answer.code in _WRONG_REGION or answer.status in {301, 307, 308}:
        return (
            message(
                "The bucket “{bucket}” is not in the region “{region}”.", bucket=bucket, region=foreign(settings.region)
            ),
            message("Correct the region, and the address of the service if that names one. R2's is “auto”."),
        )
    if answer.code in _FULL:
        return message("The storage service takes no more: it is full, or the file is too large for it."), None
    if answer.status in {401, 403}:
        return (
            message("The access key may not use the bucket “{bucket}” ({code}).", bucket=bucket, code=_name(answer)),
            message("Give it the rights to put, get and delete objects there."),
        )
    if answer.status == 404 and answer.code == "NoSuchKey" and not is_reading:
        return (
            message("The access key may read in the bucket “{bucket}”, but not write.", bucket=bucket),
            message("Give it the rights to put and delete objects there."),
        )
    if not answer.code:
        return (
            message(
                "What answers at the address of the service is no S3-compatible storage ({status}).",
                status=answer.status,
            ),
            message("Correct the address, and whether the bucket stands in the path, under Settings → Hosting."),
        )
    return message("The storage service refuses ({code}).", code=_name(answer)), None


def _name(answer: S3Answer) -> str:
    return foreign(answer.code) if answer.code else f"HTTP {answer.status}"
