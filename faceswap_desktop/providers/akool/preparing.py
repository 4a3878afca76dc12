"""Makes a recipe's calls ready: copies, hosting and detection. All of it is free and can be repeated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from faceswap_desktop.domain.cloud import ByteProgress
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import FacePairing, Recipe, TargetFace
from faceswap_desktop.domain.settings import AkoolApi, AkoolSettings
from faceswap_desktop.domain.work import Handle, Transfer, WorkContext
from faceswap_desktop.providers.akool.api import MOST_FRAMES, AkoolCalls, Media
from faceswap_desktop.providers.akool.codes import ID, bad_answer
from faceswap_desktop.providers.akool.faces import Detection, FaceAt, Sighting
from faceswap_desktop.providers.akool.matching import match_picture, match_video, missing, not_seen
from faceswap_desktop.providers.akool.money import REAGE, SWAP
from faceswap_desktop.providers.akool.reading import BrokenAnswerError
from faceswap_desktop.providers.akool.replies import Person
from faceswap_desktop.providers.akool.requests import (
    PaidRequest,
    PlusFace,
    Reage,
    SwapPlus,
    SwapPro,
    SwapV3,
    request_to_text,
)
from faceswap_desktop.providers.akool.sources import find_source
from faceswap_desktop.providers.akool.stills import Stills
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.fitting import Copies, FileCopy, Placement, make_copies
from faceswap_desktop.providers.tools import CloudTools

_AT_ONCE: Final = 4
"""So many jobs are made ready at once: each holds a picture or two in memory while it is sent."""


class Preparation:
    """Makes calls ready.

    Args:
        calls: AKOOL's calls.
        tools: For workers, hosting and settings.
        facts: AKOOL's limits.
    """

    def __init__(self, calls: AkoolCalls, tools: CloudTools, facts: ProviderFacts) -> None:
        self._calls = calls
        self._tools = tools
        self._facts = facts
        self._stills = Stills(calls, tools, facts)
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        """Return the request that will be paid for, and where what is sent lies in the original.

        Raises:
            InputRefused: AKOOL does not see a face.
            ProviderError: AKOOL or the hosting cannot be reached, or refuses.
        """
        async with self._room:
            earlier = _last(context)
            try:
                if context.step.name == SWAP:
                    request, placement, found = await self._swap(context)
                else:
                    request, placement, found = await self._reage(context, earlier)
            except BrokenAnswerError as error:
                raise bad_answer(str(error)) from error
            except ProviderRejected as error:
                raise _mended(error, context.recipe, earlier) from error
        return {
            "request": request_to_text(request),
            "placement": placement.to_text(),
            **_support(found),
        }

    # ------------------------------------------------------------------------------------------------------- swap

    async def _swap(self, context: WorkContext) -> tuple[PaidRequest, Placement, Detection]:
        recipe = context.recipe
        copies = await make_copies(context, self._tools, self._facts)
        url = await self._target_url(context, copies)
        context.report(0.0, "detect")
        sources = await self._source_faces(context, copies)
        targets = [pairing.target for pairing in recipe.pairings]
        found, matched = await self._find(context, url, targets, copies.placement)
        context.report(1.0, "detect")
        chosen = [(sources[one.source.id], matched[one.target.index]) for one in recipe.pairings]
        return self._request(recipe, url, chosen, found), copies.placement, found

    def _request(
        self, recipe: Recipe, url: str, chosen: Sequence[tuple[FaceAt, Sighting | Person]], found: Detection
    ) -> PaidRequest:
        is_only = _is_only_face(recipe.pairings, found, recipe)
        match self._settings.api:
            case AkoolApi.V4_PLUS:
                pairs = () if is_only else tuple((PlusFace.of(one), _plus(face)) for one, face in chosen)
                return SwapPlus(chosen[0][0].path, url, pairs, recipe.enhance)
            case AkoolApi.V4_PRO:
                source, face = chosen[0]
                return SwapPro(source, _sighting(face).from_whole(), recipe.enhance, is_only)
            case AkoolApi.V3:
                return SwapV3(
                    target_faces=tuple(_sighting(face).best() for _, face in chosen),
                    source_faces=tuple(source for source, _ in chosen),
                    media_url=url,
                    is_video=recipe.is_video,
                    enhance=recipe.enhance,
                )

    async def _source_faces(self, context: WorkContext, copies: Copies) -> Mapping[SourceFaceId, FaceAt]:
        names = {pairing.source.id: pairing.source.name for pairing in context.recipe.pairings}
        return {one: await self._source_face(context, names[one], copy) for one, copy in copies.sources.items()}

    async def _source_face(self, context: WorkContext, name: str, copy: FileCopy) -> FaceAt:
        async def host() -> str:
            return await self._host(context, copy)

        return await find_source(self._calls, self._tools, context.cleared.made(copy.path), name, host)

    # ------------------------------------------------------------------------------------------------------ reage

    async def _reage(self, context: WorkContext, earlier: Handle | None) -> tuple[PaidRequest, Placement, Detection]:
        recipe = context.recipe
        years = int(context.step.name.removeprefix(REAGE))
        if earlier is None:
            copies = await make_copies(context, self._tools, self._facts)
            url, placement = await self._target_url(context, copies), copies.placement
        else:
            # AKOOL hosts what it made; as the call before changed it, its faces are looked for anew.
            url, placement = _result_of(earlier), Placement.from_text(earlier.values["placement"])
        context.report(0.0, "detect")
        targets = [age.target for age in recipe.ages if age.years == years]
        found, matched = await self._find(context, url, targets, placement)
        context.report(1.0, "detect")
        faces = tuple(_sighting(matched[target.index]).best() for target in targets)
        return Reage(faces, years, url, recipe.is_video), placement, found

    # --------------------------------------------------------------------------------------------- finding, hosting

    async def _find(
        self, context: WorkContext, url: str, targets: Sequence[TargetFace], placement: Placement
    ) -> tuple[Detection, Mapping[int, Sighting | Person]]:
        recipe = context.recipe
        if not recipe.is_video:
            found = await self._detect_picture(url)
            return found, dict(match_picture(targets, found, placement.to_copy))
        found = await self._calls.detect_faces(
            Media(url=url), single_face=False, return_face_url=True, num_frames=MOST_FRAMES
        )

        def frame_of(sighting: Sighting) -> int:
            return frame_in_original(sighting, recipe, placement)

        matched: dict[int, Sighting | Person] = dict(match_video(targets, found, placement.to_copy, frame_of))
        missed = missing(targets, matched)
        if missed and context.step.name == SWAP and self._settings.api is AkoolApi.V4_PLUS:
            # All of them, so that nobody is taken for two.
            matched |= await self._stills.find_persons(context, targets)
        elif missed:
            matched |= await self._stills.find(context, missed)
        for target in missing(targets, matched):
            raise not_seen(target)
        if any(isinstance(face, Sighting) and not face.has_crop for face in matched.values()):
            # A video's own address is no picture of a face.
            raise bad_answer("face_urls is empty")
        return found, matched

    async def _detect_picture(self, url: str) -> Detection:
        if self._settings.legacy_detector:
            return await self._calls.detect(Media(url=url), single_face=False)
        return await self._calls.detect_faces(Media(url=url), single_face=False, return_face_url=True)

    async def _target_url(self, context: WorkContext, copies: Copies) -> str:
        if copies.target is None:
            return context.recipe.target_url
        return await self._host(context, copies.target)

    async def _host(self, context: WorkContext, copy: FileCopy) -> str:
        context.report(0.0, "upload", transfer=Transfer(0, copy.size_bytes))
        on_bytes = reporter(context, "upload")
        file = context.cleared.made(copy.path)
        return (await self._tools.hosting.host(file, context.job, copy.media_type, on_bytes)).url

    @property
    def _settings(self) -> AkoolSettings:
        return self._tools.settings().providers.akool


def reporter(context: WorkContext, step: str) -> ByteProgress:
    """Return what passes bytes on as a job's progress."""

    def on_bytes(done: int, total: int) -> None:
        context.report(done / total if total else 0.0, step, transfer=Transfer(done, total))

    return on_bytes


def frame_in_original(sighting: Sighting, recipe: Recipe, placement: Placement) -> int:
    """Return the original's frame in which a face was seen: by its time, or else by its number in what was sent."""
    known = recipe.media.video
    assert known is not None
    if sighting.seconds > 0.0 or sighting.frame == 0:
        return placement.first_frame + round(sighting.seconds * (known.frames_per_second or 25.0))
    return placement.first_frame + sighting.frame


def _is_only_face(pairings: Sequence[FacePairing], found: Detection, recipe: Recipe) -> bool:
    """Say whether AKOOL need not be told which face: there is one to change, and it sees no other anywhere."""
    if len(pairings) != 1 or recipe.bystanders:
        return False
    if not recipe.is_video:
        return len(found.sightings) == 1
    # In a video others may come and go, each alone in a frame; only the recipe's own pairings would be known.
    return False


def _support(found: Detection) -> Mapping[str, str]:
    """Return what AKOOL's support may want to know of a detection; only the older detector says it."""
    return {
        **({"trx_id": found.trx_id} if found.trx_id else {}),
        **({"detect_seconds": f"{found.seconds:g}"} if found.seconds else {}),
    }


def _plus(face: Sighting | Person) -> PlusFace:
    return PlusFace(face.face_url) if isinstance(face, Person) else PlusFace.of(face.best())


def _sighting(face: Sighting | Person) -> Sighting:
    # Persons are asked for by the Plus swap only: the others want points.
    assert isinstance(face, Sighting)
    return face


def _last(context: WorkContext) -> Handle | None:
    """Return the call before this one, if there was one."""
    return list(context.earlier.values())[-1] if context.earlier else None


def _result_of(earlier: Handle) -> str:
    url = earlier.values.get("result_url", "")
    if url and (not earlier.expires_at or time.time() < earlier.expires_at):
        return url
    raise ProviderRejected(
        message("What AKOOL made in the step before is gone: it keeps results for seven days."),
        message("Run it again from the start."),
        kind="expired",
        provider_id=ID,
    )


def _mended(error: ProviderRejected, recipe: Recipe, earlier: Handle | None) -> ProviderRejected:
    """Return an error that fits where the media came from: what was pasted, or AKOOL's own, is no matter of hosting."""
    if error.kind != "hosting" or not (recipe.target_url or earlier is not None):
        return error
    return ProviderRejected(
        error.message,
        message("Check the address: it has to lead straight to the file, open to the internet."),
        kind="input",
        provider_id=ID,
        request_id=error.request_id,
    )
