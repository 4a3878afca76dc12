"""Where AKOOL finds a source face, in pictures and in live sessions alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from faceswap_desktop.domain.clearance import ClearedFile
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.akool.api import AkoolCalls, Media
from faceswap_desktop.providers.akool.codes import bad_answer
from faceswap_desktop.providers.akool.faces import FaceAt
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.files import in_base64


async def find_source(
    calls: AkoolCalls, tools: CloudTools, file: ClearedFile, name: str, host: Callable[[], Awaitable[str]]
) -> FaceAt:
    """Have AKOOL find the one face of a source picture, and host a crop of it: so it needs no hosting of ours.

    Args:
        calls: AKOOL's calls.
        tools: For settings and hosting.
        file: The picture that is sent.
        name: What people call the source face.
        host: Hosts that picture and returns where; called only where AKOOL hosts no crop.

    Raises:
        InputRefused: AKOOL sees nobody, or more than one.
        ProviderError: AKOOL or the hosting cannot be reached, or refuses.
    """
    if tools.settings().providers.akool.legacy_detector:
        found = await calls.detect(Media(url=await host()), single_face=True)
    else:
        media = Media(base64=await asyncio.to_thread(in_base64, file))
        found = await calls.detect_faces(media, single_face=True, return_face_url=True)
    if len(found.sightings) != 1:
        raise _not_one_face(name, len(found.sightings))
    sighting = found.sightings[0]
    if not sighting.has_crop and not sighting.media_url:
        if not tools.hosting.is_set_up:
            raise bad_answer("face_urls is empty")
        sighting = replace(sighting, media_url=await host())
    return sighting.best()


def _not_one_face(name: str, count: int) -> InputRefused:
    if not count:
        return InputRefused(
            message("AKOOL sees no face in the photo of {name}.", name=name),
            message("Give the source face a sharp, frontal photo."),
            kind="no-face",
        )
    return InputRefused(
        message("AKOOL sees {count} faces in the photo of {name}; it takes one.", name=name, count=count),
        message("Give the source face a photo in which nobody else is seen."),
        kind="no-face",
    )
