"""Whether what somebody typed into a setting will do; each answer is the sentence that says why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.settings import S3Settings
from faceswap_desktop.transport.addresses import check_form, is_local_name
from faceswap_desktop.transport.s3 import bucket_url, endpoint_url
from faceswap_desktop.transport.signer import signer_url_problem

_REGION: Final = re.compile(r"[a-z0-9-]{1,64}")
_PREFIX: Final = re.compile(r"[A-Za-z0-9._/-]{1,200}")


def base_address_problem(text: str) -> Message | None:
    """Say what is wrong with the base address of a service; keys are sent there, so it has to be encrypted."""
    problem = _plain_address_problem(text, "https://api.example.com/v1")
    if problem is not None:
        return problem
    parts = check_form(text)
    if parts.scheme.lower() == "http" and not is_local_name(parts.hostname or ""):
        return message("With http:// everybody on the way could read your key. Use https://.")
    return None


def delivery_address_problem(text: str) -> Message | None:
    """Say what is wrong with an address at which services deliver, or with a relay's; empty stands for none."""
    return _plain_address_problem(text, "https://example.com/name") if text else None


def signer_address_problem(text: str) -> Message | None:
    """Say what is wrong with the address of a signing service; empty stands for none."""
    return _plain_address_problem(text, "https://sign.example.com/c2pa") or signer_url_problem(text) if text else None


def endpoint_problem(text: str) -> Message | None:
    """Say what is wrong with the address of a storage service; empty stands for Amazon's."""
    return _said_by(lambda: endpoint_url(replace(S3Settings(), endpoint_url=text)))


def bucket_problem(text: str) -> Message | None:
    """Say what is wrong with the name of a bucket; empty stands for no hosting."""
    return _said_by(lambda: bucket_url(replace(S3Settings(), bucket=text))) if text else None


def region_problem(text: str) -> Message | None:
    """Say what is wrong with a region."""
    if _REGION.fullmatch(text):
        return None
    return message("A region is written in small letters, digits and hyphens, such as eu-central-1, or auto.")


def prefix_problem(text: str) -> Message | None:
    """Say what is wrong with a folder within a bucket; empty stands for the bucket itself."""
    if not text or (_PREFIX.fullmatch(text) and ".." not in text and "//" not in text):
        return None
    return message("A folder's name can have letters without accents, digits, hyphens, dots and single slashes.")


def _plain_address_problem(text: str, example: str) -> Message | None:
    if "?" in text or "#" in text or any(one.isspace() for one in text):
        return message("The address has to look like {example}, without blanks, “?” and “#”.", example=example)
    try:
        check_form(text)
    except ProviderRejected as error:
        if "://" not in text:
            return message("The address has to begin with https://, such as {example}.", example=example)
        return error.message
    return None


def _said_by(check: Callable[[], object]) -> Message | None:
    try:
        check()
    except ProviderRejected as error:
        return error.message
    return None
