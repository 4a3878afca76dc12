"""What comes back from a service: looked at, and put back into the whole picture."""

from __future__ import annotations

import asyncio
from pathlib import Path

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import FetchedFile, WorkContext
from faceswap_desktop.providers.fitting.placement import Placement
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.copy_requests import CopiedPicture, InspectedFile, InspectResult, PasteBack
from faceswap_desktop.workers.pool import Lane


async def take_result(
    context: WorkContext, tools: CloudTools, placement: Placement, downloaded: str, *, faces: int, seconds: float
) -> FetchedFile:
    """Look at a downloaded result, put it back into the whole picture where a copy was cropped or scaled down for it.

    A result that shows the whole original keeps the service's own bytes.

    Args:
        context: Of the job.
        tools: For the workers.
        placement: Where the copy lies in the original (``Copies.placement``).
        downloaded: The file, in the job's scratch folder; it is renamed by what it is.
        faces: How many faces were changed.
        seconds: How long the work took.

    Raises:
        InputRefused: It is damaged, hostile, or not what was asked for.
        StorageError: There is no room.
    """
    recipe = context.recipe
    found = await inspect(context, tools, downloaded)
    if found.is_video != recipe.is_video:
        asked = "video" if recipe.is_video else "picture"
        raise InputRefused(message("The result is no {asked}.", asked=asked), kind="unreadable")
    path = Path(downloaded)
    named = path.with_name(f"result{found.extension}")
    if named != path:
        await asyncio.to_thread(path.replace, named)
    if recipe.is_video or not (placement.is_cropped or placement.is_smaller):
        return FetchedFile(
            str(named), found.width, found.height, found.format, found.size_bytes, found.sha256, faces, None, seconds
        )
    request = PasteBack(
        original_path=recipe.media.path,
        result_path=str(named),
        crop=placement.crop,
        target_path=str(path.with_name("whole")),
        parts=placement.parts if placement.is_smaller else (),
        output=recipe.output,
        max_pixels=context.max_pixels,
    )
    whole: CopiedPicture = await tools.pool.run("paste_back", request, lane=Lane.JOBS, until_stopped=True)
    return FetchedFile(
        path=whole.path,
        width=whole.width,
        height=whole.height,
        format=whole.format,
        size_bytes=whole.size_bytes,
        sha256=whole.sha256,
        faces=faces,
        similarity=None,
        seconds=seconds,
        notes=("The changed part was put back into the whole picture.",),
    )


async def inspect(context: WorkContext, tools: CloudTools, path: str) -> InspectedFile:
    """Decode a downloaded file from its beginning to its end and say what it is.

    Raises:
        InputRefused: It cannot be decoded, is cut short, or has too many pixels.
    """
    request = InspectResult(path, context.max_pixels)
    found: InspectedFile = await tools.pool.run("inspect_result", request, lane=Lane.JOBS)
    return found
