"""Finds people of a video in the very frames that the recipe knows them from, sent as pictures.

AKOOL's detector chooses the frames of a video itself. Whoever it does not see near his best frame is looked for in
that frame alone; where several frames are needed, ``analyze_frames`` says who is the same person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.cloud import HostedFile
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import TargetFace
from faceswap_desktop.domain.work import Transfer, VideoFiles, WorkContext
from faceswap_desktop.providers.akool.api import AkoolCalls, Media
from faceswap_desktop.providers.akool.faces import Sighting
from faceswap_desktop.providers.akool.matching import best_overlap
from faceswap_desktop.providers.akool.replies import Person
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.pool import Lane
from faceswap_desktop.workers.still_requests import Still, WriteStills

_NAME: Final = "copy-still"


class Stills:
    """Looks for people in single frames.

    Args:
        calls: AKOOL's calls.
        tools: For workers and hosting.
        facts: AKOOL's limits.
    """

    def __init__(self, calls: AkoolCalls, tools: CloudTools, facts: ProviderFacts) -> None:
        self._calls = calls
        self._tools = tools
        self._facts = facts

    async def find(self, context: WorkContext, targets: Sequence[TargetFace]) -> Mapping[int, Sighting]:
        """Return the detector's face for each target that it sees in its best frame, by the target's index.

        Nothing is found where nothing can be hosted.
        """
        found: dict[int, Sighting] = {}
        for still, url in await self._hosted(context, targets):
            seen = await self._calls.detect_faces(Media(url=url), single_face=False, return_face_url=True)
            boxes = [sighting.box for sighting in seen.sightings]
            for target in targets:
                if target.frame == still.number:
                    place = best_overlap(_in_still(target, still, context), boxes)
                    if place is not None:
                        found[target.index] = seen.sightings[place]
        return found

    async def find_persons(self, context: WorkContext, targets: Sequence[TargetFace]) -> Mapping[int, Person]:
        """Return the person for each target that AKOOL sees in its best frame; the same one in all frames once.

        Raises:
            InputRefused: AKOOL takes two of them for the same person, so it could not tell whom to change into whom.
        """
        hosted = await self._hosted(context, targets)
        rate = (context.recipe.media.video.frames_per_second if context.recipe.media.video else 0.0) or 25.0
        persons = await self._calls.analyze_frames(
            [url for _, url in hosted], [round(still.number / rate, 3) for still, _ in hosted]
        ) if hosted else ()  # fmt: skip
        found: dict[int, Person] = {}
        for place, (still, _) in enumerate(hosted):
            seen = [(one, person) for person in persons for one in person.appearances if one.frame == place]
            boxes = [one.corners.box for one, _ in seen]
            for target in targets:
                if target.frame == still.number:
                    best = best_overlap(_in_still(target, still, context), boxes)
                    if best is not None:
                        found[target.index] = seen[best][1]
        _refuse_doubles(found)
        return found

    async def _hosted(self, context: WorkContext, targets: Sequence[TargetFace]) -> list[tuple[Still, str]]:
        if not self._tools.hosting.is_set_up:
            return []
        recipe = context.recipe
        request = WriteStills(
            media=recipe.media,
            files=VideoFiles.of(context.video_cache, recipe.media),
            numbers=tuple(sorted({target.frame for target in targets})),
            target_path=str(Path(context.scratch_folder) / _NAME),
            max_edge=self._facts.target.max_edge,
        )
        written: tuple[Still, ...] = await self._tools.pool.run("write_stills", request, lane=Lane.JOBS)
        hosted = []
        for still in written:
            context.report(0.0, "upload", transfer=Transfer(0, still.size_bytes))
            file: HostedFile = await self._tools.hosting.host(
                context.cleared.made(still.path), context.job, "image/jpeg"
            )
            hosted.append((still, file.url))
        return hosted


def _in_still(target: TargetFace, still: Still, context: WorkContext) -> BoundingBox:
    across = still.width / context.recipe.media.size.width
    down = still.height / context.recipe.media.size.height
    box = target.box
    return BoundingBox(box.left * across, box.top * down, box.right * across, box.bottom * down)


def _refuse_doubles(found: Mapping[int, Person]) -> None:
    first: dict[str, int] = {}
    for index, person in found.items():
        if person.id in first:
            raise InputRefused(
                message(
                    "AKOOL takes faces {first} and {second} for the same person.",
                    first=first[person.id] + 1,
                    second=index + 1,
                ),
                message("Merge the two in the Studio if they are; else run them one after the other."),
                kind="no-face",
            )
        first[person.id] = index
