"""AKOOL's interface, one function per call. Sources: its texts of the face swap (v3, v4), live and reage pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from faceswap_desktop.domain.clearance import ClearedSource
from faceswap_desktop.providers.akool.access import Access
from faceswap_desktop.providers.akool.codes import gone_session, unconfirmed
from faceswap_desktop.providers.akool.exchange import (
    Exchange,
    broken,
    detector_data,
    frames_data,
    is_gone,
    open_data,
)
from faceswap_desktop.providers.akool.faces import Detection, FaceAt, read_faces, read_frames
from faceswap_desktop.providers.akool.live import opened_session
from faceswap_desktop.providers.akool.reading import BrokenAnswerError, mapping, number, sequence
from faceswap_desktop.providers.akool.replies import Created, LiveSession, Person, Results
from faceswap_desktop.providers.akool.requests import PaidRequest, Reage, SwapPlus, SwapPro, SwapV3
from faceswap_desktop.transport.calls import ApiCall, ApiReply
from faceswap_desktop.transport.client import ApiClient

_V3: Final = "/api/open/v3/faceswap"
_V4: Final = "/api/open/v4/faceswap"
_DETECTOR: Final = "/interface/detect-api"
MOST_FRAMES: Final = 24
"""AKOOL's pages give 24, 50 and 100 as the most frames of a video that are looked at."""
MOST_IDS: Final = 250
"""So many ids of 24 letters stay within an address of 8,000 characters, which servers commonly take."""
DETECT_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Media:
    """What a detector looks at: an address, or a picture's bytes in base64. Where both are set, the address counts."""

    url: str = ""
    base64: str = ""

    def fields(self, url_name: str) -> dict[str, str]:
        """Return the one field that is sent."""
        return {url_name: self.url} if self.url else {"img": self.base64}


class AkoolCalls:
    """Makes AKOOL's calls.

    Every call raises ``ProviderRejected`` where AKOOL refuses in its own words (the kinds of ``codes``), and
    ``ProviderUnavailable`` where it cannot be reached. An answer that is not as the texts have it is of kind
    ``bad-answer``, or, once a paid call was sent, ``unconfirmed``.

    Args:
        client: The way to ``base_url``.
        old_detector: The way to ``detect_url``.
        access: Signs the calls.
    """

    def __init__(self, client: ApiClient, old_detector: ApiClient, access: Access) -> None:
        self._exchange = Exchange(client, access)
        self._old_detector = Exchange(old_detector, access)

    # ------------------------------------------------------------------------------------------------ detection, free

    async def detect_faces(
        self, media: Media, *, single_face: bool, return_face_url: bool, num_frames: int = 0
    ) -> Detection:
        """Find faces in a picture or, by its address, in a video.

        Args:
            media: What is looked at.
            single_face: The largest face only.
            return_face_url: Have AKOOL host crops of the faces; they stay for seven days.
            num_frames: How many frames of a video are looked at, 24 at most; 0 in pictures.
        """
        body: dict[str, Any] = {
            **media.fields("url"),
            "single_face": single_face,
            "return_face_url": return_face_url,
        }
        if num_frames:
            body["num_frames"] = min(num_frames, MOST_FRAMES)
        call = ApiCall("POST", f"{_DETECTOR}/detect_faces", json=body, read_timeout_s=DETECT_TIMEOUT_S)

        def judge(reply: ApiReply) -> Detection:
            data = detector_data(reply)
            try:
                return read_frames(data, media.url)
            except BrokenAnswerError as error:
                raise broken(error, reply) from error

        return (await self._exchange.ask(call, judge))[0]

    async def detect(self, media: Media, *, single_face: bool) -> Detection:
        """Find faces in a picture with the older detector, which hosts no crops.

        Args:
            media: What is looked at.
            single_face: There is one face only; has to be said.
        """
        body = {"single_face": single_face, **media.fields("image_url")}
        call = ApiCall("POST", "/detect", json=body, read_timeout_s=DETECT_TIMEOUT_S)

        def judge(reply: ApiReply) -> Detection:
            data = detector_data(reply)
            try:
                return read_faces(data, media.url)
            except BrokenAnswerError as error:
                raise broken(error, reply) from error

        return (await self._old_detector.ask(call, judge))[0]

    async def analyze_frames(
        self, frame_urls: Sequence[str], timestamps: Sequence[float] = (), *, expand_ratio: float | None = None
    ) -> tuple[Person, ...]:
        """Find the persons in several pictures, the same person once.

        Args:
            frame_urls: Addresses of the pictures.
            timestamps: Seconds of each; AKOOL takes 0, 1, 2 … where there are none.
            expand_ratio: How far the crops reach beyond the faces, 0 to 1; AKOOL's own where None.
        """
        body: dict[str, Any] = {"frame_urls": list(frame_urls)}
        if timestamps:
            body["timestamps"] = list(timestamps)
        if expand_ratio is not None:
            body["expand_ratio"] = expand_ratio
        path = f"{_DETECTOR}/faceswap/analyze_frames"
        call = ApiCall("POST", path, json=body, read_timeout_s=DETECT_TIMEOUT_S)

        def judge(reply: ApiReply) -> tuple[Person, ...]:
            data = frames_data(reply)
            try:
                found = sequence(data.get("persons") or [], "persons")
                return tuple(Person.read(mapping(one, "a person")) for one in found)
            except BrokenAnswerError as error:
                raise broken(error, reply) from error

        return (await self._exchange.ask(call, judge))[0]

    # ------------------------------------------------------------------------------------------------------ jobs, paid

    async def specifyimage(self, request: SwapV3, webhook_url: str = "") -> Created:
        """Swap faces in a picture, v3."""
        return await self._create(f"{_V3}/highquality/specifyimage", request, webhook_url)

    async def specifyvideo(self, request: SwapV3, webhook_url: str = "") -> Created:
        """Swap faces in a video, v3."""
        return await self._create(f"{_V3}/highquality/specifyvideo", request, webhook_url)

    async def imgreage(self, request: Reage, webhook_url: str = "") -> Created:
        """Change the age of faces in a picture."""
        return await self._create(f"{_V3}/highquality/imgreage", request, webhook_url)

    async def vidreage(self, request: Reage, webhook_url: str = "") -> Created:
        """Change the age of faces in a video."""
        return await self._create(f"{_V3}/highquality/vidreage", request, webhook_url)

    async def faceswap_by_image(self, request: SwapPro, webhook_url: str = "") -> Created:
        """Swap the face of a picture, v4 Pro (``faceswapByImage``)."""
        return await self._create(f"{_V4}/faceswapByImage", request, webhook_url)

    async def faceswap_plus_by_image(self, request: SwapPlus, webhook_url: str = "") -> Created:
        """Swap faces in a picture or video, v4 Plus (``faceswapPlusByImage``)."""
        return await self._create(f"{_V4}/faceswapPlusByImage", request, webhook_url)

    async def create(self, request: PaidRequest, webhook_url: str = "") -> Created:
        """Make the paid call that a request is for."""
        match request:
            case SwapPlus():
                return await self.faceswap_plus_by_image(request, webhook_url)
            case SwapPro():
                return await self.faceswap_by_image(request, webhook_url)
            case SwapV3():
                call = self.specifyvideo if request.is_video else self.specifyimage
                return await call(request, webhook_url)
            case Reage():
                change = self.vidreage if request.is_video else self.imgreage
                return await change(request, webhook_url)

    async def _create(self, path: str, request: PaidRequest, webhook_url: str) -> Created:
        body = {**request.body(), **({"webhookUrl": webhook_url} if webhook_url else {})}

        def judge(reply: ApiReply) -> Created:
            data = open_data(reply, is_paid=True)
            try:
                return Created.read(data, server_time=reply.server_time, request_id=reply.request_id)
            except BrokenAnswerError as error:
                raise unconfirmed(reply.request_id) from error

        return (await self._exchange.ask(ApiCall("POST", path, json=body, is_paid=True), judge))[0]

    # ------------------------------------------------------------------------------------------------- what is there

    async def listbyids(self, ids: Iterable[str]) -> Results:
        """Return how far jobs are, up to 250 with one request."""
        rest, found = iter(dict.fromkeys(ids)), Results({}, {})
        while part := list(islice(rest, MOST_IDS)):
            call = ApiCall("GET", f"{_V3}/result/listbyids", query={"_ids": ",".join(part)})

            def judge(reply: ApiReply) -> Results:
                data = open_data(reply)
                try:
                    return Results.read(data, reply.server_time)
                except BrokenAnswerError as error:
                    raise broken(error, reply) from error

            one = (await self._exchange.ask(call, judge))[0]
            found = Results({**found.rows, **one.rows}, {**found.broken, **one.broken}, one.server_time)
        return found

    async def delbyids(self, ids: Iterable[str]) -> None:
        """Delete results for good."""
        rest = iter(dict.fromkeys(ids))
        while part := list(islice(rest, MOST_IDS)):
            call = ApiCall("POST", f"{_V3}/result/delbyids", json={"_ids": ",".join(part)})
            await self._exchange.ask(call, open_data)

    async def job_del(self, job_ids: Iterable[str]) -> None:
        """Cancel jobs by their ``job_id``. No text of AKOOL's says that the credits come back."""
        call = ApiCall("POST", f"{_V3}/job/del", json={"job_ids": ",".join(dict.fromkeys(job_ids))})
        await self._exchange.ask(call, open_data)

    async def quota_info(self) -> float:
        """Return the credits that are left."""

        def judge(reply: ApiReply) -> float:
            data = open_data(reply)
            try:
                return number(data.get("credit"), "credit")
            except BrokenAnswerError as error:
                raise broken(error, reply) from error

        return (await self._exchange.ask(ApiCall("GET", f"{_V3}/quota/info"), judge))[0]

    # ------------------------------------------------------------------------------------------------------------ live

    async def live_create(self, cleared: ClearedSource, source_face: FaceAt) -> LiveSession:
        """Open a live session; it costs until it is closed.

        Args:
            cleared: Who is put onto the camera's face, as the gate let it through.
            source_face: Where AKOOL finds that face; ``sourceImage``.

        Raises:
            UnusableSessionError: One was opened that cannot be joined.
        """
        del cleared
        body = {"sourceImage": [source_face.item()]}

        def judge(reply: ApiReply) -> LiveSession:
            data = open_data(reply, is_paid=True)
            try:
                return opened_session(data)
            except BrokenAnswerError as error:
                raise unconfirmed(reply.request_id) from error

        return (await self._exchange.ask(ApiCall("POST", f"{_V3}/live/create", json=body, is_paid=True), judge))[0]

    async def live_update(self, session_id: str, cleared: ClearedSource, source_face: FaceAt) -> None:
        """Put another face onto the camera's while a session runs; ``sourceImage``.

        Raises:
            ProviderRejected: With kind ``unknown`` AKOOL has no such session any more.
        """
        del cleared
        body = {"_id": session_id, "sourceImage": [source_face.item()]}

        def judge(reply: ApiReply) -> None:
            if is_gone(reply):
                raise gone_session(reply.request_id)
            open_data(reply)

        await self._exchange.ask(ApiCall("POST", f"{_V3}/live/update", json=body), judge)

    async def live_close(self, session_id: str) -> None:
        """Close a session, so that it costs no more; one that AKOOL does not know is closed."""

        def judge(reply: ApiReply) -> None:
            if not is_gone(reply):
                open_data(reply)

        await self._exchange.ask(ApiCall("POST", f"{_V3}/live/close", json={"_id": session_id}), judge)
