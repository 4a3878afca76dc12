"""What ai-gs answers besides a result: every code of its page, as an error with a sentence.

It answers with an HTTP status, a word (``code``) and a text (``detail``). The word decides; one word,
``no_face_detected``, means two things, and only the detail tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.errors import ContentRefused, ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import foreign, message

ID: Final = "aigs"
NO_FACE: Final = "no_face_detected"
NO_FACE_IN_SOURCE: Final = f"{NO_FACE}: image"
NO_FACE_IN_TARGET: Final = f"{NO_FACE}: template"

ONE_SECOND: Final = 1.0
"""It takes one request per second."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one of its words means.

    Attributes:
        error: What is raised.
        kind: Stable name; some hold a job instead of failing it.
        sentence: For people; ``{detail}`` stands for its own words.
        hint: What helps; empty where nothing can be said.
        retry_after_s: When to try again by itself.
    """

    error: type[ProviderError]
    kind: str
    sentence: str
    hint: str = ""
    retry_after_s: float = 0.0


REFUSALS: Final[Mapping[str, Refusal]] = {
    # 401
    "no_token": Refusal(
        ProviderRejected, "account", "ai-gs received no token.", "Enter your token under Settings → Accounts."
    ),
    "invalid_post": Refusal(
        ProviderRejected,
        "failed",
        "ai-gs says that the request lacks something: {detail}",
        "Its interface may have changed; look for a newer version of this program.",
    ),
    # 402
    "invalid_input_image": Refusal(
        ProviderRejected,
        "failed",
        "ai-gs could not read one of the pictures: {detail}",
        "Where addresses are sent, it has to be able to fetch them; otherwise try another photo.",
    ),
    NO_FACE_IN_SOURCE: Refusal(
        ProviderRejected,
        "no-face",
        "ai-gs found no face in the photo of the source face.",
        "Choose a photo in which the face is large, from the front and not covered.",
    ),
    NO_FACE_IN_TARGET: Refusal(
        ProviderRejected,
        "no-face",
        "ai-gs found no face in the picture that is edited.",
        "It wants faces from the front. Other providers take turned ones as well.",
    ),
    NO_FACE: Refusal(
        ProviderRejected,
        "no-face",
        "ai-gs found no face in one of the pictures: {detail}",
        "Choose photos in which the face is large, from the front and not covered.",
    ),
    "forbidden": Refusal(
        ContentRefused,
        "sensitive",
        "ai-gs takes one of the pictures for sensitive and does not edit it.",
        "It filters photos, and is for entertainment only.",
    ),
    "image_size_limited": Refusal(
        ProviderRejected,
        "too-large",
        "A picture is larger than ai-gs takes: {detail}",
        "Choose a smaller picture.",
    ),
    "request_rate_limit": Refusal(
        ProviderUnavailable,
        "rate-limited",
        "ai-gs takes one request per second.",
        "It is tried again by itself.",
        ONE_SECOND,
    ),
    "false": Refusal(ProviderRejected, "failed", "ai-gs could not do it: {detail}"),
    # 403
    "used_up": Refusal(
        ProviderRejected,
        "credits",
        "Your package at ai-gs is used up.",
        "Top it up at ai-gs; the jobs that wait then go on.",
    ),
    "invalid_api_key": Refusal(
        ProviderRejected, "account", "ai-gs does not know your token.", "Check it under Settings → Accounts."
    ),
    # 500: after a picture was sent, nobody knows what was counted.
    "unknown": Refusal(
        ProviderUnavailable,
        "unconfirmed",
        "ai-gs had a fault of its own. It cannot be told whether the swap was counted.",
        "Look into your account at ai-gs before you send it again.",
    ),
}


def refusal_of(code: str, detail: str) -> Refusal | None:
    """Return what a word means, told apart by the detail where it means two things; None for an unknown one."""
    if code != NO_FACE:
        # The longer names in the table are ours.
        return REFUSALS.get(code) if ":" not in code else None
    words = detail.lower()
    if "template" in words:
        return REFUSALS[NO_FACE_IN_TARGET]
    return REFUSALS[NO_FACE_IN_SOURCE if "image" in words else NO_FACE]


def error_of(refusal: Refusal, detail: str, request_id: str) -> ProviderError:
    """Make the error; its own words stand among the values and are cut."""
    values = {"detail": foreign(detail) or "–"} if "{detail}" in refusal.sentence else {}
    return refusal.error(
        message(refusal.sentence, **values),
        message(refusal.hint) if refusal.hint else None,
        kind=refusal.kind,
        provider_id=ID,
        request_id=request_id,
        retry_after_s=refusal.retry_after_s,
    )


def unconfirmed(request_id: str) -> ProviderUnavailable:
    """Say that something was sent and the answer cannot be understood."""
    return ProviderUnavailable(
        message("The answer of ai-gs cannot be understood. It cannot be told whether the swap was counted."),
        message("Look into your account at ai-gs before you send it again."),
        kind="unconfirmed",
        provider_id=ID,
        request_id=request_id,
    )


def rate_limited(request_id: str) -> ProviderUnavailable:
    """Say that it was asked too often, in no words of its own."""
    error = error_of(REFUSALS["request_rate_limit"], "", request_id)
    assert isinstance(error, ProviderUnavailable)
    return error
