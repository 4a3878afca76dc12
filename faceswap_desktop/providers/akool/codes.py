"""What AKOOL's codes mean, as data: of the face swap, reage and live pages, and of its list of all codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import Message, foreign, message

ID: Final = "akool"
OK: Final = 1000
EXPIRED_TOKEN: Final = 1101
SERVER_ERROR: Final = 2001
GONE: Final = frozenset({1008, 1014})
"""``The content you get does not exist``, ``Resource does not exist``: of a live session, that there is none."""
RATE_LIMIT_WAIT_S: Final = 5.0
"""AKOOL publishes no rate; a refused call is sent again after so long."""


class CodeKind(StrEnum):
    """What kind of refusal a code is; the values are the kinds of the errors that are raised."""

    ACCOUNT = "account"
    CREDITS = "credits"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    INPUT = "input"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says.

    Attributes:
        kind: What is done about it.
        sentence: What happened.
        hint: What helps; None where nothing can be said.
    """

    kind: CodeKind
    sentence: Message
    hint: Message | None = None


_KEY: Final = message("Put in the key from AKOOL's website again, in Settings → Accounts.")
_ASK: Final = message("Ask AKOOL's support, and name the request.")
_TOP_UP: Final = message("Buy credits at AKOOL, or choose another provider. What waits goes on then.")
_PLAN: Final = message("Look at the plan of the account at AKOOL. What waits goes on then.")
_OTHER_FILE: Final = message("Try another file, or choose another provider.")
_OTHER_VIDEO: Final = message(
    "Trim the video to less than 60 seconds, or convert it to MP4 with H.264 and 30 frames a second."
)
_AGAIN: Final = message("Run it again. If it happens again, choose another provider.")


def _input(sentence: str, hint: Message = _OTHER_FILE) -> Meaning:
    return Meaning(CodeKind.INPUT, message(sentence), hint)


def _failed(sentence: str, hint: Message = _AGAIN) -> Meaning:
    return Meaning(CodeKind.FAILED, message(sentence), hint)


def _account(sentence: str, hint: Message = _KEY) -> Meaning:
    return Meaning(CodeKind.ACCOUNT, message(sentence), hint)


def _credits(sentence: str, hint: Message = _TOP_UP) -> Meaning:
    return Meaning(CodeKind.CREDITS, message(sentence), hint)


CODES: Final[Mapping[int, Meaning]] = {
    1003: _input("AKOOL says that a parameter is wrong or missing."),
    1004: _credits("AKOOL wants the account to be verified first.", message("Verify the account at AKOOL.")),
    1005: Meaning(
        CodeKind.RATE_LIMITED,
        message("AKOOL says that it is called too often."),
        message("It is tried again in a moment."),
    ),
    1006: _credits("The quota of the AKOOL account is used up."),
    1007: _input("AKOOL changes at most 8 faces at once.", message("Pair fewer faces, and run the rest afterwards.")),
    1008: _input("AKOOL does not find the content."),
    1009: _account("The AKOOL account may not do this.", message("Ask AKOOL which plan allows it.")),
    1010: _failed("AKOOL says that nothing can be done with this content."),
    1011: _failed("AKOOL says that this has been done already."),
    1013: _input("AKOOL uses the sound of the video here."),
    1014: _input("What AKOOL should work on does not exist there.", message("Run it again, so that it is sent anew.")),
    1015: _failed("AKOOL could not process the video.", _OTHER_VIDEO),
    1016: _failed("AKOOL could not swap the face.", message("Use a frontal, sharp source face, or another target.")),
    1017: _failed("AKOOL says that the sound was not made."),
    1101: _account("AKOOL does not take the key, or the token has expired."),
    1102: _account("AKOOL got no key."),
    1103: _credits("AKOOL says that the account is not paid, or overdue.", _PLAN),
    1104: _credits("The AKOOL account has too few credits."),
    1105: _failed("AKOOL could not process the avatar."),
    1108: _failed("AKOOL could not process the picture."),
    1109: _account("There is no such account at AKOOL."),
    1110: _failed("AKOOL could not process the sound."),
    1111: _failed("AKOOL could not take up the avatar's answer."),
    1112: _failed("AKOOL could not process the voice."),
    1200: _account("AKOOL has banned the account.", _ASK),
    1201: _failed("AKOOL could not make the sound."),
    1202: _input("AKOOL says that the language for the lips is out of range."),
    1203: _input("AKOOL wants video and sound."),
    1204: _input("The video is too long for AKOOL.", _OTHER_VIDEO),
    1205: _failed("AKOOL could not make the video."),
    1206: _failed("AKOOL could not change the background."),
    1207: _input("The video is too large for AKOOL.", _OTHER_VIDEO),
    1208: _input("AKOOL cannot read the video.", _OTHER_VIDEO),
    1209: _input("AKOOL does not know the video's encoding.", _OTHER_VIDEO),
    1210: _input("The video has too many frames a second for AKOOL.", _OTHER_VIDEO),
    1211: _failed("AKOOL could not move the lips."),
    1212: _failed("AKOOL could not tell the mood."),
    1213: _credits("AKOOL wants a subscription for this.", _PLAN),
    1214: _failed("AKOOL's live avatar is not in the right state (1214)."),
    1215: _failed("AKOOL's live avatar is not in the right state (1215)."),
    1216: _failed("AKOOL's live avatar is not in the right state (1216)."),
    1217: _failed("AKOOL's live avatar is not in the right state (1217)."),
    1218: _failed("AKOOL's live avatar is not in the right state (1218)."),
    1219: _failed("AKOOL's live avatar is not in the right state (1219)."),
    1220: _failed("AKOOL could not take the live avatar's upload."),
    1221: _credits("The AKOOL account has no subscription.", _PLAN),
    1222: _failed("AKOOL has this already."),
    1223: _failed("AKOOL takes no more uploads of live avatars."),
    SERVER_ERROR: Meaning(CodeKind.SERVER_ERROR, message("AKOOL's server failed."), message("It is tried again.")),
}


_SURE: Final = frozenset({CodeKind.ACCOUNT, CodeKind.CREDITS, CodeKind.RATE_LIMITED, CodeKind.INPUT})
"""With these nothing was begun, whatever the HTTP status."""


def refusal(
    code: int, said: object = "", *, request_id: str = "", is_paid: bool = False, status: int = 200
) -> ProviderError:
    """Return the error that a code stands for.

    Args:
        code: Anything but 1000.
        said: AKOOL's own words.
        request_id: What its support can find the call by.
        is_paid: The call could cost something; then AKOOL's failing server leaves it open what became of it, while
            every other code is a refusal in AKOOL's own words.
        status: HTTP status; from 500 on a paid call is refused for sure only where the code says that nothing began.
    """
    meaning = CODES.get(code)
    if is_paid and status >= 500 and (meaning is None or meaning.kind not in _SURE):
        return unconfirmed(request_id)
    if meaning is None:
        sentence = message("AKOOL refused with code {code}: {said}", code=code, said=foreign(said) or "-")
        return ProviderRejected(sentence, _ASK, kind=CodeKind.FAILED, provider_id=ID, request_id=request_id)
    if meaning.kind is CodeKind.SERVER_ERROR and is_paid:
        return unconfirmed(request_id)
    if meaning.kind in {CodeKind.RATE_LIMITED, CodeKind.SERVER_ERROR}:
        return ProviderUnavailable(
            meaning.sentence,
            meaning.hint,
            kind=meaning.kind,
            provider_id=ID,
            request_id=request_id,
            retry_after_s=RATE_LIMIT_WAIT_S,
        )
    sentence = meaning.sentence
    own_words = foreign(said)
    if own_words and meaning.kind in {CodeKind.INPUT, CodeKind.FAILED}:
        sentence = message("{what} Its words: {said}", what=sentence.text(), said=own_words)
    return ProviderRejected(sentence, meaning.hint, kind=meaning.kind, provider_id=ID, request_id=request_id)


def unconfirmed(request_id: str = "") -> ProviderUnavailable:
    """Return the error for a paid call of which nobody knows what became of it."""
    return ProviderUnavailable(
        message("The job was sent to AKOOL, and its answer cannot be understood. It may have been charged."),
        message("Look at AKOOL's website whether it is there before you send it again."),
        kind="unconfirmed",
        provider_id=ID,
        request_id=request_id,
    )


def gone_session(request_id: str = "") -> ProviderRejected:
    """Return the error for a live session that AKOOL does not know any more."""
    return ProviderRejected(
        message("AKOOL has no such live session any more."),
        message("Start a new one."),
        kind="unknown",
        provider_id=ID,
        request_id=request_id,
    )


def bad_answer(why: str, request_id: str = "") -> ProviderRejected:
    """Return the error for an answer to a free call that is not as AKOOL's texts have it."""
    return ProviderRejected(
        message("AKOOL's answer cannot be used: {why}", why=foreign(why)),
        message("Try again later. If it stays so, AKOOL has changed its interface."),
        kind="bad-answer",
        provider_id=ID,
        request_id=request_id,
    )
