"""One call and its answer: signed, and judged by the words of AKOOL's three kinds of envelopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.providers.akool.access import Access
from faceswap_desktop.providers.akool.codes import EXPIRED_TOKEN, GONE, ID, OK, bad_answer, refusal, unconfirmed
from faceswap_desktop.providers.akool.reading import BrokenAnswerError, mapping, whole
from faceswap_desktop.transport.calls import ApiCall, ApiReply
from faceswap_desktop.transport.client import ApiClient

_T = TypeVar("_T")
_UNAUTHORISED: Final = 401
_NO_FACES: Final = ("no faces detected", "no face detected", "no face found")
_NOT_FETCHED: Final = (
    "failed to download",
    # What the detector says of an address that it got nothing from.
    "'nonetype' object has no attribute 'shape'",
    "invalid url format",
)


class Exchange:
    """Makes calls of one account.

    Args:
        client: The way to one of AKOOL's hosts.
        access: Signs the calls.
    """

    def __init__(self, client: ApiClient, access: Access) -> None:
        self._client = client
        self._access = access

    async def ask(self, call: ApiCall, judge: Callable[[ApiReply], _T]) -> tuple[_T, ApiReply]:
        """Make a call; if AKOOL takes the token no more (1101), once again with a new one.

        A paid call is repeated too: it was refused in AKOOL's own words.

        Args:
            call: The call, without its signature.
            judge: Reads the answer, and raises what it says is wrong.

        Returns:
            What was read, and the answer as it came.

        Raises:
            ProviderError: See ``judge``; and what the way to AKOOL raises.
        """
        grant = await self._access.grant()
        reply = await self._client.call(_signed(call, grant.headers))
        if wants_new_token(reply):
            renewed = await self._access.renewed(grant)
            if renewed is None:
                raise refusal(EXPIRED_TOKEN, request_id=reply.request_id)
            reply = await self._client.call(_signed(call, renewed.headers))
            if wants_new_token(reply):
                raise refusal(EXPIRED_TOKEN, request_id=reply.request_id)
        return judge(reply), reply


def _signed(call: ApiCall, headers: Mapping[str, str]) -> ApiCall:
    return replace(call, headers={**call.headers, **headers})


def wants_new_token(reply: ApiReply) -> bool:
    """Say whether a call was refused with 1101: in the body of any envelope, or as status 401."""
    body = reply.json if isinstance(reply.json, Mapping) else {}
    codes = (body.get("code"), body.get("error_code"))
    if EXPIRED_TOKEN in codes:
        return True
    # Another code under this status, such as that of a banned account, is no matter of tokens.
    return reply.status == _UNAUTHORISED and not any(isinstance(one, int) and one > 1 for one in codes)


def open_data(reply: ApiReply, *, is_paid: bool = False) -> Mapping[str, Any]:
    """Judge an answer of ``/api/open``: ``{code, msg, data}``, where 1000 is success and ``msg`` says nothing.

    Returns:
        ``data``; empty where there is none.

    Raises:
        ProviderRejected: It was refused, or (of a free call) is not as the texts have it, kind ``bad-answer``.
        ProviderUnavailable: AKOOL is called too often; or the call was paid and nobody knows what became of it, kind
            ``unconfirmed``.
    """
    try:
        body = mapping(reply.json, "the answer")
        code = whole(body.get("code"), "code")
        if code == OK:
            inner = body.get("data")
            return mapping(inner, "data") if inner is not None else {}
    except BrokenAnswerError as error:
        raise broken(error, reply, is_paid=is_paid) from error
    raise refusal(code, body.get("msg", ""), request_id=reply.request_id, is_paid=is_paid, status=reply.status)


def is_gone(reply: ApiReply) -> bool:
    """Say whether AKOOL does not know what it was asked about: ``Resource does not exist``, or the like."""
    return isinstance(reply.json, Mapping) and reply.json.get("code") in GONE


def broken(error: BrokenAnswerError, reply: ApiReply, *, is_paid: bool = False) -> ProviderError:
    """Return the error for an answer that is not as the texts have it."""
    if is_paid:
        return unconfirmed(reply.request_id)
    if reply.status in {408, 429} or reply.status >= 500:
        return ProviderUnavailable(
            message("AKOOL has trouble at the moment ({status}).", status=reply.status),
            message("Try again later."),
            kind="server-error",
            provider_id=ID,
            request_id=reply.request_id,
        )
    return bad_answer(str(error), reply.request_id)


def detector_data(reply: ApiReply) -> Mapping[str, Any]:
    """Judge an answer of a detector: ``{error_code, error_msg, …}``, where 0 is success.

    Returns:
        The whole answer; empty where the detector says that there is no face.

    Raises:
        ProviderRejected: See ``spoken``; or it is not as the texts have it, kind ``bad-answer``.
        ProviderUnavailable: The detector has trouble.
    """
    try:
        body = mapping(reply.json, "the answer")
        if "error_code" not in body and "code" in body:
            # Refused before the detector, in the words of the other envelope.
            raise refusal(whole(body["code"], "code"), body.get("msg", ""), request_id=reply.request_id)
        code = whole(body.get("error_code"), "error_code")
    except BrokenAnswerError as error:
        raise broken(error, reply) from error
    if code == 0:
        return body
    return spoken(str(body.get("error_msg", "")), reply, code=code)


def frames_data(reply: ApiReply) -> Mapping[str, Any]:
    """Judge an answer of ``analyze_frames``: ``{success, …}``, or ``{success: false, error}``.

    Returns:
        The whole answer; empty where it says that there is no face.

    Raises:
        ProviderRejected: See ``spoken``; or it is not as the texts have it, kind ``bad-answer``.
        ProviderUnavailable: The detector has trouble.
    """
    try:
        body = mapping(reply.json, "the answer")
        if "success" not in body and "code" in body:
            raise refusal(whole(body["code"], "code"), body.get("msg", ""), request_id=reply.request_id)
        if not isinstance(body.get("success"), bool):
            raise BrokenAnswerError("success is neither true nor false")
    except BrokenAnswerError as error:
        raise broken(error, reply) from error
    if body["success"]:
        return body
    code = body.get("code", 1)
    return spoken(str(body.get("error", "")), reply, code=code if isinstance(code, int) else 1)


def spoken(said: str, reply: ApiReply, *, code: int = 1) -> Mapping[str, Any]:
    """Judge what a detector says in words.

    Returns:
        Nothing, where it says that there is no face.

    Raises:
        ProviderRejected: Kind ``hosting`` where it could not fetch the media; else the code's, or ``failed``.
    """
    words = said.casefold()
    if any(one in words for one in _NO_FACES):
        return {}
    if any(one in words for one in _NOT_FETCHED):
        raise ProviderRejected(
            message("AKOOL could not fetch the media from its address: {said}", said=foreign(said)),
            message("Test the hosting in Settings → Hosting: the address has to be open to the internet."),
            kind="hosting",
            provider_id=ID,
            request_id=reply.request_id,
        )
    if code not in {0, 1}:
        raise refusal(code, said, request_id=reply.request_id)
    raise ProviderRejected(
        message("AKOOL's detector could not read the media: {said}", said=foreign(said) or "-"),
        message("Try another file, or choose another provider."),
        kind="failed",
        provider_id=ID,
        request_id=reply.request_id,
    )
