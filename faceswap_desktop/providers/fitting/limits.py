"""How a recipe agrees with a service's limits, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faceswap_desktop.domain.cloud import Fit
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe, TargetFace
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.scaling import copy_scale
from faceswap_desktop.providers.facts import ProviderFacts, VideoLimits
from faceswap_desktop.providers.fitting.regions import FaceTouched, face_px, region_of, wanted_scale

_SPARE_S: Final = 0.05
"""Header and clock of a video may differ by so much."""


def fit(recipe: Recipe, facts: ProviderFacts) -> Fit:
    """Say how a recipe agrees with a service's limits, in sentences; asks nobody and reads no file."""
    refusals = [*_refused_work(recipe, facts)]
    mends: list[Message] = []
    if recipe.is_video:
        if facts.video is None:
            refusals.append(message("{provider} takes no videos.", provider=facts.title))
        else:
            _fit_video(recipe, facts, facts.video, mends, refusals)
    else:
        _fit_picture(recipe, facts, mends, refusals)
    if recipe.target_url and mends:
        # What lies elsewhere is not ours to change.
        refusals.append(
            message(
                "What lies at the address is beyond {provider}'s limits; without the address a copy can be made.",
                provider=facts.title,
            )
        )
        mends = []
    return Fit(tuple(mends), tuple(refusals))


def _refused_work(recipe: Recipe, facts: ProviderFacts) -> list[Message]:
    refusals = []
    count, years = len(recipe.targets), max((abs(age.years) for age in recipe.ages), default=0)
    if facts.most_faces and count > facts.most_faces:
        text = (
            "{provider} changes one face per job; {count} are chosen."
            if facts.most_faces == 1
            else "{provider} changes {most} faces per job at most; {count} are chosen."
        )
        refusals.append(message(text, provider=facts.title, most=facts.most_faces, count=count))
    if years and not facts.reage_years:
        refusals.append(message("{provider} cannot change ages.", provider=facts.title))
    elif years > facts.reage_years:
        refusals.append(
            message("{provider} changes ages by {most} years at most.", provider=facts.title, most=facts.reage_years)
        )
    return refusals


def _fit_picture(recipe: Recipe, facts: ProviderFacts, mends: list[Message], refusals: list[Message]) -> None:
    media, limits = recipe.media, facts.target
    region = None
    try:
        region = region_of(recipe, facts)
    except FaceTouched as error:
        refusals.append(error.message)
    part = Size(round(region.width), round(region.height)) if region is not None else media.size
    scale = copy_scale(
        *part, min_edge=limits.min_edge, max_edge=limits.max_edge, enlarge=wanted_scale(recipe.targets, facts)
    )
    if region is not None:
        mends.append(message("Only the region around the face is sent, and put back into the picture."))
    if scale < 1.0:
        mends.append(
            message(
                "A copy scaled to {edge} pixels is sent; the changed faces are put back into the picture.",
                edge=limits.max_edge,
            )
        )
    elif scale > 1.0:
        mends.append(message("An enlarged copy is sent, because {provider} needs more pixels.", provider=facts.title))
    if min(part) * scale < limits.min_edge - 0.5:
        refusals.append(
            message(
                "The picture is too narrow for {provider}: no side may be shorter than {edge} pixels.",
                provider=facts.title,
                edge=limits.min_edge,
            )
        )
    refusals += _small_faces(recipe.targets, facts, scale)
    is_taken = media.format in limits.formats
    if media.fingerprint.size_bytes > limits.max_bytes:
        mends.append(message("It is sent as a file below {megabytes} MB.", megabytes=_megabytes(limits.max_bytes)))
    if not is_taken:
        mends.append(message("It is sent as JPEG."))


def _fit_video(
    recipe: Recipe, facts: ProviderFacts, limits: VideoLimits, mends: list[Message], refusals: list[Message]
) -> None:
    media, known = recipe.media, recipe.media.video
    assert known is not None
    rate = known.frames_per_second or 25.0
    most = _seconds(limits.max_seconds)
    if recipe.trim is not None and len(recipe.trim) < known.frames:
        chosen = len(recipe.trim) / rate
        if chosen > limits.max_seconds + _SPARE_S:
            refusals.append(
                message(
                    "{provider} takes {most} seconds of video at most; {chosen} are chosen.",
                    provider=facts.title, most=most, chosen=_seconds(chosen),
                )
            )  # fmt: skip
        mends.append(message("Only the chosen {seconds} seconds are sent.", seconds=_seconds(chosen)))
    elif known.seconds > limits.max_seconds + _SPARE_S:
        mends.append(message("Only the first {most} seconds are sent, and the result ends there.", most=most))
    sent = sent_frames(recipe, facts)
    for target in recipe.targets:
        if target.parts and not any(part.frames.common(sent) for part in target.parts):
            refusals.append(message("Face {number} is not seen in the part that is sent.", number=target.index + 1))
    scale = copy_scale(*media.size, min_edge=limits.min_edge, max_edge=limits.max_edge)
    if scale < 1.0:
        mends.append(message("A copy scaled to {edge} pixels is sent.", edge=limits.max_edge))
    elif scale > 1.0:
        mends.append(message("An enlarged copy is sent, because {provider} needs more pixels.", provider=facts.title))
    refusals += _small_faces(recipe.targets, facts, scale)
    share = len(sent) / max(1, known.frames)
    if media.fingerprint.size_bytes * share > limits.max_bytes:
        mends.append(message("It is sent as a file below {megabytes} MB.", megabytes=_megabytes(limits.max_bytes)))
    if media.format != limits.format or known.codec != limits.codec:
        mends.append(message("It is sent as H.264 in MP4."))


def _small_faces(targets: Sequence[TargetFace], facts: ProviderFacts, scale: float) -> list[Message]:
    return [
        message(
            "Face {number} has {size} pixels in what is sent; {provider} needs {least}.",
            number=target.index + 1,
            size=round(face_px(target) * scale),
            provider=facts.title,
            least=facts.min_face_px,
        )
        for target in targets
        if face_px(target) * scale < facts.min_face_px - 0.5
    ]


def sent_frames(recipe: Recipe, facts: ProviderFacts) -> FrameRange:
    """Return which frames of a video are sent; near its end by a frame or so, as its header knows no better."""
    known = recipe.media.video
    assert known is not None
    frames = recipe.trim or FrameRange(0, max(1, known.frames))
    if facts.video is None:
        return frames
    most = max(1, round(facts.video.max_seconds * (known.frames_per_second or 25.0)))
    return FrameRange(frames.first, min(frames.end, frames.first + most))


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}".removesuffix(".0")
