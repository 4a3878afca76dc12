"""What aifaceswap delivers when a swap is done: four fields, unsigned, to an address that nobody can guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.aifaceswap.answers import ID, LONGEST_ID

DONE: Final = 1
FAILED: Final = 0
SINGLE: Final = 1
MULTIPLE: Final = 2

_LONGEST_URL: Final = 8192


def parse_delivery(body: Mapping[str, Any]) -> Mapping[str, str | int | float]:
    """Return the documented fields of a delivery; what else stands in it is dropped.

    Args:
        body: The JSON object that came.

    Returns:
        ``success`` (1 or 0) and ``task_id``; ``result_image`` where it succeeded; ``type`` (1 for one person, 2 for
        several) where it is said.

    Raises:
        ProviderRejected: Kind ``bad-answer``: a field is missing, or is something else than documented.
    """
    success, task_id, url, which = (body.get(name) for name in ("success", "task_id", "result_image", "type"))
    if not _is_one_of(success, (FAILED, DONE)):
        raise _refused("success")
    if not isinstance(task_id, str) or not 0 < len(task_id) <= LONGEST_ID or not task_id.isprintable():
        raise _refused("task_id")
    if which is not None and not _is_one_of(which, (SINGLE, MULTIPLE)):
        raise _refused("type")
    values: dict[str, str | int | float] = {"success": success, "task_id": task_id}
    if which is not None:
        values["type"] = which
    if success == DONE:
        if not isinstance(url, str) or len(url) > _LONGEST_URL or not url.startswith(("https://", "http://")):
            raise _refused("result_image")
        values["result_image"] = url
    elif url is not None and not isinstance(url, str):
        raise _refused("result_image")
    return values


def _is_one_of(value: Any, allowed: tuple[int, int]) -> TypeGuard[int]:
    # JSON's true is 1 to Python, and so is 1.0.
    return type(value) is int and value in allowed


def _refused(name: str) -> ProviderRejected:
    return ProviderRejected(
        message("A delivery for aifaceswap is not as documented: “{name}” is missing or wrong.", name=name),
        kind="bad-answer",
        provider_id=ID,
    )
